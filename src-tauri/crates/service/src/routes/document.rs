//! The OpenAPI document.

use axum::response::Response;
use http::{HeaderMap, StatusCode};
use settings_privacy_api::paths;

use super::Refusals;
use crate::answer::Answer;
use crate::openapi;
use crate::problem::Failure;

/// This document
#[utoipa::path(
    get,
    operation_id = "getOpenApi",
    path = paths::OPENAPI,
    tag = "service",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json"), Refusals),
)]
pub async fn openapi(headers: HeaderMap) -> Result<Response, Failure> {
    let answer = Answer::text(StatusCode::OK, openapi::document());
    Ok(answer.unless_held(&headers).cacheable())
}
