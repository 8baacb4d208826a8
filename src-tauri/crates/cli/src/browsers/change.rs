//! Changing profiles one by one: one that can't be changed keeps no other from it, and all of it is told.

use jiff::Timestamp;
use serde_json::{Value, json};
use settings_privacy_core::data;
use settings_privacy_core::storage::{About, DecidedBy, Decision, Effective, Profile, Running, Site};
use settings_privacy_engine::{Deciding, Done, Engine, EngineError, ProfileId, ProfileState, called};

use super::waiting::{closed, when_closed};
use super::{chosen, look, of, words};
use crate::exit::{Exit, Failure};
use crate::output::{Face, Reply};

/// What became of each profile, in the order they were changed.
#[derive(Default)]
pub struct Outcomes {
    all: Vec<Outcome>,
}

/// What became of one.
struct Outcome {
    profile: Profile,
    done: Result<Done, Failure>,
    /// What its browser decides afterwards, where that was changed.
    observed: Option<Effective>,
}

impl Outcomes {
    /// Adds what became of a profile.
    pub fn push(&mut self, profile: &Profile, done: Result<Done, Failure>) {
        self.all.push(Outcome {
            profile: profile.clone(),
            done,
            observed: None,
        });
    }

    /// All of them, for either reader. It is a failure if one of them is; then the code is that of the first, and
    /// the sentences name each.
    pub fn reply(self) -> Reply {
        let done = || self.all.iter().filter_map(|outcome| outcome.done.as_ref().ok());
        let mut said: Vec<&str> = done().map(|done| done.says.as_str()).collect();
        said.dedup();
        let text = said.join("\n");
        let mut changes = done().filter_map(|done| done.change);
        // More than one is undone one by one.
        let change = changes.next().filter(|_| changes.next().is_none());
        let failed: Vec<(&Profile, &Failure)> = self
            .all
            .iter()
            .filter_map(|outcome| Some((&outcome.profile, outcome.done.as_ref().err()?)))
            .collect();
        let failure = failed.first().map(|(_, first)| {
            let why: Vec<String> = failed
                .iter()
                .map(|(profile, why)| format!("{}: {}", called(profile), why.message))
                .collect();
            let mut failure = Failure::new(first.exit, &first.code, why.join("\n"));
            failure.retryable = failed.iter().any(|(_, why)| why.retryable);
            failure.more = first.more.clone();
            failure
        });
        let json = json!({
            "says": said.join(" "),
            "change": change,
            "profiles": self.all.iter().map(outcome_json).collect::<Vec<_>>(),
        });
        Reply::new(json, text).but(failure)
    }
}

fn outcome_json(outcome: &Outcome) -> Value {
    let (done, failure) = (outcome.done.as_ref().ok(), outcome.done.as_ref().err());
    json!({
        "id": ProfileId::of(&outcome.profile).as_str(),
        "browser": outcome.profile.browser.name(),
        "name": outcome.profile.name,
        "says": done.map(|done| &done.says),
        "change": done.and_then(|done| done.change),
        "decision": outcome.observed.map(words::effective_word),
        "error": failure.map(|failure| json!({"code": failure.code, "message": failure.message})),
    })
}

/// Has the browsers decide something for a site.
pub async fn decide(
    face: Face,
    engine: &Engine,
    (site, about, decision): (&Site, About, Decision),
    profile: Option<&str>,
    no_wait: bool,
) -> Result<Reply, Failure> {
    let state = look(face, engine).await?;
    let profiles = chosen(&state, profile)?;
    if profiles.is_empty() {
        let message = "No browser's profile was found here, so there is nothing to tell this to.";
        return Err(Failure::new(Exit::NotPossibleHere, "no-profile", message));
    }
    let is_so = |state: &&ProfileState| holds_already(state, site, about, decision);
    let (same, changing): (Vec<&ProfileState>, Vec<&ProfileState>) = profiles.into_iter().partition(is_so);
    closed(face, engine, &of(changing.iter().copied()), no_wait).await?;
    let mut outcomes = Outcomes::default();
    for state in &same {
        let says = format!("It is so already in {}.", called(&state.seen.profile));
        outcomes.push(&state.seen.profile, Ok(Done { change: None, says }));
    }
    for state in &changing {
        let deciding = Deciding {
            profile: state.id.clone(),
            site: site.domain.clone(),
            about,
            decision,
        };
        let profile = &state.seen.profile;
        let done = when_closed(face, engine, profile, no_wait, async || {
            engine.decide_for_site(&deciding).await
        });
        let done = done.await;
        outcomes.push(profile, done);
    }
    let now = engine.browsers();
    for outcome in &mut outcomes.all {
        let id = ProfileId::of(&outcome.profile);
        let state = now.profiles.iter().find(|state| state.id == id);
        let rule = state.and_then(|state| state.rules.of(&site.domain, about));
        outcome.observed = rule.map(|rule| rule.effective);
    }
    let mut reply = outcomes.reply();
    if about == About::Cookies && decision == Decision::Deny && !reply.text.is_empty() {
        reply.text += "\n";
        reply.text += &data::cookie_purposes().refusing;
    }
    Ok(reply)
}

/// Whether a closed browser does already what is wanted. What an open one does may not be on the disk yet.
fn holds_already(state: &ProfileState, site: &Site, about: About, decision: Decision) -> bool {
    let rule = state.rules.of(&site.domain, about);
    let holds = rule.is_some_and(|rule| {
        // A refusal that comes from what the browser does with every site ends when that does.
        let own = rule.decided_by != DecidedBy::Default;
        rule.effective == Effective::All(decision) && (own || decision != Decision::Deny)
    });
    holds && state.seen.running == Running::No
}

/// Puts back what was cleared.
pub async fn restore(
    face: Face,
    engine: &Engine,
    made: Option<Timestamp>,
    no_wait: bool,
) -> Result<Reply, Failure> {
    let state = look(face, engine).await?;
    let is = |made: Timestamp| state.backups.iter().find(|backup| backup.made == made);
    let backup = match made {
        Some(made) => is(made),
        None => state.backups.first(),
    };
    let backup = backup.ok_or(EngineError::NoSuchBackup)?;
    let done = when_closed(face, engine, &backup.profile, no_wait, async || {
        engine.restore_backup(backup.made).await
    });
    let mut outcomes = Outcomes::default();
    outcomes.push(&backup.profile, Ok(done.await?));
    Ok(outcomes.reply())
}
