//! What DingTalk's sites keep and may use in the browsers on this computer.

use settings_privacy_core::storage::{About, Decision};
use settings_privacy_engine::{Deciding, ProfileId};
use tauri::State;

use super::Answer;
use crate::running::Running;
use crate::view::{self, *};

/// What DingTalk's sites keep in the browsers on this computer, as last looked at.
#[tauri::command]
#[specta::specta]
pub async fn browsers(running: State<'_, Running>) -> Answer<BrowsersView> {
    Ok(view::browsers_view(&running.engine().await?.browsers()))
}

/// Looks at the browsers again.
#[tauri::command]
#[specta::specta]
pub async fn look_at_browsers(running: State<'_, Running>) -> Answer<()> {
    Ok(running.engine().await?.look_at_browsers().await?)
}

/// What clearing would take, and what it would leave.
#[tauri::command]
#[specta::specta]
pub async fn preview_clear(running: State<'_, Running>, choice: ClearChoice) -> Answer<ClearPreview> {
    let engine = running.engine().await?;
    let plans = engine.plan_clearing(&view::clearing(choice))?;
    let open = engine.open_browsers(&plans).await;
    Ok(view::clear_preview(&plans, &open))
}

/// Clears; where a browser is open, once it is closed.
#[tauri::command]
#[specta::specta]
pub async fn clear_browsers(running: State<'_, Running>, choice: ClearChoice) -> Answer<DoneView> {
    let done = running
        .engine()
        .await?
        .clear_browsers(&view::clearing(choice))
        .await?;
    Ok(view::done_view(done))
}

/// Lets one thing that waits for a browser go.
#[tauri::command]
#[specta::specta]
pub async fn cancel_waiting(running: State<'_, Running>, id: String) -> Answer<()> {
    let id = id.parse().map_err(|_| ErrorView::unknown_id())?;
    running.engine().await?.stop_waiting_for_browser(id);
    Ok(())
}

/// Puts back what a clearing took.
#[tauri::command]
#[specta::specta]
pub async fn restore_backup(running: State<'_, Running>, id: String) -> Answer<DoneView> {
    let made = id.parse().map_err(|_| ErrorView::unknown_id())?;
    Ok(view::done_view(
        running.engine().await?.restore_backup(made).await?,
    ))
}

/// Sets or lifts the browser's own rule against a site's cookies and site data.
#[tauri::command]
#[specta::specta]
pub async fn refuse_site(
    running: State<'_, Running>,
    profile: String,
    site: String,
    refuse: bool,
) -> Answer<DoneView> {
    let deciding = Deciding {
        profile: ProfileId::from_text(profile),
        site,
        about: About::Cookies,
        decision: if refuse { Decision::Deny } else { Decision::Allow },
    };
    Ok(view::done_view(
        running.engine().await?.decide_for_site(&deciding).await?,
    ))
}

/// Sets what a site may use, in a browser.
#[tauri::command]
#[specta::specta]
pub async fn set_site_permission(
    running: State<'_, Running>,
    profile: String,
    site: String,
    permission: SitePermission,
    setting: SiteSetting,
) -> Answer<DoneView> {
    let deciding = Deciding {
        profile: ProfileId::from_text(profile),
        site,
        about: view::about(permission),
        decision: view::decision(setting),
    };
    Ok(view::done_view(
        running.engine().await?.decide_for_site(&deciding).await?,
    ))
}

/// Opens the browser's own page, where this program can't reach.
#[tauri::command]
#[specta::specta]
pub async fn open_browser_page(running: State<'_, Running>, browser: String) -> Answer<()> {
    Ok(running.engine().await?.open_browser(&browser)?)
}
