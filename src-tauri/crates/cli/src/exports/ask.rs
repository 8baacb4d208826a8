//! Asking for a copy.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use secrecy::SecretString;
use serde_json::{Value, json};
use settings_privacy_core::export::{CodeRefusal, Stage, Waits, WorkflowId};
use settings_privacy_core::inventory::CategoryId;
use settings_privacy_core::regime::{Period, RegimeId};
use settings_privacy_engine::api::{Controller, InventoryCategory, StepUpPurpose};
use settings_privacy_engine::{Engine, ExportWish, RegimeState, Signed};
use uuid::Uuid;

use super::follow::{Until, follow, outcome};
use super::words::size;
use super::{secret, which};
use crate::account::{Source, say_code, signed_in};
use crate::arguments::ExportRequest;
use crate::exit::{Exit, Failure};
use crate::output::{Face, Reply, local, table};

/// What is held, and the laws.
pub async fn inventory(engine: &Engine) -> Result<Reply, Failure> {
    signed_in(&engine.state().await?)?;
    let inventory = engine.inventory().await?;
    let regimes = engine.regimes().await?;
    let row = |category: &InventoryCategory| {
        [
            category.id.clone(),
            category.name.clone(),
            category.items.to_string(),
            size(category.bytes),
            controller(category.controller).to_owned(),
        ]
    };
    let rows: Vec<[String; 5]> = inventory.categories.iter().map(row).collect();
    let laws: Vec<[String; 3]> = regimes.iter().map(law).collect();
    let text = format!(
        "{}\n\n{}",
        table(["ID", "Category", "Items", "Size", "Who decides"], &rows),
        table(["ID", "Law", "Allows"], &laws)
    );
    let law_json = |state: &RegimeState| -> Value {
        json!({
            "id": state.regime.id,
            "name": state.regime.name,
            "law": state.regime.law,
            "clause": state.regime.clause,
            "next_allowed_at": state.next_allowed_at.map(|at| at.to_string()),
            "earliest": state.earliest.map(|at| at.to_string()),
        })
    };
    let laws: Vec<Value> = regimes.iter().map(law_json).collect();
    Ok(Reply::new(
        json!({ "categories": inventory.categories, "laws": laws }),
        text,
    ))
}

fn law(state: &RegimeState) -> [String; 3] {
    let allows = match (state.next_allowed_at, state.earliest) {
        (Some(next), _) => format!("the next copy from {} on", local(next)),
        (None, Some(earliest)) => format!("a copy since {}", local(earliest)),
        (None, None) => "a copy of everything".to_owned(),
    };
    [
        state.regime.id.as_str().to_owned(),
        state.regime.law.clone(),
        allows,
    ]
}

fn controller(of: Controller) -> &'static str {
    match of {
        Controller::Dingtalk => "DingTalk",
        Controller::Organization => "your Organization",
        Controller::GroupOwner => "the group's owner",
        Controller::Vendor => "the app's maker",
        Controller::Unknown => "-",
    }
}

/// Asks.
pub async fn request(face: Face, engine: &Engine, wanted: ExportRequest) -> Result<Reply, Failure> {
    signed_in(&engine.state().await?)?;
    engine.tend_exports().await?;
    let from = Source::choose(wanted.code_stdin)?;
    let period = match (wanted.from, wanted.until) {
        (Some(begins), Some(ends)) => Some(Period {
            from: midnight(begins)?,
            to: midnight(ends)?,
        }),
        (Some(_), None) | (None, _) => None,
    };
    let passphrase: Option<SecretString> = match wanted.encrypt {
        true => Some(secret::new(wanted.passphrase_stdin)?),
        false => None,
    };
    let until = match &wanted.to {
        Some(_) => Until::Kept,
        None => Until::Asked,
    };
    send_code(face, engine, StepUpPurpose::Export).await?;
    let wish = ExportWish {
        categories: wanted.category.iter().map(CategoryId::new).collect(),
        period,
        regime: RegimeId::new(wanted.law),
        place: wanted.to,
        passphrase,
    };
    let id = engine.request_export(wish, &from.code()?).await?;
    until_taken(face, engine, id, from).await?;
    follow(face, engine, id, until).await
}

/// Tries again.
pub async fn retry(
    face: Face,
    engine: &Engine,
    id: Option<Uuid>,
    code_stdin: bool,
) -> Result<Reply, Failure> {
    let id = which(engine, id).await?.export.workflow;
    engine.retry_export(id).await?;
    let reply = follow(face, engine, id, Until::Asked).await?;
    let export = engine.export(id).await?;
    if !matches!(export.export.waits(), Some(Waits::Code { .. })) {
        return Ok(reply);
    }
    let from = Source::choose(code_stdin)?;
    send_code(face, engine, StepUpPurpose::Export).await?;
    engine.give_export_code(id, &from.code()?).await?;
    until_taken(face, engine, id, from).await?;
    follow(face, engine, id, Until::Asked).await
}

/// Has a code sent for an act, and says so.
pub async fn send_code(face: Face, engine: &Engine, purpose: StepUpPurpose) -> Result<(), Failure> {
    let sent = engine.request_step_up(purpose).await?;
    let to = match engine.state().await?.account.signed {
        Signed::In(summary) => summary.identifier,
        Signed::Out | Signed::Locked(_) => String::new(),
    };
    say_code(face, &sent, &to);
    Ok(())
}

/// Lets somebody at a terminal enter a wrong code again.
async fn until_taken(face: Face, engine: &Engine, id: WorkflowId, from: Source) -> Result<(), Failure> {
    loop {
        follow(face, engine, id, Until::Asked).await?;
        let export = engine.export(id).await?;
        let wrong = Some(Waits::Code {
            refused: Some(CodeRefusal::Wrong { attempts_left: None }),
        });
        let waits = export.export.waits();
        let is_wrong = waits.map(|waits| waits.code()) == wrong.map(|waits| waits.code());
        match from {
            Source::Terminal if is_wrong => {
                face.say(&export.says);
                engine.give_export_code(id, &from.code()?).await?;
            }
            Source::Terminal | Source::Stdin => break,
        }
    }
    // A request that wasn't taken for want of a code is of no use to anybody who runs a command.
    let export = engine.export(id).await?;
    if let (Stage::Requested, Some(Waits::Code { .. })) = (&export.export.stage, export.export.waits()) {
        engine.cancel_export(id).await?;
        if let Some(failure) = outcome(&export, Until::Asked).and_then(|reply| reply.failure) {
            return Err(failure);
        }
    }
    Ok(())
}

fn midnight(day: Date) -> Result<jiff::Timestamp, Failure> {
    day.to_zoned_datetime(TimeZone::system())
        .map(|at| at.timestamp())
        .map_err(|_| {
            Failure::new(
                Exit::Usage,
                "usage",
                "That day is out of reach of any calendar here.",
            )
        })
}
