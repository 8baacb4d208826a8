//! The archives that are open in the window: each behind an identifier, so that the window never holds more of one than
//! what it shows.
//!
//! An index lies in the program's own folder while its archive is open, and goes with it; one that a crash left behind
//! goes when the first archive is opened. Of an encrypted archive nothing is written at all.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use settings_privacy_core::archive::{Fault, Report};
use settings_privacy_engine::archive::{Archive, Index, IndexPlace, Indexing, Progress};
use settings_privacy_engine::places::OwnPlaces;
use tauri_specta::Event;
use tokio::sync::watch;
use uuid::Uuid;

use crate::view::{ArchiveNews, ErrorView};

/// Progress is told this often.
const EVERY: Duration = Duration::from_millis(200);

type Indexed = Option<Result<Arc<Index>, Fault>>;

/// One open archive.
pub struct Opened {
    /// Its identifier, for the window.
    pub id: Uuid,
    /// Where it lies.
    pub path: PathBuf,
    /// For checking it; a copy in memory, as long as it is open.
    pub passphrase: Option<SecretString>,
    /// Its table of contents.
    pub archive: Arc<Archive>,
    /// How far indexing is.
    pub indexing: Arc<Indexing>,
    /// What came of the last check.
    pub report: Mutex<Option<Report>>,
    checking: Mutex<Option<Arc<Progress>>>,
    copying: Mutex<Option<Arc<AtomicBool>>>,
    index: watch::Receiver<Indexed>,
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Opened {
    /// The index, once it is made.
    ///
    /// # Errors
    /// When it couldn't be made.
    pub async fn index(&self) -> Result<Arc<Index>, ErrorView> {
        let mut index = self.index.clone();
        match index.wait_for(Option::is_some).await.map(|made| made.clone()) {
            Ok(Some(made)) => Ok(made?),
            Ok(None) | Err(_) => Err(ErrorView::unknown_id()),
        }
    }

    /// The index as it is now: `None` while it is being made.
    pub fn indexed(&self) -> Indexed {
        self.index.borrow().clone()
    }

    /// Begins a check, and ends the one before.
    pub fn begin_check(&self) -> Arc<Progress> {
        let progress = Arc::new(Progress::default());
        if let Some(before) = locked(&self.checking).replace(Arc::clone(&progress)) {
            before.stop.store(true, Ordering::Relaxed);
        }
        progress
    }

    /// How far a check is, in bytes, while one runs.
    pub fn checking(&self) -> Option<(u64, u64)> {
        locked(&self.checking)
            .as_ref()
            .map(|progress| so_far(&progress.done, &progress.of))
    }

    /// What came of a check.
    pub fn end_check(&self, progress: &Arc<Progress>, report: Option<Report>) {
        let mut checking = locked(&self.checking);
        if checking.as_ref().is_some_and(|now| Arc::ptr_eq(now, progress)) {
            *checking = None;
        }
        if report.is_some() {
            *locked(&self.report) = report;
        }
    }

    /// Begins a copy; set it to stop.
    pub fn begin_copy(&self) -> Arc<AtomicBool> {
        let stop = Arc::new(AtomicBool::new(false));
        if let Some(before) = locked(&self.copying).replace(Arc::clone(&stop)) {
            before.store(true, Ordering::Relaxed);
        }
        stop
    }

    /// What the last check found.
    pub fn last_report(&self) -> Option<Report> {
        locked(&self.report).clone()
    }

    /// Ends what was begun and takes long: a check, a copy.
    pub fn stop(&self) {
        if let Some(checking) = locked(&self.checking).take() {
            checking.stop.store(true, Ordering::Relaxed);
        }
        if let Some(copying) = locked(&self.copying).take() {
            copying.store(true, Ordering::Relaxed);
        }
    }
}

/// Bytes done, and bytes there are.
pub fn so_far(done: &AtomicU64, of: &AtomicU64) -> (u64, u64) {
    (done.load(Ordering::Relaxed), of.load(Ordering::Relaxed))
}

/// All that are open.
#[derive(Default)]
pub struct Archives {
    open: Mutex<HashMap<Uuid, Arc<Opened>>>,
    indexes: OnceLock<Option<PathBuf>>,
}

impl Archives {
    /// Opens an archive and begins to index it; tells the window while that goes on, and when it is done.
    ///
    /// # Errors
    /// When it can't be opened.
    pub async fn open(
        &self,
        app: &tauri::AppHandle,
        path: PathBuf,
        passphrase: Option<SecretString>,
    ) -> Result<Arc<Opened>, ErrorView> {
        let archive = {
            let (path, passphrase) = (path.clone(), passphrase.clone());
            blocking(move || Archive::open(&path, passphrase.as_ref())).await??
        };
        let (archive, id) = (Arc::new(archive), Uuid::new_v4());
        let (tell, index) = watch::channel(None);
        let opened = Arc::new(Opened {
            id,
            path,
            passphrase,
            archive: Arc::clone(&archive),
            indexing: Arc::default(),
            report: Mutex::default(),
            checking: Mutex::default(),
            copying: Mutex::default(),
            index,
        });
        locked(&self.open).insert(id, Arc::clone(&opened));
        let place = self.index_of(id).map_or(IndexPlace::Memory, IndexPlace::File);
        let (app, progress) = (app.clone(), Arc::clone(&opened.indexing));
        tauri::async_runtime::spawn(async move {
            let made = telling(&app, id, Index::open(archive, place, progress)).await;
            // Closed meanwhile, nobody waits for it.
            let _ = tell.send(Some(made.map(Arc::new)));
            news(&app, id);
        });
        Ok(opened)
    }

