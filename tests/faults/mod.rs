//! What is broken is said, and nothing is lost.

mod deletion;
mod deletion_killed;
mod files;
mod keyring;
