//! Where profiles are looked for, and whether a browser has one open.

use std::os::unix::fs::symlink;

use settings_privacy_core::storage::{Browser, Channel, Packaging, Profile, Running};

use crate::made::{Computer, Made, write};

fn told(profiles: &[Profile]) -> Vec<(Browser, Channel, &str, bool, Packaging)> {
    let tell = |profile: &'_ Profile| {
        (
            profile.browser,
            profile.channel,
            profile.default,
            profile.packaging.clone(),
        )
    };
    let mut told: Vec<_> = profiles
        .iter()
        .map(|profile| {
            let (browser, channel, default, packaging) = tell(profile);
            (browser, channel, profile.name.as_str(), default, packaging)
        })
        .collect();
    told.sort();
    told
}

#[tokio::test]
async fn nothing_is_found_where_nothing_is() {
    let computer = Computer::new();
    assert_eq!(computer.profiles().await, []);
}

#[tokio::test]
async fn every_home_of_firefox_is_looked_into() {
    let computer = Computer::new();
    for (root, name) in [
        (".config/mozilla/firefox", "one.default-esr"),
        (".mozilla/firefox", "two.default-release"),
        (
            ".var/app/org.mozilla.firefox/.mozilla/firefox",
            "three.default-release",
        ),
        (
            ".var/app/org.mozilla.firefox/config/mozilla/firefox",
            "four.default-release",
        ),
        ("snap/firefox/common/.mozilla/firefox", "five.dev-edition-default"),
    ] {
        let root = computer.home().join(root);
        write(&root.join(name).join("prefs.js"), "");
        let list = format!(
            "; a comment\n[Install4F96D1932A9F858E]\nDefault={name}\nLocked=1\n\n[Profile0]\nName=default\nIsRelative=1\nPath={name}\n\n[General]\nVersion=2\n"
        );
        write(&root.join("profiles.ini"), list);
    }
    let flatpak = || Packaging::Flatpak("org.mozilla.firefox".to_owned());
    let snap = || Packaging::Snap("firefox".to_owned());
    let firefox = |channel, packaging| (Browser::Firefox, channel, "default", true, packaging);
    assert_eq!(
        told(&computer.profiles().await),
        [
            firefox(Channel::Stable, Packaging::Plain),
            firefox(Channel::Stable, flatpak()),
            firefox(Channel::Stable, flatpak()),
            firefox(Channel::Esr, Packaging::Plain),
            firefox(Channel::Dev, snap()),
        ]
    );
}

#[tokio::test]
async fn moved_linked_and_unlisted_firefox_profiles_are_found_once_each() {
    let computer = Computer::new();
    let root = computer.home().join(".mozilla/firefox");
    let moved = computer.root.path().join("disk/moved profile");
    for profile in [&moved, &root.join("left.behind"), &root.join("here.default")] {
        write(&profile.join("cookies.sqlite"), "");
    }
    write(&root.join("Crash Reports/note"), "not a profile");
    symlink(root.join("here.default"), root.join("again.linked")).unwrap();
    // The older place is a link to the newer on some computers.
    std::fs::create_dir_all(computer.home().join(".config/mozilla")).unwrap();
    symlink(&root, computer.home().join(".config/mozilla/firefox")).unwrap();
    let list = format!(
        "[Profile0]\nName=moved\nIsRelative=0\nPath={}\n[Profile1]\nName=here\nIsRelative=1\nPath=here.default\nDefault=1\n[Profile2]\nName=gone\nIsRelative=1\nPath=gone.default\n",
        moved.display()
    );
    write(&root.join("profiles.ini"), list);
    write(
        &root.join("installs.ini"),
        "[ABCD]\nDefault=left.behind\nLocked=1\n",
    );
    let profiles = computer.profiles().await;
    let names: Vec<(&str, bool)> = profiles
        .iter()
        .map(|one| (one.name.as_str(), one.default))
        .collect();
    assert_eq!(names, [("moved", false), ("here", false), ("behind", true)]);
}

