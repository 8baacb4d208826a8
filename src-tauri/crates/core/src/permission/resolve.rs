//! From what was observed to what it means.
//!
//! Flatpak merges a metadata file with up to four overrides, later ones winning entry by entry
//! (flatpak-metadata(5), flatpak-override(1)). A permission may rest on several grounds; it is allowed as long as
//! one of them gives it.

use super::catalogue::{Catalogue, Ground, Permission, PermissionId};
use super::grounds::{describe, resolve_ground};
use super::layers::{Install, Observation};

/// What can be said about one permission on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub permission: PermissionId,
    /// Whether the app asks for it.
    pub requested: Requested,
    /// What holds now.
    pub effective: Effective,
    /// Who decided so.
    pub decided_by: Decider,
    /// What can be done about it from here.
    pub control: Control,
    /// The single grounds, for those who want to know.
    pub grounds: Vec<GroundStanding>,
}

/// Whether the app asks for a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requested {
    /// Its metadata names it: these entries.
    InManifest(Vec<String>),
    /// It may ask at run time; the desktop puts the question.
    WhenNeeded,
    /// It doesn't.
    No,
    /// Nothing here can tell (not a Flatpak).
    Unknown,
}

/// What holds now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effective {
    /// The app can use it.
    Allowed,
    /// The app can't.
    Denied,
    /// The desktop asks the person each time, or the first time.
    Asks,
    /// The app doesn't ask for it, and can't reach it.
    NotRequested,
    /// Nothing on this computer can hold it.
    NotEnforced,
    /// It couldn't be found out.
    Unknown,
}

/// Who decided what holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decider {
    /// The app's metadata.
    Manifest,
    /// The computer's administrator, by an override.
    SystemOverride,
    /// The user, by an override.
    UserOverride,
    /// The user, when the desktop asked; kept in the permission store.
    PermissionStore,
    /// The desktop will ask.
    Desktop,
    /// Nobody: there is nothing to decide, or nothing that could.
    Nobody,
}

/// What can be done about a permission from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// This program can switch it.
    Direct,
    /// It goes with another one; switching either switches both.
    Follows(PermissionId),
    /// Nothing here can hold it; why.
    NotEnforced {
        /// A sentence for people.
        reason: String,
    },
    /// There is nothing to switch.
    Nothing,
    /// It could be switched, but not now; why.
    Blocked {
        /// A sentence for people.
        reason: String,
    },
}

/// What one ground gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroundStanding {
    /// The ground.
    pub ground: Ground,
    /// Whether the app's metadata asks for it.
    pub requested: bool,
    /// What it gives now.
    pub granted: Granted,
    /// Who decided so.
    pub decided_by: Decider,
}

/// What a ground gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granted {
    /// It is open.
    Yes,
    /// It is closed.
    No,
    /// The desktop will ask.
    Asks,
    /// It couldn't be read.
    Unknown,
}

/// One standing for every permission of the catalogue, in its order.
pub fn resolve(catalogue: &Catalogue, seen: &Observation) -> Vec<Standing> {
    catalogue
        .permissions
        .iter()
        .map(|permission| standing(catalogue, permission, seen))
        .collect()
}

fn standing(catalogue: &Catalogue, permission: &Permission, seen: &Observation) -> Standing {
    let id = permission.id.clone();
    let unsandboxed = |reason: &str| Standing {
        permission: id.clone(),
        requested: Requested::Unknown,
        effective: Effective::NotEnforced,
        decided_by: Decider::Nobody,
        control: Control::NotEnforced {
            reason: reason.to_owned(),
        },
        grounds: Vec::new(),
    };
    match &seen.install {
        Install::Package { .. } => unsandboxed(
            "DingTalk is installed as a plain program, outside a sandbox. It can use this without asking, and nothing here can stop it.",
        ),
        Install::Elsewhere => unsandboxed("On this system, the system's own settings decide about this."),
        Install::Absent => Standing {
            permission: id,
            requested: Requested::Unknown,
            effective: Effective::NotRequested,
            decided_by: Decider::Nobody,
            control: Control::Nothing,
            grounds: Vec::new(),
        },
        Install::Flatpak { .. } => sandboxed(catalogue, permission, seen),
    }
}

fn sandboxed(catalogue: &Catalogue, permission: &Permission, seen: &Observation) -> Standing {
    let grounds: Vec<GroundStanding> = catalogue
        .leader(permission)
        .flatpak
        .iter()
        .map(|ground| resolve_ground(ground, seen))
        .collect();
    let (effective, decided_by) = match (unread(seen), &permission.not_enforced) {
        (Some(_), _) => (Effective::Unknown, Decider::Nobody),
        (None, Some(_)) if grounds.iter().any(|ground| ground.granted == Granted::Yes) => {
            (Effective::NotEnforced, Decider::Nobody)
        }
        (None, Some(_) | None) => conclude(&grounds),
    };
    let control = match (&permission.not_enforced, &permission.follows, effective) {
        (Some(reason), _, Effective::NotEnforced) => Control::NotEnforced {
            reason: reason.clone(),
        },
        (_, _, Effective::NotRequested) => Control::Nothing,
        (_, _, Effective::Unknown) => Control::Blocked {
            reason: blocked_reason(seen),
        },
        (_, Some(leader), _) => Control::Follows(leader.clone()),
        (_, None, _) => Control::Direct,
    };
    Standing {
        permission: permission.id.clone(),
        requested: requested(&grounds),
        effective,
        decided_by,
        control,
        grounds,
    }
}

/// An override that can't be read may say anything, and Flatpak doesn't start the app beside a damaged one: nothing is
/// claimed, and nothing written, until it is mended.
fn unread(seen: &Observation) -> Option<&super::Problem> {
    seen.problems
        .iter()
        .find(|problem| matches!(problem.code, "override-malformed" | "override-unreadable"))
}

fn blocked_reason(seen: &Observation) -> String {
    unread(seen)
        .or(seen.problems.first())
        .map(|problem| problem.message.clone())
        .unwrap_or_else(|| "This couldn't be found out. Try again in a moment.".to_owned())
}

fn requested(grounds: &[GroundStanding]) -> Requested {
    let named: Vec<String> = grounds
        .iter()
        .filter(|g| g.requested)
        .map(|g| describe(&g.ground))
        .collect();
    let may_ask = grounds.iter().any(|g| matches!(g.ground, Ground::Portal { .. }));
    match (named.is_empty(), may_ask) {
        (false, _) => Requested::InManifest(named),
        (true, true) => Requested::WhenNeeded,
        (true, false) => Requested::No,
    }
}

/// The strongest ground decides: one open door is enough.
fn conclude(grounds: &[GroundStanding]) -> (Effective, Decider) {
    let first = |granted| grounds.iter().find(|ground| ground.granted == granted);
    if let Some(open) = first(Granted::Yes) {
        return (Effective::Allowed, open.decided_by);
    }
    if let Some(unknown) = first(Granted::Unknown) {
        return (Effective::Unknown, unknown.decided_by);
    }
    if let Some(asking) = first(Granted::Asks) {
        return (Effective::Asks, asking.decided_by);
    }
    // Closed by somebody's decision, or never open?
    let decided = grounds.iter().find(|ground| ground.decided_by != Decider::Nobody);
    match decided {
        Some(closed) => (Effective::Denied, closed.decided_by),
        None => (Effective::NotRequested, Decider::Nobody),
    }
}
