//! The one owner of the workflows: takes what happens, one after the other, commits what follows, has it done.
//!
//! Of the programs on this computer only one runs it: whoever holds the lock file. The other shows what is kept, and takes
//! over when the lock is free.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use settings_privacy_core::export::{Event, Export, Keyed, Sequence, Step, Waits, WorkflowId, step};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::super::{Engine, lock};
use crate::error::EngineError;

/// When the program's own database couldn't be written, it is tried again after this.
const AGAIN: Duration = Duration::from_secs(5);
/// The clock may be set meanwhile: nobody sleeps longer.
const LONGEST_SLEEP: Duration = Duration::from_secs(15 * 60);

/// Whether this program looks after the exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::controller) enum Tending {
    /// Nobody asked it to.
    NotYet,
    /// It does.
    Here,
    /// Another does.
    Elsewhere,
}

/// Something for the runner.
pub(in crate::controller) enum Happening {
    /// A new export, as its first step left it.
    Begun(Box<Step>, Done),
    /// Something happened to one.
    To(WorkflowId, Event, Option<Done>),
    /// One is taken off the list.
    Forgotten(WorkflowId, Done),
    /// What was committed may not have been handed out.
    Again(WorkflowId),
    /// Somebody signed in.
    SignedIn,
}

type Done = oneshot::Sender<Result<(), EngineError>>;
pub(in crate::controller) type Inbox = mpsc::UnboundedReceiver<Happening>;

/// A task that is stopped when nobody holds it any more.
struct Running(JoinHandle<()>);

