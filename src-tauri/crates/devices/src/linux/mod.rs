//! Linux: Flatpak's files, the XDG permission store, installed packages.

mod flatpak;
mod observe;
mod packages;
mod permission_store;
mod settings;
mod watch;
mod write;

use std::io;
use std::path::{Path, PathBuf};

use settings_privacy_core::permission::{
    Catalogue, Edit, Ground, Observation, Permission, Snapshot, StoreKey,
};

use crate::error::DeviceError;
use crate::places::Places;
use crate::settings::SettingsPage;
use flatpak::{install, overrides};
use permission_store::PermissionStore;

pub use watch::Watch;
pub use write::Prepared;

/// What DingTalk may use on this computer.
#[derive(Debug)]
pub struct Desktop {
    places: Places,
    packages: packages::Packages,
    store: PermissionStore,
    /// One change at a time.
    writing: tokio::sync::Mutex<()>,
}

impl Desktop {
    /// The adapter for these places. Nothing is read yet.
    pub fn new(places: Places) -> Self {
        let store = PermissionStore::new(places.session_bus.clone());
        Self {
            places,
            packages: packages::Packages::default(),
            store,
            writing: tokio::sync::Mutex::new(()),
        }
    }

    /// Looks at everything. It never fails as a whole: what can't be read stands among the problems.
    /// The permission store is given 2 seconds.
    pub async fn observe(&self, catalogue: &Catalogue) -> Observation {
        observe::observe(&self.places, &self.packages, &self.store, catalogue).await
    }

    /// The places that `edits` touch, as they are. The override file is always among them, whole.
    ///
    /// # Errors
    /// When the override file or the permission store can't be read.
    pub async fn snapshot(&self, catalogue: &Catalogue, edits: &[Edit]) -> Result<Snapshot, DeviceError> {
        self.read_places(&catalogue.app.flatpak_id, write::store_keys(edits))
            .await
    }

    /// What making the edits would take: the places as they are, and as they would be. Nothing is written.
    ///
    /// # Errors
    /// When a place can't be read, or its content can't be edited.
    pub async fn prepare(&self, catalogue: &Catalogue, edits: &[Edit]) -> Result<Prepared, DeviceError> {
        let app = &catalogue.app.flatpak_id;
        self.prepared(app, write::store_keys(edits), |before, is_link| {
            write::edited(app, before, edits, is_link)
        })
        .await
    }

    /// Makes what was prepared, if the places are still as they were then: the override file first, then the permission
    /// store. All of it or, as far as the system lets us, none. An override file with nothing left in it is removed.
    /// A power cut right afterwards may still bring the old file back, whole: see [`Desktop::durable`].
    ///
    /// # Errors
    /// [`DeviceError::Contended`] when the override file is another by now; when a place can't be read or written. The
    /// error says what was put back.
    pub async fn make(&self, catalogue: &Catalogue, prepared: &Prepared) -> Result<(), DeviceError> {
        let _one_at_a_time = self.writing.lock().await;
        let app = &catalogue.app.flatpak_id;
        self.go(app, &prepared.before, &prepared.after).await
    }

    /// [`Desktop::prepare`] and [`Desktop::make`], again while other programs write the same file.
    ///
    /// # Errors
    /// As of both.
    pub async fn apply(&self, catalogue: &Catalogue, edits: &[Edit]) -> Result<(), DeviceError> {
        let _one_at_a_time = self.writing.lock().await;
        let app = &catalogue.app.flatpak_id;
        self.change(app, &write::store_keys(edits), |before, is_link| {
            write::edited(app, before, edits, is_link)
        })
        .await
    }

    /// Returns once the override file as it is now survives a power cut. The permission store sees to its own.
    ///
    /// # Errors
    /// When the disk says that it couldn't keep it.
    pub async fn durable(&self, catalogue: &Catalogue) -> Result<(), DeviceError> {
        let Some(path) = self.override_path(&catalogue.app.flatpak_id) else {
            return Ok(());
        };
        blocking(move || overrides::durable(&path)).await
    }

