//! What the person agreed to at the account service.

use serde_json::{Value, json};
use settings_privacy_core::consent::{ConsentId, Group};
use settings_privacy_core::data;
use settings_privacy_engine::api::Via;
use settings_privacy_engine::{ConsentStanding, Engine, State, SyncState};

use crate::account::signed_in;
use crate::arguments::Consents;
use crate::exit::{Exit, Failure};
use crate::output::{Reply, local, table};
use crate::sending;

/// Does what was said.
pub async fn obey(engine: &Engine, command: Consents) -> Result<Reply, Failure> {
    sending::resume(engine).await;
    match command {
        Consents::List => list(engine).await,
        Consents::Set { pairs } => set(engine, &wishes(&pairs)?).await,
        Consents::History => history(engine).await,
    }
}

async fn list(engine: &Engine) -> Result<Reply, Failure> {
    signed_in(&engine.state().await?)?;
    let state = sending::pull(engine).await?;
    signed_in(&state)?;
    let rows: Vec<[String; 4]> = state.consents.iter().map(row).collect();
    let mut text = table(["ID", "Consent", "State", "At the service"], &rows);
    if let Some(why) = &state.account.offline {
        text.push_str(&format!("\n\n{why} This is what is known here."));
    }
    let json = json!({
        "consents": state.consents.iter().map(standing_json).collect::<Vec<_>>(),
        "offline": state.account.offline,
        "outbox": sending::outbox_json(&state.outbox),
    });
    Ok(Reply::new(json, text))
}

/// Reads `id on id off …`.
fn wishes(words: &[String]) -> Result<Vec<(ConsentId, bool)>, Failure> {
    let usage = |message: String| Failure::new(Exit::Usage, "usage", message);
    let (pairs, left) = words.as_chunks::<2>();
    if let [id] = left {
        return Err(usage(format!("Say on or off after “{id}”.")));
    }
    pairs
        .iter()
        .map(|[id, word]| match word.as_str() {
            "on" => Ok((ConsentId::new(id), true)),
            "off" => Ok((ConsentId::new(id), false)),
            other => Err(usage(format!("“{other}” is neither on nor off (for “{id}”)."))),
        })
        .collect()
}

async fn set(engine: &Engine, wishes: &[(ConsentId, bool)]) -> Result<Reply, Failure> {
    let done = engine.set_consents(wishes).await?;
    let ids: Vec<ConsentId> = wishes.iter().map(|(id, _)| id.clone()).collect();
    sent(engine, &ids, &done.says, done.change.map(|id| id.to_string())).await
}

/// Sends a change that was just recorded, and says how the consents stand then.
pub async fn sent(
    engine: &Engine,
    ids: &[ConsentId],
    says: &str,
    change: Option<String>,
) -> Result<Reply, Failure> {
    let state = sending::flush(engine).await?;
    let touched: Vec<&ConsentStanding> = state
        .consents
        .iter()
        .filter(|standing| ids.contains(&standing.consent.id))
        .collect();
    let mut lines = vec![says.to_owned()];
    lines.extend(touched.iter().map(|standing| {
        format!(
            "{}: {}. {}.",
            standing.consent.name,
            on_off(standing.granted),
            sync_words(&standing.sync)
        )
    }));
    let json = json!({
        "says": says,
        "change": change,
        "consents": touched.iter().copied().map(standing_json).collect::<Vec<_>>(),
        "offline": state.account.offline,
        "outbox": sending::outbox_json(&state.outbox),
    });
    Ok(Reply::new(json, lines.join("\n")).but(unsent(&touched, &state)))
}

/// What became of just these consents; others that wait are another matter.
fn unsent(touched: &[&ConsentStanding], state: &State) -> Option<Failure> {
    let refused = touched.iter().find_map(|standing| match &standing.sync {
        SyncState::Refused { reason, .. } => Some(reason),
        SyncState::Synced | SyncState::Waiting | SyncState::NotKnown => None,
    });
    if let Some(reason) = refused {
        return Some(Failure::new(
            Exit::Refused,
            "refused",
            format!("The service refused: {reason}"),
        ));
    }
    let gone = touched.is_empty();
    let waits = touched.iter().any(|standing| standing.sync == SyncState::Waiting);
    if gone || waits {
        sending::waiting(state)
    } else {
        None
    }
}

async fn history(engine: &Engine) -> Result<Reply, Failure> {
    signed_in(&engine.state().await?)?;
    let events = engine.consent_history().await?;
    let rows: Vec<[String; 4]> = events
        .iter()
        .map(|event| {
            let id = ConsentId::new(&event.id);
            [
                local(event.recorded_at),
                name(&id),
                on_off(event.granted).to_owned(),
                via_words(event.via).to_owned(),
            ]
        })
        .collect();
    let text = if rows.is_empty() {
        "The service has recorded nothing yet.".to_owned()
    } else {
        table(["Recorded", "Consent", "Set to", "By"], &rows)
    };
    Ok(Reply::new(json!({ "events": events }), text))
}

fn via_words(via: Via) -> &'static str {
    match via {
        Via::Client => "you",
        Via::Operator => "the service's operator",
        Via::Sample => "the sample",
    }
}

/// A consent's name, or its identifier where this version doesn't know it.
pub fn name(id: &ConsentId) -> String {
    data::consents()
        .get(id)
        .map_or_else(|| id.to_string(), |consent| consent.name.clone())
}

/// How a consent is said to stand.
pub fn on_off(granted: bool) -> &'static str {
    if granted { "On" } else { "Off" }
}

fn row(standing: &ConsentStanding) -> [String; 4] {
    [
        standing.consent.id.to_string(),
        standing.consent.name.clone(),
        on_off(standing.granted).to_owned(),
        sync_words(&standing.sync),
    ]
}

fn sync_words(sync: &SyncState) -> String {
    match sync {
        SyncState::Synced => "The service has it".to_owned(),
        SyncState::Waiting => "Waiting to be sent".to_owned(),
        SyncState::Refused { .. } => "Needs you: the service refused".to_owned(),
        SyncState::NotKnown => "Not known yet".to_owned(),
    }
}

/// One consent, for programs.
pub fn standing_json(standing: &ConsentStanding) -> Value {
    let sync = match &standing.sync {
        SyncState::Synced => json!({"state": "synced"}),
        SyncState::Waiting => json!({"state": "waiting"}),
        SyncState::Refused { outbox, code, reason } => {
            json!({"state": "refused", "outbox": outbox, "code": code, "reason": reason})
        }
        SyncState::NotKnown => json!({"state": "not-known"}),
    };
    json!({
        "id": standing.consent.id.as_str(),
        "name": standing.consent.name,
        "group": group_code(standing.consent.group),
        "granted": standing.granted,
        "required": standing.consent.required,
        "sync": sync,
        "changed_at": standing.changed_at.map(|at| at.to_string()),
    })
}

fn group_code(group: Group) -> &'static str {
    match group {
        Group::Cookies => "cookies",
        Group::Marketing => "marketing",
        Group::Sharing => "sharing",
        Group::Interoperability => "interoperability",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn pairs_are_read_in_order() {
        let read = wishes(&words("a on b off")).expect("two pairs");
        assert_eq!(read, [(ConsentId::new("a"), true), (ConsentId::new("b"), false)]);
    }

    #[test]
    fn half_a_pair_and_any_other_word_are_not_understood() {
        for line in ["a on b", "a yes", "a ON"] {
            let refused = wishes(&words(line)).expect_err(line);
            assert_eq!(refused.exit, Exit::Usage, "{line}");
        }
    }
}
