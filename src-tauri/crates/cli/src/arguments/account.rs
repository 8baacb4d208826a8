//! What can be said about where the account lives, and who else knows of it.

use clap::{Subcommand, ValueEnum};
use uuid::Uuid;

use super::deletion::{Delete, Receipt, Status};

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
    /// What deleting your account would mean, and what has to be done before. Nothing is done.
    Preflight,
    /// Delete your account. You type a word, then a code that is sent to you; until its end you can take it back.
    Delete(Delete),
    /// How the deletion stands, asked of the service now. What is left to remove here is removed.
    Status(Status),
    /// Keep your account, as long as that is possible. The service is asked first how it stands.
    Cancel {
        /// Which account, by its identifier, when it isn't the one that is signed in: `account status` names it.
        #[arg(long, value_name = "ID")]
        account: Option<String>,
    },
    /// The service's word that your account is deleted.
    #[command(subcommand)]
    Receipt(Receipt),
    /// Organizations you are or were in.
    #[command(subcommand)]
    Organizations(Organizations),
    /// Apps that you allowed to know something about you.
    #[command(subcommand)]
    Authorizations(Authorizations),
}

/// Organizations.
#[derive(Debug, Subcommand)]
pub enum Organizations {
    /// All of them.
    List,
    /// Leave one. What it holds stays its own decision.
    Leave {
        /// Which, as `list` names it.
        id: Uuid,
    },
    /// Make another member its administrator.
    Transfer {
        /// Which, as `list` names it.
        id: Uuid,
        /// The member, as `list` names them.
        #[arg(long)]
        to: Uuid,
    },
    /// End a member's membership, as its administrator. What it controls of their account goes; the account stays theirs.
    EndMembership {
        /// Which, as `list` names it.
        id: Uuid,
        /// The member, as `list` names them.
        #[arg(long)]
        member: Uuid,
        /// Go on without asking.
        #[arg(long, short)]
        yes: bool,
    },
    /// End it for everybody in it.
    Disband {
        /// Which, as `list` names it.
        id: Uuid,
        /// Go on without asking.
        #[arg(long, short)]
        yes: bool,
    },
}

/// Apps.
#[derive(Debug, Subcommand)]
pub enum Authorizations {
    /// All of them.
    List,
    /// Take one back. What the app was shown stays with its maker.
    Revoke {
        /// Which, as `list` names it.
        id: Uuid,
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
