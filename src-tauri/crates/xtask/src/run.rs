//! `cargo xtask run`: from a fresh clone to the open window.

use std::env;
use std::path::Path;
use std::process::{Child, Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

use crate::args::RunOptions;
use crate::command;
use crate::display::{self, Display};
use crate::failure::{Failure, Outcome};
use crate::frontend;
use crate::packages;
use crate::paths;
use crate::session::Bus;

/// How long the window may take to show something in a virtual display.
const PAINT_LIMIT: Duration = Duration::from_secs(90);
/// What comes after the first paint: data arriving, a transition ending.
const SETTLING: Duration = Duration::from_millis(1500);

/// Prepares, builds and starts the app; returns its exit code.
pub fn run(options: &RunOptions) -> Outcome<ExitCode> {
    let visible = display::exists();
    if visible {
        packages::ensure(&[packages::BUILD])?;
    } else {
        packages::ensure(&[packages::BUILD, packages::HEADLESS])?;
    }
    frontend::build()?;
    build(options.release)?;
    let app = paths::app(options.release);
    if visible {
        let status = command::status(Command::new(app).args(&options.app_args))?;
        let code = status
            .code()
            .and_then(|code| u8::try_from(code).ok())
            .unwrap_or(1);
        return Ok(ExitCode::from(code));
    }
    unseen(&app, options)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the app alone: what a newcomer waits for. A later plain `cargo build` at the top finds the same artefacts.
pub fn build(release: bool) -> Outcome {
    let mut build = command::cargo();
    build
        .args(["build", "--package", paths::APP])
        .args(command::locked_in_ci());
    if release {
        // What `tauri build` sets too: no developer tools, no server to reload from, and of Tauri's own commands those
        // alone that the window may call.
        build.args(["--release", "--features", "custom-protocol"]);
        build.env("REMOVE_UNUSED_COMMANDS", paths::root());
    }
    command::run(&mut build)
}

/// Starts the app in a virtual display and leaves a picture of it.
fn unseen(app: &Path, options: &RunOptions) -> Outcome {
    let display = Display::start()?;
    println!(
        "There is no display here, so the window opens in a virtual one ({}).",
        display.name()
    );
    // Without a session bus the app could only say that it can't reach one.
    let bus = match env::var_os("DBUS_SESSION_BUS_ADDRESS") {
        Some(_) => None,
        None => Some(Bus::start(|daemon| display.offer_to(daemon))?),
    };
    let mut start = command::bound(app);
    start.args(&options.app_args);
    display.offer_to(&mut start);
    if let Some(bus) = &bus {
        bus.offer_to(&mut start);
    }
    let mut running = command::start(&mut start)?;
    let outcome = picture(&mut running, &display).and_then(|()| {
        if !options.keep {
            return Ok(());
        }
        println!(
            "It stays open until Ctrl-C. To look again: import -display {} -window root now.png",
            display.name()
        );
        running.wait().map(drop).map_err(|source| Failure::Start {
            line: command::line(&start),
            source,
        })
    });
    command::end(&mut running);
    outcome
}

/// Waits until the window shows something and keeps a picture of it.
fn picture(running: &mut Child, display: &Display) -> Outcome {
    let to = paths::target().join("screenshot.png");
    let deadline = Instant::now() + PAINT_LIMIT;
    loop {
        alive(running)?;
        if display.capture(&to)? {
            break;
        }
        if Instant::now() > deadline {
            return Err(Failure::Unmet(format!(
                "The window stayed empty for {} seconds. What the display showed: {}",
                PAINT_LIMIT.as_secs(),
                to.display()
            )));
        }
        thread::sleep(Duration::from_millis(250));
    }
    thread::sleep(SETTLING);
    alive(running)?;
    display.capture(&to)?;
    println!("The window opened. A picture of it: {}", to.display());
    Ok(())
}

fn alive(running: &mut Child) -> Outcome {
    match running.try_wait() {
        Ok(Some(status)) => Err(Failure::Unmet(format!(
            "The app ended before its window was painted ({status})."
        ))),
        Ok(None) | Err(_) => Ok(()),
    }
}
