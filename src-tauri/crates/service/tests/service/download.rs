//! Downloading an archive: whole, in part, again (RFC 9110 §13, §14; RFC 9530).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use ring::digest::{SHA256, digest};
use settings_privacy_api::{Code, Export, Session, paths};
use settings_privacy_service::SAMPLE_IDENTIFIER;
use uuid::Uuid;

use crate::support::*;

async fn a_download() -> (Tried, Session, Export, String) {
    let tried = a_sample().await.over_tcp().await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let copy = tried.a_copy(&session, &["drive", "messages"], "eea").await;
    let path = paths::EXPORT_ARCHIVE.replace("{id}", &copy.id.to_string());
    (tried, session, copy, path)
}

#[tokio::test]
async fn an_archive_comes_whole_with_its_digest_and_a_strong_tag() {
    let (tried, session, copy, path) = a_download().await;
    let archive = copy.archive.unwrap();
    let reply = tried.get(&path, &session.access_token).send().await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.body.len() as u64, archive.bytes);
    let sha256 = digest(&SHA256, &reply.body);
    let hex: String = sha256.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, archive.sha256);
    let repr_digest = format!("sha-256=:{}:", STANDARD.encode(sha256.as_ref()));
    assert_eq!(reply.header("repr-digest"), Some(repr_digest.as_str()));
    assert_eq!(reply.etag(), archive.etag);
    assert!(!archive.etag.starts_with("W/"));
    assert_eq!(reply.header("accept-ranges"), Some("bytes"));
    assert_eq!(reply.header("content-type"), Some("application/zip"));

    let call = tried.call(Method::HEAD, &path).bearer(&session.access_token);
    let head = call.send().await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    for header in [
        "etag",
        "repr-digest",
        "content-length",
        "accept-ranges",
        "content-type",
    ] {
        assert_eq!(head.header(header), reply.header(header), "{header}");
    }
}

#[tokio::test]
async fn a_part_is_exactly_what_was_asked_for() {
    let (tried, session, _copy, path) = a_download().await;
    let whole = tried.get(&path, &session.access_token).send().await;
    let (body, size) = (&whole.body, whole.body.len());
    let last = size - 1;
    let parts = [
        ("bytes=0-0".to_owned(), 0, 0),
        ("bytes=10-99".to_owned(), 10, 99),
        (format!("bytes={}-", size - 7), size - 7, last),
        ("bytes=-5".to_owned(), size - 5, last),
        (format!("bytes=3-{}", size * 9), 3, last),
        (format!("bytes=-{}", size * 9), 0, last),
        ("bytes=262143-262145".to_owned(), 262_143, 262_145),
    ];
    for (range, from, to) in parts {
        let call = tried.get(&path, &session.access_token).header("range", &range);
        let reply = call.send().await;
        assert_eq!(reply.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert!(reply.body == body[from..=to], "{range}");
        let content_range = format!("bytes {from}-{to}/{size}");
        assert_eq!(reply.header("content-range"), Some(content_range.as_str()));
        assert_eq!(
            reply.header("repr-digest"),
            whole.header("repr-digest"),
            "of the whole"
        );
        assert_eq!(reply.etag(), whole.etag());
    }
}

#[tokio::test]
async fn what_is_no_part_of_it_is_refused_and_what_is_no_range_is_ignored() {
    let (tried, session, _copy, path) = a_download().await;
    let size = tried.get(&path, &session.access_token).send().await.body.len();
    for range in [
        format!("bytes={size}-"),
        format!("bytes={size}-{}", size + 10),
        "bytes=-0".to_owned(),
    ] {
        let call = tried.get(&path, &session.access_token).header("range", &range);
        let reply = call.send().await;
        reply.refused(416, Code::RangeNotSatisfiable);
        let content_range = format!("bytes */{size}");
        assert_eq!(
            reply.header("content-range"),
            Some(content_range.as_str()),
            "{range}"
        );
    }
    for range in [
        "lines=1-2",
        "bytes=9-3",
        "bytes=a-b",
        "bytes=",
        "bytes=0-1,5-6",
        "0-1",
    ] {
        let call = tried.get(&path, &session.access_token).header("range", range);
        let reply = call.send().await;
        assert_eq!(
            (reply.status, reply.body.len()),
            (StatusCode::OK, size),
            "{range}"
        );
    }
}

#[tokio::test]
async fn a_part_of_another_archive_is_answered_with_the_whole() {
    let (tried, session, copy, path) = a_download().await;
    let archive = copy.archive.unwrap();
    let part = async |condition: &str| {
        let call = tried.get(&path, &session.access_token);
        let call = call.header("range", "bytes=5-9").header("if-range", condition);
        call.send().await.status
    };
    assert_eq!(part(&archive.etag).await, StatusCode::PARTIAL_CONTENT);
    let weak = format!("W/{}", archive.etag);
    for condition in [weak.as_str(), "\"another\"", "Mon, 23 Nov 2026 12:00:00 GMT"] {
        assert_eq!(part(condition).await, StatusCode::OK, "{condition}");
    }
    let call = tried
        .get(&path, &session.access_token)
        .header("if-match", "\"another\"");
    call.send().await.refused(412, Code::PreconditionFailed);
    let call = tried
        .get(&path, &session.access_token)
        .header("if-none-match", &archive.etag);
    assert_eq!(call.send().await.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn an_archive_that_is_not_there_says_why() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let token = &session.access_token;
    let somebody_else = tried.hold_runner_lock();
    let body = tried.export_request(&session, &["profile"], "eea").await;
    let export: Export = tried
        .ask_for_export(token, &body)
        .send()
        .await
        .expect(StatusCode::ACCEPTED);
    let path = paths::EXPORT_ARCHIVE.replace("{id}", &export.id.to_string());
    tried
        .get(&path, token)
        .send()
        .await
        .refused(409, Code::ExportNotReady);
    drop(somebody_else);
    for id in [Uuid::new_v4().to_string(), "none".to_owned()] {
        let path = paths::EXPORT_ARCHIVE.replace("{id}", &id);
        tried.get(&path, token).send().await.refused(404, Code::NotFound);
    }
}
