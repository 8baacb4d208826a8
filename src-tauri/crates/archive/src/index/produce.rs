//! Reading an archive for its index: one thread, which folds texts and takes digests.

use std::sync::atomic::Ordering;

use serde::Deserialize;
use serde_json::value::RawValue;
use settings_privacy_core::archive::{Fault, Finding, Item, Sha256, fold_into, shown};
use tokio::sync::mpsc;

use super::build::Indexing;
use super::millis;
use crate::archive::Archive;
use crate::container::{Entry, Reader};
use crate::hasher::Hasher;
use crate::layout::Kind;

/// So many rows are written at once.
pub(super) const ROWS: usize = 1000;
/// So much text is scanned at once.
const BLOCK: usize = 512 << 10;
/// No file of records is longer; 10,000 records are a few MiB.
const MOST_RECORDS: u64 = 128 << 20;
/// In a plain tree, a text up to this length is searched.
const MOST_TEXT: u64 = 1 << 20;
/// So much of a record is shown in a list.
const LINE: usize = 160;

pub(super) enum Batch {
    Items(Vec<NewItem>),
    Block(Block),
}

pub(super) struct NewItem {
    pub(super) number: i64,
    pub(super) category: i64,
    pub(super) id: String,
    pub(super) at: i64,
    pub(super) kind: String,
    pub(super) line: String,
    pub(super) entry: i64,
    pub(super) offset: i64,
    pub(super) length: Option<i64>,
    pub(super) digest: Sha256,
}

/// Texts one after the other, with where each ends and when it was written.
#[derive(Default)]
pub(super) struct Block {
    pub(super) category: i64,
    pub(super) first: i64,
    pub(super) ends: Vec<u8>,
    pub(super) ats: Vec<u8>,
    pub(super) text: String,
}

pub(super) struct Produced {
    pub(super) days: Vec<(i64, i64, i64)>,
    pub(super) findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Records<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
}

struct Producer<'a> {
    archive: &'a Archive,
    sender: &'a mpsc::Sender<Batch>,
    items: Vec<NewItem>,
    block: Block,
    number: i64,
    days: std::collections::BTreeMap<(i64, i64), i64>,
    findings: Vec<Finding>,
    /// A record written out, to take its digest.
    text: Vec<u8>,
}

/// Whoever listens went away: it failed there, and says so there.
struct Gone;

/// Reads the archive, and hands on what it finds.
pub(super) fn produce(
    archive: &Archive,
    categories: &[String],
    progress: &Indexing,
    sender: &mpsc::Sender<Batch>,
) -> Result<Produced, Fault> {
    let mut reader = archive.container.reader()?;
    let records_only = archive.kind() == Kind::Export;
    let mut entries: Vec<(i64, usize, bool)> = Vec::new();
    for (at, entry) in archive.container.entries.iter().enumerate() {
        let Some(path) = archive.path_of(entry) else {
            continue;
        };
        let is_records = path.ends_with(".records.json") && archive.kind() != Kind::Tree;
        let category = archive
            .category_of(path)
            .and_then(|id| categories.binary_search_by(|told| told.as_str().cmp(id)).ok());
        if let Some(category) = category
            && (is_records || !records_only)
        {
            entries.push((category as i64, at, is_records));
        }
    }
    entries.sort_unstable();
    let of = entries
        .iter()
        .map(|(_, at, _)| archive.container.entries[*at].size)
        .sum();
    progress.of.store(of, Ordering::Relaxed);
    let mut producer = Producer {
        archive,
        sender,
        items: Vec::with_capacity(ROWS),
        block: Block::default(),
        number: 0,
        days: std::collections::BTreeMap::new(),
        findings: Vec::new(),
        text: Vec::new(),
    };
    for (category, at, is_records) in entries {
        if progress.stop.load(Ordering::Relaxed) {
            return Err(Fault::Unreadable {
                why: "it was stopped".to_owned(),
            });
        }
        let entry = &archive.container.entries[at];
        let done = if is_records {
            producer.records(&mut reader, category, at, entry)
        } else {
            producer.file(&mut reader, category, at, entry)
        };
        progress.done.fetch_add(entry.size, Ordering::Relaxed);
        if let Err(Gone) = done {
            break;
        }
    }
    let _ = producer.flush_items().and_then(|()| producer.flush_block());
    Ok(Produced {
        days: producer
            .days
            .into_iter()
            .map(|((category, day), items)| (category, day, items))
            .collect(),
        findings: producer.findings,
    })
}