#[tokio::test]
async fn every_channel_and_packaging_of_chromium_is_looked_into() {
    let computer = Computer::new();
    for root in [
        ".config/google-chrome",
        ".config/google-chrome-beta",
        ".config/google-chrome-unstable",
        ".config/chromium",
        ".config/microsoft-edge-dev",
        ".config/BraveSoftware/Brave-Browser",
        ".config/vivaldi",
        ".config/opera",
        ".var/app/com.google.Chrome/config/google-chrome",
        "snap/chromium/common/chromium",
    ] {
        let profile = if root.ends_with("opera") {
            root.to_owned()
        } else {
            format!("{root}/Default")
        };
        write(&computer.home().join(profile).join("Preferences"), "{}");
    }
    let one = |browser, channel, packaging| (browser, channel, "Default", true, packaging);
    let plain = || Packaging::Plain;
    assert_eq!(
        told(&computer.profiles().await),
        [
            one(Browser::Chrome, Channel::Stable, plain()),
            one(
                Browser::Chrome,
                Channel::Stable,
                Packaging::Flatpak("com.google.Chrome".to_owned())
            ),
            one(Browser::Chrome, Channel::Beta, plain()),
            one(Browser::Chrome, Channel::Dev, plain()),
            one(Browser::Chromium, Channel::Unsaid, plain()),
            one(
                Browser::Chromium,
                Channel::Unsaid,
                Packaging::Snap("chromium".to_owned())
            ),
            one(Browser::Edge, Channel::Dev, plain()),
            one(Browser::Brave, Channel::Stable, plain()),
            one(Browser::Vivaldi, Channel::Stable, plain()),
            one(Browser::Opera, Channel::Stable, plain()),
        ]
    );
}

#[tokio::test]
async fn chromiums_profiles_have_the_names_people_gave_them() {
    let computer = Computer::new();
    let root = computer.home().join(".config/chromium");
    for profile in [
        "Default",
        "Profile 1",
        "Profile 2",
        "System Profile",
        "Guest Profile",
    ] {
        write(&root.join(profile).join("Preferences"), "{}");
    }
    write(&root.join("Crashpad/settings.dat"), "");
    write(
        &root.join("Local State"),
        r#"{"profile":{"last_used":"Profile 1","info_cache":{"Default":{"name":"Ana"},"Profile 1":{"name":"工作"},"Profile 2":{"name":3}}}}"#,
    );
    let profiles = computer.profiles().await;
    let names: Vec<(&str, bool)> = profiles
        .iter()
        .map(|one| (one.name.as_str(), one.default))
        .collect();
    assert_eq!(names, [("Ana", false), ("工作", true), ("Profile 2", false)]);
}

#[tokio::test]
async fn a_list_that_cant_be_read_is_a_problem_and_the_folders_are_found() {
    let computer = Computer::new();
    Made::Chromium.profile(&computer);
    write(&computer.home().join(".config/google-chrome/Local State"), "{");
    let found = computer.browsers.profiles().await;
    assert_eq!(found.problems[0].code, "profiles-unreadable");
    assert_eq!(found.profiles[0].name, "Default");
}

#[tokio::test]
async fn stale_locks_dont_count_as_running() {
    let computer = Computer::new();
    let firefox = Made::Firefox.profile(&computer);
    write(&firefox.join(".parentlock"), "");
    symlink("127.0.1.1:+4194300", firefox.join("lock")).unwrap();
    let chromium = Made::Chromium.profile(&computer);
    let lock = chromium.parent().unwrap().join("SingletonLock");
    let host = rustix::system::uname().nodename().to_str().unwrap().to_owned();
    let profiles = computer.profiles().await;
    let [firefox, chromium] = profiles.as_slice() else {
        panic!("two profiles, not {profiles:?}");
    };
    assert_eq!(computer.browsers.running(firefox).await, Running::No);
    assert_eq!(computer.browsers.running(chromium).await, Running::No);
    let own = std::process::id();
    for (target, expected) in [
        // Beyond the largest number Linux gives.
        (format!("{host}-4194305"), Running::No),
        (format!("{host}-{own}"), Running::Yes),
        (format!("another-computer-{own}"), Running::Unknown),
        (format!("{host}-"), Running::Unknown),
        ("nonsense".to_owned(), Running::Unknown),
    ] {
        let _ = std::fs::remove_file(&lock);
        symlink(&target, &lock).unwrap();
        assert_eq!(computer.browsers.running(chromium).await, expected, "{target}");
    }
}
