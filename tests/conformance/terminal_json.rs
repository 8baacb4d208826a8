//! The terminal's JSON is what its README promises to programs.

use serde_json::Value;

use crate::support::desktop::Desktop;

fn keys(value: &Value) -> Vec<&str> {
    let fields = value.as_object().unwrap_or_else(|| panic!("an object: {value}"));
    fields.keys().map(String::as_str).collect()
}

#[test]
fn every_command_answers_with_the_fields_it_promises() {
    let desktop = Desktop::new();
    desktop.install_dingtalk();
    const OUTBOX: [&str; 3] = ["next_try_at", "refused", "waiting"];
    const ACCOUNT: [&str; 5] = ["account", "address", "outbox", "place", "signed"];
    const SWITCHED: [&str; 4] = ["change", "observed_at", "permission", "says"];
    const SET: [&str; 5] = ["change", "consents", "offline", "outbox", "says"];
    let promised: [(&str, &[&str]); 20] = [
        ("account use sample", &ACCOUNT),
        ("account show", &ACCOUNT),
        (
            "permissions list",
            &["install", "observed_at", "permissions", "problems"],
        ),
        (
            "permissions show camera",
            &["install", "observed_at", "permission", "problems"],
        ),
        ("permissions deny camera", &SWITCHED),
        ("undo", &SWITCHED),
        ("permissions allow camera", &SWITCHED),
        ("permissions reset camera", &SWITCHED),
        ("consents list", &["consents", "offline", "outbox"]),
        ("consents set marketing.research.banner on", &SET),
        ("undo", &SET),
        ("consents history", &["events"]),
        ("history", &["changes"]),
        (
            "outbox list",
            &["consents", "next_try_at", "offline", "refused", "waiting"],
        ),
        (
            "sync",
            &["consents", "next_try_at", "offline", "refused", "sent", "waiting"],
        ),
        ("export inventory", &["categories", "laws"]),
        ("export status", &["exports"]),
        ("requests laws", &["laws"]),
        ("requests list", &["requests"]),
        ("sign-out", &ACCOUNT),
    ];
    for (words, fields) in promised {
        let ran = desktop.run(words).ended(0);
        let mut answer = ran.json();
        // Any answer may carry messages.
        answer.as_object_mut().expect("an object").remove("notices");
        assert_eq!(keys(&answer), fields, "{words}");
        assert_eq!(ran.stdout.lines().count(), 1, "{words}");
        if let Some(permission) = answer.get("permission").or_else(|| answer["permissions"].get(0)) {
            let brief = ["control", "decided_by", "id", "name", "state"];
            assert!(
                brief.iter().all(|field| permission.get(field).is_some()),
                "{words}: {permission}"
            );
        }
        if let Some(consent) = answer["consents"].get(0) {
            let fields = ["changed_at", "granted", "group", "id", "name", "required", "sync"];
            assert_eq!(keys(consent), fields, "{words}");
        }
        if let Some(outbox) = answer.get("outbox") {
            assert_eq!(keys(outbox), OUTBOX, "{words}");
        }
    }
}

#[test]
fn the_browsers_commands_answer_with_the_fields_they_promise() {
    let desktop = Desktop::without_keyring();
    desktop.install_firefox(["mine"]);
    const LISTED: [&str; 5] = ["backups", "looked_at", "out_of_reach", "problems", "profiles"];
    const CHANGED: [&str; 3] = ["change", "profiles", "says"];
    let promised: [(&str, &[&str]); 8] = [
        ("cookies list", &LISTED),
        ("cookies clear --yes", &CHANGED),
        ("cookies list", &LISTED),
        ("cookies restore", &CHANGED),
        ("cookies refuse dingtalk.com", &CHANGED),
        ("undo", &["change", "says"]),
        ("cookies allow dingtalk.com", &CHANGED),
        ("cookies permit dingtalk.com camera deny", &CHANGED),
    ];
    for (words, fields) in promised {
        let ran = desktop.run(words).ended(0);
        let mut answer = ran.json();
        // Any answer may carry messages.
        answer.as_object_mut().expect("an object").remove("notices");
        assert_eq!(keys(&answer), fields, "{words}");
        assert_eq!(ran.stdout.lines().count(), 1, "{words}");
        let Some(profile) = answer["profiles"].get(0) else {
            continue;
        };
        if words != "cookies list" {
            let fields = ["browser", "change", "decision", "error", "id", "name", "says"];
            assert_eq!(keys(profile), fields, "{words}");
            continue;
        }
        let fields = [
            "browser",
            "id",
            "name",
            "packaging",
            "problems",
            "reports",
            "running",
            "sites",
        ];
        assert_eq!(keys(profile), fields, "{words}");
        let site = &profile["sites"][0];
        assert_eq!(
            keys(site),
            ["items", "kinds", "reason", "rules", "site"],
            "{words}"
        );
        let about = ["camera", "cookies", "location", "microphone", "notifications"];
        assert_eq!(keys(&site["rules"]), about, "{words}");
        if let Some(item) = site["items"].get(0) {
            let fields = ["bytes", "container", "cookie", "host", "id", "kind", "within"];
            assert_eq!(keys(item), fields, "{words}");
        }
        if let Some(backup) = answer["backups"].get(0) {
            let fields = ["cookies", "id", "other", "profile", "until"];
            assert_eq!(keys(backup), fields, "{words}");
        }
    }
}

#[test]
fn what_is_not_understood_is_an_error_of_the_promised_shape() {
    let desktop = Desktop::without_bus();
    for words in [
        "permissions",
        "permissions deny",
        "consents set a",
        "undo yesterday",
        "dance",
    ] {
        let ran = desktop.run(words).ended(2);
        assert_eq!(ran.stdout, "", "{words}");
        assert_eq!(keys(&ran.error()), ["code", "message", "retryable"], "{words}");
    }
    for words in ["--help", "permissions --help", "--version"] {
        assert!(!desktop.tell(words).ended(0).stdout.is_empty(), "{words}");
    }
}
