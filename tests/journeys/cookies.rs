//! What DingTalk's sites keep in browsers: seen, cleared, refused, put back. The profiles are made by hand, as the
//! browsers write them; that the browsers themselves agree is tested beside the adapter.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::support::browsers::{DINGTALKS, MadeProfile, OTHERS, SECRET};
use crate::support::desktop::Desktop;
use crate::support::terminal::Ran;

fn list(desktop: &Desktop) -> Value {
    let ran = desktop.run("cookies list").ended(0);
    assert!(!ran.stdout.contains(SECRET), "a value came out");
    ran.json()
}

/// The names of the cookies that are listed, with their hosts, over all profiles.
fn listed(list: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let mut cookies: Vec<(String, String)> = items(list)
        .filter(|item| item["kind"] == "cookie")
        .map(|item| (text(&item["cookie"]["name"]), text(&item["host"])))
        .collect();
    cookies.sort();
    cookies
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    let profiles = list["profiles"].as_array().expect("a list").iter();
    profiles
        .flat_map(|profile| profile["sites"].as_array().expect("a list"))
        .flat_map(|site| site["items"].as_array().expect("a list"))
}

fn profile<'a>(list: &'a Value, name: &str) -> &'a Value {
    let profiles = list["profiles"].as_array().expect("a list");
    profiles
        .iter()
        .find(|profile| profile["name"] == name)
        .unwrap_or_else(|| panic!("{name}: {list}"))
}

fn rule<'a>(list: &'a Value, name: &str, site: &str, about: &str) -> &'a Value {
    let sites = profile(list, name)["sites"].as_array().expect("a list");
    let site = sites.iter().find(|known| known["site"] == site).expect("a site");
    &site["rules"][about]
}

/// The cookies of DingTalk's, as they are listed: hosts without the dot that stands for those below.
fn dingtalks() -> Vec<(String, String)> {
    let bare = |(name, host): &(&str, &str)| ((*name).to_owned(), host.trim_start_matches('.').to_owned());
    let mut all: Vec<(String, String)> = DINGTALKS.iter().map(bare).collect();
    all.sort();
    all
}

#[test]
fn clearing_says_what_is_lost_waits_for_a_yes_takes_only_dingtalks_rows_and_is_undone() {
    let desktop = Desktop::without_keyring();
    let [firefox] = desktop.install_firefox(["mine"]);
    let before = firefox.jar();
    let others = firefox.rows_of(&OTHERS);
    assert_eq!(listed(&list(&desktop)), dingtalks());

    let asked = desktop.run("cookies clear").ended(7);
    assert_eq!(asked.stdout, "");
    let error = asked.error();
    assert_eq!(error["code"], "needs-confirmation");
    assert_eq!(error["preview"]["profiles"][0]["kinds"][0]["count"], 3, "{error}");
    let warning = error["warning"].as_str().expect("a sentence");
    assert!(
        warning.contains("You are signed out of dingtalk.com."),
        "{warning}"
    );
    assert_eq!(firefox.jar(), before, "nobody agreed");

    let cleared = desktop.run("cookies clear --yes").ended(0).json();
    assert_eq!(cleared["says"], "3 cookies are cleared in Firefox (mine).");
    assert_eq!(listed(&list(&desktop)), []);
    assert_eq!(firefox.jar(), others, "the rest is what it was");

    let history = desktop.run("history").ended(0).json();
    assert_eq!(history["changes"][0]["change"]["kind"], "cleared");
    assert_eq!(history["changes"][0]["can_undo"], true);
    desktop.run("undo").ended(0);
    assert_eq!(listed(&list(&desktop)), dingtalks());
    assert_eq!(firefox.rows_of(&OTHERS), others);
    assert_eq!(firefox.jar().len(), before.len());
}

#[test]
fn a_backup_puts_back_what_was_cleared_in_either_family() {
    let desktop = Desktop::without_keyring();
    let [firefox] = desktop.install_firefox(["mine"]);
    let chrome = desktop.install_chrome();
    let others = [firefox.rows_of(&OTHERS), chrome.rows_of(&OTHERS)];
    desktop.run("cookies clear --yes").ended(0);
    assert_eq!([firefox.jar(), chrome.jar()], others);
    for _ in 0..2 {
        desktop.run("cookies restore").ended(0);
    }
    let twice: Vec<(String, String)> = dingtalks()
        .into_iter()
        .flat_map(|one| [one.clone(), one])
        .collect();
    assert_eq!(listed(&list(&desktop)), twice);
    let nothing = desktop.run("cookies restore").ended(3).error();
    assert_eq!(
        nothing["code"], "no-such-backup",
        "each is put back once: {nothing}"
    );
}

