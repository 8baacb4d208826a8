//! An archive open for reading: what is in it, by category and as a tree.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Serialize;
use settings_privacy_core::archive::{Claims, Fault, Finding, Item, Manifest, Sha256};

use crate::container::{Container, Entry};
use crate::hasher::digest;
use crate::layout::{Kind, Layout, MANIFEST};
use crate::preview::{self, Preview};
use crate::save;

/// An open archive. Its table of contents is in memory, its content is read when asked for.
pub struct Archive {
    pub(crate) container: Container,
    kind: Kind,
    root: String,
    claims: Option<Claims>,
    manifest: Option<Manifest>,
    faults: Vec<Fault>,
    by_path: HashMap<Box<str>, usize>,
}

/// A category of what is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Category {
    /// Of the inventory; for a plain tree, the folder's name.
    pub id: String,
    /// For people, when the archive says.
    pub name: Option<String>,
    /// Files that are there.
    pub files: u64,
    /// Their bytes, unpacked.
    pub bytes: u64,
    /// Records, as the archive says. What there is, is counted by the [`Index`](crate::Index).
    pub claimed_items: Option<u64>,
}

/// A file or a folder of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Its name in its folder.
    pub name: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// The files below it; 1 for a file.
    pub files: u64,
    /// Their bytes, unpacked.
    pub bytes: u64,
}

/// Where a record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) entry: usize,
    pub(crate) offset: u64,
    /// In bytes; none for a file that is an item itself.
    pub(crate) length: Option<usize>,
}

impl Archive {
    /// Opens an archive: an export of this schema, another bag, or a ZIP of anything. It needn't be complete, not even
    /// downloaded to its end: what is there can be read, and [`Self::findings`] says what isn't well with its table. It isn't checked: [`crate::verify`].
    ///
    /// # Errors
    /// When it can't be read, is made to do harm, or is encrypted and the passphrase doesn't open it.
    pub fn open(path: &Path, passphrase: Option<&SecretString>) -> Result<Self, Fault> {
        let container = match Container::open(path, passphrase) {
            Err(Fault::NotAnArchive) => Container::salvage(path, passphrase)?,
            opened => opened?,
        };
        if let Some(fault) = container.faults.iter().find(|fault| fault.forbids_opening()) {
            return Err(fault.clone());
        }
        let (layout, manifest) = {
            let mut reader = container.reader()?;
            let mut layout = Layout::read(&container, &mut reader);
            let manifest = layout.manifest(&container, &mut reader, MANIFEST);
            (layout, manifest.map(|(list, _)| list))
        };
        let by_path = container
            .entries
            .iter()
            .enumerate()
            .filter_map(|(at, entry)| Some((entry.name.strip_prefix(layout.root.as_str())?.into(), at)))
            .collect();
        let mut faults = container.faults.clone();
        faults.extend(layout.faults);
        Ok(Self {
            kind: layout.kind,
            root: layout.root,
            claims: layout.claims,
            manifest,
            faults,
            by_path,
            container,
        })
    }

    /// What kind it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What it says of itself: period, counts, what was left out.
    pub fn claims(&self) -> Option<&Claims> {
        self.claims.as_ref()
    }

    /// What isn't well with it, as far as opening showed.
    pub fn findings(&self) -> Vec<Finding> {
        self.faults.iter().cloned().map(Finding::from).collect()
    }

    /// Whether it is decrypted while it is read. Then nothing of it should go to the disk unless the person saves it.
    pub fn is_encrypted(&self) -> bool {
        self.container.source().is_sealed()
    }

    /// Files and their bytes, unpacked.
    pub fn size(&self) -> (u64, u64) {
        let bytes = self.container.entries.iter().map(|entry| entry.size).sum();
        (self.container.entries.len() as u64, bytes)
    }

    /// What tells this archive from another, without reading its content: its names, lengths and checksums.
    pub fn key(&self) -> Sha256 {
        let mut table = Vec::new();
        for entry in &self.container.entries {
            table.extend_from_slice(entry.name.as_bytes());
            table.push(0);
            table.extend_from_slice(&entry.size.to_le_bytes());
            table.extend_from_slice(&entry.crc.to_le_bytes());
        }
        digest(&table)
    }

    /// The categories, sorted by id.
    pub fn categories(&self) -> Vec<Category> {
        let mut found: BTreeMap<String, Category> = BTreeMap::new();
        let new = |id: &str| Category {
            id: id.to_owned(),
            name: None,
            files: 0,
            bytes: 0,
            claimed_items: None,
        };
        for (path, at) in &self.by_path {
            let Some(id) = self.category_of(path) else {
                continue;
            };
            let category = found.entry(id.to_owned()).or_insert_with(|| new(id));
            category.files += 1;
            category.bytes += self.container.entries[*at].size;
        }
        for claimed in self.claims.iter().flat_map(|claims| &claims.categories) {
            let category = found
                .entry(claimed.id.clone())
                .or_insert_with(|| new(&claimed.id));
            category.name = Some(claimed.name.clone()).filter(|name| !name.is_empty());
            category.claimed_items = Some(claimed.items);
        }
        found.into_values().collect()
    }

