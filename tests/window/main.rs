//! The real window, driven by WebDriver: what a person sees and what the computer then holds.
//!
//! `cargo xtask test` gives it a display, a session bus with an unlocked keyring, and `TAURI_DRIVER`. The tests run
//! one after the other: they share that bus.

mod axe;
mod cookies;
mod deletion;
mod driver;
mod exports;
mod figures;
mod home;
mod journey;
mod screens;
mod tray;
