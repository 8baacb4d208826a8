//! One step after the other: kept, then done.

use std::time::Duration;

use settings_privacy_core::deletion::{self, Deletion, Effect, Event, Keyed, Step};
use settings_privacy_core::export::WorkflowId;

use super::super::{Engine, lock};
use super::{DeletionError, DeletionStanding};
use crate::error::EngineError;
use crate::store::DeletionRow;

impl Engine {
    /// Keeps the first step.
    pub(super) async fn deletion_begins(&self, first: Step, place: &str) -> Result<(), EngineError> {
        let store = &self.shared.store;
        let _one = self.shared.ending.stepping.lock().await;
        store
            .begin_deletion(&first.deletion, place, self.shared.ending.clock.now())
            .await?;
        store.durable().await?;
        self.deletion_moves(first, place.to_owned());
        Ok(())
    }

    /// Something happened: what follows is kept, then begun.
    pub(in super::super) async fn deletion_happens(
        &self,
        id: WorkflowId,
        event: Event,
    ) -> Result<(), EngineError> {
        let (store, desk) = (&self.shared.store, &self.shared.ending);
        let _one = desk.stepping.lock().await;
        loop {
            let rows = store.deletions().await?;
            let Some(row) = rows.into_iter().find(|row| row.deletion.workflow == id) else {
                // It was forgotten, or everything is being removed.
                return Ok(());
            };
            let now = desk.clock.now();
            let next = deletion::step(row.deletion.clone(), event.clone(), now);
            if next.deletion == row.deletion {
                return Ok(());
            }
            if !store.keep_deletion(&next.deletion, row.revision, now).await? {
                // Another program was quicker: what follows is decided over what it left.
                continue;
            }
            if !next.effects.is_empty() {
                // What leaves must be known to have left, whatever happens to this computer now.
                store.durable().await?;
            }
            self.deletion_moves(next, row.place);
            return Ok(());
        }
    }

    fn deletion_moves(&self, next: Step, place: String) {
        let desk = &self.shared.ending;
        let asks = |keyed: &deletion::Outstanding| matches!(keyed.effect, Effect::Ask { .. });
        if !next.deletion.outstanding.iter().any(asks) {
            desk.live(next.deletion.workflow, |live| {
                live.code = None;
                live.asking = None;
            });
        }
        for keyed in next.effects {
            let row = DeletionRow {
                deletion: next.deletion.clone(),
                place: place.clone(),
                revision: 0,
                asked_at: desk.clock.began,
                changed_at: desk.clock.began,
            };
            self.begin_effect(row, keyed);
        }
        self.changed();
        desk.news.notify_one();
    }

    /// Has an effect done beside everything else. One that is being done here already goes on.
    fn begin_effect(&self, row: DeletionRow, keyed: Keyed) {
        let id = row.deletion.workflow;
        if !lock(&self.shared.ending.running).insert((id, keyed.sequence)) {
            return;
        }
        let engine = self.clone();
        self.in_background(async move {
            let reply = engine.perform_deletion(&row, &keyed).await;
            lock(&engine.shared.ending.running).remove(&(id, keyed.sequence));
            let to = keyed.sequence;
            let kept = engine.deletion_happens(id, Event::Reply { to, reply }).await;
            if let Err(error) = kept {
                // It is handed out again after a while, and bears being done twice.
                tracing::warn!(code = error.code(), "a step of a deletion isn't recorded");
            }
        });
    }

    /// Takes up whatever was under way when the program last ended, and does what is due from then on. Called again it
    /// does nothing.
    ///
    /// # Errors
    /// When the program's own database can't be read or written.
    pub async fn tend_deletions(&self) -> Result<(), EngineError> {
        if self
            .shared
            .ending
            .tended
            .swap(true, std::sync::atomic::Ordering::Relaxed)
        {
            return Ok(());
        }
        let path = self.shared.own.asking_lock();
        // Free, or not to be had at all: nobody asks. It is let go at once.
        let taken = std::fs::File::create(path).map(|file| file.try_lock());
        let asking_elsewhere = matches!(taken, Ok(Err(std::fs::TryLockError::WouldBlock)));
        for row in self.shared.store.deletions().await? {
            let opened = Event::Opened { asking_elsewhere };
            self.deletion_happens(row.deletion.workflow, opened).await?;
        }
        let engine = self.clone();
        self.in_background(async move { engine.run_deletions().await });
        Ok(())
    }

    /// Does what is due, whenever something is, until the engine is closed.
    async fn run_deletions(&self) {
        loop {
            match self.deletions_due().await {
                Ok(None) => self.shared.ending.news.notified().await,
                Ok(Some(wait)) => {
                    // Either way there is something to look at.
                    let _ = tokio::time::timeout(wait, self.shared.ending.news.notified()).await;
                }
                Err(error) => {
                    tracing::warn!(code = error.code(), "deletions rest");
                    let _ = tokio::time::timeout(Duration::from_secs(60), self.shared.ending.news.notified())
                        .await;
                }
            }
        }
    }

    /// Does what is due now; how long until the next.
    async fn deletions_due(&self) -> Result<Option<Duration>, EngineError> {
        let mut next = None;
        for row in self.shared.store.deletions().await? {
            let Some(at) = row.deletion.wake_at() else {
                continue;
            };
            let wait = at.duration_since(self.shared.ending.clock.now());
            match Duration::try_from(wait) {
                Ok(wait) if wait > Duration::ZERO => {
                    next = Some(next.map_or(wait, |next: Duration| next.min(wait)));
                }
                Ok(_) | Err(_) => {
                    self.deletion_happens(row.deletion.workflow, Event::Tick).await?;
                    next = Some(Duration::from_millis(50));
                }
            }
        }
        Ok(next)
    }

    /// Waits until a deletion is as wanted, or it was long enough; gives it as it is then.
    pub(super) async fn await_deletion(
        &self,
        id: WorkflowId,
        patience: Duration,
        wanted: impl Fn(&Deletion) -> bool,
    ) -> Result<DeletionStanding, EngineError> {
        let mut revisions = self.revisions();
        let enough = tokio::time::Instant::now() + patience;
        loop {
            let standing = self.standing_of(id).await?;
            if wanted(&standing.deletion) {
                return Ok(standing);
            }
            if tokio::time::timeout_at(enough, revisions.changed())
                .await
                .is_err()
            {
                return Ok(standing);
            }
        }
    }

    pub(super) async fn standing_of(&self, id: WorkflowId) -> Result<DeletionStanding, EngineError> {
        let rows = self.shared.store.deletions().await?;
        let row = rows.into_iter().find(|row| row.deletion.workflow == id);
        Ok(self.deletion_stands(row.ok_or(DeletionError::None)?))
    }
}
