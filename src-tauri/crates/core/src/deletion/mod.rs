//! Ending an account (policy §5).
//!
//! [`ending`] is the service's side: what it decides, and when. [`retention`] says what becomes of what is held,
//! [`downstream`] which other systems are told, and what follows from what they say.

pub mod downstream;
pub mod ending;
pub mod retention;
