//! Putting back what a clearing removed, and settling what was cut short.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use settings_privacy_core::storage::Profile;

use super::backup::{self, Backup, State};
use super::error::ClearError;
use super::rows_back;
use super::step::{Step, Store, Table};
use super::target::is_origins_own;
use super::{disk, entries, history, scratch, workers};
use crate::browsers::blocking;
use crate::closed::{Closed, NotClosed, closed};
use crate::copy::{beside, file_name};
use crate::look::measure;
use crate::places::Places;

/// What came of putting back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Restored {
    /// Rows, entries, files and folders that are there again.
    pub put_back: u64,
    /// Those that weren't put back, since something newer of the kind is there. The backup keeps them for its time.
    pub newer_stays: u64,
}

/// What became of a clearing that was cut short.
#[derive(Debug)]
pub struct Settled {
    /// The profile.
    pub profile: Profile,
    /// When it was begun, which is also its backup's time.
    pub made: Timestamp,
    /// What became of it.
    pub settlement: Settlement,
}

/// How a clearing that was cut short was settled.
#[derive(Debug)]
pub enum Settlement {
    /// It had removed nothing; its traces are gone.
    NothingChanged,
    /// What it had removed is back, as if it hadn't begun.
    PutBack,
    /// What it had removed is back, but for what something newer is there of: its backup stays, to be put back later.
    PutBackInPart(Restored),
    /// Putting back had begun, and is done.
    Restored(Restored),
    /// It was cleared; its traces are gone.
    Finished,
    /// It waits: for the browser to be closed, or for the reason the error tells.
    Waiting(ClearError),
}

/// Puts a backup back, none of it over what came since.
pub(crate) async fn restore(places: &Places, backup: &Backup) -> Result<Restored, ClearError> {
    let (with, of) = (places.clone(), backup.profile.clone());
    let guard = blocking(move || closed(&with, &of)).await?;
    let _busy = take(backup).await?.ok_or(NotClosed::BeingChanged {
        browser: backup.profile.browser.name(),
    })?;
    let at = backup.clone();
    match blocking(move || backup::state(&at)).await? {
        State::Cleared | State::Restoring => {}
        State::Preparing | State::Removing | State::Restored => {
            return Err(ClearError::Unrestorable {
                reason: "its clearing isn't settled yet",
            });
        }
    }
    let scratch = scratch(&places.scratch).await?;
    set(backup, State::Restoring).await?;
    match put_back(backup, scratch.path(), &guard).await {
        Ok(restored) => {
            clean(backup).await;
            guard.still().map_err(|_| ClearError::StartedMeanwhile {
                browser: backup.profile.browser.name(),
            })?;
            if restored.newer_stays == 0 {
                set(backup, State::Restored).await?;
                let done = backup.clone();
                let _ = blocking(move || backup::remove(&done)).await;
            } else {
                set(backup, State::Cleared).await?;
            }
            Ok(restored)
        }
        Err(error) => {
            clean(backup).await;
            // Whatever is back stays; the rest can be tried again.
            set(backup, State::Cleared).await?;
            Err(error)
        }
    }
}

async fn take(backup: &Backup) -> Result<Option<backup::Busy>, ClearError> {
    let of = backup.clone();
    let busy = blocking(move || backup::busy(&of)).await;
    busy.map_err(|source| ClearError::Backup { source })
}

async fn set(backup: &Backup, state: State) -> Result<(), ClearError> {
    let to = backup.clone();
    let set = blocking(move || backup::set(&to, state)).await;
    set.map_err(ClearError::backup)
}

async fn clean(backup: &Backup) {
    let workspace = backup.workspace();
    let _ = blocking(move || disk::remove_tree(&workspace)).await;
}

/// Settles every clearing of the folder that was cut short.
pub(crate) async fn recover(places: &Places, backups: &Path) -> Result<Vec<Settled>, ClearError> {
    let folder = backups.to_owned();
    let all = blocking(move || {
        backup::sweep(&folder)?;
        backup::all(&folder)
    })
    .await;
    let mut settled = Vec::new();
    for backup in all.map_err(|source| ClearError::Backup { source })? {
        let busy = match take(&backup).await {
            Ok(Some(busy)) => busy,
            // Not cut short: it is under way.
            Ok(None) => continue,
            Err(error) => {
                settled.push(Settled {
                    profile: backup.profile,
                    made: backup.made,
                    settlement: Settlement::Waiting(error),
                });
                continue;
            }
        };
        let at = backup.clone();
        let state = blocking(move || backup::state(&at)).await;
        let settlement = match state {
            Ok(State::Cleared) if !backup.workspace().exists() => continue,
            Ok(state) => settle(places, &backup, state, busy).await,
            Err(error) => Err(error),
        };
        settled.push(Settled {
            profile: backup.profile.clone(),
            made: backup.made,
            settlement: settlement.unwrap_or_else(Settlement::Waiting),
        });
    }
    Ok(settled)
}

