//! Failures, and the RFC 9457 problems they become. No problem repeats what was sent.

use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use settings_privacy_api::{Code, PROBLEM_JSON, Problem};

use crate::db;

/// Why a request isn't answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The request can't be granted: its sender is told why.
    #[error("{}", .0.title)]
    Problem(Box<Problem>),
    /// The database failed.
    #[error("use the database: {0}")]
    Database(#[from] sqlx::Error),
    /// An answer can't be written.
    #[error("write an answer: {0}")]
    Json(#[from] serde_json::Error),
    /// The system gives no random numbers.
    #[error("draw random numbers: {0}")]
    Random(#[from] rand::rngs::SysError),
    /// A file failed.
    #[error("use a file: {}", .0.kind())]
    File(#[from] std::io::Error),
    /// Work that was begun didn't end.
    #[error("finish what was begun: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Failure::Problem(Box::new(problem))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let problem = match self {
            Failure::Problem(problem) => *problem,
            Failure::Database(error) if db::is_passing(&error) => {
                tracing::warn!(%error, "the database isn't to be had");
                unavailable(1)
            }
            failure @ (Failure::Database(_)
            | Failure::Json(_)
            | Failure::Random(_)
            | Failure::File(_)
            | Failure::Task(_)) => {
                tracing::error!(error = %failure, "a request failed");
                internal()
            }
        };
        respond(&problem)
    }
}

/// A problem as a response, with the headers that belong to its status.
pub fn respond(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    if let Some(seconds) = problem.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// 400: not of the documented shape.
pub fn malformed(detail: impl Into<String>) -> Problem {
    Problem::new(Code::Malformed, 400, "The request isn't of the documented shape.").with_detail(detail)
}

/// 415: a body that isn't JSON.
pub fn not_json() -> Problem {
    Problem::new(Code::Malformed, 415, "The body isn't JSON.").with_detail("Send it as application/json.")
}

/// 401: no token, or one that doesn't hold.
pub fn unauthenticated() -> Problem {
    Problem::new(Code::Unauthenticated, 401, "You are signed out.").with_detail("Sign in again.")
}

/// 401: a refresh token was used twice.
pub fn session_revoked() -> Problem {
    Problem::new(Code::SessionRevoked, 401, "The session was ended.")
        .with_detail("An old token of it was used again, so somebody else may have had it. Sign in again.")
}

/// 404: no such thing, or none of yours.
pub fn not_found() -> Problem {
    Problem::new(Code::NotFound, 404, "There is nothing here.")
}

/// 409: the account can't be kept any more.
pub fn deletion_final() -> Problem {
    Problem::new(Code::DeletionFinal, 409, "The account can't be kept any more.")
        .with_detail("Its time to be kept is over: it is being deleted, or is deleted already. Then its address is free again.")
}

/// 412: changed meanwhile.
pub fn precondition_failed() -> Problem {
    Problem::new(Code::PreconditionFailed, 412, "It was changed meanwhile.")
        .with_detail("Read it again, then decide.")
}

/// 413: too large.
pub fn too_large() -> Problem {
    Problem::new(Code::TooLarge, 413, "The body is too large.")
}

/// 503: not now.
pub fn unavailable(seconds: u64) -> Problem {
    let mut problem = Problem::new(Code::Unavailable, 503, "The service can't answer right now.");
    problem.retry_after = Some(seconds);
    problem
}

/// 500: a fault of the service's.
pub fn internal() -> Problem {
    Problem::new(Code::Internal, 500, "The service made a mistake.").with_detail("Nothing was changed.")
}

/// The answer to a path that doesn't exist.
pub async fn no_such_path() -> Response {
    respond(&not_found())
}

/// Gives a bare refusal of the router's the shape of a problem, and keeps its headers.
pub fn clothe(bare: Response) -> Response {
    let problem = match bare.status() {
        StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new(Code::MethodNotAllowed, 405, "This path doesn't know this method.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        StatusCode::NOT_FOUND => not_found(),
        status if status.is_client_error() => {
            let mut problem = malformed("See the service's OpenAPI document.");
            problem.status = status.as_u16();
            problem
        }
        _ => internal(),
    };
    let allow = bare.headers().get(ALLOW).cloned();
    let mut response = respond(&problem);
    if let Some(allow) = allow {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}
