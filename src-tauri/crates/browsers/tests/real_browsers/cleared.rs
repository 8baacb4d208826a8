//! What is cleared is cleared for the browser too: it starts again signed out there, signed in at the unrelated site,
//! and, after undoing, signed in at both.

use std::path::Path;
use std::time::Duration;

use settings_privacy_browsers::{Browsers, Places};
use settings_privacy_core::data;
use settings_privacy_core::storage::{Choice, Elsewhere, Kind, Plan};

use crate::launch::{self, Driven, Program};
use crate::site::Site;
use crate::{look, the_profile};

const PATIENCE: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread")]
async fn firefox_starts_signed_out_after_clearing_and_signed_in_after_undoing() {
    suite(Program::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium_starts_signed_out_after_clearing_and_signed_in_after_undoing() {
    suite(Program::Chromium).await;
}

async fn suite(program: Program) {
    let Some(executable) = launch::find(program) else {
        return;
    };
    let root = tempfile::tempdir().expect("a folder");
    let places = Places::under(root.path());
    std::fs::create_dir_all(&places.scratch).expect("a folder");
    let site = Site::start();
    let browsers = Browsers::new(places);
    let mut visits = 0;
    let mut state = |everything: bool| {
        visits += 1;
        let address = site.state(everything, visits);
        let mut browser = Driven::start_at(program, &executable, root.path(), &site, &address);
        let found = site.found(visits, PATIENCE);
        browser.close();
        found
    };
    let all = "signed-in-local3-databases1-workers1-caches1-files1";
    let some = "signed-in-local3-databases1-workers1";
    let none = "signed-out-local0-databases0-workers0";

    let mut browser = Driven::start(program, &executable, root.path(), &site);
    site.wait_until_visited(PATIENCE);
    browser.close();
    assert_eq!(state(true), [all, all], "{program:?}, before");

    let profile = the_profile(&browsers).await;
    let seen = look(&browsers, &profile).await;
    let cache = Choice::Kind {
        site: None,
        kind: Kind::Elsewhere(Elsewhere::HttpCache),
    };
    let plan = Plan::new(&seen, &[Choice::Everything { site: None }, cache]);
    assert!(plan.findings.len() > 10, "{:?}", plan.findings);
    let backups = root.path().join("backups");
    let cleared = clear(&browsers, &plan, &backups).await;
    assert_eq!(cleared.remaining, [], "{program:?}");
    for value in ["value a of app.dingtalk.com", "secret-session/app.dingtalk.com"] {
        let (text, wide): (Vec<u8>, Vec<u8>) = (
            value.into(),
            value.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        );
        assert_eq!(
            holding(&root.path().join("home"), &[text, wide]),
            [""; 0],
            "{program:?}"
        );
    }
    assert_eq!(state(false), [none, some], "{program:?}, cleared");
    assert_eq!(state(false), [none, some], "{program:?}, started again");

    let restored = browsers
        .restore(&cleared.backup.expect("something was removed"))
        .await
        .expect("it can be undone");
    assert!(restored.put_back > 5, "{program:?}: {restored:?}");
    assert_eq!(state(true), [all, all], "{program:?}, undone: {restored:?}");
    assert_eq!(state(true), [all, all], "{program:?}, undone and started again");
    let again = look(&browsers, &profile).await;
    assert_eq!(again.problems, [], "{program:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_forgets_pages_and_tabs_when_asked_and_keeps_the_others() {
    forgotten(Program::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium_forgets_pages_and_tabs_when_asked_and_keeps_the_others() {
    forgotten(Program::Chromium).await;
}

/// One tab went from DingTalk's page to others'. Cleared, the browser opens it again where it was, without what came
/// before; undone, the history has it again.
async fn forgotten(program: Program) {
    const KINDS: [Kind; 2] = [
        Kind::Elsewhere(Elsewhere::History),
        Kind::Elsewhere(Elsewhere::SessionRestore),
    ];
    let Some(executable) = launch::find(program) else {
        return;
    };
    let root = tempfile::tempdir().expect("a folder");
    let places = Places::under(root.path());
    std::fs::create_dir_all(&places.scratch).expect("a folder");
    let site = Site::start();
    let browsers = Browsers::new(places);
    let mut browser = Driven::start(program, &executable, root.path(), &site);
    site.wait_until_visited(PATIENCE);
    // Firefox writes down what is open every fifteen seconds.
    let profile = the_profile(&browsers).await;
    let begun = std::time::Instant::now();
    while look(&browsers, &profile).await.total(KINDS[1]).0 == 0 && begun.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    browser.close();

    let seen = look(&browsers, &profile).await;
    let choices = KINDS.map(|kind| Choice::Kind { site: None, kind });
    let plan = Plan::new(&seen, &choices);
    for kind in KINDS {
        assert!(seen.total(kind).0 > 0, "{program:?}: {kind:?} isn't there");
    }
    let cleared = clear(&browsers, &plan, &root.path().join("backups")).await;
    assert_eq!(
        (cleared.gone.len(), cleared.remaining.as_slice()),
        (plan.findings.len(), &[][..]),
        "{program:?}"
    );
    let history = profile.path.join(match program {
        Program::Firefox => "places.sqlite",
        Program::Chromium => "History",
    });
    let named = |host: &str| {
        let bytes = std::fs::read(&history).expect("it is there");
        bytes
            .windows(host.len())
            .filter(|window| *window == host.as_bytes())
            .count()
    };
    assert_eq!(named("app.dingtalk.com"), 0, "{program:?}");
    assert!(
        named("www.example.org") > 0 && named("dingtalk.com.evil.net") > 0,
        "{program:?}"
    );

    let started = std::time::SystemTime::now();
    let mut browser = Driven::reopen(program, &executable, root.path(), &site);
    match program {
        Program::Chromium => site.only_last_is_opened(PATIENCE),
        Program::Firefox => last_is_opened(&profile.path, started),
    }
    browser.close();
    let after = look(&browsers, &profile).await;
    assert_eq!(after.problems, [], "{program:?}");
    for kind in KINDS {
        assert_eq!(
            after.total(kind).0,
            0,
            "{program:?} {kind:?}: {:?}",
            after.findings
        );
    }

    let restored = browsers
        .restore(&cleared.backup.expect("something was removed"))
        .await;
    let restored = restored.expect("it can be undone");
    assert!(restored.put_back > 2, "{program:?}: {restored:?}");
    let mut browser = Driven::start_at(program, &executable, root.path(), &site, "about:blank");
    let pages = |seen: &settings_privacy_core::storage::Seen| {
        let mut pages: Vec<_> = seen
            .findings
            .iter()
            .filter(|finding| finding.item.kind() == KINDS[0])
            .cloned()
            .collect();
        pages.sort_by(|one, other| one.host.cmp(&other.host));
        pages
    };
    while browsers.running(&profile).await != settings_privacy_core::storage::Running::Yes
        && begun.elapsed() < 4 * PATIENCE
    {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    browser.close();
    assert_eq!(
        pages(&look(&browsers, &profile).await),
        pages(&seen),
        "{program:?}"
    );
}

/// Waits until Firefox writes down that the last of the pages is open again. Without a display it doesn't load it.
fn last_is_opened(profile: &Path, since: std::time::SystemTime) {
    let file = profile.join("sessionstore-backups/recovery.jsonlz4");
    let begun = std::time::Instant::now();
    let opened = || {
        let written = std::fs::metadata(&file).and_then(|told| told.modified()).ok()?;
        let bytes = std::fs::read(&file).ok().filter(|_| written > since)?;
        let (length, block) = bytes.strip_prefix(b"mozLz40\0")?.split_first_chunk::<4>()?;
        let json = lz4_flex::block::decompress(block, u32::from_le_bytes(*length) as usize).ok()?;
        let session: serde_json::Value = serde_json::from_slice(&json).ok()?;
        let pages = session["windows"][0]["tabs"][0]["entries"].as_array()?;
        let page = pages.last()?["url"].as_str()?;
        page.contains("dingtalk.com.evil.net").then_some(pages.len())
    };
    loop {
        if let Some(pages) = opened() {
            return assert_eq!(pages, 3, "one went, the others are there");
        }
        assert!(begun.elapsed() < PATIENCE, "the tab isn't opened again");
        std::thread::sleep(Duration::from_millis(300));
    }
}

async fn clear(browsers: &Browsers, plan: &Plan, backups: &Path) -> settings_privacy_browsers::Cleared {
    let (sites, purposes) = (data::sites(), data::cookie_purposes());
    let now = jiff::Timestamp::now();
    let cleared = browsers
        .clear(plan, sites, purposes, backups.to_owned(), now, |_| {})
        .await;
    cleared.unwrap_or_else(|error| panic!("{error:?}"))
}

/// Files below a folder in which one of these stands.
fn holding(folder: &Path, values: &[Vec<u8>]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("it is there").flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(holding(&path, values));
        } else if let Ok(bytes) = std::fs::read(&path) {
            let stands = |value: &Vec<u8>| bytes.windows(value.len()).any(|window| window == value);
            if values.iter().any(stands) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}
