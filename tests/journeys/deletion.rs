//! Ending an account, from "what will I lose" to the receipt, against a server of its own.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::browsers::OTHERS;
use crate::support::desktop::Desktop;
use crate::support::service::{Ground, Service};

const CANARY: &str = "canary-5b1e07";
const SOMEONE: &str = "canary-5b1e07@example.org";
const SAMPLE: &str = "sample@example.invalid";

fn signed_in(desktop: &Desktop, service: &Service, identifier: &str) {
    desktop
        .run(&format!("account use service --address {}", service.address))
        .ended(0);
    desktop.sign_in(service, identifier).ended(0);
}

/// The status, once it is as wanted.
#[track_caller]
fn status_until(desktop: &Desktop, wanted: impl Fn(&Value) -> bool) -> Value {
    let enough = Instant::now() + Duration::from_secs(60);
    loop {
        let ran = desktop.run("account status");
        let told = ran.json();
        if wanted(&told) {
            return told;
        }
        // What needs the person doesn't go on by itself.
        assert!(told["deletion"]["waits_for"].is_null(), "{told}");
        assert!(Instant::now() < enough, "{told}");
    }
}

fn removed(told: &Value) -> bool {
    told["removing"]["done"] == true
}

#[test]
fn an_account_goes_from_what_blocks_it_to_a_receipt_and_nothing_is_left_here() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &["--sample", "--cooling-off", "30d"]);
    signed_in(&desktop, &service, SAMPLE);

    // What it would mean, and what stands in the way.
    let told = desktop.run("account preflight").ended(0).json();
    let blockers = told["preflight"]["blockers"].as_array().expect("a list").clone();
    assert_eq!(blockers[0]["code"], "administers-organization");
    let blocked = desktop.begin_deletion("");
    assert!(!blocked.asks(), "no code is sent for what can't be");
    let blocked = blocked.enter("").ended(6);
    assert_eq!(blocked.error()["code"], "deletion-blocked");

    // Somebody else takes the Organization over.
    desktop.hand_over_what_blocks();
    let app = desktop.run("account authorizations list").ended(0).json()["authorizations"][0]["id"].clone();
    let revoke = format!("account authorizations revoke {}", app.as_str().expect("a name"));
    let left = desktop.run(&revoke).ended(0).json();
    let left = left["authorizations"].as_array().expect("a list");
    assert!(left.iter().all(|other| other["id"] != app));

    // Asked for, seen, and taken back.
    let asked = desktop
        .delete_account(&service, SAMPLE, "--reason privacy")
        .ended(0)
        .json();
    assert_eq!(asked["deletion"]["stage"], "cooling-off");
    let left = asked["deletion"]["seconds_left"].as_u64().expect("a number");
    assert!((29 * 86_400..=30 * 86_400).contains(&left), "{left}");
    assert_eq!(
        desktop.run("account status").ended(0).json()["deletion"]["stage"],
        "cooling-off"
    );
    assert_eq!(
        desktop.run("account cancel").ended(0).json()["deletion"]["stage"],
        "cancelled"
    );
    desktop.run("consents list").ended(0);

    // Asked for again, at a service that waits for a moment only.
    let address = service.stop();
    let service = ground.serve_with(&address, &["--sample", "--cooling-off", "0s"]);
    let receipt = desktop.home().join("receipt.jws");
    let words = format!("--receipt {}", receipt.display());
    ground.let_codes_be_sent_again();
    desktop.delete_account(&service, SAMPLE, &words);
    let told = status_until(&desktop, removed);
    assert_eq!(told["removing"]["receipt"], receipt.to_str().expect("plain"));
    assert!(receipt.exists());
    assert_eq!(desktop.run("account show").ended(0).json()["place"], "none");
    assert_eq!(
        desktop.run("account status").ended(0).json()["removing"],
        Value::Null,
        "it was seen"
    );
}

#[test]
fn after_the_end_no_file_and_no_keyring_here_knows_the_account() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &["--cooling-off", "0s"]);
    signed_in(&desktop, &service, SOMEONE);
    desktop.install_dingtalk();
    desktop.run("consents set marketing.news.email on").ended(0);
    desktop.run("permissions deny camera").ended(0);
    let account = desktop.run("account show").ended(0).json()["account"]["id"].clone();
    let account = account.as_str().expect("a name").to_owned();
    assert!(
        desktop.secrets().contains(CANARY),
        "the keyring holds the session"
    );
    assert!(
        !desktop.files_with(&account).is_empty(),
        "the notes name the account"
    );

    desktop.delete_account(&service, SOMEONE, "");
    let told = status_until(&desktop, removed);
    let receipt = told["removing"]["receipt"]
        .as_str()
        .expect("it says where")
        .to_owned();
    assert!(!desktop.secrets().contains(CANARY), "{}", desktop.secrets());
    assert!(!desktop.secrets().contains("deletion-"), "{}", desktop.secrets());
    for text in [CANARY, account.as_str(), "marketing.news.email"] {
        assert_eq!(desktop.files_with(text), Vec::<String>::new(), "{text}");
    }
    let camera = desktop.run("permissions show camera").ended(0).json();
    assert_eq!(
        camera["permission"]["state"], "denied",
        "what the computer decides stays as it was"
    );

    // The receipt proves itself, offline, with the published keys alone.
    let keys = desktop.home().join("jwks.json");
    save(&format!("{}/.well-known/jwks.json", service.address), &keys);
    drop(service);
    let verify = format!("account receipt verify {receipt} --keys {}", keys.display());
    let told = desktop.run(&verify).ended(0).json();
    assert_eq!(told["genuine"], true);
    let text = std::fs::read_to_string(&receipt).expect("it is there");
    let forged = text.replacen(&text[60..70], "AAAAAAAAAA", 1);
    std::fs::write(&receipt, forged).expect("it can be written");
    let refused = desktop.run(&verify).ended(3);
    assert_eq!(refused.error()["code"], "receipt-not-genuine");
}

