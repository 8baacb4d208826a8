//! What goes into an archive: a category's files, its records, and the same in the format other programs open.

use std::collections::HashSet;

use settings_privacy_core::inventory::Category;

use super::bag::{CopyError, Packing};
use super::formats;
use super::prepare::{Ended, ITEMS, Work};
use super::records::{self, Cutter, Piece};
use crate::db::export_progress::Progress;
use crate::db::items::{self, Item, Object, Place};
use crate::db::live;

/// How many files are looked up at once.
const OBJECTS: i64 = 200;

impl Work<'_> {
    /// Copies a category's files. Says which of them couldn't be, and how many bytes the others have.
    pub(super) async fn files_of(
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
    pub(super) async fn records_of(
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
    pub(super) async fn standard_format(&mut self, category: &Category) -> Result<u64, Ended> {
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
}

/// The item, whether or not its words can be read.
fn either(item: &Result<Item, Item>) -> &Item {
    match item {
        Ok(item) | Err(item) => item,
    }
}
