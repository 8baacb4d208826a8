//! What is done to a profile: at once where its browser is closed, else as soon as it is.

use jiff::Timestamp;
use settings_privacy_core::storage::{About, Choice, Decision, Profile, RulesBefore};
use uuid::Uuid;

use super::super::{Done, Engine, Notice};
use super::words::called;
use super::{Waiting, WaitingId};
use crate::error::EngineError;

/// The code of what a browser is to be closed for.
const OPEN: &str = "browser-open";

/// Something to be done to one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Clear what these choices hold.
    Clear(Vec<Choice>),
    /// Have the browser decide so.
    Decide {
        /// The site, by domain.
        site: String,
        /// What about.
        about: About,
        /// What.
        decision: Decision,
    },
    /// Put back what was cleared at a time.
    Restore {
        /// The time of the clearing, which its backup bears.
        cleared_at: Timestamp,
        /// The change it undoes, where that is known.
        change: Option<Uuid>,
    },
    /// Put rules back as they were before a change.
    PutBack {
        /// The change it undoes.
        change: Uuid,
        /// What was there.
        before: RulesBefore,
        /// What was there right after the change, where that is known.
        after: Option<RulesBefore>,
    },
}

impl Engine {
    /// Does it now, or has it wait for the browser to be closed and says so.
    pub(super) async fn when_closed(&self, profile: &Profile, wish: Wish) -> Result<Done, EngineError> {
        match self.fulfil(profile, &wish).await {
            Err(error) if error.code() == OPEN => {}
            done => return done,
        }
        let number = WaitingId::next();
        let mut first = true;
        self.set_browsers(|state| {
            // The same once more is still the same.
            state
                .waiting
                .retain(|other| other.begun || other.profile != *profile || other.wish != wish);
            first = !state.waiting.iter().any(|other| other.profile == *profile);
            state.waiting.push(Waiting {
                id: number,
                profile: profile.clone(),
                wish,
                begun: false,
            });
        });
        if first {
            let (engine, of) = (self.clone(), profile.clone());
            self.in_background(async move { engine.await_closing(&of).await });
        }
        Ok(Done {
            change: None,
            says: waits(profile),
        })
    }

    async fn await_closing(&self, profile: &Profile) {
        loop {
            // Where it can't be told any more, doing it says so.
            self.shared.browsing.adapter.wait_while_open(profile).await;
            let mut next = None;
            self.set_browsers(|state| {
                let waiting = state
                    .waiting
                    .iter_mut()
                    .find(|waiting| waiting.profile == *profile && !waiting.begun);
                next = waiting.map(|waiting| {
                    waiting.begun = true;
                    (waiting.id, waiting.wish.clone())
                });
            });
            let Some((id, wish)) = next else { return };
            let (code, message) = match self.fulfil(profile, &wish).await {
                Ok(done) => ("browsers-done", done.says),
                // Opened again in the same moment: it waits on, unless it was given up meanwhile.
                Err(error) if error.code() == OPEN => {
                    self.set_browsers(|state| {
                        for waiting in state.waiting.iter_mut().filter(|waiting| waiting.id == id) {
                            waiting.begun = false;
                        }
                    });
                    continue;
                }
                Err(error) => (error.code(), format!("{}: {error}", called(profile))),
            };
            self.set_browsers(|state| state.waiting.retain(|waiting| waiting.id != id));
            self.notice_too(Notice {
                code: code.to_owned(),
                message,
                file: None,
            });
        }
    }

    /// One thing that waits for a browser isn't wanted any more. What has begun goes on to its end.
    pub fn stop_waiting_for_browser(&self, id: WaitingId) {
        self.set_browsers(|state| state.waiting.retain(|waiting| waiting.id != id || waiting.begun));
    }
}

/// What a person has to do.
fn waits(profile: &Profile) -> String {
    let browser = profile.browser.name();
    format!("{browser} is open. Close all of its windows: this goes on by itself then.")
}
