//! What a choice means.

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

fn profile(browser: Browser) -> Profile {
    Profile {
        family: browser.family(),
        browser,
        channel: Channel::Unsaid,
        path: PathBuf::from("/p"),
        root: PathBuf::from("/p"),
        cache: None,
        name: "mine".to_owned(),
        default: true,
        packaging: Packaging::Plain,
    }
}

fn cookie(name: &str, host: &str, purpose: Purpose) -> Item {
    Item::Cookie(Cookie {
        name: name.to_owned(),
        host: host.to_owned(),
        path: "/".to_owned(),
        created: None,
        last_used: None,
        expires: None,
        secure: true,
        http_only: true,
        same_site: SameSite::Lax,
        purpose,
    })
}

fn finding(site: &str, item: Item) -> Finding {
    let origin = !matches!(item, Item::Cookie(_));
    Finding {
        site: site.to_owned(),
        because: Because::Host,
        host: site.to_owned(),
        origin: origin.then(|| format!("https://{site}")),
        partition: Partition::default(),
        place: Place::Within(PathBuf::from(format!("/p/{:?}", item.kind()))),
        size: Some(Bytes(10)),
        item,
    }
}

fn elsewhere(place: Elsewhere) -> Item {
    Item::Elsewhere { place, mentions: 2 }
}

fn everything(browser: Browser) -> Seen {
    let site = "dingtalk.com";
    Seen {
        profile: profile(browser),
        running: Running::No,
        findings: vec![
            finding(site, cookie("EGG_SESS", site, Purpose::Security)),
            finding(site, cookie("other", site, Purpose::Unknown)),
            finding(site, Item::LocalStorage { entries: Some(1) }),
            finding(site, Item::CacheStorage { caches: Some(1) }),
            finding(site, Item::ServiceWorker { registrations: 1 }),
            finding(site, Item::Quota { rows: 1 }),
            finding(site, elsewhere(Elsewhere::History)),
            finding(site, elsewhere(Elsewhere::SessionRestore)),
            finding("aliwork.com", cookie("_ga", "aliwork.com", Purpose::Statistics)),
            finding("aliwork.com", Item::Quota { rows: 1 }),
        ],
        problems: Vec::new(),
    }
}

fn kinds(plan: &Plan) -> Vec<Kind> {
    plan.findings.iter().map(|finding| finding.item.kind()).collect()
}

fn one_kind(kind: Kind) -> Choice {
    Choice::Kind { site: None, kind }
}

#[test]
fn everything_is_what_sites_keep_and_nothing_elsewhere() {
    for browser in [Browser::Firefox, Browser::Chromium] {
        let seen = everything(browser);
        let plan = Plan::new(&seen, &[Choice::Everything { site: None }]);
        assert_eq!(plan.findings.len(), 8);
        let left: Vec<_> = plan.left.iter().map(|left| (left.kind, left.why)).collect();
        assert_eq!(
            left,
            [
                (Kind::Elsewhere(Elsewhere::History), Why::NotChosen),
                (Kind::Elsewhere(Elsewhere::SessionRestore), Why::NotChosen)
            ]
        );
    }
}

#[test]
fn one_sites_choice_leaves_the_other_site_alone() {
    let choice = Choice::Everything {
        site: Some("aliwork.com".to_owned()),
    };
    let plan = Plan::new(&everything(Browser::Chrome), &[choice]);
    assert_eq!(kinds(&plan), [Kind::Cookie, Kind::Quota]);
    assert!(plan.findings.iter().all(|finding| finding.site == "aliwork.com"));
}

#[test]
fn the_losses_say_what_happens_to_the_person_and_the_gravest_comes_first() {
    let plan = Plan::new(&everything(Browser::Chrome), &[Choice::Everything { site: None }]);
    let says: Vec<String> = plan.losses.iter().map(Loss::says).collect();
    assert_eq!(
        says,
        [
            "You are signed out of dingtalk.com.",
            "What dingtalk.com remembers in this browser goes: settings, drafts, perhaps your sign-in.",
            "Pages of dingtalk.com that work without a network stop doing so until you open them again.",
            "aliwork.com counts you as a new visitor.",
        ]
    );
    let unknown = everything(Browser::Chrome);
    let id = unknown.findings[1].id(&unknown.profile);
    let plan = Plan::new(&unknown, &[Choice::Item(id)]);
    assert_eq!(
        plan.losses,
        [Loss::PerhapsSignedOut {
            site: "dingtalk.com".to_owned()
        }]
    );
}

