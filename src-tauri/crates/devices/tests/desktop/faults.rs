//! What goes wrong on real computers: each is a sentence, and nothing is lost.

use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::{Duration, Instant};

use settings_privacy_core::permission::{Edit, Effective, Layer, List, Store, StoreKey, Wanted, plan};
use settings_privacy_devices::{Desktop, DeviceError, Places, StoreFailure, Undone};

use crate::computer::{Computer, METADATA, Whose, catalogue, codes, effective, id, layer, switch, write};
use crate::stores::{Old, Refusing, serve};

fn deny_devices() -> Edit {
    Edit::List {
        list: List::Devices,
        remove: vec![],
        add: vec!["!all".into()],
    }
}

fn set_camera() -> Edit {
    Edit::Store {
        key: StoreKey {
            table: "devices".into(),
            entry: "camera".into(),
        },
        value: Some(vec!["no".into()]),
    }
}

#[tokio::test]
async fn without_the_store_the_person_is_told_and_the_files_are_still_shown() {
    for computer in [Computer::without_store(), Computer::without_bus()] {
        computer.install(Whose::User, METADATA);
        let desktop = computer.desktop();
        let seen = desktop.observe(catalogue()).await;
        assert_eq!(codes(&seen), ["store-unavailable"]);
        assert!(matches!(&seen.store, Store::Unavailable { reason } if reason.contains("isn't there")));
        assert_eq!(effective(&seen, "camera"), Effective::Allowed);
        let error = desktop
            .apply(catalogue(), &[deny_devices(), set_camera()])
            .await
            .unwrap_err();
        assert_eq!(error.code(), "store-missing");
        assert!(error.to_string().ends_with("Nothing was switched."), "{error}");
        assert_eq!(computer.override_text(), None);
        // What needs no store goes on.
        desktop.apply(catalogue(), &[deny_devices()]).await.unwrap();
    }
}

#[tokio::test]
async fn a_bus_that_accepts_and_never_answers_is_given_up_after_two_seconds() {
    let computer = Computer::without_bus();
    computer.install(Whose::User, METADATA);
    let socket = computer.root().join("bus");
    let _silent = UnixListener::bind(&socket).unwrap();
    let mut places = computer.places();
    places.session_bus = Some(format!("unix:path={}", socket.display()));
    let desktop = Desktop::new(places);
    let begin = Instant::now();
    let seen = desktop.observe(catalogue()).await;
    let took = begin.elapsed();
    assert!(
        took >= Duration::from_millis(1900) && took < Duration::from_millis(2800),
        "{took:?}"
    );
    assert_eq!(codes(&seen), ["store-unavailable"]);
    let error = desktop
        .apply(catalogue(), &[deny_devices(), set_camera()])
        .await
        .unwrap_err();
    assert_eq!(error.code(), "store-hanging");
    assert_eq!(computer.override_text(), None);
}

#[tokio::test]
async fn a_store_that_fails_to_read_stops_everything_before_it_begins() {
    let computer = Computer::without_store();
    computer.install(Whose::User, METADATA);
    let _store = serve(&computer, Refusing).await;
    let error = computer
        .desktop()
        .apply(catalogue(), &[deny_devices(), set_camera()])
        .await
        .unwrap_err();
    assert_eq!(error.code(), "store-refused");
    assert_eq!(computer.override_text(), None);
}

