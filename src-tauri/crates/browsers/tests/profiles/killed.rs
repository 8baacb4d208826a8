//! Killed at any system call that changes a file, a clearing leaves the old state or the new, once it is settled.
//!
//! `strace` kills. It counts the calls of each thread apart, so a sample is a thread's n-th call of a kind. A few are
//! tried; `SETTINGS_PRIVACY_ALL_KILLS=1` tries every one (about half an hour on a busy machine).

use std::path::{Path, PathBuf};
use std::process::Command;

use settings_privacy_browsers::{Browsers, Settlement, backups};
use settings_privacy_core::data;
use settings_privacy_core::storage::{Choice, Elsewhere, Kind, Plan};

use crate::full::{clear, contents, everything, full, naming, now};
use crate::made::{BOTH, Computer, Made};
use crate::offered::made_of_history;
use crate::visited::{history, session};

/// Calls after which something is different on the disk.
const CALLS: [&str; 9] = [
    "pwrite64",
    "write",
    "fsync",
    "fdatasync",
    "renameat2",
    "rename",
    "unlink",
    "unlinkat",
    "ftruncate",
];
const SAMPLES: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

fn all() -> bool {
    std::env::var_os("SETTINGS_PRIVACY_ALL_KILLS").is_some()
}

fn backups_at(root: &Path) -> PathBuf {
    root.join("home/.local/share/settings-privacy/backups")
}

/// Runs the test below in a process of its own, which is killed at its n-th call of this kind, if it comes so far.
/// Says whether it was.
fn killed(root: &Path, what: &str, call: &str, nth: usize) -> bool {
    let output = Command::new("strace")
        .args(["-f", "-qqq", "-o", "/dev/null", "-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:signal=KILL:when={nth}")])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "killed::in_a_process_of_its_own",
            "--ignored",
            "--nocapture",
        ])
        .env("THE_ROOT", root)
        .env("THE_WORK", what)
        .output()
        .expect("strace isn't installed here: apt-get install strace");
    let said = String::from_utf8_lossy(&output.stdout);
    let done = said.contains("1 passed");
    assert!(
        done || !said.contains("panicked"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    !done
}

#[test]
#[ignore = "run by the tests below, to be killed"]
fn in_a_process_of_its_own() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    let root = PathBuf::from(std::env::var_os("THE_ROOT").unwrap());
    runtime.block_on(async {
        let browsers = Computer::at(&root);
        if std::env::var("THE_WORK").unwrap() == "clear" {
            let plan = plan(&browsers).await;
            let (sites, purposes) = (data::sites(), data::cookie_purposes());
            browsers
                .clear(&plan, sites, purposes, backups_at(&root), now(), |_| {})
                .await
                .unwrap();
        } else {
            let backup = backups(&backups_at(&root)).unwrap().remove(0);
            browsers.restore(&backup).await.unwrap();
        }
    });
}

async fn plan(browsers: &Browsers) -> Plan {
    let profile = browsers.profiles().await.profiles.remove(0);
    let seen = browsers
        .see(&profile, data::sites(), data::cookie_purposes())
        .await;
    let also = |place| Choice::Kind {
        site: None,
        kind: Kind::Elsewhere(place),
    };
    let [all] = everything();
    Plan::new(
        &seen,
        &[all, also(Elsewhere::History), also(Elsewhere::SessionRestore)],
    )
}

/// A copy of a computer's home, to be harmed.
fn copy(home: &Path) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("tmp")).unwrap();
    let status = Command::new("cp")
        .arg("-a")
        .arg(home)
        .arg(root.path().join("home"))
        .status()
        .unwrap();
    assert!(status.success());
    // A backup names its profile by its place.
    let folder = backups_at(root.path());
    for backup in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        let manifest = backup.path().join("manifest.json");
        let text = std::fs::read_to_string(&manifest).unwrap();
        let (from, to) = (home.to_str().unwrap(), root.path().join("home"));
        std::fs::write(manifest, text.replace(from, to.to_str().unwrap())).unwrap();
    }
    root
}

