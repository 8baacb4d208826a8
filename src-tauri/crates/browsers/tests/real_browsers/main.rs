//! Debian's Firefox and Chromium store things for a site of DingTalk's and for others, and what they wrote is seen:
//! by one suite over both, while they run and after they closed.
//!
//! `cargo test -p settings-privacy-browsers --bench real_browsers`. Needs `firefox-esr` and `chromium`.

#![allow(clippy::print_stdout, reason = "it says so where a browser is missing")]

mod cleared;
mod launch;
mod refusing;
mod site;

use std::time::{Duration, Instant};

use settings_privacy_browsers::{Browsers, Places};
use settings_privacy_core::data;
use settings_privacy_core::storage::{
    Because, Cookie, Elsewhere, Finding, Item, Kind, Profile, Purpose, Running, SameSite, Seen,
};

use launch::{Driven, Program};
use site::Site;

/// Cookies of a running Chromium reach the disk after up to 40 seconds; Firefox's at once.
const FRESH: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn what_firefox_keeps_is_seen() {
    suite(Program::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_chromium_keeps_is_seen() {
    suite(Program::Chromium).await;
}

async fn suite(program: Program) {
    let Some(executable) = launch::find(program) else {
        return;
    };
    let root = tempfile::tempdir().expect("a folder");
    let places = Places::under(root.path());
    std::fs::create_dir_all(&places.scratch).expect("a folder");
    let scratch = places.scratch.clone();
    let site = Site::start();
    let browsers = Browsers::new(places);

    let mut browser = Driven::start(program, &executable, root.path(), &site);
    site.wait_until_visited(Duration::from_secs(90));
    let profile = the_profile(&browsers).await;
    let seen = fresh(&browsers, &profile).await;
    assert_eq!(seen.running, Running::Yes, "a running browser counts as running");
    every_cookie_is_seen(&seen);

    browser.close();
    let seen = look(&browsers, &profile).await;
    assert_eq!(seen.running, Running::No, "its stale locks don't count");
    assert_eq!(seen.problems, [], "nothing was hidden");
    assert!(!format!("{seen:?}").contains("secret"), "a value came out");
    every_cookie_is_seen(&seen);
    everything_else_is_seen(program, &seen);
    nothing_of_others_is_seen(&seen);
    assert_eq!(
        std::fs::read_dir(scratch).expect("it is there").count(),
        0,
        "no copy stays"
    );
}

async fn the_profile(browsers: &Browsers) -> Profile {
    let found = browsers.profiles().await;
    assert_eq!(found.problems, []);
    let [profile] = found.profiles.as_slice() else {
        panic!("one profile, not {:?}", found.profiles);
    };
    assert!(profile.default);
    profile.clone()
}

async fn look(browsers: &Browsers, profile: &Profile) -> Seen {
    browsers
        .see(profile, data::sites(), data::cookie_purposes())
        .await
}

/// Looks again until the running browser has written its cookies down.
async fn fresh(browsers: &Browsers, profile: &Profile) -> Seen {
    let begun = Instant::now();
    loop {
        let seen = look(browsers, profile).await;
        if seen.total(Kind::Cookie).0 >= 3 || begun.elapsed() > FRESH {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

fn cookies(seen: &Seen) -> Vec<(&Finding, &Cookie)> {
    let mut cookies = Vec::new();
    for finding in &seen.findings {
        if let Item::Cookie(cookie) = &finding.item {
            cookies.push((finding, cookie));
        }
    }
    cookies
}

fn every_cookie_is_seen(seen: &Seen) {
    let cookies = cookies(seen);
    let named = |name: &str| {
        let found = cookies.iter().find(|(_, cookie)| cookie.name == name);
        found.unwrap_or_else(|| panic!("no {name} in {seen:?}")).1
    };
    let session = named("JSESSIONID");
    assert_eq!(session.host, ".dingtalk.com");
    assert_eq!(session.path, "/");
    assert!(session.http_only);
    assert_eq!(session.same_site, SameSite::Lax);
    assert_eq!(session.purpose, Purpose::Security);
    let visit = named("Hm_lvt_test");
    assert_eq!(visit.host, "app.dingtalk.com");
    assert_eq!(visit.path, "/store");
    assert_eq!(visit.purpose, Purpose::Statistics);
    assert_eq!(visit.same_site, SameSite::Strict);
    assert!(!visit.http_only && !visit.secure);
    let now = jiff::Timestamp::now();
    let seconds = |time: jiff::Timestamp| time.as_second() - now.as_second();
    let created = seconds(visit.created.expect("it is known"));
    assert!((-300..=1).contains(&created), "created {created} s from now");
    assert!((-300..=1).contains(&seconds(visit.last_used.expect("it is known"))));
    let ends = seconds(visit.expires.expect("it is known"));
    assert!((86_000..=86_401).contains(&ends), "ends {ends} s from now");
    assert_eq!(named("unnamed_purpose").purpose, Purpose::Unknown);
}

fn everything_else_is_seen(program: Program, seen: &Seen) {
    let own = |kind: Kind| {
        let of_kind = |finding: &&Finding| {
            finding.item.kind() == kind
                && finding.host == "app.dingtalk.com"
                && finding.partition.top_site.is_none()
        };
        seen.findings
            .iter()
            .find(of_kind)
            .unwrap_or_else(|| panic!("{kind:?} isn't seen"))
    };
    let local = own(Kind::LocalStorage);
    assert_eq!(local.item, Item::LocalStorage { entries: Some(3) });
    assert!(local.size.is_some_and(|size| size.0 > 0));
    for kind in [Kind::IndexedDb, Kind::CacheStorage, Kind::FileSystem] {
        assert!(
            own(kind).size.is_some_and(|size| size.0 > 0),
            "{kind:?} has a size"
        );
    }
    assert_eq!(
        own(Kind::CacheStorage).item,
        Item::CacheStorage { caches: Some(1) }
    );
    assert_eq!(
        own(Kind::ServiceWorker).item,
        Item::ServiceWorker { registrations: 1 }
    );
    own(Kind::Elsewhere(Elsewhere::History));
    own(Kind::Elsewhere(Elsewhere::HttpCache));
    // Firefox fills its list of origins at some of its closings only.
    if program == Program::Chromium {
        own(Kind::Quota);
        assert_eq!(
            own(Kind::SessionStorage).item,
            Item::SessionStorage { entries: 1 }
        );
        own(Kind::Elsewhere(Elsewhere::SessionRestore));
    }
    let under_another = |kind: Kind| {
        seen.findings.iter().any(|finding| {
            finding.item.kind() == kind
                && finding.host == "app.dingtalk.com"
                && finding.because == Because::Host
                && finding
                    .partition
                    .top_site
                    .as_deref()
                    .is_some_and(|site| site.starts_with("http://example.org"))
        })
    };
    assert!(under_another(Kind::LocalStorage), "partitioned local storage");
    assert!(under_another(Kind::IndexedDb), "partitioned databases");
    let within = |finding: &Finding| {
        finding.because == Because::Within
            && finding.host == "www.example.org"
            && finding.site == "dingtalk.com"
    };
    assert!(
        seen.findings.iter().any(within),
        "what others keep within DingTalk's pages"
    );
}

fn nothing_of_others_is_seen(seen: &Seen) {
    for finding in &seen.findings {
        assert_eq!(finding.site, "dingtalk.com");
        let ours = finding.host == "dingtalk.com" || finding.host.ends_with(".dingtalk.com");
        assert!(ours || finding.because == Because::Within, "{finding:?}");
    }
}
