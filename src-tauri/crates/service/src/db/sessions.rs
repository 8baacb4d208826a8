//! Rows of `sessions` and `token_pairs`. Neither holds a token.

use jiff::Timestamp;
use uuid::Uuid;

use super::idempotency::Pair;
use super::{Connection, micros, timestamp, uuid};

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Its owner signed out.
    SignedOut,
    /// An old refresh token of it was used again.
    Reused,
    /// Its account ends.
    AccountEnds,
}

impl Ended {
    fn as_str(self) -> &'static str {
        match self {
            Ended::SignedOut => "signed-out",
            Ended::Reused => "reused",
            Ended::AccountEnds => "account-ends",
        }
    }

    fn parse(text: &str) -> Result<Self, sqlx::Error> {
        match text {
            "signed-out" => Ok(Ended::SignedOut),
            "reused" => Ok(Ended::Reused),
            "account-ends" => Ok(Ended::AccountEnds),
            _ => Err(sqlx::Error::Decode(
                "an unknown reason for a session's end".into(),
            )),
        }
    }
}

/// Whose an access token is.
#[derive(Debug, Clone, Copy)]
pub struct Holder {
    /// The session.
    pub session: Uuid,
    /// The account.
    pub account: Uuid,
    /// The device.
    pub device: Uuid,
    expires_at: Timestamp,
    ended: bool,
}

impl Holder {
    /// Whether the token still opens anything.
    pub fn is_signed_in(&self, now: Timestamp) -> bool {
        !self.ended && now < self.expires_at
    }
}

/// A session as a refresh token finds it.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// The token's own pair.
    pub pair: Pair,
    /// The newest pair's generation.
    pub newest: i64,
    /// When the token ends.
    pub expires_at: Timestamp,
    /// Why the session ended, if it did.
    pub ended: Option<Ended>,
    /// The account.
    pub account: Uuid,
    /// The device.
    pub device: Uuid,
}

/// What is kept of a pair.
#[derive(Debug, Clone)]
pub struct PairDigests {
    /// Of the access token.
    pub access: String,
    /// When it ends.
    pub access_expires_at: Timestamp,
    /// Of the refresh token.
    pub refresh: String,
    /// When it ends.
    pub refresh_expires_at: Timestamp,
}

/// Whose an access token is or was, by its digest.
pub async fn holder(connection: &mut Connection, access: &str) -> Result<Option<Holder>, sqlx::Error> {
    let row: Option<(String, String, String, i64, Option<i64>)> = sqlx::query_as(
        "SELECT s.id, s.account_id, s.device_id, p.access_expires_at, s.ended_at \
         FROM token_pairs p JOIN sessions s ON s.id = p.session_id WHERE p.access_digest = $1",
    )
    .bind(access)
    .fetch_optional(connection)
    .await?;
    let Some((session, account, device, expires_at, ended_at)) = row else {
        return Ok(None);
    };
    Ok(Some(Holder {
        session: uuid(&session)?,
        account: uuid(&account)?,
        device: uuid(&device)?,
        expires_at: timestamp(expires_at)?,
        ended: ended_at.is_some(),
    }))
}

/// The session of a refresh token, by the token's digest.
pub async fn by_refresh(connection: &mut Connection, refresh: &str) -> Result<Option<Found>, sqlx::Error> {
    type Row = (String, i64, i64, i64, Option<String>, String, String);
    let row: Option<Row> = sqlx::query_as(
        "SELECT s.id, p.generation, s.generation, p.refresh_expires_at, s.ended_by, s.account_id, s.device_id \
         FROM token_pairs p JOIN sessions s ON s.id = p.session_id WHERE p.refresh_digest = $1",
    )
    .bind(refresh)
    .fetch_optional(connection)
    .await?;
    let Some((session, generation, newest, expires_at, ended, account, device)) = row else {
        return Ok(None);
    };
    Ok(Some(Found {
        pair: Pair {
            session: uuid(&session)?,
            generation,
        },
        newest,
        expires_at: timestamp(expires_at)?,
        ended: ended.as_deref().map(Ended::parse).transpose()?,
        account: uuid(&account)?,
        device: uuid(&device)?,
    }))
}

/// When the access token of a session's newest pair ends, if this is that pair and the session goes on.
pub async fn newest_access_expiry(
    connection: &mut Connection,
    pair: Pair,
) -> Result<Option<(Timestamp, Uuid)>, sqlx::Error> {
    let row: Option<(i64, String)> = sqlx::query_as(
        "SELECT p.access_expires_at, s.account_id \
         FROM token_pairs p JOIN sessions s ON s.id = p.session_id AND s.generation = p.generation \
         WHERE s.id = $1 AND s.generation = $2 AND s.ended_at IS NULL",
    )
    .bind(pair.session.to_string())
    .bind(pair.generation)
    .fetch_optional(connection)
    .await?;
    match row {
        Some((expires_at, account)) => Ok(Some((timestamp(expires_at)?, uuid(&account)?))),
        None => Ok(None),
    }
}

/// Begins a session; its first pair follows with [`add_pair`].
pub async fn add(
    connection: &mut Connection,
    id: Uuid,
    account: Uuid,
    device: Uuid,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO sessions (id, account_id, device_id, generation, created_at) VALUES ($1, $2, $3, 0, $4)",
    )
    .bind(id.to_string())
    .bind(account.to_string())
    .bind(device.to_string())
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds a pair and makes it the newest.
pub async fn add_pair(
    connection: &mut Connection,
    pair: Pair,
    digests: &PairDigests,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO token_pairs (session_id, generation, access_digest, access_expires_at, \
         refresh_digest, refresh_expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(pair.session.to_string())
    .bind(pair.generation)
    .bind(&digests.access)
    .bind(micros(digests.access_expires_at))
    .bind(&digests.refresh)
    .bind(micros(digests.refresh_expires_at))
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE sessions SET generation = $2 WHERE id = $1")
        .bind(pair.session.to_string())
        .bind(pair.generation)
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends a session, with every token of it.
pub async fn end(
    connection: &mut Connection,
    session: Uuid,
    why: Ended,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE sessions SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at IS NULL")
        .bind(session.to_string())
        .bind(micros(now))
        .bind(why.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends every session of an account.
pub async fn end_all(
    connection: &mut Connection,
    account: Uuid,
    why: Ended,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE sessions SET ended_at = $2, ended_by = $3 WHERE account_id = $1 AND ended_at IS NULL",
    )
    .bind(account.to_string())
    .bind(micros(now))
    .bind(why.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes pairs whose refresh token has expired, and sessions that have none left.
pub async fn prune(connection: &mut Connection, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM token_pairs WHERE refresh_expires_at <= $1")
        .bind(micros(now))
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "DELETE FROM sessions WHERE NOT EXISTS (SELECT 1 FROM token_pairs WHERE session_id = sessions.id)",
    )
    .execute(connection)
    .await?;
    Ok(())
}
