//! What this computer keeps of an account that is gone is removed, and something is in the way: it says so, takes nothing
//! that is another's, and never calls anything removed that isn't.

use std::path::Path;
use std::process::{Command, Stdio};

use super::deletion::{CANARY, SOMEONE, signed_in, status_at_rest};
use crate::support::browsers::sqlite;
use crate::support::desktop::Desktop;
use crate::support::service::Ground;
use crate::support::terminal::Ran;

/// Where everybody's account ends at once.
const AT_ONCE: [&str; 2] = ["--cooling-off", "0s"];
/// Somebody else who signs in at the same computer.
const ANOTHER: &str = "another@example.org";

#[test]
fn a_locked_keyring_holds_the_removing_up_and_nothing_says_that_it_is_done() {
    let (mut desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &AT_ONCE);
    signed_in(&desktop, &service, &service.address);
    let account = account(&desktop);
    // The marker is there, and the program is gone before anything is removed.
    desktop.delete_account(&service, SOMEONE, "");
    until_the_marker_is_there(&desktop);
    desktop.lock();
    let told = desktop.run("account status").ended(3);
    assert_eq!(told.error()["code"], "keyring-locked", "{told:?}");
    assert_eq!(told.json()["removing"]["clean"], false);
    assert!(
        desktop
            .files_with(&account)
            .iter()
            .any(|file| !file.ends_with("ending.json")),
        "the notes wait: they alone name what the keyring holds"
    );
    desktop.unlock();
    let told = desktop.run("account status").ended(0).json();
    assert_eq!(told["removing"]["done"], true, "{told}");
    let secrets = desktop.secrets();
    assert!(
        !secrets.contains(CANARY) && !secrets.contains("deletion-"),
        "{secrets}"
    );
    assert_eq!(desktop.files_with(&account), Vec::<String>::new());
}

#[test]
fn what_is_anothers_stays_when_an_account_goes() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &AT_ONCE);
    desktop
        .run(&format!("account use service --address {}", service.address))
        .ended(0);
    desktop.sign_in(&service, ANOTHER).ended(0);
    desktop.run("consents set marketing.news.email on").ended(0);
    let another = account(&desktop);
    desktop.run("sign-out").ended(0);
    desktop.sign_in(&service, SOMEONE).ended(0);
    let mine = account(&desktop);
    desktop.delete_account(&service, SOMEONE, "");
    let told = status_at_rest(&desktop).ended(0).json();
    assert_eq!(told["removing"]["done"], true, "{told}");
    assert_eq!(desktop.files_with(&mine), Vec::<String>::new());
    assert!(
        !desktop.files_with(&another).is_empty(),
        "nobody deleted that one"
    );
    assert!(!desktop.secrets().contains("deletion-"));
}

#[test]
fn a_browser_that_cannot_be_read_is_not_called_cleared_and_can_be_left() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &AT_ONCE);
    let [firefox] = desktop.install_firefox(["mine"]);
    let damaged = firefox.damage();
    signed_in(&desktop, &service, &service.address);
    desktop.delete_account(&service, SOMEONE, "--clear-cookies");
    let told = status_at_rest(&desktop).ended(3);
    assert_eq!(told.error()["code"], "not-readable", "{told:?}");
    let removing = told.json()["removing"].clone();
    assert_eq!(
        (&removing["clean"], &removing["done"]),
        (&true.into(), &false.into())
    );
    let told = desktop.run("account status --leave").ended(0).json();
    assert_eq!(told["removing"]["done"], true, "{told}");
    assert_eq!(firefox.bytes(), damaged, "it is as it was");
}

