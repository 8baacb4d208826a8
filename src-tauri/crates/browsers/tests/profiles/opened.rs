//! A browser that is open, or starts at the wrong moment.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::fs::{FlockOperation, fcntl_lock};
use settings_privacy_core::data;
use settings_privacy_core::storage::Running;

use crate::full::{backups_of, bytes, clear, everything, full, now, planned};
use crate::made::{BOTH, Made};

/// Runs one of the two below, which lock as Firefox does: locks of one process don't hold against itself.
fn in_another_process(test: &str, lock: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", &format!("opened::{test}"), "--ignored", "--nocapture"])
        .env("THE_LOCK", lock);
    command
}

fn lock() -> (std::fs::File, bool) {
    let path = std::env::var_os("THE_LOCK").unwrap();
    let file = std::fs::File::options().write(true).open(path).unwrap();
    let held = fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive).is_ok();
    (file, held)
}

#[test]
#[ignore = "run by the tests below, in a process of its own"]
fn a_lock_is_held_until_the_input_ends() {
    let (_file, held) = lock();
    println!("\n{}", if held { "HELD" } else { "REFUSED" });
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

#[test]
#[ignore = "run by the tests below, in a process of its own"]
fn a_lock_is_asked_for() {
    let (_file, held) = lock();
    println!("\n{}", if held { "HELD" } else { "REFUSED" });
}

/// Holds a browser's lock as the browser does: in another process.
struct Open(std::process::Child, Option<PathBuf>);

impl Open {
    fn start(made: Made, profile: &Path) -> Self {
        match made {
            Made::Firefox => {
                let mut child = in_another_process(
                    "a_lock_is_held_until_the_input_ends",
                    &profile.join(".parentlock"),
                )
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
                let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
                let held = lines.map_while(Result::ok).any(|line| line.contains("HELD"));
                assert!(held, "it can't be locked");
                Open(child, None)
            }
            Made::Chromium => {
                let child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
                let host = rustix::system::uname();
                let link = profile.parent().unwrap().join("SingletonLock");
                let target = format!("{}-{}", host.nodename().to_str().unwrap(), child.id());
                std::os::unix::fs::symlink(target, &link).unwrap();
                Open(child, Some(link))
            }
        }
    }

    fn close(mut self) {
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
        if let Some(link) = &self.1 {
            std::fs::remove_file(link).unwrap();
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_browser_that_starts_after_the_preview_is_noticed_and_waited_for() {
    for made in BOTH {
        let (computer, profile) = full(made).await;
        let (_, plan) = planned(&computer, &everything()).await;
        let browser = Open::start(made, &profile);
        let before = bytes(&profile);
        let error = clear(&computer, &plan).await.unwrap_err();
        assert_eq!(error.code(), "browser-open", "{made:?}");
        assert!(error.to_string().contains(plan.profile.browser.name()), "{error}");
        assert!(bytes(&profile) == before, "{made:?}");
        let waiting = computer.browsers.wait_until_closed(&plan.profile);
        tokio::pin!(waiting);
        let too_soon = tokio::time::timeout(std::time::Duration::from_millis(700), &mut waiting).await;
        assert!(too_soon.is_err(), "{made:?}: it is open");
        browser.close();
        tokio::time::timeout(std::time::Duration::from_secs(5), waiting)
            .await
            .expect("it is closed");
        assert_eq!(clear(&computer, &plan).await.unwrap().remaining, [], "{made:?}");
    }
}

#[tokio::test]
async fn while_a_profile_is_changed_firefox_cant_open_it_and_nobody_else_changes_it() {
    let (computer, profile) = full(Made::Firefox).await;
    let (_, plan) = planned(&computer, &everything()).await;
    let (sites, purposes) = (data::sites(), data::cookie_purposes());
    let others = computer.browsers.clone();
    let (lock, of) = (profile.join(".parentlock"), plan.profile.clone());
    let mut asked = Vec::new();
    let cleared = computer
        .browsers
        .clear(&plan, sites, purposes, backups_of(&computer), now(), |progress| {
            if progress.done == 0 {
                asked.push(progress.of);
            }
        });
    let (cleared, told) = tokio::join!(cleared, async {
        // The guard is taken in another thread: look until it is.
        let begun = std::time::Instant::now();
        while others.running(&of).await == Running::No {
            assert!(
                begun.elapsed() < std::time::Duration::from_secs(20),
                "it isn't held"
            );
            tokio::task::yield_now().await;
        }
        // Asked from another process, as Firefox asks.
        let asked = in_another_process("a_lock_is_asked_for", &lock).output().unwrap();
        let refused = String::from_utf8_lossy(&asked.stdout).contains("REFUSED");
        let nowhere = settings_privacy_browsers::Backup {
            folder: PathBuf::from("/nowhere"),
            profile: of.clone(),
            made: now(),
            counts: Vec::new(),
        };
        let again = others.restore(&nowhere);
        (refused, again.await.map_err(|error| error.code()))
    });
    cleared.unwrap();
    assert!(told.0, "Firefox would have started");
    assert_eq!(told.1, Err("being-changed"));
    assert_eq!(computer.browsers.running(&plan.profile).await, Running::No);
}
