//! What belongs to the Organization: mail, documents, tasks, attendance, approvals, and the rest of §1.

use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};

use super::people::{ORGANIZATION, OWN, OWN_ADDRESS, PEOPLE, Person};
use super::{Batch, Days, fields, files, says};
use crate::db::items::Says;

/// The categories that are made here.
pub const WORK: [&str; 14] = [
    "mail",
    "organizations",
    "attendance",
    "approvals",
    "drive",
    "payroll",
    "docs",
    "wiki",
    "projects",
    "corppedia",
    "onboarding",
    "okr",
    "recruitment",
    "yida",
];

pub fn all() -> Result<Vec<Batch>, sqlx::Error> {
    let mut batches = vec![
        mail()?,
        organizations()?,
        attendance()?,
        approvals()?,
        drive()?,
        payroll()?,
    ];
    for series in SERIES {
        batches.push(series.batch()?);
    }
    Ok(batches)
}

/// A category whose things differ in their title and one field only.
struct Series {
    category: &'static str,
    kind: &'static str,
    collection: &'static str,
    titles: &'static [&'static str],
    count: usize,
    /// Hours between two.
    hours: usize,
    label: &'static str,
    values: &'static [&'static str],
    /// Whether each has a file: its name.
    file: Option<&'static str>,
}

const SERIES: [Series; 8] = [
    Series {
        category: "docs",
        kind: "document",
        collection: "",
        titles: &[
            "Allergens",
            "Opening hours",
            "Recipe: rye",
            "Who does what",
            "Price list",
            "Holiday plan",
        ],
        count: 18,
        hours: 350,
        label: "Opened by",
        values: &["Mei Lin", "Tom Okafor", "everybody"],
        file: Some("document.md"),
    },
    Series {
        category: "wiki",
        kind: "page",
        collection: "Handbook",
        titles: &[
            "Cleaning the ovens",
            "First day",
            "Sourdough",
            "Keys",
            "Complaints",
        ],
        count: 12,
        hours: 500,
        label: "Version",
        values: &["1", "2", "7"],
        file: None,
    },
    Series {
        category: "projects",
        kind: "task",
        collection: "Second shop",
        titles: &[
            "Find a place",
            "Ask the bank",
            "Order an oven",
            "Paint the sign",
            "Hire two people",
        ],
        count: 45,
        hours: 150,
        label: "State",
        values: &["open", "done", "dropped"],
        file: None,
    },
    Series {
        category: "corppedia",
        kind: "entry",
        collection: "",
        titles: &["Poolish", "Windowpane test", "Night shift", "Code 3"],
        count: 8,
        hours: 800,
        label: "Read",
        values: &["12 times", "140 times"],
        file: None,
    },
    Series {
        category: "onboarding",
        kind: "step",
        collection: "",
        titles: &[
            "Joined Example Bakery",
            "Moved from the shop to the office",
            "Trial period ended",
        ],
        count: 3,
        hours: 1500,
        label: "Occupation",
        values: &["Shop assistant", "Office"],
        file: None,
    },
    Series {
        category: "okr",
        kind: "objective",
        collection: "2026",
        titles: &["Bread that is never dry", "Half the waste", "Open a second shop"],
        count: 12,
        hours: 550,
        label: "Reached",
        values: &["20 %", "55 %", "100 %"],
        file: None,
    },
    Series {
        category: "recruitment",
        kind: "application",
        collection: "",
        titles: &["Application as a baker", "Application for the office"],
        count: 3,
        hours: 1200,
        label: "State",
        values: &["received", "answered"],
        file: Some("résumé.pdf"),
    },
    Series {
        category: "yida",
        kind: "form",
        collection: "",
        titles: &["Oven check", "Lost property", "Suggestion"],
        count: 16,
        hours: 420,
        label: "Answer",
        values: &["All fine", "The left door sticks", "More plants, please"],
        file: None,
    },
];