    /// Brings back what a snapshot holds, byte for byte; a file that wasn't there is removed. Whatever was written
    /// to the override file since the snapshot is lost: restore the latest change first.
    ///
    /// # Errors
    /// When a place can't be read or written; the error says what was put back.
    pub async fn restore(&self, catalogue: &Catalogue, to: &Snapshot) -> Result<(), DeviceError> {
        let _one_at_a_time = self.writing.lock().await;
        let keys: Vec<StoreKey> = to.store.iter().map(|(key, _)| key.clone()).collect();
        self.change(&catalogue.app.flatpak_id, &keys, |_, _| Ok(to.clone()))
            .await
    }

    /// Follows what other programs change. To be called within a tokio runtime.
    ///
    /// # Errors
    /// [`DeviceError::NotWatched`].
    pub fn watch(&self) -> Result<Watch, DeviceError> {
        let catalogue = settings_privacy_core::data::permissions();
        watch::start(watch::Followed {
            paths: self.followed_paths(catalogue),
            bus: self.places.session_bus.clone(),
            keys: portal_keys(catalogue),
        })
    }

    fn followed_paths(&self, catalogue: &Catalogue) -> Vec<PathBuf> {
        let app = catalogue.app.flatpak_id.as_str();
        let installations = self
            .places
            .flatpak_user
            .iter()
            .chain([&self.places.flatpak_system]);
        let flatpak = installations.flat_map(|installation| {
            let overrides = installation.join("overrides");
            [
                overrides.join("global"),
                overrides.join(app),
                installation.join("app").join(app),
                installation.join("app").join(app).join("current"),
                // A new version takes the place of this link.
                installation.join("app").join(app).join("current/active"),
            ]
        });
        let plain = catalogue.app.directories.iter();
        let plain = plain.map(|folder| self.places.root.join(folder.trim_start_matches('/')));
        flatpak.chain(plain).collect()
    }

    /// The desktop's own page for a permission, where there is one.
    pub fn settings_page(&self, permission: &Permission) -> Option<SettingsPage> {
        if !settings::are_there(&self.places) {
            return None;
        }
        let app = &settings_privacy_core::data::permissions().app.flatpak_id;
        let sandboxed = install::find(&self.places, app).map(|_| app.as_str());
        settings::page(sandboxed, permission)
    }

    /// Opens the desktop's own page for a permission. To be called within a tokio runtime.
    ///
    /// # Errors
    /// [`DeviceError::NoSettingsPage`], [`DeviceError::SettingsNotOpened`].
    pub async fn open_settings(&self, permission: &Permission) -> Result<(), DeviceError> {
        let page = self
            .settings_page(permission)
            .ok_or_else(|| DeviceError::NoSettingsPage {
                permission: permission.name.clone(),
            })?;
        settings::open(&self.places, page)
    }

    /// Copies an override file beside itself under a name that nobody uses yet, and says which.
    ///
    /// # Errors
    /// [`DeviceError::NotCopied`], also for any file that isn't an override.
    pub async fn copy_aside(&self, file: &Path) -> Result<PathBuf, DeviceError> {
        let installations = self
            .places
            .flatpak_user
            .iter()
            .chain([&self.places.flatpak_system]);
        let is_override = installations
            .map(|installation| installation.join("overrides"))
            .any(|folder| file.parent() == Some(&folder) && file.file_name().is_some());
        let name = overrides::name(file);
        let file = file.to_owned();
        let copied = match is_override {
            true => blocking(move || overrides::copy_aside(&file)).await,
            false => Err(io::Error::from(io::ErrorKind::InvalidInput)),
        };
        copied.map_err(|source| DeviceError::NotCopied { file: name, source })
    }
}

/// The permission store's entries that a catalogue speaks of, once each.
fn portal_keys(catalogue: &Catalogue) -> Vec<StoreKey> {
    let mut keys: Vec<StoreKey> = Vec::new();
    for ground in catalogue
        .permissions
        .iter()
        .flat_map(|permission| &permission.flatpak)
    {
        if let Ground::Portal { table, entry, .. } = ground {
            let key = StoreKey {
                table: table.clone(),
                entry: entry.clone(),
            };
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    keys
}

/// Runs what may wait for a disk where it holds up nobody.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down, and this future with it.
            Err(_) => std::future::pending().await,
        },
    }
}
