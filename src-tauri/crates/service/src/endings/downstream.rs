//! Tells other systems that an account ends, until each has confirmed.
//!
//! What they are sent is a security event token (RFC 8417) pushed as RFC 8935 says: `POST`, `application/secevent+jwt`, a
//! compact JWS signed with a key of `/.well-known/jwks.json`. Its event is OpenID RISC's `account-purged`, its subject
//! the account's identifier (RFC 9493, `opaque`); `aud` names the system, `jti` is the same at every try, so that a system
//! that hears it twice does nothing twice, and `iat` says when this try was signed. What they answer is read by
//! [`settings_privacy_core::deletion::downstream`]; a JSON body may name their own note of it as `reference`.

use std::time::Duration;

use futures_util::future::join_all;
use http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use settings_privacy_api::SystemStatus;
use settings_privacy_core::deletion::downstream::{self, Heard, Next, Systems};
use settings_privacy_core::deletion::ending::{Ending, Step};
use url::{Host, Url};
use uuid::Uuid;

use super::runner::dice;
use super::steps::{self, Fault};
use crate::config::OpenError;
use crate::db::deletions::{self as rows, Deletion, Trouble};
use crate::db::erasures::{self, Erasure};
use crate::problem::Failure;
use crate::service::Shared;

/// The `typ` of what they are sent (RFC 8417 §2.3).
const TYPE: &str = "secevent+jwt";
/// What happened (OpenID RISC 1.0).
const EVENT: &str = "https://schemas.openid.net/secevent/risc/event-type/account-purged";
/// No answer is read further than this.
const LARGEST_ANSWER: usize = 16 * 1024;
/// No reference is longer, in characters.
const LONGEST_REFERENCE: usize = 200;

/// Reaches other systems.
pub struct Messenger(reqwest::Client);

impl Messenger {
    /// Prepares to reach some systems; none where there are none. Nothing is sent yet.
    /// One that takes longer than `patience` isn't there.
    pub fn new(systems: &Systems, patience: Duration) -> Result<Option<Self>, OpenError> {
        for system in &systems.systems {
            if !is_private(&system.url) {
                return Err(OpenError::System(system.name.clone()));
            }
        }
        if systems.systems.is_empty() {
            return Ok(None);
        }
        // It fails only when a provider is there already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(patience)
            // A redirect could lead what is told elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("privacy-service/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| OpenError::System(systems.systems[0].name.clone()))?;
        Ok(Some(Self(client)))
    }
}

/// Encrypted, or to this computer.
fn is_private(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

/// Tells everybody who is due, all at once, and keeps each answer as it comes. Says of which endings a system confirmed.
pub async fn deliver(shared: &Shared) -> Result<Vec<Uuid>, Failure> {
    let mut reading = shared.database.read().await?;
    let due = erasures::due(&mut reading, shared.now()).await?;
    drop(reading);
    let told = join_all(due.into_iter().map(|erasure| tell(shared, erasure))).await;
    let mut confirmed = Vec::new();
    for erasure in told {
        let erasure = erasure?;
        if erasure.status == SystemStatus::Erased && !confirmed.contains(&erasure.deletion) {
            confirmed.push(erasure.deletion);
        }
    }
    Ok(confirmed)
}

async fn tell(shared: &Shared, mut erasure: Erasure) -> Result<Erasure, Failure> {
    let url = shared
        .config
        .systems
        .systems
        .iter()
        .find(|system| system.name == erasure.system)
        .map(|system| system.url.clone());
    erasure.attempts = erasure.attempts.saturating_add(1);
    let (heard, reference) = match (&shared.messenger, url, erasure.account) {
        (Some(messenger), Some(url), Some(account)) => {
            let token = token(shared, &erasure, account).await?;
            post(messenger, &url, token).await
        }
        _ => (Heard::Nothing, None),
    };
    erasure.heard = Some(match &heard {
        Heard::Status { status, .. } => format!("status {status}"),
        Heard::Nothing => "no answer".to_owned(),
    });
    let now = shared.now();
    match downstream::after(&heard, erasure.attempts, now, dice()?) {
        Next::Erased => {
            erasure.status = SystemStatus::Erased;
            erasure.confirmed_at = Some(now);
            erasure.reference = reference;
        }
        Next::Accepted(next_at) => {
            (erasure.status, erasure.next_at) = (SystemStatus::Accepted, next_at);
        }
        Next::Again(next_at) => erasure.next_at = next_at,
        Next::Refused(next_at) => {
            tracing::warn!(system = erasure.system, "a system refuses to erase an account");
            (erasure.status, erasure.next_at) = (SystemStatus::Refused, next_at);
        }
    }
    let mut transaction = shared.database.begin().await?;
    erasures::put(&mut transaction, &erasure).await?;
    transaction.commit().await?;
    Ok(erasure)
}

async fn token(shared: &Shared, erasure: &Erasure, account: Uuid) -> Result<String, Failure> {
    let claims = serde_json::json!({
        "iss": shared.config.issuer,
        "iat": shared.now().as_second(),
        "jti": erasure.jti,
        "aud": erasure.system,
        "sub_id": { "format": "opaque", "id": account },
        "events": { EVENT: {} },
    });
    let (keys, claims) = (shared.signing.clone(), serde_json::to_vec(&claims)?);
    Ok(tokio::task::spawn_blocking(move || keys.sign(TYPE, &claims)).await??)
}

/// Sends it. What an error says is left unread: it may name the address.
async fn post(messenger: &Messenger, url: &str, token: String) -> (Heard, Option<String>) {
    let request = messenger
        .0
        .post(url)
        .header(CONTENT_TYPE, "application/secevent+jwt")
        .header(ACCEPT, "application/json")
        .body(token);
    let Ok(mut answer) = request.send().await else {
        return (Heard::Nothing, None);
    };
    let seconds = answer
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let heard = Heard::Status {
        status: answer.status().as_u16(),
        retry_after: seconds.map(Duration::from_secs),
    };
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST_ANSWER {
            return (heard, None);
        }
    }
    (heard, reference(&body))
}

