//! What a request brings: whose it is, its key, its body.

use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, Method};
use serde::de::DeserializeOwned;
use settings_privacy_api::{Code, IDEMPOTENCY_KEY, Problem};
use uuid::Uuid;

use crate::db::deletions::{self, Deletion};
use crate::db::sessions::{self, Holder};
use crate::endings;
use crate::keys::{self, Purpose};
use crate::problem::{self, Failure};
use crate::service::Shared;

/// The signed-in sender of a request.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// The account.
    pub account: Uuid,
    /// The device it signed in from.
    pub device: Uuid,
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Failure> {
        let holder = token_holder(&parts.headers, shared).await?;
        if !holder.is_signed_in(shared.now()) {
            return Err(problem::unauthenticated().into());
        }
        Ok(Self {
            account: holder.account,
            device: holder.device,
        })
    }
}

/// Who may look at the end of an account: a session of it, or whoever holds that end's own token.
#[derive(Debug)]
pub enum Witness {
    /// A session.
    Session(Caller),
    /// The token of this end.
    Deletion(Box<Deletion>),
}

impl FromRequestParts<Shared> for Witness {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Failure> {
        let token = bearer(&parts.headers).ok_or_else(problem::unauthenticated)?;
        let mut reading = shared.database.read().await?;
        let found = deletions::by_token(&mut reading, &endings::token_digest(token)).await?;
        drop(reading);
        match found {
            Some(deletion) => Ok(Self::Deletion(Box::new(deletion))),
            None => Caller::from_request_parts(parts, shared).await.map(Self::Session),
        }
    }
}

/// Whose an access token is or was, ended or not.
pub async fn token_holder(headers: &HeaderMap, shared: &Shared) -> Result<Holder, Failure> {
    let token = bearer(headers).ok_or_else(problem::unauthenticated)?;
    let mut reading = shared.database.read().await?;
    let holder = sessions::holder(&mut reading, &keys::sha256(token.as_bytes())).await?;
    Ok(holder.ok_or_else(problem::unauthenticated)?)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    header
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
}

/// An unsafe request: its key, and the fingerprint by which its repetition is recognised. Its headers hold a token, so
/// it can't be printed.
pub struct Keyed {
    /// `Idempotency-Key`.
    pub key: Uuid,
    /// Over method, path and body. Keyed: a body with a six-digit code could be guessed from a bare digest.
    pub fingerprint: String,
    /// Its header.
    pub headers: HeaderMap,
    body: Bytes,
}

impl FromRequest<Shared> for Keyed {
    type Rejection = Failure;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, Failure> {
        let key = idempotency_key(request.headers())?;
        let (method, headers) = (request.method().clone(), request.headers().clone());
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned();
        let body = body(request, shared).await?;
        Ok(Self {
            key,
            fingerprint: fingerprint(shared, &method, &path, &body),
            headers,
            body,
        })
    }
}

/// An unsafe request with a JSON body.
pub struct KeyedJson<T> {
    /// The request.
    pub request: Keyed,
    /// Its body.
    pub body: T,
}

impl<T: DeserializeOwned> FromRequest<Shared> for KeyedJson<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, Failure> {
        if !is_json(request.headers()) {
            return Err(problem::not_json().into());
        }
        let request = Keyed::from_request(request, shared).await?;
        let body = serde_json::from_slice(&request.body).map_err(|error| shape(&error))?;
        Ok(Self { request, body })
    }
}

/// What a path names. What isn't a UUID names nothing.
pub fn identified(text: &str) -> Result<Uuid, Problem> {
    Uuid::try_parse(text).map_err(|_| problem::not_found())
}

fn idempotency_key(headers: &HeaderMap) -> Result<Uuid, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else {
        return Err(Problem::new(
            Code::IdempotencyKeyMissing,
            400,
            "The request has no Idempotency-Key.",
        )
        .with_detail("Send a new UUID with every change, and the same one when you repeat it."));
    };
    value
        .to_str()
        .ok()
        .and_then(|text| Uuid::try_parse(text).ok())
        .ok_or_else(|| problem::malformed("Idempotency-Key isn't a UUID."))
}

async fn body(request: Request, shared: &Shared) -> Result<Bytes, Failure> {
    Bytes::from_request(request, shared)
        .await
        .map_err(|rejection| match rejection.status() {
            http::StatusCode::PAYLOAD_TOO_LARGE => problem::too_large().into(),
            _ => problem::malformed("The body broke off.").into(),
        })
}

fn fingerprint(shared: &Shared, method: &Method, path: &str, body: &[u8]) -> String {
    let parts = [method.as_str().as_bytes(), path.as_bytes(), body];
    shared.key.derive(Purpose::Fingerprint, &parts)
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
}

/// Where a body departs from its shape; not what stands there.
fn shape(error: &serde_json::Error) -> Problem {
    problem::malformed(format!(
        "The body departs from its documented shape at line {}, column {}.",
        error.line(),
        error.column()
    ))
}
