//! Firefox's profiles: `profiles.ini` lists them, `installs.ini` says which one each installation starts with.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use settings_privacy_core::storage::{Channel, Family, Problem, Profile};

use super::{Root, unreadable};
use crate::copy::file_name;

type Sections = Vec<(String, BTreeMap<String, String>)>;

/// An INI file as Firefox reads it: sections of `key=value`, comments after `;` or `#`.
fn sections(bytes: &[u8]) -> Sections {
    let text = String::from_utf8_lossy(bytes);
    let mut sections: Sections = Vec::new();
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            sections.push((name.to_owned(), BTreeMap::new()));
        } else if !line.starts_with([';', '#'])
            && let (Some((_, keys)), Some((key, value))) = (sections.last_mut(), line.split_once('='))
        {
            keys.insert(key.trim().to_owned(), value.trim().to_owned());
        }
    }
    sections
}

fn read(path: &Path) -> io::Result<Option<Sections>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(sections(&bytes))),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The profiles below a root. A folder that holds a profile and isn't listed (moved, or left by an older list)
/// counts as well: what lies in it is still on the disk.
pub(super) fn profiles(root: &Root) -> (Vec<Profile>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut list = |name: &str| {
        let path = root.path.join(name);
        read(&path).unwrap_or_else(|error| {
            problems.push(unreadable(root, &path, &error));
            None
        })
    };
    let (profiles, installs) = (list("profiles.ini"), list("installs.ini"));
    let Ok(resolved_root) = root.path.canonicalize() else {
        return (Vec::new(), problems);
    };
    let profiles = profiles.unwrap_or_default();
    // Since Firefox 67 every installation has its own; the mark in the list is for older ones.
    let chosen: BTreeSet<PathBuf> = profiles
        .iter()
        .filter(|(section, _)| section.starts_with("Install"))
        .chain(installs.iter().flatten())
        .filter_map(|(_, keys)| keys.get("Default"))
        .filter_map(|path| resolve(&root.path, path))
        .collect();
    let mut found: Vec<Profile> = Vec::new();
    let mut add = |path: PathBuf, name: Option<&str>, default: bool| {
        if found.iter().any(|known| known.path == path) {
            return;
        }
        let folder = file_name(&path);
        let own_name = folder.split_once('.').map_or(folder.as_str(), |(_, name)| name);
        let name = name.unwrap_or(own_name).to_owned();
        found.push(Profile {
            family: Family::Firefox,
            browser: root.browser,
            channel: channel(&folder),
            // The cache goes by the folder's name, for profiles below the root only.
            cache: root
                .cache
                .as_ref()
                .filter(|_| path.starts_with(&resolved_root))
                .map(|cache| cache.join(&folder)),
            root: resolved_root.clone(),
            name,
            default,
            packaging: root.packaging.clone(),
            path,
        });
    };
    for (_, keys) in profiles
        .iter()
        .filter(|(section, _)| section.starts_with("Profile"))
    {
        let Some(path) = keys.get("Path").and_then(|path| resolve(&root.path, path)) else {
            // Listed and not there: removed, or on a disk that isn't mounted. There is nothing to see.
            continue;
        };
        let marked = chosen.is_empty() && keys.get("Default").is_some_and(|mark| mark == "1");
        let default = chosen.contains(&path) || marked;
        add(path, keys.get("Name").map(String::as_str), default);
    }
    for path in &chosen {
        add(path.clone(), None, true);
    }
    for folder in [root.path.clone(), root.path.join("Profiles")] {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut unlisted: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| is_profile(path))
            .filter_map(|path| path.canonicalize().ok())
            .collect();
        unlisted.sort();
        for path in unlisted {
            add(path, None, false);
        }
    }
    (found, problems)
}

fn is_profile(folder: &Path) -> bool {
    ["cookies.sqlite", "storage.sqlite", "prefs.js", "places.sqlite"]
        .iter()
        .any(|name| folder.join(name).is_file())
}

/// A listed path: absolute, or relative to the root whatever `IsRelative` says. `None` when nothing is there.
fn resolve(root: &Path, path: &str) -> Option<PathBuf> {
    let path = root.join(path).canonicalize().ok()?;
    path.is_dir().then_some(path)
}

/// Firefox names a fresh profile's folder after its channel.
fn channel(folder: &str) -> Channel {
    match folder.split_once('.').map(|(_, name)| name) {
        Some("default-release") => Channel::Stable,
        Some("default-esr") => Channel::Esr,
        Some("default-beta") => Channel::Beta,
        Some("dev-edition-default") => Channel::Dev,
        Some("default-nightly") => Channel::Nightly,
        Some(_) | None => Channel::Unsaid,
    }
}
