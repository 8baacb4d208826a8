//! The reference account service: embedded in the app (in process, without a port), or run as a server.
//!
//! It keeps accounts, the devices that signed in, what they reported of their permissions, and consents with their
//! append-only history. Every unsafe request is idempotent under its key; every error is an RFC 9457 problem. It never
//! writes a code, a token or an address to its log, and keeps codes and tokens only as digests.
//!
//! ```no_run
//! # async fn example() -> Result<(), settings_privacy_service::OpenError> {
//! use settings_privacy_service::{Config, Service};
//! let service = Service::open(Config { sample: true, ..Config::new("data") }).await?;
//! let router = service.router(); // a tower service of http::Request<axum::body::Body>
//! service.close().await;
//! # drop(router); Ok(()) }
//! ```

mod answer;
mod clock;
mod codes;
mod config;
mod db;
mod delivery;
mod endings;
mod exports;
mod folders;
mod guard;
mod idempotency;
mod identifier;
mod keys;
mod ledger;
mod letter;
mod mailbox;
mod openapi;
mod operator;
mod problem;
mod request;
mod routes;
mod runner;
mod sample;
mod seed;
mod service;
mod signing;
mod tokens;

pub use clock::{Clock, SettableClock, SystemClock};
pub use config::{Config, Delivery, OpenError, Smtp};
pub use mailbox::{Mailbox, ShownCode};
pub use operator::{OperatorDeletion, OperatorError, OperatorLetter, OperatorSystem};
pub use sample::SAMPLE_IDENTIFIER;
pub use seed::Seeded;
pub use service::{Service, openapi_document};
