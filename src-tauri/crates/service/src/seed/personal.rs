//! What belongs to the person: profile, contacts, calendar, cookies, apps, what they did.

use jiff::SignedDuration;

use super::people::{ORGANIZATION, OWN, OWN_ADDRESS, PEOPLE};
use super::{Batch, Days, fields, files, says};
use crate::db::items::{Card, Event, Says};

pub fn all() -> Result<Vec<Batch>, sqlx::Error> {
    Ok(vec![
        profile()?,
        contacts()?,
        calendar()?,
        apps()?,
        cookies()?,
        usage()?,
    ])
}

fn profile() -> Result<Batch, sqlx::Error> {
    let mut batch = Batch::of("profile");
    let mut days = Days::from("2026-01-12T08:40:00Z", 50)?;
    let picture = Says {
        title: Some("Profile picture".to_owned()),
        ..says("picture")
    };
    batch.add("", days.next(1), picture);
    batch.with_file("me.png", "image/png", files::picture(50, 128)?);
    let entries = [
        ("work", "Example Bakery", "Since 2021, in the office"),
        ("education", "University of Example", "Business, 2016 to 2020"),
        ("personal", "Birthday and gender", "3 May 1998; not said"),
    ];
    for (kind, title, text) in entries {
        let entry = Says {
            title: Some(title.to_owned()),
            text: Some(text.to_owned()),
            ..says(kind)
        };
        batch.add("", days.next(24), entry);
    }
    Ok(batch)
}

fn contacts() -> Result<Batch, sqlx::Error> {
    let mut batch = Batch::of("contacts");
    let mut days = Days::from("2026-01-12T09:10:00Z", 51)?;
    let ways = [
        "number",
        "e-mail address",
        "DingTalk ID",
        "QR code",
        "address book",
    ];
    for round in 0..5_usize {
        for (nth, person) in PEOPLE.iter().enumerate() {
            let suffix = ["", " (home)", " Jr.", " & Sons", " II"][round];
            let card = Card {
                name: format!("{}{suffix}", person.name()),
                family: person.family.to_owned(),
                given: person.given.to_owned(),
                emails: vec![person.email(), format!("{}.{round}@example.com", person.address)],
                phones: vec![format!("+44 20 7946 0{:03}", round * 12 + nth)],
                organization: (round != 1).then(|| ORGANIZATION.to_owned()),
                title: Some(person.works_as.to_owned()),
                note: (nth % 4 == round % 4)
                    .then(|| "Met at the fair; likes rye, \"no seeds\".\nCall before noon.".to_owned()),
            };
            let contact = Says {
                title: Some(card.name.clone()),
                fields: fields([("Added by", ways[(nth + round) % ways.len()].to_owned())]),
                card: Some(card),
                ..says("contact")
            };
            batch.add("", days.next(60), contact);
        }
    }
    Ok(batch)
}

fn calendar() -> Result<Batch, sqlx::Error> {
    let mut batch = Batch::of("calendar");
    let mut days = Days::from("2026-01-13T07:00:00Z", 52)?;
    let titles = [
        "Weekly plan",
        "Oven inspection",
        "Tasting: spelt, rye; and cake",
        "Payday",
        "Team breakfast 🥐",
        "Dentist",
    ];
    for nth in 0..130_usize {
        let at = days.next(50);
        let host = &PEOPLE[days.dice.below(PEOPLE.len())];
        let guests = 1 + days.dice.below(4);
        let attendees = (0..guests).map(|guest| &PEOPLE[(nth + guest) % PEOPLE.len()]);
        let attendees = attendees.map(|person| (person.name(), person.email()));
        let own = (OWN.to_owned(), OWN_ADDRESS.to_owned());
        let event = Event {
            until: at + SignedDuration::from_mins(30 + 15 * days.dice.below(5) as i64),
            place: (nth % 3 != 0).then(|| "Bakery, 2nd floor, room \"Croissant\"".to_owned()),
            organizer: (host.name(), host.email()),
            attendees: attendees.chain([own]).collect(),
        };
        let entry = Says {
            title: Some(titles[nth % titles.len()].to_owned()),
            text: (nth % 4 == 0).then(|| {
                "Bring: samples, the list; and questions.\nWe begin on time, because the ovens don't wait, and this line is long enough to be folded.".to_owned()
            }),
            event: Some(event),
            ..says("schedule")
        };
        batch.add("", at, entry);
    }
    Ok(batch)
}

fn apps() -> Result<Batch, sqlx::Error> {
    let mut batch = Batch::of("apps");
    let mut days = Days::from("2026-02-01T08:00:00Z", 53)?;
    let apps = [
        ("Lunch orders", "mini-program", "Nickname, picture"),
        ("Parking", "mini-program", "Nickname, mobile number"),
        ("Example CRM", "SaaS app", "Name, department, e-mail address"),
        ("Surveys", "SaaS app", "Nickname"),
        ("Recipes", "app of the Organization", "Name, department"),
        ("Map kit", "SDK", "Place, when you share it"),
    ];
    for (name, kind, shown) in apps {
        let app = Says {
            title: Some(name.to_owned()),
            fields: fields([("Sees", shown.to_owned()), ("Last used", "2026-11-02".to_owned())]),
            ..says(kind)
        };
        batch.add("", days.next(400), app);
    }
    Ok(batch)
}

fn cookies() -> Result<Batch, sqlx::Error> {
    let mut batch = Batch::of("cookies");
    let mut days = Days::from("2026-01-12T09:00:00Z", 54)?;
    let kinds = [
        ("cookie", "session", "Security and operation"),
        ("cookie", "device", "Security and operation"),
        ("local storage", "drafts", "Security and operation"),
        ("cookie", "statistics", "Statistics and improvement"),
        ("pixel tag", "letter opened", "Statistics and improvement"),
    ];
    for nth in 0..15_usize {
        let (kind, name, purpose) = kinds[nth % kinds.len()];
        let cookie = Says {
            title: Some(format!("{name} {}", nth / kinds.len() + 1)),
            fields: fields([
                ("For", purpose.to_owned()),
                ("Days kept", (30 * (nth + 1)).to_string()),
            ]),
            ..says(kind)
        };
        batch.add("", days.next(300), cookie);
    }
    Ok(batch)
}

fn usage() -> Result<Batch, sqlx::Error> {
    let mut batch = Batch::of("usage-log");
    let mut days = Days::from("2026-01-12T08:31:00Z", 55)?;
    let acts = [
        ("sign-in", "You signed in."),
        ("file", "You opened a file in the drive."),
        ("setting", "You changed how you are notified."),
        ("search", "You searched in your messages."),
        ("document", "You opened a document."),
        ("call", "You joined a conference."),
    ];
    for _ in 0..480 {
        let at = days.next(15);
        let (kind, text) = acts[days.dice.below(acts.len())];
        let place = days.dice.below(250);
        let entry = Says {
            text: Some(text.to_owned()),
            // A range for documentation (RFC 5737).
            fields: fields([("From address", format!("192.0.2.{}", place + 1))]),
            ..says(kind)
        };
        batch.add("", at, entry);
    }
    Ok(batch)
}
