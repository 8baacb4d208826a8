//! The programs under test, built once.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// The terminal's program.
pub fn privacy_settings() -> &'static Path {
    &built().terminal
}

/// The server.
pub fn privacy_service() -> &'static Path {
    &built().service
}

struct Programs {
    terminal: PathBuf,
    service: PathBuf,
}

/// Cargo knows where it puts them: it says so for each, also when nothing had to be built. The selection is that of
/// `cargo xtask test`, so that nothing is built a second time with other features; each program has an integration
/// test in its own package, which makes Cargo build the program itself.
fn built() -> &'static Programs {
    static PROGRAMS: OnceLock<Programs> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let output = Command::new(env!("CARGO"))
            .args(["test", "--workspace", "--all-targets", "--no-run"])
            .arg("--message-format=json-render-diagnostics")
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stderr(Stdio::inherit())
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "the programs under test don't build");
        let told = String::from_utf8(output.stdout).expect("cargo speaks UTF-8");
        let messages: Vec<Value> = told
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        let find = |name: &str| {
            // The same name stands for the program and for its unit tests.
            let mine = |message: &&Value| {
                message["target"]["name"] == name
                    && message["profile"]["test"] == false
                    && message["executable"].is_string()
            };
            let message = messages
                .iter()
                .find(mine)
                .unwrap_or_else(|| panic!("cargo built no {name}"));
            PathBuf::from(
                message["executable"]
                    .as_str()
                    .expect("it was looked at just above"),
            )
        };
        Programs {
            terminal: find("privacy-settings"),
            service: find("privacy-service"),
        }
    })
}
