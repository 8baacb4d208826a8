//! Apps that are allowed to know something: looking, taking back.

use axum::extract::{Path, State};
use http::HeaderMap;
use settings_privacy_api::{Authorizations, paths};

use super::Refusals;
use crate::answer::Answer;
use crate::db::Connection;
use crate::db::authorizations as rows;
use crate::idempotency::Attempt;
use crate::problem::{self, Failure};
use crate::request::{Caller, Keyed, identified};
use crate::service::Shared;

/// Apps that are allowed to know something
#[utoipa::path(
    get,
    operation_id = "getAuthorizations",
    path = paths::AUTHORIZATIONS,
    tag = "organizations",
    params(("if-none-match" = Option<String>, Header, description = "The `ETag` of what is held already")),
    responses(
        (status = 200, description = "The apps", body = Authorizations, headers(("etag" = String, description = "Changes with every change"))),
        (status = 304, description = "What is held already is what holds"),
        Refusals,
    ),
    security(("session" = [])),
)]
pub async fn list(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Answer, Failure> {
    let mut reading = shared.database.read().await?;
    Ok(view(&mut reading, caller).await?.unless_held(&headers))
}

/// Take back what an app is allowed
///
/// It is shown nothing more. What it has seen stays with whoever makes it.
#[utoipa::path(
    delete,
    operation_id = "revokeAuthorization",
    path = paths::AUTHORIZATION,
    tag = "organizations",
    params(
        ("id" = uuid::Uuid, Path, description = "The authorization"),
        ("idempotency-key" = uuid::Uuid, Header, description = "New with every request, the same when it is repeated"),
        ("if-match" = Option<String>, Header, description = "The `ETag` of the list it was decided on"),
    ),
    responses((status = 200, description = "Taken back; the list as it is now", body = Authorizations, headers(("etag" = String, description = "Changes with every change"))), Refusals),
    security(("session" = [])),
)]
pub async fn revoke(
    State(shared): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    request: Keyed,
) -> Result<Answer, Failure> {
    let id = identified(&id)?;
    let begun = Attempt::begin_over(&shared, caller.account, &request, async |connection, _| {
        Ok((view(connection, caller).await?, ()))
    });
    let mut attempt = match begun.await? {
        Ok((attempt, ())) => attempt,
        Err(answer) => return Ok(answer),
    };
    if !rows::remove(attempt.connection(), caller.account, id).await? {
        return Err(problem::not_found().into());
    }
    let answer = view(attempt.connection(), caller).await?;
    attempt.commit(&request, answer).await
}

async fn view(connection: &mut Connection, caller: Caller) -> Result<Answer, Failure> {
    let authorizations = rows::of_account(connection, caller.account).await?;
    Answer::tagged(&Authorizations { authorizations })
}
