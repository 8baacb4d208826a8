//! What DingTalk may use on this computer, with the real permission store and the real `flatpak`.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use crate::support::desktop::Desktop;
use crate::support::terminal::Ran;

fn with_dingtalk() -> Desktop {
    let desktop = Desktop::without_keyring();
    desktop.install_dingtalk();
    desktop
}

fn state(desktop: &Desktop, id: &str) -> String {
    let shown = desktop.run(&format!("permissions show {id}")).ended(0).json();
    shown["permission"]["state"].as_str().expect("a word").to_owned()
}

#[test]
fn denying_the_camera_is_what_flatpak_sees_and_undoing_it_leaves_nothing_behind() {
    let desktop = with_dingtalk();
    assert_eq!(state(&desktop, "camera"), "allowed");
    let done = desktop.run("permissions deny camera").ended(0).json();
    assert_eq!(done["permission"]["state"], "denied", "what was observed: {done}");
    let shown = desktop.flatpak_shows();
    assert!(shown.contains("devices=") && shown.contains("!all"), "{shown}");
    assert_eq!(state(&desktop, "camera"), "denied");
    assert_eq!(state(&desktop, "face"), "denied", "it goes with the camera");

    let undone = desktop.run("undo").ended(0).json();
    assert_eq!(undone["permission"]["state"], "allowed");
    assert_eq!(
        desktop.read_overrides(),
        None,
        "there was no override file before"
    );
    assert!(!desktop.flatpak_shows().contains("!all"));
}

#[test]
fn undoing_brings_an_override_file_back_byte_for_byte() {
    let desktop = with_dingtalk();
    let before = "# mine\n\n[Context]\n  sockets = wayland;  \nunset-environment=A;\n\n[Environment]\nLANG=th_TH.UTF-8\n#end";
    desktop.write_overrides(before);
    for words in [
        "permissions deny camera",
        "permissions deny microphone --yes",
        "permissions deny notifications",
    ] {
        desktop.run(words).ended(0);
    }
    let shown = desktop.flatpak_shows();
    for part in ["!all", "!pulseaudio", "wayland", "LANG=th_TH.UTF-8"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    for _ in 0..3 {
        desktop.run("undo").ended(0);
    }
    assert_eq!(desktop.read_overrides().as_deref(), Some(before.as_bytes()));
}

#[test]
fn what_somebody_else_wrote_meanwhile_survives_undoing() {
    let desktop = with_dingtalk();
    desktop.run("permissions deny camera").ended(0);
    let mut flatpak = desktop.command(Path::new("flatpak"));
    let written = flatpak
        .args(["override", "--user", "--nosocket=x11", "com.dingtalk.DingTalk"])
        .status();
    assert!(written.expect("flatpak starts").success());
    desktop.run("undo").ended(0);
    assert_eq!(state(&desktop, "camera"), "allowed");
    assert!(desktop.flatpak_shows().contains("!x11"));
}

#[test]
fn what_goes_along_is_said_before_it_is_done_and_a_script_has_to_agree() {
    let desktop = with_dingtalk();
    let asked = desktop.run("permissions deny microphone").ended(7);
    assert_eq!(asked.stdout, "");
    let error = asked.error();
    assert_eq!(error["code"], "needs-confirmation");
    assert!(
        error["warning"]
            .as_str()
            .is_some_and(|said| said.contains("sound goes off")),
        "{error}"
    );
    assert_eq!(
        (state(&desktop, "microphone").as_str(), desktop.read_overrides()),
        ("allowed", None)
    );
    desktop.run("permissions deny microphone --yes").ended(0);
    assert_eq!(state(&desktop, "microphone"), "denied");
}

/// Runs the program at a terminal of its own, as a person would, and types an answer.
fn at_a_terminal(desktop: &Desktop, words: &str, typed: &str) -> Ran {
    let program = desktop.settings(words);
    let line = program.get_program().to_str().expect("a path").to_owned() + " " + words;
    let mut script = desktop.command(Path::new("script"));
    script
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .env("SHELL", "/bin/sh");
    let script = script
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut script = script.spawn().expect("script starts (package bsdutils)");
    script
        .stdin
        .take()
        .expect("it is a pipe")
        .write_all(typed.as_bytes())
        .expect("it is typed");
    script.wait_with_output().expect("it ends").into()
}

#[test]
fn at_a_terminal_the_person_is_asked_and_no_is_the_answer_of_silence() {
    let desktop = with_dingtalk();
    for typed in ["n\n", "\n"] {
        let refused = at_a_terminal(&desktop, "permissions deny microphone", typed).ended(7);
        assert!(refused.stdout.contains("sound goes off"), "{refused:#?}");
        assert_eq!(state(&desktop, "microphone"), "allowed");
    }
    let agreed = at_a_terminal(&desktop, "permissions deny microphone", "y\n").ended(0);
    assert!(
        agreed.stdout.contains("Observed now: Microphone: Denied"),
        "{agreed:#?}"
    );
    assert_eq!(state(&desktop, "microphone"), "denied");
}

#[test]
fn resetting_takes_back_what_the_person_decided_and_nothing_else() {
    let desktop = with_dingtalk();
    desktop.write_overrides("[Context]\nsockets=!x11;\n");
    desktop.run("permissions deny files").ended(0);
    assert_eq!(state(&desktop, "files"), "denied");
    desktop.run("permissions reset files").ended(0);
    assert_eq!(state(&desktop, "files"), "allowed");
    assert!(desktop.flatpak_shows().contains("!x11"));
}

#[test]
fn people_read_words_and_every_permission_is_listed() {
    let desktop = with_dingtalk();
    let listed = desktop.tell("permissions list").ended(0).stdout;
    assert!(listed.contains("installed as a Flatpak"), "{listed}");
    let line = |id: &str| {
        listed
            .lines()
            .find(|line| line.starts_with(id))
            .unwrap_or_else(|| panic!("{id}: {listed}"))
    };
    assert!(line("camera").contains("Allowed"));
    assert!(line("wifi").contains("Can't be enforced here"));
    assert!(line("contacts").contains("Not requested"));
    assert!(line("location").contains("Asks each time"));
    assert!(!listed.contains('\u{1b}'), "no colour where nobody sees it");
}

#[test]
fn what_cannot_be_held_here_says_why() {
    let desktop = with_dingtalk();
    let wifi = desktop.run("permissions deny wifi").ended(3).error();
    assert_eq!(wifi["code"], "not-enforced");
    assert_eq!(
        desktop.run("permissions deny contacts").ended(3).error()["code"],
        "nothing-to-switch"
    );
    assert_eq!(
        desktop.run("permissions deny telepathy").ended(2).error()["code"],
        "permission-unknown"
    );
    assert_eq!(
        desktop.run("permissions show telepathy").ended(2).error()["code"],
        "permission-unknown"
    );
}

#[test]
fn without_dingtalk_there_is_nothing_to_switch() {
    let desktop = Desktop::without_keyring();
    let listed = desktop.run("permissions list").ended(0).json();
    assert_eq!(listed["install"]["kind"], "absent");
    assert_eq!(
        desktop.run("permissions deny camera").ended(3).error()["code"],
        "nothing-to-switch"
    );
}
