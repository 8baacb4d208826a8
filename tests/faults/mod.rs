//! What is broken is said, and nothing is lost.

mod deletion;
mod deletion_killed;
mod exports;
mod files;
mod keyring;
mod removing;
