//! Pages of the history: kept, removed, put back.
//!
//! A page goes with all that a browser knows of it: its visits, what was typed to reach it, how long it was read, and
//! what nothing else refers to any more. A page that is bookmarked stays as a bookmark, as if it had never been
//! visited. All of it is one transaction, and every other row stays as it is, one that names a removed visit as the
//! way it was reached among them: browsers leave these too.

mod layout;
mod put_back;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use settings_privacy_core::storage::Family;
use sqlx::Row;

use super::database::{self, Held, listed};
use super::error::ClearError;
use crate::closed::Closed;
use crate::look::page_host;
use layout::{Goes, Layout, Table};
pub(super) use put_back::put_back;

/// Which of the pages in the backup stay in the profile: they are bookmarked.
const STAYING: &str = "staying";

/// A history whose pages are kept and not removed yet.
pub(super) struct Kept {
    history: History,
}

/// An open history.
struct History {
    held: Held,
    layout: &'static Layout,
    /// The columns of the tables that this version of the browser has.
    columns: BTreeMap<&'static str, Vec<String>>,
    version: i64,
}

/// Opens a history and copies what goes with the pages of these hosts into a new database. `None` when there are none;
/// then nothing is kept.
pub(super) async fn keep(
    file: &Path,
    family: Family,
    hosts: &BTreeSet<String>,
    kept: &Path,
    closed: &Closed,
) -> Result<Option<Kept>, ClearError> {
    let Some(held) = Held::open(file, closed).await? else {
        return Ok(None);
    };
    let mut history = History {
        held,
        layout: Layout::of(family),
        columns: BTreeMap::new(),
        version: 0,
    };
    match history.copy_rows(hosts, kept).await {
        Ok(0) => {
            history.held.close().await?;
            database::remove(kept);
            Ok(None)
        }
        Ok(_) => Ok(Some(Kept { history })),
        Err(error) => {
            let _ = history.held.close().await;
            Err(error)
        }
    }
}

impl Kept {
    /// Removes what was kept, for good, and closes the database.
    pub(super) async fn remove(mut self) -> Result<(), ClearError> {
        let outcome = self.history.remove_rows().await;
        let closed = self.history.held.close().await;
        outcome.and(closed)
    }

    /// Closes the database as it is.
    pub(super) async fn close(self) -> Result<(), ClearError> {
        self.history.held.close().await
    }
}

impl History {
    /// Learns which tables there are.
    ///
    /// # Errors
    /// When it is none that is known here.
    async fn learn(&mut self) -> Result<(), ClearError> {
        let layout = self.layout;
        for table in layout.tables {
            let columns = self.held.columns("main", table.name).await?;
            if !columns.is_empty() {
                self.columns.insert(table.name, columns);
            }
        }
        let pages = self.columns.get(layout.pages()).map_or(&[][..], Vec::as_slice);
        self.version = self.held.version(layout.version_in_meta).await?;
        self.held
            .is_known(pages, layout.needed, self.version, layout.known)
            .await
    }

