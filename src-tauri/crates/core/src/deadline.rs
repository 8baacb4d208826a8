//! By when an answer is due (policy §10, annexes II.5, V.1 and VII.2), as days of the calendar.
//!
//! Days are civil: a request is received on a day, and an answer is in time until that day's last moment. Which day it is
//! where the person lives is the caller's to know.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Deserialize;

use crate::data::DataError;
use crate::regime::{RegimeId, Regimes};
use crate::rights::{RightId, Rights};

/// The regime whose numbers hold where no other has its own (§9).
const GENERAL: &str = "general";

/// A length of time as the policy gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Within {
    /// Months of the calendar. From the last days of a month, the end of a shorter one.
    Months(u16),
    /// Days, each of them.
    Days(u16),
    /// Monday to Friday. Public holidays aren't known here, so the true day may be later, never earlier.
    BusinessDays(u16),
}

impl Within {
    /// The last day that is in time, counted from a day.
    pub fn from(self, day: Date) -> Date {
        match self {
            Self::Months(months) => day.saturating_add(i64::from(months).months()),
            Self::Days(days) => day.saturating_add(i64::from(days).days()),
            Self::BusinessDays(days) => business_days(day, days),
        }
    }

    /// Both, one after the other, counted from one day: a month and two more are three months of that day, whatever the
    /// length of the first.
    fn with(self, more: Self, day: Date) -> Date {
        match (self, more) {
            (Self::Months(first), Self::Months(second)) => {
                Self::Months(first.saturating_add(second)).from(day)
            }
            (Self::Days(first), Self::Days(second)) => Self::Days(first.saturating_add(second)).from(day),
            (first, second) => second.from(first.from(day)),
        }
    }
}

fn business_days(from: Date, days: u16) -> Date {
    let mut day = from;
    let mut left = days;
    while left > 0 {
        let Ok(next) = day.tomorrow() else { return day };
        day = next;
        if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            left -= 1;
        }
    }
    day
}

/// By when DingTalk says something, under one law.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Deadline {
    /// The law.
    pub regime: RegimeId,
    /// The policy's clause.
    pub clause: String,
    /// What it is about; everything when none is named.
    #[serde(default)]
    pub rights: Vec<RightId>,
    /// By when the receipt is confirmed.
    #[serde(default)]
    pub confirm: Option<Within>,
    /// By when there is an answer; none where the policy gives no number.
    #[serde(default)]
    pub answer: Option<Within>,
    /// How much longer it may take, with notice before the answer is due.
    #[serde(default)]
    pub extension: Option<Within>,
}

impl Deadline {
    /// The last day for confirming what was received on a day.
    pub fn confirm_by(&self, received: Date) -> Option<Date> {
        self.confirm.map(|within| within.from(received))
    }

    /// The last day for an answer.
    pub fn answer_by(&self, received: Date) -> Option<Date> {
        self.answer.map(|within| within.from(received))
    }

    /// The last day for an answer that was put off, as far as it may be.
    pub fn extended_to(&self, received: Date) -> Option<Date> {
        let (answer, more) = (self.answer?, self.extension?);
        Some(answer.with(more, received))
    }
}

/// Every deadline.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadlines {
    /// Raised with every change of the list.
    pub version: u32,
    /// The deadlines; of those for a law and a right, the first holds.
    #[serde(rename = "deadline")]
    pub deadlines: Vec<Deadline>,
}

impl Deadlines {
    /// Reads `deadlines.toml`.
    ///
    /// # Errors
    /// When a key, a law or a right is unknown, the general terms give no answer's day, or an extension has nothing to extend.
    pub fn parse(text: &str, regimes: &Regimes, rights: &Rights) -> Result<Self, DataError> {
        let fail = |reason: String| DataError {
            file: "deadlines.toml",
            reason,
        };
        let list: Self = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        for deadline in &list.deadlines {
            if regimes.get(&deadline.regime).is_none() {
                return Err(fail(format!("{} is no regime", deadline.regime.as_str())));
            }
            if let Some(unknown) = deadline.rights.iter().find(|id| rights.get(id).is_none()) {
                return Err(fail(format!("{unknown} is no right")));
            }
            if deadline.extension.is_some() && deadline.answer.is_none() {
                return Err(fail(format!(
                    "{} extends what has no end",
                    deadline.regime.as_str()
                )));
            }
        }
        let is_general =
            |deadline: &Deadline| deadline.regime.as_str() == GENERAL && deadline.rights.is_empty();
        match list.deadlines.iter().any(is_general) {
            true => Ok(list),
            false => Err(fail("the general terms are missing".to_owned())),
        }
    }

