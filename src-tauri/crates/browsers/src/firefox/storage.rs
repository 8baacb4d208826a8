//! `storage/…`, and the lists Firefox keeps of it.
//!
//! `storage/default/https+++host[+port][^attributes]/` holds an origin's `ls/data.sqlite` (local storage), `idb`,
//! `cache` and `fs`. `serviceworker.txt`, `storage.sqlite` and `webappsstore.sqlite` name origins too.

use std::path::{Path, PathBuf};

use settings_privacy_core::storage::{Item, Kind, Place};

use super::attributes::partition;
use crate::browsers::blocking;
use crate::copy::file_name;
use crate::error::ReadError;
use crate::look::{Look, Origin, measure, sql_names};
use crate::sqlite::Database;

pub(super) async fn see(look: &mut Look<'_>) {
    for kept in ["default", "permanent", "temporary"] {
        origins(look, &look.path("storage").join(kept)).await;
    }
    let workers = service_workers(look).await;
    look.told(workers, &[Kind::ServiceWorker]);
    let rows = quota(look).await;
    look.told(rows, &[Kind::Quota]);
    let older = older_local_storage(look).await;
    look.told(older, &[Kind::LocalStorage]);
}

/// The folder's name, back into an origin: `https+++im.dingtalk.com+8443^partitionKey=…`.
fn origin(folder: &str) -> Option<Origin> {
    let at = folder.find('^').unwrap_or(folder.len());
    let (origin, attributes) = folder.split_at(at);
    let (scheme, rest) = origin.split_once("+++")?;
    let (host, port) = match rest.split_once('+') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (rest, None),
    };
    Origin::new(scheme, host, port, partition(attributes))
}

async fn origins(look: &mut Look<'_>, folder: &Path) {
    const HIDES: [Kind; 4] = [
        Kind::LocalStorage,
        Kind::IndexedDb,
        Kind::CacheStorage,
        Kind::FileSystem,
    ];
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
        Err(error) => return look.problem(&ReadError::io(&file_name(folder), error), &HIDES),
    };
    for entry in entries.flatten() {
        let Some(origin) = entry.file_name().to_str().and_then(origin) else {
            continue;
        };
        if origin.is_ours(look.sites) {
            one_origin(look, &origin, &entry.path()).await;
        }
    }
}

async fn one_origin(look: &mut Look<'_>, origin: &Origin, folder: &Path) {
    for (name, kind) in [
        ("ls", Kind::LocalStorage),
        ("idb", Kind::IndexedDb),
        ("cache", Kind::CacheStorage),
        ("fs", Kind::FileSystem),
    ] {
        let path = folder.join(name);
        if !path.is_dir() {
            continue;
        }
        let measured = path.clone();
        let (files, size) = blocking(move || measure(&measured)).await;
        let item = match name {
            "ls" => Item::LocalStorage {
                entries: count(look, &path.join("data.sqlite"), "data", kind).await,
            },
            "idb" => Item::IndexedDb {
                databases: databases(&path),
            },
            // Namespace 1 is the browser's own: the scripts of service workers.
            "cache" => Item::CacheStorage {
                caches: count(
                    look,
                    &path.join("caches.sqlite"),
                    "storage WHERE namespace = 0",
                    kind,
                )
                .await,
            },
            _ => Item::FileSystem { files: Some(files) },
        };
        look.kept(origin, item, Some(size), Place::Whole(path));
    }
}

fn databases(folder: &Path) -> Option<u64> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let is_database = |path: PathBuf| path.extension().is_some_and(|end| end == "sqlite");
    Some(entries.filter(|entry| is_database(entry.path())).count() as u64)
}

/// How many rows a table has; what keeps that from being counted is a problem, not the end.
async fn count(look: &mut Look<'_>, path: &Path, table: &'static str, kind: Kind) -> Option<u64> {
    let outcome = count_rows(look, path, table).await;
    look.told(outcome, &[kind])
}

async fn count_rows(look: &Look<'_>, path: &Path, table: &str) -> Result<Option<u64>, ReadError> {
    let Some(mut database) = Database::open(path, look.running, look.scratch).await? else {
        return Ok(None);
    };
    let counted = database.rows(format!("SELECT count(*) FROM {table}")).await;
    let counted = counted.and_then(|rows| rows.first().map(|row| database.get::<i64>(row, 0)).transpose());
    database.close().await;
    Ok(counted?.map(i64::unsigned_abs))
}

