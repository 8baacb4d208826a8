//! One step of the workflow.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{
    AccountId, Asked, Bytes, CodeRefusal, Effect, Event, Export, ExportId, Keyed, Notification, Outstanding,
    Place, Remote, Reply, Retry, Seen, Sequence, Stage, Waits, When, WorkflowId,
};
use crate::outbox;

/// How much of a download is made safe at a time, and so the most that is fetched twice.
pub const CHUNK: Bytes = Bytes(8 << 20);
/// How often a download begins again by itself.
pub const MOST_RESTARTS: usize = 5;
/// The longest time between two looks at an export in preparation.
pub const LOOK_LATEST: Duration = Duration::from_secs(60);
/// The time between two looks when the service doesn't say.
const LOOK: Duration = Duration::from_secs(3);
/// An archive that should have expired and hasn't is looked at again after this.
pub(super) const PAST_EXPIRY: Duration = Duration::from_secs(15 * 60);

/// What is known now, and what should be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// To be kept before anything of `effects` is done.
    pub export: Export,
    /// In this order.
    pub effects: Vec<Keyed>,
}

/// Begins an export.
pub fn begin(
    workflow: WorkflowId,
    account: AccountId,
    asked: Asked,
    place: Option<Place>,
    encrypt: bool,
    now: Timestamp,
) -> Step {
    let mut export = Export {
        workflow,
        account,
        asked,
        place,
        encrypt,
        stage: Stage::Requested,
        part: None,
        outstanding: Vec::new(),
        last: Sequence(0),
        notices: Vec::new(),
    };
    export.submit(now);
    export.hand_out(now)
}

/// What follows from what happened.
pub fn step(mut export: Export, event: Event, now: Timestamp) -> Step {
    match event {
        Event::Opened => export.again_what_was_under_way(now),
        Event::Tick => {}
        Event::Reply { to, reply } => export.replied(to, reply, now),
        Event::Stored { fetch, bytes } => export.stored(fetch, bytes),
        Event::Download { to } => export.download(to, now),
        Event::Resume { elsewhere } => export.resume(elsewhere, now),
        Event::Encrypt => export.encrypt(now),
        Event::Retry => export.retry(now),
        Event::Cancel => export.cancel(now),
    }
    export.warn(now);
    export.hand_out(now)
}

impl Export {
    /// Hands out what is due.
    fn hand_out(mut self, now: Timestamp) -> Step {
        let mut effects = Vec::new();
        for open in &mut self.outstanding {
            if matches!(open.when, When::At(at) if at <= now) {
                open.when = When::Handed;
                effects.push(Keyed {
                    sequence: open.sequence,
                    effect: open.effect.clone(),
                });
            }
        }
        Step {
            export: self,
            effects,
        }
    }

    pub(super) fn put(&mut self, effect: Effect, at: Timestamp) {
        self.put_tried(effect, 0, at);
    }

    pub(super) fn put_tried(&mut self, effect: Effect, attempts: u32, at: Timestamp) {
        self.last = Sequence(self.last.0 + 1);
        self.outstanding.push(Outstanding {
            sequence: self.last,
            effect,
            attempts,
            when: When::At(at),
        });
    }

    /// Lets go of what belongs to the stage that ends. What only tells, or tidies up, goes on.
    pub(super) fn enter(&mut self, stage: Stage) {
        self.outstanding.retain(|open| match open.effect {
            Effect::Submit { .. }
            | Effect::Look { .. }
            | Effect::Fetch { .. }
            | Effect::Move { .. }
            | Effect::Verify { .. }
            | Effect::Keep { .. }
            | Effect::Seal { .. }
            | Effect::RetryRemote { .. } => false,
            Effect::Quarantine { .. }
            | Effect::Discard { .. }
            | Effect::CancelRemote { .. }
            | Effect::Notify(_) => true,
        });
        self.stage = stage;
    }

    pub(super) fn submit(&mut self, now: Timestamp) {
        self.enter(Stage::Requested);
        let asked = self.asked.clone();
        self.put(Effect::Submit { asked }, now);
    }

