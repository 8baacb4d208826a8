//! A copy of one's data on its way, with the program killed and the line cut at every step: it goes on, says why not, and
//! never calls done what isn't.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::journeys::exports::{SAMPLE, ask, signed_in};
use crate::support::desktop::Desktop;
use crate::support::service::{Ground, Service};
use crate::support::signal;
use crate::support::wire::{Fault, Hold, Wire};

/// What is fetched twice at most, for one interruption.
const CHUNK: u64 = 8 << 20;
/// What has come and isn't written yet, because so much is written at once.
const BLOCK: u64 = 1 << 18;
/// Nothing here takes longer.
const LIMIT: Duration = Duration::from_secs(60);

struct Journey {
    _ground: Ground,
    service: Service,
    wire: Wire,
    desktop: Desktop,
    place: PathBuf,
}

impl Journey {
    fn new(ground: Ground) -> Self {
        let service = ground.serve_sample();
        let wire = Wire::to(&service.address);
        let desktop = signed_in(&service, &wire.address);
        let place = desktop.home().join("mine.zip");
        Self {
            _ground: ground,
            service,
            wire,
            desktop,
            place,
        }
    }

    fn download(&self) -> Command {
        self.desktop
            .settings(&format!("export download {} --json", self.place.display()))
    }

    /// Starts the download in the background.
    fn begin(&self) -> Child {
        let mut command = self.download();
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the program starts")
    }

    #[track_caller]
    fn finish(&self) -> serde_json::Value {
        let got = self
            .desktop
            .run(&format!("export download {}", self.place.display()))
            .ended(0)
            .json();
        assert_eq!(got["stage"], "verified", "{got}");
        assert!(self.place.is_file());
        assert!(!self.part().exists());
        got
    }

    /// Waits until the part file is so long.
    #[track_caller]
    fn await_part(&self, bytes: u64) {
        let begun = Instant::now();
        while self.part().metadata().map_or(0, |part| part.len()) < bytes {
            assert!(begun.elapsed() < LIMIT, "{bytes} bytes never came");
            std::thread::yield_now();
        }
    }

    fn part(&self) -> PathBuf {
        let mut name = self.place.clone().into_os_string();
        name.push(".part");
        name.into()
    }
}

fn kill(mut child: Child) {
    signal(&child, Signal::KILL);
    // Killed, it ends.
    let _ = child.wait();
}

#[test]
fn killed_before_the_request_left_it_asks_for_another_code() {
    let journey = Journey::new(Ground::new());
    journey.wire.hold("POST /v1/exports ", Hold::Request);
    let asking = journey.desktop.begin_asking("export request");
    let code = journey.service.code_for(SAMPLE);
    asking.enter_and_kill(&code, || journey.wire.await_held());
    journey.wire.go_on();
    let status = journey.desktop.run("export status").ended(0).json();
    assert_eq!(status["exports"][0]["waits_for"], "code-needed", "{status}");
    let stored = std::fs::read(journey.desktop.own().join("client.db")).expect("it is there");
    let plain = stored.windows(code.len()).any(|window| window == code.as_bytes());
    assert!(!plain, "the code lies in the database");
}

#[test]
fn killed_after_the_request_arrived_it_finds_its_export_and_asks_nobody() {
    let journey = Journey::new(Ground::new());
    journey.wire.hold("POST /v1/exports ", Hold::Answer);
    let asking = journey.desktop.begin_asking("export request");
    let code = journey.service.code_for(SAMPLE);
    asking.enter_and_kill(&code, || journey.wire.await_held());
    journey.wire.go_on();
    journey.finish();
    let status = journey.desktop.run("export status").ended(0).json();
    assert_eq!(status["exports"].as_array().map(Vec::len), Some(1));
}

#[test]
fn killed_at_any_step_of_the_way_it_goes_on() {
    let journey = Journey::new(Ground::new());
    ask(&journey.desktop, &journey.service, "").ended(0);
    // Looking how far it is, fetching, learning the keys for the check.
    for begins in ["GET /v1/exports/", "GET /.well-known/jwks.json"] {
        journey.wire.hold(begins, Hold::Answer);
        let running = journey.begin();
        journey.wire.await_held();
        kill(running);
        journey.wire.go_on();
    }
    // Writing a step down, bringing it and the download to the disk, putting the file in its place. Whichever call it is
    // at, nothing is done yet.
    for (call, when) in [
        ("pwrite64", 1),
        ("pwrite64", 2),
        ("pwrite64", 5),
        ("fdatasync", 1),
        ("fdatasync", 2),
        ("renameat2", 1),
    ] {
        let mut strace = journey.desktop.command(Path::new("strace"));
        strace
            .args([
                "-f",
                "-qq",
                "-o",
                "/dev/null",
                "-e",
                &format!("trace={call}"),
                "-e",
            ])
            .arg(format!("inject={call}:signal=KILL:when={when}"));
        let download = journey.download();
        strace.arg(download.get_program()).args(download.get_args());
        let output = strace
            .output()
            .expect("strace isn't installed here: apt-get install strace");
        assert_eq!(output.status.signal(), Some(9), "{call} {when}: {output:?}");
    }
    journey.finish();
}

