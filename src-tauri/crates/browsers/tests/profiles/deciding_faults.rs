//! Where a rule can't be changed, the profile is as it was to the last byte, and a sentence says why.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use settings_privacy_browsers::{Browsers, Places, RuleError};
use settings_privacy_core::data;
use settings_privacy_core::storage::{About, Decision};
use sqlx::Executor;

use crate::deciding::{SITE, all, now, only};
use crate::made::{BOTH, Computer, Made, open, sqlite, write};

/// Every file below a folder, with its bytes.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push((path.clone(), std::fs::read(&path).unwrap())),
        }
    }
    found.sort();
    found
}

/// Tries every kind of change, and says what came of it.
async fn refused(computer: &Computer, profile: &Path) -> RuleError {
    let before = files(profile);
    let (of_profile, sites) = (only(computer).await, data::sites());
    let browsers = &computer.browsers;
    let error = browsers
        .refuse(&of_profile, sites, SITE, now())
        .await
        .unwrap_err();
    let camera = (SITE, About::Camera);
    let other = browsers
        .decide(&of_profile, sites, camera, Decision::Deny, now())
        .await;
    assert_eq!(other.unwrap_err().code(), error.code());
    assert!(files(profile) == before, "the profile was changed: {error}");
    let said = error.to_string();
    assert!(!said.contains("home/") && said.ends_with('.'), "{said}");
    error
}

#[tokio::test]
async fn what_is_damaged_cut_off_or_nothing_at_all_is_left_alone() {
    for made in BOTH {
        let computer = Computer::new();
        let profile = made.profile(&computer);
        made.with_rules(&profile, &[]).await;
        let path = profile.join(made.rules());
        let whole = std::fs::read(&path).unwrap();
        for length in [1, 60, whole.len() / 2, whole.len() - 1] {
            std::fs::write(&path, &whole[..length]).unwrap();
            let error = refused(&computer, &profile).await;
            assert_eq!(error.code(), "damaged", "{made:?}, {length} bytes: {error}");
        }
        std::fs::write(&path, vec![b'x'; 8192]).unwrap();
        assert_eq!(refused(&computer, &profile).await.code(), "damaged", "{made:?}");
    }
}

#[tokio::test]
async fn a_profile_that_was_never_opened_has_to_be_opened_once() {
    for made in BOTH {
        let computer = Computer::new();
        let profile = made.profile(&computer);
        if made == Made::Chromium {
            std::fs::remove_file(profile.join("Preferences")).unwrap();
            write(&profile.join("Cookies"), "");
        }
        assert_eq!(
            refused(&computer, &profile).await.code(),
            "never-used",
            "{made:?}"
        );
    }
}

#[tokio::test]
async fn a_foreign_or_newer_layout_is_left_alone() {
    for (made, change, code) in [
        (
            Made::Firefox,
            "ALTER TABLE moz_perms RENAME COLUMN origin TO principal",
            "foreign-schema",
        ),
        (Made::Firefox, "PRAGMA user_version = 99", "newer-schema"),
        (
            Made::Chromium,
            r#"{"profile":{"content_settings":[]}}"#,
            "foreign-schema",
        ),
        (
            Made::Chromium,
            r#"{"profile":{"content_settings":{"exceptions":null}}}"#,
            "foreign-schema",
        ),
    ] {
        let computer = Computer::new();
        let profile = made.profile(&computer);
        made.with_rules(&profile, &[]).await;
        match made {
            Made::Firefox => sqlite(&profile.join("permissions.sqlite"), change).await,
            Made::Chromium => write(&profile.join("Preferences"), change),
        }
        assert_eq!(refused(&computer, &profile).await.code(), code, "{change}");
    }
}

#[tokio::test]
async fn a_browser_that_is_open_is_named() {
    let computer = Computer::new();
    let profile = Made::Chromium.profile(&computer);
    Made::Chromium.with_rules(&profile, &[]).await;
    let host = rustix::system::uname().nodename().to_str().unwrap().to_owned();
    let lock = profile.parent().unwrap().join("SingletonLock");
    symlink(format!("{host}-{}", std::process::id()), lock).unwrap();
    let error = refused(&computer, &profile).await;
    assert_eq!(error.code(), "browser-open");
    assert!(error.to_string().starts_with("Chrome is open."), "{error}");
}

#[tokio::test]
async fn a_database_that_another_program_has_locked_is_left_alone() {
    let computer = Computer::new();
    let profile = Made::Firefox.profile(&computer);
    Made::Firefox.with_rules(&profile, &[]).await;
    let mut other = open(&profile.join("permissions.sqlite")).await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let (of_profile, sites) = (only(&computer).await, data::sites());
    let error = computer
        .browsers
        .refuse(&of_profile, sites, SITE, now())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "locked", "{error}");
    other.execute("ROLLBACK").await.unwrap();
    computer
        .browsers
        .refuse(&of_profile, sites, SITE, now())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_site_that_isnt_dingtalks_is_never_touched() {
    for made in BOTH {
        let computer = Computer::new();
        let profile = made.profile(&computer);
        made.with_rules(&profile, &[]).await;
        let before = files(&profile);
        let (of_profile, sites) = (only(&computer).await, data::sites());
        for site in [
            "example.org",
            "notdingtalk.com",
            "im.dingtalk.com",
            "*",
            "",
            "com",
        ] {
            let error = computer
                .browsers
                .refuse(&of_profile, sites, site, now())
                .await
                .unwrap_err();
            assert_eq!(error.code(), "not-a-site", "{site}");
        }
        assert!(files(&profile) == before);
    }
}

