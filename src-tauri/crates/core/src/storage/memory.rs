//! What is remembered of earlier looks, to tell at a later one that rules vanished or cookies came back.
//!
//! Only counts and times are kept, by profile and site: no cookie's name, no host, no value.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{About, DecidedBy, Decision, Effective, Item, Rules, Seen};

/// What was done, and what was there after it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// By profile and site, each once.
    remembered: Vec<Remembered>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Remembered {
    profile: PathBuf,
    site: String,
    /// When the site was refused, if it is to be.
    refused: Option<Timestamp>,
    cleared: Option<Cleared>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cleared {
    at: Timestamp,
    /// What stayed, by choice or because it couldn't go.
    left: Counts,
}

/// How much a site keeps in a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Cookies.
    pub cookies: u64,
    /// Everything else of the site's: local storage, databases, caches, each by origin. Where else its name remains
    /// isn't counted.
    pub other: u64,
}

impl Counts {
    /// What a look showed of a site.
    pub fn of(seen: &Seen, site: &str) -> Self {
        let mut counts = Counts::default();
        for finding in seen.findings.iter().filter(|finding| finding.site == site) {
            match &finding.item {
                Item::Cookie(_) => counts.cookies += 1,
                Item::LocalStorage { .. }
                | Item::IndexedDb { .. }
                | Item::CacheStorage { .. }
                | Item::ServiceWorker { .. }
                | Item::FileSystem { .. }
                | Item::SessionStorage { .. } => counts.other += 1,
                // The browser's own notes, not the site's.
                Item::Quota { .. } | Item::Elsewhere { .. } => {}
            }
        }
        counts
    }
}

/// What a look showed that a person wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// The site was refused, and the browser refuses it no longer.
    RuleVanished {
        /// The profile's folder.
        profile: PathBuf,
        /// The site.
        site: String,
        /// When it was refused.
        refused: Timestamp,
        /// What the browser does now.
        now: Effective,
        /// Whose word that is.
        decided_by: DecidedBy,
    },
    /// The site was cleared, and keeps something again.
    CameBack {
        /// The profile's folder.
        profile: PathBuf,
        /// The site.
        site: String,
        /// How much more than was left.
        more: Counts,
        /// Since when: the time of the clearing.
        since: Timestamp,
        /// The browser refuses the site now, so no more will come.
        refused_now: bool,
    },
}

impl Memory {
    /// Remembers that a site is refused from now on.
    pub fn refused(&mut self, profile: &Path, site: &str, now: Timestamp) {
        self.entry(profile, site).refused = Some(now);
    }

    /// Remembers that a site may keep cookies again: nothing is reported as vanished.
    pub fn allowed(&mut self, profile: &Path, site: &str) {
        self.entry(profile, site).refused = None;
    }

    /// Remembers that a site was cleared, with what a look showed right after.
    pub fn cleared(&mut self, profile: &Path, site: &str, left: Counts, now: Timestamp) {
        self.entry(profile, site).cleared = Some(Cleared { at: now, left });
    }

    /// Forgets the clearing of a site: what was removed was put back.
    pub fn restored(&mut self, profile: &Path, site: &str) {
        self.entry(profile, site).cleared = None;
    }

    fn entry(&mut self, profile: &Path, site: &str) -> &mut Remembered {
        let is = |known: &Remembered| known.profile == profile && known.site == site;
        let at = self.remembered.iter().position(is).unwrap_or_else(|| {
            self.remembered.push(Remembered {
                profile: profile.to_owned(),
                site: site.to_owned(),
                refused: None,
                cleared: None,
            });
            self.remembered.len() - 1
        });
        &mut self.remembered[at]
    }

    /// Compares what is remembered of a profile with what a look shows. What couldn't be read is never reported as
    /// vanished.
    pub fn reports(&self, seen: &Seen, rules: &Rules) -> Vec<Report> {
        let profile = &rules.profile.path;
        let mut reports = Vec::new();
        for known in self.remembered.iter().filter(|known| known.profile == *profile) {
            let now = rules.of(&known.site, About::Cookies);
            if let (Some(refused), Some(now)) = (known.refused, now)
                && now.effective != Effective::All(Decision::Deny)
            {
                reports.push(Report::RuleVanished {
                    profile: profile.clone(),
                    site: known.site.clone(),
                    refused,
                    now: now.effective,
                    decided_by: now.decided_by,
                });
            }
            if seen.profile.path == *profile
                && let Some(cleared) = known.cleared
            {
                let counts = Counts::of(seen, &known.site);
                let more = Counts {
                    cookies: counts.cookies.saturating_sub(cleared.left.cookies),
                    other: counts.other.saturating_sub(cleared.left.other),
                };
                if more != Counts::default() {
                    reports.push(Report::CameBack {
                        profile: profile.clone(),
                        site: known.site.clone(),
                        more,
                        since: cleared.at,
                        refused_now: now.is_some_and(|now| now.effective == Effective::All(Decision::Deny)),
                    });
                }
            }
        }
        reports
    }
}
