//! What DingTalk's sites keep in this person's browsers: seen, cleared, refused, put back.
//!
//! A profile is changed only while its browser is closed. A command waits for that, or says so and changes nothing.

mod change;
mod clear;
mod list;
mod waiting;
mod words;

use std::time::Duration;

use settings_privacy_core::data;
use settings_privacy_core::storage::{About, Decision, Profile, Site};
use settings_privacy_engine::{BrowsersState, Engine, ProfileState};
use tokio::time::{Instant, MissedTickBehavior};

pub use waiting::when_closed;
pub use words::{about_word, about_words, decided_words, decision_word};

use crate::arguments::{Cookies, PermissionWord, SettingWord};
use crate::exit::{Exit, Failure};
use crate::output::{Face, Reply};

/// A look that takes longer says how far it is.
const SOON: Duration = Duration::from_millis(300);
/// How often it says so.
const OFTEN: Duration = Duration::from_secs(1);

/// Does what was said.
pub async fn obey(face: Face, engine: &Engine, command: Cookies) -> Result<Reply, Failure> {
    match command {
        Cookies::List { profile, site } => {
            let site = site.as_deref().map(known_site).transpose()?;
            let state = look(face, engine).await?;
            let profiles = chosen(&state, profile.as_deref())?;
            Ok(list::reply(&state, &profiles, site))
        }
        Cookies::Clear(what) => clear::obey(face, engine, &what).await,
        Cookies::Refuse(rule) => {
            let deciding = (known_site(&rule.site)?, About::Cookies, Decision::Deny);
            change::decide(face, engine, deciding, rule.profile.as_deref(), rule.no_wait).await
        }
        Cookies::Allow(rule) => {
            let deciding = (known_site(&rule.site)?, About::Cookies, Decision::Allow);
            change::decide(face, engine, deciding, rule.profile.as_deref(), rule.no_wait).await
        }
        Cookies::Permit {
            rule,
            permission,
            setting,
        } => {
            let deciding = (known_site(&rule.site)?, about(permission), decision(setting));
            change::decide(face, engine, deciding, rule.profile.as_deref(), rule.no_wait).await
        }
        Cookies::Restore { backup, no_wait } => change::restore(face, engine, backup, no_wait).await,
    }
}

/// Looks at every profile; one that takes a while says how far it is.
async fn look(face: Face, engine: &Engine) -> Result<BrowsersState, Failure> {
    let looking = engine.look_at_browsers();
    let mut looking = std::pin::pin!(looking);
    let mut tick = tokio::time::interval_at(Instant::now() + SOON, OFTEN);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut said = None;
    loop {
        tokio::select! {
            looked = &mut looking => {
                looked?;
                return Ok(engine.browsers());
            }
            _ = tick.tick() => {
                let now = engine.browsers().looking.map(|looking| (looking.done, looking.of));
                let (done, of) = now.unwrap_or_default();
                if said != Some((done, of)) {
                    face.say(&words::looking(done, of));
                }
                said = Some((done, of));
            }
        }
    }
}

/// The profile of this name, or all of them.
fn chosen<'a>(state: &'a BrowsersState, id: Option<&str>) -> Result<Vec<&'a ProfileState>, Failure> {
    let is = |known: &&ProfileState| id.is_none_or(|id| known.id.as_str() == id);
    let found: Vec<&ProfileState> = state.profiles.iter().filter(is).collect();
    match id {
        Some(id) if found.is_empty() => Err(Failure::new(
            Exit::Usage,
            "profile-unknown",
            format!("There is no profile “{id}” here. To see those that are: privacy-settings cookies list."),
        )),
        Some(_) | None => Ok(found),
    }
}

/// One of DingTalk's sites, by its domain. A part of one isn't widened to the whole without a word.
fn known_site(domain: &str) -> Result<&'static Site, Failure> {
    let sites = data::sites();
    let wanted = domain.to_ascii_lowercase();
    if let Some(site) = sites.sites.iter().find(|site| site.domain == wanted) {
        return Ok(site);
    }
    let message = match sites.of_host(domain) {
        Some(site) => format!(
            "“{domain}” is a part of {}, and nothing is done to a part of a site alone. Say {}.",
            site.domain, site.domain
        ),
        None => {
            let all: Vec<&str> = sites.sites.iter().map(|site| site.domain.as_str()).collect();
            format!(
                "“{domain}” isn't one of DingTalk's sites. Those are: {}.",
                all.join(", ")
            )
        }
    };
    Err(Failure::new(Exit::Usage, "site-unknown", message))
}

fn about(permission: PermissionWord) -> About {
    match permission {
        PermissionWord::Camera => About::Camera,
        PermissionWord::Microphone => About::Microphone,
        PermissionWord::Location => About::Location,
        PermissionWord::Notifications => About::Notifications,
    }
}

fn decision(setting: SettingWord) -> Decision {
    match setting {
        SettingWord::Allow => Decision::Allow,
        SettingWord::Ask => Decision::Ask,
        SettingWord::Deny => Decision::Deny,
    }
}

/// The profiles of these, for waiting.
fn of<'a>(states: impl IntoIterator<Item = &'a ProfileState>) -> Vec<Profile> {
    states
        .into_iter()
        .map(|state| state.seen.profile.clone())
        .collect()
}
