//! What an adapter observed on the system, before anything is concluded from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::catalogue::Bus;

/// Everything one look at the system found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// How the app is installed.
    pub install: Install,
    /// The layers of a Flatpak's permissions, in the order in which Flatpak merges them. Empty otherwise.
    pub layers: Vec<LayerContext>,
    /// The XDG permission store's answers about the app.
    pub store: Store,
    /// What couldn't be read, and where it lies. Never fatal: the rest stands.
    pub problems: Vec<Problem>,
}

/// How the DingTalk app is installed on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Install {
    /// As a Flatpak: in a sandbox that can be narrowed.
    Flatpak {
        /// The application id.
        app_id: String,
        /// The version it gives itself, where it does.
        version: Option<String>,
        /// For this user or for everyone.
        scope: Scope,
    },
    /// As a plain program, outside any sandbox.
    Package {
        /// What kind of package, as far as could be told.
        kind: PackageKind,
        /// Where it was found: a package's name or a folder.
        found: String,
    },
    /// Not found.
    Absent,
    /// This system's adapter doesn't look (macOS, Windows).
    Elsewhere,
}

/// Whose installation a Flatpak belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The user's own.
    User,
    /// The computer's.
    System,
}

/// What kind of plain package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageKind {
    /// Known to dpkg.
    Deb,
    /// Known to rpm.
    Rpm,
    /// Just a folder.
    Folder,
}

/// A layer of a Flatpak's permissions. Later layers win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The app's own metadata.
    Manifest,
    /// The computer's override for all apps.
    SystemGlobal,
    /// The computer's override for this app.
    SystemApp,
    /// The user's override for all apps.
    UserGlobal,
    /// The user's override for this app: the one layer this program writes.
    UserApp,
}

/// One layer with what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerContext {
    /// Which layer.
    pub layer: Layer,
    /// What it says.
    pub context: Context,
}

/// The lists of a `[Context]` group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum List {
    /// `shared=`
    Shared,
    /// `sockets=`
    Sockets,
    /// `devices=`
    Devices,
    /// `filesystems=`
    Filesystems,
}

impl List {
    /// Its key in the file.
    pub fn key(self) -> &'static str {
        match self {
            List::Shared => "shared",
            List::Sockets => "sockets",
            List::Devices => "devices",
            List::Filesystems => "filesystems",
        }
    }

    /// All of them.
    pub const ALL: [List; 4] = [List::Shared, List::Sockets, List::Devices, List::Filesystems];
}

/// What an app may do with a name on a bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BusAccess {
    /// Nothing.
    None,
    /// See that it is there.
    See,
    /// Call it.
    Talk,
    /// Be it.
    Own,
}

/// The part of a metadata or override file that this program understands. Entries stand as written:
/// `!name` takes away, a filesystem entry may end in a mode.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// The lists, each in the order of the file.
    pub lists: BTreeMap<List, Vec<String>>,
    /// The bus policies.
    pub buses: BTreeMap<(Bus, String), BusAccess>,
}

/// A key of the permission store: a table and an entry in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StoreKey {
    /// `devices`, `location`, `notifications`, …
    pub table: String,
    /// `camera`, `location`, `notification`, …
    pub entry: String,
}

/// What the XDG permission store answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// It answered; keys without an entry for the app are absent.
    Answered(BTreeMap<StoreKey, Vec<String>>),
    /// It isn't there or didn't answer in time.
    Unavailable {
        /// A sentence for people.
        reason: String,
    },
}

/// Something that couldn't be read. It is shown, left untouched, and never hides the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A stable code: `override-malformed`, `override-unreadable`, `metadata-malformed`, `store-unavailable`, …
    pub code: &'static str,
    /// What happened, what it means, what to do.
    pub message: String,
    /// The file it is about, where there is one: a copy of it can be offered.
    pub file: Option<String>,
}
