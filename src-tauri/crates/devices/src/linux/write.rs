//! Changing the two places this program writes: the user's override for the app, and the permission store.
//!
//! A change goes from one [`Snapshot`] to another, so that whatever fails half-way can be taken back.

use std::path::PathBuf;
use std::time::Duration;

use settings_privacy_core::permission::{Edit, Snapshot, StoreKey};

use super::flatpak::{KeyFile, Malformed, context, overrides};
use super::{Desktop, blocking};
use crate::error::{DeviceError, StoreFailure, Undone};

/// How often a change is tried when other programs write the same file at the same moment.
const TRIES: u32 = 10;

/// How long to wait before the next try, times the tries so far.
const PAUSE: Duration = Duration::from_millis(5);

/// A change that can be made: the places before it and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The places as they are.
    pub before: Snapshot,
    /// The places as they would be.
    pub after: Snapshot,
}

/// The permission store's entries that edits touch, once each.
pub(super) fn store_keys(edits: &[Edit]) -> Vec<StoreKey> {
    let mut keys: Vec<StoreKey> = Vec::new();
    for edit in edits {
        if let Edit::Store { key, .. } = edit
            && !keys.contains(key)
        {
            keys.push(key.clone());
        }
    }
    keys
}

/// What the places hold after `edits`.
pub(super) fn edited(
    app: &str,
    before: &Snapshot,
    edits: &[Edit],
    is_link: bool,
) -> Result<Snapshot, DeviceError> {
    let mut after = before.clone();
    if context::concerns_file(edits) {
        let malformed = |Malformed { line, reason }| DeviceError::OverrideMalformed {
            file: app.to_owned(),
            line,
            reason,
        };
        let text = before.override_file.as_deref().unwrap_or_default();
        let mut file = KeyFile::parse(text.as_bytes()).map_err(malformed)?;
        context::read(&file).map_err(malformed)?;
        context::edit(&mut file, edits);
        let edited = file.render();
        if edited != text {
            // What a link points to is somebody's own file: it is emptied, not removed.
            after.override_file = (is_link || !file.is_blank()).then_some(edited);
        }
    }
    for edit in edits {
        if let Edit::Store { key, value } = edit {
            for (_, held) in after.store.iter_mut().filter(|(known, _)| known == key) {
                held.clone_from(value);
            }
        }
    }
    Ok(after)
}

impl Desktop {
    pub(super) fn override_path(&self, app: &str) -> Option<PathBuf> {
        let user = self.places.flatpak_user.as_ref()?;
        Some(user.join("overrides").join(app))
    }

    /// What the places hold now.
    pub(super) async fn read_places(&self, app: &str, keys: Vec<StoreKey>) -> Result<Snapshot, DeviceError> {
        let path = self.override_path(app);
        let bytes = blocking(move || path.map_or(Ok(None), |path| overrides::read(&path))).await;
        let bytes = bytes.map_err(|source| DeviceError::OverrideUnreadable {
            file: app.to_owned(),
            source,
        })?;
        let text = bytes.map(String::from_utf8).transpose().map_err(|error| {
            let line = 1 + error.as_bytes()[..error.utf8_error().valid_up_to()]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count();
            DeviceError::OverrideMalformed {
                file: app.to_owned(),
                line,
                reason: "it isn't text in UTF-8".to_owned(),
            }
        })?;
        let mut held = match keys.is_empty() {
            true => Default::default(),
            false => {
                let read = self.store.read(app, &keys).await;
                read.map_err(|failure| DeviceError::Store {
                    failure,
                    undone: Undone::Nothing,
                })?
            }
        };
        let store = keys.into_iter().map(|key| {
            let value = held.remove(&key);
            (key, value)
        });
        Ok(Snapshot {
            override_file: text,
            store: store.collect(),
        })
    }

    /// Reads the places, and has `next` say what they should hold.
    pub(super) async fn prepared(
        &self,
        app: &str,
        keys: Vec<StoreKey>,
        next: impl Fn(&Snapshot, bool) -> Result<Snapshot, DeviceError>,
    ) -> Result<Prepared, DeviceError> {
        let before = self.read_places(app, keys).await?;
        let is_link = self
            .override_path(app)
            .is_some_and(|path| overrides::is_link(&path));
        let after = next(&before, is_link)?;
        Ok(Prepared { before, after })
    }

    /// Reads the places, has `next` say what they should hold, and makes them hold it.
    pub(super) async fn change(
        &self,
        app: &str,
        keys: &[StoreKey],
        next: impl Fn(&Snapshot, bool) -> Result<Snapshot, DeviceError>,
    ) -> Result<(), DeviceError> {
        let mut tries = 1;
        loop {
            let prepared = self.prepared(app, keys.to_vec(), &next).await?;
            match self.go(app, &prepared.before, &prepared.after).await {
                Err(DeviceError::Contended { .. }) if tries < TRIES => {
                    tokio::time::sleep(PAUSE * tries).await;
                    tries += 1;
                }
                done => return done,
            }
        }
    }

    pub(super) async fn go(&self, app: &str, from: &Snapshot, to: &Snapshot) -> Result<(), DeviceError> {
        let file = from.override_file != to.override_file;
        if file {
            self.write_file(app, from, to).await?;
        }
        let mut written: Vec<(&StoreKey, &Option<Vec<String>>)> = Vec::new();
        for ((key, was), (_, value)) in from.store.iter().zip(&to.store) {
            if was == value {
                continue;
            }
            let Err(failure) = self.store.write(app, key, value.as_deref()).await else {
                written.push((key, was));
                continue;
            };
            let undone = self
                .take_back(app, &failure, &written, file.then_some((from, to)))
                .await;
            return Err(DeviceError::Store { failure, undone });
        }
        Ok(())
    }

    async fn write_file(&self, app: &str, from: &Snapshot, to: &Snapshot) -> Result<(), DeviceError> {
        let path = self.override_path(app).ok_or(DeviceError::NoHome)?;
        let (from, to) = (from.override_file.clone(), to.override_file.clone());
        blocking(move || {
            overrides::replace(
                &path,
                from.as_deref().map(str::as_bytes),
                to.as_deref().map(str::as_bytes),
            )
        })
        .await
    }

    /// Puts back what was written before the store failed.
    async fn take_back(
        &self,
        app: &str,
        failure: &StoreFailure,
        written: &[(&StoreKey, &Option<Vec<String>>)],
        file: Option<(&Snapshot, &Snapshot)>,
    ) -> Undone {
        let mut whole = true;
        if let Some((from, to)) = file {
            whole &= self.write_file(app, to, from).await.is_ok();
        }
        // A store that hangs isn't waited for again, and may yet do what it was asked.
        let hangs = *failure == StoreFailure::Hanging;
        for (key, was) in written.iter().rev() {
            whole &= !hangs && self.store.write(app, key, was.as_deref()).await.is_ok();
        }
        match (whole && !hangs, written.is_empty() && file.is_none()) {
            (false, _) => Undone::NotEverything,
            (true, true) => Undone::Nothing,
            (true, false) => Undone::Everything,
        }
    }
}
