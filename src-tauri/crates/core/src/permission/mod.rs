//! Device permissions: what DingTalk may use on this computer.
//!
//! [`Catalogue`] says which permissions there are and which mechanisms hold them (data). [`Observation`] is what
//! an adapter read from the system. [`resolve`] turns both into one [`Standing`] a permission, and [`plan`] turns
//! a person's wish into the edits that bring it about, with everything else those edits would change.

mod catalogue;
mod grounds;
mod layers;
mod plan;
mod resolve;
#[cfg(test)]
mod tests;

pub use catalogue::{AppFacts, Bus, Catalogue, Ground, Permission, PermissionId, SettingsPages};
pub use grounds::describe;
pub use layers::{
    BusAccess, Context, Install, Layer, LayerContext, List, Observation, PackageKind, Problem, Scope, Store,
    StoreKey,
};
pub use plan::{Edit, Plan, Refusal, SideEffect, Snapshot, Wanted, apply_edits, plan};
pub use resolve::{Control, Decider, Effective, Granted, GroundStanding, Requested, Standing, resolve};
