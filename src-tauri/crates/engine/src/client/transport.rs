//! The seam between a request and whatever carries it: HTTPS, the service inside this program, a fault in a test.

use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};

/// A body, as it comes.
pub type BodyStream = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

/// Carries a request to a service and its answer back.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Sends one request. The URI is a path with its query; the transport knows the service.
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError>;

    /// Sends one request whose answer is too large to be held: its head at once, its body as it comes. A transport that
    /// only knows whole answers gives the whole as one piece.
    async fn open(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<BodyStream>, TransportError> {
        let answer = self.send(request).await?;
        Ok(answer.map(|body| stream::iter([Ok(body)]).boxed()))
    }
}

/// No answer came back. What was asked may or may not have been done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// There is no way to the service.
    #[error("The service can't be reached. Check the network; it is tried again by itself.")]
    Unreachable,
    /// It took too long.
    #[error("The service didn't answer in time. It is tried again by itself.")]
    TimedOut,
    /// Its certificate doesn't prove that it is the service.
    #[error(
        "The service can't prove that it is what it says it is (its certificate isn't valid), so nothing was sent. Ask whoever runs it."
    )]
    NotTrusted,
    /// The answer is larger than any answer should be.
    #[error("The service's answer is too large to be right. Nothing of it was used.")]
    TooLarge,
    /// The connection broke.
    #[error("The connection to the service broke off. It is tried again by itself.")]
    Broken,
}
