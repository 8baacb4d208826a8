//! The day something is due, for the person's calendar (RFC 5545). Who they are isn't in it.

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarAction, ICalendarComponent, ICalendarComponentType, ICalendarDuration,
    ICalendarParameter, ICalendarProperty, ICalendarTransparency, ICalendarValue, ICalendarValueType,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A calendar with one event that lasts the day, with an alarm at nine in the morning.
pub(crate) fn reminder(uid: &str, on: Date, title: &str, says: &str, now: Timestamp) -> String {
    let text = |value: &str| ICalendarValue::Text(value.to_owned());
    let mut calendar = ICalendarComponent::new(ICalendarComponentType::VCalendar);
    calendar.add_property(ICalendarProperty::Version, text("2.0"));
    calendar.add_property(
        ICalendarProperty::Prodid,
        text("-//Settings & Privacy//Reminder 1//EN"),
    );
    calendar.component_ids = vec![1];

    let mut event = ICalendarComponent::new(ICalendarComponentType::VEvent);
    event.add_uid(uid);
    event.add_dtstamp(moment(now));
    let day = ICalendarValue::PartialDateTime(Box::new(day(on)));
    let as_day = vec![ICalendarParameter::value(ICalendarValueType::Date)];
    event.add_property_with_params(ICalendarProperty::Dtstart, as_day, day);
    event.add_property(ICalendarProperty::Summary, text(title));
    event.add_property(ICalendarProperty::Description, text(says));
    event.add_property(
        ICalendarProperty::Transp,
        ICalendarValue::Transparency(ICalendarTransparency::Transparent),
    );
    event.component_ids = vec![2];

    let mut alarm = ICalendarComponent::new(ICalendarComponentType::VAlarm);
    alarm.add_property(
        ICalendarProperty::Action,
        ICalendarValue::Action(ICalendarAction::Display),
    );
    alarm.add_property(ICalendarProperty::Description, text(title));
    let nine = ICalendarDuration {
        hours: 9,
        ..ICalendarDuration::default()
    };
    alarm.add_property(ICalendarProperty::Trigger, ICalendarValue::Duration(nine));

    let mut out = String::new();
    ICalendar {
        components: vec![calendar, event, alarm],
    }
    .write_to(&mut out)
    .expect("a String takes any text");
    out
}

fn day(on: Date) -> PartialDateTime {
    let part = |value: i8| u8::try_from(value).ok();
    PartialDateTime {
        year: u16::try_from(on.year()).ok(),
        month: part(on.month()),
        day: part(on.day()),
        ..PartialDateTime::default()
    }
}

fn moment(at: Timestamp) -> PartialDateTime {
    let at = at.to_zoned_datetime(TimeZone::UTC);
    let part = |value: i8| u8::try_from(value).ok();
    PartialDateTime {
        hour: part(at.hour()),
        minute: part(at.minute()),
        second: part(at.second()),
        tz_hour: Some(0),
        tz_minute: Some(0),
        ..day(at.date())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_reminder_lasts_its_day_and_rings_in_the_morning() {
        let made = reminder(
            "4f2a91c0@settings-privacy.invalid",
            date(2026, 12, 24),
            "DingTalk's answer is due",
            "Reference 4F2A91C0; look, then go on.",
            Timestamp::UNIX_EPOCH,
        );
        let expected = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Settings & Privacy//Reminder 1//EN",
            "BEGIN:VEVENT",
            "UID:4f2a91c0@settings-privacy.invalid",
            "DTSTAMP:19700101T000000Z",
            "DTSTART;VALUE=DATE:20261224",
            "SUMMARY:DingTalk's answer is due",
            "DESCRIPTION:Reference 4F2A91C0\\; look\\, then go on.",
            "TRANSP:TRANSPARENT",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "DESCRIPTION:DingTalk's answer is due",
            "TRIGGER:PT9H",
            "END:VALARM",
            "END:VEVENT",
            "END:VCALENDAR",
        ];
        assert_eq!(made.lines().collect::<Vec<_>>(), expected);
        assert!(
            made.ends_with("END:VCALENDAR\r\n"),
            "lines end as the standard wants"
        );
    }
}
