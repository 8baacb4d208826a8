//! What a download costs beside `curl -o`, and the memory of both sides at several sizes.
//!
//! `cargo bench -p settings-privacy-embedded --bench export [-- MB …]`: 1036 MB (988 MiB), or the first size that is
//! given, is timed against curl in turns; then 100 MB, 1 GB and 10 GB, or the sizes that are given, are asked for their
//! memory. Client and server are
//! processes of their own, and talk over loopback. Needs `curl`, and room in the temporary folder for four times the
//! largest size.

#![expect(clippy::print_stdout, reason = "figures are what it is for")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use settings_privacy_core::export::Stage;
use settings_privacy_core::regime::RegimeId;
use settings_privacy_devices::Places;
use settings_privacy_engine::api::{self, StepUpPurpose};
use settings_privacy_engine::client::{Client, Https, ServiceAddress};
use settings_privacy_engine::places::OwnPlaces;
use settings_privacy_engine::{BrowserPlaces, Engine, ExportWish, Hosted, Hosts, Options, Place};
use settings_privacy_service::{Config, SAMPLE_IDENTIFIER, Service};
use uuid::Uuid;

const TIMED: u64 = 1036;
const ROUNDS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|told| told != "--bench")
        .collect();
    match &arguments[..] {
        [what, folder, megabytes] if what == "serve" => return serve(Path::new(folder), number(megabytes)),
        [what, address, folder] if what == "follow" => return follow(address, Path::new(folder)),
        _ => {}
    }
    let (timed, sizes): (u64, Vec<u64>) = match arguments.first() {
        None => (TIMED, vec![100, 1_000, 10_000]),
        Some(first) => (number(first), arguments.iter().map(|told| number(told)).collect()),
    };
    beside_curl(timed);
    for megabytes in sizes {
        memory_at(megabytes);
    }
}

fn number(text: &str) -> u64 {
    text.parse().expect("a size is a number of MB")
}

/// One process of this program.
struct Other {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Other {
    fn start(arguments: &[&str]) -> Self {
        let this = std::env::current_exe().expect("it runs");
        let mut child = Command::new(this)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        Self {
            stdin: child.stdin.take().expect("it is a pipe"),
            stdout: BufReader::new(child.stdout.take().expect("it is a pipe")),
            child,
        }
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("it speaks UTF-8");
        assert!(!line.is_empty(), "the other process ended");
        line.trim().to_owned()
    }

    fn say(&mut self, line: &str) {
        writeln!(self.stdin, "{line}").expect("it listens");
    }

