use jiff::Timestamp;
use jiff::civil::date;
use settings_privacy_core::rights::{Asked, Event, RequestId, RightId, begin, next, record};
use uuid::Uuid;

use super::*;

fn state(addressee: Addressee, regime: &str, events: &[Event], today: Date) -> RequestState {
    let asked = Asked {
        right: RightId::new("access"),
        regime: RegimeId::new(regime),
        addressee,
    };
    let draft =
        begin(RequestId(Uuid::from_u128(1)), asked, Timestamp::UNIX_EPOCH).expect("it can be asked for");
    let sent = date(2026, 11, 24);
    let request = events.iter().fold(draft, |request, event| {
        record(&request, *event, sent, today).expect("it fits")
    });
    RequestState {
        next: next(&request, today),
        request,
    }
}

#[test]
fn what_can_be_said_is_what_the_core_takes() {
    let today = date(2026, 11, 24);
    let can = |events: &[Event]| request_view(&state(Addressee::Dingtalk, "eea", events, today), today).can;
    assert_eq!(can(&[]), [EventWord::Sent]);
    let sent = can(&[Event::Sent]);
    assert!(sent.contains(&EventWord::Confirmed) && sent.contains(&EventWord::Corrected));
    assert!(!sent.contains(&EventWord::Sent) && !sent.contains(&EventWord::IdentityGiven));
    assert_eq!(can(&[Event::Sent, Event::Fulfilled]), [EventWord::Corrected]);
}

#[test]
fn help_is_named_once_it_is_needed_and_fits_who_was_asked() {
    let names = |addressee, regime, today| {
        let state = state(addressee, regime, &[Event::Sent], today);
        request_view(&state, today)
            .help
            .into_iter()
            .map(|help| help.clause)
            .collect::<Vec<_>>()
    };
    let (early, late) = (date(2026, 12, 24), date(2026, 12, 25));
    assert_eq!(names(Addressee::Dingtalk, "eea", early), [""; 0]);
    assert_eq!(
        names(Addressee::Dingtalk, "eea", late),
        ["I.3", "I.3", "§14", "§7"]
    );
    assert_eq!(names(Addressee::Dingtalk, "brazil", late), ["§14", "VIII.2"]);
    assert_eq!(
        names(Addressee::Organization, "eea", late),
        [""; 0],
        "no day is given there"
    );
}

#[test]
fn every_law_offers_something_and_each_right_says_where_the_policy_has_it() {
    let laws = laws();
    assert_eq!(laws.len(), 9);
    for law in laws {
        assert!(law.rights.len() >= 9, "{}", law.id);
        assert!(
            law.rights
                .iter()
                .all(|right| !right.clauses.is_empty() && !right.says.is_empty())
        );
    }
}
