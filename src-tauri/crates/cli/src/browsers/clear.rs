//! Clearing: what goes and what is lost by it is said first.

use serde_json::{Value, json};
use settings_privacy_core::storage::{
    Bytes, Choice, Counts, Elsewhere, Finding, Kind, Left, Plan, Problem, Profile, Purpose, Running, Site,
    Why, once,
};
use settings_privacy_engine::{BrowsersState, Clearing, Engine, ProfileId, ProfileState, called};

use super::change::Outcomes;
use super::list::item_id;
use super::waiting::{closed, when_closed};
use super::{chosen, known_site, look, words};
use crate::arguments::{Clear, PurposeWord};
use crate::exit::{Exit, Failure};
use crate::output::{Face, Reply, asked, somebody_is_there};

/// Clears what was named, once that is agreed to and the browsers are closed.
pub async fn obey(face: Face, engine: &Engine, what: &Clear) -> Result<Reply, Failure> {
    let site = what.site.as_deref().map(known_site).transpose()?;
    let state = look(face, engine).await?;
    let (profiles, choices) = match &what.item {
        Some(id) => item(&state, id)?,
        None => (chosen(&state, what.profile.as_deref())?, choices(what, site)),
    };
    let preview = Preview::new(&profiles, &choices);
    if preview.plans.is_empty() {
        return preview.nothing();
    }
    if !what.yes && !preview.losses().is_empty() {
        agree(&preview)?;
    }
    let touched: Vec<Profile> = preview.plans.iter().map(|plan| plan.profile.clone()).collect();
    closed(face, engine, &touched, what.no_wait).await?;
    let mut outcomes = Outcomes::default();
    for profile in &touched {
        let clearing = Clearing {
            profile: Some(ProfileId::of(profile)),
            choices: choices.clone(),
        };
        let done = when_closed(face, engine, profile, what.no_wait, async || {
            engine.clear_browsers(&clearing).await
        });
        let done = done.await;
        outcomes.push(profile, done);
    }
    for (profile, problem) in &preview.hidden {
        outcomes.push(profile, Err(unread(problem)));
    }
    Ok(outcomes.reply())
}

/// What was named, as choices.
fn choices(what: &Clear, site: Option<&Site>) -> Vec<Choice> {
    let site = site.map(|site| site.domain.clone());
    let mut choices = vec![match (what.kind, what.purpose) {
        (Some(kind), _) => Choice::Kind {
            site: site.clone(),
            kind: words::kind(kind),
        },
        (None, Some(purpose)) => Choice::Purpose {
            site: site.clone(),
            purpose: match purpose {
                PurposeWord::Operation => Purpose::Security,
                PurposeWord::Statistics => Purpose::Statistics,
                PurposeWord::Unknown => Purpose::Unknown,
            },
        },
        (None, None) => Choice::Everything { site: site.clone() },
    }];
    choices.extend(what.elsewhere.iter().map(|place| Choice::Kind {
        site: site.clone(),
        kind: Kind::Elsewhere(words::elsewhere(*place)),
    }));
    choices
}

/// The one thing of this name, and where it is.
fn item<'a>(state: &'a BrowsersState, id: &str) -> Result<(Vec<&'a ProfileState>, Vec<Choice>), Failure> {
    for profile in &state.profiles {
        let of = &profile.seen.profile;
        let is = |finding: &&Finding| item_id(of, finding) == id;
        if let Some(finding) = profile.seen.findings.iter().find(is) {
            return Ok((vec![profile], vec![Choice::Item(finding.id(of))]));
        }
    }
    let message =
        format!("There is nothing “{id}” here. To see what there is: privacy-settings cookies list.");
    Err(Failure::new(Exit::Usage, "item-unknown", message))
}

/// What would be done.
struct Preview {
    /// Profiles where there is something to clear.
    plans: Vec<Plan>,
    /// What stays of what was named, or names the sites besides.
    left: Vec<Left>,
    /// What couldn't be read, so that more of what was named may be there.
    hidden: Vec<(Profile, Problem)>,
    /// Browsers to be closed first, each once.
    closing: Vec<&'static str>,
}

impl Preview {
    fn new(profiles: &[&ProfileState], choices: &[Choice]) -> Self {
        let mut preview = Self {
            plans: Vec::new(),
            left: Vec::new(),
            hidden: Vec::new(),
            closing: Vec::new(),
        };
        for state in profiles {
            let profile = &state.seen.profile;
            let hides = |problem: &&Problem| {
                problem.hides.is_empty() || problem.hides.iter().any(|kind| concerns(choices, *kind))
            };
            let hidden = state.seen.problems.iter().filter(hides);
            preview
                .hidden
                .extend(hidden.map(|problem| (profile.clone(), problem.clone())));
            let plan = Plan::new(&state.seen, choices);
            preview.left.extend(plan.left.iter().cloned());
            if plan.is_empty() {
                continue;
            }
            let name = profile.browser.name();
            if state.seen.running != Running::No && !preview.closing.contains(&name) {
                preview.closing.push(name);
            }
            preview.plans.push(plan);
        }
        preview
    }

