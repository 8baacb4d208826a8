//! Sending a code.

use axum::extract::State;
use http::StatusCode;
use settings_privacy_api::{Code, CodeSent, Problem, StepUpRequest, VerificationCodeRequest, paths};

use super::Refusals;
use crate::answer::Answer;
use crate::codes::{self, Allowance, Issued};
use crate::db::{self, accounts};
use crate::idempotency::{self, Found};
use crate::identifier::Identifier;
use crate::letter::Act;
use crate::problem::Failure;
use crate::request::{Caller, Keyed, KeyedJson};
use crate::sample::SAMPLE_IDENTIFIER;
use crate::service::Shared;

/// Send a verification code
///
/// A letter with a six-digit code goes to the address. The answer is the same whether or not it has an account; the
/// first sign-in makes one. A new code ends the one before. Another can be asked for after 60 seconds, and at most six
/// within an hour. A letter that can't be sent (502) leaves no code behind and doesn't count.
#[utoipa::path(
    post,
    operation_id = "sendVerificationCode",
    path = paths::VERIFICATION_CODES,
    tag = "sign-in",
    params(("idempotency-key" = uuid::Uuid, Header, description = "New with every request, the same when it is repeated")),
    request_body = VerificationCodeRequest,
    responses((status = 200, description = "On its way", body = CodeSent), Refusals),
)]
pub async fn send(
    State(shared): State<Shared>,
    asked: KeyedJson<VerificationCodeRequest>,
) -> Result<Answer, Failure> {
    let identifier = Identifier::parse(&asked.body.identifier)?;
    let digest = codes::identifier_digest(&shared.key, &identifier);
    post(shared, identifier, digest, Act::SignIn, asked.request).await
}

/// Send a code for one act
///
/// For an act that asks again who you are, although you are signed in: asking for a copy, or for the account to be ended.
/// A letter goes to the account's own address, and says what the code is for. The code is good for that act only, once,
/// and as long as any other; the same limits hold, counted by themselves.
#[utoipa::path(
    post,
    operation_id = "sendStepUpCode",
    path = paths::STEP_UP_CODES,
    tag = "sign-in",
    params(("idempotency-key" = uuid::Uuid, Header, description = "New with every request, the same when it is repeated")),
    request_body = StepUpRequest,
    responses((status = 200, description = "On its way", body = CodeSent), Refusals),
    security(("session" = [])),
)]
pub async fn send_step_up(
    State(shared): State<Shared>,
    caller: Caller,
    asked: KeyedJson<StepUpRequest>,
) -> Result<Answer, Failure> {
    let mut reading = shared.database.read().await?;
    let profile = accounts::find(&mut reading, caller.account).await?;
    drop(reading);
    let identifier = Identifier::parse(&profile.account.identifier)?;
    let digest = codes::step_up_digest(&shared.key, &identifier, asked.body.purpose);
    post(
        shared,
        identifier,
        digest,
        Act::StepUp(asked.body.purpose),
        asked.request,
    )
    .await
}

/// Makes a code and sends it. `digest` is under what it is kept.
async fn post(
    shared: Shared,
    identifier: Identifier,
    digest: String,
    act: Act,
    request: Keyed,
) -> Result<Answer, Failure> {
    let (scope, now) = (format!("code:{digest}"), shared.now());
    let mut transaction = shared.database.begin().await?;
    db::prune(&mut transaction, now).await?;
    if let Found::Answer(answer) = idempotency::look(&mut transaction, &scope, &request, now).await? {
        return Ok(answer);
    }
    let made_up = shared.config.sample && identifier.as_str() == SAMPLE_IDENTIFIER;
    let allowance = if made_up {
        Allowance::Unlimited
    } else {
        Allowance::Sparing
    };
    let issued = codes::issue(&mut transaction, &shared.key, &digest, allowance, now).await?;
    idempotency::reserve(&mut transaction, &scope, &request, now).await?;
    transaction.commit().await?;
    // A task of its own: whoever asked may hang up meanwhile, and the code must not stay half sent.
    let delivery = deliver(shared, identifier, issued, act, scope, request);
    let span = tracing::Span::current();
    tokio::spawn(tracing::Instrument::instrument(delivery, span)).await?
}

/// Sends the letter outside any transaction, then keeps the answer, or takes the code back.
async fn deliver(
    shared: Shared,
    identifier: Identifier,
    issued: Issued,
    act: Act,
    scope: String,
    request: Keyed,
) -> Result<Answer, Failure> {
    let sent = shared
        .courier
        .send_code(&identifier, &issued.digits, act, issued.at)
        .await;
    let mut transaction = shared.database.begin().await?;
    let answer = match sent {
        Ok(()) => {
            let answer = Answer::json(StatusCode::OK, &issued.sent)?;
            idempotency::keep(&mut transaction, &scope, &request, &answer, issued.at).await?;
            Ok(answer)
        }
        Err(error) => {
            tracing::warn!(%error, "a code couldn't be sent");
            codes::withdraw(&mut transaction, &issued).await?;
            idempotency::release(&mut transaction, &scope, &request).await?;
            Err(Failure::from(not_delivered()))
        }
    };
    transaction.commit().await?;
    answer
}

fn not_delivered() -> Problem {
    Problem::new(Code::DeliveryFailed, 502, "The code couldn't be sent.")
        .with_detail("Check the address, or try again in a while.")
}
