//! The program, killed at any call that changes a file while it ends an account: started again, it ends it, once.
//!
//! `strace` kills. It counts the calls of each thread apart, so a sample is a thread's n-th call of a kind. A few are
//! tried; `SETTINGS_PRIVACY_ALL_KILLS=1` tries twenty of each.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use jiff::SignedDuration;
use rustix::process::{Pid, Signal, kill_process};
use settings_privacy_api::{DeletionReceipt, RECEIPT_TYPE};
use settings_privacy_service::SettableClock;

use super::finalising::{furnish, telling};
use super::systems::{Does, Receiver};
use super::*;

/// Calls after which something is different on the disk.
const CALLS: [&str; 6] = [
    "pwrite64",
    "fdatasync",
    "fsync",
    "unlink",
    "unlinkat",
    "ftruncate",
];
/// How soon it goes on where it was.
const RECOVERY: Duration = Duration::from_secs(2);

fn samples() -> Vec<usize> {
    if std::env::var_os("SETTINGS_PRIVACY_ALL_KILLS").is_some() {
        // Twenty of each, dense where steps begin and end.
        return vec![
            1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 32, 40, 56, 72, 96, 128,
        ];
    }
    vec![1, 4, 16]
}

/// A folder with an account whose time to be kept was over long ago.
struct Ground {
    tried: Tried,
    session: Session,
    token: Token,
    systems: String,
}

impl Ground {
    async fn new(receiver: &Receiver) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Long before any clock of the machine this runs on.
        let clock = std::sync::Arc::new(SettableClock::new("2020-01-01T12:00:00Z".parse().unwrap()));
        let mut config = a_config(folder.path(), &clock);
        config.cooling_off = SignedDuration::from_mins(10);
        let service = settings_privacy_service::Service::open(config.clone())
            .await
            .unwrap();
        let way = Way::InProcess(service.router());
        let tried = Tried {
            folder,
            clock,
            service,
            way,
        };
        let session = tried.a_session(MEI).await;
        furnish(&tried, &session).await;
        tried.a_copy(&session, &["profile", "messages"], "eea").await;
        let (_, token) = asked(&tried, &session).await;
        tried.service.clone().close().await;
        let systems = format!("[[system]]\nname = 'search'\nurl = '{}'\n", receiver.url());
        Self {
            tried,
            session,
            token,
            systems,
        }
    }

    /// A copy of it, to be harmed.
    fn copied(&self) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let data = root.path().join("data");
        let done = Command::new("cp")
            .arg("-a")
            .arg(self.tried.folder.path())
            .arg(&data)
            .status();
        assert!(done.unwrap().success());
        std::fs::write(root.path().join("systems.toml"), &self.systems).unwrap();
        root
    }
}

/// A running server.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts one, to be killed at its n-th call of a kind, or not. None: it was killed before it spoke.
    fn start(root: &Path, kill: Option<(&str, usize)>) -> Option<Self> {
        let program = env!("CARGO_BIN_EXE_privacy-service");
        let mut command = match kill {
            None => Command::new(program),
            Some((call, nth)) => {
                let mut strace = Command::new("strace");
                strace
                    .args(["-f", "-qqq", "-o", "/dev/null", "-e", &format!("trace={call}")])
                    .args(["-e", &format!("inject={call}:signal=KILL:when={nth}")])
                    .arg(program);
                strace
            }
        };
        command.arg("serve").arg("--data").arg(root.join("data"));
        command.arg("--systems").arg(root.join("systems.toml"));
        command
            .env_remove("PRIVACY_SERVICE_SMTP_URL")
            .env("RUST_LOG", "warn");
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("strace isn't installed here: apt-get install strace");
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let Some(address) = line.trim().strip_prefix("listening on http://") else {
            child.wait().unwrap();
            return None;
        };
        let address = address.parse().unwrap();
        Some(Self { child, address })
    }

    fn stop(mut self) {
        kill_process(self.program(), Signal::TERM).unwrap();
        self.child.wait().unwrap();
    }

    /// The server itself: strace's child, where that runs it.
    fn program(&self) -> Pid {
        let own = Pid::from_child(&self.child);
        let id = own.as_raw_nonzero();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        let child = children
            .ok()
            .and_then(|list| list.split_whitespace().next()?.parse().ok());
        child.and_then(Pid::from_raw).unwrap_or(own)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the ending stood when the server died, read from a copy: looking would change what is there.
async fn stood_at(data: &Path) -> String {
    let copy = tempfile::tempdir().unwrap();
    for file in ["service.sqlite", "service.sqlite-wal"] {
        let _ = std::fs::copy(data.join(file), copy.path().join(file));
    }
    let url = format!("sqlite:{}", copy.path().join("service.sqlite").display());
    let mut sql = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url)
        .await
        .unwrap();
    sqlx::query_scalar("SELECT COALESCE(step, state) FROM deletions")
        .fetch_one(&mut sql)
        .await
        .unwrap()
}

