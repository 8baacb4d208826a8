//! One suite over both families: downloads, icons and suggestions are seen, told apart, go with the history, and come
//! back with it.

use std::path::PathBuf;

use settings_privacy_core::storage::{Elsewhere, Item, Kind, Seen};
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use crate::full::{CANARY, OURS, bytes, clear, contents, everything, full, kind, naming, planned};
use crate::made::{BOTH, Computer, Made, open, sqlite};
use crate::offered::made_of_history;
use crate::visited::{PAGES, history};

const HISTORY: Kind = Kind::Elsewhere(Elsewhere::History);
const DOWNLOADS: Kind = Kind::Elsewhere(Elsewhere::Downloads);
const ICONS: Kind = Kind::Elsewhere(Elsewhere::Icons);
const SUGGESTIONS: Kind = Kind::Elsewhere(Elsewhere::Suggestions);
/// What stands in a list of files.
const NONE: [PathBuf; 0] = [];

async fn visited(made: Made) -> (Computer, PathBuf) {
    let computer = Computer::new();
    let profile = made.profile(&computer);
    history(made, &profile).await;
    made_of_history(made, &profile).await;
    (computer, profile)
}

/// By host, how often it is named in such places.
fn named(seen: &Seen, kind: Kind) -> Vec<(&str, u64)> {
    let mut named: Vec<(&str, u64)> = Vec::new();
    for finding in &seen.findings {
        if let Item::Elsewhere { mentions, .. } = finding.item
            && finding.item.kind() == kind
        {
            named.push((&finding.host, mentions));
        }
    }
    named
}

#[tokio::test]
async fn downloads_icons_and_suggestions_are_seen_and_look_alikes_arent() {
    let pages = PAGES as u64;
    for made in BOTH {
        let (computer, _profile) = visited(made).await;
        let seen = computer.see_only().await;
        assert_eq!(seen.problems, []);
        assert_eq!(named(&seen, DOWNLOADS), [(OURS, pages)], "{made:?}");
        match made {
            // Each page, and each icon that is the site's own.
            Made::Firefox => assert_eq!(named(&seen, ICONS), [(OURS, 2 * pages)]),
            Made::Chromium => {
                assert_eq!(named(&seen, ICONS), [(OURS, pages)]);
                assert_eq!(named(&seen, SUGGESTIONS), [(OURS, pages); 3]);
            }
        }
    }
}

#[tokio::test]
async fn they_stay_when_what_sites_keep_is_cleared() {
    for made in BOTH {
        let (computer, profile) = full(made).await;
        history(made, &profile).await;
        made_of_history(made, &profile).await;
        let (seen, plan) = planned(&computer, &everything()).await;
        clear(&computer, &plan).await.unwrap();
        let after = computer.see_only().await;
        for kind in [DOWNLOADS, ICONS, SUGGESTIONS] {
            assert_eq!(after.total(kind), seen.total(kind), "{made:?} {kind:?}");
        }
    }
}

#[tokio::test]
async fn they_go_with_the_history_every_other_row_stays_and_undoing_brings_them_back() {
    for made in BOTH {
        let (computer, profile) = visited(made).await;
        let before = contents(&profile).await;
        let (seen, plan) = planned(&computer, &kind(HISTORY)).await;
        assert_eq!(plan.findings, seen.findings, "{made:?}");
        let cleared = clear(&computer, &plan).await.unwrap();
        assert_eq!(
            (cleared.gone.len(), cleared.remaining.as_slice()),
            (plan.findings.len(), &[][..]),
            "{made:?}"
        );
        assert_eq!(naming(&profile, CANARY), NONE, "{made:?}");
        let after = contents(&profile).await;
        let gone = before.difference(&after);
        let not_ours: Vec<&String> = gone
            .filter(|line| {
                let by_number = [
                    "favicon_bitmaps",
                    "downloads_url_chains",
                    "downloads_slices",
                    "moz_icons_to_pages",
                ];
                let of_ours = [OURS, CANARY, "dingtalk.com/bookmarked"]
                    .iter()
                    .any(|name| line.contains(name));
                line.starts_with(made.icons())
                    && !of_ours
                    && !by_number.iter().any(|table| line.contains(table))
            })
            .collect();
        assert_eq!(not_ours, [""; 0], "{made:?}");
        let icons = |contents: &std::collections::BTreeSet<String>| {
            contents.iter().filter(|line| line.contains("shared.png")).count()
        };
        assert_eq!(
            (icons(&before), icons(&after)),
            (2, 2),
            "{made:?}: others' pages use them"
        );
        let again = computer.see_only().await;
        assert_eq!((again.findings, again.problems), (vec![], vec![]), "{made:?}");

        let restored = computer.browsers.restore(&cleared.backup.unwrap()).await.unwrap();
        assert_eq!(restored.newer_stays, 0, "{made:?}");
        assert_eq!(contents(&profile).await, before, "{made:?}");
        assert_eq!(computer.see_only().await.findings, seen.findings, "{made:?}");
    }
}

