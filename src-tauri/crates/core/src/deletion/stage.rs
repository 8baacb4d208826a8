//! What is known of one ending of an account.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Effect, Offers};
use crate::archive::Pinned;
use crate::export::{AccountId, Bytes, Place, Sequence, WorkflowId};

/// The service's name for the deletion.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeletionId(pub String);

/// What is asked for. No word of it is secret: the code that proves who asks never stands here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Which preflight the person saw: the service refuses when something has changed since.
    pub preflight: String,
    /// Why, by the service's codes; none is as good.
    pub reasons: Vec<String>,
}

/// The service's word that the account is gone, as it came: a compact JWS, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Receipt(pub String);

/// Why a code is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum CodeNeeded {
    /// None was entered yet.
    First,
    /// It was wrong.
    Wrong {
        /// How often another may be tried, when the service says.
        attempts_left: Option<u32>,
    },
    /// It was too old, or used already.
    Expired,
    /// What became of the request wasn't known (the program ended, or an answer was lost), and codes are never kept. The
    /// service was asked: the request didn't arrive.
    Lost,
}

impl CodeNeeded {
    /// After a code was refused: it was wrong, and so many more may be tried; `None`: it was too old.
    pub(super) fn after(wrong: Option<Option<u32>>) -> Self {
        match wrong {
            Some(attempts_left) => CodeNeeded::Wrong { attempts_left },
            None => CodeNeeded::Expired,
        }
    }
}

/// How far the service is with removing everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Steps done.
    pub done: u32,
    /// Steps there are; 0 when the service doesn't say.
    pub of: u32,
}

/// How far it is. A stage holds what only it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "kebab-case")]
pub enum Stage {
    /// The person typed the word; who they are isn't proved yet.
    Confirmed {
        /// The code that is needed.
        need: CodeNeeded,
    },
    /// A code was entered: the request is on its way.
    Reauthenticated,
    /// The service waits, so that it can still be taken back.
    CoolingOff {
        /// Which.
        deletion: DeletionId,
        /// The end, by the service's clock.
        until: Timestamp,
        /// The service's clock when it last said so.
        told: Timestamp,
    },
    /// The person keeps the account: the service is being told.
    Cancelling {
        /// Which; unknown while the request itself isn't answered.
        deletion: Option<DeletionId>,
    },
    /// The service removes everything: it can't be taken back any more.
    Finalising {
        /// Which.
        deletion: DeletionId,
        /// How far.
        progress: Progress,
    },
    /// The service says that the account is gone; its receipt is fetched, checked and kept, then this computer follows.
    RemoteDeleted {
        /// Which.
        deletion: DeletionId,
        /// Checked, once it is.
        receipt: Option<Receipt>,
        /// Where it lies, once it does.
        kept: Option<Place>,
    },
    /// The service says that the account is gone, but its receipt doesn't prove it. Nothing is removed here.
    Unproven {
        /// Which.
        deletion: DeletionId,
        /// A stable code.
        code: String,
        /// A sentence for people.
        message: String,
    },
    /// The marker lies on the disk: what this computer keeps is being removed. What follows stands in the marker.
    Wiping,
    /// The account stays, and the service said so.
    Cancelled,
    /// It can't go on. The account is as it was.
    Failed {
        /// A stable code.
        code: String,
        /// A sentence for people.
        message: String,
    },
}

/// Something only the person can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "waits-for", rename_all = "kebab-case")]
pub enum Waits {
    /// Signed out.
    SignIn,
    /// The disk is full.
    Room {
        /// Needed beyond what is there.
        missing: Bytes,
    },
    /// The folder for the receipt can't be written.
    Place,
    /// The program's own folder can't be written.
    Own,
}

/// When an effect is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// It was handed out at this time, and hasn't been answered.
    Handed(Timestamp),
    /// From this time on.
    At(Timestamp),
    /// When the person says so.
    Person(Waits),
}

/// An effect that hasn't been answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outstanding {
    /// Its key within the workflow.
    pub sequence: Sequence,
    /// What should be done.
    pub effect: Effect,
    /// Tries without an answer since the last that helped.
    pub attempts: u32,
    /// When it is due.
    pub when: When,
}

