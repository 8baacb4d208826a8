//! Rules, and what is remembered of them.

use jiff::Timestamp;

use super::{
    About, Because, Browser, Channel, Cookie, Counts, Covers, DecidedBy, Decision, Effective, Elsewhere,
    Entry, Family, Finding, Item, Memory, Packaging, Partition, Place, Profile, Purpose, Report, Rule, Rules,
    RulesBefore, Running, SameSite, Seen, SiteRule, covered, weigh,
};
use crate::data;

const SITE: &str = "dingtalk.com";

fn profile() -> Profile {
    Profile {
        family: Family::Firefox,
        browser: Browser::Firefox,
        channel: Channel::Unsaid,
        path: "/home/ana/profile".into(),
        root: "/home/ana".into(),
        cache: None,
        name: "mine".to_owned(),
        default: true,
        packaging: Packaging::Plain,
    }
}

fn rules(effective: Effective) -> Rules {
    Rules {
        profile: profile(),
        running: Running::No,
        decisions: vec![SiteRule {
            site: SITE.to_owned(),
            about: About::Cookies,
            effective,
            decided_by: DecidedBy::Rule,
            rules: Vec::new(),
        }],
        problems: Vec::new(),
    }
}

fn seen(cookies: usize, other: usize) -> Seen {
    let finding = |item: Item| Finding {
        site: SITE.to_owned(),
        because: Because::Host,
        host: SITE.to_owned(),
        origin: None,
        partition: Partition::default(),
        item,
        size: None,
        place: Place::Whole("x".into()),
    };
    let cookie = Cookie {
        name: "a".to_owned(),
        host: SITE.to_owned(),
        path: "/".to_owned(),
        created: None,
        last_used: None,
        expires: None,
        secure: true,
        http_only: true,
        same_site: SameSite::Lax,
        purpose: Purpose::Unknown,
    };
    let mut findings = vec![finding(Item::Elsewhere {
        place: Elsewhere::History,
        mentions: 9,
    })];
    findings.extend((0..cookies).map(|_| finding(Item::Cookie(cookie.clone()))));
    findings.extend((0..other).map(|_| finding(Item::LocalStorage { entries: Some(1) })));
    Seen {
        profile: profile(),
        running: Running::No,
        findings,
        problems: Vec::new(),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("it is a time")
}

const DENIED: Effective = Effective::All(Decision::Deny);
const ALLOWED: Effective = Effective::All(Decision::Allow);

#[test]
fn nothing_is_reported_where_nothing_was_done() {
    assert_eq!(Memory::default().reports(&seen(3, 1), &rules(ALLOWED)), []);
}

#[test]
fn a_rule_that_vanished_is_reported_with_what_the_browser_does_now() {
    let mut memory = Memory::default();
    memory.refused(&profile().path, SITE, at(100));
    assert_eq!(memory.reports(&seen(0, 0), &rules(DENIED)), []);
    for now in [ALLOWED, Effective::Differs, Effective::All(Decision::UntilClosed)] {
        let expected = Report::RuleVanished {
            profile: profile().path,
            site: SITE.to_owned(),
            refused: at(100),
            now,
            decided_by: DecidedBy::Rule,
        };
        assert_eq!(memory.reports(&seen(0, 0), &rules(now)), [expected]);
    }
}

#[test]
fn a_rule_that_was_taken_back_or_cant_be_read_isnt_missed() {
    let mut memory = Memory::default();
    memory.refused(&profile().path, SITE, at(100));
    let mut unread = rules(ALLOWED);
    unread.decisions.clear();
    assert_eq!(memory.reports(&seen(0, 0), &unread), []);
    memory.allowed(&profile().path, SITE);
    assert_eq!(memory.reports(&seen(0, 0), &rules(ALLOWED)), []);
}

#[test]
fn what_came_back_is_counted_from_what_was_left() {
    let mut memory = Memory::default();
    let left = Counts { cookies: 1, other: 2 };
    memory.cleared(&profile().path, SITE, left, at(200));
    assert_eq!(memory.reports(&seen(1, 2), &rules(ALLOWED)), []);
    assert_eq!(
        memory.reports(&seen(0, 0), &rules(ALLOWED)),
        [],
        "less is no news"
    );
    let expected = Report::CameBack {
        profile: profile().path,
        site: SITE.to_owned(),
        more: Counts { cookies: 3, other: 0 },
        since: at(200),
        refused_now: false,
    };
    assert_eq!(memory.reports(&seen(4, 2), &rules(ALLOWED)), [expected]);
    memory.restored(&profile().path, SITE);
    assert_eq!(memory.reports(&seen(4, 2), &rules(ALLOWED)), []);
}

#[test]
fn what_came_back_before_the_site_was_refused_says_so() {
    let mut memory = Memory::default();
    memory.cleared(&profile().path, SITE, Counts::default(), at(200));
    let reports = memory.reports(&seen(1, 0), &rules(DENIED));
    assert!(
        matches!(
            reports.as_slice(),
            [Report::CameBack {
                refused_now: true,
                ..
            }]
        ),
        "{reports:?}"
    );
}

#[test]
fn another_profile_is_another_matter() {
    let mut memory = Memory::default();
    memory.refused("/home/ana/other".as_ref(), SITE, at(100));
    memory.cleared("/home/ana/other".as_ref(), SITE, Counts::default(), at(100));
    assert_eq!(memory.reports(&seen(4, 2), &rules(ALLOWED)), []);
}

#[test]
fn a_pattern_covers_a_domain_or_an_address_or_nothing_of_dingtalks() {
    let domain = |text: &str| Some(Covers::Domain(text.to_owned()));
    let address = |text: &str| Some(Covers::Address(text.to_owned()));
    for (text, expected) in [
        ("[*.]dingtalk.com", domain("dingtalk.com")),
        ("*://[*.]dingtalk.com:*", domain("dingtalk.com")),
        ("[*.]im.DingTalk.com", domain("im.dingtalk.com")),
        ("dingtalk.com", address("dingtalk.com")),
        (
            "https://im.dingtalk.com:443",
            address("https://im.dingtalk.com:443"),
        ),
        (
            "https://[*.]dingtalk.com:443",
            address("https://[*.]dingtalk.com:443"),
        ),
        ("[*.]dingtalk.com:8443", address("[*.]dingtalk.com:8443")),
        ("*", None),
        ("[*.]com", None),
        ("[*.]notdingtalk.com", None),
        ("[*.]dingtalk.com.evil.net", None),
        ("chrome-extension://dingtalk.com", None),
        ("file:///dingtalk.com", None),
        ("", None),
    ] {
        assert_eq!(
            covered(data::sites(), text).map(|(_, covers)| covers),
            expected,
            "{text}"
        );
    }
}

#[test]
fn what_was_there_before_keeps_its_shape_on_disk() {
    let before = RulesBefore {
        site: SITE.to_owned(),
        about: About::Notifications,
        entries: vec![
            Entry::Row {
                id: 7,
                origin: "https://dingtalk.com".to_owned(),
                permission: 1,
                expire_type: 0,
                expire_time: 0,
                modified: 1_795_161_600_000,
            },
            Entry::Member {
                pattern: "[*.]dingtalk.com,*".to_owned(),
                value: "{\"setting\":1}".to_owned(),
            },
        ],
        depth: 4,
    };
    let text = serde_json::to_string(&before).expect("it can be written");
    assert_eq!(
        text,
        "{\"site\":\"dingtalk.com\",\"about\":\"notifications\",\"entries\":[{\"row\":{\"id\":7,\
         \"origin\":\"https://dingtalk.com\",\"permission\":1,\"expire_type\":0,\"expire_time\":0,\
         \"modified\":1795161600000}},{\"member\":{\"pattern\":\"[*.]dingtalk.com,*\",\
         \"value\":\"{\\\"setting\\\":1}\"}}],\"depth\":4}"
    );
    assert_eq!(
        serde_json::from_str::<RulesBefore>(&text).expect("it can be read"),
        before
    );
}

fn rule(covers: &Covers, decision: Decision) -> Rule {
    Rule {
        covers: covers.clone(),
        decision,
        only_sometimes: false,
        ends: false,
    }
}

#[test]
fn the_rules_of_a_site_come_to_one_thing_or_differ() {
    let domain = Covers::Domain(SITE.to_owned());
    let one = Covers::Address("https://im.dingtalk.com".to_owned());
    let other = Covers::Address("https://www.dingtalk.com".to_owned());
    let deny = |covers: &Covers| rule(covers, Decision::Deny);
    let allow = |covers: &Covers| rule(covers, Decision::Allow);
    let sometimes = Rule {
        only_sometimes: true,
        ..deny(&domain)
    };
    let whole = [domain.clone()];
    let both = [one.clone(), other.clone()];
    let denied = Effective::All(Decision::Deny);
    let allowed = Effective::All(Decision::Allow);
    for (default, rules, bases, expected) in [
        (Decision::Allow, vec![], &whole[..], (allowed, DecidedBy::Default)),
        (
            Decision::Allow,
            vec![deny(&domain)],
            &whole,
            (denied, DecidedBy::Rule),
        ),
        (Decision::Deny, vec![], &whole, (denied, DecidedBy::Default)),
        (
            Decision::Deny,
            vec![deny(&one)],
            &whole,
            (denied, DecidedBy::Default),
        ),
        (
            Decision::Allow,
            vec![deny(&domain), deny(&one)],
            &whole,
            (denied, DecidedBy::Rule),
        ),
        (
            Decision::Allow,
            vec![deny(&domain), allow(&one)],
            &whole,
            (Effective::Differs, DecidedBy::Rule),
        ),
        (
            Decision::Allow,
            vec![deny(&one)],
            &whole,
            (Effective::Differs, DecidedBy::Rule),
        ),
        (
            Decision::Allow,
            vec![sometimes],
            &whole,
            (Effective::Differs, DecidedBy::Rule),
        ),
        (
            Decision::Ask,
            vec![deny(&one)],
            &both,
            (Effective::Differs, DecidedBy::Rule),
        ),
        (
            Decision::Ask,
            vec![deny(&one), deny(&other)],
            &both,
            (denied, DecidedBy::Rule),
        ),
    ] {
        assert_eq!(weigh(default, &rules, bases), expected, "{default:?} {rules:?}");
    }
}
