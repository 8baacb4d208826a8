//! Rows of `deletions`: endings of accounts, as they are kept.

use std::collections::BTreeMap;

use jiff::Timestamp;
use settings_privacy_core::deletion::ending::{Ending, Step};
use uuid::Uuid;

use super::{Connection, micros, timestamp, uuid};

/// An ending as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Deletion {
    /// Its identifier.
    pub id: Uuid,
    /// Of which account, until that account's rows are removed.
    pub account: Option<Uuid>,
    /// The account's pseudonym in the receipt.
    pub pseudonym: String,
    /// Where it stands.
    pub ending: Ending,
    /// How many things of each category there were.
    pub counts: BTreeMap<String, u64>,
    /// What stands in the way of the step.
    pub trouble: Trouble,
    /// The receipt, once it is signed.
    pub receipt: Option<String>,
}

/// A step that doesn't succeed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trouble {
    /// So often it was tried.
    pub attempts: u32,
    /// It is tried again at this time.
    pub retry_at: Option<Timestamp>,
    /// What was in the way, naming nobody.
    pub fault: Option<String>,
}

/// The step as it is stored and shown to operators.
pub fn step_name(step: Step) -> &'static str {
    match step {
        Step::Ledger => "ledger",
        Step::Exports => "exports",
        Step::Files => "files",
        Step::Records => "records",
        Step::Scrubbing => "scrubbing",
        Step::Downstream => "downstream",
        Step::Receipt => "receipt",
    }
}

/// Where it stands, as it is stored and shown to operators.
pub fn state_name(ending: Ending) -> &'static str {
    match ending {
        Ending::CoolingOff { .. } => "cooling-off",
        Ending::Cancelled { .. } => "cancelled",
        Ending::Finalising { .. } => "finalising",
        Ending::Deleted { .. } => "deleted",
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    account_id: Option<String>,
    pseudonym: String,
    state: String,
    step: Option<String>,
    requested_at: i64,
    final_at: i64,
    ended_at: Option<i64>,
    counts: String,
    attempts: i64,
    retry_at: Option<i64>,
    fault: Option<String>,
    receipt: Option<String>,
}

impl Row {
    fn into_deletion(self) -> Result<Deletion, sqlx::Error> {
        Ok(Deletion {
            id: uuid(&self.id)?,
            account: self.account_id.as_deref().map(uuid).transpose()?,
            ending: self.ending()?,
            pseudonym: self.pseudonym,
            counts: serde_json::from_str(&self.counts).map_err(|error| sqlx::Error::Decode(error.into()))?,
            trouble: Trouble {
                attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
                retry_at: self.retry_at.map(timestamp).transpose()?,
                fault: self.fault,
            },
            receipt: self.receipt,
        })
    }

    fn ending(&self) -> Result<Ending, sqlx::Error> {
        let (requested_at, final_at) = (timestamp(self.requested_at)?, timestamp(self.final_at)?);
        let ended_at = self.ended_at.map(timestamp).transpose()?;
        let step = self.step.as_deref();
        let step = step.and_then(|name| Step::ALL.into_iter().find(|step| step_name(*step) == name));
        match (self.state.as_str(), step, ended_at) {
            ("cooling-off", _, _) => Ok(Ending::CoolingOff {
                requested_at,
                final_at,
            }),
            ("cancelled", _, Some(at)) => Ok(Ending::Cancelled {
                requested_at,
                final_at,
                at,
            }),
            ("finalising", Some(step), _) => Ok(Ending::Finalising {
                requested_at,
                final_at,
                step,
            }),
            ("deleted", _, Some(at)) => Ok(Ending::Deleted {
                requested_at,
                final_at,
                at,
            }),
            _ => Err(sqlx::Error::Decode("an unknown state of a deletion".into())),
        }
    }
}

/// An ending by its columns.
struct Columns {
    state: &'static str,
    step: Option<&'static str>,
    requested_at: i64,
    final_at: i64,
    ended_at: Option<i64>,
}

fn columns(ending: Ending) -> Columns {
    let (requested_at, final_at, step, ended_at) = match ending {
        Ending::CoolingOff {
            requested_at,
            final_at,
        } => (requested_at, final_at, None, None),
        Ending::Cancelled {
            requested_at,
            final_at,
            at,
        }
        | Ending::Deleted {
            requested_at,
            final_at,
            at,
        } => (requested_at, final_at, None, Some(at)),
        Ending::Finalising {
            requested_at,
            final_at,
            step,
        } => (requested_at, final_at, Some(step), None),
    };
    Columns {
        state: state_name(ending),
        step: step.map(step_name),
        requested_at: micros(requested_at),
        final_at: micros(final_at),
        ended_at: ended_at.map(micros),
    }
}

