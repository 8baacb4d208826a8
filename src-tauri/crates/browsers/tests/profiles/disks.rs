//! Disks that can't be written, and disks that get full in the middle.

use std::path::{Path, PathBuf};
use std::process::Command;

use settings_privacy_browsers::{Browsers, ClearError};
use settings_privacy_core::data;
use settings_privacy_core::storage::Plan;

use crate::full::{bytes, everything, full, naming, now};
use crate::made::{BOTH, Computer, Made};

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
            "disks::inside_a_read_only_disk",
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
    with_mount("disks::inside_a_small_disk", &mount, root);
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
