//! What can go wrong here, said so that a person knows what to do next.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// The result of anything here.
pub type Outcome<T = ()> = Result<T, Failure>;

/// Why a command stopped.
#[derive(Debug)]
pub enum Failure {
    /// The command line itself isn't understood.
    Usage(String),
    /// A program ran and reported failure; it has already printed why.
    Program {
        /// The command as typed.
        line: String,
        /// Its exit code, where it left by itself.
        code: Option<i32>,
    },
    /// A program could not be started at all.
    Start {
        /// The command as typed.
        line: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file or folder could not be read or written.
    File {
        /// What was being done, as in "write the stamp".
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something has to be installed or changed by the person first.
    Needed(String),
    /// Everything ran, but the outcome isn't what was promised.
    Unmet(String),
}

impl Failure {
    /// The exit code: the failed program's own, 2 for a wrong command line, else 1.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Program { code, .. } => code
                .and_then(|code| u8::try_from(code).ok())
                .filter(|code| *code != 0)
                .unwrap_or(1),
            Self::Start { .. } | Self::File { .. } | Self::Needed(_) | Self::Unmet(_) => 1,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(what) => write!(out, "{what}\nSee: cargo xtask help"),
            Self::Program {
                line,
                code: Some(code),
            } => write!(out, "`{line}` failed with exit code {code}"),
            Self::Program { line, code: None } => write!(out, "`{line}` was ended by a signal"),
            Self::Start { line, source } => write!(out, "`{line}` could not be started: {source}"),
            Self::File { doing, path, source } => {
                write!(out, "could not {doing} ({}): {source}", path.display())
            }
            Self::Needed(what) | Self::Unmet(what) => write!(out, "{what}"),
        }
    }
}

/// Says what was being done to which file when an I/O error came.
pub fn file(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Failure {
    let path = path.into();
    move |source| Failure::File { doing, path, source }
}

#[cfg(test)]
mod tests {
    use super::Failure;

    #[test]
    fn a_failed_program_passes_its_exit_code_on() {
        let failed = |code| {
            Failure::Program {
                line: "npm test".into(),
                code,
            }
            .code()
        };
        assert_eq!(failed(Some(101)), 101);
        assert_eq!(failed(None), 1, "ended by a signal");
        assert_eq!(failed(Some(0)), 1, "a failure never looks like success");
        assert_eq!(failed(Some(-1073741819)), 1, "Windows codes don't fit");
    }
}
