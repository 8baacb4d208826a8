//! The OpenAPI document, made from the routes and the contract's types.

use std::sync::OnceLock;

use settings_privacy_api::{DeletionReceipt, Problem};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};

use crate::routes;

/// What the document says besides the routes.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Account service",
        description = "What an account service holds about a person, and what they agreed to; for the desktop client \
                       Settings & Privacy. Times are RFC 3339 in UTC, to the microsecond. Every unsafe request carries \
                       an `Idempotency-Key`: repeated with the same body, it changes nothing and is answered as the first \
                       time, for 24 hours, with `idempotency-replayed: true`. Errors are RFC 9457 problems. Unknown fields \
                       in answers are to be ignored. No body is larger than 64 KiB.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(Problem, DeletionReceipt)),
    tags(
        (name = "sign-in", description = "Codes and sessions"),
        (name = "account", description = "The account itself"),
        (name = "devices", description = "What devices reported of their permissions"),
        (name = "consents", description = "Consents and their history"),
        (name = "exports", description = "Copies of what is held, and their archives"),
        (name = "organizations", description = "Organizations the account is in, and apps it allowed"),
        (name = "deletion", description = "The end of the account, and its receipt"),
        (name = "service", description = "The service itself"),
    ),
)]
struct Frame;

/// The document without its routes.
pub fn frame() -> OpenApi {
    let mut document = Frame::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let session = Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The session's access token."))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("session", SecurityScheme::Http(session));
    let deletion = Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "The `deletion_token` of an account's end: it outlives the sessions.",
        ))
        .build();
    components.add_security_scheme("deletion", SecurityScheme::Http(deletion));
    document
}

/// The document as JSON text that ends with a newline.
pub fn document() -> String {
    static TEXT: OnceLock<String> = OnceLock::new();
    let make = || {
        let (_, document) = routes::described();
        let text = document
            .to_pretty_json()
            .expect("a document of plain values serializes");
        format!("{text}\n")
    };
    TEXT.get_or_init(make).clone()
}
