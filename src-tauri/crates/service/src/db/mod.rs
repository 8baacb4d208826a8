//! The database: SQLite in write-ahead mode, with every commit on the disk before it is answered.
//!
//! The statements keep to what PostgreSQL understands too; what is SQLite's own is in this file and in the triggers
//! of `migrations/`.

pub mod accounts;
pub mod authorizations;
pub mod codes;
pub mod consents;
pub mod controlled;
pub mod deletions;
pub mod devices;
pub mod erase;
pub mod erasures;
pub mod export_progress;
pub mod exports;
pub mod idempotency;
pub mod items;
pub mod letters;
pub mod live;
pub mod organizations;
pub mod sessions;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};

use crate::config::OpenError;
use crate::folders;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// The database's file in the data folder.
pub const FILE: &str = "service.sqlite";

/// So many read at once.
const READERS: u32 = 4;

/// A connection, in a transaction or not.
pub type Connection = SqliteConnection;

/// A transaction. Dropped without a commit, it changes nothing.
pub type Transaction = sqlx::Transaction<'static, sqlx::Sqlite>;

/// The open database.
#[derive(Clone)]
pub struct Database {
    /// Writers take turns: one connection, so that waiting is in order and needs no polling.
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Database {
    /// Opens or makes the database and brings it to this version's shape.
    pub async fn open(data_dir: &Path, lock_wait: Duration) -> Result<Self, OpenError> {
        let path = data_dir.join(FILE);
        // Two processes that start at once (the window and the terminal) migrate one after the other.
        let _starting = start_lock(data_dir).await?;
        // SQLite gives its other files the modes of this one.
        folders::make_private_file(&path).map_err(|source| OpenError::Folder {
            path: path.clone(),
            source,
        })?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // What is removed is overwritten, and what is sorted or rebuilt lies in no file beside.
            .pragma("secure_delete", "on")
            .pragma("temp_store", "memory")
            .busy_timeout(lock_wait);
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(lock_wait.max(Duration::from_secs(1)))
        };
        let opened = |source| cannot_open(&path, source);
        let writer = pool(1).connect_with(options.clone()).await.map_err(opened)?;
        MIGRATIONS
            .run(&writer)
            .await
            .map_err(|error| cannot_migrate(&path, error))?;
        let readers = pool(READERS)
            .connect_with(options.pragma("query_only", "on"))
            .await
            .map_err(opened)?;
        Ok(Self { writer, readers })
    }

    /// Begins a transaction that holds the database for writing from the start, so that what it reads stays true
    /// until it commits.
    pub async fn begin(&self) -> Result<Transaction, sqlx::Error> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }

    /// A transaction for reading: all its reads see one state.
    pub async fn read(&self) -> Result<Transaction, sqlx::Error> {
        self.readers.begin().await
    }

    /// Leaves nothing of what was removed in the database's files: rebuilds it, since pages that were split keep
    /// copies that `secure_delete` doesn't reach, and empties the write-ahead log. Says whether it could: not while
    /// another program reads.
    pub async fn scrub(&self) -> Result<bool, sqlx::Error> {
        let mut connection = self.writer.acquire().await?;
        sqlx::query("VACUUM").execute(&mut *connection).await?;
        drop(connection);
        // The log is emptied only while nobody reads, and among many readers there might never be such a moment: this
        // program's own wait. Readers first, since one of them may be waiting to write.
        let mut readers = Vec::new();
        for _ in 0..READERS {
            readers.push(self.readers.acquire().await?);
        }
        let mut connection = self.writer.acquire().await?;
        empty_log(&mut connection).await
    }

    /// Whether the database answers.
    pub async fn check(&self) -> Result<(), sqlx::Error> {
        let mut reading = self.read().await?;
        sqlx::query("SELECT 1 FROM accounts WHERE FALSE")
            .execute(&mut *reading)
            .await?;
        Ok(())
    }

    /// Waits for what is under way and closes every connection.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

async fn empty_log(connection: &mut Connection) -> Result<bool, sqlx::Error> {
    let (is_busy, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_one(connection)
        .await?;
    Ok(is_busy == 0)
}

/// Removes what has served its time. Called where sign-ins begin, so that it needs no timer.
pub async fn prune(connection: &mut Connection, now: Timestamp) -> Result<(), sqlx::Error> {
    idempotency::prune(connection, now).await?;
    codes::prune(connection, now).await?;
    sessions::prune(connection, now).await
}

/// Whether an error will pass by itself: somebody else is writing, or the disk is full.
pub fn is_passing(error: &sqlx::Error) -> bool {
    // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL, with their extended codes.
    matches!(error, sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed)
        || matches!(primary_code(error), Some(5 | 6 | 13))
}

/// A time as it is stored.
pub fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// A stored time.
pub fn timestamp(micros: i64) -> Result<Timestamp, sqlx::Error> {
    Timestamp::from_microsecond(micros).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// A time as it is written.
pub fn parse(text: &str) -> Result<Timestamp, sqlx::Error> {
    text.parse()
        .map_err(|error: jiff::Error| sqlx::Error::Decode(error.into()))
}

/// A stored identifier.
pub fn uuid(text: &str) -> Result<uuid::Uuid, sqlx::Error> {
    uuid::Uuid::parse_str(text).map_err(|error| sqlx::Error::Decode(error.into()))
}

async fn start_lock(data_dir: &Path) -> Result<File, OpenError> {
    let path = data_dir.join("service.lock");
    let failed = |path: PathBuf| move |source| OpenError::Folder { path, source };
    let lock = {
        let path = path.clone();
        move || {
            let file = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(path)?;
            file.lock()?;
            Ok(file)
        }
    };
    tokio::task::spawn_blocking(lock)
        .await
        .map_err(std::io::Error::other)
        .and_then(|locked| locked)
        .map_err(failed(path))
}

fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

fn cannot_open(path: &Path, source: sqlx::Error) -> OpenError {
    let path = path.to_owned();
    // SQLITE_CORRUPT, SQLITE_NOTADB.
    match primary_code(&source) {
        Some(11 | 26) => OpenError::Damaged { path, source },
        _ => OpenError::Database { path, source },
    }
}

fn cannot_migrate(path: &Path, error: MigrateError) -> OpenError {
    if matches!(error, MigrateError::VersionMissing(_)) {
        return OpenError::Newer {
            path: path.to_owned(),
        };
    }
    if let MigrateError::Execute(source) = error {
        return cannot_open(path, source);
    }
    OpenError::Migration {
        path: path.to_owned(),
        source: error,
    }
}
