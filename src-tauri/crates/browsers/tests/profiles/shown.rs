//! One suite over both families: what is shown of a profile, and what isn't.

use jiff::Timestamp;
use settings_privacy_core::storage::{
    Because, Cookie, Elsewhere, Finding, Item, Kind, Purpose, Running, SameSite, Seen,
};
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::made::{
    BOTH, CREATED, Computer, EXPIRES, HOSTS, Made, SECRET, firefox_row, firefox_schema, leveldb, open,
    sqlite, write,
};

fn cookies(seen: &Seen) -> Vec<(&Finding, &Cookie)> {
    let mut cookies = Vec::new();
    for finding in &seen.findings {
        if let Item::Cookie(cookie) = &finding.item {
            cookies.push((finding, cookie));
        }
    }
    cookies
}

#[tokio::test]
async fn cookies_of_dingtalks_hosts_are_shown_and_those_of_look_alikes_arent() {
    for made in BOTH {
        let computer = Computer::new();
        made.all_cookies(&made.profile(&computer)).await;
        let seen = computer.see_only().await;
        assert_eq!(
            (seen.running, seen.problems.as_slice()),
            (Running::No, [].as_slice()),
            "{made:?}"
        );
        let own = |because: Because, parted: bool| -> Vec<String> {
            let wanted = |finding: &Finding| {
                finding.because == because && finding.partition.top_site.is_some() == parted
            };
            let found = cookies(&seen).into_iter().filter(|(finding, _)| wanted(finding));
            let mut hosts: Vec<String> = found.map(|(_, cookie)| cookie.host.clone()).collect();
            hosts.sort();
            hosts
        };
        let mut expected: Vec<&str> = HOSTS
            .iter()
            .filter(|(_, ours)| *ours)
            .map(|(host, _)| *host)
            .collect();
        expected.sort_unstable();
        assert_eq!(own(Because::Host, false), expected, "{made:?}");
        assert_eq!(own(Because::Host, true), ["im.dingtalk.com"], "{made:?}");
        assert_eq!(own(Because::Within, true), ["g.alicdn.com"], "{made:?}");
        assert_eq!(own(Because::Within, false), [""; 0], "{made:?}");
    }
}

#[tokio::test]
async fn a_cookie_is_shown_with_everything_but_its_value() {
    for made in BOTH {
        let computer = Computer::new();
        let profile = made.profile(&computer);
        let sql = made.schema() + &made.row("JSESSIONID", ".dingtalk.com", Some("example.org"));
        sqlite(&profile.join(made.cookies()), &sql).await;
        let seen = computer.see_only().await;
        let cookies = cookies(&seen);
        let [(finding, cookie)] = cookies.as_slice() else {
            panic!("one cookie, not {cookies:?}");
        };
        let at = |second| Some(Timestamp::from_second(second).unwrap());
        let expected = Cookie {
            name: "JSESSIONID".to_owned(),
            host: ".dingtalk.com".to_owned(),
            path: "/".to_owned(),
            created: at(CREATED),
            last_used: at(CREATED),
            expires: at(EXPIRES),
            secure: true,
            http_only: true,
            same_site: SameSite::Lax,
            purpose: Purpose::Security,
        };
        assert_eq!(**cookie, expected, "{made:?}");
        assert_eq!(finding.host, "dingtalk.com");
        assert_eq!(finding.partition.top_site.as_deref(), Some("https://example.org"));
        let value = SECRET.len() + if made == Made::Chromium { "v10".len() } else { 0 };
        let size = finding.size.unwrap().0;
        assert_eq!(size, ("JSESSIONID".len() + value) as u64, "{made:?}");
    }
}

#[tokio::test]
async fn what_is_only_in_the_log_of_a_browser_that_runs_is_shown_and_nothing_is_changed() {
    for made in BOTH {
        let computer = Computer::new();
        let profile = made.profile(&computer);
        let path = profile.join(made.cookies());
        sqlite(&path, &made.schema()).await;
        // Firefox keeps its database like this for as long as it runs.
        let mut browser = open(&path).await;
        browser
            .execute(
                "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;",
            )
            .await
            .unwrap();
        browser
            .execute(AssertSqlSafe(made.row("fresh", "im.dingtalk.com", None)))
            .await
            .unwrap();
        let before = std::fs::read(&path).unwrap();
        let seen = computer.see_only().await;
        assert_eq!(seen.problems, []);
        assert_eq!(cookies(&seen).len(), 1, "{made:?}");
        assert_eq!(std::fs::read(&path).unwrap(), before, "{made:?}");
        browser.close().await.unwrap();
    }
}

