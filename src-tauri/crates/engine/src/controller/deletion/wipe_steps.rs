//! The steps of removing. Each bears being done twice, and says what is in its way.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use settings_privacy_core::deletion::{Planned, StepState, Wipe, WipeStep};

use super::super::account::LEFT;
use super::super::exports::part_of;
use super::super::outbox::NOT_BEFORE;
use super::super::session::{ENTRY, Kept};
use super::super::{AccountState, Engine, Place, Signed, lock};
use super::{perform, wipe_offers};
use crate::secrets::SecretError;
use crate::store::{StoreError, Trouble};
use crate::wipe::{Gone, remove_folder};

/// A stable code and a sentence: what is in a step's way.
pub(super) type Stuck = (String, String);

/// An entry that tells an open keyring from a locked one, which would say that it holds nothing.
const PROBE: &str = "probe";

pub(super) fn stuck(code: &str, message: impl Into<String>) -> Stuck {
    (code.to_owned(), message.into())
}

fn locked(error: SecretError) -> Stuck {
    stuck("keyring-locked", error.to_string())
}

pub(super) fn not_removed(what: &str, error: &std::io::Error) -> Stuck {
    let message = match perform::is_full(error) {
        true => format!("{what} can't be removed: the disk is full. Make room, then try again."),
        false => format!("{what} can't be removed ({error}). Make the folder writable, then try again."),
    };
    stuck("not-removed", message)
}

impl Engine {
    /// Does a step: done, or left where what it would remove isn't only that account's.
    pub(super) async fn wipe_step(&self, step: WipeStep, wipe: &Wipe) -> Result<StepState, Stuck> {
        let account = wipe.account.as_deref().unwrap_or_default();
        if needs_notes(step) && !self.shared.store.is_kept() {
            return Err(self.notes_shut());
        }
        match step {
            WipeStep::Downloads => self.wipe_downloads(account).await,
            WipeStep::Keyring => self.wipe_keyring(account).await,
            WipeStep::BrowserBackups => match self.everything_goes(wipe, account).await? {
                true => self.wipe_backups().await,
                false => return Ok(StepState::Left),
            },
            WipeStep::Database => self.wipe_database(wipe, account).await,
            WipeStep::DamagedNotes => self.wipe_damaged_notes(wipe),
            WipeStep::Cookies => self.wipe_cookies().await,
            WipeStep::FlatpakPermissions => self.wipe_permissions().await,
            WipeStep::FlatpakFolder => wipe_offers::wipe_app_folder(),
        }?;
        Ok(StepState::Done)
    }

    /// Whether what names no account goes as well: only if nobody else has an account here. Where that isn't known,
    /// nothing goes.
    async fn everything_goes(&self, wipe: &Wipe, account: &str) -> Result<bool, Stuck> {
        if wipe.made_up || self.somebody_else_is_here(account) {
            return Ok(false);
        }
        let held = self.shared.store.holds_another(account).await;
        Ok(!held.map_err(|error| notes(&error))? && !self.kept_for_another(account).await?)
    }

    async fn wipe_downloads(&self, account: &str) -> Result<(), Stuck> {
        let rows = self.shared.store.exports().await.map_err(|error| notes(&error))?;
        for row in rows {
            let export = row.export;
            if export.account.0 != account || export.has_ended() {
                continue;
            }
            // Where nobody looks after it any more, or yet, its part is all there is.
            if self.cancel_export(export.workflow).await.is_err() {
                tracing::info!("an export isn't stopped by its own");
            }
            if let Some(part) = export.place.as_ref().map(part_of)
                && let Err(error) = remove_file(&part)
            {
                return Err(not_removed("A download that isn't complete", &error));
            }
        }
        Ok(())
    }

