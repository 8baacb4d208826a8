//! The front end: installed when its lock file changed, built when its sources changed.
//!
//! The app embeds `ui/dist`, and rewriting identical files there would make cargo compile and link the app again; so
//! a build that would change nothing is left out. The stamps lie in `node_modules`, and go with it.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::failure::{Failure, Outcome, file};
use crate::paths;

/// The oldest Node that the build tools accept.
const NODE: (u32, u32) = (20, 19);

/// Installs what `package-lock.json` names, unless that is what is installed.
pub fn install() -> Outcome {
    node()?;
    let ui = paths::ui();
    let stamp = Stamp::new(
        "installed",
        fingerprint(&[ui.join("package.json"), ui.join("package-lock.json")])?,
    );
    if stamp.holds() {
        return Ok(());
    }
    println!("Installing the front end's packages.");
    command::run(command::npm(&ui).args(["ci", "--no-audit", "--no-fund"]))?;
    stamp.set()
}

/// Installs and builds the front end, where either is out of date.
pub fn build() -> Outcome {
    install()?;
    let ui = paths::ui();
    let stamp = Stamp::new("built", fingerprint(&[ui.clone(), paths::root().join("icons")])?);
    if stamp.holds() && ui.join("dist/index.html").is_file() {
        return Ok(());
    }
    println!("Building the front end.");
    command::run(command::npm(&ui).args(["run", "build"]))?;
    stamp.set()
}

/// Type-checks the front end and runs its tests.
pub fn check() -> Outcome {
    let ui = paths::ui();
    command::run(command::npm(&ui).args(["run", "check"]))?;
    command::run(command::npm(&ui).arg("test"))
}

/// Refuses a Node that is missing or too old, before npm does so in its own words.
fn node() -> Outcome {
    let (major, minor) = NODE;
    let wanted = format!("Node {major}.{minor} or later is needed (https://nodejs.org)");
    if !command::on_path("node") {
        return Err(Failure::Needed(format!("{wanted}, and there is none.")));
    }
    let said = command::output(Command::new("node").arg("--version"))?;
    match version(&said) {
        Some(found) if found >= NODE => Ok(()),
        Some(_) | None => Err(Failure::Needed(format!("{wanted}, and this is {}.", said.trim()))),
    }
}

/// Major and minor of `v20.19.4`.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.trim().strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// A remembered fingerprint: what was there when a step was last done.
struct Stamp {
    path: PathBuf,
    value: String,
}

impl Stamp {
    fn new(step: &str, value: u64) -> Self {
        Self {
            path: paths::ui().join("node_modules/.settings-privacy").join(step),
            value: format!("{value:016x}\n"),
        }
    }

    fn holds(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|found| found == self.value)
    }

    fn set(&self) -> Outcome {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(file("make the folder for stamps", folder))?;
        }
        fs::write(&self.path, &self.value).map_err(file("write the stamp", &self.path))
    }
}

/// One number for the names and contents of files and folders, without what is built or installed.
fn fingerprint(places: &[PathBuf]) -> Outcome<u64> {
    let mut hasher = DefaultHasher::new();
    for place in places {
        add(place, &mut hasher)?;
    }
    Ok(hasher.finish())
}

fn add(place: &Path, hasher: &mut DefaultHasher) -> Outcome {
    if place.is_dir() {
        let entries = fs::read_dir(place).map_err(file("list the folder", place))?;
        let mut inside = Vec::new();
        for entry in entries {
            inside.push(entry.map_err(file("list the folder", place))?.path());
        }
        inside.sort();
        for path in inside
            .iter()
            .filter(|path| !path.ends_with("node_modules") && !path.ends_with("dist"))
        {
            add(path, hasher)?;
        }
        return Ok(());
    }
    place.hash(hasher);
    fs::read(place).map_err(file("read", place))?.hash(hasher);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{NODE, fingerprint, version};

    #[test]
    fn a_node_version_is_compared_by_number() {
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert!(version("v20.9.0") < Some(NODE), "9 comes before 19");
        assert!(version("v22.1.0") > Some(NODE));
        assert_eq!(version("command not found"), None);
    }

    #[test]
    fn a_fingerprint_changes_with_a_source_and_not_with_what_is_built() {
        let folder = std::env::temp_dir().join(format!("xtask-fingerprint-{}", std::process::id()));
        let of = || fingerprint(std::slice::from_ref(&folder)).expect("the folder is readable");
        fs::create_dir_all(folder.join("dist")).expect("a folder can be made");
        fs::write(folder.join("a.ts"), "1").expect("a file can be written");
        let first = of();

        fs::write(folder.join("dist/a.js"), "1").expect("a file can be written");
        assert_eq!(of(), first, "built");
        fs::write(folder.join("a.ts"), "2").expect("a file can be written");
        assert_ne!(of(), first, "edited");

        fs::remove_dir_all(&folder).expect("our own folder can be removed");
    }
}
