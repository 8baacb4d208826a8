//! What the window is given: everything it shows, in words where words are data, in stable codes where it chooses
//! words, icons and tones itself. It holds no rule of its own, and neither does the window.
//!
//! Sizes and 64-bit numbers cross as strings, times as RFC 3339 in UTC.

mod archive;
mod browser_news;
mod browsers;
mod browsing;
mod copies;
mod deciding;
mod deletion;
mod ending;
mod errors;
mod exports;
mod make;
mod reading;
mod requests;
mod words;

use serde::{Deserialize, Serialize};
use specta::Type;

pub use archive::*;
pub use browsers::*;
pub use browsing::browsers_view;
pub use copies::{export_choices, export_wish, exports_view};
pub use deciding::{about, clear_preview, clearing, decision};
pub use deletion::*;
pub use ending::{deletion_view, preflight_view};
pub use exports::*;
pub use make::{app_view, code_sent_view, consent_event_view, done_view, plan_view};
pub use reading::{
    archive_view, category_name, comparison_view, folder_view, hits_view, number, portable_view,
    preview_view, record_row, record_view, report_view, scale, span_view,
};
pub use requests::*;

/// Everything at one moment. `revision` grows with every change; the window refetches when told of a newer one.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AppView {
    /// Grows with every change.
    pub revision: u32,
    /// The program's version.
    pub version: String,
    /// Nothing was chosen yet: show the first screen.
    pub first_start: bool,
    /// This computer removes what it keeps of an account that is gone: show that first.
    pub wiping: bool,
    /// Whether the app follows the desktop, or is light or dark.
    pub theme: Theme,
    /// What went wrong at start-up or since, and stays true until mended.
    pub notices: Vec<Notice>,
    /// The DingTalk app on this computer.
    pub device: DeviceView,
    /// The account.
    pub account: AccountView,
    /// Consents by group; empty without an account.
    pub consents: Vec<ConsentView>,
    /// Changes that haven't reached the service.
    pub outbox: OutboxView,
    /// The newest changes made here, newest first (at most 100).
    pub history: Vec<ChangeView>,
}

/// What is on the glass for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Painted {
    /// The window's frame, before anything is known.
    Frame,
    /// The first view.
    View,
}

/// Light, dark, or what the desktop says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// What the desktop says.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// A standing message with something to do about it.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// A stable code: `database-moved-aside`, `keyring-missing`, `override-malformed`, `store-unavailable`, …
    pub code: String,
    /// What happened, what it means, what to do.
    pub message: String,
    /// A file it is about, of which a copy can be made (`copy_aside`).
    pub file: Option<String>,
    /// It can be put away.
    pub dismissible: bool,
}

/// The DingTalk app on this computer.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeviceView {
    /// How it is installed.
    pub install: InstallKind,
    /// One sentence about that.
    pub says: String,
    /// The name and version to show, such as `com.dingtalk.DingTalk 7.6.0`.
    pub app: Option<String>,
    /// When this computer was last looked at.
    pub observed_at: Option<String>,
    /// The permissions, in the order shown.
    pub permissions: Vec<PermissionView>,
}

/// How the app is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum InstallKind {
    /// In a sandbox: switches work.
    Flatpak,
    /// As a plain program: nothing here can hold it.
    Package,
    /// Not found.
    Absent,
    /// The system's own settings decide.
    Elsewhere,
    /// Not looked yet.
    Looking,
}

/// One permission.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PermissionView {
    /// Its identifier; the icon goes by it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The policy's clause.
    pub clause: String,
    /// What DingTalk asks for it for.
    pub used_for: Vec<String>,
    /// What stops without it.
    pub without: String,
    /// The observed state.
    pub state: StateWord,
    /// Whether the app asks for it.
    pub requested: RequestedView,
    /// Who decided what holds, in a few words.
    pub decided_by: String,
    /// What can be done here.
    pub control: ControlView,
    /// The system's own page, where there is one.
    pub settings_label: Option<String>,
    /// The single grounds.
    pub grounds: Vec<GroundView>,
    /// What was changed here, newest first (at most 10).
    pub history: Vec<ChangeView>,
}

/// The one vocabulary of states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum StateWord {
    /// Allowed.
    Allowed,
    /// Denied.
    Denied,
    /// Asks each time.
    Asks,
    /// Not requested.
    NotRequested,
    /// Can't be enforced here.
    NotEnforced,
    /// Couldn't be checked.
    Unknown,
}

/// Whether the app asks for a permission.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RequestedView {
    /// `manifest`, `when-needed`, `no`, `unknown`.
    pub code: String,
    /// Entries as they stand in Flatpak's own files.
    pub entries: Vec<String>,
}

/// What can be done about a permission.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ControlView {
    /// `direct`, `follows`, `not-enforced`, `nothing`, `blocked`. The first two have a switch.
    pub code: String,
    /// Why there is no switch.
    pub reason: Option<String>,
    /// The permission it goes with.
    pub follows: Option<String>,
}

