//! Verification codes.

use http::{Method, StatusCode};
use jiff::SignedDuration;
use settings_privacy_api::{Code, CodeSent, Session, VerificationCodeRequest, paths};
use uuid::Uuid;

use crate::support::*;

/// Another code than this one.
fn other_than(code: &str, nth: u32) -> String {
    let code: u32 = code.parse().unwrap();
    format!("{:06}", (code + nth) % 1_000_000)
}

#[tokio::test]
async fn a_wrong_code_says_how_often_another_may_be_tried_and_the_fifth_ends_the_code() {
    let tried = a_service().await;
    let code = tried.a_code(MEI).await;
    for nth in 1..=5 {
        let reply = tried
            .sign_in(MEI, &other_than(&code, nth), Uuid::new_v4())
            .send()
            .await;
        let problem = reply.refused(422, Code::CodeWrong);
        assert_eq!(problem.attempts_left, Some(5 - nth));
    }
    let right = tried.sign_in(MEI, &code, Uuid::new_v4()).send().await;
    right.refused(422, Code::CodeExpired);
}

#[tokio::test]
async fn four_wrong_tries_leave_the_right_code_good() {
    let tried = a_service().await;
    let code = tried.a_code(MEI).await;
    for nth in 1..=4 {
        tried
            .sign_in(MEI, &other_than(&code, nth), Uuid::new_v4())
            .send()
            .await;
    }
    let reply = tried.sign_in(MEI, &code, Uuid::new_v4()).send().await;
    let _: Session = reply.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes_and_not_a_moment_longer() {
    let tried = a_service().await;
    let code = tried.a_code(MEI).await;
    tried.later(minutes(10) - SignedDuration::from_micros(1));
    tried
        .sign_in(MEI, "nonsense", Uuid::new_v4())
        .send()
        .await
        .refused(422, Code::CodeWrong);
    tried.later(SignedDuration::from_micros(1));
    let late = tried.sign_in(MEI, &code, Uuid::new_v4()).send().await;
    late.refused(422, Code::CodeExpired);
    assert!(tried.service.mailbox().unwrap().latest_code(MEI).await.is_none());
}

#[tokio::test]
async fn a_code_is_good_once() {
    let tried = a_service().await;
    let code = tried.a_code(MEI).await;
    let first = tried.sign_in(MEI, &code, Uuid::new_v4()).send().await;
    let _: Session = first.expect(StatusCode::CREATED);
    let second = tried.sign_in(MEI, &code, Uuid::new_v4()).send().await;
    second.refused(422, Code::CodeExpired);
}

#[tokio::test]
async fn a_code_opens_no_other_address() {
    let tried = a_service().await;
    let code = tried.a_code(MEI).await;
    tried.later(seconds(1));
    let theirs = tried.a_code(TOM).await;
    assert_ne!(code, theirs, "one in a million");
    tried
        .sign_in(TOM, &code, Uuid::new_v4())
        .send()
        .await
        .refused(422, Code::CodeWrong);
}

#[tokio::test]
async fn a_new_code_ends_the_one_before() {
    let tried = a_service().await;
    let old = tried.a_code(MEI).await;
    tried.later(seconds(60));
    let new = tried.a_code(MEI).await;
    assert_ne!(old, new, "one in a million");
    tried
        .sign_in(MEI, &old, Uuid::new_v4())
        .send()
        .await
        .refused(422, Code::CodeWrong);
    let reply = tried.sign_in(MEI, &new, Uuid::new_v4()).send().await;
    let _: Session = reply.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn another_code_can_be_asked_for_after_a_minute() {
    let tried = a_service().await;
    let sent: CodeSent = tried.ask_for_code(MEI).await.expect(StatusCode::OK);
    assert_eq!(sent.expires_at, tried.now() + minutes(10));
    assert_eq!(sent.next_allowed_at, tried.now() + seconds(60));
    tried.later(SignedDuration::from_millis(500));
    let problem = tried.ask_for_code(MEI).await.refused(429, Code::TooManyRequests);
    assert_eq!(
        problem.retry_after,
        Some(60),
        "59.5 seconds, never less than what is left"
    );
    tried.later(SignedDuration::from_millis(59_499));
    let problem = tried.ask_for_code(MEI).await.refused(429, Code::TooManyRequests);
    assert_eq!(problem.retry_after, Some(1));
    tried.later(SignedDuration::from_millis(1));
    let _: CodeSent = tried.ask_for_code(MEI).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_refused_request_for_another_code_leaves_the_first_good() {
    let tried = a_service().await;
    let code = tried.a_code(MEI).await;
    tried.ask_for_code(MEI).await.refused(429, Code::TooManyRequests);
    let reply = tried.sign_in(MEI, &code, Uuid::new_v4()).send().await;
    let _: Session = reply.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn six_codes_an_hour_are_sent_to_an_address_and_others_arent_held_up() {
    let tried = a_service().await;
    for _ in 0..6 {
        let _: CodeSent = tried.ask_for_code(MEI).await.expect(StatusCode::OK);
        tried.later(minutes(2));
    }
    let problem = tried.ask_for_code(MEI).await.refused(429, Code::TooManyRequests);
    assert_eq!(problem.retry_after, Some(48 * 60));
    let _: CodeSent = tried.ask_for_code(TOM).await.expect(StatusCode::OK);
    tried.later(minutes(48));
    let _: CodeSent = tried.ask_for_code(MEI).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn the_answer_says_nothing_about_whether_an_account_exists() {
    let tried = a_service().await;
    tried.a_session(MEI).await;
    tried.later(minutes(90));
    let known = tried.ask_for_code(MEI).await;
    let unknown = tried.ask_for_code(TOM).await;
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    let wrong = async |identifier| {
        tried
            .sign_in(identifier, "nonsense", Uuid::new_v4())
            .send()
            .await
            .body
    };
    assert_eq!(wrong(MEI).await, wrong(TOM).await);
    let (known, unknown) = (tried.ask_for_code(MEI).await, tried.ask_for_code(TOM).await);
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
}

#[tokio::test]
async fn one_mailbox_in_another_spelling_is_the_same_account() {
    let tried = a_service().await;
    let first = tried.a_session(MEI).await;
    tried
        .ask_for_code(" Mei.Lin@EXAMPLE.org")
        .await
        .refused(429, Code::TooManyRequests);
    tried.later(minutes(1));
    let second = tried.a_session(" Mei.Lin@EXAMPLE.org").await;
    assert_eq!(first.account, second.account);
}

#[tokio::test]
async fn what_is_no_address_is_refused_before_anything_is_sent() {
    let tried = a_service().await;
    for identifier in ["", "mei", "mei@example.org\r\nBcc: tom@example.org"] {
        tried.ask_for_code(identifier).await.refused(400, Code::Malformed);
    }
    let letters = std::fs::read_dir(tried.folder.path().join("mail")).unwrap();
    assert_eq!(letters.count(), 0);
}

#[tokio::test]
async fn a_repeated_request_for_a_code_sends_one_letter() {
    let tried = a_service().await;
    let (key, request) = (
        Uuid::new_v4(),
        VerificationCodeRequest {
            identifier: MEI.into(),
        },
    );
    let ask = || {
        tried
            .call(Method::POST, paths::VERIFICATION_CODES)
            .key(key)
            .json(&request)
    };
    let first = ask().send().await;
    let again = ask().send().await;
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert!(!first.is_replayed() && again.is_replayed());
    let letters = std::fs::read_dir(tried.folder.path().join("mail")).unwrap();
    assert_eq!(letters.count(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_letter_that_cannot_be_written_leaves_no_code_and_no_wait_behind() {
    let tried = a_service().await;
    let mail = tried.folder.path().join("mail");
    std::fs::remove_dir_all(&mail).unwrap();
    std::fs::write(&mail, "in the way").unwrap();
    let reply = tried.ask_for_code(MEI).await;
    reply.refused(502, Code::DeliveryFailed);
    let nothing = tried.sign_in(MEI, "123456", Uuid::new_v4()).send().await;
    nothing.refused(422, Code::CodeExpired);
    std::fs::remove_file(&mail).unwrap();
    tried.a_session(MEI).await;
}
