//! What is known of one export.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Effect;
use crate::archive::Sha256;
use crate::inventory::CategoryId;
use crate::regime::{Period, RegimeId};

/// One asking, on this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkflowId(pub Uuid);

/// The service's name for the export.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExportId(pub String);

/// Whose data it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub String);

/// A count of bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

/// An effect's place in its workflow, from 1; with the workflow, its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sequence(pub u64);

/// The file the person chose, as the system spells it. It is never part of a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Place(pub String);

impl fmt::Debug for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Place(…)")
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Categories of the inventory, at least one.
    pub categories: Vec<CategoryId>,
    /// Of what happened when; none means all that the regime covers.
    pub period: Option<Period>,
    /// Under which law.
    pub regime: RegimeId,
}

/// How far the service is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Items written.
    pub items: u64,
    /// Items there will be, when the service knows.
    pub of: Option<u64>,
    /// Bytes written.
    pub bytes: Bytes,
}

/// The archive as the service holds it ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote {
    /// Which export.
    pub export: ExportId,
    /// How long it is.
    pub size: Bytes,
    /// Of the whole file.
    pub digest: Sha256,
    /// Its strong entity tag, as sent.
    pub etag: String,
    /// Kept by the service until then.
    pub expires: Timestamp,
    /// When it was first seen to be ready, by this computer's clock.
    pub since: Timestamp,
    /// The person was told that it expires soon.
    pub warned: bool,
}

impl Remote {
    /// When to warn: a day before it expires, or when a quarter of its time is left, whichever is later.
    pub fn warn_at(&self) -> Timestamp {
        let life = self.expires.duration_since(self.since).max(SignedDuration::ZERO);
        let ahead = (life / 4).min(SignedDuration::from_hours(24));
        self.expires.checked_sub(ahead).unwrap_or(self.expires)
    }
}

/// How far an export is. A stage holds only what it alone has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "kebab-case")]
pub enum Stage {
    /// Wished here; the service hasn't answered yet.
    Requested,
    /// The service has the request.
    Submitted {
        /// Which.
        export: ExportId,
    },
    /// The service puts it together.
    Preparing {
        /// Which.
        export: ExportId,
        /// How far.
        progress: Progress,
    },
    /// It can be downloaded.
    Ready {
        /// What there is.
        archive: Remote,
    },
    /// It comes.
    Downloading {
        /// What comes.
        archive: Remote,
        /// Safely on the disk.
        stored: Bytes,
    },
    /// It is all here, and being checked, then put where the person wants it.
    Verifying {
        /// What it must be.
        archive: Remote,
    },
    /// It is here, and what it should be.
    Verified {
        /// Where.
        path: Place,
        /// Of the whole file.
        digest: Sha256,
        /// Its length. An encrypted file is a little longer.
        size: Bytes,
        /// It lies there encrypted, for whoever has the passphrase.
        encrypted: bool,
        /// Why it lies there in plain, though it was to be encrypted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unencrypted: Option<Unencrypted>,
    },
    /// The service no longer has it.
    Expired {
        /// Which it was.
        export: ExportId,
    },
    /// It can't go on by itself.
    Failed {
        /// A stable code.
        code: String,
        /// A sentence for people.
        message: String,
        /// Where another try would begin; `None` when trying again can't help.
        retry: Option<Retry>,
    },
    /// The person ended it.
    Cancelled,
}

/// Why a file couldn't be encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unencrypted {
    /// A stable code.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

/// Where another try begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Retry {
    /// Ask anew.
    Asking,
    /// Have the service try the same export again.
    Service {
        /// Which.
        export: ExportId,
    },
    /// Look what the service has, and download it again.
    Download {
        /// Which.
        export: ExportId,
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
    /// The place chosen can't be used: its drive was removed, its folder deleted or read-only, or somebody's file has the
    /// name of the part file.
    Place,
    /// The code that says who asks: it is kept nowhere, so it is asked for again when the program was closed before the
    /// service had the request.
    Code {
        /// Why the one before wasn't taken.
        refused: Option<CodeRefusal>,
    },
    /// The service signs with a key that nobody who is known vouches for.
    Key,
    /// What the file shall be encrypted with: it is kept nowhere.
    Passphrase,
}

/// Why a code wasn't taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "refused", rename_all = "kebab-case")]
pub enum CodeRefusal {
    /// It is another.
    Wrong {
        /// How often another may be tried, if the service says.
        attempts_left: Option<u32>,
    },
    /// It is too old, or was used.
    Expired,
}

/// When an effect is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// It was handed out, and hasn't been answered.
    Handed,
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

