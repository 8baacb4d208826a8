//! One suite over both families: history and tabs to be opened again go when they are asked for, with all that tells
//! of them; every other row stays, and undoing brings them back.

use settings_privacy_core::storage::{Choice, Elsewhere, Kind};
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use crate::full::{CANARY, OURS, bytes, clear, contents, everything, full, kind, naming, planned};
use crate::made::{BOTH, Computer, Made, open, sqlite};
use crate::visited::{PAGES, history, session};

const HISTORY: Kind = Kind::Elsewhere(Elsewhere::History);
const SESSION: Kind = Kind::Elsewhere(Elsewhere::SessionRestore);

/// A profile with a history and nothing else.
async fn with_history(made: Made) -> (Computer, std::path::PathBuf) {
    let computer = Computer::new();
    let profile = made.profile(&computer);
    history(made, &profile).await;
    (computer, profile)
}

#[tokio::test]
async fn what_is_elsewhere_goes_only_when_it_is_asked_for() {
    for made in BOTH {
        let (computer, profile) = full(made).await;
        history(made, &profile).await;
        session(made, &profile);
        let before = std::fs::read(profile.join(made.history())).unwrap();
        let (seen, plan) = planned(&computer, &everything()).await;
        clear(&computer, &plan).await.unwrap();
        let after = computer.see_only().await;
        for kind in [HISTORY, SESSION] {
            assert!(seen.total(kind).0 > 0, "{made:?} {kind:?}");
            assert_eq!(after.total(kind), seen.total(kind), "{made:?}");
        }
        assert_eq!(std::fs::read(profile.join(made.history())).unwrap(), before);
    }
}

#[tokio::test]
async fn a_page_goes_with_all_that_is_known_of_it_and_every_other_row_stays() {
    for made in BOTH {
        let (computer, profile) = with_history(made).await;
        let before = contents(&profile).await;
        let (_, plan) = planned(&computer, &kind(HISTORY)).await;
        let cleared = clear(&computer, &plan).await.unwrap();
        assert_eq!(cleared.gone, plan.findings, "{made:?}");
        assert_eq!(
            naming(&profile, CANARY),
            [""; 0].map(std::path::PathBuf::from),
            "{made:?}"
        );
        let after = contents(&profile).await;
        let gone: Vec<&String> = before.difference(&after).collect();
        let ours = |line: &str| {
            line.contains(OURS) || line.contains(CANARY) || line.contains("dingtalk.com/bookmarked")
        };
        let told = |table: &str| {
            gone.iter()
                .filter(|line| line.contains(&format!(" {table} ")))
                .count()
        };
        let tables: &[(&str, usize)] = match made {
            // The bookmark's row is there, changed.
            Made::Firefox => &[
                ("moz_places", PAGES + 1),
                ("moz_origins", 1),
                ("moz_historyvisits", 2 * PAGES + 1),
                ("moz_historyvisits_extra", PAGES),
                ("moz_inputhistory", PAGES + 1),
                ("moz_places_metadata", PAGES + 1),
                ("moz_places_metadata_search_queries", PAGES),
                ("moz_newtab_shortcuts_interaction", PAGES),
                ("moz_annos", PAGES),
                ("moz_places_extra", PAGES),
            ],
            Made::Chromium => &[
                ("urls", PAGES),
                ("visits", 2 * PAGES),
                ("visit_source", PAGES),
                ("content_annotations", PAGES),
                ("context_annotations", PAGES),
                ("clusters", PAGES),
                ("clusters_and_visits", PAGES + 1),
                ("cluster_keywords", PAGES),
                ("cluster_visit_duplicates", PAGES),
                ("keyword_search_terms", PAGES),
                ("segments", PAGES),
                ("segment_usage", PAGES),
                ("visited_links", PAGES + 1),
            ],
        };
        for (table, count) in tables {
            assert_eq!(told(table), *count, "{table}: {gone:#?}");
        }
        assert_eq!(
            gone.len(),
            tables.iter().map(|(_, count)| count).sum::<usize>(),
            "{gone:#?}"
        );
        let new: Vec<&String> = after.difference(&before).collect();
        assert_eq!(new.len(), usize::from(made == Made::Firefox), "{new:?}");
        assert!(new.iter().all(|line| ours(line)), "{new:?}");
        let again = computer.see_only().await;
        assert_eq!((again.findings, again.problems), (vec![], vec![]), "{made:?}");
    }
}

