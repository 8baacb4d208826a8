//! An administrator ends a member's membership; the member is told, sees what is left, and ends that as well.

use serde_json::Value;

use crate::support::desktop::Desktop;
use crate::support::service::{Ground, Service};

const SAMPLE: &str = "sample@example.invalid";
const MEMBER: &str = "canary-3fa802@example.org";

fn signed_in(desktop: &Desktop, service: &Service, identifier: &str) {
    desktop
        .run(&format!("account use service --address {}", service.address))
        .ended(0);
    desktop.sign_in(service, identifier).ended(0);
}

/// An Organization of a list, by its name.
#[track_caller]
fn named<'a>(told: &'a Value, name: &str) -> &'a Value {
    let list = told["organizations"].as_array().expect("a list");
    list.iter()
        .find(|one| one["name"] == name)
        .unwrap_or_else(|| panic!("{name} isn't in {told}"))
}

#[test]
fn who_was_ended_by_an_administrator_is_told_once_and_ends_the_individual_account() {
    let (boss, member, ground) = (Desktop::new(), Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &["--sample", "--cooling-off", "0s"]);
    signed_in(&member, &service, MEMBER);
    ground.let_join_the_allotment(MEMBER);
    signed_in(&boss, &service, SAMPLE);
    let before = member.run("account organizations list").ended(0).json();
    assert!(named(&before, "Allotment 12").get("ended").is_none(), "{before}");
    let held = |inventory: &Value| {
        let categories = inventory["categories"].as_array().expect("a list");
        let docs = categories.iter().find(|one| one["id"] == "docs").expect("docs");
        docs["items"].as_u64().expect("a number")
    };
    assert_eq!(held(&member.run("export inventory").ended(0).json()), 1);

    // The administrator ends it, knowing that it can't be undone.
    let list = boss.run("account organizations list").ended(0).json();
    let allotment = named(&list, "Allotment 12");
    let id = allotment["id"].as_str().expect("a name");
    let members = allotment["members"].as_array().expect("a list");
    let tom = members
        .iter()
        .find(|one| one["name"] == "Tom Okafor")
        .expect("he is there");
    let tom = tom["id"].as_str().expect("a name");
    let words = format!("account organizations end-membership {id} --member {tom}");
    let unsure = boss.run(&words).ended(7);
    assert_eq!(unsure.error()["code"], "needs-confirmation");
    let left = boss.run(&format!("{words} --yes")).ended(0).json();
    let left = &named(&left, "Allotment 12")["members"];
    assert!(
        left.as_array()
            .expect("a list")
            .iter()
            .all(|one| one["id"] != tom),
        "{left}"
    );
    // Nobody else may, and nobody is anybody's administrator by having been a member.
    let refused = member.run(&format!("{words} --yes")).ended(6);
    assert_eq!(refused.error()["code"], "not-found");

    // The member is told once, and sees it for what it is for as long as the account is there.
    let told = member.run("sync").ended(0).json();
    let notice = &told["notices"][0];
    let code = notice["code"].as_str().expect("a code");
    assert!(code.starts_with("account-membership-ended-"), "{told}");
    let message = notice["message"].as_str().expect("words");
    assert!(
        message.starts_with("Allotment 12 ended your membership on "),
        "{message}"
    );
    assert!(message.contains("The account itself stays yours"), "{message}");
    let again = member.run("sync").ended(0).json();
    assert!(again.get("notices").is_none(), "{again}");
    let told = member.run("account preflight").ended(0).json();
    let ended = &named(&told["preflight"], "Allotment 12")["ended"];
    assert_eq!(ended["by"], "administrator", "{told}");
    let shown = member.tell("account preflight").ended(0);
    assert!(
        shown.stdout.contains("Your account can be deleted."),
        "{}",
        shown.stdout
    );
    let says = "What Allotment 12 controlled is gone from your account.";
    assert!(shown.stdout.contains(says), "{}", shown.stdout);
    assert_eq!(held(&member.run("export inventory").ended(0).json()), 0);

    // The individual part is theirs to end.
    ground.let_codes_be_sent_again();
    member.delete_account(&service, MEMBER, "");
    let removed = (0..60)
        .map(|_| member.run("account status").json())
        .find(|told| told["removing"]["done"] == true);
    assert!(removed.is_some(), "it ends");
    assert_eq!(member.files_with("canary-3fa802"), Vec::<String>::new());
    boss.run("account organizations list").ended(0);
}

#[test]
fn an_organization_one_was_put_into_meanwhile_is_shown_before_anything_is_begun() {
    let (member, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_with("127.0.0.1:0", &["--sample", "--cooling-off", "30d"]);
    signed_in(&member, &service, MEMBER);
    ground.let_codes_be_sent_again();
    let deleting = member.begin_deletion("");
    assert!(deleting.asks());
    ground.let_join_the_allotment(MEMBER);
    let refused = deleting.enter(&service.code_for(MEMBER)).ended(6);
    assert_eq!(refused.error()["code"], "deletion-preflight-stale");
    assert!(
        ground.operator(&["deletions", "list"]).is_empty(),
        "nothing was begun"
    );
    let told = member.run("account preflight").ended(0).json();
    assert_eq!(named(&told["preflight"], "Allotment 12")["role"], "member");
}

#[test]
fn the_made_up_account_has_a_membership_that_was_ended() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve_sample();
    signed_in(&desktop, &service, SAMPLE);
    let shown = desktop.tell("account preflight").ended(0);
    let says = "Corner Café ended your membership on 31 August 2026. What Corner Café controlled is gone";
    assert!(shown.stdout.contains(says), "{}", shown.stdout);
}
