//! What waits for browsers to be closed: its turn, its end, and what a person is told of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use settings_privacy_core::storage::{About, Choice, Decision, Effective, Elsewhere, Kind};
use settings_privacy_engine::{Clearing, Deciding, Engine, Notice, ProfileId};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, Row, SqliteConnection};

use crate::support::{Stage, state};

const SITE: &str = "dingtalk.com";
const PATIENCE: Duration = Duration::from_secs(30);

/// A browser of the Chromium family with one profile, which keeps cookies of DingTalk's and one of another's.
struct Made {
    root: PathBuf,
}

impl Made {
    /// `folder` is where it keeps its profiles, below the settings.
    async fn new(stage: &Stage, folder: &str) -> Self {
        let places = settings_privacy_engine::BrowserPlaces::under(stage.home.path());
        std::fs::create_dir_all(&places.scratch).expect("a folder");
        let root = places.config.expect("it is named").join(folder);
        let made = Self { root };
        std::fs::create_dir_all(made.profile().join("Network")).expect("a folder");
        std::fs::write(
            made.root.join("Local State"),
            r#"{"profile":{"last_used":"Default","info_cache":{"Default":{"name":"mine"}}}}"#,
        )
        .expect("it is ours");
        std::fs::write(made.profile().join("Preferences"), "{}").expect("it is ours");
        let row = |name: &str, host: &str| {
            format!(
                "INSERT INTO cookies VALUES (1, '{host}', '', '{name}', '', 'v10secret', '/', 99999999999999999, 1, 1, 1, 1, \
                 1, 1, 1, 2, 443, 1, 0, 0);"
            )
        };
        let rows = [
            row("EGG_SESS", ".dingtalk.com"),
            row("other", "im.dingtalk.com"),
            row("sid", "www.example.org"),
        ];
        let mut cookies = made.cookies().await;
        let sql = COOKIES.to_owned() + &rows.concat();
        cookies.execute(AssertSqlSafe(sql)).await.expect("it is written");
        cookies.close().await.expect("it closes");
        made
    }

    fn profile(&self) -> PathBuf {
        self.root.join("Default")
    }

    async fn cookies(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new()
            .filename(self.profile().join("Network/Cookies"))
            .create_if_missing(true);
        SqliteConnection::connect_with(&options).await.expect("it opens")
    }

    /// The hosts that it keeps cookies of.
    async fn hosts(&self) -> Vec<String> {
        let mut cookies = self.cookies().await;
        let rows = cookies
            .fetch_all("SELECT host_key FROM cookies ORDER BY 1")
            .await
            .expect("they are read");
        cookies.close().await.expect("it closes");
        rows.iter().map(|row| row.get(0)).collect()
    }

    fn lock(&self) -> PathBuf {
        self.root.join("SingletonLock")
    }

    /// As the running browser leaves its trace: on this computer, by the number of a process that lives.
    fn open(&self) {
        let host = settings_privacy_engine::BrowserPlaces::under(Path::new("/")).host_name;
        self.locked_by(&format!(
            "{}-{}",
            host.expect("it has a name"),
            std::process::id()
        ));
    }

    /// As one that runs on another computer does.
    fn open_somewhere(&self) {
        self.locked_by("another-computer-77");
    }

    fn locked_by(&self, target: &str) {
        let new = self.root.join("SingletonLock.new");
        std::os::unix::fs::symlink(target, &new).expect("a link");
        std::fs::rename(&new, self.lock()).expect("it takes its place");
    }

    fn close(&self) {
        std::fs::remove_file(self.lock()).expect("it is there");
    }
}

async fn engine(stage: &Stage) -> Engine {
    let engine = stage.engine().await;
    engine.look_at_browsers().await.expect("it looks");
    engine
}

fn id(engine: &Engine, browser: &str) -> ProfileId {
    let state = engine.browsers();
    let known =
        |profile: &&settings_privacy_engine::ProfileState| profile.seen.profile.browser.name() == browser;
    let found = state.profiles.iter().find(known);
    found.expect("it was found").id.clone()
}

fn everything(profile: Option<ProfileId>) -> Clearing {
    Clearing {
        profile,
        choices: vec![Choice::Everything { site: None }],
    }
}

