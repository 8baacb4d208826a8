//! Rows of `letters`: what the owner of an account that ends hasn't been told yet.

use jiff::Timestamp;
use settings_privacy_core::deletion::OwnerLetter;
use uuid::Uuid;

use super::{Connection, micros, timestamp, uuid};

/// A letter that wasn't sent yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its Message-ID's own part, the same at every try.
    pub id: Uuid,
    /// About which ending.
    pub deletion: Uuid,
    /// To whose owner.
    pub account: Uuid,
    /// What it says.
    pub kind: OwnerLetter,
    /// When it was written.
    pub written_at: Timestamp,
    /// So often it was tried.
    pub attempts: u32,
    /// It is tried at this time.
    pub next_at: Timestamp,
    /// Why it wasn't sent.
    pub fault: Option<String>,
}

/// A kind as it is stored and shown to operators.
pub fn kind_name(kind: OwnerLetter) -> &'static str {
    match kind {
        OwnerLetter::AskedFor => "asked-for",
        OwnerLetter::TakenBack => "taken-back",
        OwnerLetter::Final => "final",
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    account_id: String,
    id: String,
    deletion_id: String,
    kind: String,
    written_at: i64,
    attempts: i64,
    next_at: i64,
    fault: Option<String>,
}

impl Row {
    fn into_letter(self) -> Result<Letter, sqlx::Error> {
        let kind = OwnerLetter::ALL
            .into_iter()
            .find(|kind| kind_name(*kind) == self.kind);
        Ok(Letter {
            id: uuid(&self.id)?,
            deletion: uuid(&self.deletion_id)?,
            account: uuid(&self.account_id)?,
            kind: kind.ok_or_else(|| sqlx::Error::Decode("an unknown kind of letter".into()))?,
            written_at: timestamp(self.written_at)?,
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
            next_at: timestamp(self.next_at)?,
            fault: self.fault,
        })
    }
}

/// Writes a letter, in the place of one that wasn't sent yet.
pub async fn write(
    connection: &mut Connection,
    account: Uuid,
    deletion: Uuid,
    kind: OwnerLetter,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    forget(connection, account).await?;
    sqlx::query(
        "INSERT INTO letters (account_id, id, deletion_id, kind, written_at, next_at) \
         VALUES ($1, $2, $3, $4, $5, $5)",
    )
    .bind(account.to_string())
    .bind(Uuid::new_v5(&deletion, kind_name(kind).as_bytes()).to_string())
    .bind(deletion.to_string())
    .bind(kind_name(kind))
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets what the account's owner hasn't been told.
pub async fn forget(connection: &mut Connection, account: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM letters WHERE account_id = $1")
        .bind(account.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Those that are to be sent now.
pub async fn due(connection: &mut Connection, now: Timestamp) -> Result<Vec<Letter>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM letters WHERE next_at <= $1 ORDER BY next_at, id")
        .bind(micros(now))
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(Row::into_letter).collect()
}

/// The one about an ending, while it wasn't sent.
pub async fn about(connection: &mut Connection, deletion: Uuid) -> Result<Option<Letter>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM letters WHERE deletion_id = $1")
        .bind(deletion.to_string())
        .fetch_optional(connection)
        .await?;
    row.map(Row::into_letter).transpose()
}

/// Notes that it was sent, or can't be: it isn't tried again.
pub async fn is_done(connection: &mut Connection, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM letters WHERE id = $1")
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes that it wasn't sent, and when it is tried again.
pub async fn try_again(connection: &mut Connection, letter: &Letter) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE letters SET attempts = $2, next_at = $3, fault = $4 WHERE id = $1")
        .bind(letter.id.to_string())
        .bind(i64::from(letter.attempts))
        .bind(micros(letter.next_at))
        .bind(&letter.fault)
        .execute(connection)
        .await?;
    Ok(())
}
