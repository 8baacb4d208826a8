//! Where browsers keep their profiles. Naming a place reads nothing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folders that [`Browsers`](crate::Browsers) looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The user's home: `HOME`. `None` when the environment names none; then nothing is found.
    pub home: Option<PathBuf>,
    /// Where programs keep settings: `XDG_CONFIG_HOME`, or `.config` in the home.
    pub config: Option<PathBuf>,
    /// Where programs keep what they can fetch again: `XDG_CACHE_HOME`, or `.cache` in the home.
    pub cache: Option<PathBuf>,
    /// Where private copies are made, and removed afterwards: the system's folder for temporary files.
    pub scratch: PathBuf,
    /// Where the system's own files begin: `/`. Administrators keep browsers' policies below it.
    pub system: PathBuf,
    /// This computer's name, as Chromium writes it into its lock. `None` when it can't be told.
    pub host_name: Option<String>,
}

impl Places {
    /// The places of this process's user, as the environment names them.
    pub fn from_env() -> Self {
        Self::from_lookup(
            |name| std::env::var_os(name).filter(|value| !value.is_empty()),
            std::env::temp_dir(),
        )
    }

    fn from_lookup(env: impl Fn(&str) -> Option<OsString>, scratch: PathBuf) -> Self {
        let absolute = |name: &str| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("HOME");
        let below = |name: &str| Some(home.as_ref()?.join(name));
        Self {
            config: absolute("XDG_CONFIG_HOME").or_else(|| below(".config")),
            cache: absolute("XDG_CACHE_HOME").or_else(|| below(".cache")),
            scratch,
            system: PathBuf::from("/"),
            host_name: host_name(),
            home,
        }
    }

    /// Places below `root`, laid out as on a real computer whose home is `root/home`.
    pub fn under(root: &Path) -> Self {
        let home = root.join("home");
        Self {
            config: Some(home.join(".config")),
            cache: Some(home.join(".cache")),
            scratch: root.join("tmp"),
            system: root.join("system"),
            host_name: host_name(),
            home: Some(home),
        }
    }
}

#[cfg(unix)]
fn host_name() -> Option<String> {
    let told = rustix::system::uname();
    Some(told.nodename().to_str().ok()?.to_owned())
}

#[cfg(not(unix))]
fn host_name() -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_names_the_places_and_relative_names_dont_count() {
        let env = |name: &str| match name {
            "HOME" => Some("/home/ana".into()),
            "XDG_CONFIG_HOME" => Some("relative".into()),
            "XDG_CACHE_HOME" => Some("/fast/cache".into()),
            _ => None,
        };
        let places = Places::from_lookup(env, PathBuf::from("/tmp"));
        assert_eq!(places.config, Some(PathBuf::from("/home/ana/.config")));
        assert_eq!(places.cache, Some(PathBuf::from("/fast/cache")));
        let nothing = Places::from_lookup(|_| None, PathBuf::from("/tmp"));
        assert_eq!((nothing.home, nothing.config, nothing.cache), (None, None, None));
    }
}
