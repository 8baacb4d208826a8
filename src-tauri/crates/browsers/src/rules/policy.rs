//! What an administrator of this computer decides for its browsers (Linux: files below `/etc` and `/usr/lib`).
//!
//! Firefox: `policies.json` (<https://mozilla.github.io/policy-templates/>). The Chromium family: every file of a folder,
//! in the order of their names (<https://chromeenterprise.google/policies/>).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use settings_privacy_core::storage::{
    About, Browser, Covers, Decision, Packaging, Problem, Profile, Rule, Sites, covered,
};

use crate::copy::file_name;
use crate::places::Places;

/// The pattern that stands for every site.
const EVERY_SITE: &str = "*";

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

/// Reads the policies for a profile's browser. One that runs in a sandbox sees the system's own files no more than any
/// other program there: it has its policies from extensions.
pub(super) fn told(places: &Places, profile: &Profile, sites: &Sites) -> Policy {
    let mut policy = Policy::default();
    let below = |folder: &str| places.system.join(folder);
    match (profile.browser, &profile.packaging) {
        (Browser::Firefox, packaging) => {
            let files = match packaging {
                Packaging::Flatpak(app) => extensions(places, &format!("{app}.systemconfig"))
                    .into_iter()
                    .map(|folder| folder.join("policies/policies.json"))
                    .collect(),
                Packaging::Plain | Packaging::Snap(_) => [
                    "etc/firefox/policies/policies.json",
                    "usr/lib/firefox/distribution/policies.json",
                    "usr/lib/firefox-esr/distribution/policies.json",
                    "usr/lib64/firefox/distribution/policies.json",
                ]
                .map(below)
                .to_vec(),
            };
            // Firefox itself follows one file.
            let mut found = files.iter();
            if let Some(told) = found.find_map(|file| read(file, &mut policy.problems)) {
                firefox(&told["policies"], sites, &mut policy);
            }
        }
        (_, Packaging::Flatpak(app)) => {
            chromium(&extensions(places, &format!("{app}.Policy")), sites, &mut policy);
        }
        (browser, Packaging::Plain | Packaging::Snap(_)) => {
            let folders: &[&str] = match browser {
                Browser::Chromium => &["etc/chromium", "etc/chromium-browser"],
                Browser::Chrome => &["etc/opt/chrome"],
                Browser::Edge => &["etc/opt/edge"],
                Browser::Brave => &["etc/brave"],
                // Where these look isn't written down anywhere. Firefox is told above.
                Browser::Vivaldi | Browser::Opera | Browser::Firefox => &[],
            };
            let folders: Vec<PathBuf> = folders.iter().map(|folder| below(folder)).collect();
            chromium(&folders, sites, &mut policy);
        }
    }
    policy
}

/// The folders of a Flatpak's extension, for the whole system and for the user: `<extension>[.<more>]/<arch>/<version>`.
fn extensions(places: &Places, extension: &str) -> Vec<PathBuf> {
    let more = format!("{extension}.");
    let system = places.system.join("var/lib/flatpak/extension");
    let own = places
        .home
        .iter()
        .map(|home| home.join(".local/share/flatpak/extension"));
    [system]
        .into_iter()
        .chain(own)
        .flat_map(|folder| within(&folder))
        .filter(|folder| {
            let name = file_name(folder);
            name == extension || name.starts_with(&more)
        })
        .flat_map(|folder| within(&folder))
        .flat_map(|folder| within(&folder))
        .collect()
}

/// What is in a folder, by name.
fn within(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
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
    let mut refused = Vec::new();
    for (name, about) in [
        ("Camera", About::Camera),
        ("Microphone", About::Microphone),
        ("Location", About::Location),
        ("Notifications", About::Notifications),
    ] {
        let permission = &told["Permissions"][name];
        for (list, decision) in [("Allow", Decision::Allow), ("Block", Decision::Deny)] {
            for origin in strings(&permission[list]) {
                add(about, origin, decision);
            }
        }
        if permission["BlockNewRequests"] == true && permission["Locked"] == true {
            refused.push(about);
        }
    }
    if cookies["Behavior"] == "reject" && cookies["Locked"] == true {
        refused.push(About::Cookies);
    }
    policy
        .defaults
        .extend(refused.into_iter().map(|about| (about, Decision::Deny)));
}

fn rule(covers: Covers, decision: Decision) -> Rule {
    Rule {
        covers,
        decision,
        only_sometimes: false,
        ends: false,
    }
}

fn chromium(folders: &[PathBuf], sites: &Sites, policy: &mut Policy) {
    let mut told = serde_json::Map::new();
    for folder in folders {
        for file in within(&folder.join("policies/managed"))
            .iter()
            .filter(|file| file.extension().is_some_and(|end| end == "json"))
        {
            if let Some(Value::Object(members)) = read(file, &mut policy.problems) {
                told.extend(members);
            }
        }
    }
    let told = Value::Object(told);
    let mut every: BTreeMap<About, Decision> = BTreeMap::new();
    for (name, about, decision) in [
        ("CookiesAllowedForUrls", About::Cookies, Decision::Allow),
        ("CookiesBlockedForUrls", About::Cookies, Decision::Deny),
        ("CookiesSessionOnlyForUrls", About::Cookies, Decision::UntilClosed),
        ("VideoCaptureAllowedUrls", About::Camera, Decision::Allow),
        ("AudioCaptureAllowedUrls", About::Microphone, Decision::Allow),
        ("GeolocationAllowedForUrls", About::Location, Decision::Allow),
        ("GeolocationBlockedForUrls", About::Location, Decision::Deny),
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
            } else if pattern == EVERY_SITE {
                every.insert(about, decision);
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
    // What is said of every site by a list counts before what is said by default.
    policy.defaults.append(&mut every);
}
