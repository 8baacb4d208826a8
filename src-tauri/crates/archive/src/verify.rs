//! Checking an archive, whole, before anything is called done.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use age::secrecy::SecretString;
use jiff::Timestamp;
use rawzip::ReaderAt as _;
use settings_privacy_core::archive::{
    Fault, Finding, MOST_FINDINGS, Manifest, Pinned, Report, Sha256, Signed, TAG_FILES, oxum, shown,
};

use crate::container::{Container, Reader};
use crate::hasher::Hasher;
use crate::jws;
use crate::layout::{CLAIMS, Kind, Layout, MANIFEST, SIGNATURE, TAG_MANIFEST};
use crate::source::{Source, unreadable};

/// More threads don't make a disk faster.
const MOST_THREADS: usize = 8;
/// Files longer than this are begun first, so that none is left to one thread at the end.
const LONG: u64 = 8 << 20;

/// What an archive must be. What isn't known isn't asked.
#[derive(Clone, Default)]
pub struct Expected {
    /// Its length, in bytes.
    pub size: Option<u64>,
    /// The digest of the file, as the service named it.
    pub digest: Option<Sha256>,
    /// The digest of the file, as [`Hasher`] saw it come and go to the disk: then the file isn't read a second time
    /// for it.
    pub streamed: Option<Sha256>,
    /// Whose it must be.
    pub account: Option<String>,
    /// Which export it must be.
    pub export: Option<String>,
    /// The keys it may be signed with.
    pub keys: Pinned,
}

/// How far it is, and whether it is still wanted. May be looked at from another thread.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes checked.
    pub done: AtomicU64,
    /// Bytes there are to check.
    pub of: AtomicU64,
    /// Set it to stop.
    pub stop: AtomicBool,
}

/// The archive was not checked to its end: somebody stopped it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

/// Checks an archive: its length and digest, its table of contents, every file against the lists (nothing missing,
/// nothing extra), the signature over the lists, and whose it is. It takes as many threads as there are processors, and
/// the same memory for every length. It writes nothing.
///
/// # Errors
/// When it was stopped. What is wrong with the archive is in the report.
pub fn verify(
    path: &Path,
    passphrase: Option<&SecretString>,
    expected: &Expected,
    now: Timestamp,
    progress: &Progress,
) -> Result<Report, Stopped> {
    let mut findings = Findings::default();
    let mut report = Report {
        report: 1,
        checked: now,
        export: None,
        size: 0,
        digest: None,
        digest_as_told: false,
        files: 0,
        bytes: 0,
        signed: None,
        findings: Vec::new(),
        more: 0,
    };
    match Container::open(path, passphrase) {
        Ok(container) => check(&container, expected, progress, &mut report, &mut findings)?,
        Err(fault) => {
            if let Ok(source) = Source::open(path, passphrase) {
                report.size = source.len();
                size(&source, expected, &mut findings);
            }
            findings.add(fault);
        }
    }
    (report.findings, report.more) = findings.finish();
    Ok(report)
}

fn size(source: &Source, expected: &Expected, findings: &mut Findings) {
    if let Some(told) = expected.size.filter(|told| *told != source.len()) {
        findings.add(Fault::Size {
            expected: told,
            found: source.len(),
        });
    }
}

fn check(
    container: &Container,
    expected: &Expected,
    progress: &Progress,
    report: &mut Report,
    findings: &mut Findings,
) -> Result<(), Stopped> {
    report.size = container.source().len();
    size(container.source(), expected, findings);
    findings.add_all(container.faults.iter().cloned());
    let bomb = container.faults.iter().any(Fault::forbids_opening);
    let lists = match container.reader() {
        Ok(mut reader) if !bomb => Some(lists(container, &mut reader, expected, report, findings)),
        Ok(_) => None,
        Err(fault) => {
            findings.add(fault);
            None
        }
    };
    let whole = if expected.streamed.is_some() {
        None
    } else {
        expected.digest
    };
    let files = if bomb { 0 } else { container.entries.len() };
    let outcome = read_all(container, lists.as_ref(), files, whole.is_some(), progress)?;
    findings.add_all(outcome.faults);
    (report.files, report.bytes) = (outcome.files, outcome.bytes);
    report.digest = expected.streamed.or(outcome.digest);
    if let (Some(told), Some(found)) = (expected.digest, report.digest) {
        report.digest_as_told = told == found;
        if told != found {
            findings.add(Fault::Digest {
                expected: told,
                found,
            });
        }
    }
    Ok(())
}

/// What every file must be.
struct Lists {
    root: String,
    payload: Option<Manifest>,
    tags: Option<Manifest>,
}

