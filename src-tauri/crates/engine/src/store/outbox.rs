//! The stored side of the outbox; its rules are in `core::outbox`.

use jiff::Timestamp;
use settings_privacy_core::consent::ConsentId;
use settings_privacy_core::history::{Change, Stage};
use settings_privacy_core::outbox::State;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use super::changes::stage_word;
use super::{Store, StoreError, doing, unreadable};

/// What a stored change is about. Changes of one target that haven't left become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// One consent. The body is an `api::ConsentChange`.
    Consent(ConsentId),
    /// What this computer observed. The body is made when it is sent.
    DevicePermissions,
}

impl Target {
    /// The target as it is stored.
    pub fn text(&self) -> String {
        match self {
            Target::Consent(id) => format!("consent:{id}"),
            Target::DevicePermissions => "device-permissions".to_owned(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("consent:") {
            Some(id) => Some(Target::Consent(ConsentId::new(id))),
            None => (text == "device-permissions").then_some(Target::DevicePermissions),
        }
    }
}

/// A consent's change, to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRow {
    /// For the history.
    pub change: Change,
    /// Which consent.
    pub consent: ConsentId,
    /// The JSON to send.
    pub body: String,
}

/// A change that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its number; grows.
    pub id: i64,
    /// Whose change it is.
    pub account: String,
    /// What it is about.
    pub target: Target,
    /// The JSON to send.
    pub body: String,
    /// The `Idempotency-Key` it goes under, however often.
    pub key: Uuid,
    /// Where it stands.
    pub state: State,
    /// How often it was tried.
    pub attempts: u32,
    /// Not before this time.
    pub next_at: Timestamp,
}

fn read(row: &SqliteRow) -> Result<OutboxRow, sqlx::Error> {
    let target: &str = row.get("target");
    let unknown = || sqlx::Error::Decode(format!("unknown outbox target {target}").into());
    Ok(OutboxRow {
        id: row.get("id"),
        account: row.get("account"),
        target: Target::parse(target).ok_or_else(unknown)?,
        body: row.get("body"),
        key: row.get::<&str, _>("key").parse().map_err(unreadable)?,
        state: match row.get::<&str, _>("state") {
            "queued" => State::Queued,
            "sending" => State::Sending,
            _ => State::Wedged {
                code: row.get::<Option<String>, _>("code").unwrap_or_default(),
                reason: row.get::<Option<String>, _>("reason").unwrap_or_default(),
            },
        },
        attempts: row.get("attempts"),
        next_at: row.get::<&str, _>("next_at").parse().map_err(unreadable)?,
    })
}

/// Puts a change in, in place of one of the same target that hasn't left, or that was refused.
async fn put(
    connection: &mut SqliteConnection,
    account: &str,
    target: &Target,
    body: &str,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let target = target.text();
    sqlx::query("DELETE FROM outbox WHERE account = ? AND target = ? AND state IN ('queued', 'wedged')")
        .bind(account)
        .bind(&target)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO outbox (account, target, body, key, state, next_at, created_at) VALUES (?, ?, ?, ?, 'queued', ?, ?)",
    )
    .bind(account)
    .bind(&target)
    .bind(body)
    .bind(Uuid::new_v4().to_string())
    .bind(now.to_string())
    .bind(now.to_string())
    .execute(&mut *connection)
    .await?;
    Ok(())
}

impl Store {
    /// Consents' changes: history and outbox in one transaction, all or none. Returns the last change's id.
    pub async fn queue_consents(
        &self,
        account: &str,
        changes: &[ConsentRow],
        now: Timestamp,
    ) -> Result<Option<Uuid>, StoreError> {
        let mut last = None;
        let work = async {
            let mut transaction = self.writer.begin().await?;
            for row in changes {
                let id = Uuid::now_v7();
                let kept = serde_json::to_string(&row.change).map_err(unreadable)?;
                sqlx::query("INSERT INTO change (id, at, account, body, stage) VALUES (?, ?, ?, ?, 'done')")
                    .bind(id.to_string())
                    .bind(now.to_string())
                    .bind(account)
                    .bind(kept)
                    .execute(&mut *transaction)
                    .await?;
                let target = Target::Consent(row.consent.clone());
                put(&mut transaction, account, &target, &row.body, now).await?;
                last = Some(id);
            }
            transaction.commit().await
        };
        work.await.map_err(doing("recording consents"))?;
        Ok(last)
    }

