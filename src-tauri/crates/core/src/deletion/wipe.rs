//! Removing what this computer keeps of an account that is gone: which steps, in which order, how far.
//!
//! A [`Wipe`] is what the marker on the disk says. Every step bears being done twice, so what was under way when the
//! program ended is simply done again.

use serde::{Deserialize, Serialize};

use crate::export::Place;

/// What else can go along. The person chose before anything was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offers {
    /// What DingTalk's sites keep in the browsers.
    pub cookies: bool,
    /// What was decided about the app's permissions: what it asks for holds again.
    pub flatpak_permissions: bool,
    /// What the app itself keeps on this computer.
    pub flatpak_folder: bool,
}

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WipeStep {
    /// Downloads that aren't complete. What is complete stays.
    Downloads,
    /// The session and the deletion's own token, in the keyring.
    Keyring,
    /// What was cleared in browsers, kept to be put back.
    BrowserBackups,
    /// The program's own notes: what waits to be sent, what the service said, the history.
    Database,
    /// Notes that were damaged once, and set aside. Nobody can read whose they are, so the person is asked first.
    DamagedNotes,
    /// Offered: DingTalk's cookies and storage in the browsers.
    Cookies,
    /// Offered: the app's permissions.
    FlatpakPermissions,
    /// Offered: the app's folder.
    FlatpakFolder,
}

impl WipeStep {
    /// Whether it goes only because the person chose that besides.
    pub fn is_offered(self) -> bool {
        match self {
            WipeStep::Cookies | WipeStep::FlatpakPermissions | WipeStep::FlatpakFolder => true,
            WipeStep::Downloads
            | WipeStep::Keyring
            | WipeStep::BrowserBackups
            | WipeStep::Database
            | WipeStep::DamagedNotes => false,
        }
    }

    /// Whether the person is asked before it goes, because it may be somebody else's as well.
    pub fn asks_first(self) -> bool {
        self == WipeStep::DamagedNotes
    }

    /// Whether the person may leave it.
    pub fn can_be_left(self) -> bool {
        self.is_offered() || self.asks_first()
    }
}

/// How a step stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum StepState {
    /// Not done.
    Todo,
    /// It was tried, and something is in its way.
    Stuck {
        /// A stable code.
        code: String,
        /// A sentence for people.
        message: String,
    },
    /// Done.
    Done,
    /// It stays: the person leaves it, or it is somebody else's as well.
    Left,
}

/// A step and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Which.
    pub step: WipeStep,
    /// How it stands.
    pub state: StepState,
    /// Where the person is asked first: they want it gone.
    #[serde(default)]
    pub agreed: bool,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wipe {
    /// Whose account it was, as long as anything that has to go is here.
    pub account: Option<String>,
    /// Where the receipt lies; `None` where the person had everything removed without one.
    pub receipt: Option<Place>,
    /// In this order.
    pub steps: Vec<Planned>,
    /// Whether it was the made-up account: then what belongs to the person and to this computer stays.
    #[serde(default)]
    pub made_up: bool,
}

impl Wipe {
    /// What is to be done. An account service inside this program has removed its part itself by then.
    pub fn plan(account: String, receipt: Option<Place>, offers: Offers) -> Self {
        let wanted = [
            (WipeStep::Downloads, true),
            (WipeStep::Keyring, true),
            (WipeStep::BrowserBackups, true),
            (WipeStep::Database, true),
            (WipeStep::DamagedNotes, true),
            (WipeStep::FlatpakPermissions, offers.flatpak_permissions),
            (WipeStep::FlatpakFolder, offers.flatpak_folder),
            (WipeStep::Cookies, offers.cookies),
        ];
        let steps = wanted
            .into_iter()
            .filter(|(_, wanted)| *wanted)
            .map(|(step, _)| Planned {
                step,
                state: StepState::Todo,
                agreed: false,
            });
        Self {
            account: Some(account),
            receipt,
            steps: steps.collect(),
            made_up: false,
        }
    }

    /// What is to be done for the made-up account: only what is its own goes.
    pub fn of_made_up(account: String, receipt: Option<Place>) -> Self {
        let mut wipe = Self::plan(account, receipt, Offers::default());
        wipe.made_up = true;
        wipe.steps.retain(|planned| match planned.step {
            WipeStep::Downloads | WipeStep::Keyring | WipeStep::Database => true,
            WipeStep::BrowserBackups
            | WipeStep::DamagedNotes
            | WipeStep::Cookies
            | WipeStep::FlatpakPermissions
            | WipeStep::FlatpakFolder => false,
        });
        wipe
    }

