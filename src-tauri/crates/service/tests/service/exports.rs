//! Copies: asked for, made, looked at, taken back, limited.

use http::{Method, StatusCode};
use jiff::SignedDuration;
use settings_privacy_api::{Code, Export, ExportFailureCode, ExportStatus, Exports, Inventory, paths};
use settings_privacy_service::SAMPLE_IDENTIFIER;
use uuid::Uuid;

use crate::archives::Opened;
use crate::support::*;

#[tokio::test]
async fn the_inventory_lists_every_category_with_what_is_held_of_it() {
    let tried = a_sample().await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let reply = tried.get(paths::INVENTORY, &session.access_token).send().await;
    let inventory: Inventory = reply.expect(StatusCode::OK);
    assert!(
        inventory.categories.iter().all(|category| category.items > 0),
        "{inventory:?}"
    );
    let messages = inventory
        .categories
        .iter()
        .find(|category| category.id == "messages")
        .unwrap();
    assert!(messages.items > 1_000 && messages.bytes > 200_000);
    assert!(messages.first_at.unwrap() < messages.last_at.unwrap());

    let session = tried.a_session(MEI).await;
    let reply = tried.get(paths::INVENTORY, &session.access_token).send().await;
    let inventory: Inventory = reply.expect(StatusCode::OK);
    let held: Vec<&str> = inventory
        .categories
        .iter()
        .filter(|category| category.items > 0)
        .map(|category| category.id.as_str())
        .collect();
    assert_eq!(
        held,
        ["account", "profile", "devices"],
        "nothing of anybody else's"
    );
}

#[tokio::test]
async fn a_copy_is_made_of_what_was_asked_for_and_is_the_same_in_process_and_through_a_port() {
    for tried in [a_sample().await, a_sample().await.over_tcp().await] {
        let session = tried.a_session(SAMPLE_IDENTIFIER).await;
        let token = &session.access_token;
        let body = tried
            .export_request(&session, &["calendar", "messages"], "eea")
            .await;
        let reply = tried.ask_for_export(token, &body).send().await;
        let asked: Export = reply.expect(StatusCode::ACCEPTED);
        let location = paths::EXPORT.replace("{id}", &asked.id.to_string());
        assert_eq!(reply.header("location"), Some(location.as_str()));
        let export = tried.finished(token, asked.id).await;
        assert_eq!((export.status, export.left_out), (ExportStatus::Fulfilled, 0));
        let categories: Vec<&str> = export
            .categories
            .iter()
            .map(|category| category.id.as_str())
            .collect();
        assert_eq!(categories, ["messages", "calendar"], "in the inventory's order");
        for category in &export.categories {
            assert!(
                category.items_total > 0 && category.bytes_total > 0,
                "{category:?}"
            );
            assert_eq!(category.items_done, category.items_total);
            assert_eq!(category.bytes_done, category.bytes_total);
        }
        let opened = Opened::read(&tried.archive(token, export.id).await);
        assert!(opened.has("data/calendar/calendar.ics") && !opened.has("data/contacts/contacts.vcf"));
        let reply = tried.get(paths::EXPORTS, token).send().await;
        let listed: Exports = reply.expect(StatusCode::OK);
        assert_eq!(listed.exports, [export]);
    }
}

#[tokio::test]
async fn a_copy_needs_a_code_for_just_that() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let token = &session.access_token;
    let mut body = tried.export_request(&session, &["profile"], "eea").await;
    let right = body.code.clone();
    tried.later(minutes(2));
    body.code = settings_privacy_api::Token::new(tried.a_code(MEI).await);
    let key = Uuid::new_v4();
    let reply = tried.ask_for_export(token, &body).key(key).send().await;
    let problem = reply.refused(422, Code::CodeWrong);
    assert_eq!(
        problem.attempts_left,
        Some(4),
        "a code for signing in is a wrong one"
    );
    let again = tried.ask_for_export(token, &body).key(key).send().await;
    assert!(again.is_replayed());
    assert_eq!(
        again.problem().attempts_left,
        Some(4),
        "repeating uses up nothing"
    );

    body.code = right;
    let reply = tried.ask_for_export(token, &body).send().await;
    let export: Export = reply.expect(StatusCode::ACCEPTED);
    tried.finished(token, export.id).await;
    let reply = tried.ask_for_export(token, &body).send().await;
    reply.refused(422, Code::CodeExpired);
    let reply = tried
        .sign_in(MEI, body.code.expose(), Uuid::new_v4())
        .send()
        .await;
    assert!(reply.status.is_client_error(), "nor does it sign anybody in");
}

