//! Where a browser keeps things.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Browsers that keep things in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Firefox.
    Firefox,
    /// Chromium, and what is built from it.
    Chromium,
}

/// A browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Browser {
    /// Mozilla Firefox.
    Firefox,
    /// Google Chrome.
    Chrome,
    /// Chromium, as distributions build it.
    Chromium,
    /// Microsoft Edge.
    Edge,
    /// Brave.
    Brave,
    /// Vivaldi.
    Vivaldi,
    /// Opera.
    Opera,
}

impl Browser {
    /// Its family.
    pub fn family(self) -> Family {
        match self {
            Browser::Firefox => Family::Firefox,
            Browser::Chrome
            | Browser::Chromium
            | Browser::Edge
            | Browser::Brave
            | Browser::Vivaldi
            | Browser::Opera => Family::Chromium,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Browser::Firefox => "Firefox",
            Browser::Chrome => "Chrome",
            Browser::Chromium => "Chromium",
            Browser::Edge => "Edge",
            Browser::Brave => "Brave",
            Browser::Vivaldi => "Vivaldi",
            Browser::Opera => "Opera",
        }
    }
}

/// A browser's channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// What most people have.
    Stable,
    /// Firefox's extended support release.
    Esr,
    /// Beta.
    Beta,
    /// Dev, or Firefox's developer edition; Vivaldi's snapshots.
    Dev,
    /// Nightly, or canary.
    Nightly,
    /// The place doesn't tell: Firefox's channels share one folder.
    Unsaid,
}

/// How the browser was installed, as its folder tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Packaging {
    /// A plain program, which keeps its things in the user's own folders.
    Plain,
    /// A Flatpak, by its identifier.
    Flatpak(String),
    /// A Snap, by its name.
    Snap(String),
}

/// A profile: one person's set of cookies, storage and settings in one browser.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Profile {
    /// The browser's family.
    pub family: Family,
    /// The browser.
    pub browser: Browser,
    /// Its channel.
    pub channel: Channel,
    /// The profile's folder, links resolved. It tells profiles apart.
    pub path: PathBuf,
    /// The folder that holds all profiles of this browser, with its locks and lists, links resolved.
    pub root: PathBuf,
    /// Where the browser keeps what it can fetch again (the HTTP cache), if that lies elsewhere.
    pub cache: Option<PathBuf>,
    /// What the person called it, or the browser did.
    pub name: String,
    /// The browser starts with it.
    pub default: bool,
    /// How the browser was installed.
    pub packaging: Packaging,
}

/// Whether a browser has a profile open now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Running {
    /// No: it may be changed.
    No,
    /// Yes: it is read as a copy, and must not be changed.
    Yes,
    /// That can't be told (a lock from another computer, a file that can't be opened). Treated as yes.
    Unknown,
}