    /// Takes a consent's change back: history and outbox in one transaction. `body` is what to send.
    pub async fn queue_undo(
        &self,
        account: &str,
        undone: Uuid,
        consent: &ConsentId,
        body: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let work = async {
            let mut transaction = self.writer.begin().await?;
            sqlx::query("UPDATE change SET stage = ? WHERE id = ?")
                .bind(stage_word(Stage::Undone))
                .bind(undone.to_string())
                .execute(&mut *transaction)
                .await?;
            put(
                &mut transaction,
                account,
                &Target::Consent(consent.clone()),
                body,
                now,
            )
            .await?;
            transaction.commit().await
        };
        work.await.map_err(doing("recording a consent"))
    }

    /// A report of this computer's permissions is due.
    pub async fn queue_report(&self, account: &str, now: Timestamp) -> Result<(), StoreError> {
        let work = async {
            let mut transaction = self.writer.begin().await?;
            put(&mut transaction, account, &Target::DevicePermissions, "", now).await?;
            transaction.commit().await
        };
        work.await.map_err(doing("recording a report"))
    }

    /// Everything an account's outbox holds, oldest first.
    pub async fn outbox(&self, account: &str) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = "SELECT id, account, target, body, key, state, code, reason, attempts, next_at FROM outbox WHERE account = ? ORDER BY id";
        let rows = sqlx::query(sql)
            .bind(account)
            .fetch_all(&self.reader)
            .await
            .map_err(doing("reading the outbox"))?;
        rows.iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map_err(doing("reading the outbox"))
    }

    /// Marks a change as handed to the network, with the body that goes out. `false` when a newer change took its
    /// place meanwhile: then it must not be sent.
    pub async fn mark_sending(&self, id: i64, body: &str) -> Result<bool, StoreError> {
        let marked = sqlx::query(
            "UPDATE outbox SET state = 'sending', body = ?, attempts = attempts + 1
             WHERE id = ? AND state IN ('queued', 'sending')",
        )
        .bind(body)
        .bind(id)
        .execute(&self.writer)
        .await
        .map_err(doing("marking a change as sent"))?;
        Ok(marked.rows_affected() == 1)
    }

    /// The service has it, or the person let it go.
    pub async fn remove_outbox(&self, id: i64) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM outbox WHERE id = ?")
            .bind(id)
            .execute(&self.writer)
            .await
            .map_err(doing("clearing a change"))?;
        Ok(())
    }

    /// It is tried again, not before `at`, under the same key.
    pub async fn retry_outbox(&self, id: i64, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET next_at = ? WHERE id = ?")
            .bind(at.to_string())
            .bind(id)
            .execute(&self.writer)
            .await
            .map_err(doing("putting a change off"))?;
        Ok(())
    }

    /// It never left: it waits as before, or gives way to a newer change of the same target.
    pub async fn put_back_outbox(&self, id: i64, attempts: u32, at: Timestamp) -> Result<(), StoreError> {
        let work = async {
            let mut transaction = self.writer.begin().await?;
            // First, because two queued changes of one target can't stand side by side.
            sqlx::query(
                "DELETE FROM outbox WHERE id = ?1 AND EXISTS (SELECT 1 FROM outbox newer WHERE newer.id > outbox.id
                 AND newer.state = 'queued' AND newer.target = outbox.target AND newer.account = outbox.account)",
            )
            .bind(id)
            .execute(&mut *transaction)
            .await?;
            sqlx::query("UPDATE outbox SET state = 'queued', attempts = ?, next_at = ? WHERE id = ?")
                .bind(attempts)
                .bind(at.to_string())
                .bind(id)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await
        };
        work.await.map_err(doing("putting a change off"))
    }

    /// The service refused it for good. A newer change of the same target takes its place, if there is one.
    pub async fn wedge_outbox(&self, id: i64, code: &str, reason: &str) -> Result<(), StoreError> {
        let work = async {
            let mut transaction = self.writer.begin().await?;
            sqlx::query("UPDATE outbox SET state = 'wedged', code = ?, reason = ? WHERE id = ?")
                .bind(code)
                .bind(reason)
                .bind(id)
                .execute(&mut *transaction)
                .await?;
            sqlx::query(
                "DELETE FROM outbox WHERE id = ?1 AND EXISTS (SELECT 1 FROM outbox newer WHERE newer.state = 'queued'
                 AND newer.target = outbox.target AND newer.account = outbox.account)",
            )
            .bind(id)
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await
        };
        work.await.map_err(doing("keeping a refused change"))
    }

    /// A refused change is tried once more, as a new one: under a new key.
    pub async fn unwedge_outbox(&self, id: i64, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE outbox SET state = 'queued', key = ?, code = NULL, reason = NULL, attempts = 0, next_at = ?
             WHERE id = ? AND state = 'wedged'",
        )
        .bind(Uuid::new_v4().to_string())
        .bind(now.to_string())
        .bind(id)
        .execute(&self.writer)
        .await
        .map_err(doing("trying a refused change again"))?;
        Ok(())
    }

    /// Everything that waits is due now: the network is back, or somebody signed in.
    pub async fn hurry_outbox(&self, account: &str, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET next_at = ? WHERE account = ? AND state != 'wedged'")
            .bind(now.to_string())
            .bind(account)
            .execute(&self.writer)
            .await
            .map_err(doing("hurrying the outbox"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    async fn queue(store: &Store, granted: bool) {
        let consent = ConsentId::new("cookies.statistics");
        let change = Change::Consent {
            consent: consent.clone(),
            from: !granted,
            to: granted,
        };
        let row = ConsentRow {
            change,
            consent,
            body: granted.to_string(),
        };
        store
            .queue_consents("me", &[row], NOW)
            .await
            .expect("it is recorded");
    }

    async fn bodies(store: &Store) -> Vec<String> {
        store
            .outbox("me")
            .await
            .expect("it can be read")
            .into_iter()
            .map(|row| row.body)
            .collect()
    }

    #[tokio::test]
    async fn a_change_that_was_replaced_meanwhile_is_not_sent() {
        let store = Store::in_memory().await.expect("memory holds a database");
        queue(&store, true).await;
        let old = store.outbox("me").await.expect("it can be read").remove(0);
        queue(&store, false).await;
        assert!(
            !store
                .mark_sending(old.id, &old.body)
                .await
                .expect("it can be asked")
        );
        store.remove_outbox(old.id).await.expect("it is gone already");
        assert_eq!(bodies(&store).await, ["false"]);
    }

    #[tokio::test]
    async fn a_change_that_never_left_gives_way_to_a_newer_one() {
        let store = Store::in_memory().await.expect("memory holds a database");
        queue(&store, true).await;
        let old = store.outbox("me").await.expect("it can be read").remove(0);
        assert!(store.mark_sending(old.id, &old.body).await.expect("it is marked"));
        queue(&store, false).await;
        assert_eq!(bodies(&store).await.len(), 2, "the first may have arrived");
        store
            .put_back_outbox(old.id, 1, NOW)
            .await
            .expect("the newer one stays alone");
        assert_eq!(bodies(&store).await, ["false"]);
    }

    #[tokio::test]
    async fn several_consents_are_recorded_together_or_not_at_all() {
        let store = Store::in_memory().await.expect("memory holds a database");
        let consent = ConsentId::new("cookies.statistics");
        let change = Change::Consent {
            consent: consent.clone(),
            from: false,
            to: true,
        };
        let row = ConsentRow {
            change,
            consent,
            body: "true".to_owned(),
        };
        sqlx::query(
            "CREATE TRIGGER full BEFORE INSERT ON outbox WHEN (SELECT count(*) FROM change) > 1
                     BEGIN SELECT RAISE(ABORT, 'no room'); END",
        )
        .execute(&store.writer)
        .await
        .expect("it can be made");
        assert!(
            store
                .queue_consents("me", &[row.clone(), row], NOW)
                .await
                .is_err()
        );
        assert!(bodies(&store).await.is_empty());
        assert!(store.changes(9).await.expect("it can be read").is_empty());
    }
}
