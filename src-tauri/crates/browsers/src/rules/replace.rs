//! Replacing a file of a browser's whole: at every moment it is the old one or the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::error::RuleError;
use crate::closed::Closed;
use crate::copy::{beside, file_name};

/// Writes `new` beside the file, to the disk, and puts it in the file's place, unless the file isn't `old` any longer
/// or a browser was started. What an earlier try left behind is overwritten.
///
/// # Errors
/// As [`RuleError`] tells; then the file is as it was.
pub(super) fn replace(path: &Path, old: &[u8], new: &[u8], closed: &Closed) -> Result<(), RuleError> {
    let name = file_name(path);
    let beside = beside(path, ".settings-privacy");
    let outcome = write(path, &beside, new)
        .map_err(|error| RuleError::io(&name, error))
        .and_then(|()| {
            let there = fs::read(path).map_err(|error| RuleError::io(&name, error))?;
            if there != old {
                return Err(RuleError::ChangedMeanwhile { file: name.clone() });
            }
            closed.still()?;
            fs::rename(&beside, path).map_err(|error| RuleError::io(&name, error))
        });
    if outcome.is_err() {
        // Nothing more can be done about a copy that can't be removed; it is overwritten next time.
        let _ = fs::remove_file(&beside);
        return outcome;
    }
    // The change stands, whether or not the folder's own entry has reached the disk.
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
    Ok(())
}

fn write(path: &Path, beside: &Path, new: &[u8]) -> io::Result<()> {
    match fs::remove_file(beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(beside)?;
    file.write_all(new)?;
    file.set_permissions(fs::metadata(path)?.permissions())?;
    file.sync_all()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use settings_privacy_core::storage::{Browser, Channel, Family, Packaging, Profile};

    use super::*;
    use crate::Places;
    use crate::closed::closed;

    struct Computer {
        root: tempfile::TempDir,
        places: Places,
        profile: Profile,
    }

    fn computer() -> Computer {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("chromium/Default");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("Preferences"), "old").unwrap();
        fs::set_permissions(folder.join("Preferences"), fs::Permissions::from_mode(0o640)).unwrap();
        Computer {
            places: Places::under(root.path()),
            profile: Profile {
                family: Family::Chromium,
                browser: Browser::Chromium,
                channel: Channel::Unsaid,
                root: root.path().join("chromium"),
                path: folder,
                cache: None,
                name: "mine".to_owned(),
                default: true,
                packaging: Packaging::Plain,
            },
            root,
        }
    }

    fn there(computer: &Computer) -> (String, usize) {
        let text = fs::read_to_string(computer.profile.path.join("Preferences")).unwrap();
        (text, fs::read_dir(&computer.profile.path).unwrap().count())
    }

    #[test]
    fn the_new_file_takes_the_old_ones_place_and_mode() {
        let computer = computer();
        let path = computer.profile.path.join("Preferences");
        // A try that was killed.
        fs::write(computer.profile.path.join("Preferences.settings-privacy"), "half").unwrap();
        let guard = closed(&computer.places, &computer.profile).unwrap();
        replace(&path, b"old", b"new", &guard).unwrap();
        assert_eq!(there(&computer), ("new".to_owned(), 1));
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_browser_that_starts_in_between_keeps_the_file_as_it_was() {
        let computer = computer();
        let guard = closed(&computer.places, &computer.profile).unwrap();
        let host = computer.places.host_name.clone().unwrap();
        let lock = computer.root.path().join("chromium/SingletonLock");
        symlink(format!("{host}-{}", std::process::id()), lock).unwrap();
        let path = computer.profile.path.join("Preferences");
        let error = replace(&path, b"old", b"new", &guard).unwrap_err();
        assert_eq!(error.code(), "browser-open");
        assert_eq!(there(&computer), ("old".to_owned(), 1));
    }

    #[test]
    fn what_another_program_wrote_meanwhile_stays() {
        let computer = computer();
        let guard = closed(&computer.places, &computer.profile).unwrap();
        let path = computer.profile.path.join("Preferences");
        fs::write(&path, "another's").unwrap();
        let error = replace(&path, b"old", b"new", &guard).unwrap_err();
        assert_eq!(error.code(), "changing");
        assert_eq!(there(&computer), ("another's".to_owned(), 1));
    }
}
