//! Consents and their history.

use http::{Method, StatusCode};
use settings_privacy_api::{Code, ConsentEventPage, Consents, paths};
use settings_privacy_core::data;
use uuid::Uuid;

use crate::support::*;

#[tokio::test]
async fn every_consent_of_the_catalogue_is_listed_in_its_order() {
    let tried = a_service().await;
    let token = tried.a_session(MEI).await.access_token;
    let consents = tried.consents(&token).await;
    let listed: Vec<&str> = consents.consents.iter().map(|state| state.id.as_str()).collect();
    let known: Vec<&str> = data::consents()
        .consents
        .iter()
        .map(|consent| consent.id.as_str())
        .collect();
    assert_eq!(listed, known);
    assert_eq!(consents.catalogue_version, data::consents().version);
    assert!(consents.consents.iter().all(|state| state.changed_at.is_none()));
}

#[tokio::test]
async fn a_change_carries_both_times_and_shows_when_it_was_recorded() {
    let tried = a_service().await;
    let token = tried.a_session(MEI).await.access_token;
    let decided_at = tried.now();
    let change = tried.set(&token, &[("sharing.sdks", true)]);
    tried.later(minutes(5));
    let consents: Consents = change.send().await.expect(StatusCode::OK);
    let state = consents
        .consents
        .iter()
        .find(|state| state.id == "sharing.sdks")
        .unwrap();
    assert_eq!((state.granted, state.changed_at), (true, Some(tried.now())));
    let event = &tried.history(&token).await.events[0];
    assert_eq!((event.decided_at, event.recorded_at), (decided_at, tried.now()));
}

#[tokio::test]
async fn one_change_that_cannot_be_made_keeps_the_others_from_being_made() {
    let tried = a_service().await;
    let token = tried.a_session(MEI).await.access_token;
    let before = tried.consents(&token).await;
    let good = ("marketing.news.email", true);
    let table = [
        (("marketing.made-up", true), 422, Code::ConsentUnknown),
        (("cookies.security", false), 422, Code::ConsentRequired),
        (("marketing.news.email", false), 400, Code::Malformed),
    ];
    for (bad, status, code) in table {
        let reply = tried.set(&token, &[good, bad]).send().await;
        let problem = reply.refused(status, code);
        assert!(
            !format!("{problem:?}").contains("made-up"),
            "what was sent isn't repeated"
        );
    }
    assert_eq!(tried.consents(&token).await, before);
    assert!(tried.history(&token).await.events.is_empty());
}

#[tokio::test]
async fn setting_what_already_holds_changes_nothing_and_adds_no_line() {
    let tried = a_service().await;
    let token = tried.a_session(MEI).await.access_token;
    let changes = [
        ("cookies.security", true),
        ("marketing.news.email", false),
        ("sharing.sdks", true),
    ];
    let first = tried.set(&token, &changes).send().await;
    tried.later(minutes(1));
    let second = tried.set(&token, &changes).send().await;
    assert_eq!(second.etag(), first.etag());
    assert_eq!(second.body, first.body);
    let events = tried.history(&token).await.events;
    let lines: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(lines, ["sharing.sdks"]);
    let nothing = tried.set(&token, &[]).send().await;
    assert_eq!(nothing.body, first.body);
}

#[tokio::test]
async fn a_change_decided_on_an_old_state_is_refused() {
    let tried = a_service().await;
    let token = tried.a_session(MEI).await.access_token;
    let seen = tried.get(paths::CONSENTS, &token).send().await.etag();
    let on = [("marketing.news.email", true)];
    let first = tried.set(&token, &on).header("if-match", &seen).send().await;
    let _: Consents = first.expect(StatusCode::OK);
    let off = [("marketing.news.email", false)];
    let stale = tried.set(&token, &off).header("if-match", &seen).send().await;
    stale.refused(412, Code::PreconditionFailed);
    assert!(granted(&tried.consents(&token).await, "marketing.news.email"));
    let fresh = tried
        .set(&token, &off)
        .header("if-match", &first.etag())
        .send()
        .await;
    let _: Consents = fresh.expect(StatusCode::OK);
}

#[tokio::test]
async fn what_is_held_already_is_not_sent_again() {
    let tried = a_service().await;
    let token = tried.a_session(MEI).await.access_token;
    for path in [
        paths::CONSENTS,
        paths::PROFILE,
        paths::PERMISSION_CATALOGUE,
        paths::OPENAPI,
    ] {
        let etag = tried.get(path, &token).send().await.etag();
        let held = tried
            .get(path, &token)
            .header("if-none-match", &etag)
            .send()
            .await;
        assert_eq!(
            (held.status, held.body.len()),
            (StatusCode::NOT_MODIFIED, 0),
            "{path}"
        );
        assert_eq!(held.etag(), etag);
    }
    let etag = tried.get(paths::CONSENTS, &token).send().await.etag();
    tried.set(&token, &[("sharing.sdks", true)]).send().await;
    let changed = tried
        .get(paths::CONSENTS, &token)
        .header("if-none-match", &etag)
        .send()
        .await;
    let _: Consents = changed.expect(StatusCode::OK);
}

