//! What has to be removed from this computer, and the file that says so until it is done.
//!
//! The marker lies outside the database, because the database is among what goes. It is on the disk before the first
//! thing is removed, and the next start looks for it before anything else.

mod folder;
mod receipt_file;

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use settings_privacy_core::deletion::{Wipe, decode, encode};

pub(crate) use folder::{Gone, app_folder, is_running, remove_app_folder, remove_folder};
pub(crate) use receipt_file::save as save_receipt;

/// The marker's file.
#[derive(Debug, Clone)]
pub(crate) struct Marker {
    path: PathBuf,
}

impl Marker {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// What is to be done; `None` when there is no marker. One that can't be understood is said, and left alone.
    pub(crate) fn read(&self) -> io::Result<Option<Wipe>> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => decode(&text).map(Some).map_err(io::Error::other),
            // Where a file stands in the folder's place there is no marker either.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// On return it is on the disk, whole, under its name.
    pub(crate) fn write(&self, wipe: &Wipe) -> io::Result<()> {
        let beside = self.path.with_extension("new");
        let written = (|| {
            let mut file = private(&beside)?;
            file.write_all(encode(wipe).as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&beside, &self.path)
        })();
        if written.is_err() {
            // What is left of it takes room that is needed, and says nothing.
            let _ = std::fs::remove_file(&beside);
        }
        written?;
        sync_folder(&self.path)
    }

    /// Everything is done, and was seen.
    pub(crate) fn remove(&self) -> io::Result<()> {
        match std::fs::remove_file(&self.path) {
            Ok(()) => sync_folder(&self.path),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A file that only its owner reads.
fn private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Names are durable once their folder is. Windows does that by itself.
fn sync_folder(of: &Path) -> io::Result<()> {
    match of.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use settings_privacy_core::deletion::Offers;

    use super::*;

    #[test]
    fn a_marker_is_there_whole_until_it_is_removed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let marker = Marker::at(folder.path().join("ending.json"));
        assert_eq!(marker.read().expect("it can be looked for"), None);
        let wipe = Wipe::plan("a".into(), None, Offers::default());
        marker.write(&wipe).expect("it is written");
        assert_eq!(marker.read().expect("it can be read"), Some(wipe));
        marker.remove().expect("it is removed");
        marker.remove().expect("it is no error if it is gone");
        assert_eq!(marker.read().expect("it can be looked for"), None);
    }

    #[test]
    fn a_marker_that_cannot_be_understood_is_left_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("ending.json");
        std::fs::write(&path, "{\"version\":2}").expect("it is written");
        assert!(Marker::at(path.clone()).read().is_err());
        assert!(path.exists());
    }

    #[test]
    fn where_it_cannot_be_written_the_one_before_stands() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let marker = Marker::at(folder.path().join("ending.json"));
        let wipe = Wipe::plan("a".into(), None, Offers::default());
        marker.write(&wipe).expect("it is written");
        // Also root can't write a file where a folder stands.
        std::fs::create_dir(folder.path().join("ending.new")).expect("a folder");
        assert!(
            marker
                .write(&Wipe {
                    receipt: None,
                    ..wipe.clone()
                })
                .is_err()
        );
        assert_eq!(marker.read().expect("it can be read"), Some(wipe));
    }
}
