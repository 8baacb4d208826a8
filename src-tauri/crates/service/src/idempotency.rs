//! Repeating a request changes nothing: what was answered under a key is kept with the change itself, in one
//! transaction, and given again for 24 hours.
//!
//! A refusal that changed nothing isn't kept: the request is judged anew, and its key stays free. Writers take turns,
//! so that of two requests under one key the second waits and finds what the first was answered. Only while a letter is
//! on its way, outside any transaction, is the second told to come back (409).
//!
//! A key belongs to its account, its session or the address that isn't signed in: nobody finds another's answer.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use settings_privacy_api::{Code, Problem, StepUpPurpose, Token};

use crate::answer::{self, Answer};
use crate::codes::{self, Tried};
use crate::db::idempotency::{self as rows, Entry, Pair};
use crate::db::{Connection, Transaction, accounts, deletions};
use crate::identifier::Identifier;
use crate::problem::{self, Failure};
use crate::request::Keyed;
use crate::service::Shared;

const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// A reservation whose owner died is free again after this.
const RESERVED: SignedDuration = SignedDuration::from_secs(60);

/// What stands under a key.
#[derive(Debug)]
pub enum Found {
    /// Nothing: the request is new.
    Nothing,
    /// It was answered with this.
    Answer(Answer),
    /// It was answered with this pair of tokens, which isn't stored.
    Pair(Pair),
}

/// A new request of an account, in its transaction.
pub struct Attempt {
    transaction: Transaction,
    scope: String,
    now: Timestamp,
}

/// How an account's request begins.
pub enum Begun {
    /// It is new.
    First(Attempt),
    /// It was answered before.
    Again(Answer),
}

impl Attempt {
    /// Begins an account's request.
    pub async fn begin(shared: &Shared, account: uuid::Uuid, request: &Keyed) -> Result<Begun, Failure> {
        let (scope, now) = (format!("account:{account}"), shared.now());
        let mut transaction = shared.database.begin().await?;
        // Who sent it was signed in a moment ago; nothing may be added to an account that is being removed.
        if !deletions::goes_on(&mut transaction, account).await? {
            return Err(problem::unauthenticated().into());
        }
        match look(&mut transaction, &scope, request, now).await? {
            Found::Nothing => Ok(Begun::First(Self {
                transaction,
                scope,
                now,
            })),
            Found::Answer(answer) => Ok(Begun::Again(answer)),
            Found::Pair(_) => Err(reused().into()),
        }
    }

    /// Begins an account's request over something it looked at: `look` gives that as it is, for `If-Match`, and whatever
    /// else the request needs to know. Repeated, it is answered as before, whatever holds by now.
    pub async fn begin_over<T>(
        shared: &Shared,
        account: uuid::Uuid,
        request: &Keyed,
        look: impl AsyncFnOnce(&mut Connection, Timestamp) -> Result<(Answer, T), Failure>,
    ) -> Result<Result<(Self, T), Answer>, Failure> {
        let mut attempt = match Self::begin(shared, account, request).await? {
            Begun::First(attempt) => attempt,
            Begun::Again(answer) => return Ok(Err(answer)),
        };
        let (holds, more) = look(&mut attempt.transaction, attempt.now).await?;
        answer::check_if_match(&request.headers, &holds)?;
        Ok(Ok((attempt, more)))
    }

    /// Tries the code with which an account's owner proves who they are, for one act. Gives with what to refuse when it is
    /// wrong: an attempt was used up then, so the refusal is to be committed, and repeating the request uses up no other.
    pub async fn try_code(
        &mut self,
        shared: &Shared,
        account: uuid::Uuid,
        act: StepUpPurpose,
        code: &Token,
    ) -> Result<Option<Problem>, Failure> {
        let profile = accounts::find(&mut self.transaction, account).await?;
        let identifier = Identifier::parse(&profile.account.identifier)?;
        let digest = codes::step_up_digest(&shared.key, &identifier, act);
        let code = code.expose().trim();
        match codes::attempt(&mut self.transaction, &shared.key, &digest, code, self.now).await? {
            Tried::Right => Ok(None),
            Tried::Wrong(problem) => Ok(Some(problem)),
            Tried::None(problem) => Err(problem.into()),
        }
    }