#[tokio::test]
async fn the_history_comes_in_pages_that_leave_nothing_out() {
    let tried = a_service().await;
    let token = tried.a_session(MEI).await.access_token;
    for nth in 0..5 {
        tried.set(&token, &[("sharing.sdks", nth % 2 == 0)]).send().await;
    }
    let mut seen = Vec::new();
    let mut after = 0;
    loop {
        let path = format!("{}?limit=2&after={after}", paths::CONSENTS_HISTORY);
        let page: ConsentEventPage = tried.get(&path, &token).send().await.expect(StatusCode::OK);
        assert!(page.events.len() <= 2);
        seen.extend(page.events.iter().map(|event| event.sequence));
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    let path = format!("{}?limit=5", paths::CONSENTS_HISTORY);
    let page: ConsentEventPage = tried.get(&path, &token).send().await.expect(StatusCode::OK);
    assert_eq!(page.next, None, "a full page that is the last says so");
    for query in ["limit=0", "limit=201", "limit=many", "after=-1", "since=1"] {
        let path = format!("{}?{query}", paths::CONSENTS_HISTORY);
        tried
            .get(&path, &token)
            .send()
            .await
            .refused(400, Code::Malformed);
    }
}

#[tokio::test]
async fn nobody_sees_or_changes_anothers_consents() {
    let tried = a_service().await;
    let mine = tried.a_session(MEI).await.access_token;
    let theirs = tried.a_session(TOM).await.access_token;
    tried.set(&mine, &[("sharing.sdks", true)]).send().await;
    assert!(!granted(&tried.consents(&theirs).await, "sharing.sdks"));
    assert!(tried.history(&theirs).await.events.is_empty());
    tried.set(&theirs, &[("cookies.statistics", true)]).send().await;
    let events = tried.history(&theirs).await.events;
    assert_eq!(
        events[0].sequence, 1,
        "a history doesn't tell how many others there are"
    );
}

#[tokio::test]
async fn not_even_sql_changes_the_history() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let token = &session.access_token;
    tried.set(token, &[("sharing.sdks", true)]).send().await;
    let before = tried.history(token).await;
    let mut sql = tried.sql().await;
    let line = format!(
        "INTO consent_events VALUES ('{}', 1, 'sharing.sdks', FALSE, 0, 0, NULL, 'operator')",
        session.account.id
    );
    for statement in [
        "UPDATE consent_events SET granted = FALSE".to_owned(),
        "UPDATE OR REPLACE consent_events SET sequence = 7".to_owned(),
        "DELETE FROM consent_events".to_owned(),
        "DELETE FROM accounts".to_owned(),
        format!("INSERT {line}"),
        format!("INSERT OR REPLACE {line}"),
        format!("REPLACE {line}"),
        format!("INSERT {}", line.replace(", 1, ", ", 3, ")),
    ] {
        let error = sqlx::query(sqlx::AssertSqlSafe(statement.clone()))
            .execute(&mut sql)
            .await
            .expect_err(&statement)
            .to_string();
        let said = ["append-only", "FOREIGN KEY"]
            .iter()
            .any(|word| error.contains(word));
        assert!(said, "{statement}: {error}");
    }
    assert_eq!(tried.history(token).await, before);
}

#[tokio::test]
async fn a_change_of_the_wrong_shape_is_refused_without_repeating_it() {
    let tried = a_service().await;
    let token = tried.a_session(MEI).await.access_token;
    for body in [
        r#"{"changes":[{"id":"sharing.sdks","granted":"mei.lin@example.org","decided_at":"2026-01-01T00:00:00Z"}]}"#,
        r#"{"changes":[{"id":"sharing.sdks","granted":true}]}"#,
        r#"{"changes":[],"mei.lin@example.org":1}"#,
        "{",
        "",
    ] {
        let call = tried
            .call(Method::PUT, paths::CONSENTS)
            .bearer(&token)
            .key(Uuid::new_v4());
        let reply = call.text("application/json", body).send().await;
        let problem = reply.refused(400, Code::Malformed);
        assert!(!format!("{problem:?}").contains("mei"), "{problem:?}");
    }
}
