//! What can be said to the program; a file a capability.

mod account;
mod consents;
mod cookies;
mod deletion;
mod export;
mod permissions;
mod requests;

use std::ffi::OsString;

use clap::{Parser, Subcommand};
use uuid::Uuid;

pub use account::{Account, Authorizations, Organizations, PlaceWord};
pub use consents::{Consents, Outbox};
pub use cookies::{Clear, Cookies, ElsewhereWord, KindWord, PermissionWord, PurposeWord, SettingWord};
pub use deletion::{Delete, ReasonWord, Receipt, Status};
pub use export::{Export, ExportDownload, ExportRequest};
pub use permissions::{Permissions, Switch};
pub use requests::{AddresseeWord, Ask, DenialWord, EventWord, Requests, Tell};

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
    /// What DingTalk's sites keep in your browsers.
    #[command(subcommand)]
    Cookies(Cookies),
    /// What you agreed to at the account service.
    #[command(subcommand)]
    Consents(Consents),
    /// A copy of what is held about you: asked for, downloaded, checked, read.
    #[command(subcommand)]
    Export(Export),
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
        /// Where a browser has to be closed for it: don't wait for that.
        #[arg(long)]
        no_wait: bool,
    },
    /// Ask the service for news and send what waits.
    Sync,
    /// Changes the service hasn't taken yet.
    #[command(subcommand)]
    Outbox(Outbox),
    /// Letters by which you ask for what the policy gives you, and what became of them.
    #[command(subcommand)]
    Requests(Requests),
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
    fn where_else_sites_are_named_goes_as_a_whole_or_as_it_is_named() {
        let named = |line: &str| {
            let parsed = Arguments::try_parse_from(line.split(' ')).expect("it is understood");
            let Command::Cookies(Cookies::Clear(clear)) = parsed.command else {
                panic!("it is about clearing");
            };
            clear.elsewhere
        };
        let [history, tabs, cache] = [
            ElsewhereWord::History,
            ElsewhereWord::SessionRestore,
            ElsewhereWord::HttpCache,
        ];
        assert_eq!(named("privacy-settings cookies clear"), []);
        assert_eq!(
            named("privacy-settings cookies clear --elsewhere"),
            [history, tabs, cache]
        );
        assert_eq!(
            named("privacy-settings cookies clear --elsewhere --site dingtalk.com"),
            [history, tabs, cache]
        );
        assert_eq!(
            named("privacy-settings cookies clear --elsewhere=http-cache,history"),
            [cache, history]
        );
    }

    #[test]
    fn one_thing_is_cleared_alone() {
        let parse = |line: &str| Arguments::try_parse_from(line.split(' ')).is_ok();
        assert!(parse("privacy-settings cookies clear --item 0123456789ab"));
        assert!(!parse(
            "privacy-settings cookies clear --item 0123456789ab --elsewhere"
        ));
        assert!(!parse(
            "privacy-settings cookies clear --kind cookie --purpose statistics"
        ));
    }

    #[test]
    fn a_code_is_never_an_argument() {
        for line in [
            "privacy-settings sign-in someone@example.org 123456",
            "privacy-settings export request 123456",
            "privacy-settings export request --to a.zip --encrypt secret",
        ] {
            assert!(Arguments::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
