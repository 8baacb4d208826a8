//! What came goes along to another place. The part file at the old one stays until the new one is recorded.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use settings_privacy_archive::Hasher;
use settings_privacy_core::export::{Bytes, Export, Place, Reply, Sequence, Waits};

use super::super::Engine;
use super::fetch::stopped;
use super::part::{Trouble, create, missing_room, part_of, read, trouble};
use super::perform::unanswered;

/// How much is copied at a time.
const BLOCK: usize = 1 << 18;

/// Where a part lies, and where it is wanted.
pub(super) struct Moved {
    pub(super) from: Place,
    pub(super) to: Place,
    /// So much of it is safe.
    pub(super) bytes: Bytes,
    /// An earlier try made the file at the new place.
    pub(super) made: bool,
}

/// Stops a copy when whoever waits for it doesn't any more.
struct StopWhenDropped(Arc<AtomicBool>);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Engine {
    pub(super) async fn move_part(&self, export: &Export, sequence: Sequence, wanted: &Moved) -> Reply {
        let held = self.part_file(export.workflow).await;
        let (source, target) = (part_of(&wanted.from), part_of(&wanted.to));
        let (bytes, made) = (wanted.bytes, wanted.made);
        let mut tell = self.telling(export.workflow, sequence);
        let stop = Arc::new(AtomicBool::new(false));
        let stopping = StopWhenDropped(stop.clone());
        let work = tokio::task::spawn_blocking(move || {
            let _held = held;
            bring(&source, &target, bytes, made, &stop, || tell(0))
        });
        let outcome = work.await;
        drop(stopping);
        match outcome {
            Ok(Ok(bytes)) => Reply::Moved { bytes },
            Ok(Err(trouble)) => stopped(trouble),
            Err(_) => unanswered(None),
        }
    }
}

/// Brings so many bytes of a part file beside another place, and says how many lie there: all, or none when there aren't
/// so many any more. Within a file system it is another name of the same file, otherwise a copy that was read back.
/// `ours` says that an earlier try made the file there; `made` is told that this one did.
fn bring(
    source: &Path,
    target: &Path,
    bytes: Bytes,
    ours: bool,
    stop: &AtomicBool,
    mut made: impl FnMut(),
) -> Result<Bytes, Trouble> {
    let Some(mut from) = reachable(source, bytes) else {
        return Ok(Bytes(0));
    };
    if is_same(&from, target) {
        made();
        return Ok(bytes);
    }
    if ours {
        remove(target).map_err(|error| trouble(error, target, bytes.0))?;
    }
    match std::fs::hard_link(source, target) {
        Ok(()) => {
            made();
            sync_folder(target);
            return Ok(bytes);
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(Trouble::Waits(Waits::Place));
        }
        // Another file system, or one that knows no second names: where nothing can be written, copying says so.
        Err(_) => {}
    }
    if let Some(missing) = missing_room(target, bytes.0) {
        return Err(Trouble::Waits(Waits::Room { missing }));
    }
    let to = create(target).map_err(|error| trouble(error, target, bytes.0))?;
    made();
    let copied = copy(&mut from, to, target, bytes, stop);
    if !matches!(copied, Ok(Bytes(1..))) {
        // Half a copy is of no use; the part it is of is still there.
        let _ = std::fs::remove_file(target);
    }
    sync_folder(target);
    copied
}

/// The part file, if so much of it is there.
fn reachable(source: &Path, bytes: Bytes) -> Option<File> {
    let file = read(source).ok()?;
    let told = file.metadata().ok()?;
    (told.is_file() && told.len() >= bytes.0).then_some(file)
}