#[test]
fn killed_in_the_middle_of_a_download_it_fetches_no_more_than_a_chunk_twice() {
    let journey = Journey::new(Ground::seeded("60MB"));
    ask(&journey.desktop, &journey.service, "").ended(0);
    let mut came = 0;
    for bytes in [1, 13_000_000, 20_000_000] {
        let from = came;
        journey.wire.next([Fault::HoldAfter(bytes)]);
        let running = journey.begin();
        journey.wire.await_held();
        // What the system still holds for the program is none of the program's.
        let begun = *journey.wire.begun().last().expect("it was begun");
        came = begun + bytes;
        assert!(from - begun <= CHUNK + BLOCK, "{begun} after {from}");
        journey.await_part(came.saturating_sub(BLOCK));
        kill(running);
        journey.wire.go_on();
    }
    let got = journey.finish();
    let begun = journey.wire.begun();
    assert_eq!(begun.len(), 4, "{begun:?}");
    assert!(came - begun[3] <= CHUNK + BLOCK, "{begun:?} after {came}");
    let twice = journey.wire.archive_bytes() - got["size"].as_u64().expect("it has one");
    assert!(
        twice <= 3 * (CHUNK + BLOCK),
        "{twice} bytes came twice: {begun:?}"
    );
    assert_eq!(got["began_again"], serde_json::json!([]));
}

#[test]
fn cut_at_any_byte_it_goes_on_by_itself_and_nothing_comes_twice() {
    let journey = Journey::new(Ground::seeded("20MB"));
    ask(&journey.desktop, &journey.service, "").ended(0);
    // Anywhere, another place each time; what fails says where.
    let seed = std::process::id();
    let anywhere = (1..=6u64).map(|turn| (u64::from(seed) * 7919 * turn) % 3_000_000 + 1);
    let cuts: Vec<u64> = anywhere.collect();
    journey.wire.next(cuts.iter().map(|at| Fault::CutAfter(*at)));
    let got = journey.finish();
    let size = got["size"].as_u64().expect("it has one");
    let twice = journey.wire.archive_bytes() - size;
    // What the system had taken when the line was cut may be lost with it.
    assert!(
        twice <= 6 * CHUNK / 4,
        "{twice} bytes came twice, cut at {cuts:?}"
    );
    assert!(journey.wire.begun().is_sorted(), "{cuts:?}");
}

#[test]
fn an_answer_that_ignores_the_range_and_one_with_another_tag_are_dealt_with() {
    let journey = Journey::new(Ground::new());
    ask(&journey.desktop, &journey.service, "").ended(0);
    journey.wire.next([Fault::CutAfter(50_000), Fault::IgnoreRange]);
    journey.finish();

    let journey = Journey::new(Ground::new());
    ask(&journey.desktop, &journey.service, "").ended(0);
    journey.wire.next([Fault::CutAfter(50_000), Fault::AnotherTag]);
    let got = journey.finish();
    assert_eq!(got["began_again"].as_array().map(Vec::len), Some(1), "{got}");
}

#[test]
fn a_flipped_bit_is_set_aside_and_another_try_is_sound() {
    let journey = Journey::new(Ground::new());
    ask(&journey.desktop, &journey.service, "").ended(0);
    journey.wire.next([Fault::FlipAt(77_777)]);
    let words = format!("export download {}", journey.place.display());
    let refused = journey.desktop.run(&words).ended(1);
    assert!(!journey.place.exists());
    let shown = refused.json();
    assert_eq!(shown["stage"], "failed");
    assert_eq!(shown["report"]["digest_as_told"], false);
    let status = journey.desktop.run("export status").ended(0).json();
    let aside = status["exports"][0]["set_aside"].as_str().expect("it says where");
    assert!(aside.ends_with(".not-sound") && Path::new(aside).is_file());
    journey.finish();
}

#[test]
fn a_full_disk_is_said_before_it_is_full_and_room_lets_it_go_on() {
    let journey = Journey::new(Ground::seeded("20MB"));
    ask(&journey.desktop, &journey.service, "").ended(0);
    let disk = journey.desktop.home().join("disk");
    std::fs::create_dir(&disk).expect("a folder");
    let there = disk.join("mine.zip");
    let words = format!("export download {} --json", there.display());
    let download = journey.desktop.settings(&words);
    let full = on_a_disk(&journey.desktop, &disk, "8m", &download, "exec \"$@\"").finish();
    assert_eq!(full.status.code(), Some(3), "{full:?}");
    let said = String::from_utf8_lossy(&full.stderr).into_owned();
    assert!(said.contains("no-room"), "{said}");
    let shown: serde_json::Value = serde_json::from_slice(&full.stdout).expect("it is JSON");
    assert!(
        shown["missing_bytes"].as_u64().is_some_and(|missing| missing > 0),
        "{shown}"
    );
    assert_eq!(
        journey.wire.begun(),
        Vec::<u64>::new(),
        "nothing was fetched in vain"
    );
    let got = journey.desktop.run("export download").ended(0).json();
    assert_eq!(got["path"], there.to_str().expect("it is text"));
}

