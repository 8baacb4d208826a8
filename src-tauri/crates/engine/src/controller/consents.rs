//! Consents: recorded here first, then sent.

use jiff::Timestamp;
use settings_privacy_api as api;
use settings_privacy_core::consent::ConsentId;
use settings_privacy_core::data;
use settings_privacy_core::history::Change;
use uuid::Uuid;

use super::{Done, Engine, SyncState, lock};
use crate::error::EngineError;
use crate::store::{ConsentRow, KnownConsent};

impl Engine {
    /// Sets consents. They hold here at once and reach the service when it can be reached.
    ///
    /// # Errors
    /// When nobody is signed in, a consent can't be set so, or it can't be recorded; then none is set.
    pub async fn set_consents(&self, wishes: &[(ConsentId, bool)]) -> Result<Done, EngineError> {
        for (id, granted) in wishes {
            data::consents().check(id, *granted)?;
        }
        let account = lock(&self.shared.account).clone();
        let key = self.account_key(&account).ok_or_else(|| self.who_is_missing())?;
        let (standings, _) = self.consents(&key).await?;
        let now = Timestamp::now();
        let rows: Vec<ConsentRow> = wishes
            .iter()
            .filter_map(|(id, granted)| {
                let standing = standings.iter().find(|standing| &standing.consent.id == id)?;
                let held = matches!(standing.sync, SyncState::Synced | SyncState::Waiting);
                if held && standing.granted == *granted {
                    return None;
                }
                let change = Change::Consent {
                    consent: id.clone(),
                    from: standing.granted,
                    to: *granted,
                };
                Some(ConsentRow {
                    change,
                    consent: id.clone(),
                    body: body(id, *granted, now),
                })
            })
            .collect();
        let last = self.shared.store.queue_consents(&key, &rows, now).await?;
        if last.is_some() {
            self.changed();
            self.bring_record_to_disk();
            self.shared.outbox.notify_one();
        }
        Ok(Done {
            change: last,
            says: says(wishes),
        })
    }

    /// Takes a consent's change back: it is recorded, and sent like any other.
    pub(super) async fn take_back(
        &self,
        account: &str,
        undone: Uuid,
        id: &ConsentId,
        granted: bool,
    ) -> Result<(), EngineError> {
        let now = Timestamp::now();
        let store = &self.shared.store;
        store
            .queue_undo(account, undone, id, &body(id, granted, now), now)
            .await?;
        self.changed();
        self.bring_record_to_disk();
        self.shared.outbox.notify_one();
        Ok(())
    }

    pub(super) fn who_is_missing(&self) -> EngineError {
        let account = lock(&self.shared.account);
        match (&account.place, &account.signed) {
            (super::Place::None, _) => EngineError::NoAccount,
            (_, super::Signed::Locked(why)) => (*why).into(),
            (_, super::Signed::Out | super::Signed::In(_)) => EngineError::SignedOut,
        }
    }

    /// Keeps what the service said of one consent it was told of. Not of the others: the answer may be an old one,
    /// given again.
    pub(super) async fn learn_consent(
        &self,
        account: &str,
        change: &api::ConsentChange,
        told: &api::Consents,
    ) -> Result<(), EngineError> {
        let said = told.consents.iter().find(|state| state.id == change.id);
        let changed_at = said
            .filter(|said| said.granted == change.granted)
            .and_then(|said| said.changed_at);
        let known = KnownConsent {
            granted: change.granted,
            changed_at,
        };
        let id = ConsentId::new(change.id.clone());
        Ok(self.shared.store.keep_consent(account, &id, &known).await?)
    }

    /// Keeps what the service said of the consents.
    pub(super) async fn learn_consents(
        &self,
        account: &str,
        consents: &api::Consents,
    ) -> Result<(), EngineError> {
        let told = |state: &api::ConsentState| {
            let known = KnownConsent {
                granted: state.granted,
                changed_at: state.changed_at,
            };
            (ConsentId::new(state.id.clone()), known)
        };
        let known = consents.consents.iter().map(told).collect();
        self.shared.store.keep_consents(account, &known).await?;
        Ok(())
    }

    /// The service's own history of consents, newest first.
    ///
    /// # Errors
    /// When nobody is signed in or the service doesn't answer.
    pub async fn consent_history(&self) -> Result<Vec<api::ConsentEvent>, EngineError> {
        let account = lock(&self.shared.account).clone();
        let key = self.account_key(&account).ok_or_else(|| self.who_is_missing())?;
        let mut events = Vec::new();
        let mut after = None;
        loop {
            let page = self
                .with_token(&key, |client, token| async move {
                    client.consent_history(&token, after).await
                })
                .await?;
            events.extend(page.events);
            match page.next {
                Some(next) if after.is_none_or(|after| next > after) => after = Some(next),
                Some(_) | None => break,
            }
        }
        events.reverse();
        Ok(events)
    }
}

/// What is sent for a consent.
fn body(id: &ConsentId, granted: bool, decided_at: Timestamp) -> String {
    let change = api::ConsentChange {
        id: id.to_string(),
        granted,
        decided_at,
    };
    serde_json::to_string(&change).expect("a struct of plain fields serializes")
}

fn says(wishes: &[(ConsentId, bool)]) -> String {
    let name = |id: &ConsentId| {
        data::consents()
            .get(id)
            .map_or_else(|| id.to_string(), |consent| consent.name.clone())
    };
    match wishes {
        [(id, true)] => format!("“{}” is on.", name(id)),
        [(id, false)] => format!("“{}” is off.", name(id)),
        many if many.iter().all(|(_, granted)| !granted) => format!("{} consents are off.", many.len()),
        many => format!("{} consents are set.", many.len()),
    }
}