    /// The tables that are there, with the columns that tie them to others.
    fn tables(&self) -> impl Iterator<Item = &'static Table> {
        let has = |table: &str, column: &str| {
            let columns = self.columns.get(table);
            columns.is_some_and(|columns| columns.iter().any(|known| known == column))
        };
        let layout = self.layout;
        layout.tables.iter().filter(move |table| {
            self.columns.contains_key(table.name)
                && match &table.goes {
                    Goes::Pages => true,
                    Goes::With(ties) => ties
                        .iter()
                        .all(|tie| has(table.name, tie.column) && self.columns.contains_key(tie.to)),
                    Goes::Orphans { table, column, .. } => has(table, column),
                }
        })
    }

    fn columns(&self, table: &Table) -> &[String] {
        self.columns.get(table.name).map_or(&[], Vec::as_slice)
    }

    /// How many pages were kept.
    async fn copy_rows(&mut self, hosts: &BTreeSet<String>, kept: &Path) -> Result<u64, ClearError> {
        self.learn().await?;
        self.held.is_whole().await?;
        let names: Vec<&str> = self.tables().map(|table| table.name).collect();
        self.held.make_backup(kept, &names, self.version).await?;
        self.held.lock(kept).await?;
        self.held.run("BEGIN").await?;
        let staying = format!("CREATE TABLE removed.{STAYING}(id INTEGER PRIMARY KEY)");
        self.held.run(&staying).await?;
        let mut count = 0;
        for table in self.tables().collect::<Vec<_>>() {
            let columns = self.columns(table);
            let insert = format!(
                "INSERT INTO removed.{0} ({1}) SELECT {2} FROM main.{0} AS m WHERE ",
                table.name,
                listed(columns, ""),
                listed(columns, "m."),
            );
            let named = match table.addresses {
                [] => None,
                _ => Some(self.named(table, hosts).await?),
            };
            let named = named.map(|rows| {
                let id = self.layout.id(table.name);
                format!("m.{id} IN (SELECT value FROM json_each('{rows}'))")
            });
            match &table.goes {
                Goes::Pages => {
                    let sql = insert + &named.unwrap_or_else(|| "0".to_owned());
                    count = self.held.run(&sql).await?;
                    let sql = format!(
                        "INSERT INTO removed.{STAYING} SELECT m.id FROM main.{0} AS m \
                         WHERE m.id IN (SELECT id FROM removed.{0}) AND ({1})",
                        table.name, self.layout.stays
                    );
                    self.held.run(&sql).await?;
                }
                Goes::With(_) | Goes::Orphans { .. } => {
                    let or = named.map_or_else(String::new, |named| format!(" OR {named}"));
                    let sql = format!("{insert} {}{or}", self.layout.goes(table, "m"));
                    self.held.run(&sql).await?;
                }
            }
        }
        self.held.run("COMMIT").await?;
        Ok(count)
    }

    /// The numbers of a table's rows that have an address of these hosts, as a JSON array.
    async fn named(&mut self, table: &Table, hosts: &BTreeSet<String>) -> Result<String, ClearError> {
        let condition = match table.goes {
            Goes::Pages => self.layout.visited,
            Goes::With(_) | Goes::Orphans { .. } => "1",
        };
        let sql = format!(
            "SELECT m.{}, m.{} FROM main.{} AS m WHERE {condition}",
            self.layout.id(table.name),
            table.addresses.join(", m."),
            table.name,
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_all(&mut self.held.connection)
            .await;
        let wrong = |error| ClearError::sql(&self.held.file, error);
        let mut numbers: Vec<i64> = Vec::new();
        for row in rows.map_err(wrong)? {
            for at in 1..=table.addresses.len() {
                let address: Option<&str> = row.try_get(at).map_err(wrong)?;
                if address
                    .and_then(page_host)
                    .is_some_and(|host| hosts.contains(&host))
                {
                    numbers.push(row.try_get(0).map_err(wrong)?);
                    break;
                }
            }
        }
        Ok(serde_json::json!(numbers).to_string())
    }

    async fn remove_rows(&mut self) -> Result<(), ClearError> {
        self.held.run("BEGIN").await?;
        for table in self.tables().collect::<Vec<_>>() {
            let expected = match table.goes {
                Goes::Pages => format!(
                    "SELECT (SELECT count(*) FROM removed.{}) - (SELECT count(*) FROM removed.{STAYING})",
                    table.name
                ),
                Goes::With(_) | Goes::Orphans { .. } => {
                    format!("SELECT count(*) FROM removed.{}", table.name)
                }
            };
            let expected = self.held.number(&expected).await?;
            let sql = format!(
                "DELETE FROM main.{} AS m WHERE {}",
                table.name,
                self.layout.gone(table, "m")
            );
            if i64::try_from(self.held.run(&sql).await?) != Ok(expected) {
                // The lock was ours, so the file isn't what it says it is. Dropping the connection takes it back.
                return Err(self.held.damaged());
            }
        }
        let pages = self.layout.pages();
        let unvisited = self.unvisited(|(column, never)| format!("\"{column}\" = {never}"));
        if !unvisited.is_empty() {
            let sql =
                format!("UPDATE main.{pages} SET {unvisited} WHERE id IN (SELECT id FROM removed.{STAYING})");
            self.held.run(&sql).await?;
        }
        self.held.run("COMMIT").await?;
        self.held.scrub(pages, &[self.layout.address(), "title"]).await
    }

    /// Something about each column that tells of a visit, with commas between.
    fn unvisited(&self, of: impl Fn(&(&str, &str)) -> String) -> String {
        let columns = self
            .columns
            .get(self.layout.pages())
            .map_or(&[][..], Vec::as_slice);
        let known = self.layout.unvisited.iter();
        let known = known.filter(|(column, _)| columns.iter().any(|known| known == column));
        known.map(of).collect::<Vec<_>>().join(", ")
    }
}

impl Layout {
    /// The condition that a row of a table goes: after the rows of the tables before it were kept, and before any was
    /// removed.
    fn goes(&self, table: &Table, row: &str) -> String {
        match &table.goes {
            Goes::Pages => format!(
                "{row}.id IN (SELECT id FROM removed.{}) AND {row}.id NOT IN (SELECT id FROM removed.{STAYING})",
                table.name
            ),
            Goes::With(ties) => {
                let ties: Vec<String> = ties
                    .iter()
                    .map(|tie| {
                        let staying = match tie.of_visits || tie.to != self.pages() {
                            true => String::new(),
                            false => format!(" WHERE id NOT IN (SELECT id FROM removed.{STAYING})"),
                        };
                        let id = self.id(tie.to);
                        format!(
                            "{row}.{} IN (SELECT {id} FROM removed.{}{staying})",
                            tie.column, tie.to
                        )
                    })
                    .collect();
                format!("({})", ties.join(" OR "))
            }
            Goes::Orphans {
                table: by, column, ..
            } => {
                let id = self.id(table.name);
                let referring = self.tables.iter().find(|known| known.name == *by);
                let goes = referring.map_or_else(|| "0".to_owned(), |by| self.goes(by, "x"));
                format!(
                    "{row}.{id} IN (SELECT x.{column} FROM main.{by} AS x WHERE {goes}) AND {row}.{id} NOT IN \
                     (SELECT x.{column} FROM main.{by} AS x WHERE x.{column} IS NOT NULL AND NOT ({goes}))"
                )
            }
        }
    }

    /// The condition that a row of a table goes, once all that goes was kept.
    fn gone(&self, table: &Table, row: &str) -> String {
        match (&table.goes, table.id) {
            (Goes::With(_) | Goes::Orphans { .. }, Some(id)) => {
                format!("{row}.{id} IN (SELECT {id} FROM removed.{})", table.name)
            }
            (Goes::Pages | Goes::With(_) | Goes::Orphans { .. }, _) => self.goes(table, row),
        }
    }
}