/// Kills at every sample, settles, and gives what is then there to `hold`. Says how often it was killed.
async fn sweep(
    home: &Path,
    profile: &Path,
    what: &str,
    hold: impl AsyncFn(&str, &Path, &[Settlement]),
) -> usize {
    let mut kills = 0;
    for call in CALLS {
        let mut survived = false;
        // Most writes only wake other threads, and each that matters is followed by an `fsync`.
        let samples: Vec<usize> = match all() && call != "write" {
            true => (1..5000).collect(),
            false => SAMPLES.to_vec(),
        };
        for nth in samples {
            if survived {
                break;
            }
            let root = copy(home);
            survived = !killed(root.path(), what, call, nth);
            kills += usize::from(!survived);
            let settled = Computer::at(root.path())
                .recover(backups_at(root.path()))
                .await
                .unwrap();
            let settled: Vec<Settlement> = settled.into_iter().map(|settled| settled.settlement).collect();
            let place = format!("{what}, {call} {nth}: {settled:?}");
            let profile = root.path().join("home").join(profile.strip_prefix(home).unwrap());
            assert!(
                settled.iter().all(|one| !matches!(one, Settlement::Waiting(_))),
                "{place}"
            );
            let left = std::fs::read_dir(&profile).unwrap().flatten();
            let left = left.filter(|entry| {
                entry
                    .file_name()
                    .to_string_lossy()
                    .starts_with(".settings-privacy")
            });
            assert_eq!(left.count(), 0, "{place}: something stayed in the profile");
            let again = Computer::at(root.path())
                .recover(backups_at(root.path()))
                .await
                .unwrap();
            assert_eq!(again.len(), 0, "{place}: it isn't settled once and for all");
            hold(&place, &profile, &settled).await;
        }
    }
    kills
}

async fn full_and_visited(made: Made) -> (Computer, PathBuf) {
    let (computer, profile) = full(made).await;
    history(made, &profile).await;
    made_of_history(made, &profile).await;
    session(made, &profile);
    (computer, profile)
}

async fn clearing(made: Made) {
    let (computer, profile) = full_and_visited(made).await;
    let old = contents(&profile).await;
    let done = copy(&computer.home());
    let (cleared, place) = (Computer::at(done.path()), done.path().join("home"));
    let before = plan(&cleared).await;
    let (sites, purposes) = (data::sites(), data::cookie_purposes());
    cleared
        .clear(&before, sites, purposes, backups_at(done.path()), now(), |_| {})
        .await
        .unwrap();
    let new = contents(&place.join(profile.strip_prefix(computer.home()).unwrap())).await;
    let kills = sweep(&computer.home(), &profile, "clear", async |place, profile, _| {
        let now = comparable(contents(profile).await);
        let is_new = now == comparable(new.clone());
        assert!(
            is_new || now == comparable(old.clone()),
            "{place}: neither the old nor the new state: {:#?}",
            different(&now, [&old, &new])
        );
        if is_new {
            assert_eq!(
                naming(profile, crate::full::CANARY),
                [""; 0].map(PathBuf::from),
                "{place}"
            );
        }
    })
    .await;
    assert!(kills > 15, "{made:?}: {kills} kills");
}

async fn restoring(made: Made) {
    let (computer, profile) = full_and_visited(made).await;
    let old = contents(&profile).await;
    clear(&computer, &plan(&computer.browsers).await).await.unwrap();
    let new = contents(&profile).await;
    let kills = sweep(
        &computer.home(),
        &profile,
        "restore",
        async |place, profile, _| {
            let now = comparable(contents(profile).await);
            assert!(
                now == comparable(new.clone()) || now == comparable(old.clone()),
                "{place}: neither the old nor the new state: {:#?}",
                different(&now, [&old, &new])
            );
        },
    )
    .await;
    assert!(kills > 15, "{made:?}: {kills} kills");
}

/// The records of service workers may come back in another order.
fn comparable(contents: std::collections::BTreeSet<String>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in contents {
        match line.strip_prefix("serviceworker.txt \"12\\n") {
            Some(records) => lines.extend(records.trim_end_matches('"').split("#\\n").map(str::to_owned)),
            None => lines.push(line),
        }
    }
    lines.sort();
    lines
}

#[tokio::test]
async fn a_clearing_killed_anywhere_leaves_the_old_state_or_the_new() {
    for made in BOTH {
        clearing(made).await;
    }
}

#[tokio::test]
async fn an_undoing_killed_anywhere_leaves_the_old_state_or_the_new() {
    for made in BOTH {
        restoring(made).await;
    }
}

/// The first lines in which a state differs from each of two.
fn different(now: &[String], states: [&std::collections::BTreeSet<String>; 2]) -> [Vec<String>; 2] {
    let now: std::collections::BTreeSet<&String> = now.iter().collect();
    states.map(|state| {
        let state = comparable(state.clone());
        let state: std::collections::BTreeSet<&String> = state.iter().collect();
        let lines = state.symmetric_difference(&now).take(4);
        lines.map(|line| line.to_string()).collect()
    })
}
