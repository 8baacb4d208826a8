//! Chats, groups and calls.

use super::people::{OWN, PEOPLE};
use super::{Batch, Days, fields, files, says};
use crate::db::items::Says;

const CHATS: [(&str, usize); 8] = [
    ("Mei Lin", 220),
    ("Design team", 260),
    ("Night shift", 180),
    ("Tom Okafor", 140),
    ("Orders & deliveries", 200),
    ("陈 思远", 80),
    ("Everybody", 120),
    ("Odd strings", 0),
];

const LINES: [&str; 24] = [
    "Good morning. The rye is in the oven.",
    "Can you send me the plan for Thursday?",
    "Yes. I'll look at it after lunch.",
    "The van is back at four.",
    "We are out of poppy seeds again.",
    "Thank you! That's exactly what I meant.",
    "Who closes today?",
    "I do. Key number 3 is missing, though.",
    "Forty baguettes and six cakes for the school.",
    "The new sign looks wonderful.",
    "明天早上六点见。",
    "Спасибо, всё понял.",
    "Let's talk about it on the phone.",
    "The invoice is in the drive, folder November.",
    "I'm ill today, sorry. Søren takes my shift.",
    "Get well soon!",
    "Is the oven still making that noise?",
    "It is. The technician comes on Monday.",
    "ขอบคุณครับ",
    "Can we try the spelt recipe once more? Last time it was dry, and I think it was the water.",
    "Do you have the number of the mill?",
    "Three customers asked for gluten-free bread this week.",
    "See you tomorrow.",
    "👍",
];

/// What programs trip over: it must show up as text.
const ODD: [&str; 14] = [
    "<script>alert('from a message')</script>",
    "<img src=\"https://example.invalid/pixel.gif\" onerror=\"alert(1)\">",
    "\"><svg/onload=alert(1)>",
    "javascript:alert(document.domain)",
    "'; DROP TABLE items; --",
    "{{7*7}} ${7*7} %s %n %x",
    "\u{202e}this is read from right to left\u{202c}",
    "Z\u{0351}\u{0327}a\u{0306}l\u{0334}g\u{0321}o\u{0489}",
    "zero\u{200b}width\u{feff}spaces",
    "👩‍👩‍👧‍👦 🏳️‍🌈 🇸🇬",
    "=HYPERLINK(\"https://example.invalid\",\"a cell\")",
    "line one\nline two\r\nline three\ttab",
    "../../../etc/passwd\u{0}.txt",
    "﷽ السلام عليكم, שלום, 안녕하세요, こんにちは",
];

pub fn messages() -> Result<Batch, sqlx::Error> {
    let mut batch = Batch::of("messages");
    for (place, (chat, count)) in (0_u64..).zip(CHATS) {
        let mut days = Days::from("2026-01-12T09:00:00Z", place + 1)?;
        for nth in 0..count {
            let at = days.next(24 * 290 / count.max(1));
            let is_own = days.dice.below(3) == 0;
            let person = PEOPLE[days.dice.below(PEOPLE.len())].name();
            let partner = if PEOPLE.iter().any(|person| person.name() == chat) {
                chat.to_owned()
            } else {
                person
            };
            let (from, to) = if is_own {
                (OWN.to_owned(), partner)
            } else {
                (partner, OWN.to_owned())
            };
            let text = days.dice.pick(&LINES);
            let message = Says {
                text: Some(text.to_owned()),
                from: Some(from),
                to: vec![to],
                ..says("message")
            };
            batch.add(chat, at, message);
            attach(&mut batch, place * 1_000 + nth as u64, nth)?;
        }
        if count == 0 {
            for odd in ODD {
                let message = Says {
                    text: Some(odd.to_owned()),
                    from: Some("Zoë <b>O'Brien</b>".to_owned()),
                    to: vec![OWN.to_owned()],
                    ..says("message")
                };
                batch.add(chat, days.next(30), message);
            }
            let page =
                "<!doctype html><title>A page</title><script>alert('from a file')</script><p>Hello.</p>";
            batch.with_file("..\\..\\CON.html", "text/html", page.as_bytes().to_vec());
        }
    }
    Ok(batch)
}

/// Some messages have a file.
fn attach(batch: &mut Batch, seed: u64, nth: usize) -> Result<(), sqlx::Error> {
    match nth % 47 {
        5 => batch.with_file("Loaf – front view.png", "image/png", files::picture(seed, 80)?),
        17 => batch.with_file(
            "voice message.wav",
            "audio/wav",
            files::sound(3, 300 + nth as u32),
        ),
        23 => {
            let text = "Monday: rye, wheat\nTuesday: spelt\nWednesday: closed\n".repeat(20);
            batch.with_file("Plan für Donnerstag (final).txt", "text/plain", text.into_bytes());
        }
        31 => {
            let rows = (1..40).map(|row| format!("{row},baguette,{}\n", row * 3));
            let table: String = std::iter::once("number,bread,pieces\n".to_owned())
                .chain(rows)
                .collect();
            batch.with_file("订单.csv", "text/csv", table.into_bytes());
        }
        41 => {
            if let Some(item) = batch.items.last_mut() {
                item.says.kind = "place".to_owned();
                item.says.fields = fields([
                    ("Latitude", "51.5072".to_owned()),
                    ("Longitude", "-0.1276".to_owned()),
                ]);
            }
        }
        _ => {}
    }
    Ok(())
}

pub fn groups() -> Result<Batch, sqlx::Error> {
    let mut batch = Batch::of("groups");
    let mut days = Days::from("2026-01-12T09:00:00Z", 40)?;
    let kinds = ["general group", "internal group", "external group"];
    for (nth, (chat, _)) in CHATS.iter().enumerate() {
        let kind = kinds[nth % kinds.len()];
        let group = Says {
            title: Some((*chat).to_owned()),
            fields: fields([
                ("Members", (3 + nth * 2).to_string()),
                (
                    "Your role",
                    if nth % 3 == 0 { "owner" } else { "member" }.to_owned(),
                ),
            ]),
            ..says(kind)
        };
        batch.add("", days.next(200), group);
    }
    Ok(batch)
}

pub fn calls() -> Result<Batch, sqlx::Error> {
    let mut batch = Batch::of("calls");
    let mut days = Days::from("2026-01-14T10:00:00Z", 41)?;
    for nth in 0..90_usize {
        let at = days.next(70);
        let minutes = 1 + days.dice.below(75);
        let kind = ["audio call", "video conference", "live stream"][nth % 3];
        let person = &PEOPLE[days.dice.below(PEOPLE.len())];
        let call = Says {
            title: Some(format!(
                "{} with {}",
                if nth % 3 == 0 { "Call" } else { "Meeting" },
                person.name()
            )),
            from: Some(person.name()),
            to: vec![OWN.to_owned()],
            fields: fields([
                ("Minutes", minutes.to_string()),
                (
                    "Link",
                    format!("https://meeting.example.invalid/j/{}", 100_000 + nth * 7_919),
                ),
                ("Network", ["good", "fair", "poor"][days.dice.below(3)].to_owned()),
            ]),
            ..says(kind)
        };
        batch.add("", at, call);
        if nth % 30 == 7 {
            batch.with_file(
                "recording.wav",
                "audio/wav",
                files::sound(12, 200 + nth as u32 * 3),
            );
        }
    }
    Ok(batch)
}
