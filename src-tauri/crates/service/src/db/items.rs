//! Rows of `items` and `objects`: what is held about people, by category of the inventory.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{QueryBuilder, Sqlite};
use uuid::Uuid;

use super::{Connection, micros, timestamp};

/// One thing that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Names it within its account and category.
    pub id: String,
    /// What it lies in, by the name people know it by; empty where there is no such thing.
    pub collection: String,
    /// When it happened, or was last changed.
    pub at: Timestamp,
    /// What it says.
    pub says: Says,
    /// How many bytes that takes here.
    pub bytes: u64,
}

/// What an item says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Says {
    /// What it is: `message`, `call`, `task`, …
    pub kind: String,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Who it is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Whom it is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// What else there is to it, by label.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// With a contact: the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// With a schedule: the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
}

/// A person in an address book.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The name as it is shown.
    pub name: String,
    /// The family name.
    pub family: String,
    /// The given name.
    pub given: String,
    /// Addresses.
    #[serde(default)]
    pub emails: Vec<String>,
    /// Numbers.
    #[serde(default)]
    pub phones: Vec<String>,
    /// Where they work.
    #[serde(default)]
    pub organization: Option<String>,
    /// As what.
    #[serde(default)]
    pub title: Option<String>,
    /// What was noted of them.
    #[serde(default)]
    pub note: Option<String>,
}

/// An event in a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When it ends; it begins at the item's time.
    pub until: Timestamp,
    /// Where.
    #[serde(default)]
    pub place: Option<String>,
    /// Who called it: a name and an address.
    pub organizer: (String, String),
    /// Who is invited: names and addresses.
    #[serde(default)]
    pub attendees: Vec<(String, String)>,
}

/// A file that belongs to an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Counts from 1 within account and category.
    pub number: i64,
    /// Whose file it is.
    pub item: String,
    /// The item's time.
    pub at: Timestamp,
    /// As its owner named it: any text.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// A stretch of time, as it is stored: from its beginning, up to but without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its beginning.
    pub from: i64,
    /// Its end.
    pub to: i64,
}

impl Window {
    /// All of time.
    pub const ALWAYS: Self = Self {
        from: i64::MIN,
        to: i64::MAX,
    };

    /// Whether a time lies in it.
    pub fn holds(self, time: Timestamp) -> bool {
        (self.from..self.to).contains(&micros(time))
    }
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Things.
    pub items: u64,
    /// Their bytes, with those of their files.
    pub bytes: u64,
    /// When the oldest happened.
    pub first_at: Option<Timestamp>,
    /// When the newest did.
    pub last_at: Option<Timestamp>,
}

impl Totals {
    /// Counts another item.
    pub fn add(&mut self, item: &Item) {
        self.items += 1;
        self.bytes += item.bytes;
        self.first_at = Some(self.first_at.map_or(item.at, |first| first.min(item.at)));
        self.last_at = Some(self.last_at.map_or(item.at, |last| last.max(item.at)));
    }
}

/// A place in the order of a category's items; the default is before the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    collection: String,
    at: i64,
    id: String,
}

impl Place {
    /// Before everything.
    pub fn before_all() -> Self {
        Self {
            collection: String::new(),
            at: i64::MIN,
            id: String::new(),
        }
    }

    /// Where an item stands.
    pub fn of(item: &Item) -> Self {
        Self {
            collection: item.collection.clone(),
            at: micros(item.at),
            id: item.id.clone(),
        }
    }
}

/// At most `limit` items of a category after a place, by collection, time and identifier. An item whose words can't be
/// read comes as an error, without them.
pub async fn page(
    connection: &mut Connection,
    account: Uuid,
    category: &str,
    window: Window,
    after: &Place,
    limit: i64,
) -> Result<Vec<Result<Item, Item>>, sqlx::Error> {
    let rows: Vec<(String, String, i64, String)> = sqlx::query_as(
        "SELECT id, collection, at, says FROM items WHERE account_id = $1 AND category = $2 \
         AND (collection, at, id) > ($3, $4, $5) AND at >= $6 AND at < $7 \
         ORDER BY collection, at, id LIMIT $8",
    )
    .bind(account.to_string())
    .bind(category)
    .bind(&after.collection)
    .bind(after.at)
    .bind(&after.id)
    .bind(window.from)
    .bind(window.to)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    let item = |(id, collection, at, says): (String, String, i64, String)| {
        let read = serde_json::from_str(&says);
        let is_readable = read.is_ok();
        let item = Item {
            id,
            collection,
            at: timestamp(at)?,
            bytes: says.len() as u64,
            says: read.unwrap_or_default(),
        };
        Ok(if is_readable { Ok(item) } else { Err(item) })
    };
    rows.into_iter().map(item).collect()
}

type ObjectRow = (i64, String, i64, String, String, i64, String);

fn object(row: ObjectRow) -> Result<Object, sqlx::Error> {
    let (number, item, at, name, media_type, bytes, sha256) = row;
    Ok(Object {
        number,
        item,
        at: timestamp(at)?,
        name,
        media_type,
        bytes: u64::try_from(bytes).unwrap_or(0),
        sha256,
    })
}

/// At most `limit` files of a category after a number.
pub async fn objects(
    connection: &mut Connection,
    account: Uuid,
    category: &str,
    window: Window,
    after: i64,
    limit: i64,
) -> Result<Vec<Object>, sqlx::Error> {
    let rows: Vec<ObjectRow> = sqlx::query_as(
        "SELECT number, item_id, at, name, media_type, bytes, sha256 FROM objects \
         WHERE account_id = $1 AND category = $2 AND number > $3 AND at >= $4 AND at < $5 \
         ORDER BY number LIMIT $6",
    )
    .bind(account.to_string())
    .bind(category)
    .bind(after)
    .bind(window.from)
    .bind(window.to)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(object).collect()
}

