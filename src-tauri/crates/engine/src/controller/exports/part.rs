//! The part file: what has come so far, beside where the whole shall lie.
//!
//! It is written by a thread of its own, which also takes the digest, while the network goes on. A second one brings it
//! to the disk, step by step, and says each time how much is safe. The first is never more than one step ahead of what
//! was said and recorded, so that an interruption costs at most two steps: one chunk.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc as threads;

use settings_privacy_archive::Hasher;
use settings_privacy_core::export::{Bytes, CHUNK, Place, Waits};
use tokio::sync::{OwnedMutexGuard, mpsc};
use tokio::task::JoinHandle;

/// How much is made safe at a time.
const STEP: u64 = CHUNK.0 / 2;
/// How much is handed over at a time.
const BLOCK: usize = 1 << 18;
/// How many blocks wait for the disk. With [`BLOCK`], the memory a download takes.
const BLOCKS: usize = 8;
/// What a file system needs besides, for its own lists.
const MARGIN: u64 = 1 << 20;

/// Where the part of a file lies.
pub(in crate::controller) fn part_of(to: &Place) -> PathBuf {
    let mut name = OsString::from(&to.0);
    name.push(".part");
    name.into()
}

/// Why a part file isn't written on.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Only the person can change it.
    Waits(Waits),
    /// What had come is gone, or shorter.
    Gone,
    /// More came than there should be.
    TooLong,
    /// It may pass.
    Passing(io::Error),
}

/// A part file, open at its end.
pub(super) struct Part {
    path: PathBuf,
    file: File,
    hasher: Hasher,
    size: u64,
    _empty: Empty,
    _held: OwnedMutexGuard<()>,
}

/// A part file that nothing was written into goes: it says nothing to anybody.
struct Empty(Option<PathBuf>);

impl Drop for Empty {
    fn drop(&mut self) {
        let Some(path) = &self.0 else { return };
        if path
            .symlink_metadata()
            .is_ok_and(|told| told.is_file() && told.len() == 0)
        {
            // One that stays does no harm.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Part {
    /// Opens it, cut to `from`, with the digest of what is there; and sees that the rest has room. One that isn't `ours`
    /// yet is made, unless a file of that name is there.
    pub(super) fn open(
        path: PathBuf,
        from: Bytes,
        size: Bytes,
        ours: bool,
        held: OwnedMutexGuard<()>,
    ) -> Result<Self, Trouble> {
        let attempt = || -> Result<(File, Hasher), Trouble> {
            let opened = if ours { open(&path) } else { create(&path) };
            let mut file = opened.map_err(|error| trouble(error, &path, size.0 - from.0))?;
            let there = file.metadata().map_err(Trouble::Passing)?.len();
            if there < from.0 {
                return Err(Trouble::Gone);
            }
            file.set_len(from.0).map_err(Trouble::Passing)?;
            let hasher = Hasher::resume(&mut file, from.0).map_err(Trouble::Passing)?;
            file.seek(SeekFrom::Start(from.0)).map_err(Trouble::Passing)?;
            Ok((file, hasher))
        };
        let (file, hasher) = attempt()?;
        let empty = Empty((from.0 == 0).then(|| path.clone()));
        if let Some(missing) = missing_room(&path, size.0 - from.0) {
            return Err(Trouble::Waits(Waits::Room { missing }));
        }
        Ok(Self {
            path,
            file,
            hasher,
            size: size.0,
            _empty: empty,
            _held: held,
        })
    }
}

/// One's own, made anew where it was taken away.
fn open(path: &Path) -> io::Result<File> {
    options().write(true).create(true).truncate(false).open(path)
}

/// One that wasn't there. One that is there and empty will do: nothing is lost with it.
pub(super) fn create(path: &Path) -> io::Result<File> {
    match options().write(true).create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let file = options().write(true).open(path)?;
            let told = file.metadata()?;
            if told.is_file() && told.len() == 0 {
                Ok(file)
            } else {
                Err(error)
            }
        }
        outcome => outcome,
    }
}

/// To read it only.
pub(super) fn read(path: &Path) -> io::Result<File> {
    options().open(path)
}

/// Never through a link, and for its owner alone.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.mode(0o600);
        if let Ok(flags) = i32::try_from(flags.bits()) {
            options.custom_flags(flags);
        }
    }
    options
}

/// How much room is missing for so many bytes beside a file; `None` when there is enough, or nobody can tell.
pub(super) fn missing_room(path: &Path, needed: u64) -> Option<Bytes> {
    let free = free_room(path.parent()?)?;
    let needed = if needed == 0 {
        0
    } else {
        needed.saturating_add(MARGIN)
    };
    needed.checked_sub(free).filter(|missing| *missing > 0).map(Bytes)
}

