//! A LevelDB folder to open without copying its tables and without writing to it.
//!
//! Opening a LevelDB writes: a lock, a log, a manifest. Tables never change once they are written, so they are read
//! where they lie, through handles that stay good when the browser removes one; the rest is small, copied into memory,
//! and whatever the library writes goes there too.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusty_leveldb::env::{Env, FileLock, Logger, RandomAccess};
use rusty_leveldb::{MemEnv, Result as LevelResult};

use super::checksums;
use crate::copy;
use crate::error::ReadError;

/// What the library takes for the folder's path.
pub(super) const FOLDER: &str = "leveldb";

/// A folder as it was at one moment.
pub(super) struct Overlay {
    tables: RefCell<BTreeMap<String, Rc<Table>>>,
    rest: MemEnv,
    damaged: Arc<AtomicBool>,
}

#[derive(Debug)]
struct Table {
    file: File,
    length: usize,
}

impl Overlay {
    /// Takes hold of a folder. The flag is raised when something read later has a wrong checksum.
    ///
    /// # Errors
    /// When a file can't be read, a log's or the manifest's checksum is wrong, or the folder changed at every try.
    pub(super) fn hold(folder: &Path, name: &str) -> Result<(Self, Arc<AtomicBool>), ReadError> {
        let wrong = |error| ReadError::io(name, error);
        for attempt in 0..copy::TRIES {
            let before = copy::files(folder).map_err(wrong)?;
            let held = Self::hold_now(folder, before.iter().map(|(file, _)| file));
            let after = copy::files(folder).map_err(wrong)?;
            match held {
                Ok(Some(held)) if before == after => {
                    let damaged = Arc::clone(&held.damaged);
                    return Ok((held, damaged));
                }
                Ok(None) if before == after => {
                    return Err(ReadError::Damaged {
                        file: name.to_owned(),
                    });
                }
                Err(error) if before == after => return Err(wrong(error)),
                // A table was removed, or a log half written, under our hands.
                Ok(_) | Err(_) => copy::pause(attempt),
            }
        }
        Err(ReadError::Changing {
            file: name.to_owned(),
        })
    }

    /// `None` when a checksum is wrong.
    fn hold_now<'a>(folder: &Path, files: impl Iterator<Item = &'a String>) -> io::Result<Option<Self>> {
        let rest = MemEnv::new();
        let mut tables = BTreeMap::new();
        for name in files {
            let path = folder.join(name);
            if is_table(name) {
                let file = File::open(path)?;
                let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
                tables.insert(name.clone(), Rc::new(Table { file, length }));
                continue;
            }
            let bytes = std::fs::read(path)?;
            if name != "CURRENT" && !checksums::log(&bytes) {
                return Ok(None);
            }
            let mut copied = rest
                .open_writable_file(&Path::new(FOLDER).join(name))
                .map_err(io::Error::other)?;
            copied.write_all(&bytes)?;
        }
        Ok(Some(Self {
            tables: RefCell::new(tables),
            rest,
            damaged: Arc::default(),
        }))
    }

    fn table(&self, path: &Path) -> Option<Rc<Table>> {
        self.tables.borrow().get(&copy::file_name(path)).cloned()
    }
}

fn is_table(name: &str) -> bool {
    name.ends_with(".ldb") || name.ends_with(".sst")
}

/// A table that raises the flag when what is read isn't what was written. The library would leave it out in silence.
struct Checked {
    table: Rc<Table>,
    damaged: Arc<AtomicBool>,
}

impl RandomAccess for Checked {
    fn read_at(&self, offset: usize, into: &mut [u8]) -> LevelResult<usize> {
        let read = self.table.file.read_at(offset, into);
        let whole = matches!(read, Ok(read) if read == into.len());
        if !whole || !self.is_right(offset, into) {
            self.damaged.store(true, Ordering::Relaxed);
        }
        read
    }
}

impl Checked {
    /// The library reads the table's end, blocks with their checksum, and filters, whose checksum follows.
    fn is_right(&self, offset: usize, read: &[u8]) -> bool {
        let end = offset.saturating_add(read.len());
        if end == self.table.length && read.len() == checksums::FOOTER {
            return checksums::is_footer(read);
        }
        if checksums::is_block(read) {
            return true;
        }
        let mut following = [0; checksums::TRAILER];
        let more = self.table.file.read_at(end, &mut following);
        matches!(more, Ok(checksums::TRAILER)) && checksums::is_block(&[read, &following].concat())
    }
}

impl Env for Overlay {
    fn open_sequential_file(&self, path: &Path) -> LevelResult<Box<dyn io::Read>> {
        self.rest.open_sequential_file(path)
    }

    fn open_random_access_file(&self, path: &Path) -> LevelResult<Box<dyn RandomAccess>> {
        match self.table(path) {
            Some(table) => Ok(Box::new(Checked {
                table,
                damaged: Arc::clone(&self.damaged),
            })),
            None => self.rest.open_random_access_file(path),
        }
    }

    fn open_writable_file(&self, path: &Path) -> LevelResult<Box<dyn io::Write>> {
        self.tables.borrow_mut().remove(&copy::file_name(path));
        self.rest.open_writable_file(path)
    }

    fn open_appendable_file(&self, path: &Path) -> LevelResult<Box<dyn io::Write>> {
        self.rest.open_appendable_file(path)
    }

    fn exists(&self, path: &Path) -> LevelResult<bool> {
        Ok(self.table(path).is_some() || self.rest.exists(path)?)
    }

    fn children(&self, folder: &Path) -> LevelResult<Vec<PathBuf>> {
        let mut children = self.rest.children(folder)?;
        children.extend(self.tables.borrow().keys().map(PathBuf::from));
        Ok(children)
    }

    fn size_of(&self, path: &Path) -> LevelResult<usize> {
        match self.table(path) {
            Some(table) => Ok(table.length),
            None => self.rest.size_of(path),
        }
    }

    /// The library removes what it no longer needs; here it only forgets it.
    fn delete(&self, path: &Path) -> LevelResult<()> {
        match self.tables.borrow_mut().remove(&copy::file_name(path)) {
            Some(_) => Ok(()),
            None => self.rest.delete(path),
        }
    }

    fn mkdir(&self, path: &Path) -> LevelResult<()> {
        self.rest.mkdir(path)
    }

    fn rmdir(&self, path: &Path) -> LevelResult<()> {
        self.rest.rmdir(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> LevelResult<()> {
        self.rest.rename(from, to)
    }

    fn lock(&self, path: &Path) -> LevelResult<FileLock> {
        self.rest.lock(path)
    }

    fn unlock(&self, lock: FileLock) -> LevelResult<()> {
        self.rest.unlock(lock)
    }

    fn new_logger(&self, _path: &Path) -> LevelResult<Logger> {
        Ok(Logger::new(Box::new(io::sink())))
    }

    fn micros(&self) -> u64 {
        self.rest.micros()
    }

    fn sleep_for(&self, micros: u32) {
        self.rest.sleep_for(micros);
    }
}
