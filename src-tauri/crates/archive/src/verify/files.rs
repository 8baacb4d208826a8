//! Reading every file of an archive, on all processors.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rawzip::ReaderAt as _;
use settings_privacy_core::archive::{Fault, Sha256, shown};

use super::lists::Lists;
use super::{Progress, Stopped};
use crate::container::Container;
use crate::hasher::Hasher;
use crate::source::{Source, unreadable};

/// Files longer than this are begun first, so that none is left to one thread at the end.
const LONG: u64 = 8 << 20;
/// More threads don't make a disk faster.
const MOST_THREADS: usize = 8;
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) faults: Vec<Fault>,
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) digest: Option<Sha256>,
}

/// Reads every file, and the archive as a whole if need be, on all processors.
pub(super) fn read_all(
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
