//! One suite over both families: what is cleared is gone to the last byte, the rest is as it was, and it can be undone.

use std::os::unix::fs::PermissionsExt;

use settings_privacy_browsers::{backups, prune};
use settings_privacy_core::data;
use settings_privacy_core::storage::{Choice, Finding, Item, Kind, Plan, Seen};
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::full::{
    CANARY, OURS, backups_are, backups_of, bytes, clear, contents, everything, full, kind, naming, now,
    planned, without_ours,
};
use crate::made::{BOTH, Made, open};

fn records(contents: &std::collections::BTreeSet<String>) -> Option<&String> {
    contents
        .iter()
        .find(|line| line.starts_with("serviceworker.txt "))
}

#[tokio::test]
async fn what_is_cleared_is_gone_to_the_last_byte_and_every_other_row_is_the_same() {
    for made in BOTH {
        let (computer, profile) = full(made).await;
        let before = contents(&profile).await;
        assert!(naming(&profile, CANARY).len() > 10, "{made:?}");
        let (_, plan) = planned(&computer, &everything()).await;
        let cleared = clear(&computer, &plan).await.unwrap();
        assert_eq!(cleared.remaining, [], "{made:?}");
        assert_eq!(cleared.gone, plan.findings, "{made:?}");
        assert_eq!(
            naming(&profile, CANARY),
            [""; 0].map(std::path::PathBuf::from),
            "{made:?}"
        );
        assert_eq!(
            naming(&profile, OURS),
            [""; 0].map(std::path::PathBuf::from),
            "{made:?}"
        );
        let after = contents(&profile).await;
        let ours = |lines: &std::collections::BTreeSet<String>| {
            let mut lines = without_ours(lines);
            lines.retain(|line| !line.starts_with("serviceworker.txt "));
            lines
        };
        assert_eq!(ours(&after), ours(&before), "{made:?}");
        if let Some(records) = records(&after) {
            assert_eq!(records.matches("#\\n").count(), 3, "{records}");
        }
        assert_eq!(computer.see_only().await.findings, [], "{made:?}");
    }
}