    /// Why there is nothing to do.
    fn nothing(self) -> Result<Reply, Failure> {
        let unsafe_ones: Vec<Left> = self
            .left
            .iter()
            .filter(|left| left.why != Why::NotChosen)
            .cloned()
            .collect();
        if let Some(says) = once(unsafe_ones.iter().filter_map(Left::says)).first() {
            return Err(Failure::new(Exit::NotPossibleHere, "cant-be-cleared", says));
        }
        let mut outcomes = Outcomes::default();
        for (profile, problem) in &self.hidden {
            outcomes.push(profile, Err(unread(problem)));
        }
        let mut reply = outcomes.reply();
        let says = match self.hidden.is_empty() {
            true => "There is nothing of DingTalk's to clear there.",
            false => "Nothing of DingTalk's was found in what could be read.",
        };
        reply.json["says"] = says.into();
        reply.text = says.to_owned();
        Ok(reply)
    }

    /// What a person loses, each sentence once, the gravest of each profile first.
    fn losses(&self) -> Vec<String> {
        let losses = self.plans.iter().flat_map(|plan| &plan.losses);
        once(losses.map(settings_privacy_core::storage::Loss::says))
    }

    fn stays(&self) -> Vec<String> {
        let left = self.left.iter().filter_map(Left::says);
        once(left.chain(self.plans.iter().flat_map(Plan::stays)))
    }

    /// All of it, for people.
    fn says(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .plans
            .iter()
            .map(|plan| {
                let what = amount(plan).says();
                format!("This clears {what} in {}.", called(&plan.profile))
            })
            .collect();
        lines.extend(self.losses());
        lines.extend(self.stays());
        let hidden = self
            .hidden
            .iter()
            .map(|(profile, problem)| format!("{}: {}", called(profile), problem.message));
        lines.extend(hidden);
        lines.extend((!self.closing.is_empty()).then(|| {
            let names = self.closing.join(" and ");
            format!("It is done once you have closed {names}.")
        }));
        let fetched_again = |plan: &&Plan| {
            let cached = Kind::Elsewhere(Elsewhere::HttpCache);
            plan.findings.iter().any(|finding| finding.item.kind() == cached)
        };
        lines.push(match self.plans.iter().find(fetched_again) {
            Some(_) => "What is cleared can be put back for 30 days, except copies of pages.".to_owned(),
            None => "What is cleared can be put back for 30 days.".to_owned(),
        });
        lines
    }

    fn json(&self) -> Value {
        let plan = |plan: &Plan| {
            let kinds: Vec<Value> = plan
                .counts()
                .into_iter()
                .map(|(kind, (count, Bytes(bytes)))| {
                    json!({"kind": words::kind_word(kind), "count": count, "bytes": bytes})
                })
                .collect();
            json!({
                "id": ProfileId::of(&plan.profile).as_str(),
                "browser": plan.profile.browser.name(),
                "name": plan.profile.name,
                "kinds": kinds,
            })
        };
        json!({
            "profiles": self.plans.iter().map(plan).collect::<Vec<_>>(),
            "losses": self.losses(),
            "stays": self.stays(),
            "closing": self.closing,
        })
    }
}

/// Shows what would be done, and asks whether to go on where there is somebody to ask.
fn agree(preview: &Preview) -> Result<(), Failure> {
    let told = preview.says().join("\n");
    if somebody_is_there() {
        return match asked(&told) {
            true => Ok(()),
            false => Err(Failure::new(
                Exit::NeedsConfirmation,
                "not-confirmed",
                "Nothing was changed.",
            )),
        };
    }
    let message = format!("{told}\nNothing was changed. To go on, repeat the command with --yes.");
    Err(
        Failure::new(Exit::NeedsConfirmation, "needs-confirmation", message)
            .with("warning", preview.losses().join(" ").into())
            .with("preview", preview.json()),
    )
}

/// Whether something of this kind could be among what was chosen.
fn concerns(choices: &[Choice], kind: Kind) -> bool {
    choices.iter().any(|choice| match choice {
        Choice::Everything { .. } => !matches!(kind, Kind::Elsewhere(_)),
        Choice::Kind { kind: chosen, .. } => kind.goes_with(*chosen),
        Choice::Purpose { .. } => kind == Kind::Cookie,
        // It was seen.
        Choice::Item(_) => false,
    })
}

fn unread(problem: &Problem) -> Failure {
    Failure::new(Exit::NotPossibleHere, problem.code, problem.message.as_str())
}

/// How many cookies go, and how many other things.
fn amount(plan: &Plan) -> Counts {
    let count = |is: fn(Kind) -> bool| {
        let of_kind = plan.findings.iter().filter(|finding| is(finding.item.kind()));
        u64::try_from(of_kind.count()).unwrap_or(u64::MAX)
    };
    Counts {
        cookies: count(|kind| kind == Kind::Cookie),
        other: count(|kind| kind != Kind::Cookie),
    }
}
