//! What DingTalk may use on this computer.

use settings_privacy_core::permission::{PermissionId, Wanted as CoreWanted};
use tauri::State;

use super::Answer;
use crate::running::Running;
use crate::view::{self, *};

impl From<Wanted> for CoreWanted {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::Allow => CoreWanted::Allow,
            Wanted::Deny => CoreWanted::Deny,
            Wanted::Reset => CoreWanted::Reset,
        }
    }
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
