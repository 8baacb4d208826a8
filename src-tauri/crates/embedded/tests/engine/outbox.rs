//! Consents reach the service once each, whatever happens on the way: the real engine, the real service, a bad line.

use std::sync::atomic::Ordering;

use crate::support::{Fault, Stage, granted, id, recorded, set, state};
use settings_privacy_core::data;
use settings_privacy_engine::store::Store;
use settings_privacy_engine::{EngineError, Place, Signed, SyncState};

const NEWS: &str = "marketing.news.email";
const CONSENTS: &str = "/v1/consents";

async fn sync_of(engine: &settings_privacy_engine::Engine, consent: &str) -> SyncState {
    let state = state(engine).await;
    state
        .consents
        .iter()
        .find(|c| c.consent.id == id(consent))
        .expect("it is in the catalogue")
        .sync
        .clone()
}

#[tokio::test]
async fn the_sample_account_signs_in_by_itself_and_every_consent_is_told() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let state = state(&engine).await;
    let Signed::In(account) = state.account.signed else {
        panic!("signed in")
    };
    assert!(account.sample);
    assert_eq!(state.consents.len(), data::consents().consents.len());
    assert!(
        state
            .consents
            .iter()
            .all(|consent| consent.sync == SyncState::Synced)
    );
}

#[tokio::test]
async fn a_consent_holds_here_at_once_and_at_the_service_after_the_next_round() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let was = granted(&engine, NEWS).await;
    let before = recorded(&engine, NEWS).await;
    set(&engine, NEWS, !was).await;
    assert_eq!(granted(&engine, NEWS).await, !was);
    assert_eq!(sync_of(&engine, NEWS).await, SyncState::Waiting);
    assert_eq!(engine.flush().await.expect("it is sent").waiting, 0);
    assert_eq!(sync_of(&engine, NEWS).await, SyncState::Synced);
    assert_eq!(recorded(&engine, NEWS).await, [before, vec![!was]].concat());
}

#[tokio::test]
async fn many_changes_of_one_consent_without_a_network_become_one_write() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let was = granted(&engine, NEWS).await;
    let before = recorded(&engine, NEWS).await;
    engine.flush().await.expect("nothing waits");
    stage.line.cut(true);
    for round in 0..7 {
        set(&engine, NEWS, if round % 2 == 0 { !was } else { was }).await;
        // Nothing can have arrived, so each takes the place of the one before.
        let waiting = engine.flush().await.expect("it is kept").waiting;
        assert_eq!(waiting, 1, "after {round} changes");
    }
    assert!(
        state(&engine).await.account.offline.is_some(),
        "the person is told"
    );
    stage.line.cut(false);
    assert_eq!(engine.flush().await.expect("it is sent").waiting, 0);
    let after = recorded(&engine, NEWS).await;
    assert_eq!(after.len(), before.len() + 1, "one line of history: {after:?}");
    assert_eq!(after.last(), Some(&!was));
}

#[tokio::test]
async fn changes_that_never_left_are_one_row() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let was = granted(&engine, NEWS).await;
    for round in 0..9 {
        set(&engine, NEWS, if round % 2 == 0 { !was } else { was }).await;
    }
    assert_eq!(state(&engine).await.outbox.waiting, 1);
    let puts = stage.line.puts.load(Ordering::SeqCst);
    engine.flush().await.expect("it is sent");
    assert_eq!(stage.line.puts.load(Ordering::SeqCst), puts + 1);
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_the_change_stands_once() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let was = granted(&engine, NEWS).await;
    let before = recorded(&engine, NEWS).await.len();
    set(&engine, NEWS, !was).await;
    stage.line.next(CONSENTS, Fault::AnswerLost);
    assert_eq!(engine.flush().await.expect("it is kept").waiting, 1);
    engine.close().await;
    let engine = stage.engine().await;
    engine.resume_account().await.expect("the account is back");
    assert_eq!(engine.flush().await.expect("it is sent").waiting, 0);
    assert_eq!(recorded(&engine, NEWS).await.len(), before + 1);
    assert_eq!(granted(&engine, NEWS).await, !was);
}

