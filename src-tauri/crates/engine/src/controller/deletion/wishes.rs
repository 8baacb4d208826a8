//! What the person wishes on the way.

use std::path::Path;
use std::time::Duration;

use settings_privacy_core::deletion::{Event, Stage, When};
use settings_privacy_core::export::{Place, WorkflowId};

use super::super::Engine;
use super::{DeletionError, DeletionStanding};
use crate::error::EngineError;

/// Whoever takes it back waits this long for the service's word; it goes on behind.
const PATIENCE: Duration = Duration::from_secs(20);

impl Engine {
    /// Keeps the account of this deletion. Whether it came in time the service says: that is in the standing.
    ///
    /// # Errors
    /// When there is no deletion, it is too late, or it can't be recorded.
    pub async fn cancel_deletion(&self, id: WorkflowId) -> Result<DeletionStanding, EngineError> {
        let now = self.standing_of(id).await?;
        if !now.deletion.can_be_cancelled() && !matches!(now.deletion.stage, Stage::Cancelling { .. }) {
            return match now.deletion.stage {
                Stage::Cancelled | Stage::Failed { .. } => Ok(now),
                Stage::Confirmed { .. }
                | Stage::Reauthenticated
                | Stage::CoolingOff { .. }
                | Stage::Cancelling { .. }
                | Stage::Finalising { .. }
                | Stage::RemoteDeleted { .. }
                | Stage::Unproven { .. }
                | Stage::Wiping => Err(DeletionError::TooLate.into()),
            };
        }
        self.deletion_happens(id, Event::Cancel).await?;
        let standing = self
            .await_deletion(id, PATIENCE, |deletion| {
                !matches!(deletion.stage, Stage::Cancelling { .. }) || deletion.waits().is_some()
            })
            .await?;
        match standing.deletion.stage {
            Stage::Finalising { .. }
            | Stage::RemoteDeleted { .. }
            | Stage::Unproven { .. }
            | Stage::Wiping => Err(DeletionError::TooLate.into()),
            Stage::Confirmed { .. }
            | Stage::Reauthenticated
            | Stage::CoolingOff { .. }
            | Stage::Cancelling { .. }
            | Stage::Cancelled
            | Stage::Failed { .. } => Ok(standing),
        }
    }

    /// Asks the service now how everything stands that is under way, and waits until it has answered, or not.
    ///
    /// # Errors
    /// When the program's own database can't be read or written.
    pub async fn refresh_deletions(&self, patience: Duration) -> Result<(), EngineError> {
        for standing in self.deletions().await? {
            let id = standing.deletion.workflow;
            self.deletion_happens(id, Event::LookNow).await?;
            let handed = |deletion: &settings_privacy_core::deletion::Deletion| {
                deletion
                    .outstanding
                    .iter()
                    .any(|open| matches!(open.when, When::Handed(_)))
            };
            let waited = self
                .await_deletion(id, patience, |deletion| !handed(deletion))
                .await;
            match waited {
                // Its row went with everything else.
                Err(EngineError::Deletion(DeletionError::None)) | Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Goes on after the person did what was needed; with another place for the receipt, if they chose one.
    ///
    /// # Errors
    /// When there is no deletion, or it can't be recorded.
    pub async fn resume_deletion(&self, id: WorkflowId, elsewhere: Option<&Path>) -> Result<(), EngineError> {
        let elsewhere = elsewhere.map(|path| Place(path.to_string_lossy().into_owned()));
        self.deletion_happens(id, Event::Resume { elsewhere }).await
    }

    /// Fetches and checks the receipt once more.
    ///
    /// # Errors
    /// When there is no deletion, or it can't be recorded.
    pub async fn retry_receipt(&self, id: WorkflowId) -> Result<(), EngineError> {
        self.deletion_happens(id, Event::Retry).await
    }

    /// Removes what this computer keeps: of an account that another device deleted, one whose receipt proves nothing, or
    /// one to which nobody can sign in any more.
    ///
    /// # Errors
    /// When it isn't at such a point, or it can't be recorded.
    pub async fn wipe_here(&self, id: WorkflowId) -> Result<(), EngineError> {
        if !self.standing_of(id).await?.deletion.can_wipe() {
            return Err(DeletionError::NotNow.into());
        }
        self.deletion_happens(id, Event::Wipe).await
    }

    /// Takes one that ended off the list.
    ///
    /// # Errors
    /// When it is under way, or it can't be recorded.
    pub async fn forget_deletion(&self, id: WorkflowId) -> Result<(), EngineError> {
        let standing = self.standing_of(id).await?;
        if !standing.deletion.has_ended() {
            return Err(DeletionError::UnderWay.into());
        }
        self.shared.store.forget_deletion(id).await?;
        self.changed();
        Ok(())
    }
}