/// Runs another of these tests with a mount of its own, gone when it ends. `mount` is for the shell, and finds the
/// profile in `$THE_FOLDER`.
fn with_mount(test: &str, mount: &str) {
    let me = std::env::current_exe().unwrap();
    let root = tempfile::tempdir().unwrap();
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
            .env("THE_FOLDER", root.path())
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

/// The computer whose home lies in `$THE_FOLDER`, and whose folder for copies doesn't.
fn inside() -> Computer {
    let folder = PathBuf::from(std::env::var_os("THE_FOLDER").unwrap());
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.join("home")).unwrap();
    symlink(folder.join("home"), root.path().join("home")).unwrap();
    let places = Places::under(root.path());
    std::fs::create_dir_all(&places.scratch).unwrap();
    Computer {
        browsers: Browsers::new(places),
        root,
    }
}

#[test]
fn a_full_disk_leaves_the_rules_as_they_were() {
    with_mount(
        "deciding_faults::inside_a_full_disk",
        "mount -t tmpfs -o size=512k none \"$THE_FOLDER\"",
    );
}

#[tokio::test]
#[ignore = "run by the test above, with a mount of its own"]
async fn inside_a_full_disk() {
    for made in BOTH {
        let computer = inside();
        let profile = made.profile(&computer);
        made.with_rules(&profile, &[]).await;
        let filler = profile.join("filler");
        let full = std::fs::write(&filler, vec![0; 1 << 20]);
        assert_eq!(full.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
        let error = refused(&computer, &profile).await;
        assert_eq!(error.code(), "no-space", "{made:?}: {error}");
        std::fs::remove_file(filler).unwrap();
        let (of_profile, sites) = (only(&computer).await, data::sites());
        computer
            .browsers
            .refuse(&of_profile, sites, SITE, now())
            .await
            .unwrap();
        std::fs::remove_dir_all(computer.home().join(".config")).unwrap();
    }
}

#[test]
fn a_read_only_disk_leaves_the_rules_as_they_were() {
    with_mount(
        "deciding_faults::inside_a_read_only_disk",
        "mount -t tmpfs -o size=2m none \"$THE_FOLDER\"",
    );
}

#[tokio::test]
#[ignore = "run by the test above, with a mount of its own"]
async fn inside_a_read_only_disk() {
    let computer = inside();
    let folder = std::env::var_os("THE_FOLDER").unwrap();
    let remount = |how: &str| {
        let done = Command::new("mount")
            .args(["-o", how])
            .arg(&folder)
            .status()
            .unwrap();
        assert!(done.success());
    };
    for made in BOTH {
        remount("remount,rw");
        let profile = made.profile(&computer);
        made.with_rules(&profile, &[]).await;
        remount("remount,ro");
        let error = refused(&computer, &profile).await;
        assert_eq!(error.code(), "not-writable", "{made:?}: {error}");
        remount("remount,rw");
        std::fs::remove_dir_all(computer.home().join(".config")).unwrap();
    }
}

/// Runs the test below in a process of its own, killed at its n-th system call of this kind. Says whether it came so far.
fn killed(root: &Path, call: &str, nth: usize) -> bool {
    let output = Command::new("strace")
        .args(["-f", "-qqq", "-o", "/dev/null", "-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:signal=KILL:when={nth}")])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "deciding_faults::in_a_process_of_its_own",
            "--ignored",
            "--nocapture",
        ])
        .env("THE_ROOT", root)
        .output()
        .expect("strace isn't installed here: apt-get install strace");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        !said.contains("FAILED"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    !said.contains("1 passed")
}

#[tokio::test]
#[ignore = "run by the test below, to be killed"]
async fn in_a_process_of_its_own() {
    let root = PathBuf::from(std::env::var_os("THE_ROOT").unwrap());
    let browsers = Browsers::new(Places::under(&root));
    let profile = browsers.profiles().await.profiles.remove(0);
    browsers
        .refuse(&profile, data::sites(), SITE, now())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_change_killed_anywhere_leaves_the_old_rules_or_the_new() {
    for made in BOTH {
        let mut kills = 0;
        for call in [
            "pwrite64",
            "write",
            "fsync",
            "fdatasync",
            "rename",
            "unlink",
            "ftruncate",
        ] {
            for nth in [1, 2, 3, 5, 8] {
                let computer = Computer::new();
                let profile = made.profile(&computer);
                made.with_rules(&profile, &[("www.example.org", About::Cookies, Decision::Deny)])
                    .await;
                let old = all(made, &profile).await;
                if !killed(computer.root.path(), call, nth) {
                    break;
                }
                kills += 1;
                let place = format!("{made:?}, {call} {nth}");
                let now_there = all(made, &profile).await;
                let refused = now_there.matches("//dingtalk.com|cookie|2").count() == 2
                    || now_there.contains("\"[*.]dingtalk.com,*\":{\"last");
                assert!(
                    refused || now_there == old,
                    "{place}: neither the old nor the new rules"
                );
                // Whatever was left behind, the next change goes through.
                let (of_profile, sites) = (only(&computer).await, data::sites());
                computer
                    .browsers
                    .refuse(&of_profile, sites, SITE, now())
                    .await
                    .expect(&place);
                computer
                    .browsers
                    .allow(&of_profile, sites, SITE, now())
                    .await
                    .expect(&place);
                assert_eq!(all(made, &profile).await, old, "{place}");
                let left = std::fs::read_dir(&profile).unwrap().flatten();
                let left =
                    left.filter(|entry| entry.file_name().to_string_lossy().contains("settings-privacy"));
                assert_eq!(left.count(), 0, "{place}");
            }
        }
        assert!(kills >= 3, "{made:?}: {kills} kills");
    }
}
