//! Makes the copies that were asked for, one after the other, as long as the service is open.

use std::fs::File;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use uuid::Uuid;

use super::prepare::{self, Ended};
use super::{Desk, Halt};
use crate::db::exports::{self as rows, Export};
use crate::problem::Failure;
use crate::service::Shared;

/// Archives whose time has come are looked for this often, also when nobody asks.
const LOOK_AGAIN: Duration = Duration::from_secs(3600);

/// The one who makes copies. Dropped, it stops at the next file.
pub struct Runner {
    shared: Shared,
    stop: Halt,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Runner {
    /// Begins, with what was left when the service last stopped.
    pub fn start(shared: &Shared) -> Self {
        let stop = Halt::default();
        let task = tokio::spawn(work(shared.clone(), stop.clone()));
        Self {
            shared: shared.clone(),
            stop,
            task: Mutex::new(Some(task)),
        }
    }

    /// Stops, and waits until nothing is written any more. What isn't ready is made anew at the next start.
    pub async fn stop(&self) {
        self.call_off();
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "whoever makes copies broke off");
        }
    }

    fn call_off(&self) {
        self.stop.call();
        let desk = &self.shared.desk;
        let working = desk.working.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, halt)) = working.as_ref() {
            halt.call();
        }
        drop(working);
        desk.nudge();
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.call_off();
    }
}

async fn work(shared: Shared, stop: Halt) {
    // What expired while nobody was there goes first, also when the service is closed again at once.
    if let Err(error) = expire_due(&shared).await {
        tracing::warn!(%error, "archives whose time has come can't be looked for");
    }
    tidy(&shared).await;
    while !stop.is_called() {
        if let Err(error) = turn(&shared, &stop).await {
            tracing::warn!(%error, "copies can't be looked for");
        }
        if stop.is_called() {
            return;
        }
        // Woken or not, it looks: a wake that comes before the wait isn't lost.
        let _ = tokio::time::timeout(LOOK_AGAIN, shared.desk.wake.notified()).await;
    }
}

async fn turn(shared: &Shared, stop: &Halt) -> Result<(), Failure> {
    if expire_due(shared).await? {
        tidy(shared).await;
    }
    let mut reading = shared.database.read().await?;
    let waiting = rows::next(&mut reading).await?;
    drop(reading);
    if waiting.is_none() {
        return Ok(());
    }
    let Some(_lock) = lock(&shared.desk).await else {
        return Ok(());
    };
    while !stop.is_called() {
        let mut reading = shared.database.read().await?;
        let next = rows::next(&mut reading).await?;
        drop(reading);
        let Some(export) = next else {
            return Ok(());
        };
        make(shared, stop, &export).await?;
    }
    Ok(())
}

/// Records that archives have expired whose time has come; says whether there were any.
async fn expire_due(shared: &Shared) -> Result<bool, Failure> {
    let mut reading = shared.database.read().await?;
    let is_any_due = rows::is_any_due(&mut reading, shared.now()).await?;
    drop(reading);
    if is_any_due {
        let mut transaction = shared.database.begin().await?;
        rows::expire(&mut transaction, shared.now()).await?;
        transaction.commit().await?;
    }
    Ok(is_any_due)
}

/// One at a time, whatever the number of programs that have this service open.
async fn lock(desk: &Desk) -> Option<File> {
    let path = desk.exports.join("runner.lock");
    let locked = tokio::task::spawn_blocking(move || {
        let options = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path);
        options.ok().filter(|file| file.try_lock().is_ok())
    });
    locked.await.ok().flatten()
}

async fn make(shared: &Shared, stop: &Halt, export: &Export) -> Result<(), Failure> {
    let halt = Halt::default();
    shared.desk.set_working(Some((export.id, halt.clone())));
    if stop.is_called() {
        halt.call();
    }
    let ended = Box::pin(prepare::archive(shared, export, &halt)).await;
    let made = settle(shared, export, ended).await;
    shared.desk.set_working(None);
    made
}

/// What comes of a copy that was made, or wasn't.
async fn settle(shared: &Shared, export: &Export, ended: Result<(), Ended>) -> Result<(), Failure> {
    match ended {
        Ok(()) => tracing::info!("a copy is ready"),
        // Taken back, or the service stops: then it is made anew at the next start.
        Err(Ended::Halted) => remove(shared.desk.part(export.id)).await,
        Err(Ended::Failed { fault, said }) => {
            tracing::warn!(said, "a copy couldn't be made");
            remove(shared.desk.part(export.id)).await;
            let mut transaction = shared.database.begin().await?;
            rows::fail(&mut transaction, export.id, fault, shared.now()).await?;
            transaction.commit().await?;
        }
    }
    Ok(())
}

async fn remove(path: std::path::PathBuf) {
    // One that stays is removed at the next start.
    let _ = tokio::task::spawn_blocking(move || std::fs::remove_file(path)).await;
}

/// Removes from the disk what belongs to no copy that is made or there.
async fn tidy(shared: &Shared) {
    let kept = async {
        let mut reading = shared.database.read().await?;
        rows::kept(&mut reading).await
    };
    let Ok(kept) = kept.await else { return };
    let folder = shared.desk.exports.clone();
    let sweep = move || -> io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            let is_ours = matches!(ending, Some("zip" | "part"));
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let id = stem.and_then(|stem| Uuid::try_parse(stem).ok());
            if is_ours && id.is_some_and(|id| !kept.contains(&id)) {
                std::fs::remove_file(&path)?;
            }
        }
        Ok(())
    };
    if let Ok(Err(error)) = tokio::task::spawn_blocking(sweep).await {
        tracing::warn!(kind = %error.kind(), "old archives can't be removed");
    }
}
