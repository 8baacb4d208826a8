//! A made-up account, so that every screen has something true to show. The same everywhere, and always the same: its
//! identifiers are derived (UUID version 5), its dates are fixed.

use jiff::Timestamp;
use settings_privacy_api::{
    AccountSummary, AppKind, Authorization, ConsentEvent, DeviceInfo, OrganizationMember, OrganizationRole,
    Profile, Via,
};
use uuid::Uuid;

use crate::db::organizations::EndedMembership;
use crate::db::{
    self, Connection, Database, accounts, authorizations, consents, controlled, devices, organizations,
};
use crate::exports::Desk;
use crate::ledger::Ledger;
use crate::seed;

/// The address the made-up account signs in with. No letter can leave for it (RFC 2606).
pub const SAMPLE_IDENTIFIER: &str = "sample@example.invalid";

/// What the made-up identifiers are derived from.
const ORIGIN: &str = "tag:settings-privacy,2026:sample/";

/// When the made-up account began.
const BEGAN: &str = "2026-01-12T08:30:00Z";

/// What was set when: agreed to at the start, as it happens; some of it taken back later.
const HISTORY: [(&str, &str, bool); 9] = [
    ("2026-01-12T08:31:10Z", "marketing.news.email", true),
    ("2026-01-12T08:31:10Z", "marketing.news.banner", true),
    ("2026-01-12T08:31:10Z", "marketing.partners.email", true),
    ("2026-01-12T08:31:10Z", "marketing.insights", true),
    ("2026-01-12T08:31:25Z", "cookies.statistics", true),
    ("2026-01-12T08:31:25Z", "sharing.processors-analytics", true),
    ("2026-02-03T17:05:42Z", "marketing.partners.email", false),
    ("2026-03-18T11:20:07Z", "marketing.research.email", true),
    ("2026-04-02T19:44:31Z", "sharing.processors-analytics", false),
];

/// An Organization: its name, whom to ask, what the account is there, and the others in it.
type Place = (
    &'static str,
    &'static str,
    OrganizationRole,
    &'static [(&'static str, OrganizationRole)],
);

/// Which Organizations the account is in.
const PLACES: [Place; 2] = [
    (
        "Example Bakery",
        "office@example.org",
        OrganizationRole::Member,
        &[
            ("Mei Lin", OrganizationRole::Administrator),
            ("Tom Okafor", OrganizationRole::Member),
            ("Aisha Rahman", OrganizationRole::Member),
        ],
    ),
    (
        "Allotment 12",
        "allotment@example.org",
        OrganizationRole::Administrator,
        &[
            ("Tom Okafor", OrganizationRole::Member),
            ("Zoë O'Brien", OrganizationRole::Member),
        ],
    ),
];

/// What the account allowed, as in its category *apps*.
const APPS: [(&str, AppKind, &str, &[&str]); 6] = [
    (
        "Lunch orders",
        AppKind::MiniProgram,
        "Example Canteen",
        &["nickname", "picture"],
    ),
    (
        "Parking",
        AppKind::MiniProgram,
        "Example Parking",
        &["nickname", "mobile number"],
    ),
    (
        "Example CRM",
        AppKind::SaasApp,
        "Example Software",
        &["name", "department", "e-mail address"],
    ),
    ("Surveys", AppKind::SaasApp, "Example Research", &["nickname"]),
    (
        "Recipes",
        AppKind::SaasApp,
        "Example Bakery",
        &["name", "department"],
    ),
    (
        "Map kit",
        AppKind::Sdk,
        "Example Maps",
        &["place, when you share it"],
    ),
];

/// Puts the account there, once, and furnishes it. What was done with it since stays. One that was deleted stays
/// deleted: then it is another account, as new as the first one was.
pub async fn plant(database: &Database, desk: &Desk, ledger: &Ledger) -> Result<(), sqlx::Error> {
    let deleted = ledger.entries()?;
    let is_deleted = |account: &Uuid| {
        let digest = ledger.digest(*account);
        deleted.iter().any(|entry| entry.account == digest)
    };
    let account = lives()
        .find(|account| !is_deleted(account))
        .unwrap_or_else(Uuid::new_v4);
    let mut transaction = database.begin().await?;
    let began = db::parse(BEGAN)?;
    let profile = profile(account, began);
    if accounts::add(&mut transaction, &profile).await? {
        begin(&mut transaction, account, began).await?;
    }
    let there = accounts::find_by_address(&mut transaction, SAMPLE_IDENTIFIER).await?;
    if there.is_none_or(|there| there.account.id != account) {
        // It is being deleted just now, or somebody signed in with its address: nothing is planted beside.
        return transaction.commit().await;
    }
    if organizations::of_account(&mut transaction, account)
        .await?
        .is_empty()
        && authorizations::of_account(&mut transaction, account)
            .await?
            .is_empty()
    {
        join(&mut transaction, account).await?;
    }
    transaction.commit().await?;
    seed::furnish(database, desk, account).await?;
    entrust(database, account).await
}

/// What was made up of work is the bakery's. Things an older version made don't say so yet.
async fn entrust(database: &Database, account: Uuid) -> Result<(), sqlx::Error> {
    let bakery = derived(&format!("{account}/{}", PLACES[0].0));
    let mut transaction = database.begin().await?;
    let (work, allotment) = (&seed::WORK, "\"title\":\"Allotment 12\"");
    controlled::entrust(&mut transaction, account, bakery, work, allotment).await?;
    controlled::entrust(
        &mut transaction,
        account,
        bakery,
        &["groups"],
        "\"kind\":\"general group\"",
    )
    .await?;
    transaction.commit().await
}

