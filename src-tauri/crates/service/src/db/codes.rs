//! Rows of `verification_codes` and `code_sendings`. Neither holds a code or an address.

use jiff::Timestamp;

use super::{Connection, micros, timestamp};

/// A code that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveCode {
    /// Its digest.
    pub digest: String,
    /// Until when it lives.
    pub expires_at: Timestamp,
    /// How often one may still try.
    pub attempts_left: i64,
}

/// The code of an address, unless it has expired.
pub async fn find(
    connection: &mut Connection,
    identifier: &str,
    now: Timestamp,
) -> Result<Option<LiveCode>, sqlx::Error> {
    let row: Option<(String, i64, i64)> = sqlx::query_as(
        "SELECT code_digest, expires_at, attempts_left FROM verification_codes \
         WHERE identifier_digest = $1 AND expires_at > $2",
    )
    .bind(identifier)
    .bind(micros(now))
    .fetch_optional(connection)
    .await?;
    let Some((digest, expires_at, attempts_left)) = row else {
        return Ok(None);
    };
    Ok(Some(LiveCode {
        digest,
        expires_at: timestamp(expires_at)?,
        attempts_left,
    }))
}

/// Puts a code in place of any other of its address.
pub async fn put(connection: &mut Connection, identifier: &str, code: &LiveCode) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO verification_codes (identifier_digest, code_digest, expires_at, attempts_left) \
         VALUES ($1, $2, $3, $4) \
         ON CONFLICT (identifier_digest) DO UPDATE SET code_digest = excluded.code_digest, \
         expires_at = excluded.expires_at, attempts_left = excluded.attempts_left",
    )
    .bind(identifier)
    .bind(&code.digest)
    .bind(micros(code.expires_at))
    .bind(code.attempts_left)
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes a code, if it is still this one.
pub async fn remove(connection: &mut Connection, identifier: &str, digest: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM verification_codes WHERE identifier_digest = $1 AND code_digest = $2")
        .bind(identifier)
        .bind(digest)
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes that a code was sent.
pub async fn note_sending(
    connection: &mut Connection,
    identifier: &str,
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO code_sendings (identifier_digest, sent_at) VALUES ($1, $2)")
        .bind(identifier)
        .bind(micros(at))
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets a sending that failed.
pub async fn forget_sending(
    connection: &mut Connection,
    identifier: &str,
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM code_sendings WHERE identifier_digest = $1 AND sent_at = $2")
        .bind(identifier)
        .bind(micros(at))
        .execute(connection)
        .await?;
    Ok(())
}

/// When codes were sent to an address since a time, oldest first.
pub async fn sendings(
    connection: &mut Connection,
    identifier: &str,
    since: Timestamp,
) -> Result<Vec<Timestamp>, sqlx::Error> {
    let rows: Vec<i64> = sqlx::query_scalar(
        "SELECT sent_at FROM code_sendings WHERE identifier_digest = $1 AND sent_at > $2 ORDER BY sent_at",
    )
    .bind(identifier)
    .bind(micros(since))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(timestamp).collect()
}

/// Removes codes that have expired, and sendings no limit looks at any more.
pub async fn prune(connection: &mut Connection, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM verification_codes WHERE expires_at <= $1")
        .bind(micros(now))
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM code_sendings WHERE sent_at <= $1")
        .bind(micros(now - crate::codes::LIMIT_WINDOW))
        .execute(connection)
        .await?;
    Ok(())
}
