//! Formats that other programs open: vCard 4.0 (RFC 6350) and iCalendar (RFC 5545), one person or event at a time.

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarParameter,
    ICalendarParameterName, ICalendarProperty, ICalendarValue, Uri,
};
use calcard::vcard::{VCard, VCardEntry, VCardProperty, VCardValue, VCardVersion};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::db::items::{Card, Event, Item};

/// What a calendar begins with.
pub const CALENDAR_BEGINS: &str =
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Settings & Privacy//Export 1//EN\r\nCALSCALE:GREGORIAN\r\n";
/// What it ends with.
pub const CALENDAR_ENDS: &str = "END:VCALENDAR\r\n";

/// A person.
pub fn vcard(item: &Item, card: &Card) -> String {
    let text = |name: VCardProperty, value: &str| VCardEntry::new(name).with_value(value.to_owned());
    let name = [&card.family, &card.given].map(|part| VCardValue::Text(part.clone()));
    let empty = || VCardValue::Text(String::new());
    let mut entries = vec![
        text(VCardProperty::Uid, &uid("contacts", &item.id)),
        text(VCardProperty::Fn, &card.name),
        VCardEntry::new(VCardProperty::N)
            .with_values(name.into_iter().chain([empty(), empty(), empty()]).collect()),
    ];
    entries.extend(card.emails.iter().map(|email| text(VCardProperty::Email, email)));
    entries.extend(card.phones.iter().map(|phone| text(VCardProperty::Tel, phone)));
    let optional = [
        (VCardProperty::Org, &card.organization),
        (VCardProperty::Title, &card.title),
        (VCardProperty::Note, &card.note),
    ];
    for (name, value) in optional {
        entries.extend(value.as_deref().map(|value| text(name, value)));
    }
    entries
        .push(VCardEntry::new(VCardProperty::Rev).with_value(VCardValue::PartialDateTime(moment(item.at))));
    let mut out = String::new();
    VCard { entries }
        .write_to(&mut out, VCardVersion::V4_0)
        .expect("a String takes any text");
    out
}

/// An event, without the calendar around it.
pub fn vevent(item: &Item, event: &Event) -> String {
    let time = |at: Timestamp| ICalendarValue::PartialDateTime(Box::new(moment(at)));
    let text = |value: &str| ICalendarValue::Text(value.to_owned());
    let mut component = ICalendarComponent::new(ICalendarComponentType::VEvent);
    component.add_uid(&uid("calendar", &item.id));
    component.add_dtstamp(moment(item.at));
    component.add_property(ICalendarProperty::Dtstart, time(item.at));
    component.add_property(ICalendarProperty::Dtend, time(event.until));
    if let Some(title) = &item.says.title {
        component.add_property(ICalendarProperty::Summary, text(title));
    }
    if let Some(description) = &item.says.text {
        component.add_property(ICalendarProperty::Description, text(description));
    }
    if let Some(place) = &event.place {
        component.add_property(ICalendarProperty::Location, text(place));
    }
    component
        .entries
        .push(person(ICalendarProperty::Organizer, &event.organizer));
    let attendees = event.attendees.iter();
    component
        .entries
        .extend(attendees.map(|attendee| person(ICalendarProperty::Attendee, attendee)));
    let mut out = String::new();
    ICalendar {
        components: vec![component],
    }
    .write_to(&mut out)
    .expect("a String takes any text");
    out
}

fn person(property: ICalendarProperty, (name, address): &(String, String)) -> ICalendarEntry {
    ICalendarEntry {
        name: property,
        params: vec![ICalendarParameter::new(ICalendarParameterName::Cn, name.clone())],
        values: vec![ICalendarValue::Uri(Uri::Location(format!("mailto:{address}")))],
    }
}

fn uid(category: &str, id: &str) -> String {
    format!("{category}/{id}@settings-privacy.invalid")
}

fn moment(at: Timestamp) -> PartialDateTime {
    let at = at.to_zoned_datetime(TimeZone::UTC);
    let part = |value: i8| u8::try_from(value).ok();
    PartialDateTime {
        year: u16::try_from(at.year()).ok(),
        month: part(at.month()),
        day: part(at.day()),
        hour: part(at.hour()),
        minute: part(at.minute()),
        second: part(at.second()),
        tz_hour: Some(0),
        tz_minute: Some(0),
        tz_minus: false,
    }
}
