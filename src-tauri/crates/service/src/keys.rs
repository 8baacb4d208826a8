//! The service's own key, and what is derived with it (HMAC-SHA-256, RFC 2104).
//!
//! The key lies in a file beside the database, readable by its owner alone. Who has only the database can neither
//! try codes against their digests nor derive a token. Losing the file signs everybody out and loses nothing else.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use rand::TryRng;
use rand::rngs::SysRng;
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};

use crate::config::OpenError;

/// The key's file in its folder.
pub const FILE: &str = "service.key";
const LENGTH: usize = 32;

/// What something is derived for. A digest made for one purpose says nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Finding an address's code without keeping the address.
    Identifier,
    /// Recognising a code.
    Code,
    /// An access token.
    AccessToken,
    /// A refresh token.
    RefreshToken,
    /// Recognising a repeated request.
    Fingerprint,
    /// The token of an account's ending.
    DeletionToken,
    /// Recognising an account that stays deleted.
    StaysDeleted,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Purpose::Identifier => b"identifier",
            Purpose::Code => b"code",
            Purpose::AccessToken => b"access-token",
            Purpose::RefreshToken => b"refresh-token",
            Purpose::Fingerprint => b"fingerprint",
            Purpose::DeletionToken => b"deletion-token",
            Purpose::StaysDeleted => b"stays-deleted",
        }
    }
}

/// The service's key.
pub struct ServiceKey(SecretBox<[u8; LENGTH]>);

impl ServiceKey {
    /// Reads the key from the data folder, or makes one where there is none.
    pub fn open(data_dir: &Path) -> Result<Self, OpenError> {
        let path = data_dir.join(FILE);
        let failed = |source| OpenError::Folder {
            path: path.clone(),
            source,
        };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make(data_dir, &path)?;
                fs::read_to_string(&path).map_err(failed)?
            }
            Err(error) => return Err(failed(error)),
        };
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).ok();
        match bytes.and_then(|bytes| <[u8; LENGTH]>::try_from(bytes).ok()) {
            Some(key) => Ok(Self(SecretBox::new(Box::new(key)))),
            None => Err(OpenError::Key { path }),
        }
    }

    /// 256 bits that only this key makes from these parts, as base64url. No two lists of parts give the same input.
    pub fn derive(&self, purpose: Purpose, parts: &[&[u8]]) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(purpose, parts).finalize().into_bytes())
    }

    /// Whether a digest is that of these parts, in a time that says nothing about where they differ.
    pub fn verify(&self, purpose: Purpose, parts: &[&[u8]], digest: &str) -> bool {
        let digest = URL_SAFE_NO_PAD.decode(digest).unwrap_or_default();
        self.mac(purpose, parts).verify_slice(&digest).is_ok()
    }

    fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("HMAC takes a key of any length");
        for part in std::iter::once(purpose.label()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

/// SHA-256 as base64url: enough for what is random already.
pub fn sha256(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

/// Random bytes from the system.
pub fn random<const N: usize>() -> Result<[u8; N], rand::rngs::SysError> {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes)?;
    Ok(bytes)
}

/// Written beside and linked into place, so that two processes starting at once agree on one key.
fn make(data_dir: &Path, path: &Path) -> Result<(), OpenError> {
    let failed = |source| OpenError::Folder {
        path: path.to_owned(),
        source,
    };
    let key = random::<LENGTH>().map_err(|_| OpenError::NoRandomness)?;
    // A named temporary file is readable by its owner alone.
    let mut file = tempfile::NamedTempFile::new_in(data_dir).map_err(failed)?;
    writeln!(file, "{}", URL_SAFE_NO_PAD.encode(key)).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed(error.error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let first = ServiceKey::open(folder.path()).unwrap();
        let again = ServiceKey::open(folder.path()).unwrap();
        let digest = first.derive(Purpose::Code, &[b"482913"]);
        assert_eq!(digest, again.derive(Purpose::Code, &[b"482913"]));
        let elsewhere = tempfile::tempdir().unwrap();
        let other = ServiceKey::open(elsewhere.path()).unwrap();
        assert_ne!(digest, other.derive(Purpose::Code, &[b"482913"]));
    }

    #[test]
    fn a_digest_depends_on_its_purpose_and_on_where_its_parts_end() {
        let folder = tempfile::tempdir().unwrap();
        let key = ServiceKey::open(folder.path()).unwrap();
        let digest = key.derive(Purpose::Code, &[b"ab", b"c"]);
        assert!(key.verify(Purpose::Code, &[b"ab", b"c"], &digest));
        assert!(!key.verify(Purpose::Code, &[b"a", b"bc"], &digest));
        assert!(!key.verify(Purpose::Identifier, &[b"ab", b"c"], &digest));
        assert!(!key.verify(Purpose::Code, &[b"ab", b"c"], ""));
    }

    #[test]
    fn a_file_that_holds_something_else_is_reported_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        fs::write(&path, "not a key").unwrap();
        assert!(matches!(
            ServiceKey::open(folder.path()),
            Err(OpenError::Key { .. })
        ));
        assert_eq!(fs::read_to_string(&path).unwrap(), "not a key");
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        ServiceKey::open(folder.path()).unwrap();
        let mode = fs::metadata(folder.path().join(FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
