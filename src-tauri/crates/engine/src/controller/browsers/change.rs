//! What a person may have done to browsers: at once or once they are closed, recorded, and looked at again.

use jiff::Timestamp;
use settings_privacy_core::data;
use settings_privacy_core::history::{Change, Stage};
use settings_privacy_core::storage::{Plan, Profile};
use uuid::Uuid;

use super::super::{Done, Engine};
use super::words::{called, sentences};
use super::{Clearing, Deciding, ProfileId, ProfileState, Wish};
use crate::error::EngineError;
use crate::store::ChangeRow;

impl Engine {
    /// What clearing would do, profile by profile; nothing is done. Profiles where there is nothing to do are left out.
    ///
    /// # Errors
    /// When there is no such profile.
    pub fn plan_clearing(&self, clearing: &Clearing) -> Result<Vec<Plan>, EngineError> {
        let profiles = self.browsers().profiles;
        let chosen: Vec<&ProfileState> = match &clearing.profile {
            Some(id) => vec![find(&profiles, id)?],
            None => profiles.iter().collect(),
        };
        let plans = chosen
            .into_iter()
            .map(|profile| Plan::new(&profile.seen, &clearing.choices));
        Ok(plans.filter(|plan| !plan.is_empty()).collect())
    }

    /// Which browsers have to be closed before these plans can be carried out, by name, each once.
    pub async fn open_browsers(&self, plans: &[Plan]) -> Vec<&'static str> {
        // Asked within the turn: while this program changes a profile, it alone has it open.
        let _turn = self.browsers_turn().await;
        let mut open = Vec::new();
        for Plan { profile, .. } in plans {
            let name = profile.browser.name();
            if !open.contains(&name) && self.is_open(profile).await {
                open.push(name);
            }
        }
        open
    }

    /// Waits until no browser has the profile open. Dropping the future ends the waiting.
    pub async fn browser_closed(&self, profile: &Profile) {
        self.shared.browsing.adapter.wait_until_closed(profile).await;
    }

    /// Opens a browser that can't be reached from here, where its own pages are.
    ///
    /// # Errors
    /// When it doesn't start.
    pub fn open_browser(&self, browser: &str) -> Result<(), EngineError> {
        settings_privacy_browsers::safari::open(browser).map_err(|_| EngineError::BrowserNotOpened)
    }

    /// Clears: at once where the browser is closed, else as soon as it is. What goes is decided by what is there then.
    ///
    /// # Errors
    /// When there is no such profile, or clearing one of them failed. The others are cleared all the same.
    pub async fn clear_browsers(&self, clearing: &Clearing) -> Result<Done, EngineError> {
        let plans = self.plan_clearing(clearing)?;
        let mut said: Vec<Done> = Vec::new();
        let mut failed: Vec<(Profile, EngineError)> = Vec::new();
        for plan in plans {
            let wish = Wish::Clear(clearing.choices.clone());
            match self.when_closed(&plan.profile, wish).await {
                Ok(done) => said.push(done),
                Err(error) => failed.push((plan.profile, error)),
            }
        }
        match failed.len() {
            0 => {}
            1 if said.is_empty() => return Err(failed.remove(0).1),
            _ => {
                let errors = failed
                    .iter()
                    .map(|(profile, error)| format!("{}: {error}", called(profile)));
                let mut says: Vec<String> = said.into_iter().map(|done| done.says).collect();
                says.extend(errors);
                return Err(EngineError::Partly {
                    says: says.join(" "),
                    first: Box::new(failed.remove(0).1),
                });
            }
        }
        let changes = said.iter().filter(|done| done.change.is_some()).count();
        Ok(match said.as_slice() {
            [] => Done {
                change: None,
                says: "There is nothing of DingTalk's to clear there.".to_owned(),
            },
            // More than one is undone one by one, under Activity.
            many => Done {
                change: many.iter().find_map(|done| done.change).filter(|_| changes == 1),
                says: sentences(many),
            },
        })
    }

    /// Has a browser decide something for a site: at once where it is closed, else as soon as it is.
    ///
    /// # Errors
    /// When there is no such profile, or it couldn't be changed; then it is as it was.
    pub async fn decide_for_site(&self, deciding: &Deciding) -> Result<Done, EngineError> {
        let profile = self.known_profile(&deciding.profile)?;
        // Before anybody closes a browser for it.
        let of = (deciding.site.as_str(), deciding.about);
        let adapter = &self.shared.browsing.adapter;
        adapter.may_decide(&profile, data::sites(), of).await?;
        let wish = Wish::Decide {
            site: deciding.site.clone(),
            about: deciding.about,
            decision: deciding.decision,
        };
        self.when_closed(&profile, wish).await
    }

    /// Puts back what a backup holds, none of it over what came since. `made` is the backup's time.
    ///
    /// # Errors
    /// When there is no such backup, or it couldn't be put back.
    pub async fn restore_backup(&self, made: Timestamp) -> Result<Done, EngineError> {
        let backup = self.backup(|backup| backup.made == made).await?;
        let changes = self.shared.store.changes(u32::MAX).await?;
        let change = changes
            .iter()
            .find(|row| matches!(&row.change, Change::Cleared { at, .. } if *at == made))
            .map(|row| row.id);
        let wish = Wish::Restore {
            cleared_at: made,
            change,
        };
        self.when_closed(&backup.profile, wish).await
    }

    /// Undoes a change of a browser's.
    pub(in super::super) async fn undo_in_browser(
        &self,
        profile: &Profile,
        wish: Wish,
    ) -> Result<Done, EngineError> {
        self.when_closed(profile, wish).await
    }

    pub(super) async fn fulfil(&self, profile: &Profile, wish: &Wish) -> Result<Done, EngineError> {
        let _turn = self.browsers_turn().await;
        // Asked within the turn: what this program itself does to the profile isn't the browser's doing.
        self.is_closed(profile).await?;
        // What a clearing that was cut short left behind would come back over what is done now.
        for (of, error) in self.tidy_backups().await {
            if of.path == profile.path {
                return Err(error.into());
            }
        }
        let done = match wish {
            Wish::Clear(choices) => self.clear(profile, choices).await,
            Wish::Decide {
                site,
                about,
                decision,
            } => self.decide(profile, site, *about, *decision).await,
            Wish::Restore { cleared_at, change } => self.restore(profile, *cleared_at, *change).await,
            Wish::PutBack {
                change,
                before,
                after,
            } => self.put_back(profile, *change, before, after.as_ref()).await,
        };
        self.look_again_at(profile).await?;
        done
    }

    pub(super) async fn undone(&self, change: Option<Uuid>) -> Result<(), EngineError> {
        let Some(id) = change else { return Ok(()) };
        let Some(ChangeRow { change, .. }) = self.shared.store.change(id).await? else {
            return Ok(());
        };
        self.record(id, &change, Stage::Undone).await;
        Ok(())
    }

    /// Records a change, and waits for the disk: what is about to be done outlives this program.
    pub(super) async fn begin(&self, change: &Change) -> Result<Uuid, EngineError> {
        let store = &self.shared.store;
        let row = store.begin_change(change, Timestamp::now()).await?;
        store.durable().await?;
        Ok(row)
    }

    fn known_profile(&self, id: &ProfileId) -> Result<Profile, EngineError> {
        let profiles = self.browsers().profiles;
        Ok(find(&profiles, id)?.seen.profile.clone())
    }
}

fn find<'a>(profiles: &'a [ProfileState], id: &ProfileId) -> Result<&'a ProfileState, EngineError> {
    profiles
        .iter()
        .find(|known| known.id == *id)
        .ok_or(EngineError::NoSuchProfile)
}
