//! Rows of a browser's SQLite database: kept, and removed.
//!
//! From keeping to removing the database stays open and exclusively locked: what is removed is what was kept. A
//! deletion is one transaction. What it frees is overwritten, the log is emptied, and a database that isn't large is
//! written anew (`VACUUM`), since a browser may have left copies of a row where it lay before.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

use super::error::ClearError;
use super::step::Table;
use crate::closed::Closed;
use crate::copy::{self, file_name};
use crate::error::ReadError;
use crate::{chromium, firefox, writable};

/// Up to this many bytes a database is checked as a whole before, and written anew afterwards. Browsers keep a few
/// thousand cookies, a few megabytes.
const SMALL: u64 = 64 << 20;

/// Which rows.
pub(super) enum Pick {
    /// Those that have one of these keys: a JSON array of arrays, in the order of [`key_columns`].
    Keys(String),
    /// Those whose values in these columns pass.
    Where(&'static [&'static str], Owned),
}

/// Whether a row, told by some of its values, is meant.
pub(super) type Owned = Box<dyn Fn(&[String]) -> bool + Send + Sync>;

/// The columns of a cookie's key, as [`Pick::Keys`] has them.
pub(super) fn key_columns(table: Table) -> &'static [&'static str] {
    match table {
        Table::MozCookies => &["name", "host", "path", "originAttributes"],
        Table::Cookies => &[
            "host_key",
            "name",
            "path",
            "top_frame_site_key",
            "has_cross_site_ancestor",
        ],
        Table::MozOrigin | Table::MozWebappsstore | Table::Buckets => &[],
    }
}

/// A database whose rows are kept and not removed yet.
pub(super) struct Kept {
    pub(super) connection: SqliteConnection,
    pub(super) table: Table,
    pub(super) file: String,
    size: u64,
    rows: u64,
}

/// Opens a database and copies the meant rows into a new one. `None` when there are none; then nothing is kept.
pub(super) async fn keep(
    file: &Path,
    table: Table,
    pick: &Pick,
    kept: &Path,
    closed: &Closed,
) -> Result<Option<Kept>, ClearError> {
    let name = file_name(file);
    let size = match std::fs::metadata(file) {
        Ok(told) if told.len() == 0 && !copy::has_log(file) => return Ok(None),
        Ok(told) if told.len() > 0 && told.len() < 100 => return Err(ClearError::Damaged { file: name }),
        Ok(told) => told.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ClearError::io(&name, error)),
    };
    let connection = writable::open(file, closed).await?;
    let mut open = Kept {
        connection,
        table,
        file: name,
        size,
        rows: 0,
    };
    match open.copy_rows(pick, kept).await {
        Ok(0) => {
            open.close().await?;
            remove_database(kept);
            Ok(None)
        }
        Ok(rows) => Ok(Some(Kept { rows, ..open })),
        Err(error) => {
            let _ = open.close().await;
            Err(error)
        }
    }
}

fn remove_database(path: &Path) {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        let _ = std::fs::remove_file(copy::beside(path, suffix));
    }
}

impl Kept {
    /// Opens a database that is there, to put rows back.
    pub(super) async fn open(file: &Path, table: Table, closed: &Closed) -> Result<Self, ClearError> {
        Ok(Self {
            connection: writable::open(file, closed).await?,
            table,
            file: file_name(file),
            size: 0,
            rows: 0,
        })
    }

    /// Removes what was kept, for good, and closes the database.
    pub(super) async fn remove(mut self) -> Result<(), ClearError> {
        let outcome = self.remove_rows().await;
        let closed = self.close().await;
        outcome.and(closed)
    }

    /// Closes the database as it is.
    pub(super) async fn close(self) -> Result<(), ClearError> {
        let file = self.file;
        self.connection
            .close()
            .await
            .map_err(|error| ClearError::sql(&file, error))
    }

