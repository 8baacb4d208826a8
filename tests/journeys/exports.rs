//! A copy of one's data, over real HTTP: asked for, downloaded, checked, read, and read by others' programs.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::desktop::Desktop;
use crate::support::service::{Ground, Service};

/// The made-up account.
pub const SAMPLE: &str = "sample@example.invalid";

/// A desktop on which the made-up account of a service is signed in, by way of an address.
pub fn signed_in(service: &Service, address: &str) -> Desktop {
    let desktop = Desktop::new();
    desktop
        .run(&format!("account use service --address {address}"))
        .ended(0);
    desktop.sign_in(service, SAMPLE).ended(0);
    desktop
}

/// Asks for a copy with the code that the service sent.
pub fn ask(desktop: &Desktop, service: &Service, words: &str) -> crate::support::terminal::Ran {
    let asking = desktop.begin_asking(&format!("export request {words}"));
    let code = service.code_for(SAMPLE);
    asking.enter(&code)
}

#[test]
fn a_copy_is_asked_for_downloaded_checked_and_read() {
    let (ground, mail) = (Ground::new(), "messages");
    let service = ground.serve_sample();
    let desktop = signed_in(&service, &service.address);
    let held = desktop.run("export inventory").ended(0).json();
    let of_mail = |category: &&Value| category["id"] == mail;
    let categories = held["categories"].as_array().expect("a list");
    let messages = categories.iter().find(of_mail).expect("there are messages");
    assert!(
        messages["items"].as_u64().is_some_and(|items| items > 0),
        "{messages}"
    );
    let laws = held["laws"].as_array().expect("a list");
    assert!(
        laws.iter()
            .any(|law| law["id"] == "california" && law["earliest"].is_string())
    );

    let asked = ask(&desktop, &service, "").ended(0).json();
    assert!(asked["id"].is_string(), "{asked}");
    let place = desktop.home().join("mine.zip");
    let notifications = desktop.show_notifications();
    let got = desktop
        .run(&format!("export download {}", place.display()))
        .ended(0)
        .json();
    assert_eq!(
        (&got["stage"], &got["path"]),
        (&"verified".into(), &place.to_str().into())
    );
    assert_eq!(got["report"]["digest_as_told"], true);
    let said = notifications.said();
    assert!(
        said.iter()
            .any(|said| said == "Your data is here, complete and unchanged."),
        "{said:?}"
    );
    let status = desktop.run("export status").ended(0).json();
    assert_eq!(status["exports"][0]["stage"], "verified");

    // From here on nobody needs the service.
    let address = service.stop();
    assert!(!address.is_empty());
    let file = place.display();
    let report = desktop.run(&format!("export verify {file}")).ended(0).json();
    assert_eq!(report["findings"], serde_json::json!([]));
    assert!(report["signed"]["kid"].is_string());
    let listed = desktop.run(&format!("export list {file}")).ended(0).json();
    assert_eq!(listed["kind"], "export", "{listed}");
    let records = desktop
        .run(&format!("export list {file} --category messages --most 3"))
        .ended(0)
        .json();
    let records = records["records"].as_array().expect("a list").clone();
    assert_eq!(records.len(), 3);
    let word = records[0]["line"]
        .as_str()
        .and_then(|line| line.split_whitespace().next());
    let found = desktop
        .run(&format!("export search {file} {}", word.expect("it has words")))
        .ended(0)
        .json();
    assert!(found["total"].as_u64().is_some_and(|total| total > 0), "{found}");
    let same = desktop.run(&format!("export diff {file} {file}")).ended(0).json();
    assert_eq!(same["changes"], serde_json::json!([]));
    let told = desktop.tell(&format!("export list {file}")).ended(0);
    assert!(told.stdout.contains("messages"), "{told:#?}");
}

