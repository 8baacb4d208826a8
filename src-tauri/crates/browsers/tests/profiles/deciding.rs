//! One suite over both families: rules are read, changed and put back, and nothing else is.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use settings_privacy_core::data;
use settings_privacy_core::storage::{
    About, Covers, DecidedBy, Decision, Effective, Profile, Rules, RulesBefore,
};
use sqlx::Row;

use crate::made::{BOTH, Computer, Made, open, sqlite, write};

pub(crate) const SITE: &str = "dingtalk.com";
const DENIED: (Effective, DecidedBy) = (Effective::All(Decision::Deny), DecidedBy::Rule);

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_795_161_600).unwrap()
}

/// A rule as a browser would have written it: who (for the look-alikes, a whole origin), about what, and which.
type Given = (&'static str, About, Decision);

/// Rules of others', which stay as they are.
const OTHERS: [Given; 4] = [
    ("notdingtalk.com", About::Cookies, Decision::Deny),
    ("dingtalk.com.evil.net", About::Cookies, Decision::Allow),
    ("www.example.org", About::Camera, Decision::Allow),
    ("aliwork.com", About::Notifications, Decision::Deny),
];

impl Made {
    pub(crate) fn rules(self) -> &'static str {
        match self {
            Made::Firefox => "permissions.sqlite",
            Made::Chromium => "Preferences",
        }
    }

    /// Writes the file of rules as the browser does.
    pub(crate) async fn with_rules(self, profile: &Path, given: &[Given]) {
        let path = profile.join(self.rules());
        match self {
            Made::Firefox => {
                let mut sql = FIREFOX.to_owned();
                for (host, about, decision) in given {
                    let kind =
                        ["cookie", "camera", "microphone", "geo", "desktop-notification"][*about as usize];
                    let permission = [1, 8, 3, 2][*decision as usize];
                    for scheme in ["https", "http"] {
                        sql += &format!(
                            "INSERT INTO moz_perms (origin, type, permission, expireType, expireTime, modificationTime) \
                             VALUES ('{scheme}://{host}', '{kind}', {permission}, 0, 0, 1795000000001);"
                        );
                    }
                }
                sqlite(&path, &sql).await;
            }
            Made::Chromium => {
                let of = |about: About| {
                    let of_kind = given.iter().filter(|(_, what, _)| *what == about);
                    let member = |(host, _, decision): &Given| {
                        let setting = [1, 4, 3, 2][*decision as usize];
                        format!(
                            "\"[*.]{host},*\":{{\"last_modified\":\"13439635200000001\",\"setting\":{setting}}}"
                        )
                    };
                    of_kind.map(member).collect::<Vec<_>>().join(",")
                };
                // Numbers and an order that a printer wouldn't give back.
                let text = format!(
                    "{{\"z\":1.50,\"profile\":{{\"exit_type\":\"Normal\",\"content_settings\":{{\"exceptions\":{{\
                     \"geolocation\":{{{}}},\"cookies\":{{{}}},\"javascript\":{{\"[*.]dingtalk.com,*\":{{\"setting\":2}}}},\
                     \"media_stream_camera\":{{{}}},\"notifications\":{{{}}}}},\"pref_version\":1}}}},\"big\":12345678901234567890123,\"a\":[ ]}}",
                    of(About::Location),
                    of(About::Cookies),
                    of(About::Camera),
                    of(About::Notifications),
                );
                write(&path, text);
            }
        }
    }
}

/// Everything in the file of rules: rows, or the text.
pub(crate) async fn all(made: Made, profile: &Path) -> String {
    let path = profile.join(made.rules());
    match made {
        Made::Firefox => {
            let mut connection = open(&path).await;
            let rows = sqlx::query("SELECT * FROM moz_perms ORDER BY id")
                .fetch_all(&mut connection)
                .await
                .unwrap();
            let row = |row: &sqlx::sqlite::SqliteRow| {
                let number = |index: usize| row.get::<i64, _>(index).to_string();
                let text = |index: usize| row.get::<String, _>(index);
                [
                    number(0),
                    text(1),
                    text(2),
                    number(3),
                    number(4),
                    number(5),
                    number(6),
                ]
                .join("|")
            };
            rows.iter().map(row).collect::<Vec<_>>().join("\n")
        }
        Made::Chromium => std::fs::read_to_string(path).unwrap(),
    }
}

pub(crate) async fn only(computer: &Computer) -> Profile {
    computer.profiles().await.into_iter().next().unwrap()
}

