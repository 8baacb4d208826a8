//! Rows of `consent_events`: the history, and what holds by it.

use std::collections::HashMap;

use jiff::Timestamp;
use settings_privacy_api::{ConsentEvent, Via};
use uuid::Uuid;

use super::{Connection, micros, timestamp, uuid};

/// What holds of one consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Whether it is given.
    pub granted: bool,
    /// Since when, by the service's clock.
    pub since: Timestamp,
}

/// What holds of every consent that was ever set: each one's newest line.
pub async fn held(connection: &mut Connection, account: Uuid) -> Result<HashMap<String, Held>, sqlx::Error> {
    let rows: Vec<(String, bool, i64)> = sqlx::query_as(
        "SELECT e.consent_id, e.granted, e.recorded_at FROM consent_events e \
         JOIN (SELECT consent_id, MAX(sequence) AS newest FROM consent_events WHERE account_id = $1 \
         GROUP BY consent_id) n ON n.newest = e.sequence WHERE e.account_id = $1",
    )
    .bind(account.to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(id, granted, since)| {
            let since = timestamp(since)?;
            Ok((id, Held { granted, since }))
        })
        .collect()
}

/// Appends lines, in this order, after all others of the account; their `sequence` is set here.
pub async fn append(
    connection: &mut Connection,
    account: Uuid,
    events: &[ConsentEvent],
) -> Result<(), sqlx::Error> {
    let last: i64 =
        sqlx::query_scalar("SELECT COALESCE(MAX(sequence), 0) FROM consent_events WHERE account_id = $1")
            .bind(account.to_string())
            .fetch_one(&mut *connection)
            .await?;
    for (sequence, event) in (last + 1..).zip(events) {
        sqlx::query(
            "INSERT INTO consent_events (account_id, sequence, consent_id, granted, decided_at, recorded_at, \
             device_id, via) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(account.to_string())
        .bind(sequence)
        .bind(&event.id)
        .bind(event.granted)
        .bind(micros(event.decided_at))
        .bind(micros(event.recorded_at))
        .bind(event.device.map(|device| device.to_string()))
        .bind(via_name(event.via))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// At most `limit` lines after a place, oldest first.
pub async fn after(
    connection: &mut Connection,
    account: Uuid,
    place: i64,
    limit: i64,
) -> Result<Vec<ConsentEvent>, sqlx::Error> {
    type Row = (i64, String, bool, i64, i64, Option<String>, String);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT sequence, consent_id, granted, decided_at, recorded_at, device_id, via FROM consent_events \
         WHERE account_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
    )
    .bind(account.to_string())
    .bind(place)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(sequence, id, granted, decided_at, recorded_at, device, via)| {
            Ok(ConsentEvent {
                sequence,
                id,
                granted,
                decided_at: timestamp(decided_at)?,
                recorded_at: timestamp(recorded_at)?,
                device: device.as_deref().map(uuid).transpose()?,
                via: parse_via(&via)?,
            })
        })
        .collect()
}

fn via_name(via: Via) -> &'static str {
    match via {
        Via::Client => "client",
        Via::Operator => "operator",
        Via::Sample => "sample",
    }
}

fn parse_via(text: &str) -> Result<Via, sqlx::Error> {
    [Via::Client, Via::Operator, Via::Sample]
        .into_iter()
        .find(|via| via_name(*via) == text)
        .ok_or_else(|| sqlx::Error::Decode("an unknown way of setting a consent".into()))
}
