//! `cookies.sqlite`, table `moz_cookies` (Firefox's `netwerk/cookie/CookiePersistentStorage.cpp`).
//!
//! Creation and last use are in microseconds since 1970; the expiry in milliseconds from schema 16 on, in seconds
//! before. Cookies that end with the browser are never in it.

use jiff::Timestamp;
use settings_privacy_core::storage::{Cookie, Kind, Purpose, SameSite};

use super::attributes::partition;
use crate::error::ReadError;
use crate::look::Look;
use crate::matching::{names_site, of_site};
use crate::sqlite::Database;

/// The first schema whose expiry is in milliseconds.
const MILLISECONDS: i64 = 16;
/// The newest schema known here (Firefox 153).
pub(crate) const KNOWN: i64 = 17;

/// What every known version has.
pub(crate) const NEEDED: [&str; 10] = [
    "originAttributes",
    "name",
    "value",
    "host",
    "path",
    "expiry",
    "lastAccessed",
    "creationTime",
    "isSecure",
    "isHttpOnly",
];

pub(super) async fn see(look: &mut Look<'_>) {
    if let Err(error) = read(look).await {
        look.problem(&error, &[Kind::Cookie]);
    }
}

async fn read(look: &mut Look<'_>) -> Result<(), ReadError> {
    let path = look.path("cookies.sqlite");
    let Some(mut database) = Database::open_to_match(&path, look.running, look.scratch, look.sites).await?
    else {
        return Ok(());
    };
    let outcome = rows(look, &mut database, &path).await;
    database.close().await;
    outcome
}

async fn rows(look: &mut Look<'_>, database: &mut Database, path: &std::path::Path) -> Result<(), ReadError> {
    let version = database.user_version().await?;
    let columns = database.columns("moz_cookies").await?;
    let file = || database.name().to_owned();
    if !NEEDED.iter().all(|column| columns.contains(*column)) {
        return Err(ReadError::ForeignSchema { file: file() });
    }
    let newer = (version > KNOWN).then(|| ReadError::NewerSchema { file: file() });
    let same_site = if columns.contains("sameSite") {
        "sameSite"
    } else {
        "NULL"
    };
    let select = format!(
        "name, host, path, expiry, lastAccessed, creationTime, isSecure, isHttpOnly, {same_site}, originAttributes, \
         length(CAST(name AS BLOB)) + length(CAST(value AS BLOB))"
    );
    let ours = format!(
        "{} OR (originAttributes <> '' AND {})",
        of_site("host"),
        names_site("originAttributes"),
    );
    let told_by = ["host", "originAttributes"];
    for row in database
        .rows_where(&select, "moz_cookies", &told_by, &ours)
        .await?
    {
        let text = |index| {
            database
                .get::<Option<String>>(&row, index)
                .map(Option::unwrap_or_default)
        };
        let number = |index| database.get::<Option<i64>>(&row, index);
        let expiry = number(3)?.filter(|expiry| *expiry > 0);
        let microseconds =
            |time: Option<i64>| Timestamp::from_microsecond(time.filter(|time| *time > 0)?).ok();
        let cookie = Cookie {
            name: text(0)?,
            host: text(1)?,
            path: text(2)?,
            created: microseconds(number(5)?),
            last_used: microseconds(number(4)?),
            expires: expiry.and_then(|expiry| match version >= MILLISECONDS {
                true => Timestamp::from_millisecond(expiry).ok(),
                false => Timestamp::from_second(expiry).ok(),
            }),
            secure: number(6)? == Some(1),
            http_only: number(7)? == Some(1),
            same_site: same_site_of(number(8)?),
            purpose: Purpose::Unknown,
        };
        let size = number(10)?.unwrap_or(0).unsigned_abs();
        look.cookie(cookie, partition(&text(9)?), size, path);
    }
    match newer {
        Some(newer) => Err(newer),
        None => Ok(()),
    }
}

/// `nsICookie`: 0 none, 1 lax, 2 strict, 256 unset (older schemas kept an unset one as 0).
fn same_site_of(value: Option<i64>) -> SameSite {
    match value {
        Some(0) => SameSite::None,
        Some(1) => SameSite::Lax,
        Some(2) => SameSite::Strict,
        Some(_) | None => SameSite::Unset,
    }
}
