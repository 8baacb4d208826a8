use std::path::Path;

use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::rights::{Asked, RequestId, RightId, begin};

fn person() -> Person {
    Person {
        name: "Ada Lovelace".to_owned(),
        account: "ada@example.org".to_owned(),
        organization: "Analytical Engines Ltd".to_owned(),
        organization_address: "admin@engines.example".to_owned(),
        details: "My birthday is shown as 1 January 1900. It is 10 December 1990.".to_owned(),
    }
}

fn request(right: &RightId, regime: &RegimeId, addressee: Addressee) -> Request {
    let asked = Asked {
        right: right.clone(),
        regime: regime.clone(),
        addressee,
    };
    let id = RequestId(Uuid::from_u128(0x4f2a_91c0));
    begin(id, asked, Timestamp::UNIX_EPOCH).expect("it can be asked for")
}

fn letter(right: &str, regime: &str, addressee: Addressee, person: &Person) -> Result<Letter, Unwritten> {
    let request = request(&RightId::new(right), &RegimeId::new(regime), addressee);
    write(&request, person, data::letters())
}

fn shown(letter: &Letter) -> String {
    let Letter {
        to,
        to_name,
        why,
        why_clause,
        subject,
        body,
        reference: _,
    } = letter;
    format!("To: {to} ({to_name})\nWhy there: {why} ({why_clause})\nSubject: {subject}\n\n{body}")
}

/// Compares with a file that was read and found good; `UPDATE_LETTERS` writes it anew.
fn is_as_committed(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/letter/golden/{name}.txt"));
    if std::env::var_os("UPDATE_LETTERS").is_some() {
        std::fs::write(&path, made).expect("the file can be written");
    }
    let committed = std::fs::read_to_string(&path).expect("the file is there");
    assert_eq!(
        made, committed,
        "{name}: read the letters, then run this again with UPDATE_LETTERS=1"
    );
}

#[test]
fn every_right_has_its_letter_under_every_law() {
    let rule = "\n\n================================================================================\n\n";
    for regime in &data::regimes().regimes {
        let mut letters = Vec::new();
        for right in data::rights().under(&regime.id) {
            let request = request(&right.id, &regime.id, Addressee::Dingtalk);
            let letter = |person: &Person| {
                shown(&write(&request, person, data::letters()).expect("nothing is missing"))
            };
            letters.push(letter(&person()));
            if right.details.as_ref().is_some_and(|details| !details.required) {
                let details = String::new();
                letters.push(letter(&Person { details, ..person() }));
            }
        }
        is_as_committed(regime.id.as_str(), &letters.join(rule));
    }
}

#[test]
fn an_organization_is_asked_itself_or_through_dingtalk() {
    let to = |addressee| shown(&letter("deletion", "eea", addressee, &person()).expect("nothing is missing"));
    is_as_committed("to-an-organization", &to(Addressee::Organization));
    is_as_committed("through-dingtalk", &to(Addressee::ThroughDingtalk));
}

#[test]
fn no_letter_promises_a_day_that_the_policy_doesnt_give() {
    let numbers = |body: &str| {
        let due = body
            .lines()
            .find(|line| line.starts_with("Your policy (") || line.starts_with("Please tell me by when"));
        due.expect("every letter speaks of the answer").to_owned()
    };
    let body = |right, regime, addressee| {
        numbers(
            &letter(right, regime, addressee, &person())
                .expect("nothing is missing")
                .body,
        )
    };
    let none = "Please tell me by when you will answer.";
    assert_eq!(body("stop-harm", "malaysia", Addressee::Dingtalk), none);
    assert_eq!(body("access", "california", Addressee::Organization), none);
    assert!(!body("access", "thailand", Addressee::Dingtalk).contains("longer"));
    assert!(body("copy", "california", Addressee::Dingtalk).contains("15 business days"));
    assert!(body("access", "brazil", Addressee::Dingtalk).contains("one month"));
}

