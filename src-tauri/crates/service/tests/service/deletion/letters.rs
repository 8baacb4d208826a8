//! What the owner is told by letter: that it was asked for, that it was taken back, that it is final.

use mail_parser::MessageParser;
use settings_privacy_api::{DeletionStep, Session};

use super::*;
use crate::smtp::{Manner, a_mail_server};

/// A letter as a mail program shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    id: String,
    to: Option<String>,
    subject: String,
    text: String,
}

fn shown(letter: &[u8]) -> Shown {
    let letter = MessageParser::default().parse(letter).unwrap();
    let to = letter.to().and_then(|to| to.first()).and_then(|to| to.address());
    Shown {
        id: letter.message_id().unwrap().to_owned(),
        to: to.map(str::to_owned),
        subject: letter.subject().unwrap().to_owned(),
        text: letter.body_text(0).unwrap().replace("\r\n", "\n"),
    }
}

/// The letters in the folder that hold no code, the newest last.
fn noted_in_folder(tried: &Tried) -> Vec<Shown> {
    let mut files: Vec<_> = std::fs::read_dir(tried.folder.path().join("mail"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("note-"))
        .collect();
    files.sort_unstable();
    files
        .iter()
        .map(|path| shown(&std::fs::read(path).unwrap()))
        .collect()
}

async fn until_noted(tried: &Tried, count: usize) -> Vec<Shown> {
    let began = Instant::now();
    loop {
        let letters = noted_in_folder(tried);
        if letters.len() >= count {
            return letters;
        }
        assert!(began.elapsed() < PATIENCE, "there are {letters:?}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_owner_is_told_that_it_was_asked_for_and_that_it_was_taken_back() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let (deletion, token) = asked(&tried, &session).await;
    let first = until_noted(&tried, 1).await.remove(0);
    assert_eq!(first.to.as_deref(), Some(MEI));
    assert_eq!(first.subject, "Your account will be deleted on 23 December 2026");
    for said in [
        "23 November 2026, 12:00 UTC",
        "23 December 2026, 12:00 UTC",
        "Keep my account",
        "account cancel",
    ] {
        assert!(first.text.contains(said), "{said}: {}", first.text);
    }
    let id = deletion.id.unwrap().to_string();
    for secret in [
        token.expose(),
        session.access_token.expose(),
        &id,
        &session.account.id.to_string(),
    ] {
        assert!(
            !first.text.contains(secret) && !first.id.contains(secret),
            "nothing opens anything"
        );
    }

    // Asked for again, it is the same one: nobody is told twice.
    tried.later(minutes(2));
    let body = a_request(&tried, &session).await;
    let _: Deletion = ask(&tried, &session, &body)
        .send()
        .await
        .expect(StatusCode::ACCEPTED);
    tried.later(minutes(2));
    let _: Deletion = cancel(&tried, &session.access_token)
        .send()
        .await
        .expect(StatusCode::OK);
    let letters = until_noted(&tried, 2).await;
    assert_eq!(letters.len(), 2, "{letters:?}");
    assert_eq!(letters[0], first);
    assert_eq!(
        (letters[1].subject.as_str(), letters[1].to.as_deref()),
        ("Your account stays", Some(MEI))
    );
    assert_ne!(letters[1].id, first.id);
}

#[tokio::test]
async fn where_letters_lie_with_the_service_the_last_one_names_nobody_and_stays() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let (_, token) = asked(&tried, &session).await;
    until_noted(&tried, 1).await;
    deleted(&tried, &token).await;
    let letters = noted_in_folder(&tried);
    let [last] = &letters[..] else {
        panic!("those to the address are gone: {letters:?}")
    };
    assert_eq!(
        (last.subject.as_str(), &last.to),
        ("Your account is being deleted", &None)
    );
    assert!(last.text.contains("23 December 2026, 12:00 UTC"), "{}", last.text);
    assert_eq!(holding(tried.folder.path(), MEI), [""; 0]);
}

/// A service whose owner asked for the end, stopped before anybody was told.
async fn stopped_before_telling() -> (Tried, Session, Token) {
    let tried = a_service_with(|config| config.background = false).await;
    let session = tried.a_session(MEI).await;
    let (_, token) = asked(&tried, &session).await;
    tried.service.clone().close().await;
    // The codes came by the mail server as well.
    std::fs::remove_dir_all(tried.folder.path().join("mail")).unwrap();
    (tried, session, token)
}

/// The same service again, with a mail server.
async fn opened_with(tried: Tried, delivery: &settings_privacy_service::Delivery) -> Tried {
    let mut config = a_config(tried.folder.path(), &tried.clock);
    config.delivery = delivery.clone();
    tried.opened(config).await
}

#[tokio::test]
async fn a_letter_that_was_not_sent_when_the_service_stopped_is_sent_by_the_next() {
    let (tried, _, _) = stopped_before_telling().await;
    let (delivery, manner, mut letters) = a_mail_server("250 ok", 0).await;
    let tried = opened_with(tried, &delivery).await;
    let first = shown(letters.recv().await.unwrap().as_bytes());
    assert_eq!(first.to.as_deref(), Some(MEI));
    // The mail server has it, and the service stops before it hears that.
    tried.service.clone().close().await;
    manner.takes.add_permits(8);
    let tried = opened_with(tried, &delivery).await;
    let again = shown(letters.recv().await.unwrap().as_bytes());
    assert_eq!(again, first, "the same letter, under the same Message-ID");
    // Now it was heard: nobody is told a third time.
    let began = Instant::now();
    while tried.service.deletions().await.unwrap()[0].letter.is_some() {
        assert!(began.elapsed() < PATIENCE);
        tokio::task::yield_now().await;
    }
    tried.service.clone().close().await;
    let tried = opened_with(tried, &delivery).await;
    tried.service.clone().close().await;
    assert!(letters.try_recv().is_err());
}

#[tokio::test]
async fn a_newer_letter_takes_the_place_of_one_that_was_not_sent() {
    let (tried, _, token) = stopped_before_telling().await;
    let mut config = a_config(tried.folder.path(), &tried.clock);
    config.background = false;
    let tried = tried.opened(config).await;
    let _: Deletion = cancel(&tried, &token).send().await.expect(StatusCode::OK);
    tried.service.clone().close().await;
    let (delivery, _manner, mut letters) = a_mail_server("250 ok", 8).await;
    let tried = opened_with(tried, &delivery).await;
    let told = shown(letters.recv().await.unwrap().as_bytes());
    assert_eq!(told.subject, "Your account stays");
    tried.service.clone().close().await;
    assert!(
        letters.try_recv().is_err(),
        "nobody is told what isn't so any more"
    );
}

/// Waits until removing the address is held up by the last letter.
async fn until_held_up(tried: &Tried, token: &Token) {
    let began = Instant::now();
    loop {
        let seen = look(tried, token).await;
        let step = seen.progress.as_ref().map(|progress| progress.step);
        let operator = tried.service.deletions().await.unwrap().remove(0);
        let fault = operator.fault.unwrap_or_default();
        if step == Some(DeletionStep::Records) && fault.contains("letter to the owner") {
            let letter = operator.letter.expect("the operator sees it");
            assert_eq!(letter.kind, "final");
            assert!(letter.fault.unwrap().contains("451"));
            return;
        }
        assert!(began.elapsed() < PATIENCE, "it stays {seen:?}");
        tokio::task::yield_now().await;
    }
}

async fn with_a_mail_server_that_says(answer: &'static str) -> (Tried, Token, Manner, Letters) {
    let (tried, _, token) = stopped_before_telling().await;
    let (delivery, manner, letters) = a_mail_server(answer, 8).await;
    let tried = opened_with(tried, &delivery).await;
    (tried, token, manner, letters)
}

type Letters = tokio::sync::mpsc::UnboundedReceiver<String>;

#[tokio::test]
async fn the_last_letter_leaves_before_the_address_goes() {
    let (tried, token, manner, mut letters) = with_a_mail_server_that_says("451 come back later").await;
    tried.later(jiff::SignedDuration::from_hours(24 * 30));
    until_held_up(&tried, &token).await;
    assert!(
        !holding(tried.folder.path(), MEI).is_empty(),
        "the address is still needed"
    );
    manner.says("250 ok");
    tried.later(minutes(1));
    until(&tried, &token, DeletionStatus::Deleted).await;
    let last = shown(letters.recv().await.unwrap().as_bytes());
    assert_eq!(
        (last.subject.as_str(), last.to.as_deref()),
        ("Your account is being deleted", Some(MEI))
    );
    assert_eq!(holding(tried.folder.path(), MEI), [""; 0]);
    assert!(
        letters.try_recv().is_err(),
        "what it replaced isn't sent any more"
    );
}

#[tokio::test]
async fn a_mail_server_that_does_not_answer_keeps_nobodys_data_here() {
    let (tried, token, _manner, mut letters) = with_a_mail_server_that_says("451 come back later").await;
    tried.later(jiff::SignedDuration::from_hours(24 * 30));
    until_held_up(&tried, &token).await;
    tried.later(jiff::SignedDuration::from_hours(1));
    until(&tried, &token, DeletionStatus::Deleted).await;
    assert_eq!(holding(tried.folder.path(), MEI), [""; 0]);
    assert!(letters.try_recv().is_err());
}

#[tokio::test]
async fn an_address_that_is_refused_for_good_is_not_waited_for() {
    let (tried, token, _manner, _letters) = with_a_mail_server_that_says("550 nobody of that name").await;
    deleted(&tried, &token).await;
    assert_eq!(holding(tried.folder.path(), MEI), [""; 0]);
}
