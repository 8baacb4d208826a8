//! Changes the service hasn't taken yet.

use serde_json::{Value, json};
use settings_privacy_engine::{ConsentStanding, Engine, State, SyncState};

use crate::account::signed_in;
use crate::arguments::Outbox;
use crate::consents::{on_off, standing_json};
use crate::exit::Failure;
use crate::output::{Reply, count, table};
use crate::sending;

/// Does what was said.
pub async fn obey(engine: &Engine, command: Outbox) -> Result<Reply, Failure> {
    sending::resume(engine).await;
    let state = engine.state().await?;
    signed_in(&state)?;
    match command {
        Outbox::List => Ok(list(&state)),
        Outbox::Retry { id } => {
            engine.retry_refused(id).await?;
            let state = sending::flush(engine).await?;
            Ok(list(&state).but(sending::waiting(&state)))
        }
        Outbox::Discard { id } => {
            engine.discard_refused(id).await?;
            Ok(list(&engine.state().await?))
        }
    }
}

/// Asks for news, sends what waits, and says what still waits.
pub async fn sync(engine: &Engine) -> Result<Reply, Failure> {
    sending::resume(engine).await;
    let before = engine.state().await?;
    signed_in(&before)?;
    engine.observe().await;
    sending::pull(engine).await?;
    let state = sending::flush(engine).await?;
    let sent = before
        .outbox
        .waiting
        .saturating_sub(state.outbox.waiting + newly_refused(&before, &state));
    let told = match sent {
        0 => "Nothing new was sent.".to_owned(),
        sent => format!("Sent: {}.", count(sent, "change", "changes")),
    };
    let mut reply = list(&state);
    reply.text = format!("{told}\n{}", reply.text);
    reply.json["sent"] = sent.into();
    Ok(reply.but(sending::waiting(&state)))
}

fn newly_refused(before: &State, after: &State) -> u32 {
    after.outbox.refused.saturating_sub(before.outbox.refused)
}

fn list(state: &State) -> Reply {
    let kept: Vec<&ConsentStanding> = state
        .consents
        .iter()
        .filter(|standing| matches!(standing.sync, SyncState::Waiting | SyncState::Refused { .. }))
        .collect();
    let rows: Vec<[String; 5]> = kept.iter().copied().map(row).collect();
    let text = if rows.is_empty() {
        "Nothing waits: the service has everything.".to_owned()
    } else {
        table(["No.", "Consent", "Holds", "State", "Why"], &rows)
    };
    let kept: Vec<Value> = kept.iter().copied().map(standing_json).collect();
    let mut json = sending::outbox_json(&state.outbox);
    json["consents"] = kept.into();
    json["offline"] = state.account.offline.clone().into();
    Reply::new(json!(json), text)
}

fn row(standing: &ConsentStanding) -> [String; 5] {
    let (number, state, why) = match &standing.sync {
        SyncState::Refused { outbox, reason, .. } => (outbox.to_string(), "Needs you", reason.as_str()),
        SyncState::Synced | SyncState::Waiting | SyncState::NotKnown => {
            ("-".to_owned(), "Waiting to be sent", "")
        }
    };
    [
        number,
        standing.consent.name.clone(),
        on_off(standing.granted).to_owned(),
        state.to_owned(),
        why.to_owned(),
    ]
}
