//! The end of the account: what it would mean, asking for it, looking, taking it back, the receipt.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use settings_privacy_api::{
    self as api, Code, DeletionPreflight, DeletionRequest, Problem, StepUpPurpose, paths,
};
use settings_privacy_core::deletion::ending::{self, Asked, Ending, Event};
use uuid::Uuid;

use super::Refusals;
use crate::answer::Answer;
use crate::db::deletions::{self as rows, Deletion};
use crate::endings;
use crate::idempotency::{Attempt, Begun};
use crate::problem::{self, Failure};
use crate::request::{Caller, Keyed, KeyedJson, Witness};
use crate::service::Shared;

/// So many reasons are taken; there are no more.
const REASONS: usize = 6;

/// What ending the account would mean
///
/// As things stand: what has to be done before, what is lost, what stays and why. Its `version` goes with the request
/// for deletion, which is refused when something else would be lost by now.
#[utoipa::path(
    get,
    operation_id = "getDeletionPreflight",
    path = paths::DELETION_PREFLIGHT,
    tag = "deletion",
    params(("if-none-match" = Option<String>, Header, description = "The `ETag` of what is held already")),
    responses(
        (status = 200, description = "What it would mean", body = DeletionPreflight, headers(("etag" = String, description = "Changes with every change, counts among them"))),
        (status = 304, description = "What is held already is what holds"),
        Refusals,
    ),
    security(("session" = [])),
)]
pub async fn preflight(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Answer, Failure> {
    let mut reading = shared.database.read().await?;
    let preflight = Box::pin(endings::preflight(&mut reading, &shared, caller.account)).await?;
    Ok(Answer::tagged(&preflight)?.unless_held(&headers))
}

/// Ask for the account to be ended
///
/// It can be taken back until `final_at`. Asked for again, also from another device, it is the same one. The code is one
/// for this act; it is used up only when the end is begun, or when it is wrong. Repeated under its key, the request is
/// answered with the end as it is by then.
#[utoipa::path(
    post,
    operation_id = "requestDeletion",
    path = paths::DELETION,
    tag = "deletion",
    params(("idempotency-key" = Uuid, Header, description = "New with every request, the same when it is repeated")),
    request_body = DeletionRequest,
    responses(
        (status = 202, description = "It can be taken back until `final_at`", body = api::Deletion, headers(("location" = String, description = "The resource to look at"))),
        Refusals,
    ),
    security(("session" = [])),
)]
pub async fn request(
    State(shared): State<Shared>,
    caller: Caller,
    asked: KeyedJson<DeletionRequest>,
) -> Result<Response, Failure> {
    let (request, body) = (asked.request, asked.body);
    let mut attempt = match Attempt::begin(&shared, caller.account, &request).await? {
        Begun::First(attempt) => attempt,
        Begun::Again(answer) => return again(&shared, answer).await,
    };
    let now = attempt.now();
    let newest = rows::newest(attempt.connection(), caller.account).await?;
    let current = newest.as_ref().map(|deletion| deletion.ending);
    let asked = ending::ask(current, shared.config.cooling_off, now);
    if let (Asked::Same(Ending::Finalising { .. } | Ending::Deleted { .. }), Some(mut deletion)) =
        (asked, newest.clone())
    {
        endings::happens(attempt.connection(), &mut deletion, Event::Time, now).await?;
        attempt.commit_alone().await?;
        shared.endings.ring();
        return Err(problem::deletion_final().into());
    }
    if let Asked::New(_) = asked {
        let shown = Box::pin(endings::preflight(attempt.connection(), &shared, caller.account)).await?;
        if !shown.blockers.is_empty() {
            return Err(blocked().into());
        }
        if shown.version != body.preflight {
            return Err(stale().into());
        }
    }
    let wrong = attempt
        .try_code(&shared, caller.account, StepUpPurpose::Deletion, &body.code)
        .await?;
    if let Some(problem) = wrong {
        let refusal = Answer::refusal(&problem)?;
        return Ok(attempt.commit(&request, refusal).await?.into_response());
    }
    let deletion = match (asked, newest) {
        (Asked::Same(_), Some(deletion)) => deletion,
        (Asked::Same(ending) | Asked::New(ending), _) => {
            let reasons: Vec<_> = body.reasons.iter().take(REASONS).collect();
            let reasons = serde_json::to_string(&reasons)?;
            let (connection, id) = (attempt.connection(), Uuid::new_v4());
            endings::keep(connection, &shared.key, id, caller.account, ending, &reasons, now).await?
        }
    };
    let kept = endings::view(attempt.connection(), &shared, &deletion).await?;
    let answer = Answer::json(StatusCode::ACCEPTED, &kept)?;
    attempt.commit(&request, answer).await?;
    shared.endings.ring();
    accepted(&shared, &deletion, false).await
}

