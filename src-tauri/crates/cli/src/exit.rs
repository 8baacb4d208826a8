//! How a command ended: its exit code, and why it wasn't simply done.

use serde_json::{Map, Value};
use settings_privacy_core::{consent, permission};
use settings_privacy_engine::api::Code;
use settings_privacy_engine::client::CallError;
use settings_privacy_engine::{DeletionError, EngineError};

/// What `--help` says about exit codes.
pub const HELP: &str = "\
Exit codes:
  0  done
  1  it didn't work; the message says why
  2  the command wasn't understood
  3  not possible here
  4  sign in first
  5  kept, and waiting for the network
  6  the service refused
  7  something else would go along, or be lost: repeat with --yes

Set NO_COLOR for plain text, and SETTINGS_PRIVACY_LOG=debug to see on standard error what is done.";

/// The exit codes; they never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It didn't work.
    Other = 1,
    /// The command wasn't understood.
    Usage = 2,
    /// Nothing on this computer makes it possible.
    NotPossibleHere = 3,
    /// Nobody is signed in.
    SignInNeeded = 4,
    /// Recorded here; the service doesn't have it yet.
    Queued = 5,
    /// The service said no.
    Refused = 6,
    /// Something else would go along, and nobody agreed to that.
    NeedsConfirmation = 7,
}

/// Why a command wasn't simply done.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// A stable code, finer than the exit code.
    pub code: String,
    /// What happened, what it means, what to do.
    pub message: String,
    /// Whether the same may work later.
    pub retryable: bool,
    /// What a program may want to know besides.
    pub more: Map<String, Value>,
}

impl Failure {
    /// A failure of this face's own.
    pub fn new(exit: Exit, code: &str, message: impl Into<String>) -> Self {
        Self {
            exit,
            code: code.to_owned(),
            message: message.into(),
            retryable: exit == Exit::Queued,
            more: Map::new(),
        }
    }

    /// The same with something a program may want to know.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let mut failure = Self {
            exit: exit_of(&error),
            code: error.code().to_owned(),
            message: sentence(&error),
            retryable: error.retryable(),
            more: Map::new(),
        };
        if let EngineError::Call(CallError::Problem { problem, retry_after }) = &error {
            if let Some(left) = problem.attempts_left {
                failure = failure.with("attempts_left", left.into());
            }
            if let Some(wait) = retry_after {
                failure = failure.with("retry_after", wait.as_secs().into());
            }
        }
        failure
    }
}

/// The engine speaks for both faces; where the next step is a button in one, it is a command here.
fn sentence(error: &EngineError) -> String {
    match error {
        EngineError::SignedOut => {
            "Sign in first: this is kept by your account. Run privacy-settings sign-in.".to_owned()
        }
        EngineError::NoAccount => {
            "There is no account here yet. Choose where it lives: privacy-settings account use embedded, or … use service --address https://…".to_owned()
        }
        EngineError::Permission(_)
        | EngineError::Consent(_)
        | EngineError::Device(_)
        | EngineError::Clear(_)
        | EngineError::Rule(_)
        | EngineError::Partly { .. }
        | EngineError::NoSuchProfile
        | EngineError::NoSuchBackup
        | EngineError::BrowserNotOpened
        | EngineError::Call(_)
        | EngineError::Secret(_)
        | EngineError::Address(_)
        | EngineError::Store(_)
        | EngineError::Host(_)
        | EngineError::NothingToUndo
        | EngineError::OtherAccount
        | EngineError::NoSuchExport
        | EngineError::ExportUnderWay
        | EngineError::ExportsElsewhere
        | EngineError::NoPlace(_)
        | EngineError::Archive(_)
        | EngineError::Deletion(_)
        | EngineError::Stopped
        | EngineError::NotWaiting => error.to_string(),
    }
}