    async fn wipe_keyring(&self, account: &str) -> Result<(), Stuck> {
        if !self.has_keyring().await? {
            return self.sign_out_here(account).await;
        }
        let keyring = &self.shared.keyring;
        let rows = self
            .shared
            .store
            .deletions()
            .await
            .map_err(|error| notes(&error))?;
        for row in rows.iter().filter(|row| row.deletion.account.0 == account) {
            let entry = perform::token_entry(row.deletion.workflow);
            keyring.delete(&entry).await.map_err(locked)?;
        }
        if self.kept_for_another(account).await? {
            return Ok(());
        }
        keyring.delete(ENTRY).await.map_err(locked)?;
        self.sign_out_here(account).await
    }

    /// The session in memory ends as well, if it is that account's.
    async fn sign_out_here(&self, account: &str) -> Result<(), Stuck> {
        if self.somebody_else_is_here(account) {
            return Ok(());
        }
        let mut session = self.shared.session.lock().await;
        self.forget(&mut session)
            .await
            .map_err(|error| stuck(error.code(), error.to_string()))
    }

    /// Whether the keyring's session is somebody else's.
    async fn kept_for_another(&self, account: &str) -> Result<bool, Stuck> {
        // Nothing was ever kept where there is none.
        if !self.has_keyring().await? {
            return Ok(false);
        }
        let secret = self.shared.keyring.get(ENTRY).await.map_err(locked)?;
        let Some(secret) = secret else { return Ok(false) };
        match serde_json::from_str::<Kept>(secret.expose_secret()) {
            Ok(kept) => Ok(kept.account.id.to_string() != account),
            Err(_) => Err(stuck("keyring-unreadable", KEYRING_UNREADABLE)),
        }
    }

    /// Whether there is a keyring, and it is open: a locked one would say that it holds nothing.
    async fn has_keyring(&self) -> Result<bool, Stuck> {
        let keyring = &self.shared.keyring;
        match keyring.set(PROBE, SecretString::from("probe")).await {
            Ok(()) => {}
            // Where something was kept, it is somewhere that can't be reached now.
            Err(SecretError::Missing) => {
                let saved = self.shared.store.setting("session.saved").await;
                return match saved.map_err(|error| notes(&error))? {
                    Some(_) => Err(stuck("keyring-missing", KEYRING_GONE)),
                    None => Ok(false),
                };
            }
            Err(error @ (SecretError::Locked | SecretError::TimedOut)) => return Err(locked(error)),
        }
        keyring.delete(PROBE).await.map_err(locked)?;
        Ok(true)
    }

    fn somebody_else_is_here(&self, account: &str) -> bool {
        match &lock(&self.shared.account).signed {
            Signed::In(summary) => summary.id.to_string() != account,
            Signed::Out | Signed::Locked(_) => false,
        }
    }

    async fn wipe_backups(&self) -> Result<(), Stuck> {
        let _turn = self.browsers_turn().await;
        let folder = self.shared.own.browser_backups();
        gone("Backups of what was cleared in browsers", &folder).await?;
        self.set_browsers(|state| state.backups.clear());
        Ok(())
    }

    async fn wipe_database(&self, wipe: &Wipe, account: &str) -> Result<(), Stuck> {
        let store = &self.shared.store;
        // No answer that is still on its way may be recorded afterwards.
        let _talking = self.shared.talking.lock().await;
        let everything = self.everything_goes(wipe, account).await?;
        let somebody_else =
            !everything && (self.somebody_else_is_here(account) || self.kept_for_another(account).await?);
        let _one = self.shared.ending.stepping.lock().await;
        let only = (!everything).then_some(account);
        store.empty(only).await.map_err(|error| notes(&error))?;
        if !everything {
            self.forget_settings_of(account, somebody_else)
                .await
                .map_err(|error| notes(&error))?;
        }
        lock(&self.shared.ending.live).clear();
        self.dismiss_notice(super::tell::NOTICE);
        if !somebody_else {
            self.settle_in(Place::None, None, None).await;
            *lock(&self.shared.account) = AccountState::default();
        }
        Ok(())
    }