    /// The transaction.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.transaction
    }

    /// The time of the change.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Commits the change without keeping an answer: asked again, it is decided anew, and comes to the same.
    pub async fn commit_alone(self) -> Result<(), Failure> {
        Ok(self.transaction.commit().await?)
    }

    /// Keeps the answer and commits it together with the change.
    pub async fn commit(mut self, request: &Keyed, answer: Answer) -> Result<Answer, Failure> {
        keep(&mut self.transaction, &self.scope, request, &answer, self.now).await?;
        self.transaction.commit().await?;
        Ok(answer)
    }
}

/// Looks under a key.
pub async fn look(
    connection: &mut Connection,
    scope: &str,
    request: &Keyed,
    now: Timestamp,
) -> Result<Found, Failure> {
    let Some(entry) = rows::find(connection, scope, request.key, now).await? else {
        return Ok(Found::Nothing);
    };
    if entry.fingerprint != request.fingerprint {
        return Err(reused().into());
    }
    let Some(status) = entry.status else {
        return Err(in_progress().into());
    };
    match entry.pair {
        Some(pair) => Ok(Found::Pair(pair)),
        None => Ok(Found::Answer(Answer {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            body: entry.body,
            etag: entry.etag,
            replayed: true,
        })),
    }
}

/// Keeps an answer under a key.
pub async fn keep(
    connection: &mut Connection,
    scope: &str,
    request: &Keyed,
    answer: &Answer,
    now: Timestamp,
) -> Result<(), Failure> {
    let entry = Entry {
        fingerprint: request.fingerprint.clone(),
        status: Some(answer.status.as_u16()),
        body: answer.body.clone(),
        etag: answer.etag.clone(),
        pair: None,
    };
    Ok(rows::put(connection, scope, request.key, &entry, now + KEPT).await?)
}

/// Keeps, under a key, which pair of tokens was answered; not the tokens.
pub async fn keep_pair(
    connection: &mut Connection,
    scope: &str,
    request: &Keyed,
    pair: Pair,
    now: Timestamp,
) -> Result<(), Failure> {
    let entry = Entry {
        fingerprint: request.fingerprint.clone(),
        status: Some(StatusCode::OK.as_u16()),
        body: None,
        etag: None,
        pair: Some(pair),
    };
    Ok(rows::put(connection, scope, request.key, &entry, now + KEPT).await?)
}

/// Takes a key while work goes on outside the transaction.
pub async fn reserve(
    connection: &mut Connection,
    scope: &str,
    request: &Keyed,
    now: Timestamp,
) -> Result<(), Failure> {
    let entry = Entry {
        fingerprint: request.fingerprint.clone(),
        status: None,
        body: None,
        etag: None,
        pair: None,
    };
    Ok(rows::put(connection, scope, request.key, &entry, now + RESERVED).await?)
}

/// Gives a key back: nothing was done under it.
pub async fn release(connection: &mut Connection, scope: &str, request: &Keyed) -> Result<(), Failure> {
    Ok(rows::remove(connection, scope, request.key).await?)
}

fn reused() -> Problem {
    Problem::new(
        Code::IdempotencyKeyReused,
        422,
        "This Idempotency-Key was used before for another request.",
    )
    .with_detail("Nothing was changed. Send the change under a new key.")
}

fn in_progress() -> Problem {
    let mut problem = Problem::new(
        Code::IdempotencyInProgress,
        409,
        "The first request under this Idempotency-Key is still being worked on.",
    );
    problem.retry_after = Some(1);
    problem
}
