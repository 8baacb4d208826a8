//! The crate's face: find, ask, look.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use settings_privacy_core::storage::{Family, Plan, Problem, Profile, Purposes, Running, Seen, Sites};
use tokio::task::JoinSet;

use crate::clear::{self, Backup, ClearError, Cleared, Progress, Restored, Settled};
use crate::look::Look;
use crate::places::Places;
use crate::{chromium, copy, discover, firefox, running};

/// How often a browser is asked whether it is closed by now.
const ASKED: Duration = Duration::from_millis(300);

/// The browsers of this computer's user.
#[derive(Debug, Clone)]
pub struct Browsers {
    pub(crate) places: Arc<Places>,
}

/// Which profiles there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// The profiles, each once.
    pub profiles: Vec<Profile>,
    /// Lists that couldn't be read: there may be more profiles.
    pub problems: Vec<Problem>,
}

impl Browsers {
    /// The adapter for these places. Nothing is read yet.
    pub fn new(places: Places) -> Self {
        Self {
            places: Arc::new(places),
        }
    }

    /// Finds every profile. It never fails as a whole.
    pub async fn profiles(&self) -> Discovery {
        let places = Arc::clone(&self.places);
        let (profiles, problems) = blocking(move || discover::profiles(&places)).await;
        Discovery { profiles, problems }
    }

    /// Whether a browser has the profile open now.
    pub async fn running(&self, profile: &Profile) -> Running {
        let (places, profile) = (Arc::clone(&self.places), profile.clone());
        blocking(move || running::running(&places, &profile)).await
    }

    /// Lists what one profile keeps for these sites. It never fails as a whole: what can't be read stands among the
    /// problems.
    pub async fn see(&self, profile: &Profile, sites: &Sites, purposes: &Purposes) -> Seen {
        let running = self.running(profile).await;
        let below = self.places.scratch.clone();
        let scratch = match blocking(move || copy::scratch(&below)).await {
            Ok(scratch) => scratch,
            Err(error) => {
                let problem = Problem {
                    code: "no-scratch",
                    message: format!(
                        "There is no private folder to copy into ({error}), so this profile isn't shown. Make room in the folder for temporary files, then look again."
                    ),
                    hides: Vec::new(),
                };
                return Seen {
                    profile: profile.clone(),
                    running,
                    findings: Vec::new(),
                    problems: vec![problem],
                };
            }
        };
        let mut look = Look::new(profile, running, sites, purposes, scratch.path());
        match profile.family {
            Family::Firefox => firefox::see(&mut look).await,
            Family::Chromium => chromium::see(&mut look).await,
        }
        let seen = look.finish();
        blocking(move || drop(scratch)).await;
        seen
    }

    /// Lists what every profile keeps, all at once; `each` is called as each is done, in the order they finish.
    /// To be called within a tokio runtime. Dropping the future stops the looks.
    pub async fn see_all(
        &self,
        profiles: Vec<Profile>,
        sites: &'static Sites,
        purposes: &'static Purposes,
        mut each: impl FnMut(Seen),
    ) {
        let mut looks = JoinSet::new();
        for profile in profiles {
            let browsers = self.clone();
            looks.spawn(async move { browsers.see(&profile, sites, purposes).await });
        }
        while let Some(look) = looks.join_next().await {
            match look {
                Ok(seen) => each(seen),
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    // The runtime is shutting down.
                    Err(_) => return,
                },
            }
        }
    }

    /// Waits until no browser has the profile open, asking three times a second. One that can't be told counts as
    /// open. Dropping the future ends the waiting.
    pub async fn wait_until_closed(&self, profile: &Profile) {
        while self.wait_while_open(profile).await != Running::No {
            tokio::time::sleep(ASKED).await;
        }
    }

    /// Waits as long as a browser surely has the profile open, asking three times a second, and says what it is then:
    /// closed, or that it can't be told any more. Dropping the future ends the waiting.
    pub async fn wait_while_open(&self, profile: &Profile) -> Running {
        loop {
            match self.running(profile).await {
                Running::Yes => tokio::time::sleep(ASKED).await,
                running @ (Running::No | Running::Unknown) => return running,
            }
        }
    }

    /// Removes what a plan says from its profile, writes a backup into `backups` first, looks again, and says what
    /// is gone. The browser must be closed. `now` names the backup, which is kept for thirty days.
    ///
    /// To be called within a tokio runtime. Once begun it goes on to its end, even when the future is dropped.
    /// Nothing else may look at the profile meanwhile: it would find half of it.
    ///
    /// # Errors
    /// When the browser isn't closed, something in the profile can't be changed safely, or the backup can't be
    /// written: then nothing was changed, and the error says so. [`ClearError::StartedMeanwhile`] and
    /// [`ClearError::Unsettled`] need [`recover`](Self::recover).
    pub async fn clear(
        &self,
        plan: &Plan,
        sites: &'static Sites,
        purposes: &'static Purposes,
        backups: PathBuf,
        now: Timestamp,
        mut progress: impl FnMut(Progress),
    ) -> Result<Cleared, ClearError> {
        let (teller, mut told) = tokio::sync::mpsc::unbounded_channel();
        let (browsers, of) = (self.clone(), plan.clone());
        let work = tokio::spawn(async move {
            let tell = move |progress| {
                // Nobody may be listening any more.
                let _ = teller.send(progress);
            };
            clear::clear(&browsers.places, &of, sites, &backups, now, &tell).await
        });
        while let Some(step) = told.recv().await {
            progress(step);
        }
        let backup = finished(work).await?;
        let seen = self.see(&plan.profile, sites, purposes).await;
        Ok(Cleared::observed(plan, &seen, backup))
    }

    /// Puts back what a clearing removed, none of it over what came since. The browser must be closed. A backup that
    /// was put back whole is removed.
    ///
    /// To be called within a tokio runtime. Once begun it goes on to its end, even when the future is dropped.
    ///
    /// # Errors
    /// As for [`clear`](Self::clear), and when the browser keeps such things in another way by now.
    pub async fn restore(&self, backup: &Backup) -> Result<Restored, ClearError> {
        let (browsers, backup) = (self.clone(), backup.clone());
        finished(tokio::spawn(async move {
            clear::restore(&browsers.places, &backup).await
        }))
        .await
    }

    /// Settles what was cut short: takes back each clearing that hadn't removed everything, and ends each putting
    /// back. To be called at every start, and again when a browser that it waits for is closed.
    ///
    /// # Errors
    /// When the backups' folder can't be read. What can't be settled yet is told as
    /// [`Waiting`](crate::Settlement::Waiting).
    pub async fn recover(&self, backups: PathBuf) -> Result<Vec<Settled>, ClearError> {
        let browsers = self.clone();
        finished(tokio::spawn(async move {
            clear::recover(&browsers.places, &backups).await
        }))
        .await
    }
}

/// Runs what may wait for a disk where it holds up nobody.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    finished(tokio::task::spawn_blocking(work)).await
}

/// What a task came to.
async fn finished<T>(work: tokio::task::JoinHandle<T>) -> T {
    match work.await {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down, and this future with it.
            Err(_) => std::future::pending().await,
        },
    }
}