impl Lists {
    /// What a file's digest must be; `Ok(None)` when nothing lists it and nothing needs to.
    fn wanted(&self, name: &str) -> Result<Option<Sha256>, Fault> {
        let extra = || Fault::Extra {
            name: shown(name.as_bytes()),
        };
        let Some(path) = name.strip_prefix(self.root.as_str()) else {
            return Err(extra());
        };
        if path == SIGNATURE || path == TAG_MANIFEST {
            return Ok(None);
        }
        let list = if path.starts_with("data/") {
            &self.payload
        } else {
            &self.tags
        };
        match list {
            None => Ok(None),
            Some(list) => list.files.get(path).copied().map(Some).ok_or_else(extra),
        }
    }
}

/// Reads the lists, the signature over them, and whose the archive is.
fn lists(
    container: &Container,
    reader: &mut Reader<'_>,
    expected: &Expected,
    report: &mut Report,
    findings: &mut Findings,
) -> Lists {
    let mut layout = Layout::read(container, reader);
    if layout.kind == Kind::Tree {
        findings.add(Fault::NotABag);
        return Lists {
            root: layout.root,
            payload: None,
            tags: None,
        };
    }
    let payload = layout.manifest(container, reader, MANIFEST);
    let tags = layout.manifest(container, reader, TAG_MANIFEST);
    match (&tags, layout.bytes(container, reader, SIGNATURE)) {
        (Some((_, signed)), Some(jws)) => match jws::check(&jws, signed, &expected.keys) {
            Ok(kid) => report.signed = Some(Signed { kid }),
            Err(fault) => findings.add(fault),
        },
        (None, Some(_)) | (_, None) => findings.add(Fault::Unsigned),
    }
    for (path, list) in [(MANIFEST, &payload), (TAG_MANIFEST, &tags)] {
        if list.is_none() && layout.entry(container, path).is_none() {
            findings.add(Fault::Missing {
                name: path.to_owned(),
            });
        }
    }
    let entries = container.by_name();
    for (list, _) in payload.iter().chain(&tags) {
        let missing = list
            .files
            .keys()
            .filter(|path| !entries.contains_key(format!("{}{path}", layout.root).as_str()));
        let mut missing: Vec<&str> = missing.map(|path| &**path).collect();
        missing.sort_unstable();
        findings.add_all(missing.into_iter().map(|path| Fault::Missing {
            name: shown(path.as_bytes()),
        }));
    }
    if let Some((tags, _)) = &tags {
        let unlisted = TAG_FILES.iter().filter(|path| !tags.files.contains_key(**path));
        findings.add_all(unlisted.map(|path| Fault::Missing {
            name: (*path).to_owned(),
        }));
    }
    counts(container, &layout, findings);
    owner(&layout, expected, report, findings);
    findings.add_all(std::mem::take(&mut layout.faults));
    Lists {
        root: layout.root,
        payload: payload.map(|(list, _)| list),
        tags: tags.map(|(list, _)| list),
    }
}

/// `Payload-Oxum` is what there is.
fn counts(container: &Container, layout: &Layout, findings: &mut Findings) {
    let Some(claimed) = layout.info.get("Payload-Oxum") else {
        return;
    };
    let data = format!("{}data/", layout.root);
    let payload = container
        .entries
        .iter()
        .filter(|entry| entry.name.starts_with(&data));
    let (bytes, files) = payload.fold((0u64, 0u64), |(bytes, files), entry| {
        (bytes.saturating_add(entry.size), files + 1)
    });
    if oxum(claimed) != Some((bytes, files)) {
        findings.add(Fault::Oxum {
            claimed: shown(claimed.as_bytes()),
            found: format!("{bytes}.{files}"),
        });
    }
}

/// It says whose it is in two places, and both must agree with whom it should belong to.
fn owner(layout: &Layout, expected: &Expected, report: &mut Report, findings: &mut Findings) {
    report.export = layout.info.get("External-Identifier").map(str::to_owned);
    let claims = layout.claims.as_ref();
    if layout.kind == Kind::Export && claims.is_none() && layout.faults.is_empty() {
        findings.add(Fault::Missing {
            name: CLAIMS.to_owned(),
        });
    }
    let accounts = [
        layout.info.get("Account-Identifier"),
        claims.map(|claims| claims.account.as_str()),
    ];
    let exports = [
        report.export.as_deref(),
        claims.map(|claims| claims.export.as_str()),
    ];
    if !agree(&accounts, expected.account.as_deref()) {
        findings.add(Fault::AnotherAccount);
    }
    if !agree(&exports, expected.export.as_deref()) {
        findings.add(Fault::AnotherExport);
    }
    let named = report
        .export
        .as_deref()
        .map(|export| format!("settings-privacy-export-{export}/"));
    if layout.kind == Kind::Export && named.is_some_and(|named| named != layout.root) {
        findings.add(Fault::Structure {
            what: "its folder isn't named after the export".to_owned(),
        });
    }
}

/// Whether all that is said is the same, and the expected; when something is expected, it must be said.
fn agree(told: &[Option<&str>; 2], expected: Option<&str>) -> bool {
    match (told[0], told[1], expected) {
        (Some(one), Some(two), expected) => one == two && expected.is_none_or(|expected| expected == one),
        (Some(one), None, Some(expected)) | (None, Some(one), Some(expected)) => one == expected,
        (Some(_), None, None) | (None, Some(_), None) | (None, None, None) => true,
        (None, None, Some(_)) => false,
    }
}

