//! Copies of what is held: what can be asked for, how far it is, and where the archive is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Token;

/// What is held about the account, by category (policy §1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Inventory {
    /// Raised with every change of the list of categories.
    pub version: u32,
    /// In the order shown.
    pub categories: Vec<InventoryCategory>,
}

/// Who decides about data, and whom a request therefore goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Controller {
    /// DingTalk.
    Dingtalk,
    /// The person's Organization.
    Organization,
    /// Whoever made the group.
    GroupOwner,
    /// Whoever made the app.
    Vendor,
    /// A kind this version doesn't know.
    #[serde(other)]
    Unknown,
}

/// One category, with how much there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InventoryCategory {
    /// Its identifier, such as `messages`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it holds.
    pub holds: String,
    /// The policy's clause.
    pub clause: String,
    /// Who answers for it.
    pub controller: Controller,
    /// Whether a copy of a period leaves out what happened outside it. What isn't dated is copied whole.
    pub dated: bool,
    /// How many things are held.
    pub items: u64,
    /// How large they are, in bytes, with their files.
    pub bytes: u64,
    /// When the oldest happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_at: Option<Timestamp>,
    /// When the newest happened, or was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_at: Option<Timestamp>,
}

/// What a code is asked for, when somebody who is signed in is asked again who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StepUpPurpose {
    /// Asking for a copy of what is held.
    Export,
    /// Asking for the account to be ended.
    Deletion,
}

/// Asks for a code for one act. It goes to the account's own address, and is good for that act only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepUpRequest {
    /// For which act.
    pub purpose: StepUpPurpose,
}

/// The form of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExportFormat {
    /// A ZIP that holds a `BagIt` bag (RFC 8493) of schema version 1, signed.
    #[serde(rename = "bag/1")]
    Bag1,
}

/// A stretch of time: from its beginning, up to but without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportPeriod {
    /// The first moment of it.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The first moment after it.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
}

/// Asks for a copy.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportRequest {
    /// Of which categories; see the inventory.
    pub categories: Vec<String>,
    /// Of what happened when; of everything the regime covers without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<ExportPeriod>,
    /// In which form.
    pub format: ExportFormat,
    /// Under which law: `general`, `eea`, `california`, …
    pub regime: String,
    /// The step-up code for this act.
    pub code: Token,
}

/// What the copy is called that an account asks for under an `Idempotency-Key`: whoever lost the answer can look for it.
pub fn export_id(account: Uuid, key: Uuid) -> Uuid {
    Uuid::new_v5(&account, key.to_string().as_bytes())
}

/// How far a copy is (statuses of the Data Rights Protocol, and `failed`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportStatus {
    /// Its turn hasn't come.
    Open,
    /// It is being made.
    InProgress,
    /// Its archive can be downloaded.
    Fulfilled,
    /// It couldn't be made; it can be tried again.
    Failed,
    /// The person took it back; the archive, if there was one, is gone.
    Revoked,
    /// Its archive was there, and is gone.
    Expired,
    /// A status this version doesn't know.
    #[serde(other)]
    Unknown,
}

/// A copy that was asked for. Its `ETag` changes with every step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Export {
    /// Its identifier; also the bag's `External-Identifier`.
    pub id: Uuid,
    /// How far it is.
    pub status: ExportStatus,
    /// Under which law.
    pub regime: String,
    /// In which form.
    pub format: ExportFormat,
    /// Of what happened when; of everything without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<ExportPeriod>,
    /// What was asked for, with how far each is, in the inventory's order.
    pub categories: Vec<ExportCategory>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
    /// When it last moved.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// How many things couldn't be copied; the archive's `report.json` names each, with why.
    pub left_out: u64,
    /// The archive: with `fulfilled`, and with `expired` as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<ExportArchive>,
    /// With `failed`: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<ExportFailure>,
    /// From when the next copy may be asked for under the same law, where that law says so and its number is used up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_allowed_at: Option<Timestamp>,
}

/// How far one category is. `_done` reaches `_total` when it is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportCategory {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Things that were looked at, those left out among them.
    pub items_done: u64,
    /// Things there are.
    pub items_total: u64,
    /// Their bytes as the service holds them; the archive's differ.
    pub bytes_done: u64,
    /// Bytes the service holds.
    pub bytes_total: u64,
}

/// An archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportArchive {
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// The `ETag` of its download.
    pub etag: String,
    /// Since when it can be downloaded.
    #[schema(value_type = String, format = DateTime)]
    pub ready_at: Timestamp,
    /// When it is removed.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// Why a copy couldn't be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportFailure {
    /// The stable code.
    pub code: ExportFailureCode,
    /// Whether trying again may help.
    pub retryable: bool,
    /// What happened and what to do, for people.
    pub says: String,
}

/// Why a copy couldn't be made, to branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExportFailureCode {
    /// The service has no room for the archive.
    NoSpace,
    /// The service couldn't read what it holds, or write the archive.
    Storage,
    /// A reason this version doesn't know.
    #[serde(other)]
    Unknown,
}

/// The account's copies, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Exports {
    /// At most the newest hundred.
    pub exports: Vec<Export>,
}

/// The keys archives and receipts are signed with (RFC 7517): the one in use, and those that were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JsonWebKeySet {
    /// The keys, the one in use first.
    pub keys: Vec<JsonWebKey>,
}

/// A public Ed25519 key (RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JsonWebKey {
    /// `OKP`.
    pub kty: String,
    /// `Ed25519`.
    pub crv: String,
    /// The key, in base64url.
    pub x: String,
    /// Its RFC 7638 thumbprint.
    pub kid: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub use_: String,
    /// `EdDSA`.
    pub alg: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_service_made_up_is_read_as_unknown() {
        let status: ExportStatus = serde_json::from_str("\"pondering\"").expect("a status");
        assert_eq!(status, ExportStatus::Unknown);
        let code: ExportFailureCode = serde_json::from_str("\"eclipse\"").expect("a code");
        assert_eq!(code, ExportFailureCode::Unknown);
    }

    #[test]
    fn a_request_that_asks_for_something_else_besides_is_not_one() {
        let text = r#"{"categories":["mail"],"format":"bag/1","regime":"eea","code":"1","of":"tom"}"#;
        assert!(serde_json::from_str::<ExportRequest>(text).is_err());
        let text = text.replace(",\"of\":\"tom\"", "");
        assert!(serde_json::from_str::<ExportRequest>(&text).is_ok());
    }
}
