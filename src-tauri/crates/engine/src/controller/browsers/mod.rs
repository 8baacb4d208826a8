//! What DingTalk's sites keep in this person's browsers: seen, cleared, refused, and put back.
//!
//! A profile is changed only while its browser is closed. What a person asked for meanwhile waits, says so, and goes on
//! by itself; it is asked for here and now, so it ends with the program.

mod change;
mod clearing;
mod deciding;
mod look;
mod waiting;
mod words;

use std::fmt;
use std::num::ParseIntError;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use settings_privacy_browsers::{Backup, Browsers};
use settings_privacy_core::storage::{About, Choice, Decision, Problem, Profile, Report, Rules, Seen};
use uuid::Uuid;

pub use waiting::Wish;
pub use words::called;

/// The browsers, as last looked at.
#[derive(Debug, Clone, Default)]
pub struct BrowsersState {
    /// When the last look ended; `None` before the first.
    pub looked_at: Option<Timestamp>,
    /// A look is under way.
    pub looking: Option<Looking>,
    /// What each profile showed, in the order they were found.
    pub profiles: Vec<ProfileState>,
    /// Lists of profiles that couldn't be read.
    pub problems: Vec<Problem>,
    /// What waits for a browser to be closed, oldest first.
    pub waiting: Vec<Waiting>,
    /// What can be put back, newest first.
    pub backups: Vec<Backup>,
}

/// How far a look has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looking {
    /// Profiles that were looked at.
    pub done: usize,
    /// Profiles in all; 0 until they were found.
    pub of: usize,
}

/// One profile.
#[derive(Debug, Clone)]
pub struct ProfileState {
    /// What tells it from the others, to be named in commands.
    pub id: ProfileId,
    /// What it keeps.
    pub seen: Seen,
    /// What its browser decides.
    pub rules: Rules,
    /// What is new since something was cleared or refused there.
    pub reports: Vec<Report>,
}

/// Tells a profile from the others: made from its folder, without naming it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileId(String);

impl ProfileId {
    /// From its text, as it was shown.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Of a profile.
    pub fn of(profile: &Profile) -> Self {
        let folder = profile.path.as_os_str().as_encoded_bytes();
        let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, folder).simple().to_string();
        Self(id[..8].to_owned())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Something that waits for a browser to be closed.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// What tells it from the others.
    pub id: WaitingId,
    /// Its profile.
    pub profile: Profile,
    /// What was asked for.
    pub wish: Wish,
    /// The browser is closed and it is being done: too late to give it up.
    pub begun: bool,
}

/// Tells what waits from the others, as long as this program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WaitingId(u64);

impl WaitingId {
    fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed))
    }
}

impl fmt::Display for WaitingId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl FromStr for WaitingId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(Self)
    }
}

/// What to clear, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clearing {
    /// One profile, or all.
    pub profile: Option<ProfileId>,
    /// What of it. Choices add up.
    pub choices: Vec<Choice>,
}

/// What a browser is to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deciding {
    /// The profile.
    pub profile: ProfileId,
    /// The site, by domain.
    pub site: String,
    /// What about.
    pub about: About,
    /// What.
    pub decision: Decision,
}

/// The browsers and what is known of them.
pub(super) struct Browsing {
    pub(super) adapter: Browsers,
    backups: PathBuf,
    state: std::sync::Mutex<BrowsersState>,
    /// Held while profiles are looked at or changed: a look in the middle of a change would show half of it.
    turn: tokio::sync::Mutex<()>,
}

impl Browsing {
    pub(super) fn new(adapter: Browsers, backups: PathBuf) -> Self {
        Self {
            adapter,
            backups,
            state: std::sync::Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }
}