#[tokio::test]
async fn a_refused_change_stays_visible_with_its_reason_until_the_person_decides() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let was = granted(&engine, NEWS).await;
    set(&engine, NEWS, !was).await;
    let body =
        r#"{"type":"t","code":"forbidden","status":403,"title":"Your Organization decides about this."}"#;
    stage.line.next(
        CONSENTS,
        Fault::Answered {
            status: 403,
            retry_after: None,
            body,
        },
    );
    let outbox = engine.flush().await.expect("the refusal is kept");
    assert_eq!((outbox.waiting, outbox.refused), (0, 1));
    assert_eq!(granted(&engine, NEWS).await, was, "what the service has is shown");
    let SyncState::Refused { outbox, reason, code } = sync_of(&engine, NEWS).await else {
        panic!("refused")
    };
    assert_eq!(
        (code.as_str(), reason.as_str()),
        ("forbidden", "Your Organization decides about this.")
    );
    engine.retry_refused(outbox).await.expect("it is there");
    engine.flush().await.expect("it is sent");
    assert_eq!(granted(&engine, NEWS).await, !was);
    assert!(matches!(
        engine.discard_refused(outbox).await,
        Err(EngineError::NotWaiting)
    ));
}

#[tokio::test]
async fn the_service_is_not_asked_again_before_the_time_it_gave() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let was = granted(&engine, NEWS).await;
    set(&engine, NEWS, !was).await;
    stage.line.next(
        CONSENTS,
        Fault::Answered {
            status: 503,
            retry_after: Some("120"),
            body: "",
        },
    );
    engine.flush().await.expect("it is kept");
    let next = state(&engine).await.outbox.next_try_at.expect("something waits");
    let wait = next.duration_since(jiff::Timestamp::now()).as_secs();
    assert!((118..=122).contains(&wait), "{wait} s");
}

#[tokio::test]
async fn undoing_a_consent_sends_it_back() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let was = granted(&engine, NEWS).await;
    let done = engine
        .set_consents(&[(id(NEWS), !was)])
        .await
        .expect("it is recorded");
    engine.flush().await.expect("it is sent");
    engine
        .undo(done.change.expect("something changed"))
        .await
        .expect("it can be undone");
    engine.flush().await.expect("it is sent");
    assert_eq!(granted(&engine, NEWS).await, was);
    assert!(matches!(
        engine.undo(done.change.expect("as above")).await,
        Err(EngineError::NothingToUndo)
    ));
}

#[tokio::test]
async fn what_signing_in_rests_on_is_refused_before_anything_is_recorded() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let refused = engine
        .set_consents(&[(id(NEWS), true), (id("cookies.security"), false)])
        .await;
    assert!(matches!(refused, Err(EngineError::Consent(_))));
    assert!(state(&engine).await.history.is_empty(), "all or none");
}

#[tokio::test]
async fn without_an_account_consents_say_what_is_missing() {
    let stage = Stage::new();
    let engine = stage.engine().await;
    assert!(state(&engine).await.first_start);
    let missing = engine.set_consents(&[(id(NEWS), false)]).await;
    assert!(matches!(missing, Err(EngineError::NoAccount)));
    engine
        .choose_account(Place::Embedded)
        .await
        .expect("the service starts");
    assert!(!state(&engine).await.first_start);
    let missing = engine.set_consents(&[(id(NEWS), false)]).await;
    assert!(matches!(missing, Err(EngineError::SignedOut)));
}

#[tokio::test]
async fn a_code_of_ones_own_service_is_shown_and_signs_in() {
    let stage = Stage::new();
    let engine = stage.engine().await;
    engine
        .choose_account(Place::Embedded)
        .await
        .expect("the service starts");
    let (_, shown) = engine
        .request_code(" Someone@example.org ")
        .await
        .expect("a code is sent");
    let code = shown.expect("it is the person's own service").code;
    let wrong = engine.sign_in("someone@example.org", "000000x").await;
    assert!(wrong.is_err());
    engine
        .sign_in("someone@example.org", code.expose())
        .await
        .expect("the code is right");
    let Signed::In(account) = state(&engine).await.account.signed else {
        panic!("signed in")
    };
    assert!(!account.sample);
    engine.sign_out().await.expect("signed out");
    assert_eq!(state(&engine).await.account.signed, Signed::Out);
}

#[tokio::test]
async fn the_sample_account_can_be_left_and_entered_as_often_as_one_likes() {
    let stage = Stage::new();
    let engine = stage.engine().await;
    for _ in 0..8 {
        engine
            .choose_account(Place::Sample)
            .await
            .expect("the sample account opens");
        engine.choose_account(Place::None).await.expect("it can be left");
    }
}

#[tokio::test]
async fn who_signed_out_of_the_sample_account_stays_signed_out() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    engine.sign_out().await.expect("signed out");
    engine.close().await;
    let engine = stage.engine().await;
    engine.resume_account().await.expect("the place is there");
    assert_eq!(state(&engine).await.account.signed, Signed::Out);
    engine
        .choose_account(Place::Sample)
        .await
        .expect("it opens again");
    assert!(matches!(state(&engine).await.account.signed, Signed::In(_)));
}