#[test]
fn one_purpose_or_one_thing_is_cleared_and_the_others_stay() {
    let desktop = Desktop::without_keyring();
    desktop.install_firefox(["mine"]);
    desktop.run("cookies clear --purpose statistics --yes").ended(0);
    let names = |list: &Value| -> Vec<String> { listed(list).into_iter().map(|(name, _)| name).collect() };
    let now = list(&desktop);
    assert_eq!(names(&now), ["EGG_SESS", "other"]);
    let other = items(&now).find(|item| item["cookie"]["name"] == "other");
    let id = other.expect("it stayed")["id"].as_str().expect("text").to_owned();
    desktop.run(&format!("cookies clear --item {id} --yes")).ended(0);
    assert_eq!(names(&list(&desktop)), ["EGG_SESS"]);
    let again = desktop.run(&format!("cookies clear --item {id} --yes")).ended(2);
    assert_eq!(again.error()["code"], "item-unknown");
}

#[test]
fn a_look_alike_can_be_neither_cleared_nor_refused() {
    let desktop = Desktop::without_keyring();
    let [firefox] = desktop.install_firefox(["mine"]);
    let (jar, rules) = (firefox.jar(), firefox.rules());
    for words in [
        "cookies clear --site notdingtalk.com --yes",
        "cookies refuse dingtalk.com.evil.net",
        "cookies allow notdingtalk.com",
        "cookies refuse im.dingtalk.com",
        "cookies permit example.org camera deny",
    ] {
        assert_eq!(
            desktop.run(words).ended(2).error()["code"],
            "site-unknown",
            "{words}"
        );
    }
    assert_eq!((firefox.jar(), firefox.rules()), (jar, rules));
}

#[test]
fn refusing_is_the_browsers_own_rule_and_allowing_takes_it_out() {
    let desktop = Desktop::without_keyring();
    let [firefox] = desktop.install_firefox(["mine"]);
    desktop.install_chrome();
    let before = firefox.rules();
    let refused = desktop.run("cookies refuse dingtalk.com").ended(0).json();
    assert_eq!(refused["profiles"][0]["decision"], "deny", "{refused}");
    assert_eq!(refused["profiles"][1]["decision"], "deny", "{refused}");
    let now = list(&desktop);
    for name in ["mine", "Work"] {
        let rule = rule(&now, name, "dingtalk.com", "cookies");
        assert_eq!(
            (&rule["decision"], &rule["decided_by"]),
            (&"deny".into(), &"rule".into()),
            "{name}"
        );
    }
    assert!(
        firefox
            .rules()
            .contains(&"|https://dingtalk.com|cookie|2|".to_owned())
    );
    let told = desktop.tell("cookies list").ended(0).stdout;
    let own = "Firefox refuses dingtalk.com's cookies and storage. The rule is Firefox's own.";
    assert!(told.contains(own), "{told}");

    let again = desktop.tell("cookies refuse dingtalk.com").ended(0).stdout;
    assert!(again.contains("It is so already in Firefox (mine)."), "{again}");
    assert!(
        again.contains("the cookies that keep you signed in there"),
        "{again}"
    );

    desktop.run("cookies allow dingtalk.com").ended(0);
    assert_eq!(firefox.rules(), before);
    assert_eq!(
        rule(&list(&desktop), "Work", "dingtalk.com", "cookies")["decision"],
        "allow"
    );
    // Undone in turn: the last rule first.
    desktop.run("undo").ended(0);
    assert_eq!(
        rule(&list(&desktop), "Work", "dingtalk.com", "cookies")["decision"],
        "deny"
    );
}

#[test]
fn a_sites_camera_is_denied_in_one_profile_and_in_no_other() {
    let desktop = Desktop::without_keyring();
    desktop.install_firefox(["one", "two"]);
    let id = profile(&list(&desktop), "one")["id"]
        .as_str()
        .expect("text")
        .to_owned();
    desktop
        .run(&format!("cookies permit dingtalk.com camera deny --profile {id}"))
        .ended(0);
    let now = list(&desktop);
    assert_eq!(rule(&now, "one", "dingtalk.com", "camera")["decision"], "deny");
    assert_eq!(rule(&now, "two", "dingtalk.com", "camera")["decision"], "ask");
}

#[test]
fn an_open_browser_is_named_and_nothing_is_changed_when_nobody_waits() {
    let desktop = Desktop::without_keyring();
    let [firefox] = desktop.install_firefox(["mine"]);
    let (bytes, rules) = (firefox.bytes(), firefox.rules());
    let open = firefox.open();
    for words in [
        "cookies clear --yes --no-wait",
        "cookies refuse dingtalk.com --no-wait",
    ] {
        let error = desktop.run(words).ended(3).error();
        assert_eq!(error["code"], "browser-open", "{words}");
        assert_eq!(error["browsers"][0], "Firefox", "{words}");
    }
    assert_eq!((firefox.bytes(), firefox.rules()), (bytes, rules));
    drop(open);
    desktop.run("cookies clear --yes --no-wait").ended(0);
    let _open = firefox.open();
    let undo = desktop.run("undo --no-wait").ended(3).error();
    assert_eq!(undo["code"], "browser-open");
    assert_eq!(firefox.jar(), firefox.rows_of(&OTHERS), "it is cleared still");
}