fn refusing(profile: ProfileId) -> Deciding {
    Deciding {
        profile,
        site: SITE.to_owned(),
        about: About::Cookies,
        decision: Decision::Deny,
    }
}

fn refused(engine: &Engine, browser: &str) -> bool {
    let id = id(engine, browser);
    let state = engine.browsers();
    let profile = state.profiles.iter().find(|profile| profile.id == id);
    let rule = profile.and_then(|profile| profile.rules.of(SITE, About::Cookies));
    rule.is_some_and(|rule| rule.effective == Effective::All(Decision::Deny))
}

/// Waits until this holds.
async fn until(engine: &Engine, holds: impl Fn(&Engine) -> bool) {
    let mut news = engine.revisions();
    let held = tokio::time::timeout(PATIENCE, async {
        while !holds(engine) {
            news.changed().await.expect("the engine lives");
        }
    });
    held.await.expect("it holds in time");
}

fn waiting(engine: &Engine) -> usize {
    engine.browsers().waiting.len()
}

async fn notices(engine: &Engine) -> Vec<Notice> {
    state(engine).await.notices
}

#[tokio::test]
async fn what_is_asked_for_during_a_clearing_waits_its_turn_and_blames_no_browser() {
    let stage = Stage::new();
    let chrome = Made::new(&stage, "google-chrome").await;
    let engine = engine(&stage).await;
    let id = id(&engine, "Chrome");
    let plans = engine.plan_clearing(&everything(None)).expect("it is planned");
    let (clear, again) = (everything(None), everything(Some(id.clone())));
    let refuse = refusing(id);
    let (cleared, decided, cleared_again, open) = tokio::join!(
        engine.clear_browsers(&clear),
        engine.decide_for_site(&refuse),
        engine.clear_browsers(&again),
        engine.open_browsers(&plans),
    );
    assert_eq!(open, [""; 0], "only this program is at it");
    assert_eq!(
        cleared.expect("it is cleared").says,
        "2 cookies are cleared in Chrome (mine)."
    );
    assert!(
        decided
            .expect("it is decided")
            .says
            .contains("refuses dingtalk.com")
    );
    assert_eq!(
        cleared_again.expect("it is no failure").says,
        "There is nothing of DingTalk's to clear in Chrome (mine)."
    );
    assert_eq!(waiting(&engine), 0);
    assert_eq!(chrome.hosts().await, ["www.example.org"]);
    engine.close().await;
}

/// While a profile is changed, whether its browser is open can't be told: that is no reason to have it closed.
#[tokio::test]
async fn a_preview_during_a_clearing_names_no_browser_to_be_closed() {
    let stage = Stage::new();
    let _chrome = Made::new(&stage, "google-chrome").await;
    let engine = engine(&stage).await;
    let plans = engine.plan_clearing(&everything(None)).expect("it is planned");
    let (clear, other) = (everything(None), engine.clone());
    let clearing = tokio::spawn(async move { other.clear_browsers(&clear).await });
    while !clearing.is_finished() {
        assert_eq!(engine.open_browsers(&plans).await, [""; 0]);
        tokio::task::yield_now().await;
    }
    clearing.await.expect("it ends").expect("it is cleared");
    engine.close().await;
}

#[tokio::test]
async fn one_profile_that_fails_keeps_no_other_from_being_cleared_and_both_are_told() {
    let stage = Stage::new();
    let (chrome, chromium) = (
        Made::new(&stage, "google-chrome").await,
        Made::new(&stage, "chromium").await,
    );
    let engine = engine(&stage).await;
    let mut locked = chrome.cookies().await;
    locked.execute("BEGIN EXCLUSIVE").await.expect("it locks");
    let error = engine
        .clear_browsers(&everything(None))
        .await
        .expect_err("one can't be");
    assert_eq!(error.code(), "locked", "{error}");
    let says = error.to_string();
    assert!(
        says.contains("2 cookies are cleared in Chromium (mine)."),
        "{says}"
    );
    assert!(
        says.contains("Chrome (mine): Another program has “Cookies” locked."),
        "{says}"
    );
    locked.close().await.expect("it closes");
    assert_eq!(chromium.hosts().await, ["www.example.org"]);
    assert_eq!(chrome.hosts().await.len(), 3);
    engine.close().await;
}