#[tokio::test]
async fn a_lost_answer_to_renewing_the_session_signs_nobody_out() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    engine.close().await;
    let engine = stage.engine().await;
    engine.resume_account().await.expect("the account is back");
    if state(&engine).await.account.session_only || state(&engine).await.account.signed == Signed::Out {
        // Renewing across a restart needs a keyring; the test command provides one.
        assert!(
            std::env::var_os("CI").is_none(),
            "no keyring where there should be one"
        );
        return;
    }
    stage.line.next("/v1/sessions/refresh", Fault::AnswerLost);
    assert!(engine.consent_history().await.is_err(), "the answer was lost");
    assert!(
        !engine
            .consent_history()
            .await
            .expect("asked again under the same key")
            .is_empty()
    );
}

#[tokio::test]
async fn a_damaged_database_is_moved_aside_and_the_person_is_told() {
    let stage = Stage::new();
    stage.engine().await.close().await;
    let file = stage.own().database();
    std::fs::write(
        &file,
        b"this is no database, and it is long enough to have a header of its own........",
    )
    .expect("written");
    let engine = stage.engine().await;
    let notices = state(&engine).await.notices;
    let notice = notices
        .iter()
        .find(|n| n.code == "database-moved-aside")
        .expect("the person is told");
    let aside = notice.file.clone().expect("it says where");
    assert!(
        std::fs::read(aside)
            .expect("it is kept")
            .starts_with(b"this is no database")
    );
    assert!(state(&engine).await.first_start, "new notes began");
}

#[tokio::test]
async fn where_nothing_can_be_written_the_program_still_works_and_says_so() {
    let stage = Stage::new();
    std::fs::write(stage.own().folder, b"a file where the folder should be").expect("written");
    let engine = stage.engine().await;
    let state = state(&engine).await;
    assert!(
        state
            .notices
            .iter()
            .any(|notice| notice.code == "database-not-writable")
    );
}

#[tokio::test]
async fn an_address_that_is_not_encrypted_is_refused_and_the_choice_before_stands() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let refused = engine
        .choose_account(Place::Service("http://privacy.example.org".into()))
        .await;
    assert_eq!(
        refused.expect_err("it isn't encrypted").code(),
        "address-not-https"
    );
    let state = state(&engine).await;
    assert_eq!(state.account.place, Place::Sample);
    assert!(matches!(state.account.signed, Signed::In(_)));
}

#[tokio::test]
async fn after_a_lost_answer_the_last_word_still_arrives_last() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let was = granted(&engine, NEWS).await;
    let before = recorded(&engine, NEWS).await;
    set(&engine, NEWS, !was).await;
    stage.line.next(CONSENTS, Fault::AnswerLost);
    engine.flush().await.expect("it is kept");
    set(&engine, NEWS, was).await;
    assert_eq!(engine.flush().await.expect("both are sent").waiting, 0);
    assert_eq!(recorded(&engine, NEWS).await, [before, vec![!was, was]].concat());
    assert_eq!(granted(&engine, NEWS).await, was);
}

#[tokio::test]
async fn a_session_is_never_used_at_another_place_than_its_own() {
    let stage = Stage::new();
    stage.sample().await.close().await;
    let opened = Store::open(&stage.own().database(), jiff::Timestamp::now())
        .await
        .expect("it opens");
    opened
        .store
        .set_setting("account.place", Some("embedded"))
        .await
        .expect("it can be set");
    opened.store.close().await;
    let engine = stage.engine().await;
    engine.resume_account().await.expect("the place is there");
    assert_eq!(state(&engine).await.account.signed, Signed::Out);
}

#[tokio::test]
async fn a_consent_of_one_account_is_not_undone_in_another() {
    let stage = Stage::new();
    let engine = stage.sample().await;
    let was = granted(&engine, NEWS).await;
    let done = engine
        .set_consents(&[(id(NEWS), !was)])
        .await
        .expect("it is recorded");
    engine
        .choose_account(Place::Embedded)
        .await
        .expect("the service starts");
    let refused = engine.undo(done.change.expect("something changed")).await;
    assert!(matches!(refused, Err(EngineError::OtherAccount)), "{refused:?}");
    assert!(matches!(
        engine.undo_last().await,
        Err(EngineError::NothingToUndo)
    ));
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_on_the_computer_can_read_what_is_kept() {
    use std::os::unix::fs::PermissionsExt;
    let stage = Stage::new();
    let engine = stage.sample().await;
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&stage.own().folder), 0o700);
    for file in ["client.db", "client.db-wal"] {
        assert_eq!(mode(&stage.own().folder.join(file)), 0o600, "{file}");
    }
    engine.close().await;
}
