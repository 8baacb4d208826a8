//! The account: where it lives, signing in and out.

use std::sync::Arc;

use jiff::Timestamp;
use settings_privacy_api as api;
use uuid::Uuid;

use super::session::Session;
use super::{Engine, Place, Signed, lock};
use crate::client::{Client, Https, ServiceAddress};
use crate::error::EngineError;
use crate::host::{Hosted, ShownCode};
use crate::secrets::SecretError;

/// The setting that says that somebody signed out on purpose.
pub(super) const LEFT: &str = "account.left";

impl Place {
    /// The place in one word: what a kept session belongs to.
    pub(super) fn key(&self) -> String {
        match self {
            Place::Service(address) => address.clone(),
            Place::None | Place::Embedded | Place::Sample => self.word().to_owned(),
        }
    }

    /// From its key.
    pub(super) fn of_key(key: &str) -> Self {
        match key {
            "none" => Place::None,
            "embedded" => Place::Embedded,
            "sample" => Place::Sample,
            address => Place::Service(address.to_owned()),
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Place::None => "none",
            Place::Embedded => "embedded",
            Place::Sample => "sample",
            Place::Service(_) => "service",
        }
    }
}

/// A code is on its way.
pub type SentCode = (api::CodeSent, Option<ShownCode>);

impl Engine {
    /// Chooses where the account lives. The made-up account signs in by itself; leaving another place signs out
    /// there first.
    ///
    /// # Errors
    /// When the address can't be used, nothing answers there, or the service inside doesn't start; then the choice
    /// before stands.
    pub async fn choose_account(&self, place: Place) -> Result<(), EngineError> {
        let place = match place {
            Place::Service(address) => Place::Service(ServiceAddress::parse(&address)?.as_str().to_owned()),
            Place::None | Place::Embedded | Place::Sample => place,
        };
        let (client, hosted) = self.reach(&place).await?;
        if let (Place::Service(_), Some(client)) = (&place, &client) {
            client.health().await?;
        }
        if lock(&self.shared.account).signed != Signed::Out {
            self.sign_out().await?;
        }
        let store = &self.shared.store;
        let address = match &place {
            Place::Service(address) => Some(address.as_str()),
            Place::None | Place::Embedded | Place::Sample => None,
        };
        store.set_setting("account.address", address).await?;
        store.set_setting("account.place", Some(place.word())).await?;
        let sample = hosted
            .as_ref()
            .and_then(|hosted| hosted.sample_identifier.clone());
        self.settle_in(place, client, hosted).await;
        self.changed();
        match sample {
            Some(identifier) => self.enter_sample(&identifier).await,
            None => Ok(()),
        }
    }

    /// The made-up account has nobody who could read a letter: its code is taken from the mailbox.
    async fn enter_sample(&self, identifier: &str) -> Result<(), EngineError> {
        let (_, shown) = self.request_code(identifier).await?;
        let code = shown.ok_or_else(|| EngineError::Host(NO_CODE.to_owned()))?;
        self.sign_in(identifier, code.code.expose()).await
    }

    /// Brings back the place chosen before, and the session if there is one.
    ///
    /// # Errors
    /// When the program's own database can't be read or the service inside doesn't start.
    pub async fn resume_account(&self) -> Result<(), EngineError> {
        let store = &self.shared.store;
        let place = match store.setting("account.place").await?.as_deref() {
            Some("embedded") => Place::Embedded,
            Some("sample") => Place::Sample,
            Some("service") => match store.setting("account.address").await? {
                Some(address) => Place::Service(address),
                None => Place::None,
            },
            Some(_) | None => Place::None,
        };
        let (client, hosted) = self.reach(&place).await?;
        let sample = hosted
            .as_ref()
            .and_then(|hosted| hosted.sample_identifier.clone());
        self.settle_in(place, client, hosted).await;
        let kept = self.kept_session().await;
        if let (Some(identifier), Ok(None) | Err(EngineError::Secret(SecretError::Missing))) = (sample, &kept)
        {
            // Without a keyring its session ended with the program; a person who signed out stays signed out.
            if store.setting(LEFT).await?.is_none() {
                return self.enter_sample(&identifier).await;
            }
        }
        let mut account = lock(&self.shared.account);
        match kept {
            Ok(Some(kept)) => account.signed = Signed::In(kept.account),
            Ok(None) => account.signed = Signed::Out,
            Err(EngineError::Secret(why @ (SecretError::Locked | SecretError::TimedOut))) => {
                account.signed = Signed::Locked(why);
            }
            Err(EngineError::Secret(SecretError::Missing)) => account.signed = Signed::Out,
            Err(error) => return Err(error),
        }
        drop(account);
        self.exports_may_go_on();
        self.changed();
        Ok(())
    }

    pub(super) async fn reach(&self, place: &Place) -> Result<(Option<Client>, Option<Hosted>), EngineError> {
        match place {
            Place::None => Ok((None, None)),
            Place::Service(address) => {
                let https = Https::new(ServiceAddress::parse(address)?)
                    .map_err(crate::client::CallError::Transport)?;
                Ok((Some(Client::new(Arc::new(https))), None))
            }
            Place::Embedded | Place::Sample => {
                let hosted = self
                    .shared
                    .hosts
                    .start(*place == Place::Sample)
                    .await
                    .map_err(EngineError::Host)?;
                Ok((Some(Client::new(hosted.transport.clone())), Some(hosted)))
            }
        }
    }

