//! What comes next of a request, and by when.

use jiff::civil::Date;

use super::{Addressee, Request, Standing};
use crate::data;

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// What.
    pub step: Step,
    /// The last day for it, where the policy gives one, or they named one.
    pub by: Option<Date>,
    /// That day is over.
    pub overdue: bool,
    /// Where the policy gives that day.
    pub clause: Option<&'static str>,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The person sends the letter.
    Send,
    /// They confirm that they received it; overdue, the person asks again (II.5).
    AwaitConfirmation,
    /// They answer; overdue, somebody else can help (§7, §14).
    AwaitAnswer,
    /// The person shows who they are.
    ShowIdentity,
    /// They refused: somebody else can help.
    Complain,
    /// Nothing.
    Nothing,
}

impl Next {
    fn without_a_day(step: Step) -> Self {
        Self {
            step,
            by: None,
            overdue: false,
            clause: None,
        }
    }
}

/// What comes next of a request, as of a day.
///
/// The policy's numbers bind DingTalk alone (§1): for an Organization no day is given, unless it named one itself.
pub fn next(request: &Request, today: Date) -> Next {
    let dated = |step, by: Option<Date>, clause| Next {
        step,
        by,
        overdue: by.is_some_and(|by| by < today),
        clause: by.and(clause),
    };
    let deadline = data::deadlines().of(&request.asked.regime, &request.asked.right);
    let binds = match request.asked.addressee {
        Addressee::Dingtalk => true,
        Addressee::Organization | Addressee::ThroughDingtalk => false,
    };
    let clause = Some(deadline.clause.as_str());
    let answer_by = |sent| binds.then(|| deadline.answer_by(sent)).flatten();
    match request.standing {
        Standing::Draft => Next::without_a_day(Step::Send),
        Standing::Open { sent } => match deadline.confirm_by(sent).filter(|_| binds) {
            // Once the answer itself is late, asking for a confirmation helps nobody.
            Some(confirm) if answer_by(sent).is_none_or(|answer| today <= answer) => {
                dated(Step::AwaitConfirmation, Some(confirm), clause)
            }
            Some(_) | None => dated(Step::AwaitAnswer, answer_by(sent), clause),
        },
        Standing::InProgress {
            sent,
            need_user_verification,
            extended,
        } => {
            let by = match extended {
                None => answer_by(sent),
                // An extension lets them take the policy's longest, or less if they said so; never more.
                Some(extended) => {
                    let longest = binds
                        .then(|| deadline.extended_to(sent).or_else(|| deadline.answer_by(sent)))
                        .flatten();
                    match (longest, extended.until) {
                        (Some(longest), Some(until)) => Some(longest.min(until)),
                        (longest, until) => longest.or(until),
                    }
                }
            };
            match need_user_verification {
                true => Next {
                    overdue: false,
                    ..dated(Step::ShowIdentity, by, clause)
                },
                false => dated(Step::AwaitAnswer, by, clause.filter(|_| binds)),
            }
        }
        Standing::Denied { .. } => Next::without_a_day(Step::Complain),
        Standing::Fulfilled { .. } | Standing::Revoked { .. } => Next::without_a_day(Step::Nothing),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::regime::RegimeId;
    use crate::rights::{Asked, DenialReason, Event, RequestId, RightId, begin, record};

    fn after(regime: &str, right: &str, addressee: Addressee, events: &[(Event, Date)]) -> Request {
        let asked = Asked {
            right: RightId::new(right),
            regime: RegimeId::new(regime),
            addressee,
        };
        let draft = begin(RequestId(Uuid::nil()), asked, Timestamp::UNIX_EPOCH).expect("it can be asked for");
        let record = |request: Request, (event, on): &(Event, Date)| {
            record(&request, *event, *on, date(2099, 1, 1)).expect("it fits")
        };
        events.iter().fold(draft, record)
    }

    const SENT: Date = date(2026, 11, 24);

    fn awaits(step: Step, by: Date, overdue: bool, clause: &'static str) -> Next {
        Next {
            step,
            by: Some(by),
            overdue,
            clause: Some(clause),
        }
    }

    #[test]
    fn an_answer_is_in_time_until_its_last_day_and_late_the_day_after() {
        let request = after("eea", "access", Addressee::Dingtalk, &[(Event::Sent, SENT)]);
        let by = date(2026, 12, 24);
        assert_eq!(next(&request, by), awaits(Step::AwaitAnswer, by, false, "§10"));
        let after = date(2026, 12, 25);
        assert_eq!(next(&request, after), awaits(Step::AwaitAnswer, by, true, "§10"));
    }

    #[test]
    fn california_first_owes_a_confirmation() {
        let request = after(
            "california",
            "access",
            Addressee::Dingtalk,
            &[(Event::Sent, SENT)],
        );
        let confirm = date(2026, 12, 15);
        let late = date(2026, 12, 16);
        assert_eq!(
            next(&request, SENT),
            awaits(Step::AwaitConfirmation, confirm, false, "II.5")
        );
        assert_eq!(
            next(&request, late),
            awaits(Step::AwaitConfirmation, confirm, true, "II.5")
        );
        let confirmed = record(&request, Event::Confirmed, late, late).expect("it fits");
        let answer = date(2027, 1, 8);
        assert_eq!(
            next(&confirmed, late),
            awaits(Step::AwaitAnswer, answer, false, "II.5")
        );
        let too_late = date(2027, 1, 9);
        assert_eq!(
            next(&request, too_late),
            awaits(Step::AwaitAnswer, answer, true, "II.5"),
            "by then nobody waits for a confirmation"
        );
    }

    #[test]
    fn an_extension_lasts_as_long_as_they_said_and_no_longer_than_the_policy_allows() {
        let with = |until| {
            let extended = (Event::Extended { until }, date(2026, 12, 1));
            let request = after(
                "eea",
                "access",
                Addressee::Dingtalk,
                &[(Event::Sent, SENT), extended],
            );
            next(&request, SENT).by
        };
        assert_eq!(with(None), Some(date(2027, 2, 24)));
        assert_eq!(with(Some(date(2027, 1, 10))), Some(date(2027, 1, 10)));
        assert_eq!(with(Some(date(2028, 1, 1))), Some(date(2027, 2, 24)));
    }

    #[test]
    fn thailand_knows_no_extension() {
        let until = Some(date(2027, 6, 1));
        let extended = (Event::Extended { until }, date(2026, 12, 1));
        let request = after(
            "thailand",
            "access",
            Addressee::Dingtalk,
            &[(Event::Sent, SENT), extended],
        );
        assert_eq!(next(&request, SENT).by, Some(date(2026, 12, 24)));
    }

    #[test]
    fn for_an_organization_no_day_is_made_up() {
        for addressee in [Addressee::Organization, Addressee::ThroughDingtalk] {
            let request = after("california", "access", addressee, &[(Event::Sent, SENT)]);
            assert_eq!(
                next(&request, date(2040, 1, 1)),
                Next::without_a_day(Step::AwaitAnswer)
            );
            let until = Some(date(2027, 1, 1));
            let told = record(&request, Event::Extended { until }, SENT, SENT).expect("it fits");
            let then = next(&told, SENT);
            assert_eq!((then.by, then.clause), (until, None), "their own day holds");
        }
    }

    #[test]
    fn whoever_has_to_show_who_they_are_comes_first_and_a_refusal_leads_on() {
        let asked = after(
            "eea",
            "access",
            Addressee::Dingtalk,
            &[(Event::Sent, SENT), (Event::IdentityAsked, SENT)],
        );
        let late = next(&asked, date(2027, 5, 5));
        assert_eq!((late.step, late.overdue), (Step::ShowIdentity, false));
        let reason = DenialReason::NoMatch;
        let denied = record(&asked, Event::Denied { reason }, SENT, SENT).expect("it fits");
        assert_eq!(next(&denied, SENT), Next::without_a_day(Step::Complain));
        let draft = after("eea", "access", Addressee::Dingtalk, &[]);
        assert_eq!(next(&draft, SENT), Next::without_a_day(Step::Send));
        let done = record(&denied, Event::Fulfilled, SENT, SENT).expect("it fits");
        assert_eq!(next(&done, SENT), Next::without_a_day(Step::Nothing));
    }
}
