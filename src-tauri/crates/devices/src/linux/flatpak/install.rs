//! Where Flatpak has the app, and which override files apply to it.
//!
//! `flatpak run` takes the user's installation before the computer's. The computer's overrides hold only for apps
//! of the computer's installations; the user's hold for all (flatpak-override(1)).

use std::path::{Path, PathBuf};

use settings_privacy_core::permission::{Layer, Scope};

use crate::places::Places;

/// An installed app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deployed {
    /// Whose installation.
    pub scope: Scope,
    /// The folder with `metadata` and `files`.
    pub folder: PathBuf,
}

/// Finds the app: the user's installation first.
pub(crate) fn find(places: &Places, app: &str) -> Option<Deployed> {
    let user = places.flatpak_user.iter().map(|dir| (Scope::User, dir));
    let all = user.chain([(Scope::System, &places.flatpak_system)]);
    all.into_iter().find_map(|(scope, installation)| {
        let folder = deployment(&installation.join("app").join(app))?;
        Some(Deployed { scope, folder })
    })
}

/// The current deployment below `app/<id>`; without a current branch, the first that is there.
fn deployment(app: &Path) -> Option<PathBuf> {
    let whole = |folder: &PathBuf| folder.join("metadata").exists();
    let current = app.join("current/active");
    if whole(&current) {
        return Some(current);
    }
    let below = |dir: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        found.sort();
        found
    };
    let branches = below(app).into_iter().flat_map(|arch| below(&arch));
    branches.map(|branch| branch.join("active")).find(whole)
}

/// The override files that hold for an app of that scope, in the order in which Flatpak merges them.
pub(crate) fn overrides(places: &Places, scope: Scope, app: &str) -> Vec<(Layer, PathBuf)> {
    let system = places.flatpak_system.join("overrides");
    let mut files = match scope {
        Scope::System => vec![
            (Layer::SystemGlobal, system.join("global")),
            (Layer::SystemApp, system.join(app)),
        ],
        Scope::User => Vec::new(),
    };
    if let Some(user) = &places.flatpak_user {
        let user = user.join("overrides");
        files.push((Layer::UserGlobal, user.join("global")));
        files.push((Layer::UserApp, user.join(app)));
    }
    files
}

/// The version that the app's own description names first, which is its newest.
pub(crate) fn version(folder: &Path, app: &str) -> Option<String> {
    let names = [
        format!("files/share/metainfo/{app}.metainfo.xml"),
        format!("files/share/metainfo/{app}.appdata.xml"),
        format!("files/share/appdata/{app}.appdata.xml"),
    ];
    let text = names
        .iter()
        .find_map(|name| std::fs::read_to_string(folder.join(name)).ok())?;
    first_release(&text)
}

fn first_release(text: &str) -> Option<String> {
    let (_, releases) = text.split_once("<releases")?;
    let (_, release) = releases.split_once("<release ")?;
    let (attributes, _) = release.split_once('>')?;
    let (_, value) = attributes.split_once("version=")?;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (version, _) = value[1..].split_once(quote)?;
    Some(version.to_owned()).filter(|version| !version.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_first_release_of_the_description() {
        let text = "<component><releases>\n<release date='2026-01-02' version='8.1.0'/>\n<release version=\"8.0.0\"/>";
        assert_eq!(first_release(text), Some("8.1.0".to_owned()));
        assert_eq!(first_release("<component version='1'/>"), None);
    }
}
