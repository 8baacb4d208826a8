//! DingTalk as Flathub has it, laid down as Flatpak lays it down.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::desktop::Desktop;

/// The app.
pub const APP: &str = "com.dingtalk.DingTalk";

const METADATA: &str = "\
[Application]
name=com.dingtalk.DingTalk
runtime=org.freedesktop.Platform/x86_64/24.08

[Context]
shared=network;ipc;
sockets=x11;pulseaudio;
devices=all;
filesystems=xdg-download;xdg-run/pipewire-0:ro;

[Session Bus Policy]
org.freedesktop.Notifications=talk
org.kde.*=own
";

impl Desktop {
    /// Puts DingTalk's Flatpak there, for this user.
    pub fn install_dingtalk(&self) {
        let app = self.data().join("flatpak/app").join(APP);
        let branch = app.join("x86_64/stable");
        write(&branch.join("0123abcd/metadata"), METADATA);
        symlink("0123abcd", branch.join("active")).expect("a link");
        symlink("x86_64/stable", app.join("current")).expect("a link");
    }

    /// The user's override file for it.
    pub fn overrides(&self) -> PathBuf {
        self.data().join("flatpak/overrides").join(APP)
    }

    /// Writes the override file.
    pub fn write_overrides(&self, text: &str) {
        write(&self.overrides(), text);
    }

    /// The override file, byte for byte; `None` when there is none.
    pub fn read_overrides(&self) -> Option<Vec<u8>> {
        std::fs::read(self.overrides()).ok()
    }

    /// What the real `flatpak` reads in it.
    pub fn flatpak_shows(&self) -> String {
        let mut flatpak = self.command(Path::new("flatpak"));
        let output = flatpak
            .args(["override", "--user", "--show", APP])
            .output()
            .expect("flatpak starts");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("it speaks UTF-8")
    }
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
    std::fs::write(path, text).expect("it can be written");
}
