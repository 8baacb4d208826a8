//! A copy of what is held: asked for, followed, read.

mod ask;
mod files;
mod follow;
mod secret;
mod words;

pub use ask::send_code;

use settings_privacy_core::export::WorkflowId;
use settings_privacy_engine::{Engine, EngineError, ExportState};
use uuid::Uuid;

use crate::arguments::Export;
use crate::exit::Failure;
use crate::output::{Face, Reply};
use crate::sending;

/// Does what was said.
pub async fn obey(face: Face, engine: &Engine, command: Export) -> Result<Reply, Failure> {
    match command {
        Export::Verify {
            file,
            keys,
            passphrase_stdin,
        } => files::verify(engine, &file, keys.as_deref(), passphrase_stdin).await,
        Export::List {
            file,
            category,
            most,
            passphrase_stdin,
        } => files::list(&file, category.as_deref(), most, passphrase_stdin).await,
        Export::Search {
            file,
            words,
            category,
            most,
            passphrase_stdin,
        } => {
            files::search(
                &file,
                &words.join(" "),
                category.as_deref(),
                most,
                passphrase_stdin,
            )
            .await
        }
        Export::Diff {
            earlier,
            later,
            most,
            passphrase_stdin,
        } => files::diff(&earlier, &later, most, passphrase_stdin).await,
        Export::Inventory => {
            sending::resume(engine).await;
            ask::inventory(engine).await
        }
        Export::Status => {
            sending::resume(engine).await;
            status(engine).await
        }
        Export::Request(wanted) => {
            sending::resume(engine).await;
            ask::request(face, engine, wanted).await
        }
        Export::Download(wanted) => {
            sending::resume(engine).await;
            follow::download(face, engine, wanted).await
        }
        Export::Retry { id, code_stdin } => {
            sending::resume(engine).await;
            ask::retry(face, engine, id, code_stdin).await
        }
        Export::Cancel { id } => {
            sending::resume(engine).await;
            follow::cancel(face, engine, id).await
        }
    }
}

async fn status(engine: &Engine) -> Result<Reply, Failure> {
    // What is due is done meanwhile, if no window does it.
    let tended = engine.tend_exports().await;
    if tended.is_ok() {
        follow::look_once(engine).await?;
    }
    let exports = engine.exports().await?;
    Ok(Reply::new(words::list_json(&exports), words::list(&exports)))
}

/// The one that is meant.
async fn which(engine: &Engine, id: Option<Uuid>) -> Result<ExportState, EngineError> {
    match id {
        Some(id) => engine.export(WorkflowId(id)).await,
        None => {
            let newest = engine.exports().await?.into_iter().next();
            newest.ok_or(EngineError::NoSuchExport)
        }
    }
}
