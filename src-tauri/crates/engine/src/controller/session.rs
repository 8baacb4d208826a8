//! The session: a short access token in memory, and a refresh token in the system's keyring.
//!
//! Renewing is safe against a lost answer: the key it goes under follows from the token, so the same request is made
//! again. It is safe against two programs at once by a lock file.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use settings_privacy_api as api;
use uuid::Uuid;

use super::{Engine, Notice, Signed, lock};
use crate::client::{CallError, Client};
use crate::error::EngineError;
use crate::host::Mailbox;
use crate::secrets::SecretError;

/// The name of the keyring's entry.
pub(super) const ENTRY: &str = "session";
/// What the marker of a saved session says when the person signed out while the keyring was locked.
const FORGET: &str = "forget";
/// An access token is renewed this long before its end.
const MARGIN: SignedDuration = SignedDuration::from_secs(30);

/// What the program holds in memory of a session.
#[derive(Default)]
pub(super) struct Session {
    pub(super) client: Option<Client>,
    pub(super) mailbox: Option<Arc<dyn Mailbox>>,
    pub(super) access: Option<(api::Token, Timestamp)>,
    /// Only where there is no keyring.
    pub(super) kept_here: Option<Kept>,
}

/// What the keyring holds: nothing about the account lies in a plain file.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Whose token it is: it is never sent anywhere else.
    place: String,
    refresh_token: api::Token,
    pub(super) account: api::AccountSummary,
}

impl Engine {
    /// Calls the service with a valid token of `account`; once more with a new one when it says the token ended.
    pub(super) async fn with_token<T, F, Answer>(&self, account: &str, call: F) -> Result<T, EngineError>
    where
        F: Fn(Client, api::Token) -> Answer,
        Answer: Future<Output = Result<T, CallError>>,
    {
        let (client, token) = self.token(account, false).await?;
        let outcome = match call(client, token).await {
            Err(error) if error.code() == Some(api::Code::Unauthenticated) => {
                let (client, token) = self.token(account, true).await?;
                call(client, token).await
            }
            other => other,
        };
        self.heard(&outcome);
        Ok(outcome?)
    }

    /// Remembers whether the service answered.
    pub(super) fn heard<T>(&self, outcome: &Result<T, CallError>) {
        let mut account = lock(&self.shared.account);
        let was = account.offline.clone();
        match outcome {
            Err(error) if error.is_passing() => account.offline = Some(error.to_string()),
            Ok(_) | Err(_) => {
                account.offline = None;
                account.synced_at = Some(Timestamp::now());
            }
        }
        let news = was != account.offline;
        drop(account);
        if news {
            self.changed();
        }
    }

    /// A client and a token that is good for a while, of `account` and no other: somebody else may have signed in
    /// since the caller began.
    pub(super) async fn token(
        &self,
        account: &str,
        renew: bool,
    ) -> Result<(Client, api::Token), EngineError> {
        let mut session = self.shared.session.lock().await;
        let client = session.client.clone().ok_or_else(|| self.who_is_missing())?;
        let signed_in = self.account_key(&lock(&self.shared.account).clone());
        if signed_in.as_deref() != Some(account) {
            return Err(EngineError::SignedOut);
        }
        match &session.access {
            Some((token, until)) if !renew && *until - MARGIN > Timestamp::now() => {
                Ok((client, token.clone()))
            }
            Some(_) | None => {
                let token = self.renew(&mut session, &client).await?;
                Ok((client, token))
            }
        }
    }

