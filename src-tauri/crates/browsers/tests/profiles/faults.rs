//! Whatever is wrong with a profile: nothing of it is changed, the error says what and why, and others go on.

use std::path::{Path, PathBuf};

use settings_privacy_core::storage::Plan;
use sqlx::{Connection, Executor};

use crate::full::{backups_of, bytes, clear, everything, fill, full, naming, planned};
use crate::made::{BOTH, Computer, Made, open, sqlite};

/// Clears after `harm` was done behind the plan's back, and holds that nothing was changed.
async fn refused(made: Made, code: &str, harm: impl AsyncFnOnce(&Path)) {
    let (computer, profile) = full(made).await;
    let (_, plan) = planned(&computer, &everything()).await;
    harm(&profile).await;
    let before = bytes(&profile);
    let error = clear(&computer, &plan).await.unwrap_err();
    assert_eq!(error.code(), code, "{made:?}: {error:?}");
    assert!(
        bytes(&profile) == before,
        "{made:?} {code}: something was changed"
    );
    let says = error.to_string();
    assert!(
        says.contains("othing was changed") || says.contains("othing is changed") || code == "browser-open",
        "{says}"
    );
    assert!(!says.contains("dingtalk") && !says.contains("home/"), "{says}");
    let backups = std::fs::read_dir(backups_of(&computer)).map_or(0, Iterator::count);
    assert_eq!(backups, 0, "{made:?} {code}: a backup stayed");
    assert_eq!(
        std::fs::read_dir(computer.root.path().join("tmp"))
            .unwrap()
            .count(),
        0
    );
}