#[tokio::test]
async fn looking_at_a_closed_profile_leaves_no_trace_in_it() {
    for made in BOTH {
        let computer = Computer::new();
        let profile = made.profile(&computer);
        made.all_cookies(&profile).await;
        leveldb(
            &profile.join("Local Storage/leveldb"),
            &[(b"VERSION".to_vec(), b"1".to_vec())],
        );
        let contents = || {
            let mut files = Vec::new();
            let mut folders = vec![computer.home()];
            while let Some(folder) = folders.pop() {
                for entry in std::fs::read_dir(folder).unwrap() {
                    let path = entry.unwrap().path();
                    match path.is_dir() {
                        true => folders.push(path),
                        false => files.push((path.clone(), std::fs::read(path).unwrap())),
                    }
                }
            }
            files.sort();
            files
        };
        let before = contents();
        let seen = computer.see_only().await;
        assert!(!seen.findings.is_empty());
        assert!(contents() == before, "{made:?}");
    }
}

#[tokio::test]
async fn an_older_firefox_counts_a_cookies_end_in_seconds() {
    let computer = Computer::new();
    let profile = Made::Firefox.profile(&computer);
    let sql = firefox_schema(12) + &firefox_row("a", "im.dingtalk.com", None, EXPIRES);
    sqlite(&profile.join("cookies.sqlite"), &sql).await;
    let seen = computer.see_only().await;
    let ends = cookies(&seen).first().unwrap().1.expires.unwrap();
    assert_eq!(ends.as_second(), EXPIRES);
}

#[tokio::test]
async fn firefoxs_storage_is_shown_by_origin() {
    let computer = Computer::new();
    let profile = Made::Firefox.profile(&computer);
    let origins = profile.join("storage/default");
    let table = "CREATE TABLE data (key TEXT PRIMARY KEY, value BLOB); \
                 INSERT INTO data VALUES ('a', 'secret-value'), ('b', 'secret-value');";
    for folder in [
        "https+++im.dingtalk.com",
        "https+++im.dingtalk.com+8443^userContextId=2",
        "https+++im.dingtalk.com^partitionKey=%28https%2Cexample.org%29",
        "https+++www.example.org^partitionKey=%28https%2Cdingtalk.com%29",
        "https+++notdingtalk.com",
        "https+++dingtalk.com.evil.net",
        "moz-extension+++dingtalk.com",
    ] {
        sqlite(&origins.join(folder).join("ls/data.sqlite"), table).await;
        write(&origins.join(folder).join("idb/123kept.sqlite"), "x");
    }
    write(
        &profile.join("serviceworker.txt"),
        "12\n\nhttps://im.dingtalk.com/\nhttps://im.dingtalk.com/w.js\ntrue\n#\n\nhttps://notdingtalk.com/\nx\n#\n",
    );
    sqlite(
        &profile.join("storage.sqlite"),
        "CREATE TABLE origin (repository_id INTEGER, suffix TEXT, origin TEXT); INSERT INTO origin VALUES \
         (2, '', 'https://im.dingtalk.com'), (2, '', 'https://notdingtalk.com');",
    )
    .await;
    sqlite(
        &profile.join("webappsstore.sqlite"),
        "CREATE TABLE webappsstore2 (originAttributes TEXT, originKey TEXT, scope TEXT, key TEXT, value TEXT); \
         INSERT INTO webappsstore2 VALUES ('', 'moc.klatgnid.mi.:https:443', '', 'k', 'secret-value'), \
         ('', 'moc.klatgnidton.:https:443', '', 'k', 'secret-value');",
    )
    .await;
    sqlite(
        &profile.join("places.sqlite"),
        "CREATE TABLE moz_places (url TEXT, rev_host TEXT, visit_count INTEGER DEFAULT 1, last_visit_date INTEGER, \
         foreign_count INTEGER DEFAULT 0, id INTEGER); CREATE TABLE moz_historyvisits (place_id INTEGER); \
         INSERT INTO moz_places (url, rev_host) VALUES ('', 'moc.klatgnid.mi.'), ('', 'moc.klatgnid.'), ('', 'moc.klatgnid.mi.'), ('', 'moc.klatgnidton.'), \
         ('', 'ten.live.moc.klatgnid.');",
    )
    .await;
    let seen = computer.see_only().await;
    assert_eq!(seen.problems, []);
    let of = |kind: Kind| {
        seen.findings
            .iter()
            .filter(move |finding| finding.item.kind() == kind)
    };
    let mut local: Vec<(&str, Option<&str>, Option<u32>, Because)> = of(Kind::LocalStorage)
        .filter(|finding| finding.item == Item::LocalStorage { entries: Some(2) })
        .map(|finding| {
            let partition = &finding.partition;
            (
                finding.origin.as_deref().unwrap(),
                partition.top_site.as_deref(),
                partition.container,
                finding.because,
            )
        })
        .collect();
    local.sort();
    assert_eq!(
        local,
        [
            ("https://im.dingtalk.com", None, None, Because::Host),
            (
                "https://im.dingtalk.com",
                Some("https://example.org"),
                None,
                Because::Host
            ),
            ("https://im.dingtalk.com:8443", None, Some(2), Because::Host),
            (
                "https://www.example.org",
                Some("https://dingtalk.com"),
                None,
                Because::Within
            ),
        ]
    );
    assert_eq!(of(Kind::IndexedDb).count(), 4);
    assert_eq!(of(Kind::ServiceWorker).count(), 1);
    assert_eq!(of(Kind::Quota).count(), 1);
    assert!(of(Kind::LocalStorage).any(|finding| finding.item == Item::LocalStorage { entries: Some(1) }));
    let mut visited: Vec<&str> = of(Kind::Elsewhere(Elsewhere::History))
        .map(|finding| finding.host.as_str())
        .collect();
    visited.sort_unstable();
    assert_eq!(visited, ["dingtalk.com", "im.dingtalk.com"]);
}

