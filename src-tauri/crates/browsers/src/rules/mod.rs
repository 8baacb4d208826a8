//! What a browser itself decides for DingTalk's sites: read, changed, and put back.
//!
//! Firefox keeps its rules in `permissions.sqlite`, Chromium in `Preferences`. A change is made while the browser is
//! closed, all of it or nothing, touches no rule of another site or about another thing, and is read back: what is
//! returned is what the files say afterwards. Browsers refuse by site, not by a cookie's name.

mod chromium;
mod error;
mod firefox;
mod json_text;
mod policy;
mod replace;
mod written;

use jiff::Timestamp;
use settings_privacy_core::storage::{
    About, DecidedBy, Decision, Effective, Family, Problem, Profile, Rule, Rules, RulesBefore, Site,
    SiteRule, Sites, is_in_the_way, weigh,
};

pub use error::RuleError;

use crate::browsers::{Browsers, blocking};
use crate::closed::closed;
use crate::copy;
use crate::error::ReadError;
use policy::Policy;
use written::{Change, Told};

/// What a change came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleChange {
    /// What was there before, for [`Browsers::put_back`].
    pub before: RulesBefore,
    /// What the browser decides now, as read back.
    pub observed: Rules,
}

impl Browsers {
    /// What a profile's browser decides for each site, about each thing: its own rules, also those that somebody set in
    /// the browser, and an administrator's policies. It never fails as a whole.
    pub async fn rules(&self, profile: &Profile, sites: &Sites, now: Timestamp) -> Rules {
        let running = self.running(profile).await;
        let policy = self.policy(profile, sites).await;
        let mut problems = policy.problems.clone();
        let told = match profile.family {
            Family::Firefox => self.firefox_told(profile, sites, now).await,
            Family::Chromium => {
                let (of, sites) = (profile.clone(), sites.clone());
                let told = blocking(move || chromium::told(&of, &sites)).await;
                told.map(|told| (told, None))
            }
        };
        let decisions = match told {
            Ok((told, newer)) => {
                problems.extend(newer.as_ref().map(problem));
                decisions(profile.family, sites, &told, &policy)
            }
            Err(error) => {
                problems.push(problem(&error));
                Vec::new()
            }
        };
        Rules {
            profile: profile.clone(),
            running,
            decisions,
            problems,
        }
    }

    /// Makes the browser refuse a site's cookies and storage, with everything below its domain.
    ///
    /// # Errors
    /// As for [`decide`](Self::decide).
    pub async fn refuse(
        &self,
        profile: &Profile,
        sites: &Sites,
        site: &str,
        now: Timestamp,
    ) -> Result<RuleChange, RuleError> {
        self.decide(profile, sites, (site, About::Cookies), Decision::Deny, now)
            .await
    }

    /// Takes a refusal back: no rule of the profile refuses the site any longer. What the browser does with every site
    /// counts then.
    ///
    /// # Errors
    /// As for [`decide`](Self::decide).
    pub async fn allow(
        &self,
        profile: &Profile,
        sites: &Sites,
        site: &str,
        now: Timestamp,
    ) -> Result<RuleChange, RuleError> {
        self.decide(profile, sites, (site, About::Cookies), Decision::Allow, now)
            .await
    }

    /// Makes the browser decide so for a site about one thing. `site` is a domain of `sites`. The browser must be closed.
    ///
    /// # Errors
    /// When the browser is open, an administrator's policy decides, or the profile can't be read or written: then it is
    /// as it was. [`RuleError::StartedMeanwhile`] and [`RuleError::NotTaken`] say what is uncertain.
    pub async fn decide(
        &self,
        profile: &Profile,
        sites: &Sites,
        (site, about): (&str, About),
        decision: Decision,
        now: Timestamp,
    ) -> Result<RuleChange, RuleError> {
        self.may_decide(profile, sites, (site, about)).await?;
        let before = self
            .change(profile, sites, (site, about), Change::To(decision), now)
            .await?;
        let observed = self.rules(profile, sites, now).await;
        let taken = observed
            .of(site, about)
            .is_some_and(|rule| match (about, decision) {
                // What the browser does with every site may be something else.
                (About::Cookies, Decision::Allow) | (_, Decision::Ask) => {
                    let in_the_way = |rule: &Rule| is_in_the_way(about, decision, rule.decision);
                    !rule.rules.iter().any(in_the_way)
                }
                (_, Decision::Allow | Decision::UntilClosed | Decision::Deny) => {
                    rule.effective == Effective::All(decision)
                }
            });
        match taken {
            true => Ok(RuleChange { before, observed }),
            false => Err(RuleError::NotTaken {
                file: file(profile).to_owned(),
            }),
        }
    }

    /// Says that a person may decide for a site about one thing. It asks nothing of the browser, which may be open.
    ///
    /// # Errors
    /// When an administrator's policy decides: [`RuleError::Policy`].
    pub async fn may_decide(
        &self,
        profile: &Profile,
        sites: &Sites,
        (site, about): (&str, About),
    ) -> Result<(), RuleError> {
        match self.policy(profile, sites).await.decides(site, about) {
            true => Err(RuleError::Policy {
                browser: profile.browser.name(),
            }),
            false => Ok(()),
        }
    }

