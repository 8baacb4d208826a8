//! The history of changes: what was changed here, from what to what, and whether it can be undone.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::consent::ConsentId;
use crate::permission::{Effective, PermissionId, Snapshot, Wanted};
use crate::storage::{About, Counts, Decision, Profile, RulesBefore};

/// One change, as recorded before it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Change {
    /// A device permission was switched.
    Permission {
        /// Which.
        permission: PermissionId,
        /// What was wanted.
        wanted: Wanted,
        /// What held before.
        from: EffectiveWord,
        /// The touched places as they were.
        before: Snapshot,
        /// The touched places as they were left, once read back.
        after: Option<Snapshot>,
    },
    /// A consent was given or taken back.
    Consent {
        /// Which.
        consent: ConsentId,
        /// Before.
        from: bool,
        /// After.
        to: bool,
    },
    /// What sites kept in a browser was cleared. Its backup bears the same time.
    Cleared {
        /// Where.
        profile: Profile,
        /// When.
        at: Timestamp,
        /// The sites, by domain.
        sites: Vec<String>,
        /// How much.
        counts: Counts,
        /// A backup has it, so that it can be put back.
        kept: bool,
    },
    /// A browser was told what to do for a site.
    SiteRule {
        /// Where.
        profile: Profile,
        /// The site, by domain.
        site: String,
        /// What about.
        about: About,
        /// What was wanted.
        wanted: Decision,
        /// What the browser had before.
        before: Option<RulesBefore>,
        /// What it had right after, once it was changed: what differs from that by now, somebody else decided.
        #[serde(default)]
        after: Option<RulesBefore>,
    },
}

/// [`Effective`] as it is stored: the words are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EffectiveWord {
    /// The app can use it.
    Allowed,
    /// It can't.
    Denied,
    /// The desktop asks.
    Asks,
    /// It doesn't ask for it.
    NotRequested,
    /// Nothing can hold it.
    NotEnforced,
    /// It couldn't be found out.
    Unknown,
}

impl From<Effective> for EffectiveWord {
    fn from(effective: Effective) -> Self {
        match effective {
            Effective::Allowed => Self::Allowed,
            Effective::Denied => Self::Denied,
            Effective::Asks => Self::Asks,
            Effective::NotRequested => Self::NotRequested,
            Effective::NotEnforced => Self::NotEnforced,
            Effective::Unknown => Self::Unknown,
        }
    }
}

/// How far a change came. It is recorded before it is made, so a crash in between leaves `Started`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Recorded, not known to be made.
    Started,
    /// Made, and read back.
    Done,
    /// Not made; nothing was left behind.
    Failed,
    /// Undone later.
    Undone,
}

/// What undoing a device change should do, by what lies there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undo {
    /// Everything is as this program left it: bring back exactly what was before.
    Exactly,
    /// Someone changed something since: only take back our own part, and say so.
    OnlyOurs,
    /// It already is as it was.
    Nothing,
}

/// Compares what lies there now with what was before and after.
pub fn undo(before: &Snapshot, after: Option<&Snapshot>, now: &Snapshot) -> Undo {
    if now == before {
        Undo::Nothing
    } else if after.is_some_and(|after| after == now) {
        Undo::Exactly
    } else {
        Undo::OnlyOurs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(text: &str) -> Snapshot {
        Snapshot {
            override_file: Some(text.to_owned()),
            store: Vec::new(),
        }
    }

    #[test]
    fn undo_brings_back_exactly_what_was_unless_someone_wrote_in_between() {
        let (before, after) = (held("a"), held("b"));
        assert_eq!(undo(&before, Some(&after), &after), Undo::Exactly);
        assert_eq!(undo(&before, Some(&after), &held("c")), Undo::OnlyOurs);
        assert_eq!(
            undo(&before, None, &after),
            Undo::OnlyOurs,
            "what was left isn't known"
        );
        assert_eq!(undo(&before, Some(&after), &before), Undo::Nothing);
    }
}
