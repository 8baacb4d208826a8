//! Makes the copies that were asked for, one after the other, as long as the service is open.

use std::io;
use std::sync::PoisonError;
use std::time::Duration;

use uuid::Uuid;

use super::prepare::{self, Ended};
use crate::db::exports::{self as rows, Export};
use crate::problem::Failure;
use crate::runner::{Bell, Halt, Job, lock};
use crate::service::Shared;

/// Archives whose time has come are looked for this often, also when nobody asks.
const LOOK_AGAIN: Duration = Duration::from_secs(3600);

/// Makes copies. One that isn't ready when the service stops is made anew at its next start.
pub struct Copies(pub Shared);

impl Job for Copies {
    const ABOUT: &'static str = "copies";
    const AFTER_FAILURE: Duration = LOOK_AGAIN;

    fn bell(&self) -> &Bell {
        &self.0.desk.wake
    }

    async fn begin(&self) {
        // What expired while nobody was there.
        if let Err(error) = expire_due(&self.0).await {
            tracing::warn!(%error, "archives whose time has come can't be looked for");
        }
        tidy(&self.0).await;
    }

    async fn turn(&self, stop: &Halt) -> Result<Duration, Failure> {
        turn(&self.0, stop).await?;
        Ok(LOOK_AGAIN)
    }

    fn call_off(&self) {
        let working = self.0.desk.working.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, halt)) = working.as_ref() {
            halt.call();
        }
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
    // One at a time, whatever the number of programs that have this service open.
    let Some(_lock) = lock(shared.desk.exports.join("runner.lock")).await else {
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
