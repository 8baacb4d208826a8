//! Pages of the history, put back from where they are kept.
//!
//! A page that is in the history again stays as it is there, and nothing kept of it comes back. Rows that others refer
//! to may get other numbers than they had, since a browser may have given these away; then whatever refers to them
//! follows.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::database::listed;
use super::super::error::ClearError;
use super::layout::{Goes, Table};
use super::{History, Part, STAYING};
use crate::closed::Closed;

const CHANGED: ClearError = ClearError::Unrestorable {
    reason: "the browser keeps such things in another way by now",
};

/// Puts kept pages back, none over one that is there by now. Says how many rows are there again, and how many pages
/// weren't put back. Doing it twice does it once.
pub(in super::super) async fn put_back(
    file: &Path,
    kept: &Path,
    closed: &Closed,
) -> Result<(u64, u64), ClearError> {
    let mut history = History::open(file, closed).await?.ok_or(CHANGED)?;
    let outcome = history.insert(kept).await;
    let closed = history.held.close().await;
    let put = outcome?;
    closed.map(|()| put)
}

impl History {
    async fn insert(&mut self, kept: &Path) -> Result<(u64, u64), ClearError> {
        self.held.lock(kept).await?;
        // The backup says by its tables what went.
        let mut concerned = BTreeSet::new();
        for table in self.layout.tables {
            let part = match table.goes {
                Goes::Pages => Part::Pages,
                Goes::Downloads { .. } => Part::Downloads,
                Goes::With(_) | Goes::Orphans { .. } => continue,
            };
            if !self.held.columns("removed", table.name).await?.is_empty() {
                concerned.insert(part);
            }
        }
        self.learn(&concerned).await?;
        let tables: Vec<&'static Table> = self.tables().collect();
        for table in &tables {
            if self.held.columns("removed", table.name).await? != self.columns(table) {
                return Err(CHANGED);
            }
        }
        if self.held.number("PRAGMA removed.user_version").await? != self.version {
            return Err(CHANGED);
        }
        self.held.run("BEGIN").await?;
        let pages = concerned.contains(&Part::Pages);
        let stayed = match pages {
            true => self.map_pages().await?,
            false => 0,
        };
        for table in &tables {
            self.map(table).await?;
        }
        let mut put = 0;
        for table in &tables {
            put += self.put(table).await?;
        }
        if pages {
            put += self.visited_again().await?;
        }
        self.held.run("COMMIT").await?;
        self.held.empty_log().await?;
        Ok((put, stayed))
    }

    /// Says, page by page, which row it is to be: a new one, or that of its bookmark. A page that isn't put back has
    /// none. How many aren't, but for those that never went or are back already.
    async fn map_pages(&mut self) -> Result<u64, ClearError> {
        let (pages, address) = (self.layout.pages(), self.layout.address());
        let columns = self.columns.get(pages).map_or(&[][..], Vec::as_slice);
        let own = |column: &&String| {
            *column != "id"
                && !self.layout.reckoned.contains(&column.as_str())
                && !self.follows(pages, column)
        };
        let same: Vec<String> = columns
            .iter()
            .filter(own)
            .map(|column| format!("m.\"{column}\" IS r.\"{column}\""))
            .collect();
        let unvisited = self.unvisited(|(column, never)| match *column {
            column if self.layout.reckoned.contains(&column) => "1".to_owned(),
            column => format!("m.\"{column}\" IS {never}"),
        });
        let unvisited = match unvisited.is_empty() {
            true => "0".to_owned(),
            false => unvisited.replace(", ", " AND "),
        };
        let statements = [
            format!(
                "CREATE TEMP TABLE now AS SELECT r.id AS old, m.id AS new, ({}) AS same, ({unvisited}) AS unvisited \
                 FROM removed.{pages} AS r JOIN main.{pages} AS m ON m.{address} = r.{address} \
                 WHERE m.{address} IN (SELECT {address} FROM removed.{pages})",
                same.join(" AND ")
            ),
            format!("CREATE TEMP TABLE map_{pages}(old INTEGER PRIMARY KEY, new INTEGER, is_new INTEGER)"),
            format!(
                "INSERT INTO temp.map_{pages} SELECT old, new, 0 FROM temp.now \
                 WHERE unvisited AND NOT same AND old IN (SELECT id FROM removed.{STAYING})"
            ),
            new_rows(
                pages,
                "id",
                &format!(
                    "r.id NOT IN (SELECT old FROM temp.now) AND r.id NOT IN (SELECT id FROM removed.{STAYING})"
                ),
            ),
        ];
        for sql in &statements {
            self.held.run(sql).await?;
        }
        let stayed = format!(
            "SELECT count(*) FROM removed.{pages} WHERE id NOT IN (SELECT old FROM temp.map_{pages}) \
             AND id NOT IN (SELECT old FROM temp.now WHERE same)"
        );
        Ok(self.held.number(&stayed).await?.unsigned_abs())
    }