#[tokio::test]
async fn undoing_brings_everything_back_and_then_the_backup_is_gone() {
    for made in BOTH {
        let (computer, profile) = full(made).await;
        let before = contents(&profile).await;
        let (seen, plan) = planned(&computer, &everything()).await;
        let cleared = clear(&computer, &plan).await.unwrap();
        backups_are(&computer, 1);
        let backup = cleared.backup.unwrap();
        let restored = computer.browsers.restore(&backup).await.unwrap();
        assert_eq!(restored.newer_stays, 0, "{made:?}");
        assert!(restored.put_back > 90, "{made:?}: {restored:?}");
        let (mut after, mut expected) = (contents(&profile).await, before);
        if made == Made::Firefox {
            // The records are all there, in another order.
            let lines = |contents: &std::collections::BTreeSet<String>| {
                let mut lines: Vec<String> = records(contents)
                    .unwrap()
                    .split("#\\n")
                    .map(|record| record.trim_start_matches("serviceworker.txt \"12\\n").to_owned())
                    .collect();
                lines.sort();
                lines
            };
            assert_eq!(lines(&after), lines(&expected));
            for contents in [&mut after, &mut expected] {
                contents.retain(|line| !line.starts_with("serviceworker.txt "));
            }
        }
        assert_eq!(after, expected, "{made:?}");
        let again = computer.see_only().await;
        assert_eq!(again.problems, []);
        assert_eq!(again.findings.len(), seen.findings.len(), "{made:?}");
        backups_are(&computer, 0);
        assert_eq!(std::fs::read_dir(backups_of(&computer)).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn one_item_goes_and_everything_else_stays() {
    for made in BOTH {
        let (computer, profile) = full(made).await;
        let before = contents(&profile).await;
        let seen = computer.see_only().await;
        let one = seen.findings.iter().find(|finding| {
            let named = matches!(&finding.item, Item::Cookie(cookie) if cookie.name == "name7");
            named && finding.partition.top_site.is_some()
        });
        let (_, plan) = planned(&computer, &[Choice::Item(one.unwrap().id(&seen.profile))]).await;
        assert_eq!(plan.findings.len(), 1);
        clear(&computer, &plan).await.unwrap();
        let after = contents(&profile).await;
        let gone: Vec<_> = before.difference(&after).collect();
        assert_eq!(gone.len(), 1, "{made:?}: {gone:?}");
        assert!(gone[0].contains("name7"));
        assert_eq!(after.difference(&before).count(), 0);
    }
}

/// Not one more: neither in another part of the storage, nor of another kind, nor another's.
#[tokio::test]
async fn one_after_another_each_finding_goes_and_nothing_beside_it() {
    for made in BOTH {
        let (computer, _) = full(made).await;
        let mut seen = computer.see_only().await;
        let id = |finding: &Finding, seen: &Seen| finding.id(&seen.profile);
        let order: Vec<_> = seen
            .findings
            .iter()
            .filter(|finding| finding.item.kind() != Kind::Cookie)
            .map(|finding| id(finding, &seen))
            .collect();
        assert!(order.len() > 15, "{made:?}");
        for chosen in order {
            let plan = Plan::new(&seen, &[Choice::Item(chosen)]);
            let goes: Vec<_> = plan.findings.iter().map(|finding| id(finding, &seen)).collect();
            let mut expected: Vec<_> = seen.findings.iter().map(|finding| id(finding, &seen)).collect();
            expected.retain(|one| !goes.contains(one));
            clear(&computer, &plan).await.unwrap();
            seen = computer.see_only().await;
            let now: Vec<_> = seen.findings.iter().map(|finding| id(finding, &seen)).collect();
            assert_eq!(now, expected, "{made:?}: {goes:?}");
        }
    }
}

#[tokio::test]
async fn each_kind_goes_alone_and_its_undoing_brings_back_what_was_seen() {
    for made in BOTH {
        for chosen in [
            Kind::Cookie,
            Kind::LocalStorage,
            Kind::IndexedDb,
            Kind::CacheStorage,
            Kind::ServiceWorker,
            Kind::FileSystem,
            Kind::SessionStorage,
        ] {
            let (computer, _) = full(made).await;
            let (seen, plan) = planned(&computer, &kind(chosen)).await;
            if plan.is_empty() {
                assert_eq!((made, chosen), (Made::Firefox, Kind::SessionStorage));
                continue;
            }
            let cleared = clear(&computer, &plan).await.unwrap();
            let after = computer.see_only().await;
            assert_eq!(after.total(chosen).0, 0, "{made:?} {chosen:?}");
            assert_eq!(
                after.findings.len() + plan.findings.len(),
                seen.findings.len(),
                "{made:?} {chosen:?}"
            );
            computer.browsers.restore(&cleared.backup.unwrap()).await.unwrap();
            let told = |seen: &settings_privacy_core::storage::Seen| {
                let mut ids: Vec<_> = seen
                    .findings
                    .iter()
                    .map(|finding| (finding.id(&seen.profile), finding.size))
                    .collect();
                ids.sort();
                ids
            };
            assert_eq!(
                told(&computer.see_only().await),
                told(&seen),
                "{made:?} {chosen:?}"
            );
        }
    }
}

#[tokio::test]
async fn undoing_never_replaces_what_came_since() {
    for made in BOTH {
        let (computer, profile) = full(made).await;
        let (_, plan) = planned(&computer, &kind(Kind::Cookie)).await;
        let cleared = clear(&computer, &plan).await.unwrap();
        let mut database = open(&profile.join(made.cookies())).await;
        let row = made
            .row("name3", OURS, None)
            .replace(crate::made::SECRET, "newer");
        database.execute(AssertSqlSafe(row)).await.unwrap();
        database.close().await.unwrap();
        let restored = computer.browsers.restore(&cleared.backup.unwrap()).await.unwrap();
        assert_eq!((restored.newer_stays, restored.put_back), (1, 89), "{made:?}");
        let after = contents(&profile).await;
        assert_eq!(
            after.iter().filter(|line| line.contains("newer")).count(),
            1,
            "{made:?}"
        );
        let named: Vec<_> = after
            .iter()
            .filter(|line| line.contains("name3'") && line.contains(OURS))
            .collect();
        assert_eq!(named.len(), 3, "{made:?}: {named:?}");
        // What wasn't put back is kept for its time.
        backups_are(&computer, 1);
    }
}

#[tokio::test]
async fn storage_that_came_since_stays_whole() {
    for made in BOTH {
        let (computer, profile) = full(made).await;
        let (_, plan) = planned(&computer, &everything()).await;
        let cleared = clear(&computer, &plan).await.unwrap();
        let newer = match made {
            Made::Firefox => profile.join("storage/default/https+++im.dingtalk.com/idb/1.sqlite"),
            Made::Chromium => profile.join("IndexedDB/https_im.dingtalk.com_0.indexeddb.leveldb/1.log"),
        };
        crate::made::write(&newer, "newer");
        if made == Made::Chromium {
            let mut database = rusty_leveldb::DB::open(
                profile.join("Local Storage/leveldb"),
                rusty_leveldb::Options::default(),
            )
            .unwrap();
            database
                .put(b"_https://im.dingtalk.com\0\x01only", b"\x01newer")
                .unwrap();
            database.flush().unwrap();
            database.close().unwrap();
        }
        let restored = computer.browsers.restore(&cleared.backup.unwrap()).await.unwrap();
        assert!(
            restored.newer_stays > 0 && restored.put_back > 90,
            "{made:?}: {restored:?}"
        );
        assert_eq!(std::fs::read(&newer).unwrap(), b"newer", "{made:?}");
        let after = contents(&profile).await;
        let of_ours = |line: &&String| line.contains("\"_https://im.dingtalk.com\\0");
        let entries = after.iter().filter(of_ours).count();
        assert_eq!(entries, usize::from(made == Made::Chromium), "{made:?}");
    }
}

#[tokio::test]
async fn empty_folders_that_a_browser_made_since_are_no_obstacle() {
    let (computer, profile) = full(Made::Firefox).await;
    let before = contents(&profile).await;
    let (_, plan) = planned(&computer, &kind(Kind::IndexedDb)).await;
    let cleared = clear(&computer, &plan).await.unwrap();
    std::fs::create_dir_all(profile.join("storage/default/https+++im.dingtalk.com/idb/1.files")).unwrap();
    let restored = computer.browsers.restore(&cleared.backup.unwrap()).await.unwrap();
    assert_eq!(restored.newer_stays, 0);
    assert_eq!(contents(&profile).await, before);
}

#[tokio::test]
async fn progress_goes_from_nothing_to_all_of_it() {
    for made in BOTH {
        let (computer, _) = full(made).await;
        let (_, plan) = planned(&computer, &everything()).await;
        let mut told = Vec::new();
        let (sites, purposes) = (data::sites(), data::cookie_purposes());
        let folder = backups_of(&computer);
        let cleared = computer
            .browsers
            .clear(&plan, sites, purposes, folder, now(), |one| told.push(one));
        cleared.await.unwrap();
        let done: Vec<usize> = told.iter().map(|one| one.done).collect();
        let of = told[0].of;
        assert_eq!(done, (0..=of).collect::<Vec<_>>(), "{made:?}");
        assert!(of > 3 && told.iter().all(|one| one.of == of), "{made:?}");
    }
}

#[tokio::test]
async fn a_backup_is_the_users_alone_and_its_manifest_names_no_host_and_no_cookie() {
    for made in BOTH {
        let (computer, _) = full(made).await;
        let (_, plan) = planned(&computer, &everything()).await;
        let backup = clear(&computer, &plan).await.unwrap().backup.unwrap();
        let mut folders = vec![backup.folder.clone()];
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&backups_of(&computer)), 0o700);
        while let Some(folder) = folders.pop() {
            assert_eq!(mode(&folder), 0o700, "{}", folder.display());
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    assert_eq!(mode(&path), 0o600, "{}", path.display());
                }
            }
        }
        let manifest = std::fs::read_to_string(backup.folder.join("manifest.json")).unwrap();
        for private in ["dingtalk", "name1", CANARY] {
            assert!(!manifest.contains(private), "{manifest}");
        }
        assert_eq!(
            backup.counts.iter().map(|counted| counted.count).sum::<usize>(),
            plan.findings.len()
        );
        // What stays isn't in it.
        assert_eq!(
            naming(&backup.folder, "others-"),
            [""; 0].map(std::path::PathBuf::from)
        );
    }
}

