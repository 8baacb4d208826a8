//! Organizations and apps: looked at, left, handed over, disbanded, taken back.

use http::{Method, StatusCode};
use settings_privacy_api::{
    Authorizations, Code, EndedBy, Organization, OrganizationRole, Organizations, TransferRequest, paths,
};
use settings_privacy_service::SAMPLE_IDENTIFIER;
use uuid::Uuid;

use crate::support::*;

async fn organizations(tried: &Tried, token: &settings_privacy_api::Token) -> Vec<Organization> {
    let reply = tried.get(paths::ORGANIZATIONS, token).send().await;
    let listed: Organizations = reply.expect(StatusCode::OK);
    listed.organizations
}

fn act(tried: &Tried, token: &settings_privacy_api::Token, path: &str, id: Uuid) -> Call {
    let path = path.replace("{id}", &id.to_string());
    tried.call(Method::POST, &path).bearer(token).key(Uuid::new_v4())
}

#[tokio::test]
async fn what_an_account_runs_is_in_and_was_in_is_told_apart() {
    let tried = a_sample().await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let seen = organizations(&tried, &session.access_token).await;
    let names: Vec<&str> = seen
        .iter()
        .map(|organization| organization.name.as_str())
        .collect();
    assert_eq!(names, ["Allotment 12", "Example Bakery", "Corner Café"]);
    let [runs, is_in, was_in] = &seen[..] else {
        panic!("three of them")
    };
    assert!(runs.sole_administrator && runs.role == OrganizationRole::Administrator);
    assert_eq!((runs.member_count, runs.members.len()), (3, 2));
    assert!(!is_in.sole_administrator && is_in.members.is_empty() && is_in.ended.is_none());
    assert!(is_in.contact.is_some(), "there is somebody to ask");
    let ended = was_in.ended.expect("its administrator ended it");
    assert_eq!((ended.by, was_in.member_count), (EndedBy::Administrator, 0));

    let other = tried.a_session(MEI).await;
    assert_eq!(organizations(&tried, &other.access_token).await, []);
}

#[tokio::test]
async fn a_sole_administrator_hands_over_before_leaving() {
    let tried = a_sample().await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let token = &session.access_token;
    let seen = organizations(&tried, token).await;
    let (id, heir) = (seen[0].id, seen[0].members[0].id);
    let left = act(&tried, token, paths::ORGANIZATION_LEAVE, id).send().await;
    left.refused(409, Code::SoleAdministrator);
    for stranger in [Uuid::new_v4(), seen[1].id] {
        let to = TransferRequest { member: stranger };
        let reply = act(&tried, token, paths::ORGANIZATION_TRANSFER, id)
            .json(&to)
            .send()
            .await;
        reply.refused(422, Code::MemberUnknown);
    }
    assert_eq!(organizations(&tried, token).await, seen, "nothing was changed");

    let to = TransferRequest { member: heir };
    let key = Uuid::new_v4();
    let transfer = || {
        act(&tried, token, paths::ORGANIZATION_TRANSFER, id)
            .key(key)
            .json(&to)
    };
    let reply = transfer().send().await;
    let after: Organizations = reply.expect(StatusCode::OK);
    let handed = after
        .organizations
        .iter()
        .find(|organization| organization.id == id)
        .unwrap();
    assert_eq!(
        (handed.role, handed.sole_administrator),
        (OrganizationRole::Member, false)
    );
    let again = transfer().send().await;
    assert!(again.is_replayed() && again.body == reply.body);
    let reply = act(&tried, token, paths::ORGANIZATION_DISBAND, id).send().await;
    reply.refused(403, Code::NotAdministrator);
    let reply = act(&tried, token, paths::ORGANIZATION_LEAVE, id).send().await;
    let after: Organizations = reply.expect(StatusCode::OK);
    assert!(
        after
            .organizations
            .iter()
            .all(|organization| organization.id != id)
    );
    let reply = act(&tried, token, paths::ORGANIZATION_LEAVE, id).send().await;
    reply.refused(404, Code::NotFound);
}

#[tokio::test]
async fn a_disbanded_organization_is_gone_and_one_that_changed_meanwhile_is_looked_at_again() {
    let tried = a_sample().await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let token = &session.access_token;
    let etag = tried.get(paths::ORGANIZATIONS, token).send().await.etag();
    let seen = organizations(&tried, token).await;
    act(&tried, token, paths::ORGANIZATION_LEAVE, seen[1].id)
        .send()
        .await;
    let disband = || act(&tried, token, paths::ORGANIZATION_DISBAND, seen[0].id);
    let stale = disband().header("if-match", &etag).send().await;
    stale.refused(412, Code::PreconditionFailed);
    let reply = disband().send().await;
    let after: Organizations = reply.expect(StatusCode::OK);
    assert_eq!(after.organizations.len(), 1, "only the one that is over");
    let rows: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM organization_members WHERE organization_id = $1")
            .bind(seen[0].id.to_string())
            .fetch_one(&mut tried.sql().await)
            .await
            .unwrap();
    assert_eq!(rows, 0, "it ended for everybody");
}

#[tokio::test]
async fn what_an_app_is_allowed_is_taken_back_once_and_by_its_owner_only() {
    let tried = a_sample().await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let token = &session.access_token;
    let reply = tried.get(paths::AUTHORIZATIONS, token).send().await;
    let allowed: Authorizations = reply.expect(StatusCode::OK);
    assert_eq!(allowed.authorizations.len(), 6);
    assert!(allowed.authorizations.iter().all(|app| !app.shows.is_empty()));
    let path = paths::AUTHORIZATION.replace("{id}", &allowed.authorizations[0].id.to_string());
    let revoke = |token| {
        tried
            .call(Method::DELETE, &path)
            .bearer(token)
            .key(Uuid::new_v4())
    };
    let stranger = tried.a_session(MEI).await;
    revoke(&stranger.access_token)
        .send()
        .await
        .refused(404, Code::NotFound);
    let reply = revoke(token).send().await;
    let left: Authorizations = reply.expect(StatusCode::OK);
    assert_eq!(left.authorizations, allowed.authorizations[1..]);
    revoke(token).send().await.refused(404, Code::NotFound);
}
