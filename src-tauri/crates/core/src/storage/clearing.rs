//! What to clear: from a choice to a plan, over what was seen. Nothing is removed here; the plan is the preview.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bytes, Cookie, Elsewhere, Family, Finding, FindingId, Item, Kind, Loss, Profile, Purpose, Seen};
use crate::data;

/// What a person wants cleared. Choices add up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// Everything that sites keep: of one site (by domain), or of all. Never what lies [`Elsewhere`].
    Everything {
        /// The site's domain; `None` for all of DingTalk's.
        site: Option<String>,
    },
    /// One kind, which may lie [`Elsewhere`]: of one site (by domain), or of all. What is made of the history goes with
    /// it.
    Kind {
        /// The site's domain; `None` for all of DingTalk's.
        site: Option<String>,
        /// The kind.
        kind: Kind,
    },
    /// Cookies that are likely for a purpose: of one site (by domain), or of all.
    Purpose {
        /// The site's domain; `None` for all of DingTalk's.
        site: Option<String>,
        /// The purpose.
        purpose: Purpose,
    },
    /// One item.
    Item(FindingId),
}

/// What would be removed, what is lost by it, and what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The profile it is for.
    pub profile: Profile,
    /// What goes, in the order it was listed.
    pub findings: Vec<Finding>,
    /// What the person loses by it, the gravest first, each once a site.
    pub losses: Vec<Loss>,
    /// What was chosen and stays all the same, or wasn't chosen and goes on naming DingTalk.
    pub left: Vec<Left>,
}

/// Something that stays.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// Its kind.
    pub kind: Kind,
    /// How many findings of that kind stay.
    pub count: usize,
    /// Why.
    pub why: Why,
}

/// Why something stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It wasn't chosen. It may be.
    NotChosen,
    /// It was chosen, and the browser still needs it for what stays beside it.
    Needed,
    /// It was chosen, and is part of the history, which wasn't.
    WithHistory,
}

impl Plan {
    /// What these choices mean for what was seen.
    ///
    /// The browser's own rows about an origin go with the last thing the origin keeps, never before. In Firefox a
    /// service worker's script lies in the origin's kept responses, so it goes with them.
    pub fn new(seen: &Seen, choices: &[Choice]) -> Self {
        let family = seen.profile.family;
        let mut chosen: Vec<bool> = seen
            .findings
            .iter()
            .map(|finding| choices.iter().any(|choice| choice.holds(finding, seen)))
            .collect();
        if family == Family::Firefox {
            let caches = part_of(seen, &chosen, |kind| kind == Kind::CacheStorage);
            for (finding, chosen) in seen.findings.iter().zip(&mut chosen) {
                *chosen |= finding.item.kind() == Kind::ServiceWorker && caches.contains(&part(finding));
            }
        }
        // Firefox keeps them as notes on the pages of its history.
        let with_history = |finding: &Finding| {
            let history = Kind::Elsewhere(Elsewhere::History);
            choices.iter().any(|choice| match choice {
                Choice::Kind { site, kind } => {
                    *kind == history && site.as_ref().is_none_or(|site| *site == finding.site)
                }
                Choice::Everything { .. } | Choice::Purpose { .. } | Choice::Item(_) => false,
            })
        };
        let mut left: BTreeMap<(Kind, Why), usize> = BTreeMap::new();
        let staying: Vec<bool> = chosen.iter().map(|chosen| !chosen).collect();
        let staying = part_of(seen, &staying, uses_quota);
        let mut findings = Vec::new();
        for (finding, chosen) in seen.findings.iter().zip(chosen) {
            let kind = finding.item.kind();
            let why = match (chosen, kind) {
                (false, _) => Some(Why::NotChosen),
                (true, Kind::Quota) if staying.contains(&part(finding)) => Some(Why::Needed),
                (true, Kind::Elsewhere(Elsewhere::Downloads))
                    if family == Family::Firefox && !with_history(finding) =>
                {
                    Some(Why::WithHistory)
                }
                (true, _) => None,
            };
            match why {
                Some(why) => *left.entry((kind, why)).or_default() += 1,
                None => findings.push(finding.clone()),
            }
        }
        let losses = Loss::of(&findings);
        let left = left
            .into_iter()
            .map(|((kind, why), count)| Left { kind, count, why });
        Plan {
            profile: seen.profile.clone(),
            losses,
            left: left.collect(),
            findings,
        }
    }

    /// How many findings of each kind go, and their size together.
    pub fn counts(&self) -> BTreeMap<Kind, (usize, Bytes)> {
        let mut counts: BTreeMap<Kind, (usize, Bytes)> = BTreeMap::new();
        for finding in &self.findings {
            let (count, Bytes(size)) = counts.entry(finding.item.kind()).or_default();
            *count += 1;
            *size = size.saturating_add(finding.size.unwrap_or_default().0);
        }
        counts
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }
}

