//! Entries of Chromium's LevelDB folders: kept, removed, put back.
//!
//! Deleting in place leaves values and names behind. So a folder is written anew beside, without what goes, read back,
//! and takes the old one's place. What goes is kept as a LevelDB folder of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rusty_leveldb::{DB, Options};

use super::disk;
use super::error::ClearError;
use super::step::Store;
use crate::browsers::blocking;
use crate::copy::file_name;
use crate::leveldb;

/// Everything in a folder, by key.
pub(super) type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

/// Reads a folder. `None` when there is no such folder.
pub(super) async fn read(folder: &Path, scratch: &Path) -> Result<Option<Entries>, ClearError> {
    let each = |entries: &mut Entries, key: &[u8], value: &[u8]| {
        entries.insert(key.to_vec(), value.to_vec());
    };
    Ok(leveldb::read(folder.to_owned(), scratch, Entries::new(), each).await?)
}

/// Writes a new folder, waits for the disk, and reads it back. Nothing else is in it: no lock, no log of events.
pub(super) async fn write(folder: PathBuf, entries: Entries, scratch: &Path) -> Result<(), ClearError> {
    let name = file_name(&folder);
    let to = folder.clone();
    let written = blocking(move || write_now(&to, &entries).map(|()| entries)).await;
    let entries = written.map_err(|error| ClearError::io(&name, error))?;
    match read(&folder, scratch).await? {
        Some(read) if read == entries => Ok(()),
        Some(_) | None => Err(ClearError::Damaged { file: name }),
    }
}

fn write_now(folder: &Path, entries: &Entries) -> std::io::Result<()> {
    disk::private_folder(folder)?;
    let told = |status: rusty_leveldb::Status| std::io::Error::other(status.err);
    let outcome = (|| {
        let mut database = DB::open(folder, Options::default())?;
        for (key, value) in entries {
            database.put(key, value)?;
        }
        database.flush()?;
        database.close()
    })();
    outcome.map_err(|error| full(folder).unwrap_or_else(|| told(error)))?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.ends_with("LOCK") || file_name(&path).starts_with("LOG") {
            fs::remove_file(&path)?;
        } else {
            #[cfg(unix)]
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        }
    }
    disk::sync_tree(folder)?;
    disk::sync_parent(folder)
}

/// The library doesn't say that the disk is full; a small file says it.
fn full(folder: &Path) -> Option<std::io::Error> {
    let probe = folder.join("probe");
    let outcome = disk::private_file(&probe, &[1; 64 << 10]);
    let _ = fs::remove_file(&probe);
    outcome.err()
}

/// Whose the entries are: for each key the storage key (or, for private files, the identifier) of its owner. Entries
/// of nobody's are left out.
pub(super) fn owners(store: Store, entries: &Entries) -> BTreeMap<Vec<u8>, String> {
    match store {
        Store::LocalStorage => by_key(entries, |key| {
            let rest = key
                .strip_prefix(b"META:")
                .or_else(|| key.strip_prefix(b"METAACCESS:"));
            rest.or_else(|| until_zero(key.strip_prefix(b"_")?))
        }),
        Store::FileOrigins => by_key(entries, |key| key.strip_prefix(b"ORIGIN:")),
        Store::SessionStorage => session_owners(entries),
        Store::ServiceWorkers => worker_owners(entries),
    }
}

fn until_zero(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    bytes.get(..end)
}

fn text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

fn by_key(entries: &Entries, owner: impl Fn(&[u8]) -> Option<&[u8]>) -> BTreeMap<Vec<u8>, String> {
    let owned = |key: &Vec<u8>| Some((key.clone(), text(owner(key)?)?));
    entries.keys().filter_map(owned).collect()
}

/// `namespace-<id>-<storage key>` names a map by its number, `map-<number>-<key>` are the map's entries.
fn session_owners(entries: &Entries) -> BTreeMap<Vec<u8>, String> {
    let mut owners = BTreeMap::new();
    let mut maps: BTreeMap<&[u8], String> = BTreeMap::new();
    for (key, map) in entries {
        let rest = key.strip_prefix(b"namespace-").and_then(text);
        if let Some((_, owner)) = rest.as_deref().and_then(|rest| rest.split_once('-'))
            && !owner.is_empty()
        {
            owners.insert(key.clone(), owner.to_owned());
            maps.insert(map, owner.to_owned());
        }
    }
    for key in entries.keys() {
        let number = key
            .strip_prefix(b"map-")
            .and_then(|rest| rest.split(|byte| *byte == b'-').next());
        if let Some(owner) = number.and_then(|number| maps.get(number)) {
            owners.insert(key.clone(), owner.clone());
        }
    }
    owners
}

