//! A deletion on which something goes wrong: it says so, loses nothing, and never calls anything deleted that isn't.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::desktop::Desktop;
use crate::support::meddler::Meddler;
use crate::support::service::{Ground, Service};
use crate::support::terminal::Ran;

pub(super) const CANARY: &str = "canary-c0ffee";
pub(super) const SOMEONE: &str = "canary-c0ffee@example.org";

pub(super) fn signed_in(desktop: &Desktop, service: &Service, address: &str) {
    desktop
        .run(&format!("account use service --address {address}"))
        .ended(0);
    desktop.sign_in(service, SOMEONE).ended(0);
}

/// Looks until nothing goes on by itself.
pub(super) fn status_at_rest(desktop: &Desktop) -> Ran {
    for _ in 0..20 {
        let ran = desktop.run("account status");
        let stage = &ran.json()["deletion"]["stage"];
        if stage != "finalising" && stage != "cooling-off" && stage != "reauthenticated" {
            return ran;
        }
    }
    panic!("it doesn't come to rest: {:?}", desktop.run("account status"));
}

#[test]
fn a_receipt_that_was_changed_on_its_way_proves_nothing_and_removes_nothing() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &["--cooling-off", "0s"]);
    let forging = Arc::new(AtomicBool::new(true));
    let forges = forging.clone();
    let line = Meddler::new(&service.address, move |request, answer| {
        if forges.load(Ordering::SeqCst) && request.starts_with("GET /v1/account/deletion/receipt") {
            let at = answer.len() - 20;
            answer[at] = if answer[at] == b'A' { b'B' } else { b'A' };
        }
    });
    signed_in(&desktop, &service, &line.address);
    desktop.delete_account(&service, SOMEONE, "");
    let told = status_at_rest(&desktop).ended(1);
    assert_eq!(told.json()["deletion"]["stage"], "unproven", "{told:?}");
    assert_eq!(told.error()["code"], "receipt-not-genuine");
    assert_eq!(told.json()["removing"], serde_json::Value::Null);
    assert!(desktop.secrets().contains(CANARY), "nothing was removed");

    forging.store(false, Ordering::SeqCst);
    let told = desktop.run("account status --retry").json();
    let told = if told["removing"]["done"] == true {
        told
    } else {
        status_at_rest(&desktop).json()
    };
    assert_eq!(told["removing"]["done"], true, "{told}");
    assert!(!desktop.secrets().contains(CANARY));
}

#[test]
fn a_service_that_fails_for_long_is_waited_for_and_asked_once() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &["--cooling-off", "30d"]);
    let failing = Arc::new(AtomicBool::new(false));
    let fails = failing.clone();
    let line = Meddler::new(&service.address, move |request, answer| {
        if fails.load(Ordering::SeqCst) && request.contains(" /v1/account/deletion ") {
            *answer = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n".to_vec();
        }
    });
    signed_in(&desktop, &service, &line.address);
    let deleting = desktop.begin_deletion("");
    failing.store(true, Ordering::SeqCst);
    let queued = deleting.enter(&service.code_for(SOMEONE)).ended(5);
    assert_eq!(
        queued.json()["deletion"]["stage"],
        "reauthenticated",
        "nothing is promised"
    );
    // It reached the service, whose answer never came. The next program asks how it stands, and doesn't ask for it again.
    failing.store(false, Ordering::SeqCst);
    let told = desktop.run("account status").ended(0).json();
    assert_eq!(told["deletion"]["stage"], "cooling-off", "{told}");
    let deletions = ground.operator(&["deletions", "list"]);
    assert_eq!(deletions.len(), 1, "{deletions:?}");
    assert_eq!(deletions[0]["state"], "cooling-off");

    failing.store(true, Ordering::SeqCst);
    let waiting = desktop.run("account cancel").ended(5).json();
    assert_eq!(waiting["deletion"]["stage"], "cancelling");
    failing.store(false, Ordering::SeqCst);
    let told = desktop.run("account status").ended(0).json();
    assert_eq!(told["deletion"]["stage"], "cancelled", "{told}");
}

#[test]
fn cancelled_after_the_end_it_says_that_it_is_too_late() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &["--cooling-off", "30d"]);
    signed_in(&desktop, &service, &service.address);
    desktop.delete_account(&service, SOMEONE, "").ended(0);
    // The service's own clock comes to the end while nobody looks.
    let address = service.stop();
    ground.let_cooling_off_end();
    let _service = ground.serve_with(&address, &[]);
    let late = desktop.run("account cancel").ended(6);
    assert_eq!(late.error()["code"], "deletion-final");
    let told = status_at_rest(&desktop).json();
    assert_eq!(told["removing"]["done"], true, "{told}");
}

#[test]
fn a_stale_preflight_is_refused_and_the_account_is_as_it_was() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &["--cooling-off", "30d"]);
    // Whoever stands in between gives everybody the preflight of another day.
    let line = Meddler::new(&service.address, |request, answer| {
        if request.starts_with("GET /v1/account/deletion/preflight") {
            let text = String::from_utf8_lossy(answer).into_owned();
            let at = text.find("\"version\":\"").expect("a version") + 11;
            answer[at] = if answer[at] == b'A' { b'B' } else { b'A' };
        }
    });
    signed_in(&desktop, &service, &line.address);
    let refused = desktop.delete_account(&service, SOMEONE, "").ended(6);
    assert_eq!(refused.error()["code"], "deletion-preflight-stale");
    assert_eq!(refused.json()["deletion"]["stage"], "failed");
    desktop.run("consents list").ended(0);
}

#[test]
fn where_the_marker_cannot_be_written_nothing_is_removed_and_it_goes_on_later() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &["--cooling-off", "0s"]);
    signed_in(&desktop, &service, &service.address);
    // Also root can't write a file where a folder stands.
    let in_the_way = desktop.own().join("ending.new");
    std::fs::create_dir(&in_the_way).expect("a folder");
    desktop.delete_account(&service, SOMEONE, "");
    let told = status_at_rest(&desktop).ended(3);
    assert_eq!(told.error()["code"], "own-folder-not-writable");
    assert_eq!(told.json()["deletion"]["stage"], "remote-deleted");
    assert!(desktop.secrets().contains(CANARY), "nothing was removed");
    std::fs::remove_dir(&in_the_way).expect("it is empty");
    let told = status_at_rest(&desktop).json();
    assert_eq!(told["removing"]["done"], true, "{told}");
    assert!(!desktop.secrets().contains(CANARY));
}

#[test]
fn a_folder_for_the_receipt_that_is_gone_is_said_and_another_one_will_do() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &["--cooling-off", "0s"]);
    signed_in(&desktop, &service, &service.address);
    let gone = desktop.home().join("a drive/receipt.jws");
    let mut command = desktop.settings("account delete --code-stdin --json --receipt");
    command.arg(&gone);
    let deleting = crate::support::deletion::begin(command);
    deleting.enter_and_end(&service.code_for(SOMEONE));
    let told = status_at_rest(&desktop).ended(3);
    assert_eq!(told.error()["code"], "place-missing");
    let elsewhere = desktop.home().join("receipt.jws");
    let words = format!("account status --receipt {}", elsewhere.display());
    let told = desktop.run(&words).json();
    let told = if told["removing"]["done"] == true {
        told
    } else {
        status_at_rest(&desktop).json()
    };
    assert_eq!(told["removing"]["done"], true, "{told}");
    assert!(elsewhere.exists());
}
