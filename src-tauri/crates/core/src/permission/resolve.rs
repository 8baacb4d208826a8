//! From what was observed to what it means.
//!
//! Flatpak merges a metadata file with up to four overrides, later ones winning entry by entry
//! (flatpak-metadata(5), flatpak-override(1)). A permission may rest on several grounds; it is allowed as long as
//! one of them gives it.

use super::catalogue::{Bus, Catalogue, Ground, Permission, PermissionId};
use super::layers::{BusAccess, Install, Layer, List, Observation, Store, StoreKey};

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

pub(super) fn resolve_ground(ground: &Ground, seen: &Observation) -> GroundStanding {
    let (requested, granted, decided_by) = match ground {
        Ground::Device { name, .. } => listed(seen, List::Devices, name),
        Ground::Socket { name } => listed(seen, List::Sockets, name),
        Ground::Shared { name } => listed(seen, List::Shared, name),
        Ground::Filesystem { path, within } => filesystem(seen, path, within),
        Ground::Bus { bus, name } => bus_name(seen, *bus, name),
        Ground::Portal {
            table,
            entry,
            deny,
            allow,
        } => portal(seen, table, entry, deny, allow),
    };
    // Without the app's metadata, a door that nobody is known to open may still be open.
    let told = seen.layers.iter().any(|layer| layer.layer == Layer::Manifest);
    let granted = match (ground, granted) {
        (Ground::Portal { .. }, _) | (_, Granted::Yes | Granted::Asks | Granted::Unknown) => granted,
        (_, Granted::No) if told => Granted::No,
        (_, Granted::No) => Granted::Unknown,
    };
    GroundStanding {
        ground: ground.clone(),
        requested,
        granted,
        decided_by,
    }
}

fn decider(layer: Layer) -> Decider {
    match layer {
        Layer::Manifest => Decider::Manifest,
        Layer::SystemGlobal | Layer::SystemApp => Decider::SystemOverride,
        Layer::UserGlobal | Layer::UserApp => Decider::UserOverride,
    }
}

/// `granted` and who said so last; an entry nobody names is closed by nobody.
fn verdict(last: Option<(Layer, bool)>, requested: bool) -> (bool, Granted, Decider) {
    match last {
        Some((layer, true)) => (requested, Granted::Yes, decider(layer)),
        // Taking away what was never asked for is no decision about the app.
        Some((layer, false)) if requested => (requested, Granted::No, decider(layer)),
        Some((_, false)) | None => (requested, Granted::No, Decider::Nobody),
    }
}

fn listed(seen: &Observation, list: List, name: &str) -> (bool, Granted, Decider) {
    let mut last = None;
    let mut asked = false;
    for layer in &seen.layers {
        for token in layer.context.lists.get(&list).into_iter().flatten() {
            let (given, entry) = split_token(token);
            if entry == name {
                last = Some((layer.layer, given));
                asked |= given;
            }
        }
    }
    verdict(last, asked)
}

/// `!name` takes away. `if:name:condition` (Flatpak 1.17) gives where the condition holds: here that is giving, for
/// nobody can tell where the app will run.
pub(super) fn split_token(token: &str) -> (bool, &str) {
    if let Some(entry) = token.strip_prefix('!') {
        return (false, entry);
    }
    match token.strip_prefix("if:").and_then(|rest| rest.split_once(':')) {
        Some((entry, _condition)) => (true, entry),
        None => (true, token),
    }
}

/// A filesystem entry without `!` and mode: `(given, path, mode)`, the path as Flatpak knows it: `~` is `home`, and
/// neither a slash at the end nor a backslash before a character means anything.
pub(super) fn split_filesystem(token: &str) -> (bool, String, &str) {
    let (given, rest) = match token.strip_prefix('!') {
        Some(rest) => (false, rest),
        None => (true, token),
    };
    let mut path = String::new();
    let mut characters = rest.char_indices();
    let mut mode = "";
    while let Some((at, character)) = characters.next() {
        match character {
            ':' => {
                mode = &rest[at + 1..];
                break;
            }
            '\\' => path.extend(characters.next().map(|(_, escaped)| escaped)),
            '/' if path.ends_with('/') => {}
            other => path.push(other),
        }
    }
    while path.len() > 1 && path.ends_with('/') {
        path.pop();
    }
    match path.as_str() {
        "~" => (given, "home".to_owned(), mode),
        // An older way to write it.
        "host-reset" => (given, "host".to_owned(), "reset"),
        _ => match path.strip_prefix("home/") {
            Some(below) => (given, format!("~/{below}"), mode),
            None => (given, path, mode),
        },
    }
}

/// Whether taking an entry away hides it below a wider one that is given: it does for folders, not for Flatpak's own
/// names of places. A `!home` under a `host` closes nothing.
pub(super) fn hides(path: &str) -> bool {
    !matches!(path, "home" | "host" | "host-os" | "host-etc" | "host-root")
}

/// For a path and the wider entries: the last word on each, with the layer that said it, and the layer whose
/// `!host:reset` made all layers below it forgotten.
pub(super) fn filesystem_words(
    seen: &Observation,
    path: &str,
    within: &[String],
) -> (Vec<(String, Layer, bool)>, Option<Layer>) {
    let mut words: Vec<(String, Layer, bool)> = Vec::new();
    let mut reset = None;
    for layer in &seen.layers {
        let tokens = layer.context.lists.get(&List::Filesystems).into_iter().flatten();
        let tokens: Vec<_> = tokens.map(|token| split_filesystem(token)).collect();
        if tokens.iter().any(|(given, _, mode)| !given && *mode == "reset") {
            words.clear();
            reset = Some(layer.layer);
        }
        for (given, entry, _) in tokens {
            if entry == path || within.contains(&entry) {
                words.retain(|(known, _, _)| *known != entry);
                words.push((entry, layer.layer, given));
            }
        }
    }
    (words, reset)
}

