//! Deleting the account: what it would mean, asking for it, following it, taking it back, and the receipt.

mod show;

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use settings_privacy_core::deletion::{CodeNeeded, Offers, Stage, StepState, WORD};
use settings_privacy_engine::api::{DeletionReason, StepUpPurpose};
use settings_privacy_engine::{
    DeletionStanding, DeletionWish, Engine, EngineError, WipeStanding, check_receipt,
};

use crate::account::{Source, read_line, signed_in};
use crate::arguments::{Delete, ReasonWord, Status};
use crate::exit::{Exit, Failure};
use crate::exports::send_code;
use crate::output::{Face, Reply};
use show::{preflight_json, preflight_text, receipt_json, receipt_text, standing_json, standing_text};

/// A command doesn't wait longer than this for the service. What is under way goes on with the next one, or in the window.
const PATIENCE: Duration = Duration::from_secs(20);

/// What it would mean.
pub async fn preflight(engine: &Engine) -> Result<Reply, Failure> {
    signed_in(&engine.state().await?)?;
    engine.look_at_browsers().await?;
    let told = engine.deletion_preflight().await?;
    Ok(Reply::new(preflight_json(&told), preflight_text(&told)))
}

/// Asks for it.
pub async fn delete(face: Face, engine: &Engine, wanted: Delete) -> Result<Reply, Failure> {
    signed_in(&engine.state().await?)?;
    engine.tend_deletions().await?;
    let from = Source::choose(wanted.code_stdin)?;
    let told = engine.deletion_preflight().await?;
    face.say(&preflight_text(&told));
    if !told.service.blockers.is_empty() {
        let message = "Something has to be done first; it is listed above. Your account is as it was.";
        let failure = Failure::new(Exit::Refused, "deletion-blocked", message);
        return Ok(Reply::new(preflight_json(&told), "").but(Some(failure)));
    }
    face.say(&format!(
        "To go on, type {WORD}. Anything else, and nothing is done."
    ));
    let typed = match from {
        Source::Stdin => read_line()?,
        Source::Terminal => read_line().unwrap_or_default(),
    };
    let wish = DeletionWish {
        preflight: told.service.version,
        reasons: wanted.reason.into_iter().map(reason).collect(),
        offers: Offers {
            cookies: wanted.clear_cookies,
            flatpak_permissions: wanted.reset_permissions,
            flatpak_folder: wanted.remove_app_folder,
        },
        receipt: wanted
            .receipt
            .map(std::path::absolute)
            .transpose()
            .map_err(unusable)?,
    };
    let begun = engine.begin_deletion(wish, &typed).await?;
    let standing = match begun.deletion.stage {
        Stage::Confirmed { .. } => with_code(face, engine, from).await?,
        Stage::Reauthenticated
        | Stage::CoolingOff { .. }
        | Stage::Cancelling { .. }
        | Stage::Finalising { .. }
        | Stage::RemoteDeleted { .. }
        | Stage::Unproven { .. }
        | Stage::Wiping
        | Stage::Cancelled
        | Stage::Failed { .. } => begun,
    };
    Ok(reply(Some(&standing), None))
}

fn unusable(error: std::io::Error) -> Failure {
    Failure::new(
        Exit::Usage,
        "usage",
        format!("That file can't be used for the receipt ({error})."),
    )
}

async fn with_code(face: Face, engine: &Engine, from: Source) -> Result<DeletionStanding, Failure> {
    send_code(face, engine, StepUpPurpose::Deletion).await?;
    loop {
        let standing = engine.give_deletion_code(&from.code()?).await?;
        match (&standing.deletion.stage, from) {
            (
                Stage::Confirmed {
                    need: CodeNeeded::Wrong { attempts_left },
                },
                Source::Terminal,
            ) if *attempts_left != Some(0) => {
                face.say(&standing.says);
            }
            _ => return Ok(standing),
        }
    }
}

/// How it stands.
pub async fn status(engine: &Engine, wanted: Status) -> Result<Reply, Failure> {
    engine.tend_deletions().await?;
    if let Err(error) = tokio::time::timeout(PATIENCE, engine.look_whether_deleted())
        .await
        .unwrap_or(Ok(()))
    {
        // Whoever can't ask now is shown what is known.
        tracing::info!(code = error.code(), "the service isn't asked");
    }
    if wanted.retry {
        engine.retry_receipt().await?;
    }
    if let Some(receipt) = &wanted.receipt {
        let receipt = std::path::absolute(receipt).map_err(unusable)?;
        engine.resume_deletion(Some(&receipt)).await?;
    } else if engine
        .deletion()
        .await?
        .is_some_and(|one| one.deletion.waits().is_some())
    {
        engine.resume_deletion(None).await?;
    }
    if wanted.remove_here {
        engine.wipe_here().await?;
    }
    engine.refresh_deletions(PATIENCE).await?;
    let standing = until_it_rests(engine).await?;
    engine.continue_wipe().await?;
    if wanted.leave
        && let Some(wipe) = engine.wipe()
    {
        for step in wipe.steps.iter().filter(|step| step.step.is_offered()) {
            engine.leave_wipe_step(step.step).await?;
        }
    }
    let wipe = engine.wipe();
    let reply = reply(standing.as_ref(), wipe.as_ref());
    if wipe.is_some_and(|wipe| wipe.done) {
        // It is being shown: the last note of it goes.
        engine.dismiss_wipe()?;
    }
    Ok(reply)
}

