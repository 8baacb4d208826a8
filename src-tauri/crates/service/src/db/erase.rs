//! Removes what the tables hold about an account: all of it, in one transaction.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Connection, organizations};

/// What becomes of a table's rows when an account ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// Those about the account are removed by this statement; `$1` is the account.
    Removed(&'static str),
    /// Those about the account, or its address, are removed by code of their own.
    RemovedApart,
    /// Its rows stay, and name nobody any more.
    KeptNameless,
    /// Nothing in it is about anybody.
    AboutNobody,
}

/// Every table, in an order in which rows can be removed. A table that isn't here fails a test: somebody has to decide.
pub const TABLES: [(&str, Treatment); 28] = [
    (
        "export_left_out",
        Treatment::Removed(
            "DELETE FROM export_left_out WHERE export_id IN (SELECT id FROM exports WHERE account_id = $1)",
        ),
    ),
    (
        "export_categories",
        Treatment::Removed(
            "DELETE FROM export_categories WHERE export_id IN (SELECT id FROM exports WHERE account_id = $1)",
        ),
    ),
    (
        "exports",
        Treatment::Removed("DELETE FROM exports WHERE account_id = $1"),
    ),
    (
        "files_to_remove",
        Treatment::Removed("DELETE FROM files_to_remove WHERE account_id = $1"),
    ),
    (
        "objects",
        Treatment::Removed("DELETE FROM objects WHERE account_id = $1"),
    ),
    (
        "items",
        Treatment::Removed("DELETE FROM items WHERE account_id = $1"),
    ),
    (
        "furnished",
        Treatment::Removed("DELETE FROM furnished WHERE account_id = $1"),
    ),
    (
        "authorizations",
        Treatment::Removed("DELETE FROM authorizations WHERE account_id = $1"),
    ),
    // The Organizations stay, and are never left without somebody who runs them.
    ("ended_memberships", Treatment::RemovedApart),
    ("organization_members", Treatment::RemovedApart),
    ("organizations", Treatment::RemovedApart),
    // By the account, its sessions, and its address, which only the service's key finds.
    ("idempotency_keys", Treatment::RemovedApart),
    ("verification_codes", Treatment::RemovedApart),
    ("code_sendings", Treatment::RemovedApart),
    (
        "token_pairs",
        Treatment::Removed(
            "DELETE FROM token_pairs WHERE session_id IN (SELECT id FROM sessions WHERE account_id = $1)",
        ),
    ),
    (
        "sessions",
        Treatment::Removed("DELETE FROM sessions WHERE account_id = $1"),
    ),
    (
        "device_permissions",
        Treatment::Removed("DELETE FROM device_permissions WHERE account_id = $1"),
    ),
    (
        "devices",
        Treatment::Removed("DELETE FROM devices WHERE account_id = $1"),
    ),
    (
        "consent_events",
        Treatment::Removed("DELETE FROM consent_events WHERE account_id = $1"),
    ),
    // Where nobody could be told.
    (
        "letters",
        Treatment::Removed("DELETE FROM letters WHERE account_id = $1"),
    ),
    (
        "accounts",
        Treatment::Removed("DELETE FROM accounts WHERE id = $1"),
    ),
    // Last: only an ending under way lets the history of consents be removed.
    (
        "deletions",
        Treatment::Removed("UPDATE deletions SET account_id = NULL, reasons = '[]' WHERE account_id = $1"),
    ),
    // Whom it is about is needed until the other system has confirmed.
    ("erasures", Treatment::KeptNameless),
    ("consent_counts", Treatment::KeptNameless),
    ("reason_counts", Treatment::KeptNameless),
    ("_sqlx_migrations", Treatment::AboutNobody),
    ("sqlite_sequence", Treatment::AboutNobody),
    ("sqlite_stat1", Treatment::AboutNobody),
];

