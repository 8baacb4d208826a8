//! `permissions.sqlite`, table `moz_perms` (Firefox's `extensions/permissions/PermissionManager.cpp`), and the defaults in
//! `prefs.js`.
//!
//! A cookie rule for `https://dingtalk.com` holds for everything below it with that scheme and port. Camera, microphone,
//! location and notifications are asked by exact origin.

use std::path::Path;

use jiff::Timestamp;
use settings_privacy_core::storage::{
    About, Covers, Decision, Entry, Family, Profile, Rule, RulesBefore, Running, Site, Sites, covered,
};
use sqlx::{Connection, Row, SqliteConnection};

use super::error::RuleError;
use super::written::{Change, Edit, Told, Written};
use crate::closed::Closed;
use crate::error::ReadError;
use crate::sqlite::Database;
use crate::writable;

const FILE: &str = "permissions.sqlite";
/// The newest schema known here (Firefox 153).
const KNOWN: i64 = 13;
const COLUMNS: [&str; 7] = [
    "id",
    "origin",
    "type",
    "permission",
    "expireType",
    "expireTime",
    "modificationTime",
];
const ROWS: &str = "SELECT id, origin, type, permission, expireType, expireTime, modificationTime FROM moz_perms \
                    WHERE type IN ('cookie', 'camera', 'microphone', 'geo', 'desktop-notification') ORDER BY id";

fn kind(about: About) -> &'static str {
    match about {
        About::Cookies => "cookie",
        About::Camera => "camera",
        About::Microphone => "microphone",
        About::Location => "geo",
        About::Notifications => "desktop-notification",
    }
}

/// Reads what the profile says.
///
/// # Errors
/// When the database is there and can't be read.
pub(super) async fn told(
    profile: &Profile,
    running: Running,
    scratch: &Path,
    sites: &Sites,
    now: Timestamp,
) -> Result<(Told, Option<ReadError>), ReadError> {
    let mut told = around(profile, sites);
    let path = profile.path.join(FILE);
    let Some(mut database) = Database::open(&path, running, scratch).await? else {
        return Ok((told, None));
    };
    let outcome = database_rows(&mut database, sites, now).await;
    database.close().await;
    let (written, newer) = outcome?;
    told.learn(written);
    Ok((told, newer))
}

async fn database_rows(
    database: &mut Database,
    sites: &Sites,
    now: Timestamp,
) -> Result<(Vec<Written>, Option<ReadError>), ReadError> {
    let file = || FILE.to_owned();
    let columns = database.columns("moz_perms").await?;
    if !COLUMNS.iter().all(|column| columns.contains(*column)) {
        return Err(ReadError::ForeignSchema { file: file() });
    }
    let newer = (database.user_version().await? > KNOWN).then(|| ReadError::NewerSchema { file: file() });
    let rows = database.rows(ROWS.to_owned()).await?;
    let written = rows.iter().map(|row| one(row, sites, now));
    let written: Result<Vec<_>, _> = written.collect();
    let written = written.map_err(|error| ReadError::sql(FILE, error))?;
    Ok((written.into_iter().flatten().collect(), newer))
}

/// What a row says; `None` when it isn't about one of DingTalk's sites, or has ended.
fn one(row: &sqlx::sqlite::SqliteRow, sites: &Sites, now: Timestamp) -> Result<Option<Written>, sqlx::Error> {
    let kind_of: String = row.try_get(2)?;
    let Some(about) = About::ALL.into_iter().find(|about| kind(*about) == kind_of) else {
        return Ok(None);
    };
    let origin: String = row.try_get(1)?;
    let (permission, expire_type, expire_time) = (row.try_get(3)?, row.try_get(4)?, row.try_get(5)?);
    let plain = origin.split('^').next().unwrap_or_default();
    let Some((site, _)) = covered(sites, plain) else {
        return Ok(None);
    };
    if expire_type == 2 && expire_time <= now.as_millisecond() {
        return Ok(None);
    }
    let decision = match permission {
        1 => Some(Decision::Allow),
        2 => Some(Decision::Deny),
        3 => Some(Decision::Ask),
        8 => Some(Decision::UntilClosed),
        _ => None,
    };
    let covers = match about {
        About::Cookies => Covers::AddressAndBelow(plain.to_ascii_lowercase()),
        About::Camera | About::Microphone | About::Location | About::Notifications => {
            Covers::Address(plain.to_ascii_lowercase())
        }
    };
    Ok(Some(Written {
        site,
        about,
        rule: decision.map(|decision| Rule {
            covers,
            decision,
            // A container's, or a private window's.
            only_sometimes: plain.len() != origin.len(),
            ends: expire_type != 0,
        }),
        entry: Entry::Row {
            id: row.try_get(0)?,
            origin,
            permission,
            expire_type,
            expire_time,
            modified: row.try_get(6)?,
        },
    }))
}

