//! What DingTalk's sites keep in a person's browsers (policy §6).
//!
//! [`Sites`] says which hosts are DingTalk's, [`Purposes`] what a cookie is likely for; both are data. [`Profile`]
//! names a place where a browser keeps things, and [`Seen`] is what an adapter found there: [`Finding`]s, and
//! [`Problem`]s that never hide them. A [`Choice`] of a person's becomes a [`Plan`] over that: what goes, what is lost by
//! it, and what stays. A cookie's or an entry's value is nowhere in these types.

mod clearing;
mod finding;
mod finding_id;
mod loss;
mod profile;
mod purpose;
mod sites;
#[cfg(test)]
mod clearing_tests;
#[cfg(test)]
mod tests;

pub use clearing::{Choice, Left, Plan, Why, can_be_cleared};
pub use finding::{
    Because, Bytes, Cookie, Elsewhere, Finding, Item, Kind, Partition, Place, Problem, SameSite, Seen,
};
pub use finding_id::FindingId;
pub use loss::Loss;
pub use profile::{Browser, Channel, Family, Packaging, Profile, Running};
pub use purpose::{Purpose, PurposeFact, Purposes};
pub use sites::{SharedHost, Site, Sites};