#[tokio::test]
async fn a_step_up_code_needs_a_session_goes_to_the_accounts_address_and_says_what_it_is_for() {
    let tried = a_service().await;
    let reply = tried
        .call(Method::POST, paths::STEP_UP_CODES)
        .key(Uuid::new_v4())
        .text("application/json", r#"{"purpose":"export"}"#)
        .send()
        .await;
    reply.refused(401, Code::Unauthenticated);
    let session = tried.a_session(MEI).await;
    tried.a_step_up_code(&session).await;
    let reply = tried.ask_for_step_up_code(&session).send().await;
    reply.refused(429, Code::TooManyRequests);
    let mail = tried.folder.path().join("mail");
    let letters = std::fs::read_dir(mail)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let letters: Vec<String> = letters
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let about = letters
        .iter()
        .find(|letter| letter.contains("a copy of your data"))
        .unwrap();
    assert!(about.contains("To: mei.lin@example.org"));
    assert_eq!(letters.len(), 2);
}

#[tokio::test]
async fn a_request_that_cannot_be_granted_uses_up_no_code_and_begins_nothing() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let token = &session.access_token;
    let good = tried.export_request(&session, &["profile"], "california").await;
    let refused = async |change: &dyn Fn(&mut settings_privacy_api::ExportRequest), status, code| {
        let mut body = good.clone();
        change(&mut body);
        let reply = tried.ask_for_export(token, &body).send().await;
        let problem = reply.refused(status, code);
        assert!(
            !format!("{problem:?}").contains("made-up"),
            "what was sent isn't repeated"
        );
    };
    refused(
        &|body| body.categories = vec!["made-up".into()],
        422,
        Code::CategoryUnknown,
    )
    .await;
    refused(&|body| body.categories.clear(), 422, Code::CategoryUnknown).await;
    refused(&|body| body.regime = "made-up".into(), 422, Code::RegimeUnknown).await;
    let period = |from: &str, to: &str| {
        Some(settings_privacy_api::ExportPeriod {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
        })
    };
    let empty = period("2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z");
    refused(&|body| body.period = empty, 422, Code::PeriodNotCovered).await;
    let early = period("2025-05-01T00:00:00Z", "2026-05-01T00:00:00Z");
    refused(&|body| body.period = early, 422, Code::PeriodNotCovered).await;
    let listed: Exports = tried
        .get(paths::EXPORTS, token)
        .send()
        .await
        .expect(StatusCode::OK);
    assert!(listed.exports.is_empty());
    let reply = tried.ask_for_export(token, &good).send().await;
    let export: Export = reply.expect(StatusCode::ACCEPTED);
    let period = export.period.unwrap();
    assert_eq!(
        period.from.to_string(),
        "2025-11-23T12:00:00Z",
        "the last twelve months"
    );
    assert_eq!(period.to, tried.now());
}

#[tokio::test]
async fn california_gives_two_copies_in_twelve_months_and_says_exactly_when_the_next_may_be_asked_for() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let first = tried.a_copy(&session, &["profile"], "california").await;
    assert_eq!(first.next_allowed_at, None);
    tried.later(minutes(5));
    let second = tried.a_copy(&session, &["profile"], "california").await;
    let next: jiff::Timestamp = "2027-11-23T12:00:00Z".parse().unwrap();
    assert_eq!(second.next_allowed_at, Some(next));
    tried.later(minutes(5));
    let mut body = tried.export_request(&session, &["profile"], "california").await;
    let reply = tried.ask_for_export(&session.access_token, &body).send().await;
    let problem = reply.refused(429, Code::ExportLimitReached);
    assert_eq!(problem.next_allowed_at, Some(next));
    assert!(problem.detail.unwrap().contains("23 November 2027, 12:00 UTC"));
    body.regime = "eea".into();
    let reply = tried.ask_for_export(&session.access_token, &body).send().await;
    let other: Export = reply.expect(StatusCode::ACCEPTED);
    tried.finished(&session.access_token, other.id).await;

    // The first has run out by then; the second hasn't.
    tried.later(next.duration_since(tried.now()));
    let session = tried.a_session(MEI).await;
    tried.a_copy(&session, &["profile"], "california").await;
}

