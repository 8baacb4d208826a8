//! From a wish to the edits that bring it about, and to what else they would change.
//!
//! The plan is tried on the observation first: [`apply_edits`] gives what the system would show afterwards, and the
//! difference in standings is what the person is told before anything is done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::catalogue::{Bus, Catalogue, Ground, Permission, PermissionId};
use super::grounds::{bus_policies, filesystem_words, hides, split_filesystem, split_token, whole_bus};
use super::layers::{BusAccess, Context, Layer, LayerContext, List, Observation, Store, StoreKey};
use super::resolve::{Control, Effective, Granted, GroundStanding, Standing, resolve};

/// What a person wants for a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    /// DingTalk can use it.
    Allow,
    /// DingTalk can't.
    Deny,
    /// What the user set is taken back: what the app asks for, and the desktop's question, hold again.
    Reset,
}

/// One edit of the user's override for the app, or of the permission store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Edit {
    /// Entries of a list: `remove` first, then `add` at the end. Entries stand as in the file.
    List {
        /// Which list.
        list: List,
        /// Entries to take out.
        remove: Vec<String>,
        /// Entries to put in.
        add: Vec<String>,
    },
    /// A bus policy: set, or removed with `None`.
    Bus {
        /// Which bus.
        bus: Bus,
        /// The name.
        name: String,
        /// What it may do.
        access: Option<BusAccess>,
    },
    /// The app's entry in the permission store: set, or removed with `None`.
    Store {
        /// Which entry.
        key: StoreKey,
        /// What it should hold.
        value: Option<Vec<String>>,
    },
}

/// What will be done, and what it brings with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The permission that was meant.
    pub permission: PermissionId,
    /// What was wanted.
    pub wanted: Wanted,
    /// What to do. Empty when it already is so.
    pub edits: Vec<Edit>,
    /// A sentence to show before it is done.
    pub warning: Option<String>,
    /// Other permissions that change too.
    pub also: Vec<SideEffect>,
    /// What the permission would be afterwards. It may fall short of what was wanted.
    pub expected: Effective,
}

/// Another permission that a plan changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideEffect {
    /// Which.
    pub permission: PermissionId,
    /// What it was.
    pub before: Effective,
    /// What it would be.
    pub after: Effective,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The catalogue doesn't know the permission.
    #[error("There is no permission called “{0}”.")]
    UnknownPermission(PermissionId),
    /// Nothing here can hold it.
    #[error("{0}")]
    NotEnforced(String),
    /// There is nothing to switch: the app doesn't ask for it, or isn't installed.
    #[error("DingTalk can't reach this, so there is nothing to switch.")]
    Nothing,
    /// Not now.
    #[error("{0}")]
    Blocked(String),
}

/// What the places this program writes to held at one moment; enough to bring them back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The user's override file for the app, whole; `None` when there was none.
    pub override_file: Option<String>,
    /// The entries of the permission store that the plan touches.
    pub store: Vec<(StoreKey, Option<Vec<String>>)>,
}

/// Makes the plan for a wish.
pub fn plan(
    catalogue: &Catalogue,
    seen: &Observation,
    id: &PermissionId,
    wanted: Wanted,
) -> Result<Plan, Refusal> {
    let asked = catalogue
        .get(id)
        .ok_or_else(|| Refusal::UnknownPermission(id.clone()))?;
    let before = resolve(catalogue, seen);
    let leader = catalogue.leader(asked);
    switchable(&before, id)?;
    switchable(&before, &leader.id)?;
    let standing = find(&before, &leader.id);
    let edits: Vec<Edit> = match wanted {
        Wanted::Deny => standing
            .grounds
            .iter()
            .flat_map(|ground| deny(seen, ground))
            .collect(),
        Wanted::Allow => allow(catalogue, &before, leader, standing, seen),
        Wanted::Reset => leader
            .flatpak
            .iter()
            .flat_map(|ground| reset(seen, ground))
            .collect(),
    };
    let edits = without_idle(seen, edits);
    let after = resolve(catalogue, &apply_edits(seen, &edits));
    let also = before
        .iter()
        .zip(&after)
        .filter(|(was, is)| was.permission != *id && was.effective != is.effective)
        .map(|(was, is)| SideEffect {
            permission: was.permission.clone(),
            before: was.effective,
            after: is.effective,
        })
        .collect();
    let warning = (wanted == Wanted::Deny && !edits.is_empty())
        .then(|| asked.deny_warning.clone())
        .flatten();
    let expected = find(&after, id).effective;
    Ok(Plan {
        permission: id.clone(),
        wanted,
        edits,
        warning,
        also,
        expected,
    })
}

