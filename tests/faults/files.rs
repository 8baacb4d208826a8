//! Files that are damaged, missing or not to be written.

use crate::support::desktop::Desktop;

#[test]
fn a_damaged_database_is_moved_aside_whole_and_that_is_said() {
    let desktop = Desktop::without_keyring();
    desktop.install_dingtalk();
    desktop.run("permissions deny camera").ended(0);
    let database = desktop.own().join("client.db");
    let garbage = b"this was a database once".repeat(500);
    std::fs::write(&database, &garbage).expect("it can be written");
    for beside in ["client.db-wal", "client.db-shm"] {
        // They are only there if the program before left them.
        let _ = std::fs::remove_file(desktop.own().join(beside));
    }

    let told = desktop.run("history").ended(0).json();
    let notice = &told["notices"][0];
    assert_eq!(notice["code"], "database-moved-aside");
    let aside = notice["file"].as_str().expect("it says where");
    assert_eq!(std::fs::read(aside).expect("it is there"), garbage);
    assert_eq!(told["changes"], serde_json::json!([]));
    let camera = desktop.run("permissions show camera").ended(0).json();
    assert_eq!(
        camera["permission"]["state"], "denied",
        "the computer is as it was"
    );
    assert!(camera.get("notices").is_none(), "it is said once");
}

#[test]
fn a_folder_that_cannot_be_written_is_said_and_the_computer_is_shown_all_the_same() {
    let desktop = Desktop::without_keyring();
    desktop.install_dingtalk();
    // Also root can't make a folder where a file stands.
    std::fs::write(desktop.own(), "in the way").expect("it can be written");
    let listed = desktop.run("permissions list").ended(0).json();
    assert_eq!(listed["notices"][0]["code"], "database-not-writable");
    assert_eq!(listed["install"]["kind"], "flatpak");
    let told = desktop.tell("permissions list").ended(0);
    assert!(told.stderr.starts_with("Note: "), "{told:#?}");
    assert_eq!(std::fs::read(desktop.own()).expect("it is there"), b"in the way");
}

#[test]
fn an_override_file_that_cannot_be_understood_is_said_and_never_written() {
    let desktop = Desktop::without_keyring();
    desktop.install_dingtalk();
    let broken = "[Context]\ndevices=!all\n[Session Bus Policy\norg.example=talk\n";
    desktop.write_overrides(broken);
    let listed = desktop.run("permissions list").ended(0).json();
    let problem = &listed["problems"][0];
    assert_eq!(problem["code"], "override-malformed");
    assert!(
        problem["message"]
            .as_str()
            .is_some_and(|said| said.contains("left as it is")),
        "{problem}"
    );
    for words in [
        "permissions deny camera --yes",
        "permissions allow files",
        "permissions reset notifications",
    ] {
        let error = desktop.run(words).ended(3).error();
        assert_eq!(error["code"], "blocked", "{words}: {error}");
    }
    assert_eq!(desktop.read_overrides().as_deref(), Some(broken.as_bytes()));
    assert!(
        desktop
            .tell("permissions list")
            .ended(0)
            .stdout
            .contains("left as it is")
    );
}

#[test]
fn without_a_permission_store_the_rest_is_shown_and_switched() {
    let desktop = Desktop::without_bus();
    desktop.install_dingtalk();
    let listed = desktop.run("permissions list").ended(0).json();
    let problems = listed["problems"].as_array().expect("a list");
    assert!(
        problems
            .iter()
            .any(|problem| problem["code"] == "store-unavailable"),
        "{listed}"
    );
    let permissions = listed["permissions"].as_array().expect("a list");
    let state = |id: &str| {
        permissions
            .iter()
            .find(|p| p["id"] == id)
            .map(|p| p["state"].clone())
    };
    assert_eq!(state("files"), Some("allowed".into()));
    assert_eq!(
        state("location"),
        Some("unknown".into()),
        "only the store could tell"
    );
    desktop.run("permissions deny files").ended(0);
    desktop.run("undo").ended(0);
    assert_eq!(desktop.read_overrides(), None);
}
