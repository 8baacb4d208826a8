//! Settings & Privacy: the window.

// A console window would open beside the app on Windows.
#![cfg_attr(
    all(not(debug_assertions), target_os = "windows"),
    windows_subsystem = "windows"
)]

fn main() {
    settings_privacy_app::run();
}
