//! What was changed from here, and undoing it.

use jiff::Timestamp;
use serde_json::{Value, json};
use settings_privacy_core::history::{Change, EffectiveWord, Stage};
use settings_privacy_core::permission::{Effective, Wanted};
use settings_privacy_engine::store::ChangeRow;
use settings_privacy_engine::{AccountState, Engine, EngineError, ProfileId, called, can_undo};
use uuid::Uuid;

use crate::exit::Failure;
use crate::output::{Face, Reply, local, table};
use crate::{browsers, consents, permissions, sending};

/// All changes, newest first.
pub async fn list(engine: &Engine) -> Result<Reply, Failure> {
    let mut state = engine.state().await?;
    if state.history.iter().any(was_cut_short) {
        // A look settles it.
        engine.look_at_browsers().await?;
        state = engine.state().await?;
    }
    let history = &state.history;
    let rows: Vec<[String; 4]> = history
        .iter()
        .map(|row| {
            [
                local(row.at),
                says(&row.change),
                stage_words(row).to_owned(),
                row.id.to_string(),
            ]
        })
        .collect();
    let text = if rows.is_empty() {
        "Nothing was changed from here yet.".to_owned()
    } else {
        table(["When", "What", "Stands", "ID"], &rows)
    };
    let changes: Vec<Value> = history.iter().map(|row| row_json(row, &state.account)).collect();
    Ok(Reply::new(json!({ "changes": changes }), text))
}

/// Undoes a change, and shows what holds then. A browser that has to be closed for it is waited for, unless `no_wait`.
pub async fn undo(face: Face, engine: &Engine, id: Option<Uuid>, no_wait: bool) -> Result<Reply, Failure> {
    sending::resume(engine).await;
    let state = engine.state().await?;
    let row = match id {
        Some(id) => state.history.iter().find(|row| row.id == id),
        None => state
            .history
            .iter()
            .find(|row| can_undo(row, &state.account, Timestamp::now())),
    };
    let row = row.ok_or(EngineError::NothingToUndo)?;
    let done = match &row.change {
        Change::Cleared { profile, .. } | Change::SiteRule { profile, .. } => {
            browsers::when_closed(face, engine, profile, no_wait, async || engine.undo(row.id).await).await?
        }
        Change::Consent { .. } | Change::Permission { .. } => engine.undo(row.id).await?,
    };
    let undone = Some(row.id.to_string());
    match &row.change {
        Change::Consent { consent, .. } => {
            consents::sent(engine, std::slice::from_ref(consent), &done.says, undone).await
        }
        Change::Cleared { .. } | Change::SiteRule { .. } => Ok(Reply::new(
            json!({ "says": done.says, "change": undone }),
            done.says,
        )),
        Change::Permission { permission, .. } => {
            let reply = permissions::observed(engine, permission, &done.says, undone).await?;
            if let Err(error) = sending::flush(engine).await {
                tracing::warn!(code = error.code(), "the service isn't told");
            }
            Ok(reply)
        }
    }
}

/// A clearing whose end isn't known yet.
fn was_cut_short(row: &ChangeRow) -> bool {
    row.stage == Stage::Started && matches!(row.change, Change::Cleared { .. })
}

fn says(change: &Change) -> String {
    match change {
        Change::Permission {
            permission, wanted, ..
        } => {
            let name = permissions::name(permission);
            match wanted {
                Wanted::Allow => format!("{name} allowed"),
                Wanted::Deny => format!("{name} denied"),
                Wanted::Reset => format!("{name} reset"),
            }
        }
        Change::Consent { consent, to, .. } => {
            format!("{} {}", consents::name(consent), if *to { "on" } else { "off" })
        }
        Change::Cleared { profile, sites, .. } => {
            format!("{} cleared in {}", sites.join(", "), called(profile))
        }
        Change::SiteRule {
            profile,
            site,
            about,
            wanted,
            ..
        } => format!(
            "{} of {site} {} in {}",
            browsers::about_words(*about),
            browsers::decided_words(*wanted),
            called(profile)
        ),
    }
}

fn stage_words(row: &ChangeRow) -> &'static str {
    match row.stage {
        Stage::Started => "not known to be done",
        Stage::Done => "done",
        Stage::Failed => "failed",
        Stage::Undone => "undone",
    }
}

fn row_json(row: &ChangeRow, account: &AccountState) -> Value {
    let change = match &row.change {
        Change::Permission {
            permission,
            wanted,
            from,
            ..
        } => json!({
            "kind": "permission",
            "permission": permission.as_str(),
            "wanted": match wanted {
                Wanted::Allow => "allow",
                Wanted::Deny => "deny",
                Wanted::Reset => "reset",
            },
            "from": permissions::state_code(state(*from)),
        }),
        Change::Consent { consent, from, to } => {
            json!({"kind": "consent", "consent": consent.as_str(), "from": from, "to": to})
        }
        Change::Cleared {
            profile,
            at,
            sites,
            counts,
            ..
        } => json!({
            "kind": "cleared",
            "profile": ProfileId::of(profile).as_str(),
            "at": at.to_string(),
            "sites": sites,
            "cookies": counts.cookies,
            "other": counts.other,
        }),
        Change::SiteRule {
            profile,
            site,
            about,
            wanted,
            ..
        } => json!({
            "kind": "site-rule",
            "profile": ProfileId::of(profile).as_str(),
            "site": site,
            "about": browsers::about_word(*about),
            "wanted": browsers::decision_word(*wanted),
        }),
    };
    let stage = match row.stage {
        Stage::Started => "started",
        Stage::Done => "done",
        Stage::Failed => "failed",
        Stage::Undone => "undone",
    };
    json!({
        "id": row.id,
        "at": row.at.to_string(),
        "says": says(&row.change),
        "change": change,
        "stage": stage,
        "can_undo": can_undo(row, account, Timestamp::now()),
    })
}

fn state(word: EffectiveWord) -> Effective {
    match word {
        EffectiveWord::Allowed => Effective::Allowed,
        EffectiveWord::Denied => Effective::Denied,
        EffectiveWord::Asks => Effective::Asks,
        EffectiveWord::NotRequested => Effective::NotRequested,
        EffectiveWord::NotEnforced => Effective::NotEnforced,
        EffectiveWord::Unknown => Effective::Unknown,
    }
}
