//! Private copies of what a browser may be writing to.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::error::ReadError;

/// How often a copy is tried while the browser keeps writing.
pub(crate) const TRIES: u32 = 6;

/// A file's name for people.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// A private folder for copies, removed when dropped.
///
/// # Errors
/// As the system says.
pub(crate) fn scratch(below: &Path) -> io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("settings-privacy-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o700));
    }
    builder.tempdir_in(below)
}

/// What tells that a file was written to: its length, when, and which file it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stamp(Option<(u64, Option<SystemTime>, u64)>);

fn stamp(path: &Path) -> io::Result<Stamp> {
    match fs::metadata(path) {
        Ok(told) => Ok(Stamp(Some((told.len(), told.modified().ok(), inode(&told))))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Stamp(None)),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn inode(told: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(told)
}

#[cfg(not(unix))]
fn inode(_told: &Metadata) -> u64 {
    0
}

/// The path with something after its last letter: `cookies.sqlite-wal`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Whether SQLite left a log beside a database: then the file alone is stale.
pub(crate) fn has_log(database: &Path) -> bool {
    ["-wal", "-journal"]
        .iter()
        .any(|suffix| fs::metadata(beside(database, suffix)).is_ok_and(|told| told.len() > 0))
}

/// Copies a database with its log into `folder`, as they were at one moment, and says where it is.
///
/// # Errors
/// When a file can't be read or written, or something changed during every try.
pub(crate) fn database(from: &Path, folder: &Path) -> Result<PathBuf, ReadError> {
    let name = file_name(from);
    let to = folder.join(&name);
    let parts: Vec<(PathBuf, PathBuf)> = ["", "-wal", "-journal"]
        .iter()
        .map(|suffix| (beside(from, suffix), beside(&to, suffix)))
        .collect();
    let sources: Vec<&Path> = parts.iter().map(|(source, _)| source.as_path()).collect();
    steady(&name, &sources, || {
        for (index, (source, target)) in parts.iter().enumerate() {
            match copy_file(source, target) {
                Err(error) if index > 0 && error.kind() == io::ErrorKind::NotFound => {
                    let _ = fs::remove_file(target);
                }
                outcome => outcome?,
            }
        }
        Ok(())
    })?;
    Ok(to)
}

/// Copies a LevelDB folder, without its lock, as it was at one moment.
///
/// # Errors
/// As for [`database`].
pub(crate) fn leveldb(from: &Path, to: &Path) -> Result<(), ReadError> {
    // Told by the folder above, too: every LevelDB here is called much the same.
    let name = file_name(from);
    for attempt in 0..TRIES {
        let before = files(from).map_err(|error| ReadError::io(&name, error))?;
        let _ = fs::remove_dir_all(to);
        fs::create_dir_all(to).map_err(|error| ReadError::io(&name, error))?;
        let copied = before
            .iter()
            .try_for_each(|(file, _)| copy_file(&from.join(file), &to.join(file)));
        match copied {
            Ok(()) => {}
            // Compaction removed a table under our hands.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(ReadError::io(&name, error)),
        }
        let after = files(from).map_err(|error| ReadError::io(&name, error))?;
        if before == after {
            return Ok(());
        }
        pause(attempt);
    }
    Err(ReadError::Changing { file: name })
}

/// The files of a LevelDB folder that hold something, with what tells that they were written to.
///
/// # Errors
/// When the folder can't be read.
pub(crate) fn files(folder: &Path) -> io::Result<Vec<(String, Stamp)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let wanted = name == "CURRENT"
            || name.starts_with("MANIFEST-")
            || [".log", ".ldb", ".sst"].iter().any(|end| name.ends_with(end));
        if wanted {
            let stamp = stamp(&entry.path())?;
            found.push((name, stamp));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(found)
}

fn steady(name: &str, sources: &[&Path], copy: impl Fn() -> io::Result<()>) -> Result<(), ReadError> {
    let stamps = || {
        sources
            .iter()
            .map(|path| stamp(path))
            .collect::<io::Result<Vec<_>>>()
    };
    let wrong = |error| ReadError::io(name, error);
    for attempt in 0..TRIES {
        let before = stamps().map_err(wrong)?;
        copy().map_err(wrong)?;
        if stamps().map_err(wrong)? == before {
            return Ok(());
        }
        pause(attempt);
    }
    Err(ReadError::Changing {
        file: name.to_owned(),
    })
}

/// Waits before another try, longer each time.
pub(crate) fn pause(attempt: u32) {
    std::thread::sleep(Duration::from_millis(20 << attempt));
}

/// The copy is the user's to read alone, whatever the original is; the folder it lies in is private too.
fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = fs::File::open(from)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut target = options.open(to)?;
    io::copy(&mut source, &mut target).map(drop)
}