impl Told {
    fn learn(&mut self, written: Vec<Written>) {
        let host = |written: &Written| match &written.entry {
            Entry::Row { origin, .. } => {
                let host = origin.strip_prefix("https://")?.split('^').next()?;
                (!host.contains(':')).then(|| host.to_ascii_lowercase())
            }
            Entry::Member { .. } => None,
        };
        self.hosts.extend(written.iter().filter_map(host));
        self.written = written;
    }
}

/// What is told beside the database: the defaults, and the hosts that keep something.
fn around(profile: &Profile, sites: &Sites) -> Told {
    let mut told = Told::default();
    // What a person's `user.js` says comes last, as in Firefox.
    for file in ["prefs.js", "user.js"] {
        let text = std::fs::read(profile.path.join(file)).unwrap_or_default();
        for line in String::from_utf8_lossy(&text).lines() {
            if let Some((about, decision)) = preference(line) {
                told.defaults.insert(about, decision);
            }
        }
    }
    let folders = std::fs::read_dir(profile.path.join("storage/default"));
    for folder in folders.into_iter().flatten().flatten() {
        let name = folder.file_name();
        if let Some(host) = name.to_str().and_then(|name| name.strip_prefix("https+++"))
            && !host.contains(['+', '^'])
            && sites.of_host(host).is_some()
        {
            told.hosts.push(host.to_ascii_lowercase());
        }
    }
    told
}

/// `user_pref("permissions.default.camera", 2);`
fn preference(line: &str) -> Option<(About, Decision)> {
    let (name, value) = line
        .trim()
        .strip_prefix("user_pref(\"")?
        .strip_suffix(");")?
        .split_once("\",")?;
    let value: i64 = value.trim().parse().ok()?;
    if name == "network.cookie.cookieBehavior" {
        let decision = if value == 2 {
            Decision::Deny
        } else {
            Decision::Allow
        };
        return Some((About::Cookies, decision));
    }
    let kind_of = name.strip_prefix("permissions.default.")?;
    let about = About::ALL
        .into_iter()
        .find(|about| *about != About::Cookies && kind(*about) == kind_of)?;
    let decision = match value {
        1 => Decision::Allow,
        2 => Decision::Deny,
        _ => Decision::Ask,
    };
    Some((about, decision))
}

/// Changes the rules of one site about one thing, all of them or none.
///
/// # Errors
/// As [`RuleError`] tells; then nothing was changed.
pub(super) async fn change(
    profile: &Profile,
    closed: &Closed,
    sites: &Sites,
    (site, about): (&Site, About),
    change: &Change,
    now: Timestamp,
) -> Result<RulesBefore, RuleError> {
    let path = profile.path.join(FILE);
    match std::fs::metadata(&path) {
        Ok(found) if found.len() > 0 && !whole_pages(&path, found.len()) => {
            return Err(RuleError::damaged(FILE));
        }
        Ok(found) if found.len() > 0 || crate::copy::has_log(&path) => {}
        Ok(_) => return Err(never_used(profile)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(never_used(profile)),
        Err(error) => return Err(RuleError::io(FILE, error)),
    }
    let mut connection = writable::open(&path, closed).await?;
    let told = around(profile, sites);
    let outcome = within(&mut connection, told, sites, (site, about), change, now).await;
    let ended = connection.close().await;
    let before = outcome?;
    ended.map_err(|error| RuleError::sql(FILE, error))?;
    Ok(before)
}

/// Whether the file ends with a page. SQLite would fill up a page that is cut off, and find nothing wrong with it.
fn whole_pages(path: &Path, length: u64) -> bool {
    let mut header = [0; 18];
    let read =
        std::fs::File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut header));
    let [.., high, low] = header;
    // The file format, §1.3.2: 1 stands for 65536.
    let size = match u16::from_be_bytes([high, low]) {
        1 => 65_536,
        size => u64::from(size),
    };
    read.is_ok() && size > 0 && length.is_multiple_of(size)
}

