//! Why something in a profile couldn't be read, each with a stable code and a sentence for people.

use std::io;

use settings_privacy_core::storage::{Kind, Problem};

/// Why a file of a profile couldn't be read. The sentences name files, never the folders above them or what is in
/// them.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The file can't be opened or read.
    #[error("“{file}” can't be read ({source}), so what is in it isn't shown.")]
    Unreadable {
        /// The file's name.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// There is no room for a copy.
    #[error(
        "There is no space left for a copy of “{file}”, so what is in it isn't shown. Free some space, then look again."
    )]
    NoSpace {
        /// The file's name.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// It changed during every try to copy it.
    #[error(
        "The browser keeps writing to “{file}”, so what is in it isn't shown. Close the browser, or look again."
    )]
    Changing {
        /// The file's name.
        file: String,
    },
    /// Another program has it locked.
    #[error("Another program has “{file}” locked, so what is in it isn't shown. Close it, then look again.")]
    Locked {
        /// The file's name.
        file: String,
    },
    /// It is damaged.
    #[error(
        "“{file}” is damaged, so what is in it isn't shown, or not all of it. The browser may mend it at its next start."
    )]
    Damaged {
        /// The file's name.
        file: String,
    },
    /// It isn't made the way any known version of the browser makes it.
    #[error(
        "“{file}” is laid out in a way this program doesn't know, so what is in it isn't shown. A newer version of this program may know it."
    )]
    ForeignSchema {
        /// The file's name.
        file: String,
    },
    /// It is of a newer browser than is known here. What could be read is shown.
    #[error(
        "“{file}” comes from a newer browser than this program knows. What it understands is shown; something may be missing."
    )]
    NewerSchema {
        /// The file's name.
        file: String,
    },
}

impl ReadError {
    /// From an I/O error on a file of this name.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "there is no end to what a system may say"
    )]
    pub(crate) fn io(file: &str, source: io::Error) -> Self {
        let file = file.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ReadError::NoSpace { file, source },
            _ => ReadError::Unreadable { file, source },
        }
    }

    /// From what SQLite said about a file of this name. Extended codes carry the plain one in their low byte.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the rest is told as it is")]
    pub(crate) fn sql(file: &str, error: sqlx::Error) -> Self {
        let file = file.to_owned();
        let told = error
            .as_database_error()
            .and_then(|error| error.code()?.parse::<i32>().ok())
            .map(|code| code & 0xff);
        match told {
            Some(5 | 6) => ReadError::Locked { file },
            Some(1) => ReadError::ForeignSchema { file },
            Some(13) => ReadError::NoSpace {
                file,
                source: io::ErrorKind::StorageFull.into(),
            },
            Some(11 | 26) => ReadError::Damaged { file },
            Some(_) | None => match error {
                // A value of another type than the browser writes.
                sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                    ReadError::ForeignSchema { file }
                }
                sqlx::Error::Io(source) => ReadError::io(&file, source),
                other => ReadError::Unreadable {
                    file,
                    source: io::Error::other(other),
                },
            },
        }
    }

    /// The stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            ReadError::Unreadable { .. } => "unreadable",
            ReadError::NoSpace { .. } => "no-space",
            ReadError::Changing { .. } => "changing",
            ReadError::Locked { .. } => "locked",
            ReadError::Damaged { .. } => "damaged",
            ReadError::ForeignSchema { .. } => "foreign-schema",
            ReadError::NewerSchema { .. } => "newer-schema",
        }
    }

    /// As a problem of a profile that may hide these kinds.
    pub(crate) fn problem(&self, hides: &[Kind]) -> Problem {
        Problem {
            code: self.code(),
            message: self.to_string(),
            hides: hides.to_vec(),
        }
    }
}
