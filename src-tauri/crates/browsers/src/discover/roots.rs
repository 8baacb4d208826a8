//! The folders in which each browser keeps its profiles, by system, channel and packaging.
//!
//! Sources: the browsers' own documentation (Chromium: `docs/user_data_dir.md`; Firefox: “Profiles – Where Firefox
//! stores your bookmarks…”), and for Flatpak and Snap their rules for an app's home. Tried on Linux only.

use std::path::PathBuf;

use settings_privacy_core::storage::{Browser, Channel, Packaging};

use super::Root;
use crate::places::Places;

use Browser::{Brave, Chrome, Chromium, Edge, Firefox, Opera, Vivaldi};
use Channel::{Beta, Dev, Nightly, Stable, Unsaid};

/// Below the user's settings; the cache lies at the same path below the user's cache.
const PLAIN: [(Browser, Channel, &str); 18] = [
    (Chrome, Stable, "google-chrome"),
    (Chrome, Beta, "google-chrome-beta"),
    (Chrome, Dev, "google-chrome-unstable"),
    (Chrome, Nightly, "google-chrome-canary"),
    (Chromium, Unsaid, "chromium"),
    (Edge, Stable, "microsoft-edge"),
    (Edge, Beta, "microsoft-edge-beta"),
    (Edge, Dev, "microsoft-edge-dev"),
    (Edge, Nightly, "microsoft-edge-canary"),
    (Brave, Stable, "BraveSoftware/Brave-Browser"),
    (Brave, Beta, "BraveSoftware/Brave-Browser-Beta"),
    (Brave, Dev, "BraveSoftware/Brave-Browser-Dev"),
    (Brave, Nightly, "BraveSoftware/Brave-Browser-Nightly"),
    (Vivaldi, Stable, "vivaldi"),
    (Vivaldi, Dev, "vivaldi-snapshot"),
    (Opera, Stable, "opera"),
    (Opera, Beta, "opera-beta"),
    (Opera, Dev, "opera-developer"),
];

/// Flatpaks, by identifier: what lies below the settings in the app's own home.
const FLATPAK: [(Browser, Channel, &str, &str); 11] = [
    (Chrome, Stable, "com.google.Chrome", "google-chrome"),
    (Chrome, Dev, "com.google.ChromeDev", "google-chrome-unstable"),
    (Chromium, Unsaid, "org.chromium.Chromium", "chromium"),
    (
        Chromium,
        Unsaid,
        "io.github.ungoogled_software.ungoogled_chromium",
        "chromium",
    ),
    (Edge, Stable, "com.microsoft.Edge", "microsoft-edge"),
    (Edge, Beta, "com.microsoft.EdgeBeta", "microsoft-edge-beta"),
    (Edge, Dev, "com.microsoft.EdgeDev", "microsoft-edge-dev"),
    (Brave, Stable, "com.brave.Browser", "BraveSoftware/Brave-Browser"),
    (Vivaldi, Stable, "com.vivaldi.Vivaldi", "vivaldi"),
    (Opera, Stable, "com.opera.Opera", "opera"),
    (Firefox, Unsaid, "org.mozilla.firefox", "mozilla/firefox"),
];

/// Snaps: the profile folder, and the cache, below `~/snap/<name>`.
const SNAP: [(Browser, Channel, &str, &str, &str); 9] = [
    (
        Chromium,
        Unsaid,
        "chromium",
        "common/chromium",
        "common/.cache/chromium",
    ),
    (
        Chromium,
        Unsaid,
        "chromium",
        "current/.config/chromium",
        "current/.cache/chromium",
    ),
    (
        Brave,
        Stable,
        "brave",
        "current/.config/BraveSoftware/Brave-Browser",
        "current/.cache/BraveSoftware/Brave-Browser",
    ),
    (
        Opera,
        Stable,
        "opera",
        "current/.config/opera",
        "current/.cache/opera",
    ),
    (
        Opera,
        Beta,
        "opera-beta",
        "current/.config/opera-beta",
        "current/.cache/opera-beta",
    ),
    (
        Opera,
        Dev,
        "opera-developer",
        "current/.config/opera-developer",
        "current/.cache/opera-developer",
    ),
    (
        Vivaldi,
        Stable,
        "vivaldi",
        "current/.config/vivaldi",
        "current/.cache/vivaldi",
    ),
    (
        Firefox,
        Unsaid,
        "firefox",
        "common/.mozilla/firefox",
        "common/.cache/mozilla/firefox",
    ),
    (
        Firefox,
        Unsaid,
        "firefox",
        "common/.config/mozilla/firefox",
        "common/.cache/mozilla/firefox",
    ),
];