/// The account that is there now.
pub async fn account(database: &Database) -> Result<Uuid, sqlx::Error> {
    let mut reading = database.read().await?;
    let there = accounts::find_by_address(&mut reading, SAMPLE_IDENTIFIER).await?;
    there
        .map(|there| there.account.id)
        .ok_or(sqlx::Error::RowNotFound)
}

/// The identifiers the account has, one life after the other.
fn lives() -> impl Iterator<Item = Uuid> {
    let later = (2..1000).map(|life| derived(&format!("account/{life}")));
    std::iter::once(derived("account")).chain(later)
}

async fn begin(connection: &mut Connection, account: Uuid, began: Timestamp) -> Result<(), sqlx::Error> {
    let device = DeviceInfo {
        id: derived("device"),
        name: "Sample computer".into(),
    };
    devices::register(connection, account, &device, began).await?;
    let mut events = Vec::new();
    for (at, id, granted) in HISTORY {
        let at = db::parse(at)?;
        events.push(ConsentEvent {
            sequence: 0,
            id: id.into(),
            granted,
            decided_at: at,
            recorded_at: at,
            device: Some(device.id),
            via: Via::Sample,
        });
    }
    consents::append(connection, account, &events).await
}

/// Puts the account into its Organizations, and lets it have allowed some apps.
async fn join(connection: &mut Connection, account: Uuid) -> Result<(), sqlx::Error> {
    let joined = db::parse("2026-01-12T10:00:00Z")?;
    // Another life of the account is in other Organizations of the same names: the old ones may still be there.
    let named = |what: &str| derived(&format!("{account}/{what}"));
    for (name, contact, role, others) in PLACES {
        let id = named(name);
        organizations::add(connection, id, name, Some(contact)).await?;
        let own = OrganizationMember {
            id: named(&format!("{name}/own")),
            name: "Sample".to_owned(),
            role,
        };
        organizations::add_member(connection, id, Some(account), &own, joined).await?;
        for (other, role) in others {
            let other = OrganizationMember {
                id: named(&format!("{name}/{other}")),
                name: (*other).to_owned(),
                role: *role,
            };
            organizations::add_member(connection, id, None, &other, joined).await?;
        }
    }
    let over = EndedMembership {
        organization: named("Corner Café"),
        name: "Corner Café",
        contact: Some("cafe@example.org"),
        member: named("Corner Café/own"),
        account: Some(account),
        role: OrganizationRole::Member,
        joined_at: db::parse("2026-02-02T09:00:00Z")?,
        ended_at: db::parse("2026-08-31T17:00:00Z")?,
        ended_by: named("Corner Café/administrator"),
    };
    organizations::add_ended(connection, &over).await?;
    let mut at = db::parse("2026-02-01T08:00:00Z")?;
    for (name, kind, vendor, shows) in APPS {
        let authorization = Authorization {
            id: named(name),
            name: name.to_owned(),
            kind,
            vendor: vendor.to_owned(),
            shows: shows.iter().map(|shown| (*shown).to_owned()).collect(),
            granted_at: at,
        };
        authorizations::add(connection, account, &authorization).await?;
        at += jiff::SignedDuration::from_hours(24 * 31);
    }
    Ok(())
}

fn profile(account: Uuid, began: Timestamp) -> Profile {
    Profile {
        account: AccountSummary {
            id: account,
            display_name: "Sample account".into(),
            identifier: SAMPLE_IDENTIFIER.into(),
            sample: true,
        },
        nickname: Some("Sample".into()),
        // A number that is reserved for fiction.
        mobile: Some("+44 20 7946 0123".into()),
        region: Some("GB".into()),
        created_at: began,
    }
}

fn derived(what: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{ORIGIN}{what}").as_bytes())
}

#[cfg(test)]
mod tests {
    use settings_privacy_core::consent::ConsentId;
    use settings_privacy_core::data;

    use super::*;
    use crate::identifier::Identifier;

    #[test]
    fn every_line_of_the_sample_is_one_that_could_have_happened() {
        let mut before = (db::parse(BEGAN).unwrap(), std::collections::HashMap::new());
        for (at, id, granted) in HISTORY {
            let at = db::parse(at).unwrap();
            assert!(at >= before.0, "{id}: time runs forward");
            assert!(
                data::consents().check(&ConsentId::new(id), granted).is_ok(),
                "{id}"
            );
            assert_ne!(
                before.1.insert(id, granted).unwrap_or(false),
                granted,
                "{id}: it changes something"
            );
            before.0 = at;
        }
        let on = before
            .1
            .iter()
            .filter(|(id, on)| id.starts_with("marketing.") && **on);
        assert!(on.count() >= 3, "there is something to switch off");
        assert_eq!(
            Identifier::parse(SAMPLE_IDENTIFIER).unwrap().as_str(),
            SAMPLE_IDENTIFIER
        );
    }

    #[test]
    fn the_sample_is_the_same_everywhere() {
        assert_eq!(
            derived("account").to_string(),
            "e3a580f6-78b6-55ca-9198-e810af7706fd"
        );
        assert_eq!(derived("device").get_version_num(), 5);
    }
}
