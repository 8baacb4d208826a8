//! Copies of one's data: asked for, followed, downloaded, checked, kept.
//!
//! What happens and what follows is `core::export`'s. Here is who does it: one runner ([`runner`]) owns the workflows,
//! commits each step whole, and only then has its effects done, each in a task of its own. A code and a passphrase are
//! held in memory only; after a restart they are asked for again.

mod archives;
mod ask;
mod checking;
mod fetch;
mod moving;
mod part;
mod perform;
mod progress;
mod runner;
mod tell;
mod wishes;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use secrecy::SecretString;
use settings_privacy_api as api;
use settings_privacy_core::archive::{Report, Sha256};
use settings_privacy_core::export::{Export, WorkflowId};
use settings_privacy_core::inventory::CategoryId;
use settings_privacy_core::regime::{Period, Regime, RegimeId};
use tokio::sync::{mpsc, watch};

use super::{Engine, lock};
use crate::error::EngineError;
use crate::store::ExportRow;

pub use archives::KnownArchive;
pub(super) use part::part_of;
pub use progress::{Checking, Transfer};

/// What a person asks for.
pub struct ExportWish {
    /// Categories of the inventory; none means all.
    pub categories: Vec<CategoryId>,
    /// Of what happened when; all that the law covers without it.
    pub period: Option<Period>,
    /// Under which law.
    pub regime: RegimeId,
    /// Where the file shall lie, with its name; without one it is chosen when the copy is ready.
    pub place: Option<PathBuf>,
    /// The file shall be encrypted with it once it was checked.
    pub passphrase: Option<SecretString>,
}

/// A law one can ask under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegimeState {
    /// Which.
    pub regime: &'static Regime,
    /// Not before this time; `None` when one may ask now.
    pub next_allowed_at: Option<Timestamp>,
    /// How far back a copy reaches; `None` when it covers everything.
    pub earliest: Option<Timestamp>,
}

/// One export, with everything known of it.
#[derive(Debug, Clone)]
pub struct ExportState {
    /// The workflow: its stage, what it waits for, its notices.
    pub export: Export,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it last moved.
    pub changed_at: Timestamp,
    /// Where it stands, in one or two sentences.
    pub says: String,
    /// How far each category is, as the service last said; empty until it did.
    pub categories: Vec<api::ExportCategory>,
    /// How many things the service couldn't copy, as it last said.
    pub left_out: u64,
    /// The download, while it runs here.
    pub transfer: Option<Transfer>,
    /// The check, while it runs here.
    pub checking: Option<Checking>,
    /// What checking found.
    pub report: Option<Report>,
    /// Where a file lies that isn't sound.
    pub set_aside: Option<PathBuf>,
    /// The other program on this computer looks after it; here it is only shown.
    pub elsewhere: bool,
}

/// What the engine holds of the exports.
pub(super) struct Desk {
    happenings: mpsc::UnboundedSender<runner::Happening>,
    inbox: Mutex<Option<runner::Inbox>>,
    live: Mutex<BTreeMap<WorkflowId, Live>>,
    progress: watch::Sender<u32>,
    tending: watch::Sender<runner::Tending>,
}

/// What is known of a workflow only as long as the program runs.
#[derive(Default)]
struct Live {
    code: Option<api::Token>,
    passphrase: Option<SecretString>,
    seen: Option<api::Export>,
    transfer: Option<Transfer>,
    checking: Option<Arc<settings_privacy_archive::Progress>>,
    /// The digest of the whole part file, as it came.
    streamed: Option<(u64, Sha256)>,
    /// Held by whoever touches the part file, also by one that was told to stop and hasn't yet.
    part: Arc<tokio::sync::Mutex<()>>,
}

impl Desk {
    pub(super) fn new() -> Self {
        let (happenings, inbox) = mpsc::unbounded_channel();
        Self {
            happenings,
            inbox: Mutex::new(Some(inbox)),
            live: Mutex::default(),
            progress: watch::Sender::new(0),
            tending: watch::Sender::new(runner::Tending::NotYet),
        }
    }

    /// What is known of a workflow only now, to look at or to change.
    fn live<T>(&self, id: WorkflowId, with: impl FnOnce(&mut Live) -> T) -> T {
        with(lock(&self.live).entry(id).or_default())
    }
}

impl Engine {
    /// Everything that was asked for here, newest first: by the account that is signed in, or, while nobody is, by any.
    ///
    /// # Errors
    /// When the program's own database can't be read.
    pub async fn exports(&self) -> Result<Vec<ExportState>, EngineError> {
        let rows = self.shared.store.exports().await?;
        let account = self.signed_in().ok();
        let mine = |row: &ExportRow| {
            account
                .as_ref()
                .is_none_or(|account| *account == row.export.account.0)
        };
        Ok(rows
            .into_iter()
            .filter(mine)
            .map(|row| self.stands(row))
            .collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// When there is no such export, or the program's own database can't be read.
    pub async fn export(&self, id: WorkflowId) -> Result<ExportState, EngineError> {
        let rows = self.shared.store.exports().await?;
        let row = rows.into_iter().find(|row| row.export.workflow == id);
        row.map(|row| self.stands(row)).ok_or(EngineError::NoSuchExport)
    }

    /// Tells, at most five times a second and only while somebody listens, that bytes moved or were checked. Everything
    /// else is told by [`Engine::revisions`].
    pub fn export_progress(&self) -> watch::Receiver<u32> {
        self.shared.exporting.progress.subscribe()
    }

    fn stands(&self, row: ExportRow) -> ExportState {
        let desk = &self.shared.exporting;
        let elsewhere = *desk.tending.borrow() == runner::Tending::Elsewhere;
        let (seen, transfer, checking) = desk.live(row.export.workflow, |live| {
            let checking = live.checking.as_deref().map(Checking::of);
            (live.seen.clone(), live.transfer, checking)
        });
        let (categories, left_out) =
            seen.map_or_else(Default::default, |seen| (seen.categories, seen.left_out));
        ExportState {
            says: row.export.sentence(),
            export: row.export,
            asked_at: row.asked_at,
            changed_at: row.changed_at,
            categories,
            left_out,
            transfer,
            checking,
            report: row.report,
            set_aside: row.set_aside,
            elsewhere,
        }
    }
}
