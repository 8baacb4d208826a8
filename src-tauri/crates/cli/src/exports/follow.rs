//! Following an export until it is where it was wanted, or needs somebody.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use settings_privacy_core::export::{Outstanding, Stage, Waits, When, WorkflowId};
use settings_privacy_engine::{Engine, EngineError, ExportState, Signed};
use uuid::Uuid;

use super::words::{self, export_json, says};
use super::{secret, which};
use crate::arguments::ExportDownload;
use crate::exit::{Exit, Failure};
use crate::output::{Face, Reply};

/// A command doesn't wait longer than this for the service to take a request.
const LIMIT: Duration = Duration::from_secs(30);
/// How long `status` and `cancel` wait for the service's word.
const SHORT: Duration = Duration::from_secs(8);

/// Until when it is followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// The service has the request.
    Asked,
    /// It lies in its place, checked.
    Kept,
}

/// Downloads one, from wherever it is to the end.
pub async fn download(face: Face, engine: &Engine, wanted: ExportDownload) -> Result<Reply, Failure> {
    let export = which(engine, wanted.id).await?;
    let id = export.export.workflow;
    engine.tend_exports().await?;
    if wanted.encrypt {
        let passphrase = secret::new(wanted.passphrase_stdin)?;
        engine.encrypt_export(id, passphrase).await?;
    }
    if wanted.accept_new_keys {
        engine.accept_signing_keys(id).await?;
    }
    let place = wanted.to.as_deref();
    match &export.export.stage {
        Stage::Requested | Stage::Submitted { .. } | Stage::Preparing { .. } | Stage::Ready { .. } => {
            match place {
                Some(to) => engine.download_export(id, to).await?,
                None if export.export.place.is_some() => engine.resume_export(id, None).await?,
                None => {
                    let message =
                        "Say where the file shall lie: privacy-settings export download my-data.zip";
                    return Err(Failure::new(Exit::Usage, "usage", message));
                }
            }
        }
        Stage::Downloading { .. } | Stage::Verifying { .. } => engine.resume_export(id, place).await?,
        Stage::Failed { .. } => {
            engine.retry_export(id).await?;
            if let Some(to) = place {
                engine.download_export(id, to).await?;
            }
        }
        Stage::Verified { .. } | Stage::Expired { .. } | Stage::Cancelled => {}
    }
    follow(face, engine, id, Until::Kept).await
}

/// Ends one.
pub async fn cancel(face: Face, engine: &Engine, id: Option<Uuid>) -> Result<Reply, Failure> {
    let export = which(engine, id).await?;
    let id = export.export.workflow;
    let had_ended = export.export.has_ended();
    engine.cancel_export(id).await?;
    // The service is told as well, if it answers.
    let mut revisions = engine.revisions();
    let told = async {
        loop {
            let export = engine.export(id).await?;
            if export.export.outstanding.is_empty() {
                return Ok::<_, EngineError>(());
            }
            if revisions.changed().await.is_err() {
                return Ok(());
            }
        }
    };
    let told = tokio::time::timeout(SHORT, told).await;
    let export = engine.export(id).await?;
    let reply = Reply::new(export_json(&export), says(&export));
    if export.export.stage != Stage::Cancelled && had_ended {
        let message = "This copy had ended already, so there is nothing to cancel.";
        return Ok(reply.but(Some(Failure::new(Exit::NotPossibleHere, "ended", message))));
    }
    if told.is_err() {
        face.say("The service hasn't been told yet. It is told by the next command that reaches it, or by the window.");
    }
    Ok(reply)
}

/// Lets what is due happen, for a moment.
pub async fn look_once(engine: &Engine) -> Result<(), EngineError> {
    let mut revisions = engine.revisions();
    let quiet = async {
        loop {
            let exports = engine.exports().await?;
            let busy = exports.iter().any(|export| {
                matches!(
                    export.export.stage,
                    Stage::Requested | Stage::Submitted { .. } | Stage::Verifying { .. }
                ) && export.export.waits().is_none()
            });
            if !busy || revisions.changed().await.is_err() {
                return Ok(());
            }
        }
    };
    tokio::time::timeout(SHORT, quiet).await.unwrap_or(Ok(()))
}

