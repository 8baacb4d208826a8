//! Looking at the browsers.

use std::fs::File;

use jiff::Timestamp;
use settings_privacy_browsers::{ClearError, NotClosed, Settled, Settlement, backups, prune};
use settings_privacy_core::data;
use settings_privacy_core::history::{Change, Stage};
use settings_privacy_core::storage::{Counts, Memory, Profile, Running};

use super::super::{Engine, Notice, lock};
use super::words::called;
use super::{BrowsersState, Looking, ProfileId, ProfileState};
use crate::error::EngineError;

/// The setting that holds what earlier looks are remembered by.
const MEMORY: &str = "browsers.memory";

impl Engine {
    /// The browsers as last looked at, and what waits.
    pub fn browsers(&self) -> BrowsersState {
        lock(&self.shared.browsing.state).clone()
    }

    /// Looks at every profile of every browser, all at once. What a clearing that was cut short left behind is settled
    /// first, and backups whose time is over go.
    ///
    /// # Errors
    /// When the program's own database can't be read. What can't be read of the browsers stands among the problems.
    pub async fn look_at_browsers(&self) -> Result<(), EngineError> {
        let _turn = self.browsers_turn().await;
        for (profile, error) in self.tidy_backups().await {
            self.notice_too(about_settling(format!("{}: {error}", called(&profile))));
        }
        self.set_browsers(|state| state.looking = Some(Looking { done: 0, of: 0 }));
        let seen = self.see_profiles().await;
        self.set_browsers(|state| state.looking = None);
        seen
    }

    /// The right to look at profiles and to change them, here and in another of this program's processes.
    pub(in super::super) async fn browsers_turn(&self) -> (tokio::sync::MutexGuard<'_, ()>, Option<File>) {
        let here = self.shared.browsing.turn.lock().await;
        let path = self.shared.own.browsers_lock();
        let waited = tokio::task::spawn_blocking(move || {
            let file = File::create(path)?;
            file.lock()?;
            Ok::<_, std::io::Error>(file)
        });
        // In a folder that can't be written nothing is kept either, so there is nothing to settle.
        (here, waited.await.ok().and_then(Result::ok))
    }

    async fn see_profiles(&self) -> Result<(), EngineError> {
        let browsing = &self.shared.browsing;
        let found = browsing.adapter.profiles().await;
        let of = found.profiles.len();
        self.set_browsers(|state| state.looking = Some(Looking { done: 0, of }));
        let memory = self.memory().await?;
        let mut looks = Vec::new();
        browsing
            .adapter
            .see_all(
                found.profiles.clone(),
                data::sites(),
                data::cookie_purposes(),
                |seen| {
                    looks.push(seen);
                    let done = looks.len();
                    self.set_browsers(|state| state.looking = Some(Looking { done, of }));
                },
            )
            .await;
        let now = Timestamp::now();
        let mut profiles = Vec::new();
        for profile in &found.profiles {
            let Some(at) = looks.iter().position(|seen| seen.profile.path == profile.path) else {
                continue;
            };
            let seen = looks.swap_remove(at);
            let rules = browsing.adapter.rules(profile, data::sites(), now).await;
            profiles.push(ProfileState {
                id: ProfileId::of(profile),
                reports: memory.reports(&seen, &rules),
                seen,
                rules,
            });
        }
        self.set_browsers(|state| {
            state.looked_at = Some(now);
            state.profiles = profiles;
            state.problems = found.problems;
        });
        Ok(())
    }

    /// Looks at one profile again, after a change. Its turn is held by whoever changed it.
    pub(super) async fn look_again_at(&self, profile: &Profile) -> Result<(), EngineError> {
        let browsing = &self.shared.browsing;
        let (sites, purposes) = (data::sites(), data::cookie_purposes());
        let seen = browsing.adapter.see(profile, sites, purposes).await;
        let rules = browsing.adapter.rules(profile, sites, Timestamp::now()).await;
        let reports = self.memory().await?.reports(&seen, &rules);
        let id = ProfileId::of(profile);
        self.list_backups().await;
        self.set_browsers(|state| {
            if let Some(known) = state.profiles.iter_mut().find(|known| known.id == id) {
                *known = ProfileState {
                    id,
                    seen,
                    rules,
                    reports,
                };
            }
        });
        Ok(())
    }

    pub(in super::super) fn set_browsers(&self, set: impl FnOnce(&mut BrowsersState)) {
        set(&mut lock(&self.shared.browsing.state));
        self.changed();
    }