#[tokio::test]
async fn a_truncated_database_isnt_touched() {
    for made in BOTH {
        for part in [3, 2] {
            refused(made, "damaged", async |profile| {
                let file = profile.join(made.cookies());
                let whole = std::fs::read(&file).unwrap();
                std::fs::write(&file, &whole[..whole.len() / part]).unwrap();
            })
            .await;
        }
        refused(made, "damaged", async |profile| {
            std::fs::write(profile.join(made.cookies()), "short").unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn a_database_damaged_in_the_middle_isnt_touched() {
    for made in BOTH {
        refused(made, "damaged", async |profile| {
            let file = profile.join(made.cookies());
            let mut whole = std::fs::read(&file).unwrap();
            let middle = whole.len() / 2;
            whole[middle..middle + 3000].fill(0x5a);
            std::fs::write(&file, &whole).unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn damage_among_others_rows_is_noticed_before_anything_is_changed() {
    for made in BOTH {
        refused(made, "damaged", async |profile| {
            let file = profile.join(made.cookies());
            let mut whole = std::fs::read(&file).unwrap();
            let row = b"others-29-dingtalk.com.evil.net";
            let at = whole
                .windows(row.len())
                .rposition(|window| window == row)
                .unwrap();
            // The head of the row's page: what kind it is, and where its rows lie.
            let page = at / 4096 * 4096;
            whole[page..page + 8].fill(0x5a);
            std::fs::write(&file, &whole).unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn a_foreign_or_a_newer_layout_isnt_touched() {
    for made in BOTH {
        refused(made, "foreign-schema", async |profile| {
            let sql = match made {
                Made::Firefox => "ALTER TABLE moz_cookies RENAME COLUMN host TO hosts;",
                Made::Chromium => "ALTER TABLE cookies RENAME COLUMN host_key TO hosts;",
            };
            sqlite(&profile.join(made.cookies()), sql).await;
        })
        .await;
        refused(made, "newer-schema", async |profile| {
            let sql = match made {
                Made::Firefox => "PRAGMA user_version = 99;",
                Made::Chromium => "UPDATE meta SET value = '99' WHERE key = 'version';",
            };
            sqlite(&profile.join(made.cookies()), sql).await;
        })
        .await;
    }
}

#[tokio::test]
async fn the_last_database_that_is_wrong_keeps_the_first_as_it_was() {
    refused(Made::Firefox, "newer-schema", async |profile| {
        sqlite(&profile.join("storage.sqlite"), "PRAGMA user_version = 999999;").await;
    })
    .await;
    refused(Made::Chromium, "newer-schema", async |profile| {
        sqlite(
            &profile.join("WebStorage/QuotaManager"),
            "UPDATE meta SET value = '99' WHERE key = 'version';",
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_leveldb_with_a_wrong_checksum_isnt_touched() {
    for folder in [
        "Local Storage/leveldb",
        "Service Worker/Database",
        "Session Storage",
    ] {
        refused(Made::Chromium, "damaged", async |profile| {
            let files = std::fs::read_dir(profile.join(folder)).unwrap().flatten();
            let largest = files
                .max_by_key(|file| file.metadata().unwrap().len())
                .unwrap()
                .path();
            let mut whole = std::fs::read(&largest).unwrap();
            let middle = whole.len() / 2;
            whole[middle] ^= 1;
            std::fs::write(&largest, whole).unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn a_locked_database_isnt_touched() {
    for made in BOTH {
        let (computer, profile) = full(made).await;
        let (_, plan) = planned(&computer, &everything()).await;
        let mut other = open(&profile.join(made.cookies())).await;
        other.execute("BEGIN IMMEDIATE").await.unwrap();
        let error = clear(&computer, &plan).await.unwrap_err();
        assert_eq!(error.code(), "locked", "{made:?}: {error:?}");
        other.close().await.unwrap();
        assert_eq!(planned(&computer, &everything()).await.1, plan, "{made:?}");
    }
}

#[tokio::test]
async fn links_within_a_profile_arent_followed() {
    for made in BOTH {
        refused(made, "linked", async |profile| {
            let file = profile.join(made.cookies());
            let away = profile.parent().unwrap().join("elsewhere");
            std::fs::rename(&file, &away).unwrap();
            std::os::unix::fs::symlink(&away, &file).unwrap();
        })
        .await;
        refused(made, "linked", async |profile| {
            let folder = match made {
                Made::Firefox => "storage/default",
                Made::Chromium => "IndexedDB",
            };
            let away = profile.parent().unwrap().join("elsewhere");
            std::fs::rename(profile.join(folder), &away).unwrap();
            std::os::unix::fs::symlink(&away, profile.join(folder)).unwrap();
        })
        .await;
        refused(made, "linked", async |profile| {
            let folder = match made {
                Made::Firefox => "storage/default/https+++im.dingtalk.com/idb/link",
                Made::Chromium => "IndexedDB/https_im.dingtalk.com_0.indexeddb.blob/link",
            };
            std::os::unix::fs::symlink("/etc/passwd", profile.join(folder)).unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn a_profile_that_lies_elsewhere_by_a_link_is_cleared_where_it_lies() {
    for made in BOTH {
        let (computer, profile) = full(made).await;
        let away = computer.root.path().join("elsewhere");
        std::fs::rename(&profile, &away).unwrap();
        std::os::unix::fs::symlink(&away, &profile).unwrap();
        let (_, plan) = planned(&computer, &everything()).await;
        assert_eq!(plan.profile.path, std::fs::canonicalize(&away).unwrap());
        let cleared = clear(&computer, &plan).await.unwrap();
        assert_eq!(cleared.remaining, [], "{made:?}");
        assert_eq!(naming(&away, crate::full::CANARY), [""; 0].map(PathBuf::from));
        assert!(profile.is_symlink());
    }
}

#[tokio::test]
async fn one_profile_that_cant_be_cleared_doesnt_hold_up_the_others() {
    let computer = Computer::new();
    let mut plans = Vec::new();
    for made in BOTH {
        fill(made, &computer).await;
    }
    for profile in computer.profiles().await {
        plans.push(Plan::new(&computer.see(&profile).await, &everything()));
    }
    let firefox = &plans[0].profile.path;
    sqlite(&firefox.join("cookies.sqlite"), "PRAGMA user_version = 99;").await;
    assert_eq!(
        clear(&computer, &plans[0]).await.unwrap_err().code(),
        "newer-schema"
    );
    assert_eq!(clear(&computer, &plans[1]).await.unwrap().remaining, []);
}