#[tokio::test]
async fn when_the_store_refuses_the_file_and_earlier_entries_are_put_back() {
    let computer = Computer::without_store();
    computer.install(Whose::User, METADATA);
    let before = "# mine\n[Context]\nsockets=!x11;\n";
    computer.write_override(before);
    let apps = [("org.example.Other".to_owned(), vec!["yes".to_owned()])].into();
    let store = serve(&computer, Old { apps }).await;
    let desktop = computer.desktop();
    let refused = Edit::Store {
        key: StoreKey {
            table: "devices".into(),
            entry: "microphone".into(),
        },
        value: Some(vec!["refuse".into()]),
    };
    let edits = [deny_devices(), set_camera(), refused];
    let error = desktop.apply(catalogue(), &edits).await.unwrap_err();
    let DeviceError::Store {
        failure: StoreFailure::Refused { .. },
        undone,
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!(*undone, Undone::Everything);
    assert!(!error.to_string().contains("/home"), "{error}");
    assert_eq!(computer.override_text().as_deref(), Some(before));
    let interface = store
        .object_server()
        .interface::<_, Old>("/org/freedesktop/impl/portal/PermissionStore");
    let interface = interface.await.unwrap();
    let apps: Vec<String> = interface.get().await.apps.keys().cloned().collect();
    assert_eq!(
        apps,
        ["org.example.Other"],
        "ours was taken out again, in the way of version 1"
    );
}

#[tokio::test]
async fn the_store_is_found_again_after_its_bus_was_started_anew() {
    let mut computer = Computer::with_dingtalk();
    let desktop = computer.desktop();
    switch(&desktop, "location", Wanted::Deny).await;
    computer.restart_bus();
    let seen = desktop.observe(catalogue()).await;
    assert_eq!(effective(&seen, "location"), Effective::Denied);
}

#[tokio::test]
async fn a_damaged_override_is_shown_with_its_line_left_alone_and_copied_when_asked() {
    let computer = Computer::with_dingtalk();
    let damaged = "[Context]\ndevices=dri;\nthis is nothing\n";
    computer.write_override(damaged);
    let desktop = computer.desktop();
    let seen = desktop.observe(catalogue()).await;
    assert_eq!(codes(&seen), ["override-malformed"]);
    let problem = &seen.problems[0];
    assert!(problem.message.contains("line 3"), "{}", problem.message);
    assert!(!problem.message.contains("/home"), "{}", problem.message);
    let error = desktop.apply(catalogue(), &[deny_devices()]).await.unwrap_err();
    assert_eq!(error.code(), "override-malformed");
    assert_eq!(computer.override_text().as_deref(), Some(damaged));
    let file = problem.file.clone().unwrap();
    let copy = desktop.copy_aside(file.as_ref()).await.unwrap();
    let second = desktop.copy_aside(file.as_ref()).await.unwrap();
    assert_ne!(copy, second);
    assert_eq!(std::fs::read_to_string(copy).unwrap(), damaged);
}

#[tokio::test]
async fn an_escape_that_flatpak_would_refuse_is_damage_too() {
    let computer = Computer::with_dingtalk();
    computer.write_override("[Context]\nfilesystems=a\\qb;\n");
    assert_eq!(
        codes(&computer.desktop().observe(catalogue()).await),
        ["override-malformed"]
    );
}

#[tokio::test]
async fn only_overrides_are_copied() {
    let computer = Computer::with_dingtalk();
    let other = computer.root().join("home/secret");
    write(&other, "x");
    let error = computer.desktop().copy_aside(&other).await.unwrap_err();
    assert_eq!(error.code(), "not-copied");
}

#[tokio::test]
async fn damaged_metadata_claims_nothing() {
    let computer = Computer::new();
    computer.install(Whose::User, "no key file");
    let seen = computer.desktop().observe(catalogue()).await;
    assert_eq!(codes(&seen), ["metadata-malformed"]);
    assert!(layer(&seen, Layer::Manifest).is_none());
    for which in ["camera", "files", "notifications", "contacts"] {
        assert_eq!(effective(&seen, which), Effective::Unknown, "{which}");
    }
    let refused = plan(catalogue(), &seen, &id("camera"), Wanted::Deny).unwrap_err();
    assert!(refused.to_string().contains("damaged"), "{refused}");
}

#[tokio::test]
async fn a_folder_that_is_no_folder_is_told() {
    let computer = Computer::with_dingtalk();
    write(&computer.installation(Whose::User).join("overrides"), "a file");
    let desktop = computer.desktop();
    assert!(codes(&desktop.observe(catalogue()).await).contains(&"override-unreadable"));
    let error = desktop.apply(catalogue(), &[deny_devices()]).await.unwrap_err();
    assert_eq!(error.code(), "override-unreadable");
}

#[tokio::test]
async fn without_a_home_nothing_is_written_and_the_person_is_told() {
    let computer = Computer::with_dingtalk();
    let places = Places {
        flatpak_user: None,
        ..computer.places()
    };
    let error = Desktop::new(places)
        .apply(catalogue(), &[deny_devices()])
        .await
        .unwrap_err();
    assert_eq!(error.code(), "no-home");
}

/// Runs another of these tests where a folder can't be written: with mounts of its own, gone when it ends. `mount` is
/// for the shell, and finds the folder in `$THE_FOLDER`.
fn with_mount(test: &str, mount: &str, folder: &std::path::Path) {
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

#[test]
fn a_read_only_home_is_told_and_nothing_changes() {
    let computer = Computer::without_bus();
    computer.write_override("[Context]\nsockets=!x11;\n");
    let folder = computer.installation(Whose::User).join("overrides");
    with_mount(
        "faults::inside_a_read_only_folder",
        "mount --bind \"$THE_FOLDER\" \"$THE_FOLDER\"; mount -o remount,bind,ro \"$THE_FOLDER\"",
        &folder,
    );
    assert_eq!(
        computer.override_text().as_deref(),
        Some("[Context]\nsockets=!x11;\n")
    );
}

#[tokio::test]
#[ignore = "run by the test above, with a mount of its own"]
async fn inside_a_read_only_folder() {
    let error = inside().apply(catalogue(), &[deny_devices()]).await.unwrap_err();
    assert_eq!(error.code(), "read-only", "{error}");
}

#[test]
fn a_full_disk_is_told_and_the_old_file_is_whole() {
    let computer = Computer::without_bus();
    let folder = computer.installation(Whose::User).join("overrides");
    std::fs::create_dir_all(&folder).unwrap();
    with_mount(
        "faults::inside_a_full_disk",
        "mount -t tmpfs -o size=65536 none \"$THE_FOLDER\"",
        &folder,
    );
}

#[tokio::test]
#[ignore = "run by the test above, with a mount of its own"]
async fn inside_a_full_disk() {
    let folder = std::path::PathBuf::from(std::env::var_os("THE_FOLDER").unwrap());
    let file = folder.join("com.dingtalk.DingTalk");
    write(&file, "[Context]\nsockets=!x11;\n");
    let filler = std::fs::write(folder.join("filler"), vec![0; 1 << 20]);
    assert_eq!(filler.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    let error = inside().apply(catalogue(), &[deny_devices()]).await.unwrap_err();
    assert_eq!(error.code(), "no-space", "{error}");
    assert_eq!(
        std::fs::read_to_string(file).unwrap(),
        "[Context]\nsockets=!x11;\n"
    );
    assert_eq!(
        std::fs::read_dir(folder).unwrap().count(),
        2,
        "nothing half-written is left"
    );
}

fn inside() -> Desktop {
    let folder = std::path::PathBuf::from(std::env::var_os("THE_FOLDER").unwrap());
    let mut places = Places::under(&folder);
    places.flatpak_user = Some(folder.parent().unwrap().to_owned());
    Desktop::new(places)
}

#[tokio::test]
async fn what_two_of_this_program_write_at_the_same_moment_is_all_there() {
    let computer = Computer::with_dingtalk();
    let two = [computer.desktop(), computer.desktop()];
    let edits: Vec<Edit> = (0..12)
        .map(|number| Edit::List {
            list: List::Filesystems,
            remove: vec![],
            add: vec![format!("/srv/{number}")],
        })
        .collect();
    let all = edits
        .iter()
        .enumerate()
        .map(|(number, edit)| two[number % 2].apply(catalogue(), std::slice::from_ref(edit)));
    for done in futures_util::future::join_all(all).await {
        done.unwrap();
    }
    let seen = two[0].observe(catalogue()).await;
    assert_eq!(
        layer(&seen, Layer::UserApp).unwrap().lists[&List::Filesystems].len(),
        12
    );
}

/// A program that is killed when the test is done with it, also by failing.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_old_file_or_the_new_one_is_there_while_it_is_written_and_when_the_writer_is_killed() {
    let computer = Computer::without_bus();
    let folder = computer.installation(Whose::User).join("overrides");
    let long = format!("[Context]\nsockets=!x11;\n# {}\n", "long ".repeat(40_000));
    computer.write_override(&long);
    let new = long.replace("!x11;\n", "!x11;\ndevices=!all;\n");
    for round in 0..12 {
        let writer = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "faults::inside_a_writer", "--ignored", "--nocapture"])
            .env("THE_FOLDER", &folder)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let writer = Ended(writer);
        let whole = || {
            let text = computer.override_text().expect("it is always there");
            assert!(text == long || text == new, "{} bytes", text.len());
        };
        let until = Instant::now() + Duration::from_millis(40 + 3 * round);
        while Instant::now() < until {
            whole();
        }
        drop(writer);
        whole();
    }
}

#[tokio::test]
#[ignore = "run and killed by the test above"]
async fn inside_a_writer() {
    let desktop = inside();
    let edit = |add| Edit::List {
        list: List::Devices,
        remove: vec!["!all".into()],
        add,
    };
    let (deny, undo) = (edit(vec!["!all".into()]), edit(vec![]));
    loop {
        desktop
            .apply(catalogue(), std::slice::from_ref(&deny))
            .await
            .unwrap();
        desktop
            .apply(catalogue(), std::slice::from_ref(&undo))
            .await
            .unwrap();
    }
}
