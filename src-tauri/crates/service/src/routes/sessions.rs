//! Signing in, staying signed in, signing out.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use settings_privacy_api::{
    AccountSummary, DeviceInfo, Problem, RefreshRequest, Session, SessionRequest, paths,
};

use super::Refusals;
use crate::answer::Answer;
use crate::codes::{self, Tried};
use crate::db::sessions::Ended;
use crate::db::{self, Connection, accounts, deletions, devices};
use crate::idempotency::{self, Attempt, Begun, Found};
use crate::identifier::Identifier;
use crate::problem::{self, Failure};
use crate::request::{Keyed, KeyedJson, token_holder};
use crate::service::Shared;
use crate::tokens::{self, Refreshed};

/// A device's name is no longer than this, in characters.
const LONGEST_NAME: usize = 80;

/// Sign in with a code
///
/// The first sign-in with an address makes its account. A code can be tried five times, and used once. Repeated under
/// its key, the request is answered with the same tokens, until they are changed for the next.
#[utoipa::path(
    post,
    operation_id = "signIn",
    path = paths::SESSIONS,
    tag = "sign-in",
    params(("idempotency-key" = uuid::Uuid, Header, description = "New with every request, the same when it is repeated")),
    request_body = SessionRequest,
    responses((status = 201, description = "Signed in", body = Session), Refusals),
)]
pub async fn sign_in(
    State(shared): State<Shared>,
    asked: KeyedJson<SessionRequest>,
) -> Result<Response, Failure> {
    let identifier = Identifier::parse(&asked.body.identifier)?;
    let device = named(&asked.body.device)?;
    let digest = codes::identifier_digest(&shared.key, &identifier);
    let (scope, request, now) = (format!("sign-in:{digest}"), asked.request, shared.now());
    let mut transaction = shared.database.begin().await?;
    match idempotency::look(&mut transaction, &scope, &request, now).await? {
        Found::Answer(answer) => return Ok(answer.into_response()),
        // Where that pair was changed for the next, the code counts as used, which it is.
        Found::Pair(pair) => {
            if let Some(session) = tokens::again(&mut transaction, &shared.key, pair).await? {
                return answer(StatusCode::CREATED, &session, true);
            }
        }
        Found::Nothing => {}
    }
    let code = asked.body.code.expose();
    match codes::attempt(&mut transaction, &shared.key, &digest, code.trim(), now).await? {
        Tried::Right => {}
        Tried::Wrong(problem) => {
            // An attempt was used up: repeating the request must not use up another.
            let refusal = Answer::refusal(&problem)?;
            idempotency::keep(&mut transaction, &scope, &request, &refusal, now).await?;
            transaction.commit().await?;
            return Ok(refusal.into_response());
        }
        Tried::None(problem) => return Err(problem.into()),
    }
    let account = find_or_make(&mut transaction, &identifier, now).await?;
    devices::register(&mut transaction, account.id, &device, now).await?;
    let (pair, session) = tokens::begin(&mut transaction, &shared.key, account.id, device.id, now).await?;
    idempotency::keep_pair(&mut transaction, &scope, &request, pair, now).await?;
    transaction.commit().await?;
    answer(StatusCode::CREATED, &session, false)
}

/// Change a refresh token for a new pair
///
/// The old token ends. Repeated under its key, the request is answered with the same pair, until that is changed for
/// the next. An old token in any other request ends the whole session (`session-revoked`).
#[utoipa::path(
    post,
    operation_id = "refreshSession",
    path = paths::SESSIONS_REFRESH,
    tag = "sign-in",
    params(("idempotency-key" = uuid::Uuid, Header, description = "New with every request, the same when it is repeated")),
    request_body = RefreshRequest,
    responses((status = 200, description = "The next pair", body = Session), Refusals),
)]
pub async fn refresh(
    State(shared): State<Shared>,
    asked: KeyedJson<RefreshRequest>,
) -> Result<Response, Failure> {
    let now = shared.now();
    let mut transaction = shared.database.begin().await?;
    let token = &asked.body.refresh_token;
    let refreshed = tokens::refresh(&mut transaction, &shared.key, token, &asked.request, now).await?;
    transaction.commit().await?;
    match refreshed {
        Refreshed::Session { session, replayed } => answer(StatusCode::OK, &session, replayed),
        Refreshed::Revoked => {
            tracing::warn!("a refresh token was used twice; its session was ended");
            Err(problem::session_revoked().into())
        }
    }
}

/// Sign out
///
/// Ends the session the token belongs to, with every token of it.
#[utoipa::path(
    delete,
    operation_id = "signOut",
    path = paths::SESSIONS_CURRENT,
    tag = "sign-in",
    params(("idempotency-key" = uuid::Uuid, Header, description = "New with every request, the same when it is repeated")),
    responses((status = 204, description = "Signed out"), Refusals),
    security(("session" = [])),
)]
pub async fn sign_out(State(shared): State<Shared>, request: Keyed) -> Result<Answer, Failure> {
    // The token of a session that was ended still finds the answer that ended it.
    let holder = token_holder(&request.headers, &shared).await?;
    let mut attempt = match Attempt::begin(&shared, holder.account, &request).await? {
        Begun::First(attempt) => attempt,
        Begun::Again(answer) => return Ok(answer),
    };
    let now = attempt.now();
    if !holder.is_signed_in(now) {
        return Err(problem::unauthenticated().into());
    }
    db::sessions::end(attempt.connection(), holder.session, Ended::SignedOut, now).await?;
    attempt
        .commit(&request, Answer::empty(StatusCode::NO_CONTENT))
        .await
}

async fn find_or_make(
    connection: &mut Connection,
    identifier: &Identifier,
    now: jiff::Timestamp,
) -> Result<AccountSummary, Failure> {
    if let Some(profile) = accounts::find_by_address(connection, identifier.as_str()).await? {
        if !deletions::goes_on(connection, profile.account.id).await? {
            return Err(problem::deletion_final().into());
        }
        return Ok(profile.account);
    }
    let profile = accounts::fresh(identifier, now);
    accounts::add(connection, &profile).await?;
    Ok(profile.account)
}

fn named(device: &DeviceInfo) -> Result<DeviceInfo, Problem> {
    let name = device.name.trim();
    let length = name.chars().count();
    if length == 0 || length > LONGEST_NAME || name.chars().any(char::is_control) {
        let allowed = format!("A device's name has 1 to {LONGEST_NAME} characters on one line.");
        return Err(problem::malformed(allowed));
    }
    Ok(DeviceInfo {
        id: device.id,
        name: name.to_owned(),
    })
}

/// Tokens are written out here, straight into the response, and nowhere else.
fn answer(status: StatusCode, session: &Session, replayed: bool) -> Result<Response, Failure> {
    let mut answer = Answer::json(status, session)?;
    answer.replayed = replayed;
    Ok(answer.into_response())
}
