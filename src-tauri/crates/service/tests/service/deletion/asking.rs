//! Looking what it would mean, asking for it, taking it back.

use http::{Method, StatusCode};
use jiff::SignedDuration;
use settings_privacy_api::{
    Code, Deletion, DeletionBlockerCode, DeletionStatus, Fate, Organizations, StepUpPurpose, Token,
    TransferRequest, paths,
};
use settings_privacy_service::SAMPLE_IDENTIFIER;
use uuid::Uuid;

use super::*;

#[tokio::test]
async fn the_preflight_says_what_stands_in_the_way_what_goes_and_what_stays() {
    let tried = a_sample().await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let token = &session.access_token;
    let shown = preflight(&tried, token).await;
    assert_eq!(shown.blockers.len(), 1);
    assert_eq!(
        shown.blockers[0].code,
        DeletionBlockerCode::AdministersOrganization
    );
    assert_eq!(shown.blockers[0].organization, Some(shown.organizations[0].id));
    assert_eq!((shown.organizations.len(), shown.authorizations.len()), (3, 6));
    assert_eq!((shown.last_export_at, shown.running_exports.len()), (None, 0));
    let named: Vec<String> = shown
        .categories
        .iter()
        .map(|category| category.id.clone())
        .collect();
    assert_eq!(named, all_categories());
    for category in &shown.categories {
        assert!(category.items > 0, "{category:?}");
        assert_eq!(
            category.fate == Fate::Deleted,
            category.criterion.is_none(),
            "{category:?}"
        );
    }
    assert!(!shown.kept.is_empty());
    assert_eq!(shown.cooling_off_seconds, 30 * 24 * 3600);

    tried.a_copy(&session, &["profile"], "eea").await;
    let later = preflight(&tried, token).await;
    assert_eq!(later.last_export_at, Some(tried.now()));
    assert_eq!(later.version, shown.version, "nobody decides on counts");
}

#[tokio::test]
async fn whoever_runs_an_organization_alone_hands_it_over_first() {
    let tried = a_sample().await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let body = a_request(&tried, &session).await;
    ask(&tried, &session, &body)
        .send()
        .await
        .refused(409, Code::DeletionBlocked);
    let shown = preflight(&tried, &session.access_token).await;
    let path = paths::ORGANIZATION_TRANSFER.replace("{id}", &shown.organizations[0].id.to_string());
    let to = TransferRequest {
        member: shown.organizations[0].members[0].id,
    };
    let call = tried.call(Method::POST, &path).bearer(&session.access_token);
    let _: Organizations = call
        .key(Uuid::new_v4())
        .json(&to)
        .send()
        .await
        .expect(StatusCode::OK);
    // The same code: nothing was used up.
    let body = settings_privacy_api::DeletionRequest {
        preflight: preflight(&tried, &session.access_token).await.version,
        ..body
    };
    let deletion: Deletion = ask(&tried, &session, &body)
        .send()
        .await
        .expect(StatusCode::ACCEPTED);
    assert_eq!(
        deletion.final_at,
        Some(tried.now() + SignedDuration::from_hours(30 * 24))
    );
}

#[tokio::test]
async fn an_organization_that_appeared_meanwhile_is_shown_before_anything_is_begun() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let body = a_request(&tried, &session).await;
    let mut sql = tried.sql().await;
    for statement in [
        "INSERT INTO organizations (id, name) VALUES ('5f8f2bb0-6c3e-4f0e-9d0a-3d1f3c1f0a01', 'New')"
            .to_owned(),
        format!(
            "INSERT INTO organization_members (organization_id, id, account_id, name, role, joined_at) VALUES \
             ('5f8f2bb0-6c3e-4f0e-9d0a-3d1f3c1f0a01', '5f8f2bb0-6c3e-4f0e-9d0a-3d1f3c1f0a02', '{}', 'Mei', 'member', 0)",
            session.account.id
        ),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .execute(&mut sql)
            .await
            .unwrap();
    }
    ask(&tried, &session, &body)
        .send()
        .await
        .refused(409, Code::DeletionPreflightStale);
    assert_eq!(
        look(&tried, &session.access_token).await.status,
        DeletionStatus::None
    );
    let body = settings_privacy_api::DeletionRequest {
        preflight: preflight(&tried, &session.access_token).await.version,
        ..body
    };
    let _: Deletion = ask(&tried, &session, &body)
        .send()
        .await
        .expect(StatusCode::ACCEPTED);
}

