//! The backups: what was removed, for thirty days, and how far each clearing got.
//!
//! A backup is a folder of the user's alone (0700, files 0600): `manifest.json` says of which profile it is, when it
//! was made, and how much of each kind; `steps.json` which files it concerns; `state` how far the clearing got;
//! `lock` is locked while a program works with it; the rest is what was removed, nothing else. It holds values, as the profile did: it is as private as that.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use settings_privacy_core::storage::{Bytes, Kind, Plan, Profile};

use super::disk;
use super::error::ClearError;
use super::step::Step;

/// How long a backup is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
const FORMAT: u32 = 1;
const NAMED: &str = "%Y%m%dT%H%M%SZ";
/// Before the name of a folder without a manifest yet. There is nothing in it that anybody would miss.
const UNFINISHED: &str = "new-";
/// Before the name of a folder that is being removed.
const GONE: &str = "gone-";
/// Locked for as long as a program works with the backup.
const LOCK: &str = "lock";

/// How much of a kind was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// The kind.
    pub kind: Kind,
    /// How many findings.
    pub count: usize,
    /// Their size together, as far as it was known.
    pub size: Bytes,
}

/// What one clearing removed. It can be put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Its folder.
    pub folder: PathBuf,
    /// The profile it is of.
    pub profile: Profile,
    /// When it was made.
    pub made: Timestamp,
    /// How much of each kind.
    pub counts: Vec<Counted>,
}

/// Until when a backup is kept that was made at a time.
pub fn kept_until(made: Timestamp) -> Timestamp {
    made.saturating_add(KEPT).unwrap_or(Timestamp::MAX)
}

impl Backup {
    /// When it is removed.
    pub fn ends(&self) -> Timestamp {
        kept_until(self.made)
    }

    /// Its name: of the folder, and of the work space in the profile.
    pub(super) fn name(&self) -> String {
        crate::copy::file_name(&self.folder)
    }

    /// The folder in the profile where new files wait and old ones go. Not there unless something was cut short.
    pub(super) fn workspace(&self) -> PathBuf {
        self.profile
            .path
            .join(format!(".settings-privacy-{}", self.name()))
    }

    /// A path in the backup.
    pub(super) fn kept(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }
}

/// How far a clearing got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Being written. The profile is as it was, but for a work space.
    Preparing,
    /// Written. Some of it may be gone from the profile.
    Removing,
    /// Gone from the profile.
    Cleared,
    /// Some of it may be back.
    Restoring,
    /// It isn't needed any more.
    Restored,
}

impl State {
    const ALL: [State; 5] = [
        State::Preparing,
        State::Removing,
        State::Cleared,
        State::Restoring,
        State::Restored,
    ];

    fn text(self) -> &'static str {
        match self {
            State::Preparing => "preparing",
            State::Removing => "removing",
            State::Cleared => "cleared",
            State::Restoring => "restoring",
            State::Restored => "restored",
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: u32,
    profile: Profile,
    made: Timestamp,
    counts: Vec<Counted>,
}

/// A program that was just started from this one has a lock of ours for a moment longer than we do: Linux lets its
/// parent go on before it closes what isn't its own.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(20);

/// Says that this program works with a backup, as long as it lives. It ends with the process, however that ends.
#[derive(Debug)]
pub(super) struct Busy {
    _lock: fs::File,
}

/// Takes a backup to work with. `None` when another does.
pub(super) fn busy(backup: &Backup) -> io::Result<Option<Busy>> {
    lock(&backup.folder)
}

fn lock(folder: &Path) -> io::Result<Option<Busy>> {
    let file = fs::File::options().write(true).open(folder.join(LOCK))?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Some(Busy { _lock: file })),
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}

