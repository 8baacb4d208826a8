//! Profiles in which DingTalk's sites and others keep something of every kind, and what can be told of a profile's
//! contents without the crate.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use settings_privacy_browsers::{ClearError, Cleared, backups};
use settings_privacy_core::data;
use settings_privacy_core::storage::{Choice, Kind, Plan, Seen};
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use crate::made::{Computer, Made, leveldb, open, sqlite, write};

/// Every value of DingTalk's has it, and nothing else does.
pub(crate) const CANARY: &str = "CANARY";
/// Every host of DingTalk's has it, and nothing else does.
pub(crate) const OURS: &str = "im.dingtalk.com";
/// Whose things stay.
pub(crate) const OTHERS: [&str; 3] = ["www.example.org", "im-dingtalk.com", "dingtalk.com.evil.net"];

/// A computer with one full profile.
pub(crate) async fn full(made: Made) -> (Computer, PathBuf) {
    let computer = Computer::new();
    let profile = fill(made, &computer).await;
    (computer, profile)
}

pub(crate) async fn fill(made: Made, computer: &Computer) -> PathBuf {
    let profile = made.profile(computer);
    match made {
        Made::Firefox => firefox(&profile).await,
        Made::Chromium => chromium(&profile).await,
    }
    profile
}

fn value(host: &str, what: &str) -> String {
    let mark = if host.contains(OURS) { CANARY } else { "others" };
    format!("{mark}-{what}-{host}-{}", "x".repeat(60))
}

/// Whose, and in which part: DingTalk's, others', DingTalk's within another, another's within DingTalk's.
fn owners() -> Vec<(String, Option<String>)> {
    let mut owners = vec![
        (OURS.to_owned(), None),
        (OURS.to_owned(), Some("www.example.org".to_owned())),
        ("g.alicdn.com".to_owned(), Some(OURS.to_owned())),
    ];
    owners.extend(OTHERS.map(|host| (host.to_owned(), None)));
    owners
}

fn whole(host: &str, top: Option<&str>) -> String {
    format!("{host} {}", top.unwrap_or_default())
}

async fn cookies(made: Made, path: &Path) {
    let index = "CREATE UNIQUE INDEX cookies_unique_index ON cookies(host_key, top_frame_site_key, \
                 has_cross_site_ancestor, name, path, source_scheme, source_port);";
    let (before, index, journal) = match made {
        Made::Firefox => ("PRAGMA journal_mode = WAL;", "", "wal"),
        Made::Chromium => ("PRAGMA secure_delete = OFF;", index, "delete"),
    };
    let _ = journal;
    let mut sql = String::from(before) + &made.schema() + index;
    for (host, top) in owners() {
        for n in 0..30 {
            let row = made.row(&format!("name{n}"), &host, top.as_deref());
            let secret = value(&whole(&host, top.as_deref()), &n.to_string());
            sql += &row.replace(crate::made::SECRET, &secret);
        }
    }
    // What a browser leaves behind: rows rewritten elsewhere, without overwriting what was there.
    let (table, column) = match made {
        Made::Firefox => ("moz_cookies", "value"),
        Made::Chromium => ("cookies", "encrypted_value"),
    };
    sql += &format!(
        "UPDATE {table} SET {column} = {column} || '-longer-than-it-was-before' WHERE rowid % 3 = 0;"
    );
    sqlite(path, &sql).await;
}

