//! The window's shell: it starts the engine beside the web view, translates commands, and tells of changes.
//!
//! It decides nothing and holds no state but the engine and the archives that are open. The engine opens while the window does, so that neither
//! waits for the other.

mod again;
mod archives;
mod commands;
mod log;
mod running;
#[cfg(target_os = "linux")]
mod tray;
pub mod view;

use std::path::PathBuf;
use std::sync::Mutex;

use tauri::{Manager, WebviewWindowBuilder};
use tauri_specta::collect_events;

use archives::Archives;
use running::Running;
use tempfile::TempDir;

/// Hands the window's commands to a macro: to Tauri's, which calls them, and in the tests to the one that describes them,
/// whose description the program itself has no use for.
macro_rules! commands {
    ($what:path) => {{
        use $what as what;
        what![
            commands::window::view,
            commands::permissions::preview_permission,
            commands::permissions::set_permission,
            commands::account::set_consents,
            commands::window::undo,
            commands::account::retry_refused,
            commands::account::discard_refused,
            commands::account::choose_account,
            commands::account::request_code,
            commands::account::sign_in,
            commands::account::sign_out,
            commands::account::consent_history,
            commands::permissions::open_settings,
            commands::permissions::copy_aside,
            commands::window::set_theme,
            commands::window::dismiss_notice,
            commands::account::sync_now,
            commands::browsers::browsers,
            commands::browsers::look_at_browsers,
            commands::browsers::preview_clear,
            commands::browsers::clear_browsers,
            commands::browsers::cancel_waiting,
            commands::browsers::restore_backup,
            commands::browsers::refuse_site,
            commands::browsers::set_site_permission,
            commands::browsers::open_browser_page,
            commands::exports::exports,
            commands::exports::export_choices,
            commands::exports::request_export_code,
            commands::exports::request_export,
            commands::exports::give_export_code,
            commands::exports::download_export,
            commands::exports::resume_export,
            commands::exports::retry_export,
            commands::exports::cancel_export,
            commands::exports::encrypt_export,
            commands::exports::accept_signing_keys,
            commands::exports::forget_export,
            commands::exports::forget_archive,
            commands::exports::save_export_report,
            commands::archives::open_archive,
            commands::archives::archive,
            commands::archives::close_archive,
            commands::archives::archive_timeline,
            commands::archives::archive_records,
            commands::archives::search_archive,
            commands::archives::archive_record,
            commands::archives::archive_folder,
            commands::archives::preview_file,
            commands::archives::save_file,
            commands::archives::save_record,
            commands::archives::check_archive,
            commands::archives::save_archive_report,
            commands::archives::compare_archives,
            commands::archives::copy_for_provider,
            commands::archives::stop_archive_work,
            commands::places::choose_place,
            commands::requests::laws,
            commands::requests::requests,
            commands::requests::begin_request,
            commands::requests::write_letter,
            commands::requests::open_letter,
            commands::requests::save_letter,
            commands::requests::save_reminder,
            commands::requests::record_request,
            commands::requests::forget_request,
            commands::deletion::deletion,
            commands::deletion::look_at_deletion,
            commands::deletion::deletion_preflight,
            commands::deletion::begin_deletion,
            commands::deletion::request_deletion_code,
            commands::deletion::give_deletion_code,
            commands::deletion::cancel_deletion,
            commands::deletion::resume_deletion,
            commands::deletion::retry_receipt,
            commands::deletion::wipe_here,
            commands::deletion::forget_deletion,
            commands::deletion::continue_wipe,
            commands::deletion::remove_wipe_step,
            commands::deletion::leave_wipe_step,
            commands::deletion::dismiss_wipe,
            commands::deletion::transfer_organization,
            commands::deletion::disband_organization,
            commands::deletion::leave_organization,
            commands::deletion::revoke_authorization,
            commands::window::painted,
        ]
    }};
}

/// The events of the window.
fn contract() -> tauri_specta::Builder<tauri::Wry> {
    tauri_specta::Builder::new()
        .disable_serde_phases()
        .events(collect_events![
            view::Changed,
            view::ExportsMove,
            view::ArchiveNews
        ])
}

