//! What a service is opened with, and why one can't be opened.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use secrecy::SecretString;
use settings_privacy_core::deletion::downstream::Systems;

use crate::clock::{Clock, SystemClock};

/// What a service is opened with.
#[derive(Clone)]
pub struct Config {
    /// Where the database, the key and (by default) the mail folder lie. Made when absent, for the owner alone.
    pub data_dir: PathBuf,
    /// How letters reach people.
    pub delivery: Delivery,
    /// Whether letters about the end of an account are sent. An operator's command that doesn't know the mail server leaves
    /// that to the server.
    pub letters: bool,
    /// How long after the end became final the last letter is waited for. Then the address goes all the same.
    pub letters_patience: SignedDuration,
    /// Whether the made-up account is there.
    pub sample: bool,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How long a request waits for the database before it is answered with 503.
    pub lock_wait: Duration,
    /// How long a request may take altogether before it is answered with 503.
    pub request_timeout: Duration,
    /// Whether copies are made and endings carried out. An operator's command that only looks leaves that to the server.
    pub background: bool,
    /// Who the service says it is, in receipts and to other systems.
    pub issuer: String,
    /// How long the end of an account can be taken back.
    pub cooling_off: SignedDuration,
    /// Where the ledger of deleted accounts lies: somewhere backups of `data_dir` don't reach, or bring back only
    /// together with nothing else. In `data_dir` by default.
    pub ledger_dir: PathBuf,
    /// Other systems that are told when an account ends.
    pub systems: Systems,
    /// How long a system may take to answer.
    pub system_timeout: Duration,
    /// How long after the end became final a receipt waits for other systems. What they haven't confirmed then, the
    /// receipt says; they are told all the same.
    pub systems_patience: SignedDuration,
}

/// How letters reach people.
#[derive(Clone)]
pub enum Delivery {
    /// Written as `.eml` files to a folder that only its owner can read. Nothing leaves the computer.
    MailFolder(PathBuf),
    /// Handed to a mail server.
    Smtp(Smtp),
}

/// A mail server.
#[derive(Clone)]
pub struct Smtp {
    /// `smtps://user:password@host:port`, or `smtp://…?tls=required` for STARTTLS. Unencrypted only to loopback.
    pub url: SecretString,
    /// Whom the letters are from: `Name <address@host>`.
    pub from: String,
}

impl Config {
    /// A service of this computer's own: letters go to the folder `mail` in `data_dir`, and there is no sample account.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        let data_dir = data_dir.into();
        Self {
            delivery: Delivery::MailFolder(data_dir.join("mail")),
            ledger_dir: data_dir.join("ledger"),
            data_dir,
            letters: true,
            letters_patience: SignedDuration::from_hours(1),
            sample: false,
            clock: Arc::new(SystemClock),
            lock_wait: Duration::from_secs(5),
            request_timeout: Duration::from_secs(15),
            background: true,
            issuer: "tag:settings-privacy,2026:account-service".to_owned(),
            cooling_off: SignedDuration::from_hours(30 * 24),
            systems: Systems::default(),
            system_timeout: Duration::from_secs(10),
            systems_patience: SignedDuration::from_hours(1),
        }
    }
}

/// Why a service can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file or folder can't be made, read or written.
    #[error("use {path}: {source}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file with the service's key holds something else.
    #[error("{path} doesn't hold a service key; restore it, or remove it to sign everybody out")]
    Key {
        /// Which file.
        path: PathBuf,
    },
    /// The database is damaged, or isn't one.
    #[error("{path} can't be read as a database; it was left as it is")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The database was written by a newer version.
    #[error("{path} was written by a newer version of this program; it was left as it is")]
    Newer {
        /// Which file.
        path: PathBuf,
    },
    /// The database can't be used for another reason.
    #[error("open {path}: {source}")]
    Database {
        /// Which file.
        path: PathBuf,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The database can't be brought to this version's shape.
    #[error("bring {path} up to date: {source}")]
    Migration {
        /// Which file.
        path: PathBuf,
        /// What went wrong.
        source: sqlx::migrate::MigrateError,
    },
    /// The mail server's address can't be used. Its text isn't shown: it may hold a password.
    #[error("the mail server's address isn't one: write smtps://user:password@host:port")]
    SmtpAddress,
    /// Letters would travel unencrypted.
    #[error(
        "the mail server's address isn't encrypted: write smtps://…, or smtp://…?tls=required (plain smtp:// only to this computer)"
    )]
    SmtpNotEncrypted,
    /// The sender isn't an address.
    #[error("“{0}” can't be the sender: write Name <address@host>")]
    Sender(String),
    /// The ledger of deleted accounts can't be used: what was deleted couldn't be recognised.
    #[error("{path} can't be used as a ledger of deleted accounts: {reason}")]
    Ledger {
        /// Its folder.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: &'static str,
    },
    /// Another system would be told unencrypted, or at no address.
    #[error("the system {0} can't be told there: write https://… (plain http:// only to this computer)")]
    System(String),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    NoRandomness,
}
