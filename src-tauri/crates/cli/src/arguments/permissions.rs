//! What can be said about what DingTalk may use on this computer.

use clap::{Args, Subcommand};

/// What DingTalk may use on this computer.
#[derive(Debug, Subcommand)]
pub enum Permissions {
    /// All of them, as observed now.
    List,
    /// One of them, with everything known about it.
    Show {
        /// Which, as `list` names it.
        id: String,
    },
    /// Let DingTalk use it.
    Allow(Switch),
    /// Stop DingTalk from using it.
    Deny(Switch),
    /// Take back what you decided: what the app asks for holds again.
    Reset(Switch),
}

/// A switch to turn.
#[derive(Debug, Args)]
pub struct Switch {
    /// Which, as `list` names it.
    pub id: String,
    /// Go on without asking, also when something else goes along.
    #[arg(long, short)]
    pub yes: bool,
}
