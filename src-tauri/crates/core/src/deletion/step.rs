//! One step of the workflow.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{
    Asked, CodeNeeded, Confirmation, Deletion, DeletionId, Effect, Event, Keyed, Notification, Offers,
    Outstanding, Receipt, Reply, Seen, Stage, When,
};
use crate::archive::Pinned;
use crate::export::{AccountId, Place, Sequence, WorkflowId};
use crate::outbox;

/// The longest time between two looks while it can still be taken back: another device may have done that.
pub const LOOK_LATEST: Duration = Duration::from_secs(5 * 60);
/// The time between two looks while the service removes everything, when it doesn't say.
const LOOK: Duration = Duration::from_secs(3);
/// An effect that nobody answered for so long has lost whoever had it. Longer than any request waits.
const LOST_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// A refusal's code: a deletion is under way that can't be taken back any more.
const FINAL: &str = "deletion-final";

/// What is known now, and what should be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// To be kept before anything of `effects` is done.
    pub deletion: Deletion,
    /// In this order.
    pub effects: Vec<Keyed>,
}

/// Who wants what, before anything is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Which asking.
    pub workflow: WorkflowId,
    /// Whose account.
    pub account: AccountId,
    /// What is asked for.
    pub asked: Asked,
    /// What else shall go from this computer.
    pub offers: Offers,
    /// Where the receipt shall lie.
    pub place: Place,
    /// The keys a receipt may be signed with.
    pub keys: Pinned,
}

/// Begins it: the person typed the word. A code is needed next.
pub fn begin(wish: Wish, _typed: Confirmation) -> Step {
    Step {
        deletion: wish.deletion(
            true,
            Stage::Confirmed {
                need: CodeNeeded::First,
            },
        ),
        effects: Vec::new(),
    }
}

/// Begins to follow what another device asked for. `None` when there is nothing to follow.
pub fn follow(wish: Wish, seen: Seen, now: Timestamp) -> Option<Step> {
    let (Seen::CoolingOff { deletion, .. } | Seen::Finalising { deletion, .. }) = &seen else {
        return None;
    };
    let stage = Stage::Finalising {
        deletion: deletion.clone(),
        progress: super::Progress::default(),
    };
    let mut followed = wish.deletion(false, stage);
    followed.seen(seen, now);
    Some(followed.hand_out(now))
}

/// What follows from what happened.
pub fn step(mut deletion: Deletion, event: Event, now: Timestamp) -> Step {
    match event {
        Event::Opened { asking_elsewhere } => deletion.again_what_was_under_way(asking_elsewhere, now),
        Event::Tick => deletion.again_what_was_lost(now),
        Event::Reply { to, reply } => deletion.replied(to, reply, now),
        Event::Code => deletion.ask(now),
        Event::LookNow => deletion.look_now(now),
        Event::Cancel => deletion.cancel(now),
        Event::Resume { elsewhere } => deletion.resume(elsewhere, now),
        Event::Retry => deletion.retry(now),
        Event::Wipe => deletion.wipe(now),
    }
    deletion.hand_out(now)
}

impl Wish {
    fn deletion(self, here: bool, stage: Stage) -> Deletion {
        Deletion {
            workflow: self.workflow,
            account: self.account,
            here,
            asked: self.asked,
            sent: false,
            refusal: None,
            offers: self.offers,
            place: self.place,
            keys: self.keys,
            stage,
            outstanding: Vec::new(),
            last: Sequence(0),
        }
    }
}

impl Deletion {
    /// Hands out what is due.
    fn hand_out(mut self, now: Timestamp) -> Step {
        let mut effects = Vec::new();
        for open in &mut self.outstanding {
            if matches!(open.when, When::At(at) if at <= now) {
                open.when = When::Handed(now);
                effects.push(Keyed {
                    sequence: open.sequence,
                    effect: open.effect.clone(),
                });
            }
        }
        Step {
            deletion: self,
            effects,
        }
    }

    pub(super) fn put(&mut self, effect: Effect, at: Timestamp) {
        self.last = Sequence(self.last.0 + 1);
        self.outstanding.push(Outstanding {
            sequence: self.last,
            effect,
            attempts: 0,
            when: When::At(at),
        });
    }

