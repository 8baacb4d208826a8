//! What the window is given of an open archive. It never gets one whole: lists come by the page, a file as far as it can
//! be shown.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::ErrorView;

/// There is news of an open archive: fetch `archive` again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, tauri_specta::Event)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveNews {
    /// Which.
    pub id: String,
}

/// An open archive.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveView {
    /// Its identifier while it is open.
    pub id: String,
    /// The file's name.
    pub name: String,
    /// Where it lies.
    pub path: String,
    /// What it is.
    pub kind: ArchiveKind,
    /// It is decrypted while it is read.
    pub encrypted: bool,
    /// Files in it.
    pub files: u32,
    /// Their bytes, unpacked.
    pub bytes: String,
    /// Of which time it is; none for all.
    pub period: Option<PeriodView>,
    /// What is in it, sorted by how much.
    pub categories: Vec<ArchiveCategoryView>,
    /// What its maker couldn't put in, and why.
    pub left_out: Vec<LeftOutView>,
    /// What isn't well with it, as far as opening and indexing showed.
    pub findings: Vec<FindingView>,
    /// How far indexing is; none once it is done.
    pub indexing: Option<BytesSoFar>,
    /// Why there is no index.
    pub failure: Option<ErrorView>,
    /// How far a check is, while one runs.
    pub checking: Option<BytesSoFar>,
    /// What the last check found.
    pub report: Option<ReportView>,
}

/// What an archive is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ArchiveKind {
    /// An export of the kind this program knows.
    Export,
    /// Another bag.
    Bag,
    /// Files and folders.
    Tree,
}

/// A span of time, each end open when it isn't given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct PeriodView {
    /// From then on.
    pub from: Option<String>,
    /// Until then.
    pub to: Option<String>,
}

/// A category in an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveCategoryView {
    /// Its identifier there.
    pub id: String,
    /// For people.
    pub name: String,
    /// Its files.
    pub files: u32,
    /// Their bytes, unpacked.
    pub bytes: String,
    /// Records, as counted; as the archive says, until they are.
    pub records: u32,
    /// The archive says that there are so many, and there aren't.
    pub claimed: Option<u32>,
}

/// Something that isn't in the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct LeftOutView {
    /// Of which category.
    pub category: String,
    /// What.
    pub item: String,
    /// Why.
    pub why: String,
}

/// Something that isn't well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct FindingView {
    /// A stable code.
    pub code: String,
    /// A sentence.
    pub message: String,
}

/// How far something is, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct BytesSoFar {
    /// Done.
    pub done: String,
    /// There are; 0 until it is known.
    pub of: String,
}

/// What checking found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ReportView {
    /// Everything is what it should be.
    pub sound: bool,
    /// What was checked and what came of it, a line each; the first says it all.
    pub lines: Vec<String>,
}

/// How finely a chart divides time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum TimeScale {
    /// By days, in UTC.
    Day,
    /// By months, in UTC.
    Month,
}

/// A span of time with records in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct SpanView {
    /// Its first day, such as `2025-03-01`.
    pub begins: String,
    /// The category.
    pub category: String,
    /// How many records.
    pub items: u32,
}

/// Which records, by time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RecordsQuery {
    /// Of this category; of all when none is given.
    pub category: Option<String>,
    /// From then on, RFC 3339.
    pub from: Option<String>,
    /// Before then.
    pub before: Option<String>,
    /// The oldest first; else the newest.
    pub oldest_first: bool,
    /// Beyond so many.
    pub skip: u32,
    /// At most so many, up to 1,000.
    pub most: u32,
}

/// A record in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct RecordRow {
    /// Its number in the index, for `archive_record`.
    pub item: String,
    /// Its category.
    pub category: String,
    /// When it happened.
    pub at: Option<String>,
    /// What it is.
    pub kind: String,
    /// Its title, or the beginning of its text.
    pub line: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct HitsView {
    /// How many records hold all words.
    pub total: u32,
    /// The newest of them.
    pub rows: Vec<RecordRow>,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct RecordView {
    /// Its number in the index.
    pub item: String,
    /// What it is.
    pub kind: String,
    /// When it happened.
    pub at: Option<String>,
    /// Its title, or a person's name.
    pub title: Option<String>,
    /// Its text.
    pub text: Option<String>,
    /// The text goes on.
    pub cut: bool,
    /// Who it comes from.
    pub from: Option<String>,
    /// Whom it went to.
    pub to: Vec<String>,
    /// Files that belong to it.
    pub files: Vec<RecordFile>,
    /// More of it, by label.
    pub fields: Vec<FieldView>,
}

/// A file of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct RecordFile {
    /// Its path in the archive.
    pub path: String,
    /// Its name.
    pub name: String,
    /// Its length; none when it isn't there.
    pub bytes: Option<String>,
}

