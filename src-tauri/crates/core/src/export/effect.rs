//! What happens, and what should be done.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Asked, Bytes, CodeRefusal, ExportId, Place, Progress, Sequence, Waits};
use crate::archive::Sha256;

/// Something to do. Each bears being done twice under the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Effect {
    /// `POST /v1/exports`. Without a code, which is kept nowhere: look whether the service has the request already, and
    /// wait for another code if it hasn't.
    Submit {
        /// What is asked for.
        asked: Asked,
    },
    /// `GET /v1/exports/{id}`.
    Look {
        /// Which.
        export: ExportId,
    },
    /// `GET /v1/exports/{id}/archive` into the part file, from `from` to the end.
    Fetch {
        /// Which.
        export: ExportId,
        /// For `If-Range`.
        etag: String,
        /// The part file is cut to this length first.
        from: Bytes,
        /// How long the whole is.
        size: Bytes,
        /// Where the file shall lie in the end: the part file lies beside it.
        to: Place,
    },
    /// Bring the part file beside another place, never over another's file, and leave the one that is there: it is
    /// discarded once this was recorded. [`Event::Stored`] says that a file was made.
    Move {
        /// Where it lies.
        from: Place,
        /// Where it is wanted.
        to: Place,
        /// So much of it is safe.
        bytes: Bytes,
        /// The file at the new place is this export's own: an earlier try made it.
        made: bool,
    },
    /// Check the part file, whole: size, digest, signature, bag, owner.
    Verify {
        /// How long it must be.
        size: Bytes,
        /// What its digest must be.
        digest: Sha256,
        /// Where the part file lies.
        to: Place,
    },
    /// Put the checked part file at its place, and never over another file.
    Keep {
        /// Where.
        to: Place,
    },
    /// Put an encrypted file in the place of the kept one.
    Seal {
        /// Which.
        path: Place,
    },
    /// Set the part file aside, under a name that says that it isn't sound.
    Quarantine {
        /// Where the part file lies.
        to: Place,
    },
    /// Remove the part file.
    Discard {
        /// Where the part file lies.
        to: Place,
    },
    /// `DELETE /v1/exports/{id}`.
    CancelRemote {
        /// Which.
        export: ExportId,
    },
    /// `POST /v1/exports/{id}/retry`.
    RetryRemote {
        /// Which.
        export: ExportId,
    },
    /// Tell the person.
    Notify(Notification),
}

/// What a person is told while looking elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "tell", rename_all = "kebab-case")]
pub enum Notification {
    /// The copy can be downloaded.
    Ready {
        /// Until then.
        expires: Timestamp,
    },
    /// It is still not here, and the service soon removes it.
    Expiring {
        /// Then.
        expires: Timestamp,
    },
    /// It is here, and sound.
    Verified,
    /// It came, and is not what it should be.
    NotSound,
    /// It lies there in plain, though it was to be encrypted.
    NotEncrypted,
    /// It can't go on by itself.
    Failed,
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
    Opened,
    /// Time passed.
    Tick,
    /// An effect was answered.
    Reply {
        /// Which.
        to: Sequence,
        /// How.
        reply: Reply,
    },
    /// So much of the archive is safely on the disk. The first time, that the part file was made, before anything is
    /// written into it.
    Stored {
        /// By which fetch, or move.
        fetch: Sequence,
        /// Counted from the beginning of the file.
        bytes: Bytes,
    },
    /// The person chose where it shall lie, and wants it.
    Download {
        /// Where.
        to: Place,
    },
    /// The person did what was needed (signed in, made room, brought the drive back), or chose another place.
    Resume {
        /// Another place. What came is moved there.
        elsewhere: Option<Place>,
    },
    /// The person wants the kept file encrypted, and gave the passphrase.
    Encrypt,
    /// The person wants another try.
    Retry,
    /// The person wants no more of it.
    Cancel,
}

/// How an effect ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// To `Submit` and `RetryRemote`: the service has it.
    Accepted {
        /// Under this name.
        export: ExportId,
    },
    /// To `Look`.
    Seen(Seen),
    /// To `Fetch`.
    Fetch(FetchEnd),
    /// To `Move`: so much lies there, safely.
    Moved {
        /// All that was safe; none when it can't be reached any more.
        bytes: Bytes,
    },
    /// To `Verify`.
    Checked(Verdict),
    /// To `Keep`: it lies there.
    Kept {
        /// Where, which may differ from what was wished when another file has that name.
        path: Place,
    },
    /// To `Seal`: it lies there, and nowhere in plain.
    Sealed {
        /// Where.
        path: Place,
    },
    /// To `Submit`: the service has not done it, and needs another code. What comes next is a new request.
    CodeRefused(CodeRefusal),
    /// To `Quarantine`, `Discard`, `CancelRemote`, `Notify`: it is so.
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

/// What the service says of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It works on it.
    Preparing {
        /// How far.
        progress: Progress,
        /// How long to wait before looking again, if it says.
        look_again: Option<Duration>,
    },
    /// It has it.
    Ready {
        /// How long it is.
        size: Bytes,
        /// Of the whole.
        digest: Sha256,
        /// Its strong entity tag.
        etag: String,
        /// Kept until then.
        expires: Timestamp,
    },
    /// It couldn't.
    Failed {
        /// The problem's stable code.
        code: String,
        /// A sentence for people.
        message: String,
        /// Whether it would try again.
        retryable: bool,
    },
    /// It had it, and removed it when its time was over.
    Expired,
    /// It was cancelled, here or elsewhere, or it knows of none such.
    Gone,
}

/// How a fetch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchEnd {
    /// The body ended, and all of it is safely on the disk.
    Complete {
        /// How long the part file is.
        bytes: Bytes,
    },
    /// It is another archive by now.
    Changed,
    /// The service can't continue there, or what lies here is too long.
    CannotContinue,
    /// What had come is not there any more, or shorter than it was.
    PartGone,
    /// The service doesn't give it any more (404, 410).
    Gone,
}

/// What checking found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is what it should be.
    Sound,
    /// It isn't.
    NotSound {
        /// The first finding's stable code.
        code: String,
        /// Its sentence.
        message: String,
    },
}
