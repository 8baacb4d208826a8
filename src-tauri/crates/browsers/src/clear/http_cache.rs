//! Copies of pages and pictures in the HTTP cache. A file is an entry, and both browsers are made to find some missing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use settings_privacy_core::storage::{Family, Profile, Sites};

use super::error::ClearError;
use crate::browsers::blocking;
use crate::copy::file_name;
use crate::{chromium, firefox, mentions};

/// Removes the entries whose address names one of these hosts.
pub(super) async fn remove(
    profile: &Profile,
    hosts: &BTreeSet<String>,
    sites: &Sites,
) -> Result<(), ClearError> {
    if hosts.is_empty() {
        return Ok(());
    }
    let (family, hosts, sites) = (profile.family, hosts.clone(), sites.clone());
    let base = profile.cache.as_ref().unwrap_or(&profile.path);
    let folder = match family {
        Family::Firefox => base.join("cache2/entries"),
        Family::Chromium => base.join("Cache/Cache_Data"),
    };
    let removed = blocking(move || remove_now(family, &folder, &hosts, &sites)).await;
    removed.map_err(|error| ClearError::io("the cache", error))
}

fn remove_now(family: Family, folder: &Path, hosts: &BTreeSet<String>, sites: &Sites) -> io::Result<()> {
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in listed {
        let entry = entry?;
        let path = entry.path();
        let is_entry = match family {
            Family::Firefox => true,
            Family::Chromium => ["_0", "_1", "_s"]
                .iter()
                .any(|end| file_name(&path).ends_with(end)),
        };
        if !is_entry || !entry.file_type()?.is_file() {
            continue;
        }
        let key = match family {
            Family::Firefox => firefox::cache_key(&path),
            Family::Chromium => chromium::cache_key(&path),
        };
        let mut named = BTreeMap::new();
        // What has no address is no entry.
        mentions::count(&key.unwrap_or_default(), sites, &mut named);
        if named.keys().any(|host| hosts.contains(host)) {
            fs::remove_file(&path)?;
        }
    }
    super::disk::sync(folder)
}