impl Left {
    /// Why it stays, in a sentence; `None` where it just wasn't chosen.
    pub fn says(&self) -> Option<String> {
        let count = self.count;
        let says = match (self.kind, self.why) {
            (_, Why::WithHistory) => {
                "This browser keeps its list of downloads in its history, and they go only together.".to_owned()
            }
            (
                Kind::Elsewhere(
                    Elsewhere::History | Elsewhere::Downloads | Elsewhere::Icons | Elsewhere::Suggestions,
                ),
                _,
            ) => "Your history goes on naming these sites, with the downloads, icons and suggestions in it.".to_owned(),
            (Kind::Elsewhere(Elsewhere::SessionRestore), _) => {
                "Tabs of these sites that the browser opens again stay, with what they keep. You may still be signed in there.".to_owned()
            }
            (Kind::Elsewhere(Elsewhere::HttpCache), _) => "Copies of pages in the browser's cache stay.".to_owned(),
            (_, Why::Needed) => {
                format!("{count} of the browser's own notes about these sites stay: it needs them for what isn't cleared.")
            }
            (_, Why::NotChosen) => return None,
        };
        Some(says)
    }
}

impl Choice {
    fn holds(&self, finding: &Finding, seen: &Seen) -> bool {
        let of_site = |site: &Option<String>| site.as_ref().is_none_or(|site| *site == finding.site);
        match self {
            Choice::Everything { site } => {
                of_site(site) && !matches!(finding.item.kind(), Kind::Elsewhere(_))
            }
            Choice::Kind { site, kind } => of_site(site) && finding.item.kind().goes_with(*kind),
            Choice::Purpose { site, purpose } => {
                of_site(site) && matches!(&finding.item, Item::Cookie(cookie) if cookie.purpose == *purpose)
            }
            Choice::Item(id) => finding.id(&seen.profile) == *id,
        }
    }
}

fn signs_in(cookie: &Cookie) -> bool {
    data::cookie_purposes()
        .fact(&cookie.name)
        .is_some_and(|fact| fact.signs_in)
}

impl Loss {
    /// What a person loses with these findings.
    fn of(findings: &[Finding]) -> Vec<Loss> {
        let mut losses = BTreeSet::new();
        for finding in findings {
            let site = finding.site.clone();
            losses.insert(match &finding.item {
                Item::Cookie(cookie) => match cookie.purpose {
                    Purpose::Security if signs_in(cookie) => Loss::SignedOut { site },
                    Purpose::Statistics => Loss::Recognition { site },
                    // A load balancer's, a forgery token: a session may hang on it, and nobody says so.
                    Purpose::Security | Purpose::Unknown => Loss::PerhapsSignedOut { site },
                },
                Item::LocalStorage { .. } => Loss::Settings { site },
                Item::IndexedDb { .. } | Item::FileSystem { .. } => Loss::KeptData { site },
                Item::CacheStorage { .. } | Item::ServiceWorker { .. } => Loss::Offline { site },
                Item::SessionStorage { .. } => Loss::OpenWork { site },
                Item::Elsewhere {
                    place: Elsewhere::SessionRestore,
                    ..
                } => Loss::OpenWork { site },
                Item::Elsewhere {
                    place: Elsewhere::History | Elsewhere::Suggestions,
                    ..
                } => Loss::Visited { site },
                Item::Elsewhere {
                    place: Elsewhere::Downloads,
                    ..
                } => Loss::Downloads { site },
                Item::Elsewhere {
                    place: Elsewhere::HttpCache,
                    ..
                } => Loss::Faster { site },
                // The browser's own, nothing a person would miss. It fetches icons again.
                Item::Quota { .. }
                | Item::Elsewhere {
                    place: Elsewhere::Icons,
                    ..
                } => continue,
            });
        }
        let sure: Vec<String> = losses
            .iter()
            .filter_map(|loss| match loss {
                Loss::SignedOut { site } => Some(site.clone()),
                Loss::PerhapsSignedOut { .. }
                | Loss::Settings { .. }
                | Loss::KeptData { .. }
                | Loss::Offline { .. }
                | Loss::OpenWork { .. }
                | Loss::Visited { .. }
                | Loss::Downloads { .. }
                | Loss::Recognition { .. }
                | Loss::Faster { .. } => None,
            })
            .collect();
        for site in sure {
            losses.remove(&Loss::PerhapsSignedOut { site });
        }
        losses.into_iter().collect()
    }
}

/// An origin, or a cookie's host, in one part of the storage.
fn part(finding: &Finding) -> (&str, &str) {
    let origin = finding.origin.as_deref().unwrap_or(&finding.host);
    (origin, &finding.partition.raw)
}

/// The parts that have a marked finding of such a kind.
fn part_of<'a>(seen: &'a Seen, marked: &[bool], of: impl Fn(Kind) -> bool) -> BTreeSet<(&'a str, &'a str)> {
    let pairs = seen.findings.iter().zip(marked);
    pairs
        .filter(|(finding, marked)| **marked && of(finding.item.kind()))
        .map(|(finding, _)| part(finding))
        .collect()
}

/// Whether the browser counts such things in its rows about an origin.
fn uses_quota(kind: Kind) -> bool {
    match kind {
        Kind::LocalStorage
        | Kind::IndexedDb
        | Kind::CacheStorage
        | Kind::ServiceWorker
        | Kind::FileSystem => true,
        Kind::Cookie | Kind::Quota | Kind::SessionStorage | Kind::Elsewhere(_) => false,
    }
}
