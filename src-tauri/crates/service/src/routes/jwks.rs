//! The keys archives are signed with.

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use settings_privacy_api::{JsonWebKeySet, paths};

use super::Refusals;
use crate::answer::Answer;
use crate::problem::Failure;
use crate::service::Shared;

/// The keys archives are signed with
///
/// The one in use comes first. Those that were stay, so that older archives can still be checked.
#[utoipa::path(
    get,
    operation_id = "getSigningKeys",
    path = paths::JWKS,
    tag = "service",
    params(("if-none-match" = Option<String>, Header, description = "The `ETag` of what is held already")),
    responses(
        (status = 200, description = "A JWK set (RFC 7517)", body = JsonWebKeySet, headers(("etag" = String, description = "Changes with every change"))),
        (status = 304, description = "What is held already is what holds"),
        Refusals,
    ),
)]
pub async fn jwks(State(shared): State<Shared>, headers: HeaderMap) -> Result<Response, Failure> {
    let keys = shared.signing.clone();
    let public = tokio::task::spawn_blocking(move || keys.public()).await??;
    Ok(Answer::tagged(&public)?.unless_held(&headers).cacheable())
}
