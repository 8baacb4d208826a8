//! Does what a step asks for, and says what came of it.

use std::time::Duration;

use jiff::Timestamp;
use settings_privacy_api as api;
use settings_privacy_core::archive::Sha256;
use settings_privacy_core::export::{
    AccountId, Asked, Bytes, CodeRefusal, Effect, Export, ExportId, Progress, Reply, Seen, Sequence, Waits,
};
use uuid::Uuid;

use super::super::Engine;
use super::fetch::Wanted;
use super::moving::Moved;
use crate::client::CallError;
use crate::error::EngineError;

/// A keyring that is locked, or a database that is busy, is tried again after this.
const HERE: Duration = Duration::from_secs(60);

impl Engine {
    pub(super) async fn perform(&self, export: &Export, sequence: Sequence, effect: Effect) -> Reply {
        let account = &export.account;
        let key = Uuid::new_v5(&export.workflow.0, sequence.0.to_string().as_bytes());
        match effect {
            Effect::Submit { asked } => self.submit(export, key, asked).await,
            Effect::Look { export: id } => self.look(export, &id).await,
            Effect::RetryRemote { export: id } => {
                let told = self
                    .with_token(&account.0, |client, token| {
                        let id = id.clone();
                        async move { client.retry_export(&token, key, &id.0).await }
                    })
                    .await;
                match told {
                    Ok(_) => Reply::Accepted { export: id },
                    // It isn't failed any more: that is what was wanted.
                    Err(error) if code_of(&error) == Some(api::Code::ExportNotFailed) => {
                        Reply::Accepted { export: id }
                    }
                    Err(error) => trouble(error),
                }
            }
            Effect::CancelRemote { export: id } => {
                let told = self
                    .with_token(&account.0, |client, token| {
                        let id = id.clone();
                        async move { client.cancel_export(&token, key, &id.0).await }
                    })
                    .await;
                match told {
                    Ok(_) => Reply::Done,
                    Err(error) => match code_of(&error) {
                        Some(api::Code::NotFound | api::Code::ExportExpired | api::Code::ExportRevoked) => {
                            Reply::Done
                        }
                        Some(_) | None => trouble(error),
                    },
                }
            }
            Effect::Fetch {
                export: id,
                etag,
                from,
                size,
                to,
            } => {
                let wanted = Wanted {
                    id,
                    etag,
                    from,
                    size,
                    to,
                };
                self.fetch(export, sequence, &wanted).await
            }
            Effect::Move {
                from,
                to,
                bytes,
                made,
            } => {
                let wanted = Moved {
                    from,
                    to,
                    bytes,
                    made,
                };
                self.move_part(export, sequence, &wanted).await
            }
            Effect::Verify { size, digest, to } => self.check(export, size, digest, &to).await,
            Effect::Keep { to } => self.put_in_place(export, &to).await,
            Effect::Seal { path } => self.seal(export, &path).await,
            Effect::Quarantine { to } => self.set_aside(export, &to).await,
            Effect::Discard { to } => self.discard(export, &to).await,
            Effect::Notify(notification) => self.tell(export, &notification).await,
        }
    }

    async fn submit(&self, export: &Export, key: Uuid, asked: Asked) -> Reply {
        let desk = &self.shared.exporting;
        let Some(code) = desk.live(export.workflow, |live| live.code.clone()) else {
            return self.has_arrived(export, key).await;
        };
        let request = api::ExportRequest {
            categories: asked.categories.iter().map(|id| id.as_str().to_owned()).collect(),
            period: asked.period.map(|period| api::ExportPeriod {
                from: period.from,
                to: period.to,
            }),
            format: api::ExportFormat::Bag1,
            regime: asked.regime.as_str().to_owned(),
            code,
        };
        let told = self
            .with_token(&export.account.0, |client, token| {
                let request = request.clone();
                async move { client.request_export(&token, key, &request).await }
            })
            .await;
        let forget_code = || desk.live(export.workflow, |live| live.code = None);
        match told {
            Ok(told) => {
                forget_code();
                let id = ExportId(told.id.to_string());
                desk.live(export.workflow, |live| live.seen = Some(told));
                Reply::Accepted { export: id }
            }
            Err(error) => match code_of(&error) {
                Some(api::Code::CodeWrong) => {
                    forget_code();
                    Reply::CodeRefused(CodeRefusal::Wrong {
                        attempts_left: attempts_left(&error),
                    })
                }
                Some(api::Code::CodeExpired) => {
                    forget_code();
                    Reply::CodeRefused(CodeRefusal::Expired)
                }
                // An earlier try arrived, with another code.
                Some(api::Code::IdempotencyKeyReused) => self.has_arrived(export, key).await,
                Some(_) | None => {
                    let reply = trouble(error);
                    if let Reply::Refused { .. } = reply {
                        forget_code();
                    }
                    reply
                }
            },
        }
    }

