//! Secrets, in the system's keyring (Secret Service, Keychain, Credential Manager), never in a file of ours.
//!
//! The keyring may block, prompt, or not be there. So one thread of its own asks it, and nobody waits longer than
//! [`LIMIT`]. Asking from async code would panic: the Secret Service client blocks on a runtime of its own.

use std::sync::mpsc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;

/// Nobody waits longer than this for the keyring.
pub const LIMIT: Duration = Duration::from_secs(2);

/// Why the keyring gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is none on this computer.
    #[error(
        "This computer has no keyring to keep your session in. You stay signed in until you close the program."
    )]
    Missing,
    /// It is locked.
    #[error("Your keyring is locked. Unlock it, then try again.")]
    Locked,
    /// It didn't answer in time.
    #[error("Your keyring doesn't answer. Unlock it if it asks, then try again.")]
    TimedOut,
}

enum Ask {
    Get(String),
    Set(String, SecretString),
    Delete(String),
}

type Answer = Result<Option<SecretString>, SecretError>;

/// The system's keyring, behind its thread.
#[derive(Debug, Clone)]
pub struct Keyring {
    asks: mpsc::Sender<(Ask, oneshot::Sender<Answer>)>,
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ask")
    }
}

impl Keyring {
    /// A keyring whose entries stand under `service`. Its thread ends with the last clone.
    pub fn new(service: impl Into<String>) -> Self {
        let (asks, todo) = mpsc::channel::<(Ask, oneshot::Sender<Answer>)>();
        let service = service.into();
        let work = move || {
            for (ask, reply) in todo {
                // Nobody waits for an answer that took too long.
                let _ = reply.send(answer(&service, ask));
            }
        };
        let started = std::thread::Builder::new().name("keyring".to_owned()).spawn(work);
        if let Err(error) = started {
            tracing::warn!(%error, "no thread for the keyring");
        }
        Self { asks }
    }

    /// A secret. `None` also when a locked keyring hides it: some don't tell the two apart.
    pub async fn get(&self, name: &str) -> Answer {
        self.ask(Ask::Get(name.to_owned())).await
    }

    /// Keeps a secret.
    pub async fn set(&self, name: &str, secret: SecretString) -> Result<(), SecretError> {
        self.ask(Ask::Set(name.to_owned(), secret)).await.map(drop)
    }

    /// Removes a secret; it is no error if there was none.
    pub async fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.ask(Ask::Delete(name.to_owned())).await.map(drop)
    }

    async fn ask(&self, ask: Ask) -> Answer {
        let (reply, answered) = oneshot::channel();
        self.asks.send((ask, reply)).map_err(|_| SecretError::Missing)?;
        match tokio::time::timeout(LIMIT, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(SecretError::Missing),
            Err(_) => Err(SecretError::TimedOut),
        }
    }
}

fn answer(service: &str, ask: Ask) -> Answer {
    let name = match &ask {
        Ask::Get(name) | Ask::Set(name, _) | Ask::Delete(name) => name,
    };
    let entry = keyring::Entry::new(service, name).map_err(explain)?;
    let outcome = match &ask {
        Ask::Get(_) => entry
            .get_password()
            .map(|secret| Some(SecretString::from(secret))),
        Ask::Set(_, secret) => entry.set_password(secret.expose_secret()).map(|()| None),
        Ask::Delete(_) => entry.delete_credential().map(|()| None),
    };
    match outcome {
        Ok(answer) => Ok(answer),
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(error) => Err(explain(error)),
    }
}

/// The keyring's own words may hold what it keeps; only their kind goes on.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the keyring's errors are open-ended; all others mean the same"
)]
fn explain(error: keyring::Error) -> SecretError {
    match error {
        keyring::Error::NoStorageAccess(_) => SecretError::Locked,
        _ => SecretError::Missing,
    }
}