/// Where the end of the account stands
///
/// With a session, the account's newest end, or `none`; with the token of an end, that one, also when every session has
/// ended and the account is gone.
#[utoipa::path(
    get,
    operation_id = "getDeletion",
    path = paths::DELETION,
    tag = "deletion",
    responses((status = 200, description = "Where it stands", body = api::Deletion), Refusals),
    security(("session" = []), ("deletion" = [])),
)]
pub async fn deletion(State(shared): State<Shared>, witness: Witness) -> Result<Answer, Failure> {
    shared.endings.ring();
    let mut reading = shared.database.read().await?;
    let view = match witness {
        Witness::Deletion(deletion) => endings::view(&mut reading, &shared, &deletion).await?,
        Witness::Session(caller) => match rows::newest(&mut reading, caller.account).await? {
            Some(deletion) => endings::view_with_token(&mut reading, &shared, &deletion).await?,
            None => endings::none(&shared),
        },
    };
    Answer::json(StatusCode::OK, &view)
}

/// Keep the account
///
/// Takes its end back, until `final_at` by the service's clock; from then on it is refused (`deletion-final`). One that
/// was taken back stays so.
#[utoipa::path(
    delete,
    operation_id = "cancelDeletion",
    path = paths::DELETION,
    tag = "deletion",
    params(("idempotency-key" = Uuid, Header, description = "New with every request, the same when it is repeated")),
    responses((status = 200, description = "The account stays", body = api::Deletion), Refusals),
    security(("session" = []), ("deletion" = [])),
)]
pub async fn cancel(
    State(shared): State<Shared>,
    witness: Witness,
    request: Keyed,
) -> Result<Response, Failure> {
    let answer = match witness {
        // The token names one end, so that repeating it can't take back another.
        Witness::Deletion(deletion) => cancel_one(&shared, deletion.id).await?,
        Witness::Session(caller) => cancel_newest(&shared, caller, &request).await?,
    };
    shared.endings.ring();
    Ok(answer.into_response())
}

