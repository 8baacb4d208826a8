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
