//! The account's profile.

use axum::extract::State;
use http::HeaderMap;
use settings_privacy_api::{Profile, paths};

use super::Refusals;
use crate::answer::Answer;
use crate::db::accounts;
use crate::problem::Failure;
use crate::request::Caller;
use crate::service::Shared;

/// The account's profile
#[utoipa::path(
    get,
    operation_id = "getProfile",
    path = paths::PROFILE,
    tag = "account",
    params(("if-none-match" = Option<String>, Header, description = "The `ETag` of what is held already")),
    responses(
        (status = 200, description = "The profile", body = Profile, headers(("etag" = String, description = "Changes with every change"))),
        (status = 304, description = "What is held already is what holds"),
        Refusals,
    ),
    security(("session" = [])),
)]
pub async fn profile(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Answer, Failure> {
    let mut reading = shared.database.read().await?;
    let profile = accounts::find(&mut reading, caller.account).await?;
    Ok(Answer::tagged(&profile)?.unless_held(&headers))
}
