//! Bringing what was committed to the disk.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use sqlx::SqlitePool;

use super::{Store, StoreError, doing};

/// After so many times the log is brought into the file, so that it begins anew instead of growing.
const CHECKPOINT_EVERY: u32 = 50;

/// The write-ahead log beside the file, and a connection that nobody waits for.
#[derive(Debug, Clone)]
pub(super) struct Log {
    path: PathBuf,
    checkpointer: SqlitePool,
    times: Arc<AtomicU32>,
    /// The log's name is on the disk.
    named: Arc<AtomicBool>,
    /// The number of the last time that was begun.
    begun: Arc<AtomicU64>,
    /// The highest number of a time that the disk confirmed.
    confirmed: Arc<AtomicU64>,
}

/// A moment in the life of the log: what was committed before it.
#[derive(Debug, Clone, Copy)]
pub struct Mark(u64);

impl Log {
    pub(super) fn new(database: &Path, checkpointer: SqlitePool) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        Self {
            path: path.into(),
            checkpointer,
            times: Arc::default(),
            named: Arc::default(),
            begun: Arc::default(),
            confirmed: Arc::default(),
        }
    }

    pub(super) async fn close(&self) {
        self.checkpointer.close().await;
    }
}

impl Store {
    /// Everything committed so far.
    pub fn mark(&self) -> Mark {
        Mark(
            self.log
                .as_ref()
                .map_or(0, |log| log.begun.load(Ordering::SeqCst)),
        )
    }

    /// As [`Store::durable`], for what was committed before the mark: nothing is left to do when somebody else's wish
    /// brought it to the disk meanwhile.
    ///
    /// # Errors
    /// When the disk says that it couldn't keep it.
    pub async fn durable_at(&self, mark: Mark) -> Result<(), StoreError> {
        match &self.log {
            Some(log) if log.confirmed.load(Ordering::SeqCst) <= mark.0 => self.durable().await,
            Some(_) | None => Ok(()),
        }
    }

    /// Returns once everything that was committed before survives a power cut.
    ///
    /// # Errors
    /// When the disk says that it couldn't keep it.
    pub async fn durable(&self) -> Result<(), StoreError> {
        let Some(log) = &self.log else { return Ok(()) };
        let times = log.times.fetch_add(1, Ordering::Relaxed);
        let number = log.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let (path, named) = (log.path.clone(), Arc::clone(&log.named));
        let synced = tokio::task::spawn_blocking(move || sync(&path, &named)).await;
        synced
            .unwrap_or_else(|stopped| Err(io::Error::other(stopped)))
            .map_err(sqlx::Error::Io)
            .map_err(doing("bringing the database to the disk"))?;
        log.confirmed.fetch_max(number, Ordering::SeqCst);
        if times % CHECKPOINT_EVERY == CHECKPOINT_EVERY - 1 {
            // Passive: nobody waits for it, and what it can't bring over yet stays in the log.
            let checkpoint = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)");
            if let Err(error) = checkpoint.execute(&log.checkpointer).await {
                tracing::warn!(%error, "the log isn't brought into the database yet");
            }
        }
        Ok(())
    }
}

/// The log is one file for every connection, so whoever syncs it syncs what each of them committed. Its name is brought
/// to the disk once.
fn sync(log: &Path, named: &AtomicBool) -> io::Result<()> {
    // Windows syncs only what was opened for writing.
    match File::options().write(true).open(log) {
        Ok(file) => file.sync_data()?,
        // Without a log everything is in the file itself, which SQLite synced before it took the log away.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    if let (true, false, Some(folder)) = (cfg!(unix), named.load(Ordering::Relaxed), log.parent()) {
        File::open(folder)?.sync_all()?;
        named.store(true, Ordering::Relaxed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    async fn kept(path: &Path) -> Option<String> {
        let opened = Store::open(path, Timestamp::UNIX_EPOCH).await.expect("it opens");
        opened.store.setting("word").await.expect("it can be read")
    }

    #[tokio::test]
    async fn what_the_log_alone_holds_is_there_for_the_next_start() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, copy) = (folder.path().join("a.db"), folder.path().join("b.db"));
        let store = Store::open(&path, Timestamp::UNIX_EPOCH)
            .await
            .expect("it opens")
            .store;
        store.set_setting("word", Some("kept")).await.expect("it is kept");
        store.durable().await.expect("the disk keeps it");
        // What a power cut leaves: the files as they are, without a closing.
        for end in ["", "-wal"] {
            let with = |path: &Path| format!("{}{end}", path.display());
            std::fs::copy(with(&path), with(&copy)).expect("they are there");
        }
        assert_eq!(kept(&copy).await.as_deref(), Some("kept"));
        std::fs::remove_file(format!("{}-wal", copy.display())).ok();
        store.close().await;
    }

    #[tokio::test]
    async fn what_somebody_brought_to_the_disk_since_isnt_brought_again_and_what_nobody_did_is() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&folder.path().join("a.db"), Timestamp::UNIX_EPOCH)
            .await
            .expect("it opens")
            .store;
        let times = || store.log.as_ref().expect("a file").times.load(Ordering::Relaxed);
        store.durable().await.expect("the disk keeps it");
        store.set_setting("word", Some("kept")).await.expect("it is kept");
        let mark = store.mark();
        store.durable_at(mark).await.expect("the disk keeps it");
        assert_eq!(
            times(),
            2,
            "what was brought before the mark is not what was committed since"
        );
        store.durable_at(mark).await.expect("it is there");
        assert_eq!(times(), 2);
    }

    #[tokio::test]
    async fn the_log_doesnt_grow_for_ever() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.db");
        let store = Store::open(&path, Timestamp::UNIX_EPOCH)
            .await
            .expect("it opens")
            .store;
        let mut longest = 0;
        for turn in 0..CHECKPOINT_EVERY * 4 {
            store
                .set_setting("word", Some(&turn.to_string()))
                .await
                .expect("it is kept");
            store.durable().await.expect("the disk keeps it");
            let log = std::fs::metadata(format!("{}-wal", path.display())).expect("there is a log");
            longest = longest.max(log.len());
        }
        // A commit of one page takes a little over 4 KiB.
        assert!(
            longest < u64::from(CHECKPOINT_EVERY) * 3 * 4_200,
            "{longest} bytes"
        );
    }
}
