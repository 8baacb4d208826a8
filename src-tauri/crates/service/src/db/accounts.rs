//! Rows of `accounts`.

use jiff::Timestamp;
use settings_privacy_api::{AccountSummary, Profile};
use uuid::Uuid;

use super::{Connection, micros, timestamp, uuid};

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    identifier: String,
    display_name: String,
    nickname: Option<String>,
    mobile: Option<String>,
    region: Option<String>,
    sample: bool,
    created_at: i64,
}

impl Row {
    fn into_profile(self) -> Result<Profile, sqlx::Error> {
        Ok(Profile {
            account: AccountSummary {
                id: uuid(&self.id)?,
                display_name: self.display_name,
                identifier: self.identifier,
                sample: self.sample,
            },
            nickname: self.nickname,
            mobile: self.mobile,
            region: self.region,
            created_at: timestamp(self.created_at)?,
        })
    }
}

/// An account by its identifier.
pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Profile, sqlx::Error> {
    let row: Row = sqlx::query_as("SELECT * FROM accounts WHERE id = $1")
        .bind(id.to_string())
        .fetch_one(connection)
        .await?;
    row.into_profile()
}

/// An account by the address it signs in with.
pub async fn find_by_address(
    connection: &mut Connection,
    address: &str,
) -> Result<Option<Profile>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM accounts WHERE identifier = $1")
        .bind(address)
        .fetch_optional(connection)
        .await?;
    row.map(Row::into_profile).transpose()
}

/// Every account.
pub async fn ids(connection: &mut Connection) -> Result<Vec<Uuid>, sqlx::Error> {
    let rows: Vec<String> = sqlx::query_scalar("SELECT id FROM accounts")
        .fetch_all(connection)
        .await?;
    rows.iter().map(|id| uuid(id)).collect()
}

/// Adds an account, unless its address has one. Says whether it was added.
pub async fn add(connection: &mut Connection, profile: &Profile) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO accounts (id, identifier, display_name, nickname, mobile, region, sample, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
    )
    .bind(profile.account.id.to_string())
    .bind(&profile.account.identifier)
    .bind(&profile.account.display_name)
    .bind(&profile.nickname)
    .bind(&profile.mobile)
    .bind(&profile.region)
    .bind(profile.account.sample)
    .bind(micros(profile.created_at))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// An account as made at its first sign-in.
pub fn fresh(identifier: &crate::identifier::Identifier, now: Timestamp) -> Profile {
    Profile {
        account: AccountSummary {
            id: Uuid::new_v4(),
            display_name: identifier.display_name().to_owned(),
            identifier: identifier.as_str().to_owned(),
            sample: false,
        },
        nickname: None,
        mobile: None,
        region: None,
        created_at: now,
    }
}
