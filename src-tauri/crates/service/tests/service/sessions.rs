//! Sessions: short access, rotation, reuse, answers that were lost.

use http::{Method, StatusCode};
use settings_privacy_api::{Code, DeviceInfo, Session, SessionRequest, Token, paths};
use uuid::Uuid;

use crate::support::*;

fn tokens(session: &Session) -> (String, String) {
    (
        session.access_token.expose().to_owned(),
        session.refresh_token.expose().to_owned(),
    )
}

async fn is_in(tried: &Tried, token: &Token) -> bool {
    tried.get(paths::PROFILE, token).send().await.status == StatusCode::OK
}

#[tokio::test]
async fn an_access_token_ends_after_fifteen_minutes_and_the_refresh_token_brings_the_next() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    assert_eq!(session.access_expires_at, tried.now() + minutes(15));
    assert_eq!(session.access_token.expose().len(), 43, "256 bits in base64url");
    tried.later(minutes(15) - seconds(1));
    assert!(is_in(&tried, &session.access_token).await);
    tried.later(seconds(1));
    assert!(!is_in(&tried, &session.access_token).await);
    let reply = tried.refresh(&session.refresh_token).send().await;
    let next: Session = reply.expect(StatusCode::OK);
    assert!(is_in(&tried, &next.access_token).await);
    assert_ne!(tokens(&next), tokens(&session));
    assert_eq!(next.account, session.account);
}

#[tokio::test]
async fn a_refresh_token_that_is_used_twice_ends_the_session_with_every_token_of_it() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let other = tried.later_session(MEI).await;
    let reply = tried.refresh(&session.refresh_token).send().await;
    let next: Session = reply.expect(StatusCode::OK);
    let reuse = tried.refresh(&session.refresh_token).send().await;
    reuse.refused(401, Code::SessionRevoked);
    assert!(!is_in(&tried, &next.access_token).await);
    assert!(!is_in(&tried, &session.access_token).await);
    let after = tried.refresh(&next.refresh_token).send().await;
    after.refused(401, Code::SessionRevoked);
    assert!(
        is_in(&tried, &other.access_token).await,
        "another session isn't touched"
    );
}

impl Tried {
    async fn later_session(&self, identifier: &str) -> Session {
        self.later(minutes(1));
        self.a_session(identifier).await
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_under_the_same_key_and_signs_nobody_out() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let key = Uuid::new_v4();
    let lost = tried.refresh(&session.refresh_token).key(key).send().await;
    tried.later(minutes(3));
    let again = tried.refresh(&session.refresh_token).key(key).send().await;
    assert_eq!((lost.status, &lost.body), (again.status, &again.body));
    assert!(!lost.is_replayed() && again.is_replayed());
    let next: Session = again.expect(StatusCode::OK);
    assert!(is_in(&tried, &next.access_token).await);
    let reply = tried.refresh(&next.refresh_token).send().await;
    let _: Session = reply.expect(StatusCode::OK);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_after_a_restart() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let key = Uuid::new_v4();
    let lost = tried.refresh(&session.refresh_token).key(key).send().await;
    let tried = tried.restarted().await;
    let again = tried.refresh(&session.refresh_token).key(key).send().await;
    assert_eq!(lost.body, again.body);
}

#[tokio::test]
async fn an_old_request_brings_no_tokens_once_its_answer_was_used() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let key = Uuid::new_v4();
    let reply = tried.refresh(&session.refresh_token).key(key).send().await;
    let second: Session = reply.expect(StatusCode::OK);
    let reply = tried.refresh(&second.refresh_token).send().await;
    let third: Session = reply.expect(StatusCode::OK);
    let stolen = tried.refresh(&session.refresh_token).key(key).send().await;
    stolen.refused(401, Code::SessionRevoked);
    assert!(!is_in(&tried, &third.access_token).await);
}

