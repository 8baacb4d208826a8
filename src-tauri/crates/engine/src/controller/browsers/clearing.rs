//! Clearing a profile, and putting back what was cleared, while its turn is held.

use jiff::Timestamp;
use settings_privacy_browsers::{Backup, ClearError, backups};
use settings_privacy_core::data;
use settings_privacy_core::history::{Change, Stage};
use settings_privacy_core::storage::{Choice, Plan, Profile};
use uuid::Uuid;

use super::super::{Done, Engine};
use super::words::{are, called, counted, things, were};
use crate::error::EngineError;

impl Engine {
    pub(super) async fn clear(&self, profile: &Profile, choices: &[Choice]) -> Result<Done, EngineError> {
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

    pub(super) async fn restore(
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

    pub(super) async fn backup(&self, is: impl Fn(&Backup) -> bool) -> Result<Backup, EngineError> {
        let folder = self.shared.browsing.backups.clone();
        let all = tokio::task::spawn_blocking(move || backups(&folder)).await;
        let all = all.map_err(|_| EngineError::NoSuchBackup)??;
        all.into_iter().find(is).ok_or(EngineError::NoSuchBackup)
    }

    /// What became of a clearing whose end wasn't recorded: it has a backup exactly when it was done.
    pub(in super::super) async fn was_cleared(&self, profile: &Profile, at: Timestamp) -> bool {
        self.backup(|backup| backup.made == at && backup.profile.path == profile.path)
            .await
            .is_ok()
    }
}
