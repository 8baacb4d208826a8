//! What can be said to the program.

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand, ValueEnum};
use uuid::Uuid;

/// See and control what DingTalk may use on this computer and what it holds about you.
///
/// Unofficial: not made by DingTalk, and it never signs in to DingTalk.
#[derive(Debug, Parser)]
#[command(name = "privacy-settings", version, after_long_help = crate::exit::HELP)]
pub struct Arguments {
    /// Answers as JSON on standard output; an error is JSON on standard error.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What DingTalk may use on this computer.
    #[command(subcommand)]
    Permissions(Permissions),
    /// What you agreed to at the account service.
    #[command(subcommand)]
    Consents(Consents),
    /// Where your account lives.
    #[command(subcommand)]
    Account(Account),
    /// Sign in with a code that is sent to you.
    SignIn {
        /// The account's e-mail address. Asked for when left out.
        identifier: Option<String>,
        /// Read the code from standard input, one line, once it was sent.
        #[arg(long)]
        code_stdin: bool,
    },
    /// Sign out here, and at the service when it answers. What waits to be sent is kept.
    SignOut,
    /// What was changed from here, newest first.
    History,
    /// Undo a change.
    Undo {
        /// Which, as `history` names it; the last one when left out.
        id: Option<Uuid>,
    },
    /// Ask the service for news and send what waits.
    Sync,
    /// Changes the service hasn't taken yet.
    #[command(subcommand)]
    Outbox(Outbox),
}

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

/// Where your account lives.
#[derive(Debug, Subcommand)]
pub enum Account {
    /// Where it lives and who is signed in.
    Show,
    /// Choose where it lives. Leaving another place signs out there.
    Use {
        /// none: only this computer's settings. embedded: in this program. sample: a made-up one to try things
        /// out. service: at an address.
        place: PlaceWord,
        /// The service's address, with `service`.
        #[arg(long, required_if_eq("place", "service"))]
        address: Option<String>,
    },
}

/// Where an account can live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlaceWord {
    /// Only this computer's settings.
    None,
    /// In this program.
    Embedded,
    /// A made-up one to try things out.
    Sample,
    /// At an address.
    Service,
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

/// Whether JSON was asked for by arguments that can't be read as a whole.
pub fn json_was_asked_for(mut arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.any(|argument| argument == "--json")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_hang_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn an_address_belongs_to_a_service() {
        let parse = |line: &str| Arguments::try_parse_from(line.split(' ')).is_ok();
        assert!(parse("privacy-settings account use sample"));
        assert!(!parse("privacy-settings account use service"));
        assert!(parse(
            "privacy-settings account use service --address https://example.org"
        ));
    }

    #[test]
    fn a_code_is_never_an_argument() {
        let line = "privacy-settings sign-in someone@example.org 123456";
        assert!(Arguments::try_parse_from(line.split(' ')).is_err());
    }
}
