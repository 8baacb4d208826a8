//! What a single ground gives: one entry of Flatpak's files, or one of the permission store, after all layers.
//!
//! Flatpak merges a metadata file with up to four overrides, later ones winning entry by entry
//! (flatpak-metadata(5), flatpak-override(1)).

use super::catalogue::{Bus, Ground};
use super::layers::{BusAccess, Layer, List, Observation, Store, StoreKey};
use super::resolve::{Decider, Granted, GroundStanding};

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