#[test]
fn only_a_cookie_that_signs_in_foretells_being_signed_out() {
    for (name, expected) in [("EGG_SESS", true), ("acw_tc", false), ("XSRF-TOKEN", false)] {
        let mut seen = everything(Browser::Chrome);
        seen.findings
            .retain(|finding| finding.item.kind() == Kind::Cookie);
        seen.findings.truncate(1);
        let Item::Cookie(cookie) = &mut seen.findings[0].item else {
            panic!("it is a cookie");
        };
        cookie.name = name.to_owned();
        cookie.purpose = Purpose::Security;
        let plan = Plan::new(&seen, &[Choice::Everything { site: None }]);
        let sure = matches!(plan.losses.as_slice(), [Loss::SignedOut { .. }]);
        let perhaps = matches!(plan.losses.as_slice(), [Loss::PerhapsSignedOut { .. }]);
        assert_eq!((sure, perhaps), (expected, !expected), "{name}");
    }
}

#[test]
fn the_browsers_rows_about_an_origin_stay_as_long_as_the_origin_keeps_something() {
    let plan = Plan::new(&everything(Browser::Chrome), &[one_kind(Kind::Quota)]);
    assert_eq!(plan.findings.len(), 1, "{:?}", plan.findings);
    assert_eq!(plan.findings[0].site, "aliwork.com");
    assert!(plan.left.contains(&Left {
        kind: Kind::Quota,
        count: 1,
        why: Why::Needed
    }));
}

#[test]
fn in_firefox_a_service_worker_goes_with_the_responses_that_hold_its_script() {
    let choice = [one_kind(Kind::CacheStorage)];
    assert_eq!(
        kinds(&Plan::new(&everything(Browser::Firefox), &choice)),
        [Kind::CacheStorage, Kind::ServiceWorker]
    );
    assert_eq!(
        kinds(&Plan::new(&everything(Browser::Edge), &choice)),
        [Kind::CacheStorage]
    );
}

#[test]
fn what_lies_elsewhere_goes_when_it_is_asked_for_and_alone() {
    let history = Kind::Elsewhere(Elsewhere::History);
    for browser in [Browser::Firefox, Browser::Chrome] {
        let plan = Plan::new(&everything(browser), &[one_kind(history)]);
        assert_eq!(kinds(&plan), [history]);
        let says: Vec<String> = plan.losses.iter().map(Loss::says).collect();
        let goes = "Pages of dingtalk.com go from your history, and the address bar no longer offers them. Bookmarks stay.";
        assert_eq!(says, [goes]);
        let says: Vec<String> = plan.left.iter().filter_map(Left::says).collect();
        let stays = "Tabs of these sites that the browser opens again stay, with what they keep. You may still be signed in there.";
        assert_eq!(says, [stays]);
    }
}

#[test]
fn what_stays_ends_with_where_nobody_looks_and_is_nothing_where_nothing_goes() {
    for (browser, names) in [
        (
            Browser::Firefox,
            "Firefox may also name these sites in saved sign-ins",
        ),
        (Browser::Edge, "Edge may also name these sites in saved sign-ins"),
    ] {
        let seen = everything(browser);
        let stays = Plan::new(&seen, &[Choice::Everything { site: None }]).stays();
        assert!(stays[0].starts_with("Your history goes on naming"), "{stays:?}");
        assert!(
            stays.last().is_some_and(|last| last.starts_with(names)),
            "{stays:?}"
        );
        let nothing = Plan::new(&seen, &[one_kind(Kind::SessionStorage)]);
        assert!(nothing.is_empty() && !nothing.stays().iter().any(|says| says.starts_with(names)));
    }
}

