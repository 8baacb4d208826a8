//! Archives of every kind, against the crate as its users see it.

mod hostile;
mod indexing;
mod keeping;
mod reading;
mod support;
mod verifying;
