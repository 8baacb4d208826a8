//! The window's commands. Each translates, calls the engine, and translates back; none decides anything.
//!
//! All are async: a command that isn't would run on, and block, the thread that paints.

use settings_privacy_core::consent::ConsentId;
use settings_privacy_core::permission::{PermissionId, Wanted as CoreWanted};
use settings_privacy_core::storage::{About, Decision};
use settings_privacy_engine::{Deciding, Place, ProfileId, Theme as EngineTheme};
use tauri::State;
use uuid::Uuid;

use crate::running::Running;
use crate::view::{self, *};

type Answer<T> = Result<T, ErrorView>;

impl From<Wanted> for CoreWanted {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::Allow => CoreWanted::Allow,
            Wanted::Deny => CoreWanted::Deny,
            Wanted::Reset => CoreWanted::Reset,
        }
    }
}

/// Everything at this moment.
#[tauri::command]
#[specta::specta]
pub async fn view(running: State<'_, Running>) -> Answer<AppView> {
    let engine = running.engine().await?;
    let state = engine.state().await?;
    Ok(view::app_view(&engine, &state))
}

/// What switching a permission would do.
#[tauri::command]
#[specta::specta]
pub async fn preview_permission(running: State<'_, Running>, id: String, wanted: Wanted) -> Answer<PlanView> {
    let plan = running
        .engine()
        .await?
        .preview(&PermissionId::new(id), wanted.into())
        .await?;
    Ok(view::plan_view(&plan))
}

/// Switches a permission on this computer.
#[tauri::command]
#[specta::specta]
pub async fn set_permission(running: State<'_, Running>, id: String, wanted: Wanted) -> Answer<DoneView> {
    let done = running
        .engine()
        .await?
        .set_permission(&PermissionId::new(id), wanted.into())
        .await?;
    Ok(view::done_view(done))
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

/// Undoes a change.
#[tauri::command]
#[specta::specta]
pub async fn undo(running: State<'_, Running>, change: String) -> Answer<DoneView> {
    let id: Uuid = change.parse().map_err(|_| ErrorView::unknown_id())?;
    Ok(view::done_view(running.engine().await?.undo(id).await?))
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

/// The service's own history of consents, newest first.
#[tauri::command]
#[specta::specta]
pub async fn consent_history(running: State<'_, Running>) -> Answer<Vec<ConsentEventView>> {
    let events = running.engine().await?.consent_history().await?;
    Ok(events.iter().map(view::consent_event_view).collect())
}

/// Opens the system's own page for a permission.
#[tauri::command]
#[specta::specta]
pub async fn open_settings(running: State<'_, Running>, permission: String) -> Answer<()> {
    Ok(running
        .engine()
        .await?
        .open_settings(&PermissionId::new(permission))
        .await?)
}

/// Copies a damaged file beside itself; says where.
#[tauri::command]
#[specta::specta]
pub async fn copy_aside(running: State<'_, Running>, file: String) -> Answer<String> {
    Ok(running
        .engine()
        .await?
        .copy_aside(&file)
        .await?
        .display()
        .to_string())
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
    running.engine().await?.dismiss_notice(&code);
    Ok(())
}

/// Asks the service for news and sends what waits.
#[tauri::command]
#[specta::specta]
pub async fn sync_now(running: State<'_, Running>) -> Answer<()> {
    running.engine().await?.sync_now().await;
    Ok(())
}

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