    /// Without a code nothing can be asked for: but an earlier try may have arrived, and its answer been lost.
    async fn has_arrived(&self, export: &Export, key: Uuid) -> Reply {
        let Ok(account) = export.account.0.parse() else {
            return Reply::Waits(Waits::Code { refused: None });
        };
        let id = ExportId(api::export_id(account, key).to_string());
        match self.ask(&export.account, &id).await {
            Ok(_) => Reply::Accepted { export: id },
            Err(error) if code_of(&error) == Some(api::Code::NotFound) => {
                Reply::Waits(Waits::Code { refused: None })
            }
            Err(error) => trouble(error),
        }
    }

    async fn look(&self, export: &Export, id: &ExportId) -> Reply {
        match self.ask(&export.account, id).await {
            Ok(told) => {
                let seen = seen(&told, Timestamp::now());
                self.shared
                    .exporting
                    .live(export.workflow, |live| live.seen = Some(told));
                self.shared.exporting.moved();
                match seen {
                    Some(seen) => Reply::Seen(seen),
                    None => trouble(CallError::NotUnderstood.into()),
                }
            }
            Err(error) if code_of(&error) == Some(api::Code::NotFound) => Reply::Seen(Seen::Gone),
            Err(error) => trouble(error),
        }
    }

    async fn ask(&self, account: &AccountId, id: &ExportId) -> Result<api::Export, EngineError> {
        self.with_token(&account.0, |client, token| async move {
            client.export(&token, &id.0).await
        })
        .await
    }
}

/// What the service's answer means; `None` when it isn't one.
fn seen(told: &api::Export, now: Timestamp) -> Option<Seen> {
    Some(match (told.status, &told.archive, &told.failure) {
        (api::ExportStatus::Fulfilled, Some(archive), _) => Seen::Ready {
            size: Bytes(archive.bytes),
            digest: archive.sha256.parse::<Sha256>().ok()?,
            etag: archive.etag.clone(),
            expires: archive.expires_at,
        },
        (api::ExportStatus::Fulfilled, None, _) => return None,
        (api::ExportStatus::Failed, _, Some(failure)) => Seen::Failed {
            code: match failure.code {
                api::ExportFailureCode::NoSpace => "service-no-space",
                api::ExportFailureCode::Storage => "service-storage",
                api::ExportFailureCode::Unknown => "service-failed",
            }
            .to_owned(),
            message: failure.says.clone(),
            retryable: failure.retryable,
        },
        (api::ExportStatus::Failed, _, None) => return None,
        (api::ExportStatus::Expired, _, _) => Seen::Expired,
        (api::ExportStatus::Revoked, _, _) => Seen::Gone,
        (api::ExportStatus::Open | api::ExportStatus::InProgress | api::ExportStatus::Unknown, _, _) => {
            let sum = |of: fn(&api::ExportCategory) -> u64| {
                told.categories.iter().map(of).fold(0, u64::saturating_add)
            };
            Seen::Preparing {
                progress: Progress {
                    items: sum(|category| category.items_done),
                    of: Some(sum(|category| category.items_total)),
                    bytes: Bytes(sum(|category| category.bytes_done)),
                },
                look_again: Some(look_again(told.requested_at, told.updated_at, now)),
            }
        }
    })
}

/// What is small is ready at once, what is large takes its time. By the service's clock, as far as its answer shows it.
fn look_again(requested_at: Timestamp, updated_at: Timestamp, now: Timestamp) -> Duration {
    let shown = updated_at.duration_since(requested_at);
    let here = now.duration_since(requested_at);
    match shown.max(here).as_secs() {
        ..10 => Duration::from_millis(500),
        10..60 => Duration::from_secs(2),
        _ => Duration::from_secs(5),
    }
}

