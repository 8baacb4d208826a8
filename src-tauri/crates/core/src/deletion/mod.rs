//! Ending an account: from the typed confirmation to a receipt that proves it, and an emptied place on this computer.
//!
//! [`step`] is this computer's side as one pure function: what is known, what just happened and the time go in; what is
//! known now and what should be done come out. The caller commits both together, then does the effects. What follows the
//! receipt, the removing here, is [`Wipe`]'s.
//!
//! [`ending`] is the service's side: what it decides, and when. [`retention`] says what becomes of what is held,
//! [`downstream`] which other systems are told, and what follows from what they say, [`OwnerLetter`] what the owner is told.
//!
//! # The contract with whoever does the effects
//! - An effect's key is `(workflow, sequence)`: it is the `Idempotency-Key` on the wire, the same at every try.
//! - An effect stays in [`Deletion::outstanding`] until its [`Reply`] comes. [`Event::Opened`], said once at every start
//!   of the program, hands out again whatever was under way: every effect must bear being done twice.
//! - [`Effect::Ask`] is the exception: it takes a code, and codes are never kept. Whoever asks holds a lock meanwhile.
//!   Where that lock is free, nobody asks any more, and the service is asked how it stands instead: the request itself
//!   is never sent again blindly.
//! - After every step, whatever runs and is no longer outstanding is stopped, before anything new begins.
//! - [`Event::Tick`] is due at [`Deletion::wake_at`]. Too early or too often is harmless.
//! - Time that passes is measured by a clock that nobody sets: when the account ends, the service's clock says
//!   ([`Countdown`]).
//! - A reply that comes late, twice, or to something never asked changes nothing.

mod confirmation;
mod countdown;
pub mod downstream;
mod effect;
pub mod ending;
mod owner_letter;
pub mod retention;
mod saved;
mod stage;
mod step;
#[cfg(test)]
mod tests;
mod wipe;
mod wishes;
mod words;
#[cfg(test)]
mod world;
#[cfg(test)]
mod world_service;

pub use confirmation::{Confirmation, WORD, confirm};
pub use countdown::Countdown;
pub use effect::{Effect, Event, Keyed, Notification, Reply, Seen};
pub use owner_letter::{OwnerLetter, Words};
pub use saved::{Unreadable, decode, encode};
pub use stage::{
    Asked, CodeNeeded, Deletion, DeletionId, Outstanding, Progress, Receipt, Stage, Waits, When,
};
pub use step::{LOOK_LATEST, Step, Wish, begin, follow, step};
pub use wipe::{Offers, Planned, StepState, Wipe, WipeStep};
