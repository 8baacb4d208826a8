//! macOS: System Settings decides; an address opens its pages.

use std::process::Command;

use settings_privacy_core::permission::Permission;

/// What the system calls its settings.
pub(super) const SETTINGS: &str = "System Settings";

/// The address of a permission's page.
pub(super) fn uri(permission: &Permission) -> Option<&str> {
    permission.settings.macos.as_deref()
}

/// What opens an address.
pub(super) fn opener(uri: &str) -> Command {
    let mut command = Command::new("/usr/bin/open");
    command.arg(uri);
    command
}