    /// Lets go of what belongs to the stage that ends. What only tells goes on.
    pub(super) fn enter(&mut self, stage: Stage) {
        self.outstanding
            .retain(|open| matches!(open.effect, Effect::Notify(_)));
        self.stage = stage;
        self.refusal = None;
    }

    pub(super) fn look(&mut self, at: Timestamp) {
        let deletion = self.deletion().cloned();
        self.put(Effect::Look { deletion }, at);
    }

    fn again_what_was_under_way(&mut self, asking_elsewhere: bool, now: Timestamp) {
        let asks = |open: &Outstanding| matches!(open.effect, Effect::Ask { .. });
        if !asking_elsewhere && self.outstanding.iter().any(asks) {
            self.settle_by_asking(now);
        }
        for open in &mut self.outstanding {
            // Whatever was to wait: this computer's clock may be another by now.
            if !matches!(open.when, When::Person(_)) && open.effect.bears_another_hand() {
                open.when = When::At(now);
            }
        }
    }

    fn again_what_was_lost(&mut self, now: Timestamp) {
        for open in &mut self.outstanding {
            if let When::Handed(since) = open.when
                && open.effect.bears_another_hand()
                && lost_at(since) <= now
            {
                open.when = When::At(now);
            }
        }
    }

    /// Whether the request arrived is for the service to say: it is never sent again blindly.
    pub(super) fn settle_by_asking(&mut self, now: Timestamp) {
        self.outstanding
            .retain(|open| !matches!(open.effect, Effect::Ask { .. }));
        self.look(now);
    }

    fn replied(&mut self, to: Sequence, reply: Reply, now: Timestamp) {
        let Some(at) = self.outstanding.iter().position(|open| open.sequence == to) else {
            return;
        };
        match (reply, &self.outstanding[at].effect) {
            // Who keeps the account doesn't ask for its end once more.
            (Reply::Unanswered { .. } | Reply::Waits(_), Effect::Ask { .. }) if self.is_being_kept() => {
                self.settle_by_asking(now);
            }
            (Reply::CodeRefused { wrong }, Effect::Ask { .. }) if self.refusal_is_not_all(at) => {
                self.settle_by_asking(now);
                self.refusal = Some(CodeNeeded::after(wrong));
            }
            (Reply::Refused { code, .. }, Effect::Ask { .. })
                if code == FINAL || self.refusal_is_not_all(at) =>
            {
                self.settle_by_asking(now);
            }
            (Reply::Unanswered { retry_after, dice }, _) => {
                let open = &mut self.outstanding[at];
                open.attempts = open.attempts.saturating_add(1);
                let wait = outbox::full_jitter(open.attempts, dice);
                let wait = retry_after.map_or(wait, |asked| asked.min(outbox::LONGEST_ASKED).max(wait));
                open.when = When::At(later(now, wait));
            }
            (Reply::Waits(waits), _) => self.outstanding[at].when = When::Person(waits),
            (Reply::Refused { code, message }, _) => {
                let open = self.outstanding.remove(at);
                self.refused(open.effect, code, message, now);
            }
            (Reply::Done, Effect::Notify(_)) => drop(self.outstanding.remove(at)),
            (Reply::Done, Effect::Mark { .. }) => self.enter(Stage::Wiping),
            (Reply::Seen(seen), Effect::Ask { .. }) => {
                self.outstanding.remove(at);
                self.accepted(seen, now);
            }
            (Reply::CodeRefused { wrong }, Effect::Ask { .. }) => {
                self.outstanding.remove(at);
                self.code_refused(wrong);
            }
            (Reply::CodeGone, Effect::Ask { .. }) => self.settle_by_asking(now),
            (Reply::Seen(seen), Effect::Look { .. }) => {
                self.outstanding.remove(at);
                self.seen(seen, now);
            }
            (Reply::Cancelled, Effect::CancelRemote { .. }) => self.cancelled(now),
            (Reply::TooLate, Effect::CancelRemote { .. }) => {
                self.outstanding.remove(at);
                self.look(now);
            }
            (Reply::Receipt(receipt), Effect::FetchReceipt { .. }) => {
                self.outstanding.remove(at);
                self.proved(receipt, now);
            }
            (Reply::NotGenuine { code, message }, Effect::FetchReceipt { deletion }) => {
                let deletion = deletion.clone();
                self.enter(Stage::Unproven {
                    deletion,
                    code,
                    message,
                });
                self.put(Effect::Notify(Notification::NeedsYou), now);
            }
            (Reply::Kept { path }, Effect::KeepReceipt { .. }) => {
                self.outstanding.remove(at);
                self.kept(path, now);
            }
            // An answer to something else than was asked.
            (
                Reply::Done
                | Reply::CodeRefused { .. }
                | Reply::CodeGone
                | Reply::Seen(_)
                | Reply::Cancelled
                | Reply::TooLate
                | Reply::Receipt(_)
                | Reply::NotGenuine { .. }
                | Reply::Kept { .. },
                _,
            ) => {}
        }
    }

