//! Every error is a problem (checked for every reply in `support`).

use http::{Method, StatusCode};
use settings_privacy_api::{Code, paths};
use uuid::Uuid;

use crate::support::*;

#[tokio::test]
async fn a_path_that_does_not_exist_is_not_found() {
    let tried = a_service().await;
    for path in ["/", "/v1", "/v1/consents/", "/mailbox", "/v1/mailbox"] {
        tried
            .call(Method::GET, path)
            .send()
            .await
            .refused(404, Code::NotFound);
    }
}

#[tokio::test]
async fn a_method_a_path_does_not_know_is_refused_with_those_it_knows() {
    let tried = a_service().await;
    let reply = tried.call(Method::PATCH, paths::CONSENTS).send().await;
    reply.refused(405, Code::MethodNotAllowed);
    let allow = reply.header("allow").unwrap();
    assert!(allow.contains("GET") && allow.contains("PUT"), "{allow}");
}

#[tokio::test]
async fn a_body_of_more_than_64_kib_is_too_large() {
    let tried = a_service().await.over_tcp().await;
    let token = tried.a_session(MEI).await.access_token;
    let call = |length| {
        let call = tried
            .call(Method::PUT, paths::CONSENTS)
            .bearer(&token)
            .key(Uuid::new_v4());
        call.text("application/json", " ".repeat(length))
    };
    call(64 * 1024 + 1).send().await.refused(413, Code::TooLarge);
    call(64 * 1024).send().await.refused(400, Code::Malformed);
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused_by_its_name() {
    let tried = a_service().await;
    let call = || {
        tried
            .call(Method::POST, paths::VERIFICATION_CODES)
            .key(Uuid::new_v4())
    };
    let body = r#"{"identifier":"mei.lin@example.org"}"#;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
    ] {
        call().text(kind, body).send().await.refused(415, Code::Malformed);
    }
    call().send().await.refused(415, Code::Malformed);
    let reply = call().text("Application/JSON; charset=utf-8", body).send().await;
    assert_eq!(reply.status, StatusCode::OK);
}
