//! A file as it can be shown. A page is shown as text, a picture only when its bytes say that it is one.

use calcard::common::PartialDateTime;
use calcard::icalendar::{ICalendarComponent, ICalendarProperty, ICalendarValue};
use calcard::vcard::{VCard, VCardProperty, VCardValue};
use calcard::{Entry as CardEntry, Parser};
use mail_parser::{Address, MessageParser, MimeHeaders};
use serde::Serialize;
use settings_privacy_core::archive::Fault;

use crate::container::{Entry, Reader};

/// So much of a text is shown.
const MOST_TEXT: u64 = 256 << 10;
/// A structured file is read up to this length.
const MOST_STRUCTURED: u64 = 8 << 20;
/// A longer picture isn't shown.
const MOST_PICTURE: u64 = 24 << 20;
/// So many people or events of one file are shown.
const MOST_ENTRIES: usize = 500;
/// What is looked at to tell what a file is.
const SNIFFED: u64 = 8 << 10;

/// What can be shown of a file.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "shown-as", rename_all = "kebab-case")]
pub enum Preview {
    /// Text.
    Text {
        /// Its beginning.
        text: String,
        /// There is more.
        cut: bool,
    },
    /// People.
    Contacts {
        /// The first of them.
        contacts: Vec<Contact>,
        /// There are more.
        cut: bool,
    },
    /// Events.
    Events {
        /// The first of them.
        events: Vec<Event>,
        /// There are more.
        cut: bool,
    },
    /// A letter.
    Letter(Letter),
    /// A picture.
    Picture {
        /// By its bytes, whatever its name says.
        media_type: &'static str,
        /// The file.
        #[serde(skip)]
        bytes: Vec<u8>,
    },
    /// Something to open with another program.
    Other {
        /// By its bytes, when they tell.
        media_type: Option<&'static str>,
        /// Its length.
        size: u64,
    },
}

/// A person's private matter: its content is never in a log.
impl std::fmt::Debug for Preview {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Preview::Text { .. } => "Text(…)",
            Preview::Contacts { .. } => "Contacts(…)",
            Preview::Events { .. } => "Events(…)",
            Preview::Letter(_) => "Letter(…)",
            Preview::Picture { .. } => "Picture(…)",
            Preview::Other { .. } => "Other(…)",
        })
    }
}

/// A vCard ([RFC 6350](https://www.rfc-editor.org/rfc/rfc6350)).
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// The name.
    pub name: String,
    /// Telephone numbers.
    pub numbers: Vec<String>,
    /// E-mail addresses.
    pub addresses: Vec<String>,
    /// The organization.
    pub organization: Option<String>,
    /// The position there.
    pub title: Option<String>,
    /// A note.
    pub note: Option<String>,
}

/// An event ([RFC 5545](https://www.rfc-editor.org/rfc/rfc5545)).
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Event {
    /// What.
    pub summary: String,
    /// `2025-03-02 09:00`, with `Z` or an offset when it has one; `2025-03-02` for a whole day.
    pub begins: Option<String>,
    /// As `begins`.
    pub ends: Option<String>,
    /// Where.
    pub location: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// It repeats.
    pub repeats: bool,
}

/// A letter ([RFC 5322](https://www.rfc-editor.org/rfc/rfc5322)).
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// From whom.
    pub from: Vec<String>,
    /// To whom.
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// RFC 3339.
    pub date: Option<String>,
    /// The text; a page is turned into text.
    pub text: String,
    /// The names of what is attached.
    pub attachments: Vec<String>,
}

pub(crate) fn of(reader: &mut Reader<'_>, entry: &Entry) -> Result<Preview, Fault> {
    let end = entry
        .name
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let begin = reader.first(entry, SNIFFED)?;
    if let Some(media_type) = picture(&begin).filter(|_| entry.size <= MOST_PICTURE) {
        let bytes = reader.whole(entry, MOST_PICTURE)?;
        return Ok(Preview::Picture { media_type, bytes });
    }
    let whole = entry.size <= MOST_STRUCTURED;
    match end.as_str() {
        "vcf" if whole => contacts(&reader.whole(entry, MOST_STRUCTURED)?),
        "ics" if whole => events(&reader.whole(entry, MOST_STRUCTURED)?),
        "eml" if whole => letter(&reader.whole(entry, MOST_STRUCTURED)?),
        _ => plain(reader, entry, &begin, &end),
    }
}

fn plain(reader: &mut Reader<'_>, entry: &Entry, begin: &[u8], end: &str) -> Result<Preview, Fault> {
    let known = infer::get(begin).map(|kind| kind.mime_type());
    // A text may be cut in the middle of a character.
    let is_text = match std::str::from_utf8(begin) {
        Ok(text) => !text.contains('\0'),
        Err(error) => error.error_len().is_none() && !begin.contains(&0),
    };
    let page = known == Some("text/html") || ["html", "htm", "xhtml"].contains(&end);
    if !is_text || known.is_some_and(|kind| !kind.starts_with("text/")) {
        return Ok(Preview::Other {
            media_type: known,
            size: entry.size,
        });
    }
    let cut = entry.size > MOST_TEXT;
    let bytes = reader.first(entry, MOST_TEXT)?;
    let text = String::from_utf8_lossy(&bytes);
    let text = if page {
        mail_parser::decoders::html::html_to_text(&text)
    } else {
        text.trim_end_matches('\u{fffd}').to_owned()
    };
    Ok(Preview::Text { text, cut })
}

/// Pictures that a window shows without running anything: no SVG.
fn picture(begin: &[u8]) -> Option<&'static str> {
    const SHOWN: [&str; 5] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"];
    let kind = infer::get(begin)?.mime_type();
    SHOWN.contains(&kind).then_some(kind)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library may add to it")]
