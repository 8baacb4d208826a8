//! Rows of a browser's SQLite database: kept, and removed.
//!
//! From keeping to removing the database stays open and exclusively locked: what is removed is what was kept. A
//! deletion is one transaction.

use std::path::Path;

use sqlx::{AssertSqlSafe, Row};

use super::database::{self, Held, listed};
use super::error::ClearError;
use super::step::Table;
use crate::closed::Closed;
use crate::{chromium, firefox};

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
        Table::MozOrigin
        | Table::MozWebappsstore
        | Table::Buckets
        | Table::TopSites
        | Table::Shortcuts
        | Table::Predictions => &[],
    }
}

/// A database whose rows are kept and not removed yet.
pub(super) struct Kept {
    held: Held,
    table: Table,
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
    let Some(held) = Held::open(file, closed).await? else {
        return Ok(None);
    };
    let mut open = Kept { held, table, rows: 0 };
    match open.copy_rows(pick, kept).await {
        Ok(0) => {
            open.close().await?;
            database::remove(kept);
            Ok(None)
        }
        Ok(rows) => Ok(Some(Kept { rows, ..open })),
        Err(error) => {
            let _ = open.close().await;
            Err(error)
        }
    }
}

impl Kept {
    /// Removes what was kept, for good, and closes the database.
    pub(super) async fn remove(mut self) -> Result<(), ClearError> {
        let outcome = self.remove_rows().await;
        let closed = self.held.close().await;
        outcome.and(closed)
    }

    /// Closes the database as it is.
    pub(super) async fn close(self) -> Result<(), ClearError> {
        self.held.close().await
    }

    async fn copy_rows(&mut self, pick: &Pick, kept: &Path) -> Result<u64, ClearError> {
        let table = self.table.name();
        let columns = known_columns(&mut self.held, self.table).await?;
        self.held.is_whole().await?;
        let version = version(&mut self.held, self.table).await?;
        self.held.make_backup(kept, &[table], version).await?;
        self.held.lock(kept).await?;
        self.held.run("BEGIN").await?;
        let own_number = self
            .held
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
        let outcome = rows.execute(&mut self.held.connection).await;
        let outcome = outcome.map_err(|error| ClearError::sql(&self.held.file, error))?;
        self.held.run("COMMIT").await?;
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
            .fetch_all(&mut self.held.connection)
            .await;
        let wrong = |error| ClearError::sql(&self.held.file, error);
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
        self.held.run("BEGIN").await?;
        let sql = format!("DELETE FROM main.{table} WHERE rowid IN (SELECT rowid FROM removed.{table})");
        if self.held.run(&sql).await? != self.rows {
            // The lock was ours, so the file isn't what it says it is. Dropping the connection takes it back.
            return Err(self.held.damaged());
        }
        self.held.run("COMMIT").await?;
        self.held.scrub(&[(table, self.table.values())]).await
    }
}

/// The table's columns, when the database is one that is known here.
pub(super) async fn known_columns(held: &mut Held, table: Table) -> Result<Vec<String>, ClearError> {
    let (needed, known) = match table {
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
        Table::TopSites => (["url", "url_rank", "title"].as_slice(), 5),
        Table::Shortcuts => (["id", "text", "url"].as_slice(), 2),
        Table::Predictions => (["id", "user_text", "url"].as_slice(), 0),
    };
    let columns = held.columns("main", table.name()).await?;
    let version = version(held, table).await?;
    held.is_known(&columns, needed, version, known).await?;
    Ok(columns)
}

pub(super) async fn version(held: &mut Held, table: Table) -> Result<i64, ClearError> {
    let in_meta = match table {
        Table::MozCookies | Table::MozOrigin | Table::MozWebappsstore => false,
        Table::Cookies | Table::Buckets | Table::TopSites | Table::Shortcuts | Table::Predictions => true,
    };
    held.version(in_meta).await
}
