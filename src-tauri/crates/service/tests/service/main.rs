//! The service as its clients see it.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "tests are sentences, and a panic in what they share is a failure they report"
)]

mod archives;
#[cfg(unix)]
mod called_off;
mod codes;
mod consents;
mod database;
mod deletion;
mod devices;
mod download;
mod exports;
mod idempotency;
mod journey;
mod letters;
mod memberships;
mod openapi;
mod organizations;
mod problems;
mod read_back;
#[cfg(unix)]
mod server;
mod sessions;
mod smtp;
mod support;
