//! The sentences that depend on what was observed. Those that don't are the window's own.

use settings_privacy_core::data;
use settings_privacy_core::history::{Change, Stage};
use settings_privacy_core::permission::{Decider, Install, PackageKind, Scope, Wanted};
use settings_privacy_core::storage::{About, Counts, Decision};
use settings_privacy_engine::called;

/// How the app is installed, in one sentence.
pub(super) fn install(install: &Install) -> String {
    match install {
        Install::Flatpak { scope: Scope::User, .. } => {
            "DingTalk is installed for you as a Flatpak: it runs in a sandbox, and these switches hold.".to_owned()
        }
        Install::Flatpak { scope: Scope::System, .. } => {
            "DingTalk is installed for everyone on this computer as a Flatpak: it runs in a sandbox, and these switches hold for you.".to_owned()
        }
        Install::Package { kind, .. } => {
            let kind = match kind {
                PackageKind::Deb => "a Debian package",
                PackageKind::Rpm => "an RPM package",
                PackageKind::Folder => "a plain program",
            };
            format!(
                "DingTalk is installed as {kind}, outside a sandbox. It can use what you can use, and nothing here can stop it. Installed as a Flatpak it could be held."
            )
        }
        Install::Absent => "DingTalk isn't installed on this computer.".to_owned(),
        Install::Elsewhere => "On this system, the system's own settings decide what DingTalk may use.".to_owned(),
    }
}

/// The app's name and version.
pub(super) fn app(install: &Install) -> Option<String> {
    match install {
        Install::Flatpak {
            app_id,
            version: Some(version),
            ..
        } => Some(format!("{app_id} {version}")),
        Install::Flatpak {
            app_id,
            version: None,
            ..
        } => Some(app_id.clone()),
        Install::Package { found, .. } => Some(found.clone()),
        Install::Absent | Install::Elsewhere => None,
    }
}

/// Who decided, in a few words.
pub(super) fn decider(decider: Decider) -> String {
    match decider {
        Decider::Manifest => "DingTalk's own request",
        Decider::SystemOverride => "This computer's administrator",
        Decider::UserOverride => "You, in Flatpak's settings",
        Decider::PermissionStore => "You, when your desktop asked or here",
        Decider::Desktop => "Your desktop asks you",
        Decider::Nobody => "Nobody",
    }
    .to_owned()
}

/// What was changed: its name.
pub(super) fn changed_name(change: &Change) -> String {
    match change {
        Change::Permission { permission, .. } => data::permissions()
            .get(permission)
            .map_or_else(|| permission.to_string(), |permission| permission.name.clone()),
        Change::Consent { consent, .. } => data::consents()
            .get(consent)
            .map_or_else(|| consent.to_string(), |consent| consent.name.clone()),
        Change::Cleared { profile, .. } => called(profile),
        Change::SiteRule { site, profile, .. } => format!("{site} in {}", called(profile)),
    }
}

/// What a browser was told, in one sentence.
fn decided(browser: &str, site: &str, about: About, wanted: Decision) -> String {
    let thing = match about {
        About::Cookies => "cookies and storage",
        About::Camera => "the camera",
        About::Microphone => "the microphone",
        About::Location => "the location",
        About::Notifications => "notifications",
    };
    match wanted {
        Decision::Deny => format!("You had {browser} refuse {site} {thing}."),
        Decision::Allow => format!("You had {browser} allow {site} {thing}."),
        Decision::Ask => format!("You had {browser} ask before {site} uses {thing}."),
        Decision::UntilClosed => format!("You had {browser} keep {site}'s {thing} until it is closed."),
    }
}

/// Words, as one would say them: “a, b and c”.
pub(super) fn list(words: &[String]) -> String {
    match words {
        [] => "DingTalk's sites".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `3 cookies and 1 other thing`; `None` when neither is counted.
fn counted(counts: &Counts) -> Option<String> {
    let of = |count: u64, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {many}")),
    };
    let (one, many) = match counts.cookies {
        0 => ("thing", "things"),
        _ => ("other thing", "other things"),
    };
    let parts: Vec<String> = of(counts.cookies, "cookie", "cookies")
        .into_iter()
        .chain(of(counts.other, one, many))
        .collect();
    (!parts.is_empty()).then(|| list(&parts))
}

/// What was done, in one sentence.
pub(super) fn changed_says(change: &Change, stage: Stage) -> String {
    let name = changed_name(change);
    let did = match change {
        Change::Permission {
            wanted: Wanted::Allow,
            ..
        } => format!("You allowed “{name}”."),
        Change::Permission {
            wanted: Wanted::Deny, ..
        } => format!("You denied “{name}”."),
        Change::Permission {
            wanted: Wanted::Reset,
            ..
        } => {
            format!("You reset “{name}” to what DingTalk asks for.")
        }
        Change::Consent { to: true, .. } => format!("You switched “{name}” on."),
        Change::Consent { to: false, .. } => format!("You switched “{name}” off."),
        Change::Cleared { sites, counts, .. } => match counted(counts) {
            Some(what) => format!("You cleared {what} of {} in {name}.", list(sites)),
            None => format!("You cleared what the browser kept of {} in {name}.", list(sites)),
        },
        Change::SiteRule {
            profile,
            site,
            about,
            wanted,
            ..
        } => decided(&called(profile), site, *about, *wanted),
    };
    match stage {
        Stage::Done => did,
        Stage::Undone => format!("{did} Undone since."),
        Stage::Failed => format!("{did} It didn't work."),
        Stage::Started => format!("{did} What became of it isn't known yet."),
    }
}
