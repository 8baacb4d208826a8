//! What is done to files and folders: copied, swapped, moved away, so that it is on the disk when it returns.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use super::error::ClearError;
use crate::copy::file_name;

/// A path of a profile, below its folder, with no link on the way. It needn't be there.
///
/// # Errors
/// When a part of it is a link, or leads out.
pub(super) fn below(profile: &Path, path: &Path) -> Result<PathBuf, ClearError> {
    let linked = || ClearError::Linked { file: shown(path) };
    let mut reached = profile.to_owned();
    // The profile's own folder was resolved when it was found. By now it may be a link.
    let mut parts = vec![reached.clone()];
    for part in path.components() {
        let Component::Normal(part) = part else {
            return Err(linked());
        };
        reached.push(part);
        parts.push(reached.clone());
    }
    for part in parts {
        match fs::symlink_metadata(&part) {
            Ok(told) if told.is_dir() || told.is_file() => {}
            Ok(_) => return Err(linked()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            Err(error) => return Err(ClearError::io(&shown(path), error)),
        }
    }
    Ok(reached)
}

/// What a path below a profile's folder is called in a sentence. An origin's own folders name its host, so they are
/// called by the folder that holds them all.
pub(super) fn shown(path: &Path) -> String {
    let mut parts = path.iter();
    match (parts.next(), parts.next()) {
        (Some(first), Some(_)) if first != "Network" => first.to_string_lossy().into_owned(),
        _ => file_name(path),
    }
}

/// Makes a folder that is the user's alone.
pub(super) fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes a new file that is the user's alone, and waits for the disk.
pub(super) fn private_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create(path)?;
    io::Write::write_all(&mut file, bytes)?;
    file.sync_all()
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Puts a file in the place of another, or of none: whoever looks finds the one or the other, whole.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = crate::copy::beside(path, ".new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    private_file(&new, bytes)?;
    fs::rename(&new, path)?;
    sync_parent(path)
}

/// Copies a file, or a folder with all that is in it, to where nothing is, and waits for the disk. Links and what is
/// no plain file are refused.
pub(super) fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    let told = fs::symlink_metadata(from)?;
    if told.is_file() {
        let mut target = create(to)?;
        io::copy(&mut File::open(from)?, &mut target)?;
        return target.sync_all();
    }
    if !told.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "a link, or no plain file",
        ));
    }
    private_folder(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy_tree(&entry.path(), &to.join(entry.file_name()))?;
    }
    sync(to)
}

/// Waits until a file or folder (not what is in it) is on the disk.
pub(super) fn sync(path: &Path) -> io::Result<()> {
    if cfg!(windows) && path.is_dir() {
        // There, folders can't be opened, and needn't be.
        return Ok(());
    }
    File::open(path)?.sync_all()
}

/// Waits until all files of a folder, and the folder, are on the disk.
pub(super) fn sync_tree(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            sync_tree(&entry?.path())?;
        }
    }
    sync(path)
}

/// Waits until what a path is called is on the disk.
pub(super) fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), sync)
}

/// Lets two paths change places at once.
#[cfg(target_os = "linux")]
pub(super) fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?;
    sync_parent(one)?;
    sync_parent(other)
}

/// Where places can't be changed at once nothing is changed: in between there would be nothing.
#[cfg(not(target_os = "linux"))]
pub(super) fn exchange(_one: &Path, _other: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether files of this folder can change places.
pub(super) fn try_exchange(folder: &Path) -> io::Result<()> {
    let (one, other) = (folder.join("one"), folder.join("other"));
    private_file(&one, b"1")?;
    private_file(&other, b"2")?;
    exchange(&one, &other)?;
    fs::remove_file(one)?;
    fs::remove_file(other)
}

/// Gives a path another name, where nothing is.
pub(super) fn move_away(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_parent(from)?;
    sync_parent(to)
}

/// Removes a file or folder with all that is in it, if it is there.
pub(super) fn remove_tree(path: &Path) -> io::Result<()> {
    let outcome = match fs::symlink_metadata(path) {
        Ok(told) if told.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}
/// What tells a file, or the files of a folder, from what was there before: names, sizes in bytes, times of change.
pub(super) type Fingerprint = Vec<(OsString, u64, Option<SystemTime>)>;

/// Takes a file's fingerprint, or that of the files right in a folder; an empty one where there is nothing.
pub(super) fn fingerprint(path: &Path) -> io::Result<Fingerprint> {
    let told = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        told => told?,
    };
    if !told.is_dir() {
        return Ok(vec![(OsString::new(), told.len(), told.modified().ok())]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let told = entry.metadata()?;
        files.push((entry.file_name(), told.len(), told.modified().ok()));
    }
    files.sort();
    Ok(files)
}

/// Says that nobody changed it since its fingerprint was taken.
pub(super) fn unchanged(path: &Path, was: &Fingerprint, name: &str) -> Result<(), ClearError> {
    let now = fingerprint(path).map_err(|error| ClearError::io(name, error))?;
    match now == *was {
        true => Ok(()),
        false => Err(ClearError::ChangedMeanwhile {
            file: name.to_owned(),
        }),
    }
}

/// Whether two files, or folders with all in them, are the same to the byte. What can't be read isn't.
pub(super) fn same(one: &Path, other: &Path) -> bool {
    let names = |folder: &Path| -> io::Result<Vec<OsString>> {
        let entries: io::Result<Vec<_>> = fs::read_dir(folder)?
            .map(|entry| Ok(entry?.file_name()))
            .collect();
        entries.map(|mut names| {
            names.sort();
            names
        })
    };
    let compared = || -> io::Result<bool> {
        let (told, of_other) = (fs::symlink_metadata(one)?, fs::symlink_metadata(other)?);
        if told.is_dir() != of_other.is_dir() || told.is_file() != of_other.is_file() {
            return Ok(false);
        }
        if told.is_file() {
            return Ok(told.len() == of_other.len() && fs::read(one)? == fs::read(other)?);
        }
        let inside = names(one)?;
        Ok(told.is_dir()
            && inside == names(other)?
            && inside.iter().all(|name| same(&one.join(name), &other.join(name))))
    };
    compared().unwrap_or(false)
}
