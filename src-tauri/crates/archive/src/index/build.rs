//! Making an index: one thread reads and folds, another writes.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::Deserialize;
use serde_json::value::RawValue;
use settings_privacy_core::archive::{Fault, Finding, Item, Sha256, fold_into, shown};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection as _, QueryBuilder, Row as _, Sqlite, SqliteConnection,
};
use tokio::sync::{Mutex, mpsc};

use super::{Index, IndexPlace, broken, millis};
use crate::archive::Archive;
use crate::container::{Entry, Reader};
use crate::hasher::Hasher;
use crate::layout::Kind;

/// The shape of the tables.
const VERSION: &str = "1";
/// So much text is scanned at once.
const BLOCK: usize = 512 << 10;
/// So many rows are written at once.
const ROWS: usize = 1000;
/// No file of records is longer; 10,000 records are a few MiB.
const MOST_RECORDS: u64 = 128 << 20;
/// In a plain tree, a text up to this length is searched.
const MOST_TEXT: u64 = 1 << 20;
/// So much of a record is shown in a list.
const LINE: usize = 160;

const TABLES: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE items (
    item INTEGER PRIMARY KEY, category INTEGER NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
    line TEXT NOT NULL, entry INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER, digest BLOB NOT NULL
) STRICT;
CREATE TABLE blocks (
    block INTEGER PRIMARY KEY, category INTEGER NOT NULL, first INTEGER NOT NULL, ends BLOB NOT NULL,
    ats BLOB NOT NULL, text BLOB NOT NULL
) STRICT;
CREATE TABLE days (category INTEGER NOT NULL, day INTEGER NOT NULL, items INTEGER NOT NULL,
    PRIMARY KEY (category, day)) STRICT, WITHOUT ROWID;
CREATE TABLE findings (finding TEXT NOT NULL) STRICT;
";

/// How far indexing is, and whether it is still wanted.
#[derive(Debug, Default)]
pub struct Indexing {
    /// Bytes read.
    pub done: AtomicU64,
    /// Bytes there are.
    pub of: AtomicU64,
    /// Set it to stop: what was made so far is dropped.
    pub stop: AtomicBool,
}

pub(super) async fn open(
    archive: Arc<Archive>,
    place: IndexPlace,
    progress: Arc<Indexing>,
) -> Result<Index, Fault> {
    let place = if archive.is_encrypted() {
        IndexPlace::Memory
    } else {
        place
    };
    let key = archive.key().to_string();
    let categories: Vec<String> = archive
        .categories()
        .into_iter()
        .map(|category| category.id)
        .collect();
    if let IndexPlace::File(path) = &place
        && let Some((connection, findings)) = existing(path, &key).await
    {
        return Ok(Index {
            archive,
            connection: Mutex::new(connection),
            categories,
            findings,
        });
    }
    let mut connection = match &place {
        IndexPlace::Memory => options().in_memory(true).connect().await,
        IndexPlace::File(path) => {
            private(path).map_err(crate::save::unwritable)?;
            options().filename(path).connect().await
        }
    }
    .map_err(broken)?;
    let findings = match fill(&mut connection, &archive, &categories, &key, &progress).await {
        Ok(findings) => findings,
        Err(fault) => {
            let _ = connection.close().await;
            if let IndexPlace::File(path) = &place {
                let _ = std::fs::remove_file(path);
            }
            return Err(fault);
        }
    };
    Ok(Index {
        archive,
        connection: Mutex::new(connection),
        categories,
        findings,
    })
}

/// It can be made again, so it needn't survive a crash; half made, it has no key and isn't used.
fn options() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .locking_mode(sqlx::sqlite::SqliteLockingMode::Exclusive)
        .page_size(16 << 10)
        .pragma("cache_size", "-8000")
        .pragma("trusted_schema", "off")
        .pragma("temp_store", "memory")
        .row_buffer_size(2)
        .disable_statement_logging()
}

/// An index that is whole, and this archive's.
async fn existing(path: &Path, key: &str) -> Option<(SqliteConnection, Vec<Finding>)> {
    if !path.is_file() {
        return None;
    }
    let mut connection = options().filename(path).connect().await.ok()?;
    let told = sqlx::query("SELECT value FROM meta WHERE key = 'archive' AND EXISTS (SELECT 1 FROM meta WHERE key = 'version' AND value = ?)")
        .bind(VERSION)
        .fetch_optional(&mut connection)
        .await;
    let same = matches!(told, Ok(Some(row)) if row.try_get::<String, _>(0).is_ok_and(|told| told == key));
    if !same {
        let _ = connection.close().await;
        return None;
    }
    let rows = sqlx::query("SELECT finding FROM findings")
        .fetch_all(&mut connection)
        .await
        .ok()?;
    let findings = rows
        .iter()
        .filter_map(|row| serde_json::from_str(row.try_get(0).ok()?).ok())
        .collect();
    Some((connection, findings))
}

