//! A small computer for one test: folders laid out like a real one's, and a message bus of its own.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use settings_privacy_core::data;
use settings_privacy_core::permission::{
    Catalogue, Context, Effective, Layer, Observation, PermissionId, Plan, Store, Wanted, plan, resolve,
};
use settings_privacy_devices::{Desktop, Places, Watch};
use tempfile::TempDir;

/// The app.
pub const APP: &str = "com.dingtalk.DingTalk";

/// What DingTalk asks for on Flathub.
pub const METADATA: &str = "[Application]
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

/// Where an installation lies.
#[derive(Debug, Clone, Copy)]
pub enum Whose {
    User,
    System,
}

/// The computer.
pub struct Computer {
    folder: TempDir,
    bus: Option<Bus>,
}

impl Computer {
    /// One without a session bus.
    pub fn without_bus() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, bus: None }
    }

    /// One whose bus starts the real permission store when it is asked for.
    pub fn new() -> Self {
        let mut computer = Self::without_bus();
        computer.bus = Some(Bus::start(computer.root(), "<standard_session_servicedirs/>"));
        computer
    }

    /// One whose bus knows no services.
    pub fn without_store() -> Self {
        let mut computer = Self::without_bus();
        computer.bus = Some(Bus::start(computer.root(), ""));
        computer
    }

    /// One with the app in the user's installation and the real store.
    pub fn with_dingtalk() -> Self {
        let computer = Self::new();
        computer.install(Whose::User, METADATA);
        computer
    }

    /// Ends the bus and starts another at the same address.
    pub fn restart_bus(&mut self) {
        let old = self.bus.take().expect("it has a bus");
        let path = old.address.split('=').nth(1).expect("a path").to_owned();
        drop(old);
        let services = "<standard_session_servicedirs/>";
        self.bus = Some(Bus::start_at(self.root(), services, &format!("unix:path={path}")));
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn data_home(&self) -> PathBuf {
        self.root().join("home/.local/share")
    }

    pub fn installation(&self, whose: Whose) -> PathBuf {
        match whose {
            Whose::User => self.data_home().join("flatpak"),
            Whose::System => self.root().join("var/lib/flatpak"),
        }
    }

    pub fn bus_address(&self) -> Option<String> {
        self.bus.as_ref().map(|bus| bus.address.clone())
    }

    pub fn places(&self) -> Places {
        let mut places = Places::under(self.root());
        places.session_bus = self.bus_address();
        places
    }

    pub fn desktop(&self) -> Desktop {
        Desktop::new(self.places())
    }

    /// Lays the app down as Flatpak deploys it.
    pub fn install(&self, whose: Whose, metadata: &str) {
        let app = self.installation(whose).join("app").join(APP);
        let branch = app.join("x86_64/stable");
        write(&branch.join("0123abcd/metadata"), metadata);
        symlink("0123abcd", branch.join("active")).expect("a link");
        symlink("x86_64/stable", app.join("current")).expect("a link");
    }

    /// Has the real `flatpak` build and install the app; no network is needed.
    pub fn install_for_real(&self, whose: Whose) {
        let build = self.root().join("build");
        write(&build.join("metadata"), METADATA);
        for folder in ["files", "export"] {
            std::fs::create_dir_all(build.join(folder)).expect("the folder");
        }
        let repo = self.root().join("repo").display().to_string();
        self.flatpak(&["build-export", &repo, &build.display().to_string(), "stable"]);
        // As the user's, wherever it is: only an administrator may install for the computer.
        let into = |arguments: &[&str]| self.flatpak_with(arguments, &self.installation(whose));
        into(&["remote-add", "--user", "--no-gpg-verify", "here", &repo]);
        into(&[
            "install",
            "--user",
            "--no-deps",
            "--noninteractive",
            "-y",
            "here",
            APP,
        ]);
    }

    /// What the real `flatpak` gives the app, all overrides merged.
    pub fn flatpak_gives(&self, whose: Whose) -> String {
        let whose = match whose {
            Whose::User => "--user",
            Whose::System => "--system",
        };
        self.flatpak(&["info", whose, "--show-permissions", APP])
    }

    pub fn override_path(&self) -> PathBuf {
        self.installation(Whose::User).join("overrides").join(APP)
    }

    pub fn override_text(&self) -> Option<String> {
        std::fs::read_to_string(self.override_path()).ok()
    }

    pub fn write_override(&self, text: &str) {
        write(&self.override_path(), text);
    }

    /// The real `flatpak`, on this computer's folders and bus.
    pub fn flatpak(&self, arguments: &[&str]) -> String {
        self.flatpak_with(arguments, &self.installation(Whose::User))
    }

    fn flatpak_with(&self, arguments: &[&str], user: &Path) -> String {
        let mut command = Command::new("flatpak");
        command
            .args(arguments)
            .env("HOME", self.root().join("home"))
            .env("XDG_DATA_HOME", self.data_home())
            .env("FLATPAK_USER_DIR", user)
            .env("FLATPAK_SYSTEM_DIR", self.installation(Whose::System))
            .env("LC_ALL", "C.UTF-8")
            .env_remove("DBUS_SESSION_BUS_ADDRESS");
        if let Some(address) = self.bus_address() {
            command.env("DBUS_SESSION_BUS_ADDRESS", address);
        }
        let output = command
            .output()
            .expect("flatpak isn't installed here: apt-get install flatpak");
        assert!(
            output.status.success(),
            "flatpak {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("text")
    }

    /// What the real `flatpak` says about the user's override for the app.
    pub fn flatpak_shows(&self) -> String {
        self.flatpak(&["override", "--user", "--show", APP])
    }
}

/// Writes a file and the folders above it.
pub fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
    std::fs::write(path, text).expect("the file");
}

