//! Reading an override file, and putting another in its place in one step.
//!
//! A file is written beside the old one and renamed over it: whoever reads sees the old file or the new one, whole, even
//! when the power goes. That it is the new one then is up to [`durable`], which nobody needs to wait for. A link is followed, so that an override kept elsewhere stays there.
//! Nothing is written over what another program wrote meanwhile: the file is looked at again just before. Two of this
//! program's own take turns by a lock on the folder; others don't know of it.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::DeviceError;

/// A file's name, for sentences.
pub(crate) fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The bytes of a file; `None` when there is none.
pub(crate) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a link stands there.
pub(crate) fn is_link(path: &Path) -> bool {
    path.symlink_metadata()
        .is_ok_and(|metadata| metadata.is_symlink())
}

/// What a path stands for when links are followed, also to a file that isn't there.
pub(crate) fn target(path: &Path) -> io::Result<PathBuf> {
    /// As many links as Linux follows.
    const LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        if !is_link(&path) {
            return Ok(path);
        }
        let to = fs::read_link(&path)?;
        path = path.parent().unwrap_or(Path::new("/")).join(to);
    }
    Err(io::Error::from(Errno::LOOP))
}

/// Makes the file hold `to` if it still holds `from`. `None` stands for no file.
///
/// # Errors
/// [`DeviceError::Contended`] when it holds something else by now, or is just being written; what the system said when it can't be written.
/// The file is then as it was.
pub(crate) fn replace(path: &Path, from: Option<&[u8]>, to: Option<&[u8]>) -> Result<(), DeviceError> {
    let failed = |source| not_written(path, source);
    let target = target(path).map_err(failed)?;
    let folder = target.parent().unwrap_or(Path::new("/"));
    if to.is_some() {
        make_folder(folder).map_err(failed)?;
    }
    let contended = || DeviceError::Contended { file: name(path) };
    // Closing the folder gives the lock back.
    let folder_file = File::open(folder).map_err(failed)?;
    match flock(&folder_file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Err(contended()),
        // Some file systems have no locks; the look just before has to do.
        Err(error) => tracing::debug!(%error, "the folder of the overrides can't be locked"),
    }
    let new = to.map(|bytes| write_beside(&target, folder, bytes)).transpose();
    let new = new.map_err(failed)?;
    if read(&target).map_err(failed)?.as_deref() != from {
        return Err(contended());
    }
    match new {
        Some(new) => drop(new.persist(&target).map_err(|error| failed(error.error))?),
        None => fs::remove_file(&target).map_err(failed)?,
    }
    Ok(())
}

/// Brings the file, or its absence, to the disk.
///
/// # Errors
/// What the disk said.
pub(crate) fn durable(path: &Path) -> Result<(), DeviceError> {
    let failed = |source| not_written(path, source);
    let target = target(path).map_err(failed)?;
    let there = |error: &io::Error| error.kind() != ErrorKind::NotFound;
    for place in [Some(target.as_path()), target.parent()].into_iter().flatten() {
        match File::open(place).and_then(|file| file.sync_all()) {
            Err(error) if there(&error) => return Err(failed(error)),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Whether a file system brings a new file's content to the disk before the name of an old one goes over to it: [ext4]
/// does, by `auto_da_alloc`, unless whoever mounts it asks for something else.
///
/// [ext4]: https://www.kernel.org/doc/html/latest/admin-guide/ext4.html
fn replaces_in_order(file: &File) -> bool {
    const EXT4: u32 = 0xEF53;
    // The type is a signed word on some processors and an unsigned one on others; the constant has 16 bits.
    rustix::fs::fstatfs(file).is_ok_and(|system| system.f_type as u32 == EXT4)
}

/// Creates the folder where it is missing, and brings its name to the disk.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    folder
        .parent()
        .map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

fn write_beside(target: &Path, folder: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let mut prefix = OsStr::new(".").to_owned();
    prefix.push(target.file_name().unwrap_or_default());
    prefix.push(".");
    let mut new = tempfile::Builder::new()
        .prefix(&prefix)
        .suffix(".tmp")
        // As any program creates a file: the user's umask narrows it.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    new.write_all(bytes)?;
    let old = fs::metadata(target);
    if let Ok(old) = &old {
        new.as_file().set_permissions(old.permissions())?;
    }
    if old.is_err() || !replaces_in_order(new.as_file()) {
        new.as_file().sync_all()?;
    }
    Ok(new)
}

/// The error for a write that failed.
fn not_written(path: &Path, source: io::Error) -> DeviceError {
    let file = name(path);
    let kind = source.kind();
    if matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
        DeviceError::NoSpace { file, source }
    } else if matches!(kind, ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied) {
        DeviceError::ReadOnly { file, source }
    } else {
        DeviceError::NotWritten { file, source }
    }
}

/// Copies a file beside itself under a name that nobody uses yet.
pub(crate) fn copy_aside(file: &Path) -> io::Result<PathBuf> {
    let bytes = fs::read(file)?;
    for number in 1..1000 {
        let mut copy = file.file_name().unwrap_or_default().to_owned();
        copy.push(match number {
            1 => ".copy".to_owned(),
            more => format!(".copy-{more}"),
        });
        let path = file.with_file_name(copy);
        match File::create_new(&path) {
            Ok(mut new) => {
                let written = new.write_all(&bytes).and_then(|()| new.sync_all());
                return match written {
                    Ok(()) => Ok(path),
                    Err(error) => {
                        // Half a copy would be taken for a whole one.
                        fs::remove_file(&path)?;
                        Err(error)
                    }
                };
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::from(ErrorKind::AlreadyExists))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_else_wrote_meanwhile_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app");
        fs::write(&path, "theirs").unwrap();
        let old: Option<&[u8]> = Some(b"old");
        let new: Option<&[u8]> = Some(b"new");
        let cases = [(old, new), (old, None), (None, new)];
        for (from, to) in cases {
            let refused = replace(&path, from, to).unwrap_err();
            assert_eq!(refused.code(), "contended");
            assert_eq!(fs::read(&path).unwrap(), b"theirs");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        replace(&path, Some(b"theirs"), None).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_link_to_itself_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app");
        std::os::unix::fs::symlink("app", &path).unwrap();
        assert_eq!(
            replace(&path, None, Some(b"x")).unwrap_err().code(),
            "not-written"
        );
    }
}
