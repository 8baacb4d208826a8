//! What DingTalk may use on this computer: the adapters that read and write the system's own places.
//!
//! [`Desktop`] is the same on every system. On Linux it reads Flatpak's metadata and overrides, the XDG permission
//! store and the lists of installed packages, writes the user's override for the app and the app's entries in the
//! permission store, and tells when somebody else changed them. On macOS and Windows the system's own settings
//! decide, and it offers their pages.
//!
//! It never decides what an observation means: that is `settings_privacy_core::permission`'s. It never writes
//! anything but the two places named above, and never keeps a state of its own: what it says was just read.

mod error;
mod places;
mod settings;

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

pub use error::{DeviceError, StoreFailure, Undone};
pub use places::Places;
pub use settings::{How, SettingsPage};

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{Desktop, Prepared, Watch};
#[cfg(target_os = "linux")]
pub use linux::{Desktop, Prepared, Watch};
