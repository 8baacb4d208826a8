use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const TODAY: Date = date(2026, 12, 31);

fn draft() -> Request {
    let asked = Asked {
        right: RightId::new("access"),
        regime: RegimeId::new("eea"),
        addressee: Addressee::Dingtalk,
    };
    begin(
        RequestId(Uuid::from_u128(0x1234_5678)),
        asked,
        Timestamp::UNIX_EPOCH,
    )
    .expect("it can be asked for")
}

fn told(request: &Request, event: Event, day: i8) -> Result<Request, Refused> {
    record(request, event, date(2026, 12, day), TODAY)
}

#[test]
fn a_letter_goes_from_draft_over_its_confirmation_to_the_answer() {
    let sent = told(&draft(), Event::Sent, 1).unwrap();
    assert_eq!(sent.standing.status(), Status::Open);
    let confirmed = told(&sent, Event::Confirmed, 3).unwrap();
    let asked = told(&confirmed, Event::IdentityAsked, 4).unwrap();
    let given = told(&asked, Event::IdentityGiven, 5).unwrap();
    let until = Some(date(2027, 2, 1));
    let extended = told(&given, Event::Extended { until }, 6).unwrap();
    let done = told(&extended, Event::Fulfilled, 7).unwrap();
    let sent = date(2026, 12, 1);
    let on = date(2026, 12, 7);
    assert_eq!(done.standing, Standing::Fulfilled { sent, on });
    assert_eq!(done.history.len(), 6);
}

#[test]
fn what_was_said_by_mistake_is_taken_back_as_if_it_hadnt_been_said() {
    let sent = told(&draft(), Event::Sent, 1).unwrap();
    let denied = told(
        &sent,
        Event::Denied {
            reason: DenialReason::Other,
        },
        9,
    )
    .unwrap();
    assert_eq!(told(&denied, Event::Corrected, 9), Ok(sent.clone()));
    assert_eq!(told(&sent, Event::Corrected, 9), Ok(draft()));
    assert_eq!(told(&draft(), Event::Corrected, 9), Err(Refused::OutOfTurn));
}

#[test]
fn nothing_is_answered_that_wasnt_sent_and_nothing_goes_on_after_its_end() {
    assert_eq!(told(&draft(), Event::Fulfilled, 1), Err(Refused::OutOfTurn));
    let sent = told(&draft(), Event::Sent, 1).unwrap();
    assert_eq!(told(&sent, Event::Sent, 2), Err(Refused::OutOfTurn));
    assert_eq!(told(&sent, Event::IdentityGiven, 2), Err(Refused::OutOfTurn));
    let revoked = told(&sent, Event::Revoked, 2).unwrap();
    assert_eq!(told(&revoked, Event::Fulfilled, 3), Err(Refused::OutOfTurn));
    let reason = DenialReason::NoMatch;
    let denied = told(&sent, Event::Denied { reason }, 2).unwrap();
    let done = told(&denied, Event::Fulfilled, 3).unwrap();
    assert_eq!(
        done.standing.status(),
        Status::Fulfilled,
        "they may think better of it"
    );
}

#[test]
fn a_day_in_the_future_or_before_the_letter_is_refused() {
    let tomorrow = TODAY.tomorrow().unwrap();
    assert_eq!(
        record(&draft(), Event::Sent, tomorrow, TODAY),
        Err(Refused::ImpossibleDay)
    );
    let sent = told(&draft(), Event::Sent, 10).unwrap();
    assert_eq!(told(&sent, Event::Confirmed, 9), Err(Refused::ImpossibleDay));
    let until = Some(date(2026, 12, 11));
    assert_eq!(
        told(&sent, Event::Extended { until }, 11),
        Err(Refused::ImpossibleDay)
    );
}

#[test]
fn what_isnt_to_be_had_so_is_not_begun() {
    let ask = |right: &str, regime: &str, addressee| {
        let asked = Asked {
            right: RightId::new(right),
            regime: RegimeId::new(regime),
            addressee,
        };
        begin(RequestId(Uuid::nil()), asked, Timestamp::UNIX_EPOCH).map(|_| ())
    };
    assert_eq!(
        ask("no-sale", "eea", Addressee::Dingtalk),
        Err(Refused::NotUnderThisLaw)
    );
    assert_eq!(
        ask("flying", "eea", Addressee::Dingtalk),
        Err(Refused::UnknownRight)
    );
    assert_eq!(
        ask("access", "mars", Addressee::Dingtalk),
        Err(Refused::UnknownRegime)
    );
    assert_eq!(
        ask("end-account", "eea", Addressee::Organization),
        Err(Refused::NotForOrganizations)
    );
    assert_eq!(ask("access", "eea", Addressee::ThroughDingtalk), Ok(()));
}

#[test]
fn the_reference_is_the_end_of_the_identifier() {
    assert_eq!(draft().id.reference(), "12345678");
}

#[test]
fn what_is_kept_reads_back_and_bears_the_protocols_words() {
    let sent = told(&draft(), Event::Sent, 1).unwrap();
    let asked = told(&sent, Event::IdentityAsked, 2).unwrap();
    let text = serde_json::to_string(&asked).unwrap();
    assert_eq!(serde_json::from_str::<Request>(&text).unwrap(), asked);
    for word in ["in_progress", "need_user_verification", "\"open\"", "2026-12-02"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert_eq!(
        serde_json::to_string(&DenialReason::InsufVerification).unwrap(),
        "\"insuf_verification\""
    );
}

fn events() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Sent),
        Just(Event::Confirmed),
        Just(Event::IdentityAsked),
        Just(Event::IdentityGiven),
        Just(Event::Extended { until: None }),
        Just(Event::Fulfilled),
        Just(Event::Denied {
            reason: DenialReason::Other
        }),
        Just(Event::Revoked),
    ]
}

proptest! {
    #[test]
    fn whatever_is_said_can_be_taken_back_to_the_very_draft(said in prop::collection::vec((events(), 1_i8..31), 0..20)) {
        let mut request = draft();
        for (event, day) in said {
            if let Ok(next) = told(&request, event, day) {
                prop_assert_eq!(told(&next, Event::Corrected, day), Ok(request));
                request = next;
            }
        }
        while !request.history.is_empty() {
            request = told(&request, Event::Corrected, 1).unwrap();
        }
        prop_assert_eq!(request, draft());
    }
}
