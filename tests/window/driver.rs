//! The app under WebDriver: started with a home, looked at by test identifiers, ended by its own pid.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, MutexGuard};

use crate::home::Home;

/// The app: the one built with these tests, or the one `SETTINGS_PRIVACY_APP` names (a release build, for figures).
static APP: LazyLock<PathBuf> = LazyLock::new(|| {
    let built = || env!("CARGO_BIN_EXE_settings-privacy").into();
    std::env::var_os("SETTINGS_PRIVACY_APP").map_or_else(built, PathBuf::from)
});
/// Nothing in the window should take longer, even on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The tests share one session bus, so they take turns.
static TURN: LazyLock<Mutex<()>> = LazyLock::new(Mutex::default);

pub async fn my_turn() -> MutexGuard<'static, ()> {
    TURN.lock().await
}

pub struct App<'a> {
    driver: Child,
    pub client: Client,
    home: &'a Home,
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it has an address").port()
}

impl<'a> App<'a> {
    pub async fn start(home: &'a Home) -> Self {
        let (port, native) = (free_port(), free_port());
        let program = std::env::var_os("TAURI_DRIVER").unwrap_or_else(|| "tauri-driver".into());
        let driver = Command::new(program)
            .args(["--port", &port.to_string(), "--native-port", &native.to_string()])
            .envs(home.environment())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("tauri-driver starts: `cargo xtask test` sees to it");
        let options = json!({ "browserName": "wry", "tauri:options": { "application": *APP } });
        let Value::Object(capabilities) = options else {
            unreachable!("it is an object")
        };
        let connect = async {
            loop {
                let mut builder = ClientBuilder::new(HttpConnector::new());
                builder.capabilities(capabilities.clone());
                match builder.connect(&format!("http://127.0.0.1:{port}")).await {
                    Ok(client) => break client,
                    // The driver offers no other sign that it listens than that a connection succeeds.
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
        };
        let client = tokio::time::timeout(PATIENCE * 2, connect)
            .await
            .expect("a window opens");
        Self { driver, client, home }
    }

    /// Starts the program once more, as by a second click, and waits for its end.
    pub async fn start_beside(home: &Home) -> std::process::ExitStatus {
        let mut second = Command::new(&*APP)
            .envs(home.environment())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let ended = tokio::time::timeout(PATIENCE, second.wait()).await;
        ended
            .expect("the second start ends by itself")
            .expect("its end can be waited for")
    }

    /// Starts the program as a person does, waits until its first view is painted, and ends it.
    pub async fn show_undriven(home: &Home) {
        let mut app = Command::new(&*APP)
            .envs(home.environment())
            .env("SETTINGS_PRIVACY_BENCH", "1")
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let mut said = BufReader::new(app.stderr.take().expect("it is a pipe")).lines();
        let shown = async {
            while let Some(line) = said.next_line().await.expect("it can be read") {
                if line.starts_with("first-view") {
                    return;
                }
            }
            panic!("it ended without a view");
        };
        tokio::time::timeout(PATIENCE, shown)
            .await
            .expect("it shows something");
        app.kill().await.expect("it can be ended");
    }

    fn css(id: &str) -> String {
        format!("[data-testid=\"{id}\"]")
    }

    /// Waits for an element.
    pub async fn find(&self, id: &str) -> Element {
        let css = Self::css(id);
        let found = self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(&css))
            .await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("{id} isn't there: {error}\n{}", self.text().await),
        }
    }

    pub async fn click(&self, id: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let clicked = self.find(id).await.click().await;
            match clicked {
                Ok(()) => return,
                // What is being redrawn is found again.
                Err(_) if Instant::now() < deadline => tokio::time::sleep(Duration::from_millis(50)).await,
                Err(error) => panic!("{id} can't be pressed: {error}"),
            }
        }
    }

    /// Waits until an element's attribute has a value.
    pub async fn until(&self, id: &str, attribute: &str, value: &str) {
        let css = format!("{}[{attribute}=\"{value}\"]", Self::css(id));
        let found = self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(&css))
            .await;
        if let Err(error) = found {
            let is = self.find(id).await.attr(attribute).await;
            panic!(
                "{id} has {attribute}={is:?}, not {value}: {error}\n{}",
                self.text().await
            );
        }
    }

    /// Everything the window says now.
    pub async fn text(&self) -> String {
        let text = self
            .client
            .execute("return document.body.innerText", vec![])
            .await;
        text.ok()
            .and_then(|text| text.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Waits until the window says something.
    pub async fn until_says(&self, words: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.text().await.contains(words) {
            assert!(
                Instant::now() < deadline,
                "never said “{words}”:\n{}",
                self.text().await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Ends the app as a power cut would.
    pub async fn kill(mut self) {
        let running = self.pids();
        assert!(!running.is_empty(), "the app runs");
        for pid in running {
            let status = std::process::Command::new("kill")
                .args(["-KILL", &pid.to_string()])
                .status();
            assert!(status.expect("kill is there").success());
        }
        self.ended().await;
        self.stop_driver().await;
    }

    /// Ends the app as a person would.
    pub async fn close(mut self) {
        // The window may be gone before the driver has answered.
        let _ = self.client.clone().close().await;
        self.ended().await;
        self.stop_driver().await;
    }

    /// SIGTERM lets the driver end WebKitWebDriver; SIGKILL would leave it behind.
    async fn stop_driver(&mut self) {
        if let Some(pid) = self.driver.id() {
            let status = std::process::Command::new("kill")
                .args(["-TERM", &pid.to_string()])
                .status();
            assert!(status.expect("kill is there").success());
        }
        self.driver.wait().await.expect("the driver ends");
    }

    /// Waits until the app has written what it had to and is gone.
    async fn ended(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.pids().is_empty() {
            assert!(Instant::now() < deadline, "the app doesn't end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The app's own processes: our program, with this home.
    fn pids(&self) -> Vec<u32> {
        let home = format!("HOME={}", self.home.path().display());
        let app = std::fs::canonicalize(&*APP).expect("the app was built");
        let mine = |pid: &u32| {
            let exe = std::fs::read_link(PathBuf::from(format!("/proc/{pid}/exe"))).unwrap_or_default();
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            exe == app
                && environment
                    .split(|byte| *byte == 0)
                    .any(|entry| entry == home.as_bytes())
        };
        let entries = std::fs::read_dir("/proc").expect("this is Linux");
        let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        pids.filter(mine).collect()
    }
}

/// A test that failed leaves no window behind: the program opens but one, and the next test would wait for its own.
impl Drop for App<'_> {
    fn drop(&mut self) {
        let driver = self.driver.id().map(|pid| ("-TERM", pid));
        let left = self.pids().into_iter().map(|pid| ("-KILL", pid));
        for (signal, pid) in left.chain(driver) {
            // Whoever has ended meanwhile needs no signal.
            let _ = std::process::Command::new("kill")
                .args([signal, &pid.to_string()])
                .status();
        }
        if std::thread::panicking() {
            // The driver ends WebKitWebDriver before itself; dropped at once, it would be killed before that.
            let deadline = Instant::now() + PATIENCE;
            while matches!(self.driver.try_wait(), Ok(None)) && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}
