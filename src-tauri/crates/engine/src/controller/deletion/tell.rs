//! Telling the person, in the window and on the desktop.

use settings_privacy_core::deletion::Notification;

use super::super::{Engine, Notice};

/// The code of the one standing message there is.
pub(super) const NOTICE: &str = "deletion";

/// What its button says.
const KEEP: &str = "Keep my account";

impl Engine {
    pub(super) async fn tell_of_deletion(&self, notification: &Notification) {
        let message = notification.sentence();
        self.notice(Notice {
            code: NOTICE.to_owned(),
            message: message.to_owned(),
            file: None,
        });
        match notification {
            Notification::CoolingOff { .. } => self.offer_to_keep(message),
            Notification::Cancelled
            | Notification::Finalising
            | Notification::Deleted
            | Notification::NeedsYou => crate::desktop_notification::show(message).await,
        }
    }

    /// A button on the desktop itself, for as long as the notification is there.
    fn offer_to_keep(&self, message: &'static str) {
        let engine = self.clone();
        self.in_background(async move {
            if !crate::desktop_notification::offer(message, KEEP).await {
                return;
            }
            if let Err(error) = engine.cancel_deletion().await {
                engine.notice(Notice {
                    code: NOTICE.to_owned(),
                    message: error.to_string(),
                    file: None,
                });
            }
        });
    }
}
