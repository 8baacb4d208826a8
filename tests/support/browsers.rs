//! Browsers' profiles as they write them, made by hand: what a person who was at DingTalk's sites has, and at others'.

use std::fs::File;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, fcntl_lock};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, Connection, Executor, Row, SqliteConnection};

use super::desktop::Desktop;

/// What no output may contain.
pub const SECRET: &str = "secret-value";

/// 2026-11-20T08:00:00Z, in seconds.
const CREATED: i64 = 1_795_161_600;
/// A year later.
const EXPIRES: i64 = CREATED + 31_536_000;

/// Cookies by name and host: those of DingTalk's sites, in the order of their rows.
pub const DINGTALKS: [(&str, &str); 3] = [
    ("EGG_SESS", ".dingtalk.com"),
    ("_ga", "im.dingtalk.com"),
    ("other", "www.aliwork.com"),
];
/// Those of sites that only look like one of them, and of one that doesn't.
pub const OTHERS: [(&str, &str); 4] = [
    ("JSESSIONID", "notdingtalk.com"),
    ("JSESSIONID", "dingtalk.com.evil.net"),
    ("JSESSIONID", ".xn--dingtlk-9ua.com"),
    ("sid", "www.example.org"),
];

/// A profile of a browser.
pub struct MadeProfile {
    /// Its folder.
    pub path: PathBuf,
    cookies: PathBuf,
    table: &'static str,
}

impl Desktop {
    /// Firefox, with profiles of these names. Each keeps DingTalk's cookies and others'.
    pub fn install_firefox<const N: usize>(&self, names: [&str; N]) -> [MadeProfile; N] {
        let root = self.home().join(".config/mozilla/firefox");
        let mut list = String::new();
        let profiles = names.map(|name| {
            let number = list.matches("[Profile").count();
            let folder = format!("abcd{number}.{name}");
            list += &format!("[Profile{number}]\nName={name}\nIsRelative=1\nPath={folder}\n\n");
            let profile = MadeProfile {
                cookies: root.join(&folder).join("cookies.sqlite"),
                path: root.join(&folder),
                table: "moz_cookies",
            };
            let rows = DINGTALKS
                .iter()
                .chain(&OTHERS)
                .map(|(name, host)| firefox_cookie(name, host));
            sqlite(
                &profile.cookies,
                &(FIREFOX_COOKIES.to_owned() + &rows.collect::<String>()),
            );
            sqlite(&profile.path.join("permissions.sqlite"), FIREFOX_PERMISSIONS);
            profile
        });
        std::fs::write(root.join("profiles.ini"), list).expect("the folder is there");
        profiles
    }

    /// Chrome, with one profile. It keeps DingTalk's cookies and others'.
    pub fn install_chrome(&self) -> MadeProfile {
        let root = self.home().join(".config/google-chrome");
        let profile = MadeProfile {
            path: root.join("Default"),
            cookies: root.join("Default/Network/Cookies"),
            table: "cookies",
        };
        let rows = DINGTALKS
            .iter()
            .chain(&OTHERS)
            .map(|(name, host)| chromium_cookie(name, host));
        sqlite(
            &profile.cookies,
            &(CHROMIUM_COOKIES.to_owned() + &rows.collect::<String>()),
        );
        let list = r#"{"profile":{"last_used":"Default","info_cache":{"Default":{"name":"Work"}}}}"#;
        std::fs::write(root.join("Local State"), list).expect("the folder is there");
        std::fs::write(profile.path.join("Preferences"), "{}").expect("the folder is there");
        profile
    }
}

impl MadeProfile {
    /// The file with its cookies.
    pub fn cookies(&self) -> &Path {
        &self.cookies
    }

    /// Every row of its cookies, whole: `host` then everything else.
    pub fn jar(&self) -> Vec<String> {
        let mut rows = query(&self.cookies, &format!("SELECT * FROM {}", self.table));
        rows.sort();
        rows
    }

    /// The rows that name one of these hosts.
    pub fn rows_of(&self, hosts: &[(&str, &str)]) -> Vec<String> {
        let of = |row: &String| hosts.iter().any(|(_, host)| row.contains(&format!("|{host}|")));
        self.jar().into_iter().filter(of).collect()
    }

    /// The rules that Firefox has, by origin, kind and decision.
    pub fn rules(&self) -> Vec<String> {
        let sql = "SELECT origin, type, permission FROM moz_perms ORDER BY origin, type";
        query(&self.path.join("permissions.sqlite"), sql)
    }

    /// Has Firefox keep a cookie, as after a visit.
    pub fn visit(&self, name: &str, host: &str) {
        sqlite(&self.cookies, &firefox_cookie(name, host));
    }

    /// Writes over the cookies' database at its beginning, as a failing disk does.
    pub fn damage(&self) -> Vec<u8> {
        let mut bytes = std::fs::read(&self.cookies).expect("it is there");
        bytes[..64].fill(0x5a);
        std::fs::write(&self.cookies, &bytes).expect("it is ours");
        bytes
    }