async fn rules(computer: &Computer) -> Rules {
    let rules = computer
        .browsers
        .rules(&only(computer).await, data::sites(), now())
        .await;
    assert_eq!(rules.problems, []);
    rules
}

fn of(rules: &Rules, site: &str, about: About) -> (Effective, DecidedBy) {
    let found = rules.of(site, about).unwrap();
    (found.effective, found.decided_by)
}

async fn made(made: Made, given: &[Given]) -> (Computer, PathBuf) {
    let computer = Computer::new();
    let profile = made.profile(&computer);
    made.with_rules(&profile, given).await;
    (computer, profile)
}

#[tokio::test]
async fn without_rules_the_browser_does_what_it_does_with_every_site() {
    for family in BOTH {
        let (computer, _) = made(family, &[]).await;
        let rules = rules(&computer).await;
        assert_eq!(
            rules.decisions.len(),
            data::sites().sites.len() * About::ALL.len()
        );
        for found in &rules.decisions {
            let expected = match found.about {
                About::Cookies => Decision::Allow,
                About::Camera | About::Microphone | About::Location | About::Notifications => Decision::Ask,
            };
            let told = (found.effective, found.decided_by, found.rules.as_slice());
            assert_eq!(
                told,
                (Effective::All(expected), DecidedBy::Default, [].as_slice())
            );
        }
    }
}

#[tokio::test]
async fn a_refused_site_is_refused_allowed_again_and_nothing_else_is_touched() {
    for family in BOTH {
        let (computer, profile) = made(family, &OTHERS).await;
        let (of_profile, sites) = (only(&computer).await, data::sites());
        let before = all(family, &profile).await;
        let change = computer
            .browsers
            .refuse(&of_profile, sites, SITE, now())
            .await
            .unwrap();
        assert_eq!(of(&change.observed, SITE, About::Cookies), DENIED, "{family:?}");
        assert_eq!(
            of(&change.observed, "dingtalk.io", About::Cookies).1,
            DecidedBy::Default
        );
        assert_eq!(of(&change.observed, SITE, About::Camera).1, DecidedBy::Default);
        let after = all(family, &profile).await;
        match family {
            Made::Firefox => assert_eq!(
                after.strip_prefix(&before),
                Some(
                    "\n9|https://dingtalk.com|cookie|2|0|0|1795161600000\n10|http://dingtalk.com|cookie|2|0|0|1795161600000"
                )
            ),
            Made::Chromium => {
                let added = ",\"[*.]dingtalk.com,*\":{\"last_modified\":\"13439635200000000\",\"setting\":2}";
                assert_eq!(after.replacen(added, "", 1), before);
                assert_eq!(after.len(), before.len() + added.len());
            }
        }
        let again = computer
            .browsers
            .refuse(&of_profile, sites, SITE, now())
            .await
            .unwrap();
        assert_eq!(
            all(family, &profile).await,
            after,
            "refused already: nothing to do"
        );
        assert!(!again.before.entries.is_empty());
        let change = computer
            .browsers
            .allow(&of_profile, sites, SITE, now())
            .await
            .unwrap();
        let allowed = (Effective::All(Decision::Allow), DecidedBy::Default);
        assert_eq!(of(&change.observed, SITE, About::Cookies), allowed);
        assert_eq!(all(family, &profile).await, before, "{family:?}");
    }
}

#[tokio::test]
async fn rules_that_somebody_set_in_the_browser_are_seen_and_come_back_as_they_were() {
    let given = [
        ("login.dingtalk.com", About::Cookies, Decision::Allow),
        ("dingtalk.com", About::Cookies, Decision::UntilClosed),
        OTHERS[0],
    ];
    for family in BOTH {
        let (computer, profile) = made(family, &given).await;
        let (of_profile, sites) = (only(&computer).await, data::sites());
        let before = all(family, &profile).await;
        let seen = rules(&computer).await;
        assert_eq!(
            of(&seen, SITE, About::Cookies),
            (Effective::Differs, DecidedBy::Rule)
        );
        let change = computer
            .browsers
            .refuse(&of_profile, sites, SITE, now())
            .await
            .unwrap();
        assert_eq!(
            of(&change.observed, SITE, About::Cookies),
            DENIED,
            "no narrower rule stands above it"
        );
        let kept = serde_json::to_string(&change.before).unwrap();
        let kept: RulesBefore = serde_json::from_str(&kept).unwrap();
        let back = computer
            .browsers
            .put_back(&of_profile, sites, &kept, None, now())
            .await
            .unwrap();
        assert_eq!(
            of(&back.observed, SITE, About::Cookies),
            of(&seen, SITE, About::Cookies)
        );
        let after = all(family, &profile).await;
        match family {
            Made::Firefox => assert_eq!(after, before),
            // The members' order isn't kept, and means nothing.
            Made::Chromium => assert_eq!(
                serde_json::from_str::<serde_json::Value>(&after).unwrap(),
                serde_json::from_str::<serde_json::Value>(&before).unwrap()
            ),
        }
        let redone = computer
            .browsers
            .put_back(&of_profile, sites, &back.before, None, now())
            .await
            .unwrap();
        assert_eq!(
            of(&redone.observed, SITE, About::Cookies),
            DENIED,
            "an undoing can be undone"
        );
    }
}

