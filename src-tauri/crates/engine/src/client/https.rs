//! Over the network: reqwest, TLS only (loopback aside), no redirects, bounded answers.

use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};

use super::{BodyStream, ServiceAddress, Transport, TransportError};

/// No answer is larger than this.
const LARGEST_ANSWER: usize = 4 << 20;
/// A download in which nothing comes for so long has broken off.
const SILENCE: Duration = Duration::from_secs(30);

/// A service at an address.
#[derive(Debug, Clone)]
pub struct Https {
    client: reqwest::Client,
    /// For answers that take long as a whole.
    patient: reqwest::Client,
    address: ServiceAddress,
}

impl Https {
    /// A transport to `address`. Nothing is sent yet.
    pub fn new(address: ServiceAddress) -> Result<Self, TransportError> {
        // It fails only when a provider is there already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            reqwest::Client::builder()
                .connect_timeout(Duration::from_secs(5))
                // A redirect could lead a token elsewhere.
                .redirect(reqwest::redirect::Policy::none())
                .user_agent(concat!("settings-privacy/", env!("CARGO_PKG_VERSION")))
        };
        let build =
            |builder: reqwest::ClientBuilder| builder.build().map_err(|_| TransportError::Unreachable);
        Ok(Self {
            client: build(builder().timeout(Duration::from_secs(20)))?,
            patient: build(builder().read_timeout(SILENCE))?,
            address,
        })
    }

    async fn begin(
        &self,
        client: &reqwest::Client,
        request: http::Request<Bytes>,
    ) -> Result<reqwest::Response, TransportError> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let request = client.request(parts.method, self.address.join(path));
        let sent = request.headers(parts.headers).body(body).send().await;
        sent.map_err(|error| explain(&error))
    }
}

fn head<B>(answer: &reqwest::Response, body: B) -> http::Response<B> {
    let mut response = http::Response::new(body);
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    response
}

#[async_trait]
impl Transport for Https {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let mut answer = self.begin(&self.client, request).await?;
        let mut collected = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| explain(&error))? {
            if collected.len() + chunk.len() > LARGEST_ANSWER {
                return Err(TransportError::TooLarge);
            }
            collected.extend_from_slice(&chunk);
        }
        Ok(head(&answer, collected.freeze()))
    }

    async fn open(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<BodyStream>, TransportError> {
        let answer = self.begin(&self.patient, request).await?;
        let empty = head(&answer, ());
        let pieces = stream::try_unfold(answer, async |mut answer| {
            let piece = answer.chunk().await.map_err(|error| explain(&error))?;
            Ok(piece.map(|piece| (piece, answer)))
        });
        Ok(empty.map(|()| pieces.boxed()))
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
