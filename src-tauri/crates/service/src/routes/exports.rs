//! Copies of what is held: asking for one, looking how far it is, taking it back.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use settings_privacy_api::{self as api, Code, Problem, StepUpPurpose, paths};
use settings_privacy_core::data;
use settings_privacy_core::inventory::{CategoryId, Unchosen};
use settings_privacy_core::regime::{NoCopy, Period, Regime, RegimeId};
use uuid::Uuid;

use super::Refusals;
use crate::answer::Answer;
use crate::db::exports::{self as rows, Export, Status};
use crate::exports;
use crate::idempotency::{Attempt, Begun};
use crate::problem::{self, Failure};
use crate::request::{Caller, Keyed, KeyedJson, identified};
use crate::service::Shared;

/// So many copies are listed.
const LISTED: i64 = 100;

/// Ask for a copy
///
/// It is made in the background: look at the resource until it is `fulfilled`, `failed` or `expired`. The code is one
/// for this act (`/v1/verification-codes/step-up`); it is used up only when the copy is begun, or when it is wrong. One
/// copy is made at a time. Where the law limits copies, `export-limit-reached` says exactly when the next may be asked
/// for; a copy counts from when it was asked for, unless it was taken back before it was ready.
///
/// The copy's identifier is the version 5 UUID (RFC 9562) of the key's text in the account's namespace: whoever lost the
/// answer, and no longer has the code, looks there whether the request arrived.
#[utoipa::path(
    post,
    operation_id = "requestExport",
    path = paths::EXPORTS,
    tag = "exports",
    params(("idempotency-key" = Uuid, Header, description = "New with every request, the same when it is repeated")),
    request_body = api::ExportRequest,
    responses(
        (status = 202, description = "It will be made", body = api::Export, headers(
            ("location" = String, description = "The resource to look at"),
            ("etag" = String, description = "Changes with every step"),
        )),
        Refusals,
    ),
    security(("session" = [])),
)]
pub async fn request(
    State(shared): State<Shared>,
    caller: Caller,
    asked: KeyedJson<api::ExportRequest>,
) -> Result<Response, Failure> {
    let (request, body) = (asked.request, asked.body);
    let mut attempt = match Attempt::begin(&shared, caller.account, &request).await? {
        Begun::First(attempt) => attempt,
        Begun::Again(answer) => return accepted(answer),
    };
    let now = attempt.now();
    let named: Vec<CategoryId> = body.categories.iter().map(CategoryId::new).collect();
    let categories = data::inventory().choose(&named).map_err(unchosen)?;
    let regime = data::regimes()
        .get(&RegimeId::new(&body.regime))
        .ok_or_else(unknown_regime)?;
    if rows::is_one_under_way(attempt.connection(), caller.account).await? {
        return Err(under_way().into());
    }
    let counted = rows::counted(attempt.connection(), caller.account, regime.id.as_str()).await?;
    let period = body.period.map(|period| Period {
        from: period.from,
        to: period.to,
    });
    let period = regime
        .admit(period, &counted, now)
        .map_err(|no| no_copy(no, regime, now))?;

    let wrong = attempt
        .try_code(&shared, caller.account, StepUpPurpose::Export, &body.code)
        .await?;
    if let Some(problem) = wrong {
        let refusal = Answer::refusal(&problem)?;
        return Ok(attempt.commit(&request, refusal).await?.into_response());
    }
    let export = Export {
        id: api::export_id(caller.account, request.key),
        account: caller.account,
        status: Status::Open,
        regime: regime.id.as_str().to_owned(),
        period: period.map(|period| (period.from, period.to)),
        requested_at: now,
        updated_at: now,
        archive: None,
        fault: None,
    };
    let categories: Vec<&str> = categories.iter().map(|category| category.id.as_str()).collect();
    rows::add(attempt.connection(), &export, &categories).await?;
    let view = exports::view(attempt.connection(), &export, now).await?;
    let answer = Answer::text(StatusCode::ACCEPTED, serde_json::to_string(&view)?);
    let answer = attempt.commit(&request, answer).await?;
    shared.desk.nudge();
    accepted(answer)
}

