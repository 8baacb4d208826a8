//! How the document describes refusals: the same for every route.

use std::collections::BTreeMap;

use settings_privacy_api::PROBLEM_JSON;
use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

/// A problem, whatever the status.
pub struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        let response = ResponseBuilder::new()
            .description(
                "A problem (RFC 9457): branch on its `code`. 429 and 503 say in `Retry-After` how many seconds to wait.",
            )
            .content(PROBLEM_JSON, content)
            .build();
        BTreeMap::from([("default".to_owned(), response.into())])
    }
}