/// What a system calls its own note, if it is a short line of text.
fn reference(body: &[u8]) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    let reference = answer.get("reference")?.as_str()?;
    let is_a_line = !reference.is_empty() && !reference.chars().any(char::is_control);
    (is_a_line && reference.chars().count() <= LONGEST_REFERENCE).then(|| reference.to_owned())
}

/// Goes on to the receipt when every system has confirmed, or the service has waited long enough.
pub async fn settle(shared: &Shared, deletion: &Deletion) -> Result<(), Fault> {
    let mut reading = shared.database.read().await?;
    let systems = erasures::of(&mut reading, deletion.id).await?;
    drop(reading);
    let open = systems
        .iter()
        .filter(|system| system.status != SystemStatus::Erased);
    let soonest = open.clone().map(|system| system.next_at).min();
    let patient_until = match deletion.ending {
        Ending::Finalising { final_at, .. } => final_at
            .checked_add(shared.config.systems_patience)
            .unwrap_or(jiff::Timestamp::MAX),
        Ending::CoolingOff { .. } | Ending::Cancelled { .. } | Ending::Deleted { .. } => return Ok(()),
    };
    match soonest {
        Some(soonest) if shared.now() < patient_until => {
            let trouble = Trouble {
                attempts: deletion.trouble.attempts,
                retry_at: Some(soonest.min(patient_until)),
                fault: Some(format!("waits for {} other systems", open.count())),
            };
            let mut transaction = shared.database.begin().await?;
            rows::hold_up(&mut transaction, deletion.id, &trouble).await?;
            Ok(transaction.commit().await?)
        }
        Some(_) | None => steps::advance(shared, deletion, Step::Downstream).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_travels_encrypted_or_not_at_all() {
        for url in [
            "https://search.example/erase",
            "http://127.0.0.1:80/",
            "http://[::1]/",
            "http://localhost/x",
        ] {
            assert!(is_private(url), "{url}");
        }
        for url in [
            "http://search.example/",
            "http://127.0.0.1.example/",
            "ftp://localhost/",
            "search",
            "",
        ] {
            assert!(!is_private(url), "{url}");
        }
    }

    #[test]
    fn a_reference_is_a_short_line_or_none() {
        assert_eq!(reference(br#"{"reference":"R-7"}"#).as_deref(), Some("R-7"));
        let long = format!(r#"{{"reference":"{}"}}"#, "x".repeat(201));
        for body in [
            r#"{"reference":"a\nb"}"#,
            r#"{"reference":7}"#,
            r#"{"reference":""}"#,
            "R-7",
            &long,
        ] {
            assert_eq!(reference(body.as_bytes()), None, "{body}");
        }
    }
}