#[tokio::test]
async fn it_needs_a_code_for_just_that_and_a_wrong_one_begins_nothing() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let mut body = a_request(&tried, &session).await;
    let right = body.code.clone();
    body.code = tried.a_code_for(&session, StepUpPurpose::Export).await;
    let key = Uuid::new_v4();
    let wrong = ask(&tried, &session, &body).key(key).send().await;
    assert_eq!(wrong.refused(422, Code::CodeWrong).attempts_left, Some(4));
    let again = ask(&tried, &session, &body).key(key).send().await;
    assert!(again.is_replayed());
    assert_eq!(
        again.problem().attempts_left,
        Some(4),
        "repeating uses up nothing"
    );
    body.code = right;
    tried.later(minutes(11));
    let session = tried.a_session(MEI).await;
    ask(&tried, &session, &body)
        .send()
        .await
        .refused(422, Code::CodeExpired);
    assert_eq!(
        look(&tried, &session.access_token).await.status,
        DeletionStatus::None
    );
    let reply = tried
        .call(Method::GET, paths::DELETION)
        .bearer(&Token::new("made-up"))
        .send()
        .await;
    reply.refused(401, Code::Unauthenticated);
    let reply = tried
        .get(paths::DELETION_RECEIPT, &session.access_token)
        .send()
        .await;
    reply.refused(404, Code::DeletionNotRequested);
    cancel(&tried, &session.access_token)
        .send()
        .await
        .refused(404, Code::DeletionNotRequested);
}