/// Whether WebDriver drives this window: Tauri's driver says so. WebKitGTK has no web view that is both driven and keeps
/// nothing, and everybody else's keeps nothing.
fn driven() -> bool {
    std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some_and(|said| said == "true")
}

/// Where the web view lays what it can't do without, even when it keeps nothing: empty stores, each with a salt. It goes
/// when the program ends, or with the person's session.
fn aside() -> Option<TempDir> {
    let of_the_session = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    // The session's folder may be another person's, after `su`.
    let folders = of_the_session.into_iter().chain([std::env::temp_dir()]);
    let mut named = tempfile::Builder::new();
    named.prefix("settings-privacy-");
    folders
        .into_iter()
        .find_map(|folder| named.tempdir_in(folder).ok())
}

/// Opens the window and stays until it is closed.
pub fn run() {
    log::start();
    let contract = contract();
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| {
            focus(app)
        }))
        .invoke_handler(commands!(tauri::generate_handler))
        .setup(move |app| {
            contract.mount_events(app);
            // Before the window, which takes a while: the two open side by side.
            app.manage(Running::start(app.handle().clone()));
            app.manage(Archives::default());
            let aside = aside();
            for window in &app.config().app.windows {
                let mut builder = WebviewWindowBuilder::from_config(app, window)?.incognito(!driven());
                if let Some(aside) = &aside {
                    builder = builder.data_directory(aside.path().to_owned());
                }
                builder.build()?;
            }
            app.manage(Mutex::new(aside));
            Ok(())
        })
        .on_window_event(|window, event| {
            if matches!(event, tauri::WindowEvent::Focused(true)) {
                running::came_back(window.app_handle());
            }
        })
        .build(tauri::generate_context!("tauri.conf.json"));
    match app {
        Ok(app) => app.run(|app, event| {
            // Whoever starts the program while this one is closing must become the first, not hand over to it.
            if matches!(event, tauri::RunEvent::ExitRequested { .. }) {
                tauri_plugin_single_instance::destroy(app);
            }
            if matches!(event, tauri::RunEvent::Exit) {
                if let Some(archives) = app.try_state::<Archives>() {
                    archives.close_all();
                }
                running::close(app);
                if let Some(aside) = app.try_state::<Mutex<Option<TempDir>>>() {
                    // Nobody else holds it, and what can't be removed goes with the session.
                    drop(aside.lock().map(|mut aside| aside.take()));
                }
            }
        }),
        Err(tauri::Error::PluginInitialization(plugin, _))
            if plugin == "single-instance" && again::start() => {}
        Err(error) => {
            log::cannot_open(&error);
            std::process::exit(1);
        }
    }
}

/// Shows the window that is already there: to who starts the program again, or asks for it beside the clock.
fn focus(app: &tauri::AppHandle) {
    if let Some(window) = app.get_webview_window("main") {
        for outcome in [window.unminimize(), window.show(), window.set_focus()] {
            if let Err(error) = outcome {
                tracing::info!(%error, "the window doesn't come forward");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use specta_typescript::Typescript;

    use super::commands;

    /// `cargo xtask bindings` writes the file; otherwise the committed one must be what would be written.
    #[test]
    fn the_committed_bindings_are_those_of_this_code() {
        let committed = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/lib/bindings.ts");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let fresh = folder.path().join("bindings.ts");
        super::contract()
            .commands(commands!(tauri_specta::collect_commands))
            .export(Typescript::default(), &fresh)
            .expect("the types can be written");
        let made = std::fs::read_to_string(&fresh).expect("they were written");
        if std::env::var_os("UPDATE_BINDINGS").is_some() {
            std::fs::write(&committed, &made).expect("the bindings can be written");
        }
        let there = std::fs::read_to_string(&committed).unwrap_or_default();
        assert!(
            there == made,
            "ui/src/lib/bindings.ts is stale: run `cargo xtask bindings`"
        );
    }
}
