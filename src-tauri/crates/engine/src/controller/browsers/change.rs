//! Clearing, deciding and putting back: recorded, done, looked at again.

use jiff::Timestamp;
use settings_privacy_browsers::{Backup, ClearError, RuleError, backups};
use settings_privacy_core::data;
use settings_privacy_core::history::{Change, Stage};
use settings_privacy_core::storage::{About, Choice, Decision, Effective, Plan, Profile, RulesBefore};
use uuid::Uuid;

use super::super::{Done, Engine};
use super::words::{are, called, counted, observed, sentences, things, were};
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

    async fn clear(&self, profile: &Profile, choices: &[Choice]) -> Result<Done, EngineError> {
        let browsing = &self.shared.browsing;
        let (sites, purposes) = (data::sites(), data::cookie_purposes());
        let seen = browsing.adapter.see(profile, sites, purposes).await;
        let plan = Plan::new(&seen, choices);
        if plan.is_empty() {
            return Ok(Done {
                change: None,
                says: format!("There is nothing of DingTalk's to clear in {}.", called(profile)),
            });
        }
        let (named, counts) = counted(profile, &plan.findings);
        let at = Timestamp::now();
        let mut change = Change::Cleared {
            profile: profile.clone(),
            at,
            sites: named.clone(),
            counts,
            kept: true,
        };
        let row = self.begin(&change).await?;
        let folder = browsing.backups.clone();
        let cleared = browsing
            .adapter
            .clear(&plan, sites, purposes, folder, at, |_| {})
            .await;
        let cleared = match cleared {
            Ok(cleared) => cleared,
            Err(error) => {
                // What isn't settled yet is recorded once it is.
                if !matches!(
                    error,
                    ClearError::StartedMeanwhile { .. } | ClearError::Unsettled { .. }
                ) {
                    self.record(row, &change, Stage::Failed).await;
                }
                return Err(error.into());
            }
        };
        let (_, gone) = counted(profile, &cleared.gone);
        if let Change::Cleared { kept, counts, .. } = &mut change {
            *kept = cleared.backup.is_some();
            *counts = gone;
        }
        self.record(row, &change, Stage::Done).await;
        self.remember_cleared(profile, &named, at).await?;
        let mut says = match cleared.gone.is_empty() {
            true => format!("Nothing is cleared in {}.", called(profile)),
            false => format!("{} cleared in {}.", things(&gone), called(profile)),
        };
        if !cleared.remaining.is_empty() {
            says += &format!(" {} still there.", are(cleared.remaining.len()));
        }
        if !cleared.unseen.is_empty() {
            says += &format!(
                " {} removed too, but can't be looked for now.",
                were(cleared.unseen.len())
            );
        }
        Ok(Done {
            change: cleared.backup.map(|_| row),
            says,
        })
    }

    async fn decide(
        &self,
        profile: &Profile,
        site: &str,
        about: About,
        decision: Decision,
    ) -> Result<Done, EngineError> {
        let now = Timestamp::now();
        let adapter = &self.shared.browsing.adapter;
        // Recorded before anything is written: undo outlives whatever happens on the way.
        let had = adapter
            .rules_before(profile, data::sites(), (site, about), now)
            .await?;
        let mut change = Change::SiteRule {
            profile: profile.clone(),
            site: site.to_owned(),
            about,
            wanted: decision,
            before: Some(had),
            after: None,
        };
        let row = self.begin(&change).await?;
        let decided = adapter
            .decide(profile, data::sites(), (site, about), decision, now)
            .await;
        let decided = match decided {
            Ok(decided) => decided,
            Err(error) => {
                // What became of these is found out at the next start.
                let unsure = matches!(
                    error,
                    RuleError::StartedMeanwhile { .. } | RuleError::NotTaken { .. }
                );
                if !unsure {
                    self.record(row, &change, Stage::Failed).await;
                }
                return Err(error.into());
            }
        };
        if let Change::SiteRule { before, after, .. } = &mut change {
            *before = Some(decided.before);
            // Without it, undo puts everything back as it was.
            *after = adapter
                .rules_before(profile, data::sites(), (site, about), now)
                .await
                .ok();
        }
        self.record(row, &change, Stage::Done).await;
        if about == About::Cookies {
            self.remember(|memory| match decision {
                Decision::Deny => memory.refused(&profile.path, site, now),
                Decision::Allow | Decision::Ask | Decision::UntilClosed => {
                    memory.allowed(&profile.path, site);
                }
            })
            .await?;
        }
        let says = observed(profile, site, about, decided.observed.of(site, about));
        Ok(Done {
            change: Some(row),
            says,
        })
    }

    async fn restore(
        &self,
        profile: &Profile,
        cleared_at: Timestamp,
        change: Option<Uuid>,
    ) -> Result<Done, EngineError> {
        let backup = self
            .backup(|backup| backup.made == cleared_at && backup.profile.path == profile.path)
            .await?;
        let restored = self.shared.browsing.adapter.restore(&backup).await?;
        let says = match (restored.put_back, restored.newer_stays) {
            (0, 0) => format!("There was nothing to put back in {}.", called(profile)),
            (0, _) => {
                return Ok(Done {
                    change: None,
                    says: format!(
                        "Nothing is put back in {}: all of it is there again, and newer.",
                        called(profile)
                    ),
                });
            }
            (_, 0) => format!("Put back in {}.", called(profile)),
            (_, _) => format!("Put back in {}. What is newer there stays.", called(profile)),
        };
        self.undone(change).await?;
        self.restored(profile, cleared_at).await?;
        Ok(Done { change: None, says })
    }

    /// Records that what was cleared at a time is back: the change is undone, and nothing of it "came back" by itself.
    pub(super) async fn restored(&self, profile: &Profile, cleared_at: Timestamp) -> Result<(), EngineError> {
        let changes = self.shared.store.changes(u32::MAX).await?;
        let mut of = None;
        for row in &changes {
            if let Change::Cleared {
                profile: whose,
                at,
                sites,
                ..
            } = &row.change
                && *at == cleared_at
                && whose.path == profile.path
            {
                of = Some(sites);
                if row.stage == Stage::Done {
                    self.record(row.id, &row.change, Stage::Undone).await;
                }
            }
        }
        // A clearing that this program doesn't know of may have been of any of the sites.
        let every = || {
            data::sites()
                .sites
                .iter()
                .map(|site| site.domain.clone())
                .collect()
        };
        let sites: Vec<String> = of.cloned().unwrap_or_else(every);
        self.remember(|memory| {
            for site in &sites {
                memory.restored(&profile.path, site);
            }
        })
        .await
    }

    async fn put_back(
        &self,
        profile: &Profile,
        change: Uuid,
        before: &RulesBefore,
        after: Option<&RulesBefore>,
    ) -> Result<Done, EngineError> {
        let now = Timestamp::now();
        let adapter = &self.shared.browsing.adapter;
        let put_back = adapter
            .put_back(profile, data::sites(), before, after, now)
            .await?;
        self.undone(Some(change)).await?;
        let rule = put_back.observed.of(&before.site, before.about);
        if before.about == About::Cookies {
            let refused = rule.is_some_and(|rule| rule.effective == Effective::All(Decision::Deny));
            self.remember(|memory| match refused {
                true => memory.refused(&profile.path, &before.site, now),
                false => memory.allowed(&profile.path, &before.site),
            })
            .await?;
        }
        let says = observed(profile, &before.site, before.about, rule);
        Ok(Done {
            change: None,
            says: format!("Undone. {says}"),
        })
    }

    async fn undone(&self, change: Option<Uuid>) -> Result<(), EngineError> {
        let Some(id) = change else { return Ok(()) };
        let Some(ChangeRow { change, .. }) = self.shared.store.change(id).await? else {
            return Ok(());
        };
        self.record(id, &change, Stage::Undone).await;
        Ok(())
    }

    /// Records a change, and waits for the disk: what is about to be done outlives this program.
    async fn begin(&self, change: &Change) -> Result<Uuid, EngineError> {
        let store = &self.shared.store;
        let row = store.begin_change(change, Timestamp::now()).await?;
        store.durable().await?;
        Ok(row)
    }

    async fn backup(&self, is: impl Fn(&Backup) -> bool) -> Result<Backup, EngineError> {
        let folder = self.shared.browsing.backups.clone();
        let all = tokio::task::spawn_blocking(move || backups(&folder)).await;
        let all = all.map_err(|_| EngineError::NoSuchBackup)??;
        all.into_iter().find(is).ok_or(EngineError::NoSuchBackup)
    }

    fn known_profile(&self, id: &ProfileId) -> Result<Profile, EngineError> {
        let profiles = self.browsers().profiles;
        Ok(find(&profiles, id)?.seen.profile.clone())
    }

    /// What became of a clearing whose end wasn't recorded: it has a backup exactly when it was done.
    pub(in super::super) async fn was_cleared(&self, profile: &Profile, at: Timestamp) -> bool {
        self.backup(|backup| backup.made == at && backup.profile.path == profile.path)
            .await
            .is_ok()
    }

    /// Whether a browser does what was wanted of it, for a change whose end wasn't recorded.
    pub(in super::super) async fn was_decided(
        &self,
        profile: &Profile,
        site: &str,
        about: About,
        wanted: Decision,
    ) -> bool {
        let adapter = &self.shared.browsing.adapter;
        let rules = adapter.rules(profile, data::sites(), Timestamp::now()).await;
        rules
            .of(site, about)
            .is_some_and(|rule| rule.effective == Effective::All(wanted))
    }
}

fn find<'a>(profiles: &'a [ProfileState], id: &ProfileId) -> Result<&'a ProfileState, EngineError> {
    profiles
        .iter()
        .find(|known| known.id == *id)
        .ok_or(EngineError::NoSuchProfile)
}
