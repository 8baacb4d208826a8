//! The engine beside the window: opened once, waited for by the first command, closed at the end.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use settings_privacy_engine::Engine;
use tauri::Manager;
use tauri_specta::Event;
use tokio::sync::watch;

use crate::view::{Changed, ErrorView, ExportsMove};

/// Coming back to the window asks the service for news, but not more often than this.
const NEWS: Duration = Duration::from_secs(30);

/// Changes within this time are told of together.
const TOGETHER: Duration = Duration::from_millis(10);

type Opened = Option<Result<Engine, ErrorView>>;

/// The engine, once it is open.
pub struct Running {
    engine: watch::Receiver<Opened>,
    asked: Mutex<Instant>,
}

impl Running {
    /// Begins to open the engine, and tells the window of every change from then on.
    pub fn start(app: tauri::AppHandle) -> Self {
        let (tell, engine) = watch::channel(None);
        tauri::async_runtime::spawn(async move {
            let opened = settings_privacy_embedded::open().await.map_err(ErrorView::from);
            // Nobody is left to tell only when the program is already ending.
            let _ = tell.send(Some(opened.clone()));
            if let Ok(engine) = opened {
                let mut revisions = engine.revisions();
                let starting = engine.clone();
                tauri::async_runtime::spawn(async move {
                    starting.start().await;
                    starting.sync_now().await;
                });
                tell_of_moves(app.clone(), &engine);
                #[cfg(target_os = "linux")]
                crate::tray::follow(app.clone(), &engine);
                while revisions.changed().await.is_ok() {
                    // One change often makes several revisions, and whoever made it has its answer sooner.
                    tokio::time::sleep(TOGETHER).await;
                    let revision = *revisions.borrow_and_update();
                    if let Err(error) = (Changed { revision }).emit(&app) {
                        tracing::info!(%error, "the window isn't told of a change");
                    }
                }
            }
        });
        Self {
            engine,
            asked: Mutex::new(Instant::now()),
        }
    }

    /// The engine; waits while it opens.
    pub async fn engine(&self) -> Result<Engine, ErrorView> {
        let mut engine = self.engine.clone();
        let opened = engine
            .wait_for(Option::is_some)
            .await
            .map(|opened| opened.clone());
        match opened {
            Ok(Some(outcome)) => outcome,
            Ok(None) | Err(_) => Err(ErrorView {
                code: "not-open".to_owned(),
                message: "The program is closing.".to_owned(),
                retryable: false,
            }),
        }
    }

    fn now(&self) -> Option<Engine> {
        self.engine.borrow().clone()?.ok()
    }
}

/// Tells the window while bytes of an export move or are checked; the engine says so a few times a second at most.
fn tell_of_moves(app: tauri::AppHandle, engine: &Engine) {
    let mut moves = engine.export_progress();
    tauri::async_runtime::spawn(async move {
        while moves.changed().await.is_ok() {
            let tick = *moves.borrow_and_update();
            if let Err(error) = (ExportsMove { tick }).emit(&app) {
                tracing::info!(%error, "the window isn't told of an export");
            }
        }
    });
}

/// The person came back to the window: what they see should be of now.
pub fn came_back(app: &tauri::AppHandle) {
    let Some(running) = app.try_state::<Running>() else {
        return;
    };
    let mut asked = running
        .asked
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if asked.elapsed() < NEWS {
        return;
    }
    *asked = Instant::now();
    drop(asked);
    if let Some(engine) = running.now() {
        tauri::async_runtime::spawn(async move {
            engine.observe().await;
            engine.sync_now().await;
        });
    }
}

/// Closes the files before the program ends.
pub fn close(app: &tauri::AppHandle) {
    let Some(running) = app.try_state::<Running>() else {
        return;
    };
    if let Some(engine) = running.now() {
        tauri::async_runtime::block_on(engine.close());
    }
}
