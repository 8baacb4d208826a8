//! What the service's other tables hold about a person, as items: a copy that left it out wouldn't be one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use settings_privacy_api::{OrganizationRole, Via};
use uuid::Uuid;

use super::items::{Item, Says, Totals, Window};
use super::{Connection, accounts, authorizations, consents, organizations, timestamp};

/// How many are read at once.
const PAGE: i64 = 500;

/// What is read from elsewhere, for a category; and after which place the next is read, if there may be more.
pub async fn page(
    connection: &mut Connection,
    account: Uuid,
    category: &str,
    window: Window,
    after: i64,
) -> Result<(Vec<Item>, Option<i64>), sqlx::Error> {
    let (mut items, next) = match category {
        "account" => the_account(connection, account, after).await?,
        "profile" => (vec![the_profile(connection, account).await?], None),
        "devices" => the_devices(connection, account, after).await?,
        "consents" => the_consents(connection, account, after).await?,
        "organizations" => (the_memberships(connection, account).await?, None),
        "apps" => (the_authorizations(connection, account).await?, None),
        _ => (Vec::new(), None),
    };
    items.retain(|item| window.holds(item.at));
    for item in &mut items {
        let says = serde_json::to_vec(&item.says).map_err(|error| sqlx::Error::Encode(error.into()))?;
        item.bytes = says.len() as u64;
    }
    Ok((items, next))
}

/// How much that is.
pub async fn totals(
    connection: &mut Connection,
    account: Uuid,
    category: &str,
    window: Window,
    mut totals: Totals,
) -> Result<Totals, sqlx::Error> {
    let mut after = Some(0);
    while let Some(place) = after {
        let (items, next) = page(connection, account, category, window, place).await?;
        for item in &items {
            totals.add(item);
        }
        after = next;
    }
    Ok(totals)
}

async fn the_account(
    connection: &mut Connection,
    account: Uuid,
    after: i64,
) -> Result<(Vec<Item>, Option<i64>), sqlx::Error> {
    let mut items = Vec::new();
    if after == 0 {
        let profile = accounts::find(connection, account).await?;
        let fields = [
            ("Signs in with", profile.account.identifier),
            ("Name", profile.account.display_name),
            ("Identifier", profile.account.id.to_string()),
        ];
        items.push(item("account", "Account", profile.created_at, "account", fields));
    }
    type Row = (String, String, i64, Option<i64>);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT s.id, d.name, s.created_at, s.ended_at FROM sessions s \
         JOIN devices d ON d.account_id = s.account_id AND d.id = s.device_id \
         WHERE s.account_id = $1 ORDER BY s.created_at, s.id LIMIT $2 OFFSET $3",
    )
    .bind(account.to_string())
    .bind(PAGE)
    .bind(after)
    .fetch_all(connection)
    .await?;
    let next = next_place(after, rows.len());
    for (id, device, created_at, ended_at) in rows {
        let ended = match ended_at {
            Some(at) => timestamp(at)?.to_string(),
            None => "no".to_owned(),
        };
        let fields = [("Computer", device), ("Ended", ended)];
        items.push(item(&id, "Account", timestamp(created_at)?, "sign-in", fields));
    }
    Ok((items, next))
}

async fn the_profile(connection: &mut Connection, account: Uuid) -> Result<Item, sqlx::Error> {
    let profile = accounts::find(connection, account).await?;
    let fields = [
        ("Nickname", profile.nickname),
        ("Mobile", profile.mobile),
        ("Region", profile.region),
    ];
    let filled_in = fields
        .into_iter()
        .filter_map(|(label, value)| Some((label, value?)));
    Ok(item(
        "profile",
        "Profile",
        profile.created_at,
        "profile",
        filled_in,
    ))
}

