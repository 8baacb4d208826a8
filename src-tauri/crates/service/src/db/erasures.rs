//! Rows of `erasures`: which other systems are told of an ending, and what they said.

use jiff::Timestamp;
use settings_privacy_api::SystemStatus;
use uuid::Uuid;

use super::{Connection, micros, timestamp, uuid};

/// A system that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Of which ending.
    pub deletion: Uuid,
    /// Which system.
    pub system: String,
    /// Names what it is told: the same at every try.
    pub jti: Uuid,
    /// Whom it is about, until it has confirmed.
    pub account: Option<Uuid>,
    /// Where it stands.
    pub status: SystemStatus,
    /// How often it was told.
    pub attempts: u32,
    /// When it is told next.
    pub next_at: Timestamp,
    /// What was last heard from it.
    pub heard: Option<String>,
    /// When it confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// What it calls its own note of it.
    pub reference: Option<String>,
}

/// Where a system stands, as it is stored and shown to operators.
pub fn status_name(status: SystemStatus) -> &'static str {
    match status {
        SystemStatus::Waiting | SystemStatus::Unknown => "waiting",
        SystemStatus::Accepted => "accepted",
        SystemStatus::Erased => "erased",
        SystemStatus::Refused => "refused",
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    deletion_id: String,
    system: String,
    jti: String,
    account_id: Option<String>,
    status: String,
    attempts: i64,
    next_at: i64,
    heard: Option<String>,
    confirmed_at: Option<i64>,
    reference: Option<String>,
}

impl Row {
    fn into_erasure(self) -> Result<Erasure, sqlx::Error> {
        let statuses = [
            SystemStatus::Waiting,
            SystemStatus::Accepted,
            SystemStatus::Erased,
            SystemStatus::Refused,
        ];
        let status = statuses
            .into_iter()
            .find(|status| status_name(*status) == self.status)
            .ok_or_else(|| sqlx::Error::Decode("an unknown status of a system".into()))?;
        Ok(Erasure {
            deletion: uuid(&self.deletion_id)?,
            system: self.system,
            jti: uuid(&self.jti)?,
            account: self.account_id.as_deref().map(uuid).transpose()?,
            status,
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
            next_at: timestamp(self.next_at)?,
            heard: self.heard,
            confirmed_at: self.confirmed_at.map(timestamp).transpose()?,
            reference: self.reference,
        })
    }
}

/// Adds a system that is to be told, once.
pub async fn add(
    connection: &mut Connection,
    deletion: Uuid,
    system: &str,
    account: Uuid,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO erasures (deletion_id, system, jti, account_id, status, attempts, next_at) \
         VALUES ($1, $2, $3, $4, 'waiting', 0, $5) ON CONFLICT DO NOTHING",
    )
    .bind(deletion.to_string())
    .bind(system)
    .bind(Uuid::new_v4().to_string())
    .bind(account.to_string())
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Those of an ending, by name.
pub async fn of(connection: &mut Connection, deletion: Uuid) -> Result<Vec<Erasure>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM erasures WHERE deletion_id = $1 ORDER BY system")
        .bind(deletion.to_string())
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(Row::into_erasure).collect()
}

/// Those that are to be told now, of endings that have come to telling.
pub async fn due(connection: &mut Connection, now: Timestamp) -> Result<Vec<Erasure>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT e.* FROM erasures e JOIN deletions d ON d.id = e.deletion_id \
         WHERE e.status <> 'erased' AND e.next_at <= $1 \
         AND (d.state = 'deleted' OR d.step IN ('downstream', 'receipt')) ORDER BY e.next_at, e.system LIMIT 64",
    )
    .bind(micros(now))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::into_erasure).collect()
}

/// Keeps what was heard. Whom it is about is forgotten with the confirmation.
pub async fn put(connection: &mut Connection, erasure: &Erasure) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE erasures SET status = $3, attempts = $4, next_at = $5, heard = $6, confirmed_at = $7, reference = $8, \
         account_id = CASE WHEN $3 = 'erased' THEN NULL ELSE account_id END \
         WHERE deletion_id = $1 AND system = $2 AND status <> 'erased'",
    )
    .bind(erasure.deletion.to_string())
    .bind(&erasure.system)
    .bind(status_name(erasure.status))
    .bind(i64::from(erasure.attempts))
    .bind(micros(erasure.next_at))
    .bind(&erasure.heard)
    .bind(erasure.confirmed_at.map(micros))
    .bind(&erasure.reference)
    .execute(connection)
    .await?;
    Ok(())
}

/// Lets those of an ending that haven't confirmed be told at once. Says how many there are.
pub async fn hurry(connection: &mut Connection, deletion: Uuid, now: Timestamp) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE erasures SET next_at = $2, attempts = 0 WHERE deletion_id = $1 AND status <> 'erased'",
    )
    .bind(deletion.to_string())
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