/// Follows what goes on by itself, from the service's finalising to the removing here.
async fn until_it_rests(engine: &Engine) -> Result<Option<DeletionStanding>, EngineError> {
    let mut revisions = engine.revisions();
    let enough = tokio::time::Instant::now() + PATIENCE;
    loop {
        let standing = engine.deletion().await?;
        let moves = standing.as_ref().is_some_and(|one| match one.deletion.stage {
            Stage::Finalising { .. } | Stage::Reauthenticated | Stage::Cancelling { .. } => {
                one.deletion.waits().is_none()
            }
            Stage::RemoteDeleted { .. } => {
                one.deletion.waits().is_none() && !one.deletion.outstanding.is_empty()
            }
            Stage::Confirmed { .. }
            | Stage::CoolingOff { .. }
            | Stage::Unproven { .. }
            | Stage::Wiping
            | Stage::Cancelled
            | Stage::Failed { .. } => false,
        });
        if !moves
            || tokio::time::timeout_at(enough, revisions.changed())
                .await
                .is_err()
        {
            return Ok(standing);
        }
    }
}

/// Takes it back.
pub async fn cancel(engine: &Engine) -> Result<Reply, Failure> {
    engine.tend_deletions().await?;
    let standing = engine.cancel_deletion().await?;
    Ok(reply(Some(&standing), None))
}

/// Checks a receipt.
pub fn verify(receipt: &Path, keys: &Path) -> Result<Reply, Failure> {
    let checked = check_receipt(receipt, keys).map_err(EngineError::from)?;
    Ok(Reply::new(
        json!({ "genuine": true, "key": checked.key, "receipt": receipt_json(&checked) }),
        receipt_text(&checked),
    ))
}

fn reply(standing: Option<&DeletionStanding>, wipe: Option<&WipeStanding>) -> Reply {
    let text = standing_text(standing, wipe);
    Reply::new(standing_json(standing, wipe), text).but(failure(standing, wipe))
}

/// Why it isn't simply so, if it isn't.
fn failure(standing: Option<&DeletionStanding>, wipe: Option<&WipeStanding>) -> Option<Failure> {
    let stuck = wipe
        .into_iter()
        .flat_map(|wipe| &wipe.steps)
        .find_map(|step| match &step.state {
            StepState::Stuck { code, message } => {
                Some(Failure::new(Exit::NotPossibleHere, code, message.clone()))
            }
            StepState::Todo | StepState::Done | StepState::Left => None,
        });
    let standing = standing.filter(|_| stuck.is_none());
    stuck.or_else(|| {
        let standing = standing?;
        let message = standing.says.clone();
        if let Some(waits) = standing.deletion.waits().filter(|_| !standing.deletion.has_ended()) {
            let exit = match waits.code() {
                "sign-in" => Exit::SignInNeeded,
                _ => Exit::NotPossibleHere,
            };
            return Some(Failure::new(exit, waits.code(), message));
        }
        match &standing.deletion.stage {
            Stage::Confirmed { need } => {
                let code = match need {
                    CodeNeeded::First | CodeNeeded::Lost => "code-needed",
                    CodeNeeded::Wrong { .. } => "code-wrong",
                    CodeNeeded::Expired => "code-expired",
                };
                Some(Failure::new(Exit::Refused, code, message))
            }
            Stage::Failed { code, .. } => Some(Failure::new(Exit::Refused, code, message)),
            Stage::Unproven { code, .. } => Some(Failure::new(Exit::Other, code, message)),
            Stage::Reauthenticated | Stage::Cancelling { .. } => {
                let message = format!("{message} The service doesn't answer now. It goes on while the window is open, or with: privacy-settings account status.");
                Some(Failure::new(Exit::Queued, "queued", message))
            }
            Stage::CoolingOff { .. }
            | Stage::Finalising { .. }
            | Stage::RemoteDeleted { .. }
            | Stage::Wiping
            | Stage::Cancelled => None,
        }
    })
}

fn reason(word: ReasonWord) -> DeletionReason {
    match word {
        ReasonWord::NotUsed => DeletionReason::NotUsed,
        ReasonWord::AnotherAccount => DeletionReason::AnotherAccount,
        ReasonWord::LeftOrganization => DeletionReason::LeftOrganization,
        ReasonWord::Privacy => DeletionReason::Privacy,
        ReasonWord::DoesNotFit => DeletionReason::DoesNotFit,
        ReasonWord::Other => DeletionReason::Other,
    }
}
