//! Single settings, by key. What isn't there has its default.

use super::{Store, StoreError, doing};

impl Store {
    /// A setting, if it was ever set.
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        sqlx::query_scalar("SELECT value FROM setting WHERE key = ?")
            .bind(key)
            .fetch_optional(&self.reader)
            .await
            .map_err(doing("reading a setting"))
    }

    /// The settings whose keys begin so, with their values.
    pub async fn settings_that_begin(&self, with: &str) -> Result<Vec<(String, String)>, StoreError> {
        sqlx::query_as("SELECT key, value FROM setting WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key")
            .bind(with)
            .fetch_all(&self.reader)
            .await
            .map_err(doing("reading settings"))
    }

    /// Sets or, with `None`, forgets a setting.
    pub async fn set_setting(&self, key: &str, value: Option<&str>) -> Result<(), StoreError> {
        let query = match value {
            Some(value) => {
                sqlx::query("INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
                    .bind(key)
                    .bind(value)
            }
            None => sqlx::query("DELETE FROM setting WHERE key = ?").bind(key),
        };
        query
            .execute(&self.writer)
            .await
            .map_err(doing("keeping a setting"))?;
        Ok(())
    }
}
