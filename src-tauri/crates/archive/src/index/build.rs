//! Making an index: one thread reads and folds, another writes.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use settings_privacy_core::archive::{Fault, Finding};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection as _, QueryBuilder, Row as _, Sqlite, SqliteConnection,
};
use tokio::sync::{Mutex, mpsc};

use super::produce::{Batch, ROWS, produce};
use super::{Index, IndexPlace, broken};
use crate::archive::Archive;

/// The shape of the tables.
const VERSION: &str = "1";

const TABLES: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE items (
    item INTEGER PRIMARY KEY, category INTEGER NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
    line TEXT NOT NULL, entry INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER, digest BLOB NOT NULL
) STRICT;
CREATE TABLE blocks (
    block INTEGER PRIMARY KEY, category INTEGER NOT NULL, first INTEGER NOT NULL, ends BLOB NOT NULL,
    ats BLOB NOT NULL, text BLOB NOT NULL
) STRICT;
CREATE TABLE days (category INTEGER NOT NULL, day INTEGER NOT NULL, items INTEGER NOT NULL,
    PRIMARY KEY (category, day)) STRICT, WITHOUT ROWID;
CREATE TABLE findings (finding TEXT NOT NULL) STRICT;
";

/// How far indexing is, and whether it is still wanted.
#[derive(Debug, Default)]
pub struct Indexing {
    /// Bytes read.
    pub done: AtomicU64,
    /// Bytes there are.
    pub of: AtomicU64,
    /// Set it to stop: what was made so far is dropped.
    pub stop: AtomicBool,
}

pub(super) async fn open(
    archive: Arc<Archive>,
    place: IndexPlace,
    progress: Arc<Indexing>,
) -> Result<Index, Fault> {
    let place = if archive.is_encrypted() {
        IndexPlace::Memory
    } else {
        place
    };
    let key = archive.key().to_string();
    let categories: Vec<String> = archive
        .categories()
        .into_iter()
        .map(|category| category.id)
        .collect();
    if let IndexPlace::File(path) = &place
        && let Some((connection, findings)) = existing(path, &key).await
    {
        return Ok(Index {
            archive,
            connection: Mutex::new(connection),
            categories,
            findings,
        });
    }
    let mut connection = match &place {
        IndexPlace::Memory => options().in_memory(true).connect().await,
        IndexPlace::File(path) => {
            private(path).map_err(crate::save::unwritable)?;
            options().filename(path).connect().await
        }
    }
    .map_err(broken)?;
    let findings = match fill(&mut connection, &archive, &categories, &key, &progress).await {
        Ok(findings) => findings,
        Err(fault) => {
            let _ = connection.close().await;
            if let IndexPlace::File(path) = &place {
                let _ = std::fs::remove_file(path);
            }
            return Err(fault);
        }
    };
    Ok(Index {
        archive,
        connection: Mutex::new(connection),
        categories,
        findings,
    })
}

/// It can be made again, so it needn't survive a crash; half made, it has no key and isn't used.
fn options() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .locking_mode(sqlx::sqlite::SqliteLockingMode::Exclusive)
        .page_size(16 << 10)
        .pragma("cache_size", "-8000")
        .pragma("trusted_schema", "off")
        .pragma("temp_store", "memory")
        .row_buffer_size(2)
        .disable_statement_logging()
}

/// An index that is whole, and this archive's.
async fn existing(path: &Path, key: &str) -> Option<(SqliteConnection, Vec<Finding>)> {
    if !path.is_file() {
        return None;
    }
    let mut connection = options().filename(path).connect().await.ok()?;
    let told = sqlx::query("SELECT value FROM meta WHERE key = 'archive' AND EXISTS (SELECT 1 FROM meta WHERE key = 'version' AND value = ?)")
        .bind(VERSION)
        .fetch_optional(&mut connection)
        .await;
    let same = matches!(told, Ok(Some(row)) if row.try_get::<String, _>(0).is_ok_and(|told| told == key));
    if !same {
        let _ = connection.close().await;
        return None;
    }
    let rows = sqlx::query("SELECT finding FROM findings")
        .fetch_all(&mut connection)
        .await
        .ok()?;
    let findings = rows
        .iter()
        .filter_map(|row| serde_json::from_str(row.try_get(0).ok()?).ok())
        .collect();
    Some((connection, findings))
}