    /// Settles clearings that were cut short, and removes backups whose time is over. Gives what can't be settled yet,
    /// profile by profile.
    pub(super) async fn tidy_backups(&self) -> Vec<(Profile, ClearError)> {
        let browsing = &self.shared.browsing;
        let mut waits = Vec::new();
        match browsing.adapter.recover(browsing.backups.clone()).await {
            Ok(settled) => {
                if let Err(error) = self.settle_clearings(&settled).await {
                    tracing::warn!(code = error.code(), "a clearing's end isn't recorded");
                }
                for end in settled {
                    let browser = end.profile.browser.name();
                    let name = &end.profile.name;
                    let message = match end.settlement {
                        Settlement::NothingChanged | Settlement::Finished => continue,
                        Settlement::PutBack => format!(
                            "Clearing was cut short in {browser} ({name}). What it had removed is back, as if it hadn't begun."
                        ),
                        Settlement::PutBackInPart(_) => format!(
                            "Clearing was cut short in {browser} ({name}). What it had removed is back, but for what came anew since. A backup keeps that: put it back under Cookies."
                        ),
                        Settlement::Restored(_) => {
                            format!(
                                "What was cleared in {browser} ({name}) is put back, as you had asked for."
                            )
                        }
                        Settlement::Waiting(error) => {
                            waits.push((end.profile, error));
                            continue;
                        }
                    };
                    self.notice_too(about_settling(message));
                }
            }
            Err(error) => tracing::warn!(code = error.code(), "the backups can't be settled"),
        }
        let folder = browsing.backups.clone();
        let pruned = tokio::task::spawn_blocking(move || prune(&folder, Timestamp::now())).await;
        if let Ok(Err(error)) = pruned {
            tracing::warn!(code = error.code(), "old backups can't be removed");
        }
        self.list_backups().await;
        waits
    }

    /// Records what became of clearings, and of puttings back, that were cut short.
    async fn settle_clearings(&self, settled: &[Settled]) -> Result<(), EngineError> {
        for end in settled {
            if matches!(end.settlement, Settlement::Restored(_)) {
                self.restored(&end.profile, end.made).await?;
            }
        }
        for row in self.shared.store.unfinished_changes().await? {
            let Change::Cleared { profile, at, .. } = &row.change else {
                continue;
            };
            let waits = settled.iter().any(|settled| {
                settled.profile.path == profile.path && matches!(settled.settlement, Settlement::Waiting(_))
            });
            let stage = match self.was_cleared(profile, *at).await {
                true => Stage::Done,
                false if waits => continue,
                false => Stage::Failed,
            };
            self.shared
                .store
                .settle_change(row.id, &row.change, stage)
                .await?;
        }
        Ok(())
    }

    async fn list_backups(&self) {
        let folder = self.shared.browsing.backups.clone();
        match tokio::task::spawn_blocking(move || backups(&folder)).await {
            Ok(Ok(found)) => self.set_browsers(|state| state.backups = found),
            Ok(Err(error)) => tracing::warn!(code = error.code(), "the backups can't be listed"),
            Err(_) => {}
        }
    }

    /// What earlier looks are remembered by. What can't be read is forgotten: it only holds counts.
    pub(super) async fn memory(&self) -> Result<Memory, EngineError> {
        let kept = self.shared.store.setting(MEMORY).await?;
        let memory = kept.and_then(|kept| serde_json::from_str(&kept).ok());
        Ok(memory.unwrap_or_default())
    }

    pub(super) async fn remember(&self, note: impl FnOnce(&mut Memory)) -> Result<(), EngineError> {
        let mut memory = self.memory().await?;
        note(&mut memory);
        let kept = serde_json::to_string(&memory).expect("counts and times serialize");
        Ok(self.shared.store.set_setting(MEMORY, Some(&kept)).await?)
    }

    /// Remembers what each of these sites keeps in a profile now, right after it was cleared.
    pub(super) async fn remember_cleared(
        &self,
        profile: &Profile,
        sites: &[String],
        at: Timestamp,
    ) -> Result<(), EngineError> {
        let browsing = &self.shared.browsing;
        let seen = browsing
            .adapter
            .see(profile, data::sites(), data::cookie_purposes())
            .await;
        self.remember(|memory| {
            for site in sites {
                memory.cleared(&profile.path, site, Counts::of(&seen, site), at);
            }
        })
        .await
    }

    /// Whether a browser has the profile open now.
    pub async fn running(&self, profile: &Profile) -> Running {
        self.shared.browsing.adapter.running(profile).await
    }

    /// Whether a browser has the profile open. What can't be told counts as open.
    pub(super) async fn is_open(&self, profile: &Profile) -> bool {
        match self.running(profile).await {
            Running::No => false,
            Running::Yes | Running::Unknown => true,
        }
    }

    /// Says that no browser has the profile open.
    ///
    /// # Errors
    /// When one has, or that can't be told.
    pub(in super::super) async fn is_closed(&self, profile: &Profile) -> Result<(), ClearError> {
        let browser = profile.browser.name();
        Err(match self.running(profile).await {
            Running::No => return Ok(()),
            Running::Yes => NotClosed::Open { browser },
            Running::Unknown => NotClosed::Unknown { browser },
        }
        .into())
    }
}

fn about_settling(message: String) -> Notice {
    Notice {
        code: "browsers-settled".to_owned(),
        message,
        file: None,
    }
}