    fn accepted(&mut self, seen: Seen, now: Timestamp) {
        match seen {
            // Taken back elsewhere before the answer came. Whatever is found now, it isn't the one asked for here.
            Seen::Cancelled { .. } => {
                self.is_anothers();
                self.settle_by_asking(now);
            }
            Seen::Nothing | Seen::CoolingOff { .. } | Seen::Finalising { .. } | Seen::Deleted { .. } => {
                self.seen(seen, now);
            }
        }
    }

    fn is_being_kept(&self) -> bool {
        matches!(self.stage, Stage::Cancelling { .. })
    }

    /// Whether a request can have arrived though this one is refused: an earlier try whose answer was lost, and whose key
    /// the service may have forgotten. And "your account stays" is said only when the service was asked.
    fn refusal_is_not_all(&self, at: usize) -> bool {
        self.is_being_kept() || self.outstanding[at].attempts > 0
    }

    fn code_refused(&mut self, wrong: Option<Option<u32>>) {
        let need = CodeNeeded::after(wrong);
        self.enter(Stage::Confirmed { need });
    }

    /// The service was asked: no try of the request arrived.
    fn not_arrived(&mut self) {
        let need = self.refusal.unwrap_or(CodeNeeded::Lost);
        self.enter(Stage::Confirmed { need });
    }

    fn cooling_off(&mut self, deletion: DeletionId, until: Timestamp, told: Timestamp, now: Timestamp) {
        let known = matches!(&self.stage, Stage::CoolingOff { deletion: known, .. } if *known == deletion);
        self.enter(Stage::CoolingOff {
            deletion,
            until,
            told,
        });
        if !known {
            self.put(Effect::Notify(Notification::CoolingOff { until }), now);
        }
        let left = Duration::try_from(until.duration_since(told)).unwrap_or(Duration::ZERO);
        let wait = left.clamp(Duration::from_millis(200), LOOK_LATEST);
        self.look(later(now, wait));
    }

    fn seen(&mut self, seen: Seen, now: Timestamp) {
        if self.is_of_another(&seen) {
            self.is_anothers();
        }
        match (seen, &self.stage) {
            (Seen::CoolingOff { deletion, .. }, Stage::Cancelling { .. }) => {
                self.cancel_remote(deletion, now)
            }
            (
                Seen::CoolingOff {
                    deletion,
                    until,
                    now: told,
                },
                _,
            ) => {
                self.cooling_off(deletion, until, told, now);
            }
            (
                Seen::Finalising {
                    deletion,
                    progress,
                    look_again,
                },
                stage,
            ) => {
                let known = matches!(stage, Stage::Finalising { .. });
                self.enter(Stage::Finalising { deletion, progress });
                if !known {
                    self.put(Effect::Notify(Notification::Finalising), now);
                }
                let wait = look_again.unwrap_or(LOOK);
                let wait = wait.clamp(Duration::from_millis(200), Duration::from_secs(60));
                self.look(later(now, wait));
            }
            (Seen::Deleted { deletion }, _) => self.gone(deletion, now),
            // The one asked for here was taken back, and no other is under way.
            (Seen::Cancelled { .. }, Stage::Reauthenticated) if !self.here => self.cancelled(now),
            // Of one that was asked for, and taken back, before.
            (Seen::Cancelled { .. }, Stage::Reauthenticated) => self.not_arrived(),
            (Seen::Cancelled { .. }, Stage::Confirmed { .. }) => {}
            (Seen::Cancelled { .. }, _) | (Seen::Nothing, Stage::Cancelling { deletion: None }) => {
                self.cancelled(now);
            }
            (Seen::Nothing, Stage::Reauthenticated) => self.not_arrived(),
            (Seen::Nothing, Stage::Confirmed { .. }) => {}
            (
                Seen::Nothing,
                Stage::CoolingOff { .. }
                | Stage::Cancelling { .. }
                | Stage::Finalising { .. }
                | Stage::RemoteDeleted { .. }
                | Stage::Unproven { .. }
                | Stage::Wiping
                | Stage::Cancelled
                | Stage::Failed { .. },
            ) => self.fail(
                "deletion-unknown".to_owned(),
                super::words::UNKNOWN.to_owned(),
                now,
            ),
        }
    }