/// Removes every row about an account. `digests` are those under which its address is known. What may be counted
/// without naming anybody is counted first.
pub async fn account(
    connection: &mut Connection,
    account: Uuid,
    digests: &[String],
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    count(connection, account, now).await?;
    organizations::withdraw(connection, account).await?;
    by_scope(connection, account, digests).await?;
    for (_, treatment) in TABLES {
        match treatment {
            Treatment::Removed(statement) => {
                sqlx::query(statement)
                    .bind(account.to_string())
                    .execute(&mut *connection)
                    .await?;
            }
            Treatment::RemovedApart | Treatment::KeptNameless | Treatment::AboutNobody => {}
        }
    }
    Ok(())
}

/// How often each consent was given and taken back, and why people go: by month, and by nobody in particular.
async fn count(connection: &mut Connection, account: Uuid, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO consent_counts (consent_id, granted, month, count) \
         SELECT consent_id, granted, strftime('%Y-%m', recorded_at / 1000000, 'unixepoch') AS month, COUNT(*) \
         FROM consent_events WHERE account_id = $1 GROUP BY consent_id, granted, month \
         ON CONFLICT (consent_id, granted, month) DO UPDATE SET count = count + excluded.count",
    )
    .bind(account.to_string())
    .execute(&mut *connection)
    .await?;
    let month = now.strftime("%Y-%m").to_string();
    sqlx::query(
        "INSERT INTO reason_counts (reason, month, count) \
         SELECT DISTINCT r.value, $2, 1 FROM deletions d, json_each(d.reasons) r \
         WHERE d.account_id = $1 AND d.state = 'finalising' \
         ON CONFLICT (reason, month) DO UPDATE SET count = count + 1",
    )
    .bind(account.to_string())
    .bind(month)
    .execute(connection)
    .await?;
    Ok(())
}

async fn by_scope(connection: &mut Connection, account: Uuid, digests: &[String]) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM idempotency_keys WHERE scope = 'account:' || $1 \
         OR scope IN (SELECT 'session:' || id FROM sessions WHERE account_id = $1)",
    )
    .bind(account.to_string())
    .execute(&mut *connection)
    .await?;
    for digest in digests {
        for statement in [
            "DELETE FROM idempotency_keys WHERE scope IN ('sign-in:' || $1, 'code:' || $1)",
            "DELETE FROM verification_codes WHERE identifier_digest = $1",
            "DELETE FROM code_sendings WHERE identifier_digest = $1",
        ] {
            sqlx::query(statement)
                .bind(digest)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::db::Database;

    #[tokio::test]
    async fn of_every_table_somebody_decided_what_becomes_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path(), Duration::from_secs(5))
            .await
            .unwrap();
        let mut reading = database.read().await.unwrap();
        let tables: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'")
            .fetch_all(&mut *reading)
            .await
            .unwrap();
        let decided: BTreeSet<&str> = TABLES.iter().map(|(table, _)| *table).collect();
        assert_eq!(decided.len(), TABLES.len(), "each once");
        let undecided: Vec<&String> = tables
            .iter()
            .filter(|table| !decided.contains(table.as_str()))
            .collect();
        assert!(undecided.is_empty(), "decide what becomes of {undecided:?}");
        let known: BTreeSet<&str> = tables.iter().map(String::as_str).collect();
        let gone: Vec<&&str> = decided
            .difference(&known)
            .filter(|table| !table.starts_with("sqlite_"))
            .collect();
        assert!(gone.is_empty(), "{gone:?} are no tables");
        for table in &tables {
            let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
                .bind(table)
                .fetch_all(&mut *reading)
                .await
                .unwrap();
            let names_one = columns.iter().any(|column| column == "account_id");
            let treatment = TABLES
                .iter()
                .find(|(name, _)| name == table)
                .map(|(_, treatment)| *treatment);
            assert!(
                !names_one || treatment != Some(Treatment::AboutNobody),
                "{table} is about somebody"
            );
        }
    }
}