fn exit_of(error: &EngineError) -> Exit {
    match error {
        EngineError::Permission(permission::Refusal::UnknownPermission(_))
        | EngineError::Consent(consent::Refusal::Unknown(_))
        | EngineError::NoSuchProfile
        | EngineError::Address(_) => Exit::Usage,
        EngineError::Permission(
            permission::Refusal::NotEnforced(_)
            | permission::Refusal::Nothing
            | permission::Refusal::Blocked(_),
        )
        | EngineError::Consent(consent::Refusal::Required(_))
        | EngineError::Secret(_)
        | EngineError::Clear(_)
        | EngineError::Rule(_)
        | EngineError::NoSuchBackup
        | EngineError::BrowserNotOpened
        | EngineError::NothingToUndo
        | EngineError::OtherAccount
        | EngineError::NoSuchExport
        | EngineError::ExportUnderWay
        | EngineError::ExportsElsewhere
        | EngineError::NoPlace(_)
        | EngineError::Archive(_)
        | EngineError::NotWaiting => Exit::NotPossibleHere,
        EngineError::Partly { first, .. } => exit_of(first),
        EngineError::Device(_) => device(error.code()),
        EngineError::SignedOut | EngineError::NoAccount => Exit::SignInNeeded,
        EngineError::Deletion(error) => deletion(error),
        EngineError::Call(error) => call(error),
        EngineError::Store(_) | EngineError::Host(_) | EngineError::Stopped => Exit::Other,
    }
}

/// What the person would have to mend on this computer first, told from what may pass, by the stable codes.
fn device(code: &str) -> Exit {
    match code {
        "override-malformed"
        | "override-unreadable"
        | "read-only"
        | "no-home"
        | "no-settings-page"
        | "elsewhere" => Exit::NotPossibleHere,
        _ => Exit::Other,
    }
}

fn deletion(error: &DeletionError) -> Exit {
    match error {
        DeletionError::NotConfirmed => Exit::NeedsConfirmation,
        DeletionError::TooLate => Exit::Refused,
        DeletionError::None
        | DeletionError::NoCodeNeeded
        | DeletionError::UnderWay
        | DeletionError::NotNow
        | DeletionError::NotRemoved
        | DeletionError::NotGenuine(_)
        | DeletionError::File { .. } => Exit::NotPossibleHere,
    }
}

fn call(error: &CallError) -> Exit {
    match error.code() {
        Some(Code::Unauthenticated | Code::SessionRevoked) => Exit::SignInNeeded,
        // Asked too often is a no as well, if only for a while.
        Some(Code::TooManyRequests) => Exit::Refused,
        Some(_) if !error.is_passing() => Exit::Refused,
        Some(_) | None => Exit::Other,
    }
}

#[cfg(test)]
mod tests {
    use settings_privacy_core::permission::PermissionId;
    use settings_privacy_engine::api::Problem;
    use settings_privacy_engine::client::TransportError;

    use super::*;

    fn problem(code: Code, status: u16) -> EngineError {
        let mut problem = Problem::new(code, status, "No.");
        problem.attempts_left = (code == Code::CodeWrong).then_some(4);
        CallError::Problem {
            problem: Box::new(problem),
            retry_after: None,
        }
        .into()
    }

    #[test]
    fn every_kind_of_failure_has_the_exit_code_that_the_help_names() {
        let unknown = permission::Refusal::UnknownPermission(PermissionId::new("x"));
        let cases = [
            (EngineError::from(unknown), Exit::Usage),
            (
                permission::Refusal::Blocked(String::new()).into(),
                Exit::NotPossibleHere,
            ),
            (EngineError::SignedOut, Exit::SignInNeeded),
            (EngineError::NoAccount, Exit::SignInNeeded),
            (problem(Code::Unauthenticated, 401), Exit::SignInNeeded),
            (problem(Code::CodeWrong, 422), Exit::Refused),
            (problem(Code::TooManyRequests, 429), Exit::Refused),
            (problem(Code::Unavailable, 503), Exit::Other),
            (CallError::from(TransportError::Unreachable).into(), Exit::Other),
            (EngineError::NothingToUndo, Exit::NotPossibleHere),
        ];
        for (error, exit) in cases {
            let told = error.to_string();
            assert_eq!(Failure::from(error).exit, exit, "{told}");
        }
    }

    #[test]
    fn a_wrong_code_says_how_often_another_may_be_tried() {
        let failure = Failure::from(problem(Code::CodeWrong, 422));
        assert_eq!(failure.code, "code-wrong");
        assert_eq!(failure.more["attempts_left"], 4);
        assert!(!failure.retryable);
    }

    #[test]
    fn the_help_names_every_exit_code() {
        for code in 0..=7 {
            assert!(HELP.contains(&format!("\n  {code}  ")), "{code}");
        }
    }
}
