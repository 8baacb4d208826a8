//! Telling the person, while they look elsewhere: a standing message in the window, and the desktop's own notification.

use jiff::tz::TimeZone;
use settings_privacy_core::export::{Export, Notification, Reply};

use super::super::{Engine, Notice};

impl Engine {
    pub(super) async fn tell(&self, export: &Export, notification: &Notification) -> Reply {
        let (code, until) = match notification {
            Notification::Ready { expires } => ("export-ready", Some(expires)),
            Notification::Expiring { expires } => ("export-expiring", Some(expires)),
            Notification::Verified => ("export-verified", None),
            Notification::NotSound => ("export-not-sound", None),
            Notification::NotEncrypted => ("export-not-encrypted", None),
            Notification::Failed => ("export-failed", None),
        };
        let mut message = notification.sentence().to_owned();
        if let Some(until) = until {
            let local = until
                .to_zoned_datetime(TimeZone::system())
                .strftime("%-d %B %Y, %H:%M");
            message += &format!(" It can be downloaded until {local}.");
        }
        let file = export.lies_at().map(|(path, _)| path.0.clone());
        // What was said of it before is over.
        for other in [
            "export-ready",
            "export-expiring",
            "export-not-sound",
            "export-not-encrypted",
            "export-failed",
        ] {
            super::super::lock(&self.shared.notices).retain(|notice| notice.code != other);
        }
        self.notice(Notice {
            code: code.to_owned(),
            message: message.clone(),
            file,
        });
        crate::desktop_notification::show(&message).await;
        Reply::Done
    }
}
