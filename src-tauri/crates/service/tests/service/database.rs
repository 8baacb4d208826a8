//! The database: what is in it, and when it isn't to be had.

use std::time::Duration;

use http::StatusCode;
use settings_privacy_api::{Code, Consents, Session};
use settings_privacy_service::{OpenError, Service};
use uuid::Uuid;

use crate::support::*;

/// Everything the service has on the disk, except the letters and its key.
fn on_the_disk(tried: &Tried) -> Vec<u8> {
    let path = tried.database_path();
    let files = ["", "-wal", "-shm"].map(|suffix| {
        let mut name = path.clone().into_os_string();
        name.push(suffix);
        std::fs::read(name).unwrap_or_default()
    });
    files.concat()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn no_code_and_no_token_is_on_the_disk_and_no_address_that_has_no_account() {
    let tried = a_service().await;
    let unused = tried.a_code(TOM).await;
    let code = tried.a_code(MEI).await;
    let bytes = on_the_disk(&tried);
    assert!(!holds(&bytes, MEI) && !holds(&bytes, TOM));
    let (key, device) = (Uuid::new_v4(), Uuid::new_v4());
    let reply = tried.sign_in(MEI, &code, device).key(key).send().await;
    let session: Session = reply.expect(StatusCode::CREATED);
    let reply = tried.refresh(&session.refresh_token).send().await;
    let next: Session = reply.expect(StatusCode::OK);
    tried.sign_in(TOM, "nonsense", device).send().await;

    let bytes = on_the_disk(&tried);
    assert!(holds(&bytes, MEI), "the scan finds what is there");
    assert!(holds(&bytes, &key.to_string()));
    for secret in [
        &unused,
        &code,
        session.access_token.expose(),
        session.refresh_token.expose(),
        next.access_token.expose(),
        next.refresh_token.expose(),
        TOM,
        "nonsense",
    ] {
        assert!(!holds(&bytes, secret), "{secret}");
    }
}

#[tokio::test]
async fn a_database_somebody_else_is_writing_is_unavailable_and_then_the_same_request_is_made_once() {
    let tried = a_service_with(|config| config.lock_wait = Duration::ZERO).await;
    let token = tried.a_session(MEI).await.access_token;
    let mut other = tried.sql().await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let (key, on) = (Uuid::new_v4(), [("marketing.news.email", true)]);
    let busy = tried.set(&token, &on).key(key).send().await;
    busy.refused(503, Code::Unavailable);
    let _ = tried.consents(&token).await;
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    let reply = tried.set(&token, &on).key(key).send().await;
    let _: Consents = reply.expect(StatusCode::OK);
    assert!(!reply.is_replayed());
    assert_eq!(tried.history(&token).await.events.len(), 1);
}

#[tokio::test]
async fn a_damaged_database_is_reported_and_left_as_it_is() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), a_clock());
    let path = folder.path().join("service.sqlite");
    let text = "this is no database, and it is long enough to be taken for one ".repeat(20);
    std::fs::write(&path, &text).unwrap();
    let error = Service::open(a_config(folder.path(), &clock))
        .await
        .err()
        .unwrap();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_reported_and_left_as_it_is() {
    let tried = a_service().await;
    let mut sql = tried.sql().await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'later', TRUE, x'00', 0)",
    )
    .execute(&mut sql)
    .await
    .unwrap();
    tried.service.close().await;
    let error = Service::open(a_config(tried.folder.path(), &tried.clock))
        .await
        .err()
        .unwrap();
    assert!(matches!(error, OpenError::Newer { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn programs_that_open_a_new_folder_at_once_share_one_service() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), a_clock());
    let open = || {
        let mut config = a_config(folder.path(), &clock);
        config.sample = true;
        tokio::spawn(Service::open(config))
    };
    let (one, other, third) = tokio::join!(open(), open(), open());
    let services = [one, other, third].map(|opened| opened.unwrap().unwrap());
    let [way, elsewhere, _] = services
        .each_ref()
        .map(|service| Way::InProcess(service.router()));
    let [service, ..] = services;
    let tried = Tried {
        folder,
        clock,
        service,
        way,
    };
    let session = tried.a_session(MEI).await;
    let tried = Tried {
        way: elsewhere,
        ..tried
    };
    assert!(!granted(
        &tried.consents(&session.access_token).await,
        "sharing.sdks"
    ));
}
