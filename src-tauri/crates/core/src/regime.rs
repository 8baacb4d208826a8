//! Regimes: the law somebody asks under, and what it says of copies of their data (policy §10, annexes I to VIII).

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::data::DataError;

/// The identifier of a regime, as in `regimes.toml` and on the wire: `california`, `eea`, …
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegimeId(String);

impl RegimeId {
    /// An identifier that the list may or may not know.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A law, and whom it is for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    /// Its identifier.
    pub id: RegimeId,
    /// Where it holds.
    pub name: String,
    /// The law's name.
    pub law: String,
    /// The policy's clause.
    pub clause: String,
    /// What limits copies; nothing does where the policy gives no number.
    #[serde(default)]
    pub export: Option<ExportLimit>,
}

/// How often one may ask for a copy, and how far back it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportLimit {
    /// This many copies…
    pub at_most: usize,
    /// …within this many calendar months.
    pub within_months: i64,
    /// A copy covers the last calendar months, this many.
    pub covers_months: i64,
}

/// A stretch of time: from its beginning, up to but without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first moment of it.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
}

/// Why a copy can't be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCopy {
    /// It was asked for often enough.
    #[error("You have had as many copies as this law gives you for now.")]
    TooOften {
        /// From when one may ask again.
        next_allowed_at: Timestamp,
    },
    /// The period ends before it begins.
    #[error("The period ends before it begins.")]
    EmptyPeriod,
    /// The period reaches further back than the law does.
    #[error("The period begins earlier than this law reaches.")]
    TooEarly {
        /// The earliest beginning.
        earliest: Timestamp,
    },
}

impl Regime {
    /// Decides whether a copy may be made, and of what period: none means everything.
    ///
    /// `earlier` are the times at which copies were asked for under this regime, in any order.
    ///
    /// # Errors
    /// When the law's number is used up, or the period isn't one it covers.
    pub fn admit(
        &self,
        asked: Option<Period>,
        earlier: &[Timestamp],
        now: Timestamp,
    ) -> Result<Option<Period>, NoCopy> {
        if asked.is_some_and(|period| period.to <= period.from) {
            return Err(NoCopy::EmptyPeriod);
        }
        if let Some(next_allowed_at) = self.next_allowed_at(earlier, now).filter(|next| *next > now) {
            return Err(NoCopy::TooOften { next_allowed_at });
        }
        let Some(limit) = self.export else {
            return Ok(asked);
        };
        let earliest = months_from(now, -limit.covers_months);
        match asked {
            Some(period) if period.from < earliest => Err(NoCopy::TooEarly { earliest }),
            Some(period) => Ok(Some(period)),
            None => Ok(Some(Period {
                from: earliest,
                to: now,
            })),
        }
    }

    /// How far back a copy reaches that is asked for now; `None` where nothing limits it.
    pub fn earliest(&self, now: Timestamp) -> Option<Timestamp> {
        self.export.map(|limit| months_from(now, -limit.covers_months))
    }

    /// From when another copy may be asked for, when the law limits that and its number is used up.
    pub fn next_allowed_at(&self, earlier: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
        let limit = self.export?;
        let mut ends: Vec<Timestamp> = earlier
            .iter()
            .map(|asked_at| months_from(*asked_at, limit.within_months))
            .filter(|end| *end > now)
            .collect();
        ends.sort_unstable();
        // So many must have run out that fewer than the law's number are left.
        let must_end = (ends.len() + 1).checked_sub(limit.at_most)?;
        ends.get(must_end.checked_sub(1)?).copied()
    }
}

/// The regimes, in the order shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regimes {
    /// Raised with every change of the list.
    pub version: u32,
    /// The regimes.
    #[serde(rename = "regime")]
    pub regimes: Vec<Regime>,
}

