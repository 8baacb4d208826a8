//! What DingTalk's sites keep in this person's browsers.

use settings_privacy_core::storage::{About, Decision};

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