async fn settle(
    places: &Places,
    backup: &Backup,
    state: State,
    busy: backup::Busy,
) -> Result<Settlement, ClearError> {
    let forget = || {
        let done = backup.clone();
        blocking(move || {
            disk::remove_tree(&done.workspace())?;
            backup::remove(&done)
        })
    };
    let unsettled = |source| ClearError::Backup { source };
    match state {
        State::Preparing => {
            forget().await.map_err(unsettled)?;
            Ok(Settlement::NothingChanged)
        }
        State::Cleared => {
            clean(backup).await;
            Ok(Settlement::Finished)
        }
        State::Restored => {
            forget().await.map_err(unsettled)?;
            Ok(Settlement::Restored(Restored::default()))
        }
        State::Restoring => {
            // Putting back takes it anew.
            drop(busy);
            restore(places, backup).await.map(Settlement::Restored)
        }
        State::Removing => {
            let (with, of) = (places.clone(), backup.profile.clone());
            let guard = blocking(move || closed(&with, &of)).await?;
            let scratch = scratch(&places.scratch).await?;
            let restored = put_back(backup, scratch.path(), &guard).await?;
            guard.still()?;
            if restored.newer_stays > 0 {
                // The backup holds the only copy of what the newer one stands in the way of.
                set(backup, State::Cleared).await?;
                return Ok(Settlement::PutBackInPart(restored));
            }
            forget().await.map_err(unsettled)?;
            Ok(Settlement::PutBack)
        }
    }
}

/// Carries every step out backwards. Doing it twice does it once, and a step that wasn't carried out is left alone.
pub(super) async fn put_back(
    backup: &Backup,
    scratch: &Path,
    closed: &Closed,
) -> Result<Restored, ClearError> {
    let at = backup.clone();
    let steps = blocking(move || {
        // What was begun before is begun anew.
        disk::remove_tree(&at.workspace()).map_err(|error| ClearError::io("the profile", error))?;
        disk::private_folder(&at.workspace()).map_err(|error| ClearError::io("the profile", error))?;
        backup::steps(&at)
    });
    let mut buckets: Option<BTreeSet<i64>> = None;
    let mut restored = Restored::default();
    for step in steps.await? {
        closed.still()?;
        let (put, stayed) = match &step {
            Step::Rows { file, table, kept } => {
                let path = disk::below(&backup.profile.path, file)?;
                let put = rows_back::put_back(&path, *table, &backup.kept(kept), closed).await?;
                if *table == Table::Buckets {
                    buckets = Some(put.numbers);
                }
                (put.put, put.stayed)
            }
            Step::History { file, kept } => {
                let path = disk::below(&backup.profile.path, file)?;
                history::put_back(&path, &backup.kept(kept), closed).await?
            }
            Step::Entries { folder, store, kept } => {
                entries_back(folder, *store, kept, backup, scratch).await?
            }
            Step::Workers { file, kept } => workers_back(file, kept, backup)?,
            Step::Session { file, kept } => session_back(file, kept, backup)?,
            Step::Whole { path, kept } => {
                let its_bucket = path
                    .strip_prefix("WebStorage")
                    .ok()
                    .and_then(|rest| rest.iter().next()?.to_str()?.parse::<i64>().ok());
                match (&buckets, its_bucket) {
                    // Its number is another's by now, or nobody's.
                    (Some(known), Some(number)) if !known.contains(&number) => (0, 1),
                    _ => {
                        let (path, kept, backup) = (path.clone(), kept.clone(), backup.clone());
                        blocking(move || whole_back(&path, &kept, &backup)).await?
                    }
                }
            }
        };
        restored.put_back += put;
        restored.newer_stays += stayed;
    }
    clean(backup).await;
    Ok(restored)
}

