//! Which permissions there are, why DingTalk asks for them, and what holds each.

use serde::{Deserialize, Serialize};

use crate::data::DataError;

/// The identifier of a permission, as in `permissions.toml` and on the wire: `camera`, `microphone`, …
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PermissionId(String);

impl PermissionId {
    /// An identifier that a catalogue may or may not know.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PermissionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Every permission of policy §1 "System Permissions". Versioned: the list changes as the product does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Raised with every change of the list.
    pub version: u32,
    /// Where the app is found on a computer.
    pub app: AppFacts,
    /// The permissions, in the order they are shown.
    #[serde(rename = "permission")]
    pub permissions: Vec<Permission>,
}

/// Where the DingTalk app is found on a computer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppFacts {
    /// Flathub's application id.
    pub flatpak_id: String,
    /// Names of plain packages (deb, rpm).
    pub packages: Vec<String>,
    /// Folders a plain package installs to.
    pub directories: Vec<String>,
}

/// One permission: what it is for, what is lost without it, and which grounds give it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// Its identifier.
    pub id: PermissionId,
    /// Its name in plain words.
    pub name: String,
    /// The policy's clause it rests on.
    pub clause: String,
    /// What DingTalk asks for it for.
    pub used_for: Vec<String>,
    /// What stops without it.
    pub without: String,
    /// What else goes when it is denied; said before it is done.
    pub deny_warning: Option<String>,
    /// Why no switch can hold it, where none can.
    pub not_enforced: Option<String>,
    /// Another permission whose grounds it shares wholly: the two change together.
    pub follows: Option<PermissionId>,
    /// The system's own page for it.
    #[serde(default)]
    pub settings: SettingsPages,
    /// What gives it to a sandboxed app.
    #[serde(default)]
    pub flatpak: Vec<Ground>,
}

/// The systems' own settings pages for a permission.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsPages {
    /// A `ms-settings:` URI.
    pub windows: Option<String>,
    /// A `x-apple.systempreferences:` URI.
    pub macos: Option<String>,
    /// A panel of GNOME Settings.
    pub gnome: Option<String>,
}

/// A message bus of the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bus {
    /// The user's session.
    Session,
    /// The computer's.
    System,
}

/// One way in which a sandboxed app can reach what a permission is about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Ground {
    /// An entry of the metadata's `[Context] devices`.
    Device {
        /// The entry.
        name: String,
        /// What takes its place in an override that denies it (keeps the graphics card reachable, for example).
        deny: Vec<String>,
    },
    /// An entry of `[Context] sockets`.
    Socket {
        /// The entry.
        name: String,
    },
    /// An entry of `[Context] shared`.
    Shared {
        /// The entry.
        name: String,
    },
    /// An entry of `[Context] filesystems`.
    Filesystem {
        /// The entry, without a mode.
        path: String,
        /// Wider entries that include it.
        #[serde(default)]
        within: Vec<String>,
    },
    /// A name on a bus the app may talk to.
    Bus {
        /// Which bus.
        bus: Bus,
        /// The name; a trailing `.*` covers it and everything below.
        name: String,
    },
    /// An entry of the XDG permission store: a portal asks, and the answer is kept there.
    Portal {
        /// The store's table.
        table: String,
        /// The entry in it.
        entry: String,
        /// What the store holds for "no".
        deny: Vec<String>,
        /// What the store holds for "yes".
        allow: Vec<String>,
    },
}

impl Catalogue {
    /// Reads a catalogue and checks that it hangs together.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        let file = "permissions.toml";
        let catalogue: Self = toml::from_str(text).map_err(|error| DataError {
            file,
            reason: error.to_string(),
        })?;
        for permission in &catalogue.permissions {
            if let Some(leader) = &permission.follows {
                let known = catalogue
                    .get(leader)
                    .is_some_and(|leader| leader.follows.is_none());
                if !known || !permission.flatpak.is_empty() {
                    let reason = format!("{} follows {leader}, which must exist and lead", permission.id);
                    return Err(DataError { file, reason });
                }
            }
            let twins = catalogue
                .permissions
                .iter()
                .filter(|other| other.id == permission.id)
                .count();
            if twins != 1 {
                return Err(DataError {
                    file,
                    reason: format!("{} stands there twice", permission.id),
                });
            }
        }
        Ok(catalogue)
    }

    /// A permission by its identifier.
    pub fn get(&self, id: &PermissionId) -> Option<&Permission> {
        self.permissions.iter().find(|permission| &permission.id == id)
    }

    /// The permission whose grounds decide about `permission`: itself, or the one it follows.
    pub fn leader<'a>(&'a self, permission: &'a Permission) -> &'a Permission {
        permission
            .follows
            .as_ref()
            .and_then(|id| self.get(id))
            .unwrap_or(permission)
    }
}
