//! A small world for the tests: a service, a disk and a program that can be killed at any moment.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

mod acts;

use super::*;
use crate::archive::Sha256;

const SIZE: u64 = 5 * CHUNK.0 + 1234;
const LIFE: SignedDuration = SignedDuration::from_hours(72);

#[derive(Debug, Clone, PartialEq)]
enum Held {
    Preparing(u8),
    Ready,
    Expired,
    Cancelled,
}

/// What lies on the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Part {
    version: u8,
    bytes: u64,
}

pub(super) struct World {
    pub(super) export: Export,
    pub(super) now: Timestamp,
    exports: BTreeMap<Sequence, Held>,
    version: u8,
    expires: Timestamp,
    /// By place.
    parts: BTreeMap<String, Part>,
    said: u64,
    kept: bool,
    /// In the program's memory, and nowhere else.
    code: bool,
    /// Likewise.
    passphrase: bool,
    running: Vec<Keyed>,
    past: Vec<Event>,
    seen_sequences: BTreeMap<Sequence, String>,
    /// Wishes that allow another request, and another download.
    wishes: usize,
    pub(super) told: Vec<Notification>,
}

impl World {
    pub(super) fn new(place: bool) -> Self {
        let now = Timestamp::UNIX_EPOCH;
        let place = place.then(|| Place("/there/copy.zip".into()));
        let first = begin(
            WorkflowId(uuid::Uuid::nil()),
            AccountId("a".into()),
            Asked {
                categories: Vec::new(),
                period: None,
                regime: crate::regime::RegimeId::new("general"),
            },
            place,
            false,
            now,
        );
        let mut world = World {
            export: first.export.clone(),
            now,
            exports: BTreeMap::new(),
            version: 1,
            expires: now + LIFE,
            parts: BTreeMap::new(),
            said: 0,
            kept: false,
            code: true,
            passphrase: false,
            running: Vec::new(),
            past: Vec::new(),
            seen_sequences: BTreeMap::new(),
            wishes: 1,
            told: Vec::new(),
        };
        world.commit(first);
        world
    }

    pub(super) fn happens(&mut self, event: Event) {
        let before = self.export.clone();
        let next = step(self.export.clone(), event.clone(), self.now);
        assert_eq!(
            next,
            step(before.clone(), event.clone(), self.now),
            "the same step twice is the same"
        );
        let sealed = |event: &Event| {
            matches!(
                event,
                Event::Reply {
                    reply: Reply::Sealed { .. },
                    ..
                }
            )
        };
        if before.has_ended() && !matches!(event, Event::Retry | Event::Cancel) && !sealed(&event) {
            let (was, is) = (lasting(&before.stage), lasting(&next.export.stage));
            assert_eq!(was, is, "what ended stays: {event:?}");
        }
        self.past.push(event);
        self.commit(next);
    }

    fn commit(&mut self, next: Step) {
        assert_eq!(
            decode(&encode(&next.export)).expect("it was just written"),
            next.export
        );
        self.export = next.export;
        for keyed in &next.effects {
            assert!(self.export.is_outstanding(keyed.sequence));
            let what = kind(&keyed.effect);
            let first = self
                .seen_sequences
                .entry(keyed.sequence)
                .or_insert_with(|| what.clone());
            assert_eq!(*first, what, "one key is one effect");
        }
        self.running
            .retain(|keyed| self.export.is_outstanding(keyed.sequence));
        for keyed in next.effects {
            if let Effect::Fetch { etag, from, to, .. } = &keyed.effect {
                assert!(!etag.is_empty(), "a download names what it goes on with");
                self.begin_fetch(from.0, &to.0);
            }
            self.running.push(keyed);
        }
        match self.export.stage {
            Stage::Verified {
                digest,
                size,
                ref path,
                ..
            } => {
                // What is being encrypted may lie under the next name already.
                let sealed = format!("{}.age", path.0);
                let part = self.parts.get(&path.0).or(self.parts.get(&sealed));
                let part = part.expect("it lies there");
                assert!(self.kept && part.bytes == SIZE);
                assert_eq!((digest, size), (Sha256([part.version; 32]), Bytes(SIZE)));
            }
            Stage::Downloading { stored, .. } => assert!(stored.0 <= SIZE),
            Stage::Requested
            | Stage::Submitted { .. }
            | Stage::Preparing { .. }
            | Stage::Ready { .. }
            | Stage::Verifying { .. }
            | Stage::Expired { .. }
            | Stage::Failed { .. }
            | Stage::Cancelled => {}
        }
    }

