//! Consents and their history.

use std::collections::{HashMap, HashSet};

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use settings_privacy_api::{
    Code, ConsentEvent, ConsentEventPage, ConsentState, Consents, ConsentsUpdate, Problem, Via, paths,
};
use settings_privacy_core::consent::{Catalogue, ConsentId, Refusal};
use settings_privacy_core::data;
use utoipa::IntoParams;

use super::Refusals;
use crate::answer::Answer;
use crate::db::consents::{self as rows, Held};
use crate::idempotency::Attempt;
use crate::problem::{self, Failure};
use crate::request::{Caller, KeyedJson};
use crate::service::Shared;

/// How many lines of the history a page has, unless asked for fewer.
const PAGE: i64 = 200;

/// Which part of the history.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Part {
    /// After this line; from the beginning without it.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// At most this many lines; 200 without it.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Every consent, with what holds
///
/// `changed_at` is the service's time. A consent nobody set holds only where the service can't work without it.
#[utoipa::path(
    get,
    operation_id = "getConsents",
    path = paths::CONSENTS,
    tag = "consents",
    params(("if-none-match" = Option<String>, Header, description = "The `ETag` of what is held already")),
    responses(
        (status = 200, description = "What holds", body = Consents, headers(("etag" = String, description = "Changes with every change"))),
        (status = 304, description = "What is held already is what holds"),
        Refusals,
    ),
    security(("session" = [])),
)]
pub async fn consents(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Answer, Failure> {
    let mut reading = shared.database.read().await?;
    let held = rows::held(&mut reading, caller.account).await?;
    Ok(Answer::tagged(&listed(data::consents(), &held))?.unless_held(&headers))
}

/// Set consents
///
/// All or none, together with their lines in the history. Setting a consent to what already holds changes nothing: it
/// adds no line, and `changed_at` stays. Those that aren't named stay as they are.
#[utoipa::path(
    put,
    operation_id = "setConsents",
    path = paths::CONSENTS,
    tag = "consents",
    params(
        ("idempotency-key" = uuid::Uuid, Header, description = "New with every request, the same when it is repeated"),
        ("if-match" = Option<String>, Header, description = "The `ETag` of the state the change was decided on"),
    ),
    request_body = ConsentsUpdate,
    responses(
        (status = 200, description = "What holds", body = Consents, headers(("etag" = String, description = "Changes with every change"))),
        Refusals,
    ),
    security(("session" = [])),
)]
pub async fn set(
    State(shared): State<Shared>,
    caller: Caller,
    asked: KeyedJson<ConsentsUpdate>,
) -> Result<Answer, Failure> {
    let (catalogue, request) = (data::consents(), asked.request);
    let begun = Attempt::begin_over(&shared, caller.account, &request, async |connection, _| {
        let held = rows::held(connection, caller.account).await?;
        Ok((Answer::tagged(&listed(catalogue, &held))?, held))
    });
    let (mut attempt, held) = match begun.await? {
        Ok(begun) => begun,
        Err(answer) => return Ok(answer),
    };
    check(catalogue, &asked.body)?;
    let recorded_at = attempt.now();
    let events: Vec<ConsentEvent> = asked
        .body
        .changes
        .into_iter()
        .filter(|change| change.granted != granted(catalogue, &held, &change.id))
        .map(|change| ConsentEvent {
            sequence: 0,
            id: change.id,
            granted: change.granted,
            decided_at: change.decided_at,
            recorded_at,
            device: Some(caller.device),
            via: Via::Client,
        })
        .collect();
    rows::append(attempt.connection(), caller.account, &events).await?;
    let held = rows::held(attempt.connection(), caller.account).await?;
    let answer = Answer::tagged(&listed(catalogue, &held))?;
    attempt.commit(&request, answer).await
}

/// What happened to consents, oldest first
///
/// The history is only ever added to.
#[utoipa::path(
    get,
    operation_id = "getConsentsHistory",
    path = paths::CONSENTS_HISTORY,
    tag = "consents",
    params(Part),
    responses((status = 200, description = "A page", body = ConsentEventPage), Refusals),
    security(("session" = [])),
)]
pub async fn history(
    State(shared): State<Shared>,
    caller: Caller,
    part: Result<Query<Part>, QueryRejection>,
) -> Result<Answer, Failure> {
    let malformed = || problem::malformed(format!("`after` is 0 or more, `limit` is 1 to {PAGE}."));
    let Query(part) = part.map_err(|_| malformed())?;
    let (after, limit) = (part.after.unwrap_or(0), part.limit.unwrap_or(PAGE));
    if after < 0 || !(1..=PAGE).contains(&limit) {
        return Err(malformed().into());
    }
    let mut reading = shared.database.read().await?;
    // One more than asked for shows whether there is a next page.
    let mut events = rows::after(&mut reading, caller.account, after, limit + 1).await?;
    let has_more = events.len() as i64 > limit;
    if has_more {
        events.pop();
    }
    let next = events.last().filter(|_| has_more).map(|event| event.sequence);
    Answer::json(StatusCode::OK, &ConsentEventPage { events, next })
}

fn listed(catalogue: &Catalogue, held: &HashMap<String, Held>) -> Consents {
    let state = |consent: &settings_privacy_core::consent::Consent| {
        let id = consent.id.as_str();
        ConsentState {
            id: id.to_owned(),
            granted: granted(catalogue, held, id),
            required: consent.required,
            changed_at: held.get(id).map(|held| held.since),
        }
    };
    Consents {
        catalogue_version: catalogue.version,
        consents: catalogue.consents.iter().map(state).collect(),
    }
}

fn granted(catalogue: &Catalogue, held: &HashMap<String, Held>, id: &str) -> bool {
    let is_required = || {
        catalogue
            .get(&ConsentId::new(id))
            .is_some_and(|consent| consent.required)
    };
    held.get(id).map_or_else(is_required, |held| held.granted)
}

fn check(catalogue: &Catalogue, update: &ConsentsUpdate) -> Result<(), Problem> {
    let mut named = HashSet::new();
    for change in &update.changes {
        catalogue
            .check(&ConsentId::new(&change.id), change.granted)
            .map_err(refused)?;
        if !named.insert(&change.id) {
            return Err(problem::malformed("The change names a consent twice."));
        }
    }
    Ok(())
}

fn refused(refusal: Refusal) -> Problem {
    match &refusal {
        // Its name is whatever was sent, so it isn't repeated.
        Refusal::Unknown(_) => Problem::new(
            Code::ConsentUnknown,
            422,
            "The change names a consent that doesn't exist.",
        )
        .with_detail("Nothing was changed."),
        Refusal::Required(_) => Problem::new(Code::ConsentRequired, 422, refusal.to_string()),
    }
}