/// Why a download began again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartedOver {
    /// The service replaced the archive meanwhile.
    Changed,
    /// The service couldn't continue where the download stopped.
    CannotContinue,
    /// What had come was not what the service has.
    Damaged,
    /// What had come was no longer where it was put.
    PartGone,
}

/// Something the person should be able to read afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// When.
    pub at: Timestamp,
    /// Why the download began again.
    pub started_over: StartedOver,
}

/// What lies in the part file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Beside this place. It is another than the export's as long as it wasn't moved there.
    pub at: Place,
    /// It was made here. Before that, a file of that name is somebody else's.
    pub made: bool,
    /// Of which archive it is a part.
    pub etag: String,
    /// That archive's digest.
    pub digest: Sha256,
    /// So much of it is safely there.
    pub bytes: Bytes,
}

/// One export, all of it. Kept as JSON: [`super::encode`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Which asking.
    pub workflow: WorkflowId,
    /// Whose.
    pub account: AccountId,
    /// What was asked for.
    pub asked: Asked,
    /// Where it shall lie, once the person chose.
    pub place: Option<Place>,
    /// It shall be encrypted once it was checked.
    pub encrypt: bool,
    /// How far it is.
    pub stage: Stage,
    /// What came of it so far. It outlives a failure, and an expiry: it can be continued, or read as far as it goes.
    pub part: Option<Part>,
    /// What was begun and not answered.
    pub outstanding: Vec<Outstanding>,
    /// The last sequence given out.
    pub last: Sequence,
    /// Why it began again, if it did, oldest first.
    pub notices: Vec<Notice>,
}

impl Export {
    /// What only the person can change, if it waits for that. After it ended, that is something the service must still
    /// be told.
    pub fn waits(&self) -> Option<Waits> {
        self.outstanding.iter().find_map(|open| match open.when {
            When::Person(waits) => Some(waits),
            When::Handed | When::At(_) => None,
        })
    }

    /// Whether this effect still needs doing.
    pub fn is_outstanding(&self, sequence: Sequence) -> bool {
        self.outstanding.iter().any(|open| open.sequence == sequence)
    }

    /// When the next [`super::Event::Tick`] is due.
    pub fn wake_at(&self) -> Option<Timestamp> {
        let due = self.outstanding.iter().filter_map(|open| match open.when {
            When::At(at) => Some(at),
            When::Handed | When::Person(_) => None,
        });
        let warning = self
            .remote()
            .filter(|archive| !archive.warned)
            .map(Remote::warn_at);
        due.chain(warning).min()
    }

    /// The archive at the service, while it matters that it expires.
    pub fn remote(&self) -> Option<&Remote> {
        match &self.stage {
            Stage::Ready { archive } | Stage::Downloading { archive, .. } => Some(archive),
            Stage::Requested
            | Stage::Submitted { .. }
            | Stage::Preparing { .. }
            | Stage::Verifying { .. }
            | Stage::Verified { .. }
            | Stage::Expired { .. }
            | Stage::Failed { .. }
            | Stage::Cancelled => None,
        }
    }

    /// Where the checked file lies, and whether it is encrypted.
    pub fn lies_at(&self) -> Option<(&Place, bool)> {
        match &self.stage {
            Stage::Verified { path, encrypted, .. } => Some((path, *encrypted)),
            Stage::Requested
            | Stage::Submitted { .. }
            | Stage::Preparing { .. }
            | Stage::Ready { .. }
            | Stage::Downloading { .. }
            | Stage::Verifying { .. }
            | Stage::Expired { .. }
            | Stage::Failed { .. }
            | Stage::Cancelled => None,
        }
    }

    /// Whether it is being encrypted, or waits for that.
    pub fn is_sealing(&self) -> bool {
        let seals = |open: &Outstanding| matches!(open.effect, Effect::Seal { .. });
        self.outstanding.iter().any(seals)
    }

    /// Whether what came is being moved to another place, or waits for that.
    pub fn is_moving(&self) -> bool {
        let moves = |open: &Outstanding| matches!(open.effect, Effect::Move { .. });
        self.outstanding.iter().any(moves)
    }

    /// Whether it may be taken off the list: it ended, and whatever is left to do waits for the person.
    pub fn can_be_left(&self) -> bool {
        let waits = |open: &Outstanding| matches!(open.when, When::Person(_));
        self.has_ended() && self.outstanding.iter().all(waits)
    }

    /// Whether nothing more will happen unless the person wants it.
    pub fn has_ended(&self) -> bool {
        match self.stage {
            Stage::Verified { .. } | Stage::Expired { .. } | Stage::Failed { .. } | Stage::Cancelled => true,
            Stage::Requested
            | Stage::Submitted { .. }
            | Stage::Preparing { .. }
            | Stage::Ready { .. }
            | Stage::Downloading { .. }
            | Stage::Verifying { .. } => false,
        }
    }
}
