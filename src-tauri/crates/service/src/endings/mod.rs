//! The end of an account: asked for, taken back or not, carried out in the background, and told to other systems.
//!
//! What is decided is decided in [`settings_privacy_core::deletion::ending`]; here it is kept, in the transaction it was
//! decided in, and done. Whoever asks about an ending wakes the one who carries endings out.

mod downstream;
mod leftovers;
mod letters;
mod preflight;
mod receipt;
mod replay;
mod runner;
mod steps;

use settings_privacy_api::{self as api, DeletionStatus, SystemStatus, Token};
use settings_privacy_core::deletion::ending::{self, Ending, Event, Step, TooLate};
use uuid::Uuid;

use crate::db::deletions::{self as rows, Deletion, Trouble};
use crate::db::sessions::{self, Ended};
use crate::db::{Connection, erasures, exports};
use crate::keys::{self, Purpose, ServiceKey};
use crate::service::Shared;

pub use downstream::Messenger;
pub use preflight::preflight;
pub use replay::replay;
pub use runner::Endings;

/// The token of an ending. It can be derived again as long as the service's key is there; its digest is kept besides.
pub fn token(key: &ServiceKey, deletion: Uuid) -> Token {
    Token::new(key.derive(Purpose::DeletionToken, &[deletion.as_bytes()]))
}

/// Under what a token finds its ending.
pub fn token_digest(token: &str) -> String {
    keys::sha256(token.as_bytes())
}

/// An ending that is kept from now on. Its owner is told.
pub async fn keep(
    connection: &mut Connection,
    key: &ServiceKey,
    id: Uuid,
    account: Uuid,
    ending: Ending,
    reasons: &str,
    now: jiff::Timestamp,
) -> Result<Deletion, sqlx::Error> {
    let deletion = Deletion {
        id,
        account: Some(account),
        pseudonym: keys::sha256(format!("settings-privacy-deletion:{account}:{id}").as_bytes()),
        ending,
        counts: std::collections::BTreeMap::new(),
        trouble: Trouble::default(),
        receipt: None,
    };
    let digest = token_digest(token(key, id).expose());
    rows::add(connection, &deletion, &digest, reasons).await?;
    letters::write(connection, &deletion, None, now).await?;
    Ok(deletion)
}

/// Lets something happen to an ending and keeps what comes of it. With the moment from which nothing can be taken back,
/// every session ends, and no copy is made any more. The owner is told of what they have to know.
pub async fn happens(
    connection: &mut Connection,
    deletion: &mut Deletion,
    event: Event,
    now: jiff::Timestamp,
) -> Result<Option<TooLate>, sqlx::Error> {
    let stepped = ending::step(deletion.ending, event, now);
    if stepped.ending == deletion.ending {
        return Ok(stepped.refused);
    }
    let becomes_final = matches!(deletion.ending, Ending::CoolingOff { .. })
        && matches!(stepped.ending, Ending::Finalising { .. });
    rows::put(connection, deletion.id, stepped.ending).await?;
    if let Some(account) = deletion.account.filter(|_| becomes_final) {
        close(connection, account, now).await?;
    }
    let before = std::mem::replace(&mut deletion.ending, stepped.ending);
    letters::write(connection, deletion, Some(before), now).await?;
    deletion.trouble = Trouble::default();
    Ok(stepped.refused)
}

/// Nobody is signed in to the account any more, and no copy of it is made.
pub async fn close(
    connection: &mut Connection,
    account: Uuid,
    now: jiff::Timestamp,
) -> Result<(), sqlx::Error> {
    sessions::end_all(connection, account, Ended::AccountEnds, now).await?;
    exports::revoke_all(connection, account, now).await
}

/// An ending as the person sees it: by the clock, whether or not anybody has acted on it yet.
pub async fn view(
    connection: &mut Connection,
    shared: &Shared,
    deletion: &Deletion,
) -> Result<api::Deletion, sqlx::Error> {
    let now = shared.now();
    let ending = ending::step(deletion.ending, Event::Time, now).ending;
    let (status, ended_at, step) = match ending {
        Ending::CoolingOff { .. } => (DeletionStatus::CoolingOff, None, None),
        Ending::Cancelled { at, .. } => (DeletionStatus::Cancelled, Some(at), None),
        Ending::Finalising { step, .. } => (DeletionStatus::Finalising, None, Some((step, step.place()))),
        Ending::Deleted { at, .. } => {
            let done = Some((Step::Receipt, Step::ALL.len()));
            (DeletionStatus::Deleted, Some(at), done)
        }
    };
    let progress = match step {
        Some((step, done)) => Some(progress(connection, deletion.id, step, done).await?),
        None => None,
    };
    Ok(api::Deletion {
        status,
        now,
        id: Some(deletion.id),
        requested_at: Some(ending.requested_at()),
        final_at: Some(ending.final_at()),
        ended_at,
        progress,
        deletion_token: None,
    })
}

/// The same with the token, for the account's own sessions, as long as it can be taken back.
pub async fn view_with_token(
    connection: &mut Connection,
    shared: &Shared,
    deletion: &Deletion,
) -> Result<api::Deletion, sqlx::Error> {
    let mut view = view(connection, shared, deletion).await?;
    view.deletion_token =
        (view.status == DeletionStatus::CoolingOff).then(|| token(&shared.key, deletion.id));
    Ok(view)
}

/// What somebody sees who never asked for an end.
pub fn none(shared: &Shared) -> api::Deletion {
    api::Deletion {
        status: DeletionStatus::None,
        now: shared.now(),
        id: None,
        requested_at: None,
        final_at: None,
        ended_at: None,
        progress: None,
        deletion_token: None,
    }
}

async fn progress(
    connection: &mut Connection,
    deletion: Uuid,
    step: Step,
    done: usize,
) -> Result<api::DeletionProgress, sqlx::Error> {
    let systems = erasures::of(connection, deletion).await?;
    let confirmed = systems
        .iter()
        .filter(|system| system.status == SystemStatus::Erased);
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(api::DeletionProgress {
        step: match step {
            Step::Ledger => api::DeletionStep::Ledger,
            Step::Exports => api::DeletionStep::Exports,
            Step::Files => api::DeletionStep::Files,
            Step::Records => api::DeletionStep::Records,
            Step::Scrubbing => api::DeletionStep::Scrubbing,
            Step::Downstream => api::DeletionStep::Downstream,
            Step::Receipt => api::DeletionStep::Receipt,
        },
        steps_done: count(done),
        steps_total: count(Step::ALL.len()),
        systems_done: count(confirmed.count()),
        systems_total: count(systems.len()),
    })
}