/// The keys as anybody can fetch them.
fn save(address: &str, to: &std::path::Path) {
    use std::io::{Read, Write};
    let (host, path) = address
        .trim_start_matches("http://")
        .split_once('/')
        .expect("an address with a path");
    let mut stream = std::net::TcpStream::connect(host).expect("it listens");
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
    )
    .expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    std::fs::write(to, body).expect("it can be written");
}

#[test]
fn what_was_offered_goes_as_well_and_an_open_browser_is_waited_for() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &["--cooling-off", "0s"]);
    desktop.install_dingtalk();
    let [firefox] = desktop.install_firefox(["mine"]);
    let others = firefox.rows_of(&OTHERS);
    let app = desktop.home().join(".var/app/com.dingtalk.DingTalk");
    let photographs = desktop.home().join("photographs");
    for folder in [&app.join("data"), &photographs] {
        std::fs::create_dir_all(folder).expect("a folder");
    }
    std::fs::write(photographs.join("mine.png"), "mine").expect("it is written");
    std::os::unix::fs::symlink(&photographs, app.join("data/photographs")).expect("a link");
    signed_in(&desktop, &service, SOMEONE);
    desktop.run("permissions deny camera").ended(0);
    assert!(desktop.read_overrides().is_some());

    let open = firefox.open();
    let words = "--clear-cookies --reset-permissions --remove-app-folder";
    desktop.delete_account(&service, SOMEONE, words);
    let told = status_until(&desktop, |told| told["removing"]["clean"] == true);
    assert_eq!(told["removing"]["done"], false, "{told}");
    let waits = desktop.run("account status").ended(3);
    assert_eq!(waits.error()["code"], "browser-open");
    assert!(!desktop.secrets().contains(CANARY), "nothing else waits for it");
    assert!(!app.exists() && photographs.join("mine.png").exists());
    assert_eq!(
        desktop.read_overrides(),
        None,
        "what the app asks for holds again"
    );

    drop(open);
    let told = desktop.run("account status").ended(0).json();
    assert_eq!(told["removing"]["done"], true, "{told}");
    assert_eq!(firefox.rows_of(&OTHERS), others);
    assert_eq!(firefox.jar().len(), others.len(), "only what is others' is left");
    assert!(
        !desktop.own().join("ending-backups").exists(),
        "nothing is kept to be put back"
    );
}

#[test]
fn two_devices_at_once_ask_for_the_same_and_either_takes_it_back_for_both() {
    let (one, other, ground) = (Desktop::new(), Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &["--cooling-off", "30d"]);
    signed_in(&one, &service, SOMEONE);
    ground.let_codes_be_sent_again();
    signed_in(&other, &service, SOMEONE);
    let asked = one.delete_account(&service, SOMEONE, "").ended(0).json();
    // Signing in elsewhere, or looking there, shows it.
    let seen = other.run("account status").ended(0).json();
    assert_eq!(seen["deletion"]["id"], asked["deletion"]["id"]);
    assert_eq!(seen["deletion"]["asked_here"], false);
    let again = one.begin_deletion("");
    assert!(!again.asks(), "it is under way already");
    assert_eq!(
        again.enter("").ended(0).json()["deletion"]["id"],
        asked["deletion"]["id"]
    );

    assert_eq!(
        other.run("account cancel").ended(0).json()["deletion"]["stage"],
        "cancelled"
    );
    let told = one.run("account status").ended(0).json();
    assert_eq!(told["deletion"]["stage"], "cancelled");
}

#[test]
fn what_another_device_deleted_is_removed_here_only_when_the_person_says_so() {
    let (one, other, ground) = (Desktop::new(), Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &["--cooling-off", "6s"]);
    signed_in(&one, &service, SOMEONE);
    ground.let_codes_be_sent_again();
    signed_in(&other, &service, SOMEONE);
    one.delete_account(&service, SOMEONE, "").ended(0);
    let seen = other.run("account status").ended(0).json();
    assert_eq!(seen["deletion"]["stage"], "cooling-off");
    status_until(&one, removed);
    let told = status_until(&other, |told| told["deletion"]["stage"] == "remote-deleted");
    assert_eq!(told["removing"], Value::Null);
    assert!(other.secrets().contains(CANARY), "nothing was removed by itself");
    let told = other.run("account status --remove-here").json();
    let told = if removed(&told) {
        told
    } else {
        status_until(&other, removed)
    };
    assert_eq!(told["removing"]["clean"], true);
    assert!(!other.secrets().contains(CANARY));
    assert_eq!(other.files_with(CANARY), Vec::<String>::new());
}

#[test]
fn another_word_or_a_wrong_code_deletes_nothing() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &["--cooling-off", "30d"]);
    signed_in(&desktop, &service, SOMEONE);
    let deleting = desktop.begin_deletion("");
    let right = service.code_for(SOMEONE);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let refused = deleting.enter(wrong).ended(6);
    assert_eq!(refused.error()["code"], "code-wrong");
    assert_eq!(refused.json()["deletion"]["stage"], "confirmed");

    let mut command = desktop.settings("account delete --code-stdin --json");
    let mut child = command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    use std::io::Write;
    child
        .stdin
        .take()
        .expect("it is a pipe")
        .write_all(b"keep\n")
        .expect("it listens");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(7), "{output:?}");
    assert_eq!(
        desktop.run("account cancel").ended(0).json()["deletion"]["stage"],
        "cancelled"
    );
    desktop.run("consents list").ended(0);
}
