//! Keyrings that are locked, not there, or don't answer.

use std::time::{Duration, Instant};

use crate::support::desktop::Desktop;
use crate::support::service::Ground;

const SOMEONE: &str = "someone@example.org";
const NEWS: &str = "marketing.news.email";

#[test]
fn a_keyring_that_gets_locked_stops_sending_and_loses_nothing() {
    let ground = Ground::new();
    let service = ground.serve();
    let mut desktop = Desktop::new();
    desktop
        .run(&format!("account use service --address {}", service.address))
        .ended(0);
    desktop.sign_in(&service, SOMEONE).ended(0);
    let address = service.stop();
    desktop.run(&format!("consents set {NEWS} on")).ended(5);
    let service = ground.serve_at(&address);

    desktop.lock();
    for words in ["sync", "consents list", "consents set cookies.statistics on"] {
        let error = desktop.run(words).ended(3).error();
        assert_eq!(error["code"], "keyring-locked", "{words}");
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|said| said.contains("Unlock it")),
            "{error}"
        );
    }
    assert_eq!(desktop.run("account show").ended(0).json()["signed"], "locked");

    desktop.unlock();
    assert_eq!(desktop.run("sync").ended(0).json()["sent"], 1);
    let events = desktop.run("consents history").ended(0).json();
    assert_eq!(events["events"].as_array().map(Vec::len), Some(1));
    drop(service);
}

#[test]
fn a_keyring_that_doesnt_answer_holds_up_nothing_and_loses_nothing() {
    let ground = Ground::new();
    let service = ground.serve();
    let desktop = Desktop::new();
    desktop
        .run(&format!("account use service --address {}", service.address))
        .ended(0);
    desktop.sign_in(&service, SOMEONE).ended(0);

    desktop.hang();
    let began = Instant::now();
    let error = desktop.run(&format!("consents set {NEWS} on")).ended(3).error();
    assert_eq!(error["code"], "keyring-timed-out", "{error}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    // What needs no session goes on.
    desktop.run("permissions list").ended(0);

    desktop.go_on();
    assert_eq!(desktop.run("account show").ended(0).json()["signed"], "in");
    desktop.run(&format!("consents set {NEWS} on")).ended(0);
    drop(service);
}

#[test]
fn without_a_keyring_a_sign_in_lasts_as_long_as_its_command_and_that_is_said() {
    for desktop in [Desktop::without_bus(), Desktop::without_keyring()] {
        let ground = Ground::new();
        let service = ground.serve();
        desktop
            .run(&format!("account use service --address {}", service.address))
            .ended(0);
        let signed_in = desktop.sign_in(&service, SOMEONE).ended(3);
        let error = signed_in.error();
        assert_eq!(error["code"], "session-not-kept");
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|said| said.contains("keyring")),
            "{error}"
        );
        assert_eq!(desktop.run("account show").ended(0).json()["signed"], "out");
        let words = std::fs::read_dir(desktop.own())
            .expect("a folder")
            .map(|entry| entry.expect("it can be read"));
        for file in words.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())) {
            let bytes = std::fs::read(file.path()).expect("it can be read");
            let shows = bytes
                .windows(SOMEONE.len())
                .any(|window| window == SOMEONE.as_bytes());
            assert!(!shows, "{:?} names the person", file.file_name());
        }
    }
}
