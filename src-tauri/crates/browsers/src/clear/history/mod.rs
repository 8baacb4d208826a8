//! Pages of the history, downloads, and icons of pages: kept, removed, put back.
//!
//! A page goes with all that a browser knows of it: its visits, what was typed to reach it, how long it was read, and
//! what nothing else refers to any more. A page that is bookmarked stays as a bookmark, as if it had never been
//! visited. All of it is one transaction, and every other row stays as it is, one that names a removed visit as the
//! way it was reached among them: browsers leave these too.

mod layout;
mod put_back;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sqlx::Row;

use super::database::{self, Held, listed};
use super::error::ClearError;
use crate::closed::Closed;
use crate::copy::file_name;
use crate::look::page_host;
pub(super) use layout::Part;
use layout::{Goes, Layout, Table};
pub(super) use put_back::put_back;

/// Of which hosts what goes.
pub(super) type Hosts = BTreeMap<Part, BTreeSet<String>>;

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
    /// The columns of the tables that are concerned, as far as this version of the browser has them.
    columns: BTreeMap<&'static str, Vec<String>>,
    version: i64,
}

/// Opens a history and copies what goes with the pages and the downloads of these hosts into a new database. `None`
/// when there are none; then nothing is kept.
pub(super) async fn keep(
    file: &Path,
    hosts: &Hosts,
    kept: &Path,
    closed: &Closed,
) -> Result<Option<Kept>, ClearError> {
    let Some(mut history) = History::open(file, closed).await? else {
        return Ok(None);
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
    /// Opens one; `None` when there is none, or nothing in it.
    async fn open(file: &Path, closed: &Closed) -> Result<Option<Self>, ClearError> {
        let name = file_name(file);
        let layout = Layout::of(&name).ok_or(ClearError::ForeignSchema { file: name })?;
        let held = Held::open(file, closed).await?;
        Ok(held.map(|held| Self {
            held,
            layout,
            columns: BTreeMap::new(),
            version: 0,
        }))
    }

    /// Learns which tables there are that belong to what is concerned.
    ///
    /// # Errors
    /// When one is none that is known here.
    async fn learn(&mut self, concerned: &BTreeSet<Part>) -> Result<(), ClearError> {
        let layout = self.layout;
        self.version = self.held.version(layout.version_in_meta).await?;
        for table in layout.tables {
            let columns = self.held.columns("main", table.name).await?;
            let needed = layout.needed.iter().find(|(name, _)| *name == table.name);
            let belongs = match &table.goes {
                Goes::Pages => concerned.contains(&Part::Pages),
                Goes::Downloads { .. } => concerned.contains(&Part::Downloads),
                Goes::With(ties) => ties.iter().all(|tie| self.columns.contains_key(tie.to)),
                Goes::Orphans { table: by, .. } => self.columns.contains_key(by),
            };
            if belongs && let Some((_, needed)) = needed {
                self.held
                    .is_known(&columns, needed, self.version, layout.known)
                    .await?;
            }
            let tied = match &table.goes {
                Goes::Pages | Goes::Downloads { .. } => true,
                Goes::With(ties) => ties.iter().all(|tie| has(&columns, tie.column)),
                Goes::Orphans {
                    table: by, column, ..
                } => self.columns.get(by).is_some_and(|columns| has(columns, column)),
            };
            if belongs && tied && !columns.is_empty() {
                self.columns.insert(table.name, columns);
            }
        }
        Ok(())
    }

    /// The tables that are concerned.
    fn tables(&self) -> impl Iterator<Item = &'static Table> {
        let known = self.layout.tables.iter();
        known.filter(|table| self.columns.contains_key(table.name))
    }

    fn columns(&self, table: &Table) -> &[String] {
        self.columns.get(table.name).map_or(&[], Vec::as_slice)
    }

    /// How many pages, downloads and what only they referred to were kept.
    async fn copy_rows(&mut self, hosts: &Hosts, kept: &Path) -> Result<u64, ClearError> {
        self.learn(&hosts.keys().copied().collect()).await?;
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
                [] => "0".to_owned(),
                _ => self.named(table, hosts).await?,
            };
            match &table.goes {
                Goes::Pages => {
                    count += self.held.run(&(insert + &named)).await?;
                    let sql = format!(
                        "INSERT INTO removed.{STAYING} SELECT m.id FROM main.{0} AS m \
                         WHERE m.id IN (SELECT id FROM removed.{0}) AND ({1})",
                        table.name, self.layout.stays
                    );
                    self.held.run(&sql).await?;
                }
                Goes::Downloads { .. } => count += self.held.run(&(insert + &named)).await?,
                Goes::With(_) => {
                    let sql = format!("{insert} {} OR {named}", self.layout.goes(table, "m"));
                    self.held.run(&sql).await?;
                }
                Goes::Orphans {
                    table: by, column, ..
                } => {
                    let unused = self.layout.unused(table, by, column, "m");
                    let sql = format!(
                        "{insert} {} OR ({named} AND {unused})",
                        self.layout.goes(table, "m")
                    );
                    count += self.held.run(&sql).await?;
                }
            }
        }
        self.held.run("COMMIT").await?;
        Ok(count)
    }

    /// The condition that a table's row `m` has an address of these hosts, or is referred to by one that has.
    async fn named(&mut self, table: &Table, hosts: &Hosts) -> Result<String, ClearError> {
        let id = self.layout.id(table.name);
        let (part, condition) = match table.goes {
            Goes::Pages => (Part::Pages, self.layout.visited),
            Goes::With(_) | Goes::Orphans { .. } => (Part::Pages, "1"),
            Goes::Downloads { .. } => (Part::Downloads, "1"),
        };
        let Some(hosts) = hosts.get(&part) else {
            return Ok("0".to_owned());
        };
        let columns = self.columns(table);
        let own: Vec<&str> = table
            .addresses
            .iter()
            .copied()
            .filter(|column| has(columns, column))
            .collect();
        let sql = format!(
            "SELECT m.{id}, m.{} FROM main.{} AS m WHERE {condition}",
            own.join(", m."),
            table.name,
        );
        let mut numbers = self.numbers(sql, own.len(), hosts).await?;
        if let Goes::Downloads {
            told_by: (other, number, addresses),
            ..
        } = table.goes
            && !self.held.columns("main", other).await?.is_empty()
        {
            let sql = format!("SELECT {number}, {} FROM main.{other}", addresses.join(", "));
            numbers.extend(self.numbers(sql, addresses.len(), hosts).await?);
        }
        Ok(format!(
            "m.{id} IN (SELECT value FROM json_each('{}'))",
            serde_json::json!(numbers)
        ))
    }

    /// The numbers of rows, which come first, that have one of the hosts among the addresses that follow.
    async fn numbers(
        &mut self,
        sql: String,
        addresses: usize,
        hosts: &BTreeSet<String>,
    ) -> Result<BTreeSet<i64>, ClearError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_all(&mut self.held.connection)
            .await;
        let wrong = |error| ClearError::sql(&self.held.file, error);
        let mut numbers = BTreeSet::new();
        for row in rows.map_err(wrong)? {
            for at in 1..=addresses {
                let address: Option<&str> = row.try_get(at).map_err(wrong)?;
                if address
                    .and_then(page_host)
                    .is_some_and(|host| hosts.contains(&host))
                {
                    numbers.insert(row.try_get(0).map_err(wrong)?);
                    break;
                }
            }
        }
        Ok(numbers)
    }

    async fn remove_rows(&mut self) -> Result<(), ClearError> {
        self.held.run("BEGIN").await?;
        for table in self.tables().collect::<Vec<_>>() {
            let expected = match table.goes {
                Goes::Pages => format!(
                    "SELECT (SELECT count(*) FROM removed.{}) - (SELECT count(*) FROM removed.{STAYING})",
                    table.name
                ),
                Goes::Downloads { .. } | Goes::With(_) | Goes::Orphans { .. } => {
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
        let concerned = self.layout.values.iter();
        let concerned: Vec<(&str, &[&str])> = concerned
            .filter(|(table, _)| self.columns.contains_key(table))
            .copied()
            .collect();
        self.held.scrub(&concerned).await
    }

    /// Something about each column that tells of a visit, with commas between.
    fn unvisited(&self, of: impl Fn(&(&str, &str)) -> String) -> String {
        let columns = self
            .columns
            .get(self.layout.pages())
            .map_or(&[][..], Vec::as_slice);
        let known = self.layout.unvisited.iter();
        let known = known.filter(|(column, _)| has(columns, column));
        known.map(of).collect::<Vec<_>>().join(", ")
    }
}

/// Whether there is such a column among them.
fn has(columns: &[String], column: &str) -> bool {
    columns.iter().any(|known| known == column)
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
            Goes::Downloads { .. } => format!(
                "{row}.{0} IN (SELECT {0} FROM removed.{1})",
                self.id(table.name),
                table.name
            ),
            Goes::Orphans {
                table: by, column, ..
            } => {
                let id = self.id(table.name);
                let goes = self.referring_goes(by);
                let unused = self.unused(table, by, column, row);
                format!("({row}.{id} IN (SELECT x.{column} FROM main.{by} AS x WHERE {goes}) AND {unused})")
            }
        }
    }

    /// The condition that no row which stays refers to a row of a table, by a column of another.
    fn unused(&self, table: &Table, by: &str, column: &str, row: &str) -> String {
        let (id, goes) = (self.id(table.name), self.referring_goes(by));
        format!(
            "{row}.{id} NOT IN (SELECT x.{column} FROM main.{by} AS x WHERE x.{column} IS NOT NULL AND NOT ({goes}))"
        )
    }

    /// The condition that a row `x` of a table that refers to others goes.
    fn referring_goes(&self, by: &str) -> String {
        let referring = self.tables.iter().find(|known| known.name == by);
        referring.map_or_else(|| "0".to_owned(), |by| self.goes(by, "x"))
    }

    /// The condition that a row of a table goes, once all that goes was kept.
    fn gone(&self, table: &Table, row: &str) -> String {
        match (&table.goes, table.id) {
            (Goes::With(_) | Goes::Orphans { .. }, Some(id)) => {
                format!("{row}.{id} IN (SELECT {id} FROM removed.{})", table.name)
            }
            (Goes::Pages | Goes::Downloads { .. } | Goes::With(_) | Goes::Orphans { .. }, _) => {
                self.goes(table, row)
            }
        }
    }
}
