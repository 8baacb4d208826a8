//! Whether a browser has a profile open now. Both kinds of lock leave traces behind, so neither file's presence
//! says anything.

use std::path::Path;

use settings_privacy_core::storage::{Family, Packaging, Profile, Running};

use crate::closed;
use crate::places::Places;

/// Whether a browser has this profile open.
///
/// While this process changes the profile, that can't be told: asking would open Firefox's lock, and closing it again
/// would let go of the one that is held.
pub(crate) fn running(places: &Places, profile: &Profile) -> Running {
    closed::unless_held(&profile.path, || ask(places, profile)).unwrap_or(Running::Unknown)
}

/// The same, without looking whether this process changes the profile.
pub(crate) fn ask(places: &Places, profile: &Profile) -> Running {
    match profile.family {
        Family::Firefox => firefox(&profile.path),
        Family::Chromium => chromium(places, profile),
    }
}

/// Firefox holds an fcntl lock on `.parentlock` for as long as it has the profile open.
#[cfg(unix)]
fn firefox(profile: &Path) -> Running {
    locked(&profile.join(".parentlock"))
}

/// Whether another process holds an fcntl lock on a file. Asking takes none.
#[cfg(unix)]
fn locked(path: &Path) -> Running {
    use rustix::process::{Flock, FlockType, fcntl_getlk};
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Running::No,
        Err(_) => return Running::Unknown,
    };
    match fcntl_getlk(&file, &Flock::from(FlockType::WriteLock)) {
        Ok(Some(_)) => Running::Yes,
        Ok(None) => Running::No,
        Err(_) => Running::Unknown,
    }
}

#[cfg(not(unix))]
fn firefox(profile: &Path) -> Running {
    match std::fs::exists(profile.join("parent.lock")) {
        Ok(false) => Running::No,
        Ok(true) | Err(_) => Running::Unknown,
    }
}

/// Chromium's `SingletonLock` is a link to `host-pid`. It stays after a kill, and a number may be given again: a
/// live process of that number on this computer counts, as Chromium itself counts it. The lock of its local storage
/// tells too.
#[cfg(unix)]
fn chromium(places: &Places, profile: &Profile) -> Running {
    if locked(&profile.path.join("Local Storage/leveldb/LOCK")) == Running::Yes {
        return Running::Yes;
    }
    let target = match std::fs::read_link(profile.root.join("SingletonLock")) {
        Ok(target) => target,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Running::No,
        Err(_) => return Running::Unknown,
    };
    let told = target.to_str().and_then(|target| target.rsplit_once('-'));
    let Some((host, Ok(pid))) = told.map(|(host, pid)| (host, pid.parse::<i32>())) else {
        return Running::Unknown;
    };
    if matches!(profile.packaging, Packaging::Flatpak(_)) {
        // The number counts inside the sandbox only.
        return Running::Unknown;
    }
    if places.host_name.as_deref() != Some(host) {
        // A home on a network, open on another computer, or this computer under an older name.
        return Running::Unknown;
    }
    match rustix::process::Pid::from_raw(pid).filter(|_| pid > 0) {
        None => Running::Unknown,
        Some(pid) => match rustix::process::test_kill_process(pid) {
            Ok(()) | Err(rustix::io::Errno::PERM) => Running::Yes,
            Err(_) => Running::No,
        },
    }
}

#[cfg(not(unix))]
fn chromium(_places: &Places, profile: &Profile) -> Running {
    // Windows: Chromium holds `lockfile` open without sharing for as long as it runs.
    let lock = profile.root.join("lockfile");
    match std::fs::File::open(&lock) {
        Ok(_) => Running::Unknown,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Running::No,
        Err(_) => Running::Yes,
    }
}
