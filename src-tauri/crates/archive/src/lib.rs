//! An export archive on this computer: checked before it is called done, read, searched, compared and kept.
//!
//! What a valid archive is, and every sentence about one that isn't, is `settings_privacy_core::archive`. Here are the
//! bytes. Everything is written on the assumption that somebody made the archive to do harm: a name in it is never a
//! path on the disk, a length in it is never trusted, no link is followed, no page or script in it runs.
//!
//! - [`Hasher`] takes the digest while a download passes by; [`verify`] checks the whole.
//! - [`Fault`](settings_privacy_core::archive::Fault) is the one error of this crate.

mod container;
mod hasher;
mod jws;
mod layout;
mod save;
mod seal;
mod source;
mod verify;

pub use hasher::Hasher;
pub use layout::Kind;
pub use seal::{seal, unseal};
pub use verify::{Expected, Progress, Stopped, verify};