    pub(super) fn look(&mut self, export: ExportId, at: Timestamp) {
        self.put(Effect::Look { export }, at);
    }

    fn again_what_was_under_way(&mut self, now: Timestamp) {
        for open in &mut self.outstanding {
            if open.when == When::Handed {
                open.when = When::At(now);
            }
        }
    }

    fn replied(&mut self, to: Sequence, reply: Reply, now: Timestamp) {
        let Some(at) = self.outstanding.iter().position(|open| open.sequence == to) else {
            return;
        };
        match reply {
            Reply::Unanswered { retry_after, dice } => {
                let open = &mut self.outstanding[at];
                open.attempts = open.attempts.saturating_add(1);
                let wait = outbox::full_jitter(open.attempts, dice);
                let wait = retry_after.map_or(wait, |asked| asked.min(outbox::LONGEST_ASKED).max(wait));
                open.when = When::At(later(now, wait));
            }
            Reply::Waits(waits) => self.waits_for(at, waits),
            Reply::CodeRefused(why) => self.code_refused(at, why),
            Reply::Refused { code, message } => {
                let open = self.outstanding.remove(at);
                self.refused(open.effect, code, message, now);
            }
            Reply::Done => {
                // Only what nothing waits for is settled by a bare "done".
                match self.outstanding[at].effect {
                    Effect::Quarantine { .. }
                    | Effect::Discard { .. }
                    | Effect::CancelRemote { .. }
                    | Effect::Notify(_) => drop(self.outstanding.remove(at)),
                    Effect::Submit { .. }
                    | Effect::Look { .. }
                    | Effect::Fetch { .. }
                    | Effect::Move { .. }
                    | Effect::Verify { .. }
                    | Effect::Keep { .. }
                    | Effect::Seal { .. }
                    | Effect::RetryRemote { .. } => {}
                }
            }
            Reply::Accepted { export } => {
                if let Effect::Submit { .. } | Effect::RetryRemote { .. } = self.outstanding[at].effect {
                    self.outstanding.remove(at);
                    self.accepted(export, now);
                }
            }
            Reply::Seen(seen) => {
                if let Effect::Look { export } = &self.outstanding[at].effect {
                    let export = export.clone();
                    let tries = self.outstanding.remove(at).attempts;
                    self.seen(export, seen, tries, now);
                }
            }
            Reply::Fetch(end) => {
                if let Effect::Fetch { .. } = self.outstanding[at].effect {
                    self.fetched(at, end, now);
                }
            }
            Reply::Moved { bytes } => {
                if let Effect::Move { from, to, .. } = &self.outstanding[at].effect {
                    let (from, to) = (from.clone(), to.clone());
                    self.outstanding.remove(at);
                    self.moved(from, to, bytes, now);
                }
            }
            Reply::Checked(verdict) => {
                if let Effect::Verify { to, .. } = &self.outstanding[at].effect {
                    let to = to.clone();
                    self.outstanding.remove(at);
                    self.checked(to, verdict, now);
                }
            }
            Reply::Kept { path } => {
                if let Effect::Keep { .. } = self.outstanding[at].effect {
                    self.kept(path, now);
                }
            }
            Reply::Sealed { path: sealed } => {
                if let Effect::Seal { .. } = self.outstanding[at].effect {
                    self.outstanding.remove(at);
                    self.sealed(sealed);
                }
            }
        }
    }

    fn waits_for(&mut self, at: usize, waits: Waits) {
        if let (Stage::Cancelled, Waits::Code { .. }) = (&self.stage, waits) {
            // The service never had it, and nobody wants it any more.
            self.outstanding.remove(at);
        } else {
            self.outstanding[at].when = When::Person(waits);
        }
    }

