//! Verification codes: six digits from the system's random numbers, kept as a keyed digest, good once and briefly.
//!
//! What is answered doesn't depend on whether an account exists: nothing here looks.

use jiff::{SignedDuration, Timestamp};
use settings_privacy_api::{Code, CodeSent, Problem, StepUpPurpose};

use crate::db::Connection;
use crate::db::codes::{self as rows, LiveCode};
use crate::identifier::Identifier;
use crate::keys::{self, Purpose, ServiceKey};
use crate::problem::Failure;

/// How long a code can be used.
pub const LIFE: SignedDuration = SignedDuration::from_mins(10);
/// How often a code can be tried.
pub const ATTEMPTS: i64 = 5;
/// How soon another can be asked for.
pub const RESEND_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// How many are sent to an address within [`LIMIT_WINDOW`].
pub const SENDINGS: usize = 6;
/// Over what time [`SENDINGS`] are counted.
pub const LIMIT_WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// A code on its way to a person. It can't be printed.
pub struct Issued {
    /// The six digits.
    pub digits: String,
    /// Under what its address is known.
    pub identifier: String,
    /// Its digest.
    pub digest: String,
    /// When it was made.
    pub at: Timestamp,
    /// What the person is answered.
    pub sent: CodeSent,
}

/// What a tried code turns out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// Right; it is used up now.
    Right,
    /// Wrong; an attempt was used up.
    Wrong(Problem),
    /// There is none to be tried.
    None(Problem),
}

/// Under what an address's code is kept, without keeping the address.
pub fn identifier_digest(key: &ServiceKey, identifier: &Identifier) -> String {
    key.derive(Purpose::Identifier, &[identifier.as_str().as_bytes()])
}

/// The same for the codes of one act, which are good for nothing else.
pub fn step_up_digest(key: &ServiceKey, identifier: &Identifier, purpose: StepUpPurpose) -> String {
    let act: &[u8] = match purpose {
        StepUpPurpose::Export => b"export",
        StepUpPurpose::Deletion => b"deletion",
    };
    key.derive(Purpose::Identifier, &[identifier.as_str().as_bytes(), act])
}

/// How many codes an address may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// One a minute, [`SENDINGS`] in an hour: somebody's mailbox is at the other end.
    Sparing,
    /// Any number: the made-up account has no mailbox that could be flooded.
    Unlimited,
}

/// Makes a code in place of any other of this address, unless too many were sent.
pub async fn issue(
    connection: &mut Connection,
    key: &ServiceKey,
    identifier: &str,
    allowance: Allowance,
    now: Timestamp,
) -> Result<Issued, Failure> {
    let sendings = match allowance {
        Allowance::Sparing => rows::sendings(connection, identifier, now - LIMIT_WINDOW).await?,
        Allowance::Unlimited => Vec::new(),
    };
    if let Some(allowed_at) = next_allowed_at(&sendings).filter(|allowed_at| *allowed_at > now) {
        return Err(too_many(allowed_at, now).into());
    }
    let digits = draw()?;
    let digest = key.derive(Purpose::Code, &[identifier.as_bytes(), digits.as_bytes()]);
    let code = LiveCode {
        digest: digest.clone(),
        expires_at: now + LIFE,
        attempts_left: ATTEMPTS,
    };
    rows::put(connection, identifier, &code).await?;
    rows::note_sending(connection, identifier, now).await?;
    let sendings: Vec<Timestamp> = sendings.into_iter().chain([now]).collect();
    Ok(Issued {
        digits,
        identifier: identifier.to_owned(),
        digest,
        at: now,
        sent: CodeSent {
            expires_at: code.expires_at,
            next_allowed_at: next_allowed_at(&sendings).unwrap_or(now),
        },
    })
}

/// Takes back a code that couldn't be sent.
pub async fn withdraw(connection: &mut Connection, issued: &Issued) -> Result<(), Failure> {
    rows::remove(connection, &issued.identifier, &issued.digest).await?;
    rows::forget_sending(connection, &issued.identifier, issued.at).await?;
    Ok(())
}