/// macOS: below `~/Library/Application Support`; the cache below `~/Library/Caches`.
const MACOS: [(Browser, Channel, &str); 16] = [
    (Firefox, Unsaid, "Firefox"),
    (Chrome, Stable, "Google/Chrome"),
    (Chrome, Beta, "Google/Chrome Beta"),
    (Chrome, Dev, "Google/Chrome Dev"),
    (Chrome, Nightly, "Google/Chrome Canary"),
    (Chromium, Unsaid, "Chromium"),
    (Edge, Stable, "Microsoft Edge"),
    (Edge, Beta, "Microsoft Edge Beta"),
    (Edge, Dev, "Microsoft Edge Dev"),
    (Edge, Nightly, "Microsoft Edge Canary"),
    (Brave, Stable, "BraveSoftware/Brave-Browser"),
    (Brave, Beta, "BraveSoftware/Brave-Browser-Beta"),
    (Brave, Nightly, "BraveSoftware/Brave-Browser-Nightly"),
    (Vivaldi, Stable, "Vivaldi"),
    (Opera, Stable, "com.operasoftware.Opera"),
    (Opera, Dev, "com.operasoftware.OperaDeveloper"),
];

/// Windows: below `AppData` in the user's folder.
const WINDOWS: [(Browser, Channel, &str); 15] = [
    (Firefox, Unsaid, "Roaming/Mozilla/Firefox"),
    (Chrome, Stable, "Local/Google/Chrome/User Data"),
    (Chrome, Beta, "Local/Google/Chrome Beta/User Data"),
    (Chrome, Dev, "Local/Google/Chrome Dev/User Data"),
    (Chrome, Nightly, "Local/Google/Chrome SxS/User Data"),
    (Chromium, Unsaid, "Local/Chromium/User Data"),
    (Edge, Stable, "Local/Microsoft/Edge/User Data"),
    (Edge, Beta, "Local/Microsoft/Edge Beta/User Data"),
    (Edge, Dev, "Local/Microsoft/Edge Dev/User Data"),
    (Edge, Nightly, "Local/Microsoft/Edge SxS/User Data"),
    (Brave, Stable, "Local/BraveSoftware/Brave-Browser/User Data"),
    (Brave, Beta, "Local/BraveSoftware/Brave-Browser-Beta/User Data"),
    (
        Brave,
        Nightly,
        "Local/BraveSoftware/Brave-Browser-Nightly/User Data",
    ),
    (Vivaldi, Stable, "Local/Vivaldi/User Data"),
    (Opera, Stable, "Roaming/Opera Software/Opera Stable"),
];

/// Every folder to look into, whether it is there or not.
pub(super) fn all(places: &Places) -> Vec<Root> {
    let Some(home) = &places.home else {
        return Vec::new();
    };
    if cfg!(target_os = "macos") {
        let support = home.join("Library/Application Support");
        let caches = home.join("Library/Caches");
        return MACOS
            .iter()
            .map(|&(browser, channel, path)| {
                plain(browser, channel, support.join(path), Some(caches.join(path)))
            })
            .collect();
    }
    if cfg!(windows) {
        let data = home.join("AppData");
        return WINDOWS
            .iter()
            .map(|&(browser, channel, path)| plain(browser, channel, data.join(path), None))
            .collect();
    }
    linux(places, home)
}

fn plain(browser: Browser, channel: Channel, path: PathBuf, cache: Option<PathBuf>) -> Root {
    Root {
        browser,
        channel,
        packaging: Packaging::Plain,
        path,
        cache,
    }
}

fn linux(places: &Places, home: &std::path::Path) -> Vec<Root> {
    let mut roots = Vec::new();
    let cache = |path: &str| places.cache.as_ref().map(|cache| cache.join(path));
    if let Some(config) = &places.config {
        let firefox = config.join("mozilla/firefox");
        roots.push(plain(Firefox, Unsaid, firefox, cache("mozilla/firefox")));
    }
    roots.push(plain(
        Firefox,
        Unsaid,
        home.join(".mozilla/firefox"),
        cache("mozilla/firefox"),
    ));
    for (browser, channel, path) in PLAIN {
        let Some(config) = &places.config else { break };
        roots.push(plain(browser, channel, config.join(path), cache(path)));
    }
    for (browser, channel, app, path) in FLATPAK {
        let own = home.join(".var/app").join(app);
        let flatpak = |root: PathBuf| Root {
            browser,
            channel,
            packaging: Packaging::Flatpak(app.to_owned()),
            path: root,
            cache: Some(own.join("cache").join(path)),
        };
        roots.push(flatpak(own.join("config").join(path)));
        if browser == Firefox {
            roots.push(flatpak(own.join(".mozilla/firefox")));
        }
    }
    for (browser, channel, snap, path, cache) in SNAP {
        let own = home.join("snap").join(snap);
        roots.push(Root {
            browser,
            channel,
            packaging: Packaging::Snap(snap.to_owned()),
            path: own.join(path),
            cache: Some(own.join(cache)),
        });
    }
    roots
}
