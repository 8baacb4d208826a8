//! Repeating a request changes nothing.

use http::{Method, StatusCode};
use settings_privacy_api::{Code, Consents, IDEMPOTENCY_KEY, paths};
use uuid::Uuid;

use crate::support::*;

const NEWS: [(&str, bool); 1] = [("marketing.news.email", true)];

#[tokio::test]
async fn a_change_that_is_sent_five_times_leaves_one_line_in_the_history() {
    let tried = a_service().await;
    let token = tried.a_session(MEI).await.access_token;
    let key = Uuid::new_v4();
    let first = tried.set(&token, &NEWS).key(key).send().await;
    let _: Consents = first.expect(StatusCode::OK);
    for _ in 0..4 {
        let again = tried.set(&token, &NEWS).key(key).send().await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.etag(), first.etag());
        assert!(again.is_replayed());
    }
    assert!(!first.is_replayed());
    assert_eq!(tried.history(&token).await.events.len(), 1);
}

#[tokio::test]
async fn a_late_repetition_does_not_undo_what_was_decided_since() {
    let tried = a_service().await;
    let token = tried.a_session(MEI).await.access_token;
    let key = Uuid::new_v4();
    let on = tried.set(&token, &NEWS);
    let first = on.key(key).send().await;
    tried.set(&token, &[("marketing.news.email", false)]).send().await;
    let late = tried.set(&token, &NEWS).key(key).send().await;
    assert_eq!(late.body, first.body);
    assert!(!granted(&tried.consents(&token).await, "marketing.news.email"));
    assert_eq!(tried.history(&token).await.events.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_change_that_is_sent_five_times_at_once_is_made_once() {
    let tried = a_service().await.over_tcp().await;
    let token = tried.a_session(MEI).await.access_token;
    let key = Uuid::new_v4();
    let calls = (0..5).map(|_| tokio::spawn(tried.set(&token, &NEWS).key(key).send()));
    let replies: Vec<Reply> = futures_util::future::join_all(calls)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert!(replies.iter().all(|reply| reply.status == StatusCode::OK));
    assert!(replies.iter().all(|reply| reply.body == replies[0].body));
    assert_eq!(replies.iter().filter(|reply| reply.is_replayed()).count(), 4);
    assert_eq!(tried.history(&token).await.events.len(), 1);
}

#[tokio::test]
async fn a_key_stands_for_one_request_only() {
    let tried = a_service().await;
    let token = tried.a_session(MEI).await.access_token;
    let key = Uuid::new_v4();
    tried.set(&token, &NEWS).key(key).send().await;
    let other_body = tried
        .set(&token, &[("marketing.news.banner", true)])
        .key(key)
        .send()
        .await;
    other_body.refused(422, Code::IdempotencyKeyReused);
    let other_route = tried
        .call(Method::DELETE, paths::SESSIONS_CURRENT)
        .bearer(&token)
        .key(key);
    other_route.send().await.refused(422, Code::IdempotencyKeyReused);
    assert_eq!(tried.history(&token).await.events.len(), 1);
}

#[tokio::test]
async fn nobody_finds_anothers_answer_under_its_key() {
    let tried = a_service().await;
    let mine = tried.a_session(MEI).await.access_token;
    let theirs = tried.a_session(TOM).await.access_token;
    let key = Uuid::new_v4();
    tried.set(&mine, &NEWS).key(key).send().await;
    let reply = tried.set(&theirs, &NEWS).key(key).send().await;
    assert!(!reply.is_replayed());
    assert_eq!(tried.history(&theirs).await.events.len(), 1);
}

#[tokio::test]
async fn every_unsafe_request_needs_a_key_that_is_a_uuid() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let token = &session.access_token;
    let device = Uuid::new_v4();
    let report = paths::DEVICE_PERMISSIONS.replace("{id}", &device.to_string());
    let calls = || {
        [
            tried
                .call(Method::POST, paths::VERIFICATION_CODES)
                .json(&serde_json::json!({"identifier": TOM})),
            tried.sign_in(TOM, "123456", device),
            tried.refresh(&session.refresh_token),
            tried.set(token, &NEWS),
            tried
                .call(Method::PUT, &report)
                .bearer(token)
                .json(&serde_json::json!({"permissions": {}})),
            tried.call(Method::DELETE, paths::SESSIONS_CURRENT).bearer(token),
        ]
    };
    for call in calls() {
        let reply = call.without(IDEMPOTENCY_KEY).send().await;
        reply.refused(400, Code::IdempotencyKeyMissing);
    }
    for call in calls() {
        let reply = call.header(IDEMPOTENCY_KEY, "1").send().await;
        reply.refused(400, Code::Malformed);
    }
    assert!(tried.history(token).await.events.is_empty());
}

#[tokio::test]
async fn a_repeated_wrong_code_uses_up_one_attempt() {
    let tried = a_service().await;
    tried.a_code(MEI).await;
    let (key, device) = (Uuid::new_v4(), Uuid::new_v4());
    let wrong = || tried.sign_in(MEI, "nonsense", device).key(key).send();
    let first = wrong().await;
    let again = wrong().await;
    assert_eq!(first.body, again.body);
    assert!(again.is_replayed());
    let other = tried.sign_in(MEI, "nonsense", device).send().await;
    assert_eq!(other.problem().attempts_left, Some(3));
}

#[tokio::test]
async fn a_refusal_that_changed_nothing_leaves_the_key_free() {
    let tried = a_service().await;
    let token = tried.a_session(MEI).await.access_token;
    let key = Uuid::new_v4();
    let refused = tried
        .set(&token, &[("marketing.made-up", true)])
        .key(key)
        .send()
        .await;
    refused.refused(422, Code::ConsentUnknown);
    let mended = tried.set(&token, &NEWS).key(key).send().await;
    let _: Consents = mended.expect(StatusCode::OK);
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let key = Uuid::new_v4();
    let body = serde_json::json!({"changes": [
        {"id": "marketing.news.email", "granted": true, "decided_at": "2026-11-23T12:00:00Z"}
    ]});
    let mut token = session.access_token;
    let mut refresh = session.refresh_token;
    for (after, is_replayed) in [(0, false), (24 * 60 - 1, true), (1, false)] {
        tried.later(minutes(after));
        let reply = tried.refresh(&refresh).send().await;
        let next: settings_privacy_api::Session = reply.expect(StatusCode::OK);
        (token, refresh) = (next.access_token, next.refresh_token);
        let put = tried
            .call(Method::PUT, paths::CONSENTS)
            .bearer(&token)
            .key(key)
            .json(&body);
        assert_eq!(
            put.send().await.is_replayed(),
            is_replayed,
            "after {after} minutes"
        );
    }
    assert_eq!(
        tried.history(&token).await.events.len(),
        1,
        "nothing changed the second time"
    );
}
