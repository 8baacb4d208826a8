//! The outbox: changes made here that the account service must hear of, once each.
//!
//! A change is stored before it is sent, under a key that goes along as `Idempotency-Key`. Several changes of the
//! same thing that haven't left yet become one. A change the service refuses for good is *wedged*: it stays,
//! with the reason, until the person decides.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a stored change stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum State {
    /// Waits to be sent.
    Queued,
    /// Was handed to the network, and no answer has been recorded. It may have arrived: it is sent again under the
    /// same key.
    Sending,
    /// The service refused it for good.
    Wedged {
        /// The problem's stable code.
        code: String,
        /// A sentence for people.
        reason: String,
    },
}

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The service has it.
    Accepted,
    /// No answer, or one that promises nothing (network, 5xx, 429).
    Unanswered {
        /// What the service asked to wait, if it did (`Retry-After`).
        retry_after: Option<Duration>,
    },
    /// Signed out: it waits until somebody signs in.
    NeedsSignIn,
    /// Refused for good (4xx).
    Refused {
        /// The problem's stable code.
        code: String,
        /// A sentence for people.
        reason: String,
    },
}

/// What happens to the stored change next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Remove it.
    Done,
    /// Try again at this time.
    RetryAt(Timestamp),
    /// Wait for a sign-in.
    WaitForSignIn,
    /// Keep it as wedged.
    Wedge {
        /// The problem's stable code.
        code: String,
        /// A sentence for people.
        reason: String,
    },
}

/// A stored change, as far as its turn goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting<'a> {
    /// What it is about.
    pub target: &'a str,
    /// Where it stands.
    pub state: &'a State,
    /// Not before this time.
    pub next_at: Timestamp,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// This one's, by its place.
    Send(usize),
    /// Nobody's before this time.
    Wait(Timestamp),
    /// Nothing waits.
    Rest,
}

