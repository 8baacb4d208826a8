//! Other systems that hold something about an account and are told to erase it.
//!
//! They are told with a security event token (RFC 8417) of the type *account purged* (OpenID RISC), pushed to them
//! (RFC 8935), as often as it takes: its `jti` stays the same, so that hearing it twice does nothing twice. What they
//! answer is decided on here: [`after`].

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::data::DataError;

/// The systems a service tells, as its operator's file lists them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Systems {
    /// Each of them.
    #[serde(rename = "system", default)]
    pub systems: Vec<System>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// What it is called: lower-case ASCII letters, digits and hyphens. It stands in receipts.
    pub name: String,
    /// Where it listens. Whether that is encrypted is checked by whoever sends.
    pub url: String,
}

impl Systems {
    /// Reads the operator's file (TOML: `[[system]]` with `name` and `url`).
    ///
    /// # Errors
    /// When a key is unknown, or a name is no name or stands there twice.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        let fail = |reason: String| DataError {
            file: "list of systems",
            reason,
        };
        let systems: Self = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        let mut seen = BTreeSet::new();
        for System { name, .. } in &systems.systems {
            let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            if name.is_empty() || name.len() > 64 || !name.bytes().all(is_name) {
                return Err(fail(format!(
                    "“{name}” can't be a system's name: use small letters, digits and hyphens"
                )));
            }
            if !seen.insert(name) {
                return Err(fail(format!("{name} stands there twice")));
            }
        }
        Ok(systems)
    }
}

/// What came of telling a system once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// An HTTP status, with what it asked to wait.
    Status {
        /// The status.
        status: u16,
        /// `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// No answer: it isn't there, is too slow, or broke off.
    Nothing,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// It said that everything is erased there. It isn't told again.
    Erased,
    /// It took it on, and is asked again.
    Accepted(Timestamp),
    /// It is told again.
    Again(Timestamp),
    /// It refused, so somebody has to look into it. It is told again all the same, at the longest wait.
    Refused(Timestamp),
}

/// The first wait is drawn below this.
pub const BASE: Duration = Duration::from_secs(1);
/// No wait is drawn above this.
pub const CAP: Duration = Duration::from_secs(3600);
/// A system may ask for a longer wait, but not for one without end.
pub const LONGEST_ASKED: Duration = Duration::from_secs(24 * 3600);

/// Decides what follows from an answer. `attempts` counts this one; `dice` is uniform in `[0, 1)`.
///
/// 200 and 204 say *erased*; 202 says *taken on*, and it is asked again; 408, 425, 429 and 5xx promise nothing; every
/// other status refuses.
pub fn after(heard: &Heard, attempts: u32, now: Timestamp, dice: f64) -> Next {
    let (status, asked) = match heard {
        Heard::Status { status, retry_after } => (*status, *retry_after),
        Heard::Nothing => (503, None),
    };
    match status {
        200 | 204 => Next::Erased,
        202 => Next::Accepted(later(asked, attempts, now, dice)),
        408 | 425 | 429 | 500..=599 => Next::Again(later(asked, attempts, now, dice)),
        _ => Next::Refused(later(Some(asked.unwrap_or(CAP)), attempts, now, dice)),
    }
}

/// Full jitter, so that what was told together doesn't come back together; never sooner than was asked for.
fn later(asked: Option<Duration>, attempts: u32, now: Timestamp, dice: f64) -> Timestamp {
    let doublings = attempts.saturating_sub(1).min(20);
    let ceiling = BASE.saturating_mul(1 << doublings).min(CAP);
    let drawn = ceiling.mul_f64(dice.clamp(0.0, 1.0));
    let wait = asked.map_or(drawn, |asked| asked.min(LONGEST_ASKED) + drawn.min(BASE));
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn says(status: u16, retry_after: Option<u64>, attempts: u32, dice: f64) -> Next {
        let heard = Heard::Status {
            status,
            retry_after: retry_after.map(Duration::from_secs),
        };
        after(&heard, attempts, NOW, dice)
    }

    fn at(seconds: i64) -> Timestamp {
        NOW + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn only_a_system_that_says_so_has_erased() {
        assert_eq!(says(200, None, 1, 0.0), Next::Erased);
        assert_eq!(says(204, None, 1, 0.0), Next::Erased);
        assert_eq!(says(202, Some(60), 1, 0.0), Next::Accepted(at(60)));
        for status in [408, 425, 429, 500, 503, 599] {
            assert_eq!(
                says(status, None, 1, 0.5),
                Next::Again(NOW + SignedDuration::from_millis(500))
            );
        }
        for status in [100, 201, 301, 400, 401, 404, 410] {
            assert_eq!(says(status, None, 1, 0.0), Next::Refused(at(3600)), "{status}");
        }
        assert_eq!(after(&Heard::Nothing, 3, NOW, 0.5), Next::Again(at(2)));
    }

    #[test]
    fn waits_grow_to_an_hour_and_are_never_shorter_than_asked_for() {
        assert_eq!(says(503, None, 60, 1.0), Next::Again(at(3600)));
        assert_eq!(says(503, Some(90), 1, 0.0), Next::Again(at(90)));
        assert_eq!(says(503, Some(u64::MAX), 1, 0.0), Next::Again(at(24 * 3600)));
    }

    #[test]
    fn a_list_that_departs_from_its_shape_is_refused() {
        let good = "[[system]]\nname = 'search'\nurl = 'https://search.example/erase'\n";
        assert_eq!(Systems::parse(good).unwrap().systems.len(), 1);
        assert_eq!(Systems::parse("").unwrap(), Systems::default());
        for bad in [
            good.replace("search'", "Search'"),
            good.replace("'search'", "''"),
            format!("{good}{good}"),
            format!("{good}secret = 'x'\n"),
        ] {
            assert!(Systems::parse(&bad).is_err(), "{bad}");
        }
    }
}