#[cfg(unix)]
fn free_room(folder: &Path) -> Option<u64> {
    let told = rustix::fs::statvfs(folder).ok()?;
    told.f_bavail.checked_mul(told.f_frsize)
}

#[cfg(not(unix))]
fn free_room(_folder: &Path) -> Option<u64> {
    None
}

/// What a system's refusal means. `rest` is how much was still to be written.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "there is no end to what a system may say"
)]
pub(super) fn trouble(error: io::Error, path: &Path, rest: u64) -> Trouble {
    let folder_is_there = path.parent().is_some_and(Path::is_dir);
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            let missing = missing_room(path, rest).unwrap_or(Bytes(rest));
            Trouble::Waits(Waits::Room { missing })
        }
        io::ErrorKind::NotFound
        | io::ErrorKind::AlreadyExists
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::PermissionDenied
        | io::ErrorKind::ReadOnlyFilesystem => Trouble::Waits(Waits::Place),
        _ if !folder_is_there => Trouble::Waits(Waits::Place),
        _ => Trouble::Passing(error),
    }
}

enum Block {
    Bytes(Vec<u8>),
    /// That was all for this time: bring it to the disk.
    End,
}

/// What lies in the part file in the end.
pub(super) struct Written {
    /// So many bytes, all of them safe.
    pub(super) bytes: u64,
    /// Their digest.
    pub(super) hasher: Hasher,
}

/// Writes on in a part file. Dropped, it stops after the block it is at.
pub(super) struct Writer {
    blocks: mpsc::Sender<Block>,
    filling: Vec<u8>,
    thread: JoinHandle<Result<Written, Trouble>>,
}

impl Writer {
    /// Begins. `stored` is told how much is safe, and returns once that was recorded.
    pub(super) fn start(part: Part, stored: impl FnMut(u64) + Send + 'static) -> Self {
        let (blocks, inbox) = mpsc::channel(BLOCKS);
        Self {
            blocks,
            filling: Vec::with_capacity(BLOCK),
            thread: tokio::task::spawn_blocking(move || write(part, inbox, stored)),
        }
    }

    /// Takes more. `false` when nothing more is taken: [`Writer::finish`] says why.
    pub(super) async fn write(&mut self, mut piece: &[u8]) -> bool {
        while !piece.is_empty() {
            let take = piece.len().min(BLOCK - self.filling.len());
            self.filling.extend_from_slice(&piece[..take]);
            piece = &piece[take..];
            if self.filling.len() == BLOCK {
                let full = std::mem::replace(&mut self.filling, Vec::with_capacity(BLOCK));
                if self.blocks.send(Block::Bytes(full)).await.is_err() {
                    return false;
                }
            }
        }
        true
    }

    /// Brings everything to the disk.
    pub(super) async fn finish(self) -> Result<Written, Trouble> {
        if self.blocks.send(Block::Bytes(self.filling)).await.is_ok() {
            // One that takes no more has ended, and says why below.
            let _ = self.blocks.send(Block::End).await;
        }
        match self.thread.await {
            Ok(outcome) => outcome,
            Err(stopped) => Err(Trouble::Passing(io::Error::other(stopped))),
        }
    }
}

