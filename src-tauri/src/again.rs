//! Starting over, when the program that is already running turns out to be ending.
//!
//! A second start hands over to the first. One that is just closing still has its name on the bus, and doesn't answer
//! any more; a moment later there is none, and this one is the first.

/// How often this was tried already.
const TRIES: &str = "SETTINGS_PRIVACY_STARTED_AGAIN";
/// How often it is worth trying.
#[cfg(unix)]
const ENOUGH: u32 = 10;

/// Takes this program's own place, after a moment. Returns only when that failed or was tried often enough.
#[cfg(unix)]
pub fn start() -> bool {
    use std::os::unix::process::CommandExt;
    let tries: u32 = std::env::var(TRIES)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let Ok(program) = std::env::current_exe() else {
        return false;
    };
    if tries >= ENOUGH {
        return false;
    }
    std::thread::sleep(std::time::Duration::from_millis(200));
    let mut command = std::process::Command::new(program);
    command
        .args(std::env::args_os().skip(1))
        .env(TRIES, (tries + 1).to_string());
    let error = command.exec();
    tracing::warn!(%error, "the program can't be started again");
    false
}

/// Elsewhere the first window hears of a second by other means, which don't fail so.
#[cfg(not(unix))]
pub fn start() -> bool {
    tracing::warn!(variable = TRIES, "the running program doesn't answer");
    false
}