    /// The part is cut to `from`; no more than a chunk is lost by it, unless the download says that it began again.
    fn begin_fetch(&mut self, from: u64, to: &str) {
        self.said = from;
        let Some(part) = self.parts.get_mut(to) else {
            assert_eq!(from, 0, "it goes on with a part that isn't there");
            return;
        };
        if from > 0 {
            assert!(part.bytes >= from, "nothing is skipped");
            assert!(
                part.bytes - from <= CHUNK.0,
                "more than a chunk would be fetched twice"
            );
        } else if part.version == self.version && self.export.notices.is_empty() && self.wishes == 1 {
            assert!(
                part.bytes <= CHUNK.0,
                "the download began again without saying why"
            );
        }
        part.bytes = part.bytes.min(from);
    }

    /// Answers the n-th effect under way as an honest service and a healthy disk would.
    pub(super) fn answer(&mut self, which: usize, lose: bool, dice: f64) {
        if self.running.is_empty() {
            return;
        }
        let at = which % self.running.len();
        let keyed = self.running[at].clone();
        let Some(reply) = self.act(&keyed) else {
            return;
        };
        let told = Event::Reply {
            to: keyed.sequence,
            reply,
        };
        if lose {
            self.past.push(told);
            self.unanswered(at, dice);
        } else {
            self.running.remove(at);
            self.happens(told);
        }
    }

    pub(super) fn unanswered(&mut self, which: usize, dice: f64) {
        if self.running.is_empty() {
            return;
        }
        let at = which % self.running.len();
        let keyed = self.running.remove(at);
        let reply = Reply::Unanswered {
            retry_after: None,
            dice,
        };
        self.happens(Event::Reply {
            to: keyed.sequence,
            reply,
        });
    }

    pub(super) fn needs_the_person(&mut self, which: usize) {
        if self.running.is_empty() {
            return;
        }
        let at = which % self.running.len();
        let keyed = self.running.remove(at);
        let waits = [
            Waits::SignIn,
            Waits::Room { missing: Bytes(9) },
            Waits::Place,
            Waits::Key,
        ][which % 4];
        self.happens(Event::Reply {
            to: keyed.sequence,
            reply: Reply::Waits(waits),
        });
    }

    /// Answers the move under way, if there is one.
    pub(super) fn answer_move(&mut self, lose: bool) -> bool {
        let moves = |keyed: &Keyed| matches!(keyed.effect, Effect::Move { .. });
        let at = self.running.iter().position(moves);
        if let Some(at) = at {
            self.answer(at, lose, 0.5);
        }
        at.is_some()
    }

    /// The checked file can't be put in its place, if that is where it is.
    pub(super) fn cant_keep(&mut self) -> bool {
        self.cant_use_the_place(|effect| matches!(effect, Effect::Keep { .. }))
    }

    /// The part file can't be made.
    pub(super) fn cant_fetch(&mut self) {
        let waits = self.cant_use_the_place(|effect| matches!(effect, Effect::Fetch { .. }));
        assert!(waits, "it is fetched");
    }

    fn cant_use_the_place(&mut self, what: impl Fn(&Effect) -> bool) -> bool {
        let Some(at) = self.running.iter().position(|keyed| what(&keyed.effect)) else {
            return false;
        };
        let to = self.running.remove(at).sequence;
        let reply = Reply::Waits(Waits::Place);
        self.happens(Event::Reply { to, reply });
        true
    }

    /// The service takes the code for a wrong one.
    pub(super) fn refuses_the_code(&mut self) {
        let asked = |keyed: &Keyed| matches!(keyed.effect, Effect::Submit { .. });
        let Some(at) = self.running.iter().position(asked) else {
            return;
        };
        let to = self.running[at].sequence;
        if self.exports.contains_key(&to) {
            return;
        }
        self.running.remove(at);
        self.code = false;
        let why = CodeRefusal::Wrong {
            attempts_left: Some(4),
        };
        self.happens(Event::Reply {
            to,
            reply: Reply::CodeRefused(why),
        });
    }

