//! What the faces are given: everything at one moment.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use settings_privacy_core::consent::{Consent, ConsentId};
use settings_privacy_core::permission::{Observation, Standing};
use settings_privacy_core::{data, outbox};
use uuid::Uuid;

use super::{Engine, lock};
use crate::error::EngineError;
use crate::secrets::SecretError;
use crate::store::{ChangeRow, OutboxRow, Target};

/// Everything at one moment.
#[derive(Debug, Clone)]
pub struct State {
    /// Grows with every change.
    pub revision: u32,
    /// Nothing was chosen yet.
    pub first_start: bool,
    /// Light, dark, or as the desktop says.
    pub theme: Theme,
    /// Standing messages.
    pub notices: Vec<Notice>,
    /// This computer; `None` until it was looked at.
    pub device: Option<DeviceState>,
    /// The account.
    pub account: AccountState,
    /// The consents in the catalogue's order; empty when nobody is signed in.
    pub consents: Vec<ConsentStanding>,
    /// What waits to be sent.
    pub outbox: OutboxState,
    /// The newest changes, newest first.
    pub history: Vec<ChangeRow>,
}

/// Light, dark, or as the desktop says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the desktop says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// A standing message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// A stable code.
    pub code: String,
    /// What happened, what it means, what to do.
    pub message: String,
    /// A file it is about.
    pub file: Option<String>,
}

/// This computer, as last looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceState {
    /// Which look it was; grows.
    pub look: u64,
    /// When.
    pub observed_at: Timestamp,
    /// What was seen.
    pub observation: Observation,
    /// What it means, permission by permission.
    pub standings: Vec<Standing>,
}

/// Where the account lives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Place {
    /// There is none: only this computer's settings.
    #[default]
    None,
    /// The service inside this program.
    Embedded,
    /// The same, with the made-up account.
    Sample,
    /// A service at this address.
    Service(String),
}

/// Whether somebody is signed in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Signed {
    /// Nobody.
    #[default]
    Out,
    /// Somebody, whose session lies in a keyring that doesn't give it now: it is locked, or doesn't answer.
    Locked(SecretError),
    /// This account.
    In(settings_privacy_api::AccountSummary),
}

/// The account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountState {
    /// Where it lives.
    pub place: Place,
    /// Whether somebody is signed in.
    pub signed: Signed,
    /// The session ends with the program: there is no keyring to keep it in.
    pub session_only: bool,
    /// When the service last answered.
    pub synced_at: Option<Timestamp>,
    /// Why it doesn't, while it doesn't.
    pub offline: Option<String>,
}

/// One consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentStanding {
    /// What it is.
    pub consent: &'static Consent,
    /// What holds, as far as known: what was chosen here, else what the service said, else the protective default.
    pub granted: bool,
    /// Whether the service has it.
    pub sync: SyncState,
    /// When the service recorded it.
    pub changed_at: Option<Timestamp>,
}

/// Whether the service has a consent as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncState {
    /// It has.
    Synced,
    /// Waiting to be sent.
    Waiting,
    /// Refused for good.
    Refused {
        /// Its number in the outbox.
        outbox: i64,
        /// The stable code.
        code: String,
        /// The sentence.
        reason: String,
    },
    /// Never heard of.
    NotKnown,
}

/// What waits to be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboxState {
    /// How many consents wait.
    pub waiting: u32,
    /// How many were refused.
    pub refused: u32,
    /// When the next try is due.
    pub next_try_at: Option<Timestamp>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// For undo; `None` when nothing changed.
    pub change: Option<Uuid>,
    /// What is true now, in one sentence.
    pub says: String,
}

/// How much history the faces are given.
const HISTORY: u32 = 100;

