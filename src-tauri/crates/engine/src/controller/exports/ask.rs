//! Asking: what there is, under which law, who asks.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use settings_privacy_api as api;
use settings_privacy_core::data;
use settings_privacy_core::export::{AccountId, Asked, WorkflowId, begin};
use settings_privacy_core::inventory::CategoryId;
use uuid::Uuid;

use super::super::{Engine, SentCode, Signed, lock};
use super::{ExportWish, RegimeState};
use crate::error::EngineError;

impl Engine {
    /// What is held, by category.
    ///
    /// # Errors
    /// When nobody is signed in, or the service doesn't answer.
    pub async fn inventory(&self) -> Result<api::Inventory, EngineError> {
        let account = self.signed_in()?;
        self.with_token(
            &account,
            |client, token| async move { client.inventory(&token).await },
        )
        .await
    }

    /// The laws one can ask under, with what each allows now.
    ///
    /// # Errors
    /// When nobody is signed in, or the service doesn't answer.
    pub async fn regimes(&self) -> Result<Vec<RegimeState>, EngineError> {
        let account = self.signed_in()?;
        let told = self
            .with_token(
                &account,
                |client, token| async move { client.exports(&token).await },
            )
            .await?;
        let now = Timestamp::now();
        let stands = |regime: &'static settings_privacy_core::regime::Regime| {
            let same = |export: &&api::Export| export.regime == regime.id.as_str();
            let next = told.exports.iter().filter(same);
            RegimeState {
                regime,
                next_allowed_at: next
                    .filter_map(|export| export.next_allowed_at)
                    .max()
                    .filter(|at| *at > now),
                earliest: regime.earliest(now),
            }
        };
        Ok(data::regimes().regimes.iter().map(stands).collect())
    }

    /// Asks for a code for one act of the person who is signed in. Where the service is their own, inside this program,
    /// the code comes along.
    ///
    /// # Errors
    /// When nobody is signed in, or the service refuses or doesn't answer.
    pub async fn request_step_up(&self, purpose: api::StepUpPurpose) -> Result<SentCode, EngineError> {
        let Signed::In(summary) = lock(&self.shared.account).signed.clone() else {
            return Err(self.who_is_missing());
        };
        let key = Uuid::new_v4();
        let sent = self
            .with_token(&summary.id.to_string(), |client, token| async move {
                client.request_step_up(&token, key, purpose).await
            })
            .await?;
        let mailbox = self.shared.session.lock().await.mailbox.clone();
        let shown = match mailbox {
            Some(mailbox) => mailbox.latest_step_up_code(&summary.identifier, purpose).await,
            None => None,
        };
        Ok((sent, shown))
    }

    /// Where a copy would be kept if nobody chose: a new file in the person's folder for downloads.
    pub fn suggested_export_place(&self) -> PathBuf {
        let folders = directories::UserDirs::new();
        let folder = folders.as_ref().and_then(|folders| {
            let found = folders.download_dir().or(folders.document_dir());
            found
                .filter(|folder| folder.is_dir())
                .or(Some(folders.home_dir()))
        });
        let today = Timestamp::now().to_zoned_datetime(TimeZone::system());
        let today = today.strftime("%Y-%m-%d");
        folder
            .unwrap_or(&self.shared.own.folder)
            .join(format!("dingtalk-data-{today}.zip"))
    }

    /// Asks for a copy. It is recorded here, sent, and followed in the background; what the service says of it is in
    /// [`Engine::exports`]. The code is held in memory until the service has the request, and nowhere else.
    ///
    /// # Errors
    /// When nobody is signed in, the place can't be used, another program looks after the exports, or it can't be
    /// recorded.
    pub async fn request_export(&self, wish: ExportWish, code: &str) -> Result<WorkflowId, EngineError> {
        let account = self.signed_in()?;
        let place = match &wish.place {
            Some(path) => Some(self.place(path, None).await?),
            None => None,
        };
        let all = || data::inventory().categories.iter();
        let categories: Vec<CategoryId> = match wish.categories.is_empty() {
            true => all().map(|category| category.id.clone()).collect(),
            false => wish.categories,
        };
        let asked = Asked {
            categories,
            period: wish.period,
            regime: wish.regime,
        };
        let id = WorkflowId(Uuid::now_v7());
        let encrypt = wish.passphrase.is_some();
        self.shared.exporting.live(id, |live| {
            live.code = Some(digits(code));
            live.passphrase = wish.passphrase;
        });
        let step = begin(id, AccountId(account), asked, place, encrypt, Timestamp::now());
        let begun = self.export_begins(step).await;
        if begun.is_err() {
            // Nothing of it is known, so its code and its passphrase must not stay either.
            lock(&self.shared.exporting.live).remove(&id);
        }
        begun.map(|()| id)
    }

    pub(super) fn signed_in(&self) -> Result<String, EngineError> {
        let account = lock(&self.shared.account).clone();
        self.account_key(&account).ok_or_else(|| self.who_is_missing())
    }
}

/// A code as typed: the spaces people put in don't count.
pub(super) fn digits(code: &str) -> api::Token {
    api::Token::new(code.chars().filter(|c| !c.is_whitespace()).collect::<String>())
}
