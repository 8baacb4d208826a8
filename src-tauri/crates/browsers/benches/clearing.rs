//! Clearing 1,000 of 1,000,000 cookies, against the bare `DELETE` with fsync on the same file, one after the other.
//!
//! `cargo bench -p settings-privacy-browsers --bench clearing`. Wanted: at most 1.5 times as long.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use settings_privacy_browsers::{Browsers, Places};
use settings_privacy_core::data;
use settings_privacy_core::storage::{Choice, Plan};
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, SqliteConnection};

const RUNS: usize = 5;

#[derive(Clone, Copy)]
struct Family {
    name: &'static str,
    profile: &'static str,
    list: (&'static str, &'static str),
    file: &'static str,
    table: &'static str,
    host: &'static str,
}

const FAMILIES: [Family; 2] = [
    Family {
        name: "Firefox",
        profile: ".config/mozilla/firefox/abcd.default",
        list: (
            ".config/mozilla/firefox/profiles.ini",
            "[Profile0]\nName=mine\nIsRelative=1\nPath=abcd.default\nDefault=1\n",
        ),
        file: "cookies.sqlite",
        table: "moz_cookies",
        host: "host",
    },
    Family {
        name: "Chromium",
        profile: ".config/chromium/Default",
        list: (".config/chromium/Local State", "{}"),
        file: "Cookies",
        table: "cookies",
        host: "host_key",
    },
];

/// A million cookies of 10,000 hosts, a thousand of them DingTalk's, as the browsers lay them out.
fn made(family: Family) -> String {
    let rows = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999) ";
    let host =
        "CASE WHEN i % 1000 = 7 THEN 'im.dingtalk.com' ELSE 'host' || (i % 9973) || '.example.org' END";
    match family.name {
        "Firefox" => format!(
            "PRAGMA page_size = 32768; PRAGMA journal_mode = WAL; \
             CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY, originAttributes TEXT NOT NULL DEFAULT '', name TEXT, \
             value TEXT, host TEXT, path TEXT, expiry INTEGER, lastAccessed INTEGER, creationTime INTEGER, \
             isSecure INTEGER, isHttpOnly INTEGER, inBrowserElement INTEGER DEFAULT 0, sameSite INTEGER DEFAULT 0, \
             schemeMap INTEGER DEFAULT 0, isPartitionedAttributeSet INTEGER DEFAULT 0, updateTime INTEGER, \
             CONSTRAINT moz_uniqueid UNIQUE (name, host, path, originAttributes)); PRAGMA user_version = 17; \
             INSERT INTO moz_cookies {rows} SELECT i, '', 'name' || i, hex(randomblob(32)), {host}, '/', 1826697600000, \
             1795161600000000 + i, 1795161600000000 + i, 1, 1, 0, 1, 0, 0, 0 FROM n;"
        ),
        _ => format!(
            "CREATE TABLE meta(key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR); \
             INSERT INTO meta VALUES ('version', '24'); \
             CREATE TABLE cookies(creation_utc INTEGER NOT NULL, host_key TEXT NOT NULL, top_frame_site_key TEXT NOT NULL, \
             name TEXT NOT NULL, value TEXT NOT NULL, encrypted_value BLOB NOT NULL, path TEXT NOT NULL, \
             expires_utc INTEGER NOT NULL, is_secure INTEGER NOT NULL, is_httponly INTEGER NOT NULL, \
             last_access_utc INTEGER NOT NULL, has_expires INTEGER NOT NULL, is_persistent INTEGER NOT NULL, \
             priority INTEGER NOT NULL, samesite INTEGER NOT NULL, source_scheme INTEGER NOT NULL, \
             source_port INTEGER NOT NULL, last_update_utc INTEGER NOT NULL, source_type INTEGER NOT NULL, \
             has_cross_site_ancestor INTEGER NOT NULL); \
             CREATE UNIQUE INDEX cookies_unique_index ON cookies(host_key, top_frame_site_key, has_cross_site_ancestor, \
             name, path, source_scheme, source_port); \
             INSERT INTO cookies {rows} SELECT 13439600000000000 + i, {host}, '', 'name' || i, '', randomblob(67), '/', \
             13471136000000000, 1, 1, 13439600000000000, 1, 1, 1, 1, 2, 443, 13439600000000000, 0, 0 FROM n;"
        ),
    }
}

