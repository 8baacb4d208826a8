//! A home of its own for the app: DingTalk's Flatpak as on Flathub, in temporary folders.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The metadata on Flathub.
const METADATA: &str = "[Application]
name=com.dingtalk.DingTalk
runtime=org.freedesktop.Platform/x86_64/24.08
command=dingtalk

[Context]
shared=network;ipc;
sockets=x11;pulseaudio;
devices=all;
filesystems=xdg-download;xdg-run/pipewire-0:ro;

[Session Bus Policy]
org.freedesktop.Notifications=talk
org.kde.*=own
";

/// An override as a careful person would have written it.
pub const OVERRIDE: &str = "# mine: no printing from DingTalk
[Context]
sockets=!cups;

[Environment]
# a larger font
GDK_SCALE=2
";

pub struct Home {
    folder: TempDir,
}

impl Home {
    pub fn with_dingtalk() -> Self {
        let home = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        let active = home
            .data()
            .join("flatpak/app/com.dingtalk.DingTalk/current/active");
        std::fs::create_dir_all(&active).expect("the folder can be made");
        std::fs::write(active.join("metadata"), METADATA).expect("the metadata can be written");
        std::fs::create_dir_all(home.override_file().parent().expect("it has a folder")).expect("made");
        std::fs::write(home.override_file(), OVERRIDE).expect("the override can be written");
        home
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    pub fn override_file(&self) -> PathBuf {
        self.data().join("flatpak/overrides/com.dingtalk.DingTalk")
    }

    pub fn override_text(&self) -> String {
        std::fs::read_to_string(self.override_file()).expect("the override is there")
    }

    /// What the app and Flatpak find when they look for this home.
    pub fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        vec![
            ("HOME", self.path().to_owned()),
            ("XDG_DATA_HOME", self.data()),
            ("XDG_CONFIG_HOME", self.path().join("config")),
            ("XDG_CACHE_HOME", self.path().join("cache")),
            ("XDG_STATE_HOME", self.path().join("state")),
        ]
    }

    /// What Flatpak itself says of the user's override.
    pub fn flatpak_shows(&self) -> String {
        let mut command = Command::new("flatpak");
        command
            .args(["override", "--user", "--show", "com.dingtalk.DingTalk"])
            .envs(self.environment());
        let shown = command
            .output()
            .expect("flatpak is installed: `cargo xtask test` sees to it");
        assert!(
            shown.status.success(),
            "{}",
            String::from_utf8_lossy(&shown.stderr)
        );
        String::from_utf8(shown.stdout).expect("flatpak writes text")
    }
}
