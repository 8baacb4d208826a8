//! The history of changes, and undoing them.

use jiff::Timestamp;
use settings_privacy_core::data;
use settings_privacy_core::history::{self, Change, EffectiveWord, Stage, Undo};
use settings_privacy_core::permission::{Edit, PermissionId, Snapshot, Wanted, plan};
use uuid::Uuid;

use super::browsers::Wish;
use super::permissions::{effective, known, says};
use super::{AccountState, Done, Engine, Signed, lock};
use crate::error::EngineError;
use crate::store::ChangeRow;

impl Engine {
    /// Undoes a change.
    ///
    /// # Errors
    /// When there is nothing to undo, or it can't be done now; then everything is as it was.
    pub async fn undo(&self, id: Uuid) -> Result<Done, EngineError> {
        let account = lock(&self.shared.account).clone();
        let row = self
            .shared
            .store
            .change(id)
            .await?
            .ok_or(EngineError::NothingToUndo)?;
        if row.stage != Stage::Done {
            return Err(EngineError::NothingToUndo);
        }
        if !can_undo(&row, &account, Timestamp::now()) {
            return Err(match &row.change {
                Change::Cleared { .. } => EngineError::NoSuchBackup,
                Change::SiteRule { .. } => EngineError::NothingToUndo,
                Change::Permission { .. } | Change::Consent { .. } => EngineError::OtherAccount,
            });
        }
        match &row.change {
            Change::Consent { consent, from, .. } => {
                data::consents().check(consent, *from)?;
                let key = self.account_key(&account).ok_or_else(|| self.who_is_missing())?;
                self.take_back(&key, row.id, consent, *from).await?;
                let name = data::consents()
                    .get(consent)
                    .map_or(consent.as_str(), |c| c.name.as_str());
                let says = format!("Undone: “{name}” is {} again.", if *from { "on" } else { "off" });
                Ok(Done { change: None, says })
            }
            Change::Cleared { profile, at, .. } => {
                let wish = Wish::Restore {
                    cleared_at: *at,
                    change: Some(row.id),
                };
                self.undo_in_browser(profile, wish).await
            }
            Change::SiteRule {
                profile,
                before,
                after,
                ..
            } => {
                let before = before.clone().ok_or(EngineError::NothingToUndo)?;
                let after = after.clone();
                let wish = Wish::PutBack {
                    change: row.id,
                    before,
                    after,
                };
                self.undo_in_browser(profile, wish).await
            }
            Change::Permission {
                permission,
                from,
                before,
                after,
                ..
            } => {
                self.undo_permission(&row, permission, *from, before, after.as_ref())
                    .await
            }
        }
    }

    /// Undoes the newest change that can be.
    ///
    /// # Errors
    /// As [`Engine::undo`].
    pub async fn undo_last(&self) -> Result<Done, EngineError> {
        let account = lock(&self.shared.account).clone();
        let changes = self.shared.store.changes(100).await?;
        let now = Timestamp::now();
        for row in changes.iter().filter(|row| can_undo(row, &account, now)) {
            if let Change::Cleared { profile, at, .. } = &row.change
                && !self.was_cleared(profile, *at).await
            {
                // Its backup was removed: it is in nobody's way.
                continue;
            }
            return self.undo(row.id).await;
        }
        Err(EngineError::NothingToUndo)
    }

    async fn undo_permission(
        &self,
        row: &ChangeRow,
        id: &PermissionId,
        from: EffectiveWord,
        before: &Snapshot,
        after: Option<&Snapshot>,
    ) -> Result<Done, EngineError> {
        let permission = known(id)?;
        let _writing = self.shared.writing.lock().await;
        let desktop = &self.shared.desktop;
        let now = desktop.snapshot(data::permissions(), &touched(before)).await?;
        match history::undo(before, after, &now) {
            Undo::Nothing => {}
            Undo::Exactly => desktop.restore(data::permissions(), before).await?,
            Undo::OnlyOurs => {
                // Somebody wrote there since: what they wrote stays, only this permission goes back.
                let wanted = match from {
                    EffectiveWord::Allowed => Wanted::Allow,
                    EffectiveWord::Denied => Wanted::Deny,
                    EffectiveWord::Asks
                    | EffectiveWord::NotRequested
                    | EffectiveWord::NotEnforced
                    | EffectiveWord::Unknown => Wanted::Reset,
                };
                let state = self.observe().await;
                let plan = plan(data::permissions(), &state.observation, id, wanted)?;
                desktop.apply(data::permissions(), &plan.edits).await?;
            }
        }
        self.shared
            .store
            .finish_change(row.id, &row.change, Stage::Undone)
            .await?;
        let state = self.observe().await;
        self.changed();
        self.bring_to_disk();
        self.report_device(&state).await;
        Ok(Done {
            change: None,
            says: format!("Undone: {}", says(permission, effective(&state, id))),
        })
    }

