//! Going through the records: pages, spans of time, one record.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use settings_privacy_core::archive::{Fault, Item};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _};

use super::{BY_ID, Index, NO_TIME, broken, millis, timestamp};
use crate::archive::Place;

/// A record in a list.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its number in this index.
    pub item: i64,
    /// Its category.
    pub category: String,
    /// Its id there.
    pub id: String,
    /// When it happened.
    pub at: Option<Timestamp>,
    /// What it is.
    pub kind: String,
    /// Its title, or the beginning of its text.
    pub line: String,
}

/// Which records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageQuery {
    /// Of this category; of all when none is given.
    pub category: Option<String>,
    /// From then on.
    pub from: Option<Timestamp>,
    /// Before then.
    pub before: Option<Timestamp>,
    /// The oldest first; else the newest.
    pub oldest_first: bool,
    /// After the last of the page before.
    pub after: Option<Cursor>,
    /// Beyond so many, for whoever jumps into the middle of a long list.
    pub skip: u32,
    /// At most so many.
    pub most: u32,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Cursor {
    at: i64,
    item: i64,
}

/// Some records.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// In order.
    pub rows: Vec<Row>,
    /// For the next page, when there is more.
    pub next: Option<Cursor>,
}

/// How finely time is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// A day, in UTC.
    Day,
    /// A month, in UTC.
    Month,
}

/// A span of time with records in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Its first day.
    pub begins: Date,
    /// The category.
    pub category: String,
    /// How many records.
    pub items: u64,
}

impl Index {
    /// Records by time. What has no time comes before everything.
    ///
    /// # Errors
    /// When the index can't be read.
    pub async fn page(&self, query: &PageQuery) -> Result<Page, Fault> {
        let most = query.most.clamp(1, 1000);
        let category = match query.category.as_deref().map(|id| self.category(id)) {
            Some(None) => {
                return Ok(Page {
                    rows: Vec::new(),
                    next: None,
                });
            }
            Some(Some(category)) => Some(category),
            None => None,
        };
        let (order, beyond) = if query.oldest_first {
            ("ASC", ">")
        } else {
            ("DESC", "<")
        };
        let mut sql = "SELECT item, category, id, at, kind, line FROM items WHERE 1".to_owned();
        for (wanted, condition) in [
            (category.is_some(), " AND category = ?".to_owned()),
            (query.from.is_some(), " AND at >= ?".to_owned()),
            (query.before.is_some(), " AND at < ?".to_owned()),
            (query.after.is_some(), format!(" AND (at, item) {beyond} (?, ?)")),
        ] {
            if wanted {
                sql.push_str(&condition);
            }
        }
        sql.push_str(&format!(
            " ORDER BY at {order}, item {order} LIMIT {} OFFSET {}",
            most + 1,
            query.skip
        ));
        let mut statement = sqlx::query(AssertSqlSafe(sql));
        let cursor = query.after.into_iter().flat_map(|after| [after.at, after.item]);
        let bounds = [
            category,
            query.from.map(Timestamp::as_millisecond),
            query.before.map(Timestamp::as_millisecond),
        ];
        for value in bounds.into_iter().flatten().chain(cursor) {
            statement = statement.bind(value);
        }
        let found = {
            let mut connection = self.connection.lock().await;
            statement.fetch_all(&mut *connection).await.map_err(broken)?
        };
        let more = found.len() > most as usize;
        let rows: Vec<Row> = found
            .iter()
            .take(most as usize)
            .map(|row| self.row(row))
            .collect::<Result<_, _>>()?;
        let next = rows.last().filter(|_| more).map(|last| Cursor {
            at: millis(last.at),
            item: last.item,
        });
        Ok(Page { rows, next })
    }

    /// A record by its category and its id there.
    ///
    /// # Errors
    /// When the index can't be read.
    pub async fn find(&self, category: &str, id: &str) -> Result<Option<Row>, Fault> {
        let Some(category) = self.category(category) else {
            return Ok(None);
        };
        let mut connection = self.connection.lock().await;
        sqlx::query(BY_ID)
            .execute(&mut *connection)
            .await
            .map_err(broken)?;
        let sql = "SELECT item, category, id, at, kind, line FROM items WHERE category = ? AND id = ?";
        let found = sqlx::query(sql)
            .bind(category)
            .bind(id)
            .fetch_optional(&mut *connection)
            .await
            .map_err(broken)?;
        found.as_ref().map(|row| self.row(row)).transpose()
    }