    async fn copy_rows(&mut self, pick: &Pick, kept: &Path) -> Result<u64, ClearError> {
        let columns = self.known_columns().await?;
        if self.size <= SMALL {
            let told = self.text("PRAGMA main.quick_check(1)").await?;
            if told.first().map(String::as_str) != Some("ok") {
                return Err(self.damaged());
            }
        }
        self.make_backup(kept).await?;
        // Before the other database is there: with both in one exclusive transaction, SQLite would leave a file that
        // names both behind when it is cut short. The lock stays until the connection ends.
        self.run("BEGIN EXCLUSIVE").await?;
        self.run("COMMIT").await?;
        self.attach(kept).await?;
        self.run("BEGIN").await?;
        let table = self.table.name();
        let own_number = self
            .text(&format!(
                "SELECT name FROM pragma_table_info('{table}') WHERE pk = 1 AND upper(type) = 'INTEGER' \
                 AND (SELECT max(pk) FROM pragma_table_info('{table}')) = 1"
            ))
            .await?;
        // Removal goes by the number of a row, which is a column of its own in some tables.
        let number = if own_number.is_empty() { "rowid, " } else { "" };
        let names = listed(&columns, "");
        let from_main = listed(&columns, "m.");
        let number_of_main = if own_number.is_empty() { "m.rowid, " } else { "" };
        let insert =
            format!("INSERT INTO removed.{table} ({number}{names}) SELECT {number_of_main}{from_main}");
        let rows = match pick {
            Pick::Keys(keys) => {
                let sql = format!("{insert} {}", self.by_key(&columns));
                sqlx::query(AssertSqlSafe(sql)).bind(keys)
            }
            Pick::Where(told_by, owned) => {
                let meant = self.meant(told_by, owned).await?;
                let sql = format!(
                    "{insert} FROM json_each(?1) AS k CROSS JOIN main.{table} AS m WHERE m.rowid = k.value"
                );
                sqlx::query(AssertSqlSafe(sql)).bind(meant)
            }
        };
        let outcome = rows.execute(&mut self.connection).await;
        let outcome = outcome.map_err(|error| ClearError::sql(&self.file, error))?;
        self.run("COMMIT").await?;
        Ok(outcome.rows_affected())
    }

    /// The rest of a query that finds cookies by their keys, through the table's own index.
    fn by_key(&self, columns: &[String]) -> String {
        let conditions: Vec<String> = key_columns(self.table)
            .iter()
            .enumerate()
            .filter(|(_, column)| columns.iter().any(|known| known == *column))
            .map(|(at, column)| match *column {
                // Not told for a cookie that isn't partitioned. As a list, the index serves it.
                "has_cross_site_ancestor" => {
                    format!("m.{column} IN (ifnull(k.value->>{at}, 0), ifnull(k.value->>{at}, 1))")
                }
                column => format!("m.{column} = k.value->>{at}"),
            })
            .collect();
        format!(
            "FROM json_each(?1) AS k CROSS JOIN main.{} AS m WHERE {}",
            self.table.name(),
            conditions.join(" AND ")
        )
    }

