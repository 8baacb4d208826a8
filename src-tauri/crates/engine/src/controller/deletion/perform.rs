//! Doing what `core::deletion` says, and saying what came of it.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use settings_privacy_api as api;
use settings_privacy_core::deletion::{
    Countdown, DeletionId, Effect, Keyed, Progress, Receipt, Reply, Seen, Waits,
};
use settings_privacy_core::export::{Bytes, Place as FilePlace, Sequence, WorkflowId};
use uuid::Uuid;

use super::super::{Engine, Place, lock};
use super::{ReceiptFault, receipt};
use crate::client::{CallError, Client};
use crate::error::EngineError;
use crate::store::DeletionRow;
use crate::wipe::save_receipt;

/// What the file system needs beyond what is there, at the least: a receipt is a few KiB.
const ROOM: Bytes = Bytes(64 << 10);

/// The keyring's entry that holds a deletion's own token.
pub(super) fn token_entry(id: WorkflowId) -> String {
    format!("deletion-{}", id.0)
}

/// The `Idempotency-Key` of an effect.
fn key(id: WorkflowId, sequence: Sequence) -> Uuid {
    Uuid::new_v5(&id.0, &sequence.0.to_be_bytes())
}

impl Engine {
    /// Does one effect.
    pub(super) async fn perform_deletion(&self, row: &DeletionRow, keyed: &Keyed) -> Reply {
        let id = row.deletion.workflow;
        let key = key(id, keyed.sequence);
        match &keyed.effect {
            Effect::Ask { asked } => self.ask_for_deletion(row, key, asked).await,
            Effect::Look { deletion } => self.look_at_deletion(row, deletion.as_ref()).await,
            Effect::CancelRemote { .. } => self.cancel_remotely(row, key).await,
            Effect::FetchReceipt { deletion } => self.fetch_receipt(row, deletion).await,
            Effect::KeepReceipt { receipt, to } => keep(receipt, to).await,
            Effect::Mark { kept } => self.mark(row, kept.clone()).await,
            Effect::Notify(notification) => {
                self.tell_of_deletion(id, notification).await;
                Reply::Done
            }
        }
    }

    async fn ask_for_deletion(
        &self,
        row: &DeletionRow,
        key: Uuid,
        asked: &settings_privacy_core::deletion::Asked,
    ) -> Reply {
        let id = row.deletion.workflow;
        let Some(code) = self.shared.ending.live(id, |live| live.code.clone()) else {
            return Reply::CodeGone;
        };
        let request = api::DeletionRequest {
            preflight: asked.preflight.clone(),
            code,
            reasons: asked.reasons.iter().filter_map(|word| reason(word)).collect(),
        };
        let began = Instant::now();
        let told = self
            .with_token(&row.deletion.account.0, |client, token| {
                let request = request.clone();
                async move { client.request_deletion(&token, key, &request).await }
            })
            .await;
        match told {
            Ok(told) => {
                self.learn_deletion(id, &told, began).await;
                seen(&told).map_or_else(unanswered, Reply::Seen)
            }
            Err(EngineError::Call(CallError::Problem { problem, .. }))
                if problem.code == api::Code::CodeWrong =>
            {
                Reply::CodeRefused {
                    wrong: Some(problem.attempts_left),
                }
            }
            Err(EngineError::Call(error)) if error.code() == Some(api::Code::CodeExpired) => {
                Reply::CodeRefused { wrong: None }
            }
            Err(error) => reply_of(&error),
        }
    }

    /// By the deletion's own token, which outlives every session; else by the account's.
    async fn look_at_deletion(&self, row: &DeletionRow, deletion: Option<&DeletionId>) -> Reply {
        let id = row.deletion.workflow;
        let began = Instant::now();
        let by_token = match deletion {
            Some(_) => {
                self.with_deletion_token(row, |client, token| async move { client.deletion(&token).await })
            }
            None => return self.look_by_session(row, began).await,
        };
        match by_token.await {
            Some(Ok(told)) => {
                self.learn_deletion(id, &told, began).await;
                seen(&told).map_or_else(unanswered, Reply::Seen)
            }
            Some(Err(error)) if !is_unauthenticated(&error) => reply_of(&error),
            Some(Err(_)) | None => self.look_by_session(row, began).await,
        }
    }

