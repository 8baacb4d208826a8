//! Flatpak's ground: an app's metadata, and the overrides that narrow or widen it.

pub(super) mod context;
pub(super) mod install;
mod keyfile;
#[cfg(test)]
mod keyfile_tests;
mod list;
pub(super) mod overrides;

pub(super) use keyfile::{KeyFile, Malformed};
