//! What happens between two steps, where only the crate itself can be.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use jiff::SignedDuration;
use settings_privacy_core::data;
use settings_privacy_core::storage::{Choice, Item, Kind, Plan, Problem, Profile, Running, Seen};
use sqlx::{Connection, Executor};

use super::*;
use crate::Browsers;
use crate::writable::open_own;

const SCHEMA: &str = "\
    CREATE TABLE cookies(creation_utc INTEGER NOT NULL, host_key TEXT NOT NULL, top_frame_site_key TEXT NOT NULL, \
    name TEXT NOT NULL, value TEXT NOT NULL, encrypted_value BLOB NOT NULL, path TEXT NOT NULL, \
    expires_utc INTEGER NOT NULL, is_secure INTEGER NOT NULL, is_httponly INTEGER NOT NULL, \
    last_access_utc INTEGER NOT NULL); \
    INSERT INTO cookies VALUES (1, 'im.dingtalk.com', '', 'a', 'v', '', '/', 1, 1, 1, 1), \
    (1, 'www.example.org', '', 'b', 'v', '', '/', 1, 1, 1, 1);";

/// A Chromium's profile with a cookie and a database of DingTalk's.
async fn small(root: &Path) -> (Browsers, Seen) {
    let places = Places::under(root);
    std::fs::create_dir_all(&places.scratch).unwrap();
    let profile = root.join("home/.config/chromium/Default");
    let database = profile.join("IndexedDB/https_im.dingtalk.com_0.indexeddb.leveldb");
    std::fs::create_dir_all(&database).unwrap();
    std::fs::write(database.join("1.log"), "kept").unwrap();
    std::fs::write(profile.join("Preferences"), "{}").unwrap();
    let mut cookies = open_own(&profile.join("Cookies")).await.unwrap();
    cookies.execute(SCHEMA).await.unwrap();
    cookies.close().await.unwrap();
    let browsers = Browsers::new(places);
    let profile = browsers.profiles().await.profiles.remove(0);
    let seen = look(&browsers, &profile).await;
    assert_eq!((seen.findings.len(), seen.problems.len()), (2, 0));
    (browsers, seen)
}

async fn look(browsers: &Browsers, profile: &Profile) -> Seen {
    browsers
        .see(profile, data::sites(), data::cookie_purposes())
        .await
}

fn everything(seen: &Seen) -> Plan {
    Plan::new(seen, &[Choice::Everything { site: None }])
}

/// What Chromium's lock names: a process that lives.
fn start(profile: &Profile) -> Child {
    let child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    let host = Places::from_env().host_name.unwrap();
    let lock = profile.root.join("SingletonLock");
    std::os::unix::fs::symlink(format!("{host}-{}", child.id()), lock).unwrap();
    child
}

fn now() -> Timestamp {
    "2026-11-24T08:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn a_browser_that_starts_between_two_steps_is_left_alone_and_all_is_put_back_when_it_is_closed() {
    for at in [1, 2] {
        let root = tempfile::tempdir().unwrap();
        let (browsers, seen) = small(root.path()).await;
        let (plan, backups) = (everything(&seen), root.path().join("backups"));
        let browser = std::sync::Mutex::new(None);
        let told = |progress: Progress| {
            if progress.done == at {
                *browser.lock().unwrap() = Some(start(&seen.profile));
            }
        };
        let outcome = clear(&browsers.places, &plan, data::sites(), &backups, now(), &told).await;
        assert_eq!(outcome.unwrap_err().code(), "started-meanwhile", "{at}");
        let settled = browsers.recover(backups.clone()).await.unwrap();
        let [settled] = settled.as_slice() else {
            panic!("one is to be settled, not {settled:?}");
        };
        assert!(
            matches!(&settled.settlement, Settlement::Waiting(why) if why.code() == "browser-open"),
            "{settled:?}"
        );
        // However old it is, it is needed.
        assert_eq!(
            prune(&backups, now() + SignedDuration::from_hours(24 * 40)).unwrap(),
            0
        );
        let mut browser = browser.into_inner().unwrap().unwrap();
        drop(browser.stdin.take());
        browser.wait().unwrap();
        let settled = browsers.recover(backups.clone()).await.unwrap();
        assert!(
            matches!(settled[0].settlement, Settlement::PutBack),
            "{settled:?}"
        );
        let again = look(&browsers, &seen.profile).await;
        assert_eq!(
            (again.findings, again.problems),
            (seen.findings, seen.problems),
            "{at}"
        );
        assert_eq!(browsers.recover(backups).await.unwrap().len(), 0);
    }
}