    /// Changes whose end wasn't recorded because the program ended: looks what became of them. A change that another
    /// program is making right now is left to it.
    pub(super) async fn settle_unfinished(&self) -> Result<(), EngineError> {
        for mut row in self.shared.store.unfinished_changes().await? {
            let stage = match &mut row.change {
                Change::Permission { before, after, .. } => {
                    let now = self
                        .shared
                        .desktop
                        .snapshot(data::permissions(), &touched(before))
                        .await;
                    match now {
                        Ok(now) if now == *before => Stage::Failed,
                        Ok(now) => {
                            *after = Some(now);
                            Stage::Done
                        }
                        // Not to be found out now; the next start looks again.
                        Err(_) => continue,
                    }
                }
                Change::Consent { .. } => Stage::Done,
                // A clearing that was cut short is settled by a look at the browsers, which comes later.
                Change::Cleared { profile, at, .. } if self.was_cleared(profile, *at).await => Stage::Done,
                Change::Cleared { .. } => continue,
                Change::SiteRule {
                    profile,
                    site,
                    about,
                    wanted,
                    ..
                } => match self.was_decided(profile, site, *about, *wanted).await {
                    true => Stage::Done,
                    false => Stage::Failed,
                },
            };
            self.shared
                .store
                .settle_change(row.id, &row.change, stage)
                .await?;
        }
        Ok(())
    }
}

/// Whether a change can still be undone by who is signed in, at this time: what was agreed to in one account is taken
/// back only there, and what was cleared is kept for a time only.
pub fn can_undo(row: &ChangeRow, account: &AccountState, now: Timestamp) -> bool {
    let mine = match (&row.account, &account.signed) {
        (None, _) => true,
        (Some(whose), Signed::In(summary)) => *whose == summary.id.to_string(),
        (Some(_), Signed::Out | Signed::Locked(_)) => false,
    };
    let kept = match &row.change {
        Change::Permission { .. } | Change::Consent { .. } => true,
        Change::Cleared { kept, at, .. } => *kept && now < settings_privacy_browsers::kept_until(*at),
        Change::SiteRule { before, .. } => before.is_some(),
    };
    mine && kept && row.stage == Stage::Done
}

/// Edits that touch what a snapshot holds: enough to take the same one again.
fn touched(snapshot: &Snapshot) -> Vec<Edit> {
    snapshot
        .store
        .iter()
        .map(|(key, value)| Edit::Store {
            key: key.clone(),
            value: value.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(stage: Stage, account: Option<String>) -> ChangeRow {
        let consent = settings_privacy_core::consent::ConsentId::new("cookies.statistics");
        let change = Change::Consent {
            consent,
            from: true,
            to: false,
        };
        ChangeRow {
            id: Uuid::nil(),
            at: Timestamp::UNIX_EPOCH,
            account,
            change,
            stage,
        }
    }

    #[test]
    fn only_a_change_that_was_made_and_stands_can_be_undone() {
        let account = AccountState::default();
        assert!(can_undo(&row(Stage::Done, None), &account, Timestamp::UNIX_EPOCH));
        for stage in [Stage::Started, Stage::Failed, Stage::Undone] {
            assert!(
                !can_undo(&row(stage, None), &account, Timestamp::UNIX_EPOCH),
                "{stage:?}"
            );
        }
    }

    #[test]
    fn what_was_cleared_can_be_undone_while_its_backup_is_kept() {
        use settings_privacy_core::storage::{Browser, Channel, Counts, Family, Packaging, Profile};
        let profile = Profile {
            family: Family::Firefox,
            browser: Browser::Firefox,
            channel: Channel::Stable,
            path: "profile".into(),
            root: "profiles".into(),
            cache: None,
            name: "default".to_owned(),
            default: true,
            packaging: Packaging::Plain,
        };
        let cleared = ChangeRow {
            change: Change::Cleared {
                profile,
                at: Timestamp::UNIX_EPOCH,
                sites: vec!["dingtalk.com".to_owned()],
                counts: Counts::default(),
                kept: true,
            },
            ..row(Stage::Done, None)
        };
        let account = AccountState::default();
        let ends = settings_privacy_browsers::kept_until(Timestamp::UNIX_EPOCH);
        assert!(can_undo(&cleared, &account, Timestamp::UNIX_EPOCH));
        assert!(!can_undo(&cleared, &account, ends));
    }

    #[test]
    fn what_was_agreed_to_in_another_account_is_not_taken_back_in_this_one() {
        let summary = settings_privacy_api::AccountSummary {
            id: Uuid::from_u128(1),
            display_name: String::new(),
            identifier: String::new(),
            sample: false,
        };
        let mine = summary.id.to_string();
        let account = AccountState {
            signed: Signed::In(summary),
            ..AccountState::default()
        };
        assert!(can_undo(
            &row(Stage::Done, Some(mine.clone())),
            &account,
            Timestamp::UNIX_EPOCH
        ));
        assert!(!can_undo(
            &row(Stage::Done, Some(Uuid::from_u128(2).to_string())),
            &account,
            Timestamp::UNIX_EPOCH
        ));
        assert!(!can_undo(
            &row(Stage::Done, Some(mine)),
            &AccountState::default(),
            Timestamp::UNIX_EPOCH
        ));
    }
}
