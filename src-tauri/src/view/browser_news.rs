//! What the window says about its browsers before anything else: what came back, what waits, what can be put back.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use settings_privacy_core::storage::{Elsewhere, Kind, Report};
use settings_privacy_engine::{Backup, ProfileId, ProfileState, Waiting, Wish, called};

use super::browsers::*;
use super::words;

/// What is new since something was cleared or refused in a profile.
pub(super) fn report_views(state: &ProfileState) -> Vec<BrowserReportView> {
    let browser = state.seen.profile.browser.name();
    let say = |report: &Report| {
        let (Report::RuleVanished { refused: at, .. } | Report::CameBack { since: at, .. }) = report;
        report.says(browser, &day(*at, Timestamp::now(), &TimeZone::system()))
    };
    state
        .reports
        .iter()
        .map(|report| BrowserReportView {
            profile: state.id.as_str().to_owned(),
            says: say(report),
        })
        .collect()
}

/// A day as one would say it, in a person's own time zone: "on Tuesday", beyond a week "on 3 March".
fn day(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (
        at.to_zoned_datetime(zone.clone()).date(),
        now.to_zoned_datetime(zone.clone()).date(),
    );
    match now.since(at).map_or(i32::MAX, |passed| passed.get_days()) {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        2..7 => format!("on {}", at.strftime("%A")),
        _ => format!("on {}", at.strftime("%-d %B")),
    }
}

/// Something that waits for a browser to be closed.
pub(super) fn waiting_view(waiting: &Waiting) -> WaitingView {
    let profile = &waiting.profile;
    let browser = profile.browser.name();
    let what = match &waiting.wish {
        Wish::Clear(_) => "Clearing".to_owned(),
        Wish::Decide { site, .. } => format!("A new rule for {site}"),
        Wish::Restore { .. } => "Putting back what was cleared".to_owned(),
        Wish::PutBack { before, .. } => format!("Putting back the rule for {}", before.site),
    };
    let of = called(profile);
    WaitingView {
        id: waiting.id.to_string(),
        profile: ProfileId::of(profile).as_str().to_owned(),
        browser: browser.to_owned(),
        says: match waiting.begun {
            true => format!("{what} in {of} has begun."),
            false => format!(
                "{what} in {of} waits until {browser} is closed. Close all of its windows; it goes on by itself, while this program is open."
            ),
        },
        begun: waiting.begun,
    }
}

/// A backup.
pub(super) fn backup_view(backup: &Backup) -> BackupView {
    let of = |kind: Kind| {
        backup
            .counts
            .iter()
            .find(|counted| counted.kind == kind)
            .map_or(0, |counted| counted.count)
    };
    let cookies = of(Kind::Cookie);
    let other: usize = backup
        .counts
        .iter()
        .filter(|counted| {
            !matches!(
                counted.kind,
                Kind::Cookie | Kind::Quota | Kind::Elsewhere(Elsewhere::HttpCache)
            )
        })
        .map(|counted| counted.count)
        .sum();
    let plural = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    };
    let mut parts = Vec::new();
    if cookies > 0 {
        parts.push(plural(cookies, "cookie", "cookies"));
    }
    if other > 0 {
        parts.push(plural(other, "other thing", "other things"));
    }
    BackupView {
        id: backup.made.to_string(),
        at: backup.made.to_string(),
        until: backup.ends().to_string(),
        profile: ProfileId::of(&backup.profile).as_str().to_owned(),
        says: format!("{} from {}", words::list(&parts), called(&backup.profile)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_persons_own() {
        let zone = TimeZone::get("Asia/Shanghai").expect("it is known");
        let at = |text: &str| text.parse::<Timestamp>().expect("it is a time");
        let now = at("2026-03-11T20:00:00Z"); // the 12th, a Thursday, in Shanghai
        let cases = [
            ("2026-03-11T16:30:00Z", "today"),
            ("2026-03-11T15:30:00Z", "yesterday"),
            ("2026-03-09T17:00:00Z", "on Tuesday"),
            ("2026-03-05T01:00:00Z", "on 5 March"),
        ];
        for (then, said) in cases {
            assert_eq!(day(at(then), now, &zone), said, "{then}");
        }
    }
}
