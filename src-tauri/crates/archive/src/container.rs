//! A ZIP's table of contents, read once and distrusted: what could mislead is found before anything is unpacked.
//!
//! `rawzip` shows the table as it is written, also what occurs twice; nothing here follows a name to the disk.

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::Path;

use age::secrecy::SecretString;
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipFileHeaderRecord, ZipLocator};
use settings_privacy_core::archive::{Fault, check_name, shown};

use crate::source::{Source, unreadable};

/// More entries than this aren't read.
const MOST_ENTRIES: u64 = 2_000_000;
/// An archive that says it holds this many times its own length is a bomb. Text shrinks to a thirtieth at best.
const MOST_RATIO: u64 = 200;
/// Below this it can't hurt.
const HARMLESS: u64 = 256 << 20;
/// A local header without its name and extra fields.
const LOCAL_HEADER: u64 = 30;
/// So many faults of the table are kept.
const MOST_FAULTS: usize = 2000;
const BUFFER: usize = 1 << 17;

/// A file in the archive.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Its whole name.
    pub(crate) name: Box<str>,
    /// Unpacked, in bytes, as the table says.
    pub(crate) size: u64,
    /// Of the unpacked bytes, as the table says.
    pub(crate) crc: u32,
    way: ZipArchiveEntryWayfinder,
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

/// An open archive.
pub(crate) struct Container {
    source: Source,
    directory: u64,
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
        Ok(Reader {
            archive: self.archive(&mut buffer)?,
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

/// Reads files, one after the other.
pub(crate) struct Reader<'a> {
    archive: ZipArchive<&'a Source>,
    buffer: Vec<u8>,
}

impl Reader<'_> {
    /// Unpacks a file, and hands its bytes on, piece by piece, up to the length that the table says.
    ///
    /// # Errors
    /// When it is damaged, longer or shorter than the table says, or `take` fails.
    pub(crate) fn read(
        &mut self,
        entry: &Entry,
        mut take: impl FnMut(&[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut crc = crc32fast::Hasher::new();
        let mut rest = entry.size;
        let mut content = Content::open(&self.archive, entry)?;
        loop {
            let count = content
                .read(&mut self.buffer)
                .map_err(|error| damaged(entry, &error))?;
            if count == 0 {
                break;
            }
            rest = rest.checked_sub(count as u64).ok_or_else(|| Fault::SizeLies {
                name: shown(entry.name.as_bytes()),
            })?;
            crc.update(&self.buffer[..count]);
            take(&self.buffer[..count])?;
        }
        let name = || shown(entry.name.as_bytes());
        if rest != 0 {
            return Err(Fault::SizeLies { name: name() });
        }
        if crc.finalize() != entry.crc {
            return Err(Fault::Damaged { name: name() });
        }
        Ok(())
    }

    /// A whole file, when it isn't longer than `most`.
    ///
    /// # Errors
    /// As [`Self::read`]; and a file that is too long counts as one that can't be understood.
    pub(crate) fn whole(&mut self, entry: &Entry, most: u64) -> Result<Vec<u8>, Fault> {
        if entry.size > most {
            return Err(Fault::TagFile {
                name: shown(entry.name.as_bytes()),
                line: None,
            });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(entry.size).unwrap_or(0));
        self.read(entry, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }

    /// The first bytes of a file, at most so many, unchecked.
    ///
    /// # Errors
    /// When they can't be unpacked.
    pub(crate) fn first(&mut self, entry: &Entry, most: u64) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        Content::open(&self.archive, entry)?
            .take(most.min(entry.size))
            .read_to_end(&mut bytes)
            .map_err(|error| damaged(entry, &error))?;
        Ok(bytes)
    }

    /// Some bytes from within a file, unchecked.
    ///
    /// # Errors
    /// When they can't be unpacked, or aren't there.
    pub(crate) fn part(&mut self, entry: &Entry, from: u64, len: usize) -> Result<Vec<u8>, Fault> {
        let wrong = |error: io::Error| damaged(entry, &error);
        let mut content = Content::open(&self.archive, entry)?;
        io::copy(&mut (&mut content).take(from), &mut io::sink()).map_err(wrong)?;
        let mut bytes = vec![0; len];
        content.read_exact(&mut bytes).map_err(wrong)?;
        Ok(bytes)
    }

    /// Whether a file's own header says the same as the table, and where its bytes end.
    ///
    /// # Errors
    /// What differs.
    pub(crate) fn header(&mut self, entry: &Entry) -> Result<u64, Fault> {
        let name = || shown(entry.name.as_bytes());
        let differs = |what: &str| Fault::Structure {
            what: format!("it and “{}” say different things about {what}", name()),
        };
        let found = self
            .archive
            .get_entry(entry.way)
            .map_err(|_| differs("where it lies"))?;
        let (_, end) = found.compressed_data_range();
        let header = found
            .local_header(&mut self.buffer)
            .map_err(|_| differs("its header"))?;
        if header.file_path().as_ref() != entry.name.as_bytes() {
            return Err(differs("its name"));
        }
        if header.compression_method() != entry.method {
            return Err(differs("how it is packed"));
        }
        if header.flags().bits() != entry.flags {
            return Err(differs("its flags"));
        }
        if !header.flags().has_data_descriptor()
            && (header.crc32() != entry.crc || header.uncompressed_size_hint() != entry.size)
        {
            return Err(differs("its length or checksum"));
        }
        Ok(end)
    }
}

/// A file's bytes, unpacked.
enum Content<'r, 'a> {
    Stored(rawzip::ZipReader<&'r &'a Source>),
    Deflated(flate2::bufread::DeflateDecoder<io::BufReader<rawzip::ZipReader<&'r &'a Source>>>),
}

impl<'r, 'a> Content<'r, 'a> {
    fn open(archive: &'r ZipArchive<&'a Source>, entry: &Entry) -> Result<Self, Fault> {
        let name = || shown(entry.name.as_bytes());
        let found = archive
            .get_entry(entry.way)
            .map_err(|_| Fault::Damaged { name: name() })?;
        let packed = found.reader();
        match entry.method {
            CompressionMethod::STORE => Ok(Self::Stored(packed)),
            CompressionMethod::DEFLATE => Ok(Self::Deflated(flate2::bufread::DeflateDecoder::new(
                io::BufReader::with_capacity(BUFFER, packed),
            ))),
            _ => Err(Fault::UnknownPacking { name: name() }),
        }
    }
}

impl Read for Content<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Content::Stored(bytes) => bytes.read(buffer),
            Content::Deflated(bytes) => bytes.read(buffer),
        }
    }
}

