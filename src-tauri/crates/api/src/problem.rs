//! Errors on the wire: RFC 9457, with a stable code and no personal data.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What a problem's `type` begins with; its code follows.
pub const PROBLEM_BASE: &str = "tag:settings-privacy,2026:problem/";

/// The stable codes. A client branches on these, never on words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// 400: the body or a parameter isn't of the documented shape (415: the body isn't JSON).
    Malformed,
    /// 400: an unsafe request came without `Idempotency-Key`.
    IdempotencyKeyMissing,
    /// 422: the key was used before for another request.
    IdempotencyKeyReused,
    /// 409: the first request under this key is still being worked on.
    IdempotencyInProgress,
    /// 401: no token, an unknown one, or one that ended.
    Unauthenticated,
    /// 401: a refresh token was used twice; the whole session was ended.
    SessionRevoked,
    /// 403: signed in, and not allowed.
    Forbidden,
    /// 404: there is no such thing.
    NotFound,
    /// 405: this path doesn't know this method.
    MethodNotAllowed,
    /// 412: the resource changed meanwhile.
    PreconditionFailed,
    /// 413: the body is too large.
    TooLarge,
    /// 422: the code is wrong; `attempts_left` says how often another may be tried.
    CodeWrong,
    /// 422: the code is too old, or was used.
    CodeExpired,
    /// 429: too many codes, or too many tries; `Retry-After` says when to come back.
    TooManyRequests,
    /// 422: there is no such consent.
    ConsentUnknown,
    /// 422: this consent can't be taken back.
    ConsentRequired,
    /// 422: there is no such permission.
    PermissionUnknown,
    /// 422: there is no such category, or none was named.
    CategoryUnknown,
    /// 422: there is no such regime.
    RegimeUnknown,
    /// 422: the period is empty, or reaches further back than the regime does.
    PeriodNotCovered,
    /// 409: another copy is being made.
    ExportInProgress,
    /// 429: the regime's number of copies is used up; `next_allowed_at` says when the next may be asked for.
    ExportLimitReached,
    /// 409: the archive isn't made yet, or couldn't be.
    ExportNotReady,
    /// 409: a copy that didn't fail can't be tried again.
    ExportNotFailed,
    /// 410: the archive was removed when its time had come.
    ExportExpired,
    /// 410: the person took the copy back.
    ExportRevoked,
    /// 422: there is no such member in the Organization.
    MemberUnknown,
    /// 409: the account is the Organization's only administrator, so it can't just leave.
    SoleAdministrator,
    /// 403: only the Organization's administrator may do this.
    NotAdministrator,
    /// 409: something has to be done before the account can end; the preflight says what.
    DeletionBlocked,
    /// 409: what the person decided on has changed since; look at the preflight again.
    DeletionPreflightStale,
    /// 409: the account can't be kept any more, or is gone.
    DeletionFinal,
    /// 404: nobody asked for the account to be ended.
    DeletionNotRequested,
    /// 409: the receipt isn't there as long as not everything is gone.
    DeletionNotComplete,
    /// 416: the archive has no such part.
    RangeNotSatisfiable,
    /// 502: the code couldn't be sent.
    DeliveryFailed,
    /// 503: not now; `Retry-After` says when.
    Unavailable,
    /// 500: a fault of the service's.
    Internal,
    /// A code this version doesn't know.
    #[serde(other)]
    Unknown,
}

impl Code {
    /// The code as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Malformed => "malformed",
            Code::IdempotencyKeyMissing => "idempotency-key-missing",
            Code::IdempotencyKeyReused => "idempotency-key-reused",
            Code::IdempotencyInProgress => "idempotency-in-progress",
            Code::Unauthenticated => "unauthenticated",
            Code::SessionRevoked => "session-revoked",
            Code::Forbidden => "forbidden",
            Code::NotFound => "not-found",
            Code::MethodNotAllowed => "method-not-allowed",
            Code::PreconditionFailed => "precondition-failed",
            Code::TooLarge => "too-large",
            Code::CodeWrong => "code-wrong",
            Code::CodeExpired => "code-expired",
            Code::TooManyRequests => "too-many-requests",
            Code::ConsentUnknown => "consent-unknown",
            Code::ConsentRequired => "consent-required",
            Code::PermissionUnknown => "permission-unknown",
            Code::CategoryUnknown => "category-unknown",
            Code::RegimeUnknown => "regime-unknown",
            Code::PeriodNotCovered => "period-not-covered",
            Code::ExportInProgress => "export-in-progress",
            Code::ExportLimitReached => "export-limit-reached",
            Code::ExportNotReady => "export-not-ready",
            Code::ExportNotFailed => "export-not-failed",
            Code::ExportExpired => "export-expired",
            Code::ExportRevoked => "export-revoked",
            Code::MemberUnknown => "member-unknown",
            Code::SoleAdministrator => "sole-administrator",
            Code::NotAdministrator => "not-administrator",
            Code::DeletionBlocked => "deletion-blocked",
            Code::DeletionPreflightStale => "deletion-preflight-stale",
            Code::DeletionFinal => "deletion-final",
            Code::DeletionNotRequested => "deletion-not-requested",
            Code::DeletionNotComplete => "deletion-not-complete",
            Code::RangeNotSatisfiable => "range-not-satisfiable",
            Code::DeliveryFailed => "delivery-failed",
            Code::Unavailable => "unavailable",
            Code::Internal => "internal",
            Code::Unknown => "unknown",
        }
    }
}

/// An error (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// [`PROBLEM_BASE`] and the code.
    // Not a `String`: with it, a problem would be too large to be an error by value.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub type_: Box<str>,
    /// The stable code.
    pub code: Code,
    /// The HTTP status.
    pub status: u16,
    /// What happened, for people.
    pub title: String,
    /// What it means and what to do, for people; no personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// With `code-wrong`: how often another code may be tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts_left: Option<u32>,
    /// With 429 and 503: seconds to wait, as in `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// With `export-limit-reached`: the exact time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_allowed_at: Option<Timestamp>,
}

impl Problem {
    /// A problem with a title alone.
    pub fn new(code: Code, status: u16, title: impl Into<String>) -> Self {
        Self {
            type_: format!("{PROBLEM_BASE}{}", code.as_str()).into(),
            code,
            status,
            title: title.into(),
            detail: None,
            attempts_left: None,
            retry_after: None,
            next_allowed_at: None,
        }
    }

    /// The same with what it means and what to do.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_a_newer_service_is_read_as_unknown_and_loses_nothing_else() {
        let text = r#"{"type":"x","code":"made-up-later","status":418,"title":"Tea"}"#;
        let problem: Problem = serde_json::from_str(text).expect("it is a problem");
        assert_eq!((problem.code, problem.status), (Code::Unknown, 418));
    }

    #[test]
    fn a_code_has_one_spelling() {
        for code in [
            Code::CodeWrong,
            Code::IdempotencyKeyMissing,
            Code::SessionRevoked,
            Code::ExportLimitReached,
            Code::DeletionPreflightStale,
            Code::RangeNotSatisfiable,
            Code::Internal,
        ] {
            let spelled = serde_json::to_value(code).expect("a code serializes");
            assert_eq!(spelled, code.as_str());
        }
    }
}