impl Series {
    fn batch(&self) -> Result<Batch, sqlx::Error> {
        let mut batch = Batch::of(self.category);
        let mut days = Days::from("2026-01-15T08:00:00Z", 60 + self.category.len() as u64)?;
        for nth in 0..self.count {
            let title = self.titles[nth % self.titles.len()];
            let entry = Says {
                title: Some(title.to_owned()),
                text: Some(format!("{title}: what we agreed on, for everybody to read.")),
                from: Some(if nth % 3 == 0 {
                    OWN.to_owned()
                } else {
                    PEOPLE[nth % PEOPLE.len()].name()
                }),
                fields: fields([(self.label, days.dice.pick(self.values).to_owned())]),
                ..says(self.kind)
            };
            batch.add(self.collection, days.next(self.hours), entry);
            match self.file {
                Some(name) if name.ends_with(".pdf") => {
                    let lines = [title.to_owned(), "Experience: ten years at the oven.".to_owned()];
                    batch.with_file(name, "application/pdf", files::document(&lines));
                }
                Some(name) => {
                    let text = format!(
                        "# {title}\n\n{}",
                        "Flour, water, salt, time.\n\n".repeat(40 + nth)
                    );
                    batch.with_file(name, "text/markdown", text.into_bytes());
                }
                None => {}
            }
        }
        Ok(batch)
    }
}

fn mail() -> Result<Batch, sqlx::Error> {
    let mut batch = Batch::of("mail");
    let mut days = Days::from("2026-01-13T06:30:00Z", 70)?;
    let subjects = [
        "Your order",
        "Re: Delivery on Friday",
        "Invoice 2026-",
        "Grüße aus der Backstube",
        "会议记录",
    ];
    for nth in 0..72_usize {
        let at = days.next(90);
        let person = &PEOPLE[nth % PEOPLE.len()];
        let subject = format!(
            "{}{}",
            subjects[nth % subjects.len()],
            if nth % 5 == 2 {
                nth.to_string()
            } else {
                String::new()
            }
        );
        let is_own = nth % 3 == 0;
        let letter = letter(nth, at, person, &subject, is_own)?;
        let (from, to) = if is_own {
            (OWN_ADDRESS.to_owned(), person.email())
        } else {
            (person.email(), OWN_ADDRESS.to_owned())
        };
        let entry = Says {
            title: Some(subject),
            from: Some(from),
            to: vec![to],
            ..says("letter")
        };
        batch.add(if is_own { "Sent" } else { "Inbox" }, at, entry);
        batch.with_file("letter.eml", "message/rfc822", letter);
    }
    Ok(batch)
}

/// A letter (RFC 5322), some with a picture.
fn letter(
    nth: usize,
    at: Timestamp,
    person: &Person,
    subject: &str,
    is_own: bool,
) -> Result<Vec<u8>, sqlx::Error> {
    let mailbox = |name: String, address: String| {
        let address = address
            .parse()
            .map_err(|error| sqlx::Error::Encode(Box::new(error)));
        address.map(|address| Mailbox::new(Some(name), address))
    };
    let own = mailbox(OWN.to_owned(), OWN_ADDRESS.to_owned())?;
    let other = mailbox(person.name(), person.email())?;
    let (from, to) = if is_own { (own, other) } else { (other, own) };
    let builder = Message::builder()
        .from(from)
        .to(to)
        .subject(subject)
        .date(SystemTime::try_from(at).unwrap_or(SystemTime::UNIX_EPOCH))
        .message_id(Some(format!("<{nth}.sample@example.org>")));
    let text = format!(
        "Hello,\n\nthe order of the {} is ready. Please bring the boxes back – we are short of them.\n\n{}\n",
        at.strftime("%-d %B"),
        person.name()
    );
    let letter = if nth % 6 == 1 {
        let picture = Attachment::new("boxes.png".to_owned()).body(
            files::picture(nth as u64, 96)?,
            ContentType::parse("image/png").map_err(|error| sqlx::Error::Encode(Box::new(error)))?,
        );
        let parts = MultiPart::mixed()
            .boundary(format!("sample-{nth}"))
            .singlepart(SinglePart::plain(text))
            .singlepart(picture);
        builder.multipart(parts)
    } else {
        builder.singlepart(SinglePart::plain(text))
    };
    let letter = letter.map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    Ok(letter.formatted())
}

fn organizations() -> Result<Batch, sqlx::Error> {
    let mut batch = Batch::of("organizations");
    let mut days = Days::from("2026-01-12T10:00:00Z", 71)?;
    let entries = [
        ("organization", ORGANIZATION, "Member; you don't administer it"),
        ("organization", "Allotment 12", "You made it, and administer it"),
        (
            "directory entry",
            "Sample, Office",
            "Employee 0042; extension 7; 2nd floor",
        ),
        ("invitation", "You invited Tom Okafor", "By link"),
    ];
    for (kind, title, text) in entries {
        let entry = Says {
            title: Some(title.to_owned()),
            text: Some(text.to_owned()),
            ..says(kind)
        };
        batch.add("", days.next(100), entry);
    }
    Ok(batch)
}

