//! The OpenAPI document, made from the routes and the contract's types.

use utoipa::openapi::OpenApi;

/// The document as JSON text.
pub fn document() -> String {
    pretty(&crate::routes::described().1)
}

fn pretty(document: &OpenApi) -> String {
    let text = document
        .to_pretty_json()
        .expect("a document of plain values serializes");
    format!("{text}\n")
}
