//! Consents: what a person agreed to at the account service, and can take back (policy §6, §2, §13, annex III).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::data::DataError;

/// The identifier of a consent, as in `consents.toml` and on the wire: `cookies.statistics`, `marketing.news.email`, …
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConsentId(String);

impl ConsentId {
    /// An identifier that a catalogue may or may not know.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ConsentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a consent is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Cookies, by purpose.
    Cookies,
    /// Direct marketing, by topic and channel.
    Marketing,
    /// Who else receives data.
    Sharing,
    /// DingDing.
    Interoperability,
}

/// One thing that can be agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Its identifier.
    pub id: ConsentId,
    /// Where it is shown.
    pub group: Group,
    /// Its name.
    pub name: String,
    /// What agreeing means, in one sentence.
    pub says: String,
    /// The policy's clause.
    pub clause: String,
    /// The service can't work without it: always on, never switched.
    pub required: bool,
    /// For marketing: its place in the grid, `(topic, channel)` by name.
    pub cell: Option<(String, String)>,
}

/// Every consent, in the order shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// Raised with every change of the list.
    pub version: u32,
    /// The consents.
    pub consents: Vec<Consent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    #[serde(default)]
    consent: Vec<Row>,
    #[serde(default)]
    grid: Vec<Grid>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: ConsentId,
    group: Group,
    name: String,
    says: String,
    clause: String,
    #[serde(default)]
    required: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Grid {
    group: Group,
    clause: String,
    topic: Vec<Topic>,
    channel: Vec<Channel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Topic {
    id: String,
    name: String,
    says: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Channel {
    id: String,
    name: String,
}

impl Catalogue {
    /// Reads `consents.toml`. A grid becomes one consent a cell: `group.topic.channel`.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        let fail = |reason: String| DataError {
            file: "consents.toml",
            reason,
        };
        let file: File = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        let cells = file.grid.iter().flat_map(|grid| {
            grid.topic
                .iter()
                .flat_map(move |topic| grid.channel.iter().map(move |channel| (grid, topic, channel)))
        });
        let group_name = |group: Group| match group {
            Group::Cookies => "cookies",
            Group::Marketing => "marketing",
            Group::Sharing => "sharing",
            Group::Interoperability => "interoperability",
        };
        let mut consents: Vec<Consent> = cells
            .map(|(grid, topic, channel)| Consent {
                id: ConsentId::new(format!("{}.{}.{}", group_name(grid.group), topic.id, channel.id)),
                group: grid.group,
                name: format!("{} by {}", topic.name, channel.name.to_lowercase()),
                says: topic.says.clone(),
                clause: grid.clause.clone(),
                required: false,
                cell: Some((topic.name.clone(), channel.name.clone())),
            })
            .collect();
        consents.extend(file.consent.into_iter().map(|row| Consent {
            id: row.id,
            group: row.group,
            name: row.name,
            says: row.says,
            clause: row.clause,
            required: row.required,
            cell: None,
        }));
        consents.sort_by_key(|consent| consent.group);
        let mut seen = BTreeMap::new();
        for consent in &consents {
            if seen.insert(&consent.id, ()).is_some() {
                return Err(fail(format!("{} stands there twice", consent.id)));
            }
            if !consent.id.as_str().starts_with(group_name(consent.group)) {
                return Err(fail(format!("{} doesn't begin with its group", consent.id)));
            }
        }
        Ok(Self {
            version: file.version,
            consents,
        })
    }

    /// A consent by its identifier.
    pub fn get(&self, id: &ConsentId) -> Option<&Consent> {
        self.consents.iter().find(|consent| &consent.id == id)
    }

    /// What holds where nothing else is known: only what the service can't work without.
    pub fn protective_defaults(&self) -> BTreeMap<ConsentId, bool> {
        self.consents
            .iter()
            .map(|consent| (consent.id.clone(), consent.required))
            .collect()
    }

    /// Whether a consent may be set to a value.
    pub fn check(&self, id: &ConsentId, granted: bool) -> Result<&Consent, Refusal> {
        let consent = self.get(id).ok_or_else(|| Refusal::Unknown(id.clone()))?;
        match (consent.required, granted) {
            (true, false) => Err(Refusal::Required(consent.name.clone())),
            (true, true) | (false, _) => Ok(consent),
        }
    }
}

/// Why a consent can't be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The catalogue doesn't know it.
    #[error("There is no consent called “{0}”.")]
    Unknown(ConsentId),
    /// It can't be taken back.
    #[error(
        "“{0}” can't be switched off: signing in rests on it. To end it, sign out or delete the account."
    )]
    Required(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marketing_is_off_in_every_channel_until_somebody_agrees() {
        let catalogue = crate::data::consents();
        let defaults = catalogue.protective_defaults();
        let on: Vec<&str> = defaults
            .iter()
            .filter(|(_, on)| **on)
            .map(|(id, _)| id.as_str())
            .collect();
        assert_eq!(on, ["cookies.security"]);
        let grid = catalogue
            .consents
            .iter()
            .filter(|consent| consent.cell.is_some())
            .count();
        assert_eq!(grid, 9, "three topics in three channels");
    }

    #[test]
    fn what_signing_in_rests_on_cannot_be_switched_off() {
        let catalogue = crate::data::consents();
        let id = ConsentId::new("cookies.security");
        assert!(matches!(catalogue.check(&id, false), Err(Refusal::Required(_))));
        assert!(catalogue.check(&id, true).is_ok());
        let unknown = ConsentId::new("cookies.everything");
        assert_eq!(catalogue.check(&unknown, true), Err(Refusal::Unknown(unknown)));
    }

    #[test]
    fn an_unknown_key_in_the_data_is_an_error() {
        let text = "version = 1\n[[consent]]\nid='cookies.a'\ngroup='cookies'\nname=''\nsays=''\nclause=''\nrequird=true";
        assert!(Catalogue::parse(text).unwrap_err().reason.contains("requird"));
    }
}