    pub(super) async fn settle_in(&self, place: Place, client: Option<Client>, hosted: Option<Hosted>) {
        let mut session = self.shared.session.lock().await;
        *session = Session {
            client,
            mailbox: hosted.map(|hosted| hosted.mailbox),
            ..Session::default()
        };
        lock(&self.shared.account).place = place;
        drop(session);
        self.forget_memberships();
    }

    /// Asks for a code. Where the service is the person's own, inside this program, the code comes along.
    ///
    /// # Errors
    /// When there is no account, or the service refuses or doesn't answer.
    pub async fn request_code(&self, identifier: &str) -> Result<SentCode, EngineError> {
        let (client, mailbox) = {
            let session = self.shared.session.lock().await;
            (
                session.client.clone().ok_or(EngineError::NoAccount)?,
                session.mailbox.clone(),
            )
        };
        let request = api::VerificationCodeRequest {
            identifier: identifier.trim().to_owned(),
        };
        let outcome = client.request_code(Uuid::new_v4(), &request).await;
        self.heard(&outcome);
        let sent = outcome?;
        let shown = match mailbox {
            Some(mailbox) => mailbox.latest_code(&request.identifier).await,
            None => None,
        };
        Ok((sent, shown))
    }

    /// Signs in with a code.
    ///
    /// # Errors
    /// When the code is wrong or too old, or the service refuses or doesn't answer.
    pub async fn sign_in(&self, identifier: &str, code: &str) -> Result<(), EngineError> {
        let device = api::DeviceInfo {
            id: self.device_id().await?,
            name: "This computer".to_owned(),
        };
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let request = api::SessionRequest {
            identifier: identifier.trim().to_owned(),
            code: api::Token::new(digits),
            device,
        };
        let mut session = self.shared.session.lock().await;
        let client = session.client.clone().ok_or(EngineError::NoAccount)?;
        let outcome = client.sign_in(Uuid::new_v4(), &request).await;
        self.heard(&outcome);
        self.keep(&mut session, outcome?).await?;
        drop(session);
        self.shared.store.set_setting(LEFT, None).await?;
        self.dismiss_notice("session-ended");
        self.shared.store.set_setting("report.sent", None).await?;
        self.exports_may_go_on();
        self.sync_now().await;
        Ok(())
    }

    /// Signs out: here at once, at the service when it answers. What waits to be sent stays for the next sign-in.
    ///
    /// # Errors
    /// When it can't be recorded.
    pub async fn sign_out(&self) -> Result<(), EngineError> {
        let account = lock(&self.shared.account).clone();
        if let Some(key) = self.account_key(&account) {
            let told = self
                .with_token(&key, |client, token| async move {
                    client.sign_out(&token, Uuid::new_v4()).await
                })
                .await;
            if let Err(error) = told {
                tracing::info!(code = error.code(), "signed out here; the service wasn't told");
            }
        }
        self.shared.store.set_setting(LEFT, Some("yes")).await?;
        let mut session = self.shared.session.lock().await;
        self.forget(&mut session).await
    }

    /// Asks the service for news now, and sends what waits without waiting longer.
    pub async fn sync_now(&self) {
        let locked = matches!(lock(&self.shared.account).signed, Signed::Locked(_));
        if locked && let Err(error) = self.unlock().await {
            tracing::info!(code = error.code(), "the session stays locked");
            return;
        }
        let Some(key) = self.account_key(&lock(&self.shared.account).clone()) else {
            return;
        };
        if let Err(error) = self.look_whether_deleted().await {
            tracing::info!(
                code = error.code(),
                "whether the account is being deleted isn't known"
            );
        }
        let kept = self.pull_consents(&key).await;
        if let Err(error) = self.pull_memberships(&key).await {
            tracing::info!(code = error.code(), "whether a membership ended isn't known");
        }
        let hurried = self.shared.store.hurry_outbox(&key, Timestamp::now()).await;
        if let Err(error) = kept.and(hurried.map_err(EngineError::from)) {
            tracing::info!(code = error.code(), "no news from the service");
        }
        self.changed();
        self.shared.outbox.notify_one();
        let device = lock(&self.shared.device).clone();
        if let Some(device) = device {
            self.report_device(&device).await;
        }
    }

    async fn pull_consents(&self, key: &str) -> Result<(), EngineError> {
        let _talking = self.shared.talking.lock().await;
        let told = self
            .with_token(key, |client, token| async move { client.consents(&token).await })
            .await?;
        self.learn_consents(key, &told).await
    }

    /// The keyring may have been unlocked meanwhile.
    async fn unlock(&self) -> Result<(), EngineError> {
        if Self::has_token_source(&*self.shared.session.lock().await) {
            return Ok(());
        }
        if let Some(kept) = self.kept_session().await? {
            lock(&self.shared.account).signed = Signed::In(kept.account);
            self.exports_may_go_on();
            self.changed();
        }
        Ok(())
    }
}

const NO_CODE: &str = "The sample account couldn't be opened: its sign-in code wasn't found. Close the program and start it again.";
