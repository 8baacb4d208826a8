//! Makes one archive: reads what is held page by page, writes it entry by entry, and notes how far it is.
//!
//! What can't be copied is left out and named in the report; only the archive itself can fail.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use jiff::tz::TimeZone;
use settings_privacy_core::data;
use settings_privacy_core::inventory::{Category, CategoryId};
use tokio::time::Instant;

use super::bag::{self, Bag, CopyError, Packing};
use super::page::{self, Summary};
use super::records::{self, Cutter, Piece};
use super::{Halt, KEPT, SIGNATURE_TYPE, formats};
use crate::db::exports::{self as rows, Archive, Export, Fault, LeftOut, Progress};
use crate::db::items::{self, Item, Object, Place, Totals, Window};
use crate::db::{live, micros};
use crate::service::Shared;

/// How many items are read at once.
const ITEMS: i64 = 500;
/// How many files are looked up at once.
const OBJECTS: i64 = 200;
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
struct Work<'a> {
    shared: &'a Shared,
    export: &'a Export,
    halt: &'a Halt,
    /// Away only while it is written to.
    bag: Option<Bag>,
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
        let mut counted = rows::progress(&mut reading, self.export.id).await?;
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

    /// Copies a category's files. Says which of them couldn't be, and how many bytes the others have.
    async fn files_of(
        &mut self,
        category: &Category,
        progress: &mut Progress,
    ) -> Result<(HashSet<i64>, u64), Ended> {
        let id = category.id.as_str();
        let (mut missing, mut written) = (HashSet::new(), 0);
        let folder = self.shared.desk.objects(self.export.account, id);
        let (window, mut after) = (self.window(id), 0);
        loop {
            let mut reading = self.shared.database.read().await?;
            let account = self.export.account;
            let page = items::objects(&mut reading, account, id, window, after, OBJECTS).await?;
            drop(reading);
            let Some(last) = page.last() else {
                return Ok((missing, written));
            };
            after = last.number;
            for object in page {
                let (path, from) = (records::path(id, &object), folder.join(object.number.to_string()));
                let (halt, kept) = (self.halt.clone(), object.clone());
                let copied = self.on_disk(move |bag| {
                    let packing = Packing::of(&kept.media_type);
                    bag.copy(&path, &from, packing, kept.bytes, &kept.sha256, &halt)
                });
                match copied.await? {
                    Ok(bytes) => written += bytes,
                    Err(CopyError::Source(why)) => {
                        missing.insert(object.number);
                        self.leave_out(id, &format!("{}, file {}", object.item, object.number), why)
                            .await?;
                    }
                    Err(error @ (CopyError::Bag(_) | CopyError::Halted)) => return Err(error.into()),
                }
                progress.bytes_done += object.bytes;
                self.note_sometimes(progress).await?;
            }
        }
    }

    /// Writes a category's records. Says how many items they are, and how many bytes.
    async fn records_of(
        &mut self,
        category: &Category,
        progress: &mut Progress,
        missing: &HashSet<i64>,
    ) -> Result<(u64, u64), Ended> {
        let (id, account) = (category.id.as_str(), self.export.account);
        let window = self.window(id);
        let mut cutter = Cutter::new(id, &category.name);
        let (mut written, mut bytes) = (0, 0);
        let mut after = Place::before_all();
        loop {
            let mut reading = self.shared.database.read().await?;
            let page = items::page(&mut reading, account, id, window, &after, ITEMS).await?;
            let Some(last) = page.last() else { break };
            after = Place::of(either(last));
            let readable: Vec<Item> = page.iter().filter_map(|item| item.clone().ok()).collect();
            let files = items::objects_of(&mut reading, account, id, &readable).await?;
            drop(reading);
            for item in &page {
                progress.items_done += 1;
                progress.bytes_done += either(item).bytes;
                match item {
                    Ok(item) => {
                        let files = files.get(&item.id).into_iter().flatten();
                        let there: Vec<&Object> =
                            files.filter(|object| !missing.contains(&object.number)).collect();
                        cutter.add(item, &there);
                        written += 1;
                    }
                    Err(item) => {
                        let why = "What the service keeps of it can't be read.";
                        self.leave_out(id, &item.id, why).await?;
                    }
                }
            }
            bytes += self.write(cutter.take()).await?;
            self.note_sometimes(progress).await?;
        }
        let mut place = Some(0);
        while let Some(after) = place {
            let mut reading = self.shared.database.read().await?;
            let (page, next) = live::page(&mut reading, account, id, window, after).await?;
            drop(reading);
            for item in &page {
                progress.items_done += 1;
                progress.bytes_done += item.bytes;
                cutter.add(item, &[]);
                written += 1;
            }
            bytes += self.write(cutter.take()).await?;
            place = next;
        }
        cutter.end();
        bytes += self.write(cutter.take()).await?;
        Ok((written, bytes))
    }

    /// Writes the same once more in the format other programs open, where there is one. Says how many bytes that has.
    async fn standard_format(&mut self, category: &Category) -> Result<u64, Ended> {
        let id = category.id.as_str();
        let (path, begins, ends) = match id {
            "contacts" => ("data/contacts/contacts.vcf", "", ""),
            "calendar" => (
                "data/calendar/calendar.ics",
                formats::CALENDAR_BEGINS,
                formats::CALENDAR_ENDS,
            ),
            _ => return Ok(0),
        };
        let (window, mut after) = (self.window(id), Place::before_all());
        let start = vec![
            Piece::Start(path.to_owned()),
            Piece::Bytes(begins.as_bytes().to_vec()),
        ];
        self.write(start).await?;
        loop {
            let mut reading = self.shared.database.read().await?;
            let account = self.export.account;
            let page = items::page(&mut reading, account, id, window, &after, ITEMS).await?;
            drop(reading);
            let Some(last) = page.last() else { break };
            after = Place::of(either(last));
            let mut text = String::new();
            for item in page.iter().flatten() {
                if let Some(card) = &item.says.card {
                    text.push_str(&formats::vcard(item, card));
                }
                if let Some(event) = &item.says.event {
                    text.push_str(&formats::vevent(item, event));
                }
            }
            self.write(vec![Piece::Bytes(text.into_bytes())]).await?;
        }
        self.write(vec![Piece::Bytes(ends.as_bytes().to_vec()), Piece::End])
            .await
    }

    /// Writes what was copied and what was left out, and why.
    async fn report(&mut self, summaries: &[Summary]) -> Result<(), Ended> {
        let period = self
            .export
            .period
            .map(|(from, to)| serde_json::json!({ "from": from.to_string(), "to": to.to_string() }));
        let categories: Vec<serde_json::Value> = summaries
            .iter()
            .map(|summary| {
                serde_json::json!({
                    "id": summary.id, "name": summary.name, "items": summary.items,
                    "bytes": summary.bytes, "files": summary.files,
                })
            })
            .collect();
        let head = serde_json::json!({
            "schema": 1, "export": self.export.id.to_string(), "account": self.export.account.to_string(),
            "period": period, "categories": categories,
        });
        let head = head.to_string();
        let head = head.trim_end_matches('}');
        let start = vec![
            Piece::Start("data/report.json".to_owned()),
            Piece::Bytes(format!("{head},\"left_out\":[").into_bytes()),
        ];
        self.write(start).await?;
        let mut after = 0;
        loop {
            let mut reading = self.shared.database.read().await?;
            let page = rows::left_out(&mut reading, self.export.id, after, ITEMS).await?;
            drop(reading);
            let Some((last, _)) = page.last() else { break };
            let mut text = String::new();
            for (place, left_out) in &page {
                let line = serde_json::json!({
                    "category": left_out.category, "item": left_out.item, "why": left_out.why,
                });
                text.push_str(if *place == 1 { "\n" } else { ",\n" });
                text.push_str(&line.to_string());
            }
            after = *last;
            self.write(vec![Piece::Bytes(text.into_bytes())]).await?;
        }
        self.write(vec![Piece::Bytes(b"]}\n".to_vec()), Piece::End])
            .await?;
        Ok(())
    }

    /// Writes the page a person opens first.
    async fn front_page(&mut self, summaries: Vec<Summary>) -> Result<(), Ended> {
        let mut reading = self.shared.database.read().await?;
        let left_out = rows::count_left_out(&mut reading, self.export.id).await?;
        drop(reading);
        let front = page::Front {
            asked_at: self.export.requested_at,
            period: self.export.period,
            summaries,
            left_out,
        };
        self.on_disk(move |bag| {
            let listed = bag.listed()?;
            bag.start(page::PATH, Packing::Deflated, 0)?;
            front.write(bag, listed)?;
            bag.end()
        })
        .await??;
        Ok(())
    }

    /// Ends the bag, makes sure it is on the disk, and puts it where it is downloaded from.
    async fn finish(mut self) -> Result<(), Ended> {
        let (now, export) = (self.shared.now(), self.export);
        let info = vec![
            (
                "Bagging-Date",
                now.to_zoned_datetime(TimeZone::UTC).date().to_string(),
            ),
            ("External-Identifier", export.id.to_string()),
            ("Account-Identifier", export.account.to_string()),
            ("Schema-Version", "1".to_owned()),
            (
                "Source-Organization",
                "Settings & Privacy account service".to_owned(),
            ),
            ("Contact-Name", "The operator of the account service".to_owned()),
            ("External-Description", format!("A copy under: {}", export.regime)),
            (
                "Bag-Software-Agent",
                format!("privacy-service {}", env!("CARGO_PKG_VERSION")),
            ),
        ];
        let (keys, halt) = (self.shared.signing.clone(), self.halt.clone());
        let (part, whole) = (
            self.shared.desk.part(export.id),
            self.shared.desk.archive(export.id),
        );
        let bag = self.bag.take().ok_or_else(broke_off)?;
        let finish = move || -> io::Result<Option<(String, u64)>> {
            let mut file = bag.finish(&info, |manifest| keys.sign(SIGNATURE_TYPE, manifest))?;
            file.sync_all()?;
            let Some(digest) = bag::digest(&mut file, &halt)? else {
                return Ok(None);
            };
            drop(file);
            std::fs::rename(&part, &whole)?;
            sync_folder(&whole)?;
            Ok(Some(digest))
        };
        let (sha256, bytes) = blocking(finish).await??.ok_or(Ended::Halted)?;
        let ready_at = self.shared.now();
        let archive = Archive {
            bytes,
            sha256,
            ready_at,
            expires_at: ready_at + KEPT,
        };
        let mut transaction = self.shared.database.begin().await?;
        let is_wanted = rows::fulfil(&mut transaction, export.id, &archive).await?;
        transaction.commit().await?;
        if is_wanted {
            return Ok(());
        }
        let whole = self.shared.desk.archive(export.id);
        let _ = blocking(move || std::fs::remove_file(whole)).await?;
        Err(Ended::Halted)
    }

    /// Writes pieces of payload files. Says how many bytes the files that ended have.
    async fn write(&mut self, pieces: Vec<Piece>) -> Result<u64, Ended> {
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
    async fn on_disk<T: Send + 'static>(
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

    async fn leave_out(&mut self, category: &str, item: &str, why: &str) -> Result<(), Ended> {
        let left_out = LeftOut {
            category: category.to_owned(),
            item: item.to_owned(),
            why: why.to_owned(),
        };
        let mut transaction = self.shared.database.begin().await?;
        rows::leave_out(&mut transaction, self.export.id, &left_out).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn note_sometimes(&mut self, progress: &Progress) -> Result<(), Ended> {
        if self.noted_at.elapsed() < NOTE_EVERY {
            return Ok(());
        }
        self.note(progress).await
    }

    async fn note(&mut self, progress: &Progress) -> Result<(), Ended> {
        let mut transaction = self.shared.database.begin().await?;
        let now = self.shared.now();
        let is_wanted = rows::note_progress(&mut transaction, self.export.id, progress, now).await?;
        transaction.commit().await?;
        self.noted_at = Instant::now();
        if is_wanted { Ok(()) } else { Err(Ended::Halted) }
    }

    fn files(&self) -> u64 {
        self.bag.as_ref().map_or(0, Bag::files)
    }

    /// The stretch of time a category is copied of.
    fn window(&self, category: &str) -> Window {
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

/// The item, whether or not its words can be read.
fn either(item: &Result<Item, Item>) -> &Item {
    match item {
        Ok(item) | Err(item) => item,
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Ended> {
    tokio::task::spawn_blocking(work).await.map_err(|_| broke_off())
}

fn broke_off() -> Ended {
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

/// A new name is on the disk when its folder is. Only Unix opens folders.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
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