/// The account's copies, newest first
#[utoipa::path(
    get,
    operation_id = "getExports",
    path = paths::EXPORTS,
    tag = "exports",
    params(("if-none-match" = Option<String>, Header, description = "The `ETag` of what is held already")),
    responses(
        (status = 200, description = "The copies", body = api::Exports, headers(("etag" = String, description = "Changes with every change"))),
        (status = 304, description = "What is held already is what holds"),
        Refusals,
    ),
    security(("session" = [])),
)]
pub async fn list(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Answer, Failure> {
    shared.desk.nudge();
    let mut reading = shared.database.read().await?;
    let mut views = Vec::new();
    for export in rows::newest(&mut reading, caller.account, LISTED).await? {
        views.push(exports::view(&mut reading, &export, shared.now()).await?);
    }
    Ok(Answer::tagged(&api::Exports { exports: views })?.unless_held(&headers))
}

/// How far a copy is
#[utoipa::path(
    get,
    operation_id = "getExport",
    path = paths::EXPORT,
    tag = "exports",
    params(
        ("id" = Uuid, Path, description = "The copy"),
        ("if-none-match" = Option<String>, Header, description = "The `ETag` of what is held already"),
    ),
    responses(
        (status = 200, description = "How far it is", body = api::Export, headers(("etag" = String, description = "Changes with every step"))),
        (status = 304, description = "What is held already is what holds"),
        Refusals,
    ),
    security(("session" = [])),
)]
pub async fn export(
    State(shared): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Answer, Failure> {
    let id = identified(&id)?;
    shared.desk.nudge();
    let mut reading = shared.database.read().await?;
    let export = rows::find(&mut reading, caller.account, id)
        .await?
        .ok_or_else(problem::not_found)?;
    let view = exports::view(&mut reading, &export, shared.now()).await?;
    Ok(Answer::tagged(&view)?.unless_held(&headers))
}

/// Take a copy back
///
/// What is being made is called off; an archive that is there is removed. One that was taken back, or has expired, stays
/// as it is.
#[utoipa::path(
    delete,
    operation_id = "revokeExport",
    path = paths::EXPORT,
    tag = "exports",
    params(
        ("id" = Uuid, Path, description = "The copy"),
        ("idempotency-key" = Uuid, Header, description = "New with every request, the same when it is repeated"),
        ("if-match" = Option<String>, Header, description = "The `ETag` of the state it was decided on"),
    ),
    responses((status = 200, description = "Taken back", body = api::Export, headers(("etag" = String, description = "Changes with every step"))), Refusals),
    security(("session" = [])),
)]
pub async fn revoke(
    State(shared): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    request: Keyed,
) -> Result<Answer, Failure> {
    let id = identified(&id)?;
    let (mut attempt, export) = match begin(&shared, caller, id, &request).await? {
        Ok(begun) => begun,
        Err(answer) => return Ok(answer),
    };
    let now = attempt.now();
    rows::revoke(attempt.connection(), export.id, now).await?;
    let answer = finish(attempt, caller, id, &request).await?;
    shared.desk.call_off(id);
    let archive = shared.desk.archive(id);
    // One that stays is removed at the next start.
    let _ = tokio::task::spawn_blocking(move || std::fs::remove_file(archive)).await?;
    Ok(answer)
}

/// Try again a copy that failed
///
/// It is the same copy: it counts once.
#[utoipa::path(
    post,
    operation_id = "retryExport",
    path = paths::EXPORT_RETRY,
    tag = "exports",
    params(
        ("id" = Uuid, Path, description = "The copy"),
        ("idempotency-key" = Uuid, Header, description = "New with every request, the same when it is repeated"),
        ("if-match" = Option<String>, Header, description = "The `ETag` of the state it was decided on"),
    ),
    responses((status = 202, description = "It will be made", body = api::Export, headers(("etag" = String, description = "Changes with every step"))), Refusals),
    security(("session" = [])),
)]
pub async fn retry(
    State(shared): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    request: Keyed,
) -> Result<Answer, Failure> {
    let id = identified(&id)?;
    let (mut attempt, export) = match begin(&shared, caller, id, &request).await? {
        Ok(begun) => begun,
        Err(answer) => return Ok(answer),
    };
    if export.status != Status::Failed {
        return Err(not_failed().into());
    }
    if rows::is_one_under_way(attempt.connection(), caller.account).await? {
        return Err(under_way().into());
    }
    let now = attempt.now();
    rows::reopen(attempt.connection(), id, now).await?;
    let answer = finish(attempt, caller, id, &request).await?;
    shared.desk.nudge();
    Ok(Answer {
        status: if answer.status == StatusCode::OK {
            StatusCode::ACCEPTED
        } else {
            answer.status
        },
        ..answer
    })
}

