//! `Preferences`, `profile.content_settings.exceptions` and the defaults beside it
//! (Chromium's `components/content_settings`).
//!
//! A member's name is two patterns: whose setting it is, and within whose pages. Its value holds `setting`: 1 allow,
//! 2 block, 3 ask, 4 until closed.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;
use settings_privacy_core::storage::{
    About, Covers, Decision, Entry, Family, Profile, Rule, RulesBefore, Site, Sites, covered,
};

use super::error::RuleError;
use super::json_text::JsonText;
use super::replace;
use super::written::{Change, Edit, Told, Written};
use crate::closed::Closed;
use crate::error::ReadError;

const FILE: &str = "Preferences";

fn kind(about: About) -> &'static str {
    match about {
        About::Cookies => "cookies",
        About::Camera => "media_stream_camera",
        About::Microphone => "media_stream_mic",
        About::Location => "geolocation",
        About::Notifications => "notifications",
    }
}

fn exceptions(about: About) -> [&'static str; 4] {
    ["profile", "content_settings", "exceptions", kind(about)]
}

fn decision(setting: &Value) -> Option<Decision> {
    match setting.as_i64()? {
        1 => Some(Decision::Allow),
        2 => Some(Decision::Deny),
        3 => Some(Decision::Ask),
        4 => Some(Decision::UntilClosed),
        _ => None,
    }
}

fn number(decision: Decision) -> i64 {
    match decision {
        Decision::Allow => 1,
        Decision::Deny => 2,
        Decision::Ask => 3,
        Decision::UntilClosed => 4,
    }
}

/// Reads what the profile says.
///
/// # Errors
/// When the file is there and can't be read.
pub(super) fn told(profile: &Profile, sites: &Sites) -> Result<Told, ReadError> {
    let text = match std::fs::read(profile.path.join(FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Told::default()),
        Err(error) => return Err(ReadError::io(FILE, error)),
    };
    let json = String::from_utf8(text)
        .ok()
        .and_then(|text| JsonText::new(text).ok());
    let json = json.ok_or_else(|| ReadError::Damaged {
        file: FILE.to_owned(),
    })?;
    Ok(told_by(&json, sites))
}

fn told_by(json: &JsonText, sites: &Sites) -> Told {
    let mut told = Told::default();
    for about in About::ALL {
        let path = ["profile", "default_content_setting_values", kind(about)];
        let default = json.get(&path).and_then(|value| serde_json::from_str(value).ok());
        if let Some(default) = default.as_ref().and_then(decision) {
            told.defaults.insert(about, default);
        }
        for (pattern, value) in json.members(&exceptions(about)) {
            told.written.extend(one(about, &pattern, value, sites));
        }
    }
    told
}

/// What a member says; `None` when it isn't about one of DingTalk's sites.
fn one(about: About, pattern: &str, value: &str, sites: &Sites) -> Option<Written> {
    let (own, within) = pattern.split_once(',').unwrap_or((pattern, "*"));
    let (site, covers) = covered(sites, own)?;
    let parsed: Value = serde_json::from_str(value).unwrap_or(Value::Null);
    let ends = |name: &str| match &parsed[name] {
        Value::String(time) => time != "0" && !time.is_empty(),
        Value::Number(time) => time.as_f64() != Some(0.0),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
    };
    Some(Written {
        site,
        about,
        rule: decision(&parsed["setting"]).map(|decision| Rule {
            covers,
            decision,
            only_sometimes: !["*", "", own].contains(&within),
            ends: ends("expiration"),
        }),
        entry: Entry::Member {
            pattern: pattern.to_owned(),
            value: value.to_owned(),
        },
    })
}

/// Changes the rules of one site about one thing, all of them or none.
///
/// # Errors
/// As [`RuleError`] tells; then nothing was changed.
pub(super) fn change(
    profile: &Profile,
    closed: &Closed,
    sites: &Sites,
    (site, about): (&Site, About),
    change: &Change,
    now: Timestamp,
) -> Result<RulesBefore, RuleError> {
    let path = file(&profile.path).map_err(|error| match error.kind() == std::io::ErrorKind::NotFound {
        true => RuleError::NeverUsed {
            browser: profile.browser.name(),
            file: FILE,
        },
        false => RuleError::io(FILE, error),
    })?;
    let read = std::fs::read(&path).map_err(|error| RuleError::io(FILE, error))?;
    let text = String::from_utf8(read.clone()).map_err(|_| RuleError::damaged(FILE))?;
    let mut json = JsonText::new(text).map_err(|_| RuleError::damaged(FILE))?;
    let told = told_by(&json, sites);
    let exceptions = exceptions(about);
    let before = RulesBefore {
        site: site.domain.clone(),
        about,
        entries: told
            .of(&site.domain, about)
            .map(|written| written.entry.clone())
            .collect(),
        depth: json.depth(&exceptions),
    };
    let edit = Edit::plan(change, &told, Family::Chromium, site, about);
    let within = |pattern: &str| -> Vec<String> {
        exceptions
            .iter()
            .map(|name| (*name).to_owned())
            .chain([pattern.to_owned()])
            .collect()
    };
    let set = |json: &mut JsonText, pattern: &str, value: &str| {
        let path = within(pattern);
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        json.set(&path, value).map_err(|_| RuleError::foreign(FILE))
    };
    // What comes back to the letter stays where it is.
    for entry in edit.remove.iter().filter(|entry| !edit.put_back.contains(entry)) {
        if let Entry::Member { pattern, .. } = entry {
            let path = within(pattern);
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            json.remove(&path).map_err(|_| RuleError::foreign(FILE))?;
        }
    }
    for (covers, decision) in &edit.add {
        if let Covers::Domain(domain) = covers {
            let value = format!(
                "{{\"last_modified\":\"{}\",\"setting\":{}}}",
                since_1601(now),
                number(*decision)
            );
            set(&mut json, &format!("[*.]{domain},*"), &value)?;
        }
    }
    for entry in edit.put_back.iter().filter(|entry| !edit.remove.contains(entry)) {
        if let Entry::Member { pattern, value } = entry {
            set(&mut json, pattern, value)?;
        }
    }
    if let Change::Back { before, .. } = change {
        // What was made for a rule goes with it.
        for depth in (before.depth + 1..=exceptions.len()).rev() {
            let made = &exceptions[..depth];
            if json.get(made).is_some() && json.members(made).is_empty() {
                json.remove(made).map_err(|_| RuleError::foreign(FILE))?;
            }
        }
    }
    if json.text().as_bytes() != read {
        replace::replace(&path, &read, json.text().as_bytes(), closed)?;
    }
    Ok(before)
}

/// The file itself, where a link leads to it.
fn file(profile: &Path) -> std::io::Result<PathBuf> {
    profile.join(FILE).canonicalize()
}

/// Microseconds since 1601-01-01, as Chromium counts.
fn since_1601(time: Timestamp) -> i64 {
    const FROM_1601_TO_1970: i64 = 11_644_473_600_000_000;
    time.as_microsecond().saturating_add(FROM_1601_TO_1970)
}