async fn firefox(profile: &Path) {
    write(&profile.join(".parentlock"), "");
    cookies(Made::Firefox, &profile.join("cookies.sqlite")).await;
    let mut workers = "12\n".to_owned();
    let mut quota = "CREATE TABLE database(cache_version INTEGER NOT NULL DEFAULT 0); CREATE TABLE repository(id INTEGER PRIMARY KEY, name TEXT NOT NULL); \
        INSERT INTO repository VALUES (2, 'default'); CREATE TABLE origin(repository_id INTEGER NOT NULL, suffix TEXT, \
        group_ TEXT NOT NULL, origin TEXT NOT NULL, client_usages TEXT NOT NULL, usage INTEGER NOT NULL, \
        last_access_time INTEGER NOT NULL, last_maintenance_date INTEGER NOT NULL, accessed INTEGER NOT NULL, persisted INTEGER NOT NULL, \
        PRIMARY KEY (repository_id, origin), FOREIGN KEY (repository_id) REFERENCES repository(id)); PRAGMA user_version = 131075;".to_owned();
    let mut older = "CREATE TABLE webappsstore2 (originAttributes TEXT, originKey TEXT, scope TEXT, key TEXT, value TEXT); \
        CREATE UNIQUE INDEX origin_key_index ON webappsstore2(originAttributes, originKey, key); PRAGMA user_version = 2;".to_owned();
    for (host, top) in owners() {
        let suffix = top
            .as_ref()
            .map_or(String::new(), |top| format!("^partitionKey=%28https%2C{top}%29"));
        let mark = whole(&host, top.as_deref());
        let folder = profile.join(format!("storage/default/https+++{host}{suffix}"));
        let table = format!(
            "CREATE TABLE data(key TEXT PRIMARY KEY, value TEXT); INSERT INTO data VALUES ('k', '{}');",
            value(&mark, "ls")
        );
        sqlite(&folder.join("ls/data.sqlite"), &table).await;
        for file in [
            "idb/1.sqlite",
            "idb/1.files/2",
            "fs/AB/file",
            ".metadata-v2",
            "cache/morgue/1/one",
        ] {
            write(&folder.join(file), value(&mark, file));
        }
        workers += &format!(
            "{suffix}\nhttps://{host}/\nhttps://{host}/{}.js\ntrue\n0\n#\n",
            value(&mark, "worker")
        );
        quota += &format!(
            "INSERT INTO origin VALUES (2, '{suffix}', '{host}', 'https://{host}{suffix}', '{}', 5, 1, 2, 1, 0);",
            value(&mark, "quota")
        );
        let backwards: String = host.chars().rev().collect();
        older += &format!(
            "INSERT INTO webappsstore2 VALUES ('{suffix}', '{backwards}.:https:443', '', 'k', '{}');",
            value(&mark, "older")
        );
    }
    write(&profile.join("serviceworker.txt"), workers);
    sqlite(&profile.join("storage.sqlite"), &quota).await;
    sqlite(&profile.join("webappsstore.sqlite"), &older).await;
}

