//! What DingTalk's sites keep in a person's browsers (policy §6).
//!
//! [`Sites`] says which hosts are DingTalk's, [`Purposes`] what a cookie is likely for; both are data. [`Profile`]
//! names a place where a browser keeps things, and [`Seen`] is what an adapter found there: [`Finding`]s, and
//! [`Problem`]s that never hide them. A [`Choice`] of a person's becomes a [`Plan`] over that: what goes, what is lost by
//! it, and what stays. [`Rules`] are what the browser itself decides for the sites, and [`Memory`] tells at a later look
//! that they vanished or that something came back. A cookie's or an entry's value is nowhere in these types.

mod clearing;
#[cfg(test)]
mod clearing_tests;
mod finding;
mod finding_id;
mod loss;
mod memory;
mod profile;
mod purpose;
mod rule;
#[cfg(test)]
mod rule_tests;
mod says;
mod sites;
#[cfg(test)]
mod tests;

pub use clearing::{Choice, Left, Plan, Why};
pub use finding::{
    Because, Bytes, Cookie, Elsewhere, Finding, Item, Kind, Partition, Place, Problem, SameSite, Seen,
};
pub use finding_id::FindingId;
pub use loss::Loss;
pub use memory::{Counts, Memory, Report};
pub use profile::{Browser, Channel, Family, Packaging, Profile, Running};
pub use purpose::{Purpose, PurposeFact, Purposes};
pub use rule::{
    About, Covers, DecidedBy, Decision, Effective, Entry, Rule, Rules, RulesBefore, SiteRule, covered,
    is_in_the_way, needs_a_rule, weigh,
};
pub use says::once;
pub use sites::{SharedHost, Site, Sites};
