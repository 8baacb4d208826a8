//! The browsers' screen: what a person sees goes is gone, what they refuse is the browser's own rule, and both come back.

use std::path::{Path, PathBuf};

use fantoccini::Locator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, Executor, SqliteConnection};

use crate::driver::{App, my_turn};
use crate::home::Home;

/// `cookies` as Chromium 156 makes it, with two of DingTalk's and two that only look like it or are nobody's.
const COOKIES: &str = "
    CREATE TABLE meta(key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR);
    INSERT INTO meta VALUES ('version', '24');
    CREATE TABLE cookies(creation_utc INTEGER NOT NULL, host_key TEXT NOT NULL, top_frame_site_key TEXT NOT NULL,
      name TEXT NOT NULL, value TEXT NOT NULL, encrypted_value BLOB NOT NULL, path TEXT NOT NULL,
      expires_utc INTEGER NOT NULL, is_secure INTEGER NOT NULL, is_httponly INTEGER NOT NULL,
      last_access_utc INTEGER NOT NULL, has_expires INTEGER NOT NULL, is_persistent INTEGER NOT NULL,
      priority INTEGER NOT NULL, samesite INTEGER NOT NULL, source_scheme INTEGER NOT NULL,
      source_port INTEGER NOT NULL, last_update_utc INTEGER NOT NULL, source_type INTEGER NOT NULL,
      has_cross_site_ancestor INTEGER NOT NULL);
    INSERT INTO cookies SELECT 13439635200000000, host, '', name, '', 'v10secret', '/', 13471171200000000, 1, 1,
      13439635200000000, 1, 1, 1, 1, 2, 443, 13439635200000000, 0, 0
    FROM (SELECT '.dingtalk.com' AS host, 'account' AS name UNION ALL SELECT 'im.dingtalk.com', 'cna'
      UNION ALL SELECT 'notdingtalk.com', 'account' UNION ALL SELECT 'www.example.org', 'session');";

/// Chrome's profile in this home.
pub struct Chrome {
    profile: PathBuf,
}

