//! Where everything lies that decides what DingTalk may use. Naming a place reads nothing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folders and the bus that [`Desktop`](crate::Desktop) looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The user's Flatpak installation: `FLATPAK_USER_DIR`, or `flatpak` in `XDG_DATA_HOME`.
    /// `None` when the environment names no home.
    pub flatpak_user: Option<PathBuf>,
    /// The computer's Flatpak installation: `FLATPAK_SYSTEM_DIR`, or `/var/lib/flatpak`.
    pub flatpak_system: PathBuf,
    /// dpkg's folder: `/var/lib/dpkg`.
    pub dpkg: PathBuf,
    /// What stands before absolute paths of the catalogue (`/opt/…`): `/`.
    pub root: PathBuf,
    /// The address of the session's message bus; `None` when there is none.
    pub session_bus: Option<String>,
    /// The folders in which programs are looked for: `PATH`.
    pub programs: Vec<PathBuf>,
    /// The desktop's name: `XDG_CURRENT_DESKTOP`.
    pub desktop: String,
}

impl Places {
    /// The places of this process's user, as the environment names them.
    pub fn from_env() -> Self {
        Self::from_lookup(|name| std::env::var_os(name).filter(|value| !value.is_empty()))
    }

    fn from_lookup(env: impl Fn(&str) -> Option<OsString>) -> Self {
        let absolute = |name: &str| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let text = |name: &str| env(name).and_then(|value| value.into_string().ok());
        let data = absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")));
        let runtime_bus = || {
            let socket = absolute("XDG_RUNTIME_DIR")?.join("bus");
            Some(format!("unix:path={}", socket.to_str()?))
        };
        Self {
            flatpak_user: env("FLATPAK_USER_DIR")
                .map(PathBuf::from)
                .or_else(|| data.map(|data| data.join("flatpak"))),
            flatpak_system: env("FLATPAK_SYSTEM_DIR")
                .map_or_else(|| PathBuf::from("/var/lib/flatpak"), PathBuf::from),
            dpkg: PathBuf::from("/var/lib/dpkg"),
            root: PathBuf::from("/"),
            session_bus: text("DBUS_SESSION_BUS_ADDRESS").or_else(runtime_bus),
            programs: env("PATH")
                .map(|path| std::env::split_paths(&path).collect())
                .unwrap_or_default(),
            desktop: text("XDG_CURRENT_DESKTOP").unwrap_or_default(),
        }
    }

    /// Places below `root`, laid out as on a real computer whose home is `root/home`; no bus and no programs.
    pub fn under(root: &Path) -> Self {
        Self {
            flatpak_user: Some(root.join("home/.local/share/flatpak")),
            flatpak_system: root.join("var/lib/flatpak"),
            dpkg: root.join("var/lib/dpkg"),
            root: root.to_owned(),
            session_bus: None,
            programs: Vec::new(),
            desktop: String::new(),
        }
    }
}
