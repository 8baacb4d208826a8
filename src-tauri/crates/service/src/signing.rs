//! The keys archives are signed with: Ed25519 (RFC 8032), as a compact JWS (RFC 7515, RFC 8037).
//!
//! They lie in a file beside the service's own key, readable by its owner alone. A new key takes the place of the one
//! in use, whose public half stays: what it signed can still be checked. The file is read anew for every use, so that
//! a key that was changed beside a running service holds at once.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use settings_privacy_api::{JsonWebKey, JsonWebKeySet};

use crate::config::OpenError;
use crate::keys::sha256;

const FILE: &str = "signing.keys";

/// Where the keys lie.
#[derive(Debug, Clone)]
pub struct SigningKeys(PathBuf);

/// The file. A secret is written out here and nowhere else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Held {
    /// PKCS #8 (RFC 5958), in base64url.
    current: SecretString,
    /// Public keys that were in use, the newest first, in base64url.
    retired: Vec<String>,
}

#[derive(Serialize)]
struct Written<'a> {
    current: &'a str,
    retired: &'a [String],
}

impl SigningKeys {
    /// Finds the keys in the data folder, or makes one where there is none.
    pub fn open(data_dir: &Path) -> Result<Self, OpenError> {
        let keys = Self(data_dir.join(FILE));
        let failed = |source| OpenError::Folder {
            path: keys.0.clone(),
            source,
        };
        match keys.read() {
            Ok(_) => Ok(keys),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let made = keys.write(&generate().map_err(failed)?, &[], Place::New);
                // Two that start at once agree on the one that was there first.
                match made.and_then(|()| keys.read()) {
                    Ok(_) => Ok(keys),
                    Err(error) => Err(failed(error)),
                }
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Puts a new key in the place of the one in use, whose public half stays known.
    pub fn rotate(&self) -> io::Result<()> {
        let held = self.read()?;
        let public = encoded_public(&pair(&held)?);
        let retired: Vec<String> = std::iter::once(public).chain(held.retired).collect();
        self.write(&generate()?, &retired, Place::Old)
    }

    /// The public keys.
    pub fn public(&self) -> io::Result<JsonWebKeySet> {
        let held = self.read()?;
        let current = encoded_public(&pair(&held)?);
        let keys = std::iter::once(current).chain(held.retired);
        Ok(JsonWebKeySet {
            keys: keys.map(jwk).collect(),
        })
    }

    /// Signs bytes: a compact JWS that holds them, of this `typ`.
    pub fn sign(&self, typ: &str, payload: &[u8]) -> io::Result<String> {
        let pair = pair(&self.read()?)?;
        let kid = thumbprint(&encoded_public(&pair));
        let header = serde_json::json!({ "alg": "EdDSA", "kid": kid, "typ": typ }).to_string();
        let header = URL_SAFE_NO_PAD.encode(header);
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(payload));
        let signature = URL_SAFE_NO_PAD.encode(pair.sign(signed.as_bytes()));
        Ok(format!("{signed}.{signature}"))
    }

    fn read(&self) -> io::Result<Held> {
        let text = SecretString::from(fs::read_to_string(&self.0)?);
        let held: Held = serde_json::from_str(text.expose_secret()).map_err(|_| not_keys())?;
        pair(&held)?;
        Ok(held)
    }

    fn write(&self, current: &SecretString, retired: &[String], place: Place) -> io::Result<()> {
        let folder = self.0.parent().unwrap_or(Path::new("."));
        // A named temporary file is readable by its owner alone.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        let written = Written {
            current: current.expose_secret(),
            retired,
        };
        serde_json::to_writer(&mut file, &written)?;
        writeln!(file)?;
        file.as_file().sync_all()?;
        match place {
            Place::Old => {
                file.persist(&self.0)?;
            }
            Place::New => match file.persist_noclobber(&self.0) {
                Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => return Err(error.error),
                Ok(_) | Err(_) => {}
            },
        }
        Ok(())
    }
}

/// Whether a file may take another's place.
enum Place {
    New,
    Old,
}

fn generate() -> io::Result<SecretString> {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map_err(|_| io::Error::other("the system gives no random numbers"))?;
    Ok(URL_SAFE_NO_PAD.encode(document.as_ref()).into())
}

fn pair(held: &Held) -> io::Result<Ed25519KeyPair> {
    let document = URL_SAFE_NO_PAD.decode(held.current.expose_secret());
    let document = document.map_err(|_| not_keys())?;
    Ed25519KeyPair::from_pkcs8(&document).map_err(|_| not_keys())
}

fn not_keys() -> io::Error {
    let says = "it doesn't hold signing keys; restore it, or remove it: then what was signed can't be checked any more";
    io::Error::new(io::ErrorKind::InvalidData, says)
}

fn encoded_public(pair: &Ed25519KeyPair) -> String {
    URL_SAFE_NO_PAD.encode(pair.public_key().as_ref())
}

/// RFC 7638, §3: the required members in their order, hashed.
fn thumbprint(x: &str) -> String {
    sha256(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#).as_bytes())
}

fn jwk(x: String) -> JsonWebKey {
    JsonWebKey {
        kty: "OKP".to_owned(),
        crv: "Ed25519".to_owned(),
        kid: thumbprint(&x),
        x,
        use_: "sig".to_owned(),
        alg: "EdDSA".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    fn decoded(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// Checks a JWS as somebody who only has the published keys.
    fn is_signed(jws: &str, keys: &JsonWebKeySet) -> bool {
        let (signed, signature) = jws.rsplit_once('.').unwrap();
        let (header, _) = signed.split_once('.').unwrap();
        let header: serde_json::Value = serde_json::from_slice(&decoded(header)).unwrap();
        let Some(key) = keys.keys.iter().find(|key| header["kid"] == key.kid) else {
            return false;
        };
        UnparsedPublicKey::new(&ED25519, decoded(&key.x))
            .verify(signed.as_bytes(), &decoded(signature))
            .is_ok()
    }

    #[test]
    fn what_an_old_key_signed_can_be_checked_after_a_new_one_came() {
        let folder = tempfile::tempdir().unwrap();
        let keys = SigningKeys::open(folder.path()).unwrap();
        let old = keys.sign("a+jws", b"one").unwrap();
        let before = keys.public().unwrap();
        keys.rotate().unwrap();
        let new = keys.sign("a+jws", b"two").unwrap();
        let after = SigningKeys::open(folder.path()).unwrap().public().unwrap();
        assert_eq!((before.keys.len(), after.keys.len()), (1, 2));
        assert_eq!(after.keys[1], before.keys[0], "the one in use comes first");
        assert!(is_signed(&old, &after) && is_signed(&new, &after));
        assert!(!is_signed(&new, &before));
        let forged = old.replace(&URL_SAFE_NO_PAD.encode("one"), &URL_SAFE_NO_PAD.encode("two"));
        assert!(forged != old && !is_signed(&forged, &after));
    }

    #[test]
    fn a_key_is_called_by_its_thumbprint() {
        // RFC 8037, appendix A.3.
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        assert_eq!(thumbprint(x), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_file_that_holds_something_else_is_reported_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        for text in ["not keys", r#"{"current":"AAAA","retired":[]}"#] {
            fs::write(&path, text).unwrap();
            assert!(matches!(
                SigningKeys::open(folder.path()),
                Err(OpenError::Folder { .. })
            ));
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_the_keys_also_after_a_new_one_came() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let keys = SigningKeys::open(folder.path()).unwrap();
        keys.rotate().unwrap();
        let mode = fs::metadata(folder.path().join(FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