/// A history, and what browsers make of it.
fn visited(browser: Browser) -> Seen {
    let mut seen = everything(browser);
    let made = [Elsewhere::Downloads, Elsewhere::Icons, Elsewhere::Suggestions];
    let of_both = made
        .iter()
        .flat_map(|place| ["dingtalk.com", "aliwork.com"].map(|site| finding(site, elsewhere(*place))));
    seen.findings.extend(of_both);
    seen
}

#[test]
fn what_is_made_of_the_history_goes_with_it_and_only_of_the_same_site() {
    for browser in [Browser::Firefox, Browser::Chrome] {
        let choice = Choice::Kind {
            site: Some("dingtalk.com".to_owned()),
            kind: Kind::Elsewhere(Elsewhere::History),
        };
        let plan = Plan::new(&visited(browser), &[choice]);
        let of_history = [
            Elsewhere::History,
            Elsewhere::Downloads,
            Elsewhere::Icons,
            Elsewhere::Suggestions,
        ];
        assert_eq!(kinds(&plan), of_history.map(Kind::Elsewhere));
        assert!(plan.findings.iter().all(|finding| finding.site == "dingtalk.com"));
        let says: Vec<String> = plan.losses.iter().map(Loss::says).collect();
        assert_eq!(
            says,
            [
                "Pages of dingtalk.com go from your history, and the address bar no longer offers them. Bookmarks stay.",
                "Downloads from dingtalk.com go from the browser's list, and one that isn't finished can't be resumed. The files stay.",
            ]
        );
    }
}

#[test]
fn downloads_go_alone_unless_the_browser_keeps_them_in_its_history() {
    let downloads = Kind::Elsewhere(Elsewhere::Downloads);
    let plan = Plan::new(&visited(Browser::Chrome), &[one_kind(downloads)]);
    assert_eq!(kinds(&plan), [downloads; 2]);
    let plan = Plan::new(&visited(Browser::Firefox), &[one_kind(downloads)]);
    assert!(plan.is_empty(), "{:?}", plan.findings);
    let stays = Left {
        kind: downloads,
        count: 2,
        why: Why::WithHistory,
    };
    assert!(plan.left.contains(&stays), "{:?}", plan.left);
    assert!(stays.says().is_some_and(|says| says.contains("only together")));
}

#[test]
fn an_id_outlives_a_new_listing_and_tells_every_finding_from_the_others() {
    let seen = everything(Browser::Chrome);
    let ids: std::collections::BTreeSet<FindingId> = seen
        .findings
        .iter()
        .map(|finding| finding.id(&seen.profile))
        .collect();
    assert_eq!(ids.len(), seen.findings.len());
    let mut again = seen.findings[2].clone();
    again.item = Item::LocalStorage { entries: Some(99) };
    again.size = None;
    assert_eq!(again.id(&seen.profile), seen.findings[2].id(&seen.profile));
    again.partition.raw = "^0https://example.org".to_owned();
    assert!(!ids.contains(&again.id(&seen.profile)));
}

proptest! {
    #[test]
    fn every_finding_either_goes_or_is_counted_among_what_stays(
        picked in proptest::collection::vec(any::<bool>(), 10),
        firefox in any::<bool>(),
    ) {
        let seen = everything(if firefox { Browser::Firefox } else { Browser::Vivaldi });
        let choices: Vec<Choice> = seen.findings.iter().zip(&picked).filter(|(_, picked)| **picked)
            .map(|(finding, _)| Choice::Item(finding.id(&seen.profile))).collect();
        let plan = Plan::new(&seen, &choices);
        let left: usize = plan.left.iter().map(|left| left.count).sum();
        prop_assert_eq!(plan.findings.len() + left, seen.findings.len());
    }

    #[test]
    fn no_two_cookies_share_an_id(one in (".*", ".*", ".*"), other in (".*", ".*", ".*")) {
        let of = |(name, host, path): &(String, String, String)| {
            let mut found = finding("dingtalk.com", cookie(name, host, Purpose::Unknown));
            if let Item::Cookie(cookie) = &mut found.item { cookie.path = path.clone(); }
            found.id(&profile(Browser::Chrome))
        };
        prop_assert_eq!(one == other, of(&one) == of(&other));
    }
}
