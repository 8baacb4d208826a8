//! Pictures of every screen, light and dark, wide and narrow: for people to look at.
//!
//! They are taken only where `SETTINGS_PRIVACY_SCREENS` names a folder; the walk itself is a test.

use std::path::PathBuf;

use crate::cookies::{Chrome, profile_id};
use crate::driver::{App, my_turn};
use crate::home::Home;

/// The places of the sidebar.
pub const PLACES: [&str; 11] = [
    "overview",
    "permissions",
    "marketing",
    "cookies",
    "sharing",
    "export",
    "requests",
    "account",
    "deletion",
    "activity",
    "about",
];

#[tokio::test]
async fn every_place_can_be_reached_and_is_named_by_its_heading() {
    let _turn = my_turn().await;
    let home = Home::with_dingtalk();
    Chrome::in_home(&home).await;
    let app = App::start(&home).await;
    app.find("onboarding").await;
    picture(&app, "onboarding").await;
    app.click("onboarding-sample").await;
    app.click("onboarding-continue").await;
    app.click("nav-permissions").await;
    app.until("perm-camera-state", "data-state", "allowed").await;
    app.click("perm-camera-details").await;
    picture(&app, "permissions-details").await;
    app.click("perm-microphone-switch").await;
    app.find("confirm-deny").await;
    picture(&app, "confirm").await;
    app.click("confirm-deny").await;
    app.until("perm-microphone-state", "data-state", "denied").await;
    app.click("nav-cookies").await;
    let profile = profile_id(&app).await;
    app.click(&format!("site-{profile}-dingtalk.com-details")).await;
    app.find(&format!("site-{profile}-dingtalk.com-refuse")).await;
    picture(&app, "cookies-details").await;
    app.click("clear-all").await;
    app.find("clear-act").await;
    picture(&app, "cookies-clear").await;
    app.click("clear-cancel").await;
    for theme in ["light", "dark"] {
        app.click("nav-about").await;
        app.click(&format!("theme-{theme}")).await;
        for place in PLACES {
            app.click(&format!("nav-{place}")).await;
            app.find(&format!("page-{place}")).await;
            // The page may be made anew while it is read; its heading is there all the time.
            let heading = app.client.execute(
                "return document.querySelector(arguments[0])?.innerText",
                vec![format!("[data-testid='page-{place}'] h1").into()],
            );
            let heading = heading.await.expect("it can be asked");
            assert!(heading.as_str().is_some_and(|text| !text.is_empty()), "{place}");
            picture(&app, &format!("{place}-{theme}")).await;
        }
    }
    app.close().await;
}

async fn picture(app: &App<'_>, name: &str) {
    let Some(folder) = std::env::var_os("SETTINGS_PRIVACY_SCREENS").map(PathBuf::from) else {
        return;
    };
    // Transitions end before the picture is taken.
    let settled = "const done = arguments[0]; Promise.all(document.getAnimations().map((a) => a.finished.catch(() => 0)))
        .then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))";
    app.client
        .execute_async(settled, vec![])
        .await
        .expect("the window paints");
    let png = app.client.screenshot().await.expect("a picture can be taken");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    std::fs::write(folder.join(format!("{name}.png")), png).expect("the picture can be written");
}
