//! A person switches something off, sees it off, and takes it back.

use std::os::unix::fs::{PermissionsExt, symlink};

use settings_privacy_core::permission::{Effective, Snapshot, Store, StoreKey, Wanted};

use crate::computer::{Computer, METADATA, Whose, catalogue, codes, effective, planned, switch, write};

const RICH: &str = "# written by hand, 2025\n\n[Context]\n# no sound in the office\nsockets = wayland; \nunknown-key=stays\n\n[Environment]\nQT_SCALE=2\n\n[My Notes]\n# and this group too";

#[tokio::test]
async fn denying_the_camera_is_what_flatpak_shows_and_undo_brings_the_file_back_byte_for_byte() {
    let computer = Computer::new();
    computer.install_for_real(Whose::User);
    computer.write_override(RICH);
    let desktop = computer.desktop();
    assert!(computer.flatpak_gives(Whose::User).contains("devices=all;"));
    let before = desktop.observe(catalogue()).await;
    assert_eq!(effective(&before, "camera"), Effective::Allowed);
    assert_eq!(codes(&before), Vec::<&str>::new());

    let plan = planned(&desktop, "camera", Wanted::Deny).await;
    let snapshot = desktop.snapshot(catalogue(), &plan.edits).await.unwrap();
    desktop.apply(catalogue(), &plan.edits).await.unwrap();

    let after = desktop.observe(catalogue()).await;
    assert_eq!(effective(&after, "camera"), Effective::Denied);
    let given = computer.flatpak_gives(Whose::User);
    assert!(
        given.contains("devices=dri;\n") && !given.contains("pipewire"),
        "{given}"
    );
    assert!(computer.flatpak_shows().contains("devices=!all;dri;\n"));
    assert!(computer.flatpak(&["permissions", "devices"]).contains("no"));

    desktop.restore(catalogue(), &snapshot).await.unwrap();
    assert_eq!(computer.override_text().as_deref(), Some(RICH));
    assert_eq!(desktop.observe(catalogue()).await, before);
}

#[tokio::test]
async fn comments_and_unknown_keys_survive_a_switch() {
    let computer = Computer::with_dingtalk();
    computer.write_override(RICH);
    let desktop = computer.desktop();
    switch(&desktop, "microphone", Wanted::Deny).await;
    let expected = RICH.replace(
        "sockets = wayland; \nunknown-key=stays\n",
        "sockets = wayland;!pulseaudio; \nunknown-key=stays\nfilesystems=!xdg-run/pipewire-0;\n",
    );
    assert_eq!(computer.override_text(), Some(expected));
}

#[tokio::test]
async fn an_override_that_a_switch_made_goes_when_the_switch_is_taken_back() {
    let computer = Computer::with_dingtalk();
    let desktop = computer.desktop();
    switch(&desktop, "camera", Wanted::Deny).await;
    assert!(computer.override_path().exists());
    switch(&desktop, "camera", Wanted::Reset).await;
    assert!(!computer.override_path().exists());
}

#[tokio::test]
async fn undo_removes_a_file_that_was_not_there_and_entries_that_were_not_there() {
    let computer = Computer::with_dingtalk();
    let desktop = computer.desktop();
    let plan = planned(&desktop, "notifications", Wanted::Deny).await;
    let snapshot = desktop.snapshot(catalogue(), &plan.edits).await.unwrap();
    assert_eq!(snapshot.override_file, None);
    desktop.apply(catalogue(), &plan.edits).await.unwrap();
    desktop.restore(catalogue(), &snapshot).await.unwrap();
    assert!(!computer.override_path().exists());
    assert_eq!(
        desktop.observe(catalogue()).await.store,
        Store::Answered([].into())
    );
}