#[tokio::test]
async fn what_was_made_for_a_rule_goes_with_it() {
    for text in [
        "{\"a\":1}",
        "{}",
        "{\"profile\":{}}",
        "{\"profile\":{\"content_settings\":{\"x\":{}}}}",
    ] {
        let computer = Computer::new();
        let profile = Made::Chromium.profile(&computer);
        write(&profile.join("Preferences"), text);
        let (of_profile, sites) = (only(&computer).await, data::sites());
        let change = computer
            .browsers
            .refuse(&of_profile, sites, SITE, now())
            .await
            .unwrap();
        assert_eq!(of(&change.observed, SITE, About::Cookies), DENIED);
        computer
            .browsers
            .put_back(&of_profile, sites, &change.before, None, now())
            .await
            .unwrap();
        assert_eq!(all(Made::Chromium, &profile).await, text);
    }
}

#[tokio::test]
async fn what_a_site_may_use_is_denied_asked_for_and_allowed() {
    for family in BOTH {
        let (computer, profile) = made(family, &OTHERS).await;
        let (of_profile, sites) = (only(&computer).await, data::sites());
        let before = all(family, &profile).await;
        for about in [
            About::Camera,
            About::Microphone,
            About::Location,
            About::Notifications,
        ] {
            let mut first = None;
            for decision in [Decision::Deny, Decision::Allow, Decision::Ask] {
                let change = computer
                    .browsers
                    .decide(&of_profile, sites, (SITE, about), decision, now())
                    .await
                    .unwrap();
                let by = match decision {
                    Decision::Ask => DecidedBy::Default,
                    Decision::Allow | Decision::UntilClosed | Decision::Deny => DecidedBy::Rule,
                };
                assert_eq!(
                    of(&change.observed, SITE, about),
                    (Effective::All(decision), by),
                    "{family:?} {about:?}"
                );
                assert_eq!(of(&change.observed, SITE, About::Cookies).1, DecidedBy::Default);
                first.get_or_insert(change.before);
            }
            let first = first.unwrap();
            computer
                .browsers
                .put_back(&of_profile, sites, &first, None, now())
                .await
                .unwrap();
        }
        assert_eq!(all(family, &profile).await, before, "{family:?}");
        let rules = rules(&computer).await;
        assert_eq!(of(&rules, "aliwork.com", About::Notifications).1, DecidedBy::Rule);
    }
}

#[tokio::test]
async fn firefox_is_told_by_each_address_that_the_profile_knows() {
    let (computer, profile) = made(
        Made::Firefox,
        &[("meet.dingtalk.com", About::Camera, Decision::Allow)],
    )
    .await;
    write(
        &profile.join("storage/default/https+++h7.dingtalk.com/idb/1.sqlite"),
        "x",
    );
    let (of_profile, sites) = (only(&computer).await, data::sites());
    let camera = (SITE, About::Camera);
    let change = computer
        .browsers
        .decide(&of_profile, sites, camera, Decision::Deny, now())
        .await
        .unwrap();
    let found = change.observed.of(SITE, About::Camera).unwrap();
    for host in [
        "dingtalk.com",
        "im.dingtalk.com",
        "meet.dingtalk.com",
        "h7.dingtalk.com",
    ] {
        let covers = Covers::Address(format!("https://{host}"));
        let rule = found.rules.iter().find(|rule| rule.covers == covers);
        assert_eq!(rule.map(|rule| rule.decision), Some(Decision::Deny), "{host}");
    }
}

