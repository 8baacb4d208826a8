//! The words of letters, a file a language (`data/letters/`).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::data::DataError;
use crate::deadline::Within;
use crate::regime::RegimeId;
use crate::rights::{RightId, Rights};

/// The words of letters in one language. What stands in braces is filled in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// The language, as BCP 47 names it.
    pub language: String,
    /// What stands in every letter.
    pub(super) frame: Frame,
    /// Of the days.
    pub(super) due: Due,
    within: Lengths,
    /// How to call a place in a sentence, where its name doesn't do.
    #[serde(default)]
    places: BTreeMap<RegimeId, String>,
    rights: BTreeMap<RightId, Asking>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Frame {
    pub(super) subject: String,
    pub(super) greeting_privacy: String,
    pub(super) greeting_officer: String,
    pub(super) greeting_organization: String,
    pub(super) opening_policy: String,
    pub(super) opening_law: String,
    pub(super) opening_organization: String,
    pub(super) through_dingtalk: String,
    pub(super) details: String,
    pub(super) who: String,
    pub(super) name: String,
    pub(super) account: String,
    pub(super) member: String,
    pub(super) identity: String,
    pub(super) refusal: String,
    pub(super) answer_to: String,
    pub(super) reference: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Due {
    pub(super) answer: String,
    pub(super) confirm: String,
    pub(super) extension: String,
    pub(super) none: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Lengths {
    month: String,
    two_months: String,
    months: String,
    days: String,
    business_days: String,
}

/// What is asked for, and how a law would have it asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Asking {
    subject: String,
    asks: Vec<String>,
    #[serde(default)]
    without_details: Option<Vec<String>>,
    #[serde(default, rename = "in")]
    under: BTreeMap<RegimeId, Under>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Under {
    asks: Vec<String>,
    #[serde(default)]
    without_details: Option<Vec<String>>,
}

impl Words {
    /// Reads one of `data/letters/`.
    ///
    /// # Errors
    /// When a key is unknown, a right has no words, words have no right, or braces stand where nothing is filled in.
    pub fn parse(file: &'static str, text: &str, rights: &Rights) -> Result<Self, DataError> {
        let fail = |reason: String| DataError { file, reason };
        let words: Self = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        let known: BTreeSet<&RightId> = rights.rights.iter().map(|right| &right.id).collect();
        let worded: BTreeSet<&RightId> = words.rights.keys().collect();
        if let Some(odd) = known.symmetric_difference(&worded).next() {
            return Err(fail(format!("{odd} has words or is a right, but not both")));
        }
        for (id, asking) in &words.rights {
            let under = asking.under.values();
            let under =
                under.flat_map(|under| under.asks.iter().chain(under.without_details.iter().flatten()));
            let lines = asking.asks.iter().chain(asking.without_details.iter().flatten());
            let lines = lines.chain(under).chain([&asking.subject]);
            if lines
                .into_iter()
                .any(|line| line.is_empty() || line.contains(['{', '}', '\n']))
            {
                return Err(fail(format!(
                    "{id} has an empty line, or something to be filled in"
                )));
            }
            let right = rights.get(id).expect("the two lists were found to be the same");
            if let Some(odd) = asking.under.keys().find(|regime| !right.is_under(regime)) {
                return Err(fail(format!("{id} isn't to be had under {}", odd.as_str())));
            }
        }
        Ok(words)
    }

    /// A right's subject.
    pub(super) fn subject(&self, right: &RightId) -> &str {
        self.rights
            .get(right)
            .map_or("", |asking| asking.subject.as_str())
    }

    /// What is asked for, as the law would have it asked; `described` says whether the person describes something.
    pub(super) fn asks(&self, right: &RightId, regime: &RegimeId, described: bool) -> &[String] {
        let Some(asking) = self.rights.get(right) else {
            return &[];
        };
        let (asks, without) = match asking.under.get(regime) {
            Some(under) => (&under.asks, &under.without_details),
            None => (&asking.asks, &asking.without_details),
        };
        match without {
            Some(without) if !described => without,
            Some(_) | None => asks,
        }
    }

    /// A place, as it stands in a sentence.
    pub(super) fn place(&self, regime: &RegimeId, name: &str) -> String {
        self.places.get(regime).map_or(name, String::as_str).to_owned()
    }

    /// A length of time.
    pub(super) fn within(&self, within: Within) -> String {
        let count = |template: &str, n: u16| self.fill(template, &[("n", &n.to_string())]);
        let words = &self.within;
        match within {
            Within::Months(1) => words.month.clone(),
            Within::Months(2) => words.two_months.clone(),
            Within::Months(n) => count(&words.months, n),
            Within::Days(n) => count(&words.days, n),
            Within::BusinessDays(n) => count(&words.business_days, n),
        }
    }

    /// Fills in what stands in braces, once: braces in what is filled in stay as they are.
    pub(super) fn fill(&self, template: &str, values: &[(&str, &str)]) -> String {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, then)) = after.split_once('}') else {
                rest = after;
                continue;
            };
            let value = values.iter().find(|(given, _)| *given == name);
            filled.push_str(value.map_or("", |(_, value)| value));
            rest = then;
        }
        filled.push_str(rest);
        filled
    }
}
