//! The end of an account: what it would mean, asking for it, taking it back, and what became of it.

use std::path::PathBuf;
use std::time::Duration;

use settings_privacy_core::export::WorkflowId;
use settings_privacy_engine::DeletionWish;
use settings_privacy_engine::api::StepUpPurpose;
use tauri::State;
use uuid::Uuid;

use super::Answer;
use crate::running::Running;
use crate::view::{self, *};

/// The service is given this long when the window looks.
const PATIENCE: Duration = Duration::from_secs(5);

fn id(text: &str) -> Answer<Uuid> {
    text.parse().map_err(|_| ErrorView::unknown_id())
}

/// Where it stands.
#[tauri::command]
#[specta::specta]
pub async fn deletion(running: State<'_, Running>) -> Answer<DeletionView> {
    let engine = running.engine().await?;
    let standing = engine.deletion().await?;
    let place = engine.suggested_receipt_place();
    Ok(view::deletion_view(
        &place,
        standing.as_ref(),
        engine.wipe().as_ref(),
    ))
}

/// Asks the service now how it stands.
#[tauri::command]
#[specta::specta]
pub async fn look_at_deletion(running: State<'_, Running>) -> Answer<()> {
    Ok(running.engine().await?.refresh_deletions(PATIENCE).await?)
}

/// What it would mean.
#[tauri::command]
#[specta::specta]
pub async fn deletion_preflight(running: State<'_, Running>) -> Answer<PreflightView> {
    let preflight = running.engine().await?.deletion_preflight().await?;
    Ok(view::preflight_view(&preflight))
}

/// Records that the person typed the word. Nothing is asked of the service.
#[tauri::command]
#[specta::specta]
pub async fn begin_deletion(
    running: State<'_, Running>,
    wish: DeletionWishView,
    typed: String,
) -> Answer<()> {
    let offers = view::offers(&wish);
    let wish = DeletionWish {
        preflight: wish.preflight,
        reasons: wish.reasons.into_iter().map(Into::into).collect(),
        offers,
        receipt: (!wish.receipt.is_empty()).then(|| PathBuf::from(wish.receipt)),
    };
    running.engine().await?.begin_deletion(wish, &typed).await?;
    Ok(())
}

/// Has the code for this act sent.
#[tauri::command]
#[specta::specta]
pub async fn request_deletion_code(running: State<'_, Running>) -> Answer<CodeSentView> {
    let sent = running
        .engine()
        .await?
        .request_step_up(StepUpPurpose::Deletion)
        .await?;
    Ok(view::code_sent_view(sent))
}

/// Asks the service for the end of the account. What it says is in the next look.
#[tauri::command]
#[specta::specta]
pub async fn give_deletion_code(running: State<'_, Running>, workflow: String, code: String) -> Answer<()> {
    let engine = running.engine().await?;
    engine
        .give_deletion_code(WorkflowId(id(&workflow)?), &code)
        .await?;
    Ok(())
}

/// Keeps the account.
#[tauri::command]
#[specta::specta]
pub async fn cancel_deletion(running: State<'_, Running>, workflow: String) -> Answer<()> {
    let engine = running.engine().await?;
    engine.cancel_deletion(WorkflowId(id(&workflow)?)).await?;
    Ok(())
}

/// Goes on after the person did what was needed; with another place for the receipt, if they chose one.
#[tauri::command]
#[specta::specta]
pub async fn resume_deletion(
    running: State<'_, Running>,
    workflow: String,
    elsewhere: Option<String>,
) -> Answer<()> {
    let elsewhere = elsewhere.filter(|path| !path.is_empty()).map(PathBuf::from);
    let engine = running.engine().await?;
    Ok(engine
        .resume_deletion(WorkflowId(id(&workflow)?), elsewhere.as_deref())
        .await?)
}

/// Fetches and checks the receipt once more.
#[tauri::command]
#[specta::specta]
pub async fn retry_receipt(running: State<'_, Running>, workflow: String) -> Answer<()> {
    let engine = running.engine().await?;
    Ok(engine.retry_receipt(WorkflowId(id(&workflow)?)).await?)
}

/// Begins to remove what this computer keeps.
#[tauri::command]
#[specta::specta]
pub async fn wipe_here(running: State<'_, Running>, workflow: String) -> Answer<()> {
    let engine = running.engine().await?;
    Ok(engine.wipe_here(WorkflowId(id(&workflow)?)).await?)
}

/// Takes one that ended off the list.
#[tauri::command]
#[specta::specta]
pub async fn forget_deletion(running: State<'_, Running>, workflow: String) -> Answer<()> {
    let engine = running.engine().await?;
    Ok(engine.forget_deletion(WorkflowId(id(&workflow)?)).await?)
}

/// Tries once more what is stuck.
#[tauri::command]
#[specta::specta]
pub async fn continue_wipe(running: State<'_, Running>) -> Answer<()> {
    Ok(running.engine().await?.continue_wipe().await?)
}

/// Removes what the person was asked about first.
#[tauri::command]
#[specta::specta]
pub async fn remove_wipe_step(running: State<'_, Running>, step: WipeWord) -> Answer<()> {
    let engine = running.engine().await?;
    Ok(engine.remove_wipe_step(view::wipe_step(step)).await?)
}

/// Leaves something that was offered, or about which the person was asked.
#[tauri::command]
#[specta::specta]
pub async fn leave_wipe_step(running: State<'_, Running>, step: WipeWord) -> Answer<()> {
    let engine = running.engine().await?;
    Ok(engine.leave_wipe_step(view::wipe_step(step)).await?)
}

/// The person has seen that everything is removed.
#[tauri::command]
#[specta::specta]
pub async fn dismiss_wipe(running: State<'_, Running>) -> Answer<()> {
    Ok(running.engine().await?.dismiss_wipe().await?)
}

/// Makes another member an Organization's administrator.
#[tauri::command]
#[specta::specta]
pub async fn transfer_organization(
    running: State<'_, Running>,
    organization: String,
    member: String,
) -> Answer<()> {
    let engine = running.engine().await?;
    engine
        .transfer_organization(id(&organization)?, id(&member)?)
        .await?;
    Ok(())
}

/// Ends an Organization for everybody in it.
#[tauri::command]
#[specta::specta]
pub async fn disband_organization(running: State<'_, Running>, organization: String) -> Answer<()> {
    let engine = running.engine().await?;
    engine.disband_organization(id(&organization)?).await?;
    Ok(())
}

/// Leaves an Organization.
#[tauri::command]
#[specta::specta]
pub async fn leave_organization(running: State<'_, Running>, organization: String) -> Answer<()> {
    let engine = running.engine().await?;
    engine.leave_organization(id(&organization)?).await?;
    Ok(())
}

/// Takes back what an app is allowed to see.
#[tauri::command]
#[specta::specta]
pub async fn revoke_authorization(running: State<'_, Running>, authorization: String) -> Answer<()> {
    let engine = running.engine().await?;
    engine.revoke_authorization(id(&authorization)?).await?;
    Ok(())
}
