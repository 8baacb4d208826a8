//! Whether DingTalk is installed as a plain program, outside a sandbox: by dpkg, by rpm, or just as a folder.
//!
//! Only looked at, never changed. The packagers' lists are long and `rpm` is slow to start, so what they said is kept
//! until their files are others.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use settings_privacy_core::permission::{AppFacts, PackageKind};

use super::blocking;
use crate::places::Places;

/// How long `rpm` may take.
const LIMIT: Duration = Duration::from_secs(2);

/// Where rpm keeps its list: today's folder and the older one.
const RPM_LISTS: [&str; 2] = ["usr/lib/sysimage/rpm", "var/lib/rpm"];

/// A packager, and the package's name; `None` when no list has it.
type Listed = Option<(PackageKind, String)>;

/// What the packagers' lists said, and of which state of them.
#[derive(Debug, Default)]
pub(super) struct Packages {
    said: Mutex<Option<(Vec<Stamp>, Listed)>>,
}

/// Tells one state of a file from another.
type Stamp = (PathBuf, Option<(u64, u64, i64, i64)>);

impl Packages {
    /// The plain program: what kind, and its package's name or its folder.
    pub(super) async fn find(&self, places: &Places, app: &AppFacts) -> Listed {
        let own_places = places.clone();
        let stamps = blocking(move || stamps(&own_places)).await;
        let said = || self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = said()
            .as_ref()
            .filter(|(of, _)| *of == stamps)
            .map(|(_, listed)| listed.clone());
        let listed = match kept {
            Some(listed) => listed,
            None => match listed(places, app).await {
                Some(listed) => {
                    *said() = Some((stamps, listed.clone()));
                    listed
                }
                // Who doesn't answer is asked again.
                None => None,
            },
        };
        if listed.is_some() {
            return listed;
        }
        let (root, folders) = (places.root.clone(), app.directories.clone());
        let folder = blocking(move || folders.into_iter().find(|folder| holds_files(&root, folder))).await;
        folder.map(|folder| (PackageKind::Folder, folder))
    }
}

/// The state of everything that the lists are read from.
fn stamps(places: &Places) -> Vec<Stamp> {
    let rpm = RPM_LISTS.iter().map(|list| places.root.join(list));
    let within = rpm.clone().flat_map(|list| {
        let mut files: Vec<PathBuf> = std::fs::read_dir(list)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        files.sort();
        files
    });
    let dpkg = ["info", "status"].map(|name| places.dpkg.join(name));
    let stamp = |path: PathBuf| {
        let state = std::fs::metadata(&path).ok();
        let state = state.map(|state| (state.ino(), state.len(), state.mtime(), state.mtime_nsec()));
        (path, state)
    };
    dpkg.into_iter().chain(rpm).chain(within).map(stamp).collect()
}

/// Asks the packagers' lists. `None` when one of them didn't answer.
async fn listed(places: &Places, app: &AppFacts) -> Option<Listed> {
    let (dpkg, packages) = (places.dpkg.clone(), app.packages.clone());
    let deb = blocking(move || packages.into_iter().find(|package| dpkg_has(&dpkg, package))).await;
    if let Some(package) = deb {
        return Some(Some((PackageKind::Deb, package)));
    }
    for package in &app.packages {
        if rpm_has(places, package).await? {
            return Some(Some((PackageKind::Rpm, package.clone())));
        }
    }
    Some(None)
}

/// dpkg keeps a list of files also for packages that were removed but not purged, so the state is asked for too.
fn dpkg_has(dpkg: &Path, package: &str) -> bool {
    let prefix = format!("{package}:");
    let info = dpkg.join("info");
    let listed = info.join(format!("{package}.list")).exists()
        || std::fs::read_dir(&info).is_ok_and(|entries| {
            entries.flatten().any(|entry| {
                let name = entry.file_name();
                name.to_str()
                    .is_some_and(|name| name.starts_with(&prefix) && name.ends_with(".list"))
            })
        });
    listed && std::fs::read_to_string(dpkg.join("status")).is_ok_and(|status| installed(&status, package))
}

/// Whether dpkg's status file says that a package is installed.
fn installed(status: &str, package: &str) -> bool {
    status.split("\n\n").any(|paragraph| {
        let field = |name: &str| {
            paragraph
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
        };
        let state = field("Status").unwrap_or_default();
        field("Package") == Some(package) && state.split(' ').next_back() == Some("installed")
    })
}

/// Asks `rpm`, where there is one and it has a list. `None` when it doesn't answer.
async fn rpm_has(places: &Places, package: &str) -> Option<bool> {
    let program = places.programs.iter().map(|folder| folder.join("rpm"));
    let Some(rpm) = program.into_iter().find(|rpm| rpm.is_file()) else {
        return Some(false);
    };
    if !RPM_LISTS.iter().any(|list| places.root.join(list).is_dir()) {
        return Some(false);
    }
    let asked = tokio::process::Command::new(rpm)
        .args(["--query", "--quiet", "--", package])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status();
    let status = tokio::time::timeout(LIMIT, asked).await.ok()?.ok()?;
    Some(status.success())
}

fn holds_files(root: &Path, folder: &str) -> bool {
    let folder = root.join(folder.trim_start_matches('/'));
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_package_is_not_an_installed_one() {
        let status =
            "Package: a\nStatus: deinstall ok config-files\n\nPackage: b\nStatus: install ok installed\n";
        assert!(!installed(status, "a"));
        assert!(installed(status, "b"));
        assert!(!installed(status, "c"));
    }
}
