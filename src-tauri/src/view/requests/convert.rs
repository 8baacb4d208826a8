//! The window's words for the core's, and back.

use jiff::civil::Date;
use settings_privacy_core::letter::Person;
use settings_privacy_core::regime::RegimeId;
use settings_privacy_core::rights::{Addressee, Asked, DenialReason, Event, RightId, Status, Step};

use super::{AddresseeWord, AskedView, DenialWord, EventWord, NextStep, PersonView, RequestStatus};

impl From<AddresseeWord> for Addressee {
    fn from(word: AddresseeWord) -> Self {
        match word {
            AddresseeWord::Dingtalk => Addressee::Dingtalk,
            AddresseeWord::Organization => Addressee::Organization,
            AddresseeWord::ThroughDingtalk => Addressee::ThroughDingtalk,
        }
    }
}

/// What is asked, for the engine.
pub fn asked(asked: AskedView) -> Asked {
    Asked {
        right: RightId::new(asked.right),
        regime: RegimeId::new(asked.regime),
        addressee: asked.addressee.into(),
    }
}

/// Who asks, for the engine.
pub fn person(person: PersonView) -> Person {
    Person {
        name: person.name,
        account: person.account,
        organization: person.organization,
        organization_address: person.organization_address,
        details: person.details,
    }
}

/// What is said to have happened, for the engine. `None` when a refusal has no reason.
pub fn event(word: EventWord, until: Option<Date>, reason: Option<DenialWord>) -> Event {
    match word {
        EventWord::Sent => Event::Sent,
        EventWord::Confirmed => Event::Confirmed,
        EventWord::IdentityAsked => Event::IdentityAsked,
        EventWord::IdentityGiven => Event::IdentityGiven,
        EventWord::Extended => Event::Extended { until },
        EventWord::Fulfilled => Event::Fulfilled,
        EventWord::Denied => Event::Denied {
            reason: reason.map_or(DenialReason::Other, denial),
        },
        EventWord::Revoked => Event::Revoked,
        EventWord::Corrected => Event::Corrected,
    }
}

fn denial(word: DenialWord) -> DenialReason {
    match word {
        DenialWord::SuspectedFraud => DenialReason::SuspectedFraud,
        DenialWord::InsufVerification => DenialReason::InsufVerification,
        DenialWord::NoMatch => DenialReason::NoMatch,
        DenialWord::ClaimNotCovered => DenialReason::ClaimNotCovered,
        DenialWord::OutsideJurisdiction => DenialReason::OutsideJurisdiction,
        DenialWord::TooManyRequests => DenialReason::TooManyRequests,
        DenialWord::Other => DenialReason::Other,
    }
}

pub(super) fn denial_word(reason: DenialReason) -> DenialWord {
    match reason {
        DenialReason::SuspectedFraud => DenialWord::SuspectedFraud,
        DenialReason::InsufVerification => DenialWord::InsufVerification,
        DenialReason::NoMatch => DenialWord::NoMatch,
        DenialReason::ClaimNotCovered => DenialWord::ClaimNotCovered,
        DenialReason::OutsideJurisdiction => DenialWord::OutsideJurisdiction,
        DenialReason::TooManyRequests => DenialWord::TooManyRequests,
        DenialReason::Other => DenialWord::Other,
    }
}

pub(super) fn event_word(event: Event) -> EventWord {
    match event {
        Event::Sent => EventWord::Sent,
        Event::Confirmed => EventWord::Confirmed,
        Event::IdentityAsked => EventWord::IdentityAsked,
        Event::IdentityGiven => EventWord::IdentityGiven,
        Event::Extended { .. } => EventWord::Extended,
        Event::Fulfilled => EventWord::Fulfilled,
        Event::Denied { .. } => EventWord::Denied,
        Event::Revoked => EventWord::Revoked,
        Event::Corrected => EventWord::Corrected,
    }
}

pub(super) fn status(status: Status) -> RequestStatus {
    match status {
        Status::Draft => RequestStatus::Draft,
        Status::Open => RequestStatus::Open,
        Status::InProgress => RequestStatus::InProgress,
        Status::Fulfilled => RequestStatus::Fulfilled,
        Status::Denied => RequestStatus::Denied,
        Status::Revoked => RequestStatus::Revoked,
    }
}

pub(super) fn step(step: Step) -> NextStep {
    match step {
        Step::Send => NextStep::Send,
        Step::AwaitConfirmation => NextStep::AwaitConfirmation,
        Step::AwaitAnswer => NextStep::AwaitAnswer,
        Step::ShowIdentity => NextStep::ShowIdentity,
        Step::Complain => NextStep::Complain,
        Step::Nothing => NextStep::Nothing,
    }
}
