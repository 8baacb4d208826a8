//! How long the window's commands take, from JavaScript and back: a benchmark, so it asserts nothing about time.
//! `cargo xtask bench` runs it on the release build. `painted` does nothing: it is the least a command can take here, to
//! compare the others with.

use serde_json::Value;

use crate::driver::{App, my_turn};
use crate::home::Home;

/// Calls a command over and over, alternating two arguments; gives each call's milliseconds. Between two calls the window
/// has the time to show what the last one changed, as between two presses of a quick hand.
const MEASURE: &str = "const [command, one, other, rounds, done] = arguments;
    (async () => {
        const taken = [];
        for (let round = 0; round < rounds; round++) {
            await new Promise((later) => setTimeout(later, 100));
            const began = performance.now();
            await window.__TAURI_INTERNALS__.invoke(command, round % 2 ? other : one);
            taken.push(performance.now() - began);
        }
        done(taken);
    })().catch((error) => done(String(error.message ?? error)))";

/// Presses a switch and says how many frames passed until it showed the new position.
const FRAMES: &str = "const [id, done] = arguments;
    const knob = document.querySelector(`[data-testid=\"${id}\"]`);
    const was = knob.getAttribute('aria-checked');
    let frames = 0;
    const look = () => knob.getAttribute('aria-checked') !== was || frames > 100
        ? done(frames) : (frames++, requestAnimationFrame(look));
    knob.click();
    requestAnimationFrame(look)";

#[tokio::test]
#[ignore = "a benchmark: `cargo xtask bench` runs it"]
async fn figures() {
    let _turn = my_turn().await;
    let home = Home::with_dingtalk();
    let app = App::start(&home).await;
    app.click("onboarding-sample").await;
    app.click("onboarding-continue").await;
    app.click("nav-permissions").await;
    app.until("perm-files-state", "data-state", "allowed").await;
    app.click("nav-marketing").await;
    let switch = "consent-marketing.news.email-switch";
    app.find(switch).await;
    let frames = app
        .client
        .execute_async(FRAMES, vec![switch.into()])
        .await
        .expect("it is pressed");
    say(&format!(
        "{:<34}{frames} frames after the press",
        "the switch has moved"
    ));

    let nothing = serde_json::json!({});
    let consent = |granted: bool| serde_json::json!({ "changes": [{ "id": "marketing.news.email", "granted": granted }] });
    let permission = |wanted: &str| serde_json::json!({ "id": "files", "wanted": wanted });
    let painted = serde_json::json!({ "what": "view", "at": 0.0 });
    measure(&app, "painted", &painted, &painted, 400).await;
    measure(&app, "view", &nothing, &nothing, 400).await;
    measure(
        &app,
        "preview_permission",
        &permission("deny"),
        &permission("allow"),
        200,
    )
    .await;
    measure(&app, "set_consents", &consent(true), &consent(false), 200).await;
    measure(
        &app,
        "set_permission",
        &permission("deny"),
        &permission("allow"),
        100,
    )
    .await;
    app.close().await;
}

/// How many calls one script makes: the driver gives a script 30 seconds.
const AT_ONCE: u32 = 100;

async fn measure(app: &App<'_>, command: &str, one: &Value, other: &Value, rounds: u32) {
    let mut taken: Vec<f64> = Vec::new();
    for _ in 0..rounds / AT_ONCE {
        let arguments = vec![command.into(), one.clone(), other.clone(), AT_ONCE.into()];
        let some = app
            .client
            .execute_async(MEASURE, arguments)
            .await
            .expect("the script runs");
        taken.extend(
            serde_json::from_value::<Vec<f64>>(some.clone()).unwrap_or_else(|_| panic!("{command}: {some}")),
        );
    }
    taken.sort_by(f64::total_cmp);
    let at = |share: f64| taken[((taken.len() - 1) as f64 * share).round() as usize];
    say(&format!(
        "{command:<24}{:>10.1} ms median{:>8.1} ms p99{:>8.1} ms longest  ({rounds} calls)",
        at(0.5),
        at(0.99),
        at(1.0)
    ));
}

#[expect(clippy::print_stdout, reason = "a benchmark's figures are its output")]
fn say(line: &str) {
    println!("{line}");
}
