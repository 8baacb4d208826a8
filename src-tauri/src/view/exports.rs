//! What the window is given of exports: what can be asked for, how far each asking is, and the archives that are known.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{BytesSoFar, ReportView};

/// An export moves, or is being checked: fetch `exports` again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, tauri_specta::Event)]
#[serde(rename_all = "camelCase")]
pub struct ExportsMove {
    /// Grows.
    pub tick: u32,
}

/// What can be asked for, and under which law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ExportChoices {
    /// What is held, in the order shown.
    pub categories: Vec<HeldCategory>,
    /// The laws.
    pub regimes: Vec<RegimeView>,
    /// Where a copy may lie.
    pub place: String,
}

/// A category of what is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct HeldCategory {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it holds.
    pub holds: String,
    /// The policy's clause.
    pub clause: String,
    /// Who answers for it.
    pub controller: ControllerWord,
    /// A copy of a period leaves out what happened outside it.
    pub dated: bool,
    /// How many things are held.
    pub items: u32,
    /// Their bytes, with their files.
    pub bytes: String,
    /// When the oldest happened.
    pub first_at: Option<String>,
    /// When the newest happened.
    pub last_at: Option<String>,
}

/// Who decides about data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ControllerWord {
    /// DingTalk.
    Dingtalk,
    /// The person's Organization.
    Organization,
    /// Whoever made the group.
    GroupOwner,
    /// Whoever made the app.
    Vendor,
    /// It isn't said.
    Unknown,
}

/// A law one may ask under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RegimeView {
    /// Its identifier.
    pub id: String,
    /// Where it holds.
    pub name: String,
    /// The law's name.
    pub law: String,
    /// The policy's clause.
    pub clause: String,
    /// What limits copies.
    pub limit: Option<LimitView>,
    /// Not before then, when the number of copies is used up.
    pub next_allowed_at: Option<String>,
    /// Nothing older is covered.
    pub earliest: Option<String>,
}

/// How often one may ask for a copy, and how far back it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LimitView {
    /// This many copies…
    pub at_most: u32,
    /// …within this many months.
    pub within_months: u32,
    /// A copy covers the last months, this many.
    pub covers_months: u32,
}

/// What somebody asks for.
#[derive(Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ExportWishView {
    /// Of which categories; none means all.
    pub categories: Vec<String>,
    /// Under which law.
    pub regime: String,
    /// From then on, RFC 3339; with `to`, or neither.
    pub from: Option<String>,
    /// Before then.
    pub to: Option<String>,
    /// Where the file shall lie; chosen when it is ready otherwise.
    pub place: Option<String>,
    /// Encrypt it at rest with this.
    pub passphrase: Option<String>,
}

/// All exports, and the archives that are known.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct ExportsView {
    /// The newest first.
    pub exports: Vec<ExportView>,
    /// Archives on this computer, the newest first.
    pub archives: Vec<KnownArchiveView>,
}

/// One asking.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ExportView {
    /// Its identifier.
    pub id: String,
    /// How far it is.
    pub stage: ExportStage,
    /// One or two sentences about that.
    pub says: String,
    /// When it was asked for.
    pub asked_at: String,
    /// When it last moved.
    pub changed_at: String,
    /// Under which law.
    pub regime: String,
    /// Of what happened when; of everything without it.
    pub from: Option<String>,
    /// Of what happened when.
    pub to: Option<String>,
    /// What was asked for, by name.
    pub asked: Vec<String>,
    /// How far each category is, as the service last said.
    pub categories: Vec<CategoryProgress>,
    /// Things the service couldn't copy.
    pub left_out: u32,
    /// The archive's length, once it is known.
    pub bytes: Option<String>,
    /// The service keeps it until then.
    pub expires_at: Option<String>,
    /// How a download goes.
    pub transfer: Option<TransferView>,
    /// How far checking is.
    pub checking: Option<BytesSoFar>,
    /// Where it lies, or shall lie.
    pub place: Option<String>,
    /// It is, or will be, encrypted at rest.
    pub encrypted: bool,
    /// What only the person can change.
    pub waits: Option<WaitsView>,
    /// What happened on the way that should be read afterwards, oldest first.
    pub notices: Vec<ExportNotice>,
    /// Why it failed: a stable code.
    pub failure: Option<String>,
    /// Another try may help.
    pub can_retry: bool,
    /// It can be cancelled.
    pub can_cancel: bool,
    /// What checking found.
    pub report: Option<ReportView>,
    /// Where what isn't sound lies.
    pub set_aside: Option<String>,
    /// What had arrived when it ended: it can be read as far as it goes.
    pub part: Option<PartView>,
    /// Another program on this computer looks after it; here it can only be watched.
    pub elsewhere: bool,
}

/// How far an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ExportStage {
    /// On its way to the service, or there.
    Asked,
    /// The service puts it together.
    Preparing,
    /// It can be downloaded.
    Ready,
    /// It comes.
    Downloading,
    /// It is here, and being checked.
    Checking,
    /// It is here, and what it should be.
    Checked,
    /// The service no longer has it.
    Expired,
    /// It can't go on by itself.
    Failed,
    /// The person ended it.
    Cancelled,
}

/// How far one category is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CategoryProgress {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Things looked at.
    pub items_done: u32,
    /// Things there are.
    pub items_total: u32,
    /// Their bytes.
    pub bytes_done: String,
    /// Bytes there are.
    pub bytes_total: String,
}

/// How a download goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TransferView {
    /// Bytes that are here.
    pub received: String,
    /// Bytes there are.
    pub of: String,
    /// Bytes in a second.
    pub per_second: Option<String>,
    /// Seconds until it is here.
    pub seconds_left: Option<u32>,
}

/// What only the person can change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct WaitsView {
    /// What.
    pub code: WaitsFor,
    /// What to do.
    pub says: String,
    /// With `no-room`: bytes that are missing.
    pub missing: Option<String>,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum WaitsFor {
    /// Signing in.
    SignIn,
    /// Room on the disk.
    NoRoom,
    /// The folder, or another.
    PlaceMissing,
    /// A fresh code.
    CodeNeeded,
    /// Whether the service's new key is to be trusted.
    KeyChanged,
    /// The passphrase to encrypt with.
    PassphraseNeeded,
}

/// Something that happened on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ExportNotice {
    /// When.
    pub at: String,
    /// What.
    pub says: String,
}

/// What arrived of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct PartView {
    /// Where it lies.
    pub path: String,
    /// Its bytes.
    pub bytes: String,
}

/// An archive on this computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct KnownArchiveView {
    /// Its identifier.
    pub id: String,
    /// The file's name.
    pub name: String,
    /// Where it lies.
    pub path: String,
    /// Of which asking it came, when it came of one here.
    pub export: Option<String>,
    /// Its length.
    pub bytes: String,
    /// It is encrypted.
    pub encrypted: bool,
    /// When it came to be known.
    pub added_at: String,
    /// What the last check found.
    pub sound: Option<bool>,
    /// The file is there.
    pub there: bool,
}