    /// Whether a column of the pages refers to rows of others.
    fn follows(&self, pages: &str, column: &str) -> bool {
        let table = self.layout.tables.iter().find(|table| table.name == pages);
        table.is_some_and(|table| table.also.iter().any(|(known, _)| *known == column))
    }

    /// Says which row each of a table's kept rows is to be, where others refer to them.
    async fn map(&mut self, table: &Table) -> Result<(), ClearError> {
        let Some(id) = table.id else { return Ok(()) };
        let name = table.name;
        let condition = match &table.goes {
            Goes::Pages => return Ok(()),
            Goes::Downloads { same, .. } => {
                format!("NOT EXISTS (SELECT 1 FROM main.{name} AS m WHERE m.{same} IS r.{same})")
            }
            Goes::With(ties) if !table.addresses.is_empty() => {
                // It may have gone by its address alone, so it isn't told by what it is tied to that it is back.
                let told = table
                    .addresses
                    .iter()
                    .copied()
                    .chain(ties.iter().map(|tie| tie.column));
                let told: Vec<String> = told.map(|column| format!("m.{column} IS r.{column}")).collect();
                format!(
                    "{} AND NOT EXISTS (SELECT 1 FROM main.{name} AS m WHERE {})",
                    self.comes_back(table),
                    told.join(" AND ")
                )
            }
            Goes::With(_) => self.comes_back(table),
            // What nothing that comes back refers to isn't needed.
            Goes::Orphans {
                table: by, column, ..
            } => {
                let referring = self.layout.tables.iter().find(|known| known.name == *by);
                let comes_back = referring.map_or_else(
                    || "0".to_owned(),
                    |by| match by.goes {
                        Goes::Pages => format!("r.id IN (SELECT old FROM temp.map_{} WHERE is_new)", by.name),
                        Goes::Downloads { .. } | Goes::With(_) | Goes::Orphans { .. } => self.comes_back(by),
                    },
                );
                // It may have gone by its address alone.
                let alone = match table.addresses {
                    [] => String::new(),
                    _ => format!(
                        " OR r.{id} NOT IN (SELECT {column} FROM removed.{by} WHERE {column} IS NOT NULL)"
                    ),
                };
                format!("(r.{id} IN (SELECT r.{column} FROM removed.{by} AS r WHERE {comes_back}){alone})")
            }
        };
        let map =
            format!("CREATE TEMP TABLE map_{name}(old INTEGER PRIMARY KEY, new INTEGER, is_new INTEGER)");
        self.held.run(&map).await?;
        if let Goes::Orphans { about, .. } = &table.goes {
            let same: Vec<String> = about
                .iter()
                .map(|column| format!("m.{column} IS r.{column}"))
                .collect();
            let sql = format!(
                "INSERT OR IGNORE INTO temp.map_{name} SELECT r.{id}, m.{id}, 0 FROM removed.{name} AS r \
                 JOIN main.{name} AS m ON {}",
                same.join(" AND ")
            );
            self.held.run(&sql).await?;
        }
        let condition = format!("{condition} AND r.{id} NOT IN (SELECT old FROM temp.map_{name})");
        self.held.run(&new_rows(name, id, &condition)).await.map(drop)
    }

