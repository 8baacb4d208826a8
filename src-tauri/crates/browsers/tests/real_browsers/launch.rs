//! Starting the browsers, without a display and without a driver, and closing them the way a person does.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::site::Site;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    Firefox,
    Chromium,
}

/// The program, or `None` where it may be missing.
pub(crate) fn find(program: Program) -> Option<PathBuf> {
    let name = match program {
        Program::Firefox => "firefox-esr",
        Program::Chromium => "chromium",
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file());
    let needed = std::env::var_os("CI").is_some()
        || std::env::var_os("SETTINGS_PRIVACY_BROWSERS").is_some_and(|value| value == "1");
    if found.is_none() {
        let advice = format!("{name} isn't installed: apt-get install {name}");
        assert!(!needed, "{advice}");
        println!("{advice}. Nothing was tested.");
    }
    found
}

/// A running browser. Dropped, it is stopped.
pub(crate) struct Driven {
    program: Program,
    child: Child,
}

impl Driven {
    /// Starts it with a home of its own below `root`, on the site's first page.
    pub(crate) fn start(program: Program, executable: &Path, root: &Path, site: &Site) -> Self {
        Self::start_at(program, executable, root, site, &site.first())
    }

    /// Starts it with a home of its own below `root`, on one of the site's pages.
    pub(crate) fn start_at(
        program: Program,
        executable: &Path,
        root: &Path,
        site: &Site,
        address: &str,
    ) -> Self {
        Self::start_through(program, executable, root, Some(address), &site.origins(), None)
    }

    /// Starts it with a home of its own below `root`, where it opens again what was open.
    pub(crate) fn reopen(program: Program, executable: &Path, root: &Path, site: &Site) -> Self {
        Self::start_through(program, executable, root, None, &site.origins(), None)
    }

    /// Starts it on this page, or where it was. `origins` count as secure; with a proxy on this machine, by its port, addresses need no
    /// port of their own.
    pub(crate) fn start_through(
        program: Program,
        executable: &Path,
        root: &Path,
        address: Option<&str>,
        origins: &[String],
        proxy: Option<u16>,
    ) -> Self {
        let home = root.join("home");
        let mut command = match program {
            Program::Firefox => firefox(executable, &home, origins, proxy, address.is_none()),
            Program::Chromium => chromium(executable, &home, origins, proxy),
        };
        match (address, program) {
            (Some(address), _) => command.arg(address),
            (None, Program::Chromium) => command.arg("--restore-last-session"),
            (None, Program::Firefox) => &mut command,
        };
        for name in [
            "XDG_CONFIG_HOME",
            "XDG_CACHE_HOME",
            "XDG_DATA_HOME",
            "DBUS_SESSION_BUS_ADDRESS",
        ] {
            command.env_remove(name);
        }
        let child = command
            .env("HOME", &home)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        Self { program, child }
    }

    /// Closes it cleanly, and waits until it has.
    pub(crate) fn close(&mut self) {
        match self.program {
            Program::Firefox => self.signal(),
            Program::Chromium => {
                let pipe = self.child.stdin.as_mut().expect("it is piped");
                pipe.write_all(b"{\"id\":1,\"method\":\"Browser.close\"}\0")
                    .expect("it listens");
                pipe.flush().expect("it listens");
            }
        }
        let begun = Instant::now();
        while self.child.try_wait().expect("it is ours").is_none() {
            assert!(begun.elapsed() < Duration::from_secs(40), "it doesn't close");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn signal(&self) {
        let pid = i32::try_from(self.child.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn firefox(executable: &Path, home: &Path, origins: &[String], proxy: Option<u16>, reopens: bool) -> Command {
    let root = home.join(".config/mozilla/firefox");
    let profile = root.join("abcd.default-esr");
    std::fs::create_dir_all(&profile).expect("a folder");
    std::fs::write(
        root.join("profiles.ini"),
        "[Profile0]\nName=default-esr\nIsRelative=1\nPath=abcd.default-esr\nDefault=1\n",
    )
    .expect("a file");
    let hosts: Vec<&str> = origins
        .iter()
        .filter_map(|origin| origin.strip_prefix("http://")?.split(':').next())
        .collect();
    let mut preferences = vec![
        ("network.dns.forceResolve", "\"127.0.0.1\"".to_owned()),
        ("dom.securecontext.allowlist", format!("\"{}\"", hosts.join(","))),
        ("dom.serviceWorkers.testing.enabled", "true".to_owned()),
        ("dom.security.https_first", "false".to_owned()),
        // Ended by a signal, it would open its pages again.
        ("browser.sessionstore.resume_from_crash", reopens.to_string()),
        ("browser.shell.checkDefaultBrowser", "false".to_owned()),
        ("browser.aboutwelcome.enabled", "false".to_owned()),
        ("datareporting.policy.dataSubmissionEnabled", "false".to_owned()),
        ("termsofuse.bypassNotification", "true".to_owned()),
        ("toolkit.telemetry.reportingpolicy.firstRun", "false".to_owned()),
    ];
    if reopens {
        preferences.push(("browser.startup.page", "3".to_owned()));
    }
    if let Some(port) = proxy {
        preferences.extend([
            ("network.proxy.type", "1".to_owned()),
            ("network.proxy.http", "\"127.0.0.1\"".to_owned()),
            ("network.proxy.http_port", port.to_string()),
        ]);
    }
    let lines: Vec<String> = preferences
        .iter()
        .map(|(name, value)| format!("user_pref(\"{name}\", {value});\n"))
        .collect();
    std::fs::write(profile.join("user.js"), lines.concat()).expect("a file");
    let mut command = Command::new(executable);
    command
        .args(["--headless", "--no-remote", "--profile"])
        .arg(profile);
    command
}

fn chromium(executable: &Path, home: &Path, origins: &[String], proxy: Option<u16>) -> Command {
    let profile = home.join(".config/chromium");
    std::fs::create_dir_all(&profile).expect("a folder");
    // Commands reach it by descriptor 3: the shell puts our pipe there.
    let mut command = Command::new("sh");
    command
        .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>/dev/null </dev/null"])
        .arg(executable)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-quic",
            "--remote-debugging-pipe",
            "--disable-features=HttpsUpgrades",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg("--host-resolver-rules=MAP * 127.0.0.1, EXCLUDE 127.0.0.1")
        .arg(format!(
            "--unsafely-treat-insecure-origin-as-secure={}",
            origins.join(",")
        ))
        .args(proxy.map(|port| format!("--proxy-server=http://127.0.0.1:{port}")));
    command
}
