//! A browser's SQLite database, opened to be changed.
//!
//! Whoever opens one holds a [`Closed`]: no browser has the profile open. The journal stays of the kind the browser
//! chose. What is deleted is overwritten (`secure_delete`), and every commit has reached the disk when it returns.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteLockingMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};

use crate::closed::Closed;
use crate::copy;
use crate::error::ReadError;

/// How long a lock is waited for. No browser runs, so whoever has one isn't about to let go.
const PATIENCE: Duration = Duration::from_millis(250);

/// Opens a browser's database to change it. From the first statement on, until it is closed, nobody else can read or
/// write it. Temporary tables stay in memory: on disk they would be copies.
///
/// # Errors
/// When it isn't there, can't be written, or isn't a database.
pub(crate) async fn open(path: &Path, _closed: &Closed) -> Result<SqliteConnection, ReadError> {
    connect(path, SqliteLockingMode::Exclusive, false).await
}

/// Opens a database of our own, as durable and as thorough, and makes it when it isn't there. Others may read it.
///
/// # Errors
/// As for [`open`].
pub(crate) async fn open_own(path: &Path) -> Result<SqliteConnection, ReadError> {
    connect(path, SqliteLockingMode::Normal, true).await
}

async fn connect(
    path: &Path,
    locking: SqliteLockingMode,
    create: bool,
) -> Result<SqliteConnection, ReadError> {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(create)
        .busy_timeout(PATIENCE)
        .locking_mode(locking)
        .synchronous(SqliteSynchronous::Full)
        // The browsers don't ask for them, so a deletion must not spread by them.
        .foreign_keys(false)
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .pragma("trusted_schema", "OFF")
        // Statements would name the sites in the log.
        .disable_statement_logging()
        .connect()
        .await
        .map_err(|error| ReadError::sql(&copy::file_name(path), error))
}

#[cfg(test)]
mod tests {
    use sqlx::{AssertSqlSafe, Connection, Executor};

    use super::*;

    #[tokio::test]
    async fn a_lock_taken_once_stays_until_the_database_is_closed() {
        for mode in ["WAL", "DELETE"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("cookies.sqlite");
            let mut made = open_own(&path).await.unwrap();
            let sql = format!("PRAGMA journal_mode = {mode}; CREATE TABLE t (a)");
            made.execute(AssertSqlSafe(sql)).await.unwrap();
            made.close().await.unwrap();
            let mut ours = connect(&path, SqliteLockingMode::Exclusive, false).await.unwrap();
            ours.execute("BEGIN EXCLUSIVE").await.unwrap();
            ours.execute("COMMIT").await.unwrap();
            let read = async || {
                let mut other = open_own(&path).await?;
                let rows = other.fetch_all("SELECT * FROM t").await;
                rows.map(drop)
                    .map_err(|error| ReadError::sql("cookies.sqlite", error))
            };
            assert_eq!(read().await.unwrap_err().code(), "locked", "{mode}");
            ours.close().await.unwrap();
            read().await.unwrap();
        }
    }
}
