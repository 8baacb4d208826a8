//! What changed since an earlier export.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::Arc;

use serde::Serialize;
use settings_privacy_core::archive::{Changed, Fault, Fingerprint, Sha256, compare as differences};
use sqlx::Row as _;
use tokio::runtime::Handle;

use super::{BY_ID, Index, broken, timestamp};

/// So many records are read at once.
const PAGE: usize = 4000;

/// What changed, by category.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// How many, by category.
    pub counts: BTreeMap<String, Counts>,
    /// The first of them: how, the category, the id.
    pub changes: Vec<(String, String, String)>,
    /// Records that only one of the two had asked for, and that are therefore neither new nor missing.
    pub not_covered: u64,
}

/// How many records changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Only in the later.
    pub added: u64,
    /// Only in the earlier.
    pub removed: u64,
    /// In both, and different.
    pub changed: u64,
}

/// Compares an export with an earlier one. `most` changes are listed, all are counted.
///
/// # Errors
/// When an index can't be read.
pub async fn compare(earlier: Arc<Index>, later: Arc<Index>, most: usize) -> Result<Comparison, Fault> {
    for index in [&earlier, &later] {
        let mut connection = index.connection.lock().await;
        sqlx::query(BY_ID)
            .execute(&mut *connection)
            .await
            .map_err(broken)?;
    }
    let handle = Handle::current();
    let compared = tokio::task::spawn_blocking(move || {
        let records = |index: &Arc<Index>| Records {
            index: Arc::clone(index),
            handle: handle.clone(),
            page: VecDeque::new(),
            after: Some((-1, String::new())),
        };
        let not_covered = std::cell::Cell::new(0);
        let covers = |by_earlier: bool, record: &Fingerprint| {
            let covered = covers(if by_earlier { &earlier } else { &later }, record);
            not_covered.set(not_covered.get() + u64::from(!covered));
            covered
        };
        let mut comparison = Comparison::default();
        for change in differences(records(&earlier), records(&later), covers) {
            let change = change?;
            let counts = comparison
                .counts
                .entry(change.record.category.clone())
                .or_default();
            let how = match change.changed {
                Changed::Added => {
                    counts.added += 1;
                    "added"
                }
                Changed::Removed => {
                    counts.removed += 1;
                    "removed"
                }
                Changed::Changed => {
                    counts.changed += 1;
                    "changed"
                }
            };
            if comparison.changes.len() < most {
                comparison
                    .changes
                    .push((how.to_owned(), change.record.category, change.record.id));
            }
        }
        comparison.not_covered = not_covered.get();
        Ok(comparison)
    });
    compared.await.map_err(|_| Fault::Unreadable {
        why: "comparing stopped".to_owned(),
    })?
}

/// Whether an export asked for such a record: its category, and its time.
fn covers(index: &Index, record: &Fingerprint) -> bool {
    let Some(claims) = index.archive.claims() else {
        return true;
    };
    let category = claims.categories.is_empty()
        || claims
            .categories
            .iter()
            .any(|category| category.id == record.category);
    let time = match (claims.period, record.at) {
        (Some(period), Some(at)) => period.holds(at),
        (Some(_), None) | (None, _) => true,
    };
    category && time
}

/// The records of an index, sorted by category and id.
struct Records {
    index: Arc<Index>,
    handle: Handle,
    page: VecDeque<Fingerprint>,
    after: Option<(i64, String)>,
}

impl Iterator for Records {
    type Item = Result<Fingerprint, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty() {
            let after = self.after.take()?;
            match self.handle.block_on(page(&self.index, &after)) {
                Ok((page, next)) => (self.page, self.after) = (page, next),
                Err(fault) => return Some(Err(fault)),
            }
        }
        self.page.pop_front().map(Ok)
    }
}

type RecordPage = (VecDeque<Fingerprint>, Option<(i64, String)>);

async fn page(index: &Index, after: &(i64, String)) -> Result<RecordPage, Fault> {
    let sql = "SELECT category, id, digest, at FROM items WHERE (category, id) > (?, ?) ORDER BY category, id LIMIT ?";
    let query = sqlx::query(sql).bind(after.0).bind(&after.1).bind(PAGE as i64);
    let rows = {
        let mut connection = index.connection.lock().await;
        query.fetch_all(&mut *connection).await.map_err(broken)?
    };
    let mut page = VecDeque::with_capacity(rows.len());
    let mut last = None;
    for row in &rows {
        let category: i64 = row.try_get(0).map_err(broken)?;
        let id: String = row.try_get(1).map_err(broken)?;
        let digest: &[u8] = row.try_get(2).map_err(broken)?;
        let at: i64 = row.try_get(3).map_err(broken)?;
        last = Some((category, id.clone()));
        page.push_back(Fingerprint {
            category: index.name(category),
            id,
            digest: Sha256(digest.try_into().unwrap_or([0; 32])),
            at: timestamp(at),
        });
    }
    Ok((page, last.filter(|_| rows.len() == PAGE)))
}