/// A message bus, ended with the test.
pub struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    fn start(root: &Path, services: &str) -> Self {
        let socket = root.join("session-bus");
        Self::start_at(root, services, &format!("unix:path={}", socket.display()))
    }

    fn start_at(root: &Path, services: &str, listen: &str) -> Self {
        let config = root.join("bus.conf");
        let text = format!(
            "<busconfig><type>session</type><listen>{listen}</listen>{services}<policy context=\"default\">\
             <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>"
        );
        write(&config, &text);
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .env("HOME", root.join("home"))
            .env("XDG_DATA_HOME", root.join("home/.local/share"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon isn't installed here: apt-get install dbus-daemon");
        let mut address = String::new();
        let out = daemon.stdout.take().expect("it is piped");
        BufReader::new(out)
            .read_line(&mut address)
            .expect("the bus says its address");
        // Without the identity of this very bus, as desktops hand it out.
        let address = address
            .trim()
            .split(",guid=")
            .next()
            .unwrap_or_default()
            .to_owned();
        assert!(!address.is_empty(), "the bus didn't start");
        Self { daemon, address }
    }
}

impl Drop for Bus {
    /// Ends the bus; what it started ends with it.
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

pub fn catalogue() -> &'static Catalogue {
    data::permissions()
}

pub fn id(which: &str) -> PermissionId {
    PermissionId::new(which)
}

/// What a person's wish comes to, on what is there now.
pub async fn planned(desktop: &Desktop, which: &str, wanted: Wanted) -> Plan {
    let seen = desktop.observe(catalogue()).await;
    plan(catalogue(), &seen, &id(which), wanted).expect("it can be switched")
}

/// Does what a person wants.
pub async fn switch(desktop: &Desktop, which: &str, wanted: Wanted) {
    let plan = planned(desktop, which, wanted).await;
    desktop
        .apply(catalogue(), &plan.edits)
        .await
        .expect("it is switched");
}

pub fn effective(seen: &Observation, which: &str) -> Effective {
    let all = resolve(catalogue(), seen);
    all.into_iter()
        .find(|standing| standing.permission == id(which))
        .expect("it is in the catalogue")
        .effective
}

pub fn codes(seen: &Observation) -> Vec<&'static str> {
    seen.problems.iter().map(|problem| problem.code).collect()
}

pub fn layer(seen: &Observation, which: Layer) -> Option<&Context> {
    let found = seen.layers.iter().find(|layer| layer.layer == which);
    found.map(|layer| &layer.context)
}

/// An observation without empty lists and layers: they say nothing.
pub fn without_empties(mut seen: Observation) -> Observation {
    for layer in &mut seen.layers {
        layer.context.lists.retain(|_, entries| !entries.is_empty());
    }
    seen.layers
        .retain(|layer| !layer.context.lists.is_empty() || !layer.context.buses.is_empty());
    if let Store::Answered(answers) = &mut seen.store {
        answers.retain(|_, value| !value.is_empty());
    }
    seen
}

/// Waits for the next word of a watch.
pub async fn told(watch: &mut Watch, within: Duration) -> bool {
    matches!(tokio::time::timeout(within, watch.changed()).await, Ok(Some(())))
}
