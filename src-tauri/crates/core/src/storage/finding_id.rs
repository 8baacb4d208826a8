//! A name for a finding that is the same at the next look.

use std::fmt;

use super::{Finding, Item, Place, Profile};

/// Tells one finding of a profile from the others, and is the same at every look for as long as the thing is there.
/// It names hosts and cookies: it is for commands, not for logs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingId(String);

impl FindingId {
    /// From its text, as it was shown.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl Finding {
    /// What tells it from the profile's other findings: where it lies, whose it is, in which part, and for a cookie
    /// its host as kept, its path and its name. Sizes, counts and times change and don't count.
    pub fn id(&self, profile: &Profile) -> FindingId {
        let (Place::Within(path) | Place::Whole(path)) = &self.place;
        let below = path.strip_prefix(&profile.path).unwrap_or(path);
        let own = match &self.item {
            Item::Cookie(cookie) => format!("{:?} {:?} {:?}", cookie.host, cookie.path, cookie.name),
            Item::LocalStorage { .. }
            | Item::IndexedDb { .. }
            | Item::CacheStorage { .. }
            | Item::ServiceWorker { .. }
            | Item::FileSystem { .. }
            | Item::Quota { .. }
            | Item::SessionStorage { .. }
            | Item::Elsewhere { .. } => format!("{:?}", self.origin.as_ref().unwrap_or(&self.host)),
        };
        // `Debug` puts text in quotes and escapes what is in it, so no two findings have one text.
        FindingId(format!(
            "{:?} {below:?} {own} {:?}",
            self.item.kind(),
            self.partition.raw
        ))
    }
}
