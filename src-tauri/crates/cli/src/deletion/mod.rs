//! Deleting the account: what it would mean, asking for it, following it, taking it back, and the receipt.

mod show;

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use settings_privacy_core::deletion::{CodeNeeded, Offers, Stage, StepState, WORD, WipeStep};
use settings_privacy_core::export::WorkflowId;
use settings_privacy_engine::api::{DeletionReason, StepUpPurpose};
use settings_privacy_engine::{
    DeletionError, DeletionStanding, DeletionWish, Engine, EngineError, Place, WipeStanding, check_receipt,
};

use crate::account::{Source, read_line, signed_in};
use crate::arguments::{Delete, ReasonWord, Status};
use crate::exit::{Exit, Failure};
use crate::exports::send_code;
use crate::output::{Face, Reply};
use show::{place, preflight_json, preflight_text, receipt_json, receipt_text, standing_json, standing_text};

const NOTHING_BESIDES: &str = "The sample account is made up, so nothing of yours goes with it. Leave out --clear-cookies, --reset-permissions and --remove-app-folder. Nothing was done.";

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
    let offers = Offers {
        cookies: wanted.clear_cookies,
        flatpak_permissions: wanted.reset_permissions,
        flatpak_folder: wanted.remove_app_folder,
    };
    if offers != Offers::default() && engine.state().await?.account.place == Place::Sample {
        return Err(Failure::new(Exit::Usage, "usage", NOTHING_BESIDES));
    }
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
        offers,
        receipt: wanted
            .receipt
            .map(std::path::absolute)
            .transpose()
            .map_err(unusable)?,
    };
    let begun = engine.begin_deletion(wish, &typed).await?;
    let standing = match begun.deletion.stage {
        Stage::Confirmed { .. } => with_code(face, engine, begun.deletion.workflow, from).await?,
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

async fn with_code(
    face: Face,
    engine: &Engine,
    id: WorkflowId,
    from: Source,
) -> Result<DeletionStanding, Failure> {
    send_code(face, engine, StepUpPurpose::Deletion).await?;
    loop {
        let standing = engine.give_deletion_code(id, &from.code()?).await?;
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

/// How it stands. What is being removed here is told of even where the notes of everything else can't be written.
pub async fn status(engine: &Engine, wanted: Status) -> Result<Reply, Failure> {
    told_or_removing(engine, follow(engine, &wanted).await)?;
    match wanted.remove_damaged_notes && engine.wipe().is_some() {
        true => engine.remove_wipe_step(WipeStep::DamagedNotes).await?,
        false => engine.continue_wipe().await?,
    }
    if wanted.leave
        && let Some(wipe) = engine.wipe()
    {
        for step in wipe.steps.iter().filter(|step| step.step.can_be_left()) {
            engine.leave_wipe_step(step.step).await?;
        }
    }
    let wipe = engine.wipe();
    // What is removed here is followed no longer.
    let standing = told_or_removing(engine, engine.deletion().await.map_err(Failure::from))?;
    let reply = reply(standing.flatten().as_ref(), wipe.as_ref());
    if wipe.is_some_and(|wipe| wipe.done) {
        // It is being shown: the last note of it goes, unless another account's took its place just now.
        match engine.dismiss_wipe().await {
            Ok(()) | Err(EngineError::Deletion(DeletionError::NotRemoved)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(reply)
}

/// Follows the deletion that matters as far as it goes, as the person wants.
async fn follow(engine: &Engine, wanted: &Status) -> Result<(), Failure> {
    engine.tend_deletions().await?;
    look(engine).await;
    go_on(engine, wanted).await?;
    engine.refresh_deletions(PATIENCE).await?;
    let standing = until_it_rests(engine).await?;
    if wanted.remove_here {
        let id = standing.map(|one| one.deletion.workflow);
        engine
            .wipe_here(id.ok_or(EngineError::from(DeletionError::None))?)
            .await?;
        until_it_rests(engine).await?;
    }
    Ok(())
}

/// What was told; nothing where it can't be while something is being removed.
fn told_or_removing<T>(engine: &Engine, told: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match told {
        Ok(told) => Ok(Some(told)),
        Err(failure) if engine.wipe().is_some() => {
            tracing::info!(code = failure.code, "only what is being removed is told of");
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

/// Asks whether the account that is signed in is being deleted. Whoever can't ask now is shown what is known.
async fn look(engine: &Engine) {
    let asked = tokio::time::timeout(PATIENCE, engine.look_whether_deleted()).await;
    if let Ok(Err(error)) = asked {
        tracing::info!(code = error.code(), "the service isn't asked");
    }
}

/// Does what the person wants of the deletion that matters, and tries what waited for them.
async fn go_on(engine: &Engine, wanted: &Status) -> Result<(), Failure> {
    let standing = engine.deletion().await?;
    let Some(standing) = standing else {
        return match wanted.retry || wanted.receipt.is_some() {
            true => Err(EngineError::from(DeletionError::None).into()),
            false => Ok(()),
        };
    };
    let id = standing.deletion.workflow;
    if wanted.retry {
        engine.retry_receipt(id).await?;
    }
    if let Some(receipt) = &wanted.receipt {
        let receipt = std::path::absolute(receipt).map_err(unusable)?;
        engine.resume_deletion(id, Some(&receipt)).await?;
    } else if standing.deletion.waits().is_some() {
        engine.resume_deletion(id, None).await?;
    }
    Ok(())
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
        }) || standing
            .as_ref()
            .is_some_and(|one| one.deletion.is_being_removed_here());
        // Its own removing is waited for by whoever continues it, and another account's goes first.
        let removing = engine.wipe().is_some_and(|wipe| !wipe.done);
        if !moves
            || removing
            || tokio::time::timeout_at(enough, revisions.changed())
                .await
                .is_err()
        {
            return Ok(standing);
        }
    }
}

/// Takes it back: that of the account that is signed in, or of the one that is named. Whose it was stands in the answer.
pub async fn cancel(engine: &Engine, account: Option<&str>) -> Result<Reply, Failure> {
    engine.tend_deletions().await?;
    look(engine).await;
    let id = which(engine, account).await?;
    let standing = engine.cancel_deletion(id).await?;
    Ok(reply(Some(&standing), None))
}

/// The deletion that is meant. Where that can't be told, nothing is done.
async fn which(engine: &Engine, account: Option<&str>) -> Result<WorkflowId, Failure> {
    let all = engine.deletions().await?;
    if let Some(account) = account {
        let named = all.into_iter().filter(|one| one.deletion.account.0 == account);
        let meant = named.min_by_key(|one| one.deletion.has_ended());
        let message = format!(
            "No deletion of the account {account} is known here. To see those that are: privacy-settings account status."
        );
        return meant
            .map(|one| one.deletion.workflow)
            .ok_or_else(|| Failure::new(Exit::NotPossibleHere, "no-deletion", message));
    }
    let open: Vec<_> = all.iter().filter(|one| !one.deletion.has_ended()).collect();
    let own: Vec<_> = open.iter().filter(|one| !one.anothers).collect();
    match own[..] {
        [one] => Ok(one.deletion.workflow),
        [] if open.is_empty() => {
            let newest = engine.deletion().await?;
            Ok(newest
                .ok_or(EngineError::from(DeletionError::None))?
                .deletion
                .workflow)
        }
        _ => Err(not_told(&open)),
    }
}

fn not_told(open: &[&DeletionStanding]) -> Failure {
    let named = open.iter().map(|one| {
        let (id, place) = (&one.deletion.account.0, place(&one.place));
        format!("- {id}, {place}: privacy-settings account cancel --account {id}")
    });
    let message = format!(
        "Which account do you want to keep? Nothing was done. These are being deleted, and none is surely the one you mean:\n{}",
        named.collect::<Vec<_>>().join("\n")
    );
    Failure::new(Exit::Usage, "which-account", message)
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
