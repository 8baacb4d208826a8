//! The command line, read into a [`Task`].

use crate::failure::{Failure, Outcome};

/// What `cargo xtask help` prints.
pub const HELP: &str = "\
cargo xtask <command>

  run [--release] [--keep] [-- ARGS]   install what is missing, build everything, open the window
                                       (without a display: in a virtual one, leaving target/screenshot.png;
                                       --keep leaves it running there until Ctrl-C)
  test [PART] [-- ARGS]                install what is missing, then check everything; PART is one of
                                       rust, browsers, ui, window, lint; ARGS go to the Rust tests
  bench [RUNS]                         first paint and memory beside a bare WebKitGTK window (5 runs each)
  bench export                         a download beside curl, and the memory of both sides
  bench browsers                       listing large browser profiles beside rookie-cookies and plyvel
  bindings                             write the TypeScript bindings anew from the Rust commands
  openapi                              write the OpenAPI document anew from the service
  package                              make the .deb and .rpm
  clean-room                           try the two commands on a bare Debian, made by the script that CLEAN_ROOM names
  help                                 this";

/// One thing to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Task {
    /// Print [`HELP`].
    Help,
    /// Build and open the app.
    Run(RunOptions),
    /// Check the project, or a part of it.
    Test {
        /// Which part.
        subset: Subset,
        /// What follows `--`: for the Rust tests.
        passed_on: Vec<String>,
    },
    /// Measure the release build.
    Bench {
        /// How many runs of each program.
        runs: usize,
    },
    /// Measure listing a browser's profiles.
    BenchBrowsers,
    /// Measure downloading an export.
    BenchExport,
    /// Regenerate the TypeScript bindings.
    Bindings,
    /// Regenerate the OpenAPI document.
    OpenApi,
    /// Make the packages for Debian and Fedora.
    Package,
    /// Try the README's commands on a bare machine.
    CleanRoom,
}

/// How `run` should run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RunOptions {
    /// Build optimised.
    pub release: bool,
    /// In a virtual display, stay until Ctrl-C.
    pub keep: bool,
    /// What follows `--`: for the app.
    pub app_args: Vec<String>,
}

/// The parts of `test`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subset {
    /// All of them.
    Everything,
    /// The Rust tests without the window's.
    Rust,
    /// What needs a real Firefox and Chromium.
    Browsers,
    /// The front end.
    Ui,
    /// The real window by WebDriver.
    Window,
    /// Formatting and clippy.
    Lint,
}

/// Reads what follows `cargo xtask`.
pub fn parse(arguments: &[String]) -> Outcome<Task> {
    let (ours, passed_on) = match arguments.iter().position(|argument| argument == "--") {
        Some(at) => (&arguments[..at], arguments[at + 1..].to_vec()),
        None => (arguments, Vec::new()),
    };
    let Some((command, rest)) = ours.split_first() else {
        return Ok(Task::Help);
    };
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    match command.as_str() {
        "run" => run(&rest, passed_on).map(Task::Run),
        "test" => Ok(Task::Test {
            subset: subset(&rest)?,
            passed_on,
        }),
        "bench" if rest == ["browsers"] => Ok(Task::BenchBrowsers),
        "bench" if rest == ["export"] => Ok(Task::BenchExport),
        "bench" => Ok(Task::Bench { runs: runs(&rest)? }),
        "bindings" => alone(command, &rest, Task::Bindings),
        "openapi" => alone(command, &rest, Task::OpenApi),
        "package" => alone(command, &rest, Task::Package),
        "clean-room" => alone(command, &rest, Task::CleanRoom),
        "help" | "--help" | "-h" => Ok(Task::Help),
        other => Err(Failure::Usage(format!("There is no command `{other}`."))),
    }
}

fn run(rest: &[&str], app_args: Vec<String>) -> Outcome<RunOptions> {
    let mut options = RunOptions {
        app_args,
        ..RunOptions::default()
    };
    for argument in rest {
        match *argument {
            "--release" => options.release = true,
            "--keep" => options.keep = true,
            other => {
                return Err(Failure::Usage(format!(
                    "`run` does not know `{other}`. What is for the app comes after `--`."
                )));
            }
        }
    }
    Ok(options)
}

fn subset(rest: &[&str]) -> Outcome<Subset> {
    match rest {
        [] => Ok(Subset::Everything),
        ["rust"] => Ok(Subset::Rust),
        ["browsers"] => Ok(Subset::Browsers),
        ["ui"] => Ok(Subset::Ui),
        ["window"] => Ok(Subset::Window),
        ["lint"] => Ok(Subset::Lint),
        other => Err(Failure::Usage(format!(
            "`test` takes one of rust, browsers, ui, window, lint, or nothing for everything; not `{}`.",
            other.join(" ")
        ))),
    }
}

fn runs(rest: &[&str]) -> Outcome<usize> {
    match rest {
        [] => Ok(5),
        [number] => number
            .parse()
            .ok()
            .filter(|runs| *runs > 0)
            .ok_or_else(|| Failure::Usage(format!("`bench` takes a number of runs, not `{number}`."))),
        _ => Err(Failure::Usage("`bench` takes one number of runs.".into())),
    }
}

fn alone(command: &str, rest: &[&str], task: Task) -> Outcome<Task> {
    if rest.is_empty() {
        Ok(task)
    } else {
        Err(Failure::Usage(format!("`{command}` takes nothing after it.")))
    }
}

#[cfg(test)]
mod tests {
    use super::{RunOptions, Subset, Task, parse};

    fn read(line: &str) -> Option<Task> {
        let arguments: Vec<String> = line.split_whitespace().map(String::from).collect();
        parse(&arguments).ok()
    }

    #[test]
    fn nothing_and_help_both_explain() {
        for line in ["", "help", "--help", "-h"] {
            assert_eq!(read(line), Some(Task::Help), "{line:?}");
        }
    }

    #[test]
    fn what_follows_the_dashes_belongs_to_the_app() {
        let expected = RunOptions {
            release: true,
            keep: false,
            app_args: vec!["--keep".into(), "x".into()],
        };
        assert_eq!(read("run --release -- --keep x"), Some(Task::Run(expected)));
    }

    #[test]
    fn a_part_of_the_tests_can_be_chosen() {
        for (line, subset) in [
            ("test", Subset::Everything),
            ("test rust", Subset::Rust),
            ("test browsers", Subset::Browsers),
            ("test ui", Subset::Ui),
            ("test window", Subset::Window),
            ("test lint", Subset::Lint),
        ] {
            assert_eq!(
                read(line),
                Some(Task::Test {
                    subset,
                    passed_on: Vec::new()
                }),
                "{line}"
            );
        }
        assert_eq!(
            read("test rust -- outbox --nocapture"),
            Some(Task::Test {
                subset: Subset::Rust,
                passed_on: vec!["outbox".into(), "--nocapture".into()]
            })
        );
    }

    #[test]
    fn the_window_and_the_browsers_are_measured_apart() {
        assert_eq!(read("bench 3"), Some(Task::Bench { runs: 3 }));
        assert_eq!(read("bench browsers"), Some(Task::BenchBrowsers));
        assert_eq!(read("bench export"), Some(Task::BenchExport));
    }

    #[test]
    fn a_typing_error_is_refused_and_never_guessed_at() {
        for line in [
            "tset",
            "test rusty",
            "test rust ui",
            "run --relase",
            "run x",
            "bench many",
            "bench 0",
            "bench browsers 3",
            "package deb",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