fn copy(
    from: &mut File,
    mut to: File,
    target: &Path,
    bytes: Bytes,
    stop: &AtomicBool,
) -> Result<Bytes, Trouble> {
    let mut hasher = Hasher::default();
    let mut block = vec![0; BLOCK];
    while hasher.bytes() < bytes.0 {
        if stop.load(Ordering::Relaxed) {
            return Err(Trouble::Passing(io::ErrorKind::Interrupted.into()));
        }
        let left = bytes.0 - hasher.bytes();
        let most = usize::try_from(left).map_or(BLOCK, |left| left.min(BLOCK));
        let came = match from.read(&mut block[..most]) {
            // What can't be read any more is gone: its drive was taken away.
            Ok(0) | Err(_) => return Ok(Bytes(0)),
            Ok(came) => &block[..came],
        };
        to.write_all(came).map_err(|error| trouble(error, target, left))?;
        hasher.update(came);
    }
    to.sync_all().map_err(|error| trouble(error, target, 0))?;
    drop(to);
    let mut back = read(target).map_err(|error| trouble(error, target, 0))?;
    let back = Hasher::resume(&mut back, bytes.0).map_err(|error| trouble(error, target, 0))?;
    if back.finish() != hasher.finish() {
        return Err(Trouble::Passing(io::Error::other(
            "what was copied reads back otherwise",
        )));
    }
    Ok(bytes)
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

#[cfg(unix)]
fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(one), Ok(other)) = (file.metadata(), path.symlink_metadata()) else {
        return false;
    };
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_file: &File, _path: &Path) -> bool {
    false
}

/// Brings a new name to the disk. Where folders can't be opened, or don't do that, the system does it in its time.
fn sync_folder(of: &Path) {
    if let Some(folder) = of.parent()
        && let Ok(folder) = File::open(folder)
    {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bring(source: &Path, target: &Path, bytes: u64, ours: bool) -> (Result<u64, Trouble>, bool) {
        let mut made = false;
        let stop = AtomicBool::new(false);
        let outcome = super::bring(source, target, Bytes(bytes), ours, &stop, || made = true);
        (outcome.map(|bytes| bytes.0), made)
    }

    #[test]
    fn it_lies_at_both_places_until_it_is_recorded() {
        let folder = tempfile::tempdir().expect("a folder");
        let (source, target) = (folder.path().join("a.part"), folder.path().join("b.part"));
        std::fs::write(&source, b"abcdef").expect("it can be written");
        for _again in 0..2 {
            assert!(matches!(bring(&source, &target, 4, false), (Ok(4), true)));
        }
        assert_eq!(std::fs::read(&source).expect("it is there"), b"abcdef");
        assert_eq!(std::fs::read(&target).expect("it is there"), b"abcdef");
    }

    #[test]
    fn another_file_system_gets_a_copy_that_was_read_back_and_no_half_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let (source, target) = (folder.path().join("a.part"), folder.path().join("b.part"));
        let content: Vec<u8> = (0..600_000u32).map(|at| at as u8).collect();
        std::fs::write(&source, &content).expect("it can be written");
        let copied = |stop: bool| {
            let mut from = read(&source).expect("it is there");
            let to = create(&target).expect("it is made");
            copy(&mut from, to, &target, Bytes(500_000), &AtomicBool::new(stop))
        };
        assert!(matches!(copied(false), Ok(Bytes(500_000))));
        assert_eq!(std::fs::read(&target).expect("it is there"), content[..500_000]);
        std::fs::remove_file(&target).expect("it is ours");
        assert!(matches!(copied(true), Err(Trouble::Passing(_))));
    }

    #[test]
    fn somebody_elses_file_is_never_written_over_and_ones_own_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let (source, target) = (folder.path().join("a.part"), folder.path().join("b.part"));
        std::fs::write(&source, b"mine").expect("it can be written");
        std::fs::write(&target, b"theirs").expect("it can be written");
        let (refused, made) = bring(&source, &target, 4, false);
        assert!(matches!(refused, Err(Trouble::Waits(Waits::Place))) && !made);
        assert_eq!(std::fs::read(&target).expect("it is there"), b"theirs");
        assert!(matches!(bring(&source, &target, 4, true), (Ok(4), true)));
        assert_eq!(std::fs::read(&target).expect("it is there"), b"mine");
    }

    #[test]
    fn what_is_gone_or_shorter_is_said_and_a_folder_that_is_missing_needs_the_person() {
        let folder = tempfile::tempdir().expect("a folder");
        let (source, target) = (folder.path().join("a.part"), folder.path().join("b.part"));
        assert!(matches!(bring(&source, &target, 4, false), (Ok(0), false)));
        std::fs::write(&source, b"abc").expect("it can be written");
        assert!(matches!(bring(&source, &target, 4, false), (Ok(0), false)));
        assert!(!target.exists());
        let nowhere = folder.path().join("no/b.part");
        let (refused, _) = bring(&source, &nowhere, 3, false);
        assert!(matches!(refused, Err(Trouble::Waits(Waits::Place))));
    }
}
