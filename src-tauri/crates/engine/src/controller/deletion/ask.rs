//! Asking: the typed word, the code, and following what another device asked for.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use settings_privacy_api as api;
use settings_privacy_core::archive::{Learned, Pinned, learn};
use settings_privacy_core::deletion::{self, Asked, Event, Offers, Stage, Wish, confirm, follow};
use settings_privacy_core::export::{AccountId, Place, WorkflowId};
use uuid::Uuid;

use super::super::{Engine, Place as AccountPlace, Signed, lock};
use super::{DeletionError, DeletionStanding, DeletionWish, perform, receipt};
use crate::error::EngineError;
use crate::store::DeletionRow;

/// Whoever entered a code, or takes it back, waits this long for the service's answer; it goes on behind.
const PATIENCE: Duration = Duration::from_secs(20);

impl Engine {
    /// Where the receipt would be kept if nobody chose: a new file in the person's folder for documents.
    pub fn suggested_receipt_place(&self) -> PathBuf {
        let folders = directories::UserDirs::new();
        let folder = folders.as_ref().map(|folders| {
            let documents = folders.document_dir().filter(|folder| folder.is_dir());
            documents.unwrap_or(folders.home_dir())
        });
        let today = Timestamp::now().to_zoned_datetime(TimeZone::system());
        let today = today.strftime("%Y-%m-%d");
        folder
            .unwrap_or(&self.shared.own.folder)
            .join(format!("dingtalk-deletion-receipt-{today}.jws"))
    }

    /// Begins: the person typed the word. Nothing is sent; a code is needed next. One that is under way already is given
    /// as it is; one that was begun and never sent is begun anew.
    ///
    /// # Errors
    /// When another word was typed, nobody is signed in, the service doesn't answer, or it can't be recorded.
    pub async fn begin_deletion(
        &self,
        wish: DeletionWish,
        typed: &str,
    ) -> Result<DeletionStanding, EngineError> {
        let confirmed = confirm(typed).ok_or(DeletionError::NotConfirmed)?;
        let (account, place) = self.who_and_where()?;
        if let Some(row) = self.under_way(&account).await? {
            match row.deletion.stage {
                Stage::Confirmed { .. } => self.shared.store.forget_deletion(row.deletion.workflow).await?,
                Stage::Reauthenticated
                | Stage::CoolingOff { .. }
                | Stage::Cancelling { .. }
                | Stage::Finalising { .. }
                | Stage::RemoteDeleted { .. }
                | Stage::Unproven { .. }
                | Stage::Wiping
                | Stage::Cancelled
                | Stage::Failed { .. } => return Ok(self.deletion_stands(row)),
            }
        }
        let keys = self.receipt_keys(&place, None).await?;
        let reasons = wish.reasons.iter().map(perform::word).collect();
        let asked = Asked {
            preflight: wish.preflight,
            reasons,
        };
        let receipt = wish.receipt.unwrap_or_else(|| self.suggested_receipt_place());
        let offers = match AccountPlace::of_key(&place) {
            // Nobody's: nothing of the person's own goes along.
            AccountPlace::Sample => Offers::default(),
            AccountPlace::None | AccountPlace::Embedded | AccountPlace::Service(_) => wish.offers,
        };
        let wish = self.wish(&account, asked, offers, &receipt, keys);
        let first = deletion::begin(wish, confirmed);
        let id = first.deletion.workflow;
        self.deletion_begins(first, &place).await?;
        self.standing_of(id).await
    }

    /// Asks the service, with the code that was sent ([`Engine::request_step_up`]). The code is held in memory until the
    /// service has answered, and nowhere else.
    ///
    /// # Errors
    /// When no code is needed now, or it can't be recorded. What the service said is in the standing.
    pub async fn give_deletion_code(
        &self,
        id: WorkflowId,
        code: &str,
    ) -> Result<DeletionStanding, EngineError> {
        let now = self.standing_of(id).await?;
        if !matches!(now.deletion.stage, Stage::Confirmed { .. }) {
            return Err(DeletionError::NoCodeNeeded.into());
        }
        let asking = self.asking_lock().await;
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        self.shared.ending.live(id, |live| {
            live.code = Some(api::Token::new(digits));
            live.asking = asking;
        });
        self.deletion_happens(id, Event::Code).await?;
        self.await_deletion(id, PATIENCE, |deletion| {
            deletion.stage != Stage::Reauthenticated || deletion.waits().is_some()
        })
        .await
    }