    /// Settings name no account in a column of their own.
    async fn forget_settings_of(&self, account: &str, somebody_else: bool) -> Result<(), StoreError> {
        let store = &self.shared.store;
        let asked_to_wait = store.setting(NOT_BEFORE).await?;
        if asked_to_wait.is_some_and(|kept| kept.starts_with(account)) {
            store.set_setting(NOT_BEFORE, None).await?;
        }
        if !somebody_else {
            for setting in ["account.place", "account.address", "report.sent", LEFT] {
                store.set_setting(setting, None).await?;
            }
        }
        Ok(())
    }

    /// This program's notes are where they were, and can't be used: whoever's is in them isn't known.
    fn notes_shut(&self) -> Stuck {
        match &self.shared.trouble {
            Some(Trouble::FromNewerVersion) => stuck("notes-newer", NOTES_NEWER),
            Some(Trouble::NotWritable | Trouble::MovedAside(_)) | None => stuck("not-removed", NOTES_SHUT),
        }
    }

    /// Notes that were damaged once lie beside, whole. Nobody can read whose they are.
    fn wipe_damaged_notes(&self, wipe: &Wipe) -> Result<(), Stuck> {
        let agreed = |planned: &Planned| planned.agreed;
        let agreed = wipe.planned(WipeStep::DamagedNotes).is_some_and(agreed);
        let database = self.shared.own.database();
        let name = database
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let listed = match std::fs::read_dir(&self.shared.own.folder) {
            Ok(listed) => listed,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(not_removed("Older notes", &error)),
        };
        let aside = format!("{name}.damaged-");
        for entry in listed.flatten() {
            if !entry.file_name().to_string_lossy().starts_with(&aside) {
                continue;
            }
            if agreed {
                remove_file(&entry.path()).map_err(|error| not_removed("Older notes", &error))?;
            } else {
                return Err(stuck("may-be-anothers", MAY_BE_ANOTHERS));
            }
        }
        Ok(())
    }
}

const NOTES_SHUT: &str = "This program's notes can't be opened for writing now, so nothing is removed that they tell of. Make sure that the disk isn't full and this program's folder is writable. Then start again: it goes on by itself.";
const NOTES_NEWER: &str = "A newer version of this program was used here, and this one can't read its notes, so nothing is removed that they tell of. Start the newer version: it goes on by itself.";
const MAY_BE_ANOTHERS: &str = "These notes were damaged, so nobody can read whose they are: another account's may be among them. Remove them, or leave them.";
const KEYRING_UNREADABLE: &str = "Your keyring holds a sign-in of this program's that can't be read, so whose it is isn't known. If you don't need it, sign out here. Then try again.";
const KEYRING_GONE: &str = "Your sign-in lies in a keyring that isn't there now. Start your keyring (GNOME Keyring, KWallet), then try again.";

/// Whether the notes tell what there is to do.
fn needs_notes(step: WipeStep) -> bool {
    match step {
        WipeStep::Downloads | WipeStep::Keyring | WipeStep::BrowserBackups | WipeStep::Database => true,
        WipeStep::DamagedNotes
        | WipeStep::Cookies
        | WipeStep::FlatpakPermissions
        | WipeStep::FlatpakFolder => false,
    }
}

pub(super) async fn gone(what: &str, folder: &Path) -> Result<(), Stuck> {
    let path = folder.to_owned();
    let removed = tokio::task::spawn_blocking(move || remove_folder(&path)).await;
    match removed {
        Ok(Ok(Gone::Yes)) => Ok(()),
        Ok(Ok(Gone::Link | Gone::NotAFolder)) => Err(stuck(
            "is-a-link",
            format!("{what} lie behind a link, which isn't followed. Remove them yourself."),
        )),
        Ok(Err(error)) => Err(not_removed(what, &error)),
        Err(_) => Err(stuck(
            "not-removed",
            format!("{what} couldn't be removed. Try again."),
        )),
    }
}

fn notes(error: &StoreError) -> Stuck {
    tracing::warn!(%error, "the notes aren't emptied");
    stuck(
        "store-failed",
        "This program's own notes can't be emptied. Make sure the disk isn't full and its folder is writable, then try again.",
    )
}

fn remove_file(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
