//! The crate's face: find, ask, look.

use std::sync::Arc;

use settings_privacy_core::storage::{Family, Problem, Profile, Purposes, Running, Seen, Sites};
use tokio::task::JoinSet;

use crate::look::Look;
use crate::places::Places;
use crate::{chromium, copy, discover, firefox, running};

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
}

/// Runs what may wait for a disk where it holds up nobody.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down, and this future with it.
            Err(_) => std::future::pending().await,
        },
    }
}
