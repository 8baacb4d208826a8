//! Rows of `exports`. What belongs to them is in [`super::export_progress`].

use jiff::Timestamp;
use uuid::Uuid;

use super::{Connection, micros, timestamp, uuid};

/// Where a copy stands, as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Its turn hasn't come.
    Open,
    /// It is being made.
    InProgress,
    /// Its archive is there.
    Fulfilled,
    /// It couldn't be made.
    Failed,
    /// The person took it back.
    Revoked,
    /// Its archive was removed when its time had come.
    Expired,
}

impl Status {
    const ALL: [Self; 6] = [
        Self::Open,
        Self::InProgress,
        Self::Fulfilled,
        Self::Failed,
        Self::Revoked,
        Self::Expired,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InProgress => "in_progress",
            Self::Fulfilled => "fulfilled",
            Self::Failed => "failed",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }

    fn parse(text: &str) -> Result<Self, sqlx::Error> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| sqlx::Error::Decode("an unknown status of an export".into()))
    }
}

/// Why a copy couldn't be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The disk is full.
    NoSpace,
    /// Something couldn't be read or written.
    Storage,
}

impl Fault {
    fn as_str(self) -> &'static str {
        match self {
            Self::NoSpace => "no-space",
            Self::Storage => "storage",
        }
    }

    fn parse(text: &str) -> Result<Self, sqlx::Error> {
        [Self::NoSpace, Self::Storage]
            .into_iter()
            .find(|fault| fault.as_str() == text)
            .ok_or_else(|| sqlx::Error::Decode("an unknown fault of an export".into()))
    }
}

/// An archive that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// Since when it is there.
    pub ready_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// A copy that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Its identifier.
    pub id: Uuid,
    /// Whose it is.
    pub account: Uuid,
    /// Where it stands.
    pub status: Status,
    /// Under which law.
    pub regime: String,
    /// Of what happened when; of everything without it.
    pub period: Option<(Timestamp, Timestamp)>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
    /// Its archive, also when that was removed.
    pub archive: Option<Archive>,
    /// With [`Status::Failed`]: why.
    pub fault: Option<Fault>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    account_id: String,
    status: String,
    regime: String,
    period_from: Option<i64>,
    period_to: Option<i64>,
    requested_at: i64,
    updated_at: i64,
    archive_bytes: Option<i64>,
    archive_sha256: Option<String>,
    ready_at: Option<i64>,
    expires_at: Option<i64>,
    failure: Option<String>,
}

impl Row {
    fn into_export(self) -> Result<Export, sqlx::Error> {
        let archive = match (
            self.archive_bytes,
            self.archive_sha256,
            self.ready_at,
            self.expires_at,
        ) {
            (Some(bytes), Some(sha256), Some(ready_at), Some(expires_at)) => Some(Archive {
                bytes: u64::try_from(bytes).unwrap_or(0),
                sha256,
                ready_at: timestamp(ready_at)?,
                expires_at: timestamp(expires_at)?,
            }),
            _ => None,
        };
        let period = match self.period_from.zip(self.period_to) {
            Some((from, to)) => Some((timestamp(from)?, timestamp(to)?)),
            None => None,
        };
        Ok(Export {
            id: uuid(&self.id)?,
            account: uuid(&self.account_id)?,
            status: Status::parse(&self.status)?,
            regime: self.regime,
            period,
            requested_at: timestamp(self.requested_at)?,
            updated_at: timestamp(self.updated_at)?,
            archive,
            fault: self.failure.as_deref().map(Fault::parse).transpose()?,
        })
    }
}

/// Adds a copy, with the categories it is of.
pub async fn add(
    connection: &mut Connection,
    export: &Export,
    categories: &[&str],
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO exports (id, account_id, status, regime, period_from, period_to, requested_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(export.id.to_string())
    .bind(export.account.to_string())
    .bind(export.status.as_str())
    .bind(&export.regime)
    .bind(export.period.map(|(from, _)| micros(from)))
    .bind(export.period.map(|(_, to)| micros(to)))
    .bind(micros(export.requested_at))
    .bind(micros(export.updated_at))
    .execute(&mut *connection)
    .await?;
    for (place, category) in (0_i64..).zip(categories) {
        sqlx::query(
            "INSERT INTO export_categories \
             (export_id, place, category, items_done, items_total, bytes_done, bytes_total) \
             VALUES ($1, $2, $3, 0, 0, 0, 0)",
        )
        .bind(export.id.to_string())
        .bind(place)
        .bind(category)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// A copy of an account's.
pub async fn find(
    connection: &mut Connection,
    account: Uuid,
    id: Uuid,
) -> Result<Option<Export>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM exports WHERE id = $1 AND account_id = $2")
        .bind(id.to_string())
        .bind(account.to_string())
        .fetch_optional(connection)
        .await?;
    row.map(Row::into_export).transpose()
}

/// The account's copies, newest first.
pub async fn newest(
    connection: &mut Connection,
    account: Uuid,
    limit: i64,
) -> Result<Vec<Export>, sqlx::Error> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT * FROM exports WHERE account_id = $1 ORDER BY requested_at DESC, id LIMIT $2")
            .bind(account.to_string())
            .bind(limit)
            .fetch_all(connection)
            .await?;
    rows.into_iter().map(Row::into_export).collect()
}

/// When the account asked for copies under a law that count: made, or on their way.
pub async fn counted(
    connection: &mut Connection,
    account: Uuid,
    regime: &str,
) -> Result<Vec<Timestamp>, sqlx::Error> {
    let rows: Vec<i64> = sqlx::query_scalar(
        "SELECT requested_at FROM exports WHERE account_id = $1 AND regime = $2 \
         AND (ready_at IS NOT NULL OR status IN ('open', 'in_progress'))",
    )
    .bind(account.to_string())
    .bind(regime)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(timestamp).collect()
}

/// Whether a copy of the account's is on its way.
pub async fn is_one_under_way(connection: &mut Connection, account: Uuid) -> Result<bool, sqlx::Error> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM exports WHERE account_id = $1 AND status IN ('open', 'in_progress')",
    )
    .bind(account.to_string())
    .fetch_one(connection)
    .await?;
    Ok(count > 0)
}

