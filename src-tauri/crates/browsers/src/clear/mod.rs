//! Clearing a profile, and putting back what was cleared.
//!
//! A clearing has three parts. **Prepared**: all that goes is copied into a backup, and what must be written anew is
//! written beside; the profile is as it was. **Sealed**: the backup is on the disk and says that removing begins.
//! **Removed**: rows by a transaction, folders by changing places with the new ones or being moved away, and then the
//! backup says *cleared*. Whatever ends it before the seal leaves the old state; whatever ends it after, until it is
//! cleared, is taken back from the backup, at once or at the next start ([`recover`]).
//!
//! Putting back is the same the other way round, may be done twice, and never replaces what came since.

mod backup;
mod database;
mod disk;
mod entries;
mod error;
mod history;
mod http_cache;
mod leftovers;
mod restore;
mod rows;
mod rows_back;
mod step;
mod target;
#[cfg(test)]
mod tests;
mod work;
mod workers;

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use settings_privacy_core::storage::{Finding, FindingId, Kind, Plan, Seen, Sites};

pub use backup::{Backup, Counted, kept_until};
pub use error::ClearError;
pub use restore::{Restored, Settled, Settlement};
pub(crate) use restore::{recover, restore};

use crate::browsers::blocking;
use crate::closed::{Closed, closed};
use crate::copy;
use crate::places::Places;
use backup::State;
use target::Work;

/// How far a clearing has come, for a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Steps done.
    pub done: usize,
    /// Steps in all.
    pub of: usize,
}

/// What a clearing did, as it was seen afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared {
    /// Findings of the plan that were looked for and are gone.
    pub gone: Vec<Finding>,
    /// Findings of the plan that are still there.
    pub remaining: Vec<Finding>,
    /// Findings of the plan that were removed, and that can't be looked for: something couldn't be read.
    pub unseen: Vec<Finding>,
    /// What it can be undone with. `None` when there was nothing to keep.
    pub backup: Option<Backup>,
}

impl Cleared {
    /// Compares a plan with what is seen after it was carried out.
    pub(crate) fn observed(plan: &Plan, after: &Seen, backup: Option<Backup>) -> Self {
        let there: BTreeSet<FindingId> = after
            .findings
            .iter()
            .map(|finding| finding.id(&plan.profile))
            .collect();
        let hidden: BTreeSet<Kind> = after
            .problems
            .iter()
            .flat_map(|problem| problem.hides.iter().copied())
            .collect();
        let (mut gone, mut remaining, mut unseen) = (Vec::new(), Vec::new(), Vec::new());
        for finding in &plan.findings {
            let list = if there.contains(&finding.id(&plan.profile)) {
                &mut remaining
            } else if hidden.contains(&finding.item.kind()) {
                &mut unseen
            } else {
                &mut gone
            };
            list.push(finding.clone());
        }
        Self {
            gone,
            remaining,
            unseen,
            backup,
        }
    }
}

/// Removes what a plan says, and says which backup has it. `None` when nothing of it was there.
pub(crate) async fn clear(
    places: &Places,
    plan: &Plan,
    sites: &Sites,
    backups: &Path,
    now: Timestamp,
    told: &(impl Fn(Progress) + Sync),
) -> Result<Option<Backup>, ClearError> {
    let profile = plan.profile.clone();
    let (with, of) = (places.clone(), profile.clone());
    let guard = blocking(move || closed(&with, &of)).await?;
    let mut work = Work::of(plan)?;
    let scratch = scratch(&places.scratch).await?;
    work.with_emptied_folders(&profile.path);
    let (folder, of) = (backups.to_owned(), plan.clone());
    let (backup, _busy) = blocking(move || backup::begin(&folder, &of, now))
        .await
        .map_err(ClearError::backup)?;
    let prepared = work::prepare(&work, &backup, scratch.path(), &guard).await;
    let outcome = match prepared {
        Ok(prepared) => sealed_and_removed(prepared, &backup, &guard, told).await,
        Err(error) => Err(Stopped::Before(error)),
    };
    let kept = match outcome {
        Ok(kept) => kept,
        Err(Stopped::Before(error)) => {
            forget(&backup).await;
            return Err(error);
        }
        Err(Stopped::Midway(error)) => return Err(taken_back(error, &backup, scratch.path(), &guard).await),
    };
    if !kept {
        forget(&backup).await;
    }
    // Nothing of the site's: it can be fetched again, so it has no backup and comes last. What couldn't be removed
    // is seen when the profile is looked at again.
    let _ = http_cache::remove(&profile, &work.cached, sites).await;
    let left = backup.workspace();
    let _ = blocking(move || disk::remove_tree(&left)).await;
    drop(guard);
    Ok(kept.then_some(backup))
}

