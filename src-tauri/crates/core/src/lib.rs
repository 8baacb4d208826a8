//! Decisions, and nothing else.
//!
//! No file, no socket, no clock and no randomness is touched here: what the world looks like, the time and the
//! dice come in as arguments, and what should be done comes out as a value. So every rule of the product can be
//! tested in microseconds, and the same rule serves the window, the terminal and the service.

pub mod archive;
pub mod consent;
pub mod data;
pub mod deadline;
pub mod deletion;
pub mod export;
pub mod history;
pub mod inventory;
pub mod letter;
pub mod membership;
pub mod outbox;
pub mod permission;
pub mod regime;
pub mod rights;
pub mod storage;
