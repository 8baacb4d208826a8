//! Consents over HTTP, with the service there and away.

use serde_json::Value;

use crate::support::desktop::Desktop;
use crate::support::service::{Ground, Service};

const SOMEONE: &str = "someone@example.org";
const NEWS: &str = "marketing.news.email";

fn signed_in(service: &Service) -> Desktop {
    let desktop = Desktop::new();
    desktop
        .run(&format!("account use service --address {}", service.address))
        .ended(0);
    desktop.sign_in(service, SOMEONE).ended(0);
    desktop
}

/// What the service recorded about one consent, oldest first.
fn recorded(desktop: &Desktop, id: &str) -> Vec<bool> {
    let told = desktop.run("consents history").ended(0).json();
    let events = told["events"].as_array().expect("a list").iter().rev();
    events
        .filter(|event| event["id"] == id)
        .map(|event| event["granted"] == true)
        .collect()
}

fn listed(desktop: &Desktop, id: &str) -> Value {
    let told = desktop.run("consents list").ended(0).json();
    let all = told["consents"].as_array().expect("a list");
    all.iter()
        .find(|consent| consent["id"] == id)
        .expect("it is in the catalogue")
        .clone()
}

#[test]
fn a_consent_reaches_the_service_before_the_command_ends() {
    let ground = Ground::new();
    let service = ground.serve();
    let desktop = signed_in(&service);
    let done = desktop
        .run(&format!("consents set {NEWS} on cookies.statistics on"))
        .ended(0)
        .json();
    let set = done["consents"].as_array().expect("a list");
    assert_eq!(set.len(), 2);
    assert!(
        set.iter()
            .all(|consent| consent["granted"] == true && consent["sync"]["state"] == "synced"),
        "{done}"
    );
    assert_eq!(recorded(&desktop, NEWS), [true]);
    let people = desktop.tell(&format!("consents set {NEWS} off")).ended(0);
    assert!(
        people
            .stdout
            .contains("News and offers by e-mail: Off. The service has it."),
        "{people:#?}"
    );
    assert_eq!(recorded(&desktop, NEWS), [true, false]);
}

#[test]
fn what_is_set_while_the_service_is_away_arrives_once_when_it_is_back() {
    let ground = Ground::new();
    let service = ground.serve();
    let desktop = signed_in(&service);
    desktop.run(&format!("consents set {NEWS} on")).ended(0);
    let address = service.stop();

    for word in ["off", "on", "off", "on", "off"] {
        let kept = desktop.run(&format!("consents set {NEWS} {word}")).ended(5);
        let now = kept.json();
        assert_eq!(
            now["consents"][0]["granted"],
            word == "on",
            "it holds here at once"
        );
        assert_eq!(now["consents"][0]["sync"]["state"], "waiting");
        assert_eq!(now["outbox"]["waiting"], 1, "one row waits: {now}");
        let error = kept.error();
        assert_eq!(
            (&error["code"], &error["retryable"]),
            (&"queued".into(), &true.into())
        );
    }
    assert_eq!(listed(&desktop, NEWS)["sync"]["state"], "waiting");
    desktop.run("sync").ended(5);

    let service = ground.serve_at(&address);
    let sent = desktop.run("sync").ended(0).json();
    assert_eq!((&sent["sent"], &sent["waiting"]), (&1.into(), &0.into()));
    assert_eq!(
        recorded(&desktop, NEWS),
        [true, false],
        "one line more, with the last value"
    );
    assert_eq!(desktop.run("sync").ended(0).json()["sent"], 0);
    assert_eq!(listed(&desktop, NEWS)["sync"]["state"], "synced");
    drop(service);
}

#[test]
fn undoing_a_consent_reaches_the_service_too() {
    let ground = Ground::new();
    let service = ground.serve();
    let desktop = signed_in(&service);
    let done = desktop.run(&format!("consents set {NEWS} on")).ended(0).json();
    let undone = desktop.run("undo").ended(0).json();
    assert_eq!(undone["change"], done["change"]);
    assert_eq!(undone["consents"][0]["granted"], false);
    assert_eq!(recorded(&desktop, NEWS), [true, false]);
    let history = desktop.run("history").ended(0).json();
    assert_eq!(history["changes"][0]["stage"], "undone");
    assert_eq!(desktop.run("undo").ended(3).error()["code"], "nothing-to-undo");
}

#[test]
fn a_consent_that_does_not_exist_or_must_stay_on_is_refused_before_anything_is_recorded() {
    let ground = Ground::new();
    let service = ground.serve();
    let desktop = signed_in(&service);
    let refused = desktop
        .run(&format!("consents set {NEWS} on cookies.security off"))
        .ended(3);
    assert_eq!(refused.error()["code"], "consent-required");
    let unknown = desktop
        .run(&format!("consents set {NEWS} on cookies.everything off"))
        .ended(2);
    assert_eq!(unknown.error()["code"], "consent-unknown");
    desktop.run(&format!("consents set {NEWS}")).ended(2);
    desktop.run(&format!("consents set {NEWS} perhaps")).ended(2);
    assert_eq!(recorded(&desktop, NEWS), [] as [bool; 0]);
    assert_eq!(
        desktop.run("history").ended(0).json()["changes"],
        serde_json::json!([])
    );
}

#[test]
fn two_commands_at_once_lose_nothing_and_sign_nobody_out() {
    let ground = Ground::new();
    let service = ground.serve();
    let desktop = signed_in(&service);
    let commands = [
        [NEWS, "marketing.news.banner"],
        ["cookies.statistics", "sharing.sdks"],
    ];
    std::thread::scope(|scope| {
        for ids in commands {
            let desktop = &desktop;
            scope.spawn(move || ids.map(|id| desktop.run(&format!("consents set {id} on")).ended(0)));
        }
    });
    for id in commands.concat() {
        assert_eq!(recorded(&desktop, id), [true], "{id}");
    }
}