impl Chrome {
    pub async fn in_home(home: &Home) -> Self {
        let root = home.path().join("config/google-chrome");
        let profile = root.join("Default");
        std::fs::create_dir_all(profile.join("Network")).expect("the folder can be made");
        let list = r#"{"profile":{"last_used":"Default","info_cache":{"Default":{"name":"mine"}}}}"#;
        std::fs::write(root.join("Local State"), list).expect("the list can be written");
        let chrome = Self { profile };
        std::fs::write(chrome.preferences(), r#"{"mine":{"kept":1.50}}"#).expect("they can be written");
        let mut database = chrome.database(true).await;
        database.execute(COOKIES).await.expect("the cookies can be made");
        database.close().await.expect("it closes");
        chrome
    }

    fn preferences(&self) -> PathBuf {
        self.profile.join("Preferences")
    }

    fn cookies(&self) -> PathBuf {
        self.profile.join("Network/Cookies")
    }

    async fn database(&self, make: bool) -> SqliteConnection {
        let options = SqliteConnectOptions::new()
            .filename(self.cookies())
            .create_if_missing(make);
        SqliteConnection::connect_with(&options).await.expect("it opens")
    }

    async fn hosts(&self) -> Vec<String> {
        let mut database = self.database(false).await;
        let hosts = sqlx::query_scalar("SELECT host_key FROM cookies ORDER BY host_key")
            .fetch_all(&mut database)
            .await;
        database.close().await.expect("it closes");
        hosts.expect("the cookies can be read")
    }

    fn has_on_disk(&self, word: &str) -> bool {
        let holds = |path: &Path| {
            let bytes = std::fs::read(path).unwrap_or_default();
            bytes.windows(word.len()).any(|window| window == word.as_bytes())
        };
        let beside = std::fs::read_dir(self.profile.join("Network")).expect("the folder is there");
        beside
            .map(|entry| entry.expect("it can be read").path())
            .any(|path| holds(&path))
    }
}

const OTHERS: [&str; 2] = ["notdingtalk.com", "www.example.org"];
const ALL: [&str; 4] = [
    ".dingtalk.com",
    "im.dingtalk.com",
    "notdingtalk.com",
    "www.example.org",
];

/// What tells the one profile from others, as the window was given it.
pub async fn profile_id(app: &App<'_>) -> String {
    let section = app
        .client
        .wait()
        .for_element(Locator::Css("section[data-running]"))
        .await;
    let id = section.expect("a profile is shown").attr("data-testid").await;
    let id = id.expect("it can be asked").expect("it has one");
    id.strip_prefix("browser-").expect("it is a profile's").to_owned()
}

#[tokio::test]
async fn what_is_cleared_is_gone_and_comes_back_and_what_is_refused_is_the_browsers_own_rule() {
    let _turn = my_turn().await;
    let home = Home::with_dingtalk();
    let chrome = Chrome::in_home(&home).await;
    let app = App::start(&home).await;
    app.click("onboarding-none").await;
    app.click("onboarding-continue").await;
    // Onboarding leads there; a press before would be overtaken.
    app.find("page-permissions").await;
    app.click("nav-cookies").await;
    let id = profile_id(&app).await;
    app.until_says("2 cookies").await;

    // Nothing goes before it was said what is lost.
    app.click("clear-all").await;
    app.find("clear-act").await;
    app.until_says("signed out").await;
    assert_eq!(chrome.hosts().await, ALL);
    app.click("clear-act").await;
    app.find("toast-undo").await;
    assert_eq!(chrome.hosts().await, OTHERS);
    assert!(!chrome.has_on_disk("im.dingtalk.com"));

    app.click("toast-undo").await;
    app.until_says("Put back in Chrome").await;
    let mut hosts = chrome.hosts().await;
    hosts.sort();
    assert_eq!(hosts, ALL);

    // Refused: Chrome's own setting, and everything else in it to the letter.
    app.click(&format!("site-{id}-dingtalk.com-details")).await;
    app.click(&format!("site-{id}-dingtalk.com-refuse")).await;
    app.until(&format!("site-{id}-dingtalk.com-refused"), "data-refused", "yes")
        .await;
    let preferences = std::fs::read_to_string(chrome.preferences()).expect("they can be read");
    assert!(preferences.contains(r#""[*.]dingtalk.com,*""#), "{preferences}");
    assert!(preferences.contains(r#""mine":{"kept":1.50}"#), "{preferences}");
    app.click(&format!("site-{id}-dingtalk.com-refuse")).await;
    app.until(&format!("site-{id}-dingtalk.com-refused"), "data-refused", "no")
        .await;
    app.close().await;
}

#[tokio::test]
async fn the_window_keeps_nothing_in_its_web_view() {
    let _turn = my_turn().await;
    let home = Home::with_dingtalk();
    let app = App::start(&home).await;
    app.click("onboarding-none").await;
    app.click("onboarding-continue").await;
    app.click("nav-permissions").await;
    app.find("perm-camera-state").await;
    let kept = "return [document.cookie, localStorage.length, sessionStorage.length].join()";
    let kept = app.client.execute(kept, vec![]).await.expect("it can be asked");
    assert_eq!(kept, ",0,0");
    app.close().await;

    // A driven web view is an ordinary one; as a person starts it, it keeps nothing at all.
    let before = files(home.path());
    App::show_undriven(&home).await;
    let ours = |path: &PathBuf| path.starts_with(home.data().join("settings-privacy"));
    let graphics = |path: &PathBuf| path.starts_with(home.path().join("cache/mesa_shader_cache"));
    let mut left = files(home.path());
    left.retain(|path| !before.contains(path) && !ours(path) && !graphics(path));
    assert_eq!(left, Vec::<PathBuf>::new());
}

/// Every file below a folder.
fn files(top: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        // What goes in the same moment isn't kept.
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match path.is_dir() {
                true => folders.push(path),
                false => found.push(path),
            }
        }
    }
    found
}
