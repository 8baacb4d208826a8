//! Carries endings out as long as the service is open: whatever was left when it last stopped goes on where it was.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use settings_privacy_core::deletion::ending::{Event, Step};
use settings_privacy_core::outbox::full_jitter;

use super::steps::{self, Fault};
use super::{downstream, happens, leftovers, letters};
use crate::db::deletions::{self as rows, Deletion, Trouble};
use crate::keys;
use crate::problem::Failure;
use crate::runner::{Bell, Halt, Job, lock};
use crate::service::Shared;

/// It looks this often, also when nobody asks and nothing is known to be due: another program may have written.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// Another program carries endings out; if it stops, this one goes on.
const LOOK_AGAIN_AFTER_ANOTHER: Duration = Duration::from_secs(1);

/// Carries endings out.
pub struct Endings(pub Shared);

impl Job for Endings {
    const ABOUT: &'static str = "endings";
    const AFTER_FAILURE: Duration = LOOK_AGAIN_AFTER_ANOTHER;

    fn bell(&self) -> &Bell {
        &self.0.endings
    }

    fn turn(&self, stop: &Halt) -> impl Future<Output = Result<Duration, Failure>> + Send {
        turn(&self.0, stop)
    }
}

/// Does what is due. Says when to look again.
async fn turn(shared: &Shared, stop: &Halt) -> Result<Duration, Failure> {
    if let Some(wait) = wait(shared).await? {
        return Ok(wait);
    }
    // One at a time, whatever the number of programs that have this service open.
    let Some(_lock) = lock(shared.config.data_dir.join("endings.lock")).await else {
        return Ok(LOOK_AGAIN_AFTER_ANOTHER);
    };
    let mut transaction = shared.database.begin().await?;
    for mut deletion in rows::over(&mut transaction, shared.now()).await? {
        happens(&mut transaction, &mut deletion, Event::Time, shared.now()).await?;
    }
    transaction.commit().await?;
    for step in Step::ALL {
        if stop.is_called() {
            return Ok(Duration::ZERO);
        }
        if step == Step::Records {
            // Right before: whatever became final by now is told of before its address goes.
            tell_owners(shared, stop).await?;
            if stop.is_called() {
                return Ok(Duration::ZERO);
            }
        }
        if step == Step::Downstream {
            deliver(shared, stop).await?;
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

/// Sends letters, unless the service is to stop meanwhile: then they are sent by the next.
async fn tell_owners(shared: &Shared, stop: &Halt) -> Result<(), Failure> {
    tokio::select! {
        sent = letters::send(shared) => sent,
        () = stop.called() => Ok(()),
    }
}

/// Tells other systems, unless the service is to stop meanwhile: then they are told again.
async fn deliver(shared: &Shared, stop: &Halt) -> Result<(), Failure> {
    let newly = tokio::select! {
        newly = downstream::deliver(shared) => newly?,
        () = stop.called() => return Ok(()),
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