#[tokio::test]
async fn what_became_of_each_profile_that_waited_is_told() {
    let stage = Stage::new();
    let browsers = [
        Made::new(&stage, "google-chrome").await,
        Made::new(&stage, "chromium").await,
        Made::new(&stage, "microsoft-edge").await,
    ];
    let engine = engine(&stage).await;
    for browser in &browsers {
        browser.open();
    }
    engine.clear_browsers(&everything(None)).await.expect("it waits");
    assert_eq!(waiting(&engine), 3);
    let mut locked = browsers[2].cookies().await;
    locked.execute("BEGIN EXCLUSIVE").await.expect("it locks");
    for browser in &browsers {
        browser.close();
    }
    until(&engine, |engine| waiting(engine) == 0).await;
    locked.close().await.expect("it closes");
    let told: String = notices(&engine)
        .await
        .into_iter()
        .map(|notice| format!("{}: {}\n", notice.code, notice.message))
        .collect();
    for sentence in [
        "2 cookies are cleared in Chrome (mine).",
        "2 cookies are cleared in Chromium (mine).",
        "locked: Edge (mine): Another program has “Cookies” locked.",
    ] {
        assert!(told.contains(sentence), "{told}");
    }
    engine.close().await;
}

#[tokio::test]
async fn what_is_given_up_leaves_the_rest_waiting_which_goes_on_by_itself() {
    let stage = Stage::new();
    let (chrome, chromium) = (
        Made::new(&stage, "google-chrome").await,
        Made::new(&stage, "chromium").await,
    );
    let engine = engine(&stage).await;
    chrome.open();
    chromium.open();
    let in_chrome = id(&engine, "Chrome");
    engine.clear_browsers(&everything(None)).await.expect("it waits");
    engine
        .decide_for_site(&refusing(in_chrome.clone()))
        .await
        .expect("it waits");
    engine
        .clear_browsers(&everything(Some(in_chrome.clone())))
        .await
        .expect("it waits");
    // The same once more is still the same.
    assert_eq!(waiting(&engine), 3);
    let given_up = engine.browsers().waiting;
    let given_up = given_up.iter().find(|waiting| {
        ProfileId::of(&waiting.profile) == in_chrome
            && matches!(waiting.wish, settings_privacy_engine::Wish::Clear(_))
    });
    engine.stop_waiting_for_browser(given_up.expect("it waits").id);
    assert_eq!(waiting(&engine), 2);
    chrome.close();
    until(&engine, |engine| waiting(engine) == 1).await;
    assert!(refused(&engine, "Chrome"));
    assert_eq!(chrome.hosts().await.len(), 3, "that was given up");
    assert_eq!(chromium.hosts().await.len(), 3, "it is open still");
    chromium.close();
    until(&engine, |engine| waiting(engine) == 0).await;
    assert_eq!(chromium.hosts().await, ["www.example.org"]);
    engine.close().await;
}

#[tokio::test]
async fn a_browser_that_starts_after_the_preview_is_waited_for_and_nothing_is_changed_meanwhile() {
    let stage = Stage::new();
    let chrome = Made::new(&stage, "google-chrome").await;
    let engine = engine(&stage).await;
    let plans = engine.plan_clearing(&everything(None)).expect("it is planned");
    assert_eq!(engine.open_browsers(&plans).await, [""; 0]);
    chrome.open();
    let done = engine.clear_browsers(&everything(None)).await.expect("it waits");
    assert_eq!(done.change, None);
    assert!(done.says.starts_with("Chrome is open."), "{}", done.says);
    assert_eq!(engine.open_browsers(&plans).await, ["Chrome"]);
    assert_eq!(chrome.hosts().await.len(), 3);
    // What goes is decided by what is there then.
    let mut cookies = chrome.cookies().await;
    cookies
        .execute("DELETE FROM cookies WHERE name = 'other'")
        .await
        .expect("the browser does so");
    cookies.close().await.expect("it closes");
    chrome.close();
    until(&engine, |engine| waiting(engine) == 0).await;
    assert_eq!(chrome.hosts().await, ["www.example.org"]);
    let told = notices(&engine).await;
    assert_eq!(told[0].message, "1 cookie is cleared in Chrome (mine).");
    engine.close().await;
}