#[test]
fn a_copy_is_encrypted_when_asked_and_opens_with_its_passphrase_only() {
    let ground = Ground::new();
    let service = ground.serve_sample();
    let desktop = signed_in(&service, &service.address);
    ask(&desktop, &service, "").ended(0);
    let place = desktop.home().join("mine.zip");
    let passphrase = "correct horse battery staple";
    let words = format!(
        "export download {} --encrypt --passphrase-stdin --json",
        place.display()
    );
    let got = with_stdin(desktop.settings(&words), passphrase);
    assert!(got.status.success(), "{got:?}");
    let got: Value = serde_json::from_slice(&got.stdout).expect("it is JSON");
    let sealed = got["path"].as_str().expect("it lies somewhere").to_owned();
    assert!(sealed.ends_with("mine.zip.age") && !place.exists());
    let listing = |passphrase: &str| {
        let words = format!("export list {sealed} --passphrase-stdin --json");
        with_stdin(desktop.settings(&words), passphrase)
    };
    assert!(listing(passphrase).status.success());
    let refused = listing("another");
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("wrong-passphrase"), "{said}");
}

#[test]
fn a_wrong_code_asks_for_nothing() {
    let ground = Ground::new();
    let service = ground.serve_sample();
    let desktop = signed_in(&service, &service.address);
    let asking = desktop.begin_asking("export request");
    let right = service.code_for(SAMPLE);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let refused = asking.enter(wrong).ended(6);
    let error = refused.error();
    assert_eq!(error["code"], "code-wrong");
    assert!(
        error["attempts_left"].as_u64().is_some_and(|left| left > 0),
        "{error}"
    );
    let status = desktop.run("export status").ended(0).json();
    assert_eq!(status["exports"][0]["stage"], "cancelled");
}

#[test]
fn a_cancelled_copy_is_taken_back_at_the_service() {
    let ground = Ground::new();
    let service = ground.serve_sample();
    let desktop = signed_in(&service, &service.address);
    ask(&desktop, &service, "").ended(0);
    let cancelled = desktop.run("export cancel").ended(0).json();
    assert_eq!(cancelled["stage"], "cancelled");
    // One is made at a time: the service says no to a second unless the first is gone.
    ask(&desktop, &service, "").ended(0);
}

#[test]
fn programs_that_are_not_ours_read_the_archive_and_find_its_signature_good() {
    let ground = Ground::new();
    let service = ground.serve_sample();
    let desktop = signed_in(&service, &service.address);
    let place = desktop.home().join("mine.zip");
    ask(&desktop, &service, &format!("--to {}", place.display())).ended(0);
    let keys = desktop.home().join("jwks.json");
    let url = format!("{}/.well-known/jwks.json", service.address);
    let fetched = Command::new("curl")
        .args(["-sSf", "-o"])
        .arg(&keys)
        .arg(url)
        .status()
        .expect("curl runs");
    assert!(fetched.success());

    let output = Command::new(python())
        .arg(interop().join("check_archive.py"))
        .args([&place, &keys])
        .output()
        .expect("python runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let found: Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    for kind in ["events", "contacts", "letters"] {
        assert!(found[kind].as_u64().is_some_and(|count| count > 0), "{found}");
    }
    // Without an account, with the published keys alone.
    let other = Desktop::without_keyring();
    let words = format!("export verify {} --keys {}", place.display(), keys.display());
    let report = other.run(&words).ended(0).json();
    assert_eq!(report["signed"]["kid"], found["kid"]);
}

fn interop() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("interop")
}

/// Debian's Python with Debian's packages, and what Debian hasn't from PyPI, in an environment of its own that is made
/// once.
fn python() -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop");
    let python = place.join("bin/python");
    let installed = place.join("installed");
    let wanted = std::fs::read_to_string(interop().join("requirements.txt")).expect("it is there");
    if std::fs::read_to_string(&installed).is_ok_and(|there| there == wanted) {
        return python;
    }
    let system = Command::new("/usr/bin/python3")
        .args(["-m", "venv", "--system-site-packages", "--clear"])
        .arg(&place)
        .status();
    assert!(
        system.is_ok_and(|status| status.success()),
        "Debian's Python makes no environment: apt-get install python3-venv"
    );
    let pip = Command::new(&python)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
        ])
        .arg(interop().join("requirements.txt"))
        .status()
        .expect("pip runs");
    assert!(pip.success(), "the validators can't be installed");
    std::fs::write(&installed, wanted).expect("the folder is ours");
    python
}

fn with_stdin(mut command: Command, line: &str) -> std::process::Output {
    use std::io::Write;
    use std::process::Stdio;
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    // If it has ended, its own words say why.
    let _ = writeln!(stdin, "{line}");
    drop(stdin);
    child.wait_with_output().expect("it ends")
}
