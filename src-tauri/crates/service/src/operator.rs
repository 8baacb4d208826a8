//! What an operator sees of the ends of accounts, and can do about one that waits. It names nobody.

use jiff::Timestamp;
use serde::Serialize;
use settings_privacy_core::deletion::ending::Ending;
use uuid::Uuid;

use crate::db::Connection;
use crate::db::deletions::{self as rows, Deletion, Trouble, state_name, step_name};
use crate::db::erasures::{self, Erasure, status_name};
use crate::db::letters::{self, kind_name};
use crate::endings;
use crate::service::Shared;

/// An end of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatorDeletion {
    /// Its identifier.
    pub id: Uuid,
    /// `cooling-off`, `cancelled`, `finalising` or `deleted`.
    pub state: &'static str,
    /// With `finalising`: the step under way.
    pub step: Option<&'static str>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// From when it can't be taken back.
    pub final_at: Timestamp,
    /// When it was taken back, or everything was gone.
    pub ended_at: Option<Timestamp>,
    /// How often the step was tried in vain.
    pub attempts: u32,
    /// When it is tried again.
    pub retry_at: Option<Timestamp>,
    /// What was in the way.
    pub fault: Option<String>,
    /// What its owner hasn't been told yet.
    pub letter: Option<OperatorLetter>,
    /// The completion matrix: other systems, by name.
    pub systems: Vec<OperatorSystem>,
}

/// A letter to the owner that hasn't left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatorLetter {
    /// `asked-for`, `taken-back` or `final`.
    pub kind: &'static str,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried again.
    pub next_at: Timestamp,
    /// Why it hasn't left.
    pub fault: Option<String>,
}

/// Another system, and what it said of an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatorSystem {
    /// Its name.
    pub system: String,
    /// `waiting`, `accepted`, `erased` or `refused`.
    pub status: &'static str,
    /// How often it was told.
    pub attempts: u32,
    /// When it is told again, unless it has confirmed.
    pub next_at: Option<Timestamp>,
    /// What it last said.
    pub heard: Option<String>,
    /// When it confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// What it calls its own note of it.
    pub reference: Option<String>,
}

/// Why an operator's command can't be carried out.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The database can't be used.
    #[error("use the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The ledger can't be held against what is there.
    #[error("replay the ledger: {0}")]
    Replay(String),
    /// There is no such end.
    #[error("there is no deletion {0}; `privacy-service deletions list` shows them")]
    Unknown(Uuid),
}

/// See [`crate::Service::replay_ledger`].
pub async fn replay(shared: &Shared) -> Result<usize, OperatorError> {
    let replayed = endings::replay(shared).await;
    replayed.map_err(|error| OperatorError::Replay(error.to_string()))
}

/// See [`crate::Service::deletions`].
pub async fn list(shared: &Shared) -> Result<Vec<OperatorDeletion>, OperatorError> {
    let mut reading = shared.database.read().await?;
    let mut seen = Vec::new();
    for deletion in rows::all(&mut reading).await? {
        seen.push(as_seen(&mut reading, deletion).await?);
    }
    Ok(seen)
}

/// See [`crate::Service::retry_deletion`].
pub async fn retry(shared: &Shared, id: Uuid) -> Result<OperatorDeletion, OperatorError> {
    let mut transaction = shared.database.begin().await?;
    let unknown = || OperatorError::Unknown(id);
    let deletion = rows::find(&mut transaction, id).await?.ok_or_else(unknown)?;
    if matches!(deletion.ending, Ending::Finalising { .. }) {
        rows::hold_up(&mut transaction, id, &Trouble::default()).await?;
    }
    erasures::hurry(&mut transaction, id, shared.now()).await?;
    let deletion = rows::find(&mut transaction, id).await?.ok_or_else(unknown)?;
    let seen = as_seen(&mut transaction, deletion).await?;
    transaction.commit().await?;
    shared.endings.ring();
    Ok(seen)
}

async fn as_seen(connection: &mut Connection, deletion: Deletion) -> Result<OperatorDeletion, sqlx::Error> {
    let systems = erasures::of(connection, deletion.id).await?;
    let letter = letters::about(connection, deletion.id).await?;
    let ending = deletion.ending;
    let (step, ended_at) = match ending {
        Ending::CoolingOff { .. } => (None, None),
        Ending::Finalising { step, .. } => (Some(step_name(step)), None),
        Ending::Cancelled { at, .. } | Ending::Deleted { at, .. } => (None, Some(at)),
    };
    Ok(OperatorDeletion {
        id: deletion.id,
        state: state_name(ending),
        step,
        requested_at: ending.requested_at(),
        final_at: ending.final_at(),
        ended_at,
        attempts: deletion.trouble.attempts,
        retry_at: deletion.trouble.retry_at,
        fault: deletion.trouble.fault,
        letter: letter.map(|letter| OperatorLetter {
            kind: kind_name(letter.kind),
            attempts: letter.attempts,
            next_at: letter.next_at,
            fault: letter.fault,
        }),
        systems: systems.into_iter().map(system).collect(),
    })
}

fn system(erasure: Erasure) -> OperatorSystem {
    OperatorSystem {
        status: status_name(erasure.status),
        next_at: erasure.confirmed_at.is_none().then_some(erasure.next_at),
        system: erasure.system,
        attempts: erasure.attempts,
        heard: erasure.heard,
        confirmed_at: erasure.confirmed_at,
        reference: erasure.reference,
    }
}