/// Only the system's own faults say that the file can't be read; the rest is damage.
fn damaged(entry: &Entry, error: &io::Error) -> Fault {
    if error.raw_os_error().is_some() {
        return Fault::Unreadable {
            why: error.kind().to_string(),
        };
    }
    Fault::Damaged {
        name: shown(entry.name.as_bytes()),
    }
}

/// The table while it is read.
#[derive(Default)]
struct Table {
    entries: Vec<Entry>,
    folders: Vec<Box<str>>,
    faults: Vec<Fault>,
}

impl Table {
    fn fault(&mut self, fault: Fault) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        }
    }

    fn structure(&mut self, what: &str) {
        self.fault(Fault::Structure {
            what: what.to_owned(),
        });
    }

    fn add(&mut self, record: &ZipFileHeaderRecord<'_>) {
        let path = record.file_path();
        let raw = path.as_ref();
        let name = match check_name(raw) {
            Ok(name) => name,
            Err(danger) => {
                let name = shown(raw);
                return self.fault(Fault::UnsafeName { name, danger });
            }
        };
        let told = || shown(raw);
        // The upper half of the attributes is the mode, on systems that have one.
        let kind = match record.version_made_by().creator_system() {
            rawzip::CreatorSystem::UNIX | rawzip::CreatorSystem::MACOS => {
                (record.external_attributes() >> 16) & 0o170_000
            }
            _ => 0,
        };
        match kind {
            0o120_000 => return self.fault(Fault::Link { name: told() }),
            0 | 0o100_000 | 0o040_000 => {}
            _ => return self.fault(Fault::Special { name: told() }),
        }
        if record.flags().is_encrypted()
            || record.flags().has_strong_encryption()
            || record.flags().is_masked()
        {
            return self.fault(Fault::Locked { name: told() });
        }
        if let Some(folder) = name.strip_suffix('/') {
            if record.uncompressed_size_hint() != 0 || record.compressed_size_hint() != 0 {
                self.structure("a folder has content");
            }
            return self.folders.push(folder.into());
        }
        if kind == 0o040_000 {
            return self.fault(Fault::FileAndFolder { name: told() });
        }
        let method = record.compression_method();
        if ![CompressionMethod::STORE, CompressionMethod::DEFLATE].contains(&method) {
            self.fault(Fault::UnknownPacking { name: told() });
        }
        if method == CompressionMethod::STORE
            && record.compressed_size_hint() != record.uncompressed_size_hint()
        {
            self.fault(Fault::SizeLies { name: told() });
        }
        self.entries.push(Entry {
            name: name.into(),
            size: record.uncompressed_size_hint(),
            crc: record.crc32(),
            way: record.wayfinder(),
            method,
            flags: record.flags().bits(),
            header: record.local_header_offset(),
        });
    }

    fn finish(&mut self, directory: u64, len: u64) {
        self.entries.sort_by_key(|entry| entry.header);
        self.check_places(directory);
        self.check_names();
        let unpacked = self
            .entries
            .iter()
            .fold(0u64, |sum, entry| sum.saturating_add(entry.size));
        if unpacked > HARMLESS && unpacked > len.saturating_mul(MOST_RATIO) {
            self.fault(Fault::TooMuch {
                packed: len,
                unpacked,
            });
        }
    }

    /// No two files share bytes with each other, or with the table.
    fn check_places(&mut self, directory: u64) {
        let end = |entry: &Entry| {
            let name = entry.name.len() as u64;
            entry
                .header
                .saturating_add(LOCAL_HEADER + name)
                .saturating_add(entry.way.compressed_size_hint())
        };
        let mut found = Vec::new();
        for pair in self.entries.windows(2) {
            if end(&pair[0]) > pair[1].header {
                found.push(Fault::Overlap {
                    name: shown(pair[0].name.as_bytes()),
                    other: shown(pair[1].name.as_bytes()),
                });
            }
        }
        if self.entries.last().is_some_and(|last| end(last) > directory) {
            found.push(Fault::Structure {
                what: "a file lies behind the table".to_owned(),
            });
        }
        found.into_iter().for_each(|fault| self.fault(fault));
    }

    fn check_names(&mut self) {
        let mut found = Vec::new();
        {
            let mut seen: HashMap<String, &str> = HashMap::with_capacity(self.entries.len());
            for entry in &self.entries {
                let name = &*entry.name;
                match seen.insert(name.to_lowercase(), name) {
                    Some(other) if other == name => found.push(Fault::DuplicateName {
                        name: shown(name.as_bytes()),
                    }),
                    Some(other) => found.push(Fault::CaseCollision {
                        name: shown(name.as_bytes()),
                        other: shown(other.as_bytes()),
                    }),
                    None => {}
                }
            }
            let is_file = |folder: &str| seen.contains_key(folder);
            let mut checked = std::collections::HashSet::new();
            let parents = self.entries.iter().map(|entry| &*entry.name);
            for name in parents {
                let mut folder = name;
                while let Some((above, _)) = folder.rsplit_once('/') {
                    if !checked.insert(above) {
                        break;
                    }
                    if is_file(&above.to_lowercase()) {
                        found.push(Fault::FileAndFolder {
                            name: shown(above.as_bytes()),
                        });
                    }
                    folder = above;
                }
            }
            for folder in &self.folders {
                if is_file(&folder.to_lowercase()) {
                    found.push(Fault::FileAndFolder {
                        name: shown(folder.as_bytes()),
                    });
                }
            }
        }
        found.into_iter().for_each(|fault| self.fault(fault));
    }
}
