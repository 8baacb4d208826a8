//! Large profiles, made by SQL. Values stand there as they are: with encrypted ones, others would look for a key first.

use std::path::{Path, PathBuf};

use settings_privacy_core::storage::Family;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};

/// One row in a thousand is DingTalk's.
const EVERY: u32 = 1000;

/// How many of so many rows are DingTalk's.
pub(crate) fn ours(rows: u32) -> usize {
    (rows / EVERY) as usize
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Makes a profile with that many cookies, as the browsers lay them out, and says where they are.
pub(crate) async fn cookies(home: &Path, family: Family, rows: u32) -> PathBuf {
    let hosts = format!(
        "CASE WHEN i % {EVERY} = 0 THEN '.a' || i || '.dingtalk.com' \
         WHEN i % 2 THEN '.site' || (i % 200000) || '.example' || (i % 977) || '.com' \
         ELSE 'www' || (i % 31) || '.host' || (i % 150000) || '.org' END"
    );
    let count = format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})");
    let (path, page, sql) = match family {
        Family::Firefox => {
            let root = home.join(".config/mozilla/firefox");
            let list = "[Profile0]\nName=mine\nIsRelative=1\nPath=abcd.default\nDefault=1\n";
            write(&root.join("profiles.ini"), list);
            let insert = format!(
                "INSERT INTO moz_cookies SELECT i, \
                 CASE WHEN i % 10 = 3 THEN '^partitionKey=%28https%2Csite' || (i % 100) || '.org%29' ELSE '' END, \
                 'name' || i, hex(randomblob(45)), {hosts}, '/', 1795161600000, 1795161600000000, \
                 1795161600000000 + i, 1, 1, 0, 1, 2, 0, 1795161600000000 FROM n"
            );
            (
                root.join("abcd.default/cookies.sqlite"),
                32768,
                format!("{FIREFOX};{count} {insert};"),
            )
        }
        Family::Chromium => {
            let root = home.join(".config/chromium");
            write(&root.join("Default/Preferences"), "{}");
            let insert = format!(
                "INSERT INTO cookies SELECT 13439635200000000 + i, {hosts}, \
                 CASE WHEN i % 10 = 3 THEN 'https://site' || (i % 100) || '.org' ELSE '' END, \
                 'name' || i, hex(randomblob(32)), x'', '/', 13439635200000000, 1, 1, 13439635200000000, \
                 1, 1, 1, 1, 2, 443, 13439635200000000, 0, 0 FROM n"
            );
            (
                root.join("Default/Cookies"),
                4096,
                format!("{CHROMIUM};{count} {insert};"),
            )
        }
    };
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .page_size(page)
        .pragma("synchronous", "off");
    let mut database = SqliteConnection::connect_with(&options).await.unwrap();
    database.execute(AssertSqlSafe(sql)).await.unwrap();
    database.close().await.unwrap();
    path
}

/// Makes a profile whose local storage is full of others' entries, and says where it is.
pub(crate) fn local_storage(home: &Path) -> PathBuf {
    let profile = home.join(".config/chromium/Default");
    write(&profile.join("Preferences"), "{}");
    let folder = profile.join("Local Storage/leveldb");
    std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
    let mut database = rusty_leveldb::DB::open(&folder, rusty_leveldb::Options::default()).unwrap();
    let mut noise: u64 = 1;
    for origin in 0..300 {
        let host = match origin {
            150 => "im.dingtalk.com".to_owned(),
            other => format!("www.site{other}.example.org"),
        };
        let mut size: u64 = 0;
        for entry in 0..400 {
            let name = format!("\u{1}entry-{entry:06}");
            let mut value = vec![1];
            for _ in 0..32 {
                noise = noise
                    .wrapping_mul(6364136223846793005)
                    .wrapping_add(1442695040888963407);
                value.extend(noise.to_be_bytes());
            }
            size += (name.len() + value.len()) as u64;
            database
                .put(format!("_https://{host}\0{name}").as_bytes(), &value)
                .unwrap();
        }
        let mut meta = vec![0x10];
        while size >= 0x80 {
            meta.push(u8::try_from(size & 0x7f).unwrap() | 0x80);
            size >>= 7;
        }
        meta.push(u8::try_from(size).unwrap());
        database
            .put(format!("META:https://{host}").as_bytes(), &meta)
            .unwrap();
    }
    database.flush().unwrap();
    database.close().unwrap();
    folder
}

const FIREFOX: &str = "\
    CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY, originAttributes TEXT NOT NULL DEFAULT '', name TEXT, \
    value TEXT, host TEXT, path TEXT, expiry INTEGER, lastAccessed INTEGER, creationTime INTEGER, \
    isSecure INTEGER, isHttpOnly INTEGER, inBrowserElement INTEGER DEFAULT 0, sameSite INTEGER DEFAULT 0, \
    schemeMap INTEGER DEFAULT 0, isPartitionedAttributeSet INTEGER DEFAULT 0, updateTime INTEGER, \
    CONSTRAINT moz_uniqueid UNIQUE (name, host, path, originAttributes)); PRAGMA user_version = 17";

const CHROMIUM: &str = "\
    CREATE TABLE meta(key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR); \
    INSERT INTO meta VALUES ('version', '24'); \
    CREATE TABLE cookies(creation_utc INTEGER NOT NULL, host_key TEXT NOT NULL, top_frame_site_key TEXT NOT NULL, \
    name TEXT NOT NULL, value TEXT NOT NULL, encrypted_value BLOB NOT NULL, path TEXT NOT NULL, \
    expires_utc INTEGER NOT NULL, is_secure INTEGER NOT NULL, is_httponly INTEGER NOT NULL, \
    last_access_utc INTEGER NOT NULL, has_expires INTEGER NOT NULL, is_persistent INTEGER NOT NULL, \
    priority INTEGER NOT NULL, samesite INTEGER NOT NULL, source_scheme INTEGER NOT NULL, \
    source_port INTEGER NOT NULL, last_update_utc INTEGER NOT NULL, source_type INTEGER NOT NULL, \
    has_cross_site_ancestor INTEGER NOT NULL); \
    CREATE UNIQUE INDEX cookies_unique_index ON cookies(host_key, top_frame_site_key, has_cross_site_ancestor, \
    name, path, source_scheme, source_port)";
