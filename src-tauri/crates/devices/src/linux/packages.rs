//! Whether DingTalk is installed as a plain program, outside a sandbox: by dpkg, by rpm, or just as a folder.
//!
//! Only looked at, never changed.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use settings_privacy_core::permission::{AppFacts, PackageKind};

use super::blocking;
use crate::places::Places;

/// How long `rpm` may take.
const LIMIT: Duration = Duration::from_secs(2);

/// Where rpm keeps its list: today's folder and the older one.
const RPM_LISTS: [&str; 2] = ["usr/lib/sysimage/rpm", "var/lib/rpm"];

/// The plain program: what kind, and its package's name or its folder.
pub(super) async fn find(places: &Places, app: &AppFacts) -> Option<(PackageKind, String)> {
    let (dpkg, packages) = (places.dpkg.clone(), app.packages.clone());
    let deb = blocking(move || packages.into_iter().find(|package| dpkg_has(&dpkg, package))).await;
    if let Some(package) = deb {
        return Some((PackageKind::Deb, package));
    }
    for package in &app.packages {
        if rpm_has(places, package).await {
            return Some((PackageKind::Rpm, package.clone()));
        }
    }
    let (root, folders) = (places.root.clone(), app.directories.clone());
    let folder = blocking(move || folders.into_iter().find(|folder| holds_files(&root, folder))).await;
    folder.map(|folder| (PackageKind::Folder, folder))
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

/// Asks `rpm`, where there is one and it has a list.
async fn rpm_has(places: &Places, package: &str) -> bool {
    let program = places.programs.iter().map(|folder| folder.join("rpm"));
    let Some(rpm) = program.into_iter().find(|rpm| rpm.is_file()) else {
        return false;
    };
    if !RPM_LISTS.iter().any(|list| places.root.join(list).is_dir()) {
        return false;
    }
    let asked = tokio::process::Command::new(rpm)
        .args(["--query", "--quiet", "--", package])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status();
    matches!(tokio::time::timeout(LIMIT, asked).await, Ok(Ok(status)) if status.success())
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
