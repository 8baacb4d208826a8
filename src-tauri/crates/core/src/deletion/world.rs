//! A small world for the tests: the service ([`super::world_service`]), a network that loses, repeats and delays,
//! and two devices whose programs can be killed at any moment and whose clocks are years off.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

mod acts;

use super::ending::Ending;
use super::world_service::{Answer, Key, Service};
use super::*;
use crate::export::{AccountId, Place, WorkflowId};

/// A device. What outlives its program: the workflow, the token in the keyring, the files.
pub(super) struct Device {
    pub(super) deletion: Option<Deletion>,
    number: u128,
    begun: u128,
    skew: SignedDuration,
    token: Option<u64>,
    /// Its keyring was emptied, and the service hasn't given another token since.
    pub(super) lost_token: bool,
    /// Somebody is signed in there, as long as the service lets anybody in.
    signed_in: bool,
    /// The person had everything removed there without a receipt: nothing is claimed by that.
    pub(super) unproven: bool,
    /// Whether the code at hand is the one that was sent.
    code: Option<bool>,
    pub(super) running: Vec<Keyed>,
    past: Vec<Event>,
    pub(super) codes_entered: usize,
    pub(super) told: Vec<Notification>,
}

pub(super) struct World {
    pub(super) service: Service,
    pub(super) devices: [Device; 2],
    /// Requests whose sender was killed: they may still arrive, a while later.
    delayed: Vec<(Key, Effect, Option<bool>)>,
    /// What a person was told of each deletion, and must stay so.
    claims: BTreeMap<DeletionId, &'static str>,
    forged: bool,
    /// What is said just now was said before, and may be true no longer.
    late: bool,
}