#[tokio::test]
async fn a_copy_that_was_taken_back_before_it_was_ready_is_not_made_and_does_not_count() {
    let tried = a_service().await;
    for _ in 0..3 {
        tried.later(minutes(5));
        let session = tried.a_session(MEI).await;
        // Somebody else has the only right to make copies, so that this one stays where it is.
        let _somebody_else = tried.hold_runner_lock();
        let body = tried.export_request(&session, &["profile"], "california").await;
        let reply = tried.ask_for_export(&session.access_token, &body).send().await;
        let export: Export = reply.expect(StatusCode::ACCEPTED);
        let reply = tried.ask_for_export(&session.access_token, &body).send().await;
        reply.refused(409, Code::ExportInProgress);
        let key = Uuid::new_v4();
        let reply = tried
            .revoke(&session.access_token, export.id)
            .key(key)
            .send()
            .await;
        let revoked: Export = reply.expect(StatusCode::OK);
        assert_eq!(revoked.status, ExportStatus::Revoked);
        let again = tried
            .revoke(&session.access_token, export.id)
            .key(key)
            .send()
            .await;
        assert!(again.is_replayed());
    }
    tried.later(minutes(5));
    let session = tried.a_session(MEI).await;
    let copy = tried.a_copy(&session, &["profile"], "california").await;
    let reply = tried.revoke(&session.access_token, copy.id).send().await;
    let revoked: Export = reply.expect(StatusCode::OK);
    assert_eq!((revoked.status, revoked.archive), (ExportStatus::Revoked, None));
    let path = paths::EXPORT_ARCHIVE.replace("{id}", &copy.id.to_string());
    let reply = tried.get(&path, &session.access_token).send().await;
    reply.refused(410, Code::ExportRevoked);
    assert!(tried.archives_on_disk().is_empty());
}

#[tokio::test]
async fn a_copy_that_was_waiting_or_half_made_when_the_service_stopped_is_made_when_it_starts() {
    let tried = a_sample().await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let token = session.access_token.clone();
    let all = all_categories();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let body = tried.export_request(&session, &all, "eea").await;
    let somebody_else = tried.hold_runner_lock();
    let reply = tried.ask_for_export(&token, &body).send().await;
    let export: Export = reply.expect(StatusCode::ACCEPTED);
    // What a power cut leaves behind.
    let tried = tried.restarted_with(|folder| {
        drop(somebody_else);
        let part = folder.join(format!("exports/{}.part", export.id));
        std::fs::write(part, "half an archive").unwrap();
        std::fs::write(
            folder.join(format!("exports/{}.part", Uuid::new_v4())),
            "nobody's",
        )
        .unwrap();
    });
    let tried = tried.await;
    let ready = tried.finished(&token, export.id).await;
    assert_eq!(ready.status, ExportStatus::Fulfilled);
    Opened::read(&tried.archive(&token, export.id).await);
    let left = tried.archives_on_disk();
    assert_eq!(left, [format!("{}.zip", export.id)], "nothing else stays");
}

#[tokio::test]
async fn what_cannot_be_read_is_left_out_and_named_and_the_rest_is_there() {
    let tried = a_sample().await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let objects = tried
        .folder
        .path()
        .join("objects")
        .join(session.account.id.to_string());
    std::fs::remove_file(objects.join("drive/1")).unwrap();
    std::fs::write(objects.join("drive/2"), "cut off").unwrap();
    let third = objects.join("drive/24");
    let mut bytes = std::fs::read(&third).unwrap();
    bytes[0] ^= 1;
    std::fs::write(&third, bytes).unwrap();
    sqlx::query("UPDATE items SET says = '{\"kind\":' WHERE category = 'drive' AND id = '00007'")
        .execute(&mut tried.sql().await)
        .await
        .unwrap();
    let copy = tried.a_copy(&session, &["drive"], "eea").await;
    assert_eq!((copy.status, copy.left_out), (ExportStatus::Fulfilled, 4));
    assert_eq!(copy.categories[0].items_done, copy.categories[0].items_total);
    let opened = Opened::read(&tried.archive(&session.access_token, copy.id).await);
    let report = opened.json("data/report.json");
    let left_out: Vec<&str> = report["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["item"].as_str().unwrap())
        .collect();
    assert_eq!(
        left_out,
        ["00001, file 1", "00002, file 2", "00024, file 24", "00007"]
    );
    assert_eq!(report["categories"][0]["items"], 23);
    for record in opened.records("drive") {
        let files = record["files"].as_array().map_or(0, Vec::len);
        let is_left_out = ["00001", "00002", "00024"].contains(&record["id"].as_str().unwrap());
        assert_eq!(files, usize::from(!is_left_out), "{record}");
    }
}

#[tokio::test]
async fn a_copy_that_cannot_be_written_says_so_and_can_be_tried_again() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let token = &session.access_token;
    let exports = tried.folder.path().join("exports");
    let body = tried.export_request(&session, &["profile"], "california").await;
    let somebody_else = tried.hold_runner_lock();
    let reply = tried.ask_for_export(token, &body).send().await;
    let export: Export = reply.expect(StatusCode::ACCEPTED);
    // A folder where the file should be can't be written by anybody, root included.
    let blocked = exports.join(format!("{}.part", export.id));
    std::fs::create_dir(&blocked).unwrap();
    drop(somebody_else);
    let failed = tried.finished(token, export.id).await;
    assert_eq!(failed.status, ExportStatus::Failed);
    let failure = failed.failure.unwrap();
    assert_eq!(
        (failure.code, failure.retryable),
        (ExportFailureCode::Storage, true)
    );
    std::fs::remove_dir(&blocked).unwrap();
    let reply = tried.retry(token, export.id).send().await;
    let again: Export = reply.expect(StatusCode::ACCEPTED);
    assert_eq!(again.id, export.id);
    let ready = tried.finished(token, export.id).await;
    assert_eq!((ready.status, ready.failure), (ExportStatus::Fulfilled, None));
    let reply = tried.retry(token, export.id).send().await;
    reply.refused(409, Code::ExportNotFailed);
}

