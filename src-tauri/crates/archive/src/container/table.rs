//! The table of contents while it is read, and what is wrong with it.

use std::collections::HashMap;

use rawzip::{CompressionMethod, ZipFileHeaderRecord};
use settings_privacy_core::archive::{Fault, check_name, shown};

use super::{Entry, LOCAL_HEADER, Way};

/// An archive that says it holds this many times its own length is a bomb. Text shrinks to a thirtieth at best.
const MOST_RATIO: u64 = 200;
/// Below this it can't hurt.
const HARMLESS: u64 = 256 << 20;
/// So many faults of the table are kept.
const MOST_FAULTS: usize = 2000;

/// The table while it is read.
#[derive(Default)]
pub(super) struct Table {
    pub(super) entries: Vec<Entry>,
    folders: Vec<Box<str>>,
    pub(super) faults: Vec<Fault>,
}

impl Table {
    pub(super) fn fault(&mut self, fault: Fault) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        }
    }

    pub(super) fn structure(&mut self, what: &str) {
        self.fault(Fault::Structure {
            what: what.to_owned(),
        });
    }

    pub(super) fn add(&mut self, record: &ZipFileHeaderRecord<'_>) {
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
            way: Way::Listed(record.wayfinder()),
            method,
            flags: record.flags().bits(),
            header: record.local_header_offset(),
        });
    }

    pub(super) fn finish(&mut self, directory: u64, len: u64) {
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
                .saturating_add(entry.way.packed())
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