    /// One that is open.
    ///
    /// # Errors
    /// When it isn't, any more.
    pub fn get(&self, id: &str) -> Result<Arc<Opened>, ErrorView> {
        let id: Uuid = id.parse().map_err(|_| ErrorView::unknown_id())?;
        locked(&self.open)
            .get(&id)
            .cloned()
            .ok_or_else(ErrorView::unknown_id)
    }

    /// Closes one; nothing of it stays.
    pub fn close(&self, id: &str) {
        let Ok(opened) = self.get(id) else { return };
        opened.stop();
        opened.indexing.stop.store(true, Ordering::Relaxed);
        locked(&self.open).remove(&opened.id);
        // A file that is still open goes when whoever reads it is done.
        if let Some(index) = self.index_of(opened.id) {
            let _ = std::fs::remove_file(index);
        }
    }

    /// Closes all, before the program ends.
    pub fn close_all(&self) {
        let open: Vec<Uuid> = locked(&self.open).keys().copied().collect();
        open.iter().for_each(|id| self.close(&id.to_string()));
        if let Some(Some(folder)) = self.indexes.get() {
            let _ = std::fs::remove_dir_all(folder);
        }
    }

    /// Where an archive's index lies; `None` when there is no place, and memory has to do.
    fn index_of(&self, id: Uuid) -> Option<PathBuf> {
        let folder = self.indexes.get_or_init(|| {
            let folder = OwnPlaces::by_custom()?.folder.join("indexes");
            // The program opens but once, so whatever lies there is of one that was killed.
            let _ = std::fs::remove_dir_all(&folder);
            std::fs::create_dir_all(&folder).ok().map(|()| folder)
        });
        Some(folder.as_ref()?.join(format!("{id}.db")))
    }
}

/// Does something long, and meanwhile tells the window that there is news of an archive.
pub async fn telling<T>(app: &tauri::AppHandle, id: Uuid, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    loop {
        match tokio::time::timeout(EVERY, &mut work).await {
            Ok(done) => return done,
            Err(_) => news(app, id),
        }
    }
}

/// Does something that blocks.
///
/// # Errors
/// When it broke off.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ErrorView> {
    tauri::async_runtime::spawn_blocking(work)
        .await
        .map_err(|_| ErrorView {
            code: "broke-off".to_owned(),
            message: "That broke off. Try again.".to_owned(),
            retryable: true,
        })
}

fn news(app: &tauri::AppHandle, id: Uuid) {
    let event = ArchiveNews { id: id.to_string() };
    if let Err(error) = event.emit(app) {
        tracing::info!(%error, "the window isn't told of an archive");
    }
}
