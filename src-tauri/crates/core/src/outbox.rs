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

    proptest::proptest! {
        #[test]
        fn no_wait_is_longer_than_the_ceiling(attempts in 1u32..200, dice in 0.0f64..1.0) {
            proptest::prop_assert!(full_jitter(attempts, dice) <= CAP);
        }
    }
}