impl Engine {
    /// Everything at this moment.
    ///
    /// # Errors
    /// When the program's own database can't be read.
    pub async fn state(&self) -> Result<State, EngineError> {
        // The number is read first: what changes while the rest is read makes a newer one.
        let revision = *self.shared.revision.borrow();
        let store = &self.shared.store;
        let account = lock(&self.shared.account).clone();
        let (consents, outbox) = match self.account_key(&account) {
            Some(key) => self.consents(&key).await?,
            None => (Vec::new(), OutboxState::default()),
        };
        let theme = store.setting("theme").await?;
        let notices = lock(&self.shared.notices).clone();
        let device = lock(&self.shared.device).clone();
        Ok(State {
            revision,
            first_start: store.setting("account.place").await?.is_none(),
            theme: theme
                .and_then(|word| serde_json::from_value(serde_json::Value::String(word)).ok())
                .unwrap_or_default(),
            notices,
            device,
            account,
            consents,
            outbox,
            history: store.changes(HISTORY).await?,
        })
    }

    /// How an account's consents stand, and what of them waits.
    pub(super) async fn consents(
        &self,
        account: &str,
    ) -> Result<(Vec<ConsentStanding>, OutboxState), EngineError> {
        let store = &self.shared.store;
        // In this order: what leaves the outbox meanwhile is known by then, and never takes an older word for the last.
        let rows = store.outbox(account).await?;
        let known = store.known_consents(account).await?;
        let standing = |consent| stand(consent, &known, &rows);
        let consents = data::consents().consents.iter().map(standing).collect();
        Ok((consents, count(&rows)))
    }

    /// Keeps the choice of light and dark.
    ///
    /// # Errors
    /// When it can't be kept.
    pub async fn set_theme(&self, theme: Theme) -> Result<(), EngineError> {
        let word = match theme {
            Theme::System => None,
            Theme::Light => Some("light"),
            Theme::Dark => Some("dark"),
        };
        self.shared.store.set_setting("theme", word).await?;
        self.changed();
        Ok(())
    }

    /// Under which the account's rows stand in the store.
    pub(super) fn account_key(&self, account: &AccountState) -> Option<String> {
        match &account.signed {
            Signed::In(summary) => Some(summary.id.to_string()),
            Signed::Out | Signed::Locked(_) => None,
        }
    }
}

fn stand(
    consent: &'static Consent,
    known: &std::collections::BTreeMap<ConsentId, crate::store::KnownConsent>,
    rows: &[OutboxRow],
) -> ConsentStanding {
    let told = known.get(&consent.id);
    let said = told.map_or(consent.required, |told| told.granted);
    let mine = rows
        .iter()
        .rev()
        .find(|row| row.target == Target::Consent(consent.id.clone()));
    let chosen = mine
        .and_then(|row| serde_json::from_str::<settings_privacy_api::ConsentChange>(&row.body).ok())
        .map(|change| change.granted);
    let (granted, sync) = match mine.map(|row| (row, &row.state)) {
        Some((_, outbox::State::Queued | outbox::State::Sending)) => {
            (chosen.unwrap_or(said), SyncState::Waiting)
        }
        Some((row, outbox::State::Wedged { code, reason })) => (
            said,
            SyncState::Refused {
                outbox: row.id,
                code: code.clone(),
                reason: reason.clone(),
            },
        ),
        None if told.is_some() => (said, SyncState::Synced),
        None => (said, SyncState::NotKnown),
    };
    ConsentStanding {
        consent,
        granted,
        sync,
        changed_at: told.and_then(|told| told.changed_at),
    }
}

fn count(rows: &[OutboxRow]) -> OutboxState {
    let consents = || rows.iter().filter(|row| matches!(row.target, Target::Consent(_)));
    let wedged = |row: &&OutboxRow| matches!(row.state, outbox::State::Wedged { .. });
    let refused = consents().filter(wedged).count();
    let waiting = consents().count() - refused;
    OutboxState {
        waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
        refused: u32::try_from(refused).unwrap_or(u32::MAX),
        next_try_at: consents().filter(|row| !wedged(row)).map(|row| row.next_at).min(),
    }
}
