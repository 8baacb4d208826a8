//! The third person's journey: what would be lost, the account kept after all, then deleted, and this computer cleaned up.

use std::path::PathBuf;

use fantoccini::Locator;
use sqlx::{ConnectOptions, Connection};

use crate::axe::{axe, check};
use crate::driver::{App, PATIENCE, my_turn};
use crate::home::Home;

/// From the page's beginning to the wait.
pub async fn ask(app: &App<'_>) {
    app.click("deletion-next").await;
    app.find("deletion-word")
        .await
        .send_keys("delete")
        .await
        .expect("it takes text");
    app.click("deletion-confirm").await;
    app.click("export-send-code").await;
    app.click("export-use-code").await;
    app.click("export-confirm").await;
    app.until("deletion", "data-screen", "wait").await;
}

/// Hands what stands in the way over to somebody else.
pub async fn hand_over(app: &App<'_>) {
    let of_the_blocker = |end: &str| format!("[data-testid^=deletion-blocker-] [data-testid$=-{end}]");
    // What stands in the way is asked of the service.
    let asked = app.client.wait().at_most(PATIENCE);
    let choose = asked
        .for_element(Locator::Css(&of_the_blocker("successor")))
        .await;
    let choose = choose.expect("somebody can take over");
    choose.select_by_index(1).await.expect("there are members");
    let transfer = app.client.find(Locator::Css(&of_the_blocker("transfer"))).await;
    let transfer = transfer.expect("there is a button");
    transfer.click().await.expect("it can be pressed");
    app.click("organization-confirm").await;
    app.until_says("administers “Allotment 12”").await;
}

/// As if thirty days had passed at the service inside the program, which must not run meanwhile.
async fn let_cooling_off_end(home: &Home) {
    let database = home.data().join("settings-privacy/sample/service.sqlite");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database);
    let mut connection = options.connect().await.expect("the service's database");
    let moved = sqlx::query("UPDATE deletions SET final_at = requested_at WHERE state = 'cooling-off'")
        .execute(&mut connection)
        .await
        .expect("it can be written");
    connection.close().await.expect("it closes");
    assert_eq!(moved.rows_affected(), 1, "there is one deletion under way");
}

/// The receipts below the home.
fn receipts(home: &Home) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![home.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("it can be listed") {
            let path = entry.expect("it is there").path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "jws") {
                found.push(path);
            }
        }
    }
    found
}

#[tokio::test]
async fn an_account_is_kept_after_all_then_deleted_with_a_receipt_and_this_computer_is_clean() {
    let _turn = my_turn().await;
    let home = Home::with_dingtalk();
    let axe = axe();
    let app = App::start(&home).await;
    app.click("onboarding-sample").await;
    app.click("onboarding-continue").await;

    // What stands in the way is handed to somebody else from here.
    app.click("nav-deletion").await;
    app.until("deletion-next", "aria-disabled", "true").await;
    app.until_says("Allotment 12").await;
    hand_over(&app).await;
    app.until("deletion-next", "aria-disabled", "false").await;
    check(&app, &axe, "weighing").await;

    // Kept after all: the account is there as before.
    ask(&app).await;
    check(&app, &axe, "waiting").await;
    app.click("deletion-keep").await;
    app.until_says("Your account stays").await;
    app.until("deletion", "data-screen", "weigh").await;

    // Asked again, and killed while it waits: it is there at the next start.
    ask(&app).await;
    app.kill().await;
    let_cooling_off_end(&home).await;
    let app = App::start(&home).await;

    // The end comes by itself, and this computer follows.
    app.until("deletion", "data-screen", "clean").await;
    app.find("wipe-done").await;
    check(&app, &axe, "removed").await;
    let [receipt] = &receipts(&home)[..] else {
        panic!("one receipt: {:?}", receipts(&home));
    };
    let signed = std::fs::read_to_string(receipt).expect("it can be read");
    assert_eq!(signed.trim().split('.').count(), 3, "{signed}");
    app.click("wipe-done").await;
    app.find("onboarding").await;
    app.close().await;
    assert!(receipt.exists(), "the receipt stays");
}

#[tokio::test]
async fn a_letter_is_written_and_noted_as_sent_without_an_account() {
    let _turn = my_turn().await;
    let home = Home::with_dingtalk();
    let app = App::start(&home).await;
    app.click("onboarding-none").await;
    app.click("onboarding-continue").await;
    app.click("nav-deletion").await;
    app.until_says("Me – Settings – Security Center – Account settings – Delete DingTalk Account")
        .await;
    app.click("deletion-by-mail-write").await;
    let listed = "[data-testid=letter-place] option[value=california]";
    let waited = app.client.wait().for_element(Locator::Css(listed)).await;
    waited.expect("the laws are listed");
    let place = app.find("letter-place").await;
    place.select_by_value("california").await.expect("it is listed");
    app.until("letter-right-end-account", "aria-checked", "true")
        .await;
    for (field, text) in [
        ("letter-name", "Ada Canarybird"),
        ("letter-account", "ada@example.org"),
    ] {
        let field = app.find(field).await;
        field.send_keys(text).await.expect("it takes text");
    }
    app.click("letter-make").await;
    app.until_says("15 business days").await;
    check(&app, &axe(), "letter").await;
    app.click("letter-save").await;
    app.until_says("Saved:").await;
    app.click("letter-sent").await;
    app.until_says("They should confirm by").await;
    app.close().await;

    let database = home.data().join("settings-privacy/client.db");
    for end in ["", "-wal"] {
        let content = std::fs::read(format!("{}{end}", database.display())).unwrap_or_default();
        assert!(
            !String::from_utf8_lossy(&content).contains("Canarybird"),
            "who wrote is kept nowhere: {end}"
        );
    }
}
