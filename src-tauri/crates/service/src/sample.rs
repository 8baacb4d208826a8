//! A made-up account, so that every screen has something true to show. The same everywhere, and always the same: its
//! identifiers are derived (UUID version 5), its dates are fixed.

use jiff::Timestamp;
use settings_privacy_api::{AccountSummary, ConsentEvent, DeviceInfo, Profile, Via};
use uuid::Uuid;

use crate::db::{self, Connection, Database, accounts, consents, devices};
use crate::exports::Desk;
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

/// Puts the account there, once, and furnishes it. What was done with it since stays.
pub async fn plant(database: &Database, desk: &Desk) -> Result<(), sqlx::Error> {
    let mut transaction = database.begin().await?;
    let began = db::parse(BEGAN)?;
    let profile = profile(began);
    if accounts::add(&mut transaction, &profile).await? {
        begin(&mut transaction, profile.account.id, began).await?;
    }
    transaction.commit().await?;
    seed::furnish(database, desk, profile.account.id).await
}

/// The account, as it is named everywhere.
pub fn account() -> Uuid {
    derived("account")
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

fn profile(began: Timestamp) -> Profile {
    Profile {
        account: AccountSummary {
            id: derived("account"),
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