async fn the_devices(
    connection: &mut Connection,
    account: Uuid,
    after: i64,
) -> Result<(Vec<Item>, Option<i64>), sqlx::Error> {
    let rows: Vec<(String, String, i64, i64)> = sqlx::query_as(
        "SELECT id, name, created_at, last_seen_at FROM devices WHERE account_id = $1 \
         ORDER BY created_at, id LIMIT $2 OFFSET $3",
    )
    .bind(account.to_string())
    .bind(PAGE)
    .bind(after)
    .fetch_all(&mut *connection)
    .await?;
    let next = next_place(after, rows.len());
    let mut items = Vec::new();
    for (id, name, created_at, last_seen_at) in rows {
        let permissions: Vec<(String, String)> = sqlx::query_as(
            "SELECT permission_id, state FROM device_permissions WHERE account_id = $1 AND device_id = $2",
        )
        .bind(account.to_string())
        .bind(&id)
        .fetch_all(&mut *connection)
        .await?;
        let fields = [
            ("Name", name.clone()),
            ("Last seen", timestamp(last_seen_at)?.to_string()),
        ];
        let mut item = item(&id, "Computers", timestamp(created_at)?, "device", fields);
        item.says.title = Some(name);
        for (permission, state) in permissions {
            item.says.fields.insert(format!("Permission {permission}"), state);
        }
        items.push(item);
    }
    Ok((items, next))
}

async fn the_consents(
    connection: &mut Connection,
    account: Uuid,
    after: i64,
) -> Result<(Vec<Item>, Option<i64>), sqlx::Error> {
    let events = consents::after(connection, account, after, PAGE).await?;
    let next = events
        .last()
        .filter(|_| events.len() as i64 == PAGE)
        .map(|event| event.sequence);
    let items = events.into_iter().map(|event| {
        let given = if event.granted { "given" } else { "taken back" };
        let via = match event.via {
            Via::Client => "by you, in the program",
            Via::Operator => "by the service, as you asked",
            Via::Sample => "made up for the sample",
        };
        let fields = [
            ("Consent", event.id),
            ("Set to", given.to_owned()),
            ("Decided", event.decided_at.to_string()),
            ("Set", via.to_owned()),
        ];
        item(
            &event.sequence.to_string(),
            "Consents",
            event.recorded_at,
            "consent",
            fields,
        )
    });
    Ok((items.collect(), next))
}

async fn the_memberships(connection: &mut Connection, account: Uuid) -> Result<Vec<Item>, sqlx::Error> {
    let organizations = organizations::of_account(connection, account).await?;
    let items = organizations.into_iter().map(|organization| {
        let role = match organization.role {
            OrganizationRole::Administrator => "administrator",
            OrganizationRole::Member | OrganizationRole::Unknown => "member",
        };
        let ended = match organization.ended {
            Some(end) => format!("{}, by its administrator", end.at),
            None => "no".to_owned(),
        };
        let fields = [("Role", role.to_owned()), ("Ended", ended)];
        let id = format!("membership-{}", organization.id);
        let mut item = item(&id, "Memberships", organization.joined_at, "membership", fields);
        item.says.title = Some(organization.name);
        item
    });
    Ok(in_order(items.collect()))
}

async fn the_authorizations(connection: &mut Connection, account: Uuid) -> Result<Vec<Item>, sqlx::Error> {
    let authorizations = authorizations::of_account(connection, account).await?;
    let items = authorizations.into_iter().map(|authorization| {
        let fields = [
            ("Made by", authorization.vendor),
            ("Sees", authorization.shows.join(", ")),
        ];
        let id = format!("authorization-{}", authorization.id);
        let mut item = item(
            &id,
            "Allowed now",
            authorization.granted_at,
            "authorization",
            fields,
        );
        item.says.title = Some(authorization.name);
        item
    });
    Ok(in_order(items.collect()))
}

/// Oldest first, as everything in a copy.
fn in_order(mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
    items
}

fn next_place(after: i64, read: usize) -> Option<i64> {
    let read = read as i64;
    (read == PAGE).then_some(after + read)
}

fn item(
    id: &str,
    collection: &str,
    at: Timestamp,
    kind: &str,
    fields: impl IntoIterator<Item = (&'static str, String)>,
) -> Item {
    let fields: BTreeMap<String, String> = fields
        .into_iter()
        .map(|(label, value)| (label.to_owned(), value))
        .collect();
    Item {
        id: id.to_owned(),
        collection: collection.to_owned(),
        at,
        says: Says {
            kind: kind.to_owned(),
            fields,
            ..Says::default()
        },
        bytes: 0,
    }
}