#[tokio::test]
async fn every_row_of_others_is_what_it_was() {
    for made in BOTH {
        let (computer, profile) = visited(made).await;
        let rows = async |file: &str, sql: &str| {
            let mut database = open(&profile.join(file)).await;
            let rows = database.fetch_all(AssertSqlSafe(sql.to_owned())).await.unwrap();
            database.close().await.unwrap();
            rows.iter().map(|row| row.get::<i64, _>(0)).collect::<Vec<i64>>()
        };
        let (_, plan) = planned(&computer, &kind(HISTORY)).await;
        clear(&computer, &plan).await.unwrap();
        let others = i64::try_from(4 * PAGES).unwrap();
        match made {
            Made::Firefox => {
                let pages: Vec<i64> = (4..=others).collect();
                assert_eq!(
                    rows("favicons.sqlite", "SELECT id FROM moz_pages_w_icons").await,
                    pages
                );
                let links = rows("favicons.sqlite", "SELECT page_id FROM moz_icons_to_pages").await;
                assert_eq!(links, [&[4, 4, 4][..], &pages[1..]].concat());
                let notes = "SELECT place_id FROM moz_annos WHERE anno_attribute_id = 2 ORDER BY 1";
                assert_eq!(rows("places.sqlite", notes).await, pages);
            }
            Made::Chromium => {
                let ids: Vec<i64> = (4..=others).collect();
                assert_eq!(rows("History", "SELECT id FROM downloads").await, ids);
                let twice: Vec<i64> = ids.iter().flat_map(|id| [*id, *id]).collect();
                assert_eq!(
                    rows("History", "SELECT id FROM downloads_url_chains").await,
                    twice
                );
                assert_eq!(
                    rows("History", "SELECT download_id FROM downloads_slices").await,
                    ids
                );
                let bitmaps = rows("Favicons", "SELECT icon_id FROM favicon_bitmaps ORDER BY 1").await;
                assert_eq!(bitmaps, [twice.as_slice(), &[90, 91]].concat());
                let mapped = rows("Favicons", "SELECT icon_id FROM icon_mapping ORDER BY 1").await;
                assert_eq!(mapped, [twice.as_slice(), &[90, 91]].concat());
                let ranks: Vec<i64> = (3..others).collect();
                assert_eq!(
                    rows("Top Sites", "SELECT url_rank FROM top_sites ORDER BY 1").await,
                    ranks
                );
            }
        }
    }
}

#[tokio::test]
async fn chromiums_downloads_go_alone_and_come_back_alone() {
    let (computer, profile) = visited(Made::Chromium).await;
    let before = contents(&profile).await;
    let (seen, plan) = planned(&computer, &kind(DOWNLOADS)).await;
    assert_eq!(plan.findings.len(), 1);
    let cleared = clear(&computer, &plan).await.unwrap();
    let after = computer.see_only().await;
    assert_eq!(after.total(DOWNLOADS).0, 0);
    for kind in [HISTORY, ICONS, SUGGESTIONS] {
        assert_eq!(after.total(kind), seen.total(kind), "{kind:?}");
    }
    let gone: Vec<String> = before.difference(&contents(&profile).await).cloned().collect();
    // A row each for the download, its piece, and two addresses.
    assert_eq!(gone.len(), 4 * PAGES, "{gone:?}");
    assert!(
        gone.iter().all(|line| line.starts_with("History downloads")),
        "{gone:?}"
    );
    computer.browsers.restore(&cleared.backup.unwrap()).await.unwrap();
    assert_eq!(contents(&profile).await, before);
}