fn device(number: u128) -> Device {
    Device {
        deletion: None,
        number,
        begun: 0,
        skew: SignedDuration::ZERO,
        token: None,
        lost_token: false,
        signed_in: true,
        unproven: false,
        code: None,
        running: Vec::new(),
        past: Vec::new(),
        codes_entered: 0,
        told: Vec::new(),
    }
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            service: Service::new(),
            devices: [device(1), device(2)],
            delayed: Vec::new(),
            claims: BTreeMap::new(),
            forged: false,
            late: false,
        }
    }

    /// A device's clock. While its program runs it measures time by what nobody sets.
    fn clock(&self, which: usize) -> Timestamp {
        self.service
            .now
            .saturating_add(self.devices[which].skew)
            .expect("a span of time")
    }

    fn wish(device: &mut Device) -> Wish {
        device.begun += 1;
        Wish {
            workflow: WorkflowId(Uuid::from_u128(device.number << 64 | device.begun)),
            account: AccountId("a".into()),
            asked: Asked::default(),
            offers: Offers::default(),
            place: Place("/there/receipt.jws".into()),
            keys: crate::archive::Pinned::default(),
        }
    }

    /// The person begins anew, where nothing is under way.
    pub(super) fn begin(&mut self, which: usize) {
        let device = &mut self.devices[which];
        if device.deletion.as_ref().is_none_or(Deletion::has_ended) && !is_wiping(device) {
            let wish = Self::wish(device);
            let typed = confirm(" delete ").expect("it is the word");
            let first = begin(wish, typed);
            self.commit(which, first);
        }
    }

    /// The person enters a code.
    pub(super) fn enter_code(&mut self, which: usize, good: bool) {
        let device = &mut self.devices[which];
        let waits = |deletion: &Deletion| matches!(deletion.stage, Stage::Confirmed { .. });
        if device.deletion.as_ref().is_some_and(waits) {
            device.code = Some(good);
            device.codes_entered += 1;
            self.happens(which, Event::Code);
        }
    }

    pub(super) fn happens(&mut self, which: usize, event: Event) {
        let now = self.clock(which);
        let Some(before) = self.devices[which].deletion.clone() else {
            return;
        };
        let next = step(before.clone(), event.clone(), now);
        if before.has_ended() {
            assert_eq!(before.stage, next.deletion.stage, "what ended stays: {event:?}");
        }
        self.devices[which].past.push(event);
        self.commit(which, next);
    }

    fn commit(&mut self, which: usize, next: Step) {
        let unproven = self.devices[which].unproven;
        if let Some((deletion, claim)) = claim(&next.deletion, self.devices[which].deletion.as_ref())
            && !(unproven && next.deletion.stage == Stage::Wiping)
        {
            let said = *self.claims.entry(deletion.clone()).or_insert(claim);
            assert_eq!(said, claim, "two outcomes of {deletion:?}");
        }
        self.expect_nothing_against_the_person(which, &next);
        let device = &mut self.devices[which];
        let known = device.deletion.as_ref().map(|known| known.workflow);
        if known != Some(next.deletion.workflow) {
            // What belongs to the one before is no reply to this one.
            device.running.clear();
            device.past.clear();
        }
        for keyed in &next.effects {
            assert!(next.deletion.is_outstanding(keyed.sequence));
        }
        device
            .running
            .retain(|keyed| next.deletion.is_outstanding(keyed.sequence));
        device.running.extend(next.effects);
        device.deletion = Some(next.deletion);
    }

    /// Who keeps the account never asks for its end again; "your account stays" and "have a new code sent" are true when
    /// they are said.
    fn expect_nothing_against_the_person(&mut self, which: usize, next: &Step) {
        let now = &next.deletion;
        for keyed in &next.effects {
            let asks = matches!(keyed.effect, Effect::Ask { .. });
            assert!(!asks || now.stage == Stage::Reauthenticated, "it asks: {now:?}");
        }
        let before = self.devices[which].deletion.as_ref();
        let Some(before) = before.filter(|before| before.workflow == now.workflow && !self.late) else {
            return;
        };
        let runs = self.service.runs();
        match (&before.stage, &now.stage) {
            (
                Stage::Confirmed { .. } | Stage::Reauthenticated | Stage::Cancelling { deletion: None },
                Stage::Cancelled | Stage::Failed { .. },
            ) => assert_eq!(runs, None, "said of an account that ends: {now:?}"),
            (Stage::Reauthenticated, Stage::Confirmed { .. }) => {
                let asks = |open: &&Outstanding| matches!(open.effect, Effect::Ask { .. });
                let asked = before.outstanding.iter().find(asks);
                let made = asked.and_then(|open| self.service.made_by((now.workflow, open.sequence)));
                assert!(
                    made.is_none() || made != runs,
                    "a new code for what arrived: {now:?}"
                );
            }
            _ => {}
        }
    }

    /// Carries out the n-th effect under way. `lose`: its answer doesn't come.
    pub(super) fn answer(&mut self, which: usize, nth: usize, lose: bool, dice: f64) {
        let Some((at, keyed)) = self.nth(which, nth) else {
            return;
        };
        let workflow = self.devices[which]
            .deletion
            .as_ref()
            .map(|deletion| deletion.workflow);
        let key = (workflow.expect("what runs belongs to one"), keyed.sequence);
        let reply = self.act(which, key, &keyed.effect);
        let told = Event::Reply {
            to: keyed.sequence,
            reply,
        };
        if lose {
            self.devices[which].past.push(told);
            self.unanswered(which, at, dice);
        } else {
            self.devices[which].running.remove(at);
            self.happens(which, told);
        }
    }

    pub(super) fn unanswered(&mut self, which: usize, nth: usize, dice: f64) {
        if let Some((at, keyed)) = self.nth(which, nth) {
            self.devices[which].running.remove(at);
            let reply = Reply::Unanswered {
                retry_after: None,
                dice,
            };
            self.happens(
                which,
                Event::Reply {
                    to: keyed.sequence,
                    reply,
                },
            );
        }
    }

    /// The first effect under way is answered so, whatever the service would say.
    pub(super) fn reply(&mut self, which: usize, reply: Reply) {
        let to = self.devices[which].running.remove(0).sequence;
        self.happens(which, Event::Reply { to, reply });
    }

    fn nth(&self, which: usize, nth: usize) -> Option<(usize, Keyed)> {
        let running = &self.devices[which].running;
        let at = nth.checked_rem(running.len())?;
        Some((at, running[at].clone()))
    }

    /// Something said before is said again.
    pub(super) fn repeat(&mut self, which: usize, nth: usize) {
        let past = &self.devices[which].past;
        if let Some(at) = nth.checked_rem(past.len())
            && let event @ Event::Reply { .. } = past[at].clone()
        {
            self.late = true;
            self.happens(which, event);
            self.late = false;
        }
    }

    /// Its keyring is emptied.
    pub(super) fn loses_token(&mut self, which: usize) {
        let device = &mut self.devices[which];
        device.lost_token |= device.token.take().is_some();
    }

    /// Its session ends: signed out there, or its keyring is locked.
    pub(super) fn signs_out(&mut self, which: usize) {
        self.devices[which].signed_in = false;
    }

    /// The program is killed and started again, with a clock that somebody set meanwhile. What it had sent may still be
    /// on its way.
    pub(super) fn kill(&mut self, which: usize, years_off: i64) {
        let device = &mut self.devices[which];
        device.skew = SignedDuration::from_hours(24 * 365 * years_off);
        let code = device.code.take();
        if let Some(deletion) = &device.deletion {
            if years_off == 10 {
                let kept: Deletion = decode(&encode(deletion)).expect("it was just written");
                assert_eq!(kept, *deletion);
            }
            for keyed in device.running.drain(..) {
                self.delayed
                    .push(((deletion.workflow, keyed.sequence), keyed.effect, code));
            }
        }
        self.happens(
            which,
            Event::Opened {
                asking_elsewhere: false,
            },
        );
    }

    /// A request arrives whose sender is gone.
    pub(super) fn arrives_late(&mut self, nth: usize) {
        let Some(at) = nth.checked_rem(self.delayed.len()) else {
            return;
        };
        let (key, effect, code) = self.delayed.remove(at);
        if !self.service.lets_in() {
            return;
        }
        match (effect, code) {
            (Effect::Ask { .. }, Some(good)) => drop(self.service.ask(key, good)),
            (Effect::CancelRemote { .. }, _) => drop(self.service.cancel(key)),
            (
                Effect::Ask { .. }
                | Effect::Look { .. }
                | Effect::FetchReceipt { .. }
                | Effect::KeepReceipt { .. }
                | Effect::Mark { .. }
                | Effect::Notify(_),
                _,
            ) => {}
        }
    }

    /// Whether something may still arrive.
    pub(super) fn is_late(&self) -> bool {
        !self.delayed.is_empty()
    }

    pub(super) fn time(&mut self, wait: SignedDuration) {
        self.service.now += wait;
        for which in 0..self.devices.len() {
            self.happens(which, Event::Tick);
        }
    }

    /// From now on receipts are signed by somebody else, or again by the service.
    pub(super) fn forge(&mut self, forged: bool) {
        self.forged = forged;
    }

    /// A device asks the service how the account stands, as it does at every sign-in: whoever can signs in.
    pub(super) fn look_at_account(&mut self, which: usize) {
        if self.service.lets_in() {
            self.devices[which].signed_in = true;
            let waits = |deletion: &Deletion| deletion.waits().is_some();
            if self.devices[which].deletion.as_ref().is_some_and(waits) {
                self.happens(which, Event::Resume { elsewhere: None });
            }
        }
        let idle = |deletion: &Deletion| deletion.has_ended();
        if self.devices[which]
            .deletion
            .as_ref()
            .is_some_and(|deletion| !idle(deletion))
        {
            self.happens(which, Event::LookNow);
            return;
        }
        if is_wiping(&self.devices[which]) || !self.service.lets_in() {
            return;
        }
        let seen = self.service.seen(None);
        self.learn_token(which, &seen);
        let now = self.clock(which);
        let wish = Self::wish(&mut self.devices[which]);
        if let Some(first) = follow(wish, seen, now) {
            self.commit(which, first);
        }
    }

    /// Does everything that is due, with everybody well, until nothing moves.
    pub(super) fn goes_well(&mut self) {
        self.forge(false);
        for _ in 0..2_000 {
            let mut moved = false;
            for which in 0..self.devices.len() {
                let resting = self.devices[which].deletion.as_ref().is_some_and(rests);
                if resting && self.devices[which].deletion.as_ref().is_some_and(is_unproven) {
                    self.happens(which, Event::Retry);
                    moved = true;
                }
                while !self.devices[which].running.is_empty() {
                    self.answer(which, 0, false, 0.0);
                    moved = true;
                }
            }
            let wakes = (0..self.devices.len()).filter_map(|which| {
                let at = self.devices[which].deletion.as_ref()?.wake_at()?;
                Some(at.duration_since(self.clock(which)))
            });
            match wakes.min() {
                // Nothing happens for minutes: a program that was asleep meanwhile looks later, which is as good.
                Some(wait) if wait > SignedDuration::from_secs(200) => {
                    self.time(SignedDuration::from_hours(100))
                }
                Some(wait) => self.time(wait.max(SignedDuration::ZERO)),
                None if moved => {}
                None => return,
            }
        }
        let stuck = self.devices.each_ref().map(|device| &device.deletion);
        panic!("it doesn't come to rest: {stuck:?}");
    }

    /// What the service made of each.
    pub(super) fn outcomes(&self) -> BTreeMap<DeletionId, &'static str> {
        let outcome = |ending: &Ending| match ending {
            Ending::Cancelled { .. } => "cancelled",
            Ending::Deleted { .. } => "deleted",
            Ending::CoolingOff { .. } | Ending::Finalising { .. } => "open",
        };
        let named = |(number, ending): (&u64, &Ending)| (DeletionId(number.to_string()), outcome(ending));
        self.service.endings.iter().map(named).collect()
    }

    /// What people were told.
    pub(super) fn claims(&self) -> &BTreeMap<DeletionId, &'static str> {
        &self.claims
    }
}

/// What a stage says of a deletion that can't be taken back. A person who reads "your account stays" relies on it.
fn claim(now: &Deletion, before: Option<&Deletion>) -> Option<(DeletionId, &'static str)> {
    let known = before.filter(|before| before.workflow == now.workflow)?;
    let deletion = known.deletion().cloned();
    match now.stage {
        Stage::Cancelled | Stage::Failed { .. } => Some((deletion?, "cancelled")),
        Stage::RemoteDeleted { .. } | Stage::Unproven { .. } => Some((now.deletion().cloned()?, "deleted")),
        Stage::Wiping => Some((deletion?, "deleted")),
        Stage::Confirmed { .. }
        | Stage::Reauthenticated
        | Stage::CoolingOff { .. }
        | Stage::Cancelling { .. }
        | Stage::Finalising { .. } => None,
    }
}

fn is_wiping(device: &Device) -> bool {
    let gone = |deletion: &Deletion| matches!(deletion.stage, Stage::Wiping);
    device.deletion.as_ref().is_some_and(gone)
}

fn is_unproven(deletion: &Deletion) -> bool {
    matches!(deletion.stage, Stage::Unproven { .. })
}

fn rests(deletion: &Deletion) -> bool {
    deletion.wake_at().is_none()
}