impl Running {
    async fn stop(mut self) {
        self.0.abort();
        // An aborted task ends with a JoinError that says just that.
        let _ = (&mut self.0).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Flow {
    export: Export,
    running: BTreeMap<Sequence, Running>,
}

impl Engine {
    /// Looks after the exports from now on, unless another program on this computer does; then this one takes over when
    /// that ends.
    ///
    /// # Errors
    /// When another program looks after them, or the program's own database can't be read.
    pub async fn tend_exports(&self) -> Result<(), EngineError> {
        let desk = &self.shared.exporting;
        let inbox = lock(&desk.inbox).take();
        if let Some(inbox) = inbox {
            match try_lock(&self.shared.own.exports_lock()) {
                Ok(held) => {
                    let engine = self.clone();
                    desk.tending.send_replace(Tending::Here);
                    self.in_background(async move { engine.run_exports(inbox, held).await });
                }
                Err(waits) => {
                    desk.tending.send_replace(Tending::Elsewhere);
                    let engine = self.clone();
                    self.in_background(async move { engine.take_over(inbox, waits).await });
                }
            }
        }
        match *desk.tending.borrow() {
            Tending::Here => Ok(()),
            Tending::NotYet | Tending::Elsewhere => Err(EngineError::ExportsElsewhere),
        }
    }

    /// Waits for the other program's end, on a thread that nobody has to wait for.
    async fn take_over(&self, inbox: Inbox, lock: Option<File>) {
        let Some(lock) = lock else { return };
        let (locked, waited) = oneshot::channel();
        let waiting = std::thread::Builder::new().name("exports-lock".to_owned());
        let begun = waiting.spawn(move || {
            let held = lock.lock().map(|()| lock);
            // Nobody listens when the program ended first; the lock goes with the file.
            let _ = locked.send(held);
        });
        if let (Ok(_), Ok(Ok(held))) = (begun, waited.await) {
            self.shared.exporting.tending.send_replace(Tending::Here);
            self.changed();
            self.run_exports(inbox, Some(held)).await;
        }
    }

    /// A new export begins.
    pub(super) async fn export_begins(&self, step: Step) -> Result<(), EngineError> {
        self.ask_runner(|done| Happening::Begun(Box::new(step), done))
            .await
    }

    /// The person wishes something.
    pub(super) async fn export_happens(&self, id: WorkflowId, event: Event) -> Result<(), EngineError> {
        self.ask_runner(|done| Happening::To(id, event, Some(done))).await
    }

    pub(super) async fn export_is_forgotten(&self, id: WorkflowId) -> Result<(), EngineError> {
        self.ask_runner(|done| Happening::Forgotten(id, done)).await
    }

    async fn ask_runner(&self, what: impl FnOnce(Done) -> Happening) -> Result<(), EngineError> {
        self.tend_exports().await?;
        let (done, answer) = oneshot::channel();
        let sent = self.shared.exporting.happenings.send(what(done));
        sent.map_err(|_| EngineError::Stopped)?;
        answer.await.map_err(|_| EngineError::Stopped)?
    }

    /// Somebody signed in: what waited for that goes on.
    pub(in crate::controller) fn exports_may_go_on(&self) {
        // Without a runner nothing waits.
        let _ = self.shared.exporting.happenings.send(Happening::SignedIn);
    }

    async fn run_exports(&self, mut inbox: Inbox, _held: Option<File>) {
        let mut flows = BTreeMap::new();
        let rows = loop {
            match self.shared.store.exports().await {
                Ok(rows) => break rows,
                Err(error) => {
                    tracing::warn!(%error, "the exports can't be read yet");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        };
        for row in rows {
            let id = row.export.workflow;
            let flow = Flow {
                export: row.export,
                running: BTreeMap::new(),
            };
            flows.insert(id, flow);
            self.happen(&mut flows, Happening::To(id, Event::Opened, None))
                .await;
        }
        let mut not_before = Instant::now();
        loop {
            let due = flows.values().filter_map(|flow| flow.export.wake_at()).min();
            let wait = sleep(
                due.map(until),
                not_before.saturating_duration_since(Instant::now()),
            );
            match tokio::time::timeout(wait, inbox.recv()).await {
                Ok(Some(happening)) => self.happen(&mut flows, happening).await,
                Ok(None) => return,
                // The ordinary end of a wait: something is due.
                Err(_) => {
                    let now = Timestamp::now();
                    let is_due = |flow: &&Flow| flow.export.wake_at().is_some_and(|at| at <= now);
                    let due: Vec<WorkflowId> = flows
                        .values()
                        .filter(is_due)
                        .map(|flow| flow.export.workflow)
                        .collect();
                    for id in due {
                        let Some(flow) = flows.get_mut(&id) else { continue };
                        if let Err(error) = self.take(flow, Event::Tick).await {
                            // It is still due, and comes with the next round: not at once.
                            tracing::warn!(%error, "an export's step can't be kept yet");
                            not_before = Instant::now() + AGAIN;
                        }
                    }
                }
            }
        }
    }

    async fn happen(&self, flows: &mut BTreeMap<WorkflowId, Flow>, happening: Happening) {
        match happening {
            Happening::Begun(step, done) => {
                let answer = self.take_in(flows, *step).await;
                // Whoever asked may be gone.
                let _ = done.send(answer);
            }
            Happening::To(id, event, done) => {
                let answer = match flows.get_mut(&id) {
                    Some(flow) => self.take(flow, event.clone()).await,
                    None => Err(EngineError::NoSuchExport),
                };
                match (done, answer) {
                    (Some(done), answer) => drop(done.send(answer)),
                    (None, Err(EngineError::Store(error))) => {
                        tracing::warn!(%error, "an export's step can't be kept yet");
                        self.later(Happening::To(id, event, None));
                    }
                    (None, Ok(()) | Err(_)) => {}
                }
            }
            Happening::Forgotten(id, done) => {
                let answer = self.shared.store.forget_export(id).await;
                if answer.is_ok() {
                    flows.remove(&id);
                    lock(&self.shared.exporting.live).remove(&id);
                    self.changed();
                }
                let _ = done.send(answer.map_err(EngineError::from));
            }
            Happening::Again(id) => {
                if let Some(flow) = flows.get_mut(&id) {
                    for (_, running) in std::mem::take(&mut flow.running) {
                        running.stop().await;
                    }
                    let opened = Happening::To(id, Event::Opened, None);
                    // Behind what is here already, so that this doesn't call itself.
                    let _ = self.shared.exporting.happenings.send(opened);
                }
            }
            Happening::SignedIn => {
                let waiting = flows
                    .values()
                    .filter(|flow| flow.export.waits() == Some(Waits::SignIn))
                    .map(|flow| Happening::To(flow.export.workflow, Event::Resume { elsewhere: None }, None));
                for resume in waiting {
                    let _ = self.shared.exporting.happenings.send(resume);
                }
            }
        }
    }

    fn later(&self, happening: Happening) {
        let happenings = self.shared.exporting.happenings.clone();
        self.in_background(async move {
            tokio::time::sleep(AGAIN).await;
            let _ = happenings.send(happening);
        });
    }

    async fn take_in(&self, flows: &mut BTreeMap<WorkflowId, Flow>, step: Step) -> Result<(), EngineError> {
        let place = lock(&self.shared.account).place.key();
        let id = step.export.workflow;
        let store = &self.shared.store;
        store.add_export(&step.export, &place, Timestamp::now()).await?;
        let flow = Flow {
            export: step.export,
            running: BTreeMap::new(),
        };
        let flow = flows.entry(id).or_insert(flow);
        self.changed();
        self.hand_out(flow, step.effects).await;
        Ok(())
    }

    /// One step: decided, committed, then acted on.
    async fn take(&self, flow: &mut Flow, event: Event) -> Result<(), EngineError> {
        let now = Timestamp::now();
        let quiet = matches!(event, Event::Stored { .. } | Event::Tick);
        let next = step(flow.export.clone(), event, now);
        if next.export != flow.export {
            self.shared.store.keep_export(&next.export, now).await?;
            flow.export = next.export;
            if !quiet {
                self.changed();
            }
        }
        let (over, running): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut flow.running)
            .into_iter()
            .partition(|(sequence, running)| {
                !flow.export.is_outstanding(*sequence) || running.0.is_finished()
            });
        flow.running = running;
        for (_, running) in over {
            running.stop().await;
        }
        self.hand_out(flow, next.effects).await;
        Ok(())
    }

    /// Nothing leaves before the step that asks for it survives a power cut.
    async fn hand_out(&self, flow: &mut Flow, effects: Vec<Keyed>) {
        if effects.is_empty() {
            return;
        }
        if let Err(error) = self.shared.store.durable().await {
            tracing::warn!(%error, "an export's step isn't on the disk yet");
            self.later(Happening::Again(flow.export.workflow));
            return;
        }
        for keyed in effects {
            let (engine, export, sequence) = (self.clone(), flow.export.clone(), keyed.sequence);
            let task = tokio::spawn(async move {
                let id = export.workflow;
                let reply = engine.perform(&export, sequence, keyed.effect).await;
                let event = Event::Reply { to: sequence, reply };
                // Nobody listens when the engine is closed; the next start asks again.
                let _ = engine
                    .shared
                    .exporting
                    .happenings
                    .send(Happening::To(id, event, None));
            });
            if let Some(before) = flow.running.insert(sequence, Running(task)) {
                before.stop().await;
            }
        }
    }
}

/// How long nothing is done by itself: until something is due, but not before the database is tried again.
fn sleep(due: Option<Duration>, rest: Duration) -> Duration {
    due.unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP).max(rest)
}

fn until(at: Timestamp) -> Duration {
    let wait = at.duration_since(Timestamp::now());
    wait.max(jiff::SignedDuration::ZERO).unsigned_abs()
}

/// The lock, or the file to wait on. In a folder that can't be written there is none, and nothing is kept there either.
fn try_lock(path: &std::path::Path) -> Result<Option<File>, Option<File>> {
    let file = match File::create(path) {
        Ok(file) => file,
        Err(error) => {
            tracing::info!(kind = %error.kind(), "the exports have no lock");
            return Ok(None);
        }
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(Some(file)),
        Err(std::fs::TryLockError::Error(error)) => {
            if error.kind() == io::ErrorKind::Unsupported {
                return Ok(None);
            }
            tracing::warn!(kind = %error.kind(), "the exports' lock can't be asked");
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_waits_while_the_database_rests() {
        assert_eq!(sleep(Some(Duration::ZERO), Duration::ZERO), Duration::ZERO);
        assert_eq!(sleep(Some(Duration::ZERO), AGAIN), AGAIN);
        assert_eq!(sleep(Some(2 * AGAIN), AGAIN), 2 * AGAIN);
        assert_eq!(sleep(None, Duration::ZERO), LONGEST_SLEEP);
    }
}
