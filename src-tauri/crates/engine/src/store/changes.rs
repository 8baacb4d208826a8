//! The history of changes made here.

use jiff::Timestamp;
use settings_privacy_core::history::{Change, Stage};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::{Store, StoreError, doing, unreadable};

/// A change, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// A UUIDv7: sorts by time.
    pub id: Uuid,
    /// When it was begun.
    pub at: Timestamp,
    /// Whose consent it was; `None` for changes of this computer.
    pub account: Option<String>,
    /// What it is.
    pub change: Change,
    /// How far it came.
    pub stage: Stage,
}

pub(super) fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Started => "started",
        Stage::Done => "done",
        Stage::Failed => "failed",
        Stage::Undone => "undone",
    }
}

fn read(row: &SqliteRow) -> Result<ChangeRow, sqlx::Error> {
    let stage = match row.get::<&str, _>("stage") {
        "done" => Stage::Done,
        "failed" => Stage::Failed,
        "undone" => Stage::Undone,
        _ => Stage::Started,
    };
    Ok(ChangeRow {
        id: row.get::<&str, _>("id").parse().map_err(unreadable)?,
        at: row.get::<&str, _>("at").parse().map_err(unreadable)?,
        account: row.get("account"),
        change: serde_json::from_str(row.get("body")).map_err(unreadable)?,
        stage,
    })
}

impl Store {
    /// Records a change before it is made.
    pub async fn begin_change(&self, change: &Change, now: Timestamp) -> Result<Uuid, StoreError> {
        let id = Uuid::now_v7();
        let work = async {
            let body = serde_json::to_string(change).map_err(unreadable)?;
            sqlx::query("INSERT INTO change (id, at, body, stage) VALUES (?, ?, ?, 'started')")
                .bind(id.to_string())
                .bind(now.to_string())
                .bind(body)
                .execute(&self.writer)
                .await
        };
        work.await.map_err(doing("recording a change"))?;
        Ok(id)
    }

    /// Records how far a change came, and what it left.
    pub async fn finish_change(&self, id: Uuid, change: &Change, stage: Stage) -> Result<(), StoreError> {
        let work = async {
            let body = serde_json::to_string(change).map_err(unreadable)?;
            sqlx::query("UPDATE change SET body = ?, stage = ? WHERE id = ?")
                .bind(body)
                .bind(stage_word(stage))
                .bind(id.to_string())
                .execute(&self.writer)
                .await
        };
        work.await.map_err(doing("recording what a change left"))?;
        Ok(())
    }

    /// Takes back a record of a change that wasn't made.
    pub async fn forget_change(&self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM change WHERE id = ?")
            .bind(id.to_string())
            .execute(&self.writer)
            .await
            .map_err(doing("taking back a record"))?;
        Ok(())
    }

    /// Records what became of a change that was begun and left; nothing if whoever made it has recorded it meanwhile.
    pub async fn settle_change(&self, id: Uuid, change: &Change, stage: Stage) -> Result<(), StoreError> {
        let work = async {
            let body = serde_json::to_string(change).map_err(unreadable)?;
            sqlx::query("UPDATE change SET body = ?, stage = ? WHERE id = ? AND stage = 'started'")
                .bind(body)
                .bind(stage_word(stage))
                .bind(id.to_string())
                .execute(&self.writer)
                .await
        };
        work.await.map_err(doing("settling a change"))?;
        Ok(())
    }

    /// One change.
    pub async fn change(&self, id: Uuid) -> Result<Option<ChangeRow>, StoreError> {
        let row = sqlx::query("SELECT id, at, account, body, stage FROM change WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(&self.reader)
            .await
            .map_err(doing("reading a change"))?;
        row.as_ref()
            .map(read)
            .transpose()
            .map_err(doing("reading a change"))
    }

    /// The newest changes, newest first.
    pub async fn changes(&self, limit: u32) -> Result<Vec<ChangeRow>, StoreError> {
        let rows = sqlx::query("SELECT id, at, account, body, stage FROM change ORDER BY id DESC LIMIT ?")
            .bind(limit)
            .fetch_all(&self.reader)
            .await
            .map_err(doing("reading the history"))?;
        let readable = rows.iter().filter_map(|row| match read(row) {
            Ok(change) => Some(change),
            Err(error) => {
                // One line that can't be read hides nothing else; it stays where it is.
                tracing::warn!(%error, "a line of the history can't be read");
                None
            }
        });
        Ok(readable.collect())
    }

    /// Changes that were begun and never finished: the program ended in between.
    pub async fn unfinished_changes(&self) -> Result<Vec<ChangeRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, at, account, body, stage FROM change WHERE stage = 'started' ORDER BY id",
        )
        .fetch_all(&self.reader)
        .await
        .map_err(doing("reading unfinished changes"))?;
        rows.iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map_err(doing("reading unfinished changes"))
    }
}

#[cfg(test)]
mod tests {
    use settings_privacy_core::consent::ConsentId;

    use super::*;

    #[tokio::test]
    async fn a_line_that_cant_be_read_hides_no_other() {
        let store = Store::in_memory().await.expect("memory holds a database");
        let change = Change::Consent {
            consent: ConsentId::new("cookies.statistics"),
            from: true,
            to: false,
        };
        let kept = store
            .begin_change(&change, Timestamp::UNIX_EPOCH)
            .await
            .expect("it is recorded");
        sqlx::query("INSERT INTO change (id, at, body, stage) VALUES ('no id', 'no time', '{}', 'done')")
            .execute(&store.writer)
            .await
            .expect("it can be written");
        let shown = store.changes(9).await.expect("the history can be read");
        assert_eq!(shown.iter().map(|row| row.id).collect::<Vec<_>>(), [kept]);
    }
}