/// Where a clearing stopped.
enum Stopped {
    /// Before the seal: nothing was changed.
    Before(ClearError),
    /// After it.
    Midway(ClearError),
}

/// Whether anything was there to be removed.
async fn sealed_and_removed(
    prepared: work::Prepared,
    backup: &Backup,
    guard: &Closed,
    told: &(impl Fn(Progress) + Sync),
) -> Result<bool, Stopped> {
    if prepared.is_empty() {
        return Ok(false);
    }
    let (to, steps) = (backup.clone(), prepared.steps());
    let sealed = blocking(move || backup::seal(&to, &steps)).await;
    if let Err(error) = sealed {
        prepared.let_go().await;
        return Err(Stopped::Before(ClearError::backup(error)));
    }
    if let Err(error) = guard.still() {
        prepared.let_go().await;
        return Err(Stopped::Before(error.into()));
    }
    prepared
        .remove(backup, guard, told)
        .await
        .map_err(Stopped::Midway)?;
    let meanwhile = |_| {
        Stopped::Midway(ClearError::StartedMeanwhile {
            browser: backup.profile.browser.name(),
        })
    };
    guard.still().map_err(meanwhile)?;
    let to = backup.clone();
    let done = blocking(move || backup::set(&to, State::Cleared)).await;
    done.map_err(|error| Stopped::Midway(ClearError::backup(error)))?;
    Ok(true)
}

/// Removes what was prepared in vain. What can't be removed now is at the next start.
async fn forget(backup: &Backup) {
    let backup = backup.clone();
    let forgotten = blocking(move || {
        disk::remove_tree(&backup.workspace())?;
        backup::remove(&backup)
    });
    let _ = forgotten.await;
}

/// Puts back what was removed until it failed, and says why it failed.
async fn taken_back(error: ClearError, backup: &Backup, scratch: &Path, guard: &Closed) -> ClearError {
    if matches!(error, ClearError::StartedMeanwhile { .. }) {
        // The profile is the browser's now. It is settled when that is closed.
        return error;
    }
    match restore::put_back(backup, scratch, guard).await {
        Ok(_) => {
            forget(backup).await;
            error
        }
        Err(_) => ClearError::Unsettled {
            source: Box::new(error),
        },
    }
}

async fn scratch(below: &Path) -> Result<tempfile::TempDir, ClearError> {
    let below = below.to_owned();
    let made = blocking(move || copy::scratch(&below)).await;
    made.map_err(|error| ClearError::io("the folder for temporary files", error))
}

/// The backups that can be put back, the newest first.
///
/// # Errors
/// When the folder can't be read. That it isn't there is no error.
pub fn backups(folder: &Path) -> Result<Vec<Backup>, ClearError> {
    let mut found = backup::all(folder).map_err(|source| ClearError::Backup { source })?;
    found.retain(|backup| matches!(backup::state(backup), Ok(State::Cleared)));
    Ok(found)
}

/// Removes backups that are thirty days old, and says how many. One whose clearing isn't settled is kept.
///
/// # Errors
/// When the folder can't be read, or a backup can't be removed.
pub fn prune(folder: &Path, now: Timestamp) -> Result<usize, ClearError> {
    backup::prune(folder, now).map_err(|source| ClearError::Backup { source })
}
