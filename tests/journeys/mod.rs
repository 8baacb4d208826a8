//! What people do, from the first command to the last.

mod account;
mod consents;
mod lost_answers;
mod permissions;