#[derive(Default)]
struct Outcome {
    faults: Vec<Fault>,
    files: u64,
    bytes: u64,
    digest: Option<Sha256>,
}

/// Reads every file, and the archive as a whole if need be, on all processors.
fn read_all(
    container: &Container,
    lists: Option<&Lists>,
    files: usize,
    whole: bool,
    progress: &Progress,
) -> Result<Outcome, Stopped> {
    let mut order: Vec<usize> = (0..files).collect();
    order.sort_by_key(|at| {
        let size = container.entries[*at].size;
        std::cmp::Reverse(if size > LONG { size } else { 0 })
    });
    let unpacked: u64 = container.entries[..files].iter().map(|entry| entry.size).sum();
    let of = unpacked + if whole { container.source().len() } else { 0 };
    progress.of.store(of, Ordering::Relaxed);
    let outcome = Mutex::new(Outcome::default());
    let next = AtomicUsize::new(0);
    let whole_taken = AtomicBool::new(!whole);
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(MOST_THREADS);
    std::thread::scope(|scope| {
        let work = || {
            let mut mine = Outcome::default();
            if !whole_taken.swap(true, Ordering::Relaxed) {
                match digest_of(container.source(), progress) {
                    Ok(digest) => mine.digest = digest,
                    Err(fault) => mine.faults.push(fault),
                }
            }
            if let Err(fault) = read_some(container, lists, &order, &next, progress, &mut mine) {
                mine.faults.push(fault);
            }
            let mut all = outcome.lock().unwrap_or_else(PoisonError::into_inner);
            all.faults.append(&mut mine.faults);
            all.files += mine.files;
            all.bytes += mine.bytes;
            all.digest = all.digest.or(mine.digest);
        };
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    if progress.stop.load(Ordering::Relaxed) {
        return Err(Stopped);
    }
    let mut outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Threads come in any order; a report reads the same each time.
    outcome.faults.sort();
    Ok(outcome)
}

fn read_some(
    container: &Container,
    lists: Option<&Lists>,
    order: &[usize],
    next: &AtomicUsize,
    progress: &Progress,
    mine: &mut Outcome,
) -> Result<(), Fault> {
    let mut reader = container.reader()?;
    while let Some(at) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
        if progress.stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        let entry = &container.entries[*at];
        let next_header = container
            .entries
            .get(at + 1)
            .map_or(container.directory(), |next| next.header());
        match reader.header(entry) {
            Ok(end) if end <= next_header => {}
            Ok(_) => mine.faults.push(Fault::Structure {
                what: format!("“{}” reaches into what follows it", shown(entry.name.as_bytes())),
            }),
            Err(fault) => mine.faults.push(fault),
        }
        let wanted = lists.map_or(Ok(None), |lists| lists.wanted(&entry.name));
        let mut hasher = Hasher::default();
        let read = reader.read(entry, |piece| {
            hasher.update(piece);
            progress.done.fetch_add(piece.len() as u64, Ordering::Relaxed);
            Ok(())
        });
        let bytes = hasher.bytes();
        match (read, wanted) {
            (Err(fault), _) | (Ok(()), Err(fault)) => mine.faults.push(fault),
            (Ok(()), Ok(None)) => {}
            (Ok(()), Ok(Some(wanted))) if hasher.finish() == wanted => {
                mine.files += 1;
                mine.bytes += bytes;
            }
            (Ok(()), Ok(Some(_))) => mine.faults.push(Fault::Differs {
                name: shown(entry.name.as_bytes()),
            }),
        }
    }
    Ok(())
}

/// The digest of the whole file; `None` when it was stopped.
fn digest_of(mut source: &Source, progress: &Progress) -> Result<Option<Sha256>, Fault> {
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 1 << 18];
    loop {
        if progress.stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let source = &mut source;
        match source.read_at(&mut buffer, hasher.bytes()).map_err(unreadable)? {
            0 => return Ok(Some(hasher.finish())),
            count => {
                hasher.update(&buffer[..count]);
                progress.done.fetch_add(count as u64, Ordering::Relaxed);
            }
        }
    }
}

/// What was found, up to a number.
#[derive(Default)]
struct Findings {
    list: Vec<Finding>,
    more: u64,
}

impl Findings {
    fn add(&mut self, fault: Fault) {
        if self.list.iter().any(|found| found.fault == fault) {
            return;
        }
        if self.list.len() < MOST_FINDINGS {
            self.list.push(fault.into());
        } else {
            self.more += 1;
        }
    }

    fn add_all(&mut self, faults: impl IntoIterator<Item = Fault>) {
        faults.into_iter().for_each(|fault| self.add(fault));
    }

    fn finish(self) -> (Vec<Finding>, u64) {
        (self.list, self.more)
    }
}
