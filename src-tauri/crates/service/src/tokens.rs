//! Sessions: a short access token and a refresh token that changes with every use.
//!
//! No token is stored, only SHA-256 digests of them. A pair is derived from the service's key, the session and its
//! generation, so that an answer that was lost on its way can be given again from what is stored: by the same request
//! under the same `Idempotency-Key`, and only as long as that pair is the newest. A refresh token that was used before,
//! in any other request, ends the session with every token of it: somebody else may have had it (RFC 9700 §4.14).

use jiff::{SignedDuration, Timestamp};
use settings_privacy_api::{Session, Token};
use uuid::Uuid;

use crate::db::idempotency::Pair;
use crate::db::sessions::{self as rows, Ended, Found, PairDigests};
use crate::db::{Connection, accounts, devices};
use crate::idempotency::{self, Found as Stored};
use crate::keys::{self, Purpose, ServiceKey};
use crate::problem::{self, Failure};
use crate::request::Keyed;

/// How long an access token opens anything.
pub const ACCESS_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// How long a refresh token can be used.
pub const REFRESH_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What comes of a refresh token.
#[derive(Debug)]
pub enum Refreshed {
    /// A pair, new or given again.
    Session {
        /// The pair.
        session: Session,
        /// Whether it was given before under the same key.
        replayed: bool,
    },
    /// The token had been used before; the session was ended, which is to be committed.
    Revoked,
}

/// Begins a session. The pair's name is kept with the answer.
pub async fn begin(
    connection: &mut Connection,
    key: &ServiceKey,
    account: Uuid,
    device: Uuid,
    now: Timestamp,
) -> Result<(Pair, Session), Failure> {
    let pair = Pair {
        session: Uuid::new_v4(),
        generation: 0,
    };
    rows::add(connection, pair.session, account, device, now).await?;
    let session = issue(connection, key, pair, account, now).await?;
    Ok((pair, session))
}

/// Changes a refresh token for the next pair.
pub async fn refresh(
    connection: &mut Connection,
    key: &ServiceKey,
    token: &Token,
    request: &Keyed,
    now: Timestamp,
) -> Result<Refreshed, Failure> {
    let digest = keys::sha256(token.expose().as_bytes());
    let found = rows::by_refresh(connection, &digest)
        .await?
        .ok_or_else(problem::unauthenticated)?;
    let scope = format!("session:{}", found.pair.session);
    match idempotency::look(connection, &scope, request, now).await? {
        Stored::Pair(pair) => {
            if let Some(session) = again(connection, key, pair).await? {
                return Ok(Refreshed::Session {
                    session,
                    replayed: true,
                });
            }
        }
        Stored::Nothing | Stored::Answer(_) => {}
    }
    refuse_ended(&found, now)?;
    if found.pair.generation != found.newest {
        rows::end(connection, found.pair.session, Ended::Reused, now).await?;
        return Ok(Refreshed::Revoked);
    }
    let next = Pair {
        generation: found.newest + 1,
        ..found.pair
    };
    let session = issue(connection, key, next, found.account, now).await?;
    devices::seen(connection, found.account, found.device, now).await?;
    idempotency::keep_pair(connection, &scope, request, next, now).await?;
    Ok(Refreshed::Session {
        session,
        replayed: false,
    })
}

/// A pair that was answered before, if it still is the newest of a session that goes on.
pub async fn again(
    connection: &mut Connection,
    key: &ServiceKey,
    pair: Pair,
) -> Result<Option<Session>, Failure> {
    match rows::newest_access_expiry(connection, pair).await? {
        Some((access_expires_at, account)) => {
            let session = session(connection, key, pair, access_expires_at, account).await?;
            Ok(Some(session))
        }
        None => Ok(None),
    }
}

async fn issue(
    connection: &mut Connection,
    key: &ServiceKey,
    pair: Pair,
    account: Uuid,
    now: Timestamp,
) -> Result<Session, Failure> {
    let session = session(connection, key, pair, now + ACCESS_LIFE, account).await?;
    let digests = PairDigests {
        access: keys::sha256(session.access_token.expose().as_bytes()),
        access_expires_at: session.access_expires_at,
        refresh: keys::sha256(session.refresh_token.expose().as_bytes()),
        refresh_expires_at: now + REFRESH_LIFE,
    };
    rows::add_pair(connection, pair, &digests).await?;
    Ok(session)
}

async fn session(
    connection: &mut Connection,
    key: &ServiceKey,
    pair: Pair,
    access_expires_at: Timestamp,
    account: Uuid,
) -> Result<Session, Failure> {
    let profile = accounts::find(connection, account).await?;
    Ok(Session {
        access_token: derive(key, Purpose::AccessToken, pair),
        access_expires_at,
        refresh_token: derive(key, Purpose::RefreshToken, pair),
        account: profile.account,
    })
}

fn derive(key: &ServiceKey, purpose: Purpose, pair: Pair) -> Token {
    let parts: [&[u8]; 2] = [pair.session.as_bytes(), &pair.generation.to_be_bytes()];
    Token::new(key.derive(purpose, &parts))
}

fn refuse_ended(found: &Found, now: Timestamp) -> Result<(), Failure> {
    match found.ended {
        Some(Ended::Reused) => Err(problem::session_revoked().into()),
        Some(Ended::SignedOut | Ended::AccountEnds) => Err(problem::unauthenticated().into()),
        None if found.expires_at <= now => Err(problem::unauthenticated().into()),
        None => Ok(()),
    }
}
