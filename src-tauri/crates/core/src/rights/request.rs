//! One request, from the letter to the last answer. Its statuses are those of the Data Rights Protocol 0.9, so that others can
//! read them.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::RightId;
use crate::data;
use crate::regime::RegimeId;

/// The identifier of a request: a random UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub Uuid);

impl RequestId {
    /// A short name that stands in the letter's subject, by which an answer is found again: eight letters and digits.
    pub fn reference(self) -> String {
        let text = self.0.simple().to_string().to_uppercase();
        text.chars().skip(24).collect()
    }
}

/// Whom a request goes to (§1): who decides about the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Addressee {
    /// DingTalk, which decides about the account and what is sent in it.
    Dingtalk,
    /// The person's Organization, which decides about its own data.
    Organization,
    /// DingTalk, to pass it on to an Organization whose address the person doesn't know.
    ThroughDingtalk,
}

/// What is asked, of whom, under which law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// What.
    pub right: RightId,
    /// Under which law.
    pub regime: RegimeId,
    /// Of whom.
    pub addressee: Addressee,
}

/// Why a request was refused, as the Data Rights Protocol names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DenialReason {
    /// They think somebody else asks.
    SuspectedFraud,
    /// They couldn't make sure who asks.
    InsufVerification,
    /// They found nothing about the person.
    NoMatch,
    /// They say that the law doesn't cover it.
    ClaimNotCovered,
    /// They say that the law isn't for the person.
    OutsideJurisdiction,
    /// They say it was asked too often.
    TooManyRequests,
    /// Something else, or no reason at all.
    Other,
}

/// Where a request stands, in the words of the Data Rights Protocol; `draft` is our own, before anything was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The letter wasn't sent.
    Draft,
    /// Sent, and nothing came back yet.
    Open,
    /// They work on it.
    InProgress,
    /// They did what was asked.
    Fulfilled,
    /// They refused.
    Denied,
    /// The person took it back.
    Revoked,
}

/// Where a request stands, with what only that standing has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case", deny_unknown_fields)]
pub enum Standing {
    /// The letter wasn't sent.
    Draft,
    /// Sent.
    Open {
        /// On this day.
        sent: Date,
    },
    /// They wrote that they received it.
    InProgress {
        /// Sent on this day.
        sent: Date,
        /// They want to know first who asks: `need_user_verification`.
        need_user_verification: bool,
        /// They put the answer off; by when it then comes, when they said so.
        extended: Option<Extended>,
    },
    /// They did what was asked.
    Fulfilled {
        /// Sent on this day.
        sent: Date,
        /// Done on this day.
        on: Date,
    },
    /// They refused.
    Denied {
        /// Sent on this day.
        sent: Date,
        /// On this day.
        on: Date,
        /// Why, as far as they said.
        reason: DenialReason,
    },
    /// The person took it back.
    Revoked {
        /// Sent on this day.
        sent: Date,
        /// On this day.
        on: Date,
    },
}

/// That an answer was put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extended {
    /// They said so on this day.
    pub told: Date,
    /// By when they will answer, if they named a day.
    pub until: Option<Date>,
}

impl Standing {
    /// The status.
    pub fn status(&self) -> Status {
        match self {
            Self::Draft => Status::Draft,
            Self::Open { .. } => Status::Open,
            Self::InProgress { .. } => Status::InProgress,
            Self::Fulfilled { .. } => Status::Fulfilled,
            Self::Denied { .. } => Status::Denied,
            Self::Revoked { .. } => Status::Revoked,
        }
    }

    /// The day it was sent.
    pub fn sent(&self) -> Option<Date> {
        match self {
            Self::Draft => None,
            Self::Open { sent }
            | Self::InProgress { sent, .. }
            | Self::Fulfilled { sent, .. }
            | Self::Denied { sent, .. }
            | Self::Revoked { sent, .. } => Some(*sent),
        }
    }
}

/// What the person says happened. Every day is one on their calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// They sent the letter.
    Sent,
    /// It was confirmed that the letter was received.
    Confirmed,
    /// They are asked who they are.
    IdentityAsked,
    /// They answered that.
    IdentityGiven,
    /// The answer was put off.
    Extended {
        /// By when it comes, if a day was named.
        until: Option<Date>,
    },
    /// What was asked for was done.
    Fulfilled,
    /// It was refused.
    Denied {
        /// Why.
        reason: DenialReason,
    },
    /// They took the request back.
    Revoked,
    /// What was said last was a mistake.
    Corrected,
}

/// Something that happened, and where the request stood before, so that a mistake can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// On which day.
    pub on: Date,
    /// What.
    pub event: Event,
    /// Where it stood before.
    pub before: Standing,
}

/// A request, as kept. Nothing in it says who the person is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Its identifier.
    pub id: RequestId,
    /// What is asked.
    pub asked: Asked,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// Where it stands.
    pub standing: Standing,
    /// What happened, the oldest first; what was taken back isn't in it.
    pub history: Vec<Entry>,
}