/// The copy whose turn it is: the one that was asked for first.
pub async fn next(connection: &mut Connection) -> Result<Option<Export>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT * FROM exports WHERE status IN ('open', 'in_progress') ORDER BY requested_at, id LIMIT 1",
    )
    .fetch_optional(connection)
    .await?;
    row.map(Row::into_export).transpose()
}

/// Begins anew: nothing is done yet, nothing left out. Says whether the copy is still wanted.
pub async fn begin(connection: &mut Connection, export: Uuid, now: Timestamp) -> Result<bool, sqlx::Error> {
    if !advance(connection, export, now).await? {
        return Ok(false);
    }
    sqlx::query("DELETE FROM export_left_out WHERE export_id = $1")
        .bind(export.to_string())
        .execute(connection)
        .await?;
    Ok(true)
}

/// Notes that the archive is there. Says whether the copy is still wanted.
pub async fn fulfil(
    connection: &mut Connection,
    export: Uuid,
    archive: &Archive,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE exports SET status = 'fulfilled', archive_bytes = $2, archive_sha256 = $3, ready_at = $4, \
         expires_at = $5, updated_at = $4 WHERE id = $1 AND status = 'in_progress'",
    )
    .bind(export.to_string())
    .bind(stored(archive.bytes))
    .bind(&archive.sha256)
    .bind(micros(archive.ready_at))
    .bind(micros(archive.expires_at))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that it couldn't be made.
pub async fn fail(
    connection: &mut Connection,
    export: Uuid,
    fault: Fault,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE exports SET status = 'failed', failure = $2, updated_at = $3 \
         WHERE id = $1 AND status IN ('open', 'in_progress')",
    )
    .bind(export.to_string())
    .bind(fault.as_str())
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts one that failed in the queue again.
pub async fn reopen(connection: &mut Connection, export: Uuid, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE exports SET status = 'open', failure = NULL, updated_at = $2 WHERE id = $1 AND status = 'failed'",
    )
    .bind(export.to_string())
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes one back.
pub async fn revoke(connection: &mut Connection, export: Uuid, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE exports SET status = 'revoked', failure = NULL, updated_at = $2 \
         WHERE id = $1 AND status IN ('open', 'in_progress', 'fulfilled', 'failed')",
    )
    .bind(export.to_string())
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes back every copy of an account's.
pub async fn revoke_all(
    connection: &mut Connection,
    account: Uuid,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE exports SET status = 'revoked', failure = NULL, updated_at = $2 \
         WHERE account_id = $1 AND status IN ('open', 'in_progress', 'fulfilled', 'failed')",
    )
    .bind(account.to_string())
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Every copy an account ever asked for.
pub async fn ids(connection: &mut Connection, account: Uuid) -> Result<Vec<Uuid>, sqlx::Error> {
    let rows: Vec<String> = sqlx::query_scalar("SELECT id FROM exports WHERE account_id = $1")
        .bind(account.to_string())
        .fetch_all(connection)
        .await?;
    rows.iter().map(|id| uuid(id)).collect()
}

/// When the newest copy that was ready was asked for.
pub async fn newest_ready(
    connection: &mut Connection,
    account: Uuid,
) -> Result<Option<Timestamp>, sqlx::Error> {
    let newest: Option<i64> = sqlx::query_scalar(
        "SELECT MAX(requested_at) FROM exports WHERE account_id = $1 AND ready_at IS NOT NULL",
    )
    .bind(account.to_string())
    .fetch_one(connection)
    .await?;
    newest.map(timestamp).transpose()
}

/// The account's copies that are on their way.
pub async fn under_way(connection: &mut Connection, account: Uuid) -> Result<Vec<Export>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT * FROM exports WHERE account_id = $1 AND status IN ('open', 'in_progress') ORDER BY requested_at, id",
    )
    .bind(account.to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::into_export).collect()
}

/// Notes of every archive whose time has come that it is gone.
pub async fn expire(connection: &mut Connection, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE exports SET status = 'expired', updated_at = expires_at \
         WHERE status = 'fulfilled' AND expires_at <= $1",
    )
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Which archives belong on the disk.
pub async fn kept(connection: &mut Connection) -> Result<Vec<Uuid>, sqlx::Error> {
    let rows: Vec<String> =
        sqlx::query_scalar("SELECT id FROM exports WHERE status IN ('open', 'in_progress', 'fulfilled')")
            .fetch_all(connection)
            .await?;
    rows.iter().map(|id| uuid(id)).collect()
}

/// Whether any archive's time has come.
pub async fn is_any_due(connection: &mut Connection, now: Timestamp) -> Result<bool, sqlx::Error> {
    let count: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM exports WHERE status = 'fulfilled' AND expires_at <= $1")
            .bind(micros(now))
            .fetch_one(connection)
            .await?;
    Ok(count > 0)
}

/// Moves on, if the copy is still wanted.
pub(super) async fn advance(
    connection: &mut Connection,
    export: Uuid,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE exports SET status = 'in_progress', updated_at = $2 \
         WHERE id = $1 AND status IN ('open', 'in_progress')",
    )
    .bind(export.to_string())
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) fn stored(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
