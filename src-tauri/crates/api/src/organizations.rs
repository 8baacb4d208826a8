//! Organizations the account is or was in (policy §1, §5): what may be done about each before the account ends.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The account's Organizations: those it administers first, then those it is in, then those it was in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Organizations {
    /// In that order, each by its name.
    pub organizations: Vec<Organization>,
}

/// One of them, as the account sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Organization {
    /// Its identifier.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What the account is, or was, in it.
    pub role: OrganizationRole,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub joined_at: Timestamp,
    /// With a membership that is over: how it ended. The Organization's data is gone from the account then; the
    /// account itself stays, as an individual one (§5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<MembershipEnd>,
    /// How many people are in it, the account among them; 0 once the membership is over.
    pub member_count: u64,
    /// Whether the account is its only administrator. Then it has to be disbanded, or somebody else made its
    /// administrator, before the account can end.
    pub sole_administrator: bool,
    /// For its administrators: the other members, by name, at most the first 500. One of them can take over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<OrganizationMember>,
    /// Whom to ask about what the Organization holds, as far as it says so: an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// What somebody is in an Organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OrganizationRole {
    /// Runs it.
    Administrator,
    /// Is in it.
    Member,
    /// A role this version doesn't know.
    #[serde(other)]
    Unknown,
}

/// Somebody else in an Organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrganizationMember {
    /// Names them within the Organization.
    pub id: Uuid,
    /// Their name.
    pub name: String,
    /// What they are in it.
    pub role: OrganizationRole,
}

/// How a membership ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MembershipEnd {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// By whom.
    pub by: EndedBy,
}

/// Who ended a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EndedBy {
    /// The Organization's administrator.
    Administrator,
    /// Somebody this version doesn't know.
    #[serde(other)]
    Unknown,
}

/// Ends a member's membership, as the Organization's administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndMembershipRequest {
    /// Which member.
    pub member: Uuid,
}

/// Makes another member the administrator in the account's place; the account stays as a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferRequest {
    /// Which member.
    pub member: Uuid,
}
