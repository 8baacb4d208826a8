//! What a profile's files say, in one shape for both families, and what has to change in them.

use std::collections::BTreeMap;

use settings_privacy_core::storage::{
    About, Covers, Decision, Entry, Family, Rule, RulesBefore, Site, is_in_the_way, needs_a_rule,
};

/// A rule for one of DingTalk's sites, as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) site: String,
    pub(super) about: About,
    pub(super) entry: Entry,
    /// What it means; `None` when that isn't known.
    pub(super) rule: Option<Rule>,
}

/// What one profile says.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    pub(super) written: Vec<Written>,
    /// What the browser does with every site that has no rule, where that was changed.
    pub(super) defaults: BTreeMap<About, Decision>,
    /// Hosts the profile knows, for what is kept by host.
    pub(super) hosts: Vec<String>,
}

impl Told {
    pub(super) fn default_of(&self, about: About) -> Decision {
        let built_in = match about {
            About::Cookies => Decision::Allow,
            About::Camera | About::Microphone | About::Location | About::Notifications => Decision::Ask,
        };
        self.defaults.get(&about).copied().unwrap_or(built_in)
    }

    pub(super) fn of(&self, site: &str, about: About) -> impl Iterator<Item = &Written> {
        self.written
            .iter()
            .filter(move |written| written.site == site && written.about == about)
    }

    /// The rules that cover a site together: Chromium has one for a domain, Firefox one for each scheme for cookies,
    /// and one for each host for everything else.
    pub(super) fn bases(&self, family: Family, site: &Site, about: About) -> Vec<Covers> {
        match (family, about) {
            (Family::Chromium, _) => vec![Covers::Domain(site.domain.clone())],
            (Family::Firefox, About::Cookies) => ["https", "http"]
                .map(|scheme| Covers::AddressAndBelow(format!("{scheme}://{}", site.domain)))
                .to_vec(),
            (Family::Firefox, About::Camera | About::Microphone | About::Location | About::Notifications) => {
                let known = self.hosts.iter().filter(|host| {
                    host.strip_suffix(site.domain.as_str())
                        .is_some_and(|before| before.ends_with('.'))
                });
                let mut hosts: Vec<&String> = [&site.domain]
                    .into_iter()
                    .chain(&site.hosts)
                    .chain(known)
                    .collect();
                hosts.sort();
                hosts.dedup();
                let address = |host: &String| Covers::Address(format!("https://{host}"));
                hosts.into_iter().map(address).collect()
            }
        }
    }
}

/// A change of the rules of one site about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// The browser shall do this.
    To(Decision),
    /// What was there shall be there again; of what was changed since `after`, only what was ours goes.
    Back {
        before: RulesBefore,
        after: Option<RulesBefore>,
    },
    /// Nothing: only what is there is told.
    Look,
}

/// What goes and what comes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) remove: Vec<Entry>,
    pub(super) add: Vec<(Covers, Decision)>,
    pub(super) put_back: Vec<Entry>,
}

impl Edit {
    /// Every rule that says otherwise goes, more particular ones too: a browser would follow them first.
    pub(super) fn plan(change: &Change, told: &Told, family: Family, site: &Site, about: About) -> Self {
        let there: Vec<&Written> = told.of(&site.domain, about).collect();
        let wanted = match change {
            Change::To(wanted) => *wanted,
            Change::Look => return Self::default(),
            Change::Back { before, after } => {
                let there = there.iter().map(|written| written.entry.clone()).collect();
                return Self::back(there, before, after.as_ref());
            }
        };
        let stays = |written: &&Written| {
            let rule = written.rule.as_ref();
            rule.is_some_and(|rule| !rule.ends && !is_in_the_way(about, wanted, rule.decision))
        };
        let (kept, gone): (Vec<&Written>, Vec<&Written>) = there.into_iter().partition(stays);
        let covered = |base: &Covers| {
            let mut rules = kept.iter().filter_map(|written| written.rule.as_ref());
            rules.any(|rule| rule.covers == *base && !rule.only_sometimes)
        };
        let mut bases = match needs_a_rule(about, wanted, told.default_of(about)) {
            true => told.bases(family, site, about),
            false => Vec::new(),
        };
        if wanted == Decision::Deny {
            // Pages without encryption get none of this on the open network, but a browser may be told otherwise.
            let plain = |base: &Covers| match base {
                Covers::Address(address) => Some(Covers::Address(format!(
                    "http://{}",
                    address.strip_prefix("https://")?
                ))),
                Covers::Domain(_) | Covers::AddressAndBelow(_) => None,
            };
            bases.extend(bases.iter().filter_map(plain).collect::<Vec<_>>());
        }
        Self {
            remove: gone.into_iter().map(|written| written.entry.clone()).collect(),
            add: bases
                .into_iter()
                .filter(|base| !covered(base))
                .map(|base| (base, wanted))
                .collect(),
            put_back: Vec::new(),
        }
    }

    /// Takes a change back. Somebody may have decided otherwise in the browser since: that stays.
    fn back(there: Vec<Entry>, before: &RulesBefore, after: Option<&RulesBefore>) -> Self {
        let untouched = |after: &RulesBefore| {
            let same = |one: &[Entry], other: &[Entry]| one.iter().all(|entry| other.contains(entry));
            same(&there, &after.entries) && same(&after.entries, &there)
        };
        let Some(after) = after.filter(|after| !untouched(after)) else {
            return Self {
                remove: there,
                add: Vec::new(),
                put_back: before.entries.clone(),
            };
        };
        let ours = |entry: &Entry| after.entries.contains(entry) && !before.entries.contains(entry);
        let (remove, stays): (Vec<Entry>, Vec<Entry>) = there.into_iter().partition(ours);
        let in_the_way = |entry: &Entry| stays.iter().any(|other| other.covers_as(entry));
        let put_back = before.entries.iter();
        Self {
            remove,
            add: Vec::new(),
            put_back: put_back
                .filter(|entry| !after.entries.contains(entry) && !in_the_way(entry))
                .cloned()
                .collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
