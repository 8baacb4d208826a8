//! Local storage, session storage, service workers and the list of private files: four LevelDB folders.

use std::collections::BTreeMap;

use settings_privacy_core::storage::{Item, Kind, Place};

use super::key::{identifier, storage_key};
use crate::error::ReadError;
use crate::leveldb::{self, Next, varint};
use crate::look::{Look, measure};

pub(super) async fn see(look: &mut Look<'_>) {
    let seen = local_storage(look).await;
    look.told(seen, &[Kind::LocalStorage]);
    let seen = session_storage(look).await;
    look.told(seen, &[Kind::SessionStorage]);
    let seen = service_workers(look).await;
    look.told(seen, &[Kind::ServiceWorker]);
    let seen = private_files(look).await;
    look.told(seen, &[Kind::FileSystem]);
}

/// What is kept for one storage key.
#[derive(Debug, Default, Clone, Copy)]
struct Kept {
    entries: u64,
    bytes: u64,
    /// What Chromium says it is, for comparison: damaged records go missing in silence.
    told: Option<u64>,
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// `Local Storage/leveldb`: `META:<storage key>` (a protocol buffer, field 2 the size), and `_<storage key>\0<key>`.
async fn local_storage(look: &mut Look<'_>) -> Result<Option<()>, ReadError> {
    let path = look.path("Local Storage/leveldb");
    let sites = look.sites.clone();
    let is_ours = move |owner: &str| storage_key(owner).is_some_and(|origin| origin.is_ours(&sites));
    let each = move |kept: &mut BTreeMap<String, Kept>, key: &[u8], value: &[u8]| {
        if let Some(owner) = key.strip_prefix(b"META:").and_then(text) {
            if is_ours(owner) {
                kept.entry(owner.to_owned()).or_default().told = size_in_meta(value);
            }
            return Next::Entry;
        }
        let Some(rest) = key.strip_prefix(b"_") else {
            return Next::Entry;
        };
        let mut parts = rest.splitn(2, |byte| *byte == 0);
        let (Some(owner), Some(name)) = (parts.next(), parts.next()) else {
            return Next::Entry;
        };
        match text(owner).filter(|owner| is_ours(owner)) {
            Some(owner) => {
                let kept = kept.entry(owner.to_owned()).or_default();
                kept.entries += 1;
                kept.bytes += (name.len() + value.len()) as u64;
                Next::Entry
            }
            // Past all that this origin keeps.
            None => Next::Key([b"_", owner, &[1]].concat()),
        }
    };
    let Some(kept) = leveldb::walk(path.clone(), BTreeMap::new(), each).await? else {
        return Ok(None);
    };
    let mut missing = false;
    for (owner, kept) in kept {
        let Some(origin) = storage_key(&owner).filter(|origin| origin.is_ours(look.sites)) else {
            continue;
        };
        missing |= kept.told.is_some_and(|told| kept.bytes < told);
        let item = Item::LocalStorage {
            entries: Some(kept.entries),
        };
        look.kept(&origin, item, Some(kept.bytes), Place::Within(path.clone()));
    }
    match missing {
        true => Err(ReadError::Damaged {
            file: "Local Storage/leveldb".to_owned(),
        }),
        false => Ok(Some(())),
    }
}

/// Field 2 of a protocol buffer of plain numbers.
fn size_in_meta(mut bytes: &[u8]) -> Option<u64> {
    loop {
        let tag = varint(&mut bytes)?;
        if tag & 7 != 0 {
            return None;
        }
        let value = varint(&mut bytes)?;
        if tag >> 3 == 2 {
            return Some(value);
        }
    }
}

/// `Session Storage`: `namespace-<id>-<storage key>` names a map, `map-<number>-<key>` are its entries.
async fn session_storage(look: &mut Look<'_>) -> Result<Option<()>, ReadError> {
    #[derive(Default)]
    struct Maps {
        owners: BTreeMap<String, String>,
        kept: BTreeMap<String, Kept>,
    }
    let path = look.path("Session Storage");
    let each = |maps: &mut Maps, key: &[u8], value: &[u8]| {
        if let Some(rest) = key.strip_prefix(b"namespace-").and_then(text) {
            // The identifier has 36 letters, with underscores; the storage key follows a dash.
            if let (Some((_, owner)), Some(map)) = (rest.split_once('-'), text(value)) {
                maps.owners.insert(map.to_owned(), owner.to_owned());
            }
        } else if let Some(rest) = key.strip_prefix(b"map-") {
            let dash = rest.iter().position(|byte| *byte == b'-');
            if let Some((map, name)) = dash.and_then(|dash| rest.split_at_checked(dash))
                && let Some(map) = text(map)
            {
                let kept = maps.kept.entry(map.to_owned()).or_default();
                kept.entries += 1;
                kept.bytes += (name.len() - 1 + value.len()) as u64;
            }
        }
    };
    let Some(maps) = leveldb::read(path.clone(), look.scratch, Maps::default(), each).await? else {
        return Ok(None);
    };
    let mut totals: BTreeMap<String, Kept> = BTreeMap::new();
    for (map, owner) in maps.owners {
        let kept = maps.kept.get(&map).copied().unwrap_or_default();
        let total = totals.entry(owner).or_default();
        total.entries += kept.entries;
        total.bytes += kept.bytes;
    }
    for (owner, kept) in totals {
        if let Some(origin) = storage_key(&owner) {
            let item = Item::SessionStorage {
                entries: kept.entries,
            };
            look.kept(&origin, item, Some(kept.bytes), Place::Within(path.clone()));
        }
    }
    Ok(Some(()))
}

/// `Service Worker/Database`: `REG:<storage key>\0<id>`.
async fn service_workers(look: &mut Look<'_>) -> Result<Option<()>, ReadError> {
    let path = look.path("Service Worker/Database");
    let each = |found: &mut BTreeMap<String, u64>, key: &[u8], _: &[u8]| {
        let owner = key
            .strip_prefix(b"REG:")
            .and_then(|rest| rest.split(|byte| *byte == 0).next());
        if let Some(owner) = owner.and_then(text) {
            *found.entry(owner.to_owned()).or_default() += 1;
        }
    };
    let Some(found) = leveldb::read(path.clone(), look.scratch, BTreeMap::new(), each).await? else {
        return Ok(None);
    };
    for (owner, registrations) in found {
        if let Some(origin) = storage_key(&owner) {
            let item = Item::ServiceWorker { registrations };
            look.kept(&origin, item, None, Place::Within(path.clone()));
        }
    }
    Ok(Some(()))
}

/// `File System/Origins`: `ORIGIN:https_host_port` names the folder beside it.
async fn private_files(look: &mut Look<'_>) -> Result<Option<()>, ReadError> {
    let beside = look.path("File System");
    let each = |found: &mut BTreeMap<String, String>, key: &[u8], value: &[u8]| {
        if let (Some(origin), Some(folder)) = (key.strip_prefix(b"ORIGIN:").and_then(text), text(value)) {
            found.insert(origin.to_owned(), folder.to_owned());
        }
    };
    let origins = beside.join("Origins");
    let Some(found) = leveldb::read(origins, look.scratch, BTreeMap::new(), each).await? else {
        return Ok(None);
    };
    for (name, folder) in found {
        // A number. Anything else could lead out of the profile.
        if folder.is_empty() || !folder.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        if let Some(origin) = identifier(&name).filter(|origin| origin.is_ours(look.sites)) {
            let path = beside.join(folder);
            let (files, bytes) = measure(&path);
            let item = Item::FileSystem { files: Some(files) };
            look.kept(&origin, item, Some(bytes), Place::Whole(path));
        }
    }
    Ok(Some(()))
}