    /// Asks the service whether the account that is signed in is being deleted: on another device, or by a request of
    /// which nothing is known here. What is found is followed.
    ///
    /// # Errors
    /// When nobody is signed in, or the service doesn't answer.
    pub async fn look_whether_deleted(&self) -> Result<(), EngineError> {
        let (account, place) = self.who_and_where()?;
        for row in self.shared.store.deletions().await? {
            if row.deletion.account.0 == account && row.deletion.waits().is_some() {
                let resume = Event::Resume { elsewhere: None };
                self.deletion_happens(row.deletion.workflow, resume).await?;
            }
        }
        if let Some(row) = self.under_way(&account).await? {
            return self.deletion_happens(row.deletion.workflow, Event::LookNow).await;
        }
        let asked = std::time::Instant::now();
        let told = self
            .as_who_is_signed_in(|client, token| async move { client.deletion(&token).await })
            .await;
        let told = match told {
            // A service that deletes no accounts has none to tell of.
            Err(EngineError::Call(error)) if error.code() == Some(api::Code::NotFound) => return Ok(()),
            told => told?,
        };
        let Some(seen) = perform::seen(&told) else {
            return Ok(());
        };
        let keys = self.receipt_keys(&place, None).await?;
        let receipt = self.suggested_receipt_place();
        let wish = self.wish(&account, Asked::default(), Offers::default(), &receipt, keys);
        let id = wish.workflow;
        if let Some(first) = follow(wish, seen, self.shared.ending.clock.now()) {
            self.learn_deletion(id, &told, asked).await;
            self.deletion_begins(first, &place).await?;
        }
        Ok(())
    }

    fn wish(&self, account: &str, asked: Asked, offers: Offers, receipt: &Path, keys: Pinned) -> Wish {
        Wish {
            workflow: WorkflowId(Uuid::now_v7()),
            account: AccountId(account.to_owned()),
            asked,
            offers,
            place: Place(receipt.to_string_lossy().into_owned()),
            keys,
        }
    }

    /// The keys a receipt may be signed with: those that were pinned, and what the service publishes beside them now.
    pub(super) async fn receipt_keys(
        &self,
        place: &str,
        pinned: Option<&Pinned>,
    ) -> Result<Pinned, EngineError> {
        let client = self.deletion_client(place).await?;
        let published = client.signing_keys().await?;
        // Archives are signed with the same keys, and may have had them pinned.
        let setting = format!("archive.keys {place}");
        let known = self.shared.store.setting(&setting).await?;
        let known: Option<Pinned> = known.and_then(|text| serde_json::from_str(&text).ok());
        let pinned = pinned.or(known.as_ref());
        Ok(match learn(pinned, &receipt::published(&published)) {
            Learned::FirstUse(keys) | Learned::Rotated(keys) => {
                let text =
                    serde_json::to_string(&keys).map_err(|_| crate::client::CallError::NotUnderstood)?;
                self.shared.store.set_setting(&setting, Some(&text)).await?;
                keys
            }
            // Strangers alone are never trusted by themselves: what they sign doesn't prove anything here.
            Learned::Known | Learned::KeyChanged { .. } | Learned::Replaced | Learned::NoKeys => {
                pinned.cloned().unwrap_or_default()
            }
        })
    }

    fn who_and_where(&self) -> Result<(String, String), EngineError> {
        let account = lock(&self.shared.account).clone();
        match &account.signed {
            Signed::In(summary) => Ok((summary.id.to_string(), account.place.key())),
            Signed::Out | Signed::Locked(_) => Err(self.who_is_missing()),
        }
    }

    pub(super) async fn under_way(&self, account: &str) -> Result<Option<DeletionRow>, EngineError> {
        let rows = self.shared.store.deletions().await?;
        Ok(rows
            .into_iter()
            .find(|row| row.deletion.account.0 == account && !row.deletion.has_ended()))
    }

    /// Held by whoever asks with a code. Without it (a folder that can't be written) nothing is kept either.
    async fn asking_lock(&self) -> Option<std::fs::File> {
        let path = self.shared.own.asking_lock();
        let waited = tokio::task::spawn_blocking(move || {
            let file = std::fs::File::create(path)?;
            file.lock()?;
            Ok::<_, std::io::Error>(file)
        });
        waited.await.ok()?.ok()
    }
}
