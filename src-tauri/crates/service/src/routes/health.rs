//! Whether the service is up.

use axum::Json;
use settings_privacy_api::{Health, paths};

/// The service is up.
#[utoipa::path(get, path = paths::HEALTHZ, responses((status = 200, body = Health)))]
pub async fn healthz() -> Json<Health> {
    Json(Health {
        status: "ok".into(),
        version: env!("CARGO_PKG_VERSION").into(),
    })
}