    /// Whether it speaks of a deletion that another device asked for, and that is under way or done: the one followed here
    /// was taken back elsewhere and another one asked for since, or no code was ever entered here.
    fn is_of_another(&self, seen: &Seen) -> bool {
        let told = match seen {
            Seen::Nothing | Seen::Cancelled { .. } => return false,
            Seen::CoolingOff { deletion, .. }
            | Seen::Finalising { deletion, .. }
            | Seen::Deleted { deletion } => deletion,
        };
        match self.deletion() {
            Some(known) => known != told,
            None => !self.sent,
        }
    }

    /// It removes nothing here by itself, and nothing that was offered with the one that was asked for here.
    fn is_anothers(&mut self) {
        self.here = false;
        self.offers = Offers::default();
    }

    pub(super) fn cancel_remote(&mut self, deletion: DeletionId, now: Timestamp) {
        self.enter(Stage::Cancelling {
            deletion: Some(deletion.clone()),
        });
        self.put(Effect::CancelRemote { deletion }, now);
    }

    fn cancelled(&mut self, now: Timestamp) {
        self.enter(Stage::Cancelled);
        self.put(Effect::Notify(Notification::Cancelled), now);
    }

    fn gone(&mut self, deletion: DeletionId, now: Timestamp) {
        self.enter(Stage::RemoteDeleted {
            deletion: deletion.clone(),
            receipt: None,
            kept: None,
        });
        self.put(Effect::FetchReceipt { deletion }, now);
    }

    fn proved(&mut self, proof: Receipt, now: Timestamp) {
        if let Stage::RemoteDeleted { receipt, .. } = &mut self.stage {
            *receipt = Some(proof.clone());
            let to = self.place.clone();
            self.put(Effect::KeepReceipt { receipt: proof, to }, now);
        }
    }

    fn kept(&mut self, path: Place, now: Timestamp) {
        if let Stage::RemoteDeleted { kept, .. } = &mut self.stage {
            *kept = Some(path.clone());
            self.put(Effect::Notify(Notification::Deleted), now);
            if self.here {
                self.put(Effect::Mark { kept: Some(path) }, now);
            }
        }
    }

    pub(super) fn fail(&mut self, code: String, message: String, now: Timestamp) {
        self.enter(Stage::Failed { code, message });
        self.put(Effect::Notify(Notification::NeedsYou), now);
    }

    fn refused(&mut self, effect: Effect, code: String, message: String, now: Timestamp) {
        match effect {
            // The first try, so nothing was asked for.
            Effect::Ask { .. } => self.fail(code, message, now),
            Effect::CancelRemote { .. } => self.look(now),
            // How it stands isn't known, so nothing is concluded; it is asked again.
            Effect::Look { .. } => self.look(later(now, LOOK_LATEST)),
            Effect::FetchReceipt { deletion } => {
                self.enter(Stage::Unproven {
                    deletion,
                    code,
                    message,
                });
                self.put(Effect::Notify(Notification::NeedsYou), now);
            }
            // What tells fails alone; files are never refused for good.
            Effect::KeepReceipt { .. } | Effect::Mark { .. } | Effect::Notify(_) => {}
        }
    }
}

pub(super) fn later(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

pub(super) fn lost_at(since: Timestamp) -> Timestamp {
    since.checked_add(LOST_AFTER).unwrap_or(Timestamp::MAX)
}
