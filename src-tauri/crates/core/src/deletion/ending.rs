//! The end of an account on the service's side: asked for, taken back or not, carried out step by step.
//!
//! The service keeps an [`Ending`] with the account and replaces it by what [`ask`] and [`step`] say, each time in one
//! transaction. Whoever comes first decides; there is one clock, the service's. From `final_at` on nothing can be taken
//! back, whether or not anybody had looked at the clock before: that the cancellation came in time is decided by the
//! time it is looked at under the transaction, and by nothing else.

use jiff::{SignedDuration, Timestamp};

/// Where the end of an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It was asked for, and can be taken back until `final_at`.
    CoolingOff {
        /// When it was asked for.
        requested_at: Timestamp,
        /// From when it can't be taken back.
        final_at: Timestamp,
    },
    /// It was taken back. It stays so; another one is another ending.
    Cancelled {
        /// When it was asked for.
        requested_at: Timestamp,
        /// Until when it could be taken back.
        final_at: Timestamp,
        /// When it was.
        at: Timestamp,
    },
    /// It can't be taken back, and is being carried out.
    Finalising {
        /// When it was asked for.
        requested_at: Timestamp,
        /// Since when it can't be taken back.
        final_at: Timestamp,
        /// What is to be done now. Doing it twice is harmless.
        step: Step,
    },
    /// Everything is gone.
    Deleted {
        /// When it was asked for.
        requested_at: Timestamp,
        /// Since when it couldn't be taken back.
        final_at: Timestamp,
        /// Since when everything is gone.
        at: Timestamp,
    },
}

impl Ending {
    /// When it was asked for.
    pub fn requested_at(self) -> Timestamp {
        self.times().0
    }

    /// From when it can't be taken back, or couldn't.
    pub fn final_at(self) -> Timestamp {
        self.times().1
    }

    fn times(self) -> (Timestamp, Timestamp) {
        match self {
            Self::CoolingOff {
                requested_at,
                final_at,
            }
            | Self::Cancelled {
                requested_at,
                final_at,
                ..
            }
            | Self::Finalising {
                requested_at,
                final_at,
                ..
            }
            | Self::Deleted {
                requested_at,
                final_at,
                ..
            } => (requested_at, final_at),
        }
    }
}

/// What is done when an account ends, in this order. Every step can be repeated, so that a crash costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Note, outside the database and its backups, that this account stays deleted. First: from here on a backup that
    /// comes back brings nobody back.
    Ledger,
    /// Remove the archives of its copies.
    Exports,
    /// Remove its files and the letters to it.
    Files,
    /// Remove or anonymize every row.
    Records,
    /// Overwrite what removing leaves in the database's files.
    Scrubbing,
    /// Tell other systems, and wait for them as long as the service is willing to.
    Downstream,
    /// Sign the receipt.
    Receipt,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 7] = [
        Self::Ledger,
        Self::Exports,
        Self::Files,
        Self::Records,
        Self::Scrubbing,
        Self::Downstream,
        Self::Receipt,
    ];

    /// The one after.
    pub fn next(self) -> Option<Self> {
        Self::ALL.get(self.place() + 1).copied()
    }

    /// How many come before.
    pub fn place(self) -> usize {
        self as usize
    }
}

/// What happens to an ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Somebody looked at the clock.
    Time,
    /// Its owner wants to keep the account.
    Cancel,
    /// A step was carried out.
    Done(Step),
}

/// What comes of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stepped {
    /// Where it stands now. To be kept also with a refusal.
    pub ending: Ending,
    /// The event came too late.
    pub refused: Option<TooLate>,
}

/// The account can't be kept any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the account can't be kept any more")]
pub struct TooLate;

/// What comes of asking for the end of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It begins.
    New(Ending),
    /// It was asked for before: it is the same one, with the same end.
    Same(Ending),
}

