//! What a browser itself decides for DingTalk's sites: cookies, and what their pages may use (policy §6).
//!
//! These rules are the browser's own. It shows them in its settings, a person may change them there, and they hold
//! whether or not this program runs. An administrator's policy stands above them.

use serde::{Deserialize, Serialize};

use super::{Problem, Profile, Running, Sites};

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Cookies, and with them local storage, databases and the like.
    Cookies,
    /// The camera.
    Camera,
    /// The microphone.
    Microphone,
    /// Where the computer is.
    Location,
    /// Notifications.
    Notifications,
}

impl About {
    /// All of them, in the order shown.
    pub const ALL: [About; 5] = [
        About::Cookies,
        About::Camera,
        About::Microphone,
        About::Location,
        About::Notifications,
    ];
}

/// What a browser does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It lets the site.
    Allow,
    /// It keeps cookies until it is closed.
    UntilClosed,
    /// It asks the person each time a page wants to.
    Ask,
    /// It refuses.
    Deny,
}

/// Whom a rule is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Covers {
    /// A domain and everything below it.
    Domain(String),
    /// An address with its scheme, and everything below it: `https://dingtalk.com`.
    AddressAndBelow(String),
    /// One host, or one address with scheme and port, and nothing below it.
    Address(String),
}

/// One rule of the browser's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Whom it is for.
    pub covers: Covers,
    /// What it says.
    pub decision: Decision,
    /// It holds only while the site is part of another's page, or under another such condition.
    pub only_sometimes: bool,
    /// It ends at some time, or with the browser.
    pub ends: bool,
}

/// What comes of the rules together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effective {
    /// The same for the whole site.
    All(Decision),
    /// One thing for some of its addresses, another for others.
    Differs,
}

/// Whose word that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// What the browser does with every site that has no rule.
    Default,
    /// A rule for this site.
    Rule,
    /// An administrator of this computer, by a policy. Nothing else counts.
    Policy,
}

/// What a browser decides about one thing for one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRule {
    /// The site, by domain: one of [`Sites`].
    pub site: String,
    /// What it is about.
    pub about: About,
    /// What the browser does.
    pub effective: Effective,
    /// Whose word that is.
    pub decided_by: DecidedBy,
    /// The rules of the profile for this site, whether they count or not.
    pub rules: Vec<Rule>,
}

/// What one profile's browser decides for every site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The profile.
    pub profile: Profile,
    /// Whether the browser had it open: then newer rules may not be on disk yet.
    pub running: Running,
    /// Each site, about each thing. What couldn't be read isn't here.
    pub decisions: Vec<SiteRule>,
    /// What couldn't be read.
    pub problems: Vec<Problem>,
}

impl Rules {
    /// What was found for a site about one thing; `None` where it couldn't be read.
    pub fn of(&self, site: &str, about: About) -> Option<&SiteRule> {
        self.decisions
            .iter()
            .find(|decision| decision.site == site && decision.about == about)
    }
}

/// What comes of a site's rules. `bases` are those that cover the site together, each with none but the default above
/// it; more particular ones stand above them, so that they count only where they say something else.
pub fn weigh(default: Decision, rules: &[Rule], bases: &[Covers]) -> (Effective, DecidedBy) {
    let of = |base: &Covers| {
        let rule = rules
            .iter()
            .find(|rule| rule.covers == *base && !rule.only_sometimes);
        rule.map_or(default, |rule| rule.decision)
    };
    let mut decisions = bases.iter().map(of);
    let decision = decisions.next().unwrap_or(default);
    let same = decisions.all(|other| other == decision) && rules.iter().all(|rule| rule.decision == decision);
    let by = match rules.is_empty() || (same && rules.iter().all(|rule| !bases.contains(&rule.covers))) {
        true => DecidedBy::Default,
        false => DecidedBy::Rule,
    };
    match same {
        true => (Effective::All(decision), by),
        false => (Effective::Differs, by),
    }
}

