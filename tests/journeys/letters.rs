//! A person without an account writes to DingTalk, and follows what comes back.

use std::io::Write;
use std::process::Stdio;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::support::desktop::Desktop;
use crate::support::terminal::Ran;

/// Runs a command that reads these lines.
fn with_lines(desktop: &Desktop, words: &str, lines: &str) -> Ran {
    let mut command = desktop.settings(words);
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    // A program that ended before reading says why itself.
    let _ = stdin.write_all(lines.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("it ends").into()
}

fn days_ago(days: i64) -> Date {
    let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
    today.saturating_sub(jiff::Span::new().days(days))
}

const ADA: &str = "Ada Canarybird\nada-canarybird@example.org\n";

#[test]
fn a_letter_is_followed_to_its_end_and_who_wrote_it_is_kept_nowhere() {
    let desktop = Desktop::without_bus();
    let made = with_lines(
        &desktop,
        "requests new end-account --law california --json",
        &format!("{ADA}I have moved on, said the canarybird.\n"),
    )
    .ended(0)
    .json();
    let letter = &made["letter"];
    assert_eq!(letter["to"], "dt_privacy@service.dingtalk.com");
    let body = letter["body"].as_str().expect("it has a text");
    for words in [
        "Ada Canarybird",
        "I have moved on, said the canarybird.",
        "15 business days",
    ] {
        assert!(body.contains(words), "{words}: {body}");
    }
    let reference = made["reference"].as_str().expect("it has one").to_owned();
    assert!(
        letter["subject"]
            .as_str()
            .is_some_and(|subject| subject.contains(&reference))
    );

    let sent = format!("requests tell {reference} sent --on {}", days_ago(60));
    let sent = desktop.run(&sent).ended(0).json();
    assert_eq!(sent["standing"]["status"], "open");
    assert_eq!(sent["next"]["step"], "await-answer");
    assert_eq!(sent["next"]["overdue"], true);
    assert_eq!(sent["next"]["clause"], "II.5");
    let told = |words: &str| {
        desktop
            .run(&format!("requests tell {reference} {words}"))
            .ended(0)
    };
    let until = days_ago(-10);
    let extended = told(&format!("extended --until {until}")).json();
    assert_eq!(extended["next"]["by"], until.to_string());
    let reminder = desktop.run(&format!("requests reminder {reference}")).ended(0);
    let calendar = reminder.json()["ics"].to_string();
    let day = until.to_string().replace('-', "");
    assert!(
        calendar.contains(&format!("DTSTART;VALUE=DATE:{day}")),
        "{calendar}"
    );
    let done = told("fulfilled").json();
    assert_eq!(done["standing"]["status"], "fulfilled");
    assert_eq!(told("mistake").json()["standing"]["status"], "in_progress");
    assert_eq!(
        desktop
            .run(&format!("requests tell {reference} sent"))
            .ended(3)
            .error()["code"],
        "request-out-of-turn"
    );

    assert_eq!(holds(desktop.home(), "canarybird"), [""; 0]);
    assert_eq!(
        holds(desktop.home(), "california").len(),
        1,
        "the request itself is there"
    );
    desktop.run(&format!("requests forget {reference}")).ended(0);
    let left = desktop.run("requests list").ended(0).json();
    assert_eq!(left["requests"].as_array().map(Vec::len), Some(0));
}

/// The files below a folder in which a text stands, in any case.
fn holds(folder: &std::path::Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("it can be read") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(content) = std::fs::read(&path) {
                let content = String::from_utf8_lossy(&content).to_lowercase();
                if content.contains(text) {
                    found.push(path.display().to_string());
                }
            }
        }
    }
    found
}

#[test]
fn a_letter_that_lacks_something_is_not_begun() {
    let desktop = Desktop::without_bus();
    let refused = |words: &str, lines: &str| {
        let ran = with_lines(&desktop, &format!("requests new {words} --json"), lines);
        let code = ran.error()["code"].as_str().expect("it has a code").to_owned();
        (ran.code, code)
    };
    let is = |code: &str, exit: i32| (exit, code.to_owned());
    assert_eq!(
        refused("access --law eea", "\nada@example.org\n"),
        is("letter-name-missing", 2)
    );
    assert_eq!(
        refused("correction --law eea", ADA),
        is("letter-details-missing", 2)
    );
    assert_eq!(
        refused("no-sale --law eea", ADA),
        is("right-not-under-this-law", 3)
    );
    assert_eq!(refused("access --law mars", ADA), is("regime-unknown", 3));
    let organization = format!("{ADA}Example Ltd\nnobody\n");
    assert_eq!(
        refused("access --law eea --to organization", &organization),
        is("letter-organization-address-wrong", 2)
    );
    let left = desktop.run("requests list").ended(0).json();
    assert_eq!(left["requests"].as_array().map(Vec::len), Some(0));
}

#[test]
fn an_organizations_letter_goes_to_it_with_no_day_promised() {
    let desktop = Desktop::without_bus();
    let lines = format!("{ADA}Example Ltd\nadmin@example.com\n");
    let made = with_lines(
        &desktop,
        "requests new access --law eea --to organization --json",
        &lines,
    )
    .ended(0)
    .json();
    assert_eq!(made["letter"]["to"], "admin@example.com");
    let reference = made["reference"].as_str().expect("it has one");
    let sent = desktop
        .run(&format!("requests tell {reference} sent"))
        .ended(0)
        .json();
    assert_eq!(sent["next"]["by"], serde_json::Value::Null);
    let none = desktop.run(&format!("requests reminder {reference}")).ended(3);
    assert_eq!(none.error()["code"], "nothing-due");
    let eml = with_lines(&desktop, &format!("requests letter {reference} --eml"), &lines).ended(0);
    assert!(
        eml.stdout.contains("X-Unsent: 1") && eml.stdout.contains("admin@example.com"),
        "{eml:#?}"
    );
}