    async fn renew(&self, session: &mut Session, client: &Client) -> Result<api::Token, EngineError> {
        let _alone = self.session_lock().await;
        let kept = match &session.kept_here {
            Some(kept) => kept.clone(),
            None => self.kept_session().await?.ok_or(EngineError::SignedOut)?,
        };
        // Always the same for the same token: a lost answer is asked for again, whatever was recorded here.
        let key = Uuid::new_v5(&Uuid::NAMESPACE_OID, kept.refresh_token.expose().as_bytes());
        let request = api::RefreshRequest {
            refresh_token: kept.refresh_token.clone(),
        };
        let outcome = client.refresh(key, &request).await;
        self.heard(&outcome);
        match outcome {
            Ok(renewed) => {
                self.keep(session, renewed).await?;
                let (token, _) = session.access.as_ref().ok_or(EngineError::SignedOut)?;
                Ok(token.clone())
            }
            Err(error) if error.is_passing() => Err(error.into()),
            Err(_) => {
                self.forget(session).await?;
                self.notice(Notice {
                    code: "session-ended".to_owned(),
                    message: "You were signed out by the account service. Sign in again to go on; what waits to be sent is kept.".to_owned(),
                    file: None,
                });
                Err(EngineError::SignedOut)
            }
        }
    }

    /// Keeps a session: in the keyring, or in memory where there is none.
    pub(super) async fn keep(&self, session: &mut Session, new: api::Session) -> Result<(), EngineError> {
        let kept = Kept {
            place: lock(&self.shared.account).place.key(),
            refresh_token: new.refresh_token,
            account: new.account.clone(),
        };
        let text = serde_json::to_string(&kept).map_err(|_| CallError::NotUnderstood)?;
        let saved = self.shared.keyring.set(ENTRY, SecretString::from(text)).await;
        if let Err(error) = &saved {
            tracing::info!(%error, "the session is kept in memory only");
        }
        session.kept_here = saved.is_err().then_some(kept);
        session.access = Some((new.access_token, new.access_expires_at));
        let store = &self.shared.store;
        store
            .set_setting("session.saved", saved.is_ok().then_some("yes"))
            .await?;
        let mut account = lock(&self.shared.account);
        account.signed = Signed::In(new.account);
        account.session_only = saved.is_err();
        drop(account);
        self.changed();
        Ok(())
    }

    /// Forgets a session here. Whether the service still knows it is another matter.
    pub(super) async fn forget(&self, session: &mut Session) -> Result<(), EngineError> {
        session.access = None;
        session.kept_here = None;
        let store = &self.shared.store;
        match self.shared.keyring.delete(ENTRY).await {
            Ok(()) | Err(SecretError::Missing) => store.set_setting("session.saved", None).await?,
            // It can't be removed now: it is as soon as the keyring opens, and never used again.
            Err(SecretError::Locked | SecretError::TimedOut) => {
                store.set_setting("session.saved", Some(FORGET)).await?;
            }
        }
        self.forget_memberships();
        let mut account = lock(&self.shared.account);
        account.signed = Signed::Out;
        account.session_only = false;
        account.synced_at = None;
        account.offline = None;
        drop(account);
        self.changed();
        Ok(())
    }

    /// What the keyring holds. Some keyrings don't tell a locked entry from a missing one, so the store keeps a
    /// marker that something was saved.
    pub(super) async fn kept_session(&self) -> Result<Option<Kept>, EngineError> {
        let store = &self.shared.store;
        match store.setting("session.saved").await?.as_deref() {
            None => return Ok(None),
            Some(FORGET) => {
                if self.shared.keyring.delete(ENTRY).await.is_ok() {
                    store.set_setting("session.saved", None).await?;
                }
                return Ok(None);
            }
            Some(_) => {}
        }
        let secret = self.shared.keyring.get(ENTRY).await?.ok_or(SecretError::Locked)?;
        let place = lock(&self.shared.account).place.key();
        let kept: Option<Kept> = serde_json::from_str(secret.expose_secret()).ok();
        Ok(kept.filter(|kept| kept.place == place))
    }

    /// Held while a session is renewed: released when dropped. Without it (a folder that can't be written) the
    /// program goes on: then nothing is kept there either.
    async fn session_lock(&self) -> Option<std::fs::File> {
        let path = self.shared.own.session_lock();
        let waited = tokio::task::spawn_blocking(move || {
            let file = std::fs::File::create(path)?;
            file.lock()?;
            Ok::<_, std::io::Error>(file)
        });
        waited.await.ok()?.ok()
    }

    /// Whether a session is at hand, without asking the service.
    pub(super) fn has_token_source(session: &Session) -> bool {
        session.access.is_some() || session.kept_here.is_some()
    }
}
