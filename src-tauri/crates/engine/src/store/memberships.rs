//! Memberships that ended, and whether the person has seen that.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Store, StoreError, doing};

impl Store {
    /// Keeps that a membership ended. Says whether the person has seen that; one that ended again hasn't been seen.
    pub async fn keep_membership_end(
        &self,
        account: &str,
        organization: Uuid,
        ended_at: Timestamp,
    ) -> Result<bool, StoreError> {
        // The service is asked often, and nearly always says what it said before.
        let known: Option<i64> = sqlx::query_scalar(
            "SELECT seen FROM membership_end WHERE account = ? AND organization = ? AND ended_at = ?",
        )
        .bind(account)
        .bind(organization.to_string())
        .bind(ended_at.to_string())
        .fetch_optional(&self.reader)
        .await
        .map_err(doing("keeping that a membership ended"))?;
        if let Some(seen) = known {
            return Ok(seen == 1);
        }
        sqlx::query(
            "INSERT INTO membership_end (account, organization, ended_at) VALUES (?, ?, ?)
             ON CONFLICT (account, organization) DO UPDATE SET seen = 0, ended_at = excluded.ended_at",
        )
        .bind(account)
        .bind(organization.to_string())
        .bind(ended_at.to_string())
        .execute(&self.writer)
        .await
        .map_err(doing("keeping that a membership ended"))?;
        Ok(false)
    }

    /// Keeps that the person has seen that a membership ended.
    pub async fn see_membership_end(&self, account: &str, organization: Uuid) -> Result<(), StoreError> {
        sqlx::query("UPDATE membership_end SET seen = 1 WHERE account = ? AND organization = ?")
            .bind(account)
            .bind(organization.to_string())
            .execute(&self.writer)
            .await
            .map_err(doing("keeping that a message was seen"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_seen_stays_seen_until_it_happens_again_and_only_for_that_account() {
        let store = Store::in_memory().await.expect("memory holds a database");
        let (organization, at) = (Uuid::from_u128(1), Timestamp::UNIX_EPOCH);
        let keep = |account, at| store.keep_membership_end(account, organization, at);
        assert!(!keep("me", at).await.expect("it is kept"));
        assert!(!keep("you", at).await.expect("it is kept"));
        assert!(
            !keep("me", at).await.expect("it is kept"),
            "hearing it isn't seeing it"
        );
        store
            .see_membership_end("me", organization)
            .await
            .expect("it is kept");
        assert!(keep("me", at).await.expect("it is kept"));
        assert!(!keep("you", at).await.expect("it is kept"));
        let later = at + jiff::SignedDuration::from_hours(1);
        assert!(!keep("me", later).await.expect("it is kept"), "it ended again");
    }
}
