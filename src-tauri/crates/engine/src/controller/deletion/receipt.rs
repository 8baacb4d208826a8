//! Checking a receipt: a signature by a key the service published, over what it says. No network is needed.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use settings_privacy_api as api;
use settings_privacy_archive::signed;
use settings_privacy_core::archive::{Jwk, Jwks, Learned, Pinned, learn};
use uuid::Uuid;

use super::{DeletionError, ReceiptFault};

/// A receipt that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedReceipt {
    /// The name of the key it is signed with.
    pub key: String,
    /// What it says.
    pub says: api::DeletionReceipt,
}

/// Checks a receipt against keys.
///
/// # Errors
/// When it isn't genuine, or not a receipt.
pub fn check(jws: &str, keys: &Pinned) -> Result<CheckedReceipt, ReceiptFault> {
    let (key, payload) = signed(jws.as_bytes(), api::RECEIPT_TYPE, keys).map_err(ReceiptFault::Signature)?;
    let says = serde_json::from_slice(&payload).map_err(|_| ReceiptFault::NotAReceipt)?;
    Ok(CheckedReceipt { key, says })
}

/// Checks a file against the keys in another, as the service publishes them. Without an account, without a network.
///
/// # Errors
/// When one can't be read, or the receipt isn't genuine.
pub fn check_receipt(receipt: &Path, keys: &Path) -> Result<CheckedReceipt, DeletionError> {
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|source| DeletionError::File {
            path: path.display().to_string(),
            source,
        })
    };
    let jws = read(receipt)?;
    let published: Jwks = serde_json::from_str(&read(keys)?).map_err(|_| ReceiptFault::NoKeys)?;
    let Learned::FirstUse(keys) = learn(None, &published) else {
        return Err(ReceiptFault::NoKeys.into());
    };
    Ok(check(jws.trim(), &keys)?)
}

/// Whether it is about this account's deletion: its pseudonym can be made by whoever knows both identifiers.
pub(super) fn is_for(receipt: &api::DeletionReceipt, account: &str, deletion: &str) -> bool {
    let text = format!("settings-privacy-deletion:{account}:{deletion}");
    let pseudonym = URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()));
    receipt.sub == pseudonym && deletion.parse::<Uuid>() == Ok(receipt.jti)
}

/// As the service publishes them.
pub(super) fn published(set: &api::JsonWebKeySet) -> Jwks {
    let key = |key: &api::JsonWebKey| Jwk {
        kty: key.kty.clone(),
        crv: key.crv.clone(),
        kid: key.kid.clone(),
        x: key.x.clone(),
    };
    Jwks {
        keys: set.keys.iter().map(key).collect(),
    }
}
