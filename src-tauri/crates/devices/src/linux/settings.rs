//! GNOME's own settings pages, where GNOME is the desktop and its settings program is installed.

use std::process::Stdio;

use settings_privacy_core::permission::Permission;

use crate::error::DeviceError;
use crate::places::Places;
use crate::settings::{How, SettingsPage};

const PROGRAM: &str = "gnome-control-center";

/// Whether this desktop's settings can be opened.
pub(super) fn are_there(places: &Places) -> bool {
    // Elsewhere GNOME's settings refuse to start.
    let on_gnome = places
        .desktop
        .split(':')
        .any(|name| matches!(name, "GNOME" | "Unity"));
    on_gnome
        && places
            .programs
            .iter()
            .any(|folder| folder.join(PROGRAM).is_file())
}

/// The page for a permission, where there are settings. For an app in a sandbox it is the app's own page, else the
/// permission's.
pub(super) fn page(sandboxed: Option<&str>, permission: &Permission) -> Option<SettingsPage> {
    let (label, arguments) = match (sandboxed, &permission.settings.gnome) {
        (Some(app), _) => (
            "Settings: Apps: DingTalk".to_owned(),
            vec!["applications".to_owned(), app.to_owned()],
        ),
        (None, Some(panel)) => (format!("Settings: {}", permission.name), vec![panel.clone()]),
        (None, None) => return None,
    };
    let program = PROGRAM.to_owned();
    Some(SettingsPage {
        label,
        how: How::Command { program, arguments },
    })
}

/// Starts the page's program, without a shell and without waiting for its end.
pub(super) fn open(places: &Places, page: SettingsPage) -> Result<(), DeviceError> {
    let (name, arguments) = match page.how {
        How::Command { program, arguments } => (program, arguments),
        How::Uri(uri) => ("xdg-open".to_owned(), vec![uri]),
    };
    let found = places.programs.iter().map(|folder| folder.join(&name));
    let program = found
        .into_iter()
        .find(|path| path.is_file())
        .unwrap_or_else(|| name.into());
    let started = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    // The runtime waits for it once it has ended.
    started
        .map(drop)
        .map_err(|source| DeviceError::SettingsNotOpened {
            label: page.label,
            source,
        })
}