#[tokio::test]
async fn asked_for_twice_it_is_the_same_one_on_every_device_and_any_of_them_keeps_the_account() {
    let tried = a_service().await.over_tcp().await;
    let session = tried.a_session(MEI).await;
    let body = a_request(&tried, &session).await;
    let key = Uuid::new_v4();
    let first: Deletion = ask(&tried, &session, &body)
        .key(key)
        .send()
        .await
        .expect(StatusCode::ACCEPTED);
    tried.later(minutes(3));
    let repeated = ask(&tried, &session, &body).key(key).send().await;
    assert!(repeated.is_replayed());
    let repeated: Deletion = repeated.expect(StatusCode::ACCEPTED);
    assert_eq!(
        (repeated.id, repeated.final_at, repeated.now),
        (first.id, first.final_at, tried.now())
    );

    let elsewhere = tried.a_session(MEI).await;
    let seen = look(&tried, &elsewhere.access_token).await;
    assert_eq!(
        (seen.status, seen.id, seen.final_at),
        (DeletionStatus::CoolingOff, first.id, first.final_at)
    );
    let body = a_request(&tried, &elsewhere).await;
    let asked: Deletion = ask(&tried, &elsewhere, &body)
        .send()
        .await
        .expect(StatusCode::ACCEPTED);
    assert_eq!((asked.id, asked.final_at), (first.id, first.final_at));
    let token = |deletion: &Deletion| deletion.deletion_token.as_ref().unwrap().expose().to_owned();
    assert!(
        [&repeated, &seen, &asked]
            .iter()
            .all(|deletion| token(deletion) == token(&first))
    );

    let kept: Deletion = cancel(&tried, &elsewhere.access_token)
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(
        (kept.status, kept.id, kept.ended_at),
        (DeletionStatus::Cancelled, first.id, Some(tried.now()))
    );
    tried.later(SignedDuration::from_hours(24 * 40));
    let session = tried.a_session(MEI).await;
    let later = look(&tried, &session.access_token).await;
    assert_eq!(
        (later.status, later.ended_at),
        (DeletionStatus::Cancelled, kept.ended_at),
        "it stays cancelled"
    );
    assert_eq!(session.account.id, elsewhere.account.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_devices_that_ask_at_the_same_moment_begin_one_end() {
    let tried = a_service().await.over_tcp().await;
    let one = tried.a_session(MEI).await;
    tried.later(minutes(2));
    let other = tried.a_session(MEI).await;
    // The newest code counts, whoever had it sent.
    let body = a_request(&tried, &one).await;
    let (first, second) = tokio::join!(ask(&tried, &one, &body).send(), ask(&tried, &other, &body).send());
    let begun = [&first, &second].map(|reply| reply.status == StatusCode::ACCEPTED);
    assert_eq!(
        begun.iter().filter(|begun| **begun).count(),
        1,
        "{first:?} {second:?}"
    );
    let late = if begun[0] { &second } else { &first };
    assert_eq!(
        late.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the code was used: {late:?}"
    );
    let seen = look(&tried, &one.access_token).await;
    assert_eq!(seen.status, DeletionStatus::CoolingOff);
    assert_eq!(
        look(&tried, &other.access_token).await.id,
        seen.id,
        "both see the same"
    );
    assert_eq!(tried.service.deletions().await.unwrap().len(), 1);
}

#[tokio::test]
async fn taking_one_back_repeatedly_does_not_take_back_the_next() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let (first, old) = asked(&tried, &session).await;
    let key = Uuid::new_v4();
    let _: Deletion = cancel(&tried, &session.access_token)
        .key(key)
        .send()
        .await
        .expect(StatusCode::OK);
    tried.later(minutes(2));
    let (second, _) = asked(&tried, &session).await;
    assert_ne!(second.id, first.id);
    let late = cancel(&tried, &session.access_token).key(key).send().await;
    assert!(late.is_replayed());
    let _: Deletion = cancel(&tried, &old).send().await.expect(StatusCode::OK);
    let now = look(&tried, &session.access_token).await;
    assert_eq!((now.id, now.status), (second.id, DeletionStatus::CoolingOff));
}

#[tokio::test]
async fn the_last_moment_to_keep_the_account_is_the_one_before_the_end() {
    for (late_by, is_kept) in [(-1, true), (0, false)] {
        let tried = a_service_with(|config| {
            config.cooling_off = SignedDuration::from_mins(10);
            config.background = false;
        })
        .await;
        let session = tried.a_session(MEI).await;
        let (_, token) = asked(&tried, &session).await;
        tried.later(minutes(10) + SignedDuration::from_micros(late_by));
        // Nobody has acted on the clock before: the request alone decides.
        let reply = cancel(&tried, &session.access_token).send().await;
        if is_kept {
            let _: Deletion = reply.expect(StatusCode::OK);
            assert_eq!(look(&tried, &token).await.status, DeletionStatus::Cancelled);
            let _: Deletion = cancel(&tried, &token).send().await.expect(StatusCode::OK);
        } else {
            reply.refused(409, Code::DeletionFinal);
            cancel(&tried, &token)
                .send()
                .await
                .refused(409, Code::DeletionFinal);
            assert_eq!(look(&tried, &token).await.status, DeletionStatus::Finalising);
            let reply = tried.get(paths::PROFILE, &session.access_token).send().await;
            reply.refused(401, Code::Unauthenticated);
            let code = tried.a_code(MEI).await;
            let reply = tried.sign_in(MEI, &code, Uuid::new_v4()).send().await;
            reply.refused(409, Code::DeletionFinal);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancellation_that_races_the_end_has_one_outcome() {
    let (mut kept, mut gone) = (0, 0);
    for round in 0..30 {
        let tried = a_service_with(|config| config.cooling_off = SignedDuration::from_mins(10)).await;
        let session = tried.a_session(MEI).await;
        let (_, token) = asked(&tried, &session).await;
        tried.later(minutes(10) - SignedDuration::from_micros(1));
        let clock = tried.clock.clone();
        let moves = tokio::task::spawn_blocking(move || {
            for _ in 0..round * 2_000 {
                std::hint::spin_loop();
            }
            clock.advance(SignedDuration::from_micros(1));
        });
        let call = cancel(
            &tried,
            if round % 2 == 0 {
                &session.access_token
            } else {
                &token
            },
        );
        let (reply, _, _) = tokio::join!(call.send(), moves, look(&tried, &token));
        if reply.status == StatusCode::OK {
            kept += 1;
            assert_eq!(look(&tried, &token).await.status, DeletionStatus::Cancelled);
            let reply = tried.get(paths::PROFILE, &session.access_token).send().await;
            assert_eq!(reply.status, StatusCode::OK);
        } else {
            gone += 1;
            assert!(
                matches!(reply.problem().code, Code::DeletionFinal | Code::Unauthenticated),
                "{reply:?}"
            );
            until(&tried, &token, DeletionStatus::Deleted).await;
            assert_eq!(noted(tried.folder.path()).len(), 1);
        }
    }
    assert_eq!(kept + gone, 30);
}

#[tokio::test]
async fn its_token_is_kept_nowhere_and_opens_nothing_else() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let (_, token) = asked(&tried, &session).await;
    assert_eq!(holding(tried.folder.path(), token.expose()), [""; 0]);
    for path in [
        paths::PROFILE,
        paths::INVENTORY,
        paths::DELETION_PREFLIGHT,
        paths::ORGANIZATIONS,
    ] {
        tried
            .get(path, &token)
            .send()
            .await
            .refused(401, Code::Unauthenticated);
    }
    assert!(look(&tried, &token).await.deletion_token.is_none());
    tried
        .get(paths::DELETION_RECEIPT, &token)
        .send()
        .await
        .refused(409, Code::DeletionNotComplete);
}