#[tokio::test]
async fn an_archive_is_removed_when_its_time_has_come() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let copy = tried.a_copy(&session, &["profile"], "eea").await;
    let archive = copy.archive.unwrap();
    assert_eq!(
        archive.expires_at,
        archive.ready_at + SignedDuration::from_hours(7 * 24)
    );
    tried.later(SignedDuration::from_hours(7 * 24));
    let session = tried.a_session(MEI).await;
    let path = paths::EXPORT_ARCHIVE.replace("{id}", &copy.id.to_string());
    let reply = tried.get(&path, &session.access_token).send().await;
    reply.refused(410, Code::ExportExpired);
    let expired = tried.finished(&session.access_token, copy.id).await;
    assert_eq!(expired.status, ExportStatus::Expired);
    // Whoever starts sweeps in the background; closing waits for that.
    let tried = tried.restarted().await;
    tried.service.clone().close().await;
    assert!(tried.archives_on_disk().is_empty());
}

#[tokio::test]
async fn nobody_sees_or_touches_another_persons_copy() {
    let tried = a_service().await;
    let mei = tried.a_session(MEI).await;
    let copy = tried.a_copy(&mei, &["profile"], "eea").await;
    let tom = tried.a_session(TOM).await;
    let token = &tom.access_token;
    let path = paths::EXPORT.replace("{id}", &copy.id.to_string());
    tried.get(&path, token).send().await.refused(404, Code::NotFound);
    let archive = paths::EXPORT_ARCHIVE.replace("{id}", &copy.id.to_string());
    tried
        .get(&archive, token)
        .send()
        .await
        .refused(404, Code::NotFound);
    tried
        .revoke(token, copy.id)
        .send()
        .await
        .refused(404, Code::NotFound);
    tried
        .retry(token, copy.id)
        .send()
        .await
        .refused(404, Code::NotFound);
    let listed: Exports = tried
        .get(paths::EXPORTS, token)
        .send()
        .await
        .expect(StatusCode::OK);
    assert!(listed.exports.is_empty());
}

#[tokio::test]
async fn a_repeated_request_makes_one_copy() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let token = &session.access_token;
    let (key, body) = (
        Uuid::new_v4(),
        tried.export_request(&session, &["profile"], "eea").await,
    );
    let first = tried.ask_for_export(token, &body).key(key).send().await;
    let again = tried.ask_for_export(token, &body).key(key).send().await;
    assert!(again.is_replayed());
    assert_eq!(
        (&again.body, again.header("location")),
        (&first.body, first.header("location"))
    );
    let listed: Exports = tried
        .get(paths::EXPORTS, token)
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(listed.exports.len(), 1);
}

#[tokio::test]
async fn as_much_as_one_likes_can_be_made_up_and_copied() {
    let tried = a_sample().await;
    let seeded = tried.service.seed(20_000_000).await.unwrap();
    assert!((20_000_000..40_000_000).contains(&seeded.bytes), "{seeded:?}");
    assert_eq!(
        tried.service.seed(1_000_000).await.unwrap(),
        seeded,
        "what is there is enough"
    );
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let copy = tried.a_copy(&session, &["messages", "calls"], "eea").await;
    assert_eq!((copy.status, copy.left_out), (ExportStatus::Fulfilled, 0));
    assert!(copy.archive.unwrap().bytes > 18_000_000);
    Opened::read(&tried.archive(&session.access_token, copy.id).await);
}
