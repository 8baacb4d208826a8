//! Telling the person, in the window and on the desktop.

use settings_privacy_core::deletion::Notification;
use settings_privacy_core::export::WorkflowId;

use super::super::{Engine, Notice};

/// The code of the one standing message there is.
pub(super) const NOTICE: &str = "deletion";

/// What its button says.
const KEEP: &str = "Keep my account";

impl Engine {
    pub(super) async fn tell_of_deletion(&self, of: WorkflowId, notification: &Notification) {
        let message = notification.sentence();
        self.notice(Notice {
            code: NOTICE.to_owned(),
            message: message.to_owned(),
            file: None,
        });
        match notification {
            Notification::CoolingOff { .. } => self.offer_to_keep(of, message),
            Notification::Cancelled
            | Notification::Finalising
            | Notification::Deleted
            | Notification::NeedsYou => crate::desktop_notification::show(message).await,
        }
    }

    /// A button on the desktop itself, for as long as the notification is there.
    fn offer_to_keep(&self, of: WorkflowId, message: &'static str) {
        let engine = self.clone();
        self.in_background(async move {
            if !crate::desktop_notification::offer(message, KEEP).await {
                return;
            }
            engine.keep_account(of).await;
        });
    }

    /// Keeps an account for somebody who isn't looking at the window: that it couldn't be kept stands there as a message.
    pub async fn keep_account(&self, of: WorkflowId) {
        if let Err(error) = self.cancel_deletion(of).await {
            self.notice(Notice {
                code: NOTICE.to_owned(),
                message: error.to_string(),
                file: None,
            });
        }
    }
}