/// Whether a rule has to be written to make a browser do this, given what it does without one.
pub fn needs_a_rule(about: About, wanted: Decision, default: Decision) -> bool {
    match wanted {
        // Though the default be the same: a person may change that one.
        Decision::Deny | Decision::UntilClosed => true,
        // Nobody is given more than the browser gives to every site, except what a person was asked for.
        Decision::Allow => about != About::Cookies,
        Decision::Ask => default != Decision::Ask,
    }
}

/// Whether a rule stands in the way of what is wanted.
pub fn is_in_the_way(about: About, wanted: Decision, rule: Decision) -> bool {
    match (about, wanted) {
        // That the browser forgets them at its end is the person's own wish, and no refusal.
        (About::Cookies, Decision::Allow) => rule == Decision::Deny,
        (
            About::Cookies | About::Camera | About::Microphone | About::Location | About::Notifications,
            Decision::Allow | Decision::UntilClosed | Decision::Ask | Decision::Deny,
        ) => rule != wanted,
    }
}

/// What a profile said before a change, exactly, to be put back. It holds no cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesBefore {
    /// The site.
    pub site: String,
    /// What it was about.
    pub about: About,
    /// The rules for this site, as the browser wrote them.
    pub entries: Vec<Entry>,
    /// Chromium: how many of the four nested parts of its settings that lead to these rules were there. What was
    /// made for a rule goes with it.
    pub depth: usize,
}

/// A rule as the browser writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// A row of Firefox's `moz_perms`.
    Row {
        /// Its number.
        id: i64,
        /// Its origin: `https://dingtalk.com`, perhaps with attributes after a caret.
        origin: String,
        /// 1 allow, 2 deny, 3 ask, 8 until closed.
        permission: i64,
        /// 0 never ends, 1 with the browser, 2 at a time.
        expire_type: i64,
        /// When, in milliseconds since 1970.
        expire_time: i64,
        /// When it was changed, in milliseconds since 1970.
        modified: i64,
    },
    /// A member of Chromium's `profile.content_settings.exceptions`.
    Member {
        /// Its pattern: `[*.]dingtalk.com,*`.
        pattern: String,
        /// Its value, as JSON text, to the letter.
        value: String,
    },
}

impl Entry {
    /// Whether both stand in the same place: a browser keeps one of them.
    pub fn covers_as(&self, other: &Entry) -> bool {
        match (self, other) {
            (Entry::Row { origin, .. }, Entry::Row { origin: others, .. }) => origin == others,
            (Entry::Member { pattern, .. }, Entry::Member { pattern: others, .. }) => pattern == others,
            (Entry::Row { .. }, Entry::Member { .. }) | (Entry::Member { .. }, Entry::Row { .. }) => false,
        }
    }
}

/// A host of DingTalk's that a pattern or an origin of the browser's is for.
///
/// `[*.]dingtalk.com` and `https://[*.]dingtalk.com:443` cover a domain, `https://im.dingtalk.com` one address. `None`
/// for what isn't DingTalk's, `*` among it.
pub fn covered(sites: &Sites, text: &str) -> Option<(String, Covers)> {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, text),
    };
    if scheme.is_some_and(|scheme| !matches!(scheme, "http" | "https" | "*")) {
        return None;
    }
    let (below, host) = match rest.strip_prefix("[*.]") {
        Some(host) => (true, host),
        None => (false, rest),
    };
    let plain = host.strip_suffix(":*").unwrap_or(host);
    let site = sites.of_host(plain)?.domain.clone();
    let port = plain.split_once(':').map(|(_, port)| port);
    // For some schemes or ports only: that isn't the whole domain.
    let whole = scheme.is_none_or(|scheme| scheme == "*") && port.is_none();
    let covers = match below && whole {
        true => Covers::Domain(plain.to_ascii_lowercase()),
        false => Covers::Address(text.to_ascii_lowercase()),
    };
    Some((site, covers))
}
