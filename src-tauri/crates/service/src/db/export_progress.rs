//! Rows of `export_categories` and `export_left_out`: how far a copy is, and what couldn't be copied.

use jiff::Timestamp;
use uuid::Uuid;

use super::Connection;
use super::exports::{advance, stored};

/// How far one category is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Its place in the inventory's order, from 0.
    pub place: i64,
    /// Which.
    pub category: String,
    /// Things that were looked at.
    pub items_done: u64,
    /// Things there are.
    pub items_total: u64,
    /// Their bytes.
    pub bytes_done: u64,
    /// All bytes.
    pub bytes_total: u64,
}

/// What couldn't be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Of which category.
    pub category: String,
    /// Which item.
    pub item: String,
    /// Why, for people.
    pub why: String,
}

/// How far each category is, in the inventory's order.
pub async fn progress(connection: &mut Connection, export: Uuid) -> Result<Vec<Progress>, sqlx::Error> {
    type Row = (i64, String, i64, i64, i64, i64);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT place, category, items_done, items_total, bytes_done, bytes_total FROM export_categories \
         WHERE export_id = $1 ORDER BY place",
    )
    .bind(export.to_string())
    .fetch_all(connection)
    .await?;
    let count = |value: i64| u64::try_from(value).unwrap_or(0);
    let progress = rows.into_iter().map(
        |(place, category, items_done, items_total, bytes_done, bytes_total)| Progress {
            place,
            category,
            items_done: count(items_done),
            items_total: count(items_total),
            bytes_done: count(bytes_done),
            bytes_total: count(bytes_total),
        },
    );
    Ok(progress.collect())
}

/// Notes how far a category is. Says whether the copy is still wanted.
pub async fn note_progress(
    connection: &mut Connection,
    export: Uuid,
    progress: &Progress,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    if !advance(connection, export, now).await? {
        return Ok(false);
    }
    sqlx::query(
        "UPDATE export_categories SET items_done = $3, items_total = $4, bytes_done = $5, bytes_total = $6 \
         WHERE export_id = $1 AND place = $2",
    )
    .bind(export.to_string())
    .bind(progress.place)
    .bind(stored(progress.items_done))
    .bind(stored(progress.items_total))
    .bind(stored(progress.bytes_done))
    .bind(stored(progress.bytes_total))
    .execute(connection)
    .await?;
    Ok(true)
}

/// Notes what couldn't be copied.
pub async fn leave_out(
    connection: &mut Connection,
    export: Uuid,
    left_out: &LeftOut,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO export_left_out (export_id, place, category, item, why) \
         SELECT $1, COALESCE(MAX(place), 0) + 1, $2, $3, $4 FROM export_left_out WHERE export_id = $1",
    )
    .bind(export.to_string())
    .bind(&left_out.category)
    .bind(&left_out.item)
    .bind(&left_out.why)
    .execute(connection)
    .await?;
    Ok(())
}

/// What couldn't be copied, in the order it was met: at most `limit` after a place.
pub async fn left_out(
    connection: &mut Connection,
    export: Uuid,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, LeftOut)>, sqlx::Error> {
    let rows: Vec<(i64, String, String, String)> = sqlx::query_as(
        "SELECT place, category, item, why FROM export_left_out WHERE export_id = $1 AND place > $2 \
         ORDER BY place LIMIT $3",
    )
    .bind(export.to_string())
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    let left_out = rows.into_iter().map(|(place, category, item, why)| {
        let left_out = LeftOut { category, item, why };
        (place, left_out)
    });
    Ok(left_out.collect())
}

/// How many things couldn't be copied.
pub async fn count_left_out(connection: &mut Connection, export: Uuid) -> Result<u64, sqlx::Error> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM export_left_out WHERE export_id = $1")
        .bind(export.to_string())
        .fetch_one(connection)
        .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}