/// One ground.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GroundView {
    /// As it stands in Flatpak's own files.
    pub name: String,
    /// The app's metadata asks for it.
    pub requested: bool,
    /// What it gives: `allowed`, `denied`, `asks`, `unknown`.
    pub state: StateWord,
    /// Who decided so, in a few words.
    pub decided_by: String,
}

/// What a person wants for a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Wanted {
    /// DingTalk can use it.
    Allow,
    /// DingTalk can't.
    Deny,
    /// What the person set is taken back.
    Reset,
}

/// A consent to set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ConsentChange {
    /// Which.
    pub id: String,
    /// To what.
    pub granted: bool,
}

/// What a switch would do, to be said before it is done.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// Nothing would change.
    pub idle: bool,
    /// A sentence to show first.
    pub warning: Option<String>,
    /// Names of other permissions that change too.
    pub also: Vec<String>,
    /// What the permission would be.
    pub expected: StateWord,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DoneView {
    /// For Undo; absent when nothing changed.
    pub change: Option<String>,
    /// What is true now, in one sentence, for the toast.
    pub says: String,
}

/// The account.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// Where it lives.
    pub place: PlaceView,
    /// The service's address, when it is one's own choice.
    pub address: Option<String>,
    /// Signed in or not.
    pub status: AccountStatus,
    /// The name it goes by.
    pub display_name: Option<String>,
    /// The address it signs in with.
    pub identifier: Option<String>,
    /// A made-up account.
    pub sample: bool,
    /// The session isn't kept: there is no keyring. Signing in again is needed after a restart.
    pub session_only: bool,
    /// When the service last answered.
    pub synced_at: Option<String>,
    /// Why it doesn't answer, while it doesn't.
    pub offline: Option<String>,
}

/// Where the account lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceView {
    /// No account: only this computer's settings.
    None,
    /// The service inside this program.
    Embedded,
    /// The same, with the made-up account.
    Sample,
    /// A service at an address.
    Service,
}

/// Signed in or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum AccountStatus {
    /// There is no account to sign in to.
    None,
    /// Not signed in.
    SignedOut,
    /// Signed in.
    SignedIn,
    /// Was signed in; the keyring is locked, so the session can't be read now.
    Locked,
}

/// A code is on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CodeSentView {
    /// Until when it can be used.
    pub expires_at: String,
    /// From when another one can be asked for.
    pub next_allowed_at: String,
    /// The code itself, when this program's own service "sent" it.
    pub shown_code: Option<String>,
}

/// One consent.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ConsentView {
    /// Its identifier.
    pub id: String,
    /// `cookies`, `marketing`, `sharing`, `interoperability`.
    pub group: String,
    /// Its name.
    pub name: String,
    /// What agreeing means.
    pub says: String,
    /// The policy's clause.
    pub clause: String,
    /// What holds, as far as known: what was chosen here, else what the service said, else the protective default.
    pub granted: bool,
    /// It can't be taken back.
    pub required: bool,
    /// In the marketing grid: the topic's name.
    pub topic: Option<String>,
    /// In the marketing grid: the channel's name.
    pub channel: Option<String>,
    /// Whether the service has it.
    pub sync: SyncWord,
    /// When the service recorded it.
    pub changed_at: Option<String>,
    /// With `needs-you`: why the service refused it.
    pub problem: Option<String>,
    /// With `needs-you`: the outbox entry, for `retry_refused` and `discard_refused`.
    pub outbox_id: Option<String>,
}

/// Whether the service has a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SyncWord {
    /// It has it.
    Synced,
    /// Waiting to be sent.
    Waiting,
    /// Refused: needs you.
    NeedsYou,
    /// Never heard from the service: a protective default is shown.
    NotKnown,
}

/// Changes that haven't reached the service.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct OutboxView {
    /// How many wait.
    pub waiting: u32,
    /// How many were refused.
    pub refused: u32,
    /// When the next try is due, while something waits.
    pub next_try_at: Option<String>,
}

/// One change made here.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ChangeView {
    /// For Undo.
    pub id: String,
    /// When.
    pub at: String,
    /// `permission` or `consent`.
    pub kind: String,
    /// What was changed: its name.
    pub name: String,
    /// What was done, in one sentence.
    pub says: String,
    /// `done`, `undone`, `failed`, `started`.
    pub stage: String,
    /// It can be undone.
    pub can_undo: bool,
}

/// One line of the service's own history of consents.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ConsentEventView {
    /// Its place in the history.
    pub sequence: String,
    /// The consent's name.
    pub name: String,
    /// To what it was set.
    pub granted: bool,
    /// When the service recorded it.
    pub recorded_at: String,
    /// `client`, `operator`, `sample`.
    pub via: String,
}

/// Something changed: fetch `view` again if this is newer than what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, tauri_specta::Event)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    /// The newest revision.
    pub revision: u32,
}

/// An error, for the window: it branches on `code`, shows `message`, and offers Try again when `retryable`.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ErrorView {
    /// A stable code.
    pub code: String,
    /// What happened, what it means, what to do.
    pub message: String,
    /// The same may work later.
    pub retryable: bool,
}