    /// The deadline for a right under a law: the law's own, else the general terms'.
    pub fn of(&self, regime: &RegimeId, right: &RightId) -> &Deadline {
        let general = RegimeId::new(GENERAL);
        let about = |deadline: &&Deadline| deadline.rights.is_empty() || deadline.rights.contains(right);
        let under = |regime: &RegimeId| {
            let mut theirs = self.deadlines.iter().filter(|one| &one.regime == regime);
            theirs.find(about)
        };
        under(regime)
            .or_else(|| under(&general))
            .expect("parsing makes sure of the general terms")
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::data;

    fn of(regime: &str, right: &str) -> &'static Deadline {
        data::deadlines().of(&RegimeId::new(regime), &RightId::new(right))
    }

    #[test]
    fn a_month_from_the_end_of_a_long_one_ends_with_the_short_one() {
        let general = of("general", "access");
        for (received, answer, extended) in [
            (date(2026, 1, 31), date(2026, 2, 28), date(2026, 4, 30)),
            (date(2028, 1, 31), date(2028, 2, 29), date(2028, 4, 30)),
            (date(2026, 11, 24), date(2026, 12, 24), date(2027, 2, 24)),
            (date(2026, 11, 30), date(2026, 12, 30), date(2027, 2, 28)),
        ] {
            assert_eq!(general.answer_by(received), Some(answer), "{received}");
            assert_eq!(general.extended_to(received), Some(extended), "{received}");
            assert_eq!(general.confirm_by(received), None);
        }
    }

    #[test]
    fn california_confirms_in_business_days_and_answers_in_days() {
        let california = of("california", "copy");
        // 24 November 2026 is a Tuesday: fifteen business days are three weeks.
        let received = date(2026, 11, 24);
        assert_eq!(california.confirm_by(received), Some(date(2026, 12, 15)));
        assert_eq!(california.answer_by(received), Some(date(2027, 1, 8)));
        assert_eq!(california.extended_to(received), Some(date(2027, 2, 22)));
        // Received on a weekend, Monday is the first.
        let saturday = date(2026, 11, 28);
        assert_eq!(california.confirm_by(saturday), Some(date(2026, 12, 18)));
    }

    #[test]
    fn what_californias_times_are_not_about_is_answered_as_anywhere() {
        assert_eq!(of("california", "no-sale"), of("general", "access"));
        assert_eq!(of("brazil", "access"), of("general", "access"));
    }

    #[test]
    fn thailand_has_thirty_days_and_no_more() {
        let thailand = of("thailand", "access");
        assert_eq!(thailand.answer_by(date(2027, 1, 30)), Some(date(2027, 3, 1)));
        assert_eq!(thailand.extended_to(date(2027, 1, 30)), None);
    }

    #[test]
    fn where_the_policy_gives_no_number_none_is_made_up() {
        let malaysia = of("malaysia", "objection");
        assert_eq!(malaysia.answer_by(date(2026, 11, 24)), None);
        assert_eq!(malaysia.extended_to(date(2026, 11, 24)), None);
        assert_eq!(of("malaysia", "access"), of("general", "access"));
    }

    #[test]
    fn a_list_that_names_what_isnt_there_is_refused() {
        let general =
            "version = 1\n[[deadline]]\nregime = 'general'\nclause = '§10'\nanswer = { months = 1 }\n";
        let parse = |text: &str| Deadlines::parse(text, data::regimes(), data::rights());
        assert!(parse(general).is_ok());
        for wrong in [
            "version = 1\ndeadline = []\n".to_owned(),
            format!("{general}[[deadline]]\nregime = 'mars'\nclause = ''\n"),
            format!("{general}[[deadline]]\nregime = 'eea'\nclause = ''\nrights = ['flying']\n"),
            format!("{general}[[deadline]]\nregime = 'eea'\nclause = ''\nextension = {{ days = 2 }}\n"),
            general.replace("months", "fortnights"),
        ] {
            assert!(parse(&wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn so_many_business_days_lie_between_and_the_last_is_one(
            from in -20_000_i32..20_000, days in 1_u16..200,
        ) {
            let from = date(1970, 1, 1).saturating_add(i64::from(from).days());
            let end = Within::BusinessDays(days).from(from);
            let is_business = |day: Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
            let mut counted = 0_u16;
            let mut day = from;
            while day < end {
                day = day.tomorrow().unwrap();
                counted += u16::from(is_business(day));
            }
            prop_assert_eq!(counted, days);
            prop_assert!(is_business(end));
        }

        #[test]
        fn nothing_is_due_before_it_was_received_and_an_extension_ends_later(
            from in -20_000_i32..20_000, index in 0_usize..64,
        ) {
            let received = date(1970, 1, 1).saturating_add(i64::from(from).days());
            let list = &data::deadlines().deadlines;
            let deadline = &list[index % list.len()];
            if let Some(answer) = deadline.answer_by(received) {
                prop_assert!(answer > received);
                prop_assert!(deadline.extended_to(received).is_none_or(|extended| extended > answer));
                prop_assert!(deadline.confirm_by(received).is_none_or(|confirm| confirm < answer));
            }
        }
    }
}
