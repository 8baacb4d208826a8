//! The words for what browsers keep and decide: for people, and for programs.

use settings_privacy_core::storage::{
    About, Bytes, DecidedBy, Decision, Effective, Elsewhere, Kind, Packaging, Profile, Purpose, Report,
    Running, SiteRule,
};

use crate::arguments::{ElsewhereWord, KindWord};
use crate::output::local;

/// What a rule is about, as programs read it.
pub fn about_word(about: About) -> &'static str {
    match about {
        About::Cookies => "cookies",
        About::Camera => "camera",
        About::Microphone => "microphone",
        About::Location => "location",
        About::Notifications => "notifications",
    }
}

/// What a browser is to do, as programs read it.
pub fn decision_word(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "allow",
        Decision::UntilClosed => "until-closed",
        Decision::Ask => "ask",
        Decision::Deny => "deny",
    }
}

/// What a rule is about, for people.
pub fn about_words(about: About) -> &'static str {
    match about {
        About::Cookies => "Cookies and storage",
        About::Camera => "Camera",
        About::Microphone => "Microphone",
        About::Location => "Location",
        About::Notifications => "Notifications",
    }
}

/// What was decided, for people.
pub fn decided_words(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "allowed",
        Decision::UntilClosed => "kept until it is closed",
        Decision::Ask => "asked about",
        Decision::Deny => "refused",
    }
}

/// What a browser does, as programs read it.
pub fn effective_word(effective: Effective) -> &'static str {
    match effective {
        Effective::All(decision) => decision_word(decision),
        Effective::Differs => "differs",
    }
}

/// Whose word that is, as programs read it.
pub fn decider_word(by: DecidedBy) -> &'static str {
    match by {
        DecidedBy::Default => "default",
        DecidedBy::Rule => "rule",
        DecidedBy::Policy => "policy",
    }
}

/// What a site's pages may use, where somebody decided that.
pub fn permitted(rule: &SiteRule) -> Option<String> {
    let may = match rule.effective {
        Effective::All(Decision::Deny) => "denied",
        Effective::All(Decision::Allow) => "allowed",
        Effective::All(Decision::Ask | Decision::UntilClosed) => "asks you each time",
        Effective::Differs => "not the same for all of its addresses",
    };
    let by = match rule.decided_by {
        DecidedBy::Default => return None,
        DecidedBy::Rule => "",
        DecidedBy::Policy => ", set by your organization",
    };
    Some(format!(
        "{} of {}: {may}{by}.",
        about_words(rule.about),
        rule.site
    ))
}

/// A kind, as programs read it.
pub fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Cookie => "cookie",
        Kind::LocalStorage => "local-storage",
        Kind::SessionStorage => "session-storage",
        Kind::IndexedDb => "indexed-db",
        Kind::FileSystem => "file-system",
        Kind::CacheStorage => "cache-storage",
        Kind::ServiceWorker => "service-worker",
        Kind::Quota => "quota",
        Kind::Elsewhere(Elsewhere::History) => "history",
        Kind::Elsewhere(Elsewhere::SessionRestore) => "session-restore",
        Kind::Elsewhere(Elsewhere::HttpCache) => "http-cache",
        Kind::Elsewhere(Elsewhere::Downloads) => "downloads",
        Kind::Elsewhere(Elsewhere::Icons) => "icons",
        Kind::Elsewhere(Elsewhere::Suggestions) => "suggestions",
    }
}

/// A kind, for people.
pub fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Cookie => "Cookie",
        Kind::LocalStorage => "Local storage",
        Kind::SessionStorage => "Session storage",
        Kind::IndexedDb => "Database",
        Kind::FileSystem => "Files",
        Kind::CacheStorage => "Pages kept offline",
        Kind::ServiceWorker => "Background program",
        Kind::Quota => "The browser's notes",
        Kind::Elsewhere(Elsewhere::History) => "In your history",
        Kind::Elsewhere(Elsewhere::SessionRestore) => "Tabs to open again",
        Kind::Elsewhere(Elsewhere::HttpCache) => "Cached pages",
        Kind::Elsewhere(Elsewhere::Downloads) => "In your downloads",
        Kind::Elsewhere(Elsewhere::Icons) => "Icons of pages",
        Kind::Elsewhere(Elsewhere::Suggestions) => "Suggestions",
    }
}

