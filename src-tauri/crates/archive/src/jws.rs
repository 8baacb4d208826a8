//! The signature of an archive: a compact JWS ([RFC 7515](https://www.rfc-editor.org/rfc/rfc7515)) with Ed25519
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

/// Checks a signature over `signed`; gives the name of the key.
///
/// # Errors
/// When it isn't a signature, its key isn't one of `keys`, it doesn't hold, or it signs something else.
pub(crate) fn check(jws: &[u8], signed: &[u8], keys: &Pinned) -> Result<String, Fault> {
    let text = std::str::from_utf8(jws)
        .map_err(|_| Fault::SignatureUnreadable)?
        .trim_ascii_end();
    let mut parts = text.split('.');
    let (Some(head), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Fault::SignatureUnreadable);
    };
    let decode = |part: &str| {
        URL_SAFE_NO_PAD
            .decode(part)
            .map_err(|_| Fault::SignatureUnreadable)
    };
    let header: Header = serde_json::from_slice(&decode(head)?).map_err(|_| Fault::SignatureUnreadable)?;
    // The algorithm is ours to choose, never the signature's: "none" and the like are no signatures.
    if header.alg != "EdDSA" || header.typ != TYPE || header.crit.is_some() {
        return Err(Fault::SignatureUnreadable);
    }
    let key = keys.keys.get(&header.kid).ok_or_else(|| Fault::UnknownKey {
        kid: settings_privacy_core::archive::shown(header.kid.as_bytes()),
    })?;
    let message = &text.as_bytes()[..head.len() + 1 + payload.len()];
    UnparsedPublicKey::new(&ED25519, decode(key)?)
        .verify(message, &decode(signature)?)
        .map_err(|_| Fault::SignatureWrong)?;
    if decode(payload)? != signed {
        return Err(Fault::SignedOther);
    }
    Ok(header.kid)
}