#[test]
fn a_disk_that_fills_in_the_middle_keeps_what_came_and_goes_on() {
    let journey = Journey::new(Ground::seeded("20MB"));
    ask(&journey.desktop, &journey.service, "").ended(0);
    let disk = journey.desktop.home().join("disk");
    std::fs::create_dir(&disk).expect("a folder");
    let words = format!("export download {} --json", disk.join("mine.zip").display());
    let download = journey.desktop.settings(&words);
    journey.wire.next([Fault::HoldAfter(6_000_000)]);
    // Somebody else takes the room, and gives it back.
    let script = "\"$@\" >/dev/null 2>&1 & \
        read wait; dd if=/dev/zero of=\"$DISK/else\" bs=64k 2>/dev/null; echo filled; \
        wait $!; echo $?; rm \"$DISK/else\"; exec \"$@\"";
    let mut running = on_a_disk(&journey.desktop, &disk, "60m", &download, script);
    journey.wire.await_held();
    running.say("fill it");
    assert_eq!(running.hear(), "filled");
    journey.wire.go_on_whole();
    assert_eq!(running.hear(), "3", "it needs room");
    let got = running.finish();
    assert!(got.status.success(), "{got:?}");
    let got: serde_json::Value = serde_json::from_slice(&got.stdout).expect("it is JSON");
    assert_eq!(got["stage"], "verified", "{got}");
    let begun = journey.wire.begun();
    assert!(begun.last().is_some_and(|from| *from > 0), "{begun:?}");
}

#[test]
fn a_destination_that_was_removed_is_said_and_another_place_goes_on() {
    let journey = Journey::new(Ground::new());
    ask(&journey.desktop, &journey.service, "").ended(0);
    let drive = journey.desktop.home().join("drive");
    std::fs::create_dir(&drive).expect("a folder");
    journey.wire.next([Fault::HoldAfter(50_000)]);
    let mut running = journey
        .desktop
        .settings(&format!("export download {}", drive.join("mine.zip").display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    journey.wire.await_held();
    std::fs::remove_dir_all(&drive).expect("it is ours");
    journey.wire.go_on();
    let ended = running.wait().expect("it ends");
    assert_eq!(ended.code(), Some(3));
    let status = journey.desktop.run("export status").ended(0).json();
    assert_eq!(status["exports"][0]["waits_for"], "place-missing", "{status}");
    journey.finish();
}

#[test]
fn another_persons_archive_is_told_as_such() {
    let journey = Journey::new(Ground::new());
    ask(&journey.desktop, &journey.service, "").ended(0);
    journey.finish();
    // Somebody else's copy, put where one's own lies.
    let other = Ground::new();
    let theirs = other.serve_sample();
    let desktop = signed_in(&theirs, &theirs.address);
    let place = desktop.home().join("theirs.zip");
    ask(&desktop, &theirs, &format!("--to {}", place.display())).ended(0);
    std::fs::copy(&place, &journey.place).expect("it can be copied");
    let words = format!("export verify {}", journey.place.display());
    let found = journey.desktop.run(&words).ended(1).json();
    let codes: Vec<&str> = found["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|finding| finding["code"].as_str())
        .collect();
    assert!(
        codes.contains(&"unknown-key") || codes.contains(&"another-account"),
        "{codes:?}"
    );
}

/// A program on a file system in memory that is as small as wished, in a world of mounts of its own.
fn on_a_disk(desktop: &Desktop, disk: &Path, size: &str, program: &Command, script: &str) -> Running {
    let mut unshare = desktop.command(Path::new("unshare"));
    if !rustix::process::geteuid().is_root() {
        unshare.arg("--map-root-user");
    }
    let script = format!("mount -t tmpfs -o size={size} none \"$DISK\" && {{ {script}; }}");
    unshare
        .env("DISK", disk)
        .args(["--mount", "sh", "-c", &script, "sh"])
        .arg(program.get_program())
        .args(program.get_args())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = unshare.spawn().expect("unshare starts (package util-linux)");
    let stdout = BufReader::new(child.stdout.take().expect("it is a pipe"));
    Running { child, stdout }
}

struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Running {
    fn say(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().expect("it is a pipe");
        writeln!(stdin, "{line}").expect("it reads");
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("it speaks UTF-8");
        line.trim().to_owned()
    }

    fn finish(mut self) -> Output {
        let mut stdout = Vec::new();
        self.stdout.read_to_end(&mut stdout).expect("it ends");
        let output = self.child.wait_with_output().expect("it ends");
        Output { stdout, ..output }
    }
}
