//! A copy of one's data, from the wish to a checked file: with everybody well, and with a fault at every step.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use settings_privacy_core::export::{CodeRefusal, Notification, Stage as At, StartedOver, Waits, WorkflowId};
use settings_privacy_core::regime::RegimeId;
use settings_privacy_engine::api::StepUpPurpose;
use settings_privacy_engine::archive::Archive;
use settings_privacy_engine::{Engine, EngineError, ExportState, ExportWish};

use crate::support::{Fault, Stage, Stream};

/// Nothing here takes longer.
const LIMIT: Duration = Duration::from_secs(60);

async fn code(engine: &Engine) -> String {
    let (_, shown) = engine
        .request_step_up(StepUpPurpose::Export)
        .await
        .expect("the service sends a code");
    shown
        .expect("the service is the person's own")
        .code
        .expose()
        .to_owned()
}

fn wish(place: Option<PathBuf>) -> ExportWish {
    ExportWish {
        categories: Vec::new(),
        period: None,
        regime: RegimeId::new("general"),
        place,
        passphrase: None,
    }
}

async fn ask(engine: &Engine, place: Option<PathBuf>) -> WorkflowId {
    let code = code(engine).await;
    engine
        .request_export(wish(place), &code)
        .await
        .expect("it is recorded")
}

/// Waits until an export is as it should be, by the news the engine gives.
async fn until(engine: &Engine, id: WorkflowId, is_so: impl Fn(&ExportState) -> bool) -> ExportState {
    let mut revisions = engine.revisions();
    let mut progress = engine.export_progress();
    let waiting = async {
        loop {
            revisions.borrow_and_update();
            let export = engine.export(id).await.expect("it can be read");
            if is_so(&export) {
                return export;
            }
            tokio::select! {
                news = revisions.changed() => news.expect("the engine goes on"),
                news = progress.changed() => news.expect("the engine goes on"),
            }
        }
    };
    match tokio::time::timeout(LIMIT, waiting).await {
        Ok(export) => export,
        Err(_) => panic!("it never was: {:#?}", engine.export(id).await),
    }
}

fn verified(export: &ExportState) -> bool {
    matches!(export.export.stage, At::Verified { .. })
}

fn waits(export: &ExportState) -> bool {
    export.export.waits().is_some()
}

