//! The adapters on real ground: Debian's `flatpak`, a real permission store on a bus of its own, real files.
//!
//! Every test has its own folder and its own bus, and ends what it started. A missing program fails a test with the
//! name of the package that holds it; it never passes for want of it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test's panic is the failure it reports")]

mod computer;
mod stores;

mod agreement;
mod faults;
mod installs;
mod journeys;
mod pages;
mod watching;
