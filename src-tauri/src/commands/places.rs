//! Choosing a place on this computer, with the system's own dialog. The window gets a path, never a file: what lies there
//! is read and written by the program alone.

use std::path::{Path, PathBuf};

use rfd::AsyncFileDialog;
use settings_privacy_core::archive::file_name;
use tauri::{AppHandle, Manager};
use tokio::sync::oneshot;

use super::Answer;
use crate::view::{Choosing, ErrorView};

/// Asks the person for a place; nothing when they think better of it.
#[tauri::command]
#[specta::specta]
pub async fn choose_place(app: AppHandle, choosing: Choosing) -> Answer<Option<String>> {
    let (tell, chosen) = oneshot::channel();
    let shown = app.clone();
    // A dialog begins on the thread that paints, and is waited for elsewhere.
    app.run_on_main_thread(move || {
        let mut dialog = AsyncFileDialog::new();
        if let Some(window) = shown.get_webview_window("main") {
            dialog = dialog.set_parent(&window);
        }
        match choosing {
            Choosing::Archive => {
                let dialog = dialog.add_filter("Archives", &["zip", "age"]);
                tell_when_chosen(dialog.pick_file(), tell);
            }
            Choosing::Folder => tell_when_chosen(dialog.pick_folder(), tell),
            Choosing::NewFile { name } => {
                let dialog = dialog.set_file_name(file_name(&name, "copy.zip"));
                tell_when_chosen(dialog.save_file(), tell);
            }
        }
    })
    .map_err(|_| ErrorView::stopped())?;
    let chosen = chosen.await.map_err(|_| ErrorView::stopped())?;
    Ok(chosen.map(|path| path.display().to_string()))
}

fn tell_when_chosen(
    chosen: impl Future<Output = Option<rfd::FileHandle>> + Send + 'static,
    tell: oneshot::Sender<Option<PathBuf>>,
) {
    tauri::async_runtime::spawn(async move {
        let path = chosen.await.map(|file| file.path().to_owned());
        // Nobody waits any more when the window has gone.
        let _ = tell.send(path);
    });
}

/// A path as a person writes it; `~` is their home.
///
/// # Errors
/// When it doesn't say where, from the top.
pub(super) fn whole(told: &str) -> Answer<PathBuf> {
    let told = told.trim();
    let path = match (told.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        (Some(_) | None, _) => Path::new(told).to_owned(),
    };
    if path.is_absolute() {
        Ok(path)
    } else {
        Err(ErrorView::not_a_place())
    }
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn a_place_is_named_from_the_top_or_from_home() {
        let home = std::env::home_dir().expect("there is a home");
        assert_eq!(whole(" ~/a b.zip ").expect("it is whole"), home.join("a b.zip"));
        assert_eq!(whole("/a/b").expect("it is whole"), std::path::Path::new("/a/b"));
        for told in ["", "  ", "a.zip", "../a.zip", "~"] {
            assert_eq!(
                whole(told).map_err(|error| error.code),
                Err("not-a-place".to_owned()),
                "{told}"
            );
        }
    }
}
