//! The service as a value: opened, asked, closed.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use jiff::Timestamp;
use tokio::net::TcpListener;

use crate::config::{Config, OpenError};
use crate::db::Database;
use crate::delivery::Courier;
use crate::folders;
use crate::keys::ServiceKey;
use crate::mailbox::Mailbox;
use crate::{openapi, routes, sample};

/// What every request needs.
#[derive(Clone)]
pub struct Shared(Arc<Parts>);

/// The parts behind [`Shared`].
pub struct Parts {
    pub config: Config,
    pub database: Database,
    pub key: ServiceKey,
    pub courier: Courier,
}

impl Shared {
    /// Now, as exactly as times are kept.
    pub fn now(&self) -> Timestamp {
        let micros = self.config.clock.now().as_microsecond();
        Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
    }
}

impl std::ops::Deref for Shared {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// An account service.
#[derive(Clone)]
pub struct Service {
    shared: Shared,
}

impl Service {
    /// Opens the service: makes what isn't there yet, and brings an older database to this version's shape.
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        folders::make_private(&config.data_dir).map_err(|source| OpenError::Folder {
            path: config.data_dir.clone(),
            source,
        })?;
        let courier = Courier::new(&config.delivery)?;
        let database = Database::open(&config.data_dir, config.lock_wait).await?;
        let key = ServiceKey::open(&config.data_dir)?;
        if config.sample {
            sample::plant(&database)
                .await
                .map_err(|source| OpenError::Database {
                    path: config.data_dir.join(crate::db::FILE),
                    source,
                })?;
        }
        let parts = Parts {
            config,
            database,
            key,
            courier,
        };
        Ok(Self {
            shared: Shared(Arc::new(parts)),
        })
    }

    /// The service as a tower service, to be called in process or served at a port.
    pub fn router(&self) -> Router {
        routes::all(&self.shared)
    }

    /// Where the letters lie, when this service writes them to a folder: its own program may show the newest code.
    /// No route leads here.
    pub fn mailbox(&self) -> Option<Mailbox> {
        self.shared
            .courier
            .folder()
            .map(|folder| Mailbox::new(self.shared.clone(), folder.to_owned()))
    }

    #[cfg(test)]
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Answers at a port until `shutdown` ends; requests that were begun are finished.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        axum::serve(listener, self.router())
            .with_graceful_shutdown(shutdown)
            .await
    }

    /// Waits for what is under way and closes the database.
    pub async fn close(self) {
        self.shared.database.close().await;
    }
}

/// The OpenAPI document, as JSON text that ends with a newline.
pub fn openapi_document() -> String {
    openapi::document()
}
