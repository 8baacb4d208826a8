//! The first person's journey: a permission off and back, a consent that reaches the service, a crash in between.

use crate::driver::{App, my_turn};
use crate::home::{Home, OVERRIDE};

#[tokio::test]
async fn a_newcomer_switches_the_camera_and_a_consent_and_finds_both_after_a_crash() {
    let _turn = my_turn().await;
    let home = Home::with_dingtalk();
    let app = App::start(&home).await;

    // First start: the made-up account.
    app.click("onboarding-sample").await;
    app.click("onboarding-continue").await;

    // The camera off, for DingTalk's Flatpak.
    app.click("nav-permissions").await;
    app.until("perm-camera-state", "data-state", "allowed").await;
    app.click("perm-camera-switch").await;
    app.click("confirm-deny").await;
    app.until("perm-camera-state", "data-state", "denied").await;
    app.until("perm-face-state", "data-state", "denied").await;
    app.until("perm-microphone-state", "data-state", "allowed").await;
    let shown = home.flatpak_shows();
    let devices = shown
        .lines()
        .find(|line| line.starts_with("devices="))
        .unwrap_or_default();
    assert!(devices.contains("!all") && devices.contains("dri"), "{shown}");
    let text = home.override_text();
    assert!(text.starts_with("# mine: no printing from DingTalk\n"), "{text}");
    assert!(text.contains("# a larger font\nGDK_SCALE=2\n"), "{text}");

    // Undo: the file as it was, to the byte.
    app.click("toast-undo").await;
    app.until("perm-camera-state", "data-state", "allowed").await;
    assert_eq!(home.override_text(), OVERRIDE);

    // Off again, to be found after the crash.
    app.click("perm-camera-switch").await;
    app.click("confirm-deny").await;
    app.until("perm-camera-state", "data-state", "denied").await;

    // A marketing consent off; the service's own history has it.
    app.click("nav-marketing").await;
    app.until("consent-marketing.news.email-switch", "aria-checked", "true")
        .await;
    app.click("consent-marketing.news.email-switch").await;
    app.until("consent-marketing.news.email-switch", "aria-checked", "false")
        .await;
    app.until("consent-marketing.news.email-sync", "data-sync", "synced")
        .await;
    app.click("nav-account").await;
    app.click("account-history-show").await;
    let newest = app.find("account-history-line").await;
    let newest = newest.text().await.expect("it has text");
    assert!(
        newest.starts_with("News and offers by e-mail: denied"),
        "{newest}"
    );

    app.kill().await;
    let app = App::start(&home).await;
    app.click("nav-permissions").await;
    app.until("perm-camera-state", "data-state", "denied").await;
    app.click("nav-marketing").await;
    app.until("consent-marketing.news.email-switch", "aria-checked", "false")
        .await;
    app.until("consent-marketing.news.email-sync", "data-sync", "synced")
        .await;
    app.close().await;
}

#[tokio::test]
async fn what_another_program_changes_appears_by_itself() {
    let _turn = my_turn().await;
    let home = Home::with_dingtalk();
    let app = App::start(&home).await;
    app.click("onboarding-none").await;
    app.click("onboarding-continue").await;
    app.click("nav-permissions").await;
    app.until("perm-files-state", "data-state", "allowed").await;
    let text = format!("{OVERRIDE}\n[Context]\nfilesystems=!xdg-download;\n");
    std::fs::write(home.override_file(), text).expect("the override can be written");
    let changed = std::time::Instant::now();
    app.until("perm-files-state", "data-state", "denied").await;
    assert!(
        changed.elapsed() < std::time::Duration::from_secs(5),
        "it took {:?}",
        changed.elapsed()
    );
    app.close().await;
}

#[tokio::test]
async fn a_damaged_override_is_shown_and_left_alone() {
    let _turn = my_turn().await;
    let home = Home::with_dingtalk();
    let damaged = "[Context\nsockets=!cups;\n";
    std::fs::write(home.override_file(), damaged).expect("the override can be written");
    let app = App::start(&home).await;
    app.click("onboarding-none").await;
    app.click("onboarding-continue").await;
    app.click("nav-permissions").await;
    app.find("notice-override-malformed").await;
    app.click("notice-override-malformed-copy").await;
    app.until_says("A copy is at").await;
    assert_eq!(home.override_text(), damaged);
    let folder = home.override_file().parent().expect("it has a folder").to_owned();
    let beside = std::fs::read_dir(folder)
        .expect("it can be listed")
        .map(|entry| entry.expect("it is there").path());
    let copies: Vec<_> = beside.filter(|path| *path != home.override_file()).collect();
    assert_eq!(copies.len(), 1, "{copies:?}");
    assert_eq!(
        std::fs::read_to_string(&copies[0]).expect("it can be read"),
        damaged
    );
    app.close().await;
}

#[tokio::test]
async fn an_address_without_encryption_is_refused_beside_its_field() {
    let _turn = my_turn().await;
    let home = Home::with_dingtalk();
    let app = App::start(&home).await;
    app.click("onboarding-service").await;
    app.find("onboarding-address")
        .await
        .send_keys("http://privacy.example.org")
        .await
        .expect("it takes text");
    app.click("onboarding-continue").await;
    app.find("onboarding-problem").await;
    app.until_says("isn't encrypted").await;
    app.close().await;
}

#[tokio::test]
async fn a_second_start_leaves_the_first_window_alone_and_ends() {
    let _turn = my_turn().await;
    let home = Home::with_dingtalk();
    let app = App::start(&home).await;
    app.find("onboarding").await;
    let second = App::start_beside(&home).await;
    assert!(second.success(), "{second}");
    app.click("onboarding-none").await;
    app.click("onboarding-continue").await;
    app.find("nav-permissions").await;
    app.close().await;
}
