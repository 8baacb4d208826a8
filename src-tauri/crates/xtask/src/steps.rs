//! `cargo xtask test`: every check, in the order in which a mistake shows soonest.
//!
//! Cargo is always given the same selection, `--workspace` with all targets. Selecting single packages or targets would
//! change the features its dependencies are built with, and build many of them a second time: two thirds of the
//! whole. So the tests of the window and of real browsers are compiled with everything else, and their executables run
//! where there is a display, and where there are browsers.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::args::Subset;
use crate::command;
use crate::display::Display;
use crate::failure::{Failure, Outcome};
use crate::frontend;
use crate::packages;
use crate::paths;
use crate::session::Session;
use crate::webdriver;

/// One check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    BuildPackages,
    TestPackages,
    Frontend,
    FrontendChecks,
    Format,
    Clippy,
    BuildTests,
    RustTests,
    BrowserTests,
    Driver,
    WindowTests,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::BuildPackages => "System packages to build",
            Self::TestPackages => "System packages to build and test",
            Self::Frontend => "Front end",
            Self::FrontendChecks => "Front-end checks and tests",
            Self::Format => "Formatting",
            Self::Clippy => "Clippy",
            Self::BuildTests => "Build the Rust tests",
            Self::RustTests => "Rust tests",
            Self::BrowserTests => "Tests with real browsers",
            Self::Driver => "WebDriver",
            Self::WindowTests => "Window tests",
        }
    }

    fn perform(self, passed_on: &[String]) -> Outcome {
        match self {
            Self::BuildPackages => packages::ensure(&[packages::BUILD]),
            Self::TestPackages => packages::ensure(&[packages::BUILD, packages::HEADLESS, packages::TEST]),
            Self::Frontend => frontend::build(),
            Self::FrontendChecks => frontend::check(),
            Self::Format => command::run(command::cargo().args(["fmt", "--all", "--check"])),
            Self::Clippy => clippy(),
            Self::BuildTests => cargo_test(&["--all-targets", "--no-run"], None),
            Self::RustTests => rust_tests(passed_on),
            Self::BrowserTests => browser_tests(passed_on),
            Self::Driver => webdriver::ensure().map(drop),
            Self::WindowTests => window_tests(passed_on),
        }
    }
}

fn steps(subset: Subset) -> &'static [Step] {
    match subset {
        Subset::Everything => &[
            Step::TestPackages,
            Step::Frontend,
            Step::FrontendChecks,
            Step::Format,
            Step::Clippy,
            Step::BuildTests,
            Step::RustTests,
            Step::BrowserTests,
            Step::Driver,
            Step::WindowTests,
        ],
        Subset::Rust => &[
            Step::TestPackages,
            Step::Frontend,
            Step::BuildTests,
            Step::RustTests,
        ],
        Subset::Browsers => &[Step::BuildPackages, Step::Frontend, Step::BrowserTests],
        Subset::Ui => &[Step::Frontend, Step::FrontendChecks],
        Subset::Window => &[
            Step::TestPackages,
            Step::Frontend,
            Step::Driver,
            Step::WindowTests,
        ],
        // Clippy compiles the app, which embeds the front end.
        Subset::Lint => &[Step::BuildPackages, Step::Frontend, Step::Format, Step::Clippy],
    }
}

/// Does the steps of a subset, stops at the first failure, and sums up.
pub fn test(subset: Subset, passed_on: &[String]) -> Outcome {
    let began = Instant::now();
    let mut taken: Vec<Duration> = Vec::new();
    let mut outcome = Ok(());
    for step in steps(subset) {
        println!("\n=== {} (at {})", step.name(), clock(began.elapsed()));
        let start = Instant::now();
        outcome = step.perform(passed_on);
        taken.push(start.elapsed());
        if outcome.is_err() {
            break;
        }
    }
    println!("\n=== Summary");
    for (index, step) in steps(subset).iter().enumerate() {
        let line = match taken.get(index) {
            Some(time) if index + 1 == taken.len() && outcome.is_err() => {
                format!("FAILED   {}", clock(*time))
            }
            Some(time) => format!("ok       {}", clock(*time)),
            None => "not run".into(),
        };
        println!("{:<36}{line}", step.name());
    }
    println!("{:<36}         {}", "Altogether", clock(began.elapsed()));
    outcome
}

fn clippy() -> Outcome {
    let mut clippy = command::cargo();
    clippy
        .args(["clippy", "--workspace", "--all-targets"])
        .args(command::locked_in_ci());
    command::run(clippy.args(["--", "-D", "warnings"]))
}

/// Cargo's own lines, `test result:` among them, go straight to our output.
fn cargo_test(arguments: &[&str], surroundings: Option<&dyn Fn(&mut std::process::Command)>) -> Outcome {
    let mut test = command::cargo();
    test.args(["test", "--workspace"])
        .args(command::locked_in_ci())
        .args(arguments);
    if let Some(prepare) = surroundings {
        prepare(&mut test);
    }
    command::run(&mut test)
}

fn rust_tests(passed_on: &[String]) -> Outcome {
    let session = Session::start()?;
    cargo_test(
        &after_dashes(&[], passed_on),
        Some(&|test| session.offer_to(test)),
    )
}

fn window_tests(passed_on: &[String]) -> Outcome {
    let test = built("window")?;
    let session = Session::start()?;
    let display = Display::start()?;
    in_the_window(&test, passed_on, None, &session, &display)
}

