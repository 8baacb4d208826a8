//! What an Organization controls of what is held about people (policy §1), and what goes with its word: rows at once, and
//! files after them, since the rows alone are committed.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Connection, micros, uuid};

/// A file whose row is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Whose it was.
    pub account: Uuid,
    /// In which category.
    pub category: String,
    /// Its number within account and category.
    pub number: i64,
}

/// Removes everything an Organization controls of an account. Its files are noted as to be removed.
pub async fn remove_of(
    connection: &mut Connection,
    organization: Uuid,
    account: Uuid,
) -> Result<(), sqlx::Error> {
    remove_where(connection, organization, Some(account)).await
}

/// Removes everything an Organization controls, of everybody.
pub async fn remove(connection: &mut Connection, organization: Uuid) -> Result<(), sqlx::Error> {
    remove_where(connection, organization, None).await
}

async fn remove_where(
    connection: &mut Connection,
    organization: Uuid,
    account: Option<Uuid>,
) -> Result<(), sqlx::Error> {
    for statement in [
        "INSERT INTO files_to_remove (account_id, category, number) \
         SELECT o.account_id, o.category, o.number FROM objects o \
         JOIN items i ON i.account_id = o.account_id AND i.category = o.category AND i.id = o.item_id \
         WHERE i.organization_id = $1 AND ($2 IS NULL OR i.account_id = $2) ON CONFLICT DO NOTHING",
        "DELETE FROM objects WHERE (account_id, category, item_id) IN \
         (SELECT account_id, category, id FROM items \
         WHERE organization_id = $1 AND ($2 IS NULL OR account_id = $2))",
        "DELETE FROM items WHERE organization_id = $1 AND ($2 IS NULL OR account_id = $2)",
    ] {
        sqlx::query(statement)
            .bind(organization.to_string())
            .bind(account.map(|account| account.to_string()))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// At most `limit` files that may be removed now.
pub async fn leftovers(
    connection: &mut Connection,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Leftover>, sqlx::Error> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT account_id, category, number FROM files_to_remove WHERE retry_at <= $1 \
         ORDER BY account_id, category, number LIMIT $2",
    )
    .bind(micros(now))
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(account, category, number)| {
            Ok(Leftover {
                account: uuid(&account)?,
                category,
                number,
            })
        })
        .collect()
}

/// Notes that a file is gone.
pub async fn is_gone(connection: &mut Connection, leftover: &Leftover) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM files_to_remove WHERE account_id = $1 AND category = $2 AND number = $3")
        .bind(leftover.account.to_string())
        .bind(&leftover.category)
        .bind(leftover.number)
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes when a file that couldn't be removed is tried again.
pub async fn try_again(
    connection: &mut Connection,
    leftover: &Leftover,
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE files_to_remove SET retry_at = $4 WHERE account_id = $1 AND category = $2 AND number = $3",
    )
    .bind(leftover.account.to_string())
    .bind(&leftover.category)
    .bind(leftover.number)
    .bind(micros(at))
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts the made-up account's things into the hands of the Organization they come from: all of some categories, except
/// what says of itself that it is another's. What belongs somewhere already stays there.
pub async fn entrust(
    connection: &mut Connection,
    account: Uuid,
    organization: Uuid,
    categories: &[&str],
    except: &str,
) -> Result<(), sqlx::Error> {
    for category in categories {
        sqlx::query(
            "UPDATE items SET organization_id = $3 WHERE account_id = $1 AND category = $2 \
             AND organization_id IS NULL AND says NOT LIKE '%' || $4 || '%'",
        )
        .bind(account.to_string())
        .bind(category)
        .bind(organization.to_string())
        .bind(except)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
