//! Sends what waits, one after the other, as `core::outbox` decides.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use settings_privacy_api as api;
use settings_privacy_core::outbox::{self, Next, Outcome, State, Turn, Waiting};
use settings_privacy_core::permission::Effective;

use super::{DeviceState, Engine, OutboxState, Signed, lock};
use crate::client::{CallError, TransportError};
use crate::error::EngineError;
use crate::store::{OutboxRow, Target};

/// How long what is new is gathered before it is sent.
pub(super) const GATHERING: Duration = Duration::from_millis(30);

/// The setting that holds until when the service asked to wait, and whom.
pub(super) const NOT_BEFORE: &str = "outbox.not-before";

impl Engine {
    /// Sends what is due, whenever something is, until the engine is closed.
    pub(super) async fn run_outbox(&self) {
        loop {
            let next = match self.send_due().await {
                Ok(next) => next,
                Err(error) => {
                    tracing::warn!(code = error.code(), "the outbox rests");
                    Some(Timestamp::now() + Duration::from_secs(60))
                }
            };
            let news = self.shared.outbox.notified();
            match next {
                Some(at) => {
                    let wait = at
                        .duration_since(Timestamp::now())
                        .max(jiff::SignedDuration::ZERO);
                    if tokio::time::timeout(wait.unsigned_abs(), news).await.is_err() {
                        // The ordinary end of a wait: something is due.
                        continue;
                    }
                }
                None => news.await,
            }
            // Whoever switched something has the answer first, and what is switched at once leaves as one.
            tokio::time::sleep(GATHERING).await;
        }
    }

    /// Sends everything that waits, once, whatever its time: for a face that ends afterwards.
    ///
    /// # Errors
    /// When the program's own database fails.
    pub async fn flush(&self) -> Result<OutboxState, EngineError> {
        let account = lock(&self.shared.account).clone();
        if let Some(key) = self.account_key(&account) {
            self.shared.store.hurry_outbox(&key, Timestamp::now()).await?;
            self.send_due().await?;
        }
        Ok(self.state().await?.outbox)
    }

    /// Sends what is due; says when the next is. Stops at the first that isn't answered: the others would fare no
    /// better.
    async fn send_due(&self) -> Result<Option<Timestamp>, EngineError> {
        loop {
            let account = lock(&self.shared.account).clone();
            let Some(key) = self.account_key(&account) else {
                return Ok(None);
            };
            let rows = self.shared.store.outbox(&key).await?;
            let targets: Vec<String> = rows.iter().map(|row| row.target.text()).collect();
            let waiting: Vec<Waiting<'_>> = rows
                .iter()
                .zip(&targets)
                .map(|(row, target)| Waiting {
                    target,
                    state: &row.state,
                    next_at: row.next_at,
                })
                .collect();
            let not_before = self.not_before(&key).await?;
            let place = match outbox::turn(&waiting, not_before, Timestamp::now()) {
                Turn::Send(place) => place,
                Turn::Wait(at) => return Ok(Some(at)),
                Turn::Rest => return Ok(None),
            };
            match self.send(&key, &rows[place]).await? {
                Next::Done | Next::Wedge { .. } => {}
                Next::RetryAt(at) => return Ok(Some(at)),
                Next::WaitForSignIn => return Ok(None),
            }
        }
    }

    /// Until when the service asked an account to wait. Kept, so that starting anew doesn't shorten it.
    async fn not_before(&self, account: &str) -> Result<Option<Timestamp>, EngineError> {
        let kept = self.shared.store.setting(NOT_BEFORE).await?;
        let (whose, until) = kept
            .as_deref()
            .and_then(|kept| kept.split_once(' '))
            .unwrap_or_default();
        Ok((whose == account).then(|| until.parse().ok()).flatten())
    }