/// The benchmark of the window's commands, on the program at `app`.
pub fn window_figures(app: &Path, session: &Session, display: &Display) -> Outcome {
    let only = ["--ignored", "--nocapture", "figures"].map(String::from);
    in_the_window(&built("window")?, &only, Some(app), session, display)
}

fn browser_tests(passed_on: &[String]) -> Outcome {
    if !packages::ensure_browsers()? {
        return Ok(());
    }
    let mut run = command::bound(built("real_browsers")?);
    // Without one of the browsers, it fails.
    run.args(passed_on)
        .current_dir(paths::root())
        .env("SETTINGS_PRIVACY_BROWSERS", "1");
    command::run(&mut run)
}

/// Lists large profiles beside the programs that are good at it.
pub fn bench_browsers() -> Outcome {
    let mut bench = command::cargo();
    bench
        .args([
            "bench",
            "--package",
            "settings-privacy-browsers",
            "--bench",
            "listing",
        ])
        .args(command::locked_in_ci());
    command::run(&mut bench)
}

/// Downloads an export beside curl, and looks at the memory of both sides.
pub fn bench_export() -> Outcome {
    let mut bench = command::cargo();
    bench
        .args([
            "bench",
            "--package",
            "settings-privacy-embedded",
            "--bench",
            "export",
        ])
        .args(command::locked_in_ci());
    command::run(&mut bench)
}

/// Compiles everything, if it isn't yet, and says where this test is, which Cargo doesn't run by itself.
fn built(name: &str) -> Outcome<PathBuf> {
    let mut build = command::cargo();
    build
        .args([
            "test",
            "--workspace",
            "--all-targets",
            "--no-run",
            "--message-format",
            "json-render-diagnostics",
        ])
        .args(command::locked_in_ci());
    let messages = command::output(&mut build)?;
    executable(&messages, name).ok_or_else(|| {
        Failure::Needed(format!(
            "Cargo built no test called “{name}”: is it still in Cargo.toml?"
        ))
    })
}

/// The executable of a bench target in Cargo's messages, one JSON object a line.
fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    let of_target = |line: &&str| {
        line.contains(r#""reason":"compiler-artifact""#)
            && line.contains(r#""kind":["bench"]"#)
            && line.contains(&format!(r#""name":"{name}""#))
    };
    let line = messages.lines().find(of_target)?;
    let (_, path) = line.split_once(r#""executable":""#)?;
    let (path, _) = path.split_once('"')?;
    Some(PathBuf::from(path))
}

fn in_the_window(
    test: &Path,
    passed_on: &[String],
    app: Option<&Path>,
    session: &Session,
    display: &Display,
) -> Outcome {
    let driver = webdriver::ensure()?;
    let mut run = command::bound(test);
    run.args(passed_on)
        .current_dir(paths::root())
        .env("TAURI_DRIVER", &driver);
    session.offer_to(&mut run);
    display.offer_to(&mut run);
    if let Some(app) = app {
        run.env("SETTINGS_PRIVACY_APP", app);
    }
    command::run(&mut run)
}

fn after_dashes<'a>(ours: &[&'a str], passed_on: &'a [String]) -> Vec<&'a str> {
    let dashes = (!passed_on.is_empty()).then_some("--");
    ours.iter()
        .copied()
        .chain(dashes)
        .chain(passed_on.iter().map(String::as_str))
        .collect()
}

/// `12.3 s`, or `4 min 05 s` where that reads better.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Step, after_dashes, clock, executable, steps};
    use crate::args::Subset;

    const PARTS: [Subset; 5] = [
        Subset::Rust,
        Subset::Browsers,
        Subset::Ui,
        Subset::Window,
        Subset::Lint,
    ];

    #[test]
    fn everything_leaves_out_no_check_that_a_part_makes() {
        let everything = steps(Subset::Everything);
        for part in PARTS {
            for step in steps(part).iter().filter(|step| **step != Step::BuildPackages) {
                assert!(everything.contains(step), "{part:?} makes {step:?}");
            }
        }
    }

    #[test]
    fn whatever_compiles_the_app_has_the_front_end_built_first() {
        for subset in PARTS.into_iter().chain([Subset::Everything]) {
            let order = steps(subset);
            let place = |step| order.iter().position(|other| *other == step);
            for compiling in [
                Step::Clippy,
                Step::BuildTests,
                Step::RustTests,
                Step::BrowserTests,
                Step::WindowTests,
            ] {
                if let Some(at) = place(compiling) {
                    assert!(
                        place(Step::Frontend).is_some_and(|front| front < at),
                        "{subset:?}: {compiling:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn dashes_come_only_before_something() {
        assert_eq!(after_dashes(&["--test", "window"], &[]), ["--test", "window"]);
        assert_eq!(after_dashes(&[], &["outbox".into()]), ["--", "outbox"]);
    }

    #[test]
    fn the_windows_test_is_found_among_cargos_messages() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"window"},"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"kind":["bench"],"name":"window"},"executable":"/t/window-1"}"#,
            "\n",
        );
        assert_eq!(executable(messages, "window"), Some("/t/window-1".into()));
        assert_eq!(executable(messages, "door"), None);
    }

    #[test]
    fn a_time_reads_well() {
        assert_eq!(clock(Duration::from_millis(1240)), "1.2 s");
        assert_eq!(clock(Duration::from_secs(245)), "4 min 05 s");
    }
}
