//! The service as its clients see it.
#![allow(missing_docs, reason = "tests are sentences")]

mod codes;
mod consents;
mod database;
mod devices;
mod idempotency;
mod journey;
mod letters;
mod openapi;
mod problems;
#[cfg(unix)]
mod server;
mod sessions;
mod smtp;
mod support;
