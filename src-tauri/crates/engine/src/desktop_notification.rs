//! The desktop's own notifications ([freedesktop.org](https://specifications.freedesktop.org/notification-spec/latest/)).
//! A desktop without them shows nothing: whatever is told here stands in the window as well.

/// Shows one, if the desktop can.
#[cfg(target_os = "linux")]
pub(crate) async fn show(message: &str) {
    use std::time::Duration;

    /// A desktop that doesn't answer by then isn't waited for.
    const LIMIT: Duration = Duration::from_secs(2);
    match tokio::time::timeout(LIMIT, linux::show(message)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::info!(%error, "the desktop shows no notifications"),
        Err(_) => tracing::info!("the desktop doesn't answer about notifications"),
    }
}

/// Shows one with a button, and waits until it is pressed (`true`) or the notification is gone.
#[cfg(target_os = "linux")]
pub(crate) async fn offer(message: &str, button: &str) -> bool {
    linux::offer(message, button).await.unwrap_or_else(|error| {
        tracing::info!(%error, "the desktop shows no notifications");
        false
    })
}

/// Other systems' own notifications aren't asked for yet; the window has the button.
#[cfg(not(target_os = "linux"))]
pub(crate) fn offer(_message: &str, _button: &str) -> std::future::Ready<bool> {
    std::future::ready(false)
}

/// Other systems' own notifications aren't asked for yet; the window says it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn show(_message: &str) -> std::future::Ready<()> {
    std::future::ready(())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;

    use futures_util::StreamExt;
    use zbus::zvariant::Value;

    const SUMMARY: &str = "Settings & Privacy";
    /// The desktop decides how long it is shown.
    const AS_USUAL: i32 = -1;

    const NAME: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";
    /// The name of the one button there is.
    const BUTTON: &str = "offered";

    pub(super) async fn show(message: &str) -> zbus::Result<()> {
        let bus = zbus::Connection::session().await?;
        notify(&bus, message, &[]).await.map(drop)
    }

    pub(super) async fn offer(message: &str, button: &str) -> zbus::Result<bool> {
        let bus = zbus::Connection::session().await?;
        let notifications = zbus::Proxy::new(&bus, NAME, PATH, NAME).await?;
        // Listened for before it is shown: somebody may be quick.
        let mut pressed = notifications.receive_signal("ActionInvoked").await?;
        let mut closed = notifications.receive_signal("NotificationClosed").await?;
        let id = notify(&bus, message, &[BUTTON, button]).await?;
        loop {
            tokio::select! {
                biased;
                Some(signal) = pressed.next() => {
                    let (of, which): (u32, String) = signal.body().deserialize()?;
                    if of == id && which == BUTTON {
                        return Ok(true);
                    }
                }
                Some(signal) = closed.next() => {
                    let (of, _why): (u32, u32) = signal.body().deserialize()?;
                    if of == id {
                        return Ok(false);
                    }
                }
                else => return Ok(false),
            }
        }
    }

    /// Gives the notification's number.
    async fn notify(bus: &zbus::Connection, message: &str, actions: &[&str]) -> zbus::Result<u32> {
        let hints = HashMap::from([("desktop-entry", Value::from("settings-privacy"))]);
        let body = (
            SUMMARY,
            0u32,
            "settings-privacy",
            SUMMARY,
            escaped(message),
            actions,
            hints,
            AS_USUAL,
        );
        let answer = bus
            .call_method(Some(NAME), PATH, Some(NAME), "Notify", &body)
            .await?;
        answer.body().deserialize()
    }

    /// A body may be read as markup.
    fn escaped(text: &str) -> String {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    }
}
