//! What lies in folders of its own: IndexedDB, Cache Storage, and the buckets of partitioned storage, with the
//! book-keeping in `WebStorage/QuotaManager`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use settings_privacy_core::storage::{Item, Kind, Place};

use super::key::{identifier, storage_key};
use crate::copy::file_name;
use crate::error::ReadError;
use crate::leveldb::varint;
use crate::look::{Look, Origin, measure, sql_names};
use crate::sqlite::Database;

pub(super) async fn see(look: &mut Look<'_>) {
    indexed_db(look);
    caches(look);
    let seen = buckets(look).await;
    look.told(
        seen,
        &[Kind::Quota, Kind::IndexedDb, Kind::CacheStorage, Kind::FileSystem],
    );
}

/// What is in a folder, in order. One that isn't there is empty.
fn entries(look: &mut Look<'_>, folder: &Path, kind: Kind) -> Vec<PathBuf> {
    match std::fs::read_dir(folder) {
        Ok(entries) => {
            let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
            paths.sort();
            paths
        }
        Err(error) => {
            if error.kind() != std::io::ErrorKind::NotFound {
                look.problem(&ReadError::io(&file_name(folder), error), &[kind]);
            }
            Vec::new()
        }
    }
}

/// `IndexedDB/<identifier>.indexeddb.{leveldb,blob}`; newer versions keep SQLite in `<identifier>.indexeddb`.
fn indexed_db(look: &mut Look<'_>) {
    for path in entries(look, &look.path("IndexedDB"), Kind::IndexedDb) {
        let name = file_name(&path);
        let Some((owner, _)) = name.split_once(".indexeddb") else {
            continue;
        };
        if let Some(origin) = identifier(owner).filter(|origin| origin.is_ours(look.sites)) {
            let (_, size) = measure(&path);
            look.kept(
                &origin,
                Item::IndexedDb { databases: None },
                Some(size),
                Place::Whole(path),
            );
        }
    }
}

/// `Service Worker/CacheStorage/<hash>`: the folder's name hides the origin, `index.txt` in it names it.
fn caches(look: &mut Look<'_>) {
    for path in entries(
        look,
        &look.path("Service Worker/CacheStorage"),
        Kind::CacheStorage,
    ) {
        let Ok(index) = std::fs::read(path.join("index.txt")) else {
            continue;
        };
        let Some((owner, count)) = cache_index(&index) else {
            continue;
        };
        if let Some(origin) = owner.filter(|origin| origin.is_ours(look.sites)) {
            let (_, size) = measure(&path);
            let item = Item::CacheStorage { caches: Some(count) };
            look.kept(&origin, item, Some(size), Place::Whole(path));
        }
    }
}

/// The protocol buffer `CacheStorageIndex`: field 1, a cache each; any other text that is a storage key or an
/// origin is the owner.
fn cache_index(mut bytes: &[u8]) -> Option<(Option<Origin>, u64)> {
    let mut owner: Option<Origin> = None;
    let mut caches = 0;
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        match tag & 7 {
            0 => drop(varint(&mut bytes)?),
            1 => bytes = bytes.get(8..)?,
            5 => bytes = bytes.get(4..)?,
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                let (field, rest) = bytes.split_at_checked(length)?;
                bytes = rest;
                if tag >> 3 == 1 {
                    caches += 1;
                } else if let Some(told) = std::str::from_utf8(field).ok().and_then(storage_key) {
                    // The storage key tells more than the origin: the part.
                    if owner.is_none() || !told.partition.raw.is_empty() {
                        owner = Some(told);
                    }
                }
            }
            _ => return None,
        }
    }
    Some((owner, caches))
}

/// `WebStorage/QuotaManager`, table `buckets`; what a partitioned bucket holds lies in `WebStorage/<id>/`.
async fn buckets(look: &mut Look<'_>) -> Result<Option<()>, ReadError> {
    let path = look.path("WebStorage/QuotaManager");
    let Some(mut database) = Database::open(&path, look.running, look.scratch).await? else {
        return Ok(None);
    };
    let outcome = bucket_rows(look, &mut database, &path).await;
    database.close().await;
    outcome.map(Some)
}

async fn bucket_rows(look: &mut Look<'_>, database: &mut Database, path: &Path) -> Result<(), ReadError> {
    let columns = database.columns("buckets").await?;
    if columns.is_empty() {
        return Ok(());
    }
    if !["id", "storage_key"]
        .iter()
        .all(|column| columns.contains(*column))
    {
        let file = database.name().to_owned();
        return Err(ReadError::ForeignSchema { file });
    }
    let sql = format!(
        "SELECT id, storage_key FROM buckets WHERE {}",
        sql_names(look.sites, "storage_key")
    );
    let mut rows: BTreeMap<Origin, Vec<i64>> = BTreeMap::new();
    for row in database.rows(sql).await? {
        let key = database.get::<Option<String>>(&row, 1)?.unwrap_or_default();
        if let Some(origin) = storage_key(&key).filter(|origin| origin.is_ours(look.sites)) {
            rows.entry(origin).or_default().push(database.get(&row, 0)?);
        }
    }
    for (origin, ids) in rows {
        let item = Item::Quota {
            rows: ids.len() as u64,
        };
        look.kept(&origin, item, None, Place::Within(path.to_owned()));
        for id in ids {
            bucket(look, &origin, &look.path("WebStorage").join(id.to_string()));
        }
    }
    Ok(())
}

fn bucket(look: &mut Look<'_>, origin: &Origin, folder: &Path) {
    for (name, kind) in [
        ("IndexedDB", Kind::IndexedDb),
        ("CacheStorage", Kind::CacheStorage),
        ("FileSystem", Kind::FileSystem),
        ("File System", Kind::FileSystem),
    ] {
        let path = folder.join(name);
        let (files, size) = measure(&path);
        if files == 0 {
            continue;
        }
        let item = match kind {
            Kind::IndexedDb => Item::IndexedDb { databases: None },
            Kind::CacheStorage => Item::CacheStorage { caches: None },
            Kind::FileSystem
            | Kind::Cookie
            | Kind::LocalStorage
            | Kind::ServiceWorker
            | Kind::Quota
            | Kind::SessionStorage
            | Kind::Elsewhere(_) => Item::FileSystem { files: Some(files) },
        };
        look.kept(origin, item, Some(size), Place::Whole(path));
    }
}
