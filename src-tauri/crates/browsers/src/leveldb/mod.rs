//! Chromium's LevelDB folders, never opened where they lie: opening one writes to it.

mod checksums;
mod overlay;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::Ordering;

use rusty_leveldb::{DB, LdbIterator, Options};

use crate::copy;
use crate::error::ReadError;
use overlay::Overlay;

pub(crate) use checksums::varint;

/// Copies a LevelDB folder below `scratch` and gives every live entry to `each`. `None` when there is no such folder.
///
/// # Errors
/// When it can't be copied or opened, or a checksum is wrong: the library would pass over what is damaged in
/// silence, or stop the whole program.
pub(crate) async fn read<T, F>(
    folder: PathBuf,
    scratch: &Path,
    state: T,
    each: F,
) -> Result<Option<T>, ReadError>
where
    T: Send + 'static,
    F: Fn(&mut T, &[u8], &[u8]) + Send + 'static,
{
    let name = shown(&folder);
    let scratch = scratch.to_owned();
    let work = move || read_now(&folder, &scratch, state, each);
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        // What has right checksums and no sense: the library stops so.
        Err(_) => Err(ReadError::Damaged { file: name }),
    }
}

/// Where a walk through the entries goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// At the next entry.
    Entry,
    /// At the first entry that doesn't come before this key.
    Key(Vec<u8>),
}

/// Walks through a LevelDB folder's live entries, past what `each` doesn't want to see: that isn't even read. `None`
/// when there is no such folder.
///
/// # Errors
/// When it can't be read, or a checksum of what was read is wrong.
pub(crate) async fn walk<T, F>(folder: PathBuf, state: T, each: F) -> Result<Option<T>, ReadError>
where
    T: Send + 'static,
    F: Fn(&mut T, &[u8], &[u8]) -> Next + Send + 'static,
{
    let name = shown(&folder);
    match tokio::task::spawn_blocking(move || walk_now(&folder, state, each)).await {
        Ok(outcome) => outcome,
        // What has right checksums and no sense: the library stops so.
        Err(_) => Err(ReadError::Damaged { file: name }),
    }
}

fn walk_now<T>(
    folder: &Path,
    mut state: T,
    each: impl Fn(&mut T, &[u8], &[u8]) -> Next,
) -> Result<Option<T>, ReadError> {
    let name = shown(folder);
    let there = folder.join("CURRENT").try_exists();
    if !there.map_err(|error| ReadError::io(&name, error))? {
        return Ok(None);
    }
    let damaged = || ReadError::Damaged { file: name.clone() };
    let (held, wrong) = Overlay::hold(folder, &name)?;
    let options = Options {
        create_if_missing: false,
        env: Rc::new(Box::new(held)),
        ..Options::default()
    };
    let mut database = DB::open(overlay::FOLDER, options).map_err(|_| damaged())?;
    let mut entries = database.new_iter().map_err(|_| damaged())?;
    let mut there = entries.advance();
    while there && let Some((key, value)) = entries.current() {
        there = match each(&mut state, &key, &value) {
            Next::Entry => entries.advance(),
            Next::Key(key) => {
                entries.seek(&key);
                entries.valid()
            }
        };
    }
    match wrong.load(Ordering::Relaxed) {
        true => Err(damaged()),
        false => Ok(Some(state)),
    }
}

/// `Local Storage/leveldb` for people; other folders have names of their own.
fn shown(folder: &Path) -> String {
    let name = copy::file_name(folder);
    match folder.parent() {
        Some(parent) if name == "leveldb" || name == "Database" => {
            format!("{}/{name}", copy::file_name(parent))
        }
        Some(_) | None => name,
    }
}

fn read_now<T>(
    folder: &Path,
    scratch: &Path,
    mut state: T,
    each: impl Fn(&mut T, &[u8], &[u8]),
) -> Result<Option<T>, ReadError> {
    let name = shown(folder);
    let wrong = |error| ReadError::io(&name, error);
    if !folder.join("CURRENT").try_exists().map_err(wrong)? {
        return Ok(None);
    }
    let copied = copy::scratch(scratch).map_err(wrong)?;
    let copied_to = copied.path().join("db");
    copy::leveldb(folder, &copied_to)?;
    let damaged = || ReadError::Damaged { file: name.clone() };
    if !checksums::are_right(&copied_to).map_err(wrong)? {
        return Err(damaged());
    }
    let options = Options {
        create_if_missing: false,
        ..Options::default()
    };
    let mut database = DB::open(&copied_to, options).map_err(|_| damaged())?;
    let mut entries = database.new_iter().map_err(|_| damaged())?;
    while let Some((key, value)) = entries.next() {
        each(&mut state, &key, &value);
    }
    Ok(Some(state))
}
