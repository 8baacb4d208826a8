//! A ZIP's table of contents, read once and distrusted: what could mislead is found before anything is unpacked.
//!
//! `rawzip` shows the table as it is written, also what occurs twice; nothing here follows a name to the disk.

mod reader;
mod salvage;
mod table;

use std::collections::HashMap;
use std::io;
use std::path::Path;

use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipLocator};
use secrecy::SecretString;
use settings_privacy_core::archive::Fault;

use self::reader::BUFFER;
pub(crate) use self::reader::Reader;
use self::table::Table;
use crate::source::{Source, unreadable};

/// More entries than this aren't read.
const MOST_ENTRIES: u64 = 2_000_000;
/// A local header without its name and extra fields.
pub(super) const LOCAL_HEADER: u64 = 30;

/// A file in the archive.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Its whole name.
    pub(crate) name: Box<str>,
    /// Unpacked, in bytes, as the table says.
    pub(crate) size: u64,
    /// Of the unpacked bytes, as the table says.
    pub(crate) crc: u32,
    way: Way,
    method: CompressionMethod,
    flags: u16,
    header: u64,
}

impl Entry {
    /// Where its own header begins.
    pub(crate) fn header(&self) -> u64 {
        self.header
    }
}

/// How an entry's bytes are found.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// By the table.
    Listed(ZipArchiveEntryWayfinder),
    /// In an archive without a table: they begin and end here.
    Found { begin: u64, end: u64 },
}

impl Way {
    fn packed(self) -> u64 {
        match self {
            Way::Listed(way) => way.compressed_size_hint(),
            Way::Found { begin, end } => end - begin,
        }
    }
}

/// An open archive.
pub(crate) struct Container {
    source: Source,
    directory: u64,
    salvaged: bool,
    /// Files, in the order in which they lie in the archive.
    pub(crate) entries: Vec<Entry>,
    /// What is wrong with the table.
    pub(crate) faults: Vec<Fault>,
}

impl Container {
    /// Reads the table of contents.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn open(path: &Path, passphrase: Option<&SecretString>) -> Result<Self, Fault> {
        let source = Source::open(path, passphrase)?;
        let mut container = Self {
            source,
            directory: 0,
            salvaged: false,
            entries: Vec::new(),
            faults: Vec::new(),
        };
        let mut table = Table::default();
        let directory = {
            let mut buffer = vec![0; rawzip::MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
            let archive = container.archive(&mut buffer)?;
            let directory = archive.directory_offset();
            if archive.end_offset() != container.source.len() {
                table.structure("something lies behind its end");
            }
            if archive.entries_hint() > MOST_ENTRIES {
                return Err(Fault::TooMany {
                    entries: archive.entries_hint(),
                });
            }
            let told = archive.entries_hint();
            let mut entries = archive.entries(&mut buffer);
            let mut count = 0;
            loop {
                match entries.next_entry() {
                    Ok(Some(record)) => table.add(&record),
                    Ok(None) => break,
                    Err(_) => {
                        table.structure("an entry can't be read");
                        break;
                    }
                }
                count += 1;
                if count > MOST_ENTRIES {
                    return Err(Fault::TooMany { entries: count });
                }
            }
            if count != told {
                table.structure("it has another number of entries than it says");
            }
            directory
        };
        table.finish(directory, container.source.len());
        container.directory = directory;
        container.entries = table.entries;
        container.faults = table.faults;
        Ok(container)
    }

    /// What can be read of an archive whose end is missing.
    ///
    /// # Errors
    /// When that isn't what it is.
    pub(crate) fn salvage(path: &Path, passphrase: Option<&SecretString>) -> Result<Self, Fault> {
        let source = Source::open(path, passphrase)?;
        let mut table = Table::default();
        salvage::entries(&source, &mut table)?;
        let len = source.len();
        table.finish(len, len);
        table.fault(Fault::CutShort);
        Ok(Self {
            source,
            directory: len,
            salvaged: true,
            entries: table.entries,
            faults: table.faults,
        })
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// Where the table of contents begins.
    pub(crate) fn directory(&self) -> u64 {
        self.directory
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "every other fault means that there is no table"
    )]
    fn archive(&self, buffer: &mut [u8]) -> Result<ZipArchive<&Source>, Fault> {
        ZipLocator::new()
            .locate_in_reader(&self.source, buffer, self.source.len())
            .map_err(|(_, error)| match error.into_kind() {
                rawzip::ErrorKind::IO(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                    unreadable(error)
                }
                _ => Fault::NotAnArchive,
            })
    }

    /// A reader of many files, for one thread.
    pub(crate) fn reader(&self) -> Result<Reader<'_>, Fault> {
        let mut buffer = vec![0; BUFFER];
        let archive = if self.salvaged {
            None
        } else {
            Some(self.archive(&mut buffer)?)
        };
        Ok(Reader {
            source: &self.source,
            archive,
            buffer,
        })
    }

    /// The place of an entry by its whole name.
    pub(crate) fn by_name(&self) -> HashMap<&str, usize> {
        self.entries
            .iter()
            .enumerate()
            .map(|(at, entry)| (&*entry.name, at))
            .collect()
    }
}
