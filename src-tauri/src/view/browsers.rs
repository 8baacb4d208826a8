//! What the window is given of the browsers.

use serde::{Deserialize, Serialize};
use specta::Type;

/// The browsers on this computer.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct BrowsersView {
    /// When they were last looked at.
    pub looked_at: Option<String>,
    /// They are being looked at.
    pub looking: bool,
    /// How far that is, in profiles.
    pub progress: Option<LookProgress>,
    /// Every profile found.
    pub profiles: Vec<BrowserProfileView>,
    /// What went wrong for all of them.
    pub problems: Vec<ProblemView>,
    /// What was noticed since something was cleared or refused.
    pub reports: Vec<BrowserReportView>,
    /// Browsers this program can't reach.
    pub elsewhere: Vec<ElsewhereBrowserView>,
    /// What goes on by itself once a browser is closed.
    pub waiting: Vec<WaitingView>,
    /// Copies of what was cleared, newest first.
    pub backups: Vec<BackupView>,
}

/// How far a look is.
#[derive(Debug, Clone, Copy, Serialize, Type)]
pub struct LookProgress {
    /// Profiles looked at.
    pub done: u32,
    /// Profiles found.
    pub total: u32,
}

/// One profile of one browser.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct BrowserProfileView {
    /// Its identifier.
    pub id: String,
    /// The browser's name.
    pub browser: String,
    /// The profile's name.
    pub name: String,
    /// Flatpak, Snap, …
    pub packaging: Option<String>,
    /// Its family.
    pub family: BrowserFamily,
    /// Whether the browser is open on it.
    pub running: BrowserRunning,
    /// DingTalk's sites.
    pub sites: Vec<BrowserSiteView>,
    /// Where else the sites' names remain: not cleared unless asked for.
    pub elsewhere: Vec<StoredKindView>,
    /// What couldn't be read here, and why.
    pub problems: Vec<ProblemView>,
}

/// The family a browser belongs to.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum BrowserFamily {
    /// Firefox.
    Firefox,
    /// Chrome, Chromium, Edge, Brave, Vivaldi, Opera.
    Chromium,
}

/// Whether a browser is open.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum BrowserRunning {
    /// It is.
    Yes,
    /// It isn't.
    No,
    /// That can't be told.
    Unknown,
}

/// One of DingTalk's sites in a profile.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct BrowserSiteView {
    /// Its registrable domain.
    pub domain: String,
    /// Why it is DingTalk's.
    pub reason: String,
    /// Whether the browser refuses its cookies and site data.
    pub refused: Refused,
    /// Who decided so, in one sentence.
    pub refused_says: Option<String>,
    /// What it keeps, by kind.
    pub kinds: Vec<StoredKindView>,
    /// What it may use.
    pub permissions: Vec<SitePermissionView>,
}

/// Whether a browser refuses a site's cookies and site data.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Refused {
    /// It does.
    Yes,
    /// It doesn't.
    No,
    /// Whoever manages the browser decided.
    Policy,
    /// That couldn't be read.
    Unknown,
}

/// What is kept of one kind.
#[derive(Debug, Clone, Serialize, Type)]
pub struct StoredKindView {
    /// Which kind.
    pub kind: StoredKind,
    /// How many.
    pub count: u32,
    /// Their size in bytes.
    pub bytes: Option<String>,
    /// Each of them, where they can be told apart.
    pub items: Vec<StoredItemView>,
}

/// A kind of thing kept by a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum StoredKind {
    /// Cookies.
    Cookie,
    /// Local storage.
    LocalStorage,
    /// Databases.
    IndexedDb,
    /// Kept responses.
    CacheStorage,
    /// Scripts that run without a page.
    ServiceWorker,
    /// Private files.
    FileSystem,
    /// The browser's book-keeping.
    Quota,
    /// What tabs keep.
    SessionStorage,
    /// Visited pages.
    History,
    /// Tabs to be opened again.
    SessionRestore,
    /// Copies of pages.
    HttpCache,
    /// The list of downloads.
    Downloads,
    /// Icons of pages.
    Icons,
    /// What the browser offers by itself.
    Suggestions,
}

/// Where else the sites' names remain, as far as it is asked about apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum NamedElsewhere {
    /// Visited pages, with the downloads, icons and suggestions in the history.
    History,
    /// Tabs to be opened again.
    SessionRestore,
    /// Copies of pages.
    HttpCache,
}

