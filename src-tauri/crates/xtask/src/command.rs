//! Running other programs, and ending the ones we started.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Outcome};
use crate::paths;

/// How long a program may take to leave after it was asked to.
const PATIENCE: Duration = Duration::from_secs(5);

/// Cargo on this workspace, from the top of the checkout.
pub fn cargo() -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(paths::root());
    // The cargo that runs us described our own package here; some build scripts watch these and would run again.
    for (name, _) in env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("CARGO_PKG_") || name_text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// `--locked` where nobody is there to look at a changed `Cargo.lock`.
pub fn locked_in_ci() -> Option<&'static str> {
    env::var_os("CI").map(|_| "--locked")
}

/// A program that the system ends when we end, however that comes (Linux; elsewhere it is started as it is).
pub fn bound(program: impl AsRef<OsStr>) -> Command {
    if cfg!(target_os = "linux") && on_path("setpriv") {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// Whether a program of that name can be found.
pub fn on_path(program: &str) -> bool {
    find(program).is_some()
}

/// Where a program of that name is.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&path)
        .map(|folder| folder.join(&file))
        .find(|file| file.is_file())
}

/// Runs a command to its end, its output going where ours goes.
pub fn run(command: &mut Command) -> Outcome {
    let status = status(command)?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Program {
            line: line(command),
            code: status.code(),
        })
    }
}

/// Runs a command to its end and gives what it returned.
pub fn status(command: &mut Command) -> Outcome<ExitStatus> {
    command.status().map_err(|source| Failure::Start {
        line: line(command),
        source,
    })
}

/// Runs a command and gives what it printed; its complaints go where ours go.
pub fn output(command: &mut Command) -> Outcome<String> {
    let result = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| Failure::Start {
            line: line(command),
            source,
        })?;
    if result.status.success() {
        Ok(String::from_utf8_lossy(&result.stdout).into_owned())
    } else {
        Err(Failure::Program {
            line: line(command),
            code: result.status.code(),
        })
    }
}

/// Starts a command and leaves it running.
pub fn start(command: &mut Command) -> Outcome<Child> {
    command.spawn().map_err(|source| Failure::Start {
        line: line(command),
        source,
    })
}

/// The command as one would type it, for messages: without the folder its program lies in.
pub fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Asks a child to leave, and makes it when it doesn't: by its own process id, never by name.
pub fn end(child: &mut Child) {
    end_within(child, PATIENCE);
}

fn end_within(child: &mut Child, patience: Duration) {
    if matches!(child.try_wait(), Ok(Some(_))) {
        return;
    }
    // The standard library can only kill outright. The shell's own `kill` is there even where procps isn't.
    let asked = Command::new("sh")
        .args(["-c", "kill -TERM \"$1\"", "sh"])
        .arg(child.id().to_string())
        .status();
    if asked.is_ok_and(|status| status.success()) && wait(child, patience) {
        return;
    }
    // It may have left in this instant; either way nothing more can be done.
    let _ = child.kill();
    let _ = child.wait();
}

/// Waits so long for a child to leave; says whether it did.
fn wait(child: &mut Child, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return true;
        }
        thread::sleep(Duration::from_millis(20));
    }
    false
}

/// npm in the front end's folder.
pub fn npm(ui: &Path) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(ui);
    command
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{end_within, line};

    #[test]
    fn a_command_is_named_as_typed() {
        assert_eq!(
            line(Command::new("/usr/bin/npm").args(["run", "build"])),
            "npm run build"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_child_that_ignores_the_request_is_made_to_leave() {
        use std::time::Duration;

        let script = "trap '' TERM; while :; do sleep 0.1; done";
        let mut stubborn = Command::new("sh")
            .args(["-c", script])
            .spawn()
            .expect("sh is on every Unix");
        end_within(&mut stubborn, Duration::from_millis(200));
        assert!(
            stubborn.try_wait().expect("it is our child").is_some(),
            "it is gone"
        );
    }
}