/// What `REG:<storage key>\0<registration>` says: its version (field 4), whose resources are `RES:<version>\0…`.
fn worker_owners(entries: &Entries) -> BTreeMap<Vec<u8>, String> {
    let mut owners = BTreeMap::new();
    let mut registrations: BTreeMap<String, String> = BTreeMap::new();
    let mut versions: BTreeMap<String, String> = BTreeMap::new();
    for (key, value) in entries {
        if let Some(rest) = key.strip_prefix(b"REG:")
            && let Some(owner) = until_zero(rest).and_then(text)
        {
            if let Some(registration) = text(&rest[owner.len() + 1..]) {
                registrations.insert(registration, owner.clone());
            }
            if let Some(version) = number_field(value, 4) {
                versions.insert(version.to_string(), owner.clone());
            }
            owners.insert(key.clone(), owner);
        } else if let Some(owner) = key.strip_prefix(b"INITDATA_UNIQUE_ORIGIN:").and_then(text) {
            owners.insert(key.clone(), owner);
        }
    }
    for key in entries.keys() {
        let owner = if let Some(rest) = key.strip_prefix(b"RES:") {
            until_zero(rest)
                .and_then(text)
                .and_then(|version| versions.get(&version))
        } else if let Some(rest) = key.strip_prefix(b"REG_USER_DATA:") {
            until_zero(rest)
                .and_then(text)
                .and_then(|id| registrations.get(&id))
        } else if let Some(rest) = key.strip_prefix(b"REG_HAS_USER_DATA:") {
            let id = rest.rsplit(|byte| *byte == 0).next();
            id.and_then(text).and_then(|id| registrations.get(&id))
        } else if let Some(rest) = key.strip_prefix(b"REGID_TO_ORIGIN:") {
            text(rest).and_then(|id| registrations.get(&id))
        } else {
            None
        };
        if let Some(owner) = owner {
            owners.insert(key.clone(), owner.clone());
        }
    }
    owners
}

/// The files of scripts that these owners' `RES:<version>\0<resource>` name, by the number they are kept under.
pub(super) fn scripts<'a>(keys: impl Iterator<Item = &'a Vec<u8>>) -> BTreeSet<String> {
    let resource = |key: &Vec<u8>| text(key.strip_prefix(b"RES:")?.rsplit(|byte| *byte == 0).next()?);
    keys.filter_map(resource).collect()
}

/// A number in a protocol buffer, by its field.
fn number_field(mut bytes: &[u8], wanted: u64) -> Option<u64> {
    loop {
        let tag = leveldb::varint(&mut bytes)?;
        match tag & 7 {
            0 => {
                let value = leveldb::varint(&mut bytes)?;
                if tag >> 3 == wanted {
                    return Some(value);
                }
            }
            1 => bytes = bytes.get(8..)?,
            5 => bytes = bytes.get(4..)?,
            2 => {
                let length = usize::try_from(leveldb::varint(&mut bytes)?).ok()?;
                bytes = bytes.get(length..)?;
            }
            _ => return None,
        }
    }
}

/// What is there, and of the kept what doesn't meet anything of the same owner's or under the same key. With how many
/// entries were added, and how many weren't.
pub(super) fn merged(store: Store, current: Entries, kept: &Entries) -> (Entries, u64, u64) {
    let theirs = owners(store, kept);
    let mut taken: BTreeSet<&String> = theirs
        .iter()
        .filter(|(key, _)| current.contains_key(*key))
        .map(|(_, owner)| owner)
        .collect();
    let now: BTreeSet<String> = owners(store, &current).into_values().collect();
    taken.extend(theirs.values().filter(|owner| now.contains(*owner)));
    let (mut put, mut stayed) = (0, 0);
    let mut merged = current;
    for (key, value) in kept {
        if merged.get(key) == Some(value) {
            // It was never gone, or is back already.
        } else if theirs.get(key).is_some_and(|owner| taken.contains(owner)) || merged.contains_key(key) {
            stayed += 1;
        } else {
            merged.insert(key.clone(), value.clone());
            put += 1;
        }
    }
    (merged, put, stayed)
}
