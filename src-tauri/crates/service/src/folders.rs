//! Folders and files that only their owner can open.

use std::fs;
use std::io;
use std::path::Path;

/// Makes a folder for its owner alone (mode 0700 where there are modes). One that exists stays as it is: it may be
/// somebody's choice, and what is put into it is for its owner alone anyway.
pub fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Makes an empty file for its owner alone (mode 0600 where there are modes), unless there is one.
pub fn make_private_file(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.write(true).create_new(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}
