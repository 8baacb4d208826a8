//! Several people's accounts end at one computer: who keeps theirs keeps theirs, and nobody else's.

use crate::support::desktop::Desktop;
use crate::support::service::{Ground, Service};

const ADA: &str = "ada@example.org";
const BO: &str = "bo@example.org";
const CHIDI: &str = "chidi@example.org";

/// Signs in, at a computer where nobody is signed in.
fn signed_in(desktop: &Desktop, ground: &Ground, service: &Service, identifier: &str) {
    ground.let_codes_be_sent_again();
    desktop.sign_in(service, identifier).ended(0);
}

/// Signs in, asks for the end of the account, signs out; gives the account.
fn asked(desktop: &Desktop, ground: &Ground, service: &Service, identifier: &str) -> String {
    signed_in(desktop, ground, service, identifier);
    let told = desktop.delete_account(service, identifier, "").ended(0).json();
    assert_eq!(told["deletion"]["stage"], "cooling-off", "{told}");
    desktop.run("sign-out").ended(0);
    told["deletion"]["account"].as_str().expect("a name").to_owned()
}

/// How many deletions the service can still take back.
fn open(ground: &Ground) -> usize {
    let listed = ground.operator(&["deletions", "list"]);
    listed.iter().filter(|one| one["state"] == "cooling-off").count()
}

#[test]
fn keeping_an_account_keeps_the_one_that_is_meant() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &["--cooling-off", "30d"]);
    desktop
        .run(&format!("account use service --address {}", service.address))
        .ended(0);
    let ada = asked(&desktop, &ground, &service, ADA);
    let bo = asked(&desktop, &ground, &service, BO);
    assert_eq!(open(&ground), 2);

    // Nobody is signed in: either may be meant.
    let asks = desktop.run("account cancel").ended(2);
    assert_eq!(asks.error()["code"], "which-account", "{asks:?}");
    let says = asks.error()["message"].to_string();
    assert!(says.contains(&ada) && says.contains(&bo), "{says}");
    assert_eq!(open(&ground), 2, "nothing was done");

    // Bo's is the newest, and Ada is signed in.
    signed_in(&desktop, &ground, &service, ADA);
    let told = desktop.run("account status").ended(0).json();
    assert_eq!(told["deletion"]["account"], ada.as_str(), "{told}");
    let kept = desktop.run("account cancel").ended(0).json();
    assert_eq!(
        (&kept["deletion"]["account"], &kept["deletion"]["stage"]),
        (&ada.as_str().into(), &"cancelled".into())
    );
    assert_eq!(open(&ground), 1);
    desktop.run("sign-out").ended(0);

    // Somebody whose account isn't being deleted keeps nobody's by accident.
    signed_in(&desktop, &ground, &service, CHIDI);
    let asks = desktop.run("account cancel").ended(2);
    assert_eq!(asks.error()["code"], "which-account", "{asks:?}");
    assert_eq!(open(&ground), 1, "nothing was done");
    let told = desktop.tell("account status");
    assert!(
        told.stdout.contains("isn't the one that is signed in"),
        "{told:?}"
    );
    let unknown = desktop.run("account cancel --account nobody").ended(3);
    assert_eq!(unknown.error()["code"], "no-deletion");
    let kept = desktop
        .run(&format!("account cancel --account {bo}"))
        .ended(0)
        .json();
    assert_eq!(kept["deletion"]["account"], bo.as_str(), "{kept}");
    assert_eq!(open(&ground), 0);
}
