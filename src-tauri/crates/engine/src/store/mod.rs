//! The client's own state: one SQLite file, numbered migrations, nothing secret in it.
//!
//! A commit survives the program's death at once, and a power cut once [`Store::durable`] has returned: whoever sends or
//! removes something because of a record awaits that first. A device permission's switch, which can be set again, is
//! brought to the disk right after it. Waiting for the disk at every commit would hold up every
//! switch for what the journal of the file system takes.
//!
//! A file that can't be read is moved aside, never deleted, and the protective defaults apply; the person is told.
//! Where no file can be written at all, the state lives in memory until the program ends.

mod archives;
mod changes;
mod consents;
mod deletions;
mod durable;
mod exports;
mod memberships;
mod open;
mod outbox;
mod requests;
mod settings;

pub use archives::ArchiveRow;
pub use changes::ChangeRow;
pub use consents::KnownConsent;
pub use deletions::DeletionRow;
pub use exports::ExportRow;
pub use open::{Opened, Trouble};
pub use outbox::{ConsentRow, OutboxRow, Target};

use sqlx::SqlitePool;

/// The client's state.
#[derive(Debug, Clone)]
pub struct Store {
    /// One connection, so that writers take turns here and never wait for a lock of SQLite's, which is waited for by
    /// sleeping.
    writer: SqlitePool,
    /// Readers don't wait for writers. In memory there is but the one connection.
    reader: SqlitePool,
    /// The write-ahead log; none in memory.
    log: Option<durable::Log>,
}

/// The database didn't do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[error("while {doing}: {source}")]
pub struct StoreError {
    /// What was being done.
    pub doing: &'static str,
    /// What SQLite said.
    #[source]
    pub source: sqlx::Error,
}

/// Says what was being done when something failed.
fn doing(doing: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |source| StoreError { doing, source }
}

/// A stored value that can't be read back: as if the row were damaged.
fn unreadable<E: std::error::Error + Send + Sync + 'static>(error: E) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

impl Store {
    /// Waits for running statements and closes the file.
    pub async fn close(&self) {
        self.reader.close().await;
        if let Some(log) = &self.log {
            log.close().await;
        }
        // The last to close brings the log into the file, durably.
        self.writer.close().await;
    }
}