    /// The cookies' file, as it is.
    pub fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.cookies).expect("it is there")
    }

    /// Holds the profile open as Firefox does, until this is dropped.
    pub fn open(&self) -> File {
        let lock = File::create(self.path.join(".parentlock")).expect("the folder is there");
        fcntl_lock(&lock, FlockOperation::NonBlockingLockExclusive).expect("nobody else holds it");
        lock
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Runs statements on a database, which is made if it isn't there.
pub fn sqlite(path: &Path, sql: &str) {
    std::fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder");
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    runtime().block_on(async {
        let mut connection = SqliteConnection::connect_with(&options).await.expect("it opens");
        connection
            .execute(AssertSqlSafe(sql.to_owned()))
            .await
            .expect("it is written");
        connection.close().await.expect("it closes");
    });
}

/// The rows, each as text with bars around every value.
fn query(path: &Path, sql: &str) -> Vec<String> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    runtime().block_on(async {
        let mut connection = SqliteConnection::connect_with(&options).await.expect("it opens");
        let rows = sqlx::query(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&mut connection)
            .await
            .expect("it is read");
        connection.close().await.expect("it closes");
        rows.iter().map(shown).collect()
    })
}

fn shown(row: &SqliteRow) -> String {
    let mut text = String::from("|");
    for index in 0..row.len() {
        let number = row.try_get::<i64, _>(index).map(|number| number.to_string());
        let value = number
            .or_else(|_| row.try_get::<String, _>(index))
            .or_else(|_| row.try_get::<Vec<u8>, _>(index).map(|bytes| format!("{bytes:?}")))
            .unwrap_or_default();
        text += &value;
        text.push('|');
    }
    text
}

fn firefox_cookie(name: &str, host: &str) -> String {
    let (expires, created) = (EXPIRES * 1000, CREATED * 1_000_000);
    format!(
        "INSERT INTO moz_cookies (name, value, host, path, expiry, lastAccessed, creationTime, isSecure, isHttpOnly, \
         sameSite) VALUES ('{name}', '{SECRET}', '{host}', '/', {expires}, {created}, {created}, 1, 1, 1);"
    )
}

fn chromium_cookie(name: &str, host: &str) -> String {
    let time = |seconds: i64| (seconds + 11_644_473_600) * 1_000_000;
    let (created, expires) = (time(CREATED), time(EXPIRES));
    format!(
        "INSERT INTO cookies VALUES ({created}, '{host}', '', '{name}', '', 'v10{SECRET}', '/', {expires}, 1, 1, \
         {created}, 1, 1, 1, 1, 2, 443, {created}, 0, 0);"
    )
}

/// `moz_cookies` as Firefox 153 makes it.
const FIREFOX_COOKIES: &str = "\
    CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY, originAttributes TEXT NOT NULL DEFAULT '', name TEXT, \
    value TEXT, host TEXT, path TEXT, expiry INTEGER, lastAccessed INTEGER, creationTime INTEGER, \
    isSecure INTEGER, isHttpOnly INTEGER, inBrowserElement INTEGER DEFAULT 0, sameSite INTEGER DEFAULT 0, \
    schemeMap INTEGER DEFAULT 0, isPartitionedAttributeSet INTEGER DEFAULT 0, updateTime INTEGER, \
    CONSTRAINT moz_uniqueid UNIQUE (name, host, path, originAttributes)); PRAGMA user_version = 17;";

/// `cookies` as Chromium 156 makes it.
const CHROMIUM_COOKIES: &str = "\
    CREATE TABLE meta(key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR); \
    INSERT INTO meta VALUES ('version', '24'); \
    CREATE TABLE cookies(creation_utc INTEGER NOT NULL, host_key TEXT NOT NULL, top_frame_site_key TEXT NOT NULL, \
    name TEXT NOT NULL, value TEXT NOT NULL, encrypted_value BLOB NOT NULL, path TEXT NOT NULL, \
    expires_utc INTEGER NOT NULL, is_secure INTEGER NOT NULL, is_httponly INTEGER NOT NULL, \
    last_access_utc INTEGER NOT NULL, has_expires INTEGER NOT NULL, is_persistent INTEGER NOT NULL, \
    priority INTEGER NOT NULL, samesite INTEGER NOT NULL, source_scheme INTEGER NOT NULL, \
    source_port INTEGER NOT NULL, last_update_utc INTEGER NOT NULL, source_type INTEGER NOT NULL, \
    has_cross_site_ancestor INTEGER NOT NULL);";

/// `moz_perms` as Firefox 153 makes it.
const FIREFOX_PERMISSIONS: &str = "\
    CREATE TABLE moz_perms ( id INTEGER PRIMARY KEY,origin TEXT,type TEXT,permission INTEGER,expireType INTEGER,\
    expireTime INTEGER,modificationTime INTEGER);\
    CREATE TABLE moz_hosts ( id INTEGER PRIMARY KEY,host TEXT,type TEXT,permission INTEGER,expireType INTEGER,\
    expireTime INTEGER,modificationTime INTEGER,isInBrowserElement INTEGER);\
    INSERT INTO moz_perms (origin, type, permission, expireType, expireTime, modificationTime) \
    VALUES ('https://notdingtalk.com', 'cookie', 1, 0, 0, 1795000000001);\
    PRAGMA user_version = 13;";
