//! Rows of a browser's SQLite database, put back from where they are kept.

use std::collections::BTreeSet;
use std::path::Path;

use super::database::{Held, listed};
use super::error::ClearError;
use super::rows::{known_columns, version};
use super::step::Table;
use crate::closed::Closed;

/// What came of putting rows back.
#[derive(Debug, Default)]
pub(super) struct Put {
    /// Rows that are there again.
    pub(super) put: u64,
    /// Rows that weren't put back, since something of the kind is there.
    pub(super) stayed: u64,
    /// The numbers under which the kept rows are there now, where others refer to them.
    pub(super) numbers: BTreeSet<i64>,
}

/// Puts kept rows back, none over a row that is about the same thing. Doing it twice does it once.
pub(super) async fn put_back(
    file: &Path,
    table: Table,
    kept: &Path,
    closed: &Closed,
) -> Result<Put, ClearError> {
    let Some(mut held) = Held::open(file, closed).await? else {
        return Err(CHANGED);
    };
    let outcome = insert(&mut held, table, kept).await;
    let closed = held.close().await;
    let put = outcome?;
    closed.map(|()| put)
}

const CHANGED: ClearError = ClearError::Unrestorable {
    reason: "the browser keeps such things in another way by now",
};

async fn insert(open: &mut Held, of: Table, kept: &Path) -> Result<Put, ClearError> {
    let table = of.name();
    let columns = known_columns(open, of).await?;
    let version = version(open, of).await?;
    open.lock(kept).await?;
    let theirs = open.columns("removed", table).await?;
    if theirs != columns || open.number("PRAGMA removed.user_version").await? != version {
        return Err(CHANGED);
    }
    let same: Vec<String> = of
        .identity()
        .iter()
        .filter(|column| columns.iter().any(|known| known == *column))
        .map(|column| format!("m.\"{column}\" IS r.\"{column}\""))
        .collect();
    let same = same.join(" AND ");
    let values: Vec<String> = columns
        .iter()
        .map(|column| match of.number() {
            Some(number) if number == column => {
                format!("CASE WHEN EXISTS (SELECT 1 FROM main.{table} m WHERE m.\"{column}\" = r.\"{column}\") THEN NULL ELSE r.\"{column}\" END")
            }
            Some(_) | None => format!("r.\"{column}\""),
        })
        .collect();
    let free = match of {
        Table::Buckets => " AND NOT EXISTS (SELECT 1 FROM main.buckets m WHERE m.id = r.id)",
        Table::MozCookies
        | Table::MozOrigin
        | Table::MozWebappsstore
        | Table::Cookies
        | Table::TopSites
        | Table::Shortcuts
        | Table::Predictions => "",
    };
    let names = listed(&columns, "");
    let sql = format!(
        "INSERT OR IGNORE INTO main.{table} ({names}) SELECT {} FROM removed.{table} r \
         WHERE NOT EXISTS (SELECT 1 FROM main.{table} m WHERE {same}){free}",
        values.join(", ")
    );
    let count = format!("SELECT CAST(count(*) AS TEXT) FROM removed.{table}");
    let all: u64 = open.text(&count).await?.concat().parse().unwrap_or_default();
    // A row that was never removed, or is back already, isn't a newer one.
    let every: Vec<String> = columns
        .iter()
        .filter(|column| of.number().is_none_or(|number| number != column.as_str()))
        .map(|column| format!("m.\"{column}\" IS r.\"{column}\""))
        .collect();
    let there = format!(
        "SELECT CAST(count(*) AS TEXT) FROM removed.{table} r WHERE EXISTS (SELECT 1 FROM main.{table} m WHERE {})",
        every.join(" AND ")
    );
    let there: u64 = open.text(&there).await?.concat().parse().unwrap_or_default();
    open.run("BEGIN").await?;
    let put = open.run(&sql).await?;
    open.run("COMMIT").await?;
    open.empty_log().await?;
    let numbers = match of {
        Table::Buckets => {
            open.text(
                "SELECT CAST(m.id AS TEXT) FROM main.buckets m JOIN removed.buckets r \
                 ON m.id = r.id AND m.storage_key = r.storage_key",
            )
            .await?
        }
        Table::MozCookies
        | Table::MozOrigin
        | Table::MozWebappsstore
        | Table::Cookies
        | Table::TopSites
        | Table::Shortcuts
        | Table::Predictions => Vec::new(),
    };
    Ok(Put {
        put,
        stayed: all.saturating_sub(put).saturating_sub(there),
        numbers: numbers.iter().filter_map(|number| number.parse().ok()).collect(),
    })
}
