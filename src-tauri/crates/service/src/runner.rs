//! Work that is done in the background as long as the service is open. Whoever is told of something rings; then, and when
//! its time has come, the one who does the work looks whether something is due.
//!
//! What is due is in the database, so it makes no difference whether the service is stopped meanwhile, or runs in two
//! programs at once: a lock file lets one of them work.

use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::problem::Failure;

/// A kind of work.
pub trait Job: Send + Sync + 'static {
    /// What it is about, for the log.
    const ABOUT: &'static str;
    /// How long it rests when it couldn't even look.
    const AFTER_FAILURE: Duration;

    /// What wakes it.
    fn bell(&self) -> &Bell;

    /// What comes first, also when the service is closed again at once.
    fn begin(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Does what is due. Says when to look again, also when nobody rings.
    fn turn(&self, stop: &Halt) -> impl Future<Output = Result<Duration, Failure>> + Send;

    /// Calls off what is under way and doesn't look at `stop` by itself.
    fn call_off(&self) {}
}

/// The one who does the work. Dropped, it stops as soon as what is under way can be left.
pub struct Runner<J: Job> {
    job: Arc<J>,
    stop: Halt,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl<J: Job> Runner<J> {
    /// Begins, with what was left when the service last stopped.
    pub fn start(job: J) -> Self {
        let (job, stop) = (Arc::new(job), Halt::default());
        let task = tokio::spawn(work(job.clone(), stop.clone()));
        Self {
            job,
            stop,
            task: Mutex::new(Some(task)),
        }
    }

    /// Stops, and waits until nothing is written any more.
    pub async fn stop(&self) {
        self.call_off();
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "whoever looks after {} broke off", J::ABOUT);
        }
    }

    fn call_off(&self) {
        self.stop.call();
        self.job.call_off();
        self.job.bell().ring();
    }
}

impl<J: Job> Drop for Runner<J> {
    fn drop(&mut self) {
        self.call_off();
    }
}

async fn work<J: Job>(job: Arc<J>, stop: Halt) {
    job.begin().await;
    while !stop.is_called() {
        // Boxed: what is kept between two steps is large.
        let wait = match Box::pin(job.turn(&stop)).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::warn!(%error, "{} can't be looked for", J::ABOUT);
                J::AFTER_FAILURE
            }
        };
        if stop.is_called() {
            return;
        }
        // Rung for or not, it looks: a ring that comes before the wait isn't lost.
        let _ = tokio::time::timeout(wait, job.bell().0.notified()).await;
    }
}

/// Wakes whoever does the work.
#[derive(Debug, Default)]
pub struct Bell(Notify);

impl Bell {
    /// Lets whoever does the work look whether something is due.
    pub fn ring(&self) {
        self.0.notify_one();
    }
}

/// Calls work off. Its copies are one.
#[derive(Debug, Clone, Default)]
pub struct Halt(Arc<Called>);

#[derive(Debug, Default)]
struct Called {
    is_called: AtomicBool,
    heard: Notify,
}

impl Halt {
    /// Calls it off.
    pub fn call(&self) {
        self.0.is_called.store(true, Ordering::SeqCst);
        self.0.heard.notify_waiters();
    }

    /// Whether it was called off.
    pub fn is_called(&self) -> bool {
        self.0.is_called.load(Ordering::SeqCst)
    }

    /// Waits until it is.
    pub async fn called(&self) {
        let mut heard = std::pin::pin!(self.0.heard.notified());
        // Heard from now on, so that none is missed between looking and waiting.
        heard.as_mut().enable();
        if !self.is_called() {
            heard.await;
        }
    }
}

/// The lock that one of all programs with this service open holds while it works; none when another has it.
pub async fn lock(path: PathBuf) -> Option<File> {
    let locked = tokio::task::spawn_blocking(move || {
        let options = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path);
        options.ok().filter(|file| file.try_lock().is_ok())
    });
    locked.await.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_to_be_called_off_hears_it_whenever_it_was_called() {
        let halt = Halt::default();
        let waiting = tokio::spawn({
            let halt = halt.clone();
            async move { halt.called().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        halt.call();
        waiting.await.unwrap();
        halt.called().await;
    }

    #[tokio::test]
    async fn one_program_works_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = lock(path.clone()).await.expect("nobody has it");
        assert!(lock(path.clone()).await.is_none());
        drop(held);
        assert!(lock(path).await.is_some());
    }
}
