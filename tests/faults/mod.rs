//! What is broken is said, and nothing is lost.

mod exports;
mod files;
mod keyring;
