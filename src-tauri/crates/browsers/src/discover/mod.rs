//! Which profiles there are.

mod chromium;
mod firefox;
mod roots;

use std::path::Path;

use settings_privacy_core::storage::{Browser, Channel, Packaging, Problem, Profile};

use crate::copy::file_name;
use crate::places::Places;

/// A folder that may hold a browser's profiles.
#[derive(Debug, Clone)]
struct Root {
    browser: Browser,
    channel: Channel,
    packaging: Packaging,
    path: std::path::PathBuf,
    cache: Option<std::path::PathBuf>,
}

/// Every profile, each once, however many links lead to it, and what couldn't be read on the way.
pub(crate) fn profiles(places: &Places) -> (Vec<Profile>, Vec<Problem>) {
    let mut found: Vec<Profile> = Vec::new();
    let mut problems = Vec::new();
    for root in roots::all(places) {
        let (here, wrong) = match root.browser {
            Browser::Firefox => firefox::profiles(&root),
            Browser::Chrome
            | Browser::Chromium
            | Browser::Edge
            | Browser::Brave
            | Browser::Vivaldi
            | Browser::Opera => chromium::profiles(&root),
        };
        problems.extend(wrong);
        for profile in here {
            match found.iter_mut().find(|known| known.path == profile.path) {
                Some(known) => known.default |= profile.default,
                None => found.push(profile),
            }
        }
    }
    (found, problems)
}

fn unreadable(root: &Root, file: &Path, error: &std::io::Error) -> Problem {
    Problem {
        code: "profiles-unreadable",
        message: format!(
            "{}'s list of profiles, “{}”, can't be read ({error}), so some of its profiles may not be shown.",
            root.browser.name(),
            file_name(file)
        ),
        hides: Vec::new(),
    }
}
