//! Every screen, checked by axe-core in the real window: nothing a screen reader or a keyboard can't use.

use serde_json::Value;

use crate::driver::{App, my_turn};
use crate::home::Home;
use crate::screens::PLACES;

#[tokio::test]
async fn every_screen_is_usable_with_a_screen_reader_and_in_both_themes() {
    let _turn = my_turn().await;
    let home = Home::with_dingtalk();
    let axe = axe();
    let app = App::start(&home).await;
    app.find("onboarding").await;
    check(&app, &axe, "onboarding").await;
    app.click("onboarding-sample").await;
    app.click("onboarding-continue").await;
    for theme in ["light", "dark"] {
        app.click("nav-about").await;
        app.click(&format!("theme-{theme}")).await;
        for place in PLACES {
            app.click(&format!("nav-{place}")).await;
            app.find(&format!("page-{place}")).await;
            check(&app, &axe, &format!("{place}, {theme}")).await;
        }
    }
    app.close().await;
}

/// The checker itself, to be run in the window.
pub fn axe() -> String {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(source).expect("npm installed axe-core")
}

/// Checks what is shown now.
pub async fn check(app: &App<'_>, axe: &str, what: &str) {
    app.client
        .execute(axe, vec![])
        .await
        .expect("axe-core can be loaded");
    let run = "const done = arguments[arguments.length - 1];
        axe.run(document, { resultTypes: ['violations'] }).then(
            (result) => done(result.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ')).join(', '))),
            (error) => done(['axe failed: ' + error]))";
    let found = app
        .client
        .execute_async(run, vec![])
        .await
        .expect("axe-core runs");
    assert_eq!(found, Value::Array(Vec::new()), "{what}");
}
