//! Makes one archive: reads what is held page by page, writes it entry by entry, and notes how far it is.
//!
//! What can't be copied is left out and named in the report; only the archive itself can fail.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use settings_privacy_core::data;
use settings_privacy_core::inventory::{Category, CategoryId};
use tokio::time::Instant;

use super::Halt;
use super::bag::{Bag, CopyError, Packing};
use super::page::Summary;
use super::records::{self, Piece};
use crate::db::export_progress::{self, LeftOut, Progress};
use crate::db::exports::{self as rows, Export, Fault};
use crate::db::items::{self, Totals, Window};
use crate::db::{live, micros};
use crate::service::Shared;

/// How many items are read at once.
pub const ITEMS: i64 = 500;
/// How often it is noted how far a copy is; a note is a commit.
const NOTE_EVERY: Duration = Duration::from_millis(300);

/// Why no archive came of it.
#[derive(Debug)]
pub enum Ended {
    /// It was called off.
    Halted,
    /// It failed. What was said names nobody.
    Failed {
        /// Why.
        fault: Fault,
        /// What the system said.
        said: String,
    },
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        let is_full = matches!(
            error.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
        );
        Ended::Failed {
            fault: if is_full { Fault::NoSpace } else { Fault::Storage },
            said: error.kind().to_string(),
        }
    }
}

impl From<sqlx::Error> for Ended {
    fn from(error: sqlx::Error) -> Self {
        Ended::Failed {
            fault: Fault::Storage,
            said: error.to_string(),
        }
    }
}

impl From<CopyError> for Ended {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Bag(error) => error.into(),
            CopyError::Halted => Ended::Halted,
            CopyError::Source(why) => Ended::Failed {
                fault: Fault::Storage,
                said: why.to_owned(),
            },
        }
    }
}

/// Makes the archive of a copy and puts it where it is downloaded from.
pub async fn archive(shared: &Shared, export: &Export, halt: &Halt) -> Result<(), Ended> {
    // Boxed, here and below: what is kept between two steps is large, and would lie on the stack.
    let mut work = Box::pin(Work::begin(shared, export, halt)).await?;
    let mut summaries = Vec::new();
    for mut progress in work.count().await? {
        let Some(category) = data::inventory().get(&CategoryId::new(&progress.category)) else {
            continue;
        };
        summaries.push(Box::pin(work.category(category, &mut progress)).await?);
    }
    work.report(&summaries).await?;
    work.front_page(summaries).await?;
    Box::pin(work.finish()).await
}

/// A copy that is being made.
pub(super) struct Work<'a> {
    pub(super) shared: &'a Shared,
    pub(super) export: &'a Export,
    pub(super) halt: &'a Halt,
    /// Away only while it is written to.
    pub(super) bag: Option<Bag>,
    noted_at: Instant,
}

impl<'a> Work<'a> {
    async fn begin(shared: &'a Shared, export: &'a Export, halt: &'a Halt) -> Result<Self, Ended> {
        let mut transaction = shared.database.begin().await?;
        let is_wanted = rows::begin(&mut transaction, export.id, shared.now()).await?;
        transaction.commit().await?;
        if !is_wanted {
            return Err(Ended::Halted);
        }
        let (folder, part) = (shared.desk.exports.clone(), shared.desk.part(export.id));
        let top = format!("settings-privacy-export-{}", export.id);
        let at = export.requested_at;
        let begin = move || Bag::begin(make_file(&part)?, &folder, &top, at);
        let mut work = Self {
            shared,
            export,
            halt,
            bag: Some(blocking(begin).await??),
            noted_at: Instant::now(),
        };
        work.on_disk(|bag| bag.put(records::SCHEMA_PATH, records::SCHEMA.as_bytes()))
            .await??;
        Ok(work)
    }

    /// Counts what there is before anything is copied, so that progress has an end.
    async fn count(&mut self) -> Result<Vec<Progress>, Ended> {
        let mut reading = self.shared.database.read().await?;
        let mut counted = export_progress::progress(&mut reading, self.export.id).await?;
        let account = self.export.account;
        for progress in &mut counted {
            let window = self.window(&progress.category);
            let held = items::totals(&mut reading, account, &progress.category, window).await?;
            let held = live::totals(&mut reading, account, &progress.category, window, held).await?;
            *progress = Progress {
                items_done: 0,
                bytes_done: 0,
                items_total: held.items,
                bytes_total: held.bytes,
                ..progress.clone()
            };
        }
        drop(reading);
        for progress in &counted {
            self.note(progress).await?;
        }
        Ok(counted)
    }

