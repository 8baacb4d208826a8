//! What is done to a profile: at once where its browser is closed, else as soon as it is.

use jiff::Timestamp;
use settings_privacy_core::storage::{About, Choice, Decision, Profile, RulesBefore};
use uuid::Uuid;

use super::super::{Done, Engine, Notice};
use super::Waiting;
use crate::error::EngineError;

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
    },
}

impl Engine {
    /// Does it now, or has it wait for the browser to be closed and says so.
    pub(super) async fn when_closed(&self, profile: &Profile, wish: Wish) -> Result<Done, EngineError> {
        if !self.is_open(profile).await {
            return self.fulfil(profile, &wish).await;
        }
        let mut first = true;
        self.set_browsers(|state| {
            // The same once more is still the same.
            state
                .waiting
                .retain(|other| other.profile != *profile || other.wish != wish);
            first = !state.waiting.iter().any(|other| other.profile == *profile);
            state.waiting.push(Waiting {
                profile: profile.clone(),
                wish,
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
            self.shared.browsing.adapter.wait_until_closed(profile).await;
            let mut next = None;
            self.set_browsers(|state| {
                let at = state
                    .waiting
                    .iter()
                    .position(|waiting| waiting.profile == *profile);
                next = at.map(|at| state.waiting.remove(at).wish);
            });
            let Some(wish) = next else { return };
            let (code, message) = match self.fulfil(profile, &wish).await {
                Ok(done) => ("browsers-done", done.says),
                // Opened again in the same moment: it waits on.
                Err(error) if error.code() == "browser-open" => {
                    self.set_browsers(|state| {
                        state.waiting.insert(
                            0,
                            Waiting {
                                profile: profile.clone(),
                                wish,
                            },
                        );
                    });
                    continue;
                }
                Err(error) => (error.code(), error.to_string()),
            };
            self.notice(Notice {
                code: code.to_owned(),
                message,
                file: None,
            });
        }
    }

    /// Nothing waits for a browser any more.
    pub fn stop_waiting_for_browsers(&self) {
        self.set_browsers(|state| state.waiting.clear());
    }
}

/// What a person has to do.
fn waits(profile: &Profile) -> String {
    let browser = profile.browser.name();
    format!("{browser} is open. Close all of its windows: this goes on by itself then.")
}
