//! Letters and what became of them, for the window.

mod convert;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settings_privacy_core::letter::Letter;
use settings_privacy_core::regime::{Regime, RegimeId};
use settings_privacy_core::rights::{Addressee, Right, Standing, Step};
use settings_privacy_core::{data, rights};
use settings_privacy_engine::RequestState;
use specta::Type;

pub use convert::{asked, event, person};
use convert::{denial_word, event_word, status, step};

/// Requests, and who helps when one isn't answered well.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RequestsView {
    /// Today's date where the person is.
    pub today: String,
    /// The requests, the newest first.
    pub requests: Vec<RequestView>,
}

/// One request. Days are dates (`2026-12-24`).
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RequestView {
    /// Its identifier.
    pub id: String,
    /// What stands in the letter's subject.
    pub reference: String,
    /// What is asked for: its identifier.
    pub right: String,
    /// Its name.
    pub name: String,
    /// The law's identifier.
    pub regime: String,
    /// The law, and where it holds.
    pub law: String,
    /// Of whom.
    pub addressee: AddresseeWord,
    /// Where it stands.
    pub status: RequestStatus,
    /// When it was begun.
    pub begun_at: String,
    /// The day the letter was sent.
    pub sent: Option<String>,
    /// What comes next.
    pub next: NextStep,
    /// The last day for that.
    pub by: Option<String>,
    /// That day is over.
    pub overdue: bool,
    /// Where the policy gives it.
    pub clause: Option<String>,
    /// Why it was refused.
    pub reason: Option<DenialWord>,
    /// What can be said of it now.
    pub can: Vec<EventWord>,
    /// What happened, the oldest first.
    pub history: Vec<RequestEntryView>,
    /// Who helps, once it is late or refused.
    pub help: Vec<HelpView>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RequestEntryView {
    /// On which day.
    pub on: String,
    /// What.
    pub event: EventWord,
}

/// Somebody who helps.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct HelpView {
    /// Who.
    pub name: String,
    /// What to know.
    pub says: String,
    /// Where they are reached: a page, an address or a telephone; none when that depends on where one lives.
    pub reach: Vec<String>,
    /// The policy's clause.
    pub clause: String,
}

/// Whom a request goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum AddresseeWord {
    /// DingTalk.
    Dingtalk,
    /// The person's Organization.
    Organization,
    /// An Organization, through DingTalk.
    ThroughDingtalk,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum RequestStatus {
    /// The letter wasn't sent.
    Draft,
    /// Sent.
    Open,
    /// They work on it.
    InProgress,
    /// Done.
    Fulfilled,
    /// Refused.
    Denied,
    /// Taken back.
    Revoked,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum NextStep {
    /// The person sends the letter.
    Send,
    /// They confirm that they received it.
    AwaitConfirmation,
    /// They answer.
    AwaitAnswer,
    /// The person shows who they are.
    ShowIdentity,
    /// Somebody else can help.
    Complain,
    /// Nothing.
    Nothing,
}

/// What can be said of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum EventWord {
    /// The letter was sent.
    Sent,
    /// They confirmed that they received it.
    Confirmed,
    /// They ask who it is.
    IdentityAsked,
    /// That was answered.
    IdentityGiven,
    /// They need longer.
    Extended,
    /// It is done.
    Fulfilled,
    /// They refused.
    Denied,
    /// It was taken back.
    Revoked,
    /// What was said last was a mistake.
    Corrected,
}

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum DenialWord {
    /// They think somebody else asks.
    SuspectedFraud,
    /// They couldn't make sure who asks.
    InsufVerification,
    /// They found nothing.
    NoMatch,
    /// The law doesn't cover it, they say.
    ClaimNotCovered,
    /// The law isn't for the person, they say.
    OutsideJurisdiction,
    /// It was asked too often, they say.
    TooManyRequests,
    /// Something else, or no reason.
    Other,
}

/// A law, and what can be asked for under it.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LawView {
    /// Its identifier.
    pub id: String,
    /// Where it holds.
    pub name: String,
    /// Its name.
    pub law: String,
    /// What can be asked for.
    pub rights: Vec<RightView>,
}

/// Something that can be asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RightView {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it brings.
    pub says: String,
    /// The policy's clauses.
    pub clauses: String,
    /// What to know before.
    pub note: Option<String>,
    /// The question the letter needs answered.
    pub details: Option<String>,
    /// Without the answer there is no letter.
    pub details_required: bool,
    /// An Organization can be asked for it.
    pub organization: bool,
}

/// What to ask.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AskedView {
    /// The right's identifier.
    pub right: String,
    /// The law's.
    pub regime: String,
    /// Of whom.
    pub addressee: AddresseeWord,
}

/// What the person fills in. It is in the letter, and nowhere else.
#[derive(Clone, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PersonView {
    /// Their name.
    pub name: String,
    /// What they sign in with.
    pub account: String,
    /// The Organization's name.
    pub organization: String,
    /// Its address.
    pub organization_address: String,
    /// The details.
    pub details: String,
}

/// A letter.
#[derive(Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WrittenView {
    /// The request it belongs to.
    pub request: RequestView,
    /// The address.
    pub to: String,
    /// Whose that is.
    pub to_name: String,
    /// Why it goes there.
    pub why: String,
    /// The clause that says so.
    pub why_clause: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// Every law, with what can be asked for under it.
