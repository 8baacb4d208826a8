//! Removing folders, and nothing else.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What became of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gone {
    /// It is gone, or wasn't there.
    Yes,
    /// It is a link, or lies behind one: what is at its other end may be somebody's else.
    Link,
    /// It isn't a folder.
    NotAFolder,
}

/// Removes a folder with all that is in it. A link is never followed: not the folder itself, nor one within.
pub(crate) fn remove_folder(path: &Path) -> io::Result<Gone> {
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Gone::Yes),
        Err(error) => return Err(error),
        Ok(about) if about.is_symlink() => return Ok(Gone::Link),
        Ok(about) if !about.is_dir() => return Ok(Gone::NotAFolder),
        Ok(_) => {}
    }
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Gone::Yes),
        removed => removed.map(|()| Gone::Yes),
    }
}

/// Where a Flatpak keeps its own data: `~/.var/app/<id>`.
pub(crate) fn app_folder(home: &Path, app: &str) -> PathBuf {
    home.join(".var/app").join(app)
}

/// Removes it. Whoever moved `.var` elsewhere by a link moved it knowingly: nothing is removed through links.
pub(crate) fn remove_app_folder(home: &Path, app: &str) -> io::Result<Gone> {
    let plain = !app.is_empty()
        && app
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    if !plain || app.starts_with('.') {
        return Err(ErrorKind::InvalidInput.into());
    }
    for above in [home.join(".var"), home.join(".var/app")] {
        match std::fs::symlink_metadata(&above) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Gone::Yes),
            Err(error) => return Err(error),
            Ok(about) if about.is_symlink() => return Ok(Gone::Link),
            Ok(_) => {}
        }
    }
    remove_folder(&app_folder(home, app))
}

/// Whether the app runs: Flatpak lists its instances under the runtime folder. A running app would write its folder
/// anew.
pub(crate) fn is_running(runtime: &Path, app: &str) -> bool {
    let Ok(instances) = std::fs::read_dir(runtime.join(".flatpak")) else {
        return false;
    };
    let named = format!("name={app}");
    instances.flatten().any(|instance| {
        let info = std::fs::read_to_string(instance.path().join("info")).unwrap_or_default();
        let process = std::fs::read_to_string(instance.path().join("pid")).unwrap_or_default();
        info.lines().any(|line| line.trim() == named) && lives(process.trim())
    })
}

/// A list of an instance that was killed stays behind.
fn lives(process: &str) -> bool {
    process.parse::<u32>().is_ok() && Path::new("/proc").join(process).exists()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    const APP: &str = "com.example.App";

    #[test]
    fn an_apps_folder_goes_and_what_its_links_lead_to_stays() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let folder = app_folder(home.path(), APP);
        let elsewhere = home.path().join("photographs");
        for folder in [
            &folder.join("data/deep"),
            &elsewhere,
            &app_folder(home.path(), "com.example.Other"),
        ] {
            std::fs::create_dir_all(folder).expect("a folder");
        }
        std::fs::write(elsewhere.join("mine.png"), "mine").expect("it is written");
        symlink(&elsewhere, folder.join("data/link")).expect("a link");
        assert_eq!(
            remove_app_folder(home.path(), APP).expect("it is removed"),
            Gone::Yes
        );
        assert!(!folder.exists() && elsewhere.join("mine.png").exists());
        assert!(app_folder(home.path(), "com.example.Other").exists());
        assert_eq!(
            remove_app_folder(home.path(), APP).expect("it is gone"),
            Gone::Yes
        );
    }

    #[test]
    fn a_folder_that_is_a_link_or_behind_one_is_refused() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let real = home.path().join("disk");
        std::fs::create_dir_all(real.join(APP)).expect("a folder");
        std::fs::create_dir_all(home.path().join(".var/app")).expect("a folder");
        symlink(real.join(APP), app_folder(home.path(), APP)).expect("a link");
        assert_eq!(
            remove_app_folder(home.path(), APP).expect("it is looked at"),
            Gone::Link
        );
        std::fs::remove_dir_all(home.path().join(".var")).expect("it goes");
        std::fs::create_dir(home.path().join(".var")).expect("a folder");
        symlink(&real, home.path().join(".var/app")).expect("a link");
        assert_eq!(
            remove_app_folder(home.path(), APP).expect("it is looked at"),
            Gone::Link
        );
        assert!(real.join(APP).exists());
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_refused() {
        let home = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir_all(home.path().join(".var/app")).expect("a folder");
        for app in ["", ".", "..", "../..", "a/b"] {
            assert!(remove_app_folder(home.path(), app).is_err(), "{app:?}");
        }
    }
}
