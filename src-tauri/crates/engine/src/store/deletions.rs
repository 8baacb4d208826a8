//! The stored side of ending an account, and emptying the store when an account is gone.

use jiff::Timestamp;
use settings_privacy_core::deletion::{Deletion, decode, encode};
use settings_privacy_core::export::WorkflowId;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, doing, unreadable};

/// A deletion as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionRow {
    /// The workflow.
    pub deletion: Deletion,
    /// Where the account lives: the key of its place.
    pub place: String,
    /// Grows with every step.
    pub revision: i64,
    /// When it was begun here.
    pub asked_at: Timestamp,
    /// When it last moved.
    pub changed_at: Timestamp,
}

fn read(row: &SqliteRow) -> Result<DeletionRow, sqlx::Error> {
    Ok(DeletionRow {
        deletion: decode(row.get("body")).map_err(unreadable)?,
        place: row.get("place"),
        revision: row.get("revision"),
        asked_at: row.get::<&str, _>("asked_at").parse().map_err(unreadable)?,
        changed_at: row.get::<&str, _>("changed_at").parse().map_err(unreadable)?,
    })
}

impl Store {
    /// Every deletion, newest first. One that can't be read is left alone, and left out.
    pub async fn deletions(&self) -> Result<Vec<DeletionRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM deletion ORDER BY asked_at DESC, workflow DESC")
            .fetch_all(&self.reader)
            .await
            .map_err(doing("reading the ends of accounts"))?;
        let readable = |row: &SqliteRow| {
            read(row)
                .inspect_err(|error| tracing::warn!(%error, "what is kept of a deletion can't be read"))
                .ok()
        };
        Ok(rows.iter().filter_map(readable).collect())
    }

    /// Keeps a new one. `false` when another one of the account was begun meanwhile.
    pub async fn begin_deletion(
        &self,
        deletion: &Deletion,
        place: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let begun = sqlx::query(
            "INSERT INTO deletion (workflow, account, place, body, revision, asked_at, changed_at)
             VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5)",
        )
        .bind(deletion.workflow.0.to_string())
        .bind(&deletion.account.0)
        .bind(place)
        .bind(encode(deletion))
        .bind(now.to_string())
        .execute(&self.writer)
        .await
        .map_err(doing("recording the end of an account"))?;
        Ok(begun.rows_affected() == 1)
    }

    /// Keeps a step. `false` when another program made one since `revision`: then this one was made from old knowledge.
    pub async fn keep_deletion(
        &self,
        deletion: &Deletion,
        revision: i64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let kept = sqlx::query(
            "UPDATE deletion SET body = ?, revision = revision + 1, changed_at = ? WHERE workflow = ? AND revision = ?",
        )
        .bind(encode(deletion))
        .bind(now.to_string())
        .bind(deletion.workflow.0.to_string())
        .bind(revision)
        .execute(&self.writer)
        .await
        .map_err(doing("recording a step of a deletion"))?;
        Ok(kept.rows_affected() == 1)
    }

    /// Forgets one.
    pub async fn forget_deletion(&self, workflow: WorkflowId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM deletion WHERE workflow = ?")
            .bind(workflow.0.to_string())
            .execute(&self.writer)
            .await
            .map_err(doing("forgetting a deletion"))?;
        Ok(())
    }

    /// Whether what is kept here is on the disk at all.
    pub fn is_kept(&self) -> bool {
        self.log.is_some()
    }

    /// Whether any table holds a row of another account. Rows that name none don't count.
    ///
    /// # Errors
    /// When the file can't be read.
    pub async fn holds_another(&self, account: &str) -> Result<bool, StoreError> {
        let work = async {
            let mut connection = self.writer.acquire().await?;
            for (table, has_account) in tables(&mut connection).await? {
                if !has_account {
                    continue;
                }
                // The names come from the schema, which is this program's own.
                let sql = format!("SELECT EXISTS (SELECT 1 FROM \"{table}\" WHERE account != ?)");
                let held: bool = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
                    .bind(account)
                    .fetch_one(&mut *connection)
                    .await?;
                if held {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        work.await.map_err(doing("looking for other accounts"))
    }

    /// Empties every table, so that neither the file, nor its free pages, nor the log hold anything of what was there.
    /// With `account`, only what names that account: somebody else's is kept.
    ///
    /// # Errors
    /// When the file can't be written. What was emptied stays so; what wasn't is there.
    pub async fn empty(&self, account: Option<&str>) -> Result<(), StoreError> {
        let work = async {
            let mut transaction = self.writer.begin().await?;
            for (table, has_account) in tables(&mut transaction).await? {
                // The names come from the schema, which is this program's own.
                let all = format!("DELETE FROM \"{table}\"");
                let query = match (account, has_account) {
                    (None, _) => sqlx::query(sqlx::AssertSqlSafe(all)),
                    (Some(account), true) => {
                        sqlx::query(sqlx::AssertSqlSafe(all + " WHERE account = ?")).bind(account)
                    }
                    (Some(_), false) => continue,
                };
                query.execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
            sqlx::query("VACUUM").execute(&self.writer).await?;
            // Brings everything into the file and cuts the log to nothing.
            let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)")
                .fetch_one(&self.writer)
                .await?;
            match busy {
                0 => Ok(()),
                _ => Err(sqlx::Error::Protocol("somebody reads the log".to_owned())),
            }
        };
        work.await.map_err(doing("emptying the database"))
    }
}

/// This program's tables, and whether their rows name an account.
async fn tables(connection: &mut sqlx::SqliteConnection) -> Result<Vec<(String, bool)>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT name, EXISTS (SELECT 1 FROM pragma_table_info(m.name) WHERE name = 'account') AS has_account
         FROM sqlite_schema AS m WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name != '_sqlx_migrations'",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .iter()
        .map(|row| (row.get("name"), row.get("has_account")))
        .collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const CANARY: &str = "canary-7d1f";

    fn holds_canary(folder: &Path) -> bool {
        let files = std::fs::read_dir(folder).expect("a folder");
        let contents =
            files.map(|file| std::fs::read(file.expect("it can be listed").path()).expect("it can be read"));
        let has = |content: Vec<u8>| {
            content
                .windows(CANARY.len())
                .any(|part| part == CANARY.as_bytes())
        };
        contents.into_iter().any(has)
    }

    #[tokio::test]
    async fn nothing_of_what_was_there_is_left_in_any_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let opened = Store::open(&folder.path().join("a.db"), Timestamp::UNIX_EPOCH).await;
        let store = opened.expect("it opens").store;
        for number in 0..200 {
            let (key, value) = (format!("{CANARY}-{number}"), CANARY.repeat(30));
            store.set_setting(&key, Some(&value)).await.expect("it is kept");
        }
        store.durable().await.expect("it is on the disk");
        assert!(holds_canary(folder.path()));
        store.empty(None).await.expect("it is emptied");
        assert!(!holds_canary(folder.path()), "also while it is open");
        store.set_setting("new", Some("1")).await.expect("it goes on");
        store.close().await;
        assert!(!holds_canary(folder.path()));
    }

    #[tokio::test]
    async fn another_accounts_rows_are_seen_in_every_table_that_names_one() {
        let store = Store::in_memory().await.expect("memory holds a database");
        let rows = [
            ("consent (account, id, granted)", "?, 'a', 1"),
            (
                "outbox (account, target, body, key, state, next_at, created_at)",
                "?, 'a', '', 'a', 'queued', '', ''",
            ),
            ("change (account, id, at, body, stage)", "?, 'a', '', '', 'done'"),
            (
                "export (account, id, place, body, asked_at, changed_at)",
                "?, 'a', '', '', '', ''",
            ),
            (
                "archive (account, id, path, size, encrypted, added_at)",
                "?, 'a', '', 0, 0, ''",
            ),
            (
                "deletion (account, workflow, place, body, revision, asked_at, changed_at)",
                "?, 'a', '', '', 1, '', ''",
            ),
        ];
        for (into, values) in rows {
            let sql = format!("INSERT INTO {into} VALUES ({values})");
            let put = sqlx::query(sqlx::AssertSqlSafe(sql)).bind("you");
            put.execute(&store.writer).await.expect("it is kept");
            assert!(store.holds_another("me").await.expect("it can be read"), "{into}");
            assert!(
                !store.holds_another("you").await.expect("it can be read"),
                "{into}"
            );
            store.empty(Some("you")).await.expect("it is emptied");
            assert!(
                !store.holds_another("me").await.expect("it can be read"),
                "{into}"
            );
        }
        let nobodys = "INSERT INTO change (id, at, body, stage) VALUES ('b', '', '', 'done')";
        sqlx::query(nobodys)
            .execute(&store.writer)
            .await
            .expect("it is kept");
        assert!(
            !store.holds_another("me").await.expect("it can be read"),
            "this computer's own"
        );
    }

    #[tokio::test]
    async fn what_is_another_accounts_stays() {
        let store = Store::in_memory().await.expect("memory holds a database");
        for account in ["me", "you"] {
            store
                .queue_report(account, Timestamp::UNIX_EPOCH)
                .await
                .expect("it is recorded");
        }
        store
            .set_setting("theme", Some("dark"))
            .await
            .expect("it is kept");
        store.empty(Some("me")).await.expect("it is emptied");
        assert!(store.outbox("me").await.expect("it can be read").is_empty());
        assert_eq!(store.outbox("you").await.expect("it can be read").len(), 1);
        assert_eq!(
            store.setting("theme").await.expect("it can be read").as_deref(),
            Some("dark")
        );
    }
}
