//! Whether the service is up.

use axum::extract::State;
use http::StatusCode;
use settings_privacy_api::{Health, paths};

use super::Refusals;
use crate::answer::Answer;
use crate::problem::Failure;
use crate::service::Shared;

/// Whether the service is up
///
/// It is when its database answers.
#[utoipa::path(
    get,
    operation_id = "getHealth",
    path = paths::HEALTHZ,
    tag = "service",
    responses((status = 200, description = "It is up", body = Health), Refusals),
)]
pub async fn healthz(State(shared): State<Shared>) -> Result<Answer, Failure> {
    shared.database.check().await?;
    let health = Health {
        status: "ok".into(),
        version: env!("CARGO_PKG_VERSION").into(),
    };
    Answer::json(StatusCode::OK, &health)
}
