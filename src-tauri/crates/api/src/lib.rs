//! The wire contract between a client and an account service: paths, bodies, problem codes.
//!
//! Both sides are compiled against these types, and the OpenAPI document is made from them, so none of the three
//! can drift from the others. Nothing here decides anything.
//!
//! Conventions: JSON, UTF-8, RFC 3339 times in UTC. Every unsafe request carries [`IDEMPOTENCY_KEY`]. Errors are
//! RFC 9457 problems ([`Problem`]). Unknown fields in answers are ignored, so that a service may grow.

mod account;
mod authorizations;
mod consents;
mod deletion;
mod devices;
mod exports;
mod organizations;
mod problem;
mod sessions;

pub use account::{Health, Profile};
pub use authorizations::{AppKind, Authorization, Authorizations};
pub use consents::{
    ConsentChange, ConsentEvent, ConsentEventPage, ConsentState, Consents, ConsentsUpdate, Via,
};
pub use deletion::{
    Deletion, DeletionBlocker, DeletionBlockerCode, DeletionCategory, DeletionKept, DeletionPreflight,
    DeletionProgress, DeletionReason, DeletionReceipt, DeletionRequest, DeletionStatus, DeletionStep, Fate,
    RECEIPT_TYPE, ReceiptCategory, ReceiptSystem, RetentionCriterion, RunningExport, SystemStatus,
};
pub use devices::{
    CatalogueEntry, DevicePermission, DevicePermissions, DevicePermissionsUpdate, PermissionCatalogue,
    PermissionState,
};
pub use exports::{
    Controller, Export, ExportArchive, ExportCategory, ExportFailure, ExportFailureCode, ExportFormat,
    ExportPeriod, ExportRequest, ExportStatus, Exports, Inventory, InventoryCategory, JsonWebKey,
    JsonWebKeySet, StepUpPurpose, StepUpRequest, export_id,
};
pub use organizations::{
    EndMembershipRequest, EndedBy, MembershipEnd, Organization, OrganizationMember, OrganizationRole,
    Organizations, TransferRequest,
};
pub use problem::{Code, PROBLEM_BASE, PROBLEM_JSON, Problem};
pub use sessions::{
    AccountSummary, CodeSent, DeviceInfo, RefreshRequest, Session, SessionRequest, Token,
    VerificationCodeRequest,
};

/// The header that makes repeating an unsafe request harmless (a UUID; kept for at least 24 hours).
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Set to `true` on an answer that was given before under the same key.
pub const IDEMPOTENCY_REPLAYED: &str = "idempotency-replayed";

/// The paths, relative to the service's address.
pub mod paths {
    /// POST: send a verification code.
    pub const VERIFICATION_CODES: &str = "/v1/verification-codes";
    /// POST: send a code for one act of somebody who is signed in.
    pub const STEP_UP_CODES: &str = "/v1/verification-codes/step-up";
    /// POST: sign in with a code.
    pub const SESSIONS: &str = "/v1/sessions";
    /// POST: change a refresh token for a new pair.
    pub const SESSIONS_REFRESH: &str = "/v1/sessions/refresh";
    /// DELETE: sign out.
    pub const SESSIONS_CURRENT: &str = "/v1/sessions/current";
    /// GET: the account's profile.
    pub const PROFILE: &str = "/v1/profile";
    /// GET: which permissions there are.
    pub const PERMISSION_CATALOGUE: &str = "/v1/permission-catalogue";
    /// GET, PUT: what a device reported. `{id}` is the device's UUID.
    pub const DEVICE_PERMISSIONS: &str = "/v1/devices/{id}/permissions";
    /// GET, PUT: consents.
    pub const CONSENTS: &str = "/v1/consents";
    /// GET: what happened to them, oldest first.
    pub const CONSENTS_HISTORY: &str = "/v1/consents/history";
    /// GET: what is held, by category.
    pub const INVENTORY: &str = "/v1/inventory";
    /// POST, GET: copies of what is held.
    pub const EXPORTS: &str = "/v1/exports";
    /// GET, DELETE: one of them. `{id}` is its UUID.
    pub const EXPORT: &str = "/v1/exports/{id}";
    /// POST: try again one that failed.
    pub const EXPORT_RETRY: &str = "/v1/exports/{id}/retry";
    /// GET, HEAD: its archive, whole or in part.
    pub const EXPORT_ARCHIVE: &str = "/v1/exports/{id}/archive";
    /// GET: Organizations the account is or was in.
    pub const ORGANIZATIONS: &str = "/v1/organizations";
    /// POST: leave one. `{id}` is its UUID.
    pub const ORGANIZATION_LEAVE: &str = "/v1/organizations/{id}/leave";
    /// POST: make another member its administrator.
    pub const ORGANIZATION_TRANSFER: &str = "/v1/organizations/{id}/transfer";
    /// POST: end a member's membership, as its administrator.
    pub const ORGANIZATION_END_MEMBERSHIP: &str = "/v1/organizations/{id}/end-membership";
    /// POST: end it for everybody.
    pub const ORGANIZATION_DISBAND: &str = "/v1/organizations/{id}/disband";
    /// GET: apps that are allowed to know something.
    pub const AUTHORIZATIONS: &str = "/v1/authorizations";
    /// DELETE: take one back. `{id}` is its UUID.
    pub const AUTHORIZATION: &str = "/v1/authorizations/{id}";
    /// GET: what ending the account would mean.
    pub const DELETION_PREFLIGHT: &str = "/v1/account/deletion/preflight";
    /// POST, GET, DELETE: the end of the account.
    pub const DELETION: &str = "/v1/account/deletion";
    /// GET: the receipt.
    pub const DELETION_RECEIPT: &str = "/v1/account/deletion/receipt";
    /// GET: the keys archives and receipts are signed with.
    pub const JWKS: &str = "/.well-known/jwks.json";
    /// GET: whether the service is up.
    pub const HEALTHZ: &str = "/healthz";
    /// GET: the OpenAPI document.
    pub const OPENAPI: &str = "/openapi.json";
}