pub fn laws() -> Vec<LawView> {
    let of = |regime: &Regime| LawView {
        id: regime.id.as_str().to_owned(),
        name: regime.name.clone(),
        law: regime.law.clone(),
        rights: data::rights()
            .under(&regime.id)
            .map(|right| right_view(right, &regime.id))
            .collect(),
    };
    data::regimes().regimes.iter().map(of).collect()
}

fn right_view(right: &Right, regime: &RegimeId) -> RightView {
    RightView {
        id: right.id.to_string(),
        name: right.name.clone(),
        says: right.says.clone(),
        clauses: right.clauses(regime),
        note: right.annex(regime).and_then(|annex| annex.note.clone()),
        details: right.details.as_ref().map(|details| details.asks.clone()),
        details_required: right.details.as_ref().is_some_and(|details| details.required),
        organization: right.organization,
    }
}

/// All requests.
pub fn requests_view(states: &[RequestState], today: Date) -> RequestsView {
    RequestsView {
        today: today.to_string(),
        requests: states.iter().map(|state| request_view(state, today)).collect(),
    }
}

/// One request.
pub fn request_view(state: &RequestState, today: Date) -> RequestView {
    let RequestState { request, next } = state;
    let asked = &request.asked;
    let regime = data::regimes().get(&asked.regime);
    let late = next.overdue || next.step == Step::Complain;
    RequestView {
        id: request.id.0.to_string(),
        reference: request.id.reference(),
        right: asked.right.to_string(),
        name: data::rights()
            .get(&asked.right)
            .map_or_else(|| asked.right.to_string(), |right| right.name.clone()),
        regime: asked.regime.as_str().to_owned(),
        law: regime.map_or_else(
            || asked.regime.as_str().to_owned(),
            |regime| format!("{} ({})", regime.law, regime.name),
        ),
        addressee: match asked.addressee {
            Addressee::Dingtalk => AddresseeWord::Dingtalk,
            Addressee::Organization => AddresseeWord::Organization,
            Addressee::ThroughDingtalk => AddresseeWord::ThroughDingtalk,
        },
        status: status(request.standing.status()),
        begun_at: request.begun_at.to_string(),
        sent: request.standing.sent().map(|day| day.to_string()),
        next: step(next.step),
        by: next.by.map(|day| day.to_string()),
        overdue: next.overdue,
        clause: next.clause.map(str::to_owned),
        reason: match request.standing {
            Standing::Denied { reason, .. } => Some(denial_word(reason)),
            Standing::Draft
            | Standing::Open { .. }
            | Standing::InProgress { .. }
            | Standing::Fulfilled { .. }
            | Standing::Revoked { .. } => None,
        },
        can: SAYABLE
            .into_iter()
            .filter(|word| rights::record(request, event(*word, None, None), today, today).is_ok())
            .collect(),
        history: request
            .history
            .iter()
            .map(|entry| RequestEntryView {
                on: entry.on.to_string(),
                event: event_word(entry.event),
            })
            .collect(),
        help: if late {
            help(&asked.regime, asked.addressee)
        } else {
            Vec::new()
        },
    }
}

/// In the order shown.
const SAYABLE: [EventWord; 9] = [
    EventWord::Sent,
    EventWord::Confirmed,
    EventWord::IdentityAsked,
    EventWord::IdentityGiven,
    EventWord::Extended,
    EventWord::Fulfilled,
    EventWord::Denied,
    EventWord::Revoked,
    EventWord::Corrected,
];

/// Who helps under a law (§7, §14): those DingTalk names for itself, and the authority for everyone.
fn help(regime: &RegimeId, addressee: Addressee) -> Vec<HelpView> {
    let contacts = data::contacts();
    let mut help = Vec::new();
    match addressee {
        Addressee::Dingtalk | Addressee::ThroughDingtalk => {
            let officer = &contacts.officer;
            if &officer.regime == regime {
                help.push(HelpView {
                    name: officer.name.clone(),
                    says: "Reads at the address you wrote to, and can be called or written to as well."
                        .to_owned(),
                    reach: vec![officer.phone.clone(), officer.post.clone()],
                    clause: officer.clause.clone(),
                });
            }
            let representative = &contacts.representative;
            if &representative.regime == regime {
                help.push(HelpView {
                    name: representative.name.clone(),
                    says: "Answers for DingTalk in the European Union.".to_owned(),
                    reach: vec![representative.email.clone()],
                    clause: representative.clause.clone(),
                });
            }
            let disputes = &contacts.disputes;
            help.push(HelpView {
                name: disputes.name.clone(),
                says: disputes.says.clone(),
                reach: vec![disputes.address.clone()],
                clause: disputes.clause.clone(),
            });
        }
        Addressee::Organization => {}
    }
    let regulator = contacts.regulator(regime);
    help.push(HelpView {
        name: regulator.name.clone(),
        says: regulator.says.clone(),
        reach: Vec::new(),
        clause: regulator.clause.clone(),
    });
    help
}

/// A request's letter.
pub fn letter_view(state: &RequestState, letter: Letter, today: Date) -> WrittenView {
    WrittenView {
        request: request_view(state, today),
        to: letter.to,
        to_name: letter.to_name,
        why: letter.why,
        why_clause: letter.why_clause.to_owned(),
        subject: letter.subject,
        body: letter.body,
    }
}

#[cfg(test)]
mod tests;
