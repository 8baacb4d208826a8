//! What is broken is said, and nothing is lost.

mod files;
mod keyring;
