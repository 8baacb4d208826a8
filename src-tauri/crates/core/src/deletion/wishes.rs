//! What the person wishes on the way.

use jiff::Timestamp;

use super::{Deletion, Effect, Outstanding, Seen, Stage, When};
use crate::export::Place;

impl Seen {
    /// Of which deletion it speaks.
    pub fn deletion(&self) -> Option<&super::DeletionId> {
        match self {
            Seen::Nothing => None,
            Seen::CoolingOff { deletion, .. }
            | Seen::Cancelled { deletion }
            | Seen::Finalising { deletion, .. }
            | Seen::Deleted { deletion } => Some(deletion),
        }
    }
}

impl Deletion {
    pub(super) fn ask(&mut self, now: Timestamp) {
        let Stage::Confirmed { .. } = self.stage else {
            return;
        };
        self.enter(Stage::Reauthenticated);
        self.sent = true;
        let asked = self.asked.clone();
        self.put(Effect::Ask { asked }, now);
    }

    /// Whatever waits for its time is done now; what only the person can change waits on. Before the request it is looked
    /// whether an earlier one arrived after all.
    pub(super) fn look_now(&mut self, now: Timestamp) {
        if let (Stage::Confirmed { .. }, true) = (&self.stage, self.outstanding.is_empty()) {
            self.look(now);
        }
        for open in &mut self.outstanding {
            if let When::At(_) = open.when {
                open.when = When::At(now);
            }
        }
    }

    pub(super) fn cancel(&mut self, now: Timestamp) {
        match &self.stage {
            // Another device may have asked, or a request of this one arrived late: the service knows.
            Stage::Confirmed { .. } => {
                self.enter(Stage::Cancelling { deletion: None });
                self.look(now);
            }
            Stage::Reauthenticated => {
                // What is under way settles first whether there is anything to take back. What isn't is never sent again.
                self.stage = Stage::Cancelling { deletion: None };
                let rests = |open: &Outstanding| {
                    matches!(open.effect, Effect::Ask { .. }) && !matches!(open.when, When::Handed(_))
                };
                if self.outstanding.iter().any(rests) {
                    self.settle_by_asking(now);
                }
            }
            Stage::CoolingOff { deletion, .. } => {
                let deletion = deletion.clone();
                self.cancel_remote(deletion, now);
            }
            Stage::Cancelling { .. }
            | Stage::Finalising { .. }
            | Stage::RemoteDeleted { .. }
            | Stage::Unproven { .. }
            | Stage::Wiping
            | Stage::Cancelled
            | Stage::Failed { .. } => {}
        }
    }

    pub(super) fn resume(&mut self, elsewhere: Option<Place>, now: Timestamp) {
        if let Some(elsewhere) = elsewhere {
            self.place = elsewhere;
        }
        for open in &mut self.outstanding {
            if let When::Person(_) = open.when {
                open.when = When::At(now);
                // Of a request it stays known that it was sent before.
                if !matches!(open.effect, Effect::Ask { .. }) {
                    open.attempts = 0;
                }
            }
            if let Effect::KeepReceipt { to, .. } = &mut open.effect {
                *to = self.place.clone();
            }
        }
    }

    pub(super) fn retry(&mut self, now: Timestamp) {
        if let Stage::Unproven { deletion, .. } = &self.stage {
            let deletion = deletion.clone();
            self.enter(Stage::Finalising {
                deletion,
                progress: super::Progress::default(),
            });
            self.look(now);
        }
    }

    /// Without a receipt the marker says so: nothing proves that the account is deleted.
    pub(super) fn wipe(&mut self, now: Timestamp) {
        if !self.can_wipe() {
            return;
        }
        let kept = match &self.stage {
            Stage::RemoteDeleted { kept, .. } => kept.clone(),
            Stage::Unproven { .. }
            | Stage::Confirmed { .. }
            | Stage::Reauthenticated
            | Stage::CoolingOff { .. }
            | Stage::Cancelling { .. }
            | Stage::Finalising { .. }
            | Stage::Wiping
            | Stage::Cancelled
            | Stage::Failed { .. } => None,
        };
        self.put(Effect::Mark { kept }, now);
    }
}
