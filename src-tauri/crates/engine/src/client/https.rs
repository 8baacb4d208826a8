//! Over the network: reqwest, TLS only (loopback aside), no redirects, bounded answers.

use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};

use super::{ServiceAddress, Transport, TransportError};

/// No answer is larger than this.
const LARGEST_ANSWER: usize = 4 << 20;

/// A service at an address.
#[derive(Debug, Clone)]
pub struct Https {
    client: reqwest::Client,
    address: ServiceAddress,
}

impl Https {
    /// A transport to `address`. Nothing is sent yet.
    pub fn new(address: ServiceAddress) -> Result<Self, TransportError> {
        // It fails only when a provider is there already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(20))
            // A redirect could lead a token elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("settings-privacy/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| TransportError::Unreachable)?;
        Ok(Self { client, address })
    }
}

#[async_trait]
impl Transport for Https {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut answer = self
            .client
            .request(parts.method, self.address.join(path))
            .headers(parts.headers)
            .body(body)
            .send()
            .await
            .map_err(|error| explain(&error))?;
        let mut collected = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| explain(&error))? {
            if collected.len() + chunk.len() > LARGEST_ANSWER {
                return Err(TransportError::TooLarge);
            }
            collected.extend_from_slice(&chunk);
        }
        let mut response = http::Response::new(collected.freeze());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(response)
    }
}

/// reqwest's errors carry the address they failed at; only their kind is kept.
fn explain(error: &reqwest::Error) -> TransportError {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(inner) = cause {
        if inner.to_string().to_lowercase().contains("certificate") {
            return TransportError::NotTrusted;
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        TransportError::TimedOut
    } else if error.is_connect() {
        TransportError::Unreachable
    } else {
        TransportError::Broken
    }
}
