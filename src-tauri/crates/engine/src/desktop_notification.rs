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

/// Other systems' own notifications aren't asked for yet; the window says it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn show(_message: &str) -> std::future::Ready<()> {
    std::future::ready(())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;

    use zbus::zvariant::Value;

    const SUMMARY: &str = "Settings & Privacy";
    /// The desktop decides how long it is shown.
    const AS_USUAL: i32 = -1;

    pub(super) async fn show(message: &str) -> zbus::Result<()> {
        let bus = zbus::Connection::session().await?;
        let hints = HashMap::from([("desktop-entry", Value::from("settings-privacy"))]);
        let no_actions: &[&str] = &[];
        let body = (
            SUMMARY,
            0u32,
            "settings-privacy",
            SUMMARY,
            escaped(message),
            no_actions,
            hints,
            AS_USUAL,
        );
        let name = "org.freedesktop.Notifications";
        bus.call_method(
            Some(name),
            "/org/freedesktop/Notifications",
            Some(name),
            "Notify",
            &body,
        )
        .await?;
        Ok(())
    }

    /// A body may be read as markup.
    fn escaped(text: &str) -> String {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    }
}