#[tokio::test]
async fn undoing_brings_the_history_back_as_it_was() {
    for made in BOTH {
        let (computer, profile) = with_history(made).await;
        let before = contents(&profile).await;
        let (seen, plan) = planned(&computer, &kind(HISTORY)).await;
        let backup = clear(&computer, &plan).await.unwrap().backup.unwrap();
        let restored = computer.browsers.restore(&backup).await.unwrap();
        assert_eq!(restored.newer_stays, 0, "{made:?}");
        assert_eq!(computer.see_only().await.findings, seen.findings);
        assert_eq!(contents(&profile).await, before, "{made:?}");
    }
}

#[tokio::test]
async fn a_bookmark_stays_as_if_its_page_had_never_been_visited() {
    let (computer, profile) = with_history(Made::Firefox).await;
    let (_, plan) = planned(&computer, &kind(HISTORY)).await;
    clear(&computer, &plan).await.unwrap();
    let mut database = open(&profile.join("places.sqlite")).await;
    let sql = "SELECT title || ' ' || visit_count || ' ' || ifnull(last_visit_date, 'never') || ' ' || foreign_count \
               FROM moz_places p JOIN moz_bookmarks b ON b.fk = p.id ORDER BY b.id";
    let sql = sql.replace("SELECT title", "SELECT p.title");
    let rows = database.fetch_all(AssertSqlSafe(sql)).await.unwrap();
    let told: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(told, ["kept 0 never 1", "kept too 0 never 1"]);
    database.close().await.unwrap();
}

/// A browser gives the numbers of removed pages to new ones, and a person visits a removed page again.
#[tokio::test]
async fn what_was_visited_since_stays_and_the_rest_comes_back_under_other_numbers() {
    for made in BOTH {
        let (computer, profile) = with_history(made).await;
        let (_, plan) = planned(&computer, &kind(HISTORY)).await;
        let backup = clear(&computer, &plan).await.unwrap().backup.unwrap();
        let (pages, visits, of) = match made {
            Made::Firefox => ("moz_places", "moz_historyvisits", "place_id"),
            Made::Chromium => ("urls", "visits", "url"),
        };
        let (last, more) = match made {
            Made::Firefox => ("visit_date", "guid, rev_host"),
            Made::Chromium => ("visit_time", "last_visit_time, hidden"),
        };
        let again = format!("https://{OURS}/{CANARY}-0-{OURS}");
        sqlite(
            &profile.join(made.history()),
            &format!(
                "INSERT INTO {pages} (id, url, title, visit_count, {more}) VALUES (2, 'https://new.example.org/', 'new', 1, 1, 0), \
                 (3, '{again}', 'again', 1, 2, 0); INSERT INTO {visits} (id, {of}, {last}) VALUES (11, 2, 9), (12, 3, 9);"
            ),
        )
        .await;
        let restored = computer.browsers.restore(&backup).await.unwrap();
        assert_eq!(restored.newer_stays, 1, "{made:?}");
        let mut database = open(&profile.join(made.history())).await;
        let sql = format!(
            "SELECT p.title || ' ' || (SELECT count(*) FROM {visits} v WHERE v.{of} = p.id) || ' ' || p.id FROM {pages} p \
             WHERE p.url LIKE '%{OURS}%' OR p.url LIKE '%new.example%' ORDER BY p.title"
        );
        let rows = database.fetch_all(AssertSqlSafe(sql)).await.unwrap();
        let told: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let next = match made {
            Made::Firefox => 52,
            Made::Chromium => 13,
        };
        let expected = [
            "again 1 3".to_owned(),
            "new 1 2".to_owned(),
            format!("title {CANARY}-1-{OURS} 2 {next}"),
            format!("title {CANARY}-2-{OURS} 2 {}", next + 1),
        ];
        assert_eq!(told, expected, "{made:?}");
        // The second visit of a page follows its first, whatever their numbers are now.
        let sql = format!(
            "SELECT count(*) FROM {visits} v JOIN {visits} f ON v.from_visit = f.id JOIN {pages} p ON p.id = v.{of} \
             WHERE p.title LIKE 'title {CANARY}%' AND f.{of} = v.{of}"
        );
        let follows: i64 = database.fetch_one(AssertSqlSafe(sql)).await.unwrap().get(0);
        assert_eq!(follows, 2, "{made:?}");
        database.close().await.unwrap();
        let again = computer.browsers.restore(&backup).await.unwrap();
        assert_eq!((again.put_back, again.newer_stays), (0, 1), "{made:?}");
    }
}

