//! What other programs change shows within a second, and nobody looks again and again for it.

use std::time::Duration;

use settings_privacy_core::permission::{Effective, Wanted};
use settings_privacy_devices::Watch;

use crate::computer::{APP, Computer, METADATA, Whose, catalogue, effective, switch, told};

const SOON: Duration = Duration::from_secs(1);
/// Long enough for a word that shouldn't come.
const QUIET: Duration = Duration::from_millis(400);

/// A watch whose first word, that everything is followed, was heard.
async fn watching(computer: &Computer) -> Watch {
    let mut watch = computer.desktop().watch().unwrap();
    assert!(
        told(&mut watch, Duration::from_secs(3)).await,
        "it says when it is ready"
    );
    watch
}

#[tokio::test]
async fn an_override_that_another_program_writes_shows_within_a_second() {
    let computer = Computer::with_dingtalk();
    let mut watch = watching(&computer).await;
    // The folder of the overrides isn't even there yet.
    computer.flatpak(&[
        "override",
        "--user",
        "--nodevice=all",
        "--nofilesystem=xdg-run/pipewire-0",
        APP,
    ]);
    assert!(told(&mut watch, SOON).await);
    assert_eq!(
        effective(&computer.desktop().observe(catalogue()).await, "camera"),
        Effective::Asks
    );
    // And now that it is, changes in it show as well.
    while told(&mut watch, QUIET).await {}
    computer.flatpak(&["override", "--user", "--device=all", APP]);
    assert!(told(&mut watch, SOON).await);
}

#[tokio::test]
async fn an_answer_that_another_program_gives_the_store_shows_within_a_second() {
    let computer = Computer::with_dingtalk();
    let mut watch = watching(&computer).await;
    for answer in ["no", "yes"] {
        computer.flatpak(&["permission-set", "devices", "camera", APP, answer]);
        assert!(told(&mut watch, SOON).await, "{answer}");
    }
}

#[tokio::test]
async fn entries_of_no_interest_are_not_told() {
    let computer = Computer::with_dingtalk();
    let mut watch = watching(&computer).await;
    computer.flatpak(&["permission-set", "background", "background", APP, "no"]);
    assert!(!told(&mut watch, QUIET).await);
}

#[tokio::test]
async fn looking_is_not_changing() {
    let computer = Computer::with_dingtalk();
    switch(&computer.desktop(), "camera", Wanted::Deny).await;
    let mut watch = watching(&computer).await;
    computer.desktop().observe(catalogue()).await;
    assert!(!told(&mut watch, QUIET).await);
}

#[tokio::test]
async fn an_app_that_is_installed_later_shows_within_a_second() {
    for whose in [Whose::User, Whose::System] {
        let computer = Computer::new();
        let mut watch = watching(&computer).await;
        computer.install(whose, METADATA);
        assert!(told(&mut watch, SOON).await, "{whose:?}");
    }
}

#[tokio::test]
async fn an_update_of_the_app_shows_within_a_second() {
    let computer = Computer::with_dingtalk();
    let mut watch = watching(&computer).await;
    let branch = computer
        .installation(Whose::User)
        .join("app")
        .join(APP)
        .join("x86_64/stable");
    std::os::unix::fs::symlink("0123abcd", branch.join("new")).unwrap();
    std::fs::rename(branch.join("new"), branch.join("active")).unwrap();
    assert!(told(&mut watch, SOON).await);
}

#[tokio::test]
async fn a_folder_taken_away_and_put_back_is_still_followed() {
    let computer = Computer::with_dingtalk();
    switch(&computer.desktop(), "camera", Wanted::Deny).await;
    let mut watch = watching(&computer).await;
    let folder = computer.installation(Whose::User).join("overrides");
    std::fs::rename(&folder, folder.with_extension("away")).unwrap();
    assert!(told(&mut watch, SOON).await);
    while told(&mut watch, QUIET).await {}
    computer.write_override("[Context]\ndevices=!all;\n");
    assert!(told(&mut watch, SOON).await);
    while told(&mut watch, QUIET).await {}
    std::fs::write(computer.override_path(), "").unwrap();
    assert!(told(&mut watch, SOON).await);
}

#[tokio::test]
async fn a_change_where_the_override_links_to_shows_within_a_second() {
    let computer = Computer::with_dingtalk();
    let kept = computer.root().join("home/dotfiles/dingtalk");
    crate::computer::write(&kept, "");
    std::fs::create_dir_all(computer.override_path().parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&kept, computer.override_path()).unwrap();
    let mut watch = watching(&computer).await;
    std::fs::write(&kept, "[Context]\ndevices=!all;\n").unwrap();
    assert!(told(&mut watch, SOON).await);
}

#[tokio::test]
async fn many_changes_at_once_are_one_word() {
    let computer = Computer::with_dingtalk();
    let mut watch = watching(&computer).await;
    let mut words = 0;
    let (changing, counting) = (
        async {
            for number in 0..16 {
                computer.write_override(&format!("# {number}\n"));
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::sleep(QUIET).await;
        },
        async {
            while watch.changed().await.is_some() {
                words += 1;
            }
        },
    );
    tokio::select! { () = changing => {}, () = counting => {} }
    // On a busy machine the writing may take longer than one word lasts.
    assert!((1..=3).contains(&words), "{words} words");
}

#[tokio::test]
async fn without_a_bus_the_files_are_followed() {
    let computer = Computer::without_bus();
    let mut watch = watching(&computer).await;
    computer.write_override("");
    assert!(told(&mut watch, SOON).await);
}

#[tokio::test]
async fn dropping_a_watch_ends_everything_it_started() {
    let computer = Computer::with_dingtalk();
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let watch = watching(&computer).await;
    assert!(tasks() > before);
    drop(watch);
    for _ in 0..200 {
        if tasks() == before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{} tasks are left of {before}", tasks());
}
