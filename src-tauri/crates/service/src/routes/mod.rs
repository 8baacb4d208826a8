//! The routes: exactly the paths of the contract.

mod health;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::Shared;
use crate::{guard, problem};

/// No body is larger than this.
const LARGEST_BODY: usize = 64 * 1024;

/// Every route with its description.
pub fn described() -> (Router<Shared>, utoipa::openapi::OpenApi) {
    OpenApiRouter::new()
        .routes(routes!(health::healthz))
        .split_for_parts()
}

/// Every route, ready to answer.
pub fn all(shared: &Shared) -> Router {
    let (router, _) = described();
    router
        .fallback(problem::no_such_path)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn_with_state(shared.clone(), guard::around))
        .with_state(shared.clone())
}