    async fn look_by_session(&self, row: &DeletionRow, began: Instant) -> Reply {
        let account = &row.deletion.account.0;
        let told = self
            .with_token(
                account,
                |client, token| async move { client.deletion(&token).await },
            )
            .await;
        match told {
            Ok(told) => {
                self.learn_deletion(row.deletion.workflow, &told, began).await;
                seen(&told).map_or_else(unanswered, Reply::Seen)
            }
            Err(error) => reply_of(&error),
        }
    }

    async fn cancel_remotely(&self, row: &DeletionRow, key: Uuid) -> Reply {
        let by_token = self
            .with_deletion_token(row, |client, token| async move {
                client.cancel_deletion(&token, key).await
            })
            .await;
        let told = match by_token {
            Some(Err(error)) if is_unauthenticated(&error) => None,
            by_token => by_token,
        };
        let told = match told {
            Some(told) => told,
            None => {
                let account = &row.deletion.account.0;
                self.with_token(account, |client, token| async move {
                    client.cancel_deletion(&token, key).await
                })
                .await
            }
        };
        match told {
            Ok(_) => Reply::Cancelled,
            Err(EngineError::Call(error)) if error.code() == Some(api::Code::DeletionFinal) => Reply::TooLate,
            Err(error) => reply_of(&error),
        }
    }

    async fn fetch_receipt(&self, row: &DeletionRow, deletion: &DeletionId) -> Reply {
        let told = self
            .with_deletion_token(row, |client, token| async move {
                client.deletion_receipt(&token).await
            })
            .await;
        let jws = match told {
            Some(Ok(jws)) => jws.trim().to_owned(),
            Some(Err(EngineError::Call(error))) if error.code() == Some(api::Code::DeletionNotComplete) => {
                return unanswered();
            }
            Some(Err(error)) => return reply_of(&error),
            None => return Reply::Waits(Waits::SignIn),
        };
        let keys = match self.receipt_keys(&row.place, Some(&row.deletion.keys)).await {
            Ok(keys) => keys,
            Err(error) => return reply_of(&error),
        };
        let checked = receipt::check(&jws, &keys).and_then(|checked| {
            match receipt::is_for(&checked.says, &row.deletion.account.0, &deletion.0) {
                true => Ok(()),
                false => Err(ReceiptFault::OfAnother),
            }
        });
        match checked {
            Ok(()) => Reply::Receipt(Receipt(jws)),
            Err(fault) => Reply::NotGenuine {
                code: fault.code().to_owned(),
                message: fault.to_string(),
            },
        }
    }

    /// Calls the service with the deletion's own token; `None` without one.
    async fn with_deletion_token<T, Answer>(
        &self,
        row: &DeletionRow,
        call: impl FnOnce(Client, api::Token) -> Answer,
    ) -> Option<Result<T, EngineError>>
    where
        Answer: Future<Output = Result<T, CallError>>,
    {
        let token = self.deletion_token(row.deletion.workflow).await?;
        let client = match self.deletion_client(&row.place).await {
            Ok(client) => client,
            Err(error) => return Some(Err(error)),
        };
        let outcome = call(client, token).await;
        if row.place == lock(&self.shared.account).place.key() {
            self.heard(&outcome);
        }
        Some(outcome.map_err(EngineError::from))
    }

    async fn deletion_token(&self, id: WorkflowId) -> Option<api::Token> {
        if let Some(token) = self.shared.ending.live(id, |live| live.token.clone()) {
            return Some(token);
        }
        let kept = self.shared.keyring.get(&token_entry(id)).await.ok()??;
        Some(api::Token::new(kept.expose_secret()))
    }

    /// The service's client where an account lives, whichever account is chosen now.
    pub(super) async fn deletion_client(&self, place: &str) -> Result<Client, EngineError> {
        if place == lock(&self.shared.account).place.key()
            && let Some(client) = self.shared.session.lock().await.client.clone()
        {
            return Ok(client);
        }
        let (client, _) = self.reach(&Place::of_key(place)).await?;
        client.ok_or(EngineError::NoAccount)
    }

