//! What an export archive is, and what a valid one is.
//!
//! An archive is a ZIP that holds one [BagIt](https://www.rfc-editor.org/rfc/rfc8493) bag: the data below `data/`, lists
//! of every file's digest, and a signature over the lists. Here are its names, lists and records as values, every fault
//! it may have with a code and a sentence, and the rules for comparing two archives and for a copy that identifies
//! nobody else. Reading one is the business of the crate `archive`.

mod bag;
mod compare;
mod digest;
mod fault;
mod fold;
mod name;
mod portable;
mod record;
mod report;
mod trust;

pub use bag::{BagInfo, Declaration, LineFault, Manifest, TAG_FILES, oxum};
pub use compare::{Change, Changed, Fingerprint, compare};
pub use digest::{NotADigest, Sha256};
pub use fault::Fault;
pub use fold::{fold, fold_into};
pub use name::{Danger, MOST_NAME, check_name, file_name, shown};
pub use portable::{Me, Portable};
pub use record::{ClaimedCategory, Claims, Item, LeftOut, Period};
pub use report::{Finding, MOST_FINDINGS, Report, Signed};
pub use trust::{Jwk, Jwks, Learned, Pinned, learn};
