//! The end of an account, for the window.

use serde::{Deserialize, Serialize};
use settings_privacy_core::deletion::{Offers, WipeStep};
use settings_privacy_engine::api;
use specta::Type;

/// Where the end of the account stands.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeletionView {
    /// The word to type.
    pub word: String,
    /// Where the receipt would be kept if nobody chose.
    pub receipt_place: String,
    /// The one that matters; absent when nobody asked.
    pub standing: Option<DeletionStandingView>,
    /// How far this computer is with removing what it keeps.
    pub wipe: Option<WipeView>,
}

/// One deletion.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeletionStandingView {
    /// Its identifier here.
    pub id: String,
    /// How far it is.
    pub stage: DeletionStage,
    /// Where it stands, in one or two sentences.
    pub says: String,
    /// Whose account it is: what it signs in with where that is known here, else its identifier.
    pub whose: String,
    /// It is another account's than the one that is signed in.
    pub anothers: bool,
    /// It was asked for here.
    pub here: bool,
    /// It can still be taken back, as far as is known.
    pub can_cancel: bool,
    /// What only the person can change: `sign-in`, `no-room`, `place-missing`, `own-folder-not-writable`.
    pub waits: Option<String>,
    /// With `confirmed`: why a code is needed: `first`, `wrong`, `expired`, `lost`.
    pub code: Option<String>,
    /// While it can be taken back: the end, by the service's clock.
    pub until: Option<String>,
    /// How many seconds are left; absent until the service was asked since the program started.
    pub left: Option<u32>,
    /// With `finalising`: steps done, and steps there are (0: unknown).
    pub progress: Option<StepsView>,
    /// Where the receipt lies.
    pub receipt: Option<String>,
    /// What it says.
    pub proved: Option<ReceiptView>,
    /// Removing what this computer keeps can be begun: another device deleted the account, its receipt proves nothing, or
    /// nobody may be left to sign in.
    pub can_wipe: bool,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum DeletionStage {
    /// The word was typed: a code is needed.
    Confirmed,
    /// The request is on its way.
    Asking,
    /// It can be taken back.
    CoolingOff,
    /// It is being taken back.
    Cancelling,
    /// The service removes everything.
    Finalising,
    /// The account is gone; the receipt is fetched, checked and kept.
    Deleted,
    /// The service says it is gone, and its receipt doesn't prove it.
    Unproven,
    /// This computer removes what it keeps.
    Wiping,
    /// The account stays.
    Cancelled,
    /// It couldn't go on; the account is as it was.
    Failed,
}

/// Steps done of steps there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StepsView {
    /// Done.
    pub done: u32,
    /// There are; 0 when nobody says.
    pub of: u32,
}

/// What a checked receipt says.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptView {
    /// Who signed it.
    pub issuer: String,
    /// The name of the key.
    pub key: String,
    /// When everything was gone.
    pub deleted_at: String,
    /// Categories that were deleted.
    pub deleted: u32,
    /// Categories of which something is left that can't be traced.
    pub anonymized: u32,
    /// What is kept, and why.
    pub kept: Vec<KeptView>,
    /// Other systems that confirmed, and how many were told.
    pub systems: StepsView,
}

/// Something that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct KeptView {
    /// Its name.
    pub name: String,
    /// What it is and what for.
    pub says: String,
    /// Under which of the policy's criteria: `A` to `E`, or `unknown`.
    pub criterion: String,
    /// The policy's clause.
    pub clause: String,
}

/// How far removing is.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WipeView {
    /// Every step, in order.
    pub steps: Vec<WipeStepView>,
    /// Where the receipt lies.
    pub receipt: Option<String>,
    /// Everything that has to go is gone.
    pub clean: bool,
    /// Nothing is left to do.
    pub done: bool,
    /// What is true now.
    pub says: String,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WipeStepView {
    /// Which.
    pub step: WipeWord,
    /// What it removes.
    pub says: String,
    /// `todo`, `stuck`, `done`, `left`.
    pub state: String,
    /// With `stuck`: what is in its way.
    pub problem: Option<String>,
    /// It can be left.
    pub offered: bool,
    /// The person is asked before it goes: it may be somebody else's as well.
    pub asks: bool,
}

/// A step of removing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum WipeWord {
    /// Downloads that aren't complete.
    Downloads,
    /// What lies in the keyring.
    Keyring,
    /// Backups of what was cleared in browsers.
    BrowserBackups,
    /// The program's notes.
    Database,
    /// Notes that were damaged.
    DamagedNotes,
    /// Cookies and storage.
    Cookies,
    /// The app's permissions.
    FlatpakPermissions,
    /// The app's folder.
    FlatpakFolder,
}

/// Everything to weigh before.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PreflightView {
    /// Names what is shown here.
    pub version: String,
    /// What has to be done before.
    pub blockers: Vec<BlockerView>,
    /// Organizations the account administers, is in, and was in.
    pub organizations: Vec<OrganizationView>,
    /// Apps that are allowed to know something.
    pub authorizations: Vec<AuthorizationView>,
    /// Copies the service is making.
    pub running_exports: u32,
    /// When the newest copy was asked for; absent when there never was one.
    pub last_export_at: Option<String>,
    /// What becomes of what is held.
    pub categories: Vec<FateView>,
    /// What is kept besides.
    pub kept: Vec<KeptView>,
    /// What becomes of copies in backups.
    pub backups: String,
    /// How long it can be taken back, in seconds, as the service says.
    pub cooling_off: u32,
    /// What this computer knows.
    pub here: HereView,
}