async fn open(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    options.connect().await.expect("it opens")
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

/// A fresh copy, all of it on the disk and in memory.
fn fresh(from: &Path, to: &Path) {
    for suffix in ["-wal", "-shm", "-journal"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", to.display()));
    }
    std::fs::copy(from, to).expect("a copy");
    std::fs::File::open(to)
        .and_then(|file| file.sync_all())
        .expect("the disk");
}

async fn bare(family: Family, path: &Path) -> Duration {
    let begun = Instant::now();
    let mut database = open(path).await;
    let (table, host) = (family.table, family.host);
    let sql = format!("DELETE FROM {table} WHERE {host} = 'dingtalk.com' OR {host} LIKE '%.dingtalk.com'");
    let gone = database.execute(AssertSqlSafe(sql)).await.expect("it deletes");
    database.close().await.expect("it closes");
    let took = begun.elapsed();
    assert_eq!(gone.rows_affected(), 1000);
    took
}

struct Ours {
    /// From the preview to the last step, on the disk.
    clearing: Duration,
    /// With looking again.
    all: Duration,
}

async fn ours(browsers: &Browsers, plan: &Plan, backups: PathBuf) -> Ours {
    let (sites, purposes) = (data::sites(), data::cookie_purposes());
    let now = jiff::Timestamp::now();
    let begun = Instant::now();
    let mut clearing = Duration::ZERO;
    let progress = |_| clearing = begun.elapsed();
    let cleared = browsers
        .clear(plan, sites, purposes, backups, now, progress)
        .await;
    let all = begun.elapsed();
    let cleared = cleared.expect("it clears");
    assert_eq!((cleared.gone.len(), cleared.remaining.len()), (1000, 0));
    Ours { clearing, all }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a benchmark's output is what it is for")]
async fn main() {
    for family in FAMILIES {
        let root = tempfile::tempdir().expect("a folder");
        let places = Places::under(root.path());
        std::fs::create_dir_all(&places.scratch).expect("a folder");
        let home = root.path().join("home");
        write(&home.join(family.list.0), family.list.1);
        let profile = home.join(family.profile);
        write(&profile.join("Preferences"), "{}");
        let source = root.path().join("source");
        let mut database = open(&source).await;
        database
            .execute(AssertSqlSafe(made(family)))
            .await
            .expect("it fills");
        database.close().await.expect("it closes");
        let size = std::fs::metadata(&source).expect("it is there").len() >> 20;
        let file = profile.join(family.file);
        let browsers = Browsers::new(places);
        fresh(&source, &file);
        let found = browsers.profiles().await.profiles.remove(0);
        let seen = browsers.see(&found, data::sites(), data::cookie_purposes()).await;
        let plan = Plan::new(&seen, &[Choice::Everything { site: None }]);
        let (mut bares, mut clearings, mut alls) = (Vec::new(), Vec::new(), Vec::new());
        for run in 0..RUNS {
            fresh(&source, &file);
            bares.push(bare(family, &file).await);
            fresh(&source, &file);
            let ours = ours(&browsers, &plan, root.path().join(format!("backups{run}"))).await;
            clearings.push(ours.clearing);
            alls.push(ours.all);
        }
        let (bare, clearing, all) = (median(bares), median(clearings), median(alls));
        let ratio = |time: Duration| time.as_secs_f64() / bare.as_secs_f64();
        println!(
            "{} ({size} MB, 1,000 of 1,000,000): bare DELETE {} ms; cleared with its backup {} ms, {:.2} × (wanted ≤ 1.5); \
             with looking again {} ms, {:.2} ×",
            family.name,
            bare.as_millis(),
            clearing.as_millis(),
            ratio(clearing),
            all.as_millis(),
            ratio(all),
        );
    }
}
