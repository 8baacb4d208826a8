//! A person's copy of their data in the real window: asked for, checked, read, compared; and whatever is killed on the way.

use std::path::Path;
use std::time::{Duration, Instant};

use fantoccini::Locator;

use crate::driver::{App, my_turn};
use crate::home::Home;

/// A copy of the sample account takes seconds; a busy machine takes longer.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test]
async fn a_copy_is_asked_for_checked_read_and_compared() {
    let _turn = my_turn().await;
    let home = Home::with_dingtalk();
    let (first, second) = (home.path().join("first.zip"), home.path().join("second.zip"));
    let app = with_the_sample(&home).await;
    app.click("nav-export").await;
    app.find("export-empty").await;
    ask(&app, &first).await;
    reaches(&app, "checked").await;
    assert!(first.is_file(), "the copy lies where it was wished");
    app.until_says("This archive is complete and unchanged, and it is yours.")
        .await;
    save_into(&app, "export-save-report", home.path()).await;
    let report = std::fs::read_to_string(home.path().join("verification-report.txt")).expect("it was saved");
    assert!(report.contains("Signature: holds"), "{report}");

    // Something changes in between, which the second copy holds.
    app.click("nav-marketing").await;
    app.click("consent-marketing.news.email-switch").await;
    app.until("consent-marketing.news.email-sync", "data-sync", "synced")
        .await;
    app.click("nav-export").await;
    app.click("export-back").await;
    ask(&app, &second).await;
    reaches(&app, "checked").await;

    app.click("export-read").await;
    app.until("archive-reader", "data-indexed", "true").await;
    app.find("archive-category-messages").await;
    read(&app, home.path()).await;
    compare(&app, &first).await;
    app.click("export-back").await;
    nothing_is_left_of_indexes(&home).await;
    app.close().await;
}

#[tokio::test]
async fn a_copy_goes_on_after_the_program_was_killed() {
    let _turn = my_turn().await;
    let home = Home::with_dingtalk();
    let place = home.path().join("copy.zip");
    let app = with_the_sample(&home).await;
    app.click("nav-export").await;
    ask(&app, &place).await;
    app.find("export-page").await;
    app.kill().await;

    let app = App::start(&home).await;
    app.click("nav-export").await;
    let show = app.client.wait().at_most(PATIENCE);
    let show = show.for_element(Locator::Css("[data-testid^='export-'][data-testid$='-show']"));
    show.await
        .expect("the copy is remembered")
        .click()
        .await
        .expect("it is pressed");
    app.find("export-page").await;
    give_a_code_if_one_is_needed(&app).await;
    reaches(&app, "checked").await;
    assert!(place.is_file());
    let beside = std::fs::read_dir(home.path()).expect("it can be read");
    let parts: Vec<_> = beside
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("copy.zip."))
        .collect();
    assert!(parts.is_empty(), "nothing half done is left: {parts:?}");
    app.close().await;
}

