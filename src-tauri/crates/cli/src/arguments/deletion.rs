//! What can be said about the end of the account.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Deleting the account.
#[derive(Debug, Args)]
pub struct Delete {
    /// Why, if you want to say so. May be repeated.
    #[arg(long)]
    pub reason: Vec<ReasonWord>,
    /// Where the receipt shall lie, with its name. In your documents when left out.
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
    /// Afterwards, also clear what DingTalk's sites keep in your browsers.
    #[arg(long)]
    pub clear_cookies: bool,
    /// Afterwards, also take back what you decided about the DingTalk app's permissions.
    #[arg(long)]
    pub reset_permissions: bool,
    /// Afterwards, also remove the folder in which the DingTalk app keeps its own data.
    #[arg(long)]
    pub remove_app_folder: bool,
    /// Read the word and then the code from standard input, a line each.
    #[arg(long)]
    pub code_stdin: bool,
}

/// How the deletion stands.
#[derive(Debug, Args)]
pub struct Status {
    /// Fetch and check the receipt once more.
    #[arg(long)]
    pub retry: bool,
    /// Another place for the receipt, with its name.
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
    /// Remove what this computer keeps: where another device deleted the account, its receipt proves nothing, or nobody
    /// can sign in any more.
    #[arg(long, conflicts_with = "retry")]
    pub remove_here: bool,
    /// Remove older notes that were damaged and set aside. Another account's may be among them.
    #[arg(long, conflicts_with = "leave")]
    pub remove_damaged_notes: bool,
    /// Leave what isn't done and may stay: cookies, permissions, the app's folder, notes that were damaged.
    #[arg(long)]
    pub leave: bool,
}

/// Why somebody goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReasonWord {
    /// You don't use it any more.
    NotUsed,
    /// You have another account.
    AnotherAccount,
    /// You left the Organization you needed it for.
    LeftOrganization,
    /// You don't want so much to be known about you.
    Privacy,
    /// It doesn't do what you need.
    DoesNotFit,
    /// Another reason.
    Other,
}

/// The service's word that the account is deleted.
#[derive(Debug, Subcommand)]
pub enum Receipt {
    /// Check a receipt against the service's published keys. Needs no account and no network.
    Verify {
        /// The receipt.
        receipt: PathBuf,
        /// The service's keys: its /.well-known/jwks.json, saved.
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
    },
}
