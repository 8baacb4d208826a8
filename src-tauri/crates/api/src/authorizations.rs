//! Apps the account allowed to know something about it (policy §2: mini-programs, SaaS apps, SDKs).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What is allowed now, the newest first. What was taken back isn't listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Authorizations {
    /// Each of them.
    pub authorizations: Vec<Authorization>,
}

/// One app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Authorization {
    /// Its identifier.
    pub id: Uuid,
    /// The app's name.
    pub name: String,
    /// What kind of app it is.
    pub kind: AppKind,
    /// Who makes it, and answers for what it has: what it was shown already stays with them.
    pub vendor: String,
    /// What it is shown: `nickname`, `mobile number`, …
    pub shows: Vec<String>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub granted_at: Timestamp,
}

/// What kind of app somebody allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AppKind {
    /// Runs inside DingTalk.
    MiniProgram,
    /// Runs elsewhere.
    SaasApp,
    /// Built into DingTalk.
    Sdk,
    /// A kind this version doesn't know.
    #[serde(other)]
    Unknown,
}
