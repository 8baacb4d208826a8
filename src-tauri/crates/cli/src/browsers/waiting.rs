//! Waiting until browsers are closed.

use settings_privacy_core::storage::{Profile, Running};
use settings_privacy_engine::{Done, Engine, EngineError};

use crate::exit::{Exit, Failure};
use crate::output::Face;

/// Does something to one profile once its browser is closed. With `no_wait` an open one is a failure, and nothing is
/// changed.
pub async fn when_closed(
    face: Face,
    engine: &Engine,
    profile: &Profile,
    no_wait: bool,
    work: impl AsyncFn() -> Result<Done, EngineError>,
) -> Result<Done, Failure> {
    loop {
        closed(face, engine, std::slice::from_ref(profile), no_wait).await?;
        let done = work().await;
        let opened_again = match &done {
            // It was put among what waits, which ends with this program.
            Ok(_) => !engine.browsers().waiting.is_empty(),
            Err(error) => matches!(error.code(), "browser-open" | "browser-unknown"),
        };
        if !opened_again {
            return Ok(done?);
        }
        for waiting in engine.browsers().waiting {
            engine.stop_waiting_for_browser(waiting.id);
        }
    }
}

/// Waits until no browser has any of these profiles open, and says which ones have to be closed.
pub async fn closed(face: Face, engine: &Engine, profiles: &[Profile], no_wait: bool) -> Result<(), Failure> {
    let open = open(engine, profiles).await;
    let Some((first, _)) = open.first() else {
        return Ok(());
    };
    let said = says(&open);
    if no_wait {
        let mut names: Vec<&str> = open.iter().map(|(profile, _)| profile.browser.name()).collect();
        names.dedup();
        let code = match open.iter().any(|(_, running)| *running == Running::Yes) {
            true => "browser-open",
            false => "browser-unknown",
        };
        let message = format!("{said} Nothing was changed. Then repeat the command, or leave out --no-wait.");
        let mut failure = Failure::new(Exit::NotPossibleHere, code, message);
        failure.retryable = true;
        return Err(failure.with("browsers", names.into()));
    }
    face.say(&format!(
        "{said} This goes on by itself then. To stop waiting, press Ctrl-C: nothing is changed."
    ));
    let mut waited = first.clone();
    loop {
        engine.browser_closed(&waited).await;
        match self::open(engine, profiles).await.into_iter().next() {
            Some((still, _)) => waited = still,
            None => return Ok(()),
        }
    }
}

async fn open(engine: &Engine, profiles: &[Profile]) -> Vec<(Profile, Running)> {
    let mut open = Vec::new();
    for profile in profiles {
        let running = engine.running(profile).await;
        if running != Running::No {
            open.push((profile.clone(), running));
        }
    }
    open
}

/// What has to be closed, each browser once.
fn says(open: &[(Profile, Running)]) -> String {
    let named = |wanted: Running| {
        let mut names: Vec<&str> = Vec::new();
        for (profile, running) in open {
            let name = profile.browser.name();
            if *running == wanted && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    };
    let sure = match named(Running::Yes).as_slice() {
        [] => None,
        [one] => Some(format!("{one} is open. Close all of its windows.")),
        many => Some(format!(
            "{} are open. Close all of their windows.",
            many.join(" and ")
        )),
    };
    let unsure = match named(Running::Unknown).as_slice() {
        [] => None,
        names => {
            let names = names.join(" and ");
            Some(format!(
                "It can't be told whether {names} is open. Close it on every computer that uses this profile."
            ))
        }
    };
    sure.into_iter().chain(unsure).collect::<Vec<_>>().join(" ")
}