/// A new, empty file that only its owner can read.
fn private(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

async fn fill(
    connection: &mut SqliteConnection,
    archive: &Arc<Archive>,
    categories: &[String],
    key: &str,
    progress: &Arc<Indexing>,
) -> Result<Vec<Finding>, Fault> {
    sqlx::raw_sql(TABLES)
        .execute(&mut *connection)
        .await
        .map_err(broken)?;
    sqlx::query("BEGIN")
        .execute(&mut *connection)
        .await
        .map_err(broken)?;
    let (sender, mut receiver) = mpsc::channel(2);
    let producer = {
        let (archive, progress, categories) =
            (Arc::clone(archive), Arc::clone(progress), categories.to_vec());
        tokio::task::spawn_blocking(move || produce(&archive, &categories, &progress, &sender))
    };
    while let Some(batch) = receiver.recv().await {
        write(connection, batch).await?;
    }
    let produced = producer.await.map_err(|_| Fault::Unreadable {
        why: "reading stopped".to_owned(),
    })??;
    for chunk in produced.days.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO days (category, day, items) ");
        query.push_values(chunk, |mut row, (category, day, items)| {
            row.push_bind(*category).push_bind(*day).push_bind(*items);
        });
        query.build().execute(&mut *connection).await.map_err(broken)?;
    }
    for finding in &produced.findings {
        let text = serde_json::to_string(finding).unwrap_or_default();
        let query = sqlx::query("INSERT INTO findings (finding) VALUES (?)").bind(text);
        query.execute(&mut *connection).await.map_err(broken)?;
    }
    for index in [
        "CREATE INDEX items_by_time ON items (category, at, item)",
        "CREATE INDEX items_by_time_alone ON items (at, item)",
    ] {
        sqlx::query(index)
            .execute(&mut *connection)
            .await
            .map_err(broken)?;
    }
    for (name, value) in [("version", VERSION), ("archive", key)] {
        let query = sqlx::query("INSERT INTO meta (key, value) VALUES (?, ?)")
            .bind(name)
            .bind(value);
        query.execute(&mut *connection).await.map_err(broken)?;
    }
    sqlx::query("COMMIT")
        .execute(&mut *connection)
        .await
        .map_err(broken)?;
    Ok(produced.findings)
}

async fn write(connection: &mut SqliteConnection, batch: Batch) -> Result<(), Fault> {
    match batch {
        Batch::Items(items) => {
            let mut query = QueryBuilder::<Sqlite>::new(
                "INSERT INTO items (item, category, id, at, kind, line, entry, offset, length, digest) ",
            );
            query.push_values(items, |mut row, item| {
                row.push_bind(item.number)
                    .push_bind(item.category)
                    .push_bind(item.id)
                    .push_bind(item.at)
                    .push_bind(item.kind)
                    .push_bind(item.line)
                    .push_bind(item.entry)
                    .push_bind(item.offset)
                    .push_bind(item.length)
                    .push_bind(item.digest.0.to_vec());
            });
            // The statement is the same for every full batch, and made of our own words.
            let query = query.build();
            query.execute(&mut *connection).await.map_err(broken)?;
        }
        Batch::Block(block) => {
            let sql = "INSERT INTO blocks (category, first, ends, ats, text) VALUES (?, ?, ?, ?, ?)";
            let query = sqlx::query(AssertSqlSafe(sql))
                .bind(block.category)
                .bind(block.first)
                .bind(block.ends)
                .bind(block.ats)
                .bind(block.text.into_bytes());
            query.execute(&mut *connection).await.map_err(broken)?;
        }
    }
    Ok(())
}
