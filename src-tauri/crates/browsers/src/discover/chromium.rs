//! The Chromium family's profiles: folders below the user data directory, named in `Local State`.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;
use settings_privacy_core::storage::{Family, Problem, Profile};

use super::{Root, unreadable};
use crate::copy::file_name;

/// The profiles below a root: every folder that holds one, listed or not. Opera's older layout, in which the root
/// is itself the profile, counts too.
pub(super) fn profiles(root: &Root) -> (Vec<Profile>, Vec<Problem>) {
    let mut problems = Vec::new();
    let Ok(resolved_root) = root.path.canonicalize() else {
        return (Vec::new(), problems);
    };
    let state = local_state(root).unwrap_or_else(|problem| {
        problems.push(problem);
        Value::Null
    });
    let entries = match std::fs::read_dir(&resolved_root) {
        Ok(entries) => entries,
        Err(error) => {
            problems.push(unreadable(root, &root.path, &error));
            return (Vec::new(), problems);
        }
    };
    let below = entries.flatten().map(|entry| entry.path());
    let mut folders: Vec<PathBuf> = below
        .chain([resolved_root.clone()])
        .filter(|path| is_profile(path))
        .collect();
    folders.sort();
    let last_used = state["profile"]["last_used"].as_str().unwrap_or("Default");
    let mut found: Vec<Profile> = Vec::new();
    for folder in folders {
        let Ok(path) = folder.canonicalize() else { continue };
        let key = file_name(&folder);
        let is_root = path == resolved_root;
        let told = state["profile"]["info_cache"][&key]["name"].as_str();
        let name = match told.filter(|name| !name.is_empty()) {
            Some(name) => name.to_owned(),
            None if is_root => "Default".to_owned(),
            None => key.clone(),
        };
        found.push(Profile {
            family: Family::Chromium,
            browser: root.browser,
            channel: root.channel,
            cache: root
                .cache
                .as_ref()
                .map(|cache| if is_root { cache.clone() } else { cache.join(&key) }),
            root: resolved_root.clone(),
            name,
            default: is_root || key == last_used,
            packaging: root.packaging.clone(),
            path,
        });
    }
    if let [only] = found.as_mut_slice() {
        only.default = true;
    }
    (found, problems)
}

/// `Preferences` is the first file Chromium writes into a profile. `System Profile` and `Guest Profile` keep
/// nothing of the person's.
fn is_profile(folder: &Path) -> bool {
    let name = file_name(folder);
    if ["System Profile", "Guest Profile"].contains(&name.as_str()) {
        return false;
    }
    ["Preferences", "Cookies", "Network/Cookies"]
        .iter()
        .any(|file| folder.join(file).is_file())
}

fn local_state(root: &Root) -> Result<Value, Problem> {
    let path = root.path.join("Local State");
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| unreadable(root, &path, &error.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Value::Null),
        Err(error) => Err(unreadable(root, &path, &error)),
    }
}
