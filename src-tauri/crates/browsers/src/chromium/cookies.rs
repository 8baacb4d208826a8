//! `Network/Cookies`, before Chromium 96 and in some builds `Cookies`, table `cookies`
//! (`net/extras/sqlite/sqlite_persistent_cookie_store.cc`).
//!
//! Times are in microseconds since 1601. Values are encrypted there; neither they nor the key are touched.

use std::path::Path;

use jiff::Timestamp;
use settings_privacy_core::storage::{Cookie, Kind, Partition, Purpose, SameSite};

use crate::error::ReadError;
use crate::look::Look;
use crate::matching::of_site;
use crate::sqlite::Database;

/// The newest schema known here (Chromium 156).
pub(crate) const KNOWN: i64 = 24;

/// What every known version has.
pub(crate) const NEEDED: [&str; 9] = [
    "creation_utc",
    "host_key",
    "name",
    "value",
    "encrypted_value",
    "path",
    "expires_utc",
    "is_secure",
    "last_access_utc",
];

pub(super) async fn see(look: &mut Look<'_>) {
    for name in ["Network/Cookies", "Cookies"] {
        if let Err(error) = read(look, name).await {
            look.problem(&error, &[Kind::Cookie]);
        }
    }
}

async fn read(look: &mut Look<'_>, name: &str) -> Result<(), ReadError> {
    let path = look.path(name);
    let Some(mut database) = Database::open_to_match(&path, look.running, look.scratch, look.sites).await?
    else {
        return Ok(());
    };
    let outcome = rows(look, &mut database, &path).await;
    database.close().await;
    outcome
}

async fn rows(look: &mut Look<'_>, database: &mut Database, path: &Path) -> Result<(), ReadError> {
    let columns = database.columns("cookies").await?;
    let file = || database.name().to_owned();
    if !NEEDED.iter().all(|column| columns.contains(*column)) {
        return Err(ReadError::ForeignSchema { file: file() });
    }
    let has = |column: &'static str| if columns.contains(column) { column } else { "NULL" };
    let version = version(database).await?;
    let newer = (version > KNOWN).then(|| ReadError::NewerSchema {
        file: database.name().to_owned(),
    });
    let top_site = has("top_frame_site_key");
    // Called `httponly` and `firstpartyonly` long ago.
    let http_only = if columns.contains("is_httponly") {
        "is_httponly"
    } else {
        has("httponly")
    };
    let (same_site_of, ancestor) = (has("samesite"), has("has_cross_site_ancestor"));
    let select = format!(
        "name, host_key, path, creation_utc, last_access_utc, expires_utc, is_secure, {http_only}, {same_site_of}, \
         {top_site}, {ancestor}, length(CAST(name AS BLOB)) + length(CAST(value AS BLOB)) \
         + length(CAST(encrypted_value AS BLOB))"
    );
    let ours = format!(
        "{} OR ({top_site} <> '' AND {})",
        of_site("host_key"),
        of_site(top_site),
    );
    let told_by = match top_site {
        "NULL" => vec!["host_key"],
        top_site => vec!["host_key", top_site],
    };
    for row in database.rows_where(&select, "cookies", &told_by, &ours).await? {
        let text = |index| {
            database
                .get::<Option<String>>(&row, index)
                .map(Option::unwrap_or_default)
        };
        let number = |index| database.get::<Option<i64>>(&row, index);
        let cookie = Cookie {
            name: text(0)?,
            host: text(1)?,
            path: text(2)?,
            created: time(number(3)?),
            last_used: time(number(4)?),
            expires: time(number(5)?),
            secure: number(6)? == Some(1),
            http_only: number(7)? == Some(1),
            same_site: same_site(number(8)?),
            purpose: Purpose::Unknown,
        };
        let top_site = Some(text(9)?).filter(|site| !site.is_empty());
        let partition = Partition {
            raw: match (&top_site, number(10)?) {
                (Some(site), Some(1)) => format!("^31^0{site}"),
                (Some(site), _) => format!("^0{site}"),
                (None, _) => String::new(),
            },
            top_site,
            container: None,
        };
        look.cookie(cookie, partition, number(11)?.unwrap_or(0).unsigned_abs(), path);
    }
    newer.map_or(Ok(()), Err)
}

/// The schema's version stands in a table `meta` of keys and values, as text.
async fn version(database: &mut Database) -> Result<i64, ReadError> {
    if database.columns("meta").await?.is_empty() {
        return Ok(0);
    }
    let rows = database
        .rows("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'version'".to_owned())
        .await?;
    rows.first().map_or(Ok(0), |row| database.get(row, 0))
}

/// Microseconds since 1601-01-01; 0 is never.
pub(super) fn time(since_1601: Option<i64>) -> Option<Timestamp> {
    const FROM_1601_TO_1970: i64 = 11_644_473_600_000_000;
    let time = since_1601.filter(|time| *time > 0)?;
    Timestamp::from_microsecond(time.checked_sub(FROM_1601_TO_1970)?).ok()
}

/// `net::CookieSameSite`: −1 unset, 0 none, 1 lax, 2 strict.
fn same_site(value: Option<i64>) -> SameSite {
    match value {
        Some(0) => SameSite::None,
        Some(1) => SameSite::Lax,
        Some(2) => SameSite::Strict,
        Some(_) | None => SameSite::Unset,
    }
}