#[tokio::test]
async fn a_backup_lasts_thirty_days() {
    let (computer, _) = full(Made::Firefox).await;
    let (_, plan) = planned(&computer, &kind(Kind::Cookie)).await;
    let backup = clear(&computer, &plan).await.unwrap().backup.unwrap();
    let folder = backups_of(&computer);
    let day = jiff::SignedDuration::from_hours(24);
    assert_eq!(backup.ends(), now() + 30 * day);
    assert_eq!(
        prune(&folder, now() + 30 * day - jiff::SignedDuration::from_secs(1)).unwrap(),
        0
    );
    assert_eq!(backups(&folder).unwrap(), std::slice::from_ref(&backup));
    assert_eq!(prune(&folder, now() + 30 * day).unwrap(), 1);
    assert!(!backup.folder.exists());
}

#[tokio::test]
async fn a_plan_that_finds_nothing_leaves_no_backup() {
    for made in BOTH {
        let (computer, profile) = full(made).await;
        let (_, plan) = planned(&computer, &everything()).await;
        clear(&computer, &plan).await.unwrap();
        let before = bytes(&profile);
        let again = clear(&computer, &plan).await.unwrap();
        assert_eq!(again.backup, None);
        assert_eq!(again.remaining, []);
        assert_eq!(bytes(&profile), before, "{made:?}");
        backups_are(&computer, 1);
    }
}
