//! What the account's devices reported of their permissions.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use settings_privacy_api::{Code, DevicePermissions, DevicePermissionsUpdate, Problem, paths};
use settings_privacy_core::data;

use super::Refusals;
use crate::answer::Answer;
use crate::db::devices;
use crate::idempotency::Attempt;
use crate::problem::{self, Failure};
use crate::request::{Caller, KeyedJson, identified};
use crate::service::Shared;

/// What a device reported
///
/// A device is known once it has signed in. Another account's device isn't found.
#[utoipa::path(
    get,
    operation_id = "getDevicePermissions",
    path = paths::DEVICE_PERMISSIONS,
    tag = "devices",
    params(
        ("id" = Uuid, Path, description = "The device"),
        ("if-none-match" = Option<String>, Header, description = "The `ETag` of what is held already"),
    ),
    responses(
        (status = 200, description = "What holds", body = DevicePermissions, headers(("etag" = String, description = "Changes with every change"))),
        (status = 304, description = "What is held already is what holds"),
        Refusals,
    ),
    security(("session" = [])),
)]
pub async fn permissions(
    State(shared): State<Shared>,
    caller: Caller,
    Path(device): Path<String>,
    headers: HeaderMap,
) -> Result<Answer, Failure> {
    let device = identified(&device)?;
    let mut reading = shared.database.read().await?;
    let held = devices::permissions(&mut reading, caller.account, device).await?;
    Ok(Answer::tagged(&held.ok_or_else(problem::not_found)?)?.unless_held(&headers))
}

/// Report what a device observed
///
/// Permissions that are left out stay as they were. All or nothing: one unknown permission refuses the report.
#[utoipa::path(
    put,
    operation_id = "reportDevicePermissions",
    path = paths::DEVICE_PERMISSIONS,
    tag = "devices",
    params(
        ("id" = Uuid, Path, description = "The device"),
        ("idempotency-key" = Uuid, Header, description = "New with every request, the same when it is repeated"),
        ("if-match" = Option<String>, Header, description = "The `ETag` of the state the report was made for"),
    ),
    request_body = DevicePermissionsUpdate,
    responses(
        (status = 200, description = "What holds", body = DevicePermissions, headers(("etag" = String, description = "Changes with every change"))),
        Refusals,
    ),
    security(("session" = [])),
)]
pub async fn report(
    State(shared): State<Shared>,
    caller: Caller,
    Path(device): Path<String>,
    asked: KeyedJson<DevicePermissionsUpdate>,
) -> Result<Response, Failure> {
    let (device, request) = (identified(&device)?, asked.request);
    let begun = Attempt::begin_over(&shared, caller.account, &request, async |connection, _| {
        let held = devices::permissions(connection, caller.account, device)
            .await?
            .ok_or_else(problem::not_found)?;
        Ok((Answer::tagged(&held)?, ()))
    });
    let mut attempt = match begun.await? {
        Ok((attempt, ())) => attempt,
        Err(answer) => return Ok(answer.into_response()),
    };
    for (id, observed) in &asked.body.permissions {
        let is_known = data::permissions()
            .permissions
            .iter()
            .any(|permission| permission.id.as_str() == id);
        if !is_known {
            return Err(unknown().into());
        }
        devices::observe(attempt.connection(), caller.account, device, id, observed).await?;
    }
    let holds = devices::permissions(attempt.connection(), caller.account, device)
        .await?
        .ok_or_else(problem::not_found)?;
    let answer = attempt.commit(&request, Answer::tagged(&holds)?).await?;
    Ok(answer.into_response())
}

fn unknown() -> Problem {
    Problem::new(
        Code::PermissionUnknown,
        422,
        "The report names a permission that doesn't exist.",
    )
    .with_detail("Nothing was changed. See the permission catalogue.")
}