    /// Keeps the deletion's own token, and by how much the clocks differ. Both before what was told is recorded.
    pub(super) async fn learn_deletion(&self, id: WorkflowId, told: &api::Deletion, began: Instant) {
        if let Some(until) = told.final_at {
            let countdown = Countdown {
                until,
                told: told.now,
            };
            self.shared
                .ending
                .live(id, |live| live.told = Some((began, countdown)));
        }
        let Some(token) = &told.deletion_token else { return };
        if self
            .deletion_token(id)
            .await
            .is_some_and(|known| known.expose() == token.expose())
        {
            return;
        }
        let secret = SecretString::from(token.expose().to_owned());
        if let Err(error) = self.shared.keyring.set(&token_entry(id), secret).await {
            tracing::info!(%error, "the deletion's token is kept in memory only");
        }
        self.shared
            .ending
            .live(id, |live| live.token = Some(token.clone()));
    }
}

async fn keep(receipt: &Receipt, to: &FilePlace) -> Reply {
    let (jws, path) = (receipt.0.clone(), PathBuf::from(&to.0));
    let saved = tokio::task::spawn_blocking(move || save_receipt(&jws, &path)).await;
    match saved {
        Ok(Ok(path)) => Reply::Kept {
            path: FilePlace(path.to_string_lossy().into_owned()),
        },
        Ok(Err(error)) if is_full(&error) => Reply::Waits(Waits::Room { missing: ROOM }),
        Ok(Err(_)) => Reply::Waits(Waits::Place),
        Err(_) => unanswered(),
    }
}

/// Whether a disk has no room, or its owner's share is used up.
pub(super) fn is_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

pub(super) fn unanswered() -> Reply {
    Reply::Unanswered {
        retry_after: None,
        dice: rand::random(),
    }
}

fn is_unauthenticated(error: &EngineError) -> bool {
    matches!(error, EngineError::Call(error) if error.code() == Some(api::Code::Unauthenticated))
}

/// What an error means for the effect that met it.
fn reply_of(error: &EngineError) -> Reply {
    let EngineError::Call(call) = error else {
        return match error.code() {
            "signed-out" | "no-account" => Reply::Waits(Waits::SignIn),
            // The keyring may be unlocked, the disk have room again: nobody refused anything.
            _ => Reply::Unanswered {
                retry_after: Some(Duration::from_secs(60)),
                dice: rand::random(),
            },
        };
    };
    let refused = || Reply::Refused {
        code: call.code().map_or("refused", api::Code::as_str).to_owned(),
        message: call.to_string(),
    };
    match (call, call.code()) {
        (_, Some(api::Code::Unauthenticated | api::Code::SessionRevoked)) => Reply::Waits(Waits::SignIn),
        // Conflicts that don't pass by themselves.
        (
            _,
            Some(
                api::Code::DeletionBlocked
                | api::Code::DeletionPreflightStale
                | api::Code::DeletionFinal
                | api::Code::DeletionNotRequested,
            ),
        ) => refused(),
        (CallError::Problem { retry_after, .. }, _) if call.is_passing() => Reply::Unanswered {
            retry_after: *retry_after,
            dice: rand::random(),
        },
        _ if call.is_passing() => unanswered(),
        _ => refused(),
    }
}

/// What the service says, as `core` understands it; `None` where this version doesn't.
pub(super) fn seen(told: &api::Deletion) -> Option<Seen> {
    let deletion = told.id.map(|id| DeletionId(id.to_string()));
    Some(match told.status {
        api::DeletionStatus::None => Seen::Nothing,
        api::DeletionStatus::CoolingOff => Seen::CoolingOff {
            deletion: deletion?,
            until: told.final_at?,
            now: told.now,
        },
        api::DeletionStatus::Cancelled => Seen::Cancelled { deletion: deletion? },
        api::DeletionStatus::Finalising => Seen::Finalising {
            deletion: deletion?,
            progress: told.progress.as_ref().map(progress).unwrap_or_default(),
            look_again: None,
        },
        api::DeletionStatus::Deleted => Seen::Deleted { deletion: deletion? },
        api::DeletionStatus::Unknown => return None,
    })
}

fn progress(told: &api::DeletionProgress) -> Progress {
    Progress {
        done: told.steps_done,
        of: told.steps_total,
    }
}

/// A reason as it is recorded.
pub(super) fn word(reason: &api::DeletionReason) -> String {
    let value = serde_json::to_value(reason).ok();
    value
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn reason(word: &str) -> Option<api::DeletionReason> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}