/// What an observation would be after `edits`. The adapters do the same to the real places; a test compares.
pub fn apply_edits(seen: &Observation, edits: &[Edit]) -> Observation {
    let mut after = seen.clone();
    for edit in edits {
        match edit {
            Edit::List { list, remove, add } => {
                let entries = user_app(&mut after).lists.entry(*list).or_default();
                entries.retain(|entry| !remove.contains(entry));
                entries.extend(add.iter().cloned());
            }
            Edit::Bus { bus, name, access } => {
                let buses = &mut user_app(&mut after).buses;
                match access {
                    Some(access) => buses.insert((*bus, name.clone()), *access),
                    None => buses.remove(&(*bus, name.clone())),
                };
            }
            Edit::Store { key, value } => {
                if let Store::Answered(answers) = &mut after.store {
                    match value {
                        Some(value) => answers.insert(key.clone(), value.clone()),
                        None => answers.remove(key),
                    };
                }
            }
        }
    }
    after
}

fn user_app(seen: &mut Observation) -> &mut Context {
    if !seen.layers.iter().any(|layer| layer.layer == Layer::UserApp) {
        seen.layers.push(LayerContext {
            layer: Layer::UserApp,
            context: Context::default(),
        });
    }
    let last = seen.layers.iter_mut().find(|layer| layer.layer == Layer::UserApp);
    &mut last.expect("it was pushed just above when missing").context
}

fn own_layer(seen: &Observation) -> Option<&Context> {
    seen.layers
        .iter()
        .find(|layer| layer.layer == Layer::UserApp)
        .map(|layer| &layer.context)
}

fn find<'a>(standings: &'a [Standing], id: &PermissionId) -> &'a Standing {
    standings
        .iter()
        .find(|standing| &standing.permission == id)
        .expect("resolve answers for every permission")
}

fn switchable(standings: &[Standing], id: &PermissionId) -> Result<(), Refusal> {
    match &find(standings, id).control {
        Control::Direct | Control::Follows(_) => Ok(()),
        Control::NotEnforced { reason } => Err(Refusal::NotEnforced(reason.clone())),
        Control::Nothing => Err(Refusal::Nothing),
        Control::Blocked { reason } => Err(Refusal::Blocked(reason.clone())),
    }
}

/// Closes one ground. What nobody asks for stays out of the override file: the less it says, the easier it reads.
fn deny(seen: &Observation, standing: &GroundStanding) -> Vec<Edit> {
    if let Ground::Portal {
        table, entry, deny, ..
    } = &standing.ground
    {
        let key = StoreKey {
            table: table.clone(),
            entry: entry.clone(),
        };
        return match standing.granted {
            Granted::Unknown => Vec::new(),
            Granted::Yes | Granted::No | Granted::Asks => vec![Edit::Store {
                key,
                value: Some(deny.clone()),
            }],
        };
    }
    if standing.granted != Granted::Yes {
        return Vec::new();
    }
    match &standing.ground {
        Ground::Device { name, deny } => {
            vec![replace(
                seen,
                List::Devices,
                |entry| split_token(entry).1 == name,
                deny,
            )]
        }
        Ground::Socket { name } => {
            vec![replace(
                seen,
                List::Sockets,
                |entry| split_token(entry).1 == name,
                &[format!("!{name}")],
            )]
        }
        Ground::Shared { name } => {
            vec![replace(
                seen,
                List::Shared,
                |entry| split_token(entry).1 == name,
                &[format!("!{name}")],
            )]
        }
        Ground::Filesystem { path, within } => {
            // Where a no to the place itself hides nothing, the wider one that is given has to go.
            let (words, _) = filesystem_words(seen, path, within);
            let wider = words.into_iter().filter(|(_, _, given)| *given && !hides(path));
            let wider = wider.map(|(entry, _, _)| entry).filter(|entry| entry != path);
            std::iter::once(path.clone())
                .chain(wider)
                .map(|place| {
                    let mine = |entry: &str| split_filesystem(entry).1 == place;
                    replace(seen, List::Filesystems, mine, &[format!("!{place}")])
                })
                .collect()
        }
        Ground::Bus { bus, name } => {
            let policies = bus_policies(seen, *bus, name)
                .into_iter()
                .filter(|(_, access, _)| *access >= BusAccess::Talk)
                .map(|(known, _, _)| Edit::Bus {
                    bus: *bus,
                    name: known.to_owned(),
                    access: Some(BusAccess::None),
                });
            let socket = whole_bus(*bus);
            let given = seen
                .layers
                .iter()
                .flat_map(|layer| layer.context.lists.get(&List::Sockets))
                .flatten()
                .any(|entry| split_token(entry) == (true, socket));
            let whole = given.then(|| {
                let mine = |entry: &str| split_token(entry).1 == socket;
                replace(seen, List::Sockets, mine, &[format!("!{socket}")])
            });
            policies.chain(whole).collect()
        }
        Ground::Portal { .. } => Vec::new(),
    }
}

