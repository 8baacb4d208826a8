//! What a request is answered with, entity tags, and the conditions a request may set (RFC 9110 §13).

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use settings_privacy_api::{IDEMPOTENCY_REPLAYED, PROBLEM_JSON, Problem};

use crate::keys;
use crate::problem::{self, Failure};

/// An answer whose text is known, so that it can be kept and given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its JSON text, if it has any.
    pub body: Option<String>,
    /// Its entity tag, if it is of something that can be changed.
    pub etag: Option<String>,
    /// Whether it was given before under the same key.
    pub replayed: bool,
}

impl Answer {
    /// An answer with a body.
    pub fn json(status: StatusCode, body: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self {
            status,
            body: Some(serde_json::to_string(body)?),
            etag: None,
            replayed: false,
        })
    }

    /// What holds, with its entity tag.
    pub fn tagged(body: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self::text(StatusCode::OK, serde_json::to_string(body)?))
    }

    /// A JSON text with its entity tag.
    pub fn text(status: StatusCode, text: String) -> Self {
        Self {
            status,
            etag: Some(etag_of(&text)),
            body: Some(text),
            replayed: false,
        }
    }

    /// An answer without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self {
            status,
            body: None,
            etag: None,
            replayed: false,
        }
    }

    /// A refusal that changed something, and is therefore kept like an answer.
    pub fn refusal(problem: &Problem) -> Result<Self, Failure> {
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::json(status, problem)
    }

    /// This answer, or 304 when the sender has it already (`If-None-Match`).
    #[must_use]
    pub fn unless_held(self, headers: &HeaderMap) -> Self {
        match &self.etag {
            Some(etag) if names(headers, &IF_NONE_MATCH, etag) => Self {
                status: StatusCode::NOT_MODIFIED,
                body: None,
                ..self
            },
            Some(_) | None => self,
        }
    }

    /// As a response that anybody may keep for a while.
    pub fn cacheable(self) -> Response {
        let mut response = self.into_response();
        let lifetime = HeaderValue::from_static("public, max-age=3600");
        response.headers_mut().insert(CACHE_CONTROL, lifetime);
        response
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let is_refusal = self.status.is_client_error() || self.status.is_server_error();
        let kind = if is_refusal {
            PROBLEM_JSON
        } else {
            "application/json"
        };
        let has_body = self.body.is_some();
        let mut response = (self.status, self.body.unwrap_or_default()).into_response();
        let headers = response.headers_mut();
        headers.remove(CONTENT_TYPE);
        if has_body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        if let Some(etag) = self.etag.and_then(|etag| HeaderValue::try_from(etag).ok()) {
            headers.insert(ETAG, etag);
        }
        if self.replayed {
            let name = HeaderName::from_static(IDEMPOTENCY_REPLAYED);
            headers.insert(name, HeaderValue::from_static("true"));
        }
        response
    }
}

/// Refuses with 412 when a request was made for another state than the one that holds (`If-Match`).
pub fn check_if_match(headers: &HeaderMap, holds: &Answer) -> Result<(), Problem> {
    let etag = holds.etag.as_deref().unwrap_or_default();
    let is_met = !headers.contains_key(IF_MATCH) || names(headers, &IF_MATCH, etag);
    if is_met {
        Ok(())
    } else {
        Err(problem::precondition_failed())
    }
}

/// The strong entity tag of a text: the text is all that decides it.
fn etag_of(text: &str) -> String {
    format!("\"{}\"", &keys::sha256(text.as_bytes())[..22])
}

/// Whether a list of entity tags names this one. `If-None-Match` compares weakly; for `If-Match` a weak tag never
/// matches, and the service gives out none.
fn names(headers: &HeaderMap, header: &HeaderName, etag: &str) -> bool {
    let listed = headers
        .get_all(header)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut tags = listed.flat_map(|list| list.split(',')).map(str::trim);
    let is_weak_enough = header == IF_NONE_MATCH;
    tags.any(|tag| {
        let opaque = tag.strip_prefix("W/").filter(|_| is_weak_enough).unwrap_or(tag);
        tag == "*" || opaque == etag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::try_from(value).unwrap());
        headers
    }

    #[test]
    fn a_condition_is_met_by_the_tag_that_holds_and_by_no_other() {
        let holds = Answer::tagged(&"now").unwrap();
        let other = Answer::tagged(&"then").unwrap().etag.unwrap();
        let etag = holds.etag.clone().unwrap();
        for met in [etag.clone(), "*".into(), format!("{other}, {etag}")] {
            assert!(check_if_match(&headers(IF_MATCH, &met), &holds).is_ok(), "{met}");
        }
        for unmet in [other, format!("W/{etag}"), String::new(), etag.replace('"', "")] {
            assert!(
                check_if_match(&headers(IF_MATCH, &unmet), &holds).is_err(),
                "{unmet}"
            );
        }
        assert!(check_if_match(&HeaderMap::new(), &holds).is_ok());
    }

    #[test]
    fn what_is_held_already_is_not_sent_again() {
        let answer = Answer::tagged(&"now").unwrap();
        let etag = answer.etag.clone().unwrap();
        for held in [etag.clone(), format!("W/{etag}"), "*".into()] {
            let answer = answer.clone().unless_held(&headers(IF_NONE_MATCH, &held));
            assert_eq!((answer.status, answer.body), (StatusCode::NOT_MODIFIED, None));
        }
        assert_eq!(
            answer.clone().unless_held(&headers(IF_NONE_MATCH, "\"x\"")),
            answer
        );
    }
}
