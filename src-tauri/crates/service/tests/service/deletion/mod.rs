//! The end of an account.

mod asking;
mod finalising;
#[cfg(target_os = "linux")]
mod killed;
mod letters;
mod operator;
mod systems;

use std::path::Path;
use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use settings_privacy_api::{
    Deletion, DeletionPreflight, DeletionRequest, DeletionStatus, JsonWebKeySet, Session, StepUpPurpose,
    Token, paths,
};
use uuid::Uuid;

use crate::support::*;

/// An ending comes to rest within this, or a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(60);

async fn preflight(tried: &Tried, token: &Token) -> DeletionPreflight {
    let reply = tried.get(paths::DELETION_PREFLIGHT, token).send().await;
    reply.expect(StatusCode::OK)
}

/// A request that is granted, unless something stands in its way: with a fresh code.
async fn a_request(tried: &Tried, session: &Session) -> DeletionRequest {
    DeletionRequest {
        preflight: preflight(tried, &session.access_token).await.version,
        code: tried.a_code_for(session, StepUpPurpose::Deletion).await,
        reasons: Vec::new(),
    }
}

fn ask(tried: &Tried, session: &Session, body: &DeletionRequest) -> Call {
    tried
        .call(Method::POST, paths::DELETION)
        .bearer(&session.access_token)
        .key(Uuid::new_v4())
        .json(body)
}

/// An ending from its preflight to where it can be taken back, with its token.
pub async fn asked(tried: &Tried, session: &Session) -> (Deletion, Token) {
    let body = a_request(tried, session).await;
    let deletion: Deletion = ask(tried, session, &body)
        .send()
        .await
        .expect(StatusCode::ACCEPTED);
    assert_eq!(deletion.status, DeletionStatus::CoolingOff);
    let token = deletion.deletion_token.clone().expect("it comes with its token");
    (deletion, token)
}

fn cancel(tried: &Tried, token: &Token) -> Call {
    tried
        .call(Method::DELETE, paths::DELETION)
        .bearer(token)
        .key(Uuid::new_v4())
}

async fn look(tried: &Tried, token: &Token) -> Deletion {
    tried
        .get(paths::DELETION, token)
        .send()
        .await
        .expect(StatusCode::OK)
}

/// Looks until it stands there.
async fn until(tried: &Tried, token: &Token, status: DeletionStatus) -> Deletion {
    let began = Instant::now();
    loop {
        let deletion = look(tried, token).await;
        if deletion.status == status {
            return deletion;
        }
        assert!(began.elapsed() < PATIENCE, "it stays {deletion:?}");
        tokio::task::yield_now().await;
    }
}

/// Lets the time to take it back go by, and waits until everything is gone.
pub async fn deleted(tried: &Tried, token: &Token) -> Deletion {
    tried.later(jiff::SignedDuration::from_hours(24 * 30));
    until(tried, token, DeletionStatus::Deleted).await
}

/// The receipt as it is served: a compact JWS.
async fn receipt(tried: &Tried, token: &Token) -> String {
    let reply = tried.get(paths::DELETION_RECEIPT, token).send().await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (StatusCode::OK, Some("application/jose"))
    );
    String::from_utf8(reply.body.to_vec()).unwrap()
}

/// What a JWS says, checked with the service's published keys.
async fn says<T: serde::de::DeserializeOwned>(tried: &Tried, jws: &str, typ: &str) -> T {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let keys: JsonWebKeySet = tried
        .call(Method::GET, paths::JWKS)
        .send()
        .await
        .expect(StatusCode::OK);
    let (signed, signature) = jws.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let header: serde_json::Value = serde_json::from_slice(&decoded(header)).unwrap();
    assert_eq!((&header["alg"], &header["typ"]), (&"EdDSA".into(), &typ.into()));
    let key = keys
        .keys
        .iter()
        .find(|key| header["kid"] == key.kid)
        .expect("a published key");
    ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, decoded(&key.x))
        .verify(signed.as_bytes(), &decoded(signature))
        .expect("it is signed");
    serde_json::from_slice(&decoded(payload)).expect("the documented shape")
}

/// The files under a folder that hold a text.
pub fn holding(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().contains(text) {
            found.push(path.display().to_string());
        }
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else {
            let bytes = std::fs::read(&path).unwrap_or_default();
            if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

/// The lines of the ledger.
fn noted(folder: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(folder.join("ledger/deleted.jsonl")).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
