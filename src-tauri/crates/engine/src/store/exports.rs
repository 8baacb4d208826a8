//! Copies that were asked for, each a workflow of `core::export`, kept whole at every step.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use settings_privacy_core::archive::Report;
use settings_privacy_core::export::{Export, WorkflowId, decode, encode};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, doing, unreadable};

/// A copy that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportRow {
    /// The workflow.
    pub export: Export,
    /// Where the account lived.
    pub place: String,
    /// What checking found.
    pub report: Option<Report>,
    /// Where a file lies that isn't sound.
    pub set_aside: Option<PathBuf>,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it last moved.
    pub changed_at: Timestamp,
}

fn read(row: &SqliteRow) -> Result<ExportRow, sqlx::Error> {
    let report: Option<&str> = row.get("report");
    Ok(ExportRow {
        export: decode(row.get("body")).map_err(unreadable)?,
        place: row.get("place"),
        report: report.and_then(|text| serde_json::from_str(text).ok()),
        set_aside: row.get::<Option<&str>, _>("set_aside").map(PathBuf::from),
        asked_at: row.get::<&str, _>("asked_at").parse().map_err(unreadable)?,
        changed_at: row.get::<&str, _>("changed_at").parse().map_err(unreadable)?,
    })
}

impl Store {
    /// A new one, as its first step left it.
    pub async fn add_export(&self, export: &Export, place: &str, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO export (id, account, place, body, asked_at, changed_at) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(export.workflow.0.to_string())
        .bind(&export.account.0)
        .bind(place)
        .bind(encode(export))
        .bind(now.to_string())
        .bind(now.to_string())
        .execute(&self.writer)
        .await
        .map_err(doing("recording an export"))?;
        Ok(())
    }

    /// One as a step left it: what is known and what is to be done, together.
    pub async fn keep_export(&self, export: &Export, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE export SET body = ?, changed_at = ? WHERE id = ?")
            .bind(encode(export))
            .bind(now.to_string())
            .bind(export.workflow.0.to_string())
            .execute(&self.writer)
            .await
            .map_err(doing("recording an export's step"))?;
        Ok(())
    }

    /// All of them, newest first.
    pub async fn exports(&self) -> Result<Vec<ExportRow>, StoreError> {
        let sql =
            "SELECT id, place, body, report, set_aside, asked_at, changed_at FROM export ORDER BY id DESC";
        let rows = sqlx::query(sql)
            .fetch_all(&self.reader)
            .await
            .map_err(doing("reading the exports"))?;
        let readable = rows.iter().filter_map(|row| match read(row) {
            Ok(export) => Some(export),
            Err(error) => {
                // A newer program's, or damaged: it hides no other, and stays where it is.
                tracing::warn!(%error, "an export can't be read");
                None
            }
        });
        Ok(readable.collect())
    }

    /// What checking its archive found.
    pub async fn keep_export_report(&self, id: WorkflowId, report: &Report) -> Result<(), StoreError> {
        let work = async {
            let report = serde_json::to_string(report).map_err(unreadable)?;
            sqlx::query("UPDATE export SET report = ? WHERE id = ?")
                .bind(report)
                .bind(id.0.to_string())
                .execute(&self.writer)
                .await
        };
        work.await.map_err(doing("recording what checking found"))?;
        Ok(())
    }

    /// Where its file lies that isn't sound.
    pub async fn keep_set_aside(&self, id: WorkflowId, path: &Path) -> Result<(), StoreError> {
        sqlx::query("UPDATE export SET set_aside = ? WHERE id = ?")
            .bind(path.to_string_lossy().into_owned())
            .bind(id.0.to_string())
            .execute(&self.writer)
            .await
            .map_err(doing("recording where a file was set aside"))?;
        Ok(())
    }

    /// Forgets one. Its files stay.
    pub async fn forget_export(&self, id: WorkflowId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM export WHERE id = ?")
            .bind(id.0.to_string())
            .execute(&self.writer)
            .await
            .map_err(doing("forgetting an export"))?;
        Ok(())
    }
}
