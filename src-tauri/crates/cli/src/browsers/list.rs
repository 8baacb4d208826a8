//! What is shown of the browsers.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use settings_privacy_core::data;
use settings_privacy_core::storage::{
    About, Bytes, Cookie, Counts, Finding, Item, Kind, Problem, Profile, Report, Running, SameSite, Site,
};
use settings_privacy_engine::{Backup, BrowsersState, ProfileId, ProfileState, called, safari};
use uuid::Uuid;

use super::words;
use crate::output::{Reply, local, table};

/// These profiles, and what stands beside them.
pub fn reply(state: &BrowsersState, profiles: &[&ProfileState], site: Option<&Site>) -> Reply {
    let out_of_reach = safari::out_of_reach();
    let mut parts: Vec<String> = profiles.iter().map(|profile| text(profile, site)).collect();
    if profiles.is_empty() {
        parts.push("No browser's profile was found here.".to_owned());
    }
    let problems = state.problems.iter().map(|problem| problem.message.clone());
    parts.extend(problems);
    parts.extend(out_of_reach.iter().map(|known| known.says.to_owned()));
    if !state.backups.is_empty() {
        let rows: Vec<[String; 4]> = state.backups.iter().map(backup_row).collect();
        parts.push(format!(
            "What was cleared and can be put back:\n{}",
            table(["ID", "What", "From", "Kept until"], &rows)
        ));
    }
    let json = json!({
        "looked_at": state.looked_at.map(|at| at.to_string()),
        "profiles": profiles.iter().map(|profile| profile_json(profile, site)).collect::<Vec<_>>(),
        "problems": state.problems.iter().map(problem_json).collect::<Vec<_>>(),
        "out_of_reach": out_of_reach
            .iter()
            .map(|known| json!({"browser": known.browser, "says": known.says}))
            .collect::<Vec<_>>(),
        "backups": state.backups.iter().map(backup_json).collect::<Vec<_>>(),
    });
    Reply::new(json, parts.join("\n\n"))
}

/// A name for one thing in one profile, the same at the next look. Short enough to be typed.
pub fn item_id(profile: &Profile, finding: &Finding) -> String {
    let text = format!(
        "{} {}",
        ProfileId::of(profile).as_str(),
        finding.id(profile).as_str()
    );
    let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, text.as_bytes()).simple();
    id.to_string()[..12].to_owned()
}

fn shown<'a>(state: &'a ProfileState, site: Option<&'a Site>) -> impl Iterator<Item = &'a Finding> {
    let is = move |finding: &&Finding| site.is_none_or(|site| finding.site == site.domain);
    state.seen.findings.iter().filter(is)
}

fn text(state: &ProfileState, site: Option<&Site>) -> String {
    let profile = &state.seen.profile;
    let open = match state.seen.running {
        Running::Yes => "open",
        Running::No => "closed",
        Running::Unknown => "perhaps open",
    };
    let mut lines = vec![format!(
        "{}, {open}. Its ID: {}",
        called(profile),
        state.id.as_str()
    )];
    let findings: Vec<&Finding> = shown(state, site).collect();
    if findings.is_empty() {
        lines.push(match problems(state).next() {
            None => "It keeps nothing of DingTalk's.".to_owned(),
            Some(_) => "Nothing of DingTalk's was found in what could be read.".to_owned(),
        });
    } else {
        let sums: Vec<[String; 4]> = sums(&findings)
            .into_iter()
            .map(|((site, kind), sum)| {
                [
                    site.to_owned(),
                    words::kind_words(kind).to_owned(),
                    sum.count.to_string(),
                    words::size(sum.bytes),
                ]
            })
            .collect();
        lines.push(table(["Site", "What", "Count", "Size"], &sums));
        lines.push(String::new());
        let items: Vec<[String; 5]> = findings
            .iter()
            .map(|finding| item_row(profile, finding))
            .collect();
        lines.push(table(["ID", "What", "Name", "Host", "Likely for"], &items));
    }
    let said: Vec<String> = rules(state, site)
        .chain(reports(state, site).map(|report| words::report(profile, report)))
        .chain(problems(state).map(|problem| problem.message.clone()))
        .collect();
    lines.extend((!said.is_empty()).then(String::new));
    lines.extend(said);
    lines.join("\n")
}

