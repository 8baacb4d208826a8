//! What can be said about what was agreed to, and what waits to be sent.

use clap::Subcommand;

/// What you agreed to at the account service.
#[derive(Debug, Subcommand)]
pub enum Consents {
    /// All of them.
    List,
    /// Set one or more: `set marketing.news.email off cookies.statistics off`.
    Set {
        /// Pairs: which one, and `on` or `off`.
        #[arg(required = true, num_args = 2.., value_names = ["ID", "on|off"])]
        pairs: Vec<String>,
    },
    /// What the service recorded, newest first.
    History,
}

/// Changes the service hasn't taken yet.
#[derive(Debug, Subcommand)]
pub enum Outbox {
    /// All of them.
    List,
    /// Try a refused one again.
    Retry {
        /// Its number, as `list` shows it.
        id: i64,
    },
    /// Let a refused one go: what the service has is shown again.
    Discard {
        /// Its number, as `list` shows it.
        id: i64,
    },
}
