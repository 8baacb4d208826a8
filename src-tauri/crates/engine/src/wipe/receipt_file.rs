//! Putting the receipt where the person wants it: whole, durable, and never over another file.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::{private, sync_folder};

/// So many files of the same name are tried beside.
const NAMES: u32 = 100;

/// Saves it; gives where. The same receipt once more lies where it lies.
///
/// # Errors
/// When the folder isn't there or can't be written, or the disk is full. Nothing half is left under the name.
pub(crate) fn save(receipt: &str, to: &Path) -> io::Result<PathBuf> {
    let content = format!("{receipt}\n");
    let name = to.file_name().ok_or(ErrorKind::InvalidInput)?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(".part");
    let part = to.with_file_name(hidden);
    for number in 1..=NAMES {
        let path = numbered(to, number);
        if std::fs::read(&path).is_ok_and(|there| there == content.as_bytes()) {
            File::open(&path)?.sync_all()?;
            return Ok(path);
        }
        if std::fs::symlink_metadata(&path).is_ok() {
            continue;
        }
        let written = write(&part, &content).and_then(|()| link(&part, &path));
        // Under its own name it lies by now, or the attempt is over.
        let _ = std::fs::remove_file(&part);
        match written {
            Ok(()) => {
                sync_folder(&path)?;
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

fn write(part: &Path, content: &str) -> io::Result<()> {
    let mut file = private(part)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()
}

/// A second name fails where something has that name already. Some file systems know no second names.
fn link(part: &Path, path: &Path) -> io::Result<()> {
    match std::fs::hard_link(part, path) {
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) => {
            if path.exists() {
                return Err(ErrorKind::AlreadyExists.into());
            }
            std::fs::rename(part, path)
        }
        linked => linked,
    }
}

fn numbered(to: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return to.to_owned();
    }
    let stem = to.file_stem().unwrap_or_default().to_string_lossy();
    let end = to.extension().map(|end| format!(".{}", end.to_string_lossy()));
    to.with_file_name(format!("{stem} ({number}){}", end.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_never_goes_over_another_file_and_is_saved_once() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let to = folder.path().join("receipt.jws");
        std::fs::write(&to, "something else").expect("it is written");
        let second = folder.path().join("receipt (2).jws");
        for _ in 0..2 {
            assert_eq!(save("a.b.c", &to).expect("it is saved"), second);
        }
        assert_eq!(std::fs::read(&to).expect("it is there"), b"something else");
        assert_eq!(std::fs::read(&second).expect("it is there"), b"a.b.c\n");
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("a folder").count(),
            2,
            "nothing half is left"
        );
    }

    #[test]
    fn without_its_folder_it_is_not_saved() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert!(save("a.b.c", &folder.path().join("gone/receipt.jws")).is_err());
    }
}