/// Chromium gives a removed download's number to the next, and a removed icon's to another.
#[tokio::test]
async fn what_came_since_stays_and_the_rest_comes_back_under_other_numbers() {
    let (computer, profile) = visited(Made::Chromium).await;
    let (_, plan) = planned(&computer, &kind(HISTORY)).await;
    let backup = clear(&computer, &plan).await.unwrap().backup.unwrap();
    let new = "INSERT INTO downloads SELECT 1, 'new', current_path, 'new', 1, 2, 2, 1, 0, 0, x'', 3, 0, 0, 0, '', '', '', '', '', '', '', '', '', '', '', '', '' \
               FROM downloads LIMIT 1; INSERT INTO downloads_url_chains VALUES (1, 0, 'https://new.example.org/');";
    sqlite(&profile.join("History"), new).await;
    let again = format!("https://{OURS}/{CANARY}-0-{OURS}");
    let new = format!(
        "INSERT INTO favicons VALUES (2, 'https://new.example.org/i.png', 1); INSERT INTO icon_mapping VALUES (21, '{again}', 2, 0);"
    );
    sqlite(&profile.join("Favicons"), &new).await;
    sqlite(
        &profile.join("Top Sites"),
        &format!("INSERT INTO top_sites VALUES ('{again}', 0, 'again')"),
    )
    .await;
    computer.browsers.restore(&backup).await.unwrap();

    let mut database = open(&profile.join("History")).await;
    let sql = "SELECT d.target_path || ' ' || group_concat(c.url) FROM downloads d JOIN downloads_url_chains c ON c.id = d.id \
               WHERE d.guid = 'new' OR d.guid LIKE '%CANARY-0-%' GROUP BY d.id ORDER BY d.guid DESC";
    let rows = database.fetch_all(sql).await.unwrap();
    let told: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let back = format!("/home/ana/{CANARY}-0-{OURS} https://cdn.example.org/a,https://cdn.example.org/b");
    assert_eq!(told, ["new https://new.example.org/".to_owned(), back]);
    database.close().await.unwrap();

    let mut database = open(&profile.join("Favicons")).await;
    let sql = "SELECT m.page_url || ' ' || f.url || ' ' || (SELECT count(*) FROM favicon_bitmaps b WHERE b.icon_id = f.id) \
               FROM icon_mapping m JOIN favicons f ON f.id = m.icon_id WHERE m.page_url LIKE '%CANARY%' GROUP BY 1 ORDER BY 1";
    let rows = database.fetch_all(sql).await.unwrap();
    let told: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let of = |page: usize| {
        let mark = format!("{CANARY}-{page}-{OURS}");
        format!("https://{OURS}/{mark} https://{OURS}/{mark}.png 2")
    };
    assert_eq!(
        told,
        [format!("{again} https://new.example.org/i.png 0"), of(1), of(2)]
    );
    database.close().await.unwrap();

    let mut database = open(&profile.join("Top Sites")).await;
    let title = database
        .fetch_one(AssertSqlSafe(format!(
            "SELECT title FROM top_sites WHERE url = '{again}'"
        )))
        .await
        .unwrap();
    assert_eq!(title.get::<String, _>(0), "again");
    database.close().await.unwrap();
}

#[tokio::test]
async fn lists_of_a_newer_layout_arent_touched_and_the_history_neither() {
    for made in BOTH {
        let (computer, profile) = visited(made).await;
        let (_, plan) = planned(&computer, &kind(HISTORY)).await;
        let newer = match made {
            Made::Firefox => "PRAGMA user_version = 999",
            Made::Chromium => "UPDATE meta SET value = '999' WHERE key = 'version'",
        };
        sqlite(&profile.join(made.icons()), newer).await;
        let before = bytes(&profile);
        let error = clear(&computer, &plan).await.unwrap_err();
        assert_eq!(error.code(), "newer-schema", "{made:?}: {error:?}");
        assert!(bytes(&profile) == before, "{made:?}");
    }
}
