//! Signatures, of archives and of receipts: a compact JWS ([RFC 7515](https://www.rfc-editor.org/rfc/rfc7515)) with Ed25519
//! ([RFC 8037](https://www.rfc-editor.org/rfc/rfc8037)) and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::Deserialize;
use settings_privacy_core::archive::{Fault, Pinned};

/// What the header must say it is.
pub(crate) const TYPE: &str = "settings-privacy-export+jws";

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: String,
    #[serde(default)]
    typ: String,
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

/// What is wrong with something signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// It isn't a signature of this kind.
    #[error("it isn't signed the way it should be")]
    Unreadable,
    /// Its key isn't one of those that are trusted.
    #[error("it is signed with a key the service doesn't publish ({kid})")]
    UnknownKey {
        /// The name of the key, fit to be shown.
        kid: String,
    },
    /// The signature doesn't hold: what it says was changed, or somebody else signed it.
    #[error("its signature doesn't hold, so it was changed or somebody else made it")]
    Wrong,
}

/// Opens something signed; gives the name of the key, and what is signed.
///
/// # Errors
/// When it isn't a signature of type `typ`, its key isn't one of `keys`, or it doesn't hold.
pub fn signed(jws: &[u8], typ: &str, keys: &Pinned) -> Result<(String, Vec<u8>), NotSigned> {
    let text = std::str::from_utf8(jws)
        .map_err(|_| NotSigned::Unreadable)?
        .trim_ascii_end();
    let mut parts = text.split('.');
    let (Some(head), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(NotSigned::Unreadable);
    };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| NotSigned::Unreadable);
    let header: Header = serde_json::from_slice(&decode(head)?).map_err(|_| NotSigned::Unreadable)?;
    // The algorithm is ours to choose, never the signature's: "none" and the like are no signatures.
    if header.alg != "EdDSA" || header.typ != typ || header.crit.is_some() {
        return Err(NotSigned::Unreadable);
    }
    let key = keys.keys.get(&header.kid).ok_or_else(|| NotSigned::UnknownKey {
        kid: settings_privacy_core::archive::shown(header.kid.as_bytes()),
    })?;
    let message = &text.as_bytes()[..head.len() + 1 + payload.len()];
    UnparsedPublicKey::new(&ED25519, decode(key)?)
        .verify(message, &decode(signature)?)
        .map_err(|_| NotSigned::Wrong)?;
    Ok((header.kid, decode(payload)?))
}

/// Checks an archive's signature over `expected`; gives the name of the key.
///
/// # Errors
/// As of [`signed`], and when it signs something else.
pub(crate) fn check(jws: &[u8], expected: &[u8], keys: &Pinned) -> Result<String, Fault> {
    let (kid, payload) = signed(jws, TYPE, keys).map_err(|error| match error {
        NotSigned::Unreadable => Fault::SignatureUnreadable,
        NotSigned::UnknownKey { kid } => Fault::UnknownKey { kid },
        NotSigned::Wrong => Fault::SignatureWrong,
    })?;
    if payload != expected {
        return Err(Fault::SignedOther);
    }
    Ok(kid)
}
