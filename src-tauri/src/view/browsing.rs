//! From what the engine saw of the browsers to what the window is given.

use jiff::Timestamp;
use settings_privacy_core::data;
use settings_privacy_core::storage::{
    About, Bytes, Cookie, DecidedBy, Decision, Effective, Elsewhere, Family, Finding, Item, Kind, Packaging,
    Profile, Purpose, Running, SameSite, Site, SiteRule,
};
use settings_privacy_engine::{BrowsersState, ProfileState, safari};

use super::browser_news::{backup_view, report_views, waiting_view};
use super::browsers::*;

/// The kinds in the order shown; those of the site's own storage first.
const KINDS: [Kind; 14] = [
    Kind::Cookie,
    Kind::LocalStorage,
    Kind::SessionStorage,
    Kind::IndexedDb,
    Kind::FileSystem,
    Kind::CacheStorage,
    Kind::ServiceWorker,
    Kind::Quota,
    Kind::Elsewhere(Elsewhere::History),
    Kind::Elsewhere(Elsewhere::Downloads),
    Kind::Elsewhere(Elsewhere::Icons),
    Kind::Elsewhere(Elsewhere::Suggestions),
    Kind::Elsewhere(Elsewhere::SessionRestore),
    Kind::Elsewhere(Elsewhere::HttpCache),
];

/// Everything the window shows of the browsers.
pub fn browsers_view(state: &BrowsersState) -> BrowsersView {
    BrowsersView {
        looked_at: state.looked_at.map(|at| at.to_string()),
        looking: state.looking.is_some(),
        progress: state.looking.map(|looking| LookProgress {
            done: number(looking.done),
            total: number(looking.of),
        }),
        profiles: state.profiles.iter().map(profile_view).collect(),
        problems: state.problems.iter().map(problem_view).collect(),
        reports: state.profiles.iter().flat_map(report_views).collect(),
        elsewhere: safari::out_of_reach()
            .iter()
            .map(|known| ElsewhereBrowserView {
                browser: known.browser.to_owned(),
                says: known.says.to_owned(),
                can_open: true,
            })
            .collect(),
        waiting: state.waiting.iter().map(waiting_view).collect(),
        backups: state.backups.iter().map(backup_view).collect(),
    }
}

pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn problem_view(problem: &settings_privacy_core::storage::Problem) -> ProblemView {
    ProblemView {
        code: problem.code.to_owned(),
        message: problem.message.clone(),
    }
}

fn profile_view(state: &ProfileState) -> BrowserProfileView {
    let profile = &state.seen.profile;
    let findings = &state.seen.findings;
    let is_elsewhere = |kind: Kind| matches!(kind, Kind::Elsewhere(_));
    BrowserProfileView {
        id: state.id.as_str().to_owned(),
        browser: profile.browser.name().to_owned(),
        name: profile.name.clone(),
        packaging: match &profile.packaging {
            Packaging::Plain => None,
            Packaging::Flatpak(_) => Some("Flatpak".to_owned()),
            Packaging::Snap(_) => Some("Snap".to_owned()),
        },
        family: match profile.family {
            Family::Firefox => BrowserFamily::Firefox,
            Family::Chromium => BrowserFamily::Chromium,
        },
        running: match state.seen.running {
            Running::Yes => BrowserRunning::Yes,
            Running::No => BrowserRunning::No,
            Running::Unknown => BrowserRunning::Unknown,
        },
        sites: data::sites()
            .sites
            .iter()
            .map(|site| site_view(site, state))
            .collect(),
        elsewhere: kinds(profile, is_elsewhere, findings.iter()),
        problems: state
            .seen
            .problems
            .iter()
            .chain(&state.rules.problems)
            .map(problem_view)
            .collect(),
    }
}

