//! How long an account can still be kept.

use std::time::Duration;

use jiff::Timestamp;

/// The service's word, and nothing of this computer's clock, which may be years off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Countdown {
    /// The end, by the service's clock.
    pub until: Timestamp,
    /// The service's clock when it last answered.
    pub told: Timestamp,
}

impl Countdown {
    /// What is left after so much time since the question was sent, by a clock that nobody sets. Never more than there
    /// is: the way of the answer counts as passed.
    pub fn left(&self, since_asked: Duration) -> Duration {
        let told = Duration::try_from(self.until.duration_since(self.told)).unwrap_or(Duration::ZERO);
        told.saturating_sub(since_asked)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn what_is_left_follows_from_the_services_clock_alone() {
        let told = Timestamp::UNIX_EPOCH;
        let countdown = Countdown {
            until: told + SignedDuration::from_hours(720),
            told,
        };
        let hour = Duration::from_secs(3600);
        assert_eq!(countdown.left(Duration::ZERO), hour * 720);
        assert_eq!(countdown.left(hour), hour * 719);
        assert_eq!(countdown.left(hour * 721), Duration::ZERO);
        let over = Countdown {
            until: told,
            told: told + SignedDuration::from_secs(5),
        };
        assert_eq!(over.left(Duration::ZERO), Duration::ZERO);
    }
}