/// A kind that was named.
pub fn kind(word: KindWord) -> Kind {
    match word {
        KindWord::Cookie => Kind::Cookie,
        KindWord::LocalStorage => Kind::LocalStorage,
        KindWord::SessionStorage => Kind::SessionStorage,
        KindWord::IndexedDb => Kind::IndexedDb,
        KindWord::FileSystem => Kind::FileSystem,
        KindWord::CacheStorage => Kind::CacheStorage,
        KindWord::ServiceWorker => Kind::ServiceWorker,
        KindWord::Quota => Kind::Quota,
        KindWord::History => Kind::Elsewhere(Elsewhere::History),
        KindWord::SessionRestore => Kind::Elsewhere(Elsewhere::SessionRestore),
        KindWord::HttpCache => Kind::Elsewhere(Elsewhere::HttpCache),
        KindWord::Downloads => Kind::Elsewhere(Elsewhere::Downloads),
        KindWord::Icons => Kind::Elsewhere(Elsewhere::Icons),
        KindWord::Suggestions => Kind::Elsewhere(Elsewhere::Suggestions),
    }
}

/// A place that was named.
pub fn elsewhere(word: ElsewhereWord) -> Elsewhere {
    match word {
        ElsewhereWord::History => Elsewhere::History,
        ElsewhereWord::SessionRestore => Elsewhere::SessionRestore,
        ElsewhereWord::HttpCache => Elsewhere::HttpCache,
    }
}

/// What a cookie is likely for, as programs read it.
pub fn purpose_word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Security => "operation",
        Purpose::Statistics => "statistics",
        Purpose::Unknown => "unknown",
    }
}

/// The same for people.
pub fn purpose_words(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Security => "security and operation",
        Purpose::Statistics => "statistics",
        Purpose::Unknown => "not known",
    }
}

/// Whether a browser has a profile open, as programs read it.
pub fn running_word(running: Running) -> &'static str {
    match running {
        Running::Yes => "yes",
        Running::No => "no",
        Running::Unknown => "unknown",
    }
}

/// How the browser was installed, as programs read it.
pub fn packaging_word(packaging: &Packaging) -> &'static str {
    match packaging {
        Packaging::Plain => "plain",
        Packaging::Flatpak(_) => "flatpak",
        Packaging::Snap(_) => "snap",
    }
}

/// What is new since something was cleared or refused.
pub fn report(profile: &Profile, report: &Report) -> String {
    let (Report::RuleVanished { refused: at, .. } | Report::CameBack { since: at, .. }) = report;
    report.says(profile.browser.name(), &format!("at {}", local(*at)))
}

/// A size for people.
pub fn size(bytes: Option<Bytes>) -> String {
    let Some(Bytes(bytes)) = bytes else {
        return "not known".to_owned();
    };
    let mut unit = 1_u64;
    let mut name = "B";
    for next in ["KB", "MB", "GB"] {
        if bytes / unit < 1000 {
            break;
        }
        unit *= 1000;
        name = next;
    }
    // Rounded up: what is there is never called nothing.
    format!("{} {name}", bytes.div_ceil(unit))
}

/// How far a look has come.
pub fn looking(done: usize, of: usize) -> String {
    match of {
        0 => "Looking for your browsers …".to_owned(),
        _ => format!("Looking at your browsers: {done} of {of} profiles …"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_at_a_glance_and_never_rounded_to_nothing() {
        let cases = [
            (None, "not known"),
            (Some(0), "0 B"),
            (Some(999), "999 B"),
            (Some(1000), "1 KB"),
            (Some(1001), "2 KB"),
            (Some(2_400_000), "3 MB"),
            (Some(u64::MAX), "18446744074 GB"),
        ];
        for (bytes, shown) in cases {
            assert_eq!(size(bytes.map(Bytes)), shown, "{bytes:?}");
        }
    }

    #[test]
    fn a_kind_is_named_by_the_word_that_it_is_listed_with() {
        use clap::ValueEnum;
        for word in KindWord::value_variants() {
            let named = word.to_possible_value().expect("none is hidden");
            assert_eq!(named.get_name(), kind_word(kind(*word)));
        }
        for word in ElsewhereWord::value_variants() {
            let named = word.to_possible_value().expect("none is hidden");
            assert_eq!(named.get_name(), kind_word(Kind::Elsewhere(elsewhere(*word))));
        }
    }
}