fn site_view(site: &Site, state: &ProfileState) -> BrowserSiteView {
    let own = state
        .seen
        .findings
        .iter()
        .filter(|finding| finding.site == site.domain);
    let rule = state.rules.of(&site.domain, About::Cookies);
    let browser = state.seen.profile.browser.name();
    let permissions = [
        (About::Camera, SitePermission::Camera),
        (About::Microphone, SitePermission::Microphone),
        (About::Location, SitePermission::Location),
        (About::Notifications, SitePermission::Notifications),
    ];
    BrowserSiteView {
        domain: site.domain.clone(),
        reason: site.reason.clone(),
        refused: refused(rule),
        refused_says: rule.and_then(|rule| rule.says_of_cookies(browser)),
        kinds: kinds(
            &state.seen.profile,
            |kind| !matches!(kind, Kind::Elsewhere(_)),
            own,
        ),
        permissions: permissions
            .iter()
            .filter_map(|(about, permission)| {
                let rule = state.rules.of(&site.domain, *about)?;
                Some(permission_view(*permission, rule))
            })
            .collect(),
    }
}

fn refused(rule: Option<&SiteRule>) -> Refused {
    match rule {
        None => Refused::Unknown,
        Some(rule) if rule.decided_by == DecidedBy::Policy => Refused::Policy,
        Some(rule) if rule.effective == Effective::All(Decision::Deny) => Refused::Yes,
        Some(_) => Refused::No,
    }
}

fn permission_view(permission: SitePermission, rule: &SiteRule) -> SitePermissionView {
    SitePermissionView {
        permission,
        origin: None,
        setting: match rule.effective {
            Effective::All(Decision::Deny) => SiteSetting::Deny,
            Effective::All(Decision::Allow) => SiteSetting::Allow,
            Effective::All(Decision::Ask | Decision::UntilClosed) | Effective::Differs => SiteSetting::Ask,
        },
        decided_by: match (rule.effective, rule.decided_by) {
            (Effective::Differs, _) => Some("Not the same for all of this site's addresses".to_owned()),
            (_, DecidedBy::Policy) => Some("Set by your organization".to_owned()),
            (_, DecidedBy::Rule) => Some("You, in this browser or here".to_owned()),
            (_, DecidedBy::Default) => None,
        },
    }
}

fn kinds<'a>(
    profile: &Profile,
    is: impl Fn(Kind) -> bool,
    findings: impl Iterator<Item = &'a Finding> + Clone,
) -> Vec<StoredKindView> {
    let shown = KINDS.into_iter().filter(|kind| is(*kind));
    shown
        .map(|kind| {
            let of_kind = findings.clone().filter(|finding| finding.item.kind() == kind);
            StoredKindView {
                kind: kind_word(kind),
                count: of_kind.clone().map(amount).fold(0, u32::saturating_add),
                bytes: bytes(of_kind.clone()),
                items: of_kind.map(|finding| item_view(profile, finding)).collect(),
            }
        })
        .filter(|kind| kind.count > 0)
        .collect()
}

/// How many a finding stands for: of the places where a name remains, how often it is there.
fn amount(finding: &Finding) -> u32 {
    if let Item::Elsewhere { mentions, .. } = finding.item {
        return u32::try_from(mentions).unwrap_or(u32::MAX);
    }
    1
}

pub(super) fn bytes<'a>(findings: impl Iterator<Item = &'a Finding>) -> Option<String> {
    let sizes: Vec<Bytes> = findings.filter_map(|finding| finding.size).collect();
    (!sizes.is_empty()).then(|| sizes.into_iter().sum::<Bytes>().0.to_string())
}