#[tokio::test]
async fn a_browser_that_cant_be_told_open_or_closed_ends_the_waiting_with_a_sentence() {
    let stage = Stage::new();
    let chrome = Made::new(&stage, "google-chrome").await;
    let engine = engine(&stage).await;
    chrome.open_somewhere();
    let error = engine
        .clear_browsers(&everything(None))
        .await
        .expect_err("nothing is risked");
    assert_eq!(error.code(), "browser-unknown");
    assert_eq!(waiting(&engine), 0);
    chrome.open();
    engine.clear_browsers(&everything(None)).await.expect("it waits");
    assert_eq!(waiting(&engine), 1);
    chrome.open_somewhere();
    until(&engine, |engine| waiting(engine) == 0).await;
    let told = notices(&engine).await;
    assert_eq!(told[0].code, "browser-unknown");
    assert!(
        told[0]
            .message
            .contains("It can't be told whether Chrome is open"),
        "{}",
        told[0].message
    );
    assert_eq!(chrome.hosts().await.len(), 3);
    engine.close().await;
}

#[tokio::test]
async fn what_an_organization_set_is_refused_at_once_even_while_the_browser_is_open() {
    let stage = Stage::new();
    let chrome = Made::new(&stage, "google-chrome").await;
    let system = settings_privacy_engine::BrowserPlaces::under(stage.home.path()).system;
    let policies = system.join("etc/opt/chrome/policies/managed");
    std::fs::create_dir_all(&policies).expect("a folder");
    let policy = r#"{"CookiesAllowedForUrls":["[*.]dingtalk.com"]}"#;
    std::fs::write(policies.join("all.json"), policy).expect("it is ours");
    let engine = engine(&stage).await;
    chrome.open();
    let error = engine
        .decide_for_site(&refusing(id(&engine, "Chrome")))
        .await
        .expect_err("it isn't the person's to decide");
    assert_eq!(error.code(), "policy-decides");
    assert!(error.to_string().contains("set by your organization"), "{error}");
    assert_eq!(waiting(&engine), 0);
    assert_eq!(
        std::fs::read_to_string(policies.join("all.json")).expect("it is there"),
        policy
    );
    assert_eq!(
        std::fs::read_to_string(chrome.profile().join("Preferences")).expect("it is there"),
        "{}"
    );
    engine.close().await;
}

#[tokio::test]
async fn what_isnt_there_elsewhere_is_no_failure() {
    let stage = Stage::new();
    let _chrome = Made::new(&stage, "google-chrome").await;
    let engine = engine(&stage).await;
    let clearing = Clearing {
        profile: None,
        choices: vec![Choice::Kind {
            site: None,
            kind: Kind::Elsewhere(Elsewhere::History),
        }],
    };
    let done = engine.clear_browsers(&clearing).await.expect("it is no failure");
    assert_eq!(done.says, "There is nothing of DingTalk's to clear there.");
    engine.close().await;
}

/// `cookies` as Chromium 156 makes it.
const COOKIES: &str = "\
    CREATE TABLE meta(key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR); \
    INSERT INTO meta VALUES ('version', '24'); \
    CREATE TABLE cookies(creation_utc INTEGER NOT NULL, host_key TEXT NOT NULL, top_frame_site_key TEXT NOT NULL, \
    name TEXT NOT NULL, value TEXT NOT NULL, encrypted_value BLOB NOT NULL, path TEXT NOT NULL, \
    expires_utc INTEGER NOT NULL, is_secure INTEGER NOT NULL, is_httponly INTEGER NOT NULL, \
    last_access_utc INTEGER NOT NULL, has_expires INTEGER NOT NULL, is_persistent INTEGER NOT NULL, \
    priority INTEGER NOT NULL, samesite INTEGER NOT NULL, source_scheme INTEGER NOT NULL, \
    source_port INTEGER NOT NULL, last_update_utc INTEGER NOT NULL, source_type INTEGER NOT NULL, \
    has_cross_site_ancestor INTEGER NOT NULL);";