/// The files of some items, by item.
pub async fn objects_of(
    connection: &mut Connection,
    account: Uuid,
    category: &str,
    items: &[Item],
) -> Result<HashMap<String, Vec<Object>>, sqlx::Error> {
    let mut by_item: HashMap<String, Vec<Object>> = HashMap::new();
    if items.is_empty() {
        return Ok(by_item);
    }
    let mut query: QueryBuilder<Sqlite> = QueryBuilder::new(
        "SELECT number, item_id, at, name, media_type, bytes, sha256 FROM objects WHERE account_id = ",
    );
    query.push_bind(account.to_string());
    query.push(" AND category = ").push_bind(category.to_owned());
    query.push(" AND item_id IN (");
    let mut listed = query.separated(", ");
    for item in items {
        listed.push_bind(item.id.clone());
    }
    query.push(") ORDER BY number");
    let rows: Vec<ObjectRow> = query.build_query_as().fetch_all(connection).await?;
    for row in rows {
        let object = object(row)?;
        by_item.entry(object.item.clone()).or_default().push(object);
    }
    Ok(by_item)
}

/// How much there is of a category.
pub async fn totals(
    connection: &mut Connection,
    account: Uuid,
    category: &str,
    window: Window,
) -> Result<Totals, sqlx::Error> {
    let (items, bytes, first, last): (i64, i64, Option<i64>, Option<i64>) = sqlx::query_as(
        "SELECT COUNT(*), CAST(COALESCE(SUM(octet_length(says)), 0) AS BIGINT), MIN(at), MAX(at) FROM items \
         WHERE account_id = $1 AND category = $2 AND at >= $3 AND at < $4",
    )
    .bind(account.to_string())
    .bind(category)
    .bind(window.from)
    .bind(window.to)
    .fetch_one(&mut *connection)
    .await?;
    let files: i64 = sqlx::query_scalar(
        "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM objects \
         WHERE account_id = $1 AND category = $2 AND at >= $3 AND at < $4",
    )
    .bind(account.to_string())
    .bind(category)
    .bind(window.from)
    .bind(window.to)
    .fetch_one(connection)
    .await?;
    Ok(Totals {
        items: u64::try_from(items).unwrap_or(0),
        bytes: u64::try_from(bytes.saturating_add(files)).unwrap_or(0),
        first_at: first.map(timestamp).transpose()?,
        last_at: last.map(timestamp).transpose()?,
    })
}

/// Adds items to a category. Their `bytes` are counted anew.
pub async fn add(
    connection: &mut Connection,
    account: Uuid,
    category: &str,
    items: &[Item],
) -> Result<(), sqlx::Error> {
    // Six parameters a row; SQLite takes 32,766 of them.
    for items in items.chunks(500) {
        let mut rows = Vec::with_capacity(items.len());
        for item in items {
            let says = serde_json::to_string(&item.says);
            rows.push((item, says.map_err(|error| sqlx::Error::Encode(error.into()))?));
        }
        let mut query: QueryBuilder<Sqlite> =
            QueryBuilder::new("INSERT INTO items (account_id, category, id, collection, at, says) ");
        query.push_values(rows, |mut row, (item, says)| {
            row.push_bind(account.to_string())
                .push_bind(category.to_owned())
                .push_bind(item.id.clone())
                .push_bind(item.collection.clone())
                .push_bind(micros(item.at))
                .push_bind(says);
        });
        query.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// Adds files to items of a category.
pub async fn add_objects(
    connection: &mut Connection,
    account: Uuid,
    category: &str,
    objects: &[Object],
) -> Result<(), sqlx::Error> {
    for objects in objects.chunks(500) {
        let mut query: QueryBuilder<Sqlite> = QueryBuilder::new(
            "INSERT INTO objects (account_id, category, number, item_id, at, name, media_type, bytes, sha256) ",
        );
        query.push_values(objects, |mut row, object| {
            row.push_bind(account.to_string())
                .push_bind(category.to_owned())
                .push_bind(object.number)
                .push_bind(object.item.clone())
                .push_bind(micros(object.at))
                .push_bind(object.name.clone())
                .push_bind(object.media_type.clone())
                .push_bind(i64::try_from(object.bytes).unwrap_or(i64::MAX))
                .push_bind(object.sha256.clone());
        });
        query.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// How many items, and the highest number of a file, a category has.
pub async fn extent(
    connection: &mut Connection,
    account: Uuid,
    category: &str,
) -> Result<(i64, i64), sqlx::Error> {
    sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM items WHERE account_id = $1 AND category = $2), \
         (SELECT COALESCE(MAX(number), 0) FROM objects WHERE account_id = $1 AND category = $2)",
    )
    .bind(account.to_string())
    .bind(category)
    .fetch_one(connection)
    .await
}

/// Notes that an account was furnished. Says whether it hadn't been.
pub async fn note_furnished(connection: &mut Connection, account: Uuid) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("INSERT INTO furnished (account_id) VALUES ($1) ON CONFLICT DO NOTHING")
        .bind(account.to_string())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether an account was furnished.
pub async fn is_furnished(connection: &mut Connection, account: Uuid) -> Result<bool, sqlx::Error> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM furnished WHERE account_id = $1")
        .bind(account.to_string())
        .fetch_one(connection)
        .await?;
    Ok(count > 0)
}
