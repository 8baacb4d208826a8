//! How an archive is laid out: a bag below one folder, or a plain tree.

use settings_privacy_core::archive::{BagInfo, Claims, Declaration, Fault, Manifest};

use crate::container::{Container, Entry, Reader};

/// No list of files, and nothing else that is read whole to check an archive, is longer.
const MOST_TAG: u64 = 256 << 20;
/// The service's own report.
pub(crate) const CLAIMS: &str = "data/report.json";
/// The signature.
pub(crate) const SIGNATURE: &str = "signature.jws";
/// The list of the lists.
pub(crate) const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
/// The list of the files.
pub(crate) const MANIFEST: &str = "manifest-sha256.txt";

/// What kind of archive it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A bag of this schema.
    Export,
    /// Another bag.
    Bag,
    /// Files and folders, as other services' exports are.
    Tree,
}

/// What the tag files say.
pub(crate) struct Layout {
    pub(crate) kind: Kind,
    /// The folder that holds everything, with its slash; empty when nothing does.
    pub(crate) root: String,
    pub(crate) info: BagInfo,
    pub(crate) claims: Option<Claims>,
    /// What in them is wrong.
    pub(crate) faults: Vec<Fault>,
}

impl Layout {
    /// Reads them.
    pub(crate) fn read(container: &Container, reader: &mut Reader<'_>) -> Self {
        let mut layout = Self {
            kind: Kind::Tree,
            root: root(&container.entries),
            info: BagInfo::default(),
            claims: None,
            faults: Vec::new(),
        };
        let Some(text) = layout.text(container, reader, "bagit.txt") else {
            return layout;
        };
        layout.kind = Kind::Bag;
        match Declaration::parse(&text) {
            Some(told) if ["1.0", "0.97"].contains(&told.version.as_str()) => {}
            Some(told) => layout.faults.push(Fault::NewerSchema {
                version: format!("BagIt {}", told.version),
            }),
            None => layout.faults.push(unclear("bagit.txt")),
        }
        if let Some(text) = layout.text(container, reader, "bag-info.txt") {
            layout.info = BagInfo::parse(&text);
        }
        match layout.info.get("Schema-Version") {
            Some("1") => layout.kind = Kind::Export,
            Some(version) => layout.faults.push(Fault::NewerSchema {
                version: version.to_owned(),
            }),
            None => {}
        }
        if let Some(text) = layout.text(container, reader, CLAIMS) {
            match serde_json::from_str::<Claims>(&text) {
                Ok(claims) if claims.schema <= 1 => layout.claims = Some(claims),
                Ok(claims) => layout.faults.push(Fault::NewerSchema {
                    version: claims.schema.to_string(),
                }),
                Err(_) => layout.faults.push(unclear(CLAIMS)),
            }
        }
        layout
    }

    /// An entry by its path in the bag.
    pub(crate) fn entry<'c>(&self, container: &'c Container, path: &str) -> Option<&'c Entry> {
        container
            .entries
            .iter()
            .find(|entry| entry.name.strip_prefix(self.root.as_str()) == Some(path))
    }

    /// A tag file's bytes; `None` when it isn't there or can't be read, which is then a fault.
    pub(crate) fn bytes(
        &mut self,
        container: &Container,
        reader: &mut Reader<'_>,
        path: &str,
    ) -> Option<Vec<u8>> {
        let entry = self.entry(container, path)?;
        reader
            .whole(entry, MOST_TAG)
            .map_err(|fault| self.faults.push(fault))
            .ok()
    }

    fn text(&mut self, container: &Container, reader: &mut Reader<'_>, path: &str) -> Option<String> {
        let bytes = self.bytes(container, reader, path)?;
        String::from_utf8(bytes)
            .map_err(|_| self.faults.push(unclear(path)))
            .ok()
    }

    /// A list of files, with its bytes.
    pub(crate) fn manifest(
        &mut self,
        container: &Container,
        reader: &mut Reader<'_>,
        path: &str,
    ) -> Option<(Manifest, Vec<u8>)> {
        let bytes = self.bytes(container, reader, path)?;
        let parsed = match std::str::from_utf8(&bytes) {
            Ok(text) => Manifest::parse(text).map_err(|fault| fault.line as u64),
            Err(_) => Err(0),
        };
        match parsed {
            Ok(manifest) => Some((manifest, bytes)),
            Err(line) => {
                self.faults.push(Fault::TagFile {
                    name: path.to_owned(),
                    line: (line > 0).then_some(line),
                });
                None
            }
        }
    }
}

pub(crate) fn unclear(path: &str) -> Fault {
    Fault::TagFile {
        name: path.to_owned(),
        line: None,
    }
}

/// The one folder that holds everything.
fn root(entries: &[Entry]) -> String {
    let folder = |entry: &Entry| entry.name.split_once('/').map(|(folder, _)| format!("{folder}/"));
    // A bag says itself where it begins; what lies beside its folder is then found as a stranger.
    let bag = entries
        .iter()
        .find(|entry| entry.name.split_once('/').map_or(&*entry.name, |(_, file)| file) == "bagit.txt");
    if let Some(bag) = bag {
        return folder(bag).unwrap_or_default();
    }
    let Some(first) = entries.first().and_then(folder) else {
        return String::new();
    };
    if entries.iter().all(|entry| entry.name.starts_with(&first)) {
        first
    } else {
        String::new()
    }
}
