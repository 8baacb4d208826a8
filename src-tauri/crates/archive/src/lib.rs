//! An export archive on this computer: checked before it is called done, read, searched, compared and kept.
//!
//! What a valid archive is, and every sentence about one that isn't, is `settings_privacy_core::archive`. Here are the
//! bytes. Everything is written on the assumption that somebody made the archive to do harm: a name in it is never a
//! path on the disk, a length in it is never trusted, no link is followed, no page or script in it runs.
//!
//! - [`Hasher`] takes the digest while a download passes by; [`verify`] checks the whole.
//!   [`keep`] then gives the file its place, [`quarantine`] sets it aside.
//! - [`Archive`] opens it for reading: categories, tree, previews, saving a file. [`Index`] goes through its records, by
//!   time or by search, and [`compare`] tells two exports apart.
//! - [`seal`] encrypts it at rest, and an encrypted one is read without being written out; [`portable_copy`] leaves out
//!   what identifies others.
//! - [`Fault`](settings_privacy_core::archive::Fault) is the one error of this crate.

mod archive;
mod container;
mod hasher;
mod index;
mod jws;
mod layout;
mod portable;
mod preview;
mod save;
mod seal;
mod source;
mod verify;

pub use archive::{Archive, Category, Node};
pub use hasher::Hasher;
pub use index::{
    Comparison, Counts, Cursor, Hits, Index, IndexPlace, Indexing, Page, PageQuery, Row, Scale, Span, compare,
};
pub use jws::{NotSigned, signed};
pub use layout::Kind;
pub use portable::{PortableCopy, portable_copy};
pub use preview::{Contact, Event, Letter, Preview};
pub use save::{keep, quarantine, save_new};
pub use seal::{seal, unseal};
pub use verify::{Expected, Progress, Stopped, verify};
