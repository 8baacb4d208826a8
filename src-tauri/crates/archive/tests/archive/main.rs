//! Archives of every kind, against the crate as its users see it.

mod hostile;
mod support;
mod verifying;
