//! The program killed while an account ends: at every kind of call that makes a step last. `strace` kills; it counts the
//! calls of each thread apart, so a sample is a thread's n-th call of a kind. A few are tried in every run, `KILLS` of
//! each kind when it is set.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::deletion::begin;
use crate::support::desktop::Desktop;
use crate::support::service::{Ground, Service};

const CANARY: &str = "canary-dead11";
const SOMEONE: &str = "canary-dead11@example.org";

/// What makes a step last: the notes' log, the disk, a file's name; and what makes it known: the network.
const CALLS: [&str; 6] = ["pwrite64", "fdatasync", "fsync", "rename", "sendto", "unlink"];

fn times() -> usize {
    let wanted = std::env::var("KILLS").ok();
    wanted.map_or(1, |number| number.parse().expect("KILLS is a number"))
}

fn under_strace(desktop: &Desktop, call: &str, nth: u64, command: &Command) -> Command {
    let mut strace = desktop.command(Path::new("strace"));
    strace
        .args(["-f", "-qqq", "-o", "/dev/null"])
        .args(["-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:signal=KILL:when={nth}")])
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null());
    strace
}

#[test]
fn killed_anywhere_an_account_ends_once_and_nothing_is_left_or_lost() {
    let ground = Ground::new();
    let service = ground.serve_with("127.0.0.1:0", &["--cooling-off", "30d"]);
    let mut deleted = 0;
    for call in CALLS {
        for _ in 0..times() {
            // Any of the first calls: a command makes some dozens of each kind.
            let nth = RandomState::new().hash_one(call) % 24 + 1;
            // Killed while it asks, and while it follows and removes.
            for asking in [true, false] {
                one_life(&ground, &service, call, nth, asking);
                deleted += 1;
                // None lost, none repeated: as many as there were lives, each of them ended.
                let listed = ground.operator(&["deletions", "list"]);
                let at = format!("killed at {call} {nth}, asking: {asking}: {listed:?}");
                assert_eq!(listed.len(), deleted, "{at}");
                assert!(listed.iter().all(|one| one["state"] == "deleted"), "{at}");
            }
        }
    }
}

/// An account, from signing in to nothing left, with one kill on the way.
#[expect(
    clippy::print_stdout,
    reason = "how long the slowest command took afterwards is a figure to read"
)]
fn one_life(ground: &Ground, service: &Service, call: &str, nth: u64, asking: bool) {
    let at = format!("killed at {call} {nth}, asking: {asking}");
    let desktop = Desktop::new();
    desktop
        .run(&format!("account use service --address {}", service.address))
        .ended(0);
    ground.let_codes_be_sent_again();
    desktop.sign_in(service, SOMEONE).ended(0);
    let delete = desktop.settings("account delete --code-stdin --json");
    let first = match asking {
        true => under_strace(&desktop, call, nth, &delete),
        false => delete,
    };
    let deleting = begin(first);
    if deleting.asks() {
        deleting.enter_and_end(&service.code_for(SOMEONE));
    } else {
        deleting.enter_and_end("");
    }
    let mut slowest = Duration::ZERO;
    let mut look = |desktop: &Desktop| {
        let began = Instant::now();
        let told = desktop.run("account status").json();
        slowest = slowest.max(began.elapsed());
        told
    };
    for _ in 0..10 {
        let told = look(&desktop);
        if told["deletion"]["stage"] == "cooling-off" {
            break;
        }
        // Nothing was sent, or nothing arrived: the person begins again, with a fresh code.
        ground.let_codes_be_sent_again();
        let again = desktop.begin_deletion("");
        if again.asks() {
            again.enter_and_end(&service.code_for(SOMEONE));
        }
    }
    ground.let_cooling_off_end();
    if !asking {
        let status = desktop.settings("account status --json");
        let killed = under_strace(&desktop, call, nth, &status).output();
        killed.expect("strace starts (package strace)");
    }
    for _ in 0..30 {
        let told = look(&desktop);
        // Or everything was removed, and seen, by the program that was killed.
        if told["removing"]["done"] == true || (told["removing"].is_null() && told["deletion"].is_null()) {
            break;
        }
    }
    println!("{at}: the slowest command took {slowest:?}");
    assert!(!desktop.secrets().contains(CANARY), "{at}: {}", desktop.secrets());
    assert_eq!(desktop.files_with(CANARY), Vec::<String>::new(), "{at}");
    let receipts = std::fs::read_dir(desktop.home()).expect("a home").flatten();
    let receipts = receipts.filter(|entry| entry.file_name().to_string_lossy().ends_with(".jws"));
    assert_eq!(receipts.count(), 1, "{at}: one receipt, once");
}
