//! A person's way through the service, in process and through a port.

use http::{Method, StatusCode};
use settings_privacy_api::{
    Code, Consents, DevicePermission, DevicePermissions, DevicePermissionsUpdate, Health,
    PermissionCatalogue, PermissionState, Profile, Session, Via, paths,
};
use settings_privacy_service::SAMPLE_IDENTIFIER;
use uuid::Uuid;

use crate::support::*;

async fn sign_in_look_around_change_something_and_sign_out(tried: &Tried) {
    let health: Health = tried
        .call(Method::GET, paths::HEALTHZ)
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(health.status, "ok");
    let reply = tried.call(Method::GET, paths::PERMISSION_CATALOGUE).send().await;
    let catalogue: PermissionCatalogue = reply.expect(StatusCode::OK);
    assert!(catalogue.permissions.iter().any(|entry| entry.id == "camera"));
    assert!(reply.header("cache-control").unwrap().contains("max-age"));

    let device = Uuid::new_v4();
    let session = tried.a_session_on(MEI, device).await;
    assert_eq!(session.account.identifier, MEI);
    assert_eq!(session.account.display_name, "mei.lin");
    let token = &session.access_token;
    let reply = tried.get(paths::PROFILE, token).send().await;
    let profile: Profile = reply.expect(StatusCode::OK);
    assert_eq!((profile.account.sample, profile.created_at), (false, tried.now()));
    assert_eq!(reply.header("cache-control"), Some("no-store"));

    let before = tried.consents(token).await;
    let on: Vec<&str> = before
        .consents
        .iter()
        .filter(|state| state.granted)
        .map(|state| state.id.as_str())
        .collect();
    assert_eq!(on, ["cookies.security"], "nothing is given until somebody agrees");
    let after: Consents = tried
        .set(token, &[("marketing.news.email", true)])
        .send()
        .await
        .expect(StatusCode::OK);
    assert!(granted(&after, "marketing.news.email"));
    assert_eq!(tried.consents(token).await, after);
    let events = tried.history(token).await.events;
    assert_eq!(events.len(), 1);
    assert_eq!(
        (events[0].device, events[0].via, events[0].sequence),
        (Some(device), Via::Client, 1)
    );

    let path = paths::DEVICE_PERMISSIONS.replace("{id}", &device.to_string());
    let camera = DevicePermission {
        state: PermissionState::Denied,
        observed_at: tried.now(),
    };
    let update = DevicePermissionsUpdate {
        permissions: [("camera".to_owned(), camera)].into(),
    };
    let put = tried
        .call(Method::PUT, &path)
        .bearer(token)
        .key(Uuid::new_v4())
        .json(&update);
    let reported: DevicePermissions = put.send().await.expect(StatusCode::OK);
    assert_eq!(
        (reported.name.as_str(), &reported.permissions),
        ("Desk", &update.permissions)
    );

    let next: Session = tried
        .refresh(&session.refresh_token)
        .send()
        .await
        .expect(StatusCode::OK);
    let token = &next.access_token;
    let sign_out = tried.call(Method::DELETE, paths::SESSIONS_CURRENT);
    let reply = sign_out.bearer(token).key(Uuid::new_v4()).send().await;
    assert_eq!((reply.status, reply.body.len()), (StatusCode::NO_CONTENT, 0));
    let reply = tried.get(paths::PROFILE, token).send().await;
    reply.refused(401, Code::Unauthenticated);
    assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
}

#[tokio::test]
async fn a_person_goes_all_the_way_in_process_without_a_port() {
    sign_in_look_around_change_something_and_sign_out(&a_service().await).await;
}

#[tokio::test]
async fn a_person_goes_all_the_way_through_a_real_port() {
    sign_in_look_around_change_something_and_sign_out(&a_service().await.over_tcp().await).await;
}

#[tokio::test]
async fn a_restart_keeps_everything() {
    let tried = a_service().await;
    let device = Uuid::new_v4();
    let session = tried.a_session_on(MEI, device).await;
    let token = &session.access_token;
    let (key, on) = (Uuid::new_v4(), [("marketing.news.email", true)]);
    let first = tried.set(token, &on).key(key).send().await;
    let (consents, history) = (tried.consents(token).await, tried.history(token).await);
    let pending = tried.a_code(TOM).await;

    let tried = tried.restarted().await;
    assert_eq!(tried.consents(token).await, consents);
    assert_eq!(tried.history(token).await, history);
    let again = tried.set(token, &on).key(key).send().await;
    assert!(again.is_replayed());
    assert_eq!(again.body, first.body);
    let refreshed = tried.refresh(&session.refresh_token).send().await;
    let _: Session = refreshed.expect(StatusCode::OK);
    let reply = tried.sign_in(TOM, &pending, device).send().await;
    let tom: Session = reply.expect(StatusCode::CREATED);
    assert_ne!(tom.account.id, session.account.id, "one computer, two people");
}

#[tokio::test]
async fn the_sample_account_is_labelled_has_something_to_switch_off_and_stays_as_it_was_left() {
    let tried = a_service_with(|config| config.sample = true).await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let token = &session.access_token;
    assert!(session.account.sample);
    assert_eq!(session.account.display_name, "Sample account");
    assert_eq!(
        session.account.id.to_string(),
        "e3a580f6-78b6-55ca-9198-e810af7706fd"
    );
    let consents = tried.consents(token).await;
    assert!(granted(&consents, "marketing.news.email"));
    assert!(
        !granted(&consents, "marketing.partners.email"),
        "taken back in February"
    );
    let history = tried.history(token).await;
    assert_eq!(history.events.len(), 9);
    assert!(history.events.iter().all(|event| event.via == Via::Sample));

    let off = tried.set(token, &[("marketing.news.email", false)]).send().await;
    let left: Consents = off.expect(StatusCode::OK);
    let folder = tried.folder.path().to_owned();
    let mut config = a_config(&folder, &tried.clock);
    config.sample = true;
    let again = settings_privacy_service::Service::open(config).await.unwrap();
    let tried = Tried {
        way: Way::InProcess(again.router()),
        service: again,
        ..tried
    };
    assert_eq!(tried.consents(token).await, left);
    assert_eq!(tried.history(token).await.events.len(), 10);
}

#[tokio::test]
async fn without_being_asked_for_there_is_no_sample_account() {
    let tried = a_service().await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    assert!(!session.account.sample);
    assert!(tried.history(&session.access_token).await.events.is_empty());
}