/// What the browser decides, where it isn't what it does with every site.
fn rules(state: &ProfileState, site: Option<&Site>) -> impl Iterator<Item = String> {
    let browser = state.seen.profile.browser.name();
    let decisions = state.rules.decisions.iter();
    decisions
        .filter(move |rule| site.is_none_or(|site| rule.site == site.domain))
        .filter_map(move |rule| match rule.about {
            About::Cookies => rule.says_of_cookies(browser),
            About::Camera | About::Microphone | About::Location | About::Notifications => {
                words::permitted(rule)
            }
        })
}

/// What couldn't be read, each once.
pub fn problems(state: &ProfileState) -> impl Iterator<Item = &Problem> {
    let seen = &state.seen.problems;
    let rules = state.rules.problems.iter();
    seen.iter()
        .chain(rules.filter(move |problem| !seen.contains(problem)))
}

fn reports<'a>(state: &'a ProfileState, site: Option<&'a Site>) -> impl Iterator<Item = &'a Report> {
    let is = move |report: &&Report| site.is_none_or(|site| report_site(report) == site.domain);
    state.reports.iter().filter(is)
}

fn report_site(report: &Report) -> &str {
    match report {
        Report::RuleVanished { site, .. } | Report::CameBack { site, .. } => site,
    }
}

/// How much there is of one kind.
#[derive(Default)]
struct Sum {
    count: usize,
    bytes: Option<Bytes>,
}

fn sums<'a>(findings: &[&'a Finding]) -> BTreeMap<(&'a str, Kind), Sum> {
    let mut sums: BTreeMap<(&str, Kind), Sum> = BTreeMap::new();
    for finding in findings {
        let sum = sums
            .entry((finding.site.as_str(), finding.item.kind()))
            .or_default();
        sum.count += 1;
        sum.bytes = [sum.bytes, finding.size]
            .into_iter()
            .flatten()
            .reduce(|one, other| [one, other].into_iter().sum());
    }
    sums
}

fn item_row(profile: &Profile, finding: &Finding) -> [String; 5] {
    let (name, purpose) = if let Item::Cookie(cookie) = &finding.item {
        (cookie.name.clone(), words::purpose_words(cookie.purpose))
    } else {
        let amount = amount(&finding.item);
        (amount.map_or(String::new(), |count| format!("{count} in it")), "")
    };
    let host = match &finding.partition.top_site {
        Some(within) => format!("{} within {within}", finding.host),
        None => finding.host.clone(),
    };
    [
        item_id(profile, finding),
        words::kind_words(finding.item.kind()).to_owned(),
        name,
        host,
        purpose.to_owned(),
    ]
}

/// How many entries, databases, files and the like.
fn amount(item: &Item) -> Option<u64> {
    match item {
        Item::Cookie(_) => None,
        Item::LocalStorage { entries } => *entries,
        Item::IndexedDb { databases } => *databases,
        Item::CacheStorage { caches } => *caches,
        Item::FileSystem { files } => *files,
        Item::ServiceWorker { registrations } => Some(*registrations),
        Item::Quota { rows } => Some(*rows),
        Item::SessionStorage { entries } => Some(*entries),
        Item::Elsewhere { mentions, .. } => Some(*mentions),
    }
}

fn profile_json(state: &ProfileState, site: Option<&Site>) -> Value {
    let profile = &state.seen.profile;
    let sites = data::sites().sites.iter();
    let sites = sites.filter(|known| site.is_none_or(|site| site.domain == known.domain));
    json!({
        "id": state.id.as_str(),
        "browser": profile.browser.name(),
        "name": profile.name,
        "packaging": words::packaging_word(&profile.packaging),
        "running": words::running_word(state.seen.running),
        "sites": sites.map(|known| site_json(state, known)).collect::<Vec<_>>(),
        "problems": problems(state).map(problem_json).collect::<Vec<_>>(),
        "reports": reports(state, site).map(|report| report_json(profile, report)).collect::<Vec<_>>(),
    })
}

