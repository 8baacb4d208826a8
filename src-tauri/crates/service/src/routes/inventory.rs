//! What is held.

use axum::extract::State;
use http::HeaderMap;
use settings_privacy_api::{Inventory, paths};

use super::Refusals;
use crate::answer::Answer;
use crate::exports;
use crate::problem::Failure;
use crate::request::Caller;
use crate::service::Shared;

/// What is held about the account, by category
///
/// Every category of the policy is listed, also where nothing is held.
#[utoipa::path(
    get,
    operation_id = "getInventory",
    path = paths::INVENTORY,
    tag = "account",
    params(("if-none-match" = Option<String>, Header, description = "The `ETag` of what is held already")),
    responses(
        (status = 200, description = "What is held", body = Inventory, headers(("etag" = String, description = "Changes with every change"))),
        (status = 304, description = "What is held already is what holds"),
        Refusals,
    ),
    security(("session" = [])),
)]
pub async fn inventory(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Answer, Failure> {
    let mut reading = shared.database.read().await?;
    let inventory = exports::inventory(&mut reading, caller.account).await?;
    Ok(Answer::tagged(&inventory)?.unless_held(&headers))
}
