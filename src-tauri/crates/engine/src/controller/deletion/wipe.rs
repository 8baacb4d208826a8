//! Removing what this computer keeps of an account that is gone, step by step, until it is done.

use std::path::PathBuf;
use std::time::Duration;

use settings_privacy_core::deletion::{Effect, Event, Outstanding, Reply, StepState, Waits, Wipe, WipeStep};
use settings_privacy_core::export::{Bytes, Place as FilePlace};

use super::super::{Engine, Notice, Place, lock};
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
        let says = says(&wipe);
        let steps = wipe.steps.into_iter().map(|planned| StepStanding {
            step: planned.step,
            says: planned.step.sentence(),
            state: planned.state,
        });
        Some(WipeStanding {
            steps: steps.collect(),
            clean,
            done,
            says,
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

    /// Removes what the person was asked about first.
    ///
    /// # Errors
    /// When nothing is being removed. What is in its way stands with the step.
    pub async fn remove_wipe_step(&self, step: WipeStep) -> Result<(), EngineError> {
        {
            let _one = self.shared.ending.wiping.lock().await;
            let mut wipe = lock(&self.shared.ending.wipe)
                .clone()
                .ok_or(DeletionError::NotRemoved)?;
            wipe.agree(step);
            self.keep_wipe(&wipe);
        }
        self.finish_wipe(true).await
    }

    /// Leaves a step that was offered, or about which the person was asked.
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
    /// When not everything is done, or the marker can't be read or removed.
    pub async fn dismiss_wipe(&self) -> Result<(), EngineError> {
        // Another account's may be about to be noted.
        let _one = self.shared.ending.wiping.lock().await;
        let mut wipe = lock(&self.shared.ending.wipe);
        let known = match &*wipe {
            Some(wipe) => Some(wipe.clone()),
            // One that can't be understood may still have much to say to another version.
            None => self.read_marker()?,
        };
        if known.is_some_and(|wipe| !wipe.is_done()) {
            return Err(DeletionError::NotRemoved.into());
        }
        let removed = self.shared.ending.marker.remove();
        removed.map_err(|error| self.marker_error(error))?;
        *wipe = None;
        drop(wipe);
        self.changed();
        Ok(())
    }

    /// Puts the marker on the disk, and begins.
    pub(super) async fn mark(&self, row: &DeletionRow, kept: Option<FilePlace>) -> Reply {
        let account = row.deletion.account.0.clone();
        let one = self.shared.ending.wiping.lock().await;
        let wipe = match self.read_marker() {
            // What it says would be lost.
            Err(_) => return Reply::Waits(Waits::Own),
            // Another account's: one after the other, or what is left of that one is forgotten.
            Ok(Some(there)) if !there.is_done() && there.account.as_ref() != Some(&account) => {
                return Reply::Unanswered {
                    retry_after: Some(Duration::from_secs(60)),
                    dice: rand::random(),
                };
            }
            Ok(Some(there)) if !there.is_done() => there,
            Ok(Some(_) | None) => match Place::of_key(&row.place) {
                Place::Sample => Wipe::of_made_up(account, kept),
                Place::None | Place::Embedded | Place::Service(_) => {
                    Wipe::plan(account, kept, row.deletion.offers)
                }
            },
        };
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
        drop(one);
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
            None => self.read_marker()?,
        };
        let Some(mut wipe) = wipe else { return Ok(()) };
        wipe.again();
        *lock(&self.shared.ending.wipe) = Some(wipe.clone());
        while let Some(step) = wipe.next() {
            if step.is_offered() && !offered {
                return Ok(());
            }
            let state = match self.wipe_step(step, &wipe).await {
                Ok(state) => state,
                Err((code, message)) => StepState::Stuck { code, message },
            };
            // The person may have left it meanwhile.
            if let Some(now) = lock(&self.shared.ending.wipe).clone() {
                wipe = now;
            }
            wipe.set(step, state);
            self.keep_wipe(&wipe);
        }
        if wipe.is_done() {
            self.next_may_go().await?;
        }
        Ok(())
    }

    /// Whoever else's account is gone as well may have waited for this one.
    async fn next_may_go(&self) -> Result<(), EngineError> {
        let marks = |open: &Outstanding| matches!(open.effect, Effect::Mark { .. });
        for row in self.shared.store.deletions().await? {
            if row.deletion.outstanding.iter().any(marks) {
                self.deletion_happens(row.deletion.workflow, Event::LookNow)
                    .await?;
            }
        }
        Ok(())
    }

    /// What the marker says. That it can't be read stands as a message until it can.
    fn read_marker(&self) -> Result<Option<Wipe>, EngineError> {
        match self.shared.ending.marker.read() {
            Ok(wipe) => {
                self.dismiss_notice(UNREADABLE);
                Ok(wipe)
            }
            Err(error) => {
                self.notice(Notice {
                    code: UNREADABLE.to_owned(),
                    message: NOT_READ.to_owned(),
                    file: Some(self.shared.own.wipe_marker().display().to_string()),
                });
                Err(self.marker_error(error))
            }
        }
    }

    fn marker_error(&self, source: std::io::Error) -> EngineError {
        DeletionError::File {
            path: self.shared.own.wipe_marker().display().to_string(),
            source,
        }
        .into()
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

/// The code of the standing message.
const UNREADABLE: &str = "removal-note-unreadable";

const NOT_READ: &str = "An account was being removed from this computer, and the note of what is left to do can't be read. It is left as it is, and nothing more is removed. If a newer version of this program was used here, use that one. Otherwise make the file readable, then start again.";

/// What is true now. Without a receipt nothing is called deleted.
fn says(wipe: &Wipe) -> String {
    let base = match (wipe.is_clean(), wipe.is_done(), wipe.receipt.is_some()) {
        (true, true, true) => {
            "Your account is deleted. This program keeps nothing of it any more; the receipt stays, and what you exported."
        }
        (true, true, false) => {
            "This program keeps nothing of your account any more; what you exported stays. There is no receipt that proves that the service deleted it."
        }
        (true, false, _) => {
            "This program keeps nothing of your account any more. What you chose besides still waits."
        }
        (false, _, true) => {
            "Your account is deleted at the service. This computer still keeps some of it; it is being removed."
        }
        (false, _, false) => {
            "What this computer keeps is being removed. Whether the service deleted your account isn't proved."
        }
    };
    let is_left = |step| {
        wipe.planned(step)
            .is_some_and(|planned| planned.state == StepState::Left)
    };
    let but = [
        (
            WipeStep::DamagedNotes,
            "The damaged notes that you left may still hold something of it.",
        ),
        (
            WipeStep::BrowserBackups,
            "Backups of what was cleared in browsers stay, because another account is used here too.",
        ),
    ];
    let but = but
        .into_iter()
        .filter(|(step, _)| is_left(*step))
        .map(|(_, says)| says);
    std::iter::once(base).chain(but).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use settings_privacy_core::deletion::Offers;

    use super::*;

    /// One whose steps all stand like this, but for what was offered.
    fn wipe(receipt: bool, state: &StepState, offered: &StepState) -> Wipe {
        let offers = Offers {
            cookies: true,
            ..Offers::default()
        };
        let receipt = receipt.then(|| FilePlace("/there/receipt.jws".to_owned()));
        let mut wipe = Wipe::plan("a".to_owned(), receipt, offers);
        for planned in wipe.steps.clone() {
            let state = if planned.step.is_offered() { offered } else { state };
            wipe.set(planned.step, state.clone());
        }
        wipe
    }

    #[test]
    fn without_a_receipt_nothing_says_that_the_account_is_deleted() {
        let (todo, done) = (StepState::Todo, StepState::Done);
        for (state, offered) in [(&todo, &todo), (&done, &todo), (&done, &done)] {
            let without = says(&wipe(false, state, offered));
            assert!(!without.contains("is deleted"), "{without}");
        }
        for state in [&todo, &done] {
            assert!(says(&wipe(true, state, state)).contains("is deleted"));
        }
    }

    #[test]
    fn what_was_left_is_named() {
        let mut wipe = wipe(true, &StepState::Done, &StepState::Done);
        wipe.set(WipeStep::DamagedNotes, StepState::Left);
        wipe.set(WipeStep::BrowserBackups, StepState::Left);
        let told = says(&wipe);
        assert!(told.contains("damaged notes that you left"), "{told}");
        assert!(told.contains("another account is used here"), "{told}");
    }
}
