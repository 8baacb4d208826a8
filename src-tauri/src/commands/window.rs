//! The window itself: what it shows, how it looks, and taking back a change of any kind.

use settings_privacy_engine::Theme as EngineTheme;
use tauri::State;
use uuid::Uuid;

use super::Answer;
use crate::running::Running;
use crate::view::{self, *};

/// Everything at this moment.
#[tauri::command]
#[specta::specta]
pub async fn view(running: State<'_, Running>) -> Answer<AppView> {
    let engine = running.engine().await?;
    let state = engine.state().await?;
    Ok(view::app_view(&engine, &state))
}

/// Undoes a change.
#[tauri::command]
#[specta::specta]
pub async fn undo(running: State<'_, Running>, change: String) -> Answer<DoneView> {
    let id: Uuid = change.parse().map_err(|_| ErrorView::unknown_id())?;
    Ok(view::done_view(running.engine().await?.undo(id).await?))
}

/// Light, dark, or as the desktop says.
#[tauri::command]
#[specta::specta]
pub async fn set_theme(running: State<'_, Running>, theme: Theme) -> Answer<()> {
    let theme = match theme {
        Theme::System => EngineTheme::System,
        Theme::Light => EngineTheme::Light,
        Theme::Dark => EngineTheme::Dark,
    };
    Ok(running.engine().await?.set_theme(theme).await?)
}

/// Takes a standing message down.
#[tauri::command]
#[specta::specta]
pub async fn dismiss_notice(running: State<'_, Running>, code: String) -> Answer<()> {
    Ok(running.engine().await?.notice_was_seen(&code).await?)
}

/// Something is on the glass for the first time: told to the benchmark, if one asks. `at` is in milliseconds since 1970,
/// by the window's clock.
#[tauri::command]
#[specta::specta]
#[expect(clippy::print_stderr, reason = "the benchmark reads it there")]
pub async fn painted(what: Painted, at: f64) -> Answer<()> {
    if std::env::var_os("SETTINGS_PRIVACY_BENCH").is_some() {
        let word = match what {
            Painted::Frame => "first-paint",
            Painted::View => "first-view",
        };
        eprintln!("{word} {at}");
    }
    Ok(())
}
