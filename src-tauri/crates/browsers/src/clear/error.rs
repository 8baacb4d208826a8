//! Why something wasn't cleared or put back, each with a stable code and a sentence for people.

use std::io;

use crate::closed::NotClosed;
use crate::error::ReadError;

/// Why a profile wasn't cleared, or a backup not put back. Unless it says otherwise, nothing was changed. The
/// sentences name files, never the folders above them or what is in them.
#[derive(Debug, thiserror::Error)]
pub enum ClearError {
    /// The browser isn't closed.
    #[error(transparent)]
    NotClosed(#[from] NotClosed),
    /// A file can't be read or written.
    #[error("“{file}” can't be changed ({source}). Nothing was changed.")]
    Unwritable {
        /// The file's name.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// The disk is full.
    #[error("There is no space left for “{file}”. Nothing was changed. Free some space, then try again.")]
    NoSpace {
        /// The file's name.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// Another program has it locked.
    #[error("Another program has “{file}” locked. Nothing was changed. Close it, then try again.")]
    Locked {
        /// The file's name.
        file: String,
    },
    /// It is damaged.
    #[error(
        "“{file}” is damaged, so it isn't touched. Nothing was changed. The browser may mend it at its next start."
    )]
    Damaged {
        /// The file's name.
        file: String,
    },
    /// It isn't made the way any known version of the browser makes it.
    #[error(
        "“{file}” is laid out in a way this program doesn't know, so it isn't touched. Nothing was changed. Clear these sites in the browser's own settings."
    )]
    ForeignSchema {
        /// The file's name.
        file: String,
    },
    /// It is of a newer browser than is known here.
    #[error(
        "“{file}” comes from a newer browser than this program knows, so it isn't touched. Nothing was changed. Clear these sites in the browser's own settings."
    )]
    NewerSchema {
        /// The file's name.
        file: String,
    },
    /// It is a link, or no plain file.
    #[error(
        "“{file}” is a link to another place, and links aren't followed when something is removed. Nothing was changed."
    )]
    Linked {
        /// The file's name.
        file: String,
    },
    /// Somebody wrote to it between reading it and replacing it.
    #[error(
        "“{file}” was changed while this was being prepared: the browser was open in between. Nothing was changed here. Try again."
    )]
    ChangedMeanwhile {
        /// The file's name.
        file: String,
    },
    /// The backup can't be written, so nothing is removed.
    #[error(
        "The backup can't be written ({source}), and nothing is removed without one. Nothing was changed."
    )]
    Backup {
        /// Why.
        source: io::Error,
    },
    /// The backup can't be read, or the browser keeps such things in another way by now.
    #[error("The backup can't be put back: {reason}. Nothing was changed.")]
    Unrestorable {
        /// Why, as the end of a sentence.
        reason: &'static str,
    },
    /// The browser was started in the middle. What was begun is settled when it is closed.
    #[error(
        "{browser} was started while its profile was being changed. Close it: what was removed by then is put back when this program looks at its backups again."
    )]
    StartedMeanwhile {
        /// The browser's name.
        browser: &'static str,
    },
    /// It failed in the middle, and putting back failed too. What was begun is settled later.
    #[error(
        "This stopped in the middle ({source}), and what was removed by then couldn't be put back yet. The backup has it; it is put back when this program looks at its backups again."
    )]
    Unsettled {
        /// What stopped it.
        source: Box<ClearError>,
    },
}

impl ClearError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ClearError::NotClosed(why) => why.code(),
            ClearError::Unwritable { .. } => "unwritable",
            ClearError::NoSpace { .. } => "no-space",
            ClearError::Locked { .. } => "locked",
            ClearError::Damaged { .. } => "damaged",
            ClearError::ForeignSchema { .. } => "foreign-schema",
            ClearError::NewerSchema { .. } => "newer-schema",
            ClearError::Linked { .. } => "linked",
            ClearError::ChangedMeanwhile { .. } => "changing",
            ClearError::Backup { .. } => "no-backup",
            ClearError::Unrestorable { .. } => "unrestorable",
            ClearError::StartedMeanwhile { .. } => "started-meanwhile",
            ClearError::Unsettled { .. } => "unsettled",
        }
    }

    /// From an I/O error on a file of this name.
    pub(crate) fn io(file: &str, source: io::Error) -> Self {
        ReadError::io(file, source).into()
    }

    /// From what SQLite said about a file of this name.
    pub(crate) fn sql(file: &str, error: sqlx::Error) -> Self {
        ReadError::sql(file, error).into()
    }

    /// From an I/O error while the backup was written.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "there is no end to what a system may say"
    )]
    pub(crate) fn backup(source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ClearError::NoSpace {
                file: "the backup".to_owned(),
                source,
            },
            _ => ClearError::Backup { source },
        }
    }
}

impl From<ReadError> for ClearError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unreadable { file, source } => ClearError::Unwritable { file, source },
            ReadError::NoSpace { file, source } => ClearError::NoSpace { file, source },
            // It is written to, so somebody has it.
            ReadError::Changing { file } | ReadError::Locked { file } => ClearError::Locked { file },
            ReadError::Damaged { file } => ClearError::Damaged { file },
            ReadError::ForeignSchema { file } => ClearError::ForeignSchema { file },
            ReadError::NewerSchema { file } => ClearError::NewerSchema { file },
        }
    }
}
