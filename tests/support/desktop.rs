//! A desktop for one test: a home, a message bus and a keyring of its own, ended with it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use rustix::process::Signal;
use tempfile::TempDir;
use zbus::fdo::DBusProxy;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue};
use zbus::{Connection, connection};

use super::end;

/// Nothing of a desktop takes longer to appear.
const LIMIT: Duration = Duration::from_secs(20);
const KEYRING: &str = "org.freedesktop.secrets";
/// The login keyring's password.
const PASSWORD: &[u8] = b"a password for tests";

/// A desktop.
pub struct Desktop {
    keyring: Option<Child>,
    bus: Option<Bus>,
    home: TempDir,
}

struct Bus {
    daemon: Child,
    address: String,
}

impl Desktop {
    /// One with an unlocked keyring, and a permission store that starts when it is asked for.
    pub fn new() -> Self {
        let mut desktop = Self::without_keyring();
        desktop.unlock();
        desktop
    }

    /// One where nobody unlocked a keyring.
    pub fn without_keyring() -> Self {
        let mut desktop = Self::without_bus();
        let mut daemon = desktop.command(Path::new("dbus-daemon"));
        daemon.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        // What it starts speaks to nobody.
        let daemon = daemon
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut daemon = daemon.spawn().expect("dbus-daemon starts (package dbus)");
        let mut address = String::new();
        let stdout = daemon.stdout.take().expect("it is a pipe");
        BufReader::new(stdout)
            .read_line(&mut address)
            .expect("the bus gives its address");
        desktop.bus = Some(Bus {
            daemon,
            address: address.trim().to_owned(),
        });
        desktop
    }

