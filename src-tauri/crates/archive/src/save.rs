//! Writing a file where the person wants it: whole or not at all, never over another, never outside the folder.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use settings_privacy_core::archive::{Fault, file_name};
use tempfile::NamedTempFile;

/// How many names are tried when there is a file already: `a.txt`, `a (2).txt` …
const MOST_TRIES: u32 = 1000;

/// A file that is being written, under a name of its own beside where it shall lie. Dropped, it is gone.
pub(crate) struct Fresh(NamedTempFile);

impl Fresh {
    /// In the folder of `to`.
    pub(crate) fn beside(to: &Path) -> Result<Self, Fault> {
        Self::within(to.parent().unwrap_or(Path::new(".")))
    }

    /// In a folder.
    pub(crate) fn within(folder: &Path) -> Result<Self, Fault> {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        tempfile::Builder::new()
            .prefix(".settings-privacy-")
            .tempfile_in(folder)
            .map(Self)
            .map_err(unwritable)
    }

    pub(crate) fn file(&mut self) -> &mut File {
        self.0.as_file_mut()
    }

    /// Makes it safe on the disk, then gives it its name, or the next free one like it. A file, or a link, that has the
    /// name stays as it is.
    pub(crate) fn keep(self, to: &Path) -> Result<PathBuf, Fault> {
        self.0.as_file().sync_all().map_err(unwritable)?;
        let mut fresh = self.0;
        for number in 1..=MOST_TRIES {
            let at = numbered(to, number);
            match fresh.persist_noclobber(&at) {
                Ok(_) => {
                    sync_folder(&at);
                    return Ok(at);
                }
                Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => fresh = failed.file,
                Err(failed) => return Err(unwritable(failed.error)),
            }
        }
        Err(Fault::Unwritable {
            why: "there are too many files of this name".to_owned(),
        })
    }
}

/// Saves what `write` hands over into a folder, under a name made safe. When it fails, nothing remains.
pub(crate) fn save(
    folder: &Path,
    wished: &str,
    write: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<(), Fault>) -> Result<(), Fault>,
) -> Result<PathBuf, Fault> {
    let mut fresh = Fresh::within(folder)?;
    write(&mut |piece| fresh.file().write_all(piece).map_err(unwritable))?;
    fresh.keep(&folder.join(file_name(wished, "item")))
}

fn numbered(to: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return to.to_owned();
    }
    let stem = to.file_stem().unwrap_or_default().to_string_lossy();
    let end = to
        .extension()
        .map(|end| format!(".{}", end.to_string_lossy()))
        .unwrap_or_default();
    to.with_file_name(format!("{stem} ({number}){end}"))
}

/// A new name is safe once its folder is. Not every system can do this, and then nothing is lost but certainty.
fn sync_folder(file: &Path) {
    if cfg!(unix)
        && let Some(folder) = file.parent()
        && let Ok(folder) = File::open(folder)
    {
        let _ = folder.sync_all();
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "there is no end to what a system may say"
)]
pub(crate) fn unwritable(error: io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Fault::NoRoom,
        kind => Fault::Unwritable {
            why: kind.to_string(),
        },
    }
}
