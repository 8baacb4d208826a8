//! Rows of `idempotency_keys`.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Connection, micros, uuid};

/// One generation of a session's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The session.
    pub session: Uuid,
    /// Which pair of it, from 0.
    pub generation: i64,
}

/// What stands under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Of the request.
    pub fingerprint: String,
    /// Of the answer; none while it is being worked on.
    pub status: Option<u16>,
    /// The answer's text.
    pub body: Option<String>,
    /// The answer's entity tag.
    pub etag: Option<String>,
    /// The tokens the answer held, by name.
    pub pair: Option<Pair>,
}

type Row = (
    String,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<i64>,
);

/// What stands under a key and hasn't expired.
pub async fn find(
    connection: &mut Connection,
    scope: &str,
    key: Uuid,
    now: Timestamp,
) -> Result<Option<Entry>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT fingerprint, status, body, etag, session_id, generation FROM idempotency_keys \
         WHERE scope = $1 AND key = $2 AND expires_at > $3",
    )
    .bind(scope)
    .bind(key.to_string())
    .bind(micros(now))
    .fetch_optional(connection)
    .await?;
    let Some((fingerprint, status, body, etag, session, generation)) = row else {
        return Ok(None);
    };
    let pair = match session.zip(generation) {
        Some((session, generation)) => Some(Pair {
            session: uuid(&session)?,
            generation,
        }),
        None => None,
    };
    Ok(Some(Entry {
        fingerprint,
        status: status.and_then(|status| u16::try_from(status).ok()),
        body,
        etag,
        pair,
    }))
}

/// Puts something under a key.
pub async fn put(
    connection: &mut Connection,
    scope: &str,
    key: Uuid,
    entry: &Entry,
    expires_at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO idempotency_keys \
         (scope, key, fingerprint, status, body, etag, session_id, generation, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (scope, key) DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status, \
         body = excluded.body, etag = excluded.etag, session_id = excluded.session_id, \
         generation = excluded.generation, expires_at = excluded.expires_at",
    )
    .bind(scope)
    .bind(key.to_string())
    .bind(&entry.fingerprint)
    .bind(entry.status.map(i64::from))
    .bind(&entry.body)
    .bind(&entry.etag)
    .bind(entry.pair.map(|pair| pair.session.to_string()))
    .bind(entry.pair.map(|pair| pair.generation))
    .bind(micros(expires_at))
    .execute(connection)
    .await?;
    Ok(())
}

/// Clears a key.
pub async fn remove(connection: &mut Connection, scope: &str, key: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM idempotency_keys WHERE scope = $1 AND key = $2")
        .bind(scope)
        .bind(key.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes what has expired.
pub async fn prune(connection: &mut Connection, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM idempotency_keys WHERE expires_at <= $1")
        .bind(micros(now))
        .execute(connection)
        .await?;
    Ok(())
}
