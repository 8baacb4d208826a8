//! What is broken becomes a problem of its profile, with a code; everything else is shown.

use settings_privacy_core::data;
use settings_privacy_core::storage::{Kind, Seen};

use crate::made::{BOTH, Computer, Made, leveldb, sqlite, write};

fn codes(seen: &Seen) -> Vec<&'static str> {
    seen.problems.iter().map(|problem| problem.code).collect()
}

fn says_nothing_private(seen: &Seen) {
    for problem in &seen.problems {
        assert!(!problem.message.contains("dingtalk"), "{}", problem.message);
        assert!(!problem.message.contains("home/"), "{}", problem.message);
    }
}

/// Something beside the cookies, which stays to be seen.
async fn beside(made: Made, profile: &std::path::Path) {
    match made {
        Made::Firefox => write(
            &profile.join("storage/default/https+++im.dingtalk.com/idb/1.sqlite"),
            "x",
        ),
        Made::Chromium => write(
            &profile.join("IndexedDB/https_im.dingtalk.com_0.indexeddb.leveldb/LOG"),
            "x",
        ),
    }
}

#[tokio::test]
async fn a_database_that_is_no_database_is_damaged_and_the_rest_is_shown() {
    for made in BOTH {
        let computer = Computer::new();
        let profile = made.profile(&computer);
        write(&profile.join(made.cookies()), vec![b'x'; 8192]);
        beside(made, &profile).await;
        let seen = computer.see_only().await;
        assert_eq!(codes(&seen), ["damaged"], "{made:?}");
        assert_eq!(seen.problems[0].hides, [Kind::Cookie]);
        assert_eq!(seen.total(Kind::IndexedDb).0, 1);
        says_nothing_private(&seen);
    }
}

#[tokio::test]
async fn a_truncated_database_is_a_problem_never_a_panic() {
    for made in BOTH {
        let computer = Computer::new();
        let profile = made.profile(&computer);
        made.all_cookies(&profile).await;
        beside(made, &profile).await;
        let path = profile.join(made.cookies());
        let whole = std::fs::read(&path).unwrap();
        let all = computer.see_only().await.total(Kind::Cookie);
        for length in [1, 99, 100, 512, 4096, whole.len() / 2, whole.len() - 1] {
            std::fs::write(&path, &whole[..length]).unwrap();
            let seen = computer.see_only().await;
            // What was cut off may be what nobody asked for.
            let all_there = seen.total(Kind::Cookie) == all;
            assert!(
                all_there || !seen.problems.is_empty(),
                "{made:?} of {length} bytes: {seen:?}"
            );
            assert_eq!(seen.total(Kind::IndexedDb).0, 1);
            says_nothing_private(&seen);
        }
    }
}

#[tokio::test]
async fn a_foreign_layout_is_said_so() {
    for made in BOTH {
        let computer = Computer::new();
        let profile = made.profile(&computer);
        let sql = "CREATE TABLE moz_cookies (id INTEGER); CREATE TABLE cookies (id INTEGER);";
        sqlite(&profile.join(made.cookies()), sql).await;
        beside(made, &profile).await;
        let seen = computer.see_only().await;
        assert_eq!(codes(&seen), ["foreign-schema"], "{made:?}");
        assert_eq!(seen.total(Kind::IndexedDb).0, 1);
    }
}

#[tokio::test]
async fn a_newer_layout_is_said_so_and_what_is_understood_is_shown() {
    for made in BOTH {
        let computer = Computer::new();
        let profile = made.profile(&computer);
        made.all_cookies(&profile).await;
        let newer = match made {
            Made::Firefox => "PRAGMA user_version = 99;",
            Made::Chromium => "UPDATE meta SET value = '99' WHERE key = 'version';",
        };
        sqlite(&profile.join(made.cookies()), newer).await;
        let seen = computer.see_only().await;
        assert_eq!(codes(&seen), ["newer-schema"], "{made:?}");
        assert!(seen.total(Kind::Cookie).0 > 3);
    }
}

#[tokio::test]
async fn values_of_another_type_are_a_foreign_layout() {
    for made in BOTH {
        let computer = Computer::new();
        let profile = made.profile(&computer);
        let bytes = "X'FF'";
        let row = made.row("a", "im.dingtalk.com", None).replace("'a'", bytes);
        sqlite(&profile.join(made.cookies()), &(made.schema() + &row)).await;
        assert_eq!(codes(&computer.see_only().await), ["foreign-schema"], "{made:?}");
    }
}