    /// One without a message bus: no keyring, no permission store.
    pub fn without_bus() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let desktop = Self {
            keyring: None,
            bus: None,
            home,
        };
        for folder in [desktop.data(), desktop.runtime()] {
            std::fs::create_dir_all(folder).expect("a folder");
        }
        // Programs refuse a runtime folder that others can open.
        let mine = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(desktop.runtime(), mine).expect("it is ours");
        desktop
    }

    /// `HOME`.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// `XDG_DATA_HOME`.
    pub fn data(&self) -> PathBuf {
        self.home.path().join(".local/share")
    }

    /// The program's own folder.
    pub fn own(&self) -> PathBuf {
        self.data().join("settings-privacy")
    }

    fn runtime(&self) -> PathBuf {
        self.home.path().join("run")
    }

    /// A program started from this desktop, and from nothing else.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "LLVM_PROFILE_FILE"))
            .env("HOME", self.home.path())
            .env("XDG_DATA_HOME", self.data())
            .env("XDG_CONFIG_HOME", self.home.path().join(".config"))
            .env("XDG_CACHE_HOME", self.home.path().join(".cache"))
            .env("XDG_RUNTIME_DIR", self.runtime())
            .env("XDG_DATA_DIRS", "/usr/local/share:/usr/share")
            // Whatever stands in for the computer's own installation is none of a test's business.
            .env("FLATPAK_SYSTEM_DIR", self.home.path().join("var/lib/flatpak"))
            .env("TZ", "UTC");
        if let Some(bus) = &self.bus {
            command.env("DBUS_SESSION_BUS_ADDRESS", &bus.address);
        }
        command
    }

    /// Shows notifications from now on, and remembers what they say.
    pub fn show_notifications(&self) -> Notifications {
        let address = self.bus.as_ref().expect("this desktop has a bus").address.clone();
        let said: Arc<Mutex<Vec<String>>> = Arc::default();
        let shown = Shown(said.clone());
        let (ready, is_ready) = std::sync::mpsc::channel();
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let builder = connection::Builder::address(address.as_str()).expect("an address");
                let builder = builder.name("org.freedesktop.Notifications").expect("a name");
                let served = builder.serve_at("/org/freedesktop/Notifications", shown);
                let _bus = served.expect("a path").build().await.expect("the bus lets us in");
                ready.send(()).expect("somebody waits");
                // Dropped, it ends as well.
                let _ = ended.await;
            });
        });
        is_ready.recv_timeout(LIMIT).expect("it is there in time");
        Notifications {
            said,
            end: Some(end),
            thread: Some(thread),
        }
    }

    /// Locks the login keyring, as a screen lock may.
    pub fn lock(&self) {
        self.on_bus(async |bus| {
            let login = ObjectPath::from_static_str_unchecked("/org/freedesktop/secrets/collection/login");
            let locked: (Vec<OwnedObjectPath>, OwnedObjectPath) = bus
                .call_method(
                    Some(KEYRING),
                    "/org/freedesktop/secrets",
                    Some("org.freedesktop.Secret.Service"),
                    "Lock",
                    &vec![&login],
                )
                .await
                .and_then(|answer| answer.body().deserialize())
                .expect("the keyring is locked");
            assert_eq!(locked.0.len(), 1, "locking needs no question");
        });
    }

    /// Unlocks it: a keyring's own program takes the password only when it starts.
    pub fn unlock(&mut self) {
        if let Some(mut keyring) = self.keyring.take() {
            end(&mut keyring);
            self.await_keyring(false);
        }
        let mut daemon = self.command(Path::new("gnome-keyring-daemon"));
        daemon.args(["--foreground", "--unlock", "--components=secrets"]);
        let daemon = daemon
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut daemon = daemon
            .spawn()
            .expect("gnome-keyring-daemon starts (package gnome-keyring)");
        // The pipe's end says that the password is complete.
        let mut stdin = daemon.stdin.take().expect("it is a pipe");
        stdin.write_all(PASSWORD).expect("it reads the password");
        drop(stdin);
        self.keyring = Some(daemon);
        // Asked before that, the bus would start another one, which nobody unlocked.
        self.await_keyring(true);
    }

    /// Has the keyring's program stand still: it is there, and answers nobody.
    pub fn hang(&self) {
        self.signal(Signal::STOP);
    }

    /// Has it go on.
    pub fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        super::signal(self.keyring.as_ref().expect("this desktop has a keyring"), signal);
    }

    /// Waits until somebody is the keyring, or nobody is.
    fn await_keyring(&self, there: bool) {
        self.on_bus(async |bus| {
            let dbus = DBusProxy::new(bus).await.expect("the bus answers");
            // First the watch, then the look: nothing falls in between.
            let changes = dbus.receive_name_owner_changed_with_args(&[(0, KEYRING)]).await;
            let mut changes = changes.expect("the bus tells");
            while dbus
                .name_has_owner(KEYRING.try_into().expect("a name"))
                .await
                .expect("the bus answers")
                != there
            {
                changes.next().await.expect("the bus goes on");
            }
        });
    }

    fn on_bus(&self, work: impl AsyncFnOnce(&Connection)) {
        let bus = self.bus.as_ref().expect("this desktop has a bus");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let work = async {
            let builder = connection::Builder::address(bus.address.as_str()).expect("an address");
            let connection = builder.build().await.expect("the bus lets us in");
            work(&connection).await;
        };
        let done = runtime.block_on(async { tokio::time::timeout(LIMIT, work).await });
        done.expect("the desktop answers in time");
    }
}

/// What the desktop shows.
pub struct Notifications {
    said: Arc<Mutex<Vec<String>>>,
    end: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Notifications {
    /// What they said so far.
    pub fn said(&self) -> Vec<String> {
        self.said.lock().expect("nobody panics while holding it").clone()
    }
}

impl Drop for Notifications {
    fn drop(&mut self) {
        drop(self.end.take());
        let thread = self.thread.take().expect("it is there until now");
        thread.join().expect("it ended well");
    }
}

struct Shown(Arc<Mutex<Vec<String>>>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Shown {
    #[expect(clippy::too_many_arguments, reason = "the standard's own")]
    fn notify(
        &self,
        _app_name: String,
        _replaces: u32,
        _icon: String,
        _summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let mut said = self.0.lock().expect("nobody panics while holding it");
        said.push(body);
        u32::try_from(said.len()).expect("there are few")
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        if let Some(keyring) = &mut self.keyring {
            // One that stands still would hear of its end only when it goes on.
            super::signal(keyring, Signal::CONT);
            end(keyring);
        }
        if let Some(bus) = &mut self.bus {
            end(&mut bus.daemon);
        }
    }
}