/// Decides what is sent next. `rows` are oldest first. A change waits for every older one of the same target, so that
/// the last word arrives last; and nothing is sent before `not_before`, which the service asked for.
pub fn turn(rows: &[Waiting<'_>], not_before: Option<Timestamp>, now: Timestamp) -> Turn {
    let unsettled = |row: &Waiting<'_>| !matches!(row.state, State::Wedged { .. });
    let first_of_its_target = |place: usize| {
        !rows[..place]
            .iter()
            .any(|older| unsettled(older) && older.target == rows[place].target)
    };
    let mut soonest = None;
    for (place, row) in rows.iter().enumerate().filter(|(_, row)| unsettled(row)) {
        if !first_of_its_target(place) {
            continue;
        }
        let at = not_before.map_or(row.next_at, |not_before| row.next_at.max(not_before));
        if at <= now {
            return Turn::Send(place);
        }
        soonest = Some(soonest.map_or(at, |soonest: Timestamp| soonest.min(at)));
    }
    soonest.map_or(Turn::Rest, Turn::Wait)
}

/// The first wait is drawn below this.
pub const BASE: Duration = Duration::from_millis(500);
/// No wait is drawn above this.
pub const CAP: Duration = Duration::from_secs(300);
/// The service may ask for a longer wait than [`CAP`], but not for one without end.
pub const LONGEST_ASKED: Duration = Duration::from_secs(24 * 3600);

/// Decides what follows an attempt. `attempts` counts this one; `dice` is uniform in `[0, 1)`.
pub fn after(outcome: Outcome, attempts: u32, now: Timestamp, dice: f64) -> Next {
    match outcome {
        Outcome::Accepted => Next::Done,
        Outcome::NeedsSignIn => Next::WaitForSignIn,
        Outcome::Refused { code, reason } => Next::Wedge { code, reason },
        Outcome::Unanswered { retry_after } => {
            let drawn = full_jitter(attempts, dice);
            let wait = retry_after.map_or(drawn, |asked| asked.min(LONGEST_ASKED) + drawn.min(BASE));
            let wait = jiff::SignedDuration::try_from(wait).unwrap_or(jiff::SignedDuration::MAX);
            Next::RetryAt(now.checked_add(wait).unwrap_or(Timestamp::MAX))
        }
    }
}

/// Full jitter: uniform between nothing and `BASE · 2^(attempts-1)`, capped, so that many clients that lost the
/// same service don't return at once.
pub fn full_jitter(attempts: u32, dice: f64) -> Duration {
    let doublings = attempts.saturating_sub(1).min(20);
    let ceiling = BASE.saturating_mul(1 << doublings).min(CAP);
    ceiling.mul_f64(dice.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn wait(outcome: Outcome, attempts: u32, dice: f64) -> Duration {
        let next = after(outcome, attempts, NOW, dice);
        let Next::RetryAt(at) = next else {
            panic!("expected a retry, got {next:?}")
        };
        at.duration_since(NOW).unsigned_abs()
    }

    #[test]
    fn the_service_is_never_asked_sooner_than_it_wished() {
        let asked = Duration::from_secs(30);
        for dice in [0.0, 0.5, 0.99] {
            assert!(
                wait(
                    Outcome::Unanswered {
                        retry_after: Some(asked)
                    },
                    1,
                    dice
                ) >= asked
            );
        }
    }

    #[test]
    fn waits_double_up_to_the_cap_and_never_overflow() {
        let unanswered = || Outcome::Unanswered { retry_after: None };
        assert_eq!(wait(unanswered(), 1, 1.0), BASE);
        assert_eq!(wait(unanswered(), 2, 1.0), BASE * 2);
        assert_eq!(wait(unanswered(), u32::MAX, 1.0), CAP);
        assert_eq!(wait(unanswered(), 5, 0.0), Duration::ZERO);
    }

    #[test]
    fn a_refusal_is_kept_with_its_reason() {
        let refused = Outcome::Refused {
            code: "consent-unknown".into(),
            reason: "It is gone.".into(),
        };
        let next = after(refused, 1, NOW, 0.3);
        assert_eq!(
            next,
            Next::Wedge {
                code: "consent-unknown".into(),
                reason: "It is gone.".into()
            }
        );
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("it is in range")
    }

    #[test]
    fn a_newer_change_never_overtakes_an_older_one_of_the_same_thing() {
        let rows = [
            Waiting {
                target: "a",
                state: &State::Sending,
                next_at: at(120),
            },
            Waiting {
                target: "a",
                state: &State::Queued,
                next_at: at(0),
            },
            Waiting {
                target: "b",
                state: &State::Queued,
                next_at: at(5),
            },
        ];
        assert_eq!(turn(&rows, None, at(1)), Turn::Wait(at(5)));
        assert_eq!(turn(&rows, None, at(5)), Turn::Send(2));
        assert_eq!(turn(&rows[..2], None, at(130)), Turn::Send(0));
    }

    #[test]
    fn what_was_refused_holds_nothing_up() {
        let wedged = State::Wedged {
            code: String::new(),
            reason: String::new(),
        };
        let rows = [
            Waiting {
                target: "a",
                state: &wedged,
                next_at: at(0),
            },
            Waiting {
                target: "a",
                state: &State::Queued,
                next_at: at(0),
            },
        ];
        assert_eq!(turn(&rows, None, at(0)), Turn::Send(1));
        assert_eq!(turn(&rows[..1], None, at(0)), Turn::Rest);
    }

    #[test]
    fn when_the_service_asks_to_wait_everything_waits() {
        let rows = [Waiting {
            target: "a",
            state: &State::Queued,
            next_at: at(0),
        }];
        assert_eq!(turn(&rows, Some(at(60)), at(1)), Turn::Wait(at(60)));
        assert_eq!(turn(&rows, Some(at(60)), at(60)), Turn::Send(0));
    }

    proptest::proptest! {
        #[test]
        fn no_wait_is_longer_than_the_ceiling(attempts in 1u32..200, dice in 0.0f64..1.0) {
            proptest::prop_assert!(full_jitter(attempts, dice) <= CAP);
        }
    }
}