#[tokio::test]
async fn what_a_newer_one_stands_in_the_way_of_is_kept_when_a_clearing_is_taken_back() {
    let root = tempfile::tempdir().unwrap();
    let (browsers, seen) = small(root.path()).await;
    let (plan, backups) = (everything(&seen), root.path().join("backups"));
    let browser = std::sync::Mutex::new(None);
    let told = |progress: Progress| {
        if progress.done == 2 {
            *browser.lock().unwrap() = Some(start(&seen.profile));
        }
    };
    let outcome = clear(&browsers.places, &plan, data::sites(), &backups, now(), &told).await;
    assert_eq!(outcome.unwrap_err().code(), "started-meanwhile");
    let cookies = seen.profile.path.join("Cookies");
    let run = async |sql: &'static str| {
        let mut open = open_own(&cookies).await.unwrap();
        open.execute(sql).await.unwrap();
        open.close().await.unwrap();
    };
    run("INSERT INTO cookies VALUES (2, 'im.dingtalk.com', '', 'a', 'newer', '', '/', 1, 1, 1, 1)").await;
    let mut browser = browser.into_inner().unwrap().unwrap();
    drop(browser.stdin.take());
    browser.wait().unwrap();
    let settled = browsers.recover(backups.clone()).await.unwrap();
    assert!(
        matches!(settled[0].settlement, Settlement::PutBackInPart(restored) if restored.newer_stays == 1),
        "{settled:?}"
    );
    assert_eq!(browsers.recover(backups.clone()).await.unwrap().len(), 0);

    run("DELETE FROM cookies WHERE value = 'newer'").await;
    let kept = super::backups(&backups).unwrap();
    let [backup] = kept.as_slice() else {
        panic!("one is kept, not {kept:?}");
    };
    let restored = browsers.restore(backup).await.unwrap();
    // The database was never gone a second time.
    assert_eq!((restored.put_back, restored.newer_stays), (1, 0));
    assert_eq!(look(&browsers, &seen.profile).await.findings, seen.findings);
}

#[tokio::test]
async fn a_clearing_under_way_isnt_taken_for_one_that_was_cut_short() {
    let root = tempfile::tempdir().unwrap();
    let (browsers, seen) = small(root.path()).await;
    let (plan, backups) = (everything(&seen), root.path().join("backups"));
    let (backup, busy) = backup::begin(&backups, &plan, now()).unwrap();
    assert_eq!(browsers.recover(backups.clone()).await.unwrap().len(), 0);
    assert!(backup.folder.exists());
    drop(busy);
    let settled = browsers.recover(backups).await.unwrap();
    assert!(
        matches!(settled[0].settlement, Settlement::NothingChanged),
        "{settled:?}"
    );
    assert!(!backup.folder.exists());
}

#[tokio::test]
async fn what_cant_be_looked_for_isnt_said_to_be_gone() {
    let root = tempfile::tempdir().unwrap();
    let (_, seen) = small(root.path()).await;
    let plan = everything(&seen);
    let after = Seen {
        profile: seen.profile.clone(),
        running: Running::No,
        findings: Vec::new(),
        problems: vec![Problem {
            code: "damaged",
            message: String::new(),
            hides: vec![Kind::Cookie],
        }],
    };
    let cleared = Cleared::observed(&plan, &after, None);
    let is_cookie = |finding: &Finding| matches!(finding.item, Item::Cookie(_));
    assert!(cleared.unseen.iter().all(is_cookie) && cleared.unseen.len() == 1);
    assert_eq!((cleared.gone.len(), cleared.remaining.len()), (1, 0));
}
