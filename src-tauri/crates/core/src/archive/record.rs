//! What a person reads in an archive: records, and what the archive says of itself.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One record of a `*.records.json` file (schema `records/1`). What a newer schema adds is passed over.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Unique in its category.
    pub id: String,
    /// When it happened, if it has a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What it is: `message`, `contact`, `event` …
    #[serde(default)]
    pub kind: String,
    /// Its title, or a person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Who it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Whom it went to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// Files that belong to it, by their path in the bag.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// More of it, by label.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

/// A record is somebody's private matter: its content is never in a log.
impl std::fmt::Debug for Item {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Item")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// `data/report.json`: what the service says is in the archive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The schema's number: 1.
    pub schema: u32,
    /// Which export.
    pub export: String,
    /// Whose.
    pub account: String,
    /// The time asked for; none means all.
    #[serde(default)]
    pub period: Option<Period>,
    /// What is in it.
    #[serde(default)]
    pub categories: Vec<ClaimedCategory>,
    /// What isn't, and why.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
}

/// A span of time, each end open when it isn't given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// From then on.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// Until then.
    #[serde(default)]
    pub to: Option<Timestamp>,
}

impl Period {
    /// Whether a time lies in it.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at <= to)
    }
}

/// A category, as the service counts it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimedCategory {
    /// Of the inventory.
    pub id: String,
    /// For people.
    pub name: String,
    /// How many records.
    #[serde(default)]
    pub items: u64,
    /// How many bytes.
    #[serde(default)]
    pub bytes: u64,
    /// How many files.
    #[serde(default)]
    pub files: u64,
}

/// Something that isn't in the archive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Of which category.
    #[serde(default)]
    pub category: String,
    /// What.
    #[serde(default)]
    pub item: String,
    /// Why.
    #[serde(default)]
    pub why: String,
}
