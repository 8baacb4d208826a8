//! The service as a value: opened, asked, closed.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use jiff::Timestamp;
use tokio::net::TcpListener;

use crate::config::{Config, OpenError};
use crate::db::Database;
use crate::delivery::Courier;
use crate::exports::{Desk, Runner};
use crate::folders;
use crate::keys::ServiceKey;
use crate::mailbox::Mailbox;
use crate::seed::{self, Seeded};
use crate::signing::SigningKeys;
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
    pub signing: SigningKeys,
    pub desk: Desk,
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
    /// Makes copies as long as this, or a clone of it, is there.
    runner: Arc<Runner>,
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
        let signing = SigningKeys::open(&config.data_dir)?;
        let desk = Desk::open(&config.data_dir)?;
        if config.sample {
            sample::plant(&database, &desk)
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
            signing,
            desk,
        };
        let shared = Shared(Arc::new(parts));
        let runner = Arc::new(Runner::start(&shared));
        Ok(Self { shared, runner })
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

    /// Fills the made-up account, which must be there, until it holds about so many bytes: something to measure with.
    ///
    /// # Errors
    /// When the database or the object folder can't be written.
    pub async fn seed(&self, bytes: u64) -> Result<Seeded, sqlx::Error> {
        seed::seed(&self.shared.database, &self.shared.desk, sample::account(), bytes).await
    }

    /// Puts a new signing key in the place of the one in use, whose public half stays published.
    ///
    /// # Errors
    /// When the file with the keys can't be read or written.
    pub fn rotate_signing_key(&self) -> std::io::Result<()> {
        self.shared.signing.rotate()
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

    /// Waits for what is under way and closes the database. A copy that is being made is called off, and made anew when
    /// the service is opened again.
    pub async fn close(self) {
        self.runner.stop().await;
        self.shared.database.close().await;
    }
}

/// The OpenAPI document, as JSON text that ends with a newline.
pub fn openapi_document() -> String {
    openapi::document()
}