/// Something that has to be done before.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct BlockerView {
    /// The Organization it is about.
    pub organization: Option<String>,
    /// What it is and what to do.
    pub says: String,
    /// The policy's clause.
    pub clause: String,
}

/// An Organization.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationView {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What the account is in it.
    pub role: OrganizationRole,
    /// What it means that the membership is over; absent while it isn't.
    pub ended: Option<String>,
    /// How many people are in it.
    pub members: String,
    /// It stands in the way: there is no other administrator.
    pub blocks: bool,
    /// Who could take over.
    pub successors: Vec<MemberView>,
    /// Whom to ask about what it holds.
    pub contact: Option<String>,
}

/// What the account is in an Organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum OrganizationRole {
    /// Runs it.
    Administrator,
    /// Is in it.
    Member,
    /// Was in it: its administrator ended that. The account stays as an individual one.
    Ended,
}

/// Somebody else in an Organization.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct MemberView {
    /// Names them within it.
    pub id: String,
    /// Their name.
    pub name: String,
}

/// An app that is allowed to know something.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizationView {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who makes it.
    pub vendor: String,
    /// What it is shown.
    pub shows: Vec<String>,
}

/// What becomes of a category.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FateView {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many things are held.
    pub items: String,
    /// What becomes of them.
    pub fate: FateWord,
    /// With anything but `deleted`: under which criterion.
    pub criterion: Option<String>,
    /// What that means.
    pub says: String,
    /// What others hold and decide about.
    pub elsewhere: Option<String>,
    /// The policy's clause.
    pub clause: String,
}

/// What becomes of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum FateWord {
    /// Nothing of it is left.
    Deleted,
    /// What is left can't be traced to anybody.
    Anonymized,
    /// It stays.
    Kept,
    /// The service says something this program doesn't know.
    Unknown,
}

/// What this computer knows.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct HereView {
    /// Copies that are being fetched here.
    pub exports_under_way: u32,
    /// A copy was downloaded and checked here.
    pub has_copy: bool,
    /// Changes the service hasn't heard of.
    pub changes_waiting: u32,
    /// Browser profiles in which DingTalk's sites keep something; absent before the first look.
    pub browser_profiles: Option<u32>,
    /// DingTalk's Flatpak is here, or decisions about it.
    pub flatpak: bool,
    /// It keeps a folder of its own here.
    pub flatpak_folder: bool,
    /// No keyring keeps the proof that the receipt belongs to this account.
    pub no_keyring: bool,
}

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeletionWishView {
    /// The preflight's version that was shown.
    pub preflight: String,
    /// Why.
    pub reasons: Vec<ReasonWord>,
    /// Also clear what DingTalk's sites keep in the browsers.
    pub cookies: bool,
    /// Also take back what was decided about the app's permissions.
    pub flatpak_permissions: bool,
    /// Also remove the app's folder.
    pub flatpak_folder: bool,
    /// Where the receipt shall lie; empty for the place that was suggested.
    pub receipt: String,
}

/// Why somebody goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonWord {
    /// They don't use it any more.
    NotUsed,
    /// They have another account.
    AnotherAccount,
    /// They left the Organization they needed it for.
    LeftOrganization,
    /// They don't want so much to be known.
    Privacy,
    /// It doesn't do what they need.
    DoesNotFit,
    /// Another reason.
    Other,
}

impl From<ReasonWord> for api::DeletionReason {
    fn from(word: ReasonWord) -> Self {
        match word {
            ReasonWord::NotUsed => Self::NotUsed,
            ReasonWord::AnotherAccount => Self::AnotherAccount,
            ReasonWord::LeftOrganization => Self::LeftOrganization,
            ReasonWord::Privacy => Self::Privacy,
            ReasonWord::DoesNotFit => Self::DoesNotFit,
            ReasonWord::Other => Self::Other,
        }
    }
}

/// What else goes, for the engine.
pub fn offers(wish: &DeletionWishView) -> Offers {
    Offers {
        cookies: wish.cookies,
        flatpak_permissions: wish.flatpak_permissions,
        flatpak_folder: wish.flatpak_folder,
    }
}

/// A step, for the engine.
pub fn wipe_step(word: WipeWord) -> WipeStep {
    match word {
        WipeWord::Downloads => WipeStep::Downloads,
        WipeWord::Keyring => WipeStep::Keyring,
        WipeWord::BrowserBackups => WipeStep::BrowserBackups,
        WipeWord::Database => WipeStep::Database,
        WipeWord::DamagedNotes => WipeStep::DamagedNotes,
        WipeWord::Cookies => WipeStep::Cookies,
        WipeWord::FlatpakPermissions => WipeStep::FlatpakPermissions,
        WipeWord::FlatpakFolder => WipeStep::FlatpakFolder,
    }
}

pub(super) fn wipe_word(step: WipeStep) -> WipeWord {
    match step {
        WipeStep::Downloads => WipeWord::Downloads,
        WipeStep::Keyring => WipeWord::Keyring,
        WipeStep::BrowserBackups => WipeWord::BrowserBackups,
        WipeStep::Database => WipeWord::Database,
        WipeStep::DamagedNotes => WipeWord::DamagedNotes,
        WipeStep::Cookies => WipeWord::Cookies,
        WipeStep::FlatpakPermissions => WipeWord::FlatpakPermissions,
        WipeStep::FlatpakFolder => WipeWord::FlatpakFolder,
    }
}
