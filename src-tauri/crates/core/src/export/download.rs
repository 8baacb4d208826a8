//! From an archive that is ready to a file that is kept.

use jiff::Timestamp;

use super::step::{PAST_EXPIRY, later};
use super::*;
use crate::outbox;

/// How often the archive of an export that is ready may be missing before that counts as a failure.
const MOST_GONE: u32 = 6;

impl Export {
    pub(super) fn stored(&mut self, fetch: Sequence, bytes: Bytes) {
        let Stage::Downloading { archive, stored } = &mut self.stage else {
            return;
        };
        let Some(open) = self.outstanding.iter_mut().find(|open| open.sequence == fetch) else {
            return;
        };
        if let Effect::Move { made, .. } = &mut open.effect {
            *made = true;
            return;
        }
        if let (Effect::Fetch { .. }, Some(part)) = (&open.effect, &mut self.part) {
            part.made = true;
        }
        if let Effect::Fetch { from, .. } = &mut open.effect
            && bytes > *stored
            && bytes <= archive.size
        {
            *stored = bytes;
            *from = bytes;
            open.attempts = 0;
            if let Some(part) = &mut self.part {
                part.bytes = bytes;
            }
        }
    }

    pub(super) fn ready(&mut self, mut archive: Remote, tries: u32, now: Timestamp) {
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
        if let (Stage::Downloading { .. }, Some(to)) = (&self.stage, self.place.clone()) {
            if same {
                self.fetch(archive, to, now);
                if let Some(open) = self.outstanding.last_mut() {
                    open.attempts = tries;
                }
            } else {
                self.start_over(StartedOver::Changed, Some(archive), now);
            }
        } else if let Some(to) = self.place.clone() {
            self.fetch(archive, to, now);
        } else {
            let (export, expires) = (archive.export.clone(), archive.expires);
            self.enter(Stage::Ready { archive });
            // The clock here may be wrong: whether it expired is the service's to say.
            self.look(export, expires.max(later(now, PAST_EXPIRY)));
        }
    }

    /// Goes on with what came of this archive. What lies elsewhere is moved first.
    pub(super) fn fetch(&mut self, archive: Remote, to: Place, now: Timestamp) {
        self.stop_moving(now);
        let is_of_it = |part: &Part| part.etag == archive.etag && part.digest == archive.digest;
        let mut part = self.part.take();
        if let Some(part) = part.as_mut().filter(|part| !is_of_it(part)) {
            part.bytes = Bytes(0);
        }
        let came = part.as_ref().map_or(Bytes(0), |part| part.bytes);
        let elsewhere = part.take_if(|part| part.at != to);
        if let Some(before) = elsewhere.as_ref().filter(|before| before.made && came.0 == 0) {
            self.put(
                Effect::Discard {
                    to: before.at.clone(),
                },
                now,
            );
        }
        // What was to tidy up there would take the new part away: it is cut, or written over, instead.
        let tidied = self.tidies_no_more(&to);
        let effect = match elsewhere.filter(|_| came.0 > 0) {
            Some(before) => {
                let from = before.at.clone();
                self.part = Some(before);
                Effect::Move {
                    from,
                    to,
                    bytes: came,
                    made: tidied,
                }
            }
            None => {
                self.part = Some(Part {
                    at: to.clone(),
                    made: tidied || part.is_some_and(|part| part.made),
                    etag: archive.etag.clone(),
                    digest: archive.digest,
                    bytes: came,
                });
                Effect::Fetch {
                    export: archive.export.clone(),
                    etag: archive.etag.clone(),
                    from: came,
                    size: archive.size,
                    to,
                }
            }
        };
        self.enter(Stage::Downloading {
            archive,
            stored: came,
        });
        self.put(effect, now);
    }

