//! Ending the account (policy §5): what it would mean, asking for it, taking it back, and the receipt.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Authorization, Controller, Organization, Token};

/// What ending the account would mean, as things stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeletionPreflight {
    /// Names what is shown here, counts aside. The request for deletion repeats it, so that nobody decides on what
    /// has changed since.
    pub version: String,
    /// What has to be done before. Empty: it can be asked for.
    pub blockers: Vec<DeletionBlocker>,
    /// Organizations the account administers, is in, and was in.
    pub organizations: Vec<Organization>,
    /// Copies that are being made; they end with the account.
    pub running_exports: Vec<RunningExport>,
    /// When the newest copy that was ready was asked for; absent when there never was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_export_at: Option<Timestamp>,
    /// Apps that are allowed to know something.
    pub authorizations: Vec<Authorization>,
    /// What becomes of what is held, by category, in the inventory's order.
    pub categories: Vec<DeletionCategory>,
    /// What the service notes and keeps, besides.
    pub kept: Vec<DeletionKept>,
    /// What becomes of copies in backups, for people. It names a time only where the service has one.
    pub backups: String,
    /// How long the deletion can still be taken back, in seconds, from when it is asked for.
    pub cooling_off_seconds: u64,
}

/// Something that has to be done before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeletionBlocker {
    /// The stable code.
    pub code: DeletionBlockerCode,
    /// With `administers-organization`: which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Uuid>,
    /// What it is and what to do, for people.
    pub says: String,
    /// The policy's clause.
    pub clause: String,
}

/// What stands in the way, to branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeletionBlockerCode {
    /// The account is the only administrator of an Organization.
    AdministersOrganization,
    /// A reason this version doesn't know.
    #[serde(other)]
    Unknown,
}

/// A copy that is being made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunningExport {
    /// Which.
    pub id: Uuid,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
}

/// What becomes of a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeletionCategory {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who answers for it.
    pub controller: Controller,
    /// How many things are held.
    pub items: u64,
    /// What becomes of them here.
    pub fate: Fate,
    /// With anything but `deleted`: under which of the policy's criteria.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criterion: Option<RetentionCriterion>,
    /// What that means, for people.
    pub says: String,
    /// What others hold of it and decide about, for people; absent when nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<String>,
    /// The policy's clause.
    pub clause: String,
}

/// What becomes of data when the account ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Nothing of it is left.
    Deleted,
    /// What is left can't be traced to anybody.
    Anonymized,
    /// It stays.
    Kept,
    /// A fate this version doesn't know.
    #[serde(other)]
    Unknown,
}

/// Why something isn't deleted: the policy's criteria (§4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum RetentionCriterion {
    /// Transaction records and complaints.
    A,
    /// Security and quality of the service.
    B,
    /// A legal duty.
    C,
    /// The person agreed to a longer time.
    D,
    /// Disputes and agreements.
    E,
    /// A criterion this version doesn't know.
    #[serde(other)]
    Unknown,
}

/// Something the service notes about the deletion and keeps. It names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeletionKept {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Under which criterion.
    pub criterion: RetentionCriterion,
    /// What it is and what for, for people.
    pub says: String,
    /// The policy's clause.
    pub clause: String,
}

/// Asks for the account to be ended.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeletionRequest {
    /// The preflight's `version` that was decided on.
    pub preflight: String,
    /// The step-up code for this act.
    pub code: Token,
    /// Why, if the person wants to say so. They are counted, apart from the account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<DeletionReason>,
}

/// Why somebody goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeletionReason {
    /// They don't use it any more.
    NotUsed,
    /// They have another account.
    AnotherAccount,
    /// They left the Organization they needed it for.
    LeftOrganization,
    /// They don't want so much to be known about them.
    Privacy,
    /// It doesn't do what they need.
    DoesNotFit,
    /// Another reason.
    #[serde(other)]
    Other,
}

/// Where the end of the account stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Deletion {
    /// Where it stands.
    pub status: DeletionStatus,
    /// The service's time as it answers: a countdown is `final_at − now`, whatever the client's clock says.
    #[schema(value_type = String, format = DateTime)]
    pub now: Timestamp,
    /// Which deletion; absent with `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// When it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub requested_at: Option<Timestamp>,
    /// Until when it can be taken back; from then on it can't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub final_at: Option<Timestamp>,
    /// When it was taken back, or when everything was gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// With `finalising` and `deleted`: how far it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<DeletionProgress>,
    /// Sent as `Authorization: Bearer …`, it opens this resource and the receipt, and nothing else, also when every
    /// session has ended. Handed to the account's own sessions as long as it can be taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_token: Option<Token>,
}

