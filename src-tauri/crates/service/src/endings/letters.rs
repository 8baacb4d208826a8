//! Tells the owner of an account that ends, at the account's own address.
//!
//! A letter is written in the transaction of what it tells, and sent afterwards by whoever carries endings out: at least
//! once, under the same Message-ID at every try. The address isn't kept with it: it is the account's, until that is gone.
//! The last letter therefore goes before the address does, and what removes the address waits for it, but not longer than
//! the service is willing to: that somebody's mail server doesn't answer must not keep their data here.

use std::time::Duration;

use jiff::Timestamp;
use settings_privacy_core::deletion::OwnerLetter;
use settings_privacy_core::deletion::ending::Ending;
use settings_privacy_core::outbox::full_jitter;

use super::runner::{dice, later};
use crate::db::deletions::{self, Deletion, Trouble};
use crate::db::letters::{self as rows, Letter};
use crate::db::{Connection, accounts};
use crate::delivery::Undelivered;
use crate::identifier::Identifier;
use crate::problem::Failure;
use crate::service::Shared;

/// Whether a letter has left is looked for this often.
const PAUSE: Duration = Duration::from_secs(1);

/// Writes the letter that follows from a change, if one does.
pub async fn write(
    connection: &mut Connection,
    deletion: &Deletion,
    before: Option<Ending>,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    match (deletion.account, OwnerLetter::after(before, deletion.ending)) {
        (Some(account), Some(kind)) => rows::write(connection, account, deletion.id, kind, now).await,
        (None, _) | (_, None) => Ok(()),
    }
}

/// Sends what is due.
pub async fn send(shared: &Shared) -> Result<(), Failure> {
    if !shared.config.letters {
        return Ok(());
    }
    let mut reading = shared.database.read().await?;
    let due = rows::due(&mut reading, shared.now()).await?;
    drop(reading);
    for letter in due {
        send_one(shared, letter).await?;
    }
    Ok(())
}

async fn send_one(shared: &Shared, mut letter: Letter) -> Result<(), Failure> {
    let mut reading = shared.database.read().await?;
    let profile = accounts::find(&mut reading, letter.account).await?;
    let about = deletions::find(&mut reading, letter.deletion).await?;
    drop(reading);
    let sent = match (Identifier::parse(&profile.account.identifier), about) {
        (Ok(to), Some(about)) => shared.courier.tell_owner(&to, &letter, about.ending).await,
        // Nobody can be told.
        (Err(_), _) | (_, None) => Err(Undelivered::Letter),
    };
    let mut transaction = shared.database.begin().await?;
    match sent {
        Ok(()) => rows::is_done(&mut transaction, letter.id).await?,
        Err(error) if error.is_for_good() => {
            tracing::warn!(%error, "a letter about the end of an account can't be sent");
            rows::is_done(&mut transaction, letter.id).await?;
        }
        Err(error) => {
            tracing::warn!(%error, "a letter about the end of an account isn't sent yet");
            letter.attempts = letter.attempts.saturating_add(1);
            letter.next_at = later(shared.now(), full_jitter(letter.attempts, dice()?));
            letter.fault = Some(error.to_string());
            rows::try_again(&mut transaction, &letter).await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}

/// Whether the address is still needed for the last letter. If it is, whoever removes it is held up until then.
pub async fn hold_up(shared: &Shared, deletion: &Deletion) -> Result<bool, Failure> {
    let Ending::Finalising { final_at, .. } = deletion.ending else {
        return Ok(false);
    };
    let patience = shared.config.letters_patience;
    let patient_until = final_at.checked_add(patience).unwrap_or(Timestamp::MAX);
    let mut transaction = shared.database.begin().await?;
    let Some(letter) = rows::about(&mut transaction, deletion.id).await? else {
        return Ok(false);
    };
    if shared.now() >= patient_until {
        tracing::warn!(
            "the owner of an account isn't told of its end: the mail server doesn't take the letter"
        );
        return Ok(false);
    }
    // Where letters are left to another program, it isn't looked for without a pause.
    let soonest = later(shared.now(), PAUSE).max(letter.next_at);
    let trouble = Trouble {
        attempts: deletion.trouble.attempts,
        retry_at: Some(soonest.min(patient_until)),
        fault: Some("waits for the letter to the owner".to_owned()),
    };
    deletions::hold_up(&mut transaction, deletion.id, &trouble).await?;
    transaction.commit().await?;
    Ok(true)
}
