//! Removing what was offered: what browsers keep of DingTalk's sites, what was decided about the app, its folder.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use settings_privacy_core::data;
use settings_privacy_core::permission::{Refusal, Wanted, plan};
use settings_privacy_core::storage::{Choice, Kind, Plan, Problem, Profile};

use super::super::Engine;
use super::preflight;
use super::wipe_steps::{Stuck, gone, not_removed, stuck};
use crate::wipe::{Gone, is_running, remove_app_folder};

impl Engine {
    /// Through the same clearing as everywhere, whose backup goes at once: nothing is to be put back.
    pub(super) async fn wipe_cookies(&self) -> Result<(), Stuck> {
        let _turn = self.browsers_turn().await;
        let folder = self.shared.own.folder.join("ending-backups");
        let adapter = &self.shared.browsing.adapter;
        let settled = adapter.recover(folder.clone()).await;
        settled.map_err(|error| stuck(error.code(), error.to_string()))?;
        let everything = [Choice::Everything { site: None }];
        let found = adapter.profiles().await;
        let mut first = found.problems.first().map(not_readable);
        for profile in found.profiles {
            if let Err(trouble) = self.wipe_profile(&profile, &everything, &folder).await {
                first.get_or_insert(trouble);
            }
        }
        match first {
            Some(trouble) => Err(trouble),
            None => gone("Backups of what was cleared in browsers", &folder).await,
        }
    }

    async fn wipe_profile(&self, profile: &Profile, choices: &[Choice], folder: &Path) -> Result<(), Stuck> {
        let adapter = &self.shared.browsing.adapter;
        let (sites, purposes) = (data::sites(), data::cookie_purposes());
        let seen = adapter.see(profile, sites, purposes).await;
        let plan = Plan::new(&seen, choices);
        // What couldn't be read may hold more; it stops nothing else.
        let unread = first_hidden(&seen.problems).map(not_readable);
        if plan.is_empty() {
            return unread.map_or(Ok(()), Err);
        }
        let name = profile.browser.name();
        self.is_closed(profile).await.map_err(|_| {
            let message = format!(
                "{name} is open. Close all of its windows, then try again. Or leave what DingTalk's sites keep there."
            );
            stuck("browser-open", message)
        })?;
        let cleared = adapter
            .clear(
                &plan,
                sites,
                purposes,
                folder.to_owned(),
                Timestamp::now(),
                |_| {},
            )
            .await
            .map_err(|error| stuck(error.code(), error.to_string()))?;
        if !cleared.remaining.is_empty() {
            return Err(stuck(
                "still-there",
                format!("Some of what DingTalk's sites keep in {name} is still there. Try again."),
            ));
        }
        match (unread, cleared.unseen.is_empty()) {
            (Some(unread), _) => Err(unread),
            (None, true) => Ok(()),
            (None, false) => Err(stuck(
                "not-readable",
                format!("Whether all that DingTalk's sites keep in {name} is gone can't be read. Try again."),
            )),
        }
    }

    pub(super) async fn wipe_permissions(&self) -> Result<(), Stuck> {
        let catalogue = data::permissions();
        let _writing = self.shared.writing.lock().await;
        for permission in &catalogue.permissions {
            let state = self.observe().await;
            let edits = match plan(catalogue, &state.observation, &permission.id, Wanted::Reset) {
                Ok(plan) => plan.edits,
                // What was never switched needs no taking back.
                Err(Refusal::Nothing | Refusal::NotEnforced(_) | Refusal::UnknownPermission(_)) => continue,
                Err(refusal @ Refusal::Blocked(_)) => return Err(stuck("blocked", refusal.to_string())),
            };
            if edits.is_empty() {
                continue;
            }
            let applied = self.shared.desktop.apply(catalogue, &edits).await;
            applied.map_err(|error| stuck(error.code(), error.to_string()))?;
        }
        let durable = self.shared.desktop.durable(catalogue).await;
        durable.map_err(|error| stuck(error.code(), error.to_string()))?;
        self.observe().await;
        Ok(())
    }
}

pub(super) fn wipe_app_folder() -> Result<(), Stuck> {
    let app = data::permissions().app.flatpak_id.as_str();
    let home = preflight::home()
        .ok_or_else(|| stuck("no-home", "This computer doesn't say where your own files are."))?;
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    if runtime.is_some_and(|runtime| is_running(&runtime, app)) {
        return Err(stuck(
            "app-running",
            "DingTalk is running, and would write its folder anew. Quit it, then try again. Or leave its folder.",
        ));
    }
    match remove_app_folder(&home, app) {
        Ok(Gone::Yes) => Ok(()),
        Ok(Gone::Link) => Err(stuck(
            "is-a-link",
            "DingTalk's folder is a link to another place, so it isn't removed from here. Remove it yourself, or leave it.",
        )),
        Ok(Gone::NotAFolder) => Err(stuck(
            "not-a-folder",
            "There is something else where DingTalk's folder should be. It is left as it is.",
        )),
        Err(error) => Err(not_removed("DingTalk's folder", &error)),
    }
}

/// The first thing that couldn't be read and may hide something that sites keep. What a browser keeps of windows and
/// tabs, or of pages that were visited, is never cleared here, so that it can't be read is in nobody's way.
fn first_hidden(problems: &[Problem]) -> Option<&Problem> {
    let elsewhere = |kind: &Kind| matches!(kind, Kind::Elsewhere(_));
    problems
        .iter()
        .find(|problem| problem.hides.is_empty() || !problem.hides.iter().all(elsewhere))
}

/// What couldn't be read isn't known to be gone.
fn not_readable(problem: &Problem) -> Stuck {
    let message = format!(
        "Not everything in your browsers can be read, so some may be left. {} Then try again, or leave it.",
        problem.message
    );
    stuck("not-readable", message)
}
