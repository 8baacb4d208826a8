//! Which permissions there are.

use axum::response::Response;
use http::HeaderMap;
use settings_privacy_api::{CatalogueEntry, PermissionCatalogue, paths};
use settings_privacy_core::data;

use super::Refusals;
use crate::answer::Answer;
use crate::problem::Failure;

/// Which permissions there are
#[utoipa::path(
    get,
    operation_id = "getPermissionCatalogue",
    path = paths::PERMISSION_CATALOGUE,
    tag = "devices",
    params(("if-none-match" = Option<String>, Header, description = "The `ETag` of what is held already")),
    responses(
        (status = 200, description = "The catalogue", body = PermissionCatalogue, headers(
            ("etag" = String, description = "Changes with every change"),
            ("cache-control" = String, description = "For how long it may be kept"),
        )),
        (status = 304, description = "What is held already is what holds"),
        Refusals,
    ),
)]
pub async fn catalogue(headers: HeaderMap) -> Result<Response, Failure> {
    let facts = data::permissions();
    let entry = |permission: &settings_privacy_core::permission::Permission| CatalogueEntry {
        id: permission.id.as_str().to_owned(),
        name: permission.name.clone(),
        clause: permission.clause.clone(),
        used_for: permission.used_for.clone(),
        without: permission.without.clone(),
    };
    let catalogue = PermissionCatalogue {
        version: facts.version,
        permissions: facts.permissions.iter().map(entry).collect(),
    };
    Ok(Answer::tagged(&catalogue)?.unless_held(&headers).cacheable())
}
