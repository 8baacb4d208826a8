//! What makes an archive quick to read: its records by time and category, and their text for searching.
//!
//! It lies in a SQLite file that can be thrown away and made again, or, for an encrypted archive, in memory only.
//!
//! # Why not FTS5
//! Tried: SQLite's trigram tokenizer indexes 4 MB a second, and finds nothing shorter than three characters, when most
//! Chinese words have two. So the folded text lies in blocks that are scanned whole: any text of any length is found,
//! within milliseconds for the hundred thousand messages of a busy account, and indexing is as fast as reading.

mod build;
mod compare;
mod produce;
mod read;
mod search;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use settings_privacy_core::archive::{Fault, Finding};
use sqlx::SqliteConnection;
use tokio::sync::Mutex;

pub use build::Indexing;
pub use compare::{Comparison, Counts, compare};
pub use read::{Cursor, Page, PageQuery, Row, Scale, Span};
pub use search::Hits;

use crate::archive::Archive;

/// Where an index lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexPlace {
    /// In memory: nothing of the archive goes to the disk. For an encrypted archive this is the only place.
    Memory,
    /// In a file, only its owner's. It holds the texts of the archive: it belongs into the program's private folder, and
    /// goes when the archive goes.
    File(PathBuf),
}

/// An index of one archive.
pub struct Index {
    archive: Arc<Archive>,
    connection: Mutex<SqliteConnection>,
    categories: Vec<String>,
    findings: Vec<Finding>,
}

impl Index {
    /// Opens the index of an archive, or makes it: when there is none, it is another archive's, or an older program's.
    ///
    /// # Errors
    /// When it can't be written, or the archive can't be read at all. What is damaged in the archive is a finding.
    pub async fn open(
        archive: Arc<Archive>,
        place: IndexPlace,
        progress: Arc<Indexing>,
    ) -> Result<Self, Fault> {
        build::open(archive, place, progress).await
    }

    /// The archive it is of.
    pub fn archive(&self) -> &Arc<Archive> {
        &self.archive
    }

    /// What of the archive couldn't be read for it.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    fn category(&self, id: &str) -> Option<i64> {
        let at = self.categories.iter().position(|category| category == id)?;
        i64::try_from(at).ok()
    }
}

/// Made when it is first needed: going through an archive by time does without.
const BY_ID: &str = "CREATE INDEX IF NOT EXISTS items_by_id ON items (category, id)";

/// A time in SQLite: milliseconds since 1970. What has none sorts before everything.
const NO_TIME: i64 = i64::MIN;

fn millis(at: Option<Timestamp>) -> i64 {
    at.map_or(NO_TIME, Timestamp::as_millisecond)
}

fn timestamp(millis: i64) -> Option<Timestamp> {
    if millis == NO_TIME {
        return None;
    }
    Timestamp::from_millisecond(millis).ok()
}

/// The index can be made again, so what is wrong with it is only said.
#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn broken(error: sqlx::Error) -> Fault {
    let full = error
        .as_database_error()
        .and_then(|error| error.code()?.parse::<i32>().ok())
        .is_some_and(|code| code & 0xff == 13);
    if full {
        return Fault::NoRoom;
    }
    let why = error.as_database_error().map_or_else(
        || "the search index".to_owned(),
        |told| format!("the search index: {}", told.message()),
    );
    Fault::Unwritable { why }
}