#[test]
fn a_note_of_what_is_to_be_removed_that_cannot_be_read_stops_nothing_else_and_stays() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &AT_ONCE);
    signed_in(&desktop, &service, &service.address);
    let note = desktop.own().join("ending.json");
    let newer = "{\"version\":2,\"kept\":{}}";
    std::fs::write(&note, newer).expect("it can be written");
    assert_eq!(desktop.run("account show").ended(0).json()["signed"], "in");
    let told = desktop.run("account status");
    let error = told.error();
    assert_eq!(error["code"], "file-not-readable", "{told:?}");
    let says = error["message"].as_str().expect("it says what");
    assert!(says.contains(&note.display().to_string()), "{says}");
    let text = std::fs::read_to_string(&note).expect("it is there");
    assert_eq!(text, newer, "nobody threw it away");
}

#[test]
fn older_notes_that_were_damaged_go_only_when_the_person_says_so() {
    for (word, left) in [("--remove-damaged-notes", false), ("--leave", true)] {
        let (desktop, ground) = (Desktop::new(), Ground::new());
        let service = ground.serve_with("127.0.0.1:0", &AT_ONCE);
        signed_in(&desktop, &service, &service.address);
        let aside = desktop.own().join("client.db.damaged-20260101T000000Z");
        std::fs::write(&aside, CANARY).expect("it can be written");
        desktop.delete_account(&service, SOMEONE, "");
        let told = status_at_rest(&desktop).ended(3);
        assert_eq!(told.error()["code"], "may-be-anothers", "{told:?}");
        assert_eq!(told.json()["removing"]["clean"], false);
        assert!(aside.exists(), "nobody was asked yet");
        let told = desktop.run(&format!("account status {word}")).ended(0).json();
        assert_eq!(told["removing"]["done"], true, "{told}");
        assert_eq!(aside.exists(), left, "{word}");
        let says = told["removing"]["says"].as_str().expect("it says so");
        assert_eq!(says.contains("damaged notes that you left"), left, "{says}");
    }
}

#[test]
fn windows_and_tabs_that_chrome_encrypts_hold_nothing_up() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &AT_ONCE);
    let chrome = desktop.install_chrome();
    let tabs = chrome.path.join("Sessions_Encrypted");
    std::fs::create_dir_all(&tabs).expect("a folder");
    std::fs::write(tabs.join("Session_1"), "nobody reads this").expect("it is written");
    signed_in(&desktop, &service, &service.address);
    desktop.delete_account(&service, SOMEONE, "--clear-cookies");
    let told = status_at_rest(&desktop).ended(0).json();
    assert_eq!(told["removing"]["done"], true, "{told}");
    assert_eq!(
        chrome.rows_of(&crate::support::browsers::DINGTALKS),
        Vec::<String>::new()
    );
}

#[test]
fn notes_of_a_newer_version_are_left_to_that_one() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &AT_ONCE);
    signed_in(&desktop, &service, &service.address);
    desktop.delete_account(&service, SOMEONE, "");
    until_the_marker_is_there(&desktop);
    let database = desktop.own().join("client.db");
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (99999, 'of tomorrow', 1, x'00', 0)";
    sqlite(&database, newer);
    let told = desktop.run("account status").ended(3);
    assert_eq!(told.error()["code"], "notes-newer", "{told:?}");
    assert_eq!(told.json()["removing"]["clean"], false);
    assert!(desktop.secrets().contains("deletion-"), "only the notes name it");
    sqlite(&database, "DELETE FROM _sqlx_migrations WHERE version = 99999");
    let told = desktop.run("account status").ended(0).json();
    assert_eq!(told["removing"]["done"], true, "{told}");
    assert!(!desktop.secrets().contains("deletion-"), "{}", desktop.secrets());
}