/// The receipt
///
/// A compact JWS (EdDSA) whose payload is `DeletionReceipt`. It can be checked with the published keys alone. It is signed
/// anew only when another system confirms that hadn't when it was signed.
#[utoipa::path(
    get,
    operation_id = "getDeletionReceipt",
    path = paths::DELETION_RECEIPT,
    tag = "deletion",
    responses((status = 200, description = "The receipt", body = String, content_type = "application/jose"), Refusals),
    security(("session" = []), ("deletion" = [])),
)]
pub async fn receipt(State(shared): State<Shared>, witness: Witness) -> Result<Response, Failure> {
    shared.endings.ring();
    let deletion = match witness {
        Witness::Deletion(deletion) => Some(*deletion),
        Witness::Session(caller) => {
            let mut reading = shared.database.read().await?;
            rows::newest(&mut reading, caller.account).await?
        }
    };
    let receipt = deletion.ok_or_else(not_requested)?.receipt;
    let mut response = receipt.ok_or_else(not_complete)?.into_response();
    let kind = HeaderValue::from_static("application/jose");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

/// What was answered before, as it is by now. A refusal that was kept stays one.
async fn again(shared: &Shared, answer: Answer) -> Result<Response, Failure> {
    let kept: Option<api::Deletion> = answer
        .body
        .as_deref()
        .and_then(|body| serde_json::from_str(body).ok());
    let Some(id) = kept.and_then(|kept| kept.id) else {
        return Ok(answer.into_response());
    };
    let mut reading = shared.database.read().await?;
    let deletion = rows::find(&mut reading, id)
        .await?
        .ok_or_else(problem::not_found)?;
    drop(reading);
    accepted(shared, &deletion, true).await
}

/// Its token is written out here, straight into the response; it isn't kept with the answer.
async fn accepted(shared: &Shared, deletion: &Deletion, replayed: bool) -> Result<Response, Failure> {
    let mut reading = shared.database.read().await?;
    let mut view = endings::view(&mut reading, shared, deletion).await?;
    // Also where it can't be taken back any more: whoever asked must be able to fetch the receipt.
    view.deletion_token = Some(endings::token(&shared.key, deletion.id));
    let mut answer = Answer::json(StatusCode::ACCEPTED, &view)?;
    answer.replayed = replayed;
    let mut response = answer.into_response();
    let location = HeaderValue::from_static(paths::DELETION);
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}

async fn cancel_one(shared: &Shared, id: Uuid) -> Result<Answer, Failure> {
    let mut transaction = shared.database.begin().await?;
    let found = rows::find(&mut transaction, id).await?;
    let mut deletion = found.ok_or_else(problem::not_found)?;
    let refused = endings::happens(&mut transaction, &mut deletion, Event::Cancel, shared.now()).await?;
    let view = endings::view(&mut transaction, shared, &deletion).await?;
    // Also with a refusal: that the time is over was found out.
    transaction.commit().await?;
    match refused {
        Some(_) => {
            shared.endings.ring();
            Err(problem::deletion_final().into())
        }
        None => Answer::json(StatusCode::OK, &view),
    }
}

async fn cancel_newest(shared: &Shared, caller: Caller, request: &Keyed) -> Result<Answer, Failure> {
    let mut attempt = match Attempt::begin(shared, caller.account, request).await? {
        Begun::First(attempt) => attempt,
        Begun::Again(answer) => return Ok(answer),
    };
    let now = attempt.now();
    let newest = rows::newest(attempt.connection(), caller.account).await?;
    let mut deletion = newest.ok_or_else(not_requested)?;
    let refused = endings::happens(attempt.connection(), &mut deletion, Event::Cancel, now).await?;
    if refused.is_some() {
        attempt.commit_alone().await?;
        shared.endings.ring();
        return Err(problem::deletion_final().into());
    }
    let view = endings::view(attempt.connection(), shared, &deletion).await?;
    let answer = Answer::json(StatusCode::OK, &view)?;
    attempt.commit(request, answer).await
}

fn blocked() -> Problem {
    Problem::new(Code::DeletionBlocked, 409, "Something has to be done before the account can end.")
        .with_detail(
            "You are the only administrator of an Organization: make somebody else its administrator, or disband it. \
             Nothing was begun.",
        )
}

fn stale() -> Problem {
    Problem::new(
        Code::DeletionPreflightStale,
        409,
        "Something has changed since you looked at what would be lost.",
    )
    .with_detail("Look at it again, then decide. Nothing was begun.")
}

fn not_requested() -> Problem {
    Problem::new(
        Code::DeletionNotRequested,
        404,
        "Nobody asked for this account to be ended.",
    )
}

fn not_complete() -> Problem {
    Problem::new(Code::DeletionNotComplete, 409, "There is no receipt yet.")
        .with_detail("It is signed when everything is gone. Look where it stands.")
}
