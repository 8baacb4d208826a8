//! What people do, from the first command to the last.

mod account;
mod consents;
mod cookies;
mod deletion;
mod deletion_whose;
pub mod exports;
mod letters;
mod lost_answers;
mod memberships;
mod permissions;
