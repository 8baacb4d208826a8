//! Removes the files of what an Organization controlled: their rows went with the request that ended a membership, or the
//! Organization.

use std::io;
use std::path::PathBuf;

use jiff::SignedDuration;

use super::steps::gone;
use crate::db::controlled::{self, Leftover};
use crate::problem::Failure;
use crate::service::Shared;

/// So many files are removed before it is noted.
const AT_ONCE: i64 = 500;
/// A file that can't be removed is tried again after this.
const TRY_AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// Removes what may be removed now. What can't be is tried again later.
pub async fn remove(shared: &Shared) -> Result<(), Failure> {
    loop {
        let mut reading = shared.database.read().await?;
        let leftovers = controlled::leftovers(&mut reading, shared.now(), AT_ONCE).await?;
        drop(reading);
        if leftovers.is_empty() {
            return Ok(());
        }
        let files: Vec<(Leftover, PathBuf)> = leftovers
            .into_iter()
            .map(|leftover| {
                let folder = shared.desk.objects(leftover.account, &leftover.category);
                let path = folder.join(leftover.number.to_string());
                (leftover, path)
            })
            .collect();
        let removing = move || -> Vec<(Leftover, io::Result<()>)> {
            let removed = files
                .into_iter()
                .map(|(leftover, path)| (leftover, gone(std::fs::remove_file(path))));
            removed.collect()
        };
        let removed = tokio::task::spawn_blocking(removing).await?;
        let mut transaction = shared.database.begin().await?;
        for (leftover, done) in removed {
            match done {
                Ok(()) => controlled::is_gone(&mut transaction, &leftover).await?,
                Err(error) => {
                    tracing::warn!(kind = %error.kind(), "a file of an Organization can't be removed");
                    let at = shared.now() + TRY_AGAIN;
                    controlled::try_again(&mut transaction, &leftover, at).await?;
                }
            }
        }
        transaction.commit().await?;
    }
}