/// Asks for the end of an account. `current` is its newest ending, if there ever was one.
pub fn ask(current: Option<Ending>, cooling_off: SignedDuration, now: Timestamp) -> Asked {
    match current.map(|ending| step(ending, Event::Time, now).ending) {
        None | Some(Ending::Cancelled { .. }) => Asked::New(Ending::CoolingOff {
            requested_at: now,
            final_at: now
                .checked_add(cooling_off.max(SignedDuration::ZERO))
                .unwrap_or(Timestamp::MAX),
        }),
        Some(same @ (Ending::CoolingOff { .. } | Ending::Finalising { .. } | Ending::Deleted { .. })) => {
            Asked::Same(same)
        }
    }
}

/// What follows from an event. `now` is the service's time.
pub fn step(ending: Ending, event: Event, now: Timestamp) -> Stepped {
    let moved = with_time(ending, now);
    match event {
        Event::Time => fine(moved),
        Event::Cancel => cancel(moved, now),
        Event::Done(done) => fine(carry_on(moved, done, now)),
    }
}

/// When the clock alone changes something.
pub fn wake_at(ending: Ending) -> Option<Timestamp> {
    match ending {
        Ending::CoolingOff { final_at, .. } => Some(final_at),
        Ending::Cancelled { .. } | Ending::Finalising { .. } | Ending::Deleted { .. } => None,
    }
}

fn with_time(ending: Ending, now: Timestamp) -> Ending {
    match ending {
        Ending::CoolingOff {
            requested_at,
            final_at,
        } if now >= final_at => Ending::Finalising {
            requested_at,
            final_at,
            step: Step::Ledger,
        },
        Ending::CoolingOff { .. }
        | Ending::Cancelled { .. }
        | Ending::Finalising { .. }
        | Ending::Deleted { .. } => ending,
    }
}

fn cancel(ending: Ending, now: Timestamp) -> Stepped {
    match ending {
        Ending::CoolingOff {
            requested_at,
            final_at,
        } => fine(Ending::Cancelled {
            requested_at,
            final_at,
            at: now,
        }),
        Ending::Cancelled { .. } => fine(ending),
        Ending::Finalising { .. } | Ending::Deleted { .. } => Stepped {
            ending,
            refused: Some(TooLate),
        },
    }
}

fn carry_on(ending: Ending, done: Step, now: Timestamp) -> Ending {
    match ending {
        // Word of another step comes late, or twice: it changes nothing.
        Ending::Finalising {
            requested_at,
            final_at,
            step,
        } if step == done => match step.next() {
            Some(step) => Ending::Finalising {
                requested_at,
                final_at,
                step,
            },
            None => Ending::Deleted {
                requested_at,
                final_at,
                at: now.max(final_at),
            },
        },
        Ending::CoolingOff { .. }
        | Ending::Cancelled { .. }
        | Ending::Finalising { .. }
        | Ending::Deleted { .. } => ending,
    }
}

