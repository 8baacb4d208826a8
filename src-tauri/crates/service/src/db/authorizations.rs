//! Rows of `authorizations`: apps that are allowed to know something.

use settings_privacy_api::{AppKind, Authorization};
use uuid::Uuid;

use super::{Connection, micros, timestamp, uuid};

fn kind_name(kind: AppKind) -> &'static str {
    match kind {
        AppKind::MiniProgram => "mini-program",
        AppKind::SaasApp => "saas-app",
        AppKind::Sdk => "sdk",
        AppKind::Unknown => "unknown",
    }
}

fn parse_kind(text: &str) -> AppKind {
    [AppKind::MiniProgram, AppKind::SaasApp, AppKind::Sdk]
        .into_iter()
        .find(|kind| kind_name(*kind) == text)
        .unwrap_or(AppKind::Unknown)
}

/// What an account allowed, the newest first.
pub async fn of_account(
    connection: &mut Connection,
    account: Uuid,
) -> Result<Vec<Authorization>, sqlx::Error> {
    type Row = (String, String, String, String, String, i64);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, name, kind, vendor, shows, granted_at FROM authorizations WHERE account_id = $1 \
         ORDER BY granted_at DESC, id",
    )
    .bind(account.to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(id, name, kind, vendor, shows, granted_at)| {
            Ok(Authorization {
                id: uuid(&id)?,
                name,
                kind: parse_kind(&kind),
                vendor,
                shows: serde_json::from_str(&shows).map_err(|error| sqlx::Error::Decode(error.into()))?,
                granted_at: timestamp(granted_at)?,
            })
        })
        .collect()
}

/// Adds one.
pub async fn add(
    connection: &mut Connection,
    account: Uuid,
    authorization: &Authorization,
) -> Result<(), sqlx::Error> {
    let shows =
        serde_json::to_string(&authorization.shows).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query(
        "INSERT INTO authorizations (id, account_id, name, kind, vendor, shows, granted_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(authorization.id.to_string())
    .bind(account.to_string())
    .bind(&authorization.name)
    .bind(kind_name(authorization.kind))
    .bind(&authorization.vendor)
    .bind(shows)
    .bind(micros(authorization.granted_at))
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes one back. Says whether it was there.
pub async fn remove(connection: &mut Connection, account: Uuid, id: Uuid) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("DELETE FROM authorizations WHERE id = $1 AND account_id = $2")
        .bind(id.to_string())
        .bind(account.to_string())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}