fn site_json(state: &ProfileState, site: &Site) -> Value {
    let profile = &state.seen.profile;
    let findings: Vec<&Finding> = shown(state, Some(site)).collect();
    let kinds: Vec<Value> = sums(&findings)
        .into_iter()
        .map(|((_, kind), sum)| {
            json!({
                "kind": words::kind_word(kind),
                "count": sum.count,
                "bytes": sum.bytes.map(|Bytes(bytes)| bytes),
            })
        })
        .collect();
    let rules: serde_json::Map<String, Value> = About::ALL
        .into_iter()
        .map(|about| {
            let rule = state.rules.of(&site.domain, about).map(|rule| {
                json!({
                    "decision": words::effective_word(rule.effective),
                    "decided_by": words::decider_word(rule.decided_by),
                })
            });
            (words::about_word(about).to_owned(), rule.unwrap_or(Value::Null))
        })
        .collect();
    json!({
        "site": site.domain,
        "reason": site.reason,
        "kinds": kinds,
        "rules": rules,
        "items": findings.iter().map(|finding| item_json(profile, finding)).collect::<Vec<_>>(),
    })
}

fn item_json(profile: &Profile, finding: &Finding) -> Value {
    let mut json = json!({
        "id": item_id(profile, finding),
        "kind": words::kind_word(finding.item.kind()),
        "host": finding.host,
        "within": finding.partition.top_site,
        "container": finding.partition.container,
        "bytes": finding.size.map(|Bytes(bytes)| bytes),
    });
    if let Item::Cookie(cookie) = &finding.item {
        json["cookie"] = cookie_json(cookie);
    } else {
        json["count"] = amount(&finding.item).into();
    }
    json
}

fn cookie_json(cookie: &Cookie) -> Value {
    let fact = data::cookie_purposes().fact(&cookie.name);
    json!({
        "name": cookie.name,
        "path": cookie.path,
        "created": cookie.created.map(|at| at.to_string()),
        "last_used": cookie.last_used.map(|at| at.to_string()),
        "expires": cookie.expires.map(|at| at.to_string()),
        "secure": cookie.secure,
        "http_only": cookie.http_only,
        "same_site": match cookie.same_site {
            SameSite::Unset => "unset",
            SameSite::None => "none",
            SameSite::Lax => "lax",
            SameSite::Strict => "strict",
        },
        "purpose": words::purpose_word(cookie.purpose),
        "evidence": fact.map(|fact| format!("{} {}", fact.says, fact.evidence)),
    })
}

fn problem_json(problem: &Problem) -> Value {
    let hides: Vec<&str> = problem.hides.iter().map(|kind| words::kind_word(*kind)).collect();
    json!({"code": problem.code, "message": problem.message, "hides": hides})
}

fn report_json(profile: &Profile, report: &Report) -> Value {
    let mut json = match report {
        Report::RuleVanished { refused, .. } => {
            json!({"kind": "rule-vanished", "since": refused.to_string()})
        }
        Report::CameBack {
            more,
            since,
            refused_now,
            ..
        } => json!({
            "kind": "came-back",
            "since": since.to_string(),
            "cookies": more.cookies,
            "other": more.other,
            "refused_now": refused_now,
        }),
    };
    json["site"] = report_site(report).into();
    json["says"] = words::report(profile, report).into();
    json
}

fn backup_row(backup: &Backup) -> [String; 4] {
    [
        backup.made.to_string(),
        backed_up(backup).says(),
        called(&backup.profile),
        local(backup.ends()),
    ]
}

fn backup_json(backup: &Backup) -> Value {
    let Counts { cookies, other } = backed_up(backup);
    json!({
        "id": backup.made.to_string(),
        "profile": ProfileId::of(&backup.profile).as_str(),
        "until": backup.ends().to_string(),
        "cookies": cookies,
        "other": other,
    })
}

/// How many cookies a backup holds, and how many other things of a site's.
fn backed_up(backup: &Backup) -> Counts {
    let mut sum = Counts::default();
    for counted in &backup.counts {
        let count = u64::try_from(counted.count).unwrap_or(u64::MAX);
        match counted.kind {
            Kind::Cookie => sum.cookies += count,
            // The browser's own notes.
            Kind::Quota => {}
            Kind::LocalStorage
            | Kind::IndexedDb
            | Kind::CacheStorage
            | Kind::ServiceWorker
            | Kind::FileSystem
            | Kind::SessionStorage
            | Kind::Elsewhere(_) => sum.other += count,
        }
    }
    sum
}