#[tokio::test]
async fn chromiums_storage_is_shown_by_storage_key() {
    let computer = Computer::new();
    let profile = Made::Chromium.profile(&computer);
    let entry = |key: &str| (key.as_bytes().to_vec(), [b"\x01", SECRET.as_bytes()].concat());
    leveldb(
        &profile.join("Local Storage/leveldb"),
        &[
            entry("VERSION"),
            entry("_https://im.dingtalk.com\0\u{1}a"),
            entry("_https://im.dingtalk.com\0\u{1}b"),
            entry("_https://im.dingtalk.com/^0https://example.org\0\u{1}a"),
            entry("_https://notdingtalk.com\0\u{1}a"),
            entry("_https://dingtalk.com.evil.net\0\u{1}a"),
        ],
    );
    leveldb(
        &profile.join("Session Storage"),
        &[
            (b"namespace-0_1-https://im.dingtalk.com/".to_vec(), b"7".to_vec()),
            (b"namespace-0_1-https://notdingtalk.com/".to_vec(), b"8".to_vec()),
            entry("map-7-a"),
            entry("map-8-a"),
        ],
    );
    leveldb(
        &profile.join("Service Worker/Database"),
        &[
            entry("REG:https://im.dingtalk.com/\x003"),
            entry("REG:https://notdingtalk.com/\x004"),
        ],
    );
    leveldb(
        &profile.join("File System/Origins"),
        &[
            (b"ORIGIN:https_im.dingtalk.com_0".to_vec(), b"000".to_vec()),
            (b"ORIGIN:https_h5.dingtalk.com_0".to_vec(), b"../../..".to_vec()),
        ],
    );
    write(&profile.join("File System/000/t/00/00000000"), "kept");
    for name in [
        "https_im.dingtalk.com_0",
        "https_notdingtalk.com_0",
        "https_dingtalk.com.evil.net_0",
    ] {
        write(
            &profile.join(format!("IndexedDB/{name}.indexeddb.leveldb/000003.log")),
            "12345",
        );
    }
    sqlite(
        &profile.join("WebStorage/QuotaManager"),
        "CREATE TABLE buckets (id INTEGER, storage_key TEXT); INSERT INTO buckets VALUES \
         (1, 'https://im.dingtalk.com/'), (2, 'https://im.dingtalk.com/^0https://example.org'), \
         (3, 'https://notdingtalk.com/');",
    )
    .await;
    write(
        &profile.join("WebStorage/2/IndexedDB/indexeddb.leveldb/000003.log"),
        "123",
    );
    sqlite(
        &profile.join("History"),
        "CREATE TABLE urls (url TEXT); INSERT INTO urls VALUES ('https://im.dingtalk.com/a'), \
         ('https://im.dingtalk.com/b'), ('https://notdingtalk.com/'), ('https://evil.net/?to=https://im.dingtalk.com/');",
    )
    .await;
    let seen = computer.see_only().await;
    assert_eq!(seen.problems, []);
    assert!(
        seen.findings
            .iter()
            .all(|finding| finding.host == "im.dingtalk.com"),
        "{seen:#?}"
    );
    let items = |kind: Kind| -> Vec<&Item> {
        let of_kind = seen.findings.iter().filter(|finding| finding.item.kind() == kind);
        of_kind.map(|finding| &finding.item).collect()
    };
    let entries = |entries| Item::LocalStorage {
        entries: Some(entries),
    };
    assert_eq!(items(Kind::LocalStorage), [&entries(2), &entries(1)]);
    assert_eq!(
        items(Kind::SessionStorage),
        [&Item::SessionStorage { entries: 1 }]
    );
    assert_eq!(
        items(Kind::ServiceWorker),
        [&Item::ServiceWorker { registrations: 1 }]
    );
    assert_eq!(items(Kind::FileSystem), [&Item::FileSystem { files: Some(1) }]);
    assert_eq!(items(Kind::IndexedDb).len(), 2);
    assert_eq!(items(Kind::Quota).len(), 2);
    let history = Item::Elsewhere {
        place: Elsewhere::History,
        mentions: 2,
    };
    assert_eq!(items(Kind::Elsewhere(Elsewhere::History)), [&history]);
    assert_eq!(seen.total(Kind::IndexedDb).1.0, 8);
}