    /// What lies in a folder, by its path in the archive; the top is `""`. Folders first, then by name.
    pub fn folder(&self, path: &str) -> Vec<Node> {
        let within = if path.is_empty() {
            String::new()
        } else {
            format!("{}/", path.trim_end_matches('/'))
        };
        let mut found: BTreeMap<(bool, &str), Node> = BTreeMap::new();
        for (path, at) in &self.by_path {
            let Some(rest) = path.strip_prefix(within.as_str()) else {
                continue;
            };
            let (name, folder) = rest
                .split_once('/')
                .map_or((rest, false), |(folder, _)| (folder, true));
            let node = found.entry((!folder, name)).or_insert_with(|| Node {
                name: name.to_owned(),
                folder,
                files: 0,
                bytes: 0,
            });
            node.files += 1;
            node.bytes += self.container.entries[*at].size;
        }
        found.into_values().collect()
    }

    /// How long a file is, unpacked; `None` when it isn't there.
    pub fn file_size(&self, path: &str) -> Option<u64> {
        Some(self.container.entries[*self.by_path.get(path)?].size)
    }

    /// A file as it can be shown: as text, as people, as events, as a letter, or a picture's bytes. Nothing in it runs,
    /// and nothing it refers to is fetched.
    ///
    /// # Errors
    /// When it isn't there, or is damaged.
    pub fn preview(&self, path: &str) -> Result<Preview, Fault> {
        preview::of(&mut self.container.reader()?, self.entry(path)?)
    }

    /// Saves a file into a folder, under `wished` or its own name made safe for every system. Never over another file,
    /// never outside the folder, whole or not at all; what is damaged isn't saved.
    ///
    /// # Errors
    /// When it isn't there, is damaged, isn't what the archive lists, or can't be written.
    pub fn save(&self, path: &str, folder: &Path, wished: Option<&str>) -> Result<PathBuf, Fault> {
        let entry = self.entry(path)?;
        let listed = self
            .manifest
            .as_ref()
            .and_then(|list| list.files.get(path))
            .copied();
        let mut reader = self.container.reader()?;
        save::save(folder, wished.unwrap_or(path), |take| {
            let mut hasher = crate::Hasher::default();
            reader.read(entry, |piece| {
                hasher.update(piece);
                take(piece)
            })?;
            if listed.is_some_and(|listed| listed != hasher.finish()) {
                return Err(Fault::Differs {
                    name: path.to_owned(),
                });
            }
            Ok(())
        })
    }

    /// The folder that stands for a category.
    pub(crate) fn category_of<'p>(&self, path: &'p str) -> Option<&'p str> {
        let below = if self.kind == Kind::Tree {
            path
        } else {
            path.strip_prefix("data/")?
        };
        below.split_once('/').map(|(folder, _)| folder)
    }

    /// The path of an entry, without the folder that holds everything.
    pub(crate) fn path_of<'e>(&self, entry: &'e Entry) -> Option<&'e str> {
        entry.name.strip_prefix(self.root.as_str())
    }

    /// The digest that the archive lists for a file.
    pub(crate) fn listed(&self, path: &str) -> Option<Sha256> {
        self.manifest.as_ref()?.files.get(path).copied()
    }

    /// A record.
    pub(crate) fn item(&self, place: Place) -> Result<Item, Fault> {
        let entry = self
            .container
            .entries
            .get(place.entry)
            .ok_or(Fault::NotAnArchive)?;
        let path = self.path_of(entry).unwrap_or(&entry.name);
        let Some(length) = place.length else {
            return Ok(Item {
                id: path.to_owned(),
                kind: "file".to_owned(),
                title: path.rsplit('/').next().map(str::to_owned),
                files: vec![path.to_owned()],
                ..Item::default()
            });
        };
        let bytes = self.container.reader()?.part(entry, place.offset, length)?;
        serde_json::from_slice(&bytes).map_err(|_| Fault::Damaged {
            name: path.to_owned(),
        })
    }

    fn entry(&self, path: &str) -> Result<&Entry, Fault> {
        let at = self.by_path.get(path).ok_or_else(|| Fault::Missing {
            name: settings_privacy_core::archive::shown(path.as_bytes()),
        })?;
        Ok(&self.container.entries[*at])
    }
}
