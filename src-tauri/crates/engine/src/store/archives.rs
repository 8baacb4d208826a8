//! Archives on this computer.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use settings_privacy_core::archive::Report;
use settings_privacy_core::export::WorkflowId;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::{Store, StoreError, doing, unreadable};

/// An archive on this computer.
#[derive(Debug, Clone, PartialEq)]
pub struct ArchiveRow {
    /// Its number here.
    pub id: Uuid,
    /// Where it lies.
    pub path: PathBuf,
    /// The export it came of, if it was downloaded here.
    pub export: Option<WorkflowId>,
    /// Whose it is, as far as known.
    pub account: Option<String>,
    /// Its length, in bytes.
    pub size: u64,
    /// It is encrypted with a passphrase.
    pub encrypted: bool,
    /// What checking it last found.
    pub report: Option<Report>,
    /// Since when it is known here.
    pub added_at: Timestamp,
}

fn read(row: &SqliteRow) -> Result<ArchiveRow, sqlx::Error> {
    let export: Option<&str> = row.get("export");
    let report: Option<&str> = row.get("report");
    Ok(ArchiveRow {
        id: row.get::<&str, _>("id").parse().map_err(unreadable)?,
        path: PathBuf::from(row.get::<String, _>("path")),
        export: export.and_then(|id| id.parse().ok()).map(WorkflowId),
        account: row.get("account"),
        size: u64::try_from(row.get::<i64, _>("size")).unwrap_or_default(),
        encrypted: row.get::<i64, _>("encrypted") == 1,
        report: report.and_then(|text| serde_json::from_str(text).ok()),
        added_at: row.get::<&str, _>("added_at").parse().map_err(unreadable)?,
    })
}

impl Store {
    /// Keeps what is known of an archive; one at the same place is the same one. Whose one is that was downloaded here is
    /// said by its export, and never by the file.
    pub async fn keep_archive(&self, archive: &ArchiveRow) -> Result<(), StoreError> {
        let work = async {
            let report = archive.report.as_ref().map(serde_json::to_string);
            sqlx::query(
                "INSERT INTO archive (id, path, export, account, size, encrypted, report, added_at)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET
                 export = coalesce(excluded.export, export),
                 account = CASE WHEN excluded.export IS NOT NULL OR export IS NULL
                 THEN coalesce(excluded.account, account) ELSE coalesce(account, excluded.account) END,
                 size = excluded.size, encrypted = excluded.encrypted, report = CASE WHEN excluded.report IS NULL AND excluded.size = size THEN report ELSE excluded.report END",
            )
            .bind(archive.id.to_string())
            .bind(archive.path.to_string_lossy().into_owned())
            .bind(archive.export.map(|id| id.0.to_string()))
            .bind(archive.account.as_deref())
            .bind(i64::try_from(archive.size).unwrap_or(i64::MAX))
            .bind(i64::from(archive.encrypted))
            .bind(report.transpose().map_err(unreadable)?)
            .bind(archive.added_at.to_string())
            .execute(&self.writer)
            .await
        };
        work.await.map_err(doing("recording an archive"))?;
        Ok(())
    }

    /// An archive lies elsewhere now, encrypted.
    pub async fn archive_was_sealed(&self, from: &Path, to: &Path, size: u64) -> Result<(), StoreError> {
        sqlx::query("UPDATE OR REPLACE archive SET path = ?, encrypted = 1, size = ? WHERE path = ?")
            .bind(to.to_string_lossy().into_owned())
            .bind(i64::try_from(size).unwrap_or(i64::MAX))
            .bind(from.to_string_lossy().into_owned())
            .execute(&self.writer)
            .await
            .map_err(doing("recording an archive"))?;
        Ok(())
    }

    /// All of them, the last to come first.
    pub async fn archives(&self) -> Result<Vec<ArchiveRow>, StoreError> {
        let sql = "SELECT id, path, export, account, size, encrypted, report, added_at FROM archive ORDER BY added_at DESC, id";
        let rows = sqlx::query(sql)
            .fetch_all(&self.reader)
            .await
            .map_err(doing("reading the archives"))?;
        rows.iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map_err(doing("reading the archives"))
    }

    /// Forgets one. Its file stays.
    pub async fn forget_archive(&self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM archive WHERE id = ?")
            .bind(id.to_string())
            .execute(&self.writer)
            .await
            .map_err(doing("forgetting an archive"))?;
        Ok(())
    }
}
