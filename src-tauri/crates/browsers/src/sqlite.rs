//! A browser's SQLite databases, read only.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use settings_privacy_core::storage::{Running, Sites};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection};
use tokio::task::JoinSet;

use crate::copy;
use crate::error::ReadError;
use crate::matching;

/// An open database: the file itself when nothing writes to it, else a private copy.
#[derive(Debug)]
pub(crate) struct Database {
    connection: SqliteConnection,
    options: SqliteConnectOptions,
    name: String,
    copied: Option<PathBuf>,
}

impl Database {
    /// Opens a database; `None` when there is no such file.
    ///
    /// # Errors
    /// When it is there and can't be read.
    pub(crate) async fn open(
        path: &Path,
        running: Running,
        scratch: &Path,
    ) -> Result<Option<Self>, ReadError> {
        Self::open_with(path, running, scratch, |options| options).await
    }

    /// As [`open`](Self::open), and able to answer which rows are DingTalk's ([`matching`](crate::matching)).
    ///
    /// # Errors
    /// When it is there and can't be read.
    pub(crate) async fn open_to_match(
        path: &Path,
        running: Running,
        scratch: &Path,
        sites: &Sites,
    ) -> Result<Option<Self>, ReadError> {
        Self::open_with(path, running, scratch, |options| {
            matching::collations(options, sites)
        })
        .await
    }

