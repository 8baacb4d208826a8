//! The guard before and after every change: no browser has the profile open.
//!
//! A change needs a [`Closed`], and asks it [`still`](Closed::still) right after. While it lives, Firefox can't open
//! the profile either: its own lock is ours, and it says that it is already running. Chromium's lock can't be held
//! for it (it takes over one whose process isn't a Chromium), so for the Chromium family the guard only notices.
//!
//! POSIX locks end with the first descriptor of the file that this process closes. So
//! [`running`](crate::running) opens one only [`unless_held`], and two changes of one profile don't run at once.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use settings_privacy_core::storage::{Family, Profile, Running};

use crate::places::Places;
use crate::running::ask;

/// Why a profile may not be changed now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotClosed {
    /// The browser has it open.
    #[error("{browser} is open. Close all of its windows; this goes on by itself as soon as it is closed.")]
    Open {
        /// The browser's name.
        browser: &'static str,
    },
    /// Whether the browser has it open can't be told.
    #[error(
        "It can't be told whether {browser} is open, so nothing is changed. Close it on every computer that uses this profile, then try again."
    )]
    Unknown {
        /// The browser's name.
        browser: &'static str,
    },
    /// This program is changing it already.
    #[error("This profile of {browser} is being changed already. Try again when that is done.")]
    BeingChanged {
        /// The browser's name.
        browser: &'static str,
    },
}

impl NotClosed {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            NotClosed::Open { .. } => "browser-open",
            NotClosed::Unknown { .. } => "browser-unknown",
            NotClosed::BeingChanged { .. } => "being-changed",
        }
    }
}

/// No browser had the profile open when this was made, and this process alone changes it while it lives.
#[derive(Debug)]
pub(crate) struct Closed {
    places: Places,
    profile: Profile,
    /// Firefox's own lock, where there is a file to lock. Closing the file lets go of it.
    lock: Option<File>,
}

static HELD: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn held() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    // A set of paths is whole whatever panicked beside it.
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work`, which may open a profile's locks, unless this process is changing the profile; none begins meanwhile.
pub(crate) fn unless_held<T>(profile: &Path, work: impl FnOnce() -> T) -> Option<T> {
    let held = held();
    (!held.contains(profile)).then(work)
}

/// Says that no browser has the profile open, and keeps Firefox from opening it.
///
/// # Errors
/// When a browser has it open, when that can't be told, or when it is being changed already.
pub(crate) fn closed(places: &Places, profile: &Profile) -> Result<Closed, NotClosed> {
    let browser = profile.browser.name();
    // Held from before asking until after locking: between, asking would let go of the lock.
    let mut held = held();
    if held.contains(&profile.path) {
        return Err(NotClosed::BeingChanged { browser });
    }
    asked(places, profile)?;
    let lock = match profile.family {
        Family::Firefox => lock(&profile.path, browser)?,
        Family::Chromium => None,
    };
    held.insert(profile.path.clone());
    drop(held);
    Ok(Closed {
        places: places.clone(),
        profile: profile.clone(),
        lock,
    })
}

impl Closed {
    /// Says that no browser opened the profile meanwhile. To be asked right after a change, and right before the
    /// step that can't be taken back.
    ///
    /// # Errors
    /// When one did, or that can't be told.
    pub(crate) fn still(&self) -> Result<(), NotClosed> {
        match &self.lock {
            Some(_) => Ok(()),
            None => asked(&self.places, &self.profile),
        }
    }
}

impl Drop for Closed {
    fn drop(&mut self) {
        let mut held = held();
        // Let go of Firefox's lock first: from then on, others may ask for it.
        self.lock = None;
        held.remove(&self.profile.path);
    }
}

fn asked(places: &Places, profile: &Profile) -> Result<(), NotClosed> {
    let browser = profile.browser.name();
    match ask(places, profile) {
        Running::No => Ok(()),
        Running::Yes => Err(NotClosed::Open { browser }),
        Running::Unknown => Err(NotClosed::Unknown { browser }),
    }
}

/// Takes Firefox's lock. A profile that was never opened has no file for it; one on a disk that can't be written
/// isn't changed anyway.
#[cfg(unix)]
fn lock(profile: &Path, browser: &'static str) -> Result<Option<File>, NotClosed> {
    use rustix::fs::{FlockOperation, fcntl_lock};
    let Ok(file) = File::options().write(true).open(profile.join(".parentlock")) else {
        return Ok(None);
    };
    match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => Err(NotClosed::Open { browser }),
        Err(_) => Err(NotClosed::Unknown { browser }),
    }
}

#[cfg(not(unix))]
fn lock(_profile: &Path, _browser: &'static str) -> Result<Option<File>, NotClosed> {
    Ok(None)
}