    /// The disk takes no encrypted file.
    pub(super) fn refuses_to_seal(&mut self) {
        let seals = |keyed: &Keyed| matches!(keyed.effect, Effect::Seal { .. });
        let at = self
            .running
            .iter()
            .position(seals)
            .expect("it is being encrypted");
        let to = self.running.remove(at).sequence;
        let reply = Reply::Refused {
            code: "unwritable".into(),
            message: "The folder is read-only.".into(),
        };
        self.happens(Event::Reply { to, reply });
    }

    pub(super) fn encrypt(&mut self) {
        self.passphrase = true;
        self.happens(Event::Encrypt);
    }

    /// Something said before is said again.
    pub(super) fn repeat(&mut self, which: usize) {
        if !self.past.is_empty() {
            let event = self.past[which % self.past.len()].clone();
            if matches!(event, Event::Reply { .. } | Event::Stored { .. }) {
                self.happens(event);
            }
        }
    }

    pub(super) fn kill(&mut self) {
        self.running.clear();
        (self.code, self.passphrase) = (false, false);
        self.happens(Event::Opened);
    }

    pub(super) fn time(&mut self, wait: SignedDuration) {
        self.now += wait;
        if self.now >= self.expires {
            self.expire();
        }
        self.happens(Event::Tick);
    }

    pub(super) fn expire(&mut self) {
        for held in self.exports.values_mut().filter(|held| **held == Held::Ready) {
            *held = Held::Expired;
        }
    }

    /// What came is gone with its drive.
    pub(super) fn lose_the_drive(&mut self) {
        self.parts.clear();
    }

    pub(super) fn replace_archive(&mut self) {
        self.version = self.version.wrapping_add(1);
    }

    pub(super) fn wish(&mut self, event: Event) {
        self.wishes += 1;
        if matches!(event, Event::Retry) {
            self.expires = self.now + LIFE;
        }
        self.happens(event);
    }

    /// Exports that the service still works on or holds.
    pub(super) fn alive(&self) -> usize {
        self.exports
            .values()
            .filter(|held| matches!(held, Held::Preparing(_) | Held::Ready))
            .count()
    }

    pub(super) fn requests(&self) -> (usize, usize) {
        (self.exports.len(), self.wishes)
    }

    /// Does everything that is due, with everybody well, until nothing moves.
    pub(super) fn goes_well(&mut self) {
        for _ in 0..500 {
            if self.export.waits().is_some() {
                (self.code, self.passphrase) = (true, true);
                self.happens(Event::Resume { elsewhere: None });
            }
            if !self.running.is_empty() {
                self.answer(0, false, 0.0);
            } else if let Some(at) = self.export.wake_at().filter(|_| !self.rests()) {
                self.now = self.now.max(at);
                self.happens(Event::Tick);
            } else {
                return;
            }
        }
        panic!("it doesn't come to rest: {:?}", self.export);
    }

    /// Parts that lie where the download doesn't go any more.
    pub(super) fn left_behind(&self) -> Vec<&String> {
        let kept = self.export.lies_at().map(|(path, _)| path);
        let here = kept.or(self.export.place.as_ref());
        let here = here.map(|place| &place.0);
        self.parts.keys().filter(|place| Some(*place) != here).collect()
    }

    fn rests(&self) -> bool {
        let busy = self.export.outstanding.iter().any(|open| match open.when {
            When::Handed | When::Person(_) => true,
            When::At(at) => at < self.expires,
        });
        matches!(self.export.stage, Stage::Ready { .. }) && !busy
    }
}

/// A stage without why the file isn't encrypted: that changes as long as the file lies there.
fn lasting(stage: &Stage) -> Stage {
    let mut stage = stage.clone();
    if let Stage::Verified { unencrypted, .. } = &mut stage {
        *unencrypted = None;
    }
    stage
}

fn kind(effect: &Effect) -> String {
    // It goes on from where it was, under its key.
    if let Effect::Fetch { export, etag, to, .. } = effect {
        return format!("fetch {export:?} {etag} {}", to.0);
    }
    // Likewise: what it made is its own.
    if let Effect::Move { from, to, .. } = effect {
        return format!("move {} {}", from.0, to.0);
    }
    format!("{effect:?}")
}