/// One ending of an account, all of it. Kept as JSON: [`super::encode`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// Which asking.
    pub workflow: WorkflowId,
    /// Whose account.
    pub account: AccountId,
    /// It was asked for here. What is seen of another device's is followed, and removes nothing here by itself.
    pub here: bool,
    /// What was asked for.
    pub asked: Asked,
    /// A code was entered here: from then on the service may have the request.
    #[serde(default)]
    pub sent: bool,
    /// Why a code was refused, while it isn't known whether an earlier try of the same request arrived.
    #[serde(default)]
    pub refusal: Option<CodeNeeded>,
    /// What else shall go from this computer.
    pub offers: Offers,
    /// Where the receipt shall lie.
    pub place: Place,
    /// The keys a receipt may be signed with: those the service published before it was asked.
    pub keys: Pinned,
    /// How far it is.
    pub stage: Stage,
    /// What was begun and not answered.
    pub outstanding: Vec<Outstanding>,
    /// The last sequence given out.
    pub last: Sequence,
}

impl Deletion {
    /// What only the person can change, if it waits for that: of what was begun last.
    pub fn waits(&self) -> Option<Waits> {
        self.outstanding.iter().rev().find_map(|open| match open.when {
            When::Person(waits) => Some(waits),
            When::Handed(_) | When::At(_) => None,
        })
    }

    /// Whether what this computer keeps is about to be removed, and nobody is waited for.
    pub fn is_being_removed_here(&self) -> bool {
        let marks = |open: &Outstanding| matches!(open.effect, Effect::Mark { .. });
        let goes_on = |open: &Outstanding| !matches!(open.when, When::Person(_));
        self.outstanding.iter().any(|open| marks(open) && goes_on(open))
    }

    /// Whether this effect still needs doing.
    pub fn is_outstanding(&self, sequence: Sequence) -> bool {
        self.outstanding.iter().any(|open| open.sequence == sequence)
    }

    /// When the next [`super::Event::Tick`] is due.
    pub fn wake_at(&self) -> Option<Timestamp> {
        let due = |open: &Outstanding| match open.when {
            When::At(at) => Some(at),
            When::Handed(since) if open.effect.bears_another_hand() => Some(super::step::lost_at(since)),
            When::Handed(_) | When::Person(_) => None,
        };
        self.outstanding.iter().filter_map(due).min()
    }

    /// The service's name for it, once it has one.
    pub fn deletion(&self) -> Option<&DeletionId> {
        match &self.stage {
            Stage::CoolingOff { deletion, .. }
            | Stage::Finalising { deletion, .. }
            | Stage::RemoteDeleted { deletion, .. }
            | Stage::Unproven { deletion, .. } => Some(deletion),
            Stage::Cancelling { deletion } => deletion.as_ref(),
            Stage::Confirmed { .. }
            | Stage::Reauthenticated
            | Stage::Wiping
            | Stage::Cancelled
            | Stage::Failed { .. } => None,
        }
    }

    /// Whether it can still be taken back, as far as is known here. Whether it was, the service decides.
    pub fn can_be_cancelled(&self) -> bool {
        match self.stage {
            Stage::Confirmed { .. } | Stage::Reauthenticated | Stage::CoolingOff { .. } => true,
            Stage::Cancelling { .. }
            | Stage::Finalising { .. }
            | Stage::RemoteDeleted { .. }
            | Stage::Unproven { .. }
            | Stage::Wiping
            | Stage::Cancelled
            | Stage::Failed { .. } => false,
        }
    }

    /// Whether the person may have removed what this computer keeps: where another device deleted the account, where its
    /// receipt proves nothing, and wherever it waits for a sign-in after the request: there may be nobody left to sign in.
    pub fn can_wipe(&self) -> bool {
        let marks = |open: &Outstanding| matches!(open.effect, Effect::Mark { .. });
        if self.outstanding.iter().any(marks) {
            return false;
        }
        match &self.stage {
            Stage::Unproven { .. } | Stage::RemoteDeleted { kept: Some(_), .. } => true,
            Stage::Reauthenticated
            | Stage::CoolingOff { .. }
            | Stage::Cancelling { .. }
            | Stage::Finalising { .. }
            | Stage::RemoteDeleted { kept: None, .. } => self.waits() == Some(Waits::SignIn),
            Stage::Confirmed { .. } | Stage::Wiping | Stage::Cancelled | Stage::Failed { .. } => false,
        }
    }

    /// Whether nothing more will happen to it.
    pub fn has_ended(&self) -> bool {
        match self.stage {
            Stage::Wiping | Stage::Cancelled | Stage::Failed { .. } => true,
            Stage::Confirmed { .. }
            | Stage::Reauthenticated
            | Stage::CoolingOff { .. }
            | Stage::Cancelling { .. }
            | Stage::Finalising { .. }
            | Stage::RemoteDeleted { .. }
            | Stage::Unproven { .. } => false,
        }
    }
}