/// Makes a backup's folder, in the state [`State::Preparing`], on the disk when this returns.
pub(super) fn begin(backups: &Path, plan: &Plan, now: Timestamp) -> io::Result<(Backup, Busy)> {
    let counted = |(kind, (count, size))| Counted { kind, count, size };
    if !backups.is_dir() {
        if let Some(above) = backups.parent() {
            fs::create_dir_all(above)?;
        }
        disk::private_folder(backups)?;
        disk::sync_parent(backups)?;
    }
    let mut builder = tempfile::Builder::new();
    // Under another name until its manifest is in it: what is cut short before that is nobody's.
    let prefix = format!("{UNFINISHED}{}-", now.strftime(NAMED));
    builder.prefix(&prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let folder = builder.tempdir_in(backups)?;
    let name = crate::copy::file_name(folder.path());
    let backup = Backup {
        folder: backups.join(name.strip_prefix(UNFINISHED).unwrap_or(&name)),
        profile: plan.profile.clone(),
        made: now,
        counts: plan.counts().into_iter().map(counted).collect(),
    };
    let manifest = Manifest {
        format: FORMAT,
        profile: backup.profile.clone(),
        made: backup.made,
        counts: backup.counts.clone(),
    };
    let manifest = serde_json::to_vec_pretty(&manifest)?;
    disk::private_file(&folder.path().join(LOCK), b"")?;
    let busy = lock(folder.path())?.ok_or(io::ErrorKind::WouldBlock)?;
    disk::private_file(&folder.path().join("manifest.json"), &manifest)?;
    disk::private_file(&folder.path().join("state"), State::Preparing.text().as_bytes())?;
    disk::sync(folder.path())?;
    disk::move_away(folder.path(), &backup.folder)?;
    let _ = folder.keep();
    Ok((backup, busy))
}

/// Writes down the steps, and that removing begins: from here on the backup is what everything can be put back from.
pub(super) fn seal(backup: &Backup, steps: &[Step]) -> io::Result<()> {
    let steps = serde_json::to_vec_pretty(steps)?;
    disk::private_file(&backup.kept(Path::new("steps.json")), &steps)?;
    disk::sync_tree(&backup.folder)?;
    disk::sync_parent(&backup.folder)?;
    set(backup, State::Removing)
}

/// The steps of a sealed backup.
pub(super) fn steps(backup: &Backup) -> Result<Vec<Step>, ClearError> {
    let wrong = |_| ClearError::Unrestorable {
        reason: "it is damaged",
    };
    let bytes =
        fs::read(backup.kept(Path::new("steps.json"))).map_err(|source| ClearError::Backup { source })?;
    serde_json::from_slice(&bytes).map_err(wrong)
}

/// Writes down how far it got.
pub(super) fn set(backup: &Backup, state: State) -> io::Result<()> {
    disk::replace(&backup.kept(Path::new("state")), state.text().as_bytes())
}

/// How far it got.
pub(super) fn state(backup: &Backup) -> Result<State, ClearError> {
    let text = fs::read_to_string(backup.kept(Path::new("state")))
        .map_err(|source| ClearError::Backup { source })?;
    let known = State::ALL.into_iter().find(|state| state.text() == text);
    known.ok_or(ClearError::Unrestorable {
        reason: "it is damaged",
    })
}

/// Removes a backup: at once it is none any more, then what is in it goes.
pub(super) fn remove(backup: &Backup) -> io::Result<()> {
    let name = crate::copy::file_name(&backup.folder);
    let gone = backup.folder.with_file_name(format!("{GONE}{name}"));
    match disk::move_away(&backup.folder, &gone) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        outcome => outcome?,
    }
    disk::remove_tree(&gone)?;
    disk::sync_parent(&gone)
}

/// Ends removals that were cut short.
pub(super) fn sweep(backups: &Path) -> io::Result<()> {
    for entry in fs::read_dir(backups).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(GONE) {
            disk::remove_tree(&entry.path())?;
        }
    }
    Ok(())
}

/// Every backup of the folder, the newest first, whatever its state. One that can't be read is left out, never
/// removed before its time.
pub(super) fn all(backups: &Path) -> io::Result<Vec<Backup>> {
    let begun = |folder: &PathBuf| !crate::copy::file_name(folder).starts_with(UNFINISHED);
    let mut found: Vec<Backup> = entries(backups)?
        .into_iter()
        .filter(|(folder, _)| begun(folder))
        .filter_map(|(folder, _)| read(&folder))
        .collect();
    found.sort_by(|one, other| (other.made, &other.folder).cmp(&(one.made, &one.folder)));
    Ok(found)
}

/// Removes backups that have ended, and what was cut short before it was a backup.
pub(super) fn prune(backups: &Path, now: Timestamp) -> io::Result<usize> {
    let mut removed = 0;
    for (folder, made) in entries(backups)? {
        let ended = made.saturating_add(KEPT).is_ok_and(|ends| ends <= now);
        // What is being settled is needed, however old.
        let needed = read(&folder).is_some_and(|backup| match state(&backup) {
            Ok(State::Removing | State::Restoring) => true,
            Ok(State::Preparing | State::Cleared | State::Restored) | Err(_) => false,
        });
        if ended && !needed {
            disk::remove_tree(&folder)?;
            removed += 1;
        }
    }
    if removed > 0 {
        disk::sync(backups)?;
    }
    Ok(removed)
}

fn read(folder: &Path) -> Option<Backup> {
    let bytes = fs::read(folder.join("manifest.json")).ok()?;
    let manifest: Manifest = serde_json::from_slice(&bytes).ok()?;
    (manifest.format == FORMAT).then(|| Backup {
        folder: folder.to_owned(),
        profile: manifest.profile,
        made: manifest.made,
        counts: manifest.counts,
    })
}

/// Folders that are called as backups are, with the time in the name.
fn entries(backups: &Path) -> io::Result<Vec<(PathBuf, Timestamp)>> {
    let listed = match fs::read_dir(backups) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in listed {
        let path = entry?.path();
        let name = crate::copy::file_name(&path);
        let time = name.strip_prefix(UNFINISHED).unwrap_or(&name).split('-').next();
        let time = time.and_then(|time| jiff::civil::DateTime::strptime(NAMED, time).ok());
        if let Some(time) = time.and_then(|time| jiff::tz::TimeZone::UTC.to_timestamp(time).ok())
            && path.is_dir()
        {
            found.push((path, time));
        }
    }
    Ok(found)
}
