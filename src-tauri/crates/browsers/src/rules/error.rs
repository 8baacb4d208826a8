//! Why a rule couldn't be changed, each with a stable code and a sentence for people.

use std::io;

use crate::closed::NotClosed;
use crate::error::ReadError;

/// Why a browser's rules weren't changed. Unless it says otherwise, the profile is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// The browser has the profile open, or that can't be told.
    #[error(transparent)]
    NotClosed(#[from] NotClosed),
    /// The browser was started while its rules were being changed.
    #[error(
        "{browser} was started in the middle of it. It may follow the new rules or the old ones. Close it, then look again."
    )]
    StartedMeanwhile {
        /// The browser's name.
        browser: &'static str,
    },
    /// An administrator decides.
    #[error(
        "That is set by your organization for {browser}, so nothing was changed. Only whoever manages this computer can change it."
    )]
    Policy {
        /// The browser's name.
        browser: &'static str,
    },
    /// It isn't one of DingTalk's.
    #[error("“{site}” isn't one of DingTalk's sites, so nothing was changed.")]
    NotASite {
        /// What was asked for.
        site: String,
    },
    /// There is nowhere to write a rule yet.
    #[error(
        "This profile of {browser} has no “{file}” yet. Start {browser} with it once and close it, then try again."
    )]
    NeverUsed {
        /// The browser's name.
        browser: &'static str,
        /// The file's name.
        file: &'static str,
    },
    /// The file is damaged, or laid out in a way that isn't known.
    #[error("“{file}” {what}, so nothing was changed.")]
    NotUnderstood {
        /// The file's name.
        file: String,
        /// What is wrong with it.
        what: &'static str,
        /// The stable code.
        code: &'static str,
    },
    /// Another program has it locked.
    #[error("Another program has “{file}” locked, so nothing was changed. Close it, then try again.")]
    Locked {
        /// The file's name.
        file: String,
    },
    /// Another program changed it meanwhile.
    #[error("Another program changed “{file}” at the same time, so nothing was changed here. Try again.")]
    ChangedMeanwhile {
        /// The file's name.
        file: String,
    },
    /// There is no space left.
    #[error("There is no space left on the disk, so nothing was changed. Free some space, then try again.")]
    NoSpace,
    /// The disk can't be written.
    #[error("“{file}” can't be written ({source}), so nothing was changed.")]
    NotWritable {
        /// The file's name.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// Read back, the rules aren't what was written.
    #[error(
        "The rule was written, but “{file}” doesn't show it when read again. Look again, then try once more."
    )]
    NotTaken {
        /// The file's name.
        file: String,
    },
}

impl RuleError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            RuleError::NotClosed(why) => why.code(),
            RuleError::StartedMeanwhile { .. } => "browser-started",
            RuleError::Policy { .. } => "policy-decides",
            RuleError::NotASite { .. } => "not-a-site",
            RuleError::NeverUsed { .. } => "never-used",
            RuleError::NotUnderstood { code, .. } => code,
            RuleError::Locked { .. } => "locked",
            RuleError::ChangedMeanwhile { .. } => "changing",
            RuleError::NoSpace => "no-space",
            RuleError::NotWritable { .. } => "not-writable",
            RuleError::NotTaken { .. } => "not-taken",
        }
    }

    pub(super) fn damaged(file: &str) -> Self {
        RuleError::NotUnderstood {
            file: file.to_owned(),
            what: "is damaged",
            code: "damaged",
        }
    }

    pub(super) fn foreign(file: &str) -> Self {
        RuleError::NotUnderstood {
            file: file.to_owned(),
            what: "is laid out in a way this program doesn't know",
            code: "foreign-schema",
        }
    }

    pub(super) fn newer(file: &str) -> Self {
        RuleError::NotUnderstood {
            file: file.to_owned(),
            what: "comes from a newer browser than this program knows",
            code: "newer-schema",
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "there is no end to what a system may say"
    )]
    pub(super) fn io(file: &str, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => RuleError::NoSpace,
            _ => RuleError::NotWritable {
                file: file.to_owned(),
                source,
            },
        }
    }

    pub(super) fn sql(file: &str, error: sqlx::Error) -> Self {
        Self::from(ReadError::sql(file, error))
    }
}

impl From<ReadError> for RuleError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unreadable { file, source } => RuleError::NotWritable { file, source },
            ReadError::NoSpace { .. } => RuleError::NoSpace,
            ReadError::Changing { file } => RuleError::ChangedMeanwhile { file },
            ReadError::Locked { file } => RuleError::Locked { file },
            ReadError::Damaged { file } => RuleError::damaged(&file),
            ReadError::ForeignSchema { file } => RuleError::foreign(&file),
            ReadError::NewerSchema { file } => RuleError::newer(&file),
        }
    }
}