/// Says how it comes along, until it is there.
pub async fn follow(face: Face, engine: &Engine, id: WorkflowId, until: Until) -> Result<Reply, Failure> {
    let mut revisions = engine.revisions();
    let mut progress = engine.export_progress();
    let mut shown = Shown::new(face);
    let begun = std::time::Instant::now();
    loop {
        revisions.borrow_and_update();
        let export = engine.export(id).await?;
        if let Some(reply) = outcome(&export, until) {
            shown.end();
            if !export.export.has_ended() {
                return Ok(reply);
            }
            settle(engine, id).await;
            let export = engine.export(id).await?;
            return Ok(outcome(&export, until).unwrap_or(reply));
        }
        if until == Until::Asked && begun.elapsed() > LIMIT {
            return Ok(not_yet(engine, &export).await);
        }
        shown.show(engine, &export).await;
        tokio::select! {
            changed = revisions.changed() => if changed.is_err() {
                return Err(EngineError::Stopped.into());
            },
            moved = progress.changed() => if moved.is_err() {
                return Err(EngineError::Stopped.into());
            },
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

/// What comes at the end (telling the desktop, setting a file aside) is done before the program goes.
async fn settle(engine: &Engine, id: WorkflowId) {
    let mut revisions = engine.revisions();
    let settled = async {
        while let Ok(export) = engine.export(id).await {
            let is_person = |open: &Outstanding| matches!(open.when, When::Person(_));
            if export.export.outstanding.iter().all(is_person) || revisions.changed().await.is_err() {
                return;
            }
        }
    };
    if tokio::time::timeout(SHORT, settled).await.is_err() {
        tracing::info!("what comes at the end is left for the next start");
    }
}

async fn not_yet(engine: &Engine, export: &ExportState) -> Reply {
    let account = engine.state().await.ok().map(|state| state.account);
    let why = account.and_then(|account| account.offline).unwrap_or_default();
    let message = format!(
        "The service doesn't have your request yet. {why} Your code isn't kept anywhere: run this again when the service can be reached."
    );
    Reply::new(export_json(export), says(export)).but(Some(Failure::new(Exit::Queued, "queued", message)))
}

/// The end of following, if this is one.
pub fn outcome(export: &ExportState, until: Until) -> Option<Reply> {
    let reply = Reply::new(export_json(export), says(export));
    if let Some(waits) = export.export.waits() {
        let exit = match waits {
            Waits::SignIn => Exit::SignInNeeded,
            Waits::Room { .. } | Waits::Place | Waits::Key | Waits::Passphrase => Exit::NotPossibleHere,
            Waits::Code { .. } => Exit::Refused,
        };
        let mut failure = Failure::new(exit, waits.code(), export.export.waits_sentence(waits));
        if let Waits::Code {
            refused:
                Some(settings_privacy_core::export::CodeRefusal::Wrong {
                    attempts_left: Some(left),
                }),
        } = waits
        {
            failure = failure.with("attempts_left", left.into());
        }
        return Some(reply.but(Some(failure)));
    }
    let failure = match &export.export.stage {
        Stage::Requested => return None,
        Stage::Submitted { .. }
        | Stage::Preparing { .. }
        | Stage::Ready { .. }
        | Stage::Downloading { .. }
        | Stage::Verifying { .. } => {
            return (until == Until::Asked).then_some(reply);
        }
        // What was to be encrypted is being.
        Stage::Verified { encrypted: false, .. } if export.export.is_sealing() => return None,
        Stage::Verified {
            unencrypted: Some(why),
            ..
        } => Failure::new(Exit::Other, &why.code, export.says.clone()),
        Stage::Verified { .. } => return Some(reply),
        Stage::Expired { .. } => Failure::new(Exit::Refused, "export-expired", export.says.clone()),
        Stage::Cancelled => Failure::new(Exit::NotPossibleHere, "cancelled", export.says.clone()),
        Stage::Failed { code, message, .. } => {
            let refused = export.report.is_none() && export.set_aside.is_none();
            let exit = if refused { Exit::Refused } else { Exit::Other };
            Failure::new(exit, code, message.clone())
        }
    };
    Some(reply.but(Some(failure)))
}

/// What was said last, so that nothing is said twice.
struct Shown {
    face: Face,
    said: String,
    line: bool,
    offline: Option<String>,
}

impl Shown {
    fn new(face: Face) -> Self {
        Self {
            face,
            said: String::new(),
            line: false,
            offline: None,
        }
    }

    async fn show(&mut self, engine: &Engine, export: &ExportState) {
        if self.said != export.says {
            self.end();
            self.face.say(&export.says);
            self.said.clone_from(&export.says);
        }
        let account = engine.state().await.ok().map(|state| state.account);
        let offline = account
            .filter(|account| matches!(account.signed, Signed::In(_)))
            .and_then(|account| account.offline);
        if offline != self.offline {
            if let Some(why) = &offline {
                self.end();
                self.face.say(why);
            }
            self.offline = offline;
        }
        let figures = match (export.transfer, export.checking) {
            (Some(transfer), _) => {
                let rate = transfer
                    .per_second
                    .map(|rate| format!(", {} a second", words::size(rate)));
                let left = transfer.left.map(|left| format!(", {} s left", left.as_secs()));
                format!(
                    "{} of {}{}{}",
                    words::size(transfer.received),
                    words::size(transfer.of),
                    rate.unwrap_or_default(),
                    left.unwrap_or_default()
                )
            }
            (None, Some(checking)) => {
                format!(
                    "{} of {} checked",
                    words::size(checking.done),
                    words::size(checking.of)
                )
            }
            (None, None) => return,
        };
        // A line that is written over and over is for eyes only.
        if !self.face.is_json() && std::io::stderr().is_terminal() {
            let mut stderr = std::io::stderr();
            let written = write!(stderr, "\r\u{1b}[K{figures}").and_then(|()| stderr.flush());
            self.line = written.is_ok();
        }
    }

    fn end(&mut self) {
        if std::mem::take(&mut self.line) {
            self.face.say("");
        }
    }
}
