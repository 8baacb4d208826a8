//! The history of changes, and undoing them.

use settings_privacy_core::data;
use settings_privacy_core::history::{self, Change, EffectiveWord, Stage, Undo};
use settings_privacy_core::permission::{Edit, PermissionId, Snapshot, Wanted, plan};
use uuid::Uuid;

use super::permissions::{effective, known, says};
use super::{Done, Engine};
use crate::error::EngineError;
use crate::store::ChangeRow;

impl Engine {
    /// Undoes a change.
    ///
    /// # Errors
    /// When there is nothing to undo, or it can't be done now; then everything is as it was.
    pub async fn undo(&self, id: Uuid) -> Result<Done, EngineError> {
        let row = self
            .shared
            .store
            .change(id)
            .await?
            .filter(can_undo)
            .ok_or(EngineError::NothingToUndo)?;
        match &row.change {
            Change::Consent { consent, from, .. } => {
                data::consents().check(consent, *from)?;
                let state = self.state().await?;
                let key = self
                    .account_key(&state.account)
                    .ok_or_else(|| self.who_is_missing())?;
                self.queue(&key, &row.change, consent, *from, Some(row.id))
                    .await?;
                self.changed();
                self.shared.outbox.notify_one();
                let name = data::consents()
                    .get(consent)
                    .map_or(consent.as_str(), |c| c.name.as_str());
                let says = format!("Undone: “{name}” is {} again.", if *from { "on" } else { "off" });
                Ok(Done { change: None, says })
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
        let changes = self.shared.store.changes(100).await?;
        let last = changes
            .iter()
            .find(|row| can_undo(row))
            .ok_or(EngineError::NothingToUndo)?;
        self.undo(last.id).await
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
        self.report_device(&state).await;
        Ok(Done {
            change: None,
            says: format!("Undone: {}", says(permission, effective(&state, id))),
        })
    }

    /// Changes whose end wasn't recorded because the program ended: looks what became of them.
    pub(super) async fn settle_unfinished(&self) -> Result<(), EngineError> {
        for row in self.shared.store.unfinished_changes().await? {
            let stage = match &row.change {
                Change::Permission { before, .. } => {
                    let now = self
                        .shared
                        .desktop
                        .snapshot(data::permissions(), &touched(before))
                        .await;
                    match now {
                        Ok(now) if now == *before => Stage::Failed,
                        Ok(_) => Stage::Done,
                        // Not to be found out now; the next start looks again.
                        Err(_) => continue,
                    }
                }
                Change::Consent { .. } => Stage::Done,
            };
            self.shared
                .store
                .finish_change(row.id, &row.change, stage)
                .await?;
        }
        Ok(())
    }
}

/// Whether a change can still be undone.
pub fn can_undo(row: &ChangeRow) -> bool {
    row.stage == Stage::Done
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
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn only_a_change_that_was_made_and_stands_can_be_undone() {
        let change = Change::Consent {
            consent: settings_privacy_core::consent::ConsentId::new("cookies.statistics"),
            from: true,
            to: false,
        };
        let row = |stage| ChangeRow {
            id: Uuid::nil(),
            at: Timestamp::UNIX_EPOCH,
            change: change.clone(),
            stage,
        };
        assert!(can_undo(&row(Stage::Done)));
        for stage in [Stage::Started, Stage::Failed, Stage::Undone] {
            assert!(!can_undo(&row(stage)), "{stage:?}");
        }
    }
}
