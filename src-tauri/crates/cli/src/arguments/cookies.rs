//! What can be said about what DingTalk's sites keep in the browsers.

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

/// What DingTalk's sites keep in your browsers.
#[derive(Debug, Subcommand)]
pub enum Cookies {
    /// All of it, profile by profile. No cookie's value is read.
    List {
        /// One profile, as `list` names it.
        #[arg(long, value_name = "ID")]
        profile: Option<String>,
        /// One of DingTalk's sites.
        #[arg(long, value_name = "DOMAIN")]
        site: Option<String>,
    },
    /// Clear all of it, or a part. A backup is kept for 30 days.
    Clear(Clear),
    /// Have the browser itself refuse a site's cookies and storage.
    Refuse(SiteRule),
    /// Have the browser take them again.
    Allow(SiteRule),
    /// Say what a site's pages may use: `permit dingtalk.com camera deny`.
    Permit {
        /// Where.
        #[command(flatten)]
        rule: SiteRule,
        /// What.
        permission: PermissionWord,
        /// Whether.
        setting: SettingWord,
    },
    /// Put back what was cleared. What is newer stays.
    Restore {
        /// Which backup, as `list` names it; the newest when left out.
        #[arg(value_name = "BACKUP")]
        backup: Option<Timestamp>,
        /// Don't wait for an open browser to be closed.
        #[arg(long)]
        no_wait: bool,
    },
}

/// What to clear. Everything that sites keep, when nothing is named.
#[derive(Debug, Args)]
pub struct Clear {
    /// One profile, as `list` names it; all of them when left out.
    #[arg(long, value_name = "ID")]
    pub profile: Option<String>,
    /// One of DingTalk's sites; all of them when left out.
    #[arg(long, value_name = "DOMAIN")]
    pub site: Option<String>,
    /// One kind.
    #[arg(long)]
    pub kind: Option<KindWord>,
    /// Cookies that are likely for this.
    #[arg(long, conflicts_with = "kind")]
    pub purpose: Option<PurposeWord>,
    /// One thing, as `list` names it.
    #[arg(long, value_name = "ID", conflicts_with_all = ["profile", "site", "kind", "purpose", "elsewhere"])]
    pub item: Option<String>,
    /// Also where else the sites are named: all of it, or what is named (`--elsewhere=history,http-cache`).
    #[arg(
        long,
        value_name = "WHERE",
        num_args = 0..,
        require_equals = true,
        value_delimiter = ',',
        default_missing_values = ["history", "session-restore", "http-cache"]
    )]
    pub elsewhere: Vec<ElsewhereWord>,
    /// Go on without asking, also when something is lost.
    #[arg(long, short)]
    pub yes: bool,
    /// Don't wait for an open browser to be closed.
    #[arg(long)]
    pub no_wait: bool,
}

/// Where a browser's own rule is to hold.
#[derive(Debug, Args)]
pub struct SiteRule {
    /// One of DingTalk's sites.
    pub site: String,
    /// One profile, as `list` names it; all of them when left out.
    #[arg(long, value_name = "ID")]
    pub profile: Option<String>,
    /// Don't wait for an open browser to be closed.
    #[arg(long)]
    pub no_wait: bool,
}

/// What a site can keep, and where else it is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindWord {
    /// Cookies.
    Cookie,
    /// Local storage.
    LocalStorage,
    /// Session storage.
    SessionStorage,
    /// Databases.
    IndexedDb,
    /// Files.
    FileSystem,
    /// Pages kept for use without a network.
    CacheStorage,
    /// Programs that run in the background.
    ServiceWorker,
    /// The browser's own notes about a site's storage.
    Quota,
    /// Pages that were visited.
    History,
    /// Tabs that the browser opens again.
    SessionRestore,
    /// Copies of pages.
    HttpCache,
    /// The list of downloads.
    Downloads,
    /// Icons of pages.
    Icons,
    /// What the browser offers by itself, of its history.
    Suggestions,
}

/// Where else a site is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ElsewhereWord {
    /// Pages that were visited, with the downloads, icons and suggestions in the browser's history.
    History,
    /// Tabs that the browser opens again.
    SessionRestore,
    /// Copies of pages.
    HttpCache,
}

/// What a cookie is likely for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PurposeWord {
    /// Security and operation.
    Operation,
    /// Statistics and improvement.
    Statistics,
    /// Nobody says.
    Unknown,
}

/// What a site's pages may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PermissionWord {
    /// The camera.
    Camera,
    /// The microphone.
    Microphone,
    /// Where the computer is.
    Location,
    /// Notifications.
    Notifications,
}

/// Whether they may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SettingWord {
    /// They may.
    Allow,
    /// The browser asks you each time.
    Ask,
    /// They may not.
    Deny,
}