#[test]
fn one_account_goes_after_the_other() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &AT_ONCE);
    let [firefox] = desktop.install_firefox(["mine"]);
    let open = firefox.open();
    signed_in(&desktop, &service, &service.address);
    desktop.delete_account(&service, SOMEONE, "--clear-cookies");
    let told = status_at_rest(&desktop).ended(3);
    assert_eq!(told.error()["code"], "browser-open", "{told:?}");
    // Somebody else's account ends while that still waits.
    desktop
        .run(&format!("account use service --address {}", service.address))
        .ended(0);
    desktop.sign_in(&service, ANOTHER).ended(0);
    let another = account(&desktop);
    desktop.delete_account(&service, ANOTHER, "");
    let waits = |told: &Ran| told.json()["deletion"]["stage"] == "remote-deleted";
    let told = (0..20).map(|_| desktop.run("account status")).find(waits);
    let told = told.expect("its receipt comes");
    assert_eq!(
        told.error()["code"],
        "browser-open",
        "the first isn't forgotten: {told:?}"
    );
    assert!(
        !desktop.files_with(&another).is_empty(),
        "nothing of the second went"
    );
    drop(open);
    let told = desktop.run("account status").ended(0).json();
    let steps = told["removing"]["steps"].as_array().expect("a list").clone();
    assert!(
        steps.iter().any(|step| step["step"] == "cookies"),
        "the first: {told}"
    );
    assert_eq!(told["removing"]["done"], true, "{told}");
    let told = status_at_rest(&desktop).ended(0).json();
    assert_eq!(desktop.files_with(&another), Vec::<String>::new(), "{told}");
    assert_eq!(
        firefox.rows_of(&crate::support::browsers::DINGTALKS),
        Vec::<String>::new()
    );
}

#[test]
fn with_the_made_up_account_goes_nothing_of_the_persons_own() {
    let desktop = Desktop::new();
    desktop.install_dingtalk();
    let [firefox] = desktop.install_firefox(["mine"]);
    let jar = firefox.jar();
    desktop.run("permissions deny camera").ended(0);
    let backups = desktop.own().join("browser-backups");
    std::fs::create_dir_all(&backups).expect("a folder");
    std::fs::write(backups.join("mine"), "mine").expect("it is written");
    desktop.run("account use sample").ended(0);
    let sample = account(&desktop);
    let here = desktop.run("account preflight").ended(0).json()["here"].clone();
    assert_eq!(here["browser_profiles"], 0, "{here}");
    assert_eq!(
        (&here["flatpak"], &here["flatpak_folder"]),
        (&false.into(), &false.into())
    );
    let refused = desktop.begin_deletion("--clear-cookies").enter("").ended(2);
    assert!(refused.stderr.contains("made up"), "{refused:?}");
    desktop.hand_over_what_blocks();

    let deleting = desktop.begin_deletion("");
    let code = deleting
        .shown_code()
        .expect("it is shown: there is nobody else to read it");
    deleting.enter(&code).ended(0);
    let database = desktop.own().join("sample/service.sqlite");
    sqlite(&database, "UPDATE deletions SET final_at = requested_at");
    let told = status_at_rest(&desktop).ended(0).json();
    assert_eq!(told["removing"]["done"], true, "{told}");
    assert!(backups.join("mine").exists(), "that was the person's");
    assert_eq!(firefox.jar(), jar);
    let database = desktop.own().join("client.db");
    let holds = |text: &str| {
        let bytes = std::fs::read(&database).expect("it is there");
        bytes.windows(text.len()).any(|part| part == text.as_bytes())
    };
    assert!(!holds(&sample), "nothing of it is left");
    let history = desktop.run("history").ended(0).json()["changes"].clone();
    assert_eq!(
        history.as_array().map(Vec::len),
        Some(1),
        "this computer's own stays: {history}"
    );
}

#[test]
fn where_the_keyring_was_emptied_and_nobody_can_sign_in_any_more_one_can_go_without_a_proof() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &["--cooling-off", "30d"]);
    signed_in(&desktop, &service, &service.address);
    let account = account(&desktop);
    desktop.delete_account(&service, SOMEONE, "").ended(0);
    let refused = desktop.run("account status --remove-here").ended(3);
    assert_eq!(refused.error()["code"], "not-now", "the service can be asked");
    desktop.forget_secrets();
    let address = service.stop();
    ground.let_cooling_off_end();
    let _service = ground.serve_with(&address, &[]);
    let told = desktop.run("account status").ended(4);
    assert_eq!(told.error()["code"], "sign-in", "{told:?}");
    let says = told.error()["message"].to_string();
    assert!(
        says.contains("no receipt") && !says.contains("is deleted"),
        "{says}"
    );
    let told = desktop.run("account status --remove-here").ended(0).json();
    assert_eq!(told["removing"]["done"], true, "{told}");
    let says = told["removing"]["says"].to_string();
    assert!(
        says.contains("no receipt") && !says.contains("is deleted"),
        "{says}"
    );
    assert_eq!(told["removing"]["receipt"], serde_json::Value::Null);
    assert_eq!(desktop.files_with(&account), Vec::<String>::new());
}

