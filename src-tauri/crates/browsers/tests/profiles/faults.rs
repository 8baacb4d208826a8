//! Whatever is wrong with a profile: nothing of it is changed, the error says what and why, and others go on.

use std::path::{Path, PathBuf};
use std::process::Command;

use settings_privacy_browsers::{Browsers, ClearError};
use settings_privacy_core::data;
use settings_privacy_core::storage::{Kind, Plan, Running};
use sqlx::{Connection, Executor};

use crate::full::{backups_of, bytes, clear, everything, fill, full, kind, naming, now, planned};
use crate::made::{BOTH, Computer, Made, open, sqlite};

/// Clears after `harm` was done behind the plan's back, and holds that nothing was changed.
async fn refused(made: Made, code: &str, harm: impl AsyncFnOnce(&Path)) {
    let (computer, profile) = full(made).await;
    let (_, plan) = planned(&computer, &everything()).await;
    harm(&profile).await;
    let before = bytes(&profile);
    let error = clear(&computer, &plan).await.unwrap_err();
    assert_eq!(error.code(), code, "{made:?}: {error:?}");
    assert!(
        bytes(&profile) == before,
        "{made:?} {code}: something was changed"
    );
    let says = error.to_string();
    assert!(
        says.contains("othing was changed") || says.contains("othing is changed") || code == "browser-open",
        "{says}"
    );
    assert!(!says.contains("dingtalk") && !says.contains("home/"), "{says}");
    let backups = std::fs::read_dir(backups_of(&computer)).map_or(0, Iterator::count);
    assert_eq!(backups, 0, "{made:?} {code}: a backup stayed");
    assert_eq!(
        std::fs::read_dir(computer.root.path().join("tmp"))
            .unwrap()
            .count(),
        0
    );
}