/// A label and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct FieldView {
    /// The label, as the archive has it.
    pub label: String,
    /// The value.
    pub value: String,
}

/// A part of what lies in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct FolderView {
    /// How much lies in it.
    pub total: u32,
    /// Folders first, then by name.
    pub nodes: Vec<NodeView>,
}

/// A file or a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct NodeView {
    /// Its name there.
    pub name: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// The files below it; 1 for a file.
    pub files: u32,
    /// Their bytes, unpacked.
    pub bytes: String,
}

/// A file as it can be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "shownAs", rename_all = "kebab-case")]
pub enum PreviewView {
    /// Text.
    Text {
        /// Its beginning.
        text: String,
        /// There is more.
        cut: bool,
    },
    /// People.
    Contacts {
        /// The first of them.
        contacts: Vec<ContactView>,
        /// There are more.
        cut: bool,
    },
    /// Events.
    Events {
        /// The first of them.
        events: Vec<EventView>,
        /// There are more.
        cut: bool,
    },
    /// A letter.
    Letter(LetterView),
    /// A picture.
    #[serde(rename_all = "camelCase")]
    Picture {
        /// By its bytes, whatever its name says; never a kind that can run anything.
        media_type: String,
        /// The file, in Base64.
        data: String,
    },
    /// Something to open with another program.
    #[serde(rename_all = "camelCase")]
    Other {
        /// By its bytes, when they tell.
        media_type: Option<String>,
        /// Its length.
        bytes: String,
    },
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ContactView {
    /// The name.
    pub name: String,
    /// Telephone numbers.
    pub numbers: Vec<String>,
    /// E-mail addresses.
    pub addresses: Vec<String>,
    /// The organization.
    pub organization: Option<String>,
    /// The position there.
    pub title: Option<String>,
    /// A note.
    pub note: Option<String>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct EventView {
    /// What.
    pub summary: String,
    /// In the event's own zone, such as `2025-03-02 09:00`.
    pub begins: Option<String>,
    /// As `begins`.
    pub ends: Option<String>,
    /// Where.
    pub location: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// It repeats.
    pub repeats: bool,
}

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct LetterView {
    /// From whom.
    pub from: Vec<String>,
    /// To whom.
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// When it was sent.
    pub date: Option<String>,
    /// Its text.
    pub text: String,
    /// The names of what is attached.
    pub attachments: Vec<String>,
}

/// What changed since an earlier export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ComparisonView {
    /// How much, by category; those with changes only.
    pub categories: Vec<CategoryChanges>,
    /// The first changes.
    pub changes: Vec<ChangedRecord>,
    /// Changes in all.
    pub total: u32,
    /// Records that only one of the two had asked for, and that are therefore neither new nor missing.
    pub not_covered: u32,
}

/// How much of a category changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct CategoryChanges {
    /// Which.
    pub category: String,
    /// Only in the later.
    pub added: u32,
    /// Only in the earlier.
    pub removed: u32,
    /// In both, and different.
    pub changed: u32,
}

/// How a record changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum HowChanged {
    /// Only in the later.
    Added,
    /// Only in the earlier.
    Removed,
    /// In both, and different.
    Changed,
}

/// A record that changed, as the later export has it; as the earlier has it, when it was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ChangedRecord {
    /// How.
    pub how: HowChanged,
    /// What.
    pub row: RecordRow,
}

/// A copy for another provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PortableView {
    /// Where it lies.
    pub path: String,
    /// Records that are in it.
    pub records: u32,
    /// What isn't in it, and why: a line a category and reason.
    pub left_out: Vec<LeftOutView>,
}

/// What a place is chosen for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Type)]
#[serde(tag = "for", rename_all = "kebab-case")]
pub enum Choosing {
    /// An archive to open.
    Archive,
    /// A folder to save into.
    Folder,
    /// Where a new file shall lie.
    NewFile {
        /// What it is called, unless the person wants another name.
        name: String,
    },
}
