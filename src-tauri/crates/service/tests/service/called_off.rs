//! Copies that end while they are being made. What holds one up there is a pipe in a file's place, so this is Unix's.

use http::StatusCode;
use settings_privacy_api::{Export, ExportStatus, paths};
use settings_privacy_service::SAMPLE_IDENTIFIER;
use uuid::Uuid;

use crate::archives::Opened;
use crate::support::*;

/// A file that can't be opened to the end: a copy that comes to it stays there until it is let go.
pub struct Obstacle {
    place: std::path::PathBuf,
    aside: std::path::PathBuf,
}

impl Obstacle {
    /// In the place of the third file of the drive.
    pub fn put(tried: &Tried, account: Uuid) -> Self {
        let place = tried.folder.path().join(format!("objects/{account}/drive/3"));
        let aside = place.with_extension("aside");
        std::fs::rename(&place, &aside).unwrap();
        let pipe = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &place, pipe, rustix::fs::Mode::RWXU, 0).unwrap();
        Self { place, aside }
    }

    /// Whoever waits for it goes on, as long as this is held.
    pub fn let_go(&self) -> std::fs::File {
        std::fs::File::options()
            .read(true)
            .write(true)
            .open(&self.place)
            .unwrap()
    }

    /// Puts the file back.
    pub fn remove(self) {
        std::fs::rename(self.aside, self.place).unwrap();
    }
}

/// Looks until a copy is being made.
pub async fn under_way(tried: &Tried, token: &settings_privacy_api::Token, id: Uuid) {
    let path = paths::EXPORT.replace("{id}", &id.to_string());
    let part = tried.folder.path().join(format!("exports/{id}.part"));
    loop {
        let export: Export = tried.get(&path, token).send().await.expect(StatusCode::OK);
        if export.status == ExportStatus::InProgress && part.exists() {
            return;
        }
    }
}

#[tokio::test]
async fn a_copy_can_be_called_off_while_it_is_being_made_and_leaves_nothing_behind() {
    let tried = a_sample().await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let token = &session.access_token;
    let obstacle = Obstacle::put(&tried, session.account.id);
    let body = tried.export_request(&session, &["drive"], "eea").await;
    let reply = tried.ask_for_export(token, &body).send().await;
    let export: Export = reply.expect(StatusCode::ACCEPTED);
    under_way(&tried, token, export.id).await;
    let reply = tried.revoke(token, export.id).send().await;
    let revoked: Export = reply.expect(StatusCode::OK);
    assert_eq!(revoked.status, ExportStatus::Revoked);
    let passing = obstacle.let_go();
    tried.service.clone().close().await;
    drop(passing);
    assert!(tried.archives_on_disk().is_empty());
    let tried = tried.restarted().await;
    assert_eq!(
        tried.finished(token, export.id).await.status,
        ExportStatus::Revoked
    );
}

#[tokio::test]
async fn a_copy_that_is_being_made_when_the_service_stops_is_called_off_and_made_anew() {
    let tried = a_sample().await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let token = session.access_token.clone();
    let obstacle = Obstacle::put(&tried, session.account.id);
    let body = tried.export_request(&session, &["drive"], "eea").await;
    let reply = tried.ask_for_export(&token, &body).send().await;
    let export: Export = reply.expect(StatusCode::ACCEPTED);
    under_way(&tried, &token, export.id).await;
    let (passing, ()) = tokio::join!(
        async {
            tokio::task::yield_now().await;
            obstacle.let_go()
        },
        tried.service.clone().close(),
    );
    drop(passing);
    assert!(tried.archives_on_disk().is_empty(), "half of it is of no use");
    obstacle.remove();
    let tried = tried.restarted().await;
    let ready = tried.finished(&token, export.id).await;
    assert_eq!((ready.status, ready.left_out), (ExportStatus::Fulfilled, 0));
    Opened::read(&tried.archive(&token, export.id).await);
}
