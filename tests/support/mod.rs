//! What the tests are set up with.

pub mod browsers;
pub mod deletion;
pub mod desktop;
pub mod flatpak;
pub mod meddler;
mod messages;
mod programs;
pub mod proxy;
pub mod service;
pub mod terminal;
pub mod wire;

use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};

/// Asks a child of ours to end, by its id, and waits for it.
pub fn end(child: &mut Child) {
    signal(child, Signal::TERM);
    // It has ended either way: by itself, or it is gone already.
    let _ = child.wait();
}

/// Sends a child of ours a signal.
pub fn signal(child: &Child, signal: Signal) {
    let id = i32::try_from(child.id()).expect("an id is small");
    // One that has just ended needs no signal.
    let _ = Pid::from_raw(id).map(|id| kill_process(id, signal));
}
