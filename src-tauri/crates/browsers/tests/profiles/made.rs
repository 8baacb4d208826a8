//! Profiles as the browsers write them, made by code.

use std::path::{Path, PathBuf};

use settings_privacy_browsers::{Browsers, Places};
use settings_privacy_core::data;
use settings_privacy_core::storage::{Profile, Seen};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};
use tempfile::TempDir;

/// 2026-11-20T08:00:00Z, in seconds.
pub(crate) const CREATED: i64 = 1_795_161_600;
/// A year later.
pub(crate) const EXPIRES: i64 = CREATED + 31_536_000;
/// What no output may contain.
pub(crate) const SECRET: &str = "secret-value";

/// The hosts of cookies and storage: who is DingTalk's, and who only looks like it.
pub(crate) const HOSTS: [(&str, bool); 9] = [
    (".dingtalk.com", true),
    ("im.dingtalk.com", true),
    ("IM2.DingTalk.com", true),
    ("www.aliwork.com", true),
    ("notdingtalk.com", false),
    ("dingtalk.com.evil.net", false),
    (".xn--dingtlk-9ua.com", false),
    ("g.alicdn.com", false),
    ("www.example.org", false),
];

/// A computer with nothing on it.
pub(crate) struct Computer {
    pub(crate) root: TempDir,
    pub(crate) browsers: Browsers,
}

impl Computer {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let places = Places::under(root.path());
        std::fs::create_dir_all(&places.scratch).unwrap();
        Self {
            browsers: Browsers::new(places),
            root,
        }
    }

    /// A computer that is there already.
    pub(crate) fn at(root: &Path) -> Browsers {
        Browsers::new(Places::under(root))
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    pub(crate) async fn profiles(&self) -> Vec<Profile> {
        let found = self.browsers.profiles().await;
        assert_eq!(found.problems, []);
        found.profiles
    }

    pub(crate) async fn see(&self, profile: &Profile) -> Seen {
        let seen = self
            .browsers
            .see(profile, data::sites(), data::cookie_purposes())
            .await;
        assert!(!format!("{seen:?}").contains(SECRET), "a value came out");
        let left = std::fs::read_dir(self.root.path().join("tmp")).unwrap().count();
        assert_eq!(left, 0, "a copy stayed");
        seen
    }

    pub(crate) async fn see_only(&self) -> Seen {
        let profiles = self.profiles().await;
        let [profile] = profiles.as_slice() else {
            panic!("one profile, not {profiles:?}");
        };
        self.see(profile).await
    }
}

