//! What can be said about copies of what is held.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use uuid::Uuid;

/// A copy of what is held about you.
#[derive(Debug, Subcommand)]
pub enum Export {
    /// What is held, by category, and the laws you can ask under.
    Inventory,
    /// Ask for a copy. A code is sent to you first: it shows that it is you who asks.
    Request(ExportRequest),
    /// The copies you asked for from here, newest first.
    Status,
    /// Download a copy, check it, and put it in its place; go on with one that was interrupted.
    Download(ExportDownload),
    /// Try again one that failed, or ask anew for one that expired.
    Retry {
        /// Which, as `status` names it; the newest when left out.
        id: Option<Uuid>,
        /// Where a code is needed: read it from standard input, one line, once it was sent.
        #[arg(long)]
        code_stdin: bool,
    },
    /// End one: what was asked for is taken back, and what had come is removed.
    Cancel {
        /// Which, as `status` names it; the newest when left out.
        id: Option<Uuid>,
    },
    /// Check an archive, whole: every file, the signature, whose it is. Needs no account.
    Verify {
        /// The file.
        file: PathBuf,
        /// A file with the keys the service signs with (JWKS). Without it, those met from this computer count.
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
        /// Read the passphrase of an encrypted archive from standard input, one line.
        #[arg(long)]
        passphrase_stdin: bool,
    },
    /// What an archive holds. Needs no account.
    List {
        /// The file.
        file: PathBuf,
        /// Records of this category, newest first.
        #[arg(long, value_name = "ID")]
        category: Option<String>,
        /// At most so many records.
        #[arg(long, default_value_t = 50)]
        most: u32,
        /// Read the passphrase of an encrypted archive from standard input, one line.
        #[arg(long)]
        passphrase_stdin: bool,
    },
    /// Find records in an archive that hold all these words. Needs no account.
    Search {
        /// The file.
        file: PathBuf,
        /// The words.
        #[arg(required = true)]
        words: Vec<String>,
        /// In this category only.
        #[arg(long, value_name = "ID")]
        category: Option<String>,
        /// At most so many records.
        #[arg(long, default_value_t = 50)]
        most: u32,
        /// Read the passphrase of an encrypted archive from standard input, one line.
        #[arg(long)]
        passphrase_stdin: bool,
    },
    /// What changed between two archives. Needs no account.
    Diff {
        /// The earlier one.
        earlier: PathBuf,
        /// The later one.
        later: PathBuf,
        /// At most so many changes are listed; all are counted.
        #[arg(long, default_value_t = 50)]
        most: u32,
        /// Read the passphrase of encrypted archives from standard input, one line for both.
        #[arg(long)]
        passphrase_stdin: bool,
    },
}

/// What to ask for.
#[derive(Debug, Args)]
pub struct ExportRequest {
    /// One category, as `inventory` names it; repeat it for more. All of them when left out.
    #[arg(long, value_name = "ID")]
    pub category: Vec<String>,
    /// Under which law, as `inventory` names it.
    #[arg(long, value_name = "ID", default_value = "general")]
    pub law: String,
    /// Only what happened from this day on (2026-01-31).
    #[arg(long, value_name = "DAY", requires = "until")]
    pub from: Option<Date>,
    /// Only what happened before this day.
    #[arg(long, value_name = "DAY", requires = "from")]
    pub until: Option<Date>,
    /// Where the file shall lie: go on until it is there and checked.
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// Encrypt the file with a passphrase once it was checked.
    #[arg(long, requires = "to")]
    pub encrypt: bool,
    /// Read the code from standard input, one line, once it was sent.
    #[arg(long)]
    pub code_stdin: bool,
    /// Read the passphrase from standard input, one line, before the code.
    #[arg(long, requires = "encrypt")]
    pub passphrase_stdin: bool,
}

/// What to download.
#[derive(Debug, Args)]
pub struct ExportDownload {
    /// Where the file shall lie. Needed once; an interrupted download goes on where it was.
    pub to: Option<PathBuf>,
    /// Which, as `status` names it; the newest when left out.
    #[arg(long)]
    pub id: Option<Uuid>,
    /// Encrypt the file with a passphrase once it was checked.
    #[arg(long)]
    pub encrypt: bool,
    /// Read the passphrase from standard input, one line.
    #[arg(long, requires = "encrypt")]
    pub passphrase_stdin: bool,
    /// The service signs with keys that nobody known vouches for, and you asked whoever runs it: take them.
    #[arg(long)]
    pub accept_new_keys: bool,
}