    /// Whether something was still to be removed, or set aside, beside this place. It isn't any more.
    fn tidies_no_more(&mut self, place: &Place) -> bool {
        let before = self.outstanding.len();
        self.outstanding.retain(|open| match &open.effect {
            Effect::Quarantine { to } | Effect::Discard { to } => to != place,
            Effect::Submit { .. }
            | Effect::Look { .. }
            | Effect::Fetch { .. }
            | Effect::Move { .. }
            | Effect::Verify { .. }
            | Effect::Keep { .. }
            | Effect::Seal { .. }
            | Effect::CancelRemote { .. }
            | Effect::RetryRemote { .. }
            | Effect::Notify(_) => true,
        });
        self.outstanding.len() < before
    }

    /// What came stays where it lies; what was made of it at the other place goes.
    pub(super) fn stop_moving(&mut self, now: Timestamp) {
        let moves = |open: &mut Outstanding| matches!(open.effect, Effect::Move { .. });
        let stopped: Vec<Outstanding> = self.outstanding.extract_if(.., moves).collect();
        for open in stopped {
            if let Effect::Move { to, made: true, .. } = open.effect {
                self.put(Effect::Discard { to }, now);
            }
        }
    }

    /// What came lies at the new place, as far as it could be reached: from there it goes on.
    pub(super) fn moved(&mut self, from: Place, to: Place, bytes: Bytes, now: Timestamp) {
        let (Stage::Downloading { archive, .. }, Some(part)) = (&self.stage, &mut self.part) else {
            return;
        };
        let archive = archive.clone();
        part.bytes = bytes;
        if bytes.0 == 0 {
            self.start_over(StartedOver::PartGone, Some(archive), now);
            return;
        }
        part.at = to.clone();
        part.made = true;
        self.put(Effect::Discard { to: from }, now);
        self.fetch(archive, to, now);
    }

    /// Begins the download again: with another archive, or, when the service must be asked what it has, with none.
    pub(super) fn start_over(&mut self, started_over: StartedOver, with: Option<Remote>, now: Timestamp) {
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
            if let Some(part) = &mut self.part {
                part.bytes = Bytes(0);
            }
            self.fetch(archive, to, now);
        }
    }

    pub(super) fn fetched(&mut self, at: usize, end: FetchEnd, now: Timestamp) {
        let Stage::Downloading { archive, .. } = &self.stage else {
            return;
        };
        let archive = archive.clone();
        match (end, self.place.clone()) {
            (FetchEnd::Complete { bytes }, Some(to)) if bytes == archive.size => {
                let (size, digest) = (archive.size, archive.digest);
                if let Some(part) = &mut self.part {
                    part.bytes = size;
                }
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
            (FetchEnd::PartGone, _) => self.start_over(StartedOver::PartGone, None, now),
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

    pub(super) fn checked(&mut self, to: Place, verdict: Verdict, now: Timestamp) {
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
                self.part = None;
                self.put(Effect::Quarantine { to }, now);
                self.put(Effect::Notify(Notification::NotSound), now);
            }
        }
    }

    pub(super) fn kept(&mut self, path: Place, now: Timestamp) {
        let Stage::Verifying { archive } = &self.stage else {
            return;
        };
        let (digest, size) = (archive.digest, archive.size);
        self.part = None;
        let sealed = path.clone();
        self.enter(Stage::Verified {
            path,
            digest,
            size,
            encrypted: false,
            unencrypted: None,
        });
        self.put(Effect::Notify(Notification::Verified), now);
        if self.encrypt {
            self.put(Effect::Seal { path: sealed }, now);
        }
    }

    pub(super) fn sealed(&mut self, sealed: Place) {
        if let Stage::Verified {
            path,
            encrypted,
            unencrypted,
            ..
        } = &mut self.stage
        {
            *path = sealed;
            *encrypted = true;
            *unencrypted = None;
        }
    }

    /// The plain file stays, and whoever wanted it encrypted must know.
    pub(super) fn not_sealed(&mut self, code: String, message: String, now: Timestamp) {
        let Stage::Verified { unencrypted, .. } = &mut self.stage else {
            return;
        };
        *unencrypted = Some(Unencrypted { code, message });
        self.encrypt = false;
        self.put(Effect::Notify(Notification::NotEncrypted), now);
    }
}