    /// The next step to try; `None` when none is left, or all that are left are stuck or wait for one that is. The notes
    /// wait for the keyring: they alone say what it holds.
    pub fn next(&self) -> Option<WipeStep> {
        let over = |planned: &Planned| matches!(planned.state, StepState::Done | StepState::Left);
        let keyring = |planned: &&Planned| planned.step == WipeStep::Keyring;
        let emptied = self.steps.iter().filter(keyring).all(over);
        let ready = |planned: &&Planned| {
            planned.state == StepState::Todo && (emptied || planned.step != WipeStep::Database)
        };
        self.steps.iter().find(ready).map(|planned| planned.step)
    }

    /// What came of a step.
    pub fn set(&mut self, step: WipeStep, state: StepState) {
        for planned in self.steps.iter_mut().filter(|planned| planned.step == step) {
            planned.state = state.clone();
        }
        if self.is_clean() {
            self.account = None;
        }
    }

    /// What is stuck is tried again.
    pub fn again(&mut self) {
        for planned in &mut self.steps {
            if let StepState::Stuck { .. } = planned.state {
                planned.state = StepState::Todo;
            }
        }
    }

    /// The person leaves a step that isn't done and may be left.
    pub fn leave(&mut self, step: WipeStep) {
        if step.can_be_left()
            && let Some(planned) = self.planned(step)
            && planned.state != StepState::Done
        {
            self.set(step, StepState::Left);
        }
    }

    /// The person was asked, and wants it gone.
    pub fn agree(&mut self, step: WipeStep) {
        for planned in self.steps.iter_mut().filter(|planned| planned.step == step) {
            planned.agreed = true;
        }
    }

    /// How a step stands, if it is among those to be done.
    pub fn planned(&self, step: WipeStep) -> Option<&Planned> {
        self.steps.iter().find(|planned| planned.step == step)
    }

    /// Whether everything that has to go is gone, or is somebody else's as well, or the person was asked and leaves it.
    /// What was offered may still wait.
    pub fn is_clean(&self) -> bool {
        let gone = |planned: &Planned| {
            matches!(planned.state, StepState::Done | StepState::Left) || planned.step.is_offered()
        };
        self.steps.iter().all(gone)
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        let over = |planned: &Planned| matches!(planned.state, StepState::Done | StepState::Left);
        self.steps.iter().all(over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stuck() -> StepState {
        StepState::Stuck {
            code: "browser-open".into(),
            message: "Firefox is open.".into(),
        }
    }

    #[test]
    fn what_is_stuck_holds_only_what_needs_it_up_and_is_never_called_done() {
        let offers = Offers {
            cookies: true,
            ..Offers::default()
        };
        let mut wipe = Wipe::plan("a".into(), None, offers);
        let mut order = Vec::new();
        while let Some(step) = wipe.next() {
            order.push(step);
            let state = if step == WipeStep::Keyring {
                stuck()
            } else {
                StepState::Done
            };
            wipe.set(step, state);
        }
        assert_eq!(order.last(), Some(&WipeStep::Cookies), "what can wait comes last");
        assert!(
            !order.contains(&WipeStep::Database),
            "the notes alone say what the keyring holds"
        );
        assert!(!wipe.is_done() && !wipe.is_clean() && wipe.account.is_some());
        wipe.again();
        assert_eq!(wipe.next(), Some(WipeStep::Keyring));
        wipe.set(WipeStep::Keyring, StepState::Done);
        assert_eq!(wipe.next(), Some(WipeStep::Database));
        wipe.set(WipeStep::Database, StepState::Done);
        assert!(wipe.is_done());
        assert_eq!(wipe.account, None, "nothing that is left names it");
    }

    #[test]
    fn with_the_made_up_account_goes_only_what_is_its_own() {
        let wipe = Wipe::of_made_up("a".into(), None);
        let steps: Vec<_> = wipe.steps.iter().map(|planned| planned.step).collect();
        assert_eq!(
            steps,
            [WipeStep::Downloads, WipeStep::Keyring, WipeStep::Database]
        );
        assert!(wipe.made_up);
    }

    #[test]
    fn only_what_was_offered_or_asked_about_can_be_left() {
        let offers = Offers {
            cookies: true,
            ..Offers::default()
        };
        let mut wipe = Wipe::plan("a".into(), None, offers);
        for step in wipe.steps.clone() {
            wipe.leave(step.step);
        }
        assert_eq!(wipe.next(), Some(WipeStep::Downloads));
        let left = |planned: &&Planned| planned.state == StepState::Left;
        let left: Vec<_> = wipe
            .steps
            .iter()
            .filter(left)
            .map(|planned| planned.step)
            .collect();
        assert_eq!(left, [WipeStep::DamagedNotes, WipeStep::Cookies]);
    }

    #[test]
    fn an_older_programs_marker_is_read_on() {
        let text = r#"{"version":1,"kept":{"account":"a","receipt":null,"steps":[{"step":"keyring","state":{"state":"todo"}}]}}"#;
        let wipe: Wipe = crate::deletion::decode(text).expect("it can be read");
        assert!(!wipe.made_up && !wipe.steps[0].agreed);
    }
}
