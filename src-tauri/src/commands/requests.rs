//! Letters, and what the person says became of them.

use std::path::PathBuf;

use jiff::civil::Date;
use settings_privacy_core::rights::RequestId;
use settings_privacy_engine::{places, today};
use tauri::State;

use super::Answer;
use crate::running::Running;
use crate::view::{self, *};

fn request(id: &str) -> Answer<RequestId> {
    id.parse().map(RequestId).map_err(|_| ErrorView::unknown_id())
}

fn day(text: Option<String>) -> Answer<Option<Date>> {
    text.filter(|text| !text.is_empty())
        .map(|text| text.parse())
        .transpose()
        .map_err(|_| ErrorView::not_a_day())
}

fn folder() -> Answer<PathBuf> {
    places::downloads().ok_or_else(ErrorView::no_home)
}

/// Every law, with what can be asked for under it.
#[tauri::command]
#[specta::specta]
pub async fn laws() -> Answer<Vec<LawView>> {
    Ok(view::laws())
}

/// All requests.
#[tauri::command]
#[specta::specta]
pub async fn requests(running: State<'_, Running>) -> Answer<RequestsView> {
    let states = running.engine().await?.requests().await?;
    Ok(view::requests_view(&states, today()))
}

/// Begins a request, and writes its letter.
#[tauri::command]
#[specta::specta]
pub async fn begin_request(
    running: State<'_, Running>,
    asked: AskedView,
    person: PersonView,
) -> Answer<WrittenView> {
    let engine = running.engine().await?;
    let (state, letter) = engine
        .begin_request(view::asked(asked), &view::person(person))
        .await?;
    Ok(view::letter_view(&state, letter, today()))
}

/// Writes the letter of a request once more: who asks isn't kept.
#[tauri::command]
#[specta::specta]
pub async fn write_letter(
    running: State<'_, Running>,
    id: String,
    person: PersonView,
) -> Answer<WrittenView> {
    let engine = running.engine().await?;
    let (state, letter) = engine.letter(request(&id)?, &view::person(person)).await?;
    Ok(view::letter_view(&state, letter, today()))
}

/// Opens a letter in the person's mail program.
#[tauri::command]
#[specta::specta]
pub async fn open_letter(running: State<'_, Running>, id: String, person: PersonView) -> Answer<()> {
    let engine = running.engine().await?;
    let (_, letter) = engine.letter(request(&id)?, &view::person(person)).await?;
    Ok(engine.compose_letter(&letter).await?)
}

/// Saves a letter as a draft; says where.
#[tauri::command]
#[specta::specta]
pub async fn save_letter(running: State<'_, Running>, id: String, person: PersonView) -> Answer<String> {
    let engine = running.engine().await?;
    let (_, letter) = engine.letter(request(&id)?, &view::person(person)).await?;
    let saved = engine.save_letter(&letter, &folder()?).await?;
    Ok(saved.display().to_string())
}

/// Saves the day the next step is due as a calendar file; says where.
#[tauri::command]
#[specta::specta]
pub async fn save_reminder(running: State<'_, Running>, id: String) -> Answer<String> {
    let engine = running.engine().await?;
    let saved = engine.save_reminder(request(&id)?, &folder()?).await?;
    Ok(saved.display().to_string())
}

/// Records what happened, on a day; today when none is named.
#[tauri::command]
#[specta::specta]
pub async fn record_request(
    running: State<'_, Running>,
    id: String,
    event: EventWord,
    on: Option<String>,
    until: Option<String>,
    reason: Option<DenialWord>,
) -> Answer<RequestView> {
    let event = view::event(event, day(until)?, reason);
    let engine = running.engine().await?;
    let state = engine.record_request(request(&id)?, event, day(on)?).await?;
    Ok(view::request_view(&state, today()))
}

/// Forgets a request.
#[tauri::command]
#[specta::specta]
pub async fn forget_request(running: State<'_, Running>, id: String) -> Answer<()> {
    Ok(running.engine().await?.forget_request(request(&id)?).await?)
}