fn attendance() -> Result<Batch, sqlx::Error> {
    let mut batch = Batch::of("attendance");
    let mut at = crate::db::parse("2026-01-15T06:58:00Z")?;
    let mut dice = super::Dice(72);
    let ways = [
        ("Wi-Fi", "Bakery-Staff"),
        ("face", "recognised"),
        ("place", "51.507, -0.128, at that moment only"),
    ];
    for nth in 0..210_usize {
        let (way, detail) = ways[dice.below(ways.len())];
        let clock = Says {
            title: Some(if nth % 2 == 0 { "Clocked in" } else { "Clocked out" }.to_owned()),
            fields: fields([("By", way.to_owned()), ("Detail", detail.to_owned())]),
            ..says("clock")
        };
        batch.add("", at + SignedDuration::from_secs(dice.below(600) as i64), clock);
        at += SignedDuration::from_hours(if nth % 2 == 0 { 9 } else { 39 });
    }
    Ok(batch)
}

fn approvals() -> Result<Batch, sqlx::Error> {
    let mut batch = Batch::of("approvals");
    let mut days = Days::from("2026-01-20T08:00:00Z", 73)?;
    let kinds = ["leave", "expenses", "purchase", "overtime"];
    for nth in 0..32_usize {
        let kind = kinds[nth % kinds.len()];
        let approval = Says {
            title: Some(format!("Request: {kind}")),
            text: Some(format!("Number {}: {kind}, as talked about.", 1000 + nth)),
            from: Some(if nth % 4 == 3 {
                PEOPLE[nth % PEOPLE.len()].name()
            } else {
                OWN.to_owned()
            }),
            to: vec![PEOPLE[0].name()],
            fields: fields([(
                "Decision",
                ["approved", "refused", "open"][days.dice.below(3)].to_owned(),
            )]),
            ..says("approval")
        };
        batch.add("", days.next(220), approval);
        if nth % 4 == 1 {
            let lines = ["Receipt".to_owned(), format!("Flour, 25 kg: {}.00", 20 + nth)];
            batch.with_file(
                &format!("Beleg {nth}.pdf"),
                "application/pdf",
                files::document(&lines),
            );
        }
    }
    Ok(batch)
}

fn drive() -> Result<Batch, sqlx::Error> {
    let mut batch = Batch::of("drive");
    let mut days = Days::from("2026-01-22T08:00:00Z", 74)?;
    for nth in 0..24_usize {
        let (name, media_type, content) = match nth % 4 {
            0 => (
                format!("Shop window {nth}.png"),
                "image/png",
                files::picture(700 + nth as u64, 96)?,
            ),
            1 => (
                format!("Invoice {nth}.pdf"),
                "application/pdf",
                files::document(&[format!("Invoice {nth}")]),
            ),
            2 => (
                format!("Liste {nth}.csv"),
                "text/csv",
                "bread,pieces\nrye,12\n".repeat(60).into_bytes(),
            ),
            _ => (
                format!("aux.{nth}.txt"),
                "text/plain",
                "Notes, kept for later.\n".repeat(80).into_bytes(),
            ),
        };
        let file = Says {
            title: Some(name.clone()),
            fields: fields([("Folder", ["/", "/November", "/Photos"][nth % 3].to_owned())]),
            ..says("file")
        };
        batch.add("", days.next(290), file);
        batch.with_file(&name, media_type, content);
    }
    Ok(batch)
}

fn payroll() -> Result<Batch, sqlx::Error> {
    let mut batch = Batch::of("payroll");
    for month in 1..=10_u32 {
        let at = crate::db::parse(&format!("2026-{month:02}-28T12:00:00Z"))?;
        let title = format!("Payslip 2026-{month:02}");
        let lines = [
            title.clone(),
            "Gross: 2800.00".to_owned(),
            "Net: 2150.40".to_owned(),
        ];
        let slip = Says {
            title: Some(title.clone()),
            fields: fields([("Net", "2150.40".to_owned())]),
            ..says("payslip")
        };
        batch.add("", at, slip);
        batch.with_file(
            &format!("{title}.pdf"),
            "application/pdf",
            files::document(&lines),
        );
    }
    Ok(batch)
}
