//! The calls, typed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::{Method, Request, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use settings_privacy_api as api;
use uuid::Uuid;

use super::{BodyStream, Transport, TransportError};

/// A refusal is a few sentences.
const LARGEST_REFUSAL: usize = 1 << 16;

/// A service behind a transport.
#[derive(Clone)]
pub struct Client {
    transport: Arc<dyn Transport>,
}

/// Why a call brought nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CallError {
    /// No answer.
    #[error("{0}")]
    Transport(#[from] TransportError),
    /// The service said no, and why.
    #[error("{}", sentence(.problem))]
    Problem {
        /// What it said.
        problem: Box<api::Problem>,
        /// What it asked to wait.
        retry_after: Option<Duration>,
    },
    /// An answer that isn't of the documented shape.
    #[error("This address answers, but not as an account service should. Check the address.")]
    NotUnderstood,
}

fn sentence(problem: &api::Problem) -> String {
    match &problem.detail {
        Some(detail) => format!("{} {detail}", problem.title),
        None => problem.title.clone(),
    }
}

impl CallError {
    /// The problem's code, if the service gave one.
    pub fn code(&self) -> Option<api::Code> {
        match self {
            CallError::Problem { problem, .. } => Some(problem.code),
            CallError::Transport(_) | CallError::NotUnderstood => None,
        }
    }

    /// Whether the same may work later, without anybody doing anything else.
    pub fn is_passing(&self) -> bool {
        match self {
            CallError::Transport(_) | CallError::NotUnderstood => true,
            CallError::Problem { problem, .. } => {
                matches!(problem.status, 408 | 409 | 425 | 429) || problem.status >= 500
            }
        }
    }
}

