//! The program itself, as far as it needs no desktop. Its journeys are in the package of the tests.

use std::process::{Command, Output};

fn run(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_privacy-settings"))
        .args(words)
        .output()
        .expect("the program starts")
}

#[test]
fn help_names_the_exit_codes_and_is_no_error() {
    let help = run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    let text = String::from_utf8(help.stdout).expect("it is text");
    assert!(text.contains("5  kept, and waiting for the network"), "{text}");
}

#[test]
fn a_command_that_is_not_understood_puts_nothing_out_and_ends_with_two() {
    for words in [
        &["dance"][..],
        &["permissions", "deny"],
        &["--json", "undo", "yesterday"],
    ] {
        let ran = run(words);
        assert_eq!((ran.status.code(), ran.stdout.len()), (Some(2), 0), "{words:?}");
        assert!(!ran.stderr.is_empty(), "{words:?}");
    }
}
