//! What ending the account would mean: what the service says, and what this computer knows besides.

use settings_privacy_api as api;
use settings_privacy_core::data;
use uuid::Uuid;

use super::super::{Engine, Place, lock};
use crate::error::EngineError;
use crate::wipe::app_folder;

/// Everything to weigh before.
#[derive(Debug, Clone)]
pub struct Preflight {
    /// What the service says.
    pub service: api::DeletionPreflight,
    /// What this computer knows.
    pub here: KnownHere,
}

/// What this computer knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownHere {
    /// Copies that are being fetched here, or wait for it.
    pub exports_under_way: u32,
    /// Whether a copy was ever downloaded and checked here.
    pub has_copy: bool,
    /// Changes the service hasn't heard of; they are never sent once the account is gone.
    pub changes_waiting: u32,
    /// Profiles of browsers in which DingTalk's sites keep something, as last looked at; `None` before the first look.
    /// With the made-up account nothing of this computer's goes along, so this and what follows say that there is none.
    pub browser_profiles: Option<u32>,
    /// Whether DingTalk's Flatpak is here, or decisions about it.
    pub flatpak: bool,
    /// Whether it keeps a folder of its own here.
    pub flatpak_folder: bool,
    /// No keyring is there to keep the deletion's token in: this program must run, or the person sign in again before
    /// the end, to get the receipt.
    pub no_keyring: bool,
}

impl Engine {
    /// What ending the account would mean, as things stand.
    ///
    /// # Errors
    /// When nobody is signed in, or the service doesn't answer.
    pub async fn deletion_preflight(&self) -> Result<Preflight, EngineError> {
        let service = self
            .as_who_is_signed_in(|client, token| async move { client.deletion_preflight(&token).await })
            .await?;
        let account = lock(&self.shared.account).clone();
        if let Some(key) = self.account_key(&account) {
            self.learn_memberships(&key, &service.organizations).await?;
        }
        let here = self.known_here().await?;
        Ok(Preflight { service, here })
    }

    async fn known_here(&self) -> Result<KnownHere, EngineError> {
        let account = lock(&self.shared.account).clone();
        let mut known = KnownHere {
            no_keyring: account.session_only,
            ..KnownHere::default()
        };
        if let Some(key) = self.account_key(&account) {
            known.changes_waiting = self.consents(&key).await?.1.waiting;
        }
        let exports = self.exports().await?;
        let counted = exports.iter().filter(|export| !export.export.has_ended()).count();
        known.exports_under_way = u32::try_from(counted).unwrap_or(u32::MAX);
        known.has_copy = exports.iter().any(|export| {
            matches!(
                export.export.stage,
                settings_privacy_core::export::Stage::Verified { .. }
            )
        });
        if account.place == Place::Sample {
            // Nobody's: what this computer and its browsers keep is the person's own.
            known.browser_profiles = Some(0);
            return Ok(known);
        }
        let browsers = self.browsers();
        if browsers.looked_at.is_some() {
            let keeps = |profile: &&super::super::ProfileState| !profile.seen.findings.is_empty();
            let profiles = browsers.profiles.iter().filter(keeps).count();
            known.browser_profiles = Some(u32::try_from(profiles).unwrap_or(u32::MAX));
        }
        let device = self.observe().await;
        known.flatpak = matches!(
            device.observation.install,
            settings_privacy_core::permission::Install::Flatpak { .. }
        );
        let app = &data::permissions().app.flatpak_id;
        known.flatpak_folder = home().is_some_and(|home| app_folder(&home, app).exists());
        Ok(known)
    }

    /// Organizations the account is or was in.
    ///
    /// # Errors
    /// When nobody is signed in, or the service doesn't answer.
    pub async fn organizations(&self) -> Result<api::Organizations, EngineError> {
        self.as_who_is_signed_in(|client, token| async move { client.organizations(&token).await })
            .await
    }

    /// Leaves an Organization. What it controls stays its own decision.
    ///
    /// # Errors
    /// When nobody is signed in, or the service refuses or doesn't answer.
    pub async fn leave_organization(&self, id: Uuid) -> Result<api::Organizations, EngineError> {
        let key = Uuid::new_v4();
        self.as_who_is_signed_in(
            |client, token| async move { client.leave_organization(&token, key, id).await },
        )
        .await
    }

    /// Makes another member the Organization's administrator.
    ///
    /// # Errors
    /// As [`Engine::leave_organization`].
    pub async fn transfer_organization(
        &self,
        id: Uuid,
        member: Uuid,
    ) -> Result<api::Organizations, EngineError> {
        let key = Uuid::new_v4();
        self.as_who_is_signed_in(|client, token| async move {
            let to = api::TransferRequest { member };
            client.transfer_organization(&token, key, id, &to).await
        })
        .await
    }

    /// Ends a member's membership, as the Organization's administrator. What it controls of their account goes; the account
    /// stays theirs.
    ///
    /// # Errors
    /// As [`Engine::leave_organization`].
    pub async fn end_membership(&self, id: Uuid, member: Uuid) -> Result<api::Organizations, EngineError> {
        let key = Uuid::new_v4();
        self.as_who_is_signed_in(|client, token| async move {
            let who = api::EndMembershipRequest { member };
            client.end_membership(&token, key, id, &who).await
        })
        .await
    }

    /// Ends an Organization for everybody in it.
    ///
    /// # Errors
    /// As [`Engine::leave_organization`].
    pub async fn disband_organization(&self, id: Uuid) -> Result<api::Organizations, EngineError> {
        let key = Uuid::new_v4();
        self.as_who_is_signed_in(
            |client, token| async move { client.disband_organization(&token, key, id).await },
        )
        .await
    }

    /// Apps that are allowed to know something.
    ///
    /// # Errors
    /// When nobody is signed in, or the service doesn't answer.
    pub async fn authorizations(&self) -> Result<api::Authorizations, EngineError> {
        self.as_who_is_signed_in(|client, token| async move { client.authorizations(&token).await })
            .await
    }

    /// Takes an app's authorization back.
    ///
    /// # Errors
    /// As [`Engine::leave_organization`].
    pub async fn revoke_authorization(&self, id: Uuid) -> Result<api::Authorizations, EngineError> {
        let key = Uuid::new_v4();
        self.as_who_is_signed_in(
            |client, token| async move { client.revoke_authorization(&token, key, id).await },
        )
        .await
    }

    /// Calls the service as whoever is signed in.
    pub(super) async fn as_who_is_signed_in<T, F, Answer>(&self, call: F) -> Result<T, EngineError>
    where
        F: Fn(crate::client::Client, api::Token) -> Answer,
        Answer: Future<Output = Result<T, crate::client::CallError>>,
    {
        let account = lock(&self.shared.account).clone();
        let key = self.account_key(&account).ok_or_else(|| self.who_is_missing())?;
        self.with_token(&key, call).await
    }
}

/// The person's own folder.
pub(super) fn home() -> Option<std::path::PathBuf> {
    directories::BaseDirs::new().map(|folders| folders.home_dir().to_owned())
}
