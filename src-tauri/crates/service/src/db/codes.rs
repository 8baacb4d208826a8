//! Rows of their own.

use jiff::Timestamp;

use super::Connection;

/// Removes what has served its time.
pub async fn prune(_connection: &mut Connection, _now: Timestamp) -> Result<(), sqlx::Error> {
    Ok(())
}
