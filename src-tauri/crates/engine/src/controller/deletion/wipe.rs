//! Removing what this computer keeps of an account that is gone, step by step, until it is done.

use std::path::PathBuf;

use settings_privacy_core::deletion::{Reply, StepState, Waits, Wipe, WipeStep};
use settings_privacy_core::export::{Bytes, Place as FilePlace};

use super::super::Engine;
use super::super::lock;
use super::{DeletionError, perform};
use crate::error::EngineError;
use crate::store::DeletionRow;

/// How far the removing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WipeStanding {
    /// Every step, in order.
    pub steps: Vec<StepStanding>,
    /// Where the receipt lies.
    pub receipt: Option<PathBuf>,
    /// Everything that has to go is gone; what was offered may still wait.
    pub clean: bool,
    /// Nothing is left to do.
    pub done: bool,
    /// What is true now, in one sentence.
    pub says: String,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepStanding {
    /// Which.
    pub step: WipeStep,
    /// What it removes.
    pub says: &'static str,
    /// How it stands.
    pub state: StepState,
}

impl Engine {
    /// How far the removing is; `None` where nothing is being removed, or its end was seen.
    pub fn wipe(&self) -> Option<WipeStanding> {
        let wipe = lock(&self.shared.ending.wipe).clone()?;
        let (clean, done) = (wipe.is_clean(), wipe.is_done());
        let steps = wipe.steps.into_iter().map(|planned| StepStanding {
            step: planned.step,
            says: planned.step.sentence(),
            state: planned.state,
        });
        Some(WipeStanding {
            steps: steps.collect(),
            clean,
            done,
            says: says(clean, done, wipe.receipt.is_some()),
            receipt: wipe.receipt.map(|place| PathBuf::from(place.0)),
        })
    }

    /// Tries what is stuck once more, and what was offered.
    ///
    /// # Errors
    /// When the marker can't be read. What is in a step's way stands with the step.
    pub async fn continue_wipe(&self) -> Result<(), EngineError> {
        self.finish_wipe(true).await
    }

    /// Leaves a step that was offered.
    ///
    /// # Errors
    /// When it can't be recorded.
    pub async fn leave_wipe_step(&self, step: WipeStep) -> Result<(), EngineError> {
        let _one = self.shared.ending.wiping.lock().await;
        let mut wipe = lock(&self.shared.ending.wipe)
            .clone()
            .ok_or(DeletionError::NotRemoved)?;
        wipe.leave(step);
        self.keep_wipe(&wipe);
        Ok(())
    }

    /// The person has seen that everything is done: the last that speaks of it goes.
    ///
    /// # Errors
    /// When not everything is done, or the marker can't be removed.
    pub fn dismiss_wipe(&self) -> Result<(), EngineError> {
        let mut wipe = lock(&self.shared.ending.wipe);
        if wipe.as_ref().is_some_and(|wipe| !wipe.is_done()) {
            return Err(DeletionError::NotRemoved.into());
        }
        self.shared.ending.marker.remove().map_err(marker_error)?;
        *wipe = None;
        drop(wipe);
        self.changed();
        Ok(())
    }

    /// Puts the marker on the disk, and begins.
    pub(super) async fn mark(&self, row: &DeletionRow, kept: Option<FilePlace>) -> Reply {
        let wipe = Wipe::plan(row.deletion.account.0.clone(), kept, row.deletion.offers);
        let marker = self.shared.ending.marker.clone();
        let written = {
            let wipe = wipe.clone();
            tokio::task::spawn_blocking(move || marker.write(&wipe)).await
        };
        match written {
            Ok(Ok(())) => {}
            Ok(Err(error)) if perform::is_full(&error) => {
                return Reply::Waits(Waits::Room {
                    missing: Bytes(64 << 10),
                });
            }
            Ok(Err(_)) => return Reply::Waits(Waits::Own),
            Err(_) => return perform::unanswered(),
        }
        *lock(&self.shared.ending.wipe) = Some(wipe);
        let engine = self.clone();
        self.in_background(async move {
            if let Err(error) = engine.finish_wipe(true).await {
                tracing::warn!(code = error.code(), "removing rests");
            }
        });
        Reply::Done
    }

    /// Does what the marker says, if there is one. `offered`: also what the person may leave, and what may take long.
    pub(in super::super) async fn finish_wipe(&self, offered: bool) -> Result<(), EngineError> {
        let _one = self.shared.ending.wiping.lock().await;
        let known = lock(&self.shared.ending.wipe).clone();
        let wipe = match known {
            Some(wipe) => Some(wipe),
            None => self.shared.ending.marker.read().map_err(marker_error)?,
        };
        let Some(mut wipe) = wipe else { return Ok(()) };
        wipe.again();
        *lock(&self.shared.ending.wipe) = Some(wipe.clone());
        while let Some(step) = wipe.next() {
            if step.is_offered() && !offered {
                return Ok(());
            }
            let state = match self.wipe_step(step, &wipe).await {
                Ok(()) => StepState::Done,
                Err((code, message)) => StepState::Stuck { code, message },
            };
            // The person may have left it meanwhile.
            if let Some(now) = lock(&self.shared.ending.wipe).clone() {
                wipe = now;
            }
            wipe.set(step, state);
            self.keep_wipe(&wipe);
        }
        Ok(())
    }

    /// On a full disk the older marker stands: what it says to be done is done once more, which is harmless.
    fn keep_wipe(&self, wipe: &Wipe) {
        *lock(&self.shared.ending.wipe) = Some(wipe.clone());
        if let Err(error) = self.shared.ending.marker.write(wipe) {
            tracing::warn!(%error, "the marker isn't brought up to date");
        }
        self.changed();
    }
}

fn says(clean: bool, done: bool, receipt: bool) -> String {
    match (clean, done, receipt) {
        (true, true, true) => "Your account is deleted, and nothing of it is left here but the receipt and what you exported.",
        (true, true, false) => "Nothing of your account is left here but what you exported. There is no receipt that proves that the service deleted it.",
        (true, false, _) => "This program keeps nothing of your account any more. What you chose besides still waits.",
        (false, _, _) => "Your account is deleted at the service. This computer still keeps some of it; it is being removed.",
    }
    .to_owned()
}

fn marker_error(source: std::io::Error) -> EngineError {
    DeletionError::File {
        path: "The note of what is to be removed".to_owned(),
        source,
    }
    .into()
}
