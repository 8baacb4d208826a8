//! What an organization decides, by each way a browser is told: it is seen, and what a person wants otherwise is refused
//! with a sentence, in whatever packaging the browser came.

use std::path::Path;

use settings_privacy_core::data;
use settings_privacy_core::storage::{About, DecidedBy, Decision, Effective, Packaging, Profile, Rules};

use crate::deciding::{SITE, all, now, only};
use crate::made::{Computer, Made, write};

const POLICY: DecidedBy = DecidedBy::Policy;

async fn computer(made: Made) -> (Computer, Profile, std::path::PathBuf) {
    let computer = Computer::new();
    let path = made.profile(&computer);
    made.with_rules(&path, &[]).await;
    let profile = only(&computer).await;
    (computer, profile, path)
}

async fn rules(computer: &Computer, profile: &Profile) -> Rules {
    let rules = computer.browsers.rules(profile, data::sites(), now()).await;
    assert_eq!(rules.problems, []);
    rules
}

fn of(rules: &Rules, site: &str, about: About) -> (Effective, DecidedBy) {
    let found = rules.of(site, about).unwrap();
    (found.effective, found.decided_by)
}

fn denied() -> (Effective, DecidedBy) {
    (Effective::All(Decision::Deny), POLICY)
}

fn managed(computer: &Computer, file: &str, text: &str) {
    write(&computer.root.path().join("system").join(file), text);
}

#[tokio::test]
async fn what_is_said_of_every_site_holds_for_dingtalks_and_a_site_of_its_own_before_it() {
    let (computer, profile, _) = computer(Made::Chromium).await;
    let text = r#"{"CookiesBlockedForUrls":["*"],"CookiesAllowedForUrls":["[*.]dingtalk.com"],"GeolocationBlockedForUrls":["*"],"DefaultCookiesSetting":1}"#;
    managed(&computer, "etc/opt/chrome/policies/managed/all.json", text);
    let seen = rules(&computer, &profile).await;
    assert_eq!(
        of(&seen, SITE, About::Cookies),
        (Effective::All(Decision::Allow), POLICY)
    );
    assert_eq!(of(&seen, "aliwork.com", About::Cookies), denied());
    assert_eq!(of(&seen, SITE, About::Location), denied());
    assert_eq!(of(&seen, SITE, About::Camera).1, DecidedBy::Default);
}

#[tokio::test]
async fn firefox_asks_for_nothing_that_its_organization_locked() {
    let (computer, profile, path) = computer(Made::Firefox).await;
    let text = r#"{"policies":{"Permissions":{"Camera":{"BlockNewRequests":true,"Locked":true,"Allow":["https://aliwork.com"]},"Microphone":{"BlockNewRequests":true}}}}"#;
    managed(&computer, "etc/firefox/policies/policies.json", text);
    let seen = rules(&computer, &profile).await;
    assert_eq!(of(&seen, SITE, About::Camera), denied());
    // What isn't locked, the person may change.
    assert_eq!(of(&seen, SITE, About::Microphone).1, DecidedBy::Default);
    let before = all(Made::Firefox, &path).await;
    let to = (SITE, About::Camera);
    let error = computer
        .browsers
        .decide(&profile, data::sites(), to, Decision::Allow, now())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "policy-decides");
    assert!(
        error.to_string().contains("set by your organization for Firefox"),
        "{error}"
    );
    assert_eq!(all(Made::Firefox, &path).await, before);
}

/// A rule of the person's own still counts in Firefox, whatever its organization has it do with every site.
#[tokio::test]
async fn an_own_rule_is_told_beside_what_firefoxs_organization_says_of_every_site() {
    let computer = Computer::new();
    let path = Made::Firefox.profile(&computer);
    Made::Firefox
        .with_rules(&path, &[(SITE, About::Cookies, Decision::Allow)])
        .await;
    let profile = only(&computer).await;
    let text = r#"{"policies":{"Cookies":{"Behavior":"reject","Locked":true}}}"#;
    managed(&computer, "etc/firefox/policies/policies.json", text);
    let seen = rules(&computer, &profile).await;
    assert_eq!(
        of(&seen, SITE, About::Cookies),
        (Effective::All(Decision::Allow), POLICY)
    );
    assert_eq!(of(&seen, "aliwork.com", About::Cookies), denied());
}

#[tokio::test]
async fn a_flatpak_has_its_policies_from_extensions_and_not_from_the_system() {
    for (made, app, of_system, of_extension, text) in [
        (
            Made::Firefox,
            "org.mozilla.firefox",
            "etc/firefox/policies/policies.json",
            "org.mozilla.firefox.systemconfig/x86_64/stable/policies/policies.json",
            r#"{"policies":{"Cookies":{"Block":["https://dingtalk.com"]}}}"#,
        ),
        (
            Made::Chromium,
            "com.google.Chrome",
            "etc/opt/chrome/policies/managed/all.json",
            "com.google.Chrome.Policy.ours/x86_64/1/policies/managed/all.json",
            r#"{"CookiesBlockedForUrls":["[*.]dingtalk.com"]}"#,
        ),
    ] {
        for (folder, expected) in [
            (Path::new("system").join(of_system), DecidedBy::Default),
            (
                Path::new("system/var/lib/flatpak/extension").join(of_extension),
                POLICY,
            ),
            (
                Path::new("home/.local/share/flatpak/extension").join(of_extension),
                POLICY,
            ),
        ] {
            let (computer, mut profile, _) = computer(made).await;
            profile.packaging = Packaging::Flatpak(app.to_owned());
            write(&computer.root.path().join(&folder), text);
            let seen = rules(&computer, &profile).await;
            assert_eq!(of(&seen, SITE, About::Cookies).1, expected, "{made:?} {folder:?}");
        }
    }
}