fn kind_word(kind: Kind) -> StoredKind {
    match kind {
        Kind::Cookie => StoredKind::Cookie,
        Kind::LocalStorage => StoredKind::LocalStorage,
        Kind::IndexedDb => StoredKind::IndexedDb,
        Kind::CacheStorage => StoredKind::CacheStorage,
        Kind::ServiceWorker => StoredKind::ServiceWorker,
        Kind::FileSystem => StoredKind::FileSystem,
        Kind::Quota => StoredKind::Quota,
        Kind::SessionStorage => StoredKind::SessionStorage,
        Kind::Elsewhere(Elsewhere::History) => StoredKind::History,
        Kind::Elsewhere(Elsewhere::SessionRestore) => StoredKind::SessionRestore,
        Kind::Elsewhere(Elsewhere::HttpCache) => StoredKind::HttpCache,
        Kind::Elsewhere(Elsewhere::Downloads) => StoredKind::Downloads,
        Kind::Elsewhere(Elsewhere::Icons) => StoredKind::Icons,
        Kind::Elsewhere(Elsewhere::Suggestions) => StoredKind::Suggestions,
    }
}

fn item_view(profile: &Profile, finding: &Finding) -> StoredItemView {
    let counted = |label: &str, count: Option<u64>| count.map(|count| (label.to_owned(), count.to_string()));
    let mut details: Vec<(String, String)> = Vec::new();
    let (mut name, mut purpose, mut evidence) = (finding.host.clone(), None, None);
    match &finding.item {
        Item::Cookie(cookie) => {
            name.clone_from(&cookie.name);
            purpose = Some(match cookie.purpose {
                Purpose::Security => CookiePurpose::Operation,
                Purpose::Statistics => CookiePurpose::Statistics,
                Purpose::Unknown => CookiePurpose::Unknown,
            });
            let fact = data::cookie_purposes().fact(&cookie.name);
            evidence = fact.map(|fact| format!("{} {}", fact.says, fact.evidence));
            details.extend(cookie_details(cookie));
        }
        Item::LocalStorage { entries } => details.extend(counted("Entries", *entries)),
        Item::IndexedDb { databases } => details.extend(counted("Databases", *databases)),
        Item::CacheStorage { caches } => details.extend(counted("Caches", *caches)),
        Item::ServiceWorker { registrations } => {
            details.extend(counted("Registrations", Some(*registrations)))
        }
        Item::FileSystem { files } => details.extend(counted("Files", *files)),
        Item::Quota { rows } => details.extend(counted("Rows", Some(*rows))),
        Item::SessionStorage { entries } => details.extend(counted("Entries", Some(*entries))),
        Item::Elsewhere { mentions, .. } => details.extend(counted("Times named", Some(*mentions))),
    }
    if let Some(site) = &finding.partition.top_site {
        details.push(("Kept apart for".to_owned(), site.clone()));
    }
    if let Some(container) = finding.partition.container {
        details.push(("Container".to_owned(), container.to_string()));
    }
    StoredItemView {
        id: finding.id(profile).as_str().to_owned(),
        name,
        host: finding.host.clone(),
        bytes: finding.size.map(|Bytes(size)| size.to_string()),
        purpose,
        evidence,
        details: details
            .into_iter()
            .map(|(label, value)| LabelledView { label, value })
            .collect(),
    }
}

fn cookie_details(cookie: &Cookie) -> Vec<(String, String)> {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let word = |yes: bool| Some(if yes { "Yes" } else { "No" }.to_owned());
    let same_site = match cookie.same_site {
        SameSite::Unset => "The browser decides",
        SameSite::None => "Sent from every site",
        SameSite::Lax => "Sent when you follow a link",
        SameSite::Strict => "Sent within the site only",
    };
    let all = [
        ("Path", Some(cookie.path.clone())),
        ("First set", time(cookie.created)),
        ("Last sent", time(cookie.last_used)),
        (
            "Ends",
            time(cookie.expires).or_else(|| Some("When the browser is closed".to_owned())),
        ),
        ("Encrypted connections only", word(cookie.secure)),
        ("Hidden from scripts", word(cookie.http_only)),
        ("From other sites", Some(same_site.to_owned())),
    ];
    all.into_iter()
        .filter_map(|(label, value)| Some((label.to_owned(), value?)))
        .collect()
}
