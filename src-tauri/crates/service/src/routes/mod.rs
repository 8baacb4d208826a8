//! The routes: exactly the paths of the contract.

mod archive;
mod authorizations;
mod consents;
mod deletion;
mod devices;
mod document;
mod exports;
mod health;
mod inventory;
mod jwks;
mod organizations;
mod permissions;
mod profile;
mod refusals;
mod sessions;
mod verification_codes;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::Shared;
use crate::{guard, openapi, problem};

pub use refusals::Refusals;

/// No body is larger than this.
const LARGEST_BODY: usize = 64 * 1024;

/// Every route with its description.
pub fn described() -> (Router<Shared>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(verification_codes::send))
        .routes(routes!(verification_codes::send_step_up))
        .routes(routes!(sessions::sign_in))
        .routes(routes!(sessions::refresh))
        .routes(routes!(sessions::sign_out))
        .routes(routes!(profile::profile))
        .routes(routes!(permissions::catalogue))
        .routes(routes!(devices::permissions, devices::report))
        .routes(routes!(consents::consents, consents::set))
        .routes(routes!(consents::history))
        .routes(routes!(inventory::inventory))
        .routes(routes!(exports::request, exports::list))
        .routes(routes!(exports::export, exports::revoke))
        .routes(routes!(exports::retry))
        .routes(routes!(archive::archive))
        .routes(routes!(organizations::list))
        .routes(routes!(organizations::leave))
        .routes(routes!(organizations::transfer))
        .routes(routes!(organizations::end_membership))
        .routes(routes!(organizations::disband))
        .routes(routes!(authorizations::list))
        .routes(routes!(authorizations::revoke))
        .routes(routes!(deletion::preflight))
        .routes(routes!(deletion::request, deletion::deletion, deletion::cancel))
        .routes(routes!(deletion::receipt))
        .routes(routes!(jwks::jwks))
        .routes(routes!(health::healthz))
        .routes(routes!(document::openapi))
        .split_for_parts()
}

/// Every route, ready to answer.
pub fn all(shared: &Shared) -> Router {
    let (router, _) = described();
    finish(router, shared)
}

fn finish(router: Router<Shared>, shared: &Shared) -> Router {
    router
        .fallback(problem::no_such_path)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn_with_state(shared.clone(), guard::around))
        .with_state(shared.clone())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::routing::get;
    use http::StatusCode;
    use http_body_util::BodyExt;
    use settings_privacy_api::{Code, Problem};
    use tower::ServiceExt;

    use super::*;
    use crate::config::Config;
    use crate::service::Service;

    async fn answer(handler: axum::routing::MethodRouter<Shared>) -> (StatusCode, Option<String>, Problem) {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::new(folder.path());
        config.request_timeout = Duration::from_millis(1);
        let service = Service::open(config).await.unwrap();
        let router = finish(Router::new().route("/tried", handler), service.shared());
        let request = http::Request::get("/tried")
            .body(axum::body::Body::empty())
            .unwrap();
        let answer = router.oneshot(request).await.unwrap();
        let retry_after = answer.headers().get("retry-after");
        let retry_after = retry_after.map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, retry_after, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_answered_with_a_problem_that_repeats_nothing_of_it() {
        let handler = get(async || -> () { panic!("mei@example.org") });
        let (status, _, problem) = answer(handler).await;
        assert_eq!(
            (status, problem.code),
            (StatusCode::INTERNAL_SERVER_ERROR, Code::Internal)
        );
        assert!(!format!("{problem:?}").contains("mei"));
    }

    #[tokio::test]
    async fn a_request_that_takes_too_long_is_told_when_to_come_back() {
        let (status, retry_after, problem) = answer(get(std::future::pending::<()>)).await;
        assert_eq!(
            (status, problem.code),
            (StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable)
        );
        assert_eq!(retry_after.as_deref(), Some("5"));
    }
}