async fn chromium(profile: &Path) {
    cookies(Made::Chromium, &profile.join("Network/Cookies")).await;
    let mut quota = "CREATE TABLE meta(key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR); INSERT INTO meta VALUES ('version', '11'); \
        CREATE TABLE buckets(id INTEGER PRIMARY KEY AUTOINCREMENT, storage_key TEXT NOT NULL, host TEXT NOT NULL, name TEXT NOT NULL, \
        use_count INTEGER NOT NULL) STRICT; CREATE UNIQUE INDEX buckets_by_storage_key ON buckets(storage_key, name);".to_owned();
    let mut local = vec![(b"VERSION".to_vec(), b"1".to_vec())];
    let mut session = vec![(b"version".to_vec(), b"1".to_vec())];
    let mut workers = vec![(b"INITDATA_DB_VERSION".to_vec(), b"2".to_vec())];
    let mut files = vec![(b"LAST_PATH".to_vec(), b"005".to_vec())];
    let namespace = "8ec6cb69_afca_4c26_9025_fa58cea91c74";
    for (n, (host, top)) in owners().into_iter().enumerate() {
        let mark = whole(&host, top.as_deref());
        let key = match &top {
            Some(top) => format!("https://{host}/^0https://{top}"),
            None => format!("https://{host}"),
        };
        let slashed = top.as_ref().map_or(format!("https://{host}/"), |_| key.clone());
        for entry in 0..200 {
            local.push((
                format!("_{key}\0\u{1}key{entry}").into_bytes(),
                format!("\u{1}{}", value(&mark, &entry.to_string())).into_bytes(),
            ));
        }
        local.push((format!("META:{key}").into_bytes(), b"\x08\x01\x10\x02".to_vec()));
        local.push((format!("METAACCESS:{key}").into_bytes(), b"\x08\x01".to_vec()));
        session.push((
            format!("namespace-{namespace}-{slashed}").into_bytes(),
            n.to_string().into_bytes(),
        ));
        session.push((
            format!("map-{n}-tab").into_bytes(),
            value(&mark, "tab").into_bytes(),
        ));
        // Field 1 the registration, 2 and 3 texts, 4 the version.
        let version = u8::try_from(n + 40).unwrap();
        let mut registration = vec![0x08, u8::try_from(n).unwrap(), 0x12];
        let scope = format!("https://{host}/");
        registration.push(u8::try_from(scope.len()).unwrap());
        registration.extend(scope.as_bytes());
        registration.extend([0x20, version]);
        workers.push((format!("REG:{slashed}\0{n}").into_bytes(), registration));
        workers.push((
            format!("REGID_TO_ORIGIN:{n}").into_bytes(),
            slashed.clone().into_bytes(),
        ));
        workers.push((
            format!("INITDATA_UNIQUE_ORIGIN:{slashed}").into_bytes(),
            Vec::new(),
        ));
        workers.push((
            format!("RES:{version}\0{}", n + 70).into_bytes(),
            value(&mark, "resource").into_bytes(),
        ));
        let mut script = vec![
            0x30, 0x5c, 0x72, 0xa7, 0x1b, 0x6d, 0xfb, 0xfc, 5, 0, 0, 0, 2, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0,
        ];
        script.extend(format!("{}{}", n + 70, value(&mark, "script")).into_bytes());
        write(
            &profile.join(format!("Service Worker/ScriptCache/{n:016x}_0")),
            script,
        );
        quota += &format!(
            "INSERT INTO buckets VALUES ({}, '{slashed}', '{}', '_default', {n});",
            n + 1,
            value(&mark, "bucket")
        );
        match top {
            Some(_) => write(
                &profile.join(format!("WebStorage/{}/IndexedDB/indexeddb.leveldb/1.log", n + 1)),
                value(&mark, "database"),
            ),
            None => {
                write(
                    &profile.join(format!("IndexedDB/https_{host}_0.indexeddb.leveldb/1.log")),
                    value(&mark, "database"),
                );
                write(
                    &profile.join(format!("IndexedDB/https_{host}_0.indexeddb.blob/1")),
                    value(&mark, "blob"),
                );
                write(
                    &profile.join(format!("File System/{n:03}/t/00/1")),
                    value(&mark, "file"),
                );
                files.push((
                    format!("ORIGIN:https_{host}_0").into_bytes(),
                    format!("{n:03}").into_bytes(),
                ));
                let index = [
                    &[0x0a, 2, 0x0a, 0, 0x12, u8::try_from(slashed.len()).unwrap()],
                    slashed.as_bytes(),
                ]
                .concat();
                write(
                    &profile.join(format!("Service Worker/CacheStorage/{n}/index.txt")),
                    index,
                );
                write(
                    &profile.join(format!("Service Worker/CacheStorage/{n}/a/1_0")),
                    value(&mark, "response"),
                );
            }
        }
    }
    for (folder, entries) in [
        ("Local Storage/leveldb", &local),
        ("Session Storage", &session),
        ("Service Worker/Database", &workers),
        ("File System/Origins", &files),
    ] {
        leveldb(&profile.join(folder), entries);
    }
    // As a browser leaves it: part of it in compressed tables.
    let snappy = rusty_leveldb::Options {
        compressor: 1,
        ..rusty_leveldb::Options::default()
    };
    let mut database = rusty_leveldb::DB::open(profile.join("Local Storage/leveldb"), snappy).unwrap();
    database.compact_range(b"\x00", b"\xff").unwrap();
    database.close().unwrap();
    sqlite(&profile.join("WebStorage/QuotaManager"), &quota).await;
}

/// Looks, and plans.
pub(crate) async fn planned(computer: &Computer, choices: &[Choice]) -> (Seen, Plan) {
    let seen = computer.see_only().await;
    assert_eq!(seen.problems, []);
    let plan = Plan::new(&seen, choices);
    (seen, plan)
}

pub(crate) fn everything() -> [Choice; 1] {
    [Choice::Everything { site: None }]
}

pub(crate) fn kind(kind: Kind) -> [Choice; 1] {
    [Choice::Kind { site: None, kind }]
}

pub(crate) fn backups_of(computer: &Computer) -> PathBuf {
    computer.home().join(".local/share/settings-privacy/backups")
}

pub(crate) fn now() -> jiff::Timestamp {
    "2026-11-24T08:00:00Z".parse().unwrap()
}

pub(crate) async fn clear(computer: &Computer, plan: &Plan) -> Result<Cleared, ClearError> {
    let folder = backups_of(computer);
    let (sites, purposes) = (data::sites(), data::cookie_purposes());
    computer
        .browsers
        .clear(plan, sites, purposes, folder, now(), |_| {})
        .await
}

