//! A browser's SQLite databases, read only.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use settings_privacy_core::storage::{Running, Sites};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection};

use crate::copy;
use crate::error::ReadError;
use crate::matching;

/// An open database: the file itself when nothing writes to it, else a private copy.
#[derive(Debug)]
pub(crate) struct Database {
    connection: SqliteConnection,
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
    pub(crate) async fn rows(&mut self, sql: String) -> Result<Vec<sqlx::sqlite::SqliteRow>, ReadError> {
        sqlx::query(AssertSqlSafe(sql))
            .fetch_all(&mut self.connection)
            .await
            .map_err(|error| ReadError::sql(&self.name, error))
    }

    /// A value of a row. Text that isn't UTF-8 is a foreign schema, never a panic.
    ///
    /// # Errors
    /// When it is of another type.
    pub(crate) fn get<'r, T>(&self, row: &'r sqlx::sqlite::SqliteRow, index: usize) -> Result<T, ReadError>
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
