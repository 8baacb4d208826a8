//! A browser's SQLite database, held for as long as something is kept, removed or put back.
//!
//! From [`lock`](Held::lock) on nobody else can write it, until it is closed. What is freed is overwritten; afterwards
//! the log is emptied and the database is written anew (`VACUUM`), since a browser may have left copies of a row where
//! it lay before. A large one takes seconds to write, so it is looked through first ([`leftovers`]).

use std::fs::File;
use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection, TypeInfo, ValueRef};

use super::error::ClearError;
use super::leftovers::{self, Pieces};
use crate::browsers::blocking;
use crate::closed::Closed;
use crate::copy::{self, file_name};
use crate::error::ReadError;
use crate::writable;

/// Up to this many bytes a database is checked as a whole before, and written anew afterwards in any case. Browsers
/// keep a few thousand cookies, a few megabytes.
const SMALL: u64 = 64 << 20;

/// An open database.
pub(super) struct Held {
    pub(super) connection: SqliteConnection,
    /// The file's name, for people.
    pub(super) file: String,
    size: u64,
    /// The file of a large database, to be looked through. It outlives the connection: closing it would let go of the
    /// connection's lock.
    file_itself: Option<File>,
}

impl Held {
    /// Opens a database; `None` when there is none, or nothing in it.
    pub(super) async fn open(file: &Path, closed: &Closed) -> Result<Option<Self>, ClearError> {
        let name = file_name(file);
        let size = match std::fs::metadata(file) {
            Ok(told) if told.len() == 0 && !copy::has_log(file) => return Ok(None),
            Ok(told) if told.len() > 0 && told.len() < 100 => return Err(ClearError::Damaged { file: name }),
            Ok(told) => told.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ClearError::io(&name, error)),
        };
        let file_itself = match size > SMALL {
            true => Some(File::open(file).map_err(|error| ClearError::io(&name, error))?),
            false => None,
        };
        Ok(Some(Self {
            connection: writable::open(file, closed).await?,
            file: name,
            size,
            file_itself,
        }))
    }

    /// Closes it as it is.
    pub(super) async fn close(self) -> Result<(), ClearError> {
        let closed = self.connection.close().await;
        drop(self.file_itself);
        closed.map_err(|error| ClearError::sql(&self.file, error))
    }

    /// Says that it is whole, as far as that can be told in time.
    pub(super) async fn is_whole(&mut self) -> Result<(), ClearError> {
        if self.size > SMALL {
            return Ok(());
        }
        let told = self.text("PRAGMA main.quick_check(1)").await?;
        match told.first().map(String::as_str) {
            Some("ok") => Ok(()),
            Some(_) | None => Err(self.damaged()),
        }
    }

    /// Takes the lock for good, then has the kept rows at hand as `removed`.
    pub(super) async fn lock(&mut self, kept: &Path) -> Result<(), ClearError> {
        // Before the other database is there: with both in one exclusive transaction, SQLite would leave a file that
        // names both behind when it is cut short. The lock stays until the connection ends.
        self.run("BEGIN EXCLUSIVE").await?;
        self.run("COMMIT").await?;
        let path = kept.to_str().ok_or(ClearError::Unrestorable {
            reason: "its folder has a name that isn't text",
        })?;
        sqlx::query("ATTACH DATABASE ?1 AS removed")
            .bind(path)
            .execute(&mut self.connection)
            .await
            .map(drop)
            .map_err(|error| in_backup(ReadError::sql("backup", error)))
    }

    /// Leaves nothing behind of what was removed from tables, each with the columns that have values: neither in the log
    /// nor where it lay before.
    pub(super) async fn scrub(&mut self, tables: &[(&str, &[&str])]) -> Result<(), ClearError> {
        self.empty_log().await?;
        let mut anew = self.file_itself.is_none();
        for (table, values) in tables {
            anew = anew || self.has_leftovers(table, values).await?;
        }
        if anew {
            self.run("VACUUM main").await?;
            self.empty_log().await?;
        }
        Ok(())
    }

    async fn has_leftovers(&mut self, table: &str, values: &[&str]) -> Result<bool, ClearError> {
        let columns = self.columns("removed", table).await?;
        let sql = format!("SELECT {} FROM removed.{table}", listed(&columns, ""));
        let rows = sqlx::query(AssertSqlSafe(sql))
            .fetch_all(&mut self.connection)
            .await;
        let rows = rows.map_err(|error| ClearError::sql(&self.file, error))?;
        // Text and bytes lie beside one another as their columns follow; numbers lie between.
        let runs = rows.iter().flat_map(|row| {
            let mut runs = vec![Vec::new()];
            for (at, column) in columns.iter().enumerate() {
                let is_bytes = row
                    .try_get_raw(at)
                    .is_ok_and(|value| matches!(value.type_info().name(), "TEXT" | "BLOB"));
                match (is_bytes, row.try_get_unchecked::<&[u8], _>(at), runs.last_mut()) {
                    (true, Ok(bytes), Some(run)) => run.push((bytes, values.contains(&column.as_str()))),
                    (_, _, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
                    (_, _, _) => {}
                }
            }
            runs
        });
        let pieces = Pieces::of(runs);
        let Some(file) = self.file_itself.take() else {
            return Ok(true);
        };
        let (file, found) = blocking(move || {
            let found = leftovers::any(&file, &pieces);
            (file, found)
        })
        .await;
        self.file_itself = Some(file);
        found.map_err(|error| ClearError::io(&self.file, error))
    }

    pub(super) async fn empty_log(&mut self) -> Result<(), ClearError> {
        let rows = sqlx::query("PRAGMA main.wal_checkpoint(TRUNCATE)")
            .fetch_all(&mut self.connection)
            .await
            .map_err(|error| ClearError::sql(&self.file, error))?;
        let busy = rows.first().map_or(Ok(0), |row| row.try_get::<i64, _>(0));
        match busy.map_err(|error| ClearError::sql(&self.file, error))? {
            0 => Ok(()),
            _ => Err(ClearError::Locked {
                file: self.file.clone(),
            }),
        }
    }

    /// Makes a database with the same tables, empty, and that version.
    pub(super) async fn make_backup(
        &mut self,
        kept: &Path,
        tables: &[&str],
        version: i64,
    ) -> Result<(), ClearError> {
        let mut schema = String::new();
        for table in tables {
            let sql = format!("SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = '{table}'");
            schema += &self.text(&sql).await?.concat();
            schema += ";\n";
        }
        let mut backup = writable::open_own(kept).await.map_err(in_backup)?;
        let made = async {
            sqlx::raw_sql(AssertSqlSafe(schema)).execute(&mut backup).await?;
            let version = format!("PRAGMA user_version = {version}");
            sqlx::query(AssertSqlSafe(version)).execute(&mut backup).await?;
            backup.close().await
        };
        made.await
            .map_err(|error| in_backup(ReadError::sql("backup", error)))?;
        private(kept).map_err(ClearError::backup)
    }

    /// The columns of a table; none where there is no such table.
    pub(super) async fn columns(&mut self, schema: &str, table: &str) -> Result<Vec<String>, ClearError> {
        let sql = format!("SELECT name FROM pragma_table_info('{table}', '{schema}')");
        self.text(&sql).await
    }

    /// `PRAGMA user_version`, or the number under `version` in Chromium's table `meta`; 0 where there is none.
    pub(super) async fn version(&mut self, in_meta: bool) -> Result<i64, ClearError> {
        if !in_meta {
            return self.number("PRAGMA main.user_version").await;
        }
        match self.columns("main", "meta").await?.is_empty() {
            true => Ok(0),
            false => {
                self.number("SELECT CAST(value AS INTEGER) FROM main.meta WHERE key = 'version'")
                    .await
            }
        }
    }

    pub(super) async fn number(&mut self, sql: &str) -> Result<i64, ClearError> {
        let row = sqlx::query(AssertSqlSafe(sql.to_owned()))
            .fetch_optional(&mut self.connection)
            .await;
        let wrong = |error| ClearError::sql(&self.file, error);
        match row.map_err(wrong)? {
            Some(row) => Ok(row
                .try_get::<Option<i64>, _>(0)
                .map_err(wrong)?
                .unwrap_or_default()),
            None => Ok(0),
        }
    }

    /// Runs a statement made of our own words and of names from the schema. Says how many rows it concerned.
    pub(super) async fn run(&mut self, sql: &str) -> Result<u64, ClearError> {
        let outcome = sqlx::query(AssertSqlSafe(sql.to_owned()))
            .execute(&mut self.connection)
            .await;
        outcome
            .map(|done| done.rows_affected())
            .map_err(|error| ClearError::sql(&self.file, error))
    }

    pub(super) async fn text(&mut self, sql: &str) -> Result<Vec<String>, ClearError> {
        let rows = sqlx::query(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&mut self.connection)
            .await;
        let wrong = |error| ClearError::sql(&self.file, error);
        rows.map_err(wrong)?
            .iter()
            .map(|row| row.try_get::<String, _>(0).map_err(wrong))
            .collect()
    }

    pub(super) fn damaged(&self) -> ClearError {
        ClearError::Damaged {
            file: self.file.clone(),
        }
    }

    /// Says that a table has what every known version has, and that the database isn't newer than any.
    pub(super) async fn is_known(
        &mut self,
        columns: &[String],
        needed: &[&str],
        version: i64,
        known: i64,
    ) -> Result<(), ClearError> {
        let has = |column: &&str| columns.iter().any(|known| known == column);
        if !needed.iter().all(has) {
            return Err(ClearError::ForeignSchema {
                file: self.file.clone(),
            });
        }
        match version > known {
            true => Err(ClearError::NewerSchema {
                file: self.file.clone(),
            }),
            false => Ok(()),
        }
    }
}

/// Columns for a statement, each after `of`: `m."name", m."host"`.
pub(super) fn listed(columns: &[String], of: &str) -> String {
    let quoted: Vec<String> = columns
        .iter()
        .map(|column| format!("{of}\"{}\"", column.replace('"', "\"\"")))
        .collect();
    quoted.join(", ")
}

/// Removes a database of our own, if it is there.
pub(super) fn remove(path: &Path) {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        let _ = std::fs::remove_file(copy::beside(path, suffix));
    }
}

/// What went wrong lies in the backup, not in the profile.
fn in_backup(error: ReadError) -> ClearError {
    match error {
        ReadError::NoSpace { source, .. } => ClearError::backup(source),
        ReadError::Unreadable { source, .. } => ClearError::Backup { source },
        ReadError::Changing { .. }
        | ReadError::Locked { .. }
        | ReadError::Damaged { .. }
        | ReadError::ForeignSchema { .. }
        | ReadError::NewerSchema { .. } => ClearError::Unrestorable {
            reason: "it is damaged",
        },
    }
}

#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn private(_path: &Path) -> std::io::Result<()> {
    Ok(())
}