impl Regimes {
    /// Reads `regimes.toml`.
    ///
    /// # Errors
    /// When a key is unknown, or an identifier stands there twice.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        let fail = |reason: String| DataError {
            file: "regimes.toml",
            reason,
        };
        let regimes: Self = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        let mut seen = BTreeSet::new();
        for regime in &regimes.regimes {
            if !seen.insert(&regime.id) {
                return Err(fail(format!("{} stands there twice", regime.id.as_str())));
            }
        }
        Ok(regimes)
    }

    /// A regime by its identifier.
    pub fn get(&self, id: &RegimeId) -> Option<&Regime> {
        self.regimes.iter().find(|regime| &regime.id == id)
    }
}

/// So many calendar months later, or earlier: in UTC, on the same day of the month or the last one there is.
fn months_from(time: Timestamp, months: i64) -> Timestamp {
    let far = if months < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    time.to_zoned_datetime(TimeZone::UTC)
        .checked_add(Span::new().months(months))
        .map_or(far, |later| later.timestamp())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn regime(id: &str) -> &'static Regime {
        crate::data::regimes().get(&RegimeId::new(id)).unwrap()
    }

    #[test]
    fn california_gives_two_copies_in_twelve_months_and_says_when_the_third_may_be_asked_for() {
        let california = regime("california");
        let (first, second) = (at("2026-02-28T10:00:00Z"), at("2026-09-01T08:00:00Z"));
        let now = at("2026-11-23T12:00:00Z");
        assert!(california.admit(None, &[], now).is_ok());
        assert!(california.admit(None, &[second], now).is_ok());
        let next_allowed_at = at("2027-02-28T10:00:00Z");
        for earlier in [[first, second], [second, first]] {
            assert_eq!(
                california.admit(None, &earlier, now),
                Err(NoCopy::TooOften { next_allowed_at })
            );
            assert!(california.admit(None, &earlier, next_allowed_at).is_ok());
        }
        let third = at("2026-10-10T10:00:00Z");
        assert_eq!(
            california.next_allowed_at(&[first, second, third], now),
            Some(at("2027-09-01T08:00:00Z")),
            "one too many waits for two to run out"
        );
    }

    #[test]
    fn california_covers_the_last_twelve_months_and_no_more() {
        let (california, now) = (regime("california"), at("2026-11-23T12:00:00Z"));
        let earliest = at("2025-11-23T12:00:00Z");
        let whole = Period {
            from: earliest,
            to: now,
        };
        assert_eq!(california.admit(None, &[], now), Ok(Some(whole)));
        assert_eq!(california.admit(Some(whole), &[], now), Ok(Some(whole)));
        let from = at("2025-11-23T11:59:59Z");
        let longer = Period { from, to: now };
        assert_eq!(
            california.admit(Some(longer), &[], now),
            Err(NoCopy::TooEarly { earliest })
        );
        let empty = Period { from: now, to: now };
        assert_eq!(california.admit(Some(empty), &[], now), Err(NoCopy::EmptyPeriod));
    }

    #[test]
    fn where_the_policy_gives_no_number_nothing_is_limited() {
        let now = at("2026-11-23T12:00:00Z");
        for regime in &crate::data::regimes().regimes {
            let is_free = regime.admit(None, &[now; 50], now).is_ok();
            assert_eq!(is_free, regime.id.as_str() != "california", "{}", regime.law);
        }
    }

    proptest! {
        #[test]
        fn whoever_waits_until_the_time_given_is_admitted_and_not_a_moment_earlier(
            earlier in proptest::collection::vec(1_700_000_000_i64..1_800_000_000, 0..6),
            now in 1_700_000_000_i64..1_800_000_000,
        ) {
            let california = regime("california");
            let second = |second| Timestamp::from_second(second).unwrap();
            let earlier: Vec<Timestamp> = earlier.into_iter().filter(|at| *at <= now).map(second).collect();
            if let Err(NoCopy::TooOften { next_allowed_at }) = california.admit(None, &earlier, second(now)) {
                prop_assert!(california.admit(None, &earlier, next_allowed_at).is_ok());
                let before = next_allowed_at - jiff::SignedDuration::from_secs(1);
                prop_assert!(california.admit(None, &earlier, before).is_err());
            }
        }
    }
}
