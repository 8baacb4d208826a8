//! What a person can ask for, under which law (policy §10 and its annexes), and how such a request goes on.
//!
//! This program sends no letter by itself: that one was sent, and what came back, is what the person says. Of the person it
//! keeps nothing here, neither name nor address nor what they wrote: the letter itself lies in their mail.

mod next;
mod request;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use next::{Next, Step, next};
pub use request::{
    Addressee, Asked, DenialReason, Entry, Event, Refused, Request, RequestId, Standing, Status, begin,
    record,
};

use crate::data::DataError;
use crate::regime::{RegimeId, Regimes};

/// The identifier of a right, as in `rights.toml`: `access`, `deletion`, …
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RightId(String);

impl RightId {
    /// An identifier that the list may or may not know.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RightId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something a person can ask for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Right {
    /// Its identifier.
    pub id: RightId,
    /// Its name.
    pub name: String,
    /// What it brings, in a sentence.
    pub says: String,
    /// The policy's clause.
    pub clause: String,
    /// An Organization, which decides about its own data, can be asked for it as well.
    #[serde(default)]
    pub organization: bool,
    /// The laws that alone give it; every law when none is named.
    #[serde(default)]
    pub only: Vec<RegimeId>,
    /// What the letter needs to be told.
    #[serde(default)]
    pub details: Option<Details>,
    /// What annexes say of it.
    #[serde(default)]
    pub annexes: Vec<Annex>,
}

/// What the letter needs to be told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Details {
    /// Without it there is no letter.
    pub required: bool,
    /// The question.
    pub asks: String,
}

/// What an annex says of a right.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Annex {
    /// The law.
    pub regime: RegimeId,
    /// The annex's clause.
    pub clause: String,
    /// What to know before asking.
    #[serde(default)]
    pub note: Option<String>,
}

impl Right {
    /// Whether it exists under a law.
    pub fn is_under(&self, regime: &RegimeId) -> bool {
        self.only.is_empty() || self.only.contains(regime)
    }

    /// What the law's annex says of it.
    pub fn annex(&self, regime: &RegimeId) -> Option<&Annex> {
        self.annexes.iter().find(|annex| &annex.regime == regime)
    }

    /// The policy's clauses, the annex's last: it overrides (§9).
    pub fn clauses(&self, regime: &RegimeId) -> String {
        match self.annex(regime) {
            Some(annex) => format!("{}; {}", self.clause, annex.clause),
            None => self.clause.clone(),
        }
    }
}

/// Every right, in the order shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rights {
    /// Raised with every change of the list.
    pub version: u32,
    /// The rights.
    #[serde(rename = "right")]
    pub rights: Vec<Right>,
}

impl Rights {
    /// Reads `rights.toml`.
    ///
    /// # Errors
    /// When a key or a law is unknown, or something stands there twice.
    pub fn parse(text: &str, regimes: &Regimes) -> Result<Self, DataError> {
        let fail = |reason: String| DataError {
            file: "rights.toml",
            reason,
        };
        let rights: Self = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        let mut seen = BTreeSet::new();
        for right in &rights.rights {
            if !seen.insert(&right.id) {
                return Err(fail(format!("{} stands there twice", right.id)));
            }
            let annexed = right.annexes.iter().map(|annex| &annex.regime);
            for regime in annexed.clone().chain(&right.only) {
                if regimes.get(regime).is_none() {
                    return Err(fail(format!("{} is no regime", regime.as_str())));
                }
            }
            let distinct: BTreeSet<_> = annexed.clone().collect();
            if distinct.len() < annexed.count() {
                return Err(fail(format!("{} has two annexes of one law", right.id)));
            }
        }
        Ok(rights)
    }

    /// A right by its identifier.
    pub fn get(&self, id: &RightId) -> Option<&Right> {
        self.rights.iter().find(|right| &right.id == id)
    }

    /// What a law gives, in the order shown.
    pub fn under<'a>(&'a self, regime: &'a RegimeId) -> impl Iterator<Item = &'a Right> {
        self.rights.iter().filter(move |right| right.is_under(regime))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;

    #[test]
    fn a_right_that_one_law_alone_gives_is_shown_under_no_other() {
        let shown = |regime: &str| {
            let regime = RegimeId::new(regime);
            data::rights()
                .under(&regime)
                .map(|right| right.id.to_string())
                .collect::<Vec<_>>()
        };
        assert!(shown("california").contains(&"no-sale".to_owned()));
        assert!(!shown("eea").contains(&"no-sale".to_owned()));
        assert!(shown("eea").contains(&"transfer-safeguards".to_owned()));
        assert_eq!(shown("general").len(), 9);
    }

    #[test]
    fn an_annex_is_cited_after_the_general_clause() {
        let access = data::rights()
            .get(&RightId::new("access"))
            .expect("there is access");
        assert_eq!(access.clauses(&RegimeId::new("california")), "§10 a; II.5");
        assert_eq!(access.clauses(&RegimeId::new("eea")), "§10 a");
    }

    #[test]
    fn every_right_cites_a_clause_and_a_list_that_hangs_in_the_air_is_refused() {
        for right in &data::rights().rights {
            assert!(!right.clause.is_empty(), "{}", right.id);
        }
        let right = "[[right]]\nid = 'a'\nname = ''\nsays = ''\nclause = '§1'\n";
        let parse = |text: String| Rights::parse(&format!("version = 1\n{text}"), data::regimes());
        assert!(parse(right.to_owned()).is_ok());
        for wrong in [
            format!("{right}{right}"),
            format!("{right}only = ['mars']\n"),
            format!("{right}annexes = [{{ regime = 'mars', clause = '' }}]\n"),
            format!(
                "{right}annexes = [{{ regime = 'eea', clause = '' }}, {{ regime = 'eea', clause = '' }}]\n"
            ),
            format!("{right}cluase = ''\n"),
        ] {
            assert!(parse(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
