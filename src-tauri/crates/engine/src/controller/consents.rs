//! Consents: recorded here first, then sent.

use jiff::Timestamp;
use settings_privacy_api as api;
use settings_privacy_core::consent::ConsentId;
use settings_privacy_core::data;
use settings_privacy_core::history::Change;
use uuid::Uuid;

use super::{Done, Engine, SyncState, lock};
use crate::error::EngineError;
use crate::secrets::SecretError;
use crate::store::KnownConsent;

impl Engine {
    /// Sets consents. They hold here at once and reach the service when it can be reached.
    ///
    /// # Errors
    /// When nobody is signed in, a consent can't be set so, or it can't be recorded; then none is set.
    pub async fn set_consents(&self, wishes: &[(ConsentId, bool)]) -> Result<Done, EngineError> {
        for (id, granted) in wishes {
            data::consents().check(id, *granted)?;
        }
        let state = self.state().await?;
        let key = self
            .account_key(&state.account)
            .ok_or_else(|| self.who_is_missing())?;
        let mut last = None;
        for (id, granted) in wishes {
            let standing = state.consents.iter().find(|standing| &standing.consent.id == id);
            let same = |s: &&super::ConsentStanding| {
                s.granted == *granted && matches!(s.sync, SyncState::Synced | SyncState::Waiting)
            };
            if standing.filter(same).is_some() {
                continue;
            }
            let from = standing.is_some_and(|standing| standing.granted);
            let change = Change::Consent {
                consent: id.clone(),
                from,
                to: *granted,
            };
            last = Some(self.queue(&key, &change, id, *granted, None).await?);
        }
        if last.is_some() {
            self.changed();
            self.shared.outbox.notify_one();
        }
        Ok(Done {
            change: last,
            says: says(wishes),
        })
    }

    pub(super) async fn queue(
        &self,
        account: &str,
        change: &Change,
        id: &ConsentId,
        granted: bool,
        undoes: Option<Uuid>,
    ) -> Result<Uuid, EngineError> {
        let now = Timestamp::now();
        let body = api::ConsentChange {
            id: id.to_string(),
            granted,
            decided_at: now,
        };
        let body = serde_json::to_string(&body).expect("a struct of plain fields serializes");
        Ok(self
            .shared
            .store
            .queue_consent(account, change, id, &body, now, undoes)
            .await?)
    }

    /// Why there is no account to act for.
    pub(super) fn who_is_missing(&self) -> EngineError {
        let account = lock(&self.shared.account);
        match (&account.place, &account.signed) {
            (super::Place::None, _) => EngineError::NoAccount,
            (_, super::Signed::Locked) => SecretError::Locked.into(),
            (_, super::Signed::Out | super::Signed::In(_)) => EngineError::SignedOut,
        }
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
        let mut events = Vec::new();
        let mut after = None;
        loop {
            let page = self
                .with_token(|client, token| async move { client.consent_history(&token, after).await })
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
