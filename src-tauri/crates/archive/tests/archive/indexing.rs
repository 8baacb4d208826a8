//! Records by time, by search, and compared.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use settings_privacy_archive::{Archive, Index, IndexPlace, Indexing, PageQuery, Scale, compare};

use crate::support::{Bag, Lying, lying, records, zip};

async fn index(bytes: &[u8]) -> (Lying, Arc<Index>) {
    let lying = lying(bytes);
    let archive = Arc::new(Archive::open(&lying.path, None).expect("it opens"));
    let index = Index::open(archive, IndexPlace::Memory, Arc::default())
        .await
        .expect("there is room");
    (lying, Arc::new(index))
}

async fn found(index: &Index, query: &str) -> Vec<String> {
    let hits = index.search(query, None, 100).await.expect("it can be read");
    assert_eq!(hits.total, hits.rows.len() as u64);
    hits.rows.into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn words_are_found_in_any_order_case_width_and_script() {
    let (_lying, index) = index(&Bag::sample().zip()).await;
    let table: [(&str, &[&str]); 11] = [
        ("design", &["m1"]),
        ("BUDGET meet", &["m1"]),
        ("ｄｅｓｉｇｎ", &["m1"]),
        ("会议", &["m2"]),
        ("三", &["m2"]),
        ("下午 项目", &["m2"]),
        ("王芳", &["m2"]),
        ("ann lee", &["m3", "m1", "c1"]),
        ("+65 8000", &["c1"]),
        ("design 项目", &[]),
        ("  ", &[]),
    ];
    for (query, wanted) in table {
        assert_eq!(found(&index, query).await, wanted, "{query}");
    }
    let only = index
        .search("ann", Some("contacts"), 10)
        .await
        .expect("it can be read");
    assert_eq!(only.total, 1);
    assert_eq!(
        index
            .search("ann", Some("nothing"), 10)
            .await
            .expect("it can be read")
            .total,
        0
    );
}

#[tokio::test]
async fn words_are_never_found_across_two_records() {
    let bag = Bag {
        files: vec![(
            "data/messages/a.records.json".into(),
            records(
                "messages",
                &[r#"{"id":"1","text":"one"}"#, r#"{"id":"2","text":"two"}"#],
            ),
        )],
        ..Bag::sample()
    };
    let (_lying, index) = index(&bag.zip()).await;
    assert!(found(&index, "one two").await.is_empty());
    assert!(found(&index, "one\ntwo").await.is_empty());
    assert_eq!(found(&index, "two").await, ["2"]);
}

#[tokio::test]
async fn a_record_that_holds_a_word_twice_is_found_once() {
    let twice = [r#"{"id":"1","text":"ha ha ha"}"#, r#"{"id":"2","text":"aha"}"#];
    let bag = Bag {
        files: vec![("data/messages/a.records.json".into(), records("messages", &twice))],
        ..Bag::sample()
    };
    let (_lying, index) = index(&bag.zip()).await;
    assert_eq!(found(&index, "ha").await, ["2", "1"]);
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat_both_ways() {
    let items: Vec<String> = (0..2500)
        .map(|at| {
            format!(
                r#"{{"id":"i{at}","at":"2025-01-01T00:{:02}:00Z","text":"t{at}"}}"#,
                at % 60
            )
        })
        .collect();
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let bag = Bag::sample().file("data/calls/a.records.json", records("calls", &items));
    let (_lying, index) = index(&bag.zip()).await;
    for oldest_first in [true, false] {
        let mut query = PageQuery {
            category: Some("calls".into()),
            oldest_first,
            most: 700,
            ..PageQuery::default()
        };
        let mut seen = Vec::new();
        loop {
            let page = index.page(&query).await.expect("it can be read");
            seen.extend(page.rows.into_iter().map(|row| (row.at, row.item)));
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 2500);
        assert!(seen.windows(2).all(|pair| if oldest_first {
            pair[0] < pair[1]
        } else {
            pair[0] > pair[1]
        }));
    }
}

#[tokio::test]
async fn a_page_keeps_to_its_time() {
    let (_lying, index) = index(&Bag::sample().zip()).await;
    let query = PageQuery {
        from: Some("2025-03-02T09:30:00Z".parse().expect("a time")),
        before: Some("2025-04-10T10:00:00Z".parse().expect("a time")),
        most: 10,
        ..PageQuery::default()
    };
    let ids: Vec<String> = index
        .page(&query)
        .await
        .expect("it can be read")
        .rows
        .into_iter()
        .map(|row| row.id)
        .collect();
    assert_eq!(ids, ["m2"]);
}

#[tokio::test]
async fn a_page_from_the_middle_is_the_one_that_going_there_would_reach() {
    let (_lying, index) = index(&Bag::sample().zip()).await;
    let mut query = PageQuery {
        most: 100,
        ..PageQuery::default()
    };
    let all = index.page(&query).await.expect("it can be read").rows;
    for skip in 0..=all.len() {
        (query.skip, query.most) = (u32::try_from(skip).expect("few"), 2);
        let page = index.page(&query).await.expect("it can be read");
        assert!(page.rows == all[skip..(skip + 2).min(all.len())], "after {skip}");
    }
}

#[tokio::test]
async fn a_record_is_found_by_its_category_and_id() {
    let (_lying, index) = index(&Bag::sample().zip()).await;
    let id = |category: &'static str, id: &'static str| {
        let index = Arc::clone(&index);
        async move {
            index
                .find(category, id)
                .await
                .expect("it can be read")
                .map(|row| row.id)
        }
    };
    assert_eq!(id("messages", "m2").await.as_deref(), Some("m2"));
    assert_eq!(id("contacts", "m2").await, None);
    assert_eq!(id("nothing", "m2").await, None);
}

#[tokio::test]
async fn a_record_is_read_back_whole() {
    let (_lying, index) = index(&Bag::sample().zip()).await;
    let hits = index.search("会议", None, 1).await.expect("it can be read");
    let item = index.item(hits.rows[0].item).await.expect("it is there");
    assert_eq!(item.text.as_deref(), Some("项目会议改到下午三点"));
    assert_eq!(item.files, ["data/messages/attachments/1.png"]);
    assert_eq!(
        index.item(999).await.map_err(|fault| fault.code()).err(),
        Some("missing")
    );
}

#[tokio::test]
async fn the_timeline_counts_days_and_months() {
    let (_lying, index) = index(&Bag::sample().zip()).await;
    let of = |spans: Vec<settings_privacy_archive::Span>| -> Vec<(String, u64)> {
        spans
            .into_iter()
            .map(|span| (span.begins.to_string(), span.items))
            .collect()
    };
    let months = index
        .timeline(Some("messages"), Scale::Month)
        .await
        .expect("it can be read");
    assert_eq!(of(months), [("2025-03-01".into(), 2), ("2025-04-01".into(), 1)]);
    let days = index.timeline(None, Scale::Day).await.expect("it can be read");
    assert_eq!(of(days).len(), 3);
    let counts = index.counts().await.expect("it can be read");
    assert_eq!(counts, [("contacts".into(), 1), ("messages".into(), 3)]);
}

#[tokio::test]
async fn a_plain_tree_is_searched_by_name_and_text() {
    let bytes = zip(
        &[
            ("Takeout/Mail/Holiday.txt".into(), "Beach 海滩".into()),
            ("Takeout/Photos/beach.jpg".into(), vec![0xff; 9]),
        ],
        true,
    );
    let (_lying, index) = index(&bytes).await;
    assert_eq!(found(&index, "beach").await.len(), 2);
    assert_eq!(found(&index, "海滩").await, ["Mail/Holiday.txt"]);
    let hits = index.search("holiday", None, 1).await.expect("it can be read");
    let item = index.item(hits.rows[0].item).await.expect("it is there");
    assert_eq!(item.files, ["Mail/Holiday.txt"]);
}

#[tokio::test]
async fn what_cannot_be_read_is_said_and_the_rest_is_found() {
    let bag = Bag::sample().file("data/calls/a.records.json", "{").file(
        "data/calls/b.records.json",
        records("calls", &[r#"{"id":7}"#, r#"{"id":"ok","text":"still here"}"#]),
    );
    let (_lying, index) = index(&bag.zip()).await;
    assert_eq!(found(&index, "still").await, ["ok"]);
    let codes: Vec<&str> = index
        .findings()
        .iter()
        .map(|finding| finding.code.as_str())
        .collect();
    assert_eq!(codes, ["tag-file", "tag-file"]);
}

#[tokio::test]
async fn an_index_is_kept_for_its_archive_and_made_anew_for_another() {
    let lying = lying(&Bag::sample().zip());
    let path = lying.folder.path().join("index.db");
    let at = || IndexPlace::File(path.clone());
    let open = || Arc::new(Archive::open(&lying.path, None).expect("it opens"));
    let read = |progress: Arc<Indexing>| async {
        let index = Index::open(open(), at(), progress).await.expect("there is room");
        found(&index, "budget").await.len()
    };
    let (first, second) = (Arc::<Indexing>::default(), Arc::<Indexing>::default());
    assert_eq!(read(first.clone()).await, 1);
    assert!(first.done.load(Ordering::Relaxed) > 0);
    assert_eq!(read(second.clone()).await, 1);
    assert_eq!(second.done.load(Ordering::Relaxed), 0, "it was made already");
    crate::support::write(
        &lying.path,
        &Bag {
            files: Vec::new(),
            ..Bag::sample()
        }
        .zip(),
    );
    assert_eq!(read(Arc::default()).await, 0);
    // Rubbish in its place is replaced.
    crate::support::write(&path, &[7; 5000]);
    assert_eq!(read(Arc::default()).await, 0);
}

#[cfg(unix)]
#[tokio::test]
async fn an_index_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let lying = lying(&Bag::sample().zip());
    let path = lying.folder.path().join("index.db");
    let archive = Arc::new(Archive::open(&lying.path, None).expect("it opens"));
    let _index = Index::open(archive, IndexPlace::File(path.clone()), Arc::default())
        .await
        .expect("there is room");
    let mode = std::fs::metadata(&path)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn indexing_can_be_stopped_and_leaves_nothing() {
    let lying = lying(&Bag::sample().zip());
    let path = lying.folder.path().join("index.db");
    let archive = Arc::new(Archive::open(&lying.path, None).expect("it opens"));
    let progress = Arc::<Indexing>::default();
    progress.stop.store(true, Ordering::Relaxed);
    let stopped = Index::open(archive, IndexPlace::File(path.clone()), progress).await;
    assert!(stopped.is_err());
    assert!(!path.exists());
}

#[tokio::test]
async fn two_exports_are_told_apart() {
    let earlier = Bag::sample();
    let mut later = Bag::sample();
    later.files[1].1 = records(
        "messages",
        &[
            r#"{"id":"m1","at":"2025-03-01T08:00:00Z","kind":"message","text":"Shall we meet about the Design budget?","from":"Ann Lee","to":["Chen Mei"]}"#,
            r#"{"id":"m2","at":"2025-03-02T09:30:00Z","kind":"message","text":"项目会议改到下午四点","from":"王芳","to":["Chen Mei"],"files":["data/messages/attachments/1.png"]}"#,
            r#"{"id":"m4","at":"2025-05-01T00:00:00Z","kind":"message","text":"new"}"#,
        ],
    );
    let all = Some(r#"{"schema":1,"export":"7f3a","account":"acc-1"}"#.to_owned());
    let (_one, before) = index(
        &Bag {
            claims: all.clone(),
            ..earlier.clone()
        }
        .zip(),
    )
    .await;
    let (_two, after) = index(
        &Bag {
            claims: all,
            ..later.clone()
        }
        .zip(),
    )
    .await;
    let told = compare(before.clone(), after, 10)
        .await
        .expect("both can be read");
    let change = |how: &str, id: &str| (how.to_owned(), "messages".to_owned(), id.to_owned());
    assert_eq!(
        told.changes,
        [
            change("changed", "m2"),
            change("removed", "m3"),
            change("added", "m4")
        ]
    );
    assert_eq!(told.not_covered, 0);

    // An export of a shorter time misses nothing of before.
    let claims = r#"{"schema":1,"export":"7f3a","account":"acc-1","period":{"from":"2025-05-01T00:00:00Z","to":null}}"#;
    later.claims = Some(claims.to_owned());
    let (_three, after) = index(&later.zip()).await;
    let told = compare(before, after, 10).await.expect("both can be read");
    assert_eq!(told.changes, [change("changed", "m2"), change("added", "m4")]);
    assert_eq!(told.not_covered, 1);
}

#[tokio::test]
async fn another_attachment_makes_another_record() {
    let claims = Some(r#"{"schema":1,"export":"7f3a","account":"acc-1"}"#.to_owned());
    let before = Bag {
        claims,
        ..Bag::sample()
    };
    let mut after = before.clone();
    after.files[2].1.push(1);
    let (_one, before) = index(&before.zip()).await;
    let (_two, after) = index(&after.zip()).await;
    let told = compare(before, after, 10).await.expect("both can be read");
    assert_eq!(told.changes.len(), 1);
    assert_eq!(told.changes[0].2, "m2");
}
