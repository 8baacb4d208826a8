//! Talking to an account service: typed calls over an exchangeable transport.
//!
//! The client never retries by itself and never decides what a failure means for a person's change; it says what
//! came back, so that `core::outbox` can decide.

mod address;
mod calls;
mod deletion;
mod https;
mod in_process;
mod transport;

pub use address::{AddressError, ServiceAddress};
pub use calls::{CallError, Client};
pub(crate) use calls::{retry_after, told};
pub use https::Https;
pub use in_process::InProcess;
pub use transport::{BodyStream, Transport, TransportError};
