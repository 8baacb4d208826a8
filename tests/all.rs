//! The programs as people run them: real binaries, real HTTP, a real keyring, a real permission store, each test on a
//! desktop of its own. Nothing here knows how a program does what it does.
//!
//! The desktop's parts (D-Bus, the keyring, Flatpak) are Linux's; on other systems only what must hold of the source
//! is tested here.

mod conformance;
#[cfg(target_os = "linux")]
mod faults;
#[cfg(target_os = "linux")]
mod journeys;
#[cfg(target_os = "linux")]
mod support;