/// Tries a code.
pub async fn attempt(
    connection: &mut Connection,
    key: &ServiceKey,
    identifier: &str,
    digits: &str,
    now: Timestamp,
) -> Result<Tried, Failure> {
    let Some(live) = rows::find(connection, identifier, now).await? else {
        return Ok(Tried::None(expired()));
    };
    let parts = [identifier.as_bytes(), digits.as_bytes()];
    if key.verify(Purpose::Code, &parts, &live.digest) {
        rows::remove(connection, identifier, &live.digest).await?;
        return Ok(Tried::Right);
    }
    let attempts_left = live.attempts_left - 1;
    if attempts_left > 0 {
        rows::put(
            connection,
            identifier,
            &LiveCode {
                attempts_left,
                ..live
            },
        )
        .await?;
    } else {
        rows::remove(connection, identifier, &live.digest).await?;
    }
    Ok(Tried::Wrong(wrong(attempts_left)))
}

/// Six digits, each as likely as any other.
fn draw() -> Result<String, Failure> {
    const CODES: u32 = 1_000_000;
    // What doesn't divide evenly is drawn again, or low codes would come up more often.
    const FAIR_BELOW: u32 = u32::MAX - u32::MAX % CODES;
    loop {
        let drawn = u32::from_be_bytes(keys::random()?);
        if drawn < FAIR_BELOW {
            return Ok(format!("{:06}", drawn % CODES));
        }
    }
}

/// From when another code may be sent, after these sendings of the last hour (oldest first).
fn next_allowed_at(sendings: &[Timestamp]) -> Option<Timestamp> {
    let by_minute = *sendings.last()? + RESEND_AFTER;
    let by_hour = sendings
        .len()
        .checked_sub(SENDINGS)
        .and_then(|beyond| sendings.get(beyond))
        .map(|oldest| *oldest + LIMIT_WINDOW);
    Some(by_hour.map_or(by_minute, |by_hour| by_hour.max(by_minute)))
}

fn too_many(allowed_at: Timestamp, now: Timestamp) -> Problem {
    let wait = allowed_at.duration_since(now);
    let seconds = wait.as_secs() + i64::from(wait.subsec_nanos() > 0);
    let mut problem = Problem::new(Code::TooManyRequests, 429, "A code was sent a short while ago.")
        .with_detail(format!(
            "Look for it in your mailbox. Another can be sent in {}.",
            in_words(seconds)
        ));
    problem.retry_after = Some(u64::try_from(seconds).unwrap_or(1).max(1));
    problem
}

/// A wait as people say it: never shorter than it is.
fn in_words(seconds: i64) -> String {
    match seconds {
        ..=1 => "1 second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", (seconds + 59) / 60),
    }
}

fn wrong(attempts_left: i64) -> Problem {
    let mut problem = Problem::new(Code::CodeWrong, 422, "This code is wrong.");
    problem.attempts_left = Some(u32::try_from(attempts_left).unwrap_or(0));
    let detail = match attempts_left {
        ..=0 => "It can't be tried again. Ask for a new one.".to_owned(),
        1 => "You can try once more.".to_owned(),
        2.. => {
            format!("Compare it with the one in the newest letter. You can try {attempts_left} more times.")
        }
    };
    problem.with_detail(detail)
}

fn expired() -> Problem {
    Problem::new(
        Code::CodeExpired,
        422,
        "This code is too old, or was used already.",
    )
    .with_detail("Ask for a new one.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_refusal_says_how_often_or_when_one_can_try_again() {
        assert!(
            wrong(3)
                .detail
                .is_some_and(|detail| detail.contains("3 more times"))
        );
        let now = Timestamp::UNIX_EPOCH;
        for (seconds, words) in [
            (1, "in 1 second."),
            (60, "in 60 seconds."),
            (3541, "in 60 minutes."),
        ] {
            let problem = too_many(now + SignedDuration::from_secs(seconds), now);
            assert!(
                problem.detail.is_some_and(|detail| detail.ends_with(words)),
                "{words}"
            );
        }
    }

    #[test]
    fn a_code_has_six_digits_and_every_leading_one_occurs() {
        let drawn: Vec<String> = (0..2_000).map(|_| draw().unwrap()).collect();
        assert!(
            drawn
                .iter()
                .all(|code| code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()))
        );
        for digit in '0'..='9' {
            assert!(drawn.iter().any(|code| code.starts_with(digit)), "{digit}");
        }
    }

    #[test]
    fn the_next_code_may_be_sent_after_a_minute_and_never_more_than_six_within_an_hour() {
        let at = |minutes: i64| NOW + SignedDuration::from_mins(minutes);
        assert_eq!(next_allowed_at(&[]), None);
        assert_eq!(next_allowed_at(&[at(0), at(5)]), Some(at(6)));
        let six: Vec<Timestamp> = (0..6).map(|nth| at(nth * 2)).collect();
        assert_eq!(next_allowed_at(&six), Some(at(60)));
    }
}