#[tokio::test]
async fn other_apps_entries_in_the_store_stay() {
    let computer = Computer::with_dingtalk();
    computer.flatpak(&["permission-set", "devices", "camera", "org.example.Other", "yes"]);
    let desktop = computer.desktop();
    switch(&desktop, "camera", Wanted::Deny).await;
    switch(&desktop, "camera", Wanted::Reset).await;
    let held = computer.flatpak(&["permissions", "devices"]);
    assert!(held.contains("org.example.Other"), "{held}");
    assert!(!held.contains("com.dingtalk"), "{held}");
}

#[tokio::test]
async fn the_answer_of_another_program_is_read() {
    let computer = Computer::with_dingtalk();
    computer.flatpak(&[
        "permission-set",
        "location",
        "location",
        "com.dingtalk.DingTalk",
        "EXACT",
        "0",
    ]);
    let seen = computer.desktop().observe(catalogue()).await;
    let key = StoreKey {
        table: "location".into(),
        entry: "location".into(),
    };
    let answers = [(key, vec!["EXACT".to_owned(), "0".to_owned()])].into();
    assert_eq!(seen.store, Store::Answered(answers));
    assert_eq!(effective(&seen, "location"), Effective::Allowed);
}

#[tokio::test]
async fn an_override_kept_elsewhere_and_linked_to_stays_there() {
    let computer = Computer::with_dingtalk();
    let kept = computer.root().join("home/dotfiles/dingtalk");
    write(&kept, "[Context]\nsockets=wayland;\n");
    std::fs::create_dir_all(computer.override_path().parent().unwrap()).unwrap();
    symlink("../../../../dotfiles/dingtalk", computer.override_path()).unwrap();
    let desktop = computer.desktop();
    switch(&desktop, "microphone", Wanted::Deny).await;
    assert!(computer.override_path().is_symlink());
    assert!(std::fs::read_to_string(&kept).unwrap().contains("!pulseaudio"));
}

#[tokio::test]
async fn the_files_mode_is_kept() {
    let computer = Computer::with_dingtalk();
    computer.write_override("[Context]\nsockets=wayland;\n");
    let private = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(computer.override_path(), private).unwrap();
    switch(&computer.desktop(), "camera", Wanted::Deny).await;
    let mode = computer.override_path().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[tokio::test]
async fn nothing_but_the_override_is_left_in_its_folder() {
    let computer = Computer::with_dingtalk();
    switch(&computer.desktop(), "camera", Wanted::Deny).await;
    let folder = computer.installation(Whose::User).join("overrides");
    let names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["com.dingtalk.DingTalk"]);
}

#[tokio::test]
async fn the_administrators_override_counts_for_the_computers_installation_only() {
    let computer = Computer::new();
    let system = computer
        .installation(Whose::System)
        .join("overrides/com.dingtalk.DingTalk");
    write(&system, "[Context]\ndevices=!all;\n");
    computer.install(Whose::System, METADATA);
    let desktop = computer.desktop();
    let pipewire = "[Context]\nfilesystems=!xdg-run/pipewire-0;\n";
    computer.write_override(pipewire);
    assert_eq!(
        effective(&desktop.observe(catalogue()).await, "camera"),
        Effective::Asks
    );
    computer.install(Whose::User, METADATA);
    assert_eq!(
        effective(&desktop.observe(catalogue()).await, "camera"),
        Effective::Allowed
    );
}

#[test]
fn everything_can_be_done_from_any_thread() {
    fn on_any_thread<T: Send>(_: T) {}
    let computer = Computer::without_bus();
    let desktop = computer.desktop();
    let snapshot = Snapshot {
        override_file: None,
        store: Vec::new(),
    };
    on_any_thread(desktop.observe(catalogue()));
    on_any_thread(desktop.snapshot(catalogue(), &[]));
    on_any_thread(desktop.apply(catalogue(), &[]));
    on_any_thread(desktop.restore(catalogue(), &snapshot));
    on_any_thread(desktop.copy_aside(computer.root()));
    on_any_thread(desktop.open_settings(&catalogue().permissions[0]));
    on_any_thread(std::sync::Arc::new(desktop));
}