fn failed(export: &ExportState) -> bool {
    matches!(export.export.stage, At::Failed { .. })
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("it is a folder");
    let mut names: Vec<String> = entries
        .map(|entry| {
            let entry = entry.expect("it can be read");
            entry.file_name().into_string().expect("it is text")
        })
        .filter(|name| name != "own")
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_becomes_a_checked_file_that_can_be_read() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let place = stage.home.path().join("mine.zip");
    let id = ask(&engine, Some(place.clone())).await;
    let export = until(&engine, id, verified).await;
    let report = export.report.expect("it was checked");
    assert!(report.is_sound() && report.digest_as_told && report.signed.is_some());
    assert_eq!(files(stage.home.path()), ["mine.zip"]);
    let archive = Archive::open(&place, None).expect("it opens");
    assert!(
        archive
            .categories()
            .iter()
            .any(|category| category.id == "messages")
    );
    let known = engine.archives().await.expect("they can be read");
    assert_eq!(
        (known.len(), known[0].export, known[0].there),
        (1, Some(id), true)
    );
    assert_eq!(known[0].report.as_ref(), Some(&report));
    let told = engine.state().await.expect("it can be read").notices;
    assert!(
        told.iter()
            .any(|notice| notice.code == "export-verified"
                && notice.message == Notification::Verified.sentence()),
        "{told:?}"
    );
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_place_it_waits_until_one_is_chosen() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let id = ask(&engine, None).await;
    let ready = until(&engine, id, |export| {
        matches!(export.export.stage, At::Ready { .. })
    })
    .await;
    assert!(
        !ready.categories.is_empty(),
        "the service said how far each category is"
    );
    let place = stage.home.path().join("mine.zip");
    engine.download_export(id, &place).await.expect("it is recorded");
    until(&engine, id, verified).await;
    assert!(place.is_file());
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_is_said_and_another_one_goes_on() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let right = code(&engine).await;
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let id = engine
        .request_export(wish(None), wrong)
        .await
        .expect("it is recorded");
    let refused = until(&engine, id, waits).await;
    assert!(
        matches!(
            refused.export.waits(),
            Some(Waits::Code {
                refused: Some(CodeRefusal::Wrong {
                    attempts_left: Some(_)
                })
            })
        ),
        "{:?}",
        refused.export.waits()
    );
    engine.give_export_code(id, &right).await.expect("it is recorded");
    until(&engine, id, |export| {
        matches!(export.export.stage, At::Ready { .. })
    })
    .await;
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_settled_after_a_restart_without_another_code() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let code = code(&engine).await;
    stage.line.next("/v1/exports", Fault::AnswerLost);
    let id = engine
        .request_export(wish(None), &code)
        .await
        .expect("it is recorded");
    until(&engine, id, |export| {
        export.export.outstanding.iter().any(|open| open.attempts > 0)
            || !matches!(export.export.stage, At::Requested)
    })
    .await;
    // The first try arrived; whether a second one did before the end doesn't matter.
    stage.line.cut(true);
    engine.close().await;
    stage.line.cut(false);
    let engine = stage.engine().await;
    engine.start().await;
    until(&engine, id, |export| {
        matches!(export.export.stage, At::Ready { .. })
    })
    .await;
    let known = engine.exports().await.expect("they can be read");
    assert_eq!(known.len(), 1);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_never_left_asks_for_a_fresh_code_after_a_restart_and_the_code_lies_nowhere() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let lost = code(&engine).await;
    stage.line.cut(true);
    let id = engine
        .request_export(wish(None), &lost)
        .await
        .expect("it is recorded");
    engine.close().await;
    for file in ["client.db", "client.db-wal"] {
        // The log is gone once everything is in the file.
        let bytes = std::fs::read(stage.own().folder.join(file)).unwrap_or_default();
        let found = bytes
            .windows(lost.len())
            .filter(|window| *window == lost.as_bytes())
            .count();
        assert_eq!(found, 0, "{file}");
    }
    stage.line.cut(false);
    let engine = stage.engine().await;
    engine.start().await;
    let waiting = until(&engine, id, waits).await;
    assert_eq!(waiting.export.waits(), Some(Waits::Code { refused: None }));
    let fresh = code(&engine).await;
    engine.give_export_code(id, &fresh).await.expect("it is recorded");
    until(&engine, id, |export| {
        matches!(export.export.stage, At::Ready { .. })
    })
    .await;
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_breaks_off_goes_on_where_it_was() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    for bytes in [1, 70_000, 200_000] {
        stage.line.next_download(Stream::BreaksAfter(bytes));
    }
    let id = ask(&engine, Some(stage.home.path().join("mine.zip"))).await;
    let export = until(&engine, id, verified).await;
    let At::Verified { size, .. } = export.export.stage else {
        panic!("it is verified")
    };
    assert!(export.export.notices.is_empty());
    let downloaded = stage.line.downloaded.load(Ordering::SeqCst);
    assert_eq!(downloaded, size.0, "no byte came twice");
    let begun = stage.line.begun.lock().expect("alone").clone();
    assert_eq!(begun.len(), 4, "{begun:?}");
    assert!(begun.is_sorted(), "{begun:?}");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_answer_where_a_part_was_asked_for_is_used_from_where_the_part_ends() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    stage.line.next_download(Stream::BreaksAfter(100_000));
    stage.line.next_download(Stream::Whole);
    let id = ask(&engine, Some(stage.home.path().join("mine.zip"))).await;
    let export = until(&engine, id, verified).await;
    assert!(export.export.notices.is_empty() && export.report.expect("checked").is_sound());
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_was_replaced_is_looked_at_anew() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    stage.line.next_download(Stream::BreaksAfter(100_000));
    stage.line.next_download(Stream::AnotherTag);
    let id = ask(&engine, Some(stage.home.path().join("mine.zip"))).await;
    let export = until(&engine, id, verified).await;
    let why: Vec<StartedOver> = export
        .export
        .notices
        .iter()
        .map(|notice| notice.started_over)
        .collect();
    assert_eq!(why, [StartedOver::Changed]);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_on_the_way_is_set_aside_and_never_called_done() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    stage.line.next_download(Stream::Flips(150_000));
    let place = stage.home.path().join("mine.zip");
    let id = ask(&engine, Some(place.clone())).await;
    let export = until(&engine, id, |export| failed(export) && export.set_aside.is_some()).await;
    let report = export.report.expect("it was checked");
    assert!(!report.is_sound() && !report.digest_as_told);
    assert!(!place.exists());
    assert_eq!(files(stage.home.path()), ["mine.zip.part.not-sound"]);
    engine.retry_export(id).await.expect("it is recorded");
    until(&engine, id, verified).await;
    assert_eq!(files(stage.home.path()), ["mine.zip", "mine.zip.part.not-sound"]);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_stops_the_download_and_leaves_nothing() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    stage.line.next_download(Stream::HangsAfter(100_000));
    let id = ask(&engine, Some(stage.home.path().join("mine.zip"))).await;
    until(&engine, id, |export| {
        export.transfer.is_some_and(|transfer| transfer.received > 0) || verified(export)
    })
    .await;
    engine.cancel_export(id).await.expect("it is recorded");
    let export = until(&engine, id, |export| export.export.outstanding.is_empty()).await;
    assert_eq!(export.export.stage, At::Cancelled);
    assert_eq!(files(stage.home.path()), Vec::<String>::new());
    engine.forget_export(id).await.expect("it is forgotten");
    assert!(matches!(engine.export(id).await, Err(EngineError::NoSuchExport)));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_vanishes_is_said_and_another_place_goes_on() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let drive = stage.home.path().join("drive");
    std::fs::create_dir(&drive).expect("a folder");
    stage.line.next_download(Stream::BreaksAfter(100_000));
    let id = ask(&engine, None).await;
    until(&engine, id, |export| {
        matches!(export.export.stage, At::Ready { .. })
    })
    .await;
    std::fs::remove_dir(&drive).expect("it is empty");
    let gone = engine.download_export(id, &drive.join("mine.zip")).await;
    assert!(matches!(gone, Err(EngineError::NoPlace(_))), "{gone:?}");
    std::fs::create_dir(&drive).expect("a folder");
    stage.line.cut(true);
    engine
        .download_export(id, &drive.join("mine.zip"))
        .await
        .expect("it is recorded");
    until(&engine, id, |export| {
        drive.join("mine.zip.part").exists() || waits(export)
    })
    .await;
    std::fs::remove_dir_all(&drive).expect("it is ours");
    stage.line.cut(false);
    let waiting = until(&engine, id, waits).await;
    assert_eq!(waiting.export.waits(), Some(Waits::Place));
    let elsewhere = stage.home.path().join("here.zip");
    engine
        .resume_export(id, Some(&elsewhere))
        .await
        .expect("it is recorded");
    until(&engine, id, verified).await;
    assert!(elsewhere.is_file());
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_file_that_is_somebody_elses_is_left_alone() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let theirs = stage.home.path().join("mine.zip.part");
    std::fs::write(&theirs, b"somebody else's").expect("it can be written");
    let id = ask(&engine, Some(stage.home.path().join("mine.zip"))).await;
    until(&engine, id, verified).await;
    assert_eq!(files(stage.home.path()), ["mine (2).zip", "mine.zip.part"]);
    assert_eq!(std::fs::read(&theirs).expect("it is there"), b"somebody else's");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_from_elsewhere_is_never_called_yours() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let place = stage.home.path().join("mine.zip");
    let id = ask(&engine, Some(place.clone())).await;
    until(&engine, id, verified).await;
    let copy = stage.home.path().join("copy.zip");
    std::fs::copy(&place, &copy).expect("it can be copied");
    engine.add_archive(&copy).await.expect("it is an archive");
    let check = async |path: &Path| {
        let report = engine.check_archive(path, None, Arc::default()).await;
        report.expect("it is checked").lines()[0].clone()
    };
    assert_eq!(check(&copy).await, "This archive is complete and unchanged.");
    assert!(check(&place).await.contains("it is yours"));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_shall_be_encrypted_lies_nowhere_in_plain_afterwards() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let code = code(&engine).await;
    let passphrase = secrecy::SecretString::from("correct horse battery staple");
    let asked = ExportWish {
        passphrase: Some(passphrase.clone()),
        ..wish(Some(stage.home.path().join("mine.zip")))
    };
    let id = engine.request_export(asked, &code).await.expect("it is recorded");
    let export = until(&engine, id, |export| {
        matches!(export.export.stage, At::Verified { encrypted: true, .. }) || waits(export)
    })
    .await;
    assert!(verified(&export), "{:?}", export.export);
    assert_eq!(files(stage.home.path()), ["mine.zip.age"]);
    let sealed = stage.home.path().join("mine.zip.age");
    let report = engine
        .check_archive(&sealed, Some(passphrase), Arc::default())
        .await
        .expect("it is checked");
    assert!(report.is_sound(), "{:?}", report.findings);
    let known = engine.archives().await.expect("they can be read");
    assert_eq!((known.len(), known[0].encrypted), (1, true));
    engine
        .check_archive(&sealed, None, Arc::default())
        .await
        .expect("it is looked at");
    let after = engine.archives().await.expect("they can be read");
    assert_eq!(after, known, "what couldn't be opened wasn't checked");
    let mut bytes = std::fs::read(&sealed).expect("it is there");
    bytes.push(0);
    std::fs::write(&sealed, bytes).expect("it can be written");
    let after = engine.archives().await.expect("they can be read");
    assert_eq!(after[0].report, None, "it is another file than was checked");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_program_looks_after_the_exports_and_the_other_takes_over() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let id = ask(&engine, None).await;
    let other = stage.engine().await;
    other.start().await;
    let shown = other.export(id).await.expect("it can be read");
    assert!(shown.elsewhere);
    assert!(matches!(
        other.cancel_export(id).await,
        Err(EngineError::ExportsElsewhere)
    ));
    engine.close().await;
    drop(engine);
    until(&other, id, |export| {
        !export.elsewhere && matches!(export.export.stage, At::Ready { .. })
    })
    .await;
    other.close().await;
}
