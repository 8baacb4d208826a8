//! What an administrator of this computer decides for its browsers (Linux: files below `/etc` and `/usr/lib`).
//!
//! Firefox: `policies.json` (<https://mozilla.github.io/policy-templates/>). The Chromium family: every file of a folder,
//! in the order of their names (<https://chromeenterprise.google/policies/>).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use settings_privacy_core::storage::{About, Browser, Covers, Decision, Problem, Rule, Sites, covered};

use crate::copy::file_name;

/// What is decided from above.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Policy {
    /// For a site.
    pub(super) rules: Vec<(String, About, Rule)>,
    /// For every site that has no such rule.
    pub(super) defaults: BTreeMap<About, Decision>,
    /// Files that couldn't be read.
    pub(super) problems: Vec<Problem>,
}

impl Policy {
    /// The rules for a site about one thing.
    pub(super) fn of<'a>(&'a self, site: &'a str, about: About) -> impl Iterator<Item = &'a Rule> {
        self.rules
            .iter()
            .filter(move |(of, what, _)| of == site && *what == about)
            .map(|(_, _, rule)| rule)
    }

    /// Whether it decides about one thing for a site, wholly or in part.
    pub(super) fn decides(&self, site: &str, about: About) -> bool {
        self.defaults.contains_key(&about) || self.of(site, about).next().is_some()
    }
}

/// Reads the policies for a browser.
pub(super) fn told(system: &Path, browser: Browser, sites: &Sites) -> Policy {
    let mut policy = Policy::default();
    match browser {
        Browser::Firefox => {
            for file in [
                "etc/firefox/policies/policies.json",
                "usr/lib/firefox/distribution/policies.json",
                "usr/lib/firefox-esr/distribution/policies.json",
                "usr/lib64/firefox/distribution/policies.json",
            ] {
                if let Some(told) = read(&system.join(file), &mut policy.problems) {
                    firefox(&told["policies"], sites, &mut policy);
                    // Firefox itself follows one file.
                    break;
                }
            }
        }
        Browser::Chromium => chromium(
            system,
            &["etc/chromium", "etc/chromium-browser"],
            sites,
            &mut policy,
        ),
        Browser::Chrome => chromium(system, &["etc/opt/chrome"], sites, &mut policy),
        Browser::Edge => chromium(system, &["etc/opt/edge"], sites, &mut policy),
        Browser::Brave => chromium(system, &["etc/brave"], sites, &mut policy),
        // Where these look isn't written down anywhere.
        Browser::Vivaldi | Browser::Opera => {}
    }
    policy
}

fn read(path: &Path, problems: &mut Vec<Problem>) -> Option<Value> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return unreadable(path, &error.to_string(), problems),
    };
    match serde_json::from_slice(&text) {
        Ok(value) => Some(value),
        Err(_) => unreadable(path, "it isn't what a browser understands", problems),
    }
}

fn unreadable(path: &Path, why: &str, problems: &mut Vec<Problem>) -> Option<Value> {
    problems.push(Problem {
        code: "policy-unreadable",
        message: format!(
            "“{}”, a policy of this computer's administrator, can't be read ({why}). What it decides isn't shown.",
            file_name(path)
        ),
        hides: Vec::new(),
    });
    None
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn firefox(told: &Value, sites: &Sites, policy: &mut Policy) {
    let cookies = &told["Cookies"];
    let lists = [
        ("Allow", Decision::Allow),
        ("AllowSession", Decision::UntilClosed),
        ("Block", Decision::Deny),
    ];
    let mut add = |about, origin: &str, decision| {
        let origin = origin.trim_end_matches('/');
        if let Some((site, _)) = covered(sites, origin) {
            let origin = origin.to_ascii_lowercase();
            let covers = match about {
                About::Cookies => Covers::AddressAndBelow(origin),
                About::Camera | About::Microphone | About::Location | About::Notifications => {
                    Covers::Address(origin)
                }
            };
            policy.rules.push((site, about, rule(covers, decision)));
        }
    };
    for (name, decision) in lists {
        for origin in strings(&cookies[name]) {
            add(About::Cookies, origin, decision);
        }
    }
    for (name, about) in [
        ("Camera", About::Camera),
        ("Microphone", About::Microphone),
        ("Location", About::Location),
        ("Notifications", About::Notifications),
    ] {
        for (list, decision) in [("Allow", Decision::Allow), ("Block", Decision::Deny)] {
            for origin in strings(&told["Permissions"][name][list]) {
                add(about, origin, decision);
            }
        }
    }
    if cookies["Behavior"] == "reject" && cookies["Locked"] == true {
        policy.defaults.insert(About::Cookies, Decision::Deny);
    }
}

fn rule(covers: Covers, decision: Decision) -> Rule {
    Rule {
        covers,
        decision,
        only_sometimes: false,
        ends: false,
    }
}

fn chromium(system: &Path, folders: &[&str], sites: &Sites, policy: &mut Policy) {
    let mut told = serde_json::Map::new();
    for folder in folders {
        let entries = std::fs::read_dir(system.join(folder).join("policies/managed"));
        let mut files: Vec<PathBuf> = entries
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        files.sort();
        for file in files
            .iter()
            .filter(|file| file.extension().is_some_and(|end| end == "json"))
        {
            if let Some(Value::Object(members)) = read(file, &mut policy.problems) {
                told.extend(members);
            }
        }
    }
    let told = Value::Object(told);
    for (name, about, decision) in [
        ("CookiesAllowedForUrls", About::Cookies, Decision::Allow),
        ("CookiesBlockedForUrls", About::Cookies, Decision::Deny),
        ("CookiesSessionOnlyForUrls", About::Cookies, Decision::UntilClosed),
        ("VideoCaptureAllowedUrls", About::Camera, Decision::Allow),
        ("AudioCaptureAllowedUrls", About::Microphone, Decision::Allow),
        (
            "NotificationsAllowedForUrls",
            About::Notifications,
            Decision::Allow,
        ),
        (
            "NotificationsBlockedForUrls",
            About::Notifications,
            Decision::Deny,
        ),
    ] {
        for pattern in strings(&told[name]) {
            if let Some((site, covers)) = covered(sites, pattern) {
                policy.rules.push((site, about, rule(covers, decision)));
            }
        }
    }
    for (name, about) in [
        ("DefaultCookiesSetting", About::Cookies),
        ("DefaultGeolocationSetting", About::Location),
        ("DefaultNotificationsSetting", About::Notifications),
    ] {
        let decision = match told[name].as_i64() {
            Some(1) => Decision::Allow,
            Some(2) => Decision::Deny,
            Some(3) => Decision::Ask,
            Some(4) => Decision::UntilClosed,
            Some(_) | None => continue,
        };
        policy.defaults.insert(about, decision);
    }
    for (name, about) in [
        ("VideoCaptureAllowed", About::Camera),
        ("AudioCaptureAllowed", About::Microphone),
    ] {
        if told[name] == false {
            policy.defaults.insert(about, Decision::Deny);
        }
    }
}