#[tokio::test]
async fn a_place_is_chosen_in_the_systems_own_dialog_and_thinking_better_of_it_changes_nothing() {
    let _turn = my_turn().await;
    let home = Home::with_dingtalk();
    let app = App::start(&home).await;
    app.click("onboarding-sample").await;
    app.click("onboarding-continue").await;
    app.click("nav-export").await;
    app.click("export-open-file").await;
    write(&app, "place-path", "/as/it/was.zip").await;
    let before = windows();
    app.click("place-path-choose").await;
    let deadline = Instant::now() + PATIENCE;
    let dialog = loop {
        if let Some(dialog) = windows().into_iter().find(|window| !before.contains(window)) {
            break dialog;
        }
        assert!(Instant::now() < deadline, "no dialog opens");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    while windows().contains(&dialog) {
        assert!(Instant::now() < deadline, "the dialog doesn't close");
        // Keys that are only sent to a window, GTK passes over.
        xdotool(&["windowfocus", &dialog, "key", "Escape"]);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let path = app.find("place-path").await.prop("value").await;
    assert_eq!(path.expect("it can be read").as_deref(), Some("/as/it/was.zip"));
    app.close().await;
}

/// The windows that are seen on this display.
fn windows() -> Vec<String> {
    xdotool(&["search", "--onlyvisible", "--name", ".*"])
        .lines()
        .map(str::to_owned)
        .collect()
}

fn xdotool(arguments: &[&str]) -> String {
    let done = std::process::Command::new("xdotool").args(arguments).output();
    String::from_utf8_lossy(&done.expect("xdotool is there").stdout).into_owned()
}

async fn with_the_sample(home: &Home) -> App<'_> {
    let app = App::start(home).await;
    app.click("onboarding-sample").await;
    app.click("onboarding-continue").await;
    app
}

/// Asks for everything, to lie at `place`.
async fn ask(app: &App<'_>, place: &Path) {
    app.click("export-ask").await;
    write(app, "place-path", &place.display().to_string()).await;
    app.click("export-go-on").await;
    app.click("export-send-code").await;
    app.click("export-use-code").await;
    app.click("export-confirm").await;
}

async fn reaches(app: &App<'_>, stage: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let is = app.find("export-page").await.attr("data-stage").await;
        if is.as_ref().is_ok_and(|is| is.as_deref() == Some(stage)) {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "it is {is:?}, not {stage}:\n{}",
            app.text().await
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The code is kept nowhere, so a program that was killed before the service had the request asks for another.
async fn give_a_code_if_one_is_needed(app: &App<'_>) {
    let needed = Locator::Css("[data-testid='export-waits'][data-waits='code-needed']");
    let gone_on = Locator::Css("[data-testid='export-page']:not([data-stage='asked'])");
    let deadline = Instant::now() + PATIENCE;
    loop {
        if app.client.find(needed).await.is_ok() {
            app.click("export-send-code").await;
            app.click("export-use-code").await;
            return app.click("export-confirm").await;
        }
        if app.client.find(gone_on).await.is_ok() {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "it doesn't go on:\n{}",
            app.text().await
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Finds a record, looks at it and at a file of the archive, and saves that.
async fn read(app: &App<'_>, folder: &Path) {
    app.click("archive-part-records").await;
    app.find("archive-row-0").await;
    let everything = app.find("archive-list").await.attr("data-total").await;
    let everything: u32 = number(everything.ok().flatten());
    write(app, "archive-search", "zzz-nobody-says-this").await;
    app.until_says("Nothing found").await;
    write(app, "archive-search", "the").await;
    app.until_says("found").await;
    app.until_says("records found").await;
    let found: u32 = number(
        app.find("archive-list")
            .await
            .attr("data-total")
            .await
            .ok()
            .flatten(),
    );
    assert!(found > 0 && found < everything, "{found} of {everything}");
    app.click("archive-row-0").await;
    app.find("archive-record").await;
    save_into(app, "archive-save-record", folder).await;

    app.click("archive-part-files").await;
    app.click("archive-folder-data").await;
    app.click("archive-file-data/report.json-show").await;
    app.until("archive-preview", "data-shown-as", "text").await;
    app.until_says("\"schema\"").await;
    save_into(app, "archive-file-data/report.json-save", folder).await;
    let saved = std::fs::read_to_string(folder.join("report.json")).expect("it was saved");
    assert!(saved.contains("\"account\""), "{saved}");
}

/// What was changed in between is told.
async fn compare(app: &App<'_>, earlier: &Path) {
    app.click("archive-part-compare").await;
    write(app, "compare-path", &earlier.display().to_string()).await;
    app.click("archive-compare-act").await;
    let total = app.find("archive-compared").await.attr("data-total").await;
    assert!(number(total.ok().flatten()) > 0, "{}", app.text().await);
}

/// An index holds what stands in the archive, so it goes when the archive is closed.
async fn nothing_is_left_of_indexes(home: &Home) {
    let folder = home.data().join("settings-privacy/indexes");
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = std::fs::read_dir(&folder).map_or(0, Iterator::count);
        if left == 0 {
            return;
        }
        assert!(Instant::now() < deadline, "{left} indexes are left");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn number(text: Option<String>) -> u32 {
    text.and_then(|text| text.parse().ok()).expect("it is a number")
}

/// Saves something into a folder, and waits until it says where.
async fn save_into(app: &App<'_>, button: &str, folder: &Path) {
    app.click(button).await;
    write(app, "save-folder", &folder.display().to_string()).await;
    app.click("save-act").await;
    app.until_says(&format!("Saved at {}", folder.display())).await;
}

/// Writes a text into a field, in place of what stands there.
async fn write(app: &App<'_>, id: &str, text: &str) {
    let field = app.find(id).await;
    field.clear().await.expect("it can be emptied");
    field.send_keys(text).await.expect("it can be written into");
}