    /// The service remembers its refusal under the key, so what comes next goes under another.
    fn code_refused(&mut self, at: usize, refused: CodeRefusal) {
        let Effect::Submit { asked } = self.outstanding[at].effect.clone() else {
            return;
        };
        self.outstanding.remove(at);
        if self.stage == Stage::Cancelled {
            return;
        }
        self.put(Effect::Submit { asked }, Timestamp::MAX);
        let waits = Waits::Code {
            refused: Some(refused),
        };
        if let Some(open) = self.outstanding.last_mut() {
            open.when = When::Person(waits);
        }
    }

    fn accepted(&mut self, export: ExportId, now: Timestamp) {
        if self.stage == Stage::Cancelled {
            // Cancelled before the service said what it is called.
            self.put(Effect::CancelRemote { export }, now);
            return;
        }
        self.enter(Stage::Submitted {
            export: export.clone(),
        });
        self.look(export, now);
    }

    fn seen(&mut self, export: ExportId, seen: Seen, tries: u32, now: Timestamp) {
        match seen {
            Seen::Preparing { progress, look_again } => {
                self.enter(Stage::Preparing {
                    export: export.clone(),
                    progress,
                });
                let wait = look_again
                    .unwrap_or(LOOK)
                    .clamp(Duration::from_millis(200), LOOK_LATEST);
                self.look(export, later(now, wait));
            }
            Seen::Ready {
                size,
                digest,
                etag,
                expires,
            } => self.ready(
                Remote {
                    export,
                    size,
                    digest,
                    etag,
                    expires,
                    since: now,
                    warned: false,
                },
                tries,
                now,
            ),
            Seen::Failed {
                code,
                message,
                retryable,
            } => {
                let retry = Some(if retryable {
                    Retry::Service { export }
                } else {
                    Retry::Asking
                });
                self.fail(code, message, retry, now);
            }
            Seen::Expired => self.enter(Stage::Expired { export }),
            Seen::Gone => {
                let message = "The service no longer has this export: it was cancelled, perhaps on another device. You can ask for a new one.";
                self.fail(
                    "export-gone".to_owned(),
                    message.to_owned(),
                    Some(Retry::Asking),
                    now,
                );
            }
        }
    }

    pub(super) fn fail(&mut self, code: String, message: String, retry: Option<Retry>, now: Timestamp) {
        self.enter(Stage::Failed { code, message, retry });
        self.put(Effect::Notify(Notification::Failed), now);
    }

    fn refused(&mut self, effect: Effect, code: String, message: String, now: Timestamp) {
        if let Effect::Seal { .. } = effect {
            self.not_sealed(code, message, now);
            return;
        }
        if self.has_ended() {
            return;
        }
        let retry = match effect {
            Effect::Submit { .. } => Retry::Asking,
            Effect::Look { export } | Effect::RetryRemote { export } => Retry::Service { export },
            Effect::Fetch { export, .. } => Retry::Download { export },
            Effect::Move { .. } | Effect::Verify { .. } | Effect::Keep { .. } => match &self.stage {
                Stage::Downloading { archive, .. } | Stage::Verifying { archive } => Retry::Download {
                    export: archive.export.clone(),
                },
                Stage::Requested
                | Stage::Submitted { .. }
                | Stage::Preparing { .. }
                | Stage::Ready { .. }
                | Stage::Verified { .. }
                | Stage::Expired { .. }
                | Stage::Failed { .. }
                | Stage::Cancelled => return,
            },
            // What tidies up, or tells, fails alone.
            Effect::Quarantine { .. }
            | Effect::Discard { .. }
            | Effect::Seal { .. }
            | Effect::CancelRemote { .. }
            | Effect::Notify(_) => return,
        };
        self.stop_moving(now);
        self.fail(code, message, Some(retry), now);
    }

    fn warn(&mut self, now: Timestamp) {
        let (Stage::Ready { archive } | Stage::Downloading { archive, .. }) = &mut self.stage else {
            return;
        };
        if !archive.warned && archive.warn_at() <= now {
            archive.warned = true;
            let expires = archive.expires;
            // Too late to warn: whether it expired is the service's to say.
            if now < expires {
                self.put(Effect::Notify(Notification::Expiring { expires }), now);
            }
        }
    }
}

pub(super) fn later(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}
