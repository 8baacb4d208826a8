//! The log: to standard error, only when `SETTINGS_PRIVACY_LOG` asks for it, and never with personal data.

use tracing_subscriber::EnvFilter;

/// Begins to log, if asked.
pub fn start() {
    if let Ok(filter) = EnvFilter::try_from_env("SETTINGS_PRIVACY_LOG") {
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .init();
    }
}

/// The window can't open: there is nowhere else to say so.
#[expect(
    clippy::print_stderr,
    reason = "without a window, the terminal is all there is"
)]
pub fn cannot_open(error: &tauri::Error) {
    eprintln!(
        "Settings & Privacy can't open its window ({error}). On a computer without a display, use `privacy-settings` in the terminal."
    );
}