impl Producer<'_> {
    fn records(
        &mut self,
        reader: &mut Reader<'_>,
        category: i64,
        at: usize,
        entry: &Entry,
    ) -> Result<(), Gone> {
        let bytes = match reader.whole(entry, MOST_RECORDS) {
            Ok(bytes) => bytes,
            Err(fault) => {
                self.findings.push(fault.into());
                return Ok(());
            }
        };
        let unclear = || Fault::TagFile {
            name: shown(entry.name.as_bytes()),
            line: None,
        };
        let Some(text) = std::str::from_utf8(&bytes).ok() else {
            self.findings.push(unclear().into());
            return Ok(());
        };
        let Ok(records) = serde_json::from_str::<Records<'_>>(text) else {
            self.findings.push(unclear().into());
            return Ok(());
        };
        let mut broken = false;
        for raw in records.items {
            let raw = raw.get();
            let Ok(item) = serde_json::from_str::<Item>(raw) else {
                broken = true;
                continue;
            };
            let offset = raw.as_ptr().addr() - text.as_ptr().addr();
            let digest = self.digest(&item);
            self.add(category, at, offset, Some(raw.len()), item, digest)?;
        }
        if broken {
            self.findings.push(unclear().into());
        }
        Ok(())
    }

    /// A file that is an item itself: its name is found, and its text if it is one.
    fn file(&mut self, reader: &mut Reader<'_>, category: i64, at: usize, entry: &Entry) -> Result<(), Gone> {
        const TEXTS: [&str; 10] = [
            "txt", "md", "csv", "json", "html", "htm", "eml", "vcf", "ics", "xml",
        ];
        let path = self.archive.path_of(entry).unwrap_or(&entry.name).to_owned();
        let end = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        let mut text = None;
        if TEXTS.contains(&end.as_str()) && entry.size <= MOST_TEXT {
            match reader.whole(entry, MOST_TEXT) {
                Ok(bytes) => text = String::from_utf8(bytes).ok(),
                Err(fault) => self.findings.push(fault.into()),
            }
        }
        let mut hasher = Hasher::default();
        match self.archive.listed(&path) {
            Some(listed) => hasher.update(&listed.0),
            None => hasher.update(&[&entry.size.to_le_bytes()[..], &entry.crc.to_le_bytes()].concat()),
        }
        let item = Item {
            title: path.rsplit('/').next().map(str::to_owned),
            id: path,
            kind: "file".to_owned(),
            text,
            ..Item::default()
        };
        self.add(category, at, 0, None, item, hasher.finish())
    }

    /// Of everything in a record, with the files that belong to it.
    fn digest(&mut self, item: &Item) -> Sha256 {
        let mut hasher = Hasher::default();
        self.text.clear();
        serde_json::to_writer(&mut self.text, item).expect("memory takes everything, and every key is text");
        hasher.update(&self.text);
        for file in &item.files {
            if let Some(listed) = self.archive.listed(file) {
                hasher.update(&listed.0);
            }
        }
        hasher.finish()
    }

    fn add(
        &mut self,
        category: i64,
        entry: usize,
        offset: usize,
        length: Option<usize>,
        item: Item,
        digest: Sha256,
    ) -> Result<(), Gone> {
        if !self.block.ends.is_empty() && (self.block.category != category || self.block.text.len() >= BLOCK)
        {
            self.flush_block()?;
        }
        self.number += 1;
        let at = millis(item.at);
        if self.block.ends.is_empty() {
            (self.block.category, self.block.first) = (category, self.number);
        }
        let texts = item
            .title
            .iter()
            .chain(&item.text)
            .chain(&item.from)
            .chain(&item.to)
            .chain(item.fields.values());
        for text in texts {
            fold_into(text, &mut self.block.text);
            self.block.text.push('\n');
        }
        let end = u32::try_from(self.block.text.len()).unwrap_or(u32::MAX);
        self.block.ends.extend_from_slice(&end.to_le_bytes());
        self.block.ats.extend_from_slice(&at.to_le_bytes());
        if item.at.is_some() {
            *self
                .days
                .entry((category, at.div_euclid(86_400_000)))
                .or_default() += 1;
        }
        self.items.push(NewItem {
            number: self.number,
            category,
            line: line(&item),
            id: item.id,
            at,
            kind: item.kind,
            entry: entry as i64,
            offset: offset as i64,
            length: length.map(|length| length as i64),
            digest,
        });
        if self.items.len() == ROWS {
            self.flush_items()
        } else {
            Ok(())
        }
    }

    fn flush_items(&mut self) -> Result<(), Gone> {
        if self.items.is_empty() {
            return Ok(());
        }
        let items = std::mem::replace(&mut self.items, Vec::with_capacity(ROWS));
        self.sender.blocking_send(Batch::Items(items)).map_err(|_| Gone)
    }

    fn flush_block(&mut self) -> Result<(), Gone> {
        if self.block.ends.is_empty() {
            return Ok(());
        }
        let block = std::mem::take(&mut self.block);
        self.sender.blocking_send(Batch::Block(block)).map_err(|_| Gone)
    }
}

/// A record in one line of a list.
fn line(item: &Item) -> String {
    let text = item
        .title
        .as_deref()
        .or(item.text.as_deref())
        .or(item.from.as_deref())
        .unwrap_or_default();
    let text = text.trim_start();
    let cut = (0..=text.len().min(LINE))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    text[..cut].replace(['\n', '\r', '\t'], " ")
}