/// A new, empty file that only its owner can read.
fn private(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

async fn fill(
    connection: &mut SqliteConnection,
    archive: &Arc<Archive>,
    categories: &[String],
    key: &str,
    progress: &Arc<Indexing>,
) -> Result<Vec<Finding>, Fault> {
    sqlx::raw_sql(TABLES)
        .execute(&mut *connection)
        .await
        .map_err(broken)?;
    sqlx::query("BEGIN")
        .execute(&mut *connection)
        .await
        .map_err(broken)?;
    let (sender, mut receiver) = mpsc::channel(2);
    let producer = {
        let (archive, progress, categories) =
            (Arc::clone(archive), Arc::clone(progress), categories.to_vec());
        tokio::task::spawn_blocking(move || produce(&archive, &categories, &progress, &sender))
    };
    while let Some(batch) = receiver.recv().await {
        write(connection, batch).await?;
    }
    let produced = producer.await.map_err(|_| Fault::Unreadable {
        why: "reading stopped".to_owned(),
    })??;
    for chunk in produced.days.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO days (category, day, items) ");
        query.push_values(chunk, |mut row, (category, day, items)| {
            row.push_bind(*category).push_bind(*day).push_bind(*items);
        });
        query.build().execute(&mut *connection).await.map_err(broken)?;
    }
    for finding in &produced.findings {
        let text = serde_json::to_string(finding).unwrap_or_default();
        let query = sqlx::query("INSERT INTO findings (finding) VALUES (?)").bind(text);
        query.execute(&mut *connection).await.map_err(broken)?;
    }
    for index in [
        "CREATE INDEX items_by_time ON items (category, at, item)",
        "CREATE INDEX items_by_time_alone ON items (at, item)",
    ] {
        sqlx::query(index)
            .execute(&mut *connection)
            .await
            .map_err(broken)?;
    }
    for (name, value) in [("version", VERSION), ("archive", key)] {
        let query = sqlx::query("INSERT INTO meta (key, value) VALUES (?, ?)")
            .bind(name)
            .bind(value);
        query.execute(&mut *connection).await.map_err(broken)?;
    }
    sqlx::query("COMMIT")
        .execute(&mut *connection)
        .await
        .map_err(broken)?;
    Ok(produced.findings)
}

async fn write(connection: &mut SqliteConnection, batch: Batch) -> Result<(), Fault> {
    match batch {
        Batch::Items(items) => {
            let mut query = QueryBuilder::<Sqlite>::new(
                "INSERT INTO items (item, category, id, at, kind, line, entry, offset, length, digest) ",
            );
            query.push_values(items, |mut row, item| {
                row.push_bind(item.number)
                    .push_bind(item.category)
                    .push_bind(item.id)
                    .push_bind(item.at)
                    .push_bind(item.kind)
                    .push_bind(item.line)
                    .push_bind(item.entry)
                    .push_bind(item.offset)
                    .push_bind(item.length)
                    .push_bind(item.digest.0.to_vec());
            });
            // The statement is the same for every full batch, and made of our own words.
            let query = query.build();
            query.execute(&mut *connection).await.map_err(broken)?;
        }
        Batch::Block(block) => {
            let sql = "INSERT INTO blocks (category, first, ends, ats, text) VALUES (?, ?, ?, ?, ?)";
            let query = sqlx::query(AssertSqlSafe(sql))
                .bind(block.category)
                .bind(block.first)
                .bind(block.ends)
                .bind(block.ats)
                .bind(block.text.into_bytes());
            query.execute(&mut *connection).await.map_err(broken)?;
        }
    }
    Ok(())
}

enum Batch {
    Items(Vec<NewItem>),
    Block(Block),
}

struct NewItem {
    number: i64,
    category: i64,
    id: String,
    at: i64,
    kind: String,
    line: String,
    entry: i64,
    offset: i64,
    length: Option<i64>,
    digest: Sha256,
}

/// Texts one after the other, with where each ends and when it was written.
#[derive(Default)]
struct Block {
    category: i64,
    first: i64,
    ends: Vec<u8>,
    ats: Vec<u8>,
    text: String,
}

struct Produced {
    days: Vec<(i64, i64, i64)>,
    findings: Vec<Finding>,
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

fn produce(
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
