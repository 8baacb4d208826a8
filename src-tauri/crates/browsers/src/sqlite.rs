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

    /// Gives the rows of a table for which `condition`, which asks only of `told_by`, holds. A large table is asked in
    /// parts at once, one a core, and from an index that has those columns, if there is one: it has fewer bytes. Rows
    /// come in no order.
    ///
    /// # Errors
    /// When the database can't be read.
    pub(crate) async fn rows_where(
        &mut self,
        columns: &str,
        table: &'static str,
        told_by: &[&str],
        condition: &str,
    ) -> Result<Vec<SqliteRow>, ReadError> {
        let select = format!("SELECT {columns} FROM {table} WHERE");
        let mut parts = JoinSet::new();
        for part in self.parts(table, told_by).await? {
            let sql = match part {
                Part::Rows(from, to) => format!("{select} rowid BETWEEN {from} AND {to} AND ({condition})"),
                Part::Index(index, range) => format!(
                    "{select} rowid IN (SELECT rowid FROM {table} INDEXED BY \"{index}\" WHERE {range} AND ({condition}))"
                ),
            };
            let options = self.options.clone();
            parts.spawn(async move {
                let mut connection = options.connect().await?;
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await?;
                connection.close().await?;
                Ok(rows)
            });
        }
        if parts.is_empty() {
            return self.rows(format!("{select} {condition}")).await;
        }
        let mut rows = Vec::new();
        while let Some(part) = parts.join_next().await {
            let part = part.map_err(|error| ReadError::io(&self.name, error.into()))?;
            rows.append(&mut part.map_err(|error| ReadError::sql(&self.name, error))?);
        }
        Ok(rows)
    }

    /// The parts to ask at once; none where one connection does.
    async fn parts(&mut self, table: &'static str, told_by: &[&str]) -> Result<Vec<Part>, ReadError> {
        const LARGE: u64 = 16 * 1024 * 1024;
        const MOST: usize = 4;
        let told = tokio::fs::metadata(self.options.get_filename()).await;
        if told.is_ok_and(|told| told.len() < LARGE) {
            return Ok(Vec::new());
        }
        let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST));
        // Asked for together, SQLite would read every row.
        let ends = self
            .rows(format!(
                "SELECT (SELECT min(rowid) FROM {table}), (SELECT max(rowid) FROM {table})"
            ))
            .await?;
        let Some(row) = ends.first() else {
            return Ok(Vec::new());
        };
        let (Some(first), Some(last)) = (self.get::<Option<i64>>(row, 0)?, self.get::<Option<i64>>(row, 1)?)
        else {
            return Ok(Vec::new());
        };
        if let Some((index, leading)) = self.index(table, told_by).await? {
            let ranges = self.index_ranges(table, &leading, first, last, cores).await?;
            return Ok(ranges
                .into_iter()
                .map(|range| Part::Index(index.clone(), range))
                .collect());
        }
        let ranges = ranges(first, last, cores);
        Ok(ranges
            .into_iter()
            .map(|(from, to)| Part::Rows(from, to))
            .collect())
    }

    /// An index that has all of these columns for every row, and its leading column.
    async fn index(
        &mut self,
        table: &'static str,
        told_by: &[&str],
    ) -> Result<Option<(String, String)>, ReadError> {
        let sql = format!(
            "SELECT l.name, (SELECT i.name FROM pragma_index_info(l.name) AS i WHERE i.seqno = 0) \
             FROM pragma_index_list('{table}') AS l WHERE l.partial = 0 AND {} = \
             (SELECT count(DISTINCT i.name) FROM pragma_index_info(l.name) AS i WHERE i.name IN ('{}'))",
            told_by.len(),
            told_by.join("', '"),
        );
        let rows = self.rows(sql).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (index, leading): (String, Option<String>) = (self.get(row, 0)?, self.get(row, 1)?);
        // Names of the schema that would have to be quoted are no browser's.
        let plain = |name: &str| {
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        Ok(leading
            .filter(|leading| plain(leading) && plain(&index))
            .map(|leading| (index, leading)))
    }

    /// Conditions on an index's leading column that hold together for every row and for none twice, each for about as
    /// many: cut where a few rows, taken evenly from the table, lie.
    async fn index_ranges(
        &mut self,
        table: &'static str,
        leading: &str,
        first: i64,
        last: i64,
        count: usize,
    ) -> Result<Vec<String>, ReadError> {
        const PROBES: usize = 64;
        let probes: Vec<String> = ranges(first, last, PROBES)
            .into_iter()
            .map(|(from, _)| {
                format!("SELECT (SELECT hex({leading}) FROM {table} WHERE rowid >= {from} LIMIT 1) AS cut")
            })
            .collect();
        let sql = format!(
            "SELECT DISTINCT cut FROM ({}) WHERE cut IS NOT NULL ORDER BY cut",
            probes.join(" UNION ALL ")
        );
        let rows = self.rows(sql).await?;
        let cuts: Result<Vec<String>, ReadError> = rows.iter().map(|row| self.get(row, 0)).collect();
        let cuts = cuts?;
        let mut chosen: Vec<&String> = (1..count)
            .filter_map(|part| cuts.get(cuts.len() * part / count))
            .collect();
        chosen.dedup();
        let text = |cut: &str| format!("CAST(x'{cut}' AS TEXT)");
        let mut ranges = vec![format!("{leading} IS NULL")];
        let mut from: Option<&String> = None;
        for to in chosen.into_iter().map(Some).chain([None]) {
            let range = match (from, to) {
                (None, None) => format!("{leading} IS NOT NULL"),
                (None, Some(to)) => format!("{leading} < {}", text(to)),
                (Some(from), None) => format!("{leading} >= {}", text(from)),
                (Some(from), Some(to)) => {
                    format!("{leading} >= {} AND {leading} < {}", text(from), text(to))
                }
            };
            ranges.push(range);
            from = to;
        }
        Ok(ranges)
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

/// A part of a table.
enum Part {
    /// Rows whose number is between these.
    Rows(i64, i64),
    /// Rows of an index for which a condition holds.
    Index(String, String),
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