/// Adds one. `reasons` is a JSON list.
pub async fn add(
    connection: &mut Connection,
    deletion: &Deletion,
    token_digest: &str,
    reasons: &str,
) -> Result<(), sqlx::Error> {
    let columns = columns(deletion.ending);
    sqlx::query(
        "INSERT INTO deletions (id, account_id, pseudonym, token_digest, state, step, requested_at, final_at, \
         ended_at, reasons, counts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '{}')",
    )
    .bind(deletion.id.to_string())
    .bind(deletion.account.map(|account| account.to_string()))
    .bind(&deletion.pseudonym)
    .bind(token_digest)
    .bind(columns.state)
    .bind(columns.step)
    .bind(columns.requested_at)
    .bind(columns.final_at)
    .bind(columns.ended_at)
    .bind(reasons)
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps where it stands. What stood in the way of the step before is forgotten.
pub async fn put(connection: &mut Connection, id: Uuid, ending: Ending) -> Result<(), sqlx::Error> {
    let columns = columns(ending);
    sqlx::query(
        "UPDATE deletions SET state = $2, step = $3, ended_at = $4, attempts = 0, retry_at = NULL, fault = NULL, \
         reasons = CASE WHEN $2 = 'cancelled' THEN '[]' ELSE reasons END WHERE id = $1",
    )
    .bind(id.to_string())
    .bind(columns.state)
    .bind(columns.step)
    .bind(columns.ended_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// The account's newest one.
pub async fn newest(connection: &mut Connection, account: Uuid) -> Result<Option<Deletion>, sqlx::Error> {
    // Of two that were asked for in the same microsecond, the one under way is the newer.
    let row: Option<Row> = sqlx::query_as(
        "SELECT * FROM deletions WHERE account_id = $1 \
         ORDER BY requested_at DESC, state IN ('cooling-off', 'finalising') DESC LIMIT 1",
    )
    .bind(account.to_string())
    .fetch_optional(connection)
    .await?;
    row.map(Row::into_deletion).transpose()
}

/// One by its token's digest.
pub async fn by_token(connection: &mut Connection, digest: &str) -> Result<Option<Deletion>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM deletions WHERE token_digest = $1")
        .bind(digest)
        .fetch_optional(connection)
        .await?;
    row.map(Row::into_deletion).transpose()
}

/// One by its identifier.
pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Deletion>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM deletions WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.map(Row::into_deletion).transpose()
}

/// All of them, the newest first.
pub async fn all(connection: &mut Connection) -> Result<Vec<Deletion>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM deletions ORDER BY requested_at DESC, id")
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(Row::into_deletion).collect()
}

/// Those whose time to be taken back is over.
pub async fn over(connection: &mut Connection, now: Timestamp) -> Result<Vec<Deletion>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT * FROM deletions WHERE state = 'cooling-off' AND final_at <= $1 ORDER BY final_at, id",
    )
    .bind(micros(now))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::into_deletion).collect()
}

/// Those at a step that may be tried now.
pub async fn at_step(
    connection: &mut Connection,
    step: Step,
    now: Timestamp,
) -> Result<Vec<Deletion>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT * FROM deletions WHERE state = 'finalising' AND step = $1 AND (retry_at IS NULL OR retry_at <= $2) \
         ORDER BY final_at, id",
    )
    .bind(step_name(step))
    .bind(micros(now))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::into_deletion).collect()
}

/// When the next one has to be looked at, or what belongs to it: now and before means at once. Letters count where they
/// are sent.
pub async fn wake_at(
    connection: &mut Connection,
    sends_letters: bool,
) -> Result<Option<Timestamp>, sqlx::Error> {
    let soonest: Option<i64> = sqlx::query_scalar(
        "SELECT MIN(at) FROM (\
         SELECT MIN(final_at) AS at FROM deletions WHERE state = 'cooling-off' \
         UNION ALL SELECT MIN(COALESCE(retry_at, 0)) FROM deletions WHERE state = 'finalising' \
         UNION ALL SELECT MIN(e.next_at) FROM erasures e JOIN deletions d ON d.id = e.deletion_id \
         WHERE e.status <> 'erased' AND d.state = 'deleted' \
         UNION ALL SELECT MIN(next_at) FROM letters WHERE $1 \
         UNION ALL SELECT MIN(retry_at) FROM files_to_remove)",
    )
    .bind(sends_letters)
    .fetch_one(connection)
    .await?;
    soonest.map(timestamp).transpose()
}

/// Notes that a step didn't succeed, or waits.
pub async fn hold_up(connection: &mut Connection, id: Uuid, trouble: &Trouble) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE deletions SET attempts = $2, retry_at = $3, fault = $4 WHERE id = $1")
        .bind(id.to_string())
        .bind(i64::from(trouble.attempts))
        .bind(trouble.retry_at.map(micros))
        .bind(&trouble.fault)
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps how many things there were.
pub async fn keep_counts(
    connection: &mut Connection,
    id: Uuid,
    counts: &BTreeMap<String, u64>,
) -> Result<(), sqlx::Error> {
    let counts = serde_json::to_string(counts).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query("UPDATE deletions SET counts = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(counts)
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps the receipt.
pub async fn keep_receipt(connection: &mut Connection, id: Uuid, receipt: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE deletions SET receipt = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(receipt)
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether an account goes on: it is there, and isn't being removed.
pub async fn goes_on(connection: &mut Connection, account: Uuid) -> Result<bool, sqlx::Error> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM accounts WHERE id = $1 \
         AND NOT EXISTS (SELECT 1 FROM deletions WHERE account_id = $1 AND state = 'finalising')",
    )
    .bind(account.to_string())
    .fetch_one(connection)
    .await?;
    Ok(count > 0)
}
