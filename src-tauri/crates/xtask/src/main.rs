//! The project's own commands: `cargo xtask run`, `cargo xtask test` and their kin.
//!
//! It is the first thing a newcomer runs, so it depends on nothing and compiles in a second; it prepares what the
//! other crates need (system packages, the front end) and only then calls cargo on them. It ends only processes it
//! started itself.
#![allow(
    clippy::print_stdout,
    reason = "telling people what happens is what this program is for"
)]

mod args;
mod bench;
mod command;
mod display;
mod failure;
mod frontend;
mod generate;
mod packages;
mod paths;
mod run;
mod session;
mod steps;
mod webdriver;

use std::process::ExitCode;

use args::Task;
use failure::Outcome;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match args::parse(&arguments).and_then(perform) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("\nerror: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

/// Does the task and gives the code to leave with: the app's own for `run`.
fn perform(task: Task) -> Outcome<ExitCode> {
    match task {
        Task::Help => println!("{}", args::HELP),
        Task::Run(options) => return run::run(&options),
        Task::Test { subset, passed_on } => steps::test(subset, &passed_on)?,
        Task::Bench { runs } => bench::bench(runs)?,
        Task::BenchBrowsers => steps::bench_browsers()?,
        Task::BenchExport => steps::bench_export()?,
        Task::Bindings => generate::bindings()?,
        Task::OpenApi => generate::openapi()?,
        Task::Package => generate::package()?,
        Task::CleanRoom => generate::clean_room()?,
    }
    Ok(ExitCode::SUCCESS)
}