    async fn send(&self, account: &str, row: &OutboxRow) -> Result<Next, EngineError> {
        let store = &self.shared.store;
        let body = match (&row.state, &row.target) {
            // Sent before: the same again, under the same key.
            (State::Sending, _) | (_, Target::Consent(_)) => row.body.clone(),
            (_, Target::DevicePermissions) => match self.report() {
                Some(report) => serde_json::to_string(&report).map_err(|_| CallError::NotUnderstood)?,
                None => {
                    store.remove_outbox(row.id).await?;
                    return Ok(Next::Done);
                }
            },
        };
        let sent_before = row.state == State::Sending;
        // Without a token nothing leaves, and what hasn't left can still become one with a later change.
        let ready = match sent_before {
            true => Ok(()),
            false => self.token(account, false).await.map(drop),
        };
        let told = match ready {
            Ok(()) => {
                if !store.mark_sending(row.id, &body).await? {
                    // A newer change took its place while the token was fetched; that one goes instead.
                    return Ok(Next::Done);
                }
                // What leaves must be known to have left, whatever happens to this computer now.
                store.durable().await?;
                self.exchange(account, row, &body)
                    .await
                    .map_err(|error| (never_left(&error), error))
            }
            Err(error) => Err((true, error)),
        };
        let (never_left, outcome) = match told {
            Ok(()) => (false, Outcome::Accepted),
            Err((never_left, error)) => (never_left && !sent_before, outcome_of(error)?),
        };
        let attempts = row.attempts.saturating_add(1);
        let asked = matches!(outcome, Outcome::Unanswered { retry_after: Some(_) });
        let next = outbox::after(outcome, attempts, Timestamp::now(), rand::random());
        if let (true, Next::RetryAt(at)) = (asked, &next) {
            store
                .set_setting(NOT_BEFORE, Some(&format!("{account} {at}")))
                .await?;
        }
        match &next {
            Next::Done => store.remove_outbox(row.id).await?,
            Next::RetryAt(at) if never_left => store.put_back_outbox(row.id, attempts, *at).await?,
            Next::RetryAt(at) => store.retry_outbox(row.id, *at).await?,
            Next::WaitForSignIn => {}
            Next::Wedge { code, reason } => store.wedge_outbox(row.id, code, reason).await?,
        }
        self.changed();
        Ok(next)
    }

    async fn exchange(&self, account: &str, row: &OutboxRow, body: &str) -> Result<(), EngineError> {
        let key = row.key;
        match &row.target {
            Target::Consent(_) => {
                let change: api::ConsentChange =
                    serde_json::from_str(body).map_err(|_| CallError::NotUnderstood)?;
                let update = api::ConsentsUpdate {
                    changes: vec![change.clone()],
                };
                let _talking = self.shared.talking.lock().await;
                let told = self
                    .with_token(account, |client, token| {
                        let update = update.clone();
                        async move { client.put_consents(&token, key, &update).await }
                    })
                    .await?;
                self.learn_consent(account, &change, &told).await
            }
            Target::DevicePermissions => {
                let update: api::DevicePermissionsUpdate =
                    serde_json::from_str(body).map_err(|_| CallError::NotUnderstood)?;
                let device = self.device_id().await?;
                self.with_token(account, |client, token| {
                    let update = update.clone();
                    async move { client.put_device_permissions(&token, key, device, &update).await }
                })
                .await?;
                let digest = states(&update);
                Ok(self
                    .shared
                    .store
                    .set_setting("report.sent", Some(&digest))
                    .await?)
            }
        }
    }

    /// Queues a report of this computer's permissions, if it says anything new and somebody is signed in.
    pub(super) async fn report_device(&self, device: &DeviceState) {
        let signed = lock(&self.shared.account).signed.clone();
        let Signed::In(summary) = signed else { return };
        let new = states(&report_of(device));
        let work = async {
            let store = &self.shared.store;
            if store.setting("report.sent").await?.as_deref() == Some(&new) {
                return Ok(());
            }
            store
                .queue_report(&summary.id.to_string(), Timestamp::now())
                .await?;
            self.shared.outbox.notify_one();
            Ok::<_, EngineError>(())
        };
        if let Err(error) = work.await {
            tracing::warn!(code = error.code(), "this computer's permissions aren't reported");
        }
    }

    fn report(&self) -> Option<api::DevicePermissionsUpdate> {
        lock(&self.shared.device).as_ref().map(report_of)
    }

    /// Tries a refused change once more.
    ///
    /// # Errors
    /// When it isn't there any more.
    pub async fn retry_refused(&self, id: i64) -> Result<(), EngineError> {
        self.refused(id).await?;
        self.shared.store.unwedge_outbox(id, Timestamp::now()).await?;
        self.changed();
        self.shared.outbox.notify_one();
        Ok(())
    }