#[test]
fn what_is_missing_is_named_and_nothing_is_written() {
    let without = |change: &dyn Fn(&mut Person), addressee| {
        let mut person = person();
        change(&mut person);
        letter("correction", "eea", addressee, &person)
            .expect_err("something is missing")
            .field()
    };
    use Addressee::{Dingtalk, Organization, ThroughDingtalk};
    assert_eq!(
        without(&|person| person.name = " \n".to_owned(), Dingtalk),
        Field::Name
    );
    assert_eq!(
        without(&|person| person.account.clear(), Dingtalk),
        Field::Account
    );
    assert_eq!(
        without(&|person| person.details.clear(), Dingtalk),
        Field::Details
    );
    assert_eq!(
        without(&|person| person.organization.clear(), ThroughDingtalk),
        Field::Organization
    );
    let no_address = |person: &mut Person| person.organization_address.clear();
    assert_eq!(without(&no_address, Organization), Field::OrganizationAddress);
    assert!(
        letter(
            "correction",
            "eea",
            Dingtalk,
            &Person {
                organization: String::new(),
                ..person()
            }
        )
        .is_ok()
    );
    let long = Person {
        name: "a".repeat(201),
        ..person()
    };
    assert_eq!(
        letter("access", "eea", Dingtalk, &long),
        Err(Unwritten::TooLong(Field::Name))
    );
    for address in [
        "nobody",
        "@example.org",
        "a b@example.org",
        "a@b@c",
        "a@.org",
        "<a@b.org>",
        "a@b.org,c@d.org",
    ] {
        let person = Person {
            organization_address: address.to_owned(),
            ..person()
        };
        assert_eq!(
            letter("access", "eea", Organization, &person),
            Err(Unwritten::NotAnAddress),
            "{address}"
        );
    }
}

#[test]
fn no_line_of_the_person_becomes_a_header_and_braces_stay_braces() {
    let person = Person {
        name: "Ada\r\nBcc: everyone@example.org {reference}".to_owned(),
        ..person()
    };
    let letter = letter("access", "eea", Addressee::Dingtalk, &person).expect("nothing is missing");
    assert!(!letter.subject.contains('\n'));
    assert!(letter.body.contains("Ada Bcc: everyone@example.org {reference}"));
}

#[test]
fn words_that_fit_no_right_are_refused() {
    let text = include_str!("../../../../data/letters/en.toml");
    let parse = |text: &str| Words::parse("letters/en.toml", text, data::rights());
    assert!(parse(text).is_ok());
    for (from, to) in [
        ("[rights.no-sale]", "[rights.no-sail]"),
        ("language =", "tongue ="),
        ("I opt out:", "I opt out {name}:"),
        ("[rights.copy.in.brazil]", "[rights.no-sale.in.brazil]"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(parse(&text.replacen(from, to, 1)).is_err(), "{from} → {to}");
    }
}

#[test]
fn no_letter_has_a_brace_left_or_asks_for_a_secret() {
    for regime in &data::regimes().regimes {
        for right in data::rights().under(&regime.id) {
            let letter = letter(
                right.id.as_str(),
                regime.id.as_str(),
                Addressee::Dingtalk,
                &person(),
            )
            .expect("nothing is missing");
            let text = format!("{}{}", letter.subject, letter.body);
            assert!(!text.contains(['{', '}']), "{text}");
            assert!(text.contains("I never send passwords or verification codes."));
            assert!(text.contains("ada@example.org") && text.contains("4F2A91C0"));
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_filled_in_a_letter_is_written_or_says_what_is_wrong(
        name in any::<String>(), account in any::<String>(), organization in any::<String>(),
        organization_address in any::<String>(), details in any::<String>(),
    ) {
        let person = Person { name, account, organization, organization_address, details };
        if let Ok(letter) = letter("deletion", "eea", Addressee::Organization, &person) {
            prop_assert!(is_address(&letter.to));
            prop_assert!(!letter.subject.contains(['\r', '\n']) && !letter.to_name.contains(['\r', '\n']));
            prop_assert!(letter.body.chars().all(|letter| letter == '\n' || letter == '\t' || !letter.is_control()));
        }
    }
}
