//! Where things are: the checkout, what is built, what is kept between checkouts.

use std::env;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};

/// The name of the app's binary.
pub const APP: &str = "settings-privacy";

/// The top of the checkout.
pub fn root() -> PathBuf {
    // Cargo tells a program it runs where its package is; a copy of the binary still knows where it was built.
    let package =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    package
        .ancestors()
        .nth(3)
        .map_or_else(|| package.clone(), Path::to_path_buf)
}

/// The front end's folder.
pub fn ui() -> PathBuf {
    root().join("ui")
}

/// Cargo's target directory, wherever configuration or `CARGO_TARGET_DIR` put it: this program was built into it.
pub fn target() -> PathBuf {
    let beside = env::current_exe()
        .ok()
        .and_then(|exe| exe.ancestors().nth(2).map(Path::to_path_buf));
    beside.unwrap_or_else(|| root().join("target"))
}

/// The app as cargo leaves it.
pub fn app(release: bool) -> PathBuf {
    let profile = if release { "release" } else { "debug" };
    target()
        .join(profile)
        .join(format!("{APP}{}", env::consts::EXE_SUFFIX))
}

/// Where tools are kept between checkouts: `$XDG_CACHE_HOME` or `~/.cache`, then `settings-privacy/tools`.
pub fn tools() -> Outcome<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| env::home_dir().map(|home| home.join(".cache")))
        .ok_or_else(|| Failure::Needed("There is no home directory to keep tools in: set HOME.".into()))?;
    Ok(cache.join(APP).join("tools"))
}
