//! Carries endings out as long as the service is open: whatever was left when it last stopped goes on where it was.

use std::fs::File;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use settings_privacy_core::deletion::ending::{Event, Step};
use settings_privacy_core::outbox::full_jitter;
use tokio::task::JoinHandle;

use super::steps::{self, Fault};
use super::{downstream, happens, leftovers, letters};
use crate::db::deletions::{self as rows, Deletion, Trouble};
use crate::exports::Halt;
use crate::keys;
use crate::problem::Failure;
use crate::service::Shared;

/// It looks this often, also when nobody asks and nothing is known to be due: another program may have written.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// Another program carries endings out; if it stops, this one goes on.
const LOOK_AGAIN_AFTER_ANOTHER: Duration = Duration::from_secs(1);

/// The one who carries endings out. Dropped, it stops after the step under way.
pub struct Runner {
    shared: Shared,
    stop: Halt,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Runner {
    /// Begins.
    pub fn start(shared: &Shared) -> Self {
        let stop = Halt::default();
        let task = tokio::spawn(work(shared.clone(), stop.clone()));
        Self {
            shared: shared.clone(),
            stop,
            task: Mutex::new(Some(task)),
        }
    }

    /// Stops, and waits until nothing is written any more.
    pub async fn stop(&self) {
        self.call_off();
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "whoever carries endings out broke off");
        }
    }

    fn call_off(&self) {
        self.stop.call();
        self.shared.endings.stop.notify_one();
        self.shared.endings.wake.notify_one();
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.call_off();
    }
}

async fn work(shared: Shared, stop: Halt) {
    while !stop.is_called() {
        let wait = match Box::pin(turn(&shared, &stop)).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::warn!(%error, "endings can't be looked for");
                LOOK_AGAIN_AFTER_ANOTHER
            }
        };
        if stop.is_called() {
            return;
        }
        // Woken or not, it looks: a wake that comes before the wait isn't lost.
        let _ = tokio::time::timeout(wait, shared.endings.wake.notified()).await;
    }
}

/// Does what is due. Says when to look again.
async fn turn(shared: &Shared, stop: &Halt) -> Result<Duration, Failure> {
    if let Some(wait) = wait(shared).await? {
        return Ok(wait);
    }
    let Some(_lock) = lock(shared).await else {
        return Ok(LOOK_AGAIN_AFTER_ANOTHER);
    };
    let mut transaction = shared.database.begin().await?;
    for mut deletion in rows::over(&mut transaction, shared.now()).await? {
        happens(&mut transaction, &mut deletion, Event::Time, shared.now()).await?;
    }
    transaction.commit().await?;
    // The owner first: their address goes with the rest.
    tell_owners(shared).await?;
    for step in Step::ALL {
        if stop.is_called() {
            return Ok(Duration::ZERO);
        }
        if step == Step::Downstream {
            deliver(shared).await?;
        }
        carry_out(shared, step).await?;
    }
    leftovers::remove(shared).await?;
    Ok(wait(shared).await?.unwrap_or(Duration::ZERO))
}

/// How long there is nothing to do; none when there is.
async fn wait(shared: &Shared) -> Result<Option<Duration>, Failure> {
    let mut reading = shared.database.read().await?;
    let due = rows::wake_at(&mut reading, shared.config.letters).await?;
    let now = shared.now();
    match due {
        Some(due) if due <= now => Ok(None),
        Some(due) => {
            let left = Duration::try_from(due.duration_since(now)).unwrap_or(LOOK_AGAIN);
            Ok(Some(left.min(LOOK_AGAIN)))
        }
        None => Ok(Some(LOOK_AGAIN)),
    }
}

/// One at a time, whatever the number of programs that have this service open.
async fn lock(shared: &Shared) -> Option<File> {
    let path = shared.config.data_dir.join("endings.lock");
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

/// Sends letters, unless the service is to stop meanwhile: then they are sent by the next.
async fn tell_owners(shared: &Shared) -> Result<(), Failure> {
    tokio::select! {
        sent = letters::send(shared) => sent,
        () = shared.endings.stop.notified() => {
            shared.endings.stop.notify_one();
            Ok(())
        }
    }
}

/// Tells other systems, unless the service is to stop meanwhile: then they are told again.
async fn deliver(shared: &Shared) -> Result<(), Failure> {
    let newly = tokio::select! {
        newly = downstream::deliver(shared) => newly?,
        () = shared.endings.stop.notified() => {
            shared.endings.stop.notify_one();
            return Ok(());
        }
    };
    for deletion in newly {
        if let Err(fault) = steps::renew_receipt(shared, deletion).await {
            tracing::warn!(%fault, "a receipt can't be renewed");
        }
    }
    Ok(())
}

async fn carry_out(shared: &Shared, step: Step) -> Result<(), Failure> {
    let mut reading = shared.database.read().await?;
    let endings = rows::at_step(&mut reading, step, shared.now()).await?;
    drop(reading);
    if endings.is_empty() {
        return Ok(());
    }
    if step == Step::Scrubbing {
        let done = steps::scrubbing(shared, &endings).await;
        return hold_up(shared, &endings, done).await;
    }
    for deletion in &endings {
        let done = match step {
            Step::Ledger => steps::ledger(shared, deletion).await,
            Step::Exports => steps::exports(shared, deletion).await,
            Step::Files => steps::files(shared, deletion).await,
            Step::Records => Box::pin(steps::records(shared, deletion)).await,
            Step::Scrubbing => Ok(()),
            Step::Downstream => downstream::settle(shared, deletion).await,
            Step::Receipt => steps::receipt(shared, deletion).await,
        };
        hold_up(shared, std::slice::from_ref(deletion), done).await?;
    }
    Ok(())
}

/// Notes what was in the way, and when it is tried again.
async fn hold_up(shared: &Shared, endings: &[Deletion], done: Result<(), Fault>) -> Result<(), Failure> {
    let Err(fault) = done else { return Ok(()) };
    tracing::warn!(%fault, "a step of an ending can't be carried out");
    let mut transaction = shared.database.begin().await?;
    for deletion in endings {
        let attempts = deletion.trouble.attempts.saturating_add(1);
        let trouble = Trouble {
            attempts,
            retry_at: Some(later(shared.now(), full_jitter(attempts, dice()?))),
            fault: Some(fault.to_string()),
        };
        rows::hold_up(&mut transaction, deletion.id, &trouble).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Uniform in `[0, 1)`.
pub(super) fn dice() -> Result<f64, Failure> {
    Ok(f64::from(u32::from_be_bytes(keys::random()?)) / (f64::from(u32::MAX) + 1.0))
}

pub(super) fn later(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}