#[tokio::test]
async fn a_damaged_leveldb_is_a_problem_and_the_rest_is_shown() {
    let computer = Computer::new();
    let profile = Made::Chromium.profile(&computer);
    made_local_storage(&profile);
    beside(Made::Chromium, &profile).await;
    let folder = profile.join("Local Storage/leveldb");
    std::fs::write(folder.join("CURRENT"), "nonsense").unwrap();
    let seen = computer.see_only().await;
    assert_eq!(codes(&seen), ["damaged"]);
    assert_eq!(seen.total(Kind::IndexedDb).0, 1);
}

fn made_local_storage(profile: &std::path::Path) {
    // META's size (field 2): a key's byte and letter, and 21 bytes of value, each time.
    let entries: Vec<(Vec<u8>, Vec<u8>)> = (0..20)
        .map(|n: u8| {
            (
                format!("_https://im.dingtalk.com\0\u{1}{}", char::from(b'a' + n)).into_bytes(),
                vec![1; 21],
            )
        })
        .chain([(
            b"META:https://im.dingtalk.com".to_vec(),
            vec![0x08, 0x01, 0x10, 0xcc, 0x03],
        )])
        .collect();
    leveldb(&profile.join("Local Storage/leveldb"), &entries);
}

#[tokio::test]
async fn entries_missing_from_local_storage_are_noticed() {
    let computer = Computer::new();
    let profile = Made::Chromium.profile(&computer);
    made_local_storage(&profile);
    assert_eq!(codes(&computer.see_only().await), [""; 0]);
    let folder = profile.join("Local Storage/leveldb");
    let mut database = rusty_leveldb::DB::open(&folder, rusty_leveldb::Options::default()).unwrap();
    database.delete(b"_https://im.dingtalk.com\0\x01a").unwrap();
    database.flush().unwrap();
    database.close().unwrap();
    let seen = computer.see_only().await;
    assert_eq!(codes(&seen), ["damaged"]);
    assert_eq!(seen.total(Kind::LocalStorage).0, 1, "what is there is shown");
}

#[tokio::test]
async fn a_flipped_bit_anywhere_in_a_leveldb_is_noticed() {
    let computer = Computer::new();
    let profile = Made::Chromium.profile(&computer);
    made_local_storage(&profile);
    let folder = profile.join("Local Storage/leveldb");
    // Once as a log, once as a table.
    flip(&computer, &folder).await;
    let mut database = rusty_leveldb::DB::open(&folder, rusty_leveldb::Options::default()).unwrap();
    database.compact_range(b"\x00", b"\xff").unwrap();
    database.close().unwrap();
    drop(database);
    let is_table = |path: std::path::PathBuf| path.extension().is_some_and(|end| end == "ldb");
    assert!(
        std::fs::read_dir(&folder)
            .unwrap()
            .any(|entry| is_table(entry.unwrap().path()))
    );
    flip(&computer, &folder).await;
}

async fn flip(computer: &Computer, folder: &std::path::Path) {
    assert_eq!(codes(&computer.see_only().await), [""; 0]);
    let files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    for file in files
        .iter()
        .filter(|file| !file.ends_with("LOCK") && !file.ends_with("LOG"))
    {
        let whole = std::fs::read(file).unwrap();
        for at in (0..whole.len()).step_by(whole.len() / 12 + 1) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x40;
            std::fs::write(file, &bytes).unwrap();
            let seen = computer.see_only().await;
            let all_there = seen.total(Kind::LocalStorage).1.0 == 460;
            assert!(
                all_there || codes(&seen) == ["damaged"],
                "{} at {at}",
                file.display()
            );
        }
        std::fs::write(file, &whole).unwrap();
    }
}

#[tokio::test]
async fn one_broken_profile_doesnt_hide_the_others() {
    let computer = Computer::new();
    for made in BOTH {
        let profile = made.profile(&computer);
        match made {
            Made::Firefox => write(&profile.join(made.cookies()), "x"),
            Made::Chromium => made.all_cookies(&profile).await,
        }
    }
    let profiles = computer.profiles().await;
    let mut seen = Vec::new();
    computer
        .browsers
        .see_all(profiles, data::sites(), data::cookie_purposes(), |one| {
            seen.push(one)
        })
        .await;
    assert_eq!(seen.len(), 2);
    assert!(
        seen.iter()
            .any(|seen| seen.problems.is_empty() && seen.total(Kind::Cookie).0 > 3)
    );
    assert!(seen.iter().any(|seen| codes(seen) == ["damaged"]));
}
