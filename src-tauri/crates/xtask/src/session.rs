//! A desktop session of our own: a D-Bus, and for tests also a home and an unlocked keyring.
//!
//! Tests write permissions, overrides and secrets. In here they cannot meet the ones of the person who runs them.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::command;
use crate::failure::{Failure, Outcome, file};

/// A session bus, gone when this is dropped, and with it the services it started.
pub struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    /// Starts one for programs with the surroundings `prepare` gives them.
    pub fn start(prepare: impl FnOnce(&mut Command)) -> Outcome<Self> {
        let mut dbus = command::bound("dbus-daemon");
        dbus.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        prepare(&mut dbus);
        // Services it starts speak to its stderr, in nobody's interest.
        let mut daemon = command::start(
            dbus.stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        )?;
        let mut address = String::new();
        if let Some(stdout) = daemon.stdout.take() {
            // An error leaves the address empty, which is what is looked at.
            let _ = BufReader::new(stdout).read_line(&mut address);
        }
        let address = address.trim().to_owned();
        if address.is_empty() {
            command::end(&mut daemon);
            return Err(Failure::Unmet(
                "dbus-daemon gave no address. Run it yourself to see why: dbus-daemon --session".into(),
            ));
        }
        Ok(Self { daemon, address })
    }

    /// Lets a program speak on this bus.
    pub fn offer_to(&self, program: &mut Command) {
        program.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        command::end(&mut self.daemon);
    }
}

/// A bus, a keyring and an empty home. Dropping it ends the first two and removes the third.
pub struct Session {
    keyring: Child,
    bus: Bus,
    home: Home,
}

impl Session {
    /// Starts one, and makes sure that its keyring takes and gives back a secret.
    pub fn start() -> Outcome<Self> {
        let home = Home::make()?;
        let bus = Bus::start(|daemon| home.offer_to(daemon))?;
        let mut daemon = command::bound("gnome-keyring-daemon");
        daemon.args(["--foreground", "--unlock", "--components=secrets"]);
        home.offer_to(&mut daemon);
        bus.offer_to(&mut daemon);
        let mut keyring = command::start(
            daemon
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        )?;
        // Dropping the pipe tells the daemon that the password is complete.
        let told = keyring
            .stdin
            .take()
            .map_or(Ok(()), |mut stdin| stdin.write_all(b"a password for tests"));
        let session = Self { keyring, bus, home };
        told.map_err(|source| Failure::Start {
            line: "gnome-keyring-daemon --unlock".into(),
            source,
        })?;
        session.try_keyring()?;
        Ok(session)
    }

    /// Lets a program live in it.
    pub fn offer_to(&self, program: &mut Command) {
        self.home.offer_to(program);
        self.bus.offer_to(program);
    }

    /// Without this a keyring that failed to open shows as dozens of failed tests.
    fn try_keyring(&self) -> Outcome {
        self.await_keyring()?;
        let mut store = Command::new("secret-tool");
        store.args(["store", "--label=settings-privacy-xtask", "of", "xtask"]);
        self.offer_to(&mut store);
        let mut storing = command::start(store.stdin(Stdio::piped()))?;
        let told = storing
            .stdin
            .take()
            .map_or(Ok(()), |mut stdin| stdin.write_all(b"works"));
        let stored = storing.wait().is_ok_and(|status| status.success());

        let mut lookup = Command::new("secret-tool");
        lookup.args(["lookup", "of", "xtask"]);
        self.offer_to(&mut lookup);
        if told.is_ok() && stored && command::output(&mut lookup).is_ok_and(|found| found == "works") {
            Ok(())
        } else {
            Err(Failure::Unmet(
                "The keyring for the tests does not keep a secret (gnome-keyring-daemon).".into(),
            ))
        }
    }

    /// Waits until our daemon is the one that answers. A request before that would make the bus start a second
    /// one, whose keyring nobody unlocked.
    fn await_keyring(&self) -> Outcome {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            let mut ask = Command::new("dbus-send");
            ask.args([
                "--session",
                "--print-reply=literal",
                "--dest=org.freedesktop.DBus",
                "/org/freedesktop/DBus",
            ]);
            ask.args([
                "org.freedesktop.DBus.NameHasOwner",
                "string:org.freedesktop.secrets",
            ]);
            self.offer_to(&mut ask);
            if command::output(&mut ask)?.contains("true") {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(Failure::Unmet(
            "gnome-keyring-daemon did not appear on the tests' own bus within 10 seconds.".into(),
        ))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        command::end(&mut self.keyring);
    }
}

/// A temporary home directory with the folders of the XDG base directory specification.
struct Home {
    path: PathBuf,
}

impl Home {
    fn make() -> Outcome<Self> {
        let path = env::temp_dir().join(format!("settings-privacy-test-{}", std::process::id()));
        for (_, folder) in FOLDERS {
            let folder = path.join(folder);
            fs::create_dir_all(&folder).map_err(file("make a home for the tests", folder))?;
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // XDG_RUNTIME_DIR has to be its owner's alone, or programs refuse it.
            let ours = fs::Permissions::from_mode(0o700);
            fs::set_permissions(path.join("run"), ours)
                .map_err(file("close the runtime folder to others", &path))?;
        }
        Ok(Self { path })
    }

    fn offer_to(&self, program: &mut Command) {
        // The toolchain is the person's, though the home isn't.
        for (variable, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            let usual = env::home_dir()
                .map(|home| home.join(folder))
                .filter(|path| path.is_dir());
            if let (None, Some(usual)) = (env::var_os(variable), usual) {
                program.env(variable, usual);
            }
        }
        for (variable, folder) in FOLDERS {
            program.env(variable, OsString::from(self.path.join(folder)));
        }
        // Nothing of the session we were started in.
        for variable in [
            "DISPLAY",
            "WAYLAND_DISPLAY",
            "DBUS_SESSION_BUS_ADDRESS",
            "GNOME_KEYRING_CONTROL",
        ] {
            program.env_remove(variable);
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // A service may still be writing its last; a folder left in the system's temporary one does no harm.
        let _ = fs::remove_dir_all(&self.path);
    }
}

const FOLDERS: [(&str, &str); 6] = [
    ("HOME", ""),
    ("XDG_CONFIG_HOME", ".config"),
    ("XDG_DATA_HOME", ".local/share"),
    ("XDG_STATE_HOME", ".local/state"),
    ("XDG_CACHE_HOME", ".cache"),
    ("XDG_RUNTIME_DIR", "run"),
];