#[tokio::test]
async fn what_a_browser_does_with_every_site_is_told_as_such() {
    for family in BOTH {
        let (computer, profile) = made(family, &[]).await;
        match family {
            Made::Firefox => write(
                &profile.join("prefs.js"),
                "user_pref(\"network.cookie.cookieBehavior\", 2);\nuser_pref(\"permissions.default.geo\", 2);\n",
            ),
            Made::Chromium => write(
                &profile.join("Preferences"),
                r#"{"profile":{"default_content_setting_values":{"cookies":2,"geolocation":2}}}"#,
            ),
        }
        let rules = rules(&computer).await;
        let denied = (Effective::All(Decision::Deny), DecidedBy::Default);
        assert_eq!(of(&rules, SITE, About::Cookies), denied, "{family:?}");
        assert_eq!(of(&rules, SITE, About::Location), denied);
        assert_eq!(of(&rules, SITE, About::Camera).0, Effective::All(Decision::Ask));
        // A rule of its own outlives that default.
        let (of_profile, sites) = (only(&computer).await, data::sites());
        let change = computer
            .browsers
            .refuse(&of_profile, sites, SITE, now())
            .await
            .unwrap();
        assert_eq!(of(&change.observed, SITE, About::Cookies), DENIED);
    }
}

#[tokio::test]
async fn an_administrators_policy_is_told_and_cant_be_changed() {
    for family in BOTH {
        let (computer, profile) = made(family, &[]).await;
        let system = computer.root.path().join("system");
        let (file, text) = match family {
            Made::Firefox => (
                "etc/firefox/policies/policies.json",
                r#"{"policies":{"Cookies":{"Block":["https://dingtalk.com","http://dingtalk.com"]}}}"#,
            ),
            Made::Chromium => (
                "etc/opt/chrome/policies/managed/all.json",
                r#"{"CookiesBlockedForUrls":["[*.]dingtalk.com"]}"#,
            ),
        };
        write(&system.join(file), text);
        let seen = rules(&computer).await;
        let expected = (Effective::All(Decision::Deny), DecidedBy::Policy);
        assert_eq!(of(&seen, SITE, About::Cookies), expected, "{family:?}");
        assert_eq!(of(&seen, "dingtalk.io", About::Cookies).1, DecidedBy::Default);
        let before = all(family, &profile).await;
        let (of_profile, sites) = (only(&computer).await, data::sites());
        let error = computer
            .browsers
            .allow(&of_profile, sites, SITE, now())
            .await
            .unwrap_err();
        assert_eq!(error.code(), "policy-decides");
        assert_eq!(all(family, &profile).await, before);
        write(&system.join(file), "{");
        let found = computer.browsers.rules(&of_profile, sites, now()).await;
        let codes: Vec<&str> = found.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["policy-unreadable"]);
    }
}

/// `moz_perms` as Firefox 153 makes it.
const FIREFOX: &str = "\
    CREATE TABLE moz_perms ( id INTEGER PRIMARY KEY,origin TEXT,type TEXT,permission INTEGER,expireType INTEGER,\
    expireTime INTEGER,modificationTime INTEGER);\
    CREATE TABLE moz_hosts ( id INTEGER PRIMARY KEY,host TEXT,type TEXT,permission INTEGER,expireType INTEGER,\
    expireTime INTEGER,modificationTime INTEGER,isInBrowserElement INTEGER);\
    PRAGMA user_version = 13;";

#[tokio::test]
async fn undoing_leaves_what_was_decided_in_the_browser_since() {
    for family in BOTH {
        let (computer, profile) = made(family, &OTHERS).await;
        let (of_profile, sites) = (only(&computer).await, data::sites());
        let (browsers, about) = (&computer.browsers, (SITE, About::Notifications));
        let untouched = all(family, &profile).await;
        let look = async || {
            browsers
                .rules_before(&of_profile, sites, about, now())
                .await
                .unwrap()
        };
        let before = look().await;
        assert_eq!(all(family, &profile).await, untouched, "looking changes nothing");
        let decide = async |decision| {
            let decided = browsers.decide(&of_profile, sites, about, decision, now());
            decided.await.unwrap();
        };
        decide(Decision::Deny).await;
        let after = look().await;
        decide(Decision::Allow).await;
        let since = all(family, &profile).await;
        let back = browsers.put_back(&of_profile, sites, &before, Some(&after), now());
        let back = back.await.unwrap();
        assert_eq!(
            of(&back.observed, SITE, About::Notifications),
            (Effective::All(Decision::Allow), DecidedBy::Rule),
            "{family:?}"
        );
        assert_eq!(all(family, &profile).await, since, "{family:?}");

        browsers
            .put_back(&of_profile, sites, &before, None, now())
            .await
            .unwrap();
        decide(Decision::Deny).await;
        let after = look().await;
        let back = browsers.put_back(&of_profile, sites, &before, Some(&after), now());
        back.await.unwrap();
        assert_eq!(all(family, &profile).await, untouched, "{family:?}");
    }
}