#[tokio::test]
async fn two_refreshes_at_once_under_one_key_bring_one_pair() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let key = Uuid::new_v4();
    let refresh = || tried.refresh(&session.refresh_token).key(key).send();
    let (one, other, third) = tokio::join!(refresh(), refresh(), refresh());
    assert_eq!(one.body, other.body);
    assert_eq!(one.body, third.body);
    let replayed = [&one, &other, &third]
        .iter()
        .filter(|reply| reply.is_replayed())
        .count();
    assert_eq!(replayed, 2);
}

#[tokio::test]
async fn a_sign_in_whose_answer_was_lost_is_answered_with_the_same_tokens() {
    let tried = a_service().await;
    let code = tried.a_code(MEI).await;
    let (key, device) = (Uuid::new_v4(), Uuid::new_v4());
    let lost = tried.sign_in(MEI, &code, device).key(key).send().await;
    let again = tried.sign_in(MEI, &code, device).key(key).send().await;
    assert_eq!((lost.status, &lost.body), (again.status, &again.body));
    assert!(again.is_replayed());
    let session: Session = again.expect(StatusCode::CREATED);
    let reply = tried.refresh(&session.refresh_token).send().await;
    let _: Session = reply.expect(StatusCode::OK);
    let late = tried.sign_in(MEI, &code, device).key(key).send().await;
    late.refused(422, Code::CodeExpired);
}

#[tokio::test]
async fn a_refresh_token_ends_after_thirty_days_without_use() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    tried.later(minutes(30 * 24 * 60));
    let reply = tried.refresh(&session.refresh_token).send().await;
    reply.refused(401, Code::Unauthenticated);
    tried.a_session(MEI).await;
    let reply = tried.refresh(&session.refresh_token).send().await;
    reply.refused(401, Code::Unauthenticated);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_can_be_repeated() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let key = Uuid::new_v4();
    let sign_out = || {
        tried
            .call(Method::DELETE, paths::SESSIONS_CURRENT)
            .bearer(&session.access_token)
            .key(key)
            .send()
    };
    assert_eq!(sign_out().await.status, StatusCode::NO_CONTENT);
    let again = sign_out().await;
    assert_eq!(
        (again.status, again.is_replayed()),
        (StatusCode::NO_CONTENT, true)
    );
    assert!(!is_in(&tried, &session.access_token).await);
    let reply = tried.refresh(&session.refresh_token).send().await;
    reply.refused(401, Code::Unauthenticated);
    let other = tried.call(Method::DELETE, paths::SESSIONS_CURRENT);
    let other = other
        .bearer(&session.access_token)
        .key(Uuid::new_v4())
        .send()
        .await;
    other.refused(401, Code::Unauthenticated);
}

#[tokio::test]
async fn nothing_opens_without_a_token_or_with_somebody_elses_idea_of_one() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let bare = tried.call(Method::GET, paths::CONSENTS).send().await;
    bare.refused(401, Code::Unauthenticated);
    for header in [
        "Bearer".to_owned(),
        "Bearer x".to_owned(),
        session.access_token.expose().to_owned(),
        format!("Basic {}", session.access_token.expose()),
        format!("Bearer {}", session.refresh_token.expose()),
    ] {
        let call = tried
            .call(Method::GET, paths::CONSENTS)
            .header("authorization", &header);
        call.send().await.refused(401, Code::Unauthenticated);
    }
    let as_refresh = tried.refresh(&session.access_token).send().await;
    as_refresh.refused(401, Code::Unauthenticated);
}

#[tokio::test]
async fn a_device_has_a_name_on_one_line() {
    let tried = a_service().await;
    let code = tried.a_code(MEI).await;
    for name in [String::new(), "  ".into(), "a\nb".into(), "x".repeat(81)] {
        let request = SessionRequest {
            identifier: MEI.into(),
            code: Token::new(&*code),
            device: DeviceInfo {
                id: Uuid::new_v4(),
                name,
            },
        };
        let call = tried
            .call(Method::POST, paths::SESSIONS)
            .key(Uuid::new_v4())
            .json(&request);
        call.send().await.refused(400, Code::Malformed);
    }
    let reply = tried.sign_in(MEI, &code, Uuid::new_v4()).send().await;
    let _: Session = reply.expect(StatusCode::CREATED);
}
