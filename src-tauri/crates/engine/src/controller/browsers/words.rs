//! The sentences about what was done in a browser.

use settings_privacy_core::storage::{
    About, Counts, Decision, Effective, Finding, Profile, Running, Seen, SiteRule,
};

use super::super::Done;

/// A profile, for sentences.
pub fn called(profile: &Profile) -> String {
    format!("{} ({})", profile.browser.name(), profile.name)
}

/// Which sites these findings are of, and how much there is of them.
pub(super) fn counted(profile: &Profile, findings: &[Finding]) -> (Vec<String>, Counts) {
    let mut sites: Vec<String> = findings.iter().map(|finding| finding.site.clone()).collect();
    sites.sort();
    sites.dedup();
    let seen = Seen {
        profile: profile.clone(),
        running: Running::No,
        findings: findings.to_vec(),
        problems: Vec::new(),
    };
    let mut all = Counts::default();
    for site in &sites {
        let counts = Counts::of(&seen, site);
        all.cookies += counts.cookies;
        all.other += counts.other;
    }
    (sites, all)
}

pub(super) fn things(counts: &Counts) -> String {
    let of = |count: u64, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    };
    let cookies = of(counts.cookies, "cookie", "cookies");
    let other = of(counts.other, "other thing", "other things");
    match (counts.cookies, counts.other) {
        (0, 0) => "What was chosen is".to_owned(),
        (1, 0) => format!("{cookies} is"),
        (_, 0) => format!("{cookies} are"),
        (0, 1) => format!("{other} is"),
        (0, _) => format!("{other} are"),
        (_, _) => format!("{cookies} and {other} are"),
    }
}

pub(super) fn are(count: usize) -> String {
    match count {
        1 => "1 is".to_owned(),
        _ => format!("{count} are"),
    }
}

pub(super) fn were(count: usize) -> String {
    match count {
        1 => "1 was".to_owned(),
        _ => format!("{count} were"),
    }
}

/// What a browser does now, in one sentence.
pub(super) fn observed(profile: &Profile, site: &str, about: About, rule: Option<&SiteRule>) -> String {
    let browser = profile.browser.name();
    let thing = match about {
        About::Cookies => "cookies",
        About::Camera => "the camera",
        About::Microphone => "the microphone",
        About::Location => "the location",
        About::Notifications => "notifications",
    };
    let Some(rule) = rule else {
        return format!("What {browser} does about {thing} for {site} couldn't be read.");
    };
    match (rule.effective, about) {
        (Effective::All(Decision::Deny), About::Cookies) => {
            format!("{browser} refuses {site}'s cookies and storage. The rule is {browser}'s own.")
        }
        (Effective::All(Decision::Allow), About::Cookies) => format!("{browser} takes {site}'s cookies."),
        (Effective::All(Decision::UntilClosed), _) => {
            format!("{browser} keeps {site}'s cookies until it is closed.")
        }
        (Effective::All(Decision::Deny), _) => format!("{browser} denies {site} {thing}."),
        (Effective::All(Decision::Allow), _) => format!("{browser} allows {site} {thing}."),
        (Effective::All(Decision::Ask), _) => format!("{browser} asks you before {site} uses {thing}."),
        (Effective::Differs, _) => format!("{browser} does different things for parts of {site}."),
    }
}

pub(super) fn sentences(done: &[Done]) -> String {
    let mut said: Vec<&str> = done.iter().map(|done| done.says.as_str()).collect();
    said.dedup();
    said.join(" ")
}