impl Client {
    /// A client over a transport.
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport }
    }

    /// Whether an account service answers there.
    pub async fn health(&self) -> Result<api::Health, CallError> {
        self.call(Method::GET, api::paths::HEALTHZ, None, None, None::<&()>)
            .await
    }

    /// Asks for a code.
    pub async fn request_code(
        &self,
        key: Uuid,
        request: &api::VerificationCodeRequest,
    ) -> Result<api::CodeSent, CallError> {
        self.call(
            Method::POST,
            api::paths::VERIFICATION_CODES,
            None,
            Some(key),
            Some(request),
        )
        .await
    }

    /// Signs in.
    pub async fn sign_in(&self, key: Uuid, request: &api::SessionRequest) -> Result<api::Session, CallError> {
        self.call(Method::POST, api::paths::SESSIONS, None, Some(key), Some(request))
            .await
    }

    /// Changes a refresh token for a new pair.
    pub async fn refresh(&self, key: Uuid, request: &api::RefreshRequest) -> Result<api::Session, CallError> {
        self.call(
            Method::POST,
            api::paths::SESSIONS_REFRESH,
            None,
            Some(key),
            Some(request),
        )
        .await
    }

    /// Signs out.
    pub async fn sign_out(&self, token: &api::Token, key: Uuid) -> Result<(), CallError> {
        self.exchange(
            Method::DELETE,
            api::paths::SESSIONS_CURRENT,
            Some(token),
            Some(key),
            None::<&()>,
        )
        .await
        .map(drop)
    }

    /// The consents.
    pub async fn consents(&self, token: &api::Token) -> Result<api::Consents, CallError> {
        self.call(Method::GET, api::paths::CONSENTS, Some(token), None, None::<&()>)
            .await
    }

    /// Sets consents; `body` is an [`api::ConsentsUpdate`] as it was first sent under `key`.
    pub async fn put_consents(
        &self,
        token: &api::Token,
        key: Uuid,
        body: &api::ConsentsUpdate,
    ) -> Result<api::Consents, CallError> {
        self.call(
            Method::PUT,
            api::paths::CONSENTS,
            Some(token),
            Some(key),
            Some(body),
        )
        .await
    }

    /// A page of the consents' history.
    pub async fn consent_history(
        &self,
        token: &api::Token,
        after: Option<i64>,
    ) -> Result<api::ConsentEventPage, CallError> {
        let query = after.map(|after| format!("&after={after}")).unwrap_or_default();
        let path = format!("{}?limit=200{query}", api::paths::CONSENTS_HISTORY);
        self.call(Method::GET, &path, Some(token), None, None::<&()>)
            .await
    }

    /// Reports what this computer observed.
    pub async fn put_device_permissions(
        &self,
        token: &api::Token,
        key: Uuid,
        device: Uuid,
        body: &api::DevicePermissionsUpdate,
    ) -> Result<api::DevicePermissions, CallError> {
        let path = api::paths::DEVICE_PERMISSIONS.replace("{id}", &device.to_string());
        self.call(Method::PUT, &path, Some(token), Some(key), Some(body))
            .await
    }

    /// What is held, by category.
    pub async fn inventory(&self, token: &api::Token) -> Result<api::Inventory, CallError> {
        self.call(Method::GET, api::paths::INVENTORY, Some(token), None, None::<&()>)
            .await
    }

    /// Asks for a code for one act.
    pub async fn request_step_up(
        &self,
        token: &api::Token,
        key: Uuid,
        purpose: api::StepUpPurpose,
    ) -> Result<api::CodeSent, CallError> {
        let request = api::StepUpRequest { purpose };
        let path = api::paths::STEP_UP_CODES;
        self.call(Method::POST, path, Some(token), Some(key), Some(&request))
            .await
    }

    /// The account's copies, newest first.
    pub async fn exports(&self, token: &api::Token) -> Result<api::Exports, CallError> {
        self.call(Method::GET, api::paths::EXPORTS, Some(token), None, None::<&()>)
            .await
    }

    /// Asks for a copy.
    pub async fn request_export(
        &self,
        token: &api::Token,
        key: Uuid,
        request: &api::ExportRequest,
    ) -> Result<api::Export, CallError> {
        self.call(
            Method::POST,
            api::paths::EXPORTS,
            Some(token),
            Some(key),
            Some(request),
        )
        .await
    }

    /// How far a copy is.
    pub async fn export(&self, token: &api::Token, id: &str) -> Result<api::Export, CallError> {
        let path = api::paths::EXPORT.replace("{id}", id);
        self.call(Method::GET, &path, Some(token), None, None::<&()>)
            .await
    }

    /// Takes a copy back.
    pub async fn cancel_export(
        &self,
        token: &api::Token,
        key: Uuid,
        id: &str,
    ) -> Result<api::Export, CallError> {
        let path = api::paths::EXPORT.replace("{id}", id);
        self.call(Method::DELETE, &path, Some(token), Some(key), None::<&()>)
            .await
    }

    /// Has the service try a copy again that failed.
    pub async fn retry_export(
        &self,
        token: &api::Token,
        key: Uuid,
        id: &str,
    ) -> Result<api::Export, CallError> {
        let path = api::paths::EXPORT_RETRY.replace("{id}", id);
        self.call(Method::POST, &path, Some(token), Some(key), None::<&()>)
            .await
    }

    /// Begins to fetch an archive at a byte; what the answer means is for `core::export` to say. Only one that needs
    /// another token is an error.
    pub async fn archive(
        &self,
        token: &api::Token,
        id: &str,
        from: u64,
        etag: &str,
    ) -> Result<http::Response<BodyStream>, CallError> {
        let path = api::paths::EXPORT_ARCHIVE.replace("{id}", id);
        let mut request = authorized(Request::builder().method(Method::GET).uri(path), token)?;
        if from > 0 {
            request = request
                .header(header::RANGE, format!("bytes={from}-"))
                .header(header::IF_RANGE, etag);
        }
        let request = request.body(Bytes::new()).map_err(|_| CallError::NotUnderstood)?;
        let answer = self.transport.open(request).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        Err(told(answer).await)
    }

    /// The keys archives are signed with.
    pub async fn signing_keys(&self) -> Result<api::JsonWebKeySet, CallError> {
        self.call(Method::GET, api::paths::JWKS, None, None, None::<&()>)
            .await
    }

    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        token: Option<&api::Token>,
        key: Option<Uuid>,
        body: Option<&impl Serialize>,
    ) -> Result<T, CallError> {
        let answer = self.exchange(method, path, token, key, body).await?;
        serde_json::from_slice(&answer).map_err(|_| CallError::NotUnderstood)
    }

    pub(super) async fn exchange(
        &self,
        method: Method,
        path: &str,
        token: Option<&api::Token>,
        key: Option<Uuid>,
        body: Option<&impl Serialize>,
    ) -> Result<Bytes, CallError> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, "application/json");
        if let Some(token) = token {
            request = authorized(request, token)?;
        }
        if let Some(key) = key {
            request = request.header(api::IDEMPOTENCY_KEY, key.to_string());
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                serde_json::to_vec(body)
                    .map_err(|_| CallError::NotUnderstood)?
                    .into()
            }
            None => Bytes::new(),
        };
        let request = request.body(body).map_err(|_| CallError::NotUnderstood)?;
        let answer = self.transport.send(request).await?;
        match answer.status() {
            status if status.is_success() => Ok(answer.into_body()),
            status => Err(refused(status, &answer)),
        }
    }
}