#[test]
fn on_a_read_only_disk_nothing_is_called_removed() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &AT_ONCE);
    signed_in(&desktop, &service, &service.address);
    let account = desktop.run("account show").ended(0).json()["account"]["id"].clone();
    let account = account.as_str().expect("a name").to_owned();
    desktop.delete_account(&service, SOMEONE, "");
    until_the_marker_is_there(&desktop);
    let script = "mount --bind \"$OWN\" \"$OWN\"; mount -o remount,bind,ro \"$OWN\"; exec \"$@\"";
    let told = with_mounts(&desktop, script).ended(3);
    assert_eq!(told.json()["removing"]["clean"], false, "{told:?}");
    assert_eq!(told.error()["code"], "not-removed");
    assert!(!desktop.files_with(&account).is_empty(), "it is all there");
    let told = desktop.run("account status").ended(0).json();
    assert_eq!(told["removing"]["done"], true, "{told}");
    assert_eq!(desktop.files_with(&account), Vec::<String>::new());
}

/// The program's folder is on a disk of its own, filled until so many KiB are free; the same command is tried, and once
/// more when there is room. Each time it tells what it did, and in which files the account still is.
const ON_A_FULL_DISK: &str = r#"
    cp -a "$OWN" "$OWN.copy"
    mount -t tmpfs -o size=8m none "$OWN"
    cp -a "$OWN.copy/." "$OWN"
    free=$(($(stat -f -c %f "$OWN") * $(stat -f -c %S "$OWN") / 1024 - FREE))
    head -c "${free}k" /dev/zero > "$OWN/filler"
    tell() {
        code=0
        "$@" > "$OWN.told" 2> "$OWN.error" || code=$?
        printf '%s\n%s\n%s\n%s\n' "$code" "$(tr -d '\n' < "$OWN.told")" "$(tail -n 1 "$OWN.error")" \
            "$(cd "$OWN" && grep -rlaF "$ACCOUNT" . | sort | tr '\n' ' ')"
    }
    tell "$@"
    rm "$OWN/filler"
    tell "$@"
"#;

/// What such a command did.
#[derive(Debug)]
struct Told {
    code: i32,
    said: serde_json::Value,
    error: serde_json::Value,
    named_in: String,
}

fn on_a_full_disk(desktop: &Desktop, account: &str, free: u32) -> [Told; 2] {
    let script = format!("FREE={free} ACCOUNT={account}; {ON_A_FULL_DISK}");
    let ran = with_mounts(desktop, &script).ended(0);
    std::fs::remove_dir_all(desktop.own().with_extension("copy")).expect("it is there");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 8, "{ran:#?}");
    let told = |lines: &[&str]| Told {
        code: lines[0].parse().expect("a number"),
        said: serde_json::from_str(lines[1]).unwrap_or_default(),
        error: serde_json::from_str(lines[2]).unwrap_or_default(),
        named_in: lines[3].to_owned(),
    };
    [told(&lines[..4]), told(&lines[4..])]
}

