//! The steps of removing. Each bears being done twice, and says what is in its way.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use settings_privacy_core::data;
use settings_privacy_core::deletion::{Wipe, WipeStep};
use settings_privacy_core::permission::{Refusal, Wanted, plan};
use settings_privacy_core::storage::{Choice, Plan, Profile};

use super::super::exports::part_of;
use super::super::session::{ENTRY, Kept};
use super::super::{AccountState, Engine, Place, Signed, lock};
use super::{perform, preflight};
use crate::secrets::SecretError;
use crate::wipe::{Gone, is_running, remove_app_folder, remove_folder};

/// A stable code and a sentence: what is in a step's way.
type Stuck = (String, String);

/// An entry that tells an open keyring from a locked one, which would say that it holds nothing.
const PROBE: &str = "probe";

fn stuck(code: &str, message: impl Into<String>) -> Stuck {
    (code.to_owned(), message.into())
}

fn not_removed(what: &str, error: &std::io::Error) -> Stuck {
    let message = match perform::is_full(error) {
        true => format!("{what} can't be removed: the disk is full. Make room, then try again."),
        false => format!("{what} can't be removed ({error}). Make the folder writable, then try again."),
    };
    stuck("not-removed", message)
}

impl Engine {
    pub(super) async fn wipe_step(&self, step: WipeStep, wipe: &Wipe) -> Result<(), Stuck> {
        let account = wipe.account.as_deref().unwrap_or_default();
        match step {
            WipeStep::Downloads => self.wipe_downloads(account).await,
            WipeStep::Keyring => self.wipe_keyring(account).await,
            WipeStep::BrowserBackups => self.wipe_backups().await,
            WipeStep::Database => self.wipe_database(account).await,
            WipeStep::DamagedNotes => self.wipe_damaged_notes(),
            WipeStep::Cookies => self.wipe_cookies().await,
            WipeStep::FlatpakPermissions => self.wipe_permissions().await,
            WipeStep::FlatpakFolder => wipe_app_folder(),
        }
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
        let keyring = &self.shared.keyring;
        let probed = keyring.set(PROBE, SecretString::from("probe")).await;
        match probed {
            Ok(()) => {}
            // Nothing was ever kept where there is none; where something was, it is somewhere that can't be reached now.
            Err(SecretError::Missing) => {
                let saved = self.shared.store.setting("session.saved").await;
                return match saved {
                    Ok(Some(_)) => Err(stuck("keyring-missing", KEYRING_GONE)),
                    Ok(None) => self.sign_out_here(account).await,
                    Err(error) => Err(notes(&error)),
                };
            }
            Err(error @ (SecretError::Locked | SecretError::TimedOut)) => {
                return Err(stuck("keyring-locked", error.to_string()));
            }
        }
        let locked = |error: SecretError| stuck("keyring-locked", error.to_string());
        keyring.delete(PROBE).await.map_err(locked)?;
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
        if self.kept_for_another(account).await.map_err(locked)? {
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
    async fn kept_for_another(&self, account: &str) -> Result<bool, SecretError> {
        let Some(secret) = self.shared.keyring.get(ENTRY).await? else {
            return Ok(false);
        };
        let kept: Option<Kept> = serde_json::from_str(secret.expose_secret()).ok();
        Ok(kept.is_some_and(|kept| kept.account.id.to_string() != account))
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

    async fn wipe_database(&self, account: &str) -> Result<(), Stuck> {
        let store = &self.shared.store;
        // No answer that is still on its way may be recorded afterwards.
        let _talking = self.shared.talking.lock().await;
        if !store.is_kept() {
            // The file can't be used by this program; nothing else of it is open here.
            for path in database_files(&self.shared.own.database()) {
                remove_file(&path).map_err(|error| not_removed("This program's notes", &error))?;
            }
            return Ok(());
        }
        let another =
            self.somebody_else_is_here(account) || self.kept_for_another(account).await.unwrap_or(false);
        let _one = self.shared.ending.stepping.lock().await;
        let only = another.then_some(account);
        store.empty(only).await.map_err(|error| notes(&error))?;
        lock(&self.shared.ending.live).clear();
        self.dismiss_notice(super::tell::NOTICE);
        if !another {
            self.settle_in(Place::None, None, None).await;
            *lock(&self.shared.account) = AccountState::default();
        }
        Ok(())
    }

    /// Notes that were damaged once lie beside, whole.
    fn wipe_damaged_notes(&self) -> Result<(), Stuck> {
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
            if entry.file_name().to_string_lossy().starts_with(&aside) {
                remove_file(&entry.path()).map_err(|error| not_removed("Older notes", &error))?;
            }
        }
        Ok(())
    }

    /// Through the same clearing as everywhere, whose backup goes at once: nothing is to be put back.
    async fn wipe_cookies(&self) -> Result<(), Stuck> {
        let _turn = self.browsers_turn().await;
        let folder = self.shared.own.folder.join("ending-backups");
        let adapter = &self.shared.browsing.adapter;
        let settled = adapter.recover(folder.clone()).await;
        settled.map_err(|error| stuck(error.code(), error.to_string()))?;
        let everything = [Choice::Everything { site: None }];
        let mut first = None;
        for profile in adapter.profiles().await.profiles {
            if let Err(trouble) = self.wipe_profile(&profile, &everything, &folder).await {
                first.get_or_insert(trouble);
            }
        }
        match first {
            Some(trouble) => Err(trouble),
            None => gone("Backups of what was cleared in browsers", &folder).await,
        }
    }

    async fn wipe_profile(&self, profile: &Profile, choices: &[Choice], folder: &Path) -> Result<(), Stuck> {
        let adapter = &self.shared.browsing.adapter;
        let (sites, purposes) = (data::sites(), data::cookie_purposes());
        let seen = adapter.see(profile, sites, purposes).await;
        let plan = Plan::new(&seen, choices);
        if plan.is_empty() {
            return Ok(());
        }
        let name = profile.browser.name();
        self.is_closed(profile).await.map_err(|_| {
            let message = format!(
                "{name} is open. Close all of its windows, then try again. Or leave what DingTalk's sites keep there."
            );
            stuck("browser-open", message)
        })?;
        let cleared = adapter
            .clear(
                &plan,
                sites,
                purposes,
                folder.to_owned(),
                Timestamp::now(),
                |_| {},
            )
            .await
            .map_err(|error| stuck(error.code(), error.to_string()))?;
        match cleared.remaining.is_empty() {
            true => Ok(()),
            false => Err(stuck(
                "still-there",
                format!("Some of what DingTalk's sites keep in {name} is still there. Try again."),
            )),
        }
    }

    async fn wipe_permissions(&self) -> Result<(), Stuck> {
        let catalogue = data::permissions();
        let _writing = self.shared.writing.lock().await;
        for permission in &catalogue.permissions {
            let state = self.observe().await;
            let edits = match plan(catalogue, &state.observation, &permission.id, Wanted::Reset) {
                Ok(plan) => plan.edits,
                // What was never switched needs no taking back.
                Err(Refusal::Nothing | Refusal::NotEnforced(_) | Refusal::UnknownPermission(_)) => continue,
                Err(refusal @ Refusal::Blocked(_)) => return Err(stuck("blocked", refusal.to_string())),
            };
            if edits.is_empty() {
                continue;
            }
            let applied = self.shared.desktop.apply(catalogue, &edits).await;
            applied.map_err(|error| stuck(error.code(), error.to_string()))?;
        }
        let durable = self.shared.desktop.durable(catalogue).await;
        durable.map_err(|error| stuck(error.code(), error.to_string()))?;
        self.observe().await;
        Ok(())
    }
}

const KEYRING_GONE: &str = "Your sign-in lies in a keyring that isn't there now. Start your keyring (GNOME Keyring, KWallet), then try again.";

fn wipe_app_folder() -> Result<(), Stuck> {
    let app = data::permissions().app.flatpak_id.as_str();
    let home = preflight::home()
        .ok_or_else(|| stuck("no-home", "This computer doesn't say where your own files are."))?;
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    if runtime.is_some_and(|runtime| is_running(&runtime, app)) {
        return Err(stuck(
            "app-running",
            "DingTalk is running, and would write its folder anew. Quit it, then try again. Or leave its folder.",
        ));
    }
    match remove_app_folder(&home, app) {
        Ok(Gone::Yes) => Ok(()),
        Ok(Gone::Link) => Err(stuck(
            "is-a-link",
            "DingTalk's folder is a link to another place, so it isn't removed from here. Remove it yourself, or leave it.",
        )),
        Ok(Gone::NotAFolder) => Err(stuck(
            "not-a-folder",
            "There is something else where DingTalk's folder should be. It is left as it is.",
        )),
        Err(error) => Err(not_removed("DingTalk's folder", &error)),
    }
}

async fn gone(what: &str, folder: &Path) -> Result<(), Stuck> {
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

fn notes(error: &crate::store::StoreError) -> Stuck {
    tracing::warn!(%error, "the notes aren't emptied");
    stuck(
        "store-failed",
        "This program's own notes can't be emptied. Make sure the disk isn't full and its folder is writable, then try again.",
    )
}

fn database_files(database: &Path) -> Vec<PathBuf> {
    let beside = |end: &str| {
        let mut name = database.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    vec![beside("-wal"), beside("-shm"), database.to_owned()]
}

fn remove_file(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