/// One thing kept; never its value.
#[derive(Debug, Clone, Serialize, Type)]
pub struct StoredItemView {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The host it belongs to.
    pub host: String,
    /// Its size in bytes.
    pub bytes: Option<String>,
    /// What it is likely for.
    pub purpose: Option<CookiePurpose>,
    /// How that is known.
    pub evidence: Option<String>,
    /// What else is known of it.
    pub details: Vec<LabelledView>,
}

/// A term and what there is to say about it. A time is RFC 3339.
#[derive(Debug, Clone, Serialize, Type)]
pub struct LabelledView {
    /// The term.
    pub label: String,
    /// What there is to say.
    pub value: String,
}

/// What a cookie is likely for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum CookiePurpose {
    /// Security and operation.
    Operation,
    /// Statistics.
    Statistics,
    /// Nobody says.
    Unknown,
}

/// What a site may use, in a browser.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SitePermissionView {
    /// What.
    pub permission: SitePermission,
    /// The origin the setting is for; absent: the whole site.
    pub origin: Option<String>,
    /// What holds.
    pub setting: SiteSetting,
    /// Who decided so, in a few words.
    pub decided_by: Option<String>,
}

/// What a site asks a browser for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SitePermission {
    /// The camera.
    Camera,
    /// The microphone.
    Microphone,
    /// Where the computer is.
    Location,
    /// Notifications.
    Notifications,
}

/// What a browser does when a site asks.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SiteSetting {
    /// It lets the site.
    Allow,
    /// It asks the person.
    Ask,
    /// It refuses.
    Deny,
}

/// Something that couldn't be done, and why.
#[derive(Debug, Clone, Serialize, Type)]
pub struct ProblemView {
    /// A stable code.
    pub code: String,
    /// What happened, what it means, what to do.
    pub message: String,
}

/// What was noticed about a profile.
#[derive(Debug, Clone, Serialize, Type)]
pub struct BrowserReportView {
    /// The profile.
    pub profile: String,
    /// One sentence.
    pub says: String,
}

/// A browser this program can't reach.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ElsewhereBrowserView {
    /// Its name.
    pub browser: String,
    /// Why, and where it is done.
    pub says: String,
    /// Its own page can be opened.
    pub can_open: bool,
}

/// What goes on by itself once a browser is closed.
#[derive(Debug, Clone, Serialize, Type)]
pub struct WaitingView {
    /// For Cancel.
    pub id: String,
    /// The profile.
    pub profile: String,
    /// The browser to be closed.
    pub browser: String,
    /// What waits, in one sentence.
    pub says: String,
    /// It is being done now: too late to cancel.
    pub begun: bool,
}

/// How much of what goes a backup keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum BackupExtent {
    /// All of it.
    Whole,
    /// All but the browser's copies of pages, which it fetches again.
    ButCache,
    /// Nothing: these are copies of pages.
    None,
}

/// A copy of what a clearing took.
#[derive(Debug, Clone, Serialize, Type)]
pub struct BackupView {
    /// For Restore.
    pub id: String,
    /// When it was made.
    pub at: String,
    /// Until when it is kept.
    pub until: String,
    /// The profile it belongs to.
    pub profile: String,
    /// What it holds, in one sentence.
    pub says: String,
}

/// What to clear; `null` stands for all of it.
#[derive(Debug, Clone, Deserialize, Type)]
#[serde(deny_unknown_fields)]
pub struct ClearChoice {
    /// In which profile.
    pub profile: Option<String>,
    /// Of which site.
    pub site: Option<String>,
    /// Of which kind.
    pub kind: Option<StoredKind>,
    /// Which item.
    pub item: Option<String>,
    /// Of which purpose; cookies only.
    pub purpose: Option<CookiePurpose>,
    /// Also where else the names remain.
    pub elsewhere: Vec<NamedElsewhere>,
}

/// What clearing would do, to be said before it is done.
#[derive(Debug, Clone, Serialize, Type)]
pub struct ClearPreview {
    /// How many things go.
    pub count: u32,
    /// How large they are, in bytes.
    pub bytes: Option<String>,
    /// What is lost, a sentence each.
    pub losses: Vec<String>,
    /// What stays, a sentence each.
    pub stays: Vec<String>,
    /// Browsers to be closed first, by name.
    pub closing: Vec<String>,
    /// How much of it a backup keeps.
    pub backup: BackupExtent,
}
