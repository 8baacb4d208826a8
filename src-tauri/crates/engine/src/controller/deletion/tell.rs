//! Telling the person, in the window and on the desktop.

use settings_privacy_core::deletion::Notification;

use super::super::{Engine, Notice};

/// The code of the one standing message there is.
pub(super) const NOTICE: &str = "deletion";

impl Engine {
    pub(super) async fn tell_of_deletion(&self, notification: &Notification) {
        let message = notification.sentence();
        self.notice(Notice {
            code: NOTICE.to_owned(),
            message: message.to_owned(),
            file: None,
        });
        crate::desktop_notification::show(message).await;
    }
}