/// Why something can't be said of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such right.
    #[error("There is no such request to make.")]
    UnknownRight,
    /// There is no such law.
    #[error("There is no such law here. Choose one of those listed.")]
    UnknownRegime,
    /// The law doesn't give the right.
    #[error("This law doesn't have that request. Choose another law, or another request.")]
    NotUnderThisLaw,
    /// Organizations aren't asked for that.
    #[error("That is for DingTalk to do, not for an Organization. Write to DingTalk.")]
    NotForOrganizations,
    /// It doesn't fit where the request stands.
    #[error("That doesn't fit where this request stands. Look at it again; somebody may have changed it.")]
    OutOfTurn,
    /// It can't have happened then.
    #[error("That day can't be right: it lies in the future, or before the letter was sent.")]
    ImpossibleDay,
}

impl Refused {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownRight => "right-unknown",
            Self::UnknownRegime => "regime-unknown",
            Self::NotUnderThisLaw => "right-not-under-this-law",
            Self::NotForOrganizations => "not-for-organizations",
            Self::OutOfTurn => "request-out-of-turn",
            Self::ImpossibleDay => "day-impossible",
        }
    }
}

/// Begins a request: nothing was sent yet.
///
/// # Errors
/// When what is asked isn't to be had so.
pub fn begin(id: RequestId, asked: Asked, now: Timestamp) -> Result<Request, Refused> {
    if data::regimes().get(&asked.regime).is_none() {
        return Err(Refused::UnknownRegime);
    }
    let right = data::rights().get(&asked.right).ok_or(Refused::UnknownRight)?;
    if !right.is_under(&asked.regime) {
        return Err(Refused::NotUnderThisLaw);
    }
    match asked.addressee {
        Addressee::Organization | Addressee::ThroughDingtalk if !right.organization => {
            return Err(Refused::NotForOrganizations);
        }
        Addressee::Dingtalk | Addressee::Organization | Addressee::ThroughDingtalk => {}
    }
    Ok(Request {
        id,
        asked,
        begun_at: now,
        standing: Standing::Draft,
        history: Vec::new(),
    })
}

/// Records what happened on a day; `today` is the person's.
///
/// # Errors
/// When it doesn't fit where the request stands, or can't have happened on that day; the request is as it was.
pub fn record(request: &Request, event: Event, on: Date, today: Date) -> Result<Request, Refused> {
    let mut next = request.clone();
    if event == Event::Corrected {
        let mistake = next.history.pop().ok_or(Refused::OutOfTurn)?;
        next.standing = mistake.before;
        return Ok(next);
    }
    let not_before = request.history.last().map_or(Date::MIN, |entry| {
        entry.on.max(request.standing.sent().unwrap_or(entry.on))
    });
    if on > today || on < not_before {
        return Err(Refused::ImpossibleDay);
    }
    next.standing = stands(request.standing, event, on)?;
    next.history.push(Entry {
        on,
        event,
        before: request.standing,
    });
    Ok(next)
}

/// Where a request stands after something happened.
fn stands(standing: Standing, event: Event, on: Date) -> Result<Standing, Refused> {
    let (sent, asked, put_off) = match standing {
        Standing::Draft => {
            return match event {
                Event::Sent => Ok(Standing::Open { sent: on }),
                Event::Confirmed
                | Event::IdentityAsked
                | Event::IdentityGiven
                | Event::Extended { .. }
                | Event::Fulfilled
                | Event::Denied { .. }
                | Event::Revoked
                | Event::Corrected => Err(Refused::OutOfTurn),
            };
        }
        Standing::Open { sent } => (sent, false, None),
        Standing::InProgress {
            sent,
            need_user_verification,
            extended,
        } => (sent, need_user_verification, extended),
        // A refusal can be taken back by those who made it.
        Standing::Denied { sent, .. } if event == Event::Fulfilled => (sent, false, None),
        Standing::Fulfilled { .. } | Standing::Denied { .. } | Standing::Revoked { .. } => {
            return Err(Refused::OutOfTurn);
        }
    };
    let in_progress = |need_user_verification, extended| Standing::InProgress {
        sent,
        need_user_verification,
        extended,
    };
    match event {
        Event::Confirmed if matches!(standing, Standing::Open { .. }) => Ok(in_progress(false, None)),
        Event::IdentityAsked if !asked => Ok(in_progress(true, put_off)),
        Event::IdentityGiven if asked => Ok(in_progress(false, put_off)),
        Event::Extended { until } if until.is_none_or(|until| until > on) => {
            Ok(in_progress(asked, Some(Extended { told: on, until })))
        }
        Event::Extended { .. } => Err(Refused::ImpossibleDay),
        Event::Fulfilled => Ok(Standing::Fulfilled { sent, on }),
        Event::Denied { reason } => Ok(Standing::Denied { sent, on, reason }),
        Event::Revoked => Ok(Standing::Revoked { sent, on }),
        Event::Sent | Event::Confirmed | Event::IdentityAsked | Event::IdentityGiven | Event::Corrected => {
            Err(Refused::OutOfTurn)
        }
    }
}

#[cfg(test)]
mod tests;
