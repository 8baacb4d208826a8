//! One step of the workflow.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{
    AccountId, Asked, Bytes, Effect, Event, Export, ExportId, FetchEnd, Keyed, Notice, Notification,
    Outstanding, Place, Remote, Reply, Retry, Seen, Sequence, Stage, StartedOver, Verdict, When, WorkflowId,
};
use crate::outbox;

/// How much of a download is made safe at a time, and so the most that is fetched twice.
pub const CHUNK: Bytes = Bytes(8 << 20);
/// How often a download begins again by itself.
pub const MOST_RESTARTS: usize = 5;
/// The longest time between two looks at an export in preparation.
pub const LOOK_LATEST: Duration = Duration::from_secs(60);
/// How often the archive of an export that is ready may be missing before that counts as a failure.
const MOST_GONE: u32 = 6;
/// The time between two looks when the service doesn't say.
const LOOK: Duration = Duration::from_secs(3);
/// An archive that should have expired and hasn't is looked at again after this.
const PAST_EXPIRY: Duration = Duration::from_secs(15 * 60);

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
    now: Timestamp,
) -> Step {
    let mut export = Export {
        workflow,
        account,
        asked,
        place,
        stage: Stage::Requested,
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

    fn put(&mut self, effect: Effect, at: Timestamp) {
        self.put_tried(effect, 0, at);
    }

    fn put_tried(&mut self, effect: Effect, attempts: u32, at: Timestamp) {
        self.last = Sequence(self.last.0 + 1);
        self.outstanding.push(Outstanding {
            sequence: self.last,
            effect,
            attempts,
            when: When::At(at),
        });
    }

    /// Lets go of what belongs to the stage that ends. What only tells, or tidies up, goes on.
    fn enter(&mut self, stage: Stage) {
        self.outstanding.retain(|open| match open.effect {
            Effect::Submit { .. }
            | Effect::Look { .. }
            | Effect::Fetch { .. }
            | Effect::Verify { .. }
            | Effect::Keep { .. }
            | Effect::RetryRemote { .. } => false,
            Effect::Quarantine { .. }
            | Effect::Discard { .. }
            | Effect::CancelRemote { .. }
            | Effect::Notify(_) => true,
        });
        self.stage = stage;
    }

    fn submit(&mut self, now: Timestamp) {
        self.enter(Stage::Requested);
        let asked = self.asked.clone();
        self.put(Effect::Submit { asked }, now);
    }

    fn look(&mut self, export: ExportId, at: Timestamp) {
        self.put(Effect::Look { export }, at);
    }

    fn again_what_was_under_way(&mut self, now: Timestamp) {
        for open in &mut self.outstanding {
            if open.when == When::Handed {
                open.when = When::At(now);
            }
        }
    }

    fn stored(&mut self, fetch: Sequence, bytes: Bytes) {
        let Stage::Downloading { archive, stored } = &mut self.stage else {
            return;
        };
        let Some(open) = self.outstanding.iter_mut().find(|open| open.sequence == fetch) else {
            return;
        };
        if let Effect::Fetch { from, .. } = &mut open.effect
            && bytes > *stored
            && bytes <= archive.size
        {
            *stored = bytes;
            *from = bytes;
            open.attempts = 0;
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
            Reply::Waits(waits) => self.outstanding[at].when = When::Person(waits),
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
                    | Effect::Verify { .. }
                    | Effect::Keep { .. }
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
            Seen::Expired => self.enter_after_download(Stage::Expired { export }, now),
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

    fn ready(&mut self, mut archive: Remote, tries: u32, now: Timestamp) {
        let known = self.remote().cloned();
        let same = known.as_ref().is_some_and(|known| {
            known.etag == archive.etag && known.digest == archive.digest && known.size == archive.size
        });
        if let Some(known) = known.filter(|known| known.export == archive.export) {
            archive.since = known.since;
            archive.warned = known.warned && known.expires == archive.expires;
        } else {
            let expires = archive.expires;
            self.put(Effect::Notify(Notification::Ready { expires }), now);
        }
        if let (Stage::Downloading { stored, .. }, Some(to)) = (&self.stage, self.place.clone()) {
            let stored = *stored;
            if same {
                self.fetch(archive, stored, to, now);
                if let Some(open) = self.outstanding.last_mut() {
                    open.attempts = tries;
                }
            } else {
                self.start_over(StartedOver::Changed, Some(archive), now);
            }
        } else if let Some(to) = self.place.clone() {
            self.fetch(archive, Bytes(0), to, now);
        } else {
            let (export, expires) = (archive.export.clone(), archive.expires);
            self.enter(Stage::Ready { archive });
            // The clock here may be wrong: whether it expired is the service's to say.
            self.look(export, expires.max(later(now, PAST_EXPIRY)));
        }
    }

    fn fetch(&mut self, archive: Remote, from: Bytes, to: Place, now: Timestamp) {
        // What was to tidy up there would take the new part away: it is cut to `from` instead.
        self.outstanding.retain(|open| match &open.effect {
            Effect::Quarantine { to: there } | Effect::Discard { to: there } => *there != to,
            Effect::Submit { .. }
            | Effect::Look { .. }
            | Effect::Fetch { .. }
            | Effect::Verify { .. }
            | Effect::Keep { .. }
            | Effect::CancelRemote { .. }
            | Effect::RetryRemote { .. }
            | Effect::Notify(_) => true,
        });
        let effect = Effect::Fetch {
            export: archive.export.clone(),
            etag: archive.etag.clone(),
            from,
            size: archive.size,
            to,
        };
        self.enter(Stage::Downloading {
            archive,
            stored: from,
        });
        self.put(effect, now);
    }

    /// Begins the download again: with another archive, or, when the service must be asked what it has, with none.
    fn start_over(&mut self, started_over: StartedOver, with: Option<Remote>, now: Timestamp) {
        let (Stage::Downloading { archive, .. }, Some(to)) = (&self.stage, self.place.clone()) else {
            return;
        };
        let archive = with.unwrap_or_else(|| archive.clone());
        self.notices.push(Notice {
            at: now,
            started_over,
        });
        let recent = self
            .notices
            .iter()
            .rev()
            .take_while(|notice| notice.started_over == started_over);
        if recent.count() > MOST_RESTARTS {
            let message = "The download began again too often, so it was stopped. Try again later.";
            let retry = Retry::Download {
                export: archive.export,
            };
            self.fail(
                "download-restarts".to_owned(),
                message.to_owned(),
                Some(retry),
                now,
            );
        } else {
            self.fetch(archive, Bytes(0), to, now);
        }
    }

    fn fetched(&mut self, at: usize, end: FetchEnd, now: Timestamp) {
        let Stage::Downloading { archive, .. } = &self.stage else {
            return;
        };
        let archive = archive.clone();
        match (end, self.place.clone()) {
            (FetchEnd::Complete { bytes }, Some(to)) if bytes == archive.size => {
                let (size, digest) = (archive.size, archive.digest);
                self.enter(Stage::Verifying { archive });
                self.put(Effect::Verify { size, digest, to }, now);
            }
            (FetchEnd::Complete { bytes }, _) if bytes < archive.size => {
                // The body ended early. What is safe was said before; it goes on from there.
                let open = &mut self.outstanding[at];
                open.attempts = open.attempts.saturating_add(1);
                open.when = When::At(later(now, outbox::full_jitter(open.attempts, 1.0)));
            }
            (FetchEnd::Complete { .. } | FetchEnd::CannotContinue, _) => {
                self.start_over(StartedOver::CannotContinue, None, now);
            }
            (FetchEnd::Changed, _) => {
                // What is here stays until the service says what it has: `ready` compares.
                self.outstanding.remove(at);
                if let Stage::Downloading { archive, .. } = &mut self.stage {
                    archive.etag.clear();
                }
                self.look(archive.export, now);
            }
            (FetchEnd::Gone, _) => {
                let tries = self.outstanding.remove(at).attempts.saturating_add(1);
                let export = archive.export;
                if tries > MOST_GONE {
                    let message =
                        "The service says that your data is ready, and doesn't give it. Try again later.";
                    let retry = Some(Retry::Download { export });
                    self.fail("archive-withheld".to_owned(), message.to_owned(), retry, now);
                } else {
                    // Gone, or moved: the service says what it has. A little later each time it is still there.
                    let at = later(now, outbox::full_jitter(tries, 1.0));
                    self.put_tried(Effect::Look { export }, tries, at);
                }
            }
        }
    }

    fn checked(&mut self, to: Place, verdict: Verdict, now: Timestamp) {
        let Stage::Verifying { archive } = &self.stage else {
            return;
        };
        match verdict {
            Verdict::Sound => self.put(Effect::Keep { to }, now),
            Verdict::NotSound { code, message } => {
                let retry = Retry::Download {
                    export: archive.export.clone(),
                };
                self.enter(Stage::Failed {
                    code,
                    message,
                    retry: Some(retry),
                });
                self.put(Effect::Quarantine { to }, now);
                self.put(Effect::Notify(Notification::NotSound), now);
            }
        }
    }

    fn kept(&mut self, path: Place, now: Timestamp) {
        let Stage::Verifying { archive } = &self.stage else {
            return;
        };
        let (digest, size) = (archive.digest, archive.size);
        self.enter(Stage::Verified { path, digest, size });
        self.put(Effect::Notify(Notification::Verified), now);
    }

    fn fail(&mut self, code: String, message: String, retry: Option<Retry>, now: Timestamp) {
        self.enter_after_download(Stage::Failed { code, message, retry }, now);
        self.put(Effect::Notify(Notification::Failed), now);
    }

    /// A part that can't be continued is of no use to anybody.
    fn enter_after_download(&mut self, stage: Stage, now: Timestamp) {
        let part = matches!(self.stage, Stage::Downloading { .. } | Stage::Verifying { .. });
        self.enter(stage);
        if let (true, Some(to)) = (part, self.place.clone()) {
            self.put(Effect::Discard { to }, now);
        }
    }

    fn refused(&mut self, effect: Effect, code: String, message: String, now: Timestamp) {
        if self.has_ended() {
            return;
        }
        let retry = match effect {
            Effect::Submit { .. } => Retry::Asking,
            Effect::Look { export } | Effect::RetryRemote { export } => Retry::Service { export },
            Effect::Fetch { export, .. } => Retry::Download { export },
            Effect::Verify { .. } | Effect::Keep { .. } => match &self.stage {
                Stage::Verifying { archive } => Retry::Download {
                    export: archive.export.clone(),
                },
                Stage::Requested
                | Stage::Submitted { .. }
                | Stage::Preparing { .. }
                | Stage::Ready { .. }
                | Stage::Downloading { .. }
                | Stage::Verified { .. }
                | Stage::Expired { .. }
                | Stage::Failed { .. }
                | Stage::Cancelled => return,
            },
            // What tidies up, or tells, fails alone.
            Effect::Quarantine { .. }
            | Effect::Discard { .. }
            | Effect::CancelRemote { .. }
            | Effect::Notify(_) => return,
        };
        self.fail(code, message, Some(retry), now);
    }

    fn download(&mut self, to: Place, now: Timestamp) {
        let Stage::Ready { archive } = &self.stage else {
            // Chosen before it is ready: it is downloaded when it is.
            if matches!(
                self.stage,
                Stage::Requested | Stage::Submitted { .. } | Stage::Preparing { .. }
            ) {
                self.place = Some(to);
            }
            return;
        };
        let archive = archive.clone();
        self.place = Some(to.clone());
        self.fetch(archive, Bytes(0), to, now);
    }

    fn resume(&mut self, elsewhere: Option<Place>, now: Timestamp) {
        for open in &mut self.outstanding {
            if matches!(open.when, When::Person(_)) {
                open.when = When::At(now);
                open.attempts = 0;
            }
        }
        let Some(to) = elsewhere.filter(|to| self.place.as_ref() != Some(to)) else {
            return;
        };
        let (Stage::Downloading { archive, .. } | Stage::Verifying { archive }) = &self.stage else {
            return;
        };
        let archive = archive.clone();
        if let Some(before) = self.place.replace(to.clone()) {
            self.put(Effect::Discard { to: before }, now);
        }
        self.fetch(archive, Bytes(0), to, now);
    }

    fn retry(&mut self, now: Timestamp) {
        let retry = match &self.stage {
            Stage::Failed {
                retry: Some(retry), ..
            } => retry.clone(),
            Stage::Expired { .. } => Retry::Asking,
            Stage::Failed { retry: None, .. }
            | Stage::Requested
            | Stage::Submitted { .. }
            | Stage::Preparing { .. }
            | Stage::Ready { .. }
            | Stage::Downloading { .. }
            | Stage::Verifying { .. }
            | Stage::Verified { .. }
            | Stage::Cancelled => return,
        };
        // What still waits to be told is no longer so; what still waits to be removed is written over.
        self.outstanding
            .retain(|open| !matches!(open.effect, Effect::Notify(_) | Effect::Discard { .. }));
        match retry {
            Retry::Asking => self.submit(now),
            Retry::Service { export } => {
                self.enter(Stage::Submitted {
                    export: export.clone(),
                });
                self.put(Effect::RetryRemote { export }, now);
            }
            Retry::Download { export } => {
                self.enter(Stage::Submitted {
                    export: export.clone(),
                });
                self.look(export, now);
            }
        }
    }

    fn cancel(&mut self, now: Timestamp) {
        let export = match &self.stage {
            Stage::Requested => None,
            Stage::Submitted { export } | Stage::Preparing { export, .. } => Some(export.clone()),
            Stage::Ready { archive } | Stage::Downloading { archive, .. } | Stage::Verifying { archive } => {
                Some(archive.export.clone())
            }
            Stage::Failed {
                retry: Some(Retry::Service { export } | Retry::Download { export }),
                ..
            } => Some(export.clone()),
            Stage::Failed { .. } => None,
            Stage::Verified { .. } | Stage::Expired { .. } | Stage::Cancelled => return,
        };
        // Whether a request under way arrived can only be learned by sending it again under its key.
        let asking = self
            .outstanding
            .iter()
            .find(|open| matches!(open.effect, Effect::Submit { .. }))
            .cloned();
        self.enter_after_download(Stage::Cancelled, now);
        self.outstanding
            .retain(|open| !matches!(open.effect, Effect::Notify(_)));
        self.outstanding.extend(asking);
        if let Some(export) = export {
            self.put(Effect::CancelRemote { export }, now);
        }
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

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}
