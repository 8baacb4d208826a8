//! What surrounds every route: a span without personal data, a time limit, a net under panics, safe headers.

use std::panic::AssertUnwindSafe;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method};
use settings_privacy_api::PROBLEM_JSON;
use tracing::Instrument;

use crate::problem;
use crate::service::Shared;

/// Surrounds a request.
pub async fn around(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    // The route's template, not the address: an address can hold a device's identifier.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", method = method_name(request.method()), route);
    answer(shared, request, next).instrument(span).await
}

async fn answer(shared: Shared, request: Request, next: Next) -> Response {
    let began = tokio::time::Instant::now();
    let caught = AssertUnwindSafe(next.run(request)).catch_unwind();
    let mut response = match tokio::time::timeout(shared.config.request_timeout, caught).await {
        Ok(Ok(response)) => response,
        Ok(Err(_panic)) => {
            tracing::error!("a request's handler panicked");
            problem::respond(&problem::internal())
        }
        Err(_elapsed) => {
            tracing::warn!("a request took too long");
            problem::respond(&problem::unavailable(5))
        }
    };
    let status = response.status();
    let is_problem = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind == PROBLEM_JSON);
    if !is_problem && (status.is_client_error() || status.is_server_error()) {
        response = problem::clothe(response);
    }
    let headers = response.headers_mut();
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let milliseconds = began.elapsed().as_millis() as u64;
    tracing::info!(status = status.as_u16(), milliseconds, "answered");
    response
}

/// A method of ours by name; a made-up one could say anything.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
