//! What was found in a profile.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Profile, Purpose, Running};

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Bytes(pub u64);

impl std::iter::Sum for Bytes {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        Bytes(sizes.fold(0, |sum, Bytes(size)| sum.saturating_add(size)))
    }
}

/// Why a finding is DingTalk's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Because {
    /// A host of DingTalk's stored it.
    Host,
    /// Another host stored it while it was part of a page of DingTalk's; nothing else can read it.
    Within,
}

/// The part of the browser's storage that something lies in. The default is the ordinary, undivided part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Partition {
    /// The site in the address bar, when the storage is kept apart by it: `https://example.org`.
    pub top_site: Option<String>,
    /// Firefox's container, by number (`userContextId`).
    pub container: Option<u32>,
    /// How the browser writes it, exactly: Firefox's origin attributes, or what follows the origin in Chromium's
    /// storage key. Removal matches by it.
    pub raw: String,
}

/// A cookie's rule for requests that come from other sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SameSite {
    /// The site didn't say; the browser decides.
    Unset,
    /// Sent along from everywhere.
    None,
    /// Sent along when a link is followed.
    Lax,
    /// Sent along within the site only.
    Strict,
}

/// A cookie, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// The host it is for, as kept: with a leading dot, for everything below as well.
    pub host: String,
    /// The path it is for.
    pub path: String,
    /// When it was set first.
    pub created: Option<Timestamp>,
    /// When it was last sent, to within the browser's habit of writing that down.
    pub last_used: Option<Timestamp>,
    /// When it ends; `None` for one that ends with the browser.
    pub expires: Option<Timestamp>,
    /// Sent over HTTPS only.
    pub secure: bool,
    /// Hidden from scripts.
    pub http_only: bool,
    /// Its rule for requests from other sites.
    pub same_site: SameSite,
    /// What it is likely for.
    pub purpose: Purpose,
}

/// Where a name may remain that is not storage of the site's. Not cleared unless a person asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Elsewhere {
    /// The list of visited pages.
    History,
    /// The windows and tabs to be opened again, with what pages kept for the session.
    SessionRestore,
    /// Copies of pages and pictures.
    HttpCache,
    /// The list of downloads. The files themselves are the person's.
    Downloads,
    /// Icons of pages.
    Icons,
    /// What the browser offers by itself: the pages visited most, addresses completed as they are typed.
    Suggestions,
}

impl Elsewhere {
    /// Whether it is made of the history, and goes with it.
    pub fn is_of_history(self) -> bool {
        match self {
            Elsewhere::History | Elsewhere::Downloads | Elsewhere::Icons | Elsewhere::Suggestions => true,
            Elsewhere::SessionRestore | Elsewhere::HttpCache => false,
        }
    }
}

/// A kind of thing, to list and to choose by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Cookies.
    Cookie,
    /// Local storage.
    LocalStorage,
    /// Databases of the site's.
    IndexedDb,
    /// Responses kept by the site's scripts.
    CacheStorage,
    /// Scripts that run without a page.
    ServiceWorker,
    /// The site's private files.
    FileSystem,
    /// The browser's book-keeping about the site.
    Quota,
    /// What a tab keeps, where it is on disk.
    SessionStorage,
    /// Outside the site's storage.
    Elsewhere(Elsewhere),
}

impl Kind {
    /// Whether it goes when this kind is chosen: it is of that kind, or made of the history.
    pub fn goes_with(self, chosen: Kind) -> bool {
        let of_history = matches!(self, Kind::Elsewhere(place) if place.is_of_history());
        self == chosen || (of_history && chosen == Kind::Elsewhere(Elsewhere::History))
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A cookie.
    Cookie(Cookie),
    /// An origin's local storage.
    LocalStorage {
        /// How many entries, where that could be counted.
        entries: Option<u64>,
    },
    /// An origin's databases.
    IndexedDb {
        /// How many, where that could be counted.
        databases: Option<u64>,
    },
    /// An origin's kept responses.
    CacheStorage {
        /// How many caches, where that could be counted.
        caches: Option<u64>,
    },
    /// An origin's service workers.
    ServiceWorker {
        /// How many registrations.
        registrations: u64,
    },
    /// An origin's private files.
    FileSystem {
        /// How many files, where that could be counted.
        files: Option<u64>,
    },
    /// The browser's book-keeping about an origin.
    Quota {
        /// How many rows.
        rows: u64,
    },
    /// What tabs keep for an origin.
    SessionStorage {
        /// How many entries.
        entries: u64,
    },
    /// Outside the site's storage.
    Elsewhere {
        /// Where.
        place: Elsewhere,
        /// How many times the host is named: pages of the history or with an icon, downloads, entries of the cache,
        /// mentions in a session.
        mentions: u64,
    },
}

impl Item {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Item::Cookie(_) => Kind::Cookie,
            Item::LocalStorage { .. } => Kind::LocalStorage,
            Item::IndexedDb { .. } => Kind::IndexedDb,
            Item::CacheStorage { .. } => Kind::CacheStorage,
            Item::ServiceWorker { .. } => Kind::ServiceWorker,
            Item::FileSystem { .. } => Kind::FileSystem,
            Item::Quota { .. } => Kind::Quota,
            Item::SessionStorage { .. } => Kind::SessionStorage,
            Item::Elsewhere { place, .. } => Kind::Elsewhere(*place),
        }
    }
}

/// Where a finding lies, for whoever removes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Rows of a file that holds others' too (a database, a LevelDB folder): edit it.
    Within(PathBuf),
    /// A file or folder that holds nothing else: remove it.
    Whole(PathBuf),
}

/// One thing that was found, whose it is, and how large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The site of DingTalk's it is counted to, by domain: one of [`Sites`](super::Sites).
    pub site: String,
    /// Why.
    pub because: Because,
    /// The host that stored it, lower case, without a leading dot.
    pub host: String,
    /// The origin that stored it, where the browser keeps by origin: `https://im.dingtalk.com:8443`.
    pub origin: Option<String>,
    /// The part of the browser's storage.
    pub partition: Partition,
    /// What it is.
    pub item: Item,
    /// How large: whole files by their length, rows by the length of what is in them (values measured where they
    /// lie, never read out). `None` where only a count is known.
    pub size: Option<Bytes>,
    /// Where it lies.
    pub place: Place,
}

/// Something in a profile that couldn't be read. What could be read stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A stable code to branch on.
    pub code: &'static str,
    /// What happened and what it means, in plain words, without naming hosts or cookies.
    pub message: String,
    /// What may be missing for it.
    pub hides: Vec<Kind>,
}

/// What one look at one profile showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The profile.
    pub profile: Profile,
    /// Whether the browser had it open when the look began.
    pub running: Running,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What couldn't be read.
    pub problems: Vec<Problem>,
}

impl Seen {
    /// How many findings there are of a kind, and their size together.
    pub fn total(&self, kind: Kind) -> (usize, Bytes) {
        let of_kind = || self.findings.iter().filter(|finding| finding.item.kind() == kind);
        (
            of_kind().count(),
            of_kind().filter_map(|finding| finding.size).sum(),
        )
    }
}
