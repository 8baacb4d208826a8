//! Choosing where the account lives, signing in and out.

use crate::support::desktop::Desktop;
use crate::support::service::Ground;

const SOMEONE: &str = "someone@example.org";

#[test]
fn somebody_signs_in_over_http_stays_signed_in_and_signs_out() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve();
    let chosen = desktop
        .run(&format!("account use service --address {}", service.address))
        .ended(0)
        .json();
    assert_eq!(
        (&chosen["place"], &chosen["signed"]),
        (&"service".into(), &"out".into())
    );

    let signed_in = desktop.sign_in(&service, SOMEONE).ended(0).json();
    assert_eq!(signed_in["signed"], "in");
    assert_eq!(signed_in["account"]["identifier"], SOMEONE);

    // Another process: the session came from the keyring.
    let later = desktop.run("account show").ended(0).json();
    assert_eq!(later["account"]["identifier"], SOMEONE);
    desktop.run("consents list").ended(0);

    let out = desktop.run("sign-out").ended(0).json();
    assert_eq!(out["signed"], "out");
    assert_eq!(
        desktop.run("consents list").ended(4).error()["code"],
        "signed-out"
    );
}

#[test]
fn a_wrong_code_is_refused_with_what_is_left_and_nobody_is_signed_in() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve();
    desktop
        .run(&format!("account use service --address {}", service.address))
        .ended(0);
    let signing_in = desktop.begin_sign_in(SOMEONE);
    let right = service.code_for(SOMEONE);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let refused = signing_in.enter(wrong).ended(6);
    assert_eq!(refused.stdout, "", "nothing was done");
    let error = refused.error();
    assert_eq!(
        (&error["code"], &error["retryable"]),
        (&"code-wrong".into(), &false.into())
    );
    assert!(
        error["attempts_left"].as_u64().is_some_and(|left| left > 0),
        "{error}"
    );
    assert!(
        error["message"].as_str().is_some_and(|said| said.ends_with('.')),
        "a sentence: {error}"
    );
    assert_eq!(desktop.run("account show").ended(0).json()["signed"], "out");
}

#[test]
fn no_code_at_all_signs_nobody_in() {
    let (desktop, ground) = (Desktop::new(), Ground::new());
    let service = ground.serve();
    desktop
        .run(&format!("account use service --address {}", service.address))
        .ended(0);
    let nothing = desktop.begin_sign_in(SOMEONE).enter("").ended(2);
    assert_eq!(nothing.error()["code"], "nothing-entered");
    let unasked = desktop.run(&format!("sign-in {SOMEONE}")).ended(2);
    assert_eq!(
        unasked.error()["code"],
        "no-terminal",
        "no letter is sent that nobody can answer"
    );
}

#[test]
fn an_address_that_is_not_encrypted_is_refused_and_the_choice_before_stands() {
    let desktop = Desktop::new();
    desktop.run("account use embedded").ended(0);
    let refused = desktop
        .run("account use service --address http://privacy.example.org")
        .ended(2);
    assert_eq!(refused.error()["code"], "address-not-https");
    assert_eq!(desktop.run("account show").ended(0).json()["place"], "embedded");
}

#[test]
fn an_address_where_nothing_answers_is_not_chosen() {
    let desktop = Desktop::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
    let port = port.expect("a free port");
    let refused = desktop
        .run(&format!("account use service --address http://{port}"))
        .ended(1);
    let error = refused.error();
    assert_eq!(
        (&error["code"], &error["retryable"]),
        (&"service-unreachable".into(), &true.into())
    );
    assert_eq!(desktop.run("account show").ended(0).json()["place"], "none");
}

#[test]
fn the_service_in_the_program_shows_the_code_it_sent() {
    let desktop = Desktop::new();
    desktop.run("account use embedded").ended(0);
    let signing_in = desktop.begin_sign_in(SOMEONE);
    let code: String = signing_in
        .said
        .chars()
        .filter(char::is_ascii_digit)
        .take(6)
        .collect();
    assert!(signing_in.said.starts_with("Your code is"), "{}", signing_in.said);
    let signed_in = signing_in.enter(&code).ended(0).json();
    assert_eq!(signed_in["account"]["identifier"], SOMEONE);
    desktop.run("consents set marketing.news.email on").ended(0);
    let events = desktop.run("consents history").ended(0).json();
    assert_eq!(events["events"][0]["id"], "marketing.news.email");
}

#[test]
fn the_sample_account_signs_in_by_itself_and_says_that_it_is_made_up() {
    let desktop = Desktop::new();
    let sample = desktop.run("account use sample").ended(0).json();
    assert_eq!(
        (&sample["signed"], &sample["account"]["sample"]),
        (&"in".into(), &true.into())
    );
    assert!(desktop.tell("account show").ended(0).stdout.contains("made up"));
}

#[test]
fn without_an_account_what_needs_one_says_where_to_get_it() {
    let desktop = Desktop::new();
    for words in [
        "consents list",
        "consents set marketing.news.email on",
        "sync",
        "sign-in",
        "outbox list",
    ] {
        let error = desktop.run(words).ended(4).error();
        assert_eq!(error["code"], "no-account", "{words}");
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|said| said.contains("account use")),
            "{error}"
        );
    }
}
