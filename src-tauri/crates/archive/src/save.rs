//! Writing a file where the person wants it: whole or not at all, never over another, never outside the folder.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use settings_privacy_core::archive::{Fault, file_name};
use tempfile::NamedTempFile;

/// How many names are tried when there is a file already: `a.txt`, `a (2).txt` …
const MOST_TRIES: u32 = 1000;

/// Gives a checked part file its place, or the next free name like it; never over another file. Both must lie in one
/// file system. Done twice, it says where it lies already, if the part is gone and `is_it` knows what lies there.
///
/// # Errors
/// When it can't be put there. The part stays as it is.
pub fn keep(part: &Path, to: &Path, is_it: impl Fn(&Path) -> bool) -> Result<PathBuf, Fault> {
    if !part.exists() {
        let kept = (1..=MOST_TRIES)
            .map(|number| numbered(to, number))
            .take_while(|at| at.exists());
        return kept.into_iter().find(|at| is_it(at)).ok_or(Fault::Unreadable {
            why: "the file is gone".to_owned(),
        });
    }
    File::open(part)
        .and_then(|file| file.sync_all())
        .map_err(unwritable)?;
    for number in 1..=MOST_TRIES {
        let at = numbered(to, number);
        let mut from = tempfile::TempPath::try_from_path(part).map_err(unwritable)?;
        // It is no temporary file: whatever goes wrong, it stays.
        from.disable_cleanup(true);
        match from.persist_noclobber(&at) {
            Ok(()) => {
                sync_folder(&at);
                return Ok(at);
            }
            Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(failed) => return Err(unwritable(failed.error)),
        }
    }
    Err(too_many())
}

/// Sets a part file that isn't sound aside, under a name that says so. Says where; `None` when it is gone already.
///
/// # Errors
/// When it can't be renamed.
pub fn quarantine(part: &Path) -> Result<Option<PathBuf>, Fault> {
    if !part.exists() {
        return Ok(None);
    }
    let name = part.file_name().unwrap_or_default().to_string_lossy();
    keep(part, &part.with_file_name(format!("{name}.not-sound")), |_| false).map(Some)
}

/// Saves bytes of our own, such as a report, into a folder, under a name made safe for every system. Never over another
/// file, whole or not at all.
///
/// # Errors
/// When it can't be written.
pub fn save_new(folder: &Path, wished: &str, bytes: &[u8]) -> Result<PathBuf, Fault> {
    save(folder, wished, |take| take(bytes))
}

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
        Err(too_many())
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

fn too_many() -> Fault {
    Fault::Unwritable {
        why: "there are too many files of this name".to_owned(),
    }
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