fn write(
    part: Part,
    mut inbox: mpsc::Receiver<Block>,
    mut stored: impl FnMut(u64) + Send,
) -> Result<Written, Trouble> {
    let Part {
        path,
        mut file,
        mut hasher,
        size,
        _empty,
        _held,
    } = part;
    let on_disk = file.try_clone().map_err(Trouble::Passing)?;
    let beside = path.clone();
    std::thread::scope(|scope| {
        // It takes the next step only when it is done with the one before.
        let (steps, due) = threads::sync_channel::<u64>(0);
        let syncing = scope.spawn(move || -> Result<(), Trouble> {
            for bytes in due {
                let rest = size.saturating_sub(bytes);
                on_disk
                    .sync_data()
                    .map_err(|error| trouble(error, &beside, rest))?;
                match beside.try_exists() {
                    Ok(true) => stored(bytes),
                    Ok(false) if beside.parent().is_some_and(Path::is_dir) => return Err(Trouble::Gone),
                    Ok(false) | Err(_) => return Err(Trouble::Waits(Waits::Place)),
                }
            }
            Ok(())
        });
        let mut safe = hasher.bytes();
        let mut ended = false;
        let mut outcome = Ok(());
        while let Some(block) = inbox.blocking_recv() {
            let Block::Bytes(bytes) = block else {
                ended = true;
                break;
            };
            if hasher.bytes() + bytes.len() as u64 > size {
                outcome = Err(Trouble::TooLong);
                break;
            }
            if let Err(error) = file.write_all(&bytes) {
                outcome = Err(trouble(error, &path, size - hasher.bytes()));
                break;
            }
            hasher.update(&bytes);
            if hasher.bytes() - safe >= STEP {
                safe = hasher.bytes();
                if steps.send(safe).is_err() {
                    break;
                }
            }
        }
        // What came before something went wrong is of use as well. One that was told to stop leaves it as it is.
        if (ended || outcome.is_err()) && hasher.bytes() > safe {
            let _ = steps.send(hasher.bytes());
        }
        drop(steps);
        let synced = match syncing.join() {
            Ok(synced) => synced,
            Err(_) => Err(Trouble::Passing(io::Error::other("the disk's thread stopped"))),
        };
        synced.and(outcome)?;
        Ok(Written {
            bytes: hasher.bytes(),
            hasher,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    async fn part(path: &Path, from: u64, size: u64) -> Result<Part, Trouble> {
        let held = Arc::new(tokio::sync::Mutex::new(())).lock_owned().await;
        Part::open(path.to_owned(), Bytes(from), Bytes(size), from > 0, held)
    }

    #[tokio::test]
    async fn what_is_said_to_be_safe_is_never_far_behind_what_came_and_ends_with_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.part");
        let size = 3 * CHUNK.0 + 17;
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&told);
        let opened = part(&path, 0, size).await.expect("it opens");
        let mut writer = Writer::start(opened, move |bytes| heard.lock().expect("alone").push(bytes));
        let piece = vec![7; 100_000];
        let mut left = size;
        while left > 0 {
            let take = left.min(piece.len() as u64) as usize;
            assert!(writer.write(&piece[..take]).await);
            left -= take as u64;
        }
        let written = writer.finish().await.expect("it is written");
        assert_eq!(written.bytes, size);
        let told = told.lock().expect("alone").clone();
        assert_eq!(told.last(), Some(&size));
        let steps = std::iter::once(&0).chain(&told).zip(&told);
        for (before, after) in steps {
            assert!(after - before <= STEP + BLOCK as u64, "{told:?}");
        }
        let mut whole = Hasher::default();
        whole.update(&std::fs::read(&path).expect("it is there"));
        assert_eq!(whole.finish(), written.hasher.finish());
    }

    #[tokio::test]
    async fn it_goes_on_after_what_is_there_and_drops_what_lies_beyond() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.part");
        std::fs::write(&path, b"abcXXXX").expect("it can be written");
        let opened = part(&path, 3, 6).await.expect("it opens");
        let mut writer = Writer::start(opened, |_| {});
        assert!(writer.write(b"def").await);
        let written = writer.finish().await.expect("it is written");
        assert_eq!(std::fs::read(&path).expect("it is there"), b"abcdef");
        let mut whole = Hasher::default();
        whole.update(b"abcdef");
        assert_eq!(whole.finish(), written.hasher.finish());
    }

    #[tokio::test]
    async fn what_is_missing_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.part");
        std::fs::write(&path, b"ab").expect("it can be written");
        assert!(matches!(part(&path, 3, 6).await, Err(Trouble::Gone)));
        let path = folder.path().join("b.part");
        assert!(matches!(
            part(&folder.path().join("no/a.part"), 0, 6).await,
            Err(Trouble::Waits(Waits::Place))
        ));
        let huge = part(&path, 0, u64::MAX / 4).await;
        assert!(matches!(huge, Err(Trouble::Waits(Waits::Room { .. }))));
        assert!(!path.exists(), "an empty one is left behind");
    }

    #[tokio::test]
    async fn a_file_that_was_not_made_here_is_never_cut() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.part");
        std::fs::write(&path, b"somebody else's").expect("it can be written");
        assert!(matches!(
            part(&path, 0, 6).await,
            Err(Trouble::Waits(Waits::Place))
        ));
        assert_eq!(std::fs::read(&path).expect("it is there"), b"somebody else's");
    }

    #[tokio::test]
    async fn more_than_there_should_be_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let opened = part(&folder.path().join("a.part"), 0, 3).await.expect("it opens");
        let mut writer = Writer::start(opened, |_| {});
        assert!(writer.write(b"four").await);
        assert!(matches!(writer.finish().await, Err(Trouble::TooLong)));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn it_never_writes_through_a_link() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, target) = (folder.path().join("a.part"), folder.path().join("mine"));
        std::fs::write(&target, b"mine").expect("it can be written");
        std::os::unix::fs::symlink(&target, &path).expect("a link");
        assert!(part(&path, 0, 3).await.is_err());
        assert_eq!(std::fs::read(&target).expect("it is there"), b"mine");
    }
}
