//! Asking for a copy of one's data, and getting it. The engine does it; these say what is wanted.

use settings_privacy_core::export::WorkflowId;
use settings_privacy_engine::api::StepUpPurpose;
use settings_privacy_engine::archive::save_new;
use tauri::State;

use super::{Answer, places};
use crate::archives::blocking;
use crate::running::Running;
use crate::view::{self, *};

fn workflow(id: &str) -> Answer<WorkflowId> {
    id.parse().map(WorkflowId).map_err(|_| ErrorView::unknown_id())
}

/// All exports, and the archives that are known on this computer.
#[tauri::command]
#[specta::specta]
pub async fn exports(running: State<'_, Running>) -> Answer<ExportsView> {
    let engine = running.engine().await?;
    let (exports, archives) = (engine.exports().await?, engine.archives().await?);
    Ok(view::exports_view(&exports, &archives))
}

/// What can be asked for, and under which law.
#[tauri::command]
#[specta::specta]
pub async fn export_choices(running: State<'_, Running>) -> Answer<ExportChoices> {
    let engine = running.engine().await?;
    let (inventory, regimes) = (engine.inventory().await?, engine.regimes().await?);
    Ok(view::export_choices(
        &inventory,
        &regimes,
        &engine.suggested_export_place(),
    ))
}

/// Asks for a fresh code, for asking for a copy.
#[tauri::command]
#[specta::specta]
pub async fn request_export_code(running: State<'_, Running>) -> Answer<CodeSentView> {
    let sent = running
        .engine()
        .await?
        .request_step_up(StepUpPurpose::Export)
        .await?;
    Ok(view::code_sent_view(sent))
}

/// Asks for a copy; gives the asking's identifier.
#[tauri::command]
#[specta::specta]
pub async fn request_export(
    running: State<'_, Running>,
    wish: ExportWishView,
    code: String,
) -> Answer<String> {
    let place = wish.place.as_deref().map(places::whole).transpose()?;
    let wish = view::export_wish(wish, place)?;
    let asked = running.engine().await?.request_export(wish, &code).await?;
    Ok(asked.0.to_string())
}

/// Gives the code that an asking waits for.
#[tauri::command]
#[specta::specta]
pub async fn give_export_code(running: State<'_, Running>, id: String, code: String) -> Answer<()> {
    let engine = running.engine().await?;
    Ok(engine.give_export_code(workflow(&id)?, &code).await?)
}

/// Downloads a copy.
#[tauri::command]
#[specta::specta]
pub async fn download_export(running: State<'_, Running>, id: String, to: String) -> Answer<()> {
    let (id, to) = (workflow(&id)?, places::whole(&to)?);
    Ok(running.engine().await?.download_export(id, &to).await?)
}

/// Goes on, here or elsewhere.
#[tauri::command]
#[specta::specta]
pub async fn resume_export(running: State<'_, Running>, id: String, elsewhere: Option<String>) -> Answer<()> {
    let elsewhere = elsewhere.as_deref().map(places::whole).transpose()?;
    let engine = running.engine().await?;
    Ok(engine.resume_export(workflow(&id)?, elsewhere.as_deref()).await?)
}

/// Tries again.
#[tauri::command]
#[specta::specta]
pub async fn retry_export(running: State<'_, Running>, id: String) -> Answer<()> {
    Ok(running.engine().await?.retry_export(workflow(&id)?).await?)
}

/// Ends it.
#[tauri::command]
#[specta::specta]
pub async fn cancel_export(running: State<'_, Running>, id: String) -> Answer<()> {
    Ok(running.engine().await?.cancel_export(workflow(&id)?).await?)
}

/// Encrypts a copy that is here.
#[tauri::command]
#[specta::specta]
pub async fn encrypt_export(running: State<'_, Running>, id: String, passphrase: String) -> Answer<()> {
    let engine = running.engine().await?;
    Ok(engine.encrypt_export(workflow(&id)?, passphrase.into()).await?)
}

/// Trusts the keys that the service now signs with.
#[tauri::command]
#[specta::specta]
pub async fn accept_signing_keys(running: State<'_, Running>, id: String) -> Answer<()> {
    let engine = running.engine().await?;
    Ok(engine.accept_signing_keys(workflow(&id)?).await?)
}

/// Takes an export that has ended off the list; its files stay.
#[tauri::command]
#[specta::specta]
pub async fn forget_export(running: State<'_, Running>, id: String) -> Answer<()> {
    Ok(running.engine().await?.forget_export(workflow(&id)?).await?)
}

/// Takes an archive off the list; its file stays.
#[tauri::command]
#[specta::specta]
pub async fn forget_archive(running: State<'_, Running>, id: String) -> Answer<()> {
    let id = id.parse().map_err(|_| ErrorView::unknown_id())?;
    Ok(running.engine().await?.forget_archive(id).await?)
}

/// Saves what checking found into a folder, as text and as JSON; says where the text lies.
#[tauri::command]
#[specta::specta]
pub async fn save_export_report(running: State<'_, Running>, id: String, folder: String) -> Answer<String> {
    let state = running.engine().await?.export(workflow(&id)?).await?;
    let report = state.report.ok_or_else(ErrorView::unknown_id)?;
    save_report(report, &folder).await
}

/// Saves a report into a folder, as text for people and as JSON for programs; says where the text lies.
pub(super) async fn save_report(
    report: settings_privacy_core::archive::Report,
    folder: &str,
) -> Answer<String> {
    let folder = places::whole(folder)?;
    let text = report.lines().join("\n") + "\n";
    let json = serde_json::to_vec_pretty(&report).map_err(|_| ErrorView::unknown_id())?;
    let saved = blocking(move || {
        let saved = save_new(&folder, "verification-report.txt", text.as_bytes())?;
        save_new(&folder, "verification-report.json", &json).map(|_| saved)
    })
    .await??;
    Ok(saved.display().to_string())
}
