//! The operator's commands, of the program itself.

use std::path::Path;
use std::process::{Command, Output};

use super::finalising::{furnish, telling};
use super::*;

fn program(arguments: &[&str], data: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_privacy-service"))
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .unwrap()
}

#[track_caller]
fn said(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test]
async fn an_operator_sees_where_every_ending_stands_and_whose_it_is_nowhere() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let (deletion, token) = asked(&tried, &session).await;
    let id = deletion.id.unwrap().to_string();
    let data = tried.folder.path();
    let listed = said(&program(&["deletions", "list"], data));
    assert!(
        listed.starts_with(&id) && listed.contains("cooling-off"),
        "{listed}"
    );
    deleted(&tried, &token).await;
    let shown = said(&program(&["deletions", "show", &id], data));
    assert!(shown.contains("deleted"), "{shown}");
    let json = said(&program(&["deletions", "list", "--json"], data));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["id"], &json["state"]),
        (&id.clone().into(), &"deleted".into())
    );
    for text in telling(&session) {
        assert!(![&listed, &shown].iter().any(|said| said.contains(&text)));
    }
    said(&program(&["deletions", "retry", &id], data));
    let nobody = program(&["deletions", "show", &Uuid::new_v4().to_string()], data);
    let told = String::from_utf8(nobody.stderr).unwrap();
    assert!(
        !nobody.status.success() && told.contains("deletions list"),
        "{told}"
    );
}

#[tokio::test]
async fn the_ledger_is_replayed_over_a_backup_by_its_command() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    furnish(&tried, &session).await;
    let keep = tempfile::tempdir().unwrap();
    let (backup, data) = (keep.path().join("backup"), tried.folder.path().to_owned());
    let tried = tried.restarted_with(|folder| {
        std::fs::copy(folder.join("service.sqlite"), &backup).unwrap();
    });
    let tried = tried.await;
    let (_, token) = asked(&tried, &session).await;
    deleted(&tried, &token).await;
    tried.service.clone().close().await;
    std::fs::copy(&backup, data.join("service.sqlite")).unwrap();
    assert!(
        !holding(&data, &session.account.identifier).is_empty(),
        "it is back"
    );

    let told = said(&program(&["ledger", "replay"], &data));
    assert!(told.starts_with("1 accounts"), "{told}");
    for text in telling(&session) {
        assert_eq!(holding(&data, &text), [""; 0], "{text}");
    }
    assert!(said(&program(&["ledger", "replay"], &data)).starts_with("0 accounts"));
    assert_eq!(noted(&data).len(), 1);
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("systems.toml");
    let refused = |text: &str| {
        std::fs::write(&list, text).unwrap();
        let data = folder.path().join("data");
        let output = program(&["serve", "--systems", list.to_str().unwrap()], &data);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let told = refused("[[system]]\nname = 'search'\nurl = 'http://search.example/'\n");
    assert!(told.contains("https://"), "{told}");
    let told = refused("[[system]]\nname = 'Search'\nurl = 'https://search.example/'\n");
    assert!(told.contains("small letters"), "{told}");
    let output = program(&["serve", "--cooling-off", "soon"], folder.path());
    assert!(String::from_utf8(output.stderr).unwrap().contains("30d"));
    let help = program(&["--help"], folder.path());
    let help = String::from_utf8([help.stdout, help.stderr].concat()).unwrap();
    assert!(help.contains("deletions") && help.contains("ledger"), "{help}");
}
