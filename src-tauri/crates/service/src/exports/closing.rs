//! How an archive ends: its report, its first page, its signature, and its name.

use std::fs::File;
use std::io;
use std::path::Path;

use jiff::tz::TimeZone;

use super::bag::{self, Packing};
use super::page::{self, Summary};
use super::prepare::{Ended, ITEMS, Work, blocking, broke_off};
use super::records::Piece;
use super::{KEPT, SIGNATURE_TYPE};
use crate::db::export_progress;
use crate::db::exports::{self as rows, Archive};

impl Work<'_> {
    /// Writes what was copied and what was left out, and why.
    pub(super) async fn report(&mut self, summaries: &[Summary]) -> Result<(), Ended> {
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
            let page = export_progress::left_out(&mut reading, self.export.id, after, ITEMS).await?;
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
    pub(super) async fn front_page(&mut self, summaries: Vec<Summary>) -> Result<(), Ended> {
        let mut reading = self.shared.database.read().await?;
        let left_out = export_progress::count_left_out(&mut reading, self.export.id).await?;
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
    pub(super) async fn finish(mut self) -> Result<(), Ended> {
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
