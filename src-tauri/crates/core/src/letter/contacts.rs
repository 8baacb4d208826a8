//! Whom a request goes to, and who helps when it isn't answered well (policy §7, §14; annexes I.3, VIII.2).

use serde::Deserialize;

use crate::data::DataError;
use crate::regime::{RegimeId, Regimes};

/// Everyone the policy names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contacts {
    /// Raised with every change of the list.
    pub version: u32,
    /// Where requests go.
    pub privacy: Privacy,
    /// The Data Protection Officer.
    pub officer: Officer,
    /// The representative in the European Union.
    pub representative: Representative,
    /// Who settles what stays unresolved.
    pub disputes: Disputes,
    /// The authorities one can complain to.
    #[serde(rename = "regulator")]
    pub regulators: Vec<Regulator>,
}

/// Where requests go.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// Whose address it is.
    pub name: String,
    /// The address.
    pub email: String,
    /// The policy's clause.
    pub clause: String,
}

/// The Data Protection Officer, who reads at the address of [`Privacy`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// The law under which there is one.
    pub regime: RegimeId,
    /// What to call them.
    pub name: String,
    /// Their telephone.
    pub phone: String,
    /// Their postal address.
    pub post: String,
    /// The policy's clause.
    pub clause: String,
}

/// The representative in the European Union.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Representative {
    /// The law under which there is one.
    pub regime: RegimeId,
    /// Who it is.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The policy's clause.
    pub clause: String,
}

/// Who settles what stays unresolved.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disputes {
    /// Who it is.
    pub name: String,
    /// What to know.
    pub says: String,
    /// Their page.
    pub address: String,
    /// The policy's clause.
    pub clause: String,
}

/// An authority one can complain to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regulator {
    /// The law it watches over; any, when none is named.
    #[serde(default)]
    pub regime: Option<RegimeId>,
    /// Who it is.
    pub name: String,
    /// What to know.
    pub says: String,
    /// The policy's clause.
    pub clause: String,
}

impl Contacts {
    /// Reads `contacts.toml`.
    ///
    /// # Errors
    /// When a key or a law is unknown, or no authority is for everybody.
    pub fn parse(text: &str, regimes: &Regimes) -> Result<Self, DataError> {
        let fail = |reason: String| DataError {
            file: "contacts.toml",
            reason,
        };
        let contacts: Self = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        let of_regulators = contacts.regulators.iter().filter_map(|one| one.regime.as_ref());
        let named = [&contacts.officer.regime, &contacts.representative.regime];
        for regime in named.into_iter().chain(of_regulators) {
            if regimes.get(regime).is_none() {
                return Err(fail(format!("{} is no regime", regime.as_str())));
            }
        }
        match contacts.regulators.iter().any(|one| one.regime.is_none()) {
            true => Ok(contacts),
            false => Err(fail("no authority is for everybody".to_owned())),
        }
    }

    /// The authority for a law: its own, else the one that is for everybody.
    pub fn regulator(&self, regime: &RegimeId) -> &Regulator {
        let own = self
            .regulators
            .iter()
            .find(|one| one.regime.as_ref() == Some(regime));
        own.or_else(|| self.regulators.iter().find(|one| one.regime.is_none()))
            .expect("parsing makes sure that one is for everybody")
    }
}