/// Replaces the user's own entries about one thing in a list.
fn replace(seen: &Observation, list: List, mine: impl Fn(&str) -> bool, add: &[String]) -> Edit {
    let own = own_layer(seen)
        .and_then(|context| context.lists.get(&list))
        .cloned()
        .unwrap_or_default();
    // An entry that is to stand there anyhow isn't taken out just to be put back.
    let stale = |entry: &&String| mine(entry) && !add.contains(entry);
    let remove = own.iter().filter(stale).cloned().collect();
    let add = add.iter().filter(|entry| !own.contains(entry)).cloned().collect();
    Edit::List { list, remove, add }
}

/// Takes back what the user's own layer says about a ground.
fn reset(seen: &Observation, ground: &Ground) -> Vec<Edit> {
    let drop = |list, mine: &dyn Fn(&str) -> bool| vec![replace(seen, list, mine, &[])];
    match ground {
        Ground::Device { name, deny } => {
            // What was put in the place of a denied entry goes with the denial.
            let denied = own_layer(seen)
                .and_then(|context| context.lists.get(&List::Devices))
                .is_some_and(|own| own.contains(&format!("!{name}")));
            drop(List::Devices, &|entry| {
                split_token(entry).1 == name || (denied && deny.iter().any(|stand_in| stand_in == entry))
            })
        }
        Ground::Socket { name } => drop(List::Sockets, &|entry| split_token(entry).1 == name),
        Ground::Shared { name } => drop(List::Shared, &|entry| split_token(entry).1 == name),
        Ground::Filesystem { path, within } => drop(List::Filesystems, &|entry| {
            let (given, place, mode) = split_filesystem(entry);
            let with_it = !given && mode != "reset" && !hides(path) && within.contains(&place);
            place == *path || with_it
        }),
        Ground::Bus { bus, name } => own_layer(seen)
            .into_iter()
            .flat_map(|context| context.buses.keys())
            .filter(|(on, known)| on == bus && super::grounds::covers(known, name))
            .map(|(_, known)| Edit::Bus {
                bus: *bus,
                name: known.clone(),
                access: None,
            })
            .chain(drop(List::Sockets, &|entry| {
                split_token(entry) == (false, whole_bus(*bus))
            }))
            .collect(),
        Ground::Portal { table, entry, .. } => {
            vec![Edit::Store {
                key: StoreKey {
                    table: table.clone(),
                    entry: entry.clone(),
                },
                value: None,
            }]
        }
    }
}

