//! The service did it, and nobody heard.

use crate::support::desktop::Desktop;
use crate::support::proxy::Proxy;
use crate::support::service::{Ground, Service};

const SOMEONE: &str = "someone@example.org";
const NEWS: &str = "marketing.news.email";

fn signed_in_through(proxy: &Proxy, service: &Service) -> Desktop {
    let desktop = Desktop::new();
    desktop
        .run(&format!("account use service --address {}", proxy.address))
        .ended(0);
    desktop.sign_in(service, SOMEONE).ended(0);
    desktop
}

fn recorded(desktop: &Desktop) -> Vec<bool> {
    let told = desktop.run("consents history").ended(0).json();
    let events = told["events"].as_array().expect("a list").iter().rev();
    events.map(|event| event["granted"] == true).collect()
}

#[test]
fn a_consent_whose_answer_got_lost_stands_once() {
    let ground = Ground::new();
    let service = ground.serve();
    let proxy = Proxy::losing(&service.address, "PUT /v1/consents ", 1);
    let desktop = signed_in_through(&proxy, &service);
    let kept = desktop.run(&format!("consents set {NEWS} on")).ended(5).json();
    assert_eq!(proxy.lost(), 1);
    assert_eq!(
        kept["consents"][0]["sync"]["state"], "waiting",
        "nobody knows that it arrived"
    );
    assert_eq!(recorded(&desktop), [true], "though it did");
    assert_eq!(desktop.run("sync").ended(0).json()["waiting"], 0);
    assert_eq!(recorded(&desktop), [true]);
    let keys = proxy.keys();
    assert_eq!(keys.len(), 2, "it was sent again");
    assert_eq!(keys[0], keys[1], "as the same request");
}

#[test]
fn a_change_of_mind_after_a_lost_answer_is_a_second_line_in_the_right_order() {
    let ground = Ground::new();
    let service = ground.serve();
    let proxy = Proxy::losing(&service.address, "PUT /v1/consents ", 1);
    let desktop = signed_in_through(&proxy, &service);
    desktop.run(&format!("consents set {NEWS} on")).ended(5);
    let now = desktop.run(&format!("consents set {NEWS} off")).ended(0).json();
    assert_eq!(now["consents"][0]["granted"], false);
    assert_eq!(recorded(&desktop), [true, false]);
}

#[test]
fn a_renewed_session_whose_answer_got_lost_signs_nobody_out() {
    let ground = Ground::new();
    let service = ground.serve();
    let proxy = Proxy::losing(&service.address, "POST /v1/sessions/refresh ", 1);
    let desktop = signed_in_through(&proxy, &service);
    desktop.run(&format!("consents set {NEWS} on")).ended(5);
    assert_eq!(proxy.lost(), 1);
    desktop.run("sync").ended(0);
    assert_eq!(recorded(&desktop), [true]);
}