    /// In MiB.
    fn memory(&self, label: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(label)?.strip_prefix(':'));
        let kib: Option<f64> = line.and_then(|line| line.trim().split(' ').next()?.parse().ok());
        kib.unwrap_or_default() / 1024.0
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn beside_curl(megabytes: u64) {
    let folder = tempfile::tempdir().expect("there is room");
    let (server, address) = server(folder.path(), megabytes);
    let mut client = Other::start(&["follow", &address, &text(&folder.path().join("client"))]);
    let export = client.hear();
    let size: f64 = client.hear().parse().expect("a size");
    let header = folder.path().join("header");
    std::fs::write(&header, format!("Authorization: Bearer {}", client.hear())).expect("there is room");
    println!("archive: {:.0} MiB", size / f64::from(1 << 20));
    let url = format!("{address}{}", api::paths::EXPORT_ARCHIVE.replace("{id}", &export));
    let (mut ours, mut theirs, mut checked) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let to = folder.path().join("curl.zip");
        let begun = Instant::now();
        let curl = Command::new("curl")
            .args([
                "-sSf",
                "-o",
                &text(&to),
                "-H",
                &format!("@{}", text(&header)),
                &url,
            ])
            .status();
        theirs.push(begun.elapsed());
        assert!(curl.is_ok_and(|status| status.success()), "curl is installed");
        std::fs::remove_file(to).expect("it is there");
        client.say(&text(&folder.path().join(format!("ours-{round}.zip"))));
        ours.push(Duration::from_secs_f64(client.hear().parse().expect("a time")));
        checked.push(Duration::from_secs_f64(client.hear().parse().expect("a time")));
        std::fs::remove_file(folder.path().join(format!("ours-{round}.zip"))).expect("it is there");
    }
    drop(server);
    let (ours, theirs, checked) = (median(ours), median(theirs), median(checked));
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!("curl -o: {theirs:?}");
    println!("downloaded, its digest taken, safe on the disk: {ours:?}, {ratio:.2} × (wanted ≤ 1.15 ×)");
    println!("then checked, whole, and put in its place: {checked:?}");
}

fn memory_at(megabytes: u64) {
    let folder = tempfile::tempdir().expect("there is room");
    let (server, address) = server(folder.path(), megabytes);
    let idle = server.memory("VmRSS");
    let mut client = Other::start(&["follow", &address, &text(&folder.path().join("client"))]);
    let _ = (client.hear(), client.hear(), client.hear());
    let making = server.memory("VmHWM") - idle;
    let before = client.memory("VmRSS");
    client.say(&text(&folder.path().join("ours.zip")));
    let _ = (client.hear(), client.hear());
    let (ours, theirs) = (client.memory("VmHWM") - before, server.memory("VmHWM") - idle);
    println!(
        "{megabytes} MB, peak memory above idle: client {ours:.1} MiB, service {making:.1} MiB while making it, {theirs:.1} MiB by the end (wanted ≤ 32 MiB)"
    );
}

fn server(folder: &Path, megabytes: u64) -> (Other, String) {
    let data = text(&folder.join("service"));
    let mut server = Other::start(&["serve", &data, &megabytes.to_string()]);
    let address = server.hear();
    (server, address)
}

/// The account is filled in a process of its own: what that takes is none of serving's.
fn serve(folder: &Path, megabytes: u64) {
    let runtime = runtime();
    runtime.block_on(async {
        let config = || Config {
            sample: true,
            ..Config::new(folder)
        };
        if std::env::var_os("EXPORT_BENCH_SEED").is_some() {
            let service = Service::open(config()).await.expect("it opens");
            service.seed(megabytes * 1_000_000).await.expect("there is room");
            service.close().await;
            return;
        }
        let this = std::env::current_exe().expect("it runs");
        let seeded = Command::new(this)
            .args(["serve", &text(folder), &megabytes.to_string()])
            .env("EXPORT_BENCH_SEED", "1")
            .status();
        assert!(seeded.is_ok_and(|status| status.success()));
        let service = Service::open(config()).await.expect("it opens");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        println!("http://{}", listener.local_addr().expect("it has one"));
        let ends = async {
            // Whoever started this says so, or is gone.
            let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await;
        };
        service.serve(listener, ends).await.expect("it serves");
    });
}

/// Signs in, asks for a copy, then downloads it to each place that is said, and says what it took.
fn follow(address: &str, folder: &Path) {
    let mail = folder.parent().expect("it has one").join("service/mail");
    let lines = std::io::stdin().lines().map(|line| line.expect("text"));
    let runtime = runtime();
    runtime.block_on(async {
        let engine = Engine::open(Options {
            own: OwnPlaces {
                folder: folder.to_owned(),
            },
            browsers: BrowserPlaces::under(folder),
            system: Places::under(folder),
            hosts: Arc::new(Nobody),
            keyring: format!("settings-privacy-bench-{}", Uuid::new_v4()),
        })
        .await
        .expect("it opens");
        engine
            .choose_account(Place::Service(address.to_owned()))
            .await
            .expect("the service is there");
        let token = token(address, &mail).await;
        engine.request_code(SAMPLE_IDENTIFIER).await.expect("a code");
        engine
            .sign_in(SAMPLE_IDENTIFIER, &newest_code(&mail))
            .await
            .expect("the code is right");
        let mut first = true;
        let mut archive = ask(&engine, &mail).await;
        println!("{}\n{}\n{}", archive.1.0, archive.1.1, token);
        for place in lines {
            if !std::mem::take(&mut first) {
                archive = ask(&engine, &mail).await;
            }
            let begun = Instant::now();
            engine
                .download_export(archive.0, Path::new(&place))
                .await
                .expect("it is recorded");
            until(&engine, archive.0, |stage| {
                matches!(stage, Stage::Verifying { .. } | Stage::Verified { .. })
            })
            .await;
            println!("{}", begun.elapsed().as_secs_f64());
            let begun = Instant::now();
            until(&engine, archive.0, |stage| {
                matches!(stage, Stage::Verified { .. })
            })
            .await;
            println!("{}", begun.elapsed().as_secs_f64());
        }
    });
}

type Asked = (settings_privacy_core::export::WorkflowId, (String, u64));

async fn ask(engine: &Engine, mail: &Path) -> Asked {
    engine
        .request_step_up(StepUpPurpose::Export)
        .await
        .expect("a code");
    let wish = ExportWish {
        categories: Vec::new(),
        period: None,
        regime: RegimeId::new("general"),
        place: None,
        passphrase: None,
    };
    let id = engine
        .request_export(wish, &newest_code(mail))
        .await
        .expect("it is recorded");
    let ready = until(engine, id, |stage| matches!(stage, Stage::Ready { .. })).await;
    let Stage::Ready { archive } = ready else {
        panic!("it is ready")
    };
    (id, (archive.export.0, archive.size.0))
}

async fn until(
    engine: &Engine,
    id: settings_privacy_core::export::WorkflowId,
    is_so: impl Fn(&Stage) -> bool,
) -> Stage {
    let mut revisions = engine.revisions();
    loop {
        revisions.borrow_and_update();
        let export = engine.export(id).await.expect("it can be read").export;
        assert!(
            !matches!(export.stage, Stage::Failed { .. }) && export.waits().is_none(),
            "{export:?}"
        );
        if is_so(&export.stage) {
            return export.stage;
        }
        revisions.changed().await.expect("the engine goes on");
    }
}

/// A session of curl's own.
async fn token(address: &str, mail: &Path) -> String {
    let address = ServiceAddress::parse(address).expect("it is loopback");
    let client = Client::new(Arc::new(Https::new(address).expect("it can be made")));
    let request = api::VerificationCodeRequest {
        identifier: SAMPLE_IDENTIFIER.to_owned(),
    };
    client
        .request_code(Uuid::new_v4(), &request)
        .await
        .expect("a code");
    let request = api::SessionRequest {
        identifier: SAMPLE_IDENTIFIER.to_owned(),
        code: api::Token::new(newest_code(mail)),
        device: api::DeviceInfo {
            id: Uuid::new_v4(),
            name: "curl".to_owned(),
        },
    };
    let session = client.sign_in(Uuid::new_v4(), &request).await;
    let session = session.expect("the code is right");
    session.access_token.expose().to_owned()
}

fn newest_code(mail: &Path) -> String {
    let mut letters: Vec<PathBuf> = std::fs::read_dir(mail)
        .expect("letters are written there")
        .map(|letter| letter.expect("it can be read").path())
        .collect();
    letters.sort_by_key(|letter| {
        let told = letter.metadata().and_then(|told| told.modified());
        told.expect("it has a time")
    });
    let letter = std::fs::read_to_string(letters.last().expect("there is one")).expect("text");
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    let code = letter.lines().map(str::trim).find(is_code);
    code.expect("a code stands on a line of its own").to_owned()
}

/// There is no service inside this program.
struct Nobody;

#[async_trait]
impl Hosts for Nobody {
    async fn start(&self, _sample: bool) -> Result<Hosted, String> {
        Err("There is no service here.".to_owned())
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("it starts")
}

fn text(path: &Path) -> String {
    path.to_str().expect("it is text").to_owned()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