/// Opens what the app asks for. A door that another, denied permission needs shut stays shut as long as one of this
/// permission's other doors opens: allowing the camera must not quietly give the microphone back.
fn allow(
    catalogue: &Catalogue,
    standings: &[Standing],
    leader: &Permission,
    standing: &Standing,
    seen: &Observation,
) -> Vec<Edit> {
    let kept_shut = |ground: &Ground| {
        catalogue.permissions.iter().any(|other| {
            other.id != leader.id
                && other.follows.as_ref() != Some(&leader.id)
                && other.flatpak.contains(ground)
                && find(standings, &other.id).effective == Effective::Denied
        })
    };
    let fixed: Vec<&GroundStanding> = standing
        .grounds
        .iter()
        .filter(|g| !matches!(g.ground, Ground::Portal { .. }) && g.requested)
        .collect();
    let free = fixed.iter().any(|g| !kept_shut(&g.ground));
    let opened: Vec<Edit> = fixed
        .iter()
        .filter(|g| !free || !kept_shut(&g.ground))
        .flat_map(|g| reset(seen, &g.ground).into_iter().chain(force(seen, &g.ground)))
        .collect();
    let portals = standing.grounds.iter().filter_map(|g| match &g.ground {
        Ground::Portal {
            table, entry, allow, ..
        } => {
            let key = StoreKey {
                table: table.clone(),
                entry: entry.clone(),
            };
            // Where a direct door is open, the desktop's question stays a question; else this is the door.
            let value = fixed.is_empty().then(|| allow.clone());
            Some(Edit::Store { key, value })
        }
        Ground::Device { .. }
        | Ground::Socket { .. }
        | Ground::Shared { .. }
        | Ground::Filesystem { .. }
        | Ground::Bus { .. } => None,
    });
    opened.into_iter().chain(portals).collect()
}

/// When taking back the user's own word isn't enough, because a wider override denies it: say yes in the user's.
fn force(seen: &Observation, ground: &Ground) -> Vec<Edit> {
    let after = apply_edits(seen, &reset(seen, ground));
    let still_shut = super::grounds::resolve_ground(ground, &after).granted != Granted::Yes;
    if !still_shut {
        return Vec::new();
    }
    let add = |list, entry: String| {
        vec![Edit::List {
            list,
            remove: Vec::new(),
            add: vec![entry],
        }]
    };
    match ground {
        Ground::Device { name, .. } => add(List::Devices, name.clone()),
        Ground::Socket { name } => add(List::Sockets, name.clone()),
        Ground::Shared { name } => add(List::Shared, name.clone()),
        Ground::Filesystem { path, within } => {
            let entry = manifest_filesystem(seen, path, within).unwrap_or_else(|| path.clone());
            add(List::Filesystems, entry)
        }
        Ground::Bus { bus, name } => bus_policies(&manifest_only(seen), *bus, name)
            .into_iter()
            .map(|(known, access, _)| Edit::Bus {
                bus: *bus,
                name: known.to_owned(),
                access: Some(access),
            })
            .collect(),
        Ground::Portal { .. } => Vec::new(),
    }
}

fn manifest_only(seen: &Observation) -> Observation {
    let layers = seen
        .layers
        .iter()
        .filter(|layer| layer.layer == Layer::Manifest)
        .cloned()
        .collect();
    Observation {
        layers,
        ..seen.clone()
    }
}

/// The path as the app's metadata writes it, with its mode: no more is given back than was asked for.
fn manifest_filesystem(seen: &Observation, path: &str, within: &[String]) -> Option<String> {
    let manifest = seen.layers.iter().find(|layer| layer.layer == Layer::Manifest)?;
    let entries = manifest.context.lists.get(&List::Filesystems)?;
    let own = entries.iter().find(|entry| split_filesystem(entry).1 == path);
    own.cloned().or_else(|| {
        let wider = entries
            .iter()
            .find(|entry| within.contains(&split_filesystem(entry).1))?;
        Some(match split_filesystem(wider).2 {
            "" => path.to_owned(),
            mode => format!("{path}:{mode}"),
        })
    })
}

/// Drops edits that change nothing, so that a wish already met writes nothing.
fn without_idle(seen: &Observation, edits: Vec<Edit>) -> Vec<Edit> {
    let own = own_layer(seen).cloned().unwrap_or_default();
    let empty = BTreeMap::new();
    let answers = match &seen.store {
        Store::Answered(answers) => answers,
        Store::Unavailable { .. } => &empty,
    };
    let mut kept: Vec<Edit> = Vec::new();
    for edit in edits {
        let idle = match &edit {
            Edit::List { remove, add, .. } => remove.is_empty() && add.is_empty(),
            Edit::Bus { bus, name, access } => own.buses.get(&(*bus, name.clone())) == access.as_ref(),
            Edit::Store { key, value } => {
                answers.get(key) == value.as_ref() || matches!(seen.store, Store::Unavailable { .. })
            }
        };
        if !idle && !kept.contains(&edit) {
            kept.push(edit);
        }
    }
    kept
}