pub(crate) fn write(path: &Path, text: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

pub(crate) async fn open(path: &Path) -> SqliteConnection {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    SqliteConnection::connect_with(&options).await.unwrap()
}

pub(crate) async fn sqlite(path: &Path, sql: &str) {
    let mut connection = open(path).await;
    connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
    connection.close().await.unwrap();
}

/// A LevelDB folder with these entries.
pub(crate) fn leveldb(path: &Path, entries: &[(Vec<u8>, Vec<u8>)]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut database = rusty_leveldb::DB::open(path, rusty_leveldb::Options::default()).unwrap();
    for (key, value) in entries {
        database.put(key, value).unwrap();
    }
    database.flush().unwrap();
    database.close().unwrap();
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made {
    Firefox,
    Chromium,
}

pub(crate) const BOTH: [Made; 2] = [Made::Firefox, Made::Chromium];

impl Made {
    /// Makes an empty profile, and says where it is.
    pub(crate) fn profile(self, computer: &Computer) -> PathBuf {
        let (profile, list, text) = match self {
            Made::Firefox => (
                ".config/mozilla/firefox/abcd.default-release",
                ".config/mozilla/firefox/profiles.ini",
                "[Profile0]\nName=mine\nIsRelative=1\nPath=abcd.default-release\nDefault=1\n",
            ),
            Made::Chromium => (
                ".config/google-chrome/Default",
                ".config/google-chrome/Local State",
                r#"{"profile":{"last_used":"Default","info_cache":{"Default":{"name":"mine"}}}}"#,
            ),
        };
        let profile = computer.home().join(profile);
        write(&profile.join("Preferences"), "{}");
        write(&computer.home().join(list), text);
        profile
    }

    pub(crate) fn cookies(self) -> &'static str {
        match self {
            Made::Firefox => "cookies.sqlite",
            Made::Chromium => "Network/Cookies",
        }
    }

    pub(crate) fn schema(self) -> String {
        match self {
            Made::Firefox => firefox_schema(17),
            Made::Chromium => CHROMIUM_SCHEMA.to_owned(),
        }
    }

    /// A row for a cookie, in a part of the storage under `top_site` (a host) when there is one.
    pub(crate) fn row(self, name: &str, host: &str, top_site: Option<&str>) -> String {
        match self {
            Made::Firefox => firefox_row(name, host, top_site, EXPIRES * 1000),
            Made::Chromium => {
                let time = |seconds: i64| (seconds + 11_644_473_600) * 1_000_000;
                let (created, expires) = (time(CREATED), time(EXPIRES));
                let top_site = top_site.map_or(String::new(), |site| format!("https://{site}"));
                format!(
                    "INSERT INTO cookies VALUES ({created}, '{host}', '{top_site}', '{name}', '', 'v10{SECRET}', '/', \
                     {expires}, 1, 1, {created}, 1, 1, 1, 1, 2, 443, {created}, 0, 0);"
                )
            }
        }
    }

    pub(crate) async fn all_cookies(self, profile: &Path) {
        let mut sql = self.schema();
        for (host, _) in HOSTS {
            sql += &self.row("JSESSIONID", host, None);
        }
        sql += &self.row("under", "im.dingtalk.com", Some("example.org"));
        sql += &self.row("within", "g.alicdn.com", Some("dingtalk.com"));
        sql += &self.row("within", "g.alicdn.com", Some("notdingtalk.com"));
        sqlite(&profile.join(self.cookies()), &sql).await;
    }
}

/// `moz_cookies` as Firefox 153 makes it.
pub(crate) fn firefox_schema(version: u32) -> String {
    format!(
        "CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY, originAttributes TEXT NOT NULL DEFAULT '', name TEXT, \
         value TEXT, host TEXT, path TEXT, expiry INTEGER, lastAccessed INTEGER, creationTime INTEGER, \
         isSecure INTEGER, isHttpOnly INTEGER, inBrowserElement INTEGER DEFAULT 0, sameSite INTEGER DEFAULT 0, \
         schemeMap INTEGER DEFAULT 0, isPartitionedAttributeSet INTEGER DEFAULT 0, updateTime INTEGER, \
         CONSTRAINT moz_uniqueid UNIQUE (name, host, path, originAttributes)); PRAGMA user_version = {version};"
    )
}

pub(crate) fn firefox_row(name: &str, host: &str, top_site: Option<&str>, expiry: i64) -> String {
    let attributes = top_site.map_or(String::new(), |site| {
        format!("^partitionKey=%28https%2C{site}%29")
    });
    let created = CREATED * 1_000_000;
    format!(
        "INSERT INTO moz_cookies (originAttributes, name, value, host, path, expiry, lastAccessed, creationTime, \
         isSecure, isHttpOnly, sameSite) VALUES ('{attributes}', '{name}', '{SECRET}', '{host}', '/', {expiry}, \
         {created}, {created}, 1, 1, 1);"
    )
}

/// `cookies` as Chromium 156 makes it.
const CHROMIUM_SCHEMA: &str = "\
    CREATE TABLE meta(key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR); \
    INSERT INTO meta VALUES ('version', '24'); \
    CREATE TABLE cookies(creation_utc INTEGER NOT NULL, host_key TEXT NOT NULL, top_frame_site_key TEXT NOT NULL, \
    name TEXT NOT NULL, value TEXT NOT NULL, encrypted_value BLOB NOT NULL, path TEXT NOT NULL, \
    expires_utc INTEGER NOT NULL, is_secure INTEGER NOT NULL, is_httponly INTEGER NOT NULL, \
    last_access_utc INTEGER NOT NULL, has_expires INTEGER NOT NULL, is_persistent INTEGER NOT NULL, \
    priority INTEGER NOT NULL, samesite INTEGER NOT NULL, source_scheme INTEGER NOT NULL, \
    source_port INTEGER NOT NULL, last_update_utc INTEGER NOT NULL, source_type INTEGER NOT NULL, \
    has_cross_site_ancestor INTEGER NOT NULL);";