fn contacts(bytes: &[u8]) -> Result<Preview, Fault> {
    let text = String::from_utf8_lossy(bytes);
    let mut parser = Parser::new(&text);
    let mut contacts = Vec::new();
    while contacts.len() <= MOST_ENTRIES {
        match parser.entry() {
            CardEntry::VCard(card) => contacts.push(contact(&card)),
            CardEntry::Eof => break,
            // What isn't a person, or can't be read, is passed over.
            _ => {}
        }
    }
    let cut = contacts.len() > MOST_ENTRIES;
    contacts.truncate(MOST_ENTRIES);
    Ok(Preview::Contacts { contacts, cut })
}

fn contact(card: &VCard) -> Contact {
    let all = |property: VCardProperty| -> Vec<String> {
        card.properties(&property)
            .flat_map(|entry| entry.values.iter())
            .filter_map(text_of)
            .filter(|text| !text.trim().is_empty())
            .collect()
    };
    let one = |property| all(property).into_iter().next();
    Contact {
        name: one(VCardProperty::Fn).unwrap_or_default(),
        numbers: all(VCardProperty::Tel)
            .into_iter()
            .map(|number| number.trim_start_matches("tel:").to_owned())
            .collect(),
        addresses: all(VCardProperty::Email),
        organization: one(VCardProperty::Org),
        title: one(VCardProperty::Title),
        note: one(VCardProperty::Note),
    }
}

fn text_of(value: &VCardValue) -> Option<String> {
    match value {
        VCardValue::Text(text) => Some(text.clone()),
        VCardValue::Component(parts) => Some(parts.join(", ")),
        VCardValue::Integer(_)
        | VCardValue::Float(_)
        | VCardValue::Boolean(_)
        | VCardValue::PartialDateTime(_)
        | VCardValue::Binary(_)
        | VCardValue::Sex(_)
        | VCardValue::GramGender(_)
        | VCardValue::Kind(_) => None,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library may add to it")]
fn events(bytes: &[u8]) -> Result<Preview, Fault> {
    let text = String::from_utf8_lossy(bytes);
    let mut parser = Parser::new(&text);
    let mut events = Vec::new();
    while events.len() <= MOST_ENTRIES {
        match parser.entry() {
            CardEntry::ICalendar(calendar) => {
                let found = calendar
                    .components
                    .iter()
                    .filter(|component| component.component_type.is_event_or_todo());
                events.extend(found.take(MOST_ENTRIES + 1).map(event));
            }
            CardEntry::Eof => break,
            // What isn't a calendar, or can't be read, is passed over.
            _ => {}
        }
    }
    let cut = events.len() > MOST_ENTRIES;
    events.truncate(MOST_ENTRIES);
    Ok(Preview::Events { events, cut })
}

fn event(component: &ICalendarComponent) -> Event {
    let value = |property: ICalendarProperty| component.property(&property)?.values.first();
    let text = |property| {
        value(property)
            .and_then(ICalendarValue::as_text)
            .map(str::to_owned)
    };
    let time = |property| {
        value(property)
            .and_then(ICalendarValue::as_partial_date_time)
            .and_then(time_of)
    };
    Event {
        summary: text(ICalendarProperty::Summary).unwrap_or_default(),
        begins: time(ICalendarProperty::Dtstart),
        ends: time(ICalendarProperty::Dtend),
        location: text(ICalendarProperty::Location),
        description: text(ICalendarProperty::Description),
        repeats: component.has_property(&ICalendarProperty::Rrule),
    }
}

/// Times are local to the event's zone unless they say otherwise, so they aren't converted here.
fn time_of(told: &PartialDateTime) -> Option<String> {
    let mut text = format!("{:04}-{:02}-{:02}", told.year?, told.month?, told.day?);
    if let (Some(hour), Some(minute)) = (told.hour, told.minute) {
        text.push_str(&format!(" {hour:02}:{minute:02}"));
        match (told.tz_hour, told.tz_minute) {
            (Some(0), Some(0) | None) => text.push('Z'),
            (Some(hour), minute) => {
                let sign = if told.tz_minus { '-' } else { '+' };
                text.push_str(&format!("{sign}{hour:02}:{:02}", minute.unwrap_or(0)));
            }
            (None, _) => {}
        }
    }
    Some(text)
}

fn letter(bytes: &[u8]) -> Result<Preview, Fault> {
    let Some(told) = MessageParser::default().parse(bytes) else {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(64 << 10)]).into_owned();
        return Ok(Preview::Text { text, cut: false });
    };
    // A letter that is only a page has its text made of it by the parser.
    let text = (0..told.text_body_count()).filter_map(|at| told.body_text(at));
    let named =
        |part: &mail_parser::MessagePart<'_>| part.attachment_name().unwrap_or("attachment").to_owned();
    let mut text = text.collect::<Vec<_>>().join("\n\n");
    if text.len() as u64 > MOST_TEXT {
        let cut = (0..=256 << 10)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        text.truncate(cut);
    }
    Ok(Preview::Letter(Letter {
        from: told.from().map(people).unwrap_or_default(),
        to: told.to().map(people).unwrap_or_default(),
        subject: told.subject().unwrap_or_default().to_owned(),
        date: told.date().map(mail_parser::DateTime::to_rfc3339),
        attachments: told.attachments().map(named).collect(),
        text,
    }))
}

fn people(of: &Address<'_>) -> Vec<String> {
    let one = |person: &mail_parser::Addr<'_>| match (person.name(), person.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => String::new(),
    };
    of.iter().map(one).collect()
}