    async fn open_with(
        path: &Path,
        running: Running,
        scratch: &Path,
        prepare: impl FnOnce(SqliteConnectOptions) -> SqliteConnectOptions,
    ) -> Result<Option<Self>, ReadError> {
        let name = copy::file_name(path);
        match tokio::fs::metadata(path).await {
            Ok(told) if told.is_file() => match told.len() {
                // Made, and nothing written yet; what is new may lie in the log.
                0 if !copy::has_log(path) => return Ok(None),
                // Shorter than SQLite's header: it would count as empty.
                1..100 => return Err(ReadError::Damaged { file: name }),
                _ => {}
            },
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ReadError::io(&name, error)),
        }
        let copied = if running == Running::No && !copy::has_log(path) {
            None
        } else {
            let (from, below) = (path.to_owned(), scratch.to_owned());
            let wrong = |error| ReadError::io(&name, error);
            let made = crate::browsers::blocking(move || {
                // Names repeat (every origin has a data.sqlite), so each copy has a folder.
                let folder = copy::scratch(&below).map(tempfile::TempDir::keep);
                folder.map(|folder| copy::database(&from, &folder))
            });
            Some(made.await.map_err(wrong)??)
        };
        let options = SqliteConnectOptions::new().create_if_missing(false);
        let options = match &copied {
            Some(copy) => options.filename(copy),
            None => options.filename(path).read_only(true).immutable(true),
        };
        // Statements would name the sites in the log.
        let options = prepare(options)
            .disable_statement_logging()
            .pragma("trusted_schema", "off");
        let connection = options
            .connect()
            .await
            .map_err(|error| ReadError::sql(&name, error))?;
        Ok(Some(Self {
            connection,
            options,
            name,
            copied,
        }))
    }

    /// The file's name, for people.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// `PRAGMA user_version`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub(crate) async fn user_version(&mut self) -> Result<i64, ReadError> {
        let rows = self.rows("PRAGMA user_version".to_owned()).await?;
        rows.first().map_or(Ok(0), |row| self.get(row, 0))
    }

    /// The columns of a table; empty when there is no such table.
    ///
    /// # Errors
    /// When the database can't be read.
    pub(crate) async fn columns(&mut self, table: &'static str) -> Result<BTreeSet<String>, ReadError> {
        let rows = self
            .rows(format!("SELECT name FROM pragma_table_info('{table}')"))
            .await?;
        rows.iter().map(|row| self.get(row, 0)).collect()
    }

    /// Runs a query made of our own words and of domains from `sites.toml`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub(crate) async fn rows(&mut self, sql: String) -> Result<Vec<SqliteRow>, ReadError> {
        sqlx::query(AssertSqlSafe(sql))
            .fetch_all(&mut self.connection)
            .await
            .map_err(|error| ReadError::sql(&self.name, error))
    }

    /// Runs a query over a whole table, a large one in parts at once: each core reads a range of rows. `sql` is given
    /// the condition that a row is in the part. Rows come in no order.
    ///
    /// # Errors
    /// When the database can't be read.
    pub(crate) async fn rows_in_parts(
        &mut self,
        table: &'static str,
        sql: impl Fn(&str) -> String,
    ) -> Result<Vec<SqliteRow>, ReadError> {
        let mut parts = JoinSet::new();
        for (from, to) in self.parts(table).await? {
            let (options, sql) = (
                self.options.clone(),
                sql(&format!("rowid BETWEEN {from} AND {to}")),
            );
            parts.spawn(async move {
                let mut connection = options.connect().await?;
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await?;
                connection.close().await?;
                Ok(rows)
            });
        }
        if parts.is_empty() {
            return self.rows(sql("1")).await;
        }
        let mut rows = Vec::new();
        while let Some(part) = parts.join_next().await {
            let part = part.map_err(|error| ReadError::io(&self.name, error.into()))?;
            rows.append(&mut part.map_err(|error| ReadError::sql(&self.name, error))?);
        }
        Ok(rows)
    }

    /// The ranges of rows to read at once; none where one connection does.
    async fn parts(&mut self, table: &'static str) -> Result<Vec<(i64, i64)>, ReadError> {
        const LARGE: u64 = 16 * 1024 * 1024;
        const MOST: usize = 4;
        let told = tokio::fs::metadata(self.options.get_filename()).await;
        let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST));
        if cores == 1 || told.is_ok_and(|told| told.len() < LARGE) {
            return Ok(Vec::new());
        }
        // Asked for together, SQLite would read every row.
        let ends = self
            .rows(format!(
                "SELECT (SELECT min(rowid) FROM {table}), (SELECT max(rowid) FROM {table})"
            ))
            .await?;
        let Some(row) = ends.first() else {
            return Ok(Vec::new());
        };
        let (first, last) = (self.get::<Option<i64>>(row, 0)?, self.get::<Option<i64>>(row, 1)?);
        Ok(match (first, last) {
            (Some(first), Some(last)) => ranges(first, last, cores),
            _ => Vec::new(),
        })
    }

    /// A value of a row. Text that isn't UTF-8 is a foreign schema, never a panic.
    ///
    /// # Errors
    /// When it is of another type.
    pub(crate) fn get<'r, T>(&self, row: &'r SqliteRow, index: usize) -> Result<T, ReadError>
    where
        T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        row.try_get(index)
            .map_err(|error| ReadError::sql(&self.name, error))
    }

    /// Closes it, and removes the copy.
    pub(crate) async fn close(self) {
        let _ = self.connection.close().await;
        if let Some(folder) = self.copied.as_deref().and_then(Path::parent) {
            let _ = tokio::fs::remove_dir_all(folder).await;
        }
    }
}

/// Cuts `first..=last` into so many ranges that touch and don't overlap.
fn ranges(first: i64, last: i64, count: usize) -> Vec<(i64, i64)> {
    let step = (first.abs_diff(last) / count as u64).saturating_add(1);
    let mut ranges = Vec::new();
    let mut from = first;
    loop {
        let to = from.saturating_add_unsigned(step - 1).min(last);
        ranges.push((from, to));
        match to.checked_add(1).filter(|next| *next <= last) {
            Some(next) => from = next,
            None => return ranges,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::ranges;

    proptest! {
        #[test]
        fn ranges_cover_every_row_once(one in any::<i64>(), other in any::<i64>(), near in 0..9i64, count in 1..6usize) {
            for (first, last) in [(one.min(other), one.max(other)), (one.min(i64::MAX - near), one.min(i64::MAX - near) + near)] {
                let ranges = ranges(first, last, count);
                prop_assert!(ranges.len() <= count);
                prop_assert_eq!(ranges[0].0, first);
                prop_assert_eq!(ranges[ranges.len() - 1].1, last);
                for pair in ranges.windows(2) {
                    prop_assert_eq!(pair[0].1 + 1, pair[1].0);
                }
                for (from, to) in ranges {
                    prop_assert!(from <= to);
                }
            }
        }
    }
}
