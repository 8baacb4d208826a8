//! To a service inside this program: no port is open, no socket is used.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt};
use http_body_util::{BodyExt, Full};
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

use super::{BodyStream, Transport, TransportError};

/// A service as a value: a router, for example.
#[derive(Clone)]
pub struct InProcess {
    service: Arc<Streaming>,
}

type Streaming = BoxCloneSyncService<http::Request<Full<Bytes>>, http::Response<BodyStream>, TransportError>;

impl InProcess {
    /// Wraps a service that answers requests with bodies.
    pub fn new<S, B>(service: S) -> Self
    where
        S: tower::Service<http::Request<Full<Bytes>>, Response = http::Response<B>>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Error: Send,
        S::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Send,
    {
        let streaming = tower::service_fn(move |request: http::Request<Full<Bytes>>| {
            let service = service.clone();
            async move {
                let answer = service
                    .oneshot(request)
                    .await
                    .map_err(|_| TransportError::Broken)?;
                Ok(answer.map(|body| {
                    let pieces = body.into_data_stream();
                    pieces.map_err(|_| TransportError::Broken).boxed()
                }))
            }
        });
        Self {
            service: Arc::new(BoxCloneSyncService::new(streaming)),
        }
    }
}

#[async_trait]
impl Transport for InProcess {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let (parts, mut body) = self.open(request).await?.into_parts();
        let mut collected = BytesMut::new();
        while let Some(piece) = body.try_next().await? {
            collected.extend_from_slice(&piece);
        }
        Ok(http::Response::from_parts(parts, collected.freeze()))
    }

    async fn open(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<BodyStream>, TransportError> {
        let service = BoxCloneSyncService::clone(&self.service);
        service.oneshot(request.map(Full::new)).await
    }
}
