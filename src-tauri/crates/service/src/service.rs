//! The service as a value: opened, asked, closed.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use jiff::Timestamp;
use tokio::net::TcpListener;

use crate::config::{Config, OpenError};
use crate::db::Database;
use crate::delivery::Courier;
use crate::endings::{Endings, Messenger};
use crate::exports::{Copies, Desk};
use crate::folders;
use crate::keys::ServiceKey;
use crate::ledger::Ledger;
use crate::mailbox::Mailbox;
use crate::operator::{self, OperatorDeletion, OperatorError};
use crate::runner::{Bell, Runner};
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
    pub ledger: Ledger,
    pub endings: Bell,
    pub messenger: Option<Messenger>,
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
    /// They make copies and carry endings out, as long as this, or a clone of it, is there.
    runners: Option<Arc<(Runner<Copies>, Runner<Endings>)>>,
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
        let ledger = Ledger::open(&config.ledger_dir)?;
        let messenger = Messenger::new(&config.systems, config.system_timeout)?;
        if config.sample {
            sample::plant(&database, &desk, &ledger)
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
            ledger,
            endings: Bell::default(),
            messenger,
        };
        let shared = Shared(Arc::new(parts));
        let service = Self {
            runners: None,
            shared,
        };
        if !service.shared.config.background {
            return Ok(service);
        }
        service.replay_ledger().await.map_err(|_| OpenError::Ledger {
            path: service.shared.config.ledger_dir.clone(),
            reason: "it can't be held against the database; look at both",
        })?;
        let shared = &service.shared;
        let runners = (
            Runner::start(Copies(shared.clone())),
            Runner::start(Endings(shared.clone())),
        );
        Ok(Self {
            runners: Some(Arc::new(runners)),
            ..service
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

    /// Fills the made-up account, which must be there, until it holds about so many bytes: something to measure with.
    ///
    /// # Errors
    /// When the database or the object folder can't be written.
    pub async fn seed(&self, bytes: u64) -> Result<Seeded, sqlx::Error> {
        let account = sample::account(&self.shared.database).await?;
        seed::seed(&self.shared.database, &self.shared.desk, account, bytes).await
    }

    /// Puts a new signing key in the place of the one in use, whose public half stays published.
    ///
    /// # Errors
    /// When the file with the keys can't be read or written.
    pub fn rotate_signing_key(&self) -> std::io::Result<()> {
        self.shared.signing.rotate()
    }

    /// Holds the ledger against what is there, as every start does: begins the end of accounts that stay deleted and are
    /// back. Says how many there were.
    ///
    /// # Errors
    /// When the ledger can't be read, or the database can't be written.
    pub async fn replay_ledger(&self) -> Result<usize, OperatorError> {
        operator::replay(&self.shared).await
    }

    /// Every end of an account, the newest first, for the operator.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn deletions(&self) -> Result<Vec<OperatorDeletion>, OperatorError> {
        operator::list(&self.shared).await
    }

    /// Lets an end that waits be tried again at once, and its systems be told. Says where it stands.
    ///
    /// # Errors
    /// When there is none, or the database can't be written.
    pub async fn retry_deletion(&self, id: uuid::Uuid) -> Result<OperatorDeletion, OperatorError> {
        operator::retry(&self.shared, id).await
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
        if let Some(runners) = &self.runners {
            let (copies, endings) = &**runners;
            tokio::join!(copies.stop(), endings.stop());
        }
        self.shared.database.close().await;
    }
}

/// The OpenAPI document, as JSON text that ends with a newline.
pub fn openapi_document() -> String {
    openapi::document()
}
