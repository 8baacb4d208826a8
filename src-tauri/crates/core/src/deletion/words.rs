//! What the person reads about the end of their account.

use super::{CodeNeeded, Deletion, Notification, Stage, Waits, WipeStep};

/// The service doesn't know of what it once accepted.
pub(super) const UNKNOWN: &str = "The service doesn't know of this deletion any more, and your account is there. Nothing was removed here. To delete it, begin again.";

/// Nobody is signed in, and what would open the service otherwise isn't in the keyring (any more).
const NOT_KNOWN: &str = "How your deletion stands isn't known here: nobody is signed in to this account, and your keyring doesn't hold what this program would ask the service with. If it is locked, unlock it. Or sign in to see.";

/// What else can be done then. It claims nothing of the account.
const REMOVE_ALL_THE_SAME: &str = "If you can't sign in any more, you can have removed what this computer keeps of the account. That deletes nothing at the service, and there will be no receipt.";

impl Deletion {
    /// Where it stands, in one or two sentences. Dates and countdowns are the caller's to add.
    pub fn sentence(&self) -> String {
        if let Some(waits) = self.waits().filter(|_| !self.has_ended()) {
            if waits == Waits::SignIn && self.can_wipe() {
                return format!("{NOT_KNOWN} {REMOVE_ALL_THE_SAME}");
            }
            return waits.sentence().to_owned();
        }
        match &self.stage {
            Stage::Confirmed { need } => need.sentence(),
            Stage::Reauthenticated => "Your request is on its way.".to_owned(),
            Stage::CoolingOff { .. } => {
                "Your account will be deleted. Until then you can keep it, with everything in it.".to_owned()
            }
            Stage::Cancelling { .. } => "You keep your account. The service is being told.".to_owned(),
            Stage::Finalising { .. } => {
                "The service is deleting your account. It can't be taken back any more. You can close this window; it goes on."
                    .to_owned()
            }
            Stage::RemoteDeleted { receipt: None, .. } => {
                "The service says that your account is deleted. Its receipt is being fetched and checked.".to_owned()
            }
            Stage::RemoteDeleted { kept: None, .. } => {
                "Your account is deleted. The receipt is being saved.".to_owned()
            }
            Stage::RemoteDeleted { .. } if self.here => {
                "Your account is deleted, and the receipt is saved. What this computer keeps goes next.".to_owned()
            }
            Stage::RemoteDeleted { .. } => {
                "Your account was deleted from another device, and the receipt is saved here. This computer still keeps what it knew of it: you can have that removed."
                    .to_owned()
            }
            Stage::Unproven { message, .. } | Stage::Failed { message, .. } => message.clone(),
            // Also where nothing proves that the account is deleted.
            Stage::Wiping => "What this computer keeps of your account is being removed.".to_owned(),
            Stage::Cancelled => "Your account stays. Nothing was deleted.".to_owned(),
        }
    }
}

impl CodeNeeded {
    /// What to do.
    pub fn sentence(&self) -> String {
        match self {
            CodeNeeded::First => "Enter the code that is sent to you. Nothing happens before.".to_owned(),
            CodeNeeded::Wrong {
                attempts_left: Some(left),
            } => match left {
                0 => "That code is wrong. Have a new one sent.".to_owned(),
                1 => "That code is wrong. You can try one more time.".to_owned(),
                left => format!("That code is wrong. You can try {left} more times."),
            },
            CodeNeeded::Wrong { attempts_left: None } => "That code is wrong. Try again.".to_owned(),
            CodeNeeded::Expired => "That code is too old, or was used before. Have a new one sent.".to_owned(),
            CodeNeeded::Lost => {
                "Your request didn't get through, and codes are never kept. Your account is as it was. Have a new code sent to go on."
                    .to_owned()
            }
        }
    }
}

impl Waits {
    /// What to do.
    pub fn sentence(&self) -> &'static str {
        match self {
            Waits::SignIn => "You are signed out. Sign in, and it goes on where it was.",
            Waits::Room { .. } => {
                "The disk is full. Make room: it goes on by itself once you try again. Nothing is lost."
            }
            Waits::Place => {
                "The receipt can't be saved in the folder you chose. Make it writable, or choose another one. Nothing is removed here before the receipt is saved."
            }
            Waits::Own => {
                "This program can't note in its own folder what is to be removed, so nothing here was removed yet. Make your home folder writable, then try again."
            }
        }
    }

    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Waits::SignIn => "sign-in",
            Waits::Room { .. } => "no-room",
            Waits::Place => "place-missing",
            Waits::Own => "own-folder-not-writable",
        }
    }
}

impl Notification {
    /// What it says.
    pub fn sentence(&self) -> &'static str {
        match self {
            Notification::CoolingOff { .. } => "Your account will be deleted. You can still keep it.",
            Notification::Cancelled => "Your account stays.",
            Notification::Finalising => "Your account is being deleted. It can't be taken back any more.",
            Notification::Deleted => "Your account is deleted, and the receipt is saved.",
            Notification::NeedsYou => "The end of your account needs you.",
        }
    }
}

impl WipeStep {
    /// What it removes.
    pub fn sentence(self) -> &'static str {
        match self {
            WipeStep::Downloads => "Downloads of your data that aren't complete",
            WipeStep::Keyring => "Your sign-in, in this computer's keyring",
            WipeStep::BrowserBackups => "Backups of what was cleared in browsers",
            WipeStep::Database => "This program's notes: your choices, the history, what waited to be sent",
            WipeStep::DamagedNotes => "Older notes that were damaged and set aside",
            WipeStep::Cookies => "What DingTalk's sites keep in your browsers",
            WipeStep::FlatpakPermissions => "What you decided about DingTalk's permissions",
            WipeStep::FlatpakFolder => "What the DingTalk app keeps on this computer",
        }
    }
}
