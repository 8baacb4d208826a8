//! Holds the ledger against what is there: whoever stays deleted and is back, since a backup was restored, is deleted
//! again.

use std::collections::HashMap;
use std::io;

use settings_privacy_core::deletion::ending::{Ending, Step};
use uuid::Uuid;

use super::{close, keep};
use crate::db::deletions as rows;
use crate::db::{Connection, accounts, letters};
use crate::ledger::Entry;
use crate::problem::Failure;
use crate::service::Shared;

/// Begins the end of every account that stays deleted and is there. Says how many there are.
pub async fn replay(shared: &Shared) -> Result<usize, Failure> {
    let noted: HashMap<String, Entry> = shared
        .ledger
        .entries()?
        .into_iter()
        .map(|entry| (entry.account.clone(), entry))
        .collect();
    if noted.is_empty() {
        return Ok(0);
    }
    let mut transaction = shared.database.begin().await?;
    let accounts = accounts::ids(&mut transaction).await?;
    let mut back = 0;
    for account in &accounts {
        if let Some(entry) = noted.get(&shared.ledger.digest(*account)) {
            back += usize::from(again(&mut transaction, shared, *account, entry).await?);
        }
    }
    transaction.commit().await?;
    // Folders whose account the backup doesn't know.
    let stay: Vec<Uuid> = shared.desk.owners()?;
    for owner in stay.into_iter().filter(|owner| !accounts.contains(owner)) {
        if noted.contains_key(&shared.ledger.digest(owner)) {
            remove(shared, owner).await?;
        }
    }
    shared.endings.ring();
    Ok(back)
}

/// Whether it has to begin: an end that is being carried out goes on by itself.
async fn again(
    connection: &mut Connection,
    shared: &Shared,
    account: Uuid,
    entry: &Entry,
) -> Result<bool, Failure> {
    let ending = |requested_at| Ending::Finalising {
        requested_at,
        final_at: entry.at,
        step: Step::Ledger,
    };
    match rows::newest(connection, account).await? {
        Some(deletion) => match deletion.ending {
            Ending::Finalising { .. } => return Ok(false),
            Ending::CoolingOff { requested_at, .. } => {
                rows::put(connection, deletion.id, ending(requested_at)).await?;
                // What the backup has to tell of it isn't so any more.
                letters::forget(connection, account).await?;
            }
            Ending::Cancelled { .. } | Ending::Deleted { .. } => {
                begin(connection, shared, account, entry, ending(entry.at)).await?;
            }
        },
        None => begin(connection, shared, account, entry, ending(entry.at)).await?,
    }
    close(connection, account, shared.now()).await?;
    tracing::warn!("an account that stays deleted was back; it is deleted again");
    Ok(true)
}

async fn begin(
    connection: &mut Connection,
    shared: &Shared,
    account: Uuid,
    entry: &Entry,
    ending: Ending,
) -> Result<(), Failure> {
    // Under the same identifier, unless the backup knows that one for something else.
    let is_free = rows::find(connection, entry.deletion).await?.is_none();
    let id = if is_free { entry.deletion } else { Uuid::new_v4() };
    keep(connection, &shared.key, id, account, ending, "[]", shared.now()).await?;
    Ok(())
}

async fn remove(shared: &Shared, owner: Uuid) -> Result<(), Failure> {
    let folder = shared.desk.objects_of(owner);
    let removed = tokio::task::spawn_blocking(move || std::fs::remove_dir_all(folder)).await?;
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
