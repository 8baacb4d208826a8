//! Copies of what is held, for the person it is about: asked for, made in the background, downloaded, removed.
//!
//! A copy is a row; whoever asks about copies wakes the one who makes them.

mod bag;
mod closing;
mod formats;
mod gather;
mod names;
mod page;
mod prepare;
mod records;
mod runner;
mod view;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::SignedDuration;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::config::OpenError;
use crate::folders;
use crate::runner::{Bell, Halt};

pub use prepare::totals;
pub use runner::Copies;
pub use view::{etag, inventory, status, view};

/// How long an archive can be downloaded.
pub const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The `typ` of an archive's signature.
pub const SIGNATURE_TYPE: &str = "settings-privacy-export+jws";

/// Where archives and objects lie, and what is being made.
#[derive(Debug)]
pub struct Desk {
    exports: PathBuf,
    objects: PathBuf,
    wake: Bell,
    working: Mutex<Option<(Uuid, Halt)>>,
    /// Whoever makes copies has ended one.
    rested: Notify,
}

impl Desk {
    /// Makes the folders.
    pub fn open(data_dir: &Path) -> Result<Self, OpenError> {
        let (exports, objects) = (data_dir.join("exports"), data_dir.join("objects"));
        for folder in [&exports, &objects] {
            folders::make_private(folder).map_err(|source| OpenError::Folder {
                path: folder.clone(),
                source,
            })?;
        }
        Ok(Self {
            exports,
            objects,
            wake: Bell::default(),
            working: Mutex::new(None),
            rested: Notify::new(),
        })
    }

    /// Lets whoever makes copies look whether there is something to do.
    pub fn nudge(&self) {
        self.wake.ring();
    }

    /// Calls off the copy, if it is the one being made here.
    pub fn call_off(&self, export: Uuid) {
        let working = self.working.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, halt)) = working.as_ref().filter(|(id, _)| *id == export) {
            halt.call();
        }
    }

    /// Calls off the copy, and waits until it isn't being made here any more.
    pub async fn called_off(&self, export: Uuid) {
        loop {
            let rested = self.rested.notified();
            let mut rested = std::pin::pin!(rested);
            // Heard from now on, so that none is missed between looking and waiting.
            rested.as_mut().enable();
            if !self.is_making(export) {
                return;
            }
            self.call_off(export);
            rested.await;
        }
    }

    fn is_making(&self, export: Uuid) -> bool {
        let working = self.working.lock().unwrap_or_else(PoisonError::into_inner);
        working.as_ref().is_some_and(|(id, _)| *id == export)
    }

    /// Notes which copy is being made.
    fn set_working(&self, working: Option<(Uuid, Halt)>) {
        *self.working.lock().unwrap_or_else(PoisonError::into_inner) = working;
        self.rested.notify_waiters();
    }

    /// What may lie on the disk of a copy.
    pub fn files_of(&self, export: Uuid) -> [PathBuf; 2] {
        [self.archive(export), self.part(export)]
    }

    /// Where the archive of a copy lies.
    pub fn archive(&self, export: Uuid) -> PathBuf {
        self.exports.join(format!("{export}.zip"))
    }

    /// The folder of a category's objects.
    pub fn objects(&self, account: Uuid, category: &str) -> PathBuf {
        self.objects.join(account.to_string()).join(category)
    }

    /// The folder of all objects of an account.
    pub fn objects_of(&self, account: Uuid) -> PathBuf {
        self.objects.join(account.to_string())
    }

    /// Whose objects lie there.
    pub fn owners(&self) -> std::io::Result<Vec<Uuid>> {
        let mut owners = Vec::new();
        for entry in std::fs::read_dir(&self.objects)? {
            let name = entry?.file_name();
            owners.extend(name.to_str().and_then(|name| Uuid::try_parse(name).ok()));
        }
        Ok(owners)
    }

    fn part(&self, export: Uuid) -> PathBuf {
        self.exports.join(format!("{export}.part"))
    }
}