pub(crate) fn backups_are(computer: &Computer, number: usize) {
    assert_eq!(backups(&backups_of(computer)).unwrap().len(), number);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

/// Every byte of every file, and every name: to say that nothing at all was touched. Without what opening a
/// database makes beside it.
pub(crate) fn bytes(profile: &Path) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let made = |path: &PathBuf| {
        let name = path.to_string_lossy();
        !["-wal", "-shm", "-journal"].iter().any(|end| name.ends_with(end))
    };
    let paths = files(profile).into_iter().filter(made);
    paths
        .map(|path| {
            (
                path.clone(),
                path.is_file().then(|| std::fs::read(&path).unwrap()),
            )
        })
        .collect()
}

/// Files below a profile that contain a text, as it is or in UTF-16, or are called by it.
pub(crate) fn naming(profile: &Path, text: &str) -> Vec<PathBuf> {
    // Looked for as text, which is fast however this is compiled.
    let wide: String = text.chars().flat_map(|letter| [letter, '\0']).collect();
    let of = |path: &PathBuf| {
        let inside = || {
            let bytes = std::fs::read(path).unwrap_or_default();
            let read = String::from_utf8_lossy(&bytes);
            read.contains(text) || read.contains(&wide)
        };
        path.strip_prefix(profile)
            .unwrap()
            .to_string_lossy()
            .contains(text)
            || (path.is_file() && inside())
    };
    files(profile).into_iter().filter(of).collect()
}

/// What is in a profile, a line a row, an entry, or a file; whole and in order.
pub(crate) async fn contents(profile: &Path) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    let all = files(profile);
    let is_leveldb = |path: &Path| path.join("CURRENT").is_file();
    for path in all.iter().filter(|path| is_leveldb(path)) {
        let scratch = tempfile::tempdir().unwrap();
        let copy = scratch.path().join("db");
        std::fs::create_dir(&copy).unwrap();
        for file in std::fs::read_dir(path).unwrap().flatten() {
            std::fs::copy(file.path(), copy.join(file.file_name())).unwrap();
        }
        let mut database = rusty_leveldb::DB::open(&copy, rusty_leveldb::Options::default()).unwrap();
        let mut entries = database.new_iter().unwrap();
        while let Some((key, value)) = rusty_leveldb::LdbIterator::next(&mut entries) {
            let (key, value) = (String::from_utf8_lossy(&key), String::from_utf8_lossy(&value));
            lines.insert(format!(
                "{} {key:?} {value:?}",
                path.strip_prefix(profile).unwrap().display()
            ));
        }
    }
    for path in all
        .iter()
        .filter(|path| path.is_file() && !path.parent().is_some_and(is_leveldb))
    {
        let name = path.strip_prefix(profile).unwrap().display().to_string();
        if ["-wal", "-shm", "-journal"].iter().any(|end| name.ends_with(end)) {
            continue;
        }
        let bytes = std::fs::read(path).unwrap();
        if !bytes.starts_with(b"SQLite format 3\0") {
            lines.insert(format!("{name} {:?}", String::from_utf8_lossy(&bytes)));
            continue;
        }
        let mut database = open(path).await;
        let check = database.fetch_one("PRAGMA integrity_check").await.unwrap();
        assert_eq!(check.get::<String, _>(0), "ok", "{name}");
        lines.insert(format!(
            "{name} {}",
            database
                .fetch_one("PRAGMA journal_mode")
                .await
                .unwrap()
                .get::<String, _>(0)
        ));
        for table in database
            .fetch_all("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
            .await
            .unwrap()
        {
            let (table, schema): (String, String) = (table.get(0), table.get(1));
            lines.insert(format!("{name} {schema}"));
            let columns = database
                .fetch_all(AssertSqlSafe(format!(
                    "SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{table}')"
                )))
                .await
                .unwrap();
            let columns: Vec<String> = columns.iter().map(|row| row.get(0)).collect();
            let rows = format!("SELECT {} FROM {table}", columns.join(" || ' ' || "));
            for row in database.fetch_all(AssertSqlSafe(rows)).await.unwrap() {
                lines.insert(format!("{name} {table} {}", row.get::<String, _>(0)));
            }
        }
        database.close().await.unwrap();
    }
    lines
}

/// What a clearing of everything leaves: what doesn't name DingTalk. A file of records is told line by line.
pub(crate) fn without_ours(contents: &BTreeSet<String>) -> BTreeSet<String> {
    contents
        .iter()
        .filter(|line| {
            line.starts_with("serviceworker.txt ") || !(line.contains(OURS) || line.contains(CANARY))
        })
        .cloned()
        .collect()
}
