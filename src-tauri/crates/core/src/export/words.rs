//! What the person reads about an export.

use super::{CodeRefusal, Effect, Export, Notification, Stage, StartedOver, Waits};

impl Export {
    /// Where it stands, in one or two sentences. Figures and dates are the caller's to add.
    pub fn sentence(&self) -> String {
        if let Some(waits) = self.waits().filter(|_| !self.has_ended()) {
            return waits.sentence().to_owned();
        }
        match &self.stage {
            Stage::Requested => "Your request is on its way.".to_owned(),
            Stage::Submitted { .. } => "The service has your request.".to_owned(),
            Stage::Preparing { .. } => {
                "The service is putting your data together. You can close this window; it goes on.".to_owned()
            }
            Stage::Ready { .. } => "Your data is ready. Choose where to keep it.".to_owned(),
            Stage::Downloading { .. } if self.is_moving() => {
                "What has arrived is being moved to the place you chose.".to_owned()
            }
            Stage::Downloading { .. } => "Your data is being downloaded.".to_owned(),
            Stage::Verifying { .. } => "Your data has arrived and is being checked.".to_owned(),
            Stage::Verified { encrypted: true, .. } => {
                "Your data is here, complete and unchanged, and encrypted.".to_owned()
            }
            Stage::Verified {
                unencrypted: Some(why),
                ..
            } => format!(
                "Your data is here, complete and unchanged, but it couldn't be encrypted and lies in plain. {}",
                why.message
            ),
            Stage::Verified { .. } => match self.sealing() {
                Some(Some(waits)) => format!("Your data is here, complete and unchanged. {}", waits.while_sealing()),
                Some(None) => {
                    "Your data is here, complete and unchanged, and is being encrypted.".to_owned()
                }
                None => "Your data is here, complete and unchanged.".to_owned(),
            },
            Stage::Expired { .. } if self.part.as_ref().is_some_and(|part| part.bytes.0 > 0) => {
                "The service keeps an export only for a while, and has removed this one. What had arrived is kept and can be read. You can ask for a new one."
                    .to_owned()
            }
            Stage::Expired { .. } => {
                "The service keeps an export only for a while, and has removed this one. You can ask for a new one."
                    .to_owned()
            }
            Stage::Failed { message, .. } => message.clone(),
            Stage::Cancelled => "You cancelled this export.".to_owned(),
        }
    }
}

impl Export {
    /// What to do about what it waits for: what an encryption waits for is another matter than what a download does.
    pub fn waits_sentence(&self, waits: Waits) -> &'static str {
        match self.sealing() {
            Some(Some(_)) => waits.while_sealing(),
            Some(None) | None => waits.sentence(),
        }
    }

    /// Whether it is being encrypted, and what that waits for.
    fn sealing(&self) -> Option<Option<Waits>> {
        let sealing = |open: &&super::Outstanding| matches!(open.effect, Effect::Seal { .. });
        let open = self.outstanding.iter().find(sealing)?;
        Some(match open.when {
            super::When::Person(waits) => Some(waits),
            super::When::Handed | super::When::At(_) => None,
        })
    }
}

impl Waits {
    /// What to do.
    pub fn sentence(&self) -> &'static str {
        match self {
            Waits::SignIn => "You are signed out. Sign in, and it goes on where it was.",
            Waits::Room { .. } => {
                "The disk is full. Make room, or choose another place. Either way it goes on where it was."
            }
            Waits::Place => {
                "The place you chose can't be used: its drive is gone, its folder is missing or read-only, or another file is in the way. Put that right, or choose another place. What has arrived is kept, unless it went with the drive."
            }
            Waits::Code { refused: None } => {
                "The service doesn't have your request, and your code isn't kept anywhere. Ask for a new code to go on."
            }
            Waits::Code {
                refused: Some(CodeRefusal::Wrong { .. }),
            } => "That code is wrong. Nothing was asked for yet. Enter it again, or ask for a new one.",
            Waits::Code {
                refused: Some(CodeRefusal::Expired),
            } => "That code is too old, or was used. Nothing was asked for yet. Ask for a new one.",
            Waits::Key => {
                "The service signs with a key that nobody known vouches for. That can be honest, or somebody in its place. Ask whoever runs the service before you go on."
            }
            Waits::Passphrase => {
                "It isn't encrypted yet: the passphrase isn't kept anywhere. Enter it again to encrypt the file."
            }
        }
    }

    /// What to do so that a file that is here is encrypted.
    fn while_sealing(&self) -> &'static str {
        match self {
            Waits::Room { .. } => {
                "It isn't encrypted yet: the disk is full. An encrypted copy needs as much room again. Make room, and encrypt it again."
            }
            Waits::Place => {
                "It can't be encrypted: the file isn't where it was put, or this passphrase isn't the one it was encrypted with. Connect its drive again, or try another passphrase."
            }
            Waits::SignIn | Waits::Code { .. } | Waits::Key | Waits::Passphrase => self.sentence(),
        }
    }

    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Waits::SignIn => "sign-in",
            Waits::Room { .. } => "no-room",
            Waits::Place => "place-missing",
            Waits::Code { refused: None } => "code-needed",
            Waits::Code {
                refused: Some(CodeRefusal::Wrong { .. }),
            } => "code-wrong",
            Waits::Code {
                refused: Some(CodeRefusal::Expired),
            } => "code-expired",
            Waits::Key => "key-changed",
            Waits::Passphrase => "passphrase-needed",
        }
    }
}

impl StartedOver {
    /// Why the download began again.
    pub fn sentence(&self) -> &'static str {
        match self {
            StartedOver::Changed => {
                "The service replaced the archive meanwhile, so the download started over."
            }
            StartedOver::CannotContinue => {
                "The service couldn't continue where the download stopped, so it started over."
            }
            StartedOver::Damaged => {
                "What had arrived wasn't what the service has, so the download started over."
            }
            StartedOver::PartGone => {
                "What had arrived was no longer in its folder, so the download started over."
            }
        }
    }
}

impl Notification {
    /// What it says.
    pub fn sentence(&self) -> &'static str {
        match self {
            Notification::Ready { .. } => "Your data is ready to download.",
            Notification::Expiring { .. } => {
                "Your data hasn't been downloaded, and the service soon removes it."
            }
            Notification::Verified => "Your data is here, complete and unchanged.",
            Notification::NotSound => {
                "Your data arrived damaged. It is set aside; you can download it again."
            }
            Notification::NotEncrypted => {
                "Your data is here, complete and unchanged, but it couldn't be encrypted and lies in plain."
            }
            Notification::Failed => "Your export needs you.",
        }
    }
}
