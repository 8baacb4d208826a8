//! macOS and Windows: the system's own settings decide, and their pages are offered.
//!
//! Nothing is read or written here. The pages come from the catalogue; [`system`] says how this system opens one.

use std::path::{Path, PathBuf};

use settings_privacy_core::permission::{Catalogue, Edit, Install, Observation, Permission, Snapshot, Store};

use crate::error::DeviceError;
use crate::places::Places;
use crate::settings::{How, SettingsPage};

#[cfg(target_os = "macos")]
#[path = "macos.rs"]
mod system;
#[cfg(not(target_os = "macos"))]
#[path = "windows.rs"]
mod system;

/// What DingTalk may use on this computer, where the system's own settings decide.
#[derive(Debug)]
pub struct Desktop;

/// A change that can be made. There is none here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The places as they are.
    pub before: Snapshot,
    /// The places as they would be.
    pub after: Snapshot,
}

/// Changes are not followed here: it never says that something changed.
#[derive(Debug)]
pub struct Watch;

impl Watch {
    /// Never comes back: nothing is followed here.
    pub async fn changed(&mut self) -> Option<()> {
        std::future::pending().await
    }
}

impl Desktop {
    /// The adapter. No place is looked at.
    pub fn new(_places: Places) -> Self {
        Self
    }

    /// Says that the app's permissions are held elsewhere.
    pub async fn observe(&self, _catalogue: &Catalogue) -> Observation {
        Observation {
            install: Install::Elsewhere,
            layers: Vec::new(),
            store: Store::Answered(Default::default()),
            problems: Vec::new(),
        }
    }

    /// # Errors
    /// Always [`DeviceError::Elsewhere`].
    pub async fn snapshot(&self, _catalogue: &Catalogue, _edits: &[Edit]) -> Result<Snapshot, DeviceError> {
        Err(DeviceError::Elsewhere)
    }

    /// # Errors
    /// Always [`DeviceError::Elsewhere`].
    pub async fn apply(&self, _catalogue: &Catalogue, _edits: &[Edit]) -> Result<(), DeviceError> {
        Err(DeviceError::Elsewhere)
    }

    /// # Errors
    /// Always [`DeviceError::Elsewhere`].
    pub async fn prepare(&self, _catalogue: &Catalogue, _edits: &[Edit]) -> Result<Prepared, DeviceError> {
        Err(DeviceError::Elsewhere)
    }

    /// # Errors
    /// Always [`DeviceError::Elsewhere`].
    pub async fn make(&self, _catalogue: &Catalogue, _prepared: &Prepared) -> Result<(), DeviceError> {
        Err(DeviceError::Elsewhere)
    }

    /// Nothing is written here.
    ///
    /// # Errors
    /// None on this system.
    pub async fn durable(&self, _catalogue: &Catalogue) -> Result<(), DeviceError> {
        Ok(())
    }

    /// # Errors
    /// Always [`DeviceError::Elsewhere`].
    pub async fn restore(&self, _catalogue: &Catalogue, _to: &Snapshot) -> Result<(), DeviceError> {
        Err(DeviceError::Elsewhere)
    }

    /// A watch that never says anything.
    ///
    /// # Errors
    /// None on this system.
    pub fn watch(&self) -> Result<Watch, DeviceError> {
        Ok(Watch)
    }

    /// The system's own page for a permission.
    pub fn settings_page(&self, permission: &Permission) -> Option<SettingsPage> {
        let uri = system::uri(permission)?;
        Some(SettingsPage {
            label: format!("{}: {}", system::SETTINGS, permission.name),
            how: How::Uri(uri.to_owned()),
        })
    }

    /// Opens the system's own page for a permission.
    ///
    /// # Errors
    /// [`DeviceError::NoSettingsPage`], [`DeviceError::SettingsNotOpened`].
    pub async fn open_settings(&self, permission: &Permission) -> Result<(), DeviceError> {
        let Some((uri, page)) = system::uri(permission).zip(self.settings_page(permission)) else {
            let permission = permission.name.clone();
            return Err(DeviceError::NoSettingsPage { permission });
        };
        system::opener(uri)
            .spawn()
            .map(drop)
            .map_err(|source| DeviceError::SettingsNotOpened {
                label: page.label,
                source,
            })
    }

    /// # Errors
    /// Always [`DeviceError::Elsewhere`].
    pub async fn copy_aside(&self, _file: &Path) -> Result<PathBuf, DeviceError> {
        Err(DeviceError::Elsewhere)
    }
}