/// Where the end of an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeletionStatus {
    /// Nobody asked for it.
    None,
    /// It was asked for, and can be taken back.
    CoolingOff,
    /// It can't be taken back, and isn't complete.
    Finalising,
    /// Everything is gone; the receipt is there.
    Deleted,
    /// It was taken back.
    Cancelled,
    /// A status this version doesn't know.
    #[serde(other)]
    Unknown,
}

/// How far finalising is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeletionProgress {
    /// The step under way; with `deleted`, the last.
    pub step: DeletionStep,
    /// Steps that are done.
    pub steps_done: u32,
    /// Steps there are.
    pub steps_total: u32,
    /// Other systems that were told and confirmed.
    pub systems_done: u32,
    /// Other systems there are to be told.
    pub systems_total: u32,
}

/// A step of finalising, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeletionStep {
    /// The note is written that this account stays deleted, should a backup bring it back.
    Ledger,
    /// Copies that were made are removed.
    Exports,
    /// Files and letters are removed.
    Files,
    /// Everything else is removed or anonymized.
    Records,
    /// What removing leaves in the database's files is overwritten.
    Scrubbing,
    /// Other systems are told.
    Downstream,
    /// The receipt is signed.
    Receipt,
    /// A step this version doesn't know.
    #[serde(other)]
    Unknown,
}

/// The `typ` of a receipt's signature.
pub const RECEIPT_TYPE: &str = "settings-privacy-deletion+jws";

/// What a receipt says: the payload of a compact JWS (EdDSA, a key of `/.well-known/jwks.json`, `typ`
/// [`RECEIPT_TYPE`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeletionReceipt {
    /// Raised with every change of this shape: 1.
    pub version: u32,
    /// Who says so.
    pub iss: String,
    /// The deletion.
    pub jti: Uuid,
    /// When it was signed, in seconds since 1970.
    pub iat: i64,
    /// The account's pseudonym: base64url, without padding, of SHA-256 over the ASCII text
    /// `settings-privacy-deletion:<account>:<deletion>`, both identifiers as lower-case UUIDs. Whoever knows the
    /// account's identifier can check that the receipt is for it; nobody can find it out from here.
    pub sub: String,
    /// When the deletion was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
    /// Since when it couldn't be taken back.
    #[schema(value_type = String, format = DateTime)]
    pub final_at: Timestamp,
    /// When everything was gone.
    #[schema(value_type = String, format = DateTime)]
    pub deleted_at: Timestamp,
    /// What became of what was held.
    pub categories: Vec<ReceiptCategory>,
    /// What is kept, and why.
    pub kept: Vec<DeletionKept>,
    /// What becomes of copies in backups.
    pub backups: String,
    /// The other systems that were told.
    pub downstream: Vec<ReceiptSystem>,
}

/// What became of a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptCategory {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many things were held.
    pub items: u64,
    /// What became of them.
    pub fate: Fate,
    /// With anything but `deleted`: under which criterion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criterion: Option<RetentionCriterion>,
    /// What that means, for people.
    pub says: String,
}

/// What another system said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptSystem {
    /// Its name.
    pub system: String,
    /// Where it stands.
    pub status: SystemStatus,
    /// When it confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
    /// What it calls its own note of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Where another system stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SystemStatus {
    /// It hasn't confirmed yet; it is asked again.
    Waiting,
    /// It took it on, and isn't done; it is asked again.
    Accepted,
    /// It said that everything is erased there.
    Erased,
    /// It refused; the operator looks into it, and it is asked again.
    Refused,
    /// A status this version doesn't know.
    #[serde(other)]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_service_made_up_is_read_as_unknown() {
        let status: DeletionStatus = serde_json::from_str("\"pondering\"").expect("a status");
        assert_eq!(status, DeletionStatus::Unknown);
        let criterion: RetentionCriterion = serde_json::from_str("\"F\"").expect("a criterion");
        assert_eq!(criterion, RetentionCriterion::Unknown);
    }

    #[test]
    fn a_token_stays_out_of_what_is_printed() {
        let text = r#"{"status":"none","now":"2026-11-23T12:00:00Z","deletion_token":"hunter2"}"#;
        let deletion: Deletion = serde_json::from_str(text).expect("a deletion");
        assert!(!format!("{deletion:?}").contains("hunter2"));
        assert_eq!(deletion.status, DeletionStatus::None);
    }
}
