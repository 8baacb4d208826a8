//! Searching: every word must be in the record, anywhere in it, without regard to case and width.

use futures_util::TryStreamExt as _;
use memchr::memmem::Finder;
use serde::Serialize;
use settings_privacy_core::archive::{Fault, fold};
use sqlx::{AssertSqlSafe, Row as _};

use super::{Index, Row, broken};

/// What was found.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Hits {
    /// How many records hold all words.
    pub total: u64,
    /// The newest of them.
    pub rows: Vec<Row>,
}

impl Index {
    /// Searches all records, or those of a category. Words are parted by spaces; text without spaces is found as it is,
    /// also within words.
    ///
    /// # Errors
    /// When the index can't be read.
    pub async fn search(&self, query: &str, category: Option<&str>, most: u32) -> Result<Hits, Fault> {
        let folded = fold(query);
        let mut words: Vec<&str> = folded.split_whitespace().collect();
        // The longest is the rarest.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let wanted = match category.map(|id| self.category(id)) {
            Some(None) => None,
            Some(Some(category)) => Some(category),
            None => Some(-1),
        };
        let mut hits = Hits {
            total: 0,
            rows: Vec::new(),
        };
        let (Some(wanted), Some((first, others))) = (wanted, words.split_first()) else {
            return Ok(hits);
        };
        let first = Finder::new(first.as_bytes());
        let others: Vec<Finder<'_>> = others.iter().map(|word| Finder::new(word.as_bytes())).collect();
        let mut found: Vec<(i64, i64)> = Vec::new();
        let mut connection = self.connection.lock().await;
        {
            let sql = "SELECT first, ends, ats, text FROM blocks WHERE ?1 = -1 OR category = ?1";
            let mut blocks = sqlx::query(sql).bind(wanted).fetch(&mut *connection);
            while let Some(row) = blocks.try_next().await.map_err(broken)? {
                let block = Block {
                    first: row.try_get(0).map_err(broken)?,
                    ends: row.try_get(1).map_err(broken)?,
                    ats: row.try_get(2).map_err(broken)?,
                    text: row.try_get(3).map_err(broken)?,
                };
                block.scan(&first, &others, &mut found);
            }
        }
        hits.total = found.len() as u64;
        found.sort_unstable_by(|one, two| two.cmp(one));
        found.truncate(most.clamp(1, 1000) as usize);
        let numbers: Vec<String> = found.iter().map(|(_, item)| item.to_string()).collect();
        let sql = format!(
            "SELECT item, category, id, at, kind, line FROM items WHERE item IN ({}) ORDER BY at DESC, item DESC",
            numbers.join(",")
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .persistent(false)
            .fetch_all(&mut *connection)
            .await
            .map_err(broken)?;
        hits.rows = rows.iter().map(|row| self.row(row)).collect::<Result<_, _>>()?;
        Ok(hits)
    }
}

struct Block<'a> {
    first: i64,
    ends: &'a [u8],
    ats: &'a [u8],
    text: &'a [u8],
}

impl Block<'_> {
    fn end(&self, at: usize) -> usize {
        let bytes = self
            .ends
            .get(at * 4..at * 4 + 4)
            .and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(self.text.len(), |bytes| u32::from_le_bytes(bytes) as usize)
    }

    fn at(&self, at: usize) -> i64 {
        let bytes = self
            .ats
            .get(at * 8..at * 8 + 8)
            .and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, i64::from_le_bytes)
    }

    fn scan(&self, first: &Finder<'_>, others: &[Finder<'_>], found: &mut Vec<(i64, i64)>) {
        let count = self.ends.len() / 4;
        let mut from = 0;
        let mut item = 0;
        while let Some(place) = self.text.get(from..).and_then(|rest| first.find(rest)) {
            let place = from + place;
            // The record it lies in: the first that ends beyond it.
            let (mut low, mut high) = (item, count);
            while low < high {
                let middle = usize::midpoint(low, high);
                if self.end(middle) <= place {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            item = low;
            let begin = if item == 0 { 0 } else { self.end(item - 1) };
            let end = self.end(item).min(self.text.len());
            let text = self.text.get(begin..end).unwrap_or_default();
            if others.iter().all(|word| word.find(text).is_some()) {
                found.push((self.at(item), self.first.saturating_add(item as i64)));
            }
            from = end.max(place + 1);
        }
    }
}
