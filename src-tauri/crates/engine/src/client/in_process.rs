//! To a service inside this program: no port is open, no socket is used.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

use super::{Transport, TransportError};

/// A service as a value: a router, for example.
#[derive(Clone)]
pub struct InProcess {
    service: Arc<BoxCloneSyncService<http::Request<Full<Bytes>>, http::Response<Bytes>, TransportError>>,
}

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
        let collected = tower::service_fn(move |request: http::Request<Full<Bytes>>| {
            let service = service.clone();
            async move {
                let answer = service
                    .oneshot(request)
                    .await
                    .map_err(|_| TransportError::Broken)?;
                let (parts, body) = answer.into_parts();
                let body = body
                    .collect()
                    .await
                    .map_err(|_| TransportError::Broken)?
                    .to_bytes();
                Ok(http::Response::from_parts(parts, body))
            }
        });
        Self {
            service: Arc::new(BoxCloneSyncService::new(collected)),
        }
    }
}

#[async_trait]
impl Transport for InProcess {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let service = BoxCloneSyncService::clone(&self.service);
        service.oneshot(request.map(Full::new)).await
    }
}
