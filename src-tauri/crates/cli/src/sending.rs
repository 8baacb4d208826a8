//! Sending what waits before the program ends, and saying what became of it.

use std::time::Duration;

use serde_json::{Value, json};
use settings_privacy_engine::{Engine, EngineError, OutboxState, Signed, State};

use crate::exit::{Exit, Failure};
use crate::output::count;

/// A command doesn't wait longer than this for the service. What isn't sent by then is kept.
const LIMIT: Duration = Duration::from_secs(8);

/// Brings back the account, if there is one. A service inside this program that doesn't start is told when the
/// account is needed.
pub async fn resume(engine: &Engine) {
    if let Err(error) = engine.resume_account().await {
        tracing::warn!(code = error.code(), "the account can't be brought back");
    }
}

/// Sends what waits, once, and gives everything as it is afterwards.
pub async fn flush(engine: &Engine) -> Result<State, EngineError> {
    // A report of this computer may wait as well; it is made of what is seen now.
    engine.observe().await;
    match tokio::time::timeout(LIMIT, engine.flush()).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => return Err(error),
        Err(_) => tracing::info!("the service takes too long; what waits is kept"),
    }
    engine.state().await
}

/// Asks the service for news.
pub async fn pull(engine: &Engine) -> Result<State, EngineError> {
    if tokio::time::timeout(LIMIT, engine.sync_now()).await.is_err() {
        tracing::info!("the service takes too long");
    }
    engine.state().await
}

/// Why not everything is at the service, if it isn't.
pub fn waiting(state: &State) -> Option<Failure> {
    match &state.account.signed {
        Signed::Out => Some(Failure::new(
            Exit::SignInNeeded,
            "signed-out",
            "You were signed out by the account service. What you changed is kept here, and sent once you sign in again: privacy-settings sign-in.",
        )),
        Signed::Locked(why) => Some(Failure::new(
            Exit::NotPossibleHere,
            EngineError::Secret(*why).code(),
            format!(
                "Nothing can be sent now. What you changed is kept here. {why} Or run privacy-settings sync."
            ),
        )),
        Signed::In(_) if state.outbox.waiting > 0 => {
            let why = state.account.offline.as_deref().unwrap_or(SLOW);
            let waits = count(state.outbox.waiting, "change is", "changes are");
            let message = format!(
                "Waiting to be sent: {waits} kept here. {why} By itself means: while the window is open. Or run privacy-settings sync."
            );
            Some(Failure::new(Exit::Queued, "queued", message).with("waiting", state.outbox.waiting.into()))
        }
        Signed::In(_) if state.outbox.refused > 0 => {
            let refused = count(state.outbox.refused, "change was", "changes were");
            let message = format!(
                "Needs you: {refused} refused by the service. To see why: privacy-settings outbox list."
            );
            Some(Failure::new(Exit::Refused, "refused", message).with("refused", state.outbox.refused.into()))
        }
        Signed::In(_) => None,
    }
}

const SLOW: &str = "The service didn't answer in time.";

/// The outbox, for programs.
pub fn outbox_json(outbox: &OutboxState) -> Value {
    json!({
        "waiting": outbox.waiting,
        "refused": outbox.refused,
        "next_try_at": outbox.next_try_at.map(|at| at.to_string()),
    })
}