fn never_used(profile: &Profile) -> RuleError {
    RuleError::NeverUsed {
        browser: profile.browser.name(),
        file: FILE,
    }
}

async fn within(
    connection: &mut SqliteConnection,
    mut told: Told,
    sites: &Sites,
    (site, about): (&Site, About),
    change: &Change,
    now: Timestamp,
) -> Result<RulesBefore, RuleError> {
    let wrong = |error| RuleError::sql(FILE, error);
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(wrong)?;
    // Writing into a damaged database would damage it further.
    let whole: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_all(&mut *transaction)
        .await
        .map_err(wrong)?;
    if whole != ["ok"] {
        return Err(RuleError::damaged(FILE));
    }
    let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info('moz_perms')")
        .fetch_all(&mut *transaction)
        .await
        .map_err(wrong)?;
    if !COLUMNS
        .iter()
        .all(|column| columns.iter().any(|there| there == column))
    {
        return Err(RuleError::foreign(FILE));
    }
    let version: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut *transaction)
        .await
        .map_err(wrong)?;
    if version > KNOWN {
        return Err(RuleError::newer(FILE));
    }
    let rows = sqlx::query(ROWS)
        .fetch_all(&mut *transaction)
        .await
        .map_err(wrong)?;
    let written: Result<Vec<_>, _> = rows.iter().map(|row| one(row, sites, now)).collect();
    told.learn(written.map_err(wrong)?.into_iter().flatten().collect());
    let before = RulesBefore {
        site: site.domain.clone(),
        about,
        entries: told
            .of(&site.domain, about)
            .map(|written| written.entry.clone())
            .collect(),
        depth: 0,
    };
    let edit = Edit::plan(change, &told, Family::Firefox, site, about);
    for entry in &edit.remove {
        if let Entry::Row { id, .. } = entry {
            let delete = sqlx::query("DELETE FROM moz_perms WHERE id = ?").bind(id);
            delete.execute(&mut *transaction).await.map_err(wrong)?;
        }
    }
    for (covers, decision) in &edit.add {
        let (Covers::Address(origin) | Covers::AddressAndBelow(origin)) = covers else {
            continue;
        };
        let insert = sqlx::query(
            "INSERT INTO moz_perms (origin, type, permission, expireType, expireTime, modificationTime) \
             VALUES (?, ?, ?, 0, 0, ?)",
        );
        let insert = insert.bind(origin).bind(kind(about)).bind(number(*decision));
        let insert = insert.bind(now.as_millisecond());
        insert.execute(&mut *transaction).await.map_err(wrong)?;
    }
    for entry in &edit.put_back {
        if let Entry::Row {
            id,
            origin,
            permission,
            expire_type,
            expire_time,
            modified,
        } = entry
        {
            // Its number, unless another rule got it meanwhile.
            let insert = sqlx::query(
                "INSERT INTO moz_perms (id, origin, type, permission, expireType, expireTime, modificationTime) \
                 VALUES ((SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM moz_perms WHERE id = ?1)), ?2, ?3, ?4, ?5, ?6, ?7)",
            );
            let insert = insert.bind(id).bind(origin).bind(kind(about)).bind(permission);
            let insert = insert.bind(expire_type).bind(expire_time).bind(modified);
            insert.execute(&mut *transaction).await.map_err(wrong)?;
        }
    }
    match edit.is_empty() {
        true => transaction.rollback().await.map_err(wrong)?,
        false => transaction.commit().await.map_err(wrong)?,
    }
    Ok(before)
}

fn number(decision: Decision) -> i64 {
    match decision {
        Decision::Allow => 1,
        Decision::Deny => 2,
        Decision::Ask => 3,
        Decision::UntilClosed => 8,
    }
}
