//! Carries out one step of one ending. Each can be done twice.

use std::io;
use std::path::PathBuf;

use settings_privacy_api::StepUpPurpose;
use settings_privacy_core::data;
use settings_privacy_core::deletion::ending::{self, Ending, Event, Step};
use uuid::Uuid;

use super::{happens, letters, receipt};
use crate::codes;
use crate::db::deletions::{self as rows, Deletion};
use crate::db::{accounts, erase, erasures, exports};
use crate::delivery;
use crate::exports::totals;
use crate::identifier::Identifier;
use crate::problem::Failure;
use crate::service::Shared;

/// What stands in the way of a step, naming nobody.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database, a file or a thread failed.
    #[error("{0}")]
    Failure(#[from] Failure),
    /// Another program reads the database.
    #[error("another program is reading the database")]
    Busy,
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Failure(error.into())
    }
}

/// The account is noted as one that stays deleted.
pub async fn ledger(shared: &Shared, deletion: &Deletion) -> Result<(), Fault> {
    if let Some(account) = deletion.account {
        let at = match deletion.ending {
            Ending::Finalising { final_at, .. } => final_at,
            Ending::CoolingOff { .. } | Ending::Cancelled { .. } | Ending::Deleted { .. } => return Ok(()),
        };
        let (shared, id) = (shared.clone(), deletion.id);
        blocking(move || shared.ledger.note(account, id, at)).await?;
    }
    advance(shared, deletion, Step::Ledger).await
}

/// No archive of a copy is left.
pub async fn exports(shared: &Shared, deletion: &Deletion) -> Result<(), Fault> {
    if let Some(account) = deletion.account {
        let mut reading = shared.database.read().await?;
        let copies = exports::ids(&mut reading, account).await?;
        drop(reading);
        let mut files = Vec::new();
        for copy in copies {
            shared.desk.called_off(copy).await;
            files.extend(shared.desk.files_of(copy));
        }
        blocking(move || remove(files)).await?;
    }
    advance(shared, deletion, Step::Exports).await
}

/// No file of the account is left, and no letter to it.
pub async fn files(shared: &Shared, deletion: &Deletion) -> Result<(), Fault> {
    if let Some(account) = deletion.account {
        let identifier = address(shared, account).await?;
        let objects = shared.desk.objects_of(account);
        let mail = shared.courier.folder().map(PathBuf::from);
        let removing = move || -> io::Result<()> {
            gone(std::fs::remove_dir_all(objects))?;
            match mail.zip(identifier) {
                Some((mail, identifier)) => remove(delivery::letters_to(&mail, &identifier)?),
                None => Ok(()),
            }
        };
        blocking(removing).await?;
    }
    advance(shared, deletion, Step::Files).await
}

/// No row is left; whoever has to be told is noted with it. Not before the last letter has left for the address.
pub async fn records(shared: &Shared, deletion: &Deletion) -> Result<(), Fault> {
    if letters::hold_up(shared, deletion).await? {
        return Ok(());
    }
    let mut transaction = shared.database.begin().await?;
    let mut deletion = deletion.clone();
    let now = shared.now();
    if let Some(account) = deletion.account {
        for category in &data::inventory().categories {
            let id = category.id.as_str();
            let held = totals(&mut transaction, account, id).await?;
            deletion.counts.insert(id.to_owned(), held.items);
        }
        rows::keep_counts(&mut transaction, deletion.id, &deletion.counts).await?;
        for system in &shared.config.systems.systems {
            erasures::add(&mut transaction, deletion.id, &system.name, account, now).await?;
        }
        let identifier = accounts::find(&mut transaction, account)
            .await?
            .account
            .identifier;
        let digests = digests(shared, &identifier);
        erase::account(&mut transaction, account, &digests, now).await?;
        deletion.account = None;
    }
    happens(&mut transaction, &mut deletion, Event::Done(Step::Records), now).await?;
    transaction.commit().await?;
    Ok(())
}