async fn entries_back(
    folder: &Path,
    store: Store,
    kept: &Path,
    backup: &Backup,
    scratch: &Path,
) -> Result<(u64, u64), ClearError> {
    let path = disk::below(&backup.profile.path, folder)?;
    let damaged = ClearError::Unrestorable {
        reason: "it is damaged",
    };
    let name = file_name(folder);
    let was = disk::fingerprint(&path).map_err(|error| ClearError::io(&name, error))?;
    let kept_entries = entries::read(&backup.kept(kept), scratch).await?.ok_or(damaged)?;
    let Some(current) = entries::read(&path, scratch).await? else {
        return Ok((0, kept_entries.len() as u64));
    };
    let (merged, put, stayed) = entries::merged(store, current, &kept_entries);
    if put > 0 {
        let new = backup.workspace().join(kept);
        entries::write(new.clone(), merged, scratch).await?;
        let exchanged = blocking(move || {
            disk::unchanged(&path, &was, &name)?;
            disk::exchange(&new, &path).map_err(|error| ClearError::io(&name, error))
        });
        exchanged.await?;
    }
    Ok((put, stayed))
}

fn workers_back(file: &Path, kept: &Path, backup: &Backup) -> Result<(u64, u64), ClearError> {
    let path = disk::below(&backup.profile.path, file)?;
    let name = file_name(file);
    let changed = || ClearError::Unrestorable {
        reason: "the browser keeps such things in another way by now",
    };
    let kept = fs::read_to_string(backup.kept(kept)).map_err(|source| ClearError::Backup { source })?;
    let current = match fs::read_to_string(&path) {
        Ok(text) => text,
        // Firefox writes it when there is something to write.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            kept.split_inclusive('\n').next().unwrap_or_default().to_owned()
        }
        Err(error) => return Err(ClearError::io(&name, error)),
    };
    let (merged, put, stayed) = workers::merged(&current, &kept).ok_or_else(changed)?;
    if put > 0 {
        put_file(&path, merged.as_bytes(), backup).map_err(|error| ClearError::io(&name, error))?;
    }
    Ok((put, stayed))
}

/// A session is one thing: it is put back only where what the clearing left still lies, or nothing does.
fn session_back(file: &Path, kept: &Path, backup: &Backup) -> Result<(u64, u64), ClearError> {
    let path = disk::below(&backup.profile.path, file)?;
    let backup_error = |source| ClearError::Backup { source };
    let before = fs::read(backup.kept(kept)).map_err(backup_error)?;
    let left = fs::read(backup.kept(&beside(kept, ".left"))).map_err(backup_error)?;
    match fs::read(&path) {
        Ok(current) if current == before => Ok((0, 0)),
        Ok(current) if current != left => Ok((0, 1)),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ClearError::io(&file_name(file), error)),
        Ok(_) | Err(_) => {
            put_file(&path, &before, backup).map_err(|error| ClearError::io(&file_name(file), error))?;
            Ok((1, 0))
        }
    }
}

fn put_file(path: &Path, bytes: &[u8], backup: &Backup) -> io::Result<()> {
    let new = backup.workspace().join("new");
    disk::private_file(&new, bytes)?;
    disk::move_away(&new, path)
}

fn whole_back(path: &Path, kept: &Path, backup: &Backup) -> Result<(u64, u64), ClearError> {
    let target = disk::below(&backup.profile.path, path)?;
    let from = backup.kept(kept);
    let name = disk::shown(path);
    let wrong = |error| ClearError::io(&name, error);
    let one = |from: &Path, to: PathBuf| -> Result<(u64, u64), ClearError> {
        match fs::symlink_metadata(&to) {
            // A browser makes folders when a page only asks: in this one nothing came since.
            Ok(told) if told.is_dir() && measure(&to).0 == 0 => disk::remove_tree(&to).map_err(wrong)?,
            Ok(_) if disk::same(from, &to) => return Ok((0, 0)),
            Ok(_) => return Ok((0, 1)),
            Err(_) => {}
        }
        let new = backup.workspace().join("new");
        disk::copy_tree(from, &new).map_err(wrong)?;
        disk::move_away(&new, &to).map_err(wrong)?;
        Ok((1, 0))
    };
    if target.is_dir() && is_origins_own(path) {
        // The origin came back: what it doesn't have by now is put beside what it has.
        let mut counts = (0, 0);
        for entry in fs::read_dir(&from).map_err(|source| ClearError::Backup { source })? {
            let entry = entry.map_err(|source| ClearError::Backup { source })?;
            let (put, stayed) = one(&entry.path(), target.join(entry.file_name()))?;
            let folder = u64::from(entry.path().is_dir());
            counts = (counts.0 + put * folder, counts.1 + stayed * folder);
        }
        return Ok(counts);
    }
    let above = target.parent().unwrap_or(&backup.profile.path);
    if !above.is_dir() {
        let origins = path.parent().is_some_and(is_origins_own);
        if origins {
            // The origin's own folder is gone, with what says whose it is.
            return Ok((0, 1));
        }
        fs::create_dir_all(above).map_err(wrong)?;
    }
    one(&from, target)
}