    async fn category(&mut self, category: &Category, progress: &mut Progress) -> Result<Summary, Ended> {
        let files_before = self.files();
        let (missing, mut bytes) = self.files_of(category, progress).await?;
        let (items, more) = self.records_of(category, progress, &missing).await?;
        bytes += more;
        bytes += self.standard_format(category).await?;
        // What was added or removed since it was counted doesn't leave the end out of reach.
        progress.items_total = progress.items_done;
        progress.bytes_total = progress.bytes_done;
        self.note(progress).await?;
        Ok(Summary {
            id: category.id.as_str().to_owned(),
            name: category.name.clone(),
            holds: category.holds.clone(),
            items,
            bytes,
            files: self.files() - files_before,
        })
    }

    /// Writes pieces of payload files. Says how many bytes the files that ended have.
    pub(super) async fn write(&mut self, pieces: Vec<Piece>) -> Result<u64, Ended> {
        if pieces.is_empty() {
            return Ok(0);
        }
        let written = self.on_disk(move |bag| -> io::Result<u64> {
            let mut written = 0;
            for piece in pieces {
                match piece {
                    Piece::Start(path) => bag.start(&path, Packing::Deflated, 0)?,
                    Piece::Bytes(bytes) => bag.write_all(&bytes)?,
                    Piece::End => written += bag.end()?,
                }
            }
            Ok(written)
        });
        Ok(written.await??)
    }

    /// Lets a thread that may wait for the disk work on the bag.
    pub(super) async fn on_disk<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Bag) -> T + Send + 'static,
    ) -> Result<T, Ended> {
        if self.halt.is_called() {
            return Err(Ended::Halted);
        }
        let mut bag = self.bag.take().ok_or_else(broke_off)?;
        let (bag, done) = blocking(move || {
            let done = work(&mut bag);
            (bag, done)
        })
        .await?;
        self.bag = Some(bag);
        Ok(done)
    }

    pub(super) async fn leave_out(&mut self, category: &str, item: &str, why: &str) -> Result<(), Ended> {
        let left_out = LeftOut {
            category: category.to_owned(),
            item: item.to_owned(),
            why: why.to_owned(),
        };
        let mut transaction = self.shared.database.begin().await?;
        export_progress::leave_out(&mut transaction, self.export.id, &left_out).await?;
        transaction.commit().await?;
        Ok(())
    }

    pub(super) async fn note_sometimes(&mut self, progress: &Progress) -> Result<(), Ended> {
        if self.noted_at.elapsed() < NOTE_EVERY {
            return Ok(());
        }
        self.note(progress).await
    }

    pub(super) async fn note(&mut self, progress: &Progress) -> Result<(), Ended> {
        let mut transaction = self.shared.database.begin().await?;
        let now = self.shared.now();
        let is_wanted =
            export_progress::note_progress(&mut transaction, self.export.id, progress, now).await?;
        transaction.commit().await?;
        self.noted_at = Instant::now();
        if is_wanted { Ok(()) } else { Err(Ended::Halted) }
    }

    fn files(&self) -> u64 {
        self.bag.as_ref().map_or(0, Bag::files)
    }

    /// The stretch of time a category is copied of.
    pub(super) fn window(&self, category: &str) -> Window {
        let is_dated = data::inventory()
            .get(&CategoryId::new(category))
            .is_some_and(|category| category.dated);
        match self.export.period.filter(|_| is_dated) {
            Some((from, to)) => Window {
                from: micros(from),
                to: micros(to),
            },
            None => Window::ALWAYS,
        }
    }
}

/// How much is held of a category, from all tables.
pub async fn totals(
    connection: &mut crate::db::Connection,
    account: uuid::Uuid,
    category: &str,
) -> Result<Totals, sqlx::Error> {
    let held = items::totals(connection, account, category, Window::ALWAYS).await?;
    live::totals(connection, account, category, Window::ALWAYS, held).await
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Ended> {
    tokio::task::spawn_blocking(work).await.map_err(|_| broke_off())
}

pub(super) fn broke_off() -> Ended {
    Ended::Failed {
        fault: Fault::Storage,
        said: "writing broke off".to_owned(),
    }
}

/// A new file for its owner alone, in the place of what an earlier try left.
fn make_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_a_broken_one() {
        let fault = |kind: io::ErrorKind| match Ended::from(io::Error::from(kind)) {
            Ended::Failed { fault, .. } => fault,
            Ended::Halted => panic!("it wasn't called off"),
        };
        assert_eq!(fault(io::ErrorKind::StorageFull), Fault::NoSpace);
        assert_eq!(fault(io::ErrorKind::QuotaExceeded), Fault::NoSpace);
        assert_eq!(fault(io::ErrorKind::PermissionDenied), Fault::Storage);
    }
}
