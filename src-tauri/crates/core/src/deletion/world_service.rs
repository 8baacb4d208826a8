//! The service in the tests' world, as it really decides ([`ending`]).

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::ending::{self, Ending};
use super::*;
use crate::export::{Sequence, WorkflowId};

pub(super) const COOLING_OFF: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a request is answered under its key, every time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Answer {
    Accepted(u64),
    CodeRefused,
    CodeUsed,
    Cancelled,
    TooLate,
    NotRequested,
}

pub(super) type Key = (WorkflowId, Sequence);

/// The service.
pub(super) struct Service {
    pub(super) now: Timestamp,
    /// By number; the last is the account's newest.
    pub(super) endings: BTreeMap<u64, Ending>,
    answers: BTreeMap<Key, Answer>,
    /// Codes serve once: which request used which, and what was asked for with it.
    used: BTreeMap<Key, u64>,
}

impl Service {
    pub(super) fn new() -> Self {
        Self {
            now: Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 365 * 55),
            endings: BTreeMap::new(),
            answers: BTreeMap::new(),
            used: BTreeMap::new(),
        }
    }

    /// What it remembers of keys has an end: from now on a request that is repeated is a new one.
    pub(super) fn forgets_answers(&mut self) {
        self.answers.clear();
    }

    /// The deletion that is under way or done, whoever asked for it.
    pub(super) fn runs(&mut self) -> Option<u64> {
        let (number, ending) = self.newest()?;
        match ending {
            Ending::Cancelled { .. } => None,
            Ending::CoolingOff { .. } | Ending::Finalising { .. } | Ending::Deleted { .. } => Some(number),
        }
    }

    /// Which deletion this request began, or found.
    pub(super) fn made_by(&self, key: Key) -> Option<u64> {
        self.used.get(&key).copied()
    }

    /// It can't be taken back any more, and sessions haven't ended yet.
    pub(super) fn is_just_final(&mut self) -> bool {
        matches!(
            self.newest(),
            Some((
                _,
                Ending::Finalising {
                    step: ending::Step::Ledger,
                    ..
                }
            ))
        )
    }

    fn newest(&mut self) -> Option<(u64, Ending)> {
        let (number, ending) = self.endings.last_key_value()?;
        let (number, ending) = (
            *number,
            ending::step(*ending, ending::Event::Time, self.now).ending,
        );
        self.endings.insert(number, ending);
        Some((number, ending))
    }

    /// Sessions end with the account.
    pub(super) fn lets_in(&mut self) -> bool {
        !matches!(
            self.newest(),
            Some((_, Ending::Finalising { .. } | Ending::Deleted { .. }))
        )
    }

    pub(super) fn ask(&mut self, key: Key, good_code: bool) -> Answer {
        if let Some(answer) = self.answers.get(&key) {
            return *answer;
        }
        let answer = match good_code {
            false => Answer::CodeRefused,
            true if self.used.contains_key(&key) => Answer::CodeUsed,
            true => {
                let current = self.newest();
                let number = current.map_or(0, |(number, _)| number);
                let number = match ending::ask(current.map(|(_, ending)| ending), COOLING_OFF, self.now) {
                    ending::Asked::New(ending) => {
                        self.endings.insert(number + 1, ending);
                        number + 1
                    }
                    ending::Asked::Same(_) => number,
                };
                self.used.insert(key, number);
                Answer::Accepted(number)
            }
        };
        self.answers.insert(key, answer);
        answer
    }

    /// Finalising goes on by itself.
    pub(super) fn finishes(&mut self) {
        while let Some((number, ending @ Ending::Finalising { step, .. })) = self.newest() {
            let next = ending::step(ending, ending::Event::Done(step), self.now).ending;
            self.endings.insert(number, next);
        }
    }

    /// The wire names no deletion: it is the newest that is taken back.
    pub(super) fn cancel(&mut self, key: Key) -> Answer {
        if let Some(answer) = self.answers.get(&key) {
            return *answer;
        }
        let answer = match self.newest() {
            None => Answer::NotRequested,
            Some((number, ending)) => {
                let stepped = ending::step(ending, ending::Event::Cancel, self.now);
                self.endings.insert(number, stepped.ending);
                match stepped.refused {
                    None => Answer::Cancelled,
                    Some(_) => Answer::TooLate,
                }
            }
        };
        self.answers.insert(key, answer);
        answer
    }

    pub(super) fn seen(&mut self, number: Option<u64>) -> Seen {
        self.newest();
        let found = match number {
            Some(number) => self.endings.get_key_value(&number),
            None => self.endings.last_key_value(),
        };
        let Some((number, ending)) = found.map(|(number, ending)| (*number, *ending)) else {
            return Seen::Nothing;
        };
        let deletion = DeletionId(number.to_string());
        match ending {
            Ending::CoolingOff { final_at, .. } => Seen::CoolingOff {
                deletion,
                until: final_at,
                now: self.now,
            },
            Ending::Cancelled { .. } => Seen::Cancelled { deletion },
            Ending::Finalising { step, .. } => {
                // Each look finds it a step further.
                let next = ending::step(ending, ending::Event::Done(step), self.now).ending;
                self.endings.insert(number, next);
                Seen::Finalising {
                    deletion,
                    progress: Progress::default(),
                    look_again: Some(Duration::from_secs(2)),
                }
            }
            Ending::Deleted { .. } => Seen::Deleted { deletion },
        }
    }
}