#[tokio::test]
async fn a_history_of_another_layout_isnt_touched() {
    for made in BOTH {
        for (code, sql) in [
            (
                "newer-schema",
                match made {
                    Made::Firefox => "PRAGMA user_version = 999",
                    Made::Chromium => "UPDATE meta SET value = '999' WHERE key = 'version'",
                },
            ),
            (
                "foreign-schema",
                match made {
                    Made::Firefox => "ALTER TABLE moz_places RENAME COLUMN guid TO gone",
                    Made::Chromium => "ALTER TABLE urls RENAME COLUMN title TO gone",
                },
            ),
        ] {
            let (computer, profile) = with_history(made).await;
            let (_, plan) = planned(&computer, &kind(HISTORY)).await;
            sqlite(&profile.join(made.history()), sql).await;
            let before = bytes(&profile);
            let error = clear(&computer, &plan).await.unwrap_err();
            assert_eq!(error.code(), code, "{made:?}: {error:?}");
            assert!(bytes(&profile) == before, "{made:?} {code}");
        }
    }
}

#[tokio::test]
async fn tabs_to_be_opened_again_go_and_others_stay() {
    for made in BOTH {
        let computer = Computer::new();
        let profile = made.profile(&computer);
        let file = session(made, &profile);
        let before = bytes(&profile);
        let (seen, plan) = planned(&computer, &kind(SESSION)).await;
        assert_eq!(seen.total(SESSION).0, 1, "{:?}", seen.findings);
        let cleared = clear(&computer, &plan).await.unwrap();
        assert_eq!((cleared.gone.len(), cleared.remaining.len()), (1, 0), "{made:?}");
        let left = std::fs::read(&file).unwrap();
        if made == Made::Chromium {
            assert_eq!(naming(&profile, OURS), [""; 0].map(std::path::PathBuf::from));
            let others = left.windows(6).filter(|window| window == b"others").count();
            assert_eq!(others, 4, "each address and what follows it");
            assert!(!profile.join("Sessions_Encrypted").exists());
        }
        computer.browsers.restore(&cleared.backup.unwrap()).await.unwrap();
        assert!(bytes(&profile) == before, "{made:?}");
    }
}

#[tokio::test]
async fn sessions_that_are_only_there_encrypted_are_said_to_be() {
    let computer = Computer::new();
    let profile = Made::Chromium.profile(&computer);
    std::fs::remove_file(session(Made::Chromium, &profile)).unwrap();
    let seen = computer.see_only().await;
    let codes: Vec<&str> = seen.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(
        (codes, seen.problems[0].hides.as_slice()),
        (vec!["encrypted"], &[SESSION][..])
    );
    let plan = settings_privacy_core::storage::Plan::new(
        &seen,
        &[Choice::Kind {
            site: None,
            kind: SESSION,
        }],
    );
    assert!(plan.is_empty());
}
