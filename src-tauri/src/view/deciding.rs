//! From what the window chose about browsers to what the engine is asked, and what that would do.

use settings_privacy_core::storage::{
    About, Choice, Decision, Elsewhere, Finding, FindingId, Kind, Plan, Purpose, once,
};
use settings_privacy_engine::{Clearing, ProfileId};

use super::browsers::*;
use super::browsing::{bytes, number};

/// What clearing would do, over all profiles it touches. `open` are the browsers to be closed first.
pub fn clear_preview(plans: &[Plan], open: &[&'static str]) -> ClearPreview {
    let findings = || plans.iter().flat_map(|plan| &plan.findings);
    let losses = plans.iter().flat_map(|plan| &plan.losses).map(|loss| loss.says());
    let stays = plans.iter().flat_map(Plan::stays);
    ClearPreview {
        count: number(findings().count()),
        bytes: bytes(findings()),
        losses: once(losses),
        stays: once(stays),
        closing: open.iter().map(|name| (*name).to_owned()).collect(),
        backup: {
            let cached = |finding: &Finding| finding.item.kind() == Kind::Elsewhere(Elsewhere::HttpCache);
            match (findings().any(cached), findings().all(cached)) {
                (false, _) => BackupExtent::Whole,
                (true, false) => BackupExtent::ButCache,
                (true, true) => BackupExtent::None,
            }
        },
    }
}

/// What the window chose, for the engine.
pub fn clearing(choice: ClearChoice) -> Clearing {
    let ClearChoice {
        profile,
        site,
        kind,
        item,
        purpose,
        elsewhere,
    } = choice;
    // The narrowest that was said counts: cookies of a purpose are named with their kind.
    let mut choices = vec![match (item, purpose, kind) {
        (Some(item), _, _) => Choice::Item(FindingId::from_text(item)),
        (None, Some(purpose), _) => Choice::Purpose {
            site: site.clone(),
            purpose: match purpose {
                CookiePurpose::Operation => Purpose::Security,
                CookiePurpose::Statistics => Purpose::Statistics,
                CookiePurpose::Unknown => Purpose::Unknown,
            },
        },
        (None, None, Some(kind)) => Choice::Kind {
            site: site.clone(),
            kind: kind_of(kind),
        },
        (None, None, None) => Choice::Everything { site: site.clone() },
    }];
    choices.extend(elsewhere.into_iter().map(|place| Choice::Kind {
        site: site.clone(),
        kind: Kind::Elsewhere(match place {
            NamedElsewhere::History => Elsewhere::History,
            NamedElsewhere::SessionRestore => Elsewhere::SessionRestore,
            NamedElsewhere::HttpCache => Elsewhere::HttpCache,
        }),
    }));
    Clearing {
        profile: profile.map(ProfileId::from_text),
        choices,
    }
}

/// What the window set, for the engine.
pub fn about(permission: SitePermission) -> About {
    match permission {
        SitePermission::Camera => About::Camera,
        SitePermission::Microphone => About::Microphone,
        SitePermission::Location => About::Location,
        SitePermission::Notifications => About::Notifications,
    }
}

/// What the window set, for the engine.
pub fn decision(setting: SiteSetting) -> Decision {
    match setting {
        SiteSetting::Allow => Decision::Allow,
        SiteSetting::Ask => Decision::Ask,
        SiteSetting::Deny => Decision::Deny,
    }
}

fn kind_of(word: StoredKind) -> Kind {
    match word {
        StoredKind::Cookie => Kind::Cookie,
        StoredKind::LocalStorage => Kind::LocalStorage,
        StoredKind::IndexedDb => Kind::IndexedDb,
        StoredKind::CacheStorage => Kind::CacheStorage,
        StoredKind::ServiceWorker => Kind::ServiceWorker,
        StoredKind::FileSystem => Kind::FileSystem,
        StoredKind::Quota => Kind::Quota,
        StoredKind::SessionStorage => Kind::SessionStorage,
        StoredKind::History => Kind::Elsewhere(Elsewhere::History),
        StoredKind::SessionRestore => Kind::Elsewhere(Elsewhere::SessionRestore),
        StoredKind::HttpCache => Kind::Elsewhere(Elsewhere::HttpCache),
        StoredKind::Downloads => Kind::Elsewhere(Elsewhere::Downloads),
        StoredKind::Icons => Kind::Elsewhere(Elsewhere::Icons),
        StoredKind::Suggestions => Kind::Elsewhere(Elsewhere::Suggestions),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All cookies, with nothing narrower said.
    fn cookies() -> ClearChoice {
        ClearChoice {
            profile: None,
            site: Some("dingtalk.com".to_owned()),
            kind: Some(StoredKind::Cookie),
            item: None,
            purpose: None,
            elsewhere: Vec::new(),
        }
    }

    #[test]
    fn the_narrowest_choice_counts() {
        let site = || Some("dingtalk.com".to_owned());
        let statistics = ClearChoice {
            purpose: Some(CookiePurpose::Statistics),
            ..cookies()
        };
        let one = ClearChoice {
            item: Some("one".to_owned()),
            ..statistics.clone()
        };
        let kind = Kind::Cookie;
        let purpose = Purpose::Statistics;
        let cases = [
            (cookies(), Choice::Kind { site: site(), kind }),
            (
                statistics,
                Choice::Purpose {
                    site: site(),
                    purpose,
                },
            ),
            (one, Choice::Item(FindingId::from_text("one"))),
        ];
        for (choice, expected) in cases {
            assert_eq!(clearing(choice).choices, [expected]);
        }
    }

    #[test]
    fn of_where_else_a_site_is_named_only_what_was_asked_for_goes() {
        let also = |elsewhere: &[NamedElsewhere]| {
            let choice = ClearChoice {
                elsewhere: elsewhere.to_vec(),
                ..cookies()
            };
            clearing(choice).choices.split_off(1)
        };
        let of = |place| Choice::Kind {
            site: Some("dingtalk.com".to_owned()),
            kind: Kind::Elsewhere(place),
        };
        assert_eq!(also(&[]), []);
        let asked = [NamedElsewhere::HttpCache, NamedElsewhere::History];
        assert_eq!(also(&asked), [of(Elsewhere::HttpCache), of(Elsewhere::History)]);
        assert_eq!(
            also(&[NamedElsewhere::SessionRestore]),
            [of(Elsewhere::SessionRestore)]
        );
    }
}