fn filesystem(seen: &Observation, path: &str, within: &[String]) -> (bool, Granted, Decider) {
    let tokens = seen
        .layers
        .iter()
        .flat_map(|layer| layer.context.lists.get(&List::Filesystems));
    let asked = tokens.flatten().any(|token| {
        let (given, entry, _) = split_filesystem(token);
        given && (entry == path || within.contains(&entry))
    });
    let (words, reset) = filesystem_words(seen, path, within);
    let own = words
        .iter()
        .find(|(entry, _, given)| entry == path && (*given || hides(path)));
    let open = words.iter().find(|(_, _, given)| *given);
    let last = own
        .or(open)
        .or(words.first())
        .map(|(_, layer, given)| (*layer, *given))
        .or(reset.map(|layer| (layer, false)));
    verdict(last, asked)
}

/// Whether a policy's name and a ground's name speak about the same services. `a.b.*` covers `a.b` and below.
pub(super) fn covers(one: &str, other: &str) -> bool {
    let base = |name: &str| name.strip_suffix(".*").map(str::to_owned);
    let below = |base: &str, name: &str| {
        let name = name.strip_suffix(".*").unwrap_or(name);
        name == base || name.strip_prefix(base).is_some_and(|rest| rest.starts_with('.'))
    };
    one == other
        || base(one).is_some_and(|base| below(&base, other))
        || base(other).is_some_and(|base| below(&base, one))
}

/// The policies about a ground's name after merging: `name → (access, layer)`.
pub(super) fn bus_policies<'a>(
    seen: &'a Observation,
    bus: Bus,
    name: &str,
) -> Vec<(&'a str, BusAccess, Layer)> {
    let mut merged: Vec<(&str, BusAccess, Layer)> = Vec::new();
    for layer in &seen.layers {
        for ((on, known), access) in &layer.context.buses {
            if *on == bus && covers(known, name) {
                merged.retain(|(earlier, _, _)| earlier != known);
                merged.push((known, *access, layer.layer));
            }
        }
    }
    merged
}

/// The socket that gives a whole bus, past every policy about its names.
pub(super) fn whole_bus(bus: Bus) -> &'static str {
    match bus {
        Bus::Session => "session-bus",
        Bus::System => "system-bus",
    }
}

fn bus_name(seen: &Observation, bus: Bus, name: &str) -> (bool, Granted, Decider) {
    let (whole_asked, whole, by) = listed(seen, List::Sockets, whole_bus(bus));
    if whole == Granted::Yes {
        return (whole_asked, whole, by);
    }
    let merged = bus_policies(seen, bus, name);
    let asked = seen.layers.iter().any(|layer| {
        layer
            .context
            .buses
            .iter()
            .any(|((on, known), access)| *on == bus && covers(known, name) && *access >= BusAccess::Talk)
    });
    let open = merged.iter().find(|(_, access, _)| *access >= BusAccess::Talk);
    let last = open
        .or(merged.first())
        .map(|(_, access, layer)| (*layer, *access >= BusAccess::Talk));
    match last {
        // The bus was asked for whole, and somebody took it away.
        None if whole_asked => (true, whole, by),
        Some(_) | None => verdict(last, asked || whole_asked),
    }
}

fn portal(
    seen: &Observation,
    table: &str,
    entry: &str,
    deny: &[String],
    allow: &[String],
) -> (bool, Granted, Decider) {
    let key = StoreKey {
        table: table.to_owned(),
        entry: entry.to_owned(),
    };
    let answers = match &seen.store {
        Store::Unavailable { .. } => return (false, Granted::Unknown, Decider::Nobody),
        Store::Answered(answers) => answers,
    };
    // Only the first word is the answer; `location` keeps a time behind it.
    let says = |known: &[String], held: &[String]| !held.is_empty() && held.first() == known.first();
    match answers.get(&key) {
        Some(held) if says(deny, held) => (false, Granted::No, Decider::PermissionStore),
        Some(held) if says(allow, held) => (false, Granted::Yes, Decider::PermissionStore),
        // A coarser location is still a location.
        Some(held) if table == "location" && !held.is_empty() => {
            (false, Granted::Yes, Decider::PermissionStore)
        }
        Some(_) | None => (false, Granted::Asks, Decider::Desktop),
    }
}

/// A ground as it stands in Flatpak's own files, for the details under a row.
pub fn describe(ground: &Ground) -> String {
    match ground {
        Ground::Device { name, .. } => format!("devices={name}"),
        Ground::Socket { name } => format!("sockets={name}"),
        Ground::Shared { name } => format!("shared={name}"),
        Ground::Filesystem { path, .. } => format!("filesystems={path}"),
        Ground::Bus {
            bus: Bus::Session,
            name,
        } => format!("talk-name={name}"),
        Ground::Bus {
            bus: Bus::System,
            name,
        } => format!("system-talk-name={name}"),
        Ground::Portal { table, entry, .. } => format!("permission store: {table}/{entry}"),
    }
}