pub(super) fn code_of(error: &EngineError) -> Option<api::Code> {
    let EngineError::Call(error) = error else {
        return None;
    };
    error.code()
}

fn attempts_left(error: &EngineError) -> Option<u32> {
    let EngineError::Call(CallError::Problem { problem, .. }) = error else {
        return None;
    };
    problem.attempts_left
}

pub(super) fn unanswered(retry_after: Option<Duration>) -> Reply {
    Reply::Unanswered {
        retry_after,
        dice: rand::random(),
    }
}

/// What an error means for the effect that met it.
pub(super) fn trouble(error: EngineError) -> Reply {
    if let EngineError::SignedOut | EngineError::NoAccount | EngineError::OtherAccount = error {
        return Reply::Waits(Waits::SignIn);
    }
    if let EngineError::Secret(_) | EngineError::Store(_) = error {
        return unanswered(Some(HERE));
    }
    // They pass some day, but not by asking again and again.
    let person_decides = [api::Code::ExportLimitReached, api::Code::ExportInProgress].map(Some);
    let signed_out = [api::Code::Unauthenticated, api::Code::SessionRevoked].map(Some);
    match (&error, code_of(&error)) {
        (EngineError::Call(call), code) if call.is_passing() && !person_decides.contains(&code) => {
            let CallError::Problem { retry_after, .. } = call else {
                return unanswered(None);
            };
            unanswered(*retry_after)
        }
        (_, code) if signed_out.contains(&code) => Reply::Waits(Waits::SignIn),
        (_, _) => Reply::Refused {
            code: error.code().to_owned(),
            message: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: api::ExportStatus) -> api::Export {
        api::Export {
            id: Uuid::nil(),
            status,
            regime: "general".to_owned(),
            format: api::ExportFormat::Bag1,
            period: None,
            categories: Vec::new(),
            requested_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            left_out: 0,
            archive: None,
            failure: None,
            next_allowed_at: None,
        }
    }

    #[test]
    fn every_word_of_the_service_has_its_meaning() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(seen(&told(api::ExportStatus::Expired), now), Some(Seen::Expired));
        assert_eq!(seen(&told(api::ExportStatus::Revoked), now), Some(Seen::Gone));
        for status in [
            api::ExportStatus::Open,
            api::ExportStatus::InProgress,
            api::ExportStatus::Unknown,
        ] {
            assert!(matches!(seen(&told(status), now), Some(Seen::Preparing { .. })));
        }
        for status in [api::ExportStatus::Fulfilled, api::ExportStatus::Failed] {
            assert_eq!(seen(&told(status), now), None, "without what belongs to it");
        }
        let mut ready = told(api::ExportStatus::Fulfilled);
        ready.archive = Some(api::ExportArchive {
            bytes: 7,
            sha256: "ab".repeat(32),
            etag: "\"t\"".to_owned(),
            ready_at: now,
            expires_at: now,
        });
        assert!(matches!(
            seen(&ready, now),
            Some(Seen::Ready { size: Bytes(7), .. })
        ));
        if let Some(archive) = &mut ready.archive {
            archive.sha256 = "no digest".to_owned();
        }
        assert_eq!(seen(&ready, now), None);
    }

    #[test]
    fn what_only_the_person_can_change_is_not_tried_again_and_again() {
        let problem = |code, status| {
            let problem = Box::new(api::Problem::new(code, status, "No."));
            EngineError::Call(CallError::Problem {
                problem,
                retry_after: None,
            })
        };
        for (code, status) in [
            (api::Code::ExportLimitReached, 429),
            (api::Code::ExportInProgress, 409),
            (api::Code::Forbidden, 403),
        ] {
            assert!(matches!(trouble(problem(code, status)), Reply::Refused { .. }));
        }
        assert!(matches!(
            trouble(problem(api::Code::Unavailable, 503)),
            Reply::Unanswered { .. }
        ));
        assert_eq!(
            trouble(problem(api::Code::Unauthenticated, 401)),
            Reply::Waits(Waits::SignIn)
        );
    }
}