    async fn meant(&mut self, told_by: &[&str], owned: &Owned) -> Result<String, ClearError> {
        let columns: Vec<String> = told_by
            .iter()
            .map(|column| format!("ifnull(CAST(\"{column}\" AS TEXT), '')"))
            .collect();
        let sql = format!(
            "SELECT rowid, {} FROM main.{}",
            columns.join(", "),
            self.table.name()
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .fetch_all(&mut self.connection)
            .await;
        let wrong = |error| ClearError::sql(&self.file, error);
        let mut meant: Vec<i64> = Vec::new();
        for row in rows.map_err(wrong)? {
            let values: Result<Vec<String>, _> = (1..=told_by.len())
                .map(|at| row.try_get::<String, _>(at))
                .collect();
            if owned(&values.map_err(wrong)?) {
                meant.push(row.try_get(0).map_err(wrong)?);
            }
        }
        let numbers: Vec<String> = meant.iter().map(i64::to_string).collect();
        Ok(format!("[{}]", numbers.join(",")))
    }

    async fn remove_rows(&mut self) -> Result<(), ClearError> {
        let table = self.table.name();
        self.run("BEGIN").await?;
        let sql = format!("DELETE FROM main.{table} WHERE rowid IN (SELECT rowid FROM removed.{table})");
        let gone = sqlx::query(AssertSqlSafe(sql))
            .execute(&mut self.connection)
            .await;
        let gone = gone.map_err(|error| ClearError::sql(&self.file, error))?;
        if gone.rows_affected() != self.rows {
            // The lock was ours, so the file isn't what it says it is. Dropping the connection takes it back.
            return Err(self.damaged());
        }
        self.run("COMMIT").await?;
        self.empty_log().await?;
        if self.size <= SMALL {
            self.run("VACUUM main").await?;
            self.empty_log().await?;
        }
        Ok(())
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

    /// The table's columns, when the database is one that is known here.
    pub(super) async fn known_columns(&mut self) -> Result<Vec<String>, ClearError> {
        let table = self.table.name();
        let columns = self
            .text(&format!("SELECT name FROM pragma_table_info('{table}')"))
            .await?;
        let (needed, known) = match self.table {
            Table::MozCookies => (firefox::cookies::NEEDED.as_slice(), firefox::cookies::KNOWN),
            Table::Cookies => (chromium::cookies::NEEDED.as_slice(), chromium::cookies::KNOWN),
            // Firefox 153.
            Table::MozOrigin => (["repository_id", "suffix", "origin"].as_slice(), 0x2_0003),
            Table::MozWebappsstore => (
                ["originAttributes", "originKey", "key", "value"].as_slice(),
                i64::MAX,
            ),
            // Chromium 156.
            Table::Buckets => (["id", "storage_key", "name"].as_slice(), 11),
        };
        let has = |column: &&str| columns.iter().any(|known| known == column);
        if !needed.iter().all(has) {
            return Err(ClearError::ForeignSchema {
                file: self.file.clone(),
            });
        }
        if self.version().await? > known {
            return Err(ClearError::NewerSchema {
                file: self.file.clone(),
            });
        }
        Ok(columns)
    }

    pub(super) async fn version(&mut self) -> Result<i64, ClearError> {
        let sql = match self.table {
            Table::MozCookies | Table::MozOrigin | Table::MozWebappsstore => "PRAGMA main.user_version",
            Table::Cookies | Table::Buckets => {
                if self
                    .text("SELECT name FROM pragma_table_info('meta')")
                    .await?
                    .is_empty()
                {
                    return Ok(0);
                }
                "SELECT CAST(value AS INTEGER) FROM main.meta WHERE key = 'version'"
            }
        };
        self.number(sql).await
    }

    pub(super) async fn number(&mut self, sql: &'static str) -> Result<i64, ClearError> {
        let row = sqlx::query(sql).fetch_optional(&mut self.connection).await;
        let wrong = |error| ClearError::sql(&self.file, error);
        match row.map_err(wrong)? {
            Some(row) => Ok(row
                .try_get::<Option<i64>, _>(0)
                .map_err(wrong)?
                .unwrap_or_default()),
            None => Ok(0),
        }
    }

    /// A database with the same table, empty, and the same version.
    async fn make_backup(&mut self, kept: &Path) -> Result<(), ClearError> {
        let table = self.table.name();
        let sql = format!("SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = '{table}'");
        let schema = self.text(&sql).await?.concat();
        let version = self.version().await?;
        let mut backup = writable::open_own(kept).await.map_err(in_backup)?;
        let made = async {
            sqlx::query(AssertSqlSafe(schema)).execute(&mut backup).await?;
            let version = format!("PRAGMA user_version = {version}");
            sqlx::query(AssertSqlSafe(version)).execute(&mut backup).await?;
            backup.close().await
        };
        made.await
            .map_err(|error| in_backup(ReadError::sql("backup", error)))?;
        private(kept).map_err(ClearError::backup)
    }

    pub(super) async fn attach(&mut self, kept: &Path) -> Result<(), ClearError> {
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

    pub(super) async fn run(&mut self, sql: &'static str) -> Result<(), ClearError> {
        let outcome = sqlx::query(sql).execute(&mut self.connection).await;
        outcome
            .map(drop)
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

    fn damaged(&self) -> ClearError {
        ClearError::Damaged {
            file: self.file.clone(),
        }
    }
}

pub(super) fn listed(columns: &[String], of: &str) -> String {
    let quoted: Vec<String> = columns
        .iter()
        .map(|column| format!("{of}\"{}\"", column.replace('"', "\"\"")))
        .collect();
    quoted.join(", ")
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