type BegunOrAnswered = Result<(Attempt, Export), Answer>;

async fn begin(
    shared: &Shared,
    caller: Caller,
    id: Uuid,
    request: &Keyed,
) -> Result<BegunOrAnswered, Failure> {
    Attempt::begin_over(shared, caller.account, request, async |connection, now| {
        let export = rows::find(connection, caller.account, id)
            .await?
            .ok_or_else(problem::not_found)?;
        let view = exports::view(connection, &export, now).await?;
        Ok((Answer::tagged(&view)?, export))
    })
    .await
}

async fn finish(mut attempt: Attempt, caller: Caller, id: Uuid, request: &Keyed) -> Result<Answer, Failure> {
    let now = attempt.now();
    let export = rows::find(attempt.connection(), caller.account, id)
        .await?
        .ok_or_else(problem::not_found)?;
    let view = exports::view(attempt.connection(), &export, now).await?;
    attempt.commit(request, Answer::tagged(&view)?).await
}

/// The answer, with where to look for what comes of it. A refusal that was kept is none.
fn accepted(answer: Answer) -> Result<Response, Failure> {
    let export: Option<api::Export> = answer
        .body
        .as_deref()
        .and_then(|body| serde_json::from_str(body).ok());
    let location = export.map(|export| paths::EXPORT.replace("{id}", &export.id.to_string()));
    let mut response = answer.into_response();
    if let Some(location) = location.and_then(|path| HeaderValue::try_from(path).ok()) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

fn unchosen(unchosen: Unchosen) -> Problem {
    // Its name is whatever was sent, so it isn't repeated.
    let title = match unchosen {
        Unchosen::None => "The request names no category.",
        Unchosen::Unknown(_) => "The request names a category that doesn't exist.",
    };
    Problem::new(Code::CategoryUnknown, 422, title).with_detail("Nothing was begun. See the inventory.")
}

fn unknown_regime() -> Problem {
    Problem::new(
        Code::RegimeUnknown,
        422,
        "The request names a law that doesn't exist.",
    )
    .with_detail("Nothing was begun.")
}

fn under_way() -> Problem {
    Problem::new(Code::ExportInProgress, 409, "Another copy is being made.")
        .with_detail("Wait until it is ready, or cancel it.")
}

fn not_failed() -> Problem {
    Problem::new(
        Code::ExportNotFailed,
        409,
        "Only a copy that couldn't be made can be tried again.",
    )
    .with_detail("Ask for a new one.")
}

fn no_copy(no: NoCopy, regime: &Regime, now: Timestamp) -> Problem {
    match no {
        NoCopy::TooOften { next_allowed_at } => {
            let wait = next_allowed_at.duration_since(now);
            let seconds = wait.as_secs() + i64::from(wait.subsec_nanos() > 0);
            let title = format!(
                "You have had the copies that the law ({}) gives you for now.",
                regime.law
            );
            let mut problem = Problem::new(Code::ExportLimitReached, 429, title);
            problem.retry_after = Some(u64::try_from(seconds).unwrap_or(1).max(1));
            problem.next_allowed_at = Some(next_allowed_at);
            let day = next_allowed_at.strftime("%-d %B %Y, %H:%M UTC");
            problem.with_detail(format!("You can ask again from {day} on."))
        }
        NoCopy::EmptyPeriod => Problem::new(Code::PeriodNotCovered, 422, "The period ends before it begins.")
            .with_detail("Choose a later end. Nothing was begun."),
        NoCopy::TooEarly { earliest } => {
            let title = format!("The period begins earlier than the law ({}) reaches.", regime.law);
            let day = earliest.strftime("%-d %B %Y, %H:%M UTC");
            Problem::new(Code::PeriodNotCovered, 422, title)
                .with_detail(format!("It reaches back to {day}. Nothing was begun."))
        }
    }
}
