//! Following what other programs change: the files by inotify, the permission store by its signal.
//!
//! Nothing is asked for again and again. A folder that doesn't exist yet is awaited in the nearest one that does.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt;
use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use settings_privacy_core::permission::StoreKey;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::flatpak::overrides;
use super::permission_store::{self, LIMIT};
use crate::error::DeviceError;

/// Changes within this time count as one.
const TOGETHER: Duration = Duration::from_millis(100);

/// Tells when another program changed something. Dropping it ends everything it started.
#[derive(Debug)]
pub struct Watch {
    changes: mpsc::Receiver<()>,
    _tasks: JoinSet<()>,
}

impl Watch {
    /// Waits until something changed. Changes within about 100 ms count as one, those of this program among them.
    ///
    /// It comes back a first time as soon as everything is followed: what is observed after that can't have been
    /// missed. `None` once nothing can be followed any more.
    pub async fn changed(&mut self) -> Option<()> {
        self.changes.recv().await
    }
}

/// What to follow.
pub(super) struct Followed {
    /// Files and folders: what happens to one of them, inside or above it, is a change.
    pub paths: Vec<PathBuf>,
    /// The bus of the permission store.
    pub bus: Option<String>,
    /// The store's entries.
    pub keys: Vec<StoreKey>,
}

/// Starts following.
pub(super) fn start(followed: Followed) -> Result<Watch, DeviceError> {
    let not_watched = |reason: String| DeviceError::NotWatched { reason };
    let runtime = tokio::runtime::Handle::try_current().map_err(|error| not_watched(error.to_string()))?;
    let (seen, events) = mpsc::unbounded_channel();
    let (tell, changes) = mpsc::channel(1);
    let mut files =
        Files::new(followed.paths, seen.clone()).map_err(|error| not_watched(error.to_string()))?;
    files.arm().map_err(|error| not_watched(error.to_string()))?;
    let mut tasks = JoinSet::new();
    let (bus, keys) = (followed.bus, followed.keys);
    tasks.spawn_on(
        async move {
            // Before this the first word isn't given: see `Watch::changed`.
            let signals = signals(bus).await;
            let _ = seen.send(());
            if let Some(signals) = signals {
                follow_store(signals, &keys, &seen).await;
            }
        },
        &runtime,
    );
    tasks.spawn_on(gather(files, events, tell), &runtime);
    Ok(Watch {
        changes,
        _tasks: tasks,
    })
}

/// Waits for events, lets those that come together pass, follows what came into being, and tells.
async fn gather(mut files: Files, mut events: mpsc::UnboundedReceiver<()>, tell: mpsc::Sender<()>) {
    while events.recv().await.is_some() {
        tokio::time::sleep(TOGETHER).await;
        while events.try_recv().is_ok() {}
        if let Err(error) = files.arm() {
            tracing::warn!(%error, "some folders can't be followed");
        }
        // A full channel already says what there is to say.
        if let Err(mpsc::error::TrySendError::Closed(())) = tell.try_send(()) {
            return;
        }
    }
}

struct Files {
    paths: Vec<PathBuf>,
    watcher: RecommendedWatcher,
    armed: BTreeSet<PathBuf>,
}

impl Files {
    fn new(paths: Vec<PathBuf>, seen: mpsc::UnboundedSender<()>) -> notify::Result<Self> {
        let mine = paths.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let matters = match event {
                Ok(event) => is_change(event.kind) && event.paths.iter().any(|path| concerns(&mine, path)),
                // Events were lost, or something else went wrong: look again.
                Err(_) => true,
            };
            if matters {
                // The receiver is gone only when nobody listens.
                let _ = seen.send(());
            }
        })?;
        Ok(Self {
            paths,
            watcher,
            armed: BTreeSet::new(),
        })
    }

    /// Watches the folders as they are now. All anew: one may have been replaced by another of the same name.
    fn arm(&mut self) -> notify::Result<()> {
        for folder in std::mem::take(&mut self.armed) {
            // Gone folders aren't watched any more.
            let _ = self.watcher.unwatch(&folder);
        }
        for folder in self.paths.iter().flat_map(|path| folders(path)) {
            if !self.armed.contains(&folder) {
                self.watcher.watch(&folder, RecursiveMode::NonRecursive)?;
                self.armed.insert(folder);
            }
        }
        Ok(())
    }
}

/// Where changes of a path show: the folder it lies in, or the nearest that exists; itself, when it is a folder; and
/// the same for what it links to.
fn folders(path: &Path) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    folders.extend(
        path.ancestors()
            .skip(1)
            .find(|folder| folder.is_dir())
            .map(Path::to_owned),
    );
    if path.is_dir() {
        folders.push(path.to_owned());
    }
    if overrides::is_link(path)
        && let Ok(target) = overrides::target(path)
    {
        folders.extend(
            target
                .ancestors()
                .skip(1)
                .find(|folder| folder.is_dir())
                .map(Path::to_owned),
        );
    }
    folders
}

/// Looking isn't changing.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}

/// Whether something that happened at `place` concerns one of the paths: it is above it, it, or inside it.
fn concerns(paths: &[PathBuf], place: &Path) -> bool {
    let one = |path: &PathBuf| {
        path.starts_with(place)
            || place.starts_with(path)
            || (overrides::is_link(path) && overrides::target(path).is_ok_and(|target| target == place))
    };
    paths.iter().any(one)
}

/// The store's signals, or none when its bus isn't there or doesn't answer in time.
async fn signals(bus: Option<String>) -> Option<permission_store::ChangedStream> {
    let open = async {
        let connection = permission_store::connect(bus.as_deref()).await.ok()?;
        let store = permission_store::proxy(&connection).await.ok()?;
        store.receive_changed().await.ok()
    };
    tokio::time::timeout(LIMIT, open).await.ok().flatten()
}

async fn follow_store(
    mut signals: permission_store::ChangedStream,
    keys: &[StoreKey],
    seen: &mpsc::UnboundedSender<()>,
) {
    while let Some(signal) = signals.next().await {
        let ours = signal.args().is_ok_and(|args| {
            keys.iter()
                .any(|key| key.table == args.table && key.entry == args.id)
        });
        if ours && seen.send(()).is_err() {
            return;
        }
    }
}
