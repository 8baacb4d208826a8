//! What the service last said of each consent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use settings_privacy_core::consent::ConsentId;
use sqlx::Row;

use super::{Store, StoreError, doing, unreadable};

/// A consent as the service last told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownConsent {
    /// Whether it is given.
    pub granted: bool,
    /// When the service recorded that.
    pub changed_at: Option<Timestamp>,
}

impl Store {
    /// All consents of an account the service told of.
    pub async fn known_consents(
        &self,
        account: &str,
    ) -> Result<BTreeMap<ConsentId, KnownConsent>, StoreError> {
        let rows = sqlx::query("SELECT id, granted, changed_at FROM consent WHERE account = ?")
            .bind(account)
            .fetch_all(&self.reader)
            .await
            .map_err(doing("reading consents"))?;
        let mut known = BTreeMap::new();
        for row in rows {
            let changed_at: Option<String> = row.get("changed_at");
            let changed_at = changed_at
                .map(|text| text.parse::<Timestamp>())
                .transpose()
                .map_err(unreadable)
                .map_err(doing("reading consents"))?;
            let id = ConsentId::new(row.get::<String, _>("id"));
            known.insert(
                id,
                KnownConsent {
                    granted: row.get("granted"),
                    changed_at,
                },
            );
        }
        Ok(known)
    }

    /// Keeps what is known of one consent.
    pub async fn keep_consent(
        &self,
        account: &str,
        id: &ConsentId,
        known: &KnownConsent,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO consent (account, id, granted, changed_at) VALUES (?, ?, ?, ?)
             ON CONFLICT (account, id) DO UPDATE SET granted = excluded.granted, changed_at = excluded.changed_at",
        )
        .bind(account)
        .bind(id.as_str())
        .bind(known.granted)
        .bind(known.changed_at.map(|at| at.to_string()))
        .execute(&self.writer)
        .await
        .map_err(doing("keeping a consent"))?;
        Ok(())
    }

    /// Replaces what is known of an account's consents.
    pub async fn keep_consents(
        &self,
        account: &str,
        known: &BTreeMap<ConsentId, KnownConsent>,
    ) -> Result<(), StoreError> {
        let work = async {
            let mut transaction = self.writer.begin().await?;
            sqlx::query("DELETE FROM consent WHERE account = ?")
                .bind(account)
                .execute(&mut *transaction)
                .await?;
            for (id, consent) in known {
                sqlx::query("INSERT INTO consent (account, id, granted, changed_at) VALUES (?, ?, ?, ?)")
                    .bind(account)
                    .bind(id.as_str())
                    .bind(consent.granted)
                    .bind(consent.changed_at.map(|at| at.to_string()))
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await
        };
        work.await.map_err(doing("keeping consents"))
    }
}