fn fine(ending: Ending) -> Stepped {
    Stepped {
        ending,
        refused: None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const THIRTY_DAYS: SignedDuration = SignedDuration::from_hours(30 * 24);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    fn begun(now: Timestamp, cooling_off: SignedDuration) -> Ending {
        match ask(None, cooling_off, now) {
            Asked::New(ending) => ending,
            Asked::Same(ending) => panic!("there was none: {ending:?}"),
        }
    }

    #[test]
    fn a_cancelled_deletion_stays_cancelled() {
        let ending = begun(at(0), THIRTY_DAYS);
        let cancelled = step(ending, Event::Cancel, at(10));
        assert_eq!(cancelled.refused, None);
        for event in [Event::Time, Event::Cancel, Event::Done(Step::Ledger)] {
            let later = step(cancelled.ending, event, at(10_000_000));
            assert_eq!(later, cancelled, "{event:?}");
        }
    }

    #[test]
    fn the_last_moment_to_cancel_is_the_one_before_the_end() {
        let ending = begun(at(0), SignedDuration::from_secs(60));
        assert_eq!(step(ending, Event::Cancel, at(59)).refused, None);
        let late = step(ending, Event::Cancel, at(60));
        assert_eq!(late.refused, Some(TooLate));
        assert!(matches!(
            late.ending,
            Ending::Finalising {
                step: Step::Ledger,
                ..
            }
        ));
        assert_eq!(wake_at(ending), Some(at(60)));
        assert_eq!(wake_at(late.ending), None);
    }

    #[test]
    fn asked_for_twice_it_is_the_same_one_and_after_a_cancellation_a_new_one() {
        let ending = begun(at(0), THIRTY_DAYS);
        assert_eq!(ask(Some(ending), THIRTY_DAYS, at(5)), Asked::Same(ending));
        let cancelled = step(ending, Event::Cancel, at(10)).ending;
        let again = Asked::New(begun(at(20), THIRTY_DAYS));
        assert_eq!(ask(Some(cancelled), THIRTY_DAYS, at(20)), again);
        let late = ask(Some(ending), THIRTY_DAYS, at(40 * 86_400));
        assert!(matches!(late, Asked::Same(Ending::Finalising { .. })), "{late:?}");
    }

    #[test]
    fn its_steps_follow_each_other_and_lead_to_the_end() {
        let mut ending = step(begun(at(0), SignedDuration::ZERO), Event::Time, at(0)).ending;
        for wanted in Step::ALL {
            let Ending::Finalising { step: now, .. } = ending else {
                panic!("{wanted:?} comes before the end");
            };
            assert_eq!(now, wanted);
            ending = step(ending, Event::Done(wanted), at(9)).ending;
        }
        let deleted = Ending::Deleted {
            requested_at: at(0),
            final_at: at(0),
            at: at(9),
        };
        assert_eq!(ending, deleted);
    }

    #[derive(Debug, Clone, Copy)]
    enum Any {
        Ask,
        Event(Event),
    }

    fn any_event() -> impl Strategy<Value = Any> {
        prop_oneof![
            Just(Any::Ask),
            Just(Any::Event(Event::Time)),
            Just(Any::Event(Event::Cancel)),
            (0..Step::ALL.len()).prop_map(|place| Any::Event(Event::Done(Step::ALL[place]))),
        ]
    }

    proptest! {
        /// Whatever comes in whatever order, and wherever the clock jumps: what was refused or granted once holds.
        #[test]
        fn what_is_final_stays_final(events in proptest::collection::vec((any_event(), -100_i64..200), 1..60)) {
            let mut ending = begun(at(0), SignedDuration::from_secs(1000));
            let (mut now, mut was_final) = (at(0), false);
            for (event, seconds) in events {
                now += SignedDuration::from_secs(seconds);
                let next = match event {
                    Any::Ask => match ask(Some(ending), SignedDuration::from_secs(1000), now) {
                        Asked::New(next) => {
                            let is_cancelled = matches!(ending, Ending::Cancelled { .. });
                            prop_assert!(is_cancelled, "a new one only after a cancelled one");
                            next
                        }
                        Asked::Same(next) => next,
                    },
                    Any::Event(event) => {
                        let stepped = step(ending, event, now);
                        if event == Event::Cancel {
                            let is_kept = matches!(stepped.ending, Ending::Cancelled { .. });
                            prop_assert_eq!(is_kept, stepped.refused.is_none());
                        }
                        stepped.ending
                    }
                };
                let is_final = matches!(next, Ending::Finalising { .. } | Ending::Deleted { .. });
                prop_assert!(is_final || !was_final);
                if let (Ending::Finalising { step: before, .. }, Ending::Finalising { step: after, .. }) = (ending, next) {
                    prop_assert!(after.place() - before.place() <= 1, "no step is left out");
                }
                (ending, was_final) = (next, is_final);
            }
        }
    }
}
