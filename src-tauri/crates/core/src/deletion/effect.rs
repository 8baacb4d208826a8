//! What happens, and what should be done.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Asked, DeletionId, Progress, Receipt, Waits};
use crate::export::{Place, Sequence};

/// Something to do. Each bears being done twice under the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Effect {
    /// `POST /v1/account/deletion`, with the code that was entered. Only who has that code can do it.
    Ask {
        /// What is asked for.
        asked: Asked,
    },
    /// Ask the service how it stands.
    Look {
        /// Of which deletion; of the account's when its name isn't known.
        deletion: Option<DeletionId>,
    },
    /// `DELETE /v1/account/deletion`.
    CancelRemote {
        /// Which.
        deletion: DeletionId,
    },
    /// Fetch the receipt and check it.
    FetchReceipt {
        /// Of which.
        deletion: DeletionId,
    },
    /// Put the receipt on the disk, and never over another file.
    KeepReceipt {
        /// What.
        receipt: Receipt,
        /// Where.
        to: Place,
    },
    /// Put the marker on the disk that says what is to be removed here.
    Mark {
        /// Where the receipt lies; `None` when the person removes what is here without one.
        kept: Option<Place>,
    },
    /// Tell the person.
    Notify(Notification),
}

impl Effect {
    /// Whether another program may take it over when whoever had it has ended.
    pub(super) fn bears_another_hand(&self) -> bool {
        match self {
            // The code is with one program only.
            Effect::Ask { .. } => false,
            Effect::Look { .. }
            | Effect::CancelRemote { .. }
            | Effect::FetchReceipt { .. }
            | Effect::KeepReceipt { .. }
            | Effect::Mark { .. }
            | Effect::Notify(_) => true,
        }
    }
}

/// What a person is told while looking elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "tell", rename_all = "kebab-case")]
pub enum Notification {
    /// The account will be deleted.
    CoolingOff {
        /// Then, by the service's clock.
        until: Timestamp,
    },
    /// The account stays.
    Cancelled,
    /// The service removes everything now.
    Finalising,
    /// It is gone, and that is proved.
    Deleted,
    /// It needs the person.
    NeedsYou,
}

/// An effect with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed {
    /// Its key within the workflow.
    pub sequence: Sequence,
    /// What to do.
    pub effect: Effect,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The program started: what was under way may have happened or not.
    Opened {
        /// Another program on this computer has the code, and is asking with it right now.
        asking_elsewhere: bool,
    },
    /// Time passed.
    Tick,
    /// An effect was answered.
    Reply {
        /// Which.
        to: Sequence,
        /// How.
        reply: Reply,
    },
    /// The person entered a code. The code itself stays with whoever does [`Effect::Ask`].
    Code,
    /// The person wants to know how it stands.
    LookNow,
    /// The person keeps the account.
    Cancel,
    /// The person did what was needed, or chose another place for the receipt.
    Resume {
        /// Another place.
        elsewhere: Option<Place>,
    },
    /// The person wants the receipt fetched and checked once more.
    Retry,
    /// The person wants what this computer keeps removed: where another device asked, or without a receipt that proves it.
    Wipe,
}

/// How an effect ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// To `Ask`: the code was refused, and nothing else happened.
    CodeRefused {
        /// It was wrong, and so many more may be tried; `None`: it was too old.
        wrong: Option<Option<u32>>,
    },
    /// To `Ask`: whoever should do it has no code (any more).
    CodeGone,
    /// To `Look`; to `Ask`: the service has it, and this is how it stands by now.
    Seen(Seen),
    /// To `CancelRemote`: the account stays.
    Cancelled,
    /// To `CancelRemote`: it is too late for that.
    TooLate,
    /// To `FetchReceipt`: it proves what it says.
    Receipt(Receipt),
    /// To `FetchReceipt`: it doesn't.
    NotGenuine {
        /// A stable code.
        code: String,
        /// A sentence for people.
        message: String,
    },
    /// To `KeepReceipt`: it lies there.
    Kept {
        /// Where, which may differ from what was wished when another file has that name.
        path: Place,
    },
    /// To `Mark` and `Notify`: it is so.
    Done,
    /// To any: nothing that promises anything (network, 5xx, 429, a file system that hiccups).
    Unanswered {
        /// What the service asked to wait (`Retry-After`).
        retry_after: Option<Duration>,
        /// Uniform in `[0, 1)`.
        dice: f64,
    },
    /// To any: it needs the person.
    Waits(Waits),
    /// To any: refused for good.
    Refused {
        /// The problem's stable code.
        code: String,
        /// A sentence for people.
        message: String,
    },
}

/// What the service says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// The account was never asked to be deleted, or the service doesn't know of this deletion.
    Nothing,
    /// It waits.
    CoolingOff {
        /// Which.
        deletion: DeletionId,
        /// Until then.
        until: Timestamp,
        /// Its clock.
        now: Timestamp,
    },
    /// It was taken back.
    Cancelled {
        /// Which.
        deletion: DeletionId,
    },
    /// It removes everything.
    Finalising {
        /// Which.
        deletion: DeletionId,
        /// How far.
        progress: Progress,
        /// How long to wait before looking again, if it says.
        look_again: Option<Duration>,
    },
    /// It is gone.
    Deleted {
        /// Which.
        deletion: DeletionId,
    },
}
