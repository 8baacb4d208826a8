//! The window's commands, a file a capability. Each translates, calls the engine, and translates back; none decides
//! anything.
//!
//! All are async: a command that isn't would run on, and block, the thread that paints.

pub mod account;
pub mod archives;
pub mod browsers;
pub mod deletion;
pub mod exports;
pub mod permissions;
pub mod places;
pub mod requests;
pub mod window;

use crate::view::ErrorView;

type Answer<T> = Result<T, ErrorView>;
