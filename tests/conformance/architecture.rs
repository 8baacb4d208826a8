//! The arrows of `ARCHITECTURE.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Which of our crates each may depend on. A new crate needs its place here.
const ARROWS: [(&str, &[&str]); 12] = [
    ("core", &[]),
    ("api", &[]),
    ("devices", &["core"]),
    ("browsers", &["core"]),
    ("archive", &["core"]),
    ("engine", &["core", "api", "devices", "browsers", "archive"]),
    ("service", &["api", "core"]),
    ("embedded", &["engine", "devices", "browsers", "service"]),
    ("cli", &["embedded", "engine", "core", "api"]),
    (
        "settings-privacy",
        &["embedded", "engine", "archive", "core", "api"],
    ),
    ("xtask", &[]),
    ("tests", &[]),
];

/// A test file may set things up with more, but never turn an arrow round.
const BELOW_EVERYTHING: [&str; 3] = ["core", "api", "xtask"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("it is a member")
        .to_owned()
}

/// Every member by its short name, with its dependencies: `(name, kind)`.
fn members() -> BTreeMap<String, Vec<(String, String)>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let told: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let list = |value: &Value| value.as_array().expect("it is a list").clone();
    let text = |value: &Value| value.as_str().expect("it is text").to_owned();
    let dependency = |value: &Value| {
        (
            text(&value["name"]),
            value["kind"].as_str().unwrap_or("normal").to_owned(),
        )
    };
    let member = |package: &Value| {
        let dependencies = list(&package["dependencies"]).iter().map(dependency).collect();
        (short(&text(&package["name"])).to_owned(), dependencies)
    };
    list(&told["packages"]).iter().map(member).collect()
}

fn short(name: &str) -> &str {
    name.strip_prefix("settings-privacy-").unwrap_or(name)
}

fn is_ours(name: &str) -> bool {
    name == "settings-privacy" || name.starts_with("settings-privacy-")
}

#[test]
fn our_crates_depend_on_each_other_only_as_the_architecture_says() {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let mut wrong = Vec::new();
    for (member, dependencies) in members() {
        let Some(allowed) = arrows.get(member.as_str()) else {
            wrong.push(format!("{member} has no place in the architecture"));
            continue;
        };
        for (name, kind) in dependencies.iter().filter(|(name, _)| is_ours(name)) {
            let for_tests = kind == "dev" && !BELOW_EVERYTHING.contains(&member.as_str());
            if !for_tests && !allowed.contains(&short(name)) {
                wrong.push(format!("{member} → {}", short(name)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_first_command_a_newcomer_types_compiles_nothing_but_itself() {
    assert_eq!(members()["xtask"], []);
}

#[test]
fn core_touches_no_file_no_socket_no_clock_and_no_dice() {
    const TABOO: [&str; 14] = [
        "tokio",
        "reqwest",
        "sqlx",
        "std::fs",
        "std::net",
        "std::process",
        "std::env",
        "std::thread",
        "std::io",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "rand::",
    ];
    let mut files = vec![root().join("src-tauri/crates/core/src")];
    let mut looked = 0;
    let mut found = Vec::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                std::fs::read_dir(&path)
                    .expect("a folder")
                    .map(|entry| entry.expect("it can be read").path()),
            );
            continue;
        }
        // What only tests are made of may read what it compares with.
        if path.file_name().is_some_and(|name| name == "tests.rs") {
            continue;
        }
        looked += 1;
        let text = std::fs::read_to_string(&path).expect("source is text");
        let code = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim_start().starts_with("//"));
        for (number, line) in code {
            let words = TABOO.iter().filter(|word| line.contains(*word));
            found.extend(words.map(|word| format!("{}:{}: {word}", path.display(), number + 1)));
        }
    }
    assert!(looked > 5, "the source of core wasn't found");
    assert!(found.is_empty(), "{found:#?}");
}

/// A test's name in backticks, in the table of invariants, is a promise that it exists.
#[test]
fn the_tests_that_the_architecture_names_exist() {
    let text =
        std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the architecture is described");
    let table = text
        .split("\n## ")
        .find(|part| part.starts_with("Invariants"))
        .expect("it has invariants");
    let held_by = table
        .lines()
        .filter(|line| line.starts_with('|'))
        .filter_map(|line| line.split('|').nth(2));
    let names: BTreeSet<&str> = held_by
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    assert!(names.len() > 5, "no names found: {names:?}");
    let source = rust_source();
    let crates: BTreeSet<&str> = ARROWS.into_iter().map(|(name, _)| name).collect();
    let exists = |name: &str| {
        let is_file = |path: &PathBuf| {
            path.file_stem().is_some_and(|stem| stem == name)
                || path.ends_with(Path::new(name).join("mod.rs"))
        };
        let is_function = |text: &String| text.contains(&format!("fn {name}("));
        crates.contains(name)
            || ["ui", "window"].contains(&name)
            || source
                .iter()
                .any(|(path, text)| is_file(path) || is_function(text))
    };
    let missing: Vec<&&str> = names.iter().filter(|name| !exists(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn rust_source() -> Vec<(PathBuf, String)> {
    let mut folders = vec![root().join("src-tauri"), root().join("tests")];
    let mut source = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&path).expect("source is text");
                source.push((path, text));
            }
        }
    }
    source
}
