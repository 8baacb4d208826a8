//! The client's own state: one SQLite file, numbered migrations, nothing secret in it.
//!
//! A file that can't be read is moved aside, never deleted, and the protective defaults apply; the person is told.
//! Where no file can be written at all, the state lives in memory until the program ends.

mod changes;
mod consents;
mod open;
mod outbox;
mod settings;

pub use changes::ChangeRow;
pub use consents::KnownConsent;
pub use open::{Opened, Trouble};
pub use outbox::{ConsentRow, OutboxRow, Target};

use sqlx::SqlitePool;

/// The client's state.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
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
        self.pool.close().await;
    }
}