/// Begins a command while a profile is open, closes the profile once the command says that it waits, and sees it end.
fn once_closed(desktop: &Desktop, profile: &MadeProfile, words: &str) -> Ran {
    let open = profile.open();
    let before = profile.bytes();
    let mut command = desktop.settings(words);
    let command = command
        .arg("--json")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("it is a pipe"));
    let mut said = String::new();
    // A slow look says so first.
    while !said.contains("Firefox is open. Close all of its windows.") {
        assert_ne!(stderr.read_line(&mut said).expect("it speaks UTF-8"), 0, "{said}");
    }
    assert_eq!(profile.bytes(), before, "it waits");
    drop(open);
    let output = child.wait_with_output().expect("it ends");
    Ran::from(output).ended(0)
}

#[test]
fn what_waits_for_a_browser_goes_on_by_itself_once_it_is_closed() {
    let desktop = Desktop::without_keyring();
    let [firefox] = desktop.install_firefox(["mine"]);
    once_closed(&desktop, &firefox, "cookies clear --yes");
    assert_eq!(firefox.jar(), firefox.rows_of(&OTHERS));
    once_closed(&desktop, &firefox, "undo");
    assert_eq!(listed(&list(&desktop)), dingtalks());
    once_closed(&desktop, &firefox, "cookies refuse dingtalk.com");
    assert_eq!(
        rule(&list(&desktop), "mine", "dingtalk.com", "cookies")["decision"],
        "deny"
    );
}

#[test]
fn a_damaged_profile_is_named_left_as_it_is_and_keeps_no_other_from_being_cleared() {
    let desktop = Desktop::without_keyring();
    let [broken, good] = desktop.install_firefox(["broken", "good"]);
    let bytes = broken.damage();
    let told = desktop.tell("cookies list").ended(0).stdout;
    assert!(told.contains("“cookies.sqlite” is damaged"), "{told}");
    let ran = desktop.run("cookies clear --yes").ended(3);
    let (done, error) = (ran.json(), ran.error());
    assert_eq!(done["says"], "3 cookies are cleared in Firefox (good).");
    assert_eq!(error["code"], "damaged");
    let why = error["message"].as_str().expect("a sentence");
    assert!(
        why.starts_with("Firefox (broken): “cookies.sqlite” is damaged"),
        "{why}"
    );
    assert_eq!(good.jar(), good.rows_of(&OTHERS));
    assert_eq!(broken.bytes(), bytes);
}

#[test]
fn what_came_back_is_told_at_the_next_look() {
    let desktop = Desktop::without_keyring();
    let [firefox] = desktop.install_firefox(["mine"]);
    desktop.run("cookies clear --site dingtalk.com --yes").ended(0);
    firefox.visit("EGG_SESS", ".dingtalk.com");
    let now = list(&desktop);
    let report = &profile(&now, "mine")["reports"][0];
    assert_eq!(
        (&report["kind"], &report["cookies"]),
        (&"came-back".into(), &1.into()),
        "{now}"
    );
}

/// Clears with a program that is killed at its n-th call of a kind on the cookies' file: while they are removed.
fn killed(desktop: &Desktop, profile: &MadeProfile, call: &str, nth: usize) {
    let program = desktop.settings("cookies clear --yes");
    let mut strace = desktop.command(Path::new("strace"));
    strace
        .args(["-f", "-qqq", "-o", "/dev/null", "-P"])
        .arg(profile.cookies())
        .args(["-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:signal=KILL:when={nth}")])
        .arg(program.get_program())
        .args(program.get_args());
    let output = strace.output().expect("strace starts (package strace)");
    assert!(
        !output.status.success(),
        "it wasn't killed at {call} {nth}: {output:?}"
    );
}

#[test]
fn a_clearing_that_was_killed_in_the_middle_is_taken_back_at_the_next_start() {
    // At the first row's page, at the last, before they are on the disk, and between removing and wiping.
    for (call, nth) in [("pwrite64", 1), ("pwrite64", 3), ("fsync", 1), ("pwrite64", 5)] {
        let desktop = Desktop::without_keyring();
        let [firefox] = desktop.install_firefox(["mine"]);
        let (before, others) = (firefox.jar(), firefox.rows_of(&OTHERS));
        killed(&desktop, &firefox, call, nth);
        let history = desktop.run("history").ended(0).json();
        assert_eq!(
            history["changes"][0]["stage"], "failed",
            "{call} {nth}: {history}"
        );
        assert_eq!(
            history["notices"][0]["code"], "browsers-settled",
            "{call} {nth}: {history}"
        );
        assert_eq!(firefox.rows_of(&OTHERS), others, "{call} {nth}");
        assert_eq!(firefox.jar().len(), before.len(), "{call} {nth}");
        assert_eq!(listed(&list(&desktop)), dingtalks(), "{call} {nth}");
    }
}