    /// The rules of a site about one thing, as the browser wrote them: what [`put_back`](Self::put_back) needs. To be kept
    /// before [`decide`](Self::decide), and taken again after it. The browser must be closed; nothing is changed.
    ///
    /// # Errors
    /// As for [`decide`](Self::decide).
    pub async fn rules_before(
        &self,
        profile: &Profile,
        sites: &Sites,
        of: (&str, About),
        now: Timestamp,
    ) -> Result<RulesBefore, RuleError> {
        self.change(profile, sites, of, Change::Look, now).await
    }

    /// Puts the rules of a site about one thing back as they were before a change. With what was there right after it, a
    /// rule that somebody made or changed in the browser since stays. The browser must be closed.
    ///
    /// # Errors
    /// As for [`decide`](Self::decide).
    pub async fn put_back(
        &self,
        profile: &Profile,
        sites: &Sites,
        before: &RulesBefore,
        after: Option<&RulesBefore>,
        now: Timestamp,
    ) -> Result<RuleChange, RuleError> {
        let of = (before.site.as_str(), before.about);
        let back = Change::Back {
            before: before.clone(),
            after: after.cloned(),
        };
        let undone = self.change(profile, sites, of, back, now).await?;
        Ok(RuleChange {
            before: undone,
            observed: self.rules(profile, sites, now).await,
        })
    }

    async fn change(
        &self,
        profile: &Profile,
        sites: &Sites,
        (site, about): (&str, About),
        change: Change,
        now: Timestamp,
    ) -> Result<RulesBefore, RuleError> {
        let known = sites.sites.iter().find(|known| known.domain == site);
        let known = known.cloned().ok_or_else(|| RuleError::NotASite {
            site: site.to_owned(),
        })?;
        let (places, of) = (self.places.clone(), profile.clone());
        let guard = blocking(move || closed(&places, &of)).await?;
        let (guard, before) = match profile.family {
            Family::Firefox => {
                let before = firefox::change(profile, &guard, sites, (&known, about), &change, now).await?;
                (guard, before)
            }
            Family::Chromium => {
                let (of, sites) = (profile.clone(), sites.clone());
                blocking(move || {
                    let before = chromium::change(&of, &guard, &sites, (&known, about), &change, now);
                    before.map(|before| (guard, before))
                })
                .await?
            }
        };
        let browser = profile.browser.name();
        blocking(move || guard.still())
            .await
            .map_err(|_| RuleError::StartedMeanwhile { browser })?;
        Ok(before)
    }

    async fn policy(&self, profile: &Profile, sites: &Sites) -> Policy {
        let (places, of, sites) = (self.places.clone(), profile.clone(), sites.clone());
        blocking(move || policy::told(&places, &of, &sites)).await
    }

    async fn firefox_told(
        &self,
        profile: &Profile,
        sites: &Sites,
        now: Timestamp,
    ) -> Result<(Told, Option<ReadError>), ReadError> {
        let running = self.running(profile).await;
        let below = self.places.scratch.clone();
        let scratch = blocking(move || copy::scratch(&below)).await;
        let scratch = scratch.map_err(|error| ReadError::io("permissions.sqlite", error))?;
        let told = firefox::told(profile, running, scratch.path(), sites, now).await;
        blocking(move || drop(scratch)).await;
        told
    }
}

fn file(profile: &Profile) -> &'static str {
    match profile.family {
        Family::Firefox => "permissions.sqlite",
        Family::Chromium => "Preferences",
    }
}

fn problem(error: &ReadError) -> Problem {
    error.problem(&[])
}

fn decisions(family: Family, sites: &Sites, told: &Told, policy: &Policy) -> Vec<SiteRule> {
    let of = |site: &Site, about: About| {
        let own: Vec<Rule> = told
            .of(&site.domain, about)
            .filter_map(|written| written.rule.clone())
            .collect();
        let bases = told.bases(family, site, about);
        let (effective, decided_by) = match policy.decides(&site.domain, about) {
            true => {
                let above: Vec<Rule> = policy.of(&site.domain, about).cloned().collect();
                let default = policy.defaults.get(&about).copied();
                // Beside the administrator's rules the person's own count, except before Chromium's default from above.
                let rules: Vec<Rule> = match (default, family) {
                    (Some(_), Family::Chromium) => above,
                    (Some(_), Family::Firefox) | (None, _) => {
                        above.into_iter().chain(own.iter().cloned()).collect()
                    }
                };
                let default = default.unwrap_or_else(|| told.default_of(about));
                (weigh(default, &rules, &bases).0, DecidedBy::Policy)
            }
            false => weigh(told.default_of(about), &own, &bases),
        };
        SiteRule {
            site: site.domain.clone(),
            about,
            effective,
            decided_by,
            rules: own,
        }
    };
    let each = sites.sites.iter();
    each.flat_map(|site| About::ALL.map(|about| of(site, about)))
        .collect()
}
