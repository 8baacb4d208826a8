//! A clearing, taken apart: what is done to which file of the profile, and where the backup keeps what goes.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One step. Paths of the profile are below its folder, those of the backup below the backup's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Step {
    /// Rows of a table go; the backup has a database with the same table and those rows.
    Rows {
        file: PathBuf,
        table: Table,
        kept: PathBuf,
    },
    /// Entries of a LevelDB folder go, which is written anew; the backup has them in a database.
    Entries {
        folder: PathBuf,
        store: Store,
        kept: PathBuf,
    },
    /// Records of `serviceworker.txt` go, which is written anew; the backup has them.
    Workers { file: PathBuf, kept: PathBuf },
    /// Pages of the history, downloads, or icons of pages go with all that is known of them; the backup has a database
    /// with the tables that are concerned.
    History { file: PathBuf, kept: PathBuf },
    /// What the browser would open again is written anew; the backup has the whole file.
    Session { file: PathBuf, kept: PathBuf },
    /// A file or a folder goes; the backup has a copy.
    Whole { path: PathBuf, kept: PathBuf },
}

/// A table that rows go from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Table {
    /// Firefox's cookies.
    MozCookies,
    /// Firefox's list of origins that keep something.
    MozOrigin,
    /// Firefox's local storage of older versions.
    MozWebappsstore,
    /// Chromium's cookies.
    Cookies,
    /// Chromium's list of storage buckets.
    Buckets,
    /// The pages that Chromium offers on a new tab.
    TopSites,
    /// The pages that it offers in its address bar.
    Shortcuts,
    /// The pages that it expects after what was typed.
    Predictions,
}

impl Table {
    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Table::MozCookies => "moz_cookies",
            Table::MozOrigin => "origin",
            Table::MozWebappsstore => "webappsstore2",
            Table::Cookies => "cookies",
            Table::Buckets => "buckets",
            Table::TopSites => "top_sites",
            Table::Shortcuts => "omni_box_shortcuts",
            Table::Predictions => "network_action_predictor",
        }
    }

    /// The columns that tell whether two rows are about the same thing: a row that came since isn't overwritten.
    pub(super) fn identity(self) -> &'static [&'static str] {
        match self {
            Table::MozCookies => &["name", "host", "path", "originAttributes"],
            Table::MozOrigin => &["repository_id", "origin", "suffix"],
            Table::MozWebappsstore => &["originAttributes", "originKey", "key"],
            Table::Cookies => &[
                "host_key",
                "top_frame_site_key",
                "has_cross_site_ancestor",
                "name",
                "path",
            ],
            Table::Buckets => &["storage_key", "name"],
            Table::TopSites => &["url"],
            Table::Shortcuts | Table::Predictions => &["id"],
        }
    }

    /// The columns with what sites keep; where there are none, with what tells whose a row is.
    pub(super) fn values(self) -> &'static [&'static str] {
        match self {
            Table::MozCookies | Table::MozWebappsstore => &["value"],
            Table::MozOrigin => &["origin"],
            Table::Cookies => &["value", "encrypted_value"],
            Table::Buckets => &["storage_key"],
            Table::TopSites => &["url", "title"],
            Table::Shortcuts => &["text", "fill_into_edit", "url", "contents", "description"],
            Table::Predictions => &["user_text", "url"],
        }
    }

    /// The column that numbers the rows and means nothing outside the table: it may change when a row is put back.
    pub(super) fn number(self) -> Option<&'static str> {
        match self {
            Table::MozCookies => Some("id"),
            // A bucket's folder has its number.
            Table::MozOrigin
            | Table::MozWebappsstore
            | Table::Cookies
            | Table::Buckets
            | Table::TopSites
            | Table::Shortcuts
            | Table::Predictions => None,
        }
    }
}

/// A LevelDB folder that entries go from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Store {
    /// `Local Storage/leveldb`.
    LocalStorage,
    /// `Session Storage`.
    SessionStorage,
    /// `Service Worker/Database`.
    ServiceWorkers,
    /// `File System/Origins`.
    FileOrigins,
}

impl Store {
    /// Its folder, below the profile's.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Store::LocalStorage => "Local Storage/leveldb",
            Store::SessionStorage => "Session Storage",
            Store::ServiceWorkers => "Service Worker/Database",
            Store::FileOrigins => "File System/Origins",
        }
    }
}