/// Nothing of what was removed is left in the database's files. Once for all endings at this step.
pub async fn scrubbing(shared: &Shared, endings: &[Deletion]) -> Result<(), Fault> {
    if !shared.database.scrub().await? {
        return Err(Fault::Busy);
    }
    for deletion in endings {
        advance(shared, deletion, Step::Scrubbing).await?;
    }
    Ok(())
}

/// The receipt is signed, and with that the account is deleted.
pub async fn receipt(shared: &Shared, deletion: &Deletion) -> Result<(), Fault> {
    let mut reading = shared.database.read().await?;
    let systems = erasures::of(&mut reading, deletion.id).await?;
    drop(reading);
    // Whom the systems were told about went with their confirmations.
    if !systems.is_empty() && !shared.database.scrub().await? {
        return Err(Fault::Busy);
    }
    let now = shared.now();
    let end = ending::step(deletion.ending, Event::Done(Step::Receipt), now).ending;
    let signed = receipt::sign(shared, deletion, end, &systems, now).await?;
    let mut transaction = shared.database.begin().await?;
    rows::keep_receipt(&mut transaction, deletion.id, &signed).await?;
    let mut deletion = deletion.clone();
    happens(&mut transaction, &mut deletion, Event::Done(Step::Receipt), now).await?;
    transaction.commit().await?;
    tracing::info!("an account was deleted");
    Ok(())
}

/// Signs the receipt anew, since a system has confirmed that hadn't.
pub async fn renew_receipt(shared: &Shared, id: Uuid) -> Result<(), Fault> {
    let mut reading = shared.database.read().await?;
    let (found, systems) = (
        rows::find(&mut reading, id).await?,
        erasures::of(&mut reading, id).await?,
    );
    drop(reading);
    let Some(deletion) = found.filter(|deletion| deletion.receipt.is_some()) else {
        return Ok(());
    };
    let signed = receipt::sign(shared, &deletion, deletion.ending, &systems, shared.now()).await?;
    let mut transaction = shared.database.begin().await?;
    rows::keep_receipt(&mut transaction, id, &signed).await?;
    transaction.commit().await?;
    // What is left of whom it was about is overwritten, or will be with the next ending.
    shared.database.scrub().await?;
    Ok(())
}

/// Notes that a step is done.
pub async fn advance(shared: &Shared, deletion: &Deletion, step: Step) -> Result<(), Fault> {
    let mut transaction = shared.database.begin().await?;
    let mut deletion = deletion.clone();
    happens(&mut transaction, &mut deletion, Event::Done(step), shared.now()).await?;
    transaction.commit().await?;
    Ok(())
}

async fn address(shared: &Shared, account: Uuid) -> Result<Option<Identifier>, Fault> {
    let mut reading = shared.database.read().await?;
    let profile = accounts::find(&mut reading, account).await?;
    Ok(Identifier::parse(&profile.account.identifier).ok())
}

/// Under what an address is known without being kept.
fn digests(shared: &Shared, identifier: &str) -> Vec<String> {
    let Ok(identifier) = Identifier::parse(identifier) else {
        return Vec::new();
    };
    let acts = [StepUpPurpose::Export, StepUpPurpose::Deletion];
    let acts = acts.map(|act| codes::step_up_digest(&shared.key, &identifier, act));
    let sign_in = codes::identifier_digest(&shared.key, &identifier);
    acts.into_iter().chain([sign_in]).collect()
}

fn remove(files: Vec<PathBuf>) -> io::Result<()> {
    files
        .into_iter()
        .try_for_each(|file| gone(std::fs::remove_file(file)))
}

/// What isn't there was removed before.
pub(super) fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), Fault> {
    let done = tokio::task::spawn_blocking(work).await.map_err(Failure::from)?;
    Ok(done.map_err(Failure::from)?)
}
