//! Ending the account: what it would mean, asking for it, following it, and what this computer removes afterwards.
//!
//! What happens and what follows is `core::deletion`'s. Here is who does it. Every step is one statement in the store,
//! made only over the step before, so that the window and the terminal can both act on the same deletion. A code is held
//! in memory only, by the program that asks with it, together with a lock that ends with that program.

mod ask;
mod error;
mod perform;
mod preflight;
mod receipt;
mod runner;
mod tell;
mod wipe;
mod wipe_offers;
mod wipe_steps;
mod wishes;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use settings_privacy_api as api;
use settings_privacy_core::deletion::{Countdown, Deletion, Offers, Stage};
use settings_privacy_core::export::{Sequence, WorkflowId};
use tokio::sync::Notify;

use super::{Engine, Signed, lock};
use crate::error::EngineError;
use crate::store::DeletionRow;
use crate::wipe::Marker;

pub use error::{DeletionError, ReceiptFault};
pub use preflight::{KnownHere, Preflight};
pub use receipt::{CheckedReceipt, check_receipt};
pub use wipe::{StepStanding, WipeStanding};

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionWish {
    /// The `version` of the preflight the person saw.
    pub preflight: String,
    /// Why; none is as good.
    pub reasons: Vec<api::DeletionReason>,
    /// What else shall go from this computer.
    pub offers: Offers,
    /// Where the receipt shall lie, with its name; [`Engine::suggested_receipt_place`] without one.
    pub receipt: Option<PathBuf>,
}

/// One deletion, with everything known of it.
#[derive(Debug, Clone)]
pub struct DeletionStanding {
    /// The workflow: its stage, what it waits for.
    pub deletion: Deletion,
    /// When it was begun here.
    pub asked_at: Timestamp,
    /// When it last moved.
    pub changed_at: Timestamp,
    /// Where it stands, in one or two sentences.
    pub says: String,
    /// Where the account lives: an address, `embedded` or `sample`.
    pub place: String,
    /// Whose account it is: what it signs in with where that is known here, else its identifier.
    pub whose: String,
    /// It is another account's than the one that is signed in.
    pub anothers: bool,
    /// While it can be taken back: the end, by the service's clock.
    pub until: Option<Timestamp>,
    /// How long is left. `None` until the service was asked in this run of the program: this computer's clock proves nothing.
    pub left: Option<Duration>,
    /// What the receipt says, once it is here and checked.
    pub receipt: Option<CheckedReceipt>,
}

/// What the engine holds of the ends of accounts.
pub(super) struct Desk {
    /// What is known only as long as the program runs.
    live: Mutex<BTreeMap<WorkflowId, Live>>,
    running: Mutex<BTreeSet<(WorkflowId, Sequence)>>,
    /// One step at a time here; between programs the store sees to it.
    stepping: tokio::sync::Mutex<()>,
    /// Something is due earlier than was thought.
    news: Notify,
    clock: Clock,
    tended: AtomicBool,
    marker: Marker,
    wiping: tokio::sync::Mutex<()>,
    wipe: Mutex<Option<settings_privacy_core::deletion::Wipe>>,
}

#[derive(Default)]
struct Live {
    code: Option<api::Token>,
    /// Held while a code is: whoever holds it is asking.
    asking: Option<File>,
    /// The deletion's own token, where no keyring keeps it.
    token: Option<api::Token>,
    /// When the service was last asked, and what it said.
    told: Option<(Instant, Countdown)>,
}

/// The time, by a clock that nobody sets while the program runs.
struct Clock {
    began: Timestamp,
    since: Instant,
}

impl Clock {
    fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.since.elapsed()).unwrap_or(SignedDuration::MAX);
        self.began.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }
}

impl Desk {
    pub(super) fn new(marker: PathBuf) -> Self {
        Self {
            live: Mutex::default(),
            running: Mutex::default(),
            stepping: tokio::sync::Mutex::default(),
            news: Notify::new(),
            clock: Clock {
                began: Timestamp::now(),
                since: Instant::now(),
            },
            tended: AtomicBool::new(false),
            marker: Marker::at(marker),
            wiping: tokio::sync::Mutex::default(),
            wipe: Mutex::default(),
        }
    }

    fn live<T>(&self, id: WorkflowId, with: impl FnOnce(&mut Live) -> T) -> T {
        with(lock(&self.live).entry(id).or_default())
    }
}

impl Engine {
    /// Every deletion that was asked for here or is followed here, newest first.
    ///
    /// # Errors
    /// When the program's own database can't be read.
    pub async fn deletions(&self) -> Result<Vec<DeletionStanding>, EngineError> {
        let rows = self.shared.store.deletions().await?;
        Ok(rows.into_iter().map(|row| self.deletion_stands(row)).collect())
    }

    /// The one that matters: under way, else the newest; of the account that is signed in, if there is one.
    ///
    /// # Errors
    /// When the program's own database can't be read.
    pub async fn deletion(&self) -> Result<Option<DeletionStanding>, EngineError> {
        let all = self.deletions().await?;
        // Of equals the first, which is the newest.
        Ok(all
            .into_iter()
            .min_by_key(|one| (one.deletion.has_ended(), one.anothers)))
    }

    fn deletion_stands(&self, row: DeletionRow) -> DeletionStanding {
        let told = self.shared.ending.live(row.deletion.workflow, |live| live.told);
        let until = match row.deletion.stage {
            Stage::CoolingOff { until, .. } => Some(until),
            Stage::Confirmed { .. }
            | Stage::Reauthenticated
            | Stage::Cancelling { .. }
            | Stage::Finalising { .. }
            | Stage::RemoteDeleted { .. }
            | Stage::Unproven { .. }
            | Stage::Wiping
            | Stage::Cancelled
            | Stage::Failed { .. } => None,
        };
        let receipt = match &row.deletion.stage {
            Stage::RemoteDeleted {
                receipt: Some(jws), ..
            } => receipt::check(&jws.0, &row.deletion.keys).ok(),
            Stage::RemoteDeleted { receipt: None, .. }
            | Stage::Confirmed { .. }
            | Stage::Reauthenticated
            | Stage::CoolingOff { .. }
            | Stage::Cancelling { .. }
            | Stage::Finalising { .. }
            | Stage::Unproven { .. }
            | Stage::Wiping
            | Stage::Cancelled
            | Stage::Failed { .. } => None,
        };
        let account = &row.deletion.account.0;
        let (whose, anothers) = match &lock(&self.shared.account).signed {
            Signed::In(summary) if summary.id.to_string() == *account => (summary.identifier.clone(), false),
            Signed::In(_) => (account.clone(), true),
            Signed::Out | Signed::Locked(_) => (account.clone(), false),
        };
        DeletionStanding {
            whose,
            anothers,
            says: row.deletion.sentence(),
            left: until
                .and(told)
                .map(|(asked, countdown)| countdown.left(asked.elapsed())),
            until,
            receipt,
            deletion: row.deletion,
            asked_at: row.asked_at,
            changed_at: row.changed_at,
            place: row.place,
        }
    }
}