    /// The condition that a kept row `r` comes back: whatever it is tied to does, or was never gone.
    fn comes_back(&self, table: &Table) -> String {
        let Goes::With(ties) = &table.goes else {
            return "1".to_owned();
        };
        let ties: Vec<String> = ties
            .iter()
            .map(|tie| {
                let (column, to, id) = (tie.column, tie.to, self.layout.id(tie.to));
                // An orphan that is there again wasn't put back, nor is what belongs to it.
                let back = match self.layout.is_orphan(to) {
                    true => " WHERE is_new",
                    false => "",
                };
                format!(
                    "(r.{column} IS NULL OR r.{column} IN (SELECT old FROM temp.map_{to}{back}) \
                     OR (r.{column} NOT IN (SELECT {id} FROM removed.{to}) AND r.{column} IN (SELECT {id} FROM main.{to})))"
                )
            })
            .collect();
        ties.join(" AND ")
    }

    /// Puts a table's rows back, with the numbers that what they refer to has now.
    async fn put(&mut self, table: &Table) -> Result<u64, ClearError> {
        let name = table.name;
        let columns = self.columns(table);
        let follows = |column: &str| {
            let ties: &[_] = match &table.goes {
                Goes::With(ties) => ties,
                Goes::Pages | Goes::Downloads { .. } | Goes::Orphans { .. } => &[],
            };
            let tied = ties.iter().map(|tie| (tie.column, tie.to));
            let mut all = tied.chain(table.also.iter().copied());
            let to = match table.id == Some(column) {
                true => Some(name),
                false => all.find(|(known, _)| *known == column).map(|(_, to)| to),
            };
            to.filter(|to| self.tables().any(|known| known.name == *to))
        };
        let values: Vec<String> = columns
            .iter()
            .map(|column| match follows(column) {
                Some(to) => format!(
                    "ifnull((SELECT new FROM temp.map_{to} WHERE old = r.\"{column}\"), r.\"{column}\")"
                ),
                None => format!("r.\"{column}\""),
            })
            .collect();
        let condition = match table.id {
            Some(id) => format!("r.{id} IN (SELECT old FROM temp.map_{name} WHERE is_new)"),
            None => self.comes_back(table),
        };
        let sql = format!(
            "INSERT OR IGNORE INTO main.{name} ({}) SELECT {} FROM removed.{name} AS r WHERE {condition}",
            listed(columns, ""),
            values.join(", "),
        );
        self.held.run(&sql).await
    }

    /// Says of bookmarked pages again when they were visited.
    async fn visited_again(&mut self) -> Result<u64, ClearError> {
        let pages = self.layout.pages();
        let was = |column: &str| {
            format!(
                "(SELECT r.\"{column}\" FROM removed.{pages} AS r JOIN temp.map_{pages} AS p ON p.old = r.id \
                 WHERE p.new = m.id)"
            )
        };
        let back = self.unvisited(|(column, never)| match *column {
            // Where it hasn't yet, what it reckoned before still stands.
            column if self.layout.reckoned.contains(&column) => {
                format!(
                    "\"{column}\" = CASE \"{column}\" WHEN {never} THEN {} ELSE {never} END",
                    was(column)
                )
            }
            column => format!("\"{column}\" = {}", was(column)),
        });
        if back.is_empty() {
            return Ok(0);
        }
        let sql = format!(
            "UPDATE main.{pages} AS m SET {back} WHERE m.id IN (SELECT new FROM temp.map_{pages} WHERE NOT is_new)"
        );
        self.held.run(&sql).await
    }
}

/// Gives new rows numbers: their own where nobody has it, else the next free one.
fn new_rows(table: &str, id: &str, condition: &str) -> String {
    format!(
        "INSERT INTO temp.map_{table} SELECT r.{id}, CASE WHEN r.{id} IN (SELECT {id} FROM main.{table}) \
         THEN max((SELECT ifnull(max({id}), 0) FROM main.{table}), (SELECT max({id}) FROM removed.{table})) \
         + row_number() OVER (ORDER BY r.{id}) ELSE r.{id} END, 1 FROM removed.{table} AS r WHERE {condition}"
    )
}
