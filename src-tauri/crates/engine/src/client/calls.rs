//! The calls, typed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use settings_privacy_api as api;
use uuid::Uuid;

use super::{Transport, TransportError};

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

    async fn call<T: DeserializeOwned>(
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

    async fn exchange(
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
            let mut value = http::HeaderValue::try_from(format!("Bearer {}", token.expose()))
                .map_err(|_| CallError::NotUnderstood)?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
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
    let header = answer
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    let seconds = header
        .and_then(|text| text.trim().parse::<u64>().ok())
        .or(problem.retry_after);
    CallError::Problem {
        problem: Box::new(problem),
        retry_after: seconds.map(Duration::from_secs),
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