#[test]
fn on_a_full_disk_nothing_is_called_removed_that_is_there_and_it_goes_on_when_there_is_room() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &AT_ONCE);
    signed_in(&desktop, &service, &service.address);
    desktop.run("consents set marketing.news.email on").ended(0);
    let account = account(&desktop);
    desktop.delete_account(&service, SOMEONE, "");
    until_the_marker_is_there(&desktop);
    let mut codes = Vec::new();
    // What is on the real disk is where every try begins.
    for free in [0, 4, 16, 48, 96, 192, 384, 1024, 4096] {
        let [first, second] = on_a_full_disk(&desktop, &account, free);
        if first.said["removing"]["done"] == true {
            assert_eq!(
                (first.code, first.named_in.as_str()),
                (0, ""),
                "{free} KiB: {first:?}"
            );
            codes.push("removed".to_owned());
        } else {
            assert_eq!(first.said["removing"]["clean"], false, "{free} KiB: {first:?}");
            assert!(!first.named_in.is_empty(), "{free} KiB: {first:?}");
            let message = first.error["message"].as_str().unwrap_or_default();
            assert!(
                first.code == 3 && message.contains("disk"),
                "{free} KiB: {first:?}"
            );
            codes.push(first.error["code"].to_string());
            assert_eq!(second.said["removing"]["done"], true, "{free} KiB: {second:?}");
        }
        assert_eq!(
            (second.code, second.named_in.as_str()),
            (0, ""),
            "{free} KiB: {second:?}"
        );
    }
    assert_ne!(codes.first().map(String::as_str), Some("removed"), "{codes:?}");
    assert_eq!(codes.last().map(String::as_str), Some("removed"), "{codes:?}");
}

#[test]
fn a_disk_that_is_full_when_the_account_is_gone_loses_nothing_and_it_goes_on_when_there_is_room() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &AT_ONCE);
    signed_in(&desktop, &service, &service.address);
    let account = account(&desktop);
    desktop.delete_account(&service, SOMEONE, "");
    let [first, second] = on_a_full_disk(&desktop, &account, 0);
    assert!(first.said["removing"].is_null(), "{first:?}");
    let notice = first.said["notices"][0]["code"] == "database-not-writable";
    assert!(notice || first.code != 0, "it is said: {first:?}");
    assert!(first.named_in.contains("client.db"), "it is all there: {first:?}");
    assert_eq!(second.said["removing"]["done"], true, "{second:?}");
    assert_eq!(second.named_in, "");
}

/// `account status`, started by a shell in a world of mounts of its own. It finds the program's folder in `$OWN`.
fn with_mounts(desktop: &Desktop, script: &str) -> Ran {
    let status = desktop.settings("account status --json");
    let mut unshare = desktop.command(Path::new("unshare"));
    if !rustix::process::geteuid().is_root() {
        unshare.arg("--map-root-user");
    }
    let output = unshare
        .env("OWN", desktop.own())
        .args([
            "--mount",
            "--propagation",
            "unchanged",
            "sh",
            "-euc",
            script,
            "sh",
        ])
        .arg(status.get_program())
        .args(status.get_args())
        .stdin(Stdio::null())
        .output()
        .expect("unshare starts (package util-linux)");
    Ran::from(output)
}

/// Goes on until the marker is on the disk, and kills the program right then: nothing is removed yet. The folder is
/// synced once when the notes are opened, and once when the marker has its name.
fn until_the_marker_is_there(desktop: &Desktop) {
    for nth in 1..12 {
        let status = desktop.settings("account status --json");
        let mut strace: Command = desktop.command(Path::new("strace"));
        strace
            .args(["-f", "-qqq", "-o", "/dev/null", "-P"])
            .arg(desktop.own())
            .args(["-e", "trace=fsync", "-e"])
            .arg(format!("inject=fsync:signal=KILL:when={nth}"))
            .arg(status.get_program())
            .args(status.get_args())
            .stdin(Stdio::null());
        let output = strace.output().expect("strace starts (package strace)");
        let killed = !output.status.success();
        if killed && desktop.own().join("ending.json").exists() {
            return;
        }
    }
    panic!("the marker never comes");
}

fn account(desktop: &Desktop) -> String {
    let id = desktop.run("account show").ended(0).json()["account"]["id"].clone();
    id.as_str().expect("a name").to_owned()
}
