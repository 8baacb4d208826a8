//! Asking for a copy of one's data, from the wish to a checked file on this computer.
//!
//! [`step`] is the whole workflow as one pure function: what is known, what just happened and the time go in; what is
//! known now and what should be done come out. The caller commits both together, then does the effects.
//!
//! # The contract with whoever does the effects
//! - An effect's key is `(workflow, sequence)`: it is the `Idempotency-Key` on the wire, the same at every try.
//! - An effect stays in [`Export::outstanding`] until its [`Reply`] comes. [`Event::Opened`], said once at every start
//!   of the program, hands out again whatever was under way: every effect must bear being done twice.
//! - After every step, whatever runs and is no longer outstanding is stopped, before anything new begins: that is how
//!   cancelling stops a download.
//! - [`Event::Tick`] is due at [`Export::wake_at`]. Too early or too often is harmless.
//! - [`Effect::Fetch`] first cuts the part file to `from`, then appends, and says [`Event::Stored`] each time another
//!   [`CHUNK`] is safely on the disk. So no more than one chunk is ever fetched twice for one interruption.
//!   What to do with the head of an answer is decided by [`read_answer`].
//! - A reply that comes late, twice, or to something never asked changes nothing.

mod answer;
mod download;
mod effect;
mod saved;
mod stage;
mod step;
#[cfg(test)]
mod tests;
mod wishes;
mod words;
#[cfg(test)]
mod world;

pub use answer::{Answer, Head, read_answer};
pub use effect::{Effect, Event, FetchEnd, Keyed, Notification, Reply, Seen, Verdict};
pub use saved::{Unreadable, decode, encode};
pub use stage::{
    AccountId, Asked, Bytes, CodeRefusal, Export, ExportId, Notice, Outstanding, Part, Place, Progress,
    Remote, Retry, Sequence, Stage, StartedOver, Unencrypted, Waits, When, WorkflowId,
};
pub use step::{CHUNK, LOOK_LATEST, MOST_RESTARTS, Step, begin, step};