fn authorized(
    request: http::request::Builder,
    token: &api::Token,
) -> Result<http::request::Builder, CallError> {
    let mut value = http::HeaderValue::try_from(format!("Bearer {}", token.expose()))
        .map_err(|_| CallError::NotUnderstood)?;
    value.set_sensitive(true);
    Ok(request.header(header::AUTHORIZATION, value))
}

/// What a refusal says whose body comes by and by.
pub(crate) async fn told(answer: http::Response<BodyStream>) -> CallError {
    let (parts, mut body) = answer.into_parts();
    let mut collected = Vec::new();
    while let Some(piece) = body.next().await {
        match piece {
            Ok(piece) if collected.len() + piece.len() <= LARGEST_REFUSAL => {
                collected.extend_from_slice(&piece);
            }
            Ok(_) => break,
            Err(error) => return error.into(),
        }
    }
    let answer = http::Response::from_parts(parts, collected.into());
    refused(answer.status(), &answer)
}

/// When the service asked to be asked again.
pub(crate) fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// A problem as told, or one made of the bare status where something in between answered.
fn refused(status: StatusCode, answer: &http::Response<Bytes>) -> CallError {
    let told: Option<api::Problem> = serde_json::from_slice(answer.body()).ok();
    let waits = status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
    let problem = match told {
        Some(problem) => api::Problem {
            status: status.as_u16(),
            ..problem
        },
        None if waits => api::Problem::new(
            api::Code::Unavailable,
            status.as_u16(),
            "The service can't answer right now. It is tried again by itself.",
        ),
        None => return CallError::NotUnderstood,
    };
    let wait = retry_after(answer.headers()).or(problem.retry_after.map(Duration::from_secs));
    CallError::Problem {
        problem: Box::new(problem),
        retry_after: wait,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str, retry_after: Option<&str>) -> CallError {
        let mut answer = http::Response::builder().status(status);
        if let Some(wait) = retry_after {
            answer = answer.header(header::RETRY_AFTER, wait);
        }
        let answer = answer
            .body(Bytes::from(body.to_owned()))
            .expect("the parts are valid");
        refused(answer.status(), &answer)
    }

    #[test]
    fn a_proxy_without_a_problem_of_its_own_is_a_passing_failure_only_for_5xx_and_429() {
        assert!(answer(502, "<html>", None).is_passing());
        assert_eq!(answer(404, "<html>", None), CallError::NotUnderstood);
        let CallError::Problem { retry_after, .. } = answer(429, "", Some("7")) else {
            panic!("a problem")
        };
        assert_eq!(retry_after, Some(Duration::from_secs(7)));
    }

    #[test]
    fn a_refusal_is_told_in_the_services_words() {
        let body = r#"{"type":"t","code":"consent-required","status":422,"title":"It must stay on."}"#;
        let error = answer(422, body, None);
        assert_eq!(error.code(), Some(api::Code::ConsentRequired));
        assert_eq!(error.to_string(), "It must stay on.");
        assert!(!error.is_passing());
    }
}