/// Waits until the account is deleted, or the server is dead. Says which.
async fn until_deleted_or_dead(server: &mut Server, token: &Token) -> bool {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::new();
    let url = format!("http://{}{}", server.address, paths::DELETION);
    let began = Instant::now();
    loop {
        let answer = client.get(&url).bearer_auth(token.expose()).send().await;
        let text = match answer {
            Ok(answer) => answer.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        };
        if text.contains("\"deleted\"") {
            return true;
        }
        if server.child.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(began.elapsed() < PATIENCE, "it stays: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_write_it_ends_the_account_once_and_soon() {
    let receiver = Receiver::start(&[Does::Notes("R-9")]).await;
    let ground = Ground::new(&receiver).await;
    let (mut tried, mut killed, mut slowest) = (0, 0, Duration::ZERO);
    let mut stood = std::collections::BTreeSet::new();
    for call in CALLS {
        for nth in samples() {
            let root = ground.copied();
            let data = root.path().join("data");
            let mut was_killed = true;
            if let Some(mut server) = Server::start(root.path(), Some((call, nth))) {
                was_killed = !until_deleted_or_dead(&mut server, &ground.token).await;
                if !was_killed {
                    server.stop();
                }
            }
            if was_killed {
                stood.insert(stood_at(&data).await);
            }
            tried += 1;
            killed += usize::from(was_killed);

            let mut server = Server::start(root.path(), None).expect("it starts again");
            let began = Instant::now();
            assert!(
                until_deleted_or_dead(&mut server, &ground.token).await,
                "{call} {nth}: lost"
            );
            slowest = slowest.max(began.elapsed());
            let way = Way::tcp(server.address);
            let tried = Tried {
                folder: tempfile::tempdir().unwrap(),
                clock: ground.tried.clock.clone(),
                service: ground.tried.service.clone(),
                way,
            };
            let told: DeletionReceipt =
                says(&tried, &receipt(&tried, &ground.token).await, RECEIPT_TYPE).await;
            assert_eq!(told.downstream.len(), 1, "{call} {nth}");
            let reply = tried
                .get(paths::PROFILE, &ground.session.access_token)
                .send()
                .await;
            assert_eq!(
                reply.status,
                StatusCode::UNAUTHORIZED,
                "{call} {nth}: resurrected"
            );
            server.stop();
            assert_eq!(noted(&data).len(), 1, "{call} {nth}: noted once");
            for text in telling(&ground.session) {
                assert_eq!(holding(&data, &text), [""; 0], "{call} {nth}: {text}");
            }
        }
    }
    let figures =
        format!("{tried} tried, {killed} killed, the slowest recovery {slowest:?}, killed at {stood:?}");
    eprintln!("{figures}");
    assert!(killed * 3 >= tried, "too few were killed: {figures}");
    if samples().len() == 20 {
        assert!(
            stood.len() >= 8,
            "one kill at least before, at and after every step: {figures}"
        );
    }
    assert!(slowest <= RECOVERY, "{figures}");
    // Whatever was repeated, each copy of the ending was told under one name.
    let mut named = std::collections::BTreeSet::new();
    for token in receiver.heard() {
        use base64::Engine;
        let payload = token.split('.').nth(1).unwrap();
        let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(payload)
            .unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&payload).unwrap();
        named.insert(claims["jti"].to_string());
    }
    assert_eq!(named.len(), tried, "every ending was told, and under one name");
}
