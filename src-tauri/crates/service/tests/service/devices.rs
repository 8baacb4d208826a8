//! What devices reported.

use http::{Method, StatusCode};
use serde_json::json;
use settings_privacy_api::{Code, DevicePermissions, paths};
use uuid::Uuid;

use crate::support::*;

fn path(device: Uuid) -> String {
    paths::DEVICE_PERMISSIONS.replace("{id}", &device.to_string())
}

fn observed(state: &str) -> serde_json::Value {
    json!({"state": state, "observed_at": "2026-11-23T11:59:00Z"})
}

#[tokio::test]
async fn a_report_adds_to_what_was_reported_before() {
    let tried = a_service().await;
    let device = Uuid::new_v4();
    let token = tried.a_session_on(MEI, device).await.access_token;
    let report = |permissions: serde_json::Value| {
        let call = tried
            .call(Method::PUT, &path(device))
            .bearer(&token)
            .key(Uuid::new_v4());
        call.json(&json!({"permissions": permissions})).send()
    };
    report(json!({"camera": observed("denied"), "microphone": observed("allowed")})).await;
    let reply = report(json!({"camera": observed("asks")})).await;
    let held: DevicePermissions = reply.expect(StatusCode::OK);
    let states: Vec<String> = held
        .permissions
        .iter()
        .map(|(id, one)| format!("{id} {:?}", one.state))
        .collect();
    assert_eq!(states, ["camera Asks", "microphone Allowed"]);
    let got = tried.get(&path(device), &token).send().await;
    assert_eq!((got.body.clone(), got.etag()), (reply.body.clone(), reply.etag()));
}

#[tokio::test]
async fn a_report_with_an_unknown_permission_changes_nothing() {
    let tried = a_service().await;
    let device = Uuid::new_v4();
    let token = tried.a_session_on(MEI, device).await.access_token;
    let body = json!({"permissions": {"camera": observed("denied"), "x-ray": observed("denied")}});
    let call = tried
        .call(Method::PUT, &path(device))
        .bearer(&token)
        .key(Uuid::new_v4())
        .json(&body);
    call.send().await.refused(422, Code::PermissionUnknown);
    let held: DevicePermissions = tried
        .get(&path(device), &token)
        .send()
        .await
        .expect(StatusCode::OK);
    assert!(held.permissions.is_empty());
}

#[tokio::test]
async fn a_report_made_for_an_old_state_is_refused() {
    let tried = a_service().await;
    let device = Uuid::new_v4();
    let token = tried.a_session_on(MEI, device).await.access_token;
    let seen = tried.get(&path(device), &token).send().await.etag();
    let report = |state| {
        let call = tried
            .call(Method::PUT, &path(device))
            .bearer(&token)
            .key(Uuid::new_v4());
        let body = json!({"permissions": {"camera": observed(state)}});
        call.json(&body).header("if-match", &seen).send()
    };
    assert_eq!(report("denied").await.status, StatusCode::OK);
    report("allowed").await.refused(412, Code::PreconditionFailed);
}

#[tokio::test]
async fn anothers_device_is_not_found_and_neither_is_one_that_never_signed_in() {
    let tried = a_service().await;
    let theirs = Uuid::new_v4();
    tried.a_session_on(TOM, theirs).await;
    let token = tried.a_session(MEI).await.access_token;
    for id in [theirs.to_string(), Uuid::new_v4().to_string(), "desk".into()] {
        let path = paths::DEVICE_PERMISSIONS.replace("{id}", &id);
        tried.get(&path, &token).send().await.refused(404, Code::NotFound);
        let call = tried.call(Method::PUT, &path).bearer(&token).key(Uuid::new_v4());
        let body = json!({"permissions": {"camera": observed("denied")}});
        call.json(&body).send().await.refused(404, Code::NotFound);
    }
}

#[tokio::test]
async fn a_computer_that_two_people_use_is_two_devices() {
    let tried = a_service().await;
    let device = Uuid::new_v4();
    let mine = tried.a_session_on(MEI, device).await.access_token;
    let theirs = tried.a_session_on(TOM, device).await.access_token;
    let call = tried
        .call(Method::PUT, &path(device))
        .bearer(&mine)
        .key(Uuid::new_v4());
    call.json(&json!({"permissions": {"camera": observed("denied")}}))
        .send()
        .await;
    let held: DevicePermissions = tried
        .get(&path(device), &theirs)
        .send()
        .await
        .expect(StatusCode::OK);
    assert!(held.permissions.is_empty());
}