/// `serviceworker.txt`: a version, then records of lines, each closed by `#`. The first line of a record is the
/// origin's attributes, the second the scope's address.
async fn service_workers(look: &mut Look<'_>) -> Result<Option<()>, ReadError> {
    let path = look.path("serviceworker.txt");
    let text = match tokio::fs::read(&path).await {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ReadError::io(&file_name(&path), error)),
    };
    let mut found: std::collections::BTreeMap<Origin, u64> = Default::default();
    let (_version, records) = text.split_once('\n').unwrap_or_default();
    for record in records.split("\n#\n") {
        let mut lines = record.lines();
        let (Some(attributes), Some(scope)) = (lines.next(), lines.next()) else {
            continue;
        };
        if let Some(origin) = Origin::parse(scope, partition(attributes)) {
            *found.entry(origin).or_default() += 1;
        }
    }
    for (origin, registrations) in found {
        let item = Item::ServiceWorker { registrations };
        look.kept(&origin, item, None, Place::Within(path.clone()));
    }
    Ok(Some(()))
}

/// `storage.sqlite`, table `origin`: Firefox's book-keeping of what each origin uses.
async fn quota(look: &mut Look<'_>) -> Result<Option<()>, ReadError> {
    let path = look.path("storage.sqlite");
    let Some(mut database) = Database::open(&path, look.running, look.scratch).await? else {
        return Ok(None);
    };
    let outcome = quota_rows(look, &mut database, &path).await;
    database.close().await;
    outcome.map(Some)
}

async fn quota_rows(look: &mut Look<'_>, database: &mut Database, path: &Path) -> Result<(), ReadError> {
    let columns = database.columns("origin").await?;
    if columns.is_empty() {
        // Firefox made the file and hasn't filled it.
        return Ok(());
    }
    let sql = format!(
        "SELECT origin, suffix, count(*) FROM origin WHERE {} OR {} GROUP BY origin, suffix",
        sql_names(look.sites, "origin"),
        sql_names(look.sites, "suffix"),
    );
    for row in database.rows(sql).await? {
        let suffix = database.get::<Option<String>>(&row, 1)?.unwrap_or_default();
        let text = database.get::<Option<String>>(&row, 0)?.unwrap_or_default();
        let rows = database.get::<i64>(&row, 2)?.unsigned_abs();
        if let Some(origin) = quota_origin(&text, &suffix) {
            look.kept(
                &origin,
                Item::Quota { rows },
                None,
                Place::Within(path.to_owned()),
            );
        }
    }
    Ok(())
}

/// `webappsstore.sqlite`, table `webappsstore2`: local storage of older versions, still kept beside the newer.
/// The origin stands there backwards: `moc.klatgnid.mi.:https:443`.
async fn older_local_storage(look: &mut Look<'_>) -> Result<Option<()>, ReadError> {
    let path = look.path("webappsstore.sqlite");
    let Some(mut database) = Database::open(&path, look.running, look.scratch).await? else {
        return Ok(None);
    };
    let outcome = older_rows(look, &mut database, &path).await;
    database.close().await;
    outcome.map(Some)
}

async fn older_rows(look: &mut Look<'_>, database: &mut Database, path: &Path) -> Result<(), ReadError> {
    if database.columns("webappsstore2").await?.is_empty() {
        return Ok(());
    }
    let sql = "SELECT originKey, originAttributes, count(*), \
               sum(length(CAST(key AS BLOB)) + length(CAST(value AS BLOB))) \
               FROM webappsstore2 GROUP BY originKey, originAttributes";
    for row in database.rows(sql.to_owned()).await? {
        let key = database.get::<Option<String>>(&row, 0)?.unwrap_or_default();
        let attributes = database.get::<Option<String>>(&row, 1)?.unwrap_or_default();
        let entries = Some(database.get::<i64>(&row, 2)?.unsigned_abs());
        let size = database.get::<Option<i64>>(&row, 3)?.map(i64::unsigned_abs);
        if let Some(origin) = older_origin(&key, &attributes) {
            look.kept(
                &origin,
                Item::LocalStorage { entries },
                size,
                Place::Within(path.to_owned()),
            );
        }
    }
    Ok(())
}

/// The origin of a row of `storage.sqlite`.
pub(crate) fn quota_origin(origin: &str, suffix: &str) -> Option<Origin> {
    // Kept with its attributes in some versions.
    let plain = origin.split('^').next().unwrap_or_default();
    Origin::parse(plain, partition(suffix))
}

/// The origin of a row of `webappsstore.sqlite`.
pub(crate) fn older_origin(key: &str, attributes: &str) -> Option<Origin> {
    let mut parts = key.split(':');
    let (reversed, scheme, port) = (parts.next()?, parts.next()?, parts.next());
    let host: String = reversed.trim_end_matches('.').chars().rev().collect();
    let usual = if scheme == "https" { 443 } else { 80 };
    let port = port
        .and_then(|port| port.parse().ok())
        .filter(|port| *port != usual);
    Origin::new(scheme, &host, port, partition(attributes))
}
