//! The account: where it lives, who is signed in, what is consented to, what waits to be sent.

use settings_privacy_core::consent::ConsentId;
use settings_privacy_engine::Place;
use tauri::State;

use super::Answer;
use crate::running::Running;
use crate::view::{self, *};

/// Chooses where the account lives.
#[tauri::command]
#[specta::specta]
pub async fn choose_account(
    running: State<'_, Running>,
    place: PlaceView,
    address: Option<String>,
) -> Answer<()> {
    let place = match place {
        PlaceView::None => Place::None,
        PlaceView::Embedded => Place::Embedded,
        PlaceView::Sample => Place::Sample,
        PlaceView::Service => Place::Service(address.unwrap_or_default()),
    };
    Ok(running.engine().await?.choose_account(place).await?)
}

/// Asks for a code.
#[tauri::command]
#[specta::specta]
pub async fn request_code(running: State<'_, Running>, identifier: String) -> Answer<CodeSentView> {
    Ok(view::code_sent_view(
        running.engine().await?.request_code(&identifier).await?,
    ))
}

/// Signs in.
#[tauri::command]
#[specta::specta]
pub async fn sign_in(running: State<'_, Running>, identifier: String, code: String) -> Answer<()> {
    Ok(running.engine().await?.sign_in(&identifier, &code).await?)
}

/// Signs out.
#[tauri::command]
#[specta::specta]
pub async fn sign_out(running: State<'_, Running>) -> Answer<()> {
    Ok(running.engine().await?.sign_out().await?)
}

/// Sets consents.
#[tauri::command]
#[specta::specta]
pub async fn set_consents(running: State<'_, Running>, changes: Vec<ConsentChange>) -> Answer<DoneView> {
    let wishes: Vec<(ConsentId, bool)> = changes
        .into_iter()
        .map(|change| (ConsentId::new(change.id), change.granted))
        .collect();
    Ok(view::done_view(
        running.engine().await?.set_consents(&wishes).await?,
    ))
}

/// The service's own history of consents, newest first.
#[tauri::command]
#[specta::specta]
pub async fn consent_history(running: State<'_, Running>) -> Answer<Vec<ConsentEventView>> {
    let events = running.engine().await?.consent_history().await?;
    Ok(events.iter().map(view::consent_event_view).collect())
}

fn outbox_number(text: &str) -> Answer<i64> {
    text.parse().map_err(|_| ErrorView::unknown_id())
}

/// Tries a refused change once more.
#[tauri::command]
#[specta::specta]
pub async fn retry_refused(running: State<'_, Running>, outbox_id: String) -> Answer<DoneView> {
    running
        .engine()
        .await?
        .retry_refused(outbox_number(&outbox_id)?)
        .await?;
    Ok(DoneView {
        change: None,
        says: "The change is tried again.".to_owned(),
    })
}

/// Lets a refused change go.
#[tauri::command]
#[specta::specta]
pub async fn discard_refused(running: State<'_, Running>, outbox_id: String) -> Answer<DoneView> {
    running
        .engine()
        .await?
        .discard_refused(outbox_number(&outbox_id)?)
        .await?;
    Ok(DoneView {
        change: None,
        says: "The change is let go. What the service has is shown.".to_owned(),
    })
}

/// Asks the service for news and sends what waits.
#[tauri::command]
#[specta::specta]
pub async fn sync_now(running: State<'_, Running>) -> Answer<()> {
    running.engine().await?.sync_now().await;
    Ok(())
}