    /// How many records lie in each day or month, by category, sorted by time. Days without any aren't there.
    ///
    /// # Errors
    /// When the index can't be read.
    pub async fn timeline(&self, category: Option<&str>, scale: Scale) -> Result<Vec<Span>, Fault> {
        let wanted = match category.map(|id| self.category(id)) {
            Some(None) => return Ok(Vec::new()),
            Some(Some(category)) => category,
            None => -1,
        };
        let sql =
            "SELECT day, category, items FROM days WHERE ?1 = -1 OR category = ?1 ORDER BY day, category";
        let rows = {
            let mut connection = self.connection.lock().await;
            sqlx::query(sql)
                .bind(wanted)
                .fetch_all(&mut *connection)
                .await
                .map_err(broken)?
        };
        let mut spans: std::collections::BTreeMap<(Date, i64), u64> = std::collections::BTreeMap::new();
        for row in &rows {
            let day: i64 = row.try_get(0).map_err(broken)?;
            let category: i64 = row.try_get(1).map_err(broken)?;
            let items: i64 = row.try_get(2).map_err(broken)?;
            let Some(begin) = timestamp(day.saturating_mul(86_400_000)) else {
                continue;
            };
            let date = begin.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
            let begins = match scale {
                Scale::Day => date,
                Scale::Month => date.first_of_month(),
            };
            *spans.entry((begins, category)).or_default() += items.unsigned_abs();
        }
        let span = |((begins, category), items): ((Date, i64), u64)| Span {
            begins,
            category: self.name(category),
            items,
        };
        Ok(spans.into_iter().map(span).collect())
    }

    /// How many records each category has, as counted.
    ///
    /// # Errors
    /// When the index can't be read.
    pub async fn counts(&self) -> Result<Vec<(String, u64)>, Fault> {
        let sql = "SELECT category, count(*) FROM items GROUP BY category ORDER BY category";
        let rows = {
            let mut connection = self.connection.lock().await;
            sqlx::query(sql)
                .fetch_all(&mut *connection)
                .await
                .map_err(broken)?
        };
        let count = |row: &SqliteRow| {
            let items: i64 = row.try_get(1)?;
            Ok((self.name(row.try_get(0)?), items.unsigned_abs()))
        };
        rows.iter().map(count).collect::<Result<_, _>>().map_err(broken)
    }

    /// A record, whole, from the archive.
    ///
    /// # Errors
    /// When there is none such, or the archive can't be read there.
    pub async fn item(&self, item: i64) -> Result<Item, Fault> {
        let sql = "SELECT entry, offset, length FROM items WHERE item = ?";
        let row = {
            let mut connection = self.connection.lock().await;
            sqlx::query(sql)
                .bind(item)
                .fetch_optional(&mut *connection)
                .await
                .map_err(broken)?
        };
        let row = row.ok_or_else(|| Fault::Missing {
            name: format!("record {item}"),
        })?;
        let entry: i64 = row.try_get(0).map_err(broken)?;
        let offset: i64 = row.try_get(1).map_err(broken)?;
        let length: Option<i64> = row.try_get(2).map_err(broken)?;
        let place = Place {
            entry: usize::try_from(entry).unwrap_or(usize::MAX),
            offset: offset.unsigned_abs(),
            length: length.and_then(|length| usize::try_from(length).ok()),
        };
        let archive = std::sync::Arc::clone(&self.archive);
        tokio::task::spawn_blocking(move || archive.item(place))
            .await
            .map_err(|_| Fault::Unreadable {
                why: "reading stopped".to_owned(),
            })?
    }

    pub(super) fn row(&self, row: &SqliteRow) -> Result<Row, Fault> {
        let at: i64 = row.try_get(3).map_err(broken)?;
        Ok(Row {
            item: row.try_get(0).map_err(broken)?,
            category: self.name(row.try_get(1).map_err(broken)?),
            id: row.try_get(2).map_err(broken)?,
            at: timestamp(at).filter(|_| at != NO_TIME),
            kind: row.try_get(4).map_err(broken)?,
            line: row.try_get(5).map_err(broken)?,
        })
    }

    pub(super) fn name(&self, category: i64) -> String {
        let at = usize::try_from(category).unwrap_or(usize::MAX);
        self.categories.get(at).cloned().unwrap_or_default()
    }
}