    /// Lets a refused change go: what the service has is shown again.
    ///
    /// # Errors
    /// When it isn't there any more.
    pub async fn discard_refused(&self, id: i64) -> Result<(), EngineError> {
        self.refused(id).await?;
        self.shared.store.remove_outbox(id).await?;
        self.changed();
        Ok(())
    }

    async fn refused(&self, id: i64) -> Result<(), EngineError> {
        let account = lock(&self.shared.account).clone();
        let key = self.account_key(&account).ok_or_else(|| self.who_is_missing())?;
        let rows = self.shared.store.outbox(&key).await?;
        let there = rows
            .iter()
            .any(|row| row.id == id && matches!(row.state, State::Wedged { .. }));
        if there {
            Ok(())
        } else {
            Err(EngineError::NotWaiting)
        }
    }
}

/// Whether it is certain that nothing reached the service.
fn never_left(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::Call(CallError::Transport(
            TransportError::Unreachable | TransportError::NotTrusted
        ))
    )
}

/// What an error means for the change that met it. Errors of this computer's own end the round.
fn outcome_of(error: EngineError) -> Result<Outcome, EngineError> {
    match error {
        EngineError::SignedOut | EngineError::NoAccount => Ok(Outcome::NeedsSignIn),
        EngineError::Secret(_) => Ok(Outcome::Unanswered {
            retry_after: Some(Duration::from_secs(60)),
        }),
        EngineError::Call(ref call) if call.is_passing() => {
            let retry_after = match call {
                CallError::Problem { retry_after, .. } => *retry_after,
                CallError::Transport(_) | CallError::NotUnderstood => None,
            };
            Ok(Outcome::Unanswered { retry_after })
        }
        EngineError::Call(error) => {
            let code = error.code().map_or("refused", api::Code::as_str).to_owned();
            Ok(Outcome::Refused {
                code,
                reason: error.to_string(),
            })
        }
        EngineError::Permission(_)
        | EngineError::Consent(_)
        | EngineError::Device(_)
        | EngineError::Clear(_)
        | EngineError::Rule(_)
        | EngineError::Partly { .. }
        | EngineError::NoSuchProfile
        | EngineError::NoSuchBackup
        | EngineError::BrowserNotOpened
        | EngineError::Address(_)
        | EngineError::Store(_)
        | EngineError::Host(_)
        | EngineError::NothingToUndo
        | EngineError::OtherAccount
        | EngineError::NoSuchExport
        | EngineError::ExportUnderWay
        | EngineError::ExportsElsewhere
        | EngineError::NoPlace(_)
        | EngineError::Archive(_)
        | EngineError::Deletion(_)
        | EngineError::Stopped
        | EngineError::NotWaiting
        | EngineError::Request(_)
        | EngineError::Letter(_)
        | EngineError::Mail(_)
        | EngineError::NoSuchRequest
        | EngineError::NothingDue => Err(error),
    }
}

fn report_of(device: &DeviceState) -> api::DevicePermissionsUpdate {
    let row = |standing: &settings_privacy_core::permission::Standing| {
        let state = match standing.effective {
            Effective::Allowed => api::PermissionState::Allowed,
            Effective::Denied => api::PermissionState::Denied,
            Effective::Asks => api::PermissionState::Asks,
            Effective::NotRequested => api::PermissionState::NotRequested,
            Effective::NotEnforced => api::PermissionState::NotEnforced,
            Effective::Unknown => api::PermissionState::Unknown,
        };
        let seen = api::DevicePermission {
            state,
            observed_at: device.observed_at,
        };
        (standing.permission.to_string(), seen)
    };
    api::DevicePermissionsUpdate {
        permissions: device.standings.iter().map(row).collect(),
    }
}

/// The states alone, without times: to tell whether there is anything new to report.
fn states(report: &api::DevicePermissionsUpdate) -> String {
    let words: BTreeMap<&String, api::PermissionState> = report
        .permissions
        .iter()
        .map(|(id, seen)| (id, seen.state))
        .collect();
    serde_json::to_string(&words).unwrap_or_default()
}
