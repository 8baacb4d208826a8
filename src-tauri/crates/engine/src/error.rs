//! What the engine tells when it couldn't do something: a stable code, a sentence, and whether trying again helps.

use settings_privacy_browsers::{ClearError, RuleError};
use settings_privacy_core::archive::Fault;
use settings_privacy_core::{consent, letter, permission, rights};
use settings_privacy_devices::DeviceError;

use crate::client::{AddressError, CallError};
use crate::controller::DeletionError;
use crate::mail::MailError;
use crate::secrets::SecretError;
use crate::store::StoreError;

/// Why something wasn't done.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The permission can't be switched.
    #[error("{0}")]
    Permission(#[from] permission::Refusal),
    /// The consent can't be set.
    #[error("{0}")]
    Consent(#[from] consent::Refusal),
    /// This computer didn't do it.
    #[error("{0}")]
    Device(#[from] DeviceError),
    /// A browser's profile couldn't be cleared, or a backup not put back.
    #[error("{0}")]
    Clear(#[from] ClearError),
    /// Done in some profiles, not in others.
    #[error("{says}")]
    Partly {
        /// What became of each, in sentences.
        says: String,
        /// The first that wasn't done.
        first: Box<EngineError>,
    },
    /// A browser couldn't be given a rule.
    #[error("{0}")]
    Rule(#[from] RuleError),
    /// There is no such profile.
    #[error("That profile isn't there any more. Look at your browsers again.")]
    NoSuchProfile,
    /// A browser doesn't open.
    #[error("That browser doesn't open from here. Open it yourself.")]
    BrowserNotOpened,
    /// There is no such backup.
    #[error("That backup isn't there any more: it was put back, or its 30 days are over.")]
    NoSuchBackup,
    /// The service didn't do it.
    #[error("{0}")]
    Call(#[from] CallError),
    /// The keyring didn't do it.
    #[error("{0}")]
    Secret(#[from] SecretError),
    /// The address can't be used.
    #[error("{0}")]
    Address(#[from] AddressError),
    /// The program's own database didn't do it.
    #[error(
        "This program couldn't read or write its own notes. Look at what holds now, make sure the disk isn't full, and try again."
    )]
    Store(#[from] StoreError),
    /// The service inside this program didn't start. The sentence is its own.
    #[error("{0}")]
    Host(String),
    /// Nobody is signed in.
    #[error("Sign in first: this is kept by your account.")]
    SignedOut,
    /// No account was chosen.
    #[error("There is no account here yet. Choose one under Account.")]
    NoAccount,
    /// There is no such change.
    #[error("There is no such change to undo. It may have been undone already.")]
    NothingToUndo,
    /// The change belongs to another account.
    #[error("That was changed in another account. Sign in there to undo it.")]
    OtherAccount,
    /// There is no such entry in the outbox.
    #[error("That change isn't waiting any more.")]
    NotWaiting,
    /// There is no such export.
    #[error("There is no such export here any more.")]
    NoSuchExport,
    /// It can only be forgotten once it ended.
    #[error("This export is still under way. Cancel it first.")]
    ExportUnderWay,
    /// The other program on this computer looks after the exports.
    #[error(
        "Your exports are looked after by another window or terminal of this program, and go on there. Use that one, or close it and try again."
    )]
    ExportsElsewhere,
    /// A file can't be put there.
    #[error("{0}")]
    NoPlace(&'static str),
    /// An archive can't be opened, read or written.
    #[error("{0}")]
    Archive(#[from] Fault),
    /// Something about the end of the account wasn't done.
    #[error("{0}")]
    Deletion(#[from] DeletionError),
    /// It was stopped before its end.
    #[error("This was stopped before it was done.")]
    Stopped,
    /// It can't be said of a request.
    #[error("{0}")]
    Request(#[from] rights::Refused),
    /// There is no letter yet.
    #[error("{0}")]
    Letter(#[from] letter::Unwritten),
    /// A letter couldn't be handed on.
    #[error("{0}")]
    Mail(#[from] MailError),
    /// There is no such request.
    #[error("That request isn't there any more. Look again.")]
    NoSuchRequest,
    /// Nothing of a request is due on a day.
    #[error("Nothing of this request is due on a certain day, so there is nothing to be reminded of.")]
    NothingDue,
}

impl EngineError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            EngineError::Permission(refusal) => match refusal {
                permission::Refusal::UnknownPermission(_) => "permission-unknown",
                permission::Refusal::NotEnforced(_) => "not-enforced",
                permission::Refusal::Nothing => "nothing-to-switch",
                permission::Refusal::Blocked(_) => "blocked",
            },
            EngineError::Consent(consent::Refusal::Unknown(_)) => "consent-unknown",
            EngineError::Consent(consent::Refusal::Required(_)) => "consent-required",
            EngineError::Device(error) => error.code(),
            EngineError::Clear(error) => error.code(),
            EngineError::Partly { first, .. } => first.code(),
            EngineError::Rule(error) => error.code(),
            EngineError::NoSuchProfile => "no-such-profile",
            EngineError::BrowserNotOpened => "browser-not-opened",
            EngineError::NoSuchBackup => "no-such-backup",
            EngineError::Call(error) => match error {
                CallError::Transport(_) => "service-unreachable",
                CallError::Problem { problem, .. } => problem.code.as_str(),
                CallError::NotUnderstood => "service-not-understood",
            },
            EngineError::Secret(SecretError::Missing) => "keyring-missing",
            EngineError::Secret(SecretError::Locked) => "keyring-locked",
            EngineError::Secret(SecretError::TimedOut) => "keyring-timed-out",
            EngineError::Address(AddressError::NotAnAddress(_)) => "address-not-an-address",
            EngineError::Address(AddressError::NotHttps) => "address-not-https",
            EngineError::Address(AddressError::HasCredentials) => "address-has-credentials",
            EngineError::Store(_) => "store-failed",
            EngineError::Host(_) => "service-not-started",
            EngineError::SignedOut => "signed-out",
            EngineError::NoAccount => "no-account",
            EngineError::NothingToUndo => "nothing-to-undo",
            EngineError::OtherAccount => "other-account",
            EngineError::NotWaiting => "not-waiting",
            EngineError::NoSuchExport => "no-such-export",
            EngineError::ExportUnderWay => "export-under-way",
            EngineError::ExportsElsewhere => "exports-elsewhere",
            EngineError::NoPlace(_) => "no-place",
            EngineError::Archive(fault) => fault.code(),
            EngineError::Deletion(error) => error.code(),
            EngineError::Stopped => "stopped",
            EngineError::Request(refused) => refused.code(),
            EngineError::Letter(unwritten) => unwritten.code(),
            EngineError::Mail(error) => error.code(),
            EngineError::NoSuchRequest => "no-such-request",
            EngineError::NothingDue => "nothing-due",
        }
    }

    /// Whether the same may work later.
    pub fn retryable(&self) -> bool {
        match self {
            EngineError::Call(error) => error.is_passing(),
            EngineError::Partly { first, .. } => first.retryable(),
            EngineError::Device(_)
            | EngineError::Clear(_)
            | EngineError::Rule(_)
            | EngineError::Secret(_)
            | EngineError::Mail(_)
            | EngineError::Store(_)
            | EngineError::ExportsElsewhere
            | EngineError::Stopped
            | EngineError::Host(_) => true,
            EngineError::Permission(permission::Refusal::Blocked(_)) => true,
            EngineError::Permission(_)
            | EngineError::Consent(_)
            | EngineError::Address(_)
            | EngineError::NoSuchProfile
            | EngineError::NoSuchBackup
            | EngineError::BrowserNotOpened
            | EngineError::SignedOut
            | EngineError::NoAccount
            | EngineError::NothingToUndo
            | EngineError::OtherAccount
            | EngineError::NoSuchExport
            | EngineError::ExportUnderWay
            | EngineError::NoPlace(_)
            | EngineError::Archive(_)
            | EngineError::Deletion(_)
            | EngineError::NotWaiting
            | EngineError::Request(_)
            | EngineError::Letter(_)
            | EngineError::NoSuchRequest
            | EngineError::NothingDue => false,
        }
    }
}