#[tokio::test]
async fn a_truncated_database_isnt_touched() {
    for made in BOTH {
        for part in [3, 2] {
            refused(made, "damaged", async |profile| {
                let file = profile.join(made.cookies());
                let whole = std::fs::read(&file).unwrap();
                std::fs::write(&file, &whole[..whole.len() / part]).unwrap();
            })
            .await;
        }
        refused(made, "damaged", async |profile| {
            std::fs::write(profile.join(made.cookies()), "short").unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn a_database_damaged_in_the_middle_isnt_touched() {
    for made in BOTH {
        refused(made, "damaged", async |profile| {
            let file = profile.join(made.cookies());
            let mut whole = std::fs::read(&file).unwrap();
            let middle = whole.len() / 2;
            whole[middle..middle + 3000].fill(0x5a);
            std::fs::write(&file, &whole).unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn damage_among_others_rows_is_noticed_before_anything_is_changed() {
    for made in BOTH {
        refused(made, "damaged", async |profile| {
            let file = profile.join(made.cookies());
            let mut whole = std::fs::read(&file).unwrap();
            let row = b"others-29-dingtalk.com.evil.net";
            let at = whole
                .windows(row.len())
                .rposition(|window| window == row)
                .unwrap();
            // The head of the row's page: what kind it is, and where its rows lie.
            let page = at / 4096 * 4096;
            whole[page..page + 8].fill(0x5a);
            std::fs::write(&file, &whole).unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn a_foreign_or_a_newer_layout_isnt_touched() {
    for made in BOTH {
        refused(made, "foreign-schema", async |profile| {
            let sql = match made {
                Made::Firefox => "ALTER TABLE moz_cookies RENAME COLUMN host TO hosts;",
                Made::Chromium => "ALTER TABLE cookies RENAME COLUMN host_key TO hosts;",
            };
            sqlite(&profile.join(made.cookies()), sql).await;
        })
        .await;
        refused(made, "newer-schema", async |profile| {
            let sql = match made {
                Made::Firefox => "PRAGMA user_version = 99;",
                Made::Chromium => "UPDATE meta SET value = '99' WHERE key = 'version';",
            };
            sqlite(&profile.join(made.cookies()), sql).await;
        })
        .await;
    }
}

#[tokio::test]
async fn the_last_database_that_is_wrong_keeps_the_first_as_it_was() {
    refused(Made::Firefox, "newer-schema", async |profile| {
        sqlite(&profile.join("storage.sqlite"), "PRAGMA user_version = 999999;").await;
    })
    .await;
    refused(Made::Chromium, "newer-schema", async |profile| {
        sqlite(
            &profile.join("WebStorage/QuotaManager"),
            "UPDATE meta SET value = '99' WHERE key = 'version';",
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_leveldb_with_a_wrong_checksum_isnt_touched() {
    for folder in [
        "Local Storage/leveldb",
        "Service Worker/Database",
        "Session Storage",
    ] {
        refused(Made::Chromium, "damaged", async |profile| {
            let files = std::fs::read_dir(profile.join(folder)).unwrap().flatten();
            let largest = files
                .max_by_key(|file| file.metadata().unwrap().len())
                .unwrap()
                .path();
            let mut whole = std::fs::read(&largest).unwrap();
            let middle = whole.len() / 2;
            whole[middle] ^= 1;
            std::fs::write(&largest, whole).unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn a_locked_database_isnt_touched() {
    for made in BOTH {
        let (computer, profile) = full(made).await;
        let (_, plan) = planned(&computer, &everything()).await;
        let mut other = open(&profile.join(made.cookies())).await;
        other.execute("BEGIN IMMEDIATE").await.unwrap();
        let error = clear(&computer, &plan).await.unwrap_err();
        assert_eq!(error.code(), "locked", "{made:?}: {error:?}");
        other.close().await.unwrap();
        assert_eq!(planned(&computer, &everything()).await.1, plan, "{made:?}");
    }
}

#[tokio::test]
async fn links_within_a_profile_arent_followed() {
    for made in BOTH {
        refused(made, "linked", async |profile| {
            let file = profile.join(made.cookies());
            let away = profile.parent().unwrap().join("elsewhere");
            std::fs::rename(&file, &away).unwrap();
            std::os::unix::fs::symlink(&away, &file).unwrap();
        })
        .await;
        refused(made, "linked", async |profile| {
            let folder = match made {
                Made::Firefox => "storage/default",
                Made::Chromium => "IndexedDB",
            };
            let away = profile.parent().unwrap().join("elsewhere");
            std::fs::rename(profile.join(folder), &away).unwrap();
            std::os::unix::fs::symlink(&away, profile.join(folder)).unwrap();
        })
        .await;
        refused(made, "linked", async |profile| {
            let folder = match made {
                Made::Firefox => "storage/default/https+++im.dingtalk.com/idb/link",
                Made::Chromium => "IndexedDB/https_im.dingtalk.com_0.indexeddb.blob/link",
            };
            std::os::unix::fs::symlink("/etc/passwd", profile.join(folder)).unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn a_profile_that_lies_elsewhere_by_a_link_is_cleared_where_it_lies() {
    for made in BOTH {
        let (computer, profile) = full(made).await;
        let away = computer.root.path().join("elsewhere");
        std::fs::rename(&profile, &away).unwrap();
        std::os::unix::fs::symlink(&away, &profile).unwrap();
        let (_, plan) = planned(&computer, &everything()).await;
        assert_eq!(plan.profile.path, std::fs::canonicalize(&away).unwrap());
        let cleared = clear(&computer, &plan).await.unwrap();
        assert_eq!(cleared.remaining, [], "{made:?}");
        assert_eq!(naming(&away, crate::full::CANARY), [""; 0].map(PathBuf::from));
        assert!(profile.is_symlink());
    }
}

/// Holds a browser's lock as the browser does: in another process.
struct Open(std::process::Child, Option<PathBuf>);

impl Open {
    fn start(made: Made, profile: &Path) -> Self {
        match made {
            Made::Firefox => {
                let mut script = Command::new("python3");
                script.args(["-c", "import fcntl, sys\nf = open(sys.argv[1], 'w')\nfcntl.lockf(f, fcntl.LOCK_EX)\nprint('held', flush=True)\nsys.stdin.read()"]);
                script.arg(profile.join(".parentlock"));
                let mut child = script
                    .stdin(std::process::Stdio::piped())
                    .stdout(std::process::Stdio::piped())
                    .spawn()
                    .unwrap();
                let mut said = [0; 4];
                std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut said).unwrap();
                Open(child, None)
            }
            Made::Chromium => {
                let child = Command::new("cat")
                    .stdin(std::process::Stdio::piped())
                    .spawn()
                    .unwrap();
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
    // Asked from another process, as Firefox asks: `F_SETLK`.
    let try_lock = "import fcntl, sys\nf = open(sys.argv[1], 'w')\ntry: fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)\nexcept OSError: sys.exit(7)";
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
        let status = Command::new("python3")
            .args(["-c", try_lock])
            .arg(&lock)
            .status()
            .unwrap();
        let nowhere = settings_privacy_browsers::Backup {
            folder: PathBuf::from("/nowhere"),
            profile: of.clone(),
            made: now(),
            counts: Vec::new(),
        };
        let again = others.restore(&nowhere);
        (status.code(), again.await.map_err(|error| error.code()))
    });
    cleared.unwrap();
    assert_eq!(told.0, Some(7), "Firefox would have started");
    assert_eq!(told.1, Err("being-changed"));
    assert_eq!(computer.browsers.running(&plan.profile).await, Running::No);
}

#[tokio::test]
async fn one_profile_that_cant_be_cleared_doesnt_hold_up_the_others() {
    let computer = Computer::new();
    let mut plans = Vec::new();
    for made in BOTH {
        fill(made, &computer).await;
    }
    for profile in computer.profiles().await {
        plans.push(Plan::new(&computer.see(&profile).await, &everything()));
    }
    let firefox = &plans[0].profile.path;
    sqlite(&firefox.join("cookies.sqlite"), "PRAGMA user_version = 99;").await;
    assert_eq!(
        clear(&computer, &plans[0]).await.unwrap_err().code(),
        "newer-schema"
    );
    assert_eq!(clear(&computer, &plans[1]).await.unwrap().remaining, []);
}

#[tokio::test]
async fn what_is_elsewhere_goes_only_when_asked_for() {
    use settings_privacy_core::storage::Elsewhere;
    let computer = Computer::new();
    let profile = Made::Firefox.profile(&computer);
    let session = serde_json::json!({
        "windows": [{"tabs": [{"entries": [{"url": "https://im.dingtalk.com/"}], "index": 1},
            {"entries": [{"url": "https://www.example.org/"}], "index": 1}], "selected": 1}],
        "cookies": [{"host": "im.dingtalk.com", "name": "n", "value": "secret-value"}],
    });
    let json = serde_json::to_vec(&session).unwrap();
    let mut file = b"mozLz40\0".to_vec();
    file.extend(u32::try_from(json.len()).unwrap().to_le_bytes());
    file.extend(lz4_flex::block::compress(&json));
    crate::made::write(&profile.join("sessionstore.jsonlz4"), &file);
    let (_, nothing) = planned(&computer, &everything()).await;
    assert!(nothing.is_empty());
    let (_, plan) = planned(&computer, &kind(Kind::Elsewhere(Elsewhere::SessionRestore))).await;
    let cleared = clear(&computer, &plan).await.unwrap();
    assert_eq!((cleared.gone.len(), cleared.remaining.len()), (1, 0));
    computer.browsers.restore(&cleared.backup.unwrap()).await.unwrap();
    assert_eq!(std::fs::read(profile.join("sessionstore.jsonlz4")).unwrap(), file);
}

/// Runs another of these tests with mounts of its own. `mount` is for the shell, and finds the folder in
/// `$THE_FOLDER`.
fn with_mount(test: &str, mount: &str, folder: &Path) {
    let me = std::env::current_exe().unwrap();
    let inside = |how: &[&str]| {
        let mut unshare = Command::new("unshare");
        if !rustix::process::geteuid().is_root() {
            unshare.arg("--map-root-user");
        }
        unshare
            .arg("--mount")
            .args(how)
            .args(["sh", "-euc", &format!("{mount}; exec \"$@\""), "sh"])
            .arg(&me)
            .args(["--exact", test, "--ignored", "--nocapture"])
            .env("THE_FOLDER", folder)
            .output()
            .expect("unshare isn't installed here: apt-get install util-linux")
    };
    let mut output = inside(&[]);
    if String::from_utf8_lossy(&output.stderr).contains("root filesystem propagation") {
        // In a changed root, `/` is no mount whose propagation could be cut.
        output = inside(&["--propagation", "unchanged"]);
    }
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn the_folder() -> PathBuf {
    PathBuf::from(std::env::var_os("THE_FOLDER").unwrap())
}

async fn clear_at(browsers: &Browsers, plan: &Plan, backups: &Path) -> Result<(), ClearError> {
    let (sites, purposes) = (data::sites(), data::cookie_purposes());
    browsers
        .clear(plan, sites, purposes, backups.to_owned(), now(), |_| {})
        .await
        .map(drop)
}

async fn plan_at(browsers: &Browsers) -> Plan {
    let profiles = browsers.profiles().await.profiles;
    let seen = browsers
        .see(&profiles[0], data::sites(), data::cookie_purposes())
        .await;
    Plan::new(&seen, &everything())
}

#[tokio::test]
async fn a_profile_on_a_read_only_disk_is_left_as_it_is() {
    for made in BOTH {
        let (computer, profile) = full(made).await;
        let before = bytes(&profile);
        with_mount(
            "faults::inside_a_read_only_disk",
            "mount --bind \"$THE_FOLDER/home/.config\" \"$THE_FOLDER/home/.config\"; mount -o remount,bind,ro \"$THE_FOLDER/home/.config\"",
            computer.root.path(),
        );
        assert!(bytes(&profile) == before, "{made:?}");
    }
}

#[tokio::test]
#[ignore = "run by the test above, with a mount of its own"]
async fn inside_a_read_only_disk() {
    let browsers = Computer::at(&the_folder());
    let plan = plan_at(&browsers).await;
    assert!(plan.findings.len() > 10);
    let error = clear_at(&browsers, &plan, &the_folder().join("backups"))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "unwritable", "{error:?}");
}

/// The disk of the profile, then that of the backups, is filled so far that a clearing doesn't fit; then a little
/// less each time, until it does.
#[test]
fn a_disk_that_gets_full_in_the_middle_leaves_the_old_state_or_the_new() {
    for made in BOTH {
        for which in ["profile", "backups"] {
            let root = tempfile::tempdir().unwrap();
            let mount =
                "mkdir -p \"$THE_FOLDER/small\"; mount -t tmpfs -o size=6m none \"$THE_FOLDER/small\"";
            with_mount_for(made, which, mount, root.path());
        }
    }
}

fn with_mount_for(made: Made, which: &str, mount: &str, root: &Path) {
    let mount = format!("{mount}; export THE_FAMILY={made:?} THE_DISK={which}");
    with_mount("faults::inside_a_small_disk", &mount, root);
}

#[tokio::test]
#[ignore = "run by the test above, with a mount of its own"]
async fn inside_a_small_disk() {
    let made = match std::env::var("THE_FAMILY").unwrap().as_str() {
        "Firefox" => Made::Firefox,
        _ => Made::Chromium,
    };
    let small = the_folder().join("small");
    let (computer, source) = full(made).await;
    let before = crate::full::contents(&source).await;
    let mut codes = Vec::new();
    for free in [16, 48, 96, 160, 256, 400, 600, 900, 1400, 2000, 2800, 4000] {
        for folder in ["home", "backups", "filler"] {
            let _ = std::fs::remove_dir_all(small.join(folder));
            let _ = std::fs::remove_file(small.join(folder));
        }
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("tmp")).unwrap();
        let home = match std::env::var("THE_DISK").unwrap().as_str() {
            "profile" => small.join("home"),
            _ => root.path().join("home"),
        };
        let status = Command::new("cp")
            .arg("-a")
            .arg(computer.home())
            .arg(&home)
            .status()
            .unwrap();
        assert!(status.success());
        if home.starts_with(&small) {
            std::os::unix::fs::symlink(&home, root.path().join("home")).unwrap();
        }
        let backups = match home.starts_with(&small) {
            true => root.path().join("backups"),
            false => small.join("backups"),
        };
        let (browsers, profile) = (
            Computer::at(root.path()),
            home.join(source.strip_prefix(computer.home()).unwrap()),
        );
        let plan = plan_at(&browsers).await;
        // All but this many KiB.
        let told = rustix::fs::statvfs(&small).unwrap();
        let filler = (told.f_bavail * told.f_frsize).saturating_sub(free * 1024);
        std::fs::write(small.join("filler"), vec![1; usize::try_from(filler).unwrap()]).unwrap();
        let outcome = clear_at(&browsers, &plan, &backups).await;
        std::fs::remove_file(small.join("filler")).unwrap();
        let after = crate::full::contents(&profile).await;
        match outcome {
            Ok(()) => {
                assert_eq!(
                    naming(&profile, crate::full::CANARY),
                    [""; 0].map(PathBuf::from),
                    "{free} KiB"
                );
                codes.push("cleared");
            }
            Err(error) => {
                codes.push(error.code());
                assert!(after == before, "{free} KiB: {error:?}");
                assert_eq!(error.code(), "no-space", "{free} KiB: {error:?}");
                assert_eq!(std::fs::read_dir(&backups).map_or(0, Iterator::count), 0);
            }
        }
    }
    assert_eq!(codes.first(), Some(&"no-space"), "{codes:?}");
    assert_eq!(codes.last(), Some(&"cleared"), "{codes:?}");
}
