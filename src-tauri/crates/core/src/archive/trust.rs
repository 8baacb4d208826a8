//! Which keys an archive may be signed with: those pinned when the service was first met, and their successors.
//!
//! A new key is trusted when the service publishes it beside one that is pinned already, unchanged. A pinned key stays,
//! so that older archives can still be checked. A key whose bytes changed under its name, or a set of keys without a
//! single known one, is never trusted silently.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A published key ([RFC 8037](https://www.rfc-editor.org/rfc/rfc8037) §2). Only what is needed here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// `OKP` for the kind used here.
    pub kty: String,
    /// `Ed25519` for the kind used here.
    #[serde(default)]
    pub crv: String,
    /// Its name.
    #[serde(default)]
    pub kid: String,
    /// The public key, base64url.
    #[serde(default)]
    pub x: String,
}

/// `/.well-known/jwks.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwks {
    /// What the service publishes.
    pub keys: Vec<Jwk>,
}

/// The keys trusted for one service: by name, base64url.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pinned {
    /// By name.
    pub keys: BTreeMap<String, String>,
}

/// What follows from published keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Learned {
    /// The service is met for the first time: these are pinned.
    FirstUse(Pinned),
    /// Nothing new.
    Known,
    /// There are new ones, vouched for by one that was pinned.
    Rotated(Pinned),
    /// A pinned key has other bytes now.
    KeyChanged {
        /// Its name.
        kid: String,
    },
    /// None of the pinned keys is published any more. Only the person can decide.
    Replaced,
    /// The service publishes no key of the kind that signs archives.
    NoKeys,
}

/// Decides it.
pub fn learn(pinned: Option<&Pinned>, published: &Jwks) -> Learned {
    let usable: Vec<&Jwk> = published
        .keys
        .iter()
        .filter(|key| key.kty == "OKP" && key.crv == "Ed25519" && !key.kid.is_empty() && !key.x.is_empty())
        .collect();
    if usable.is_empty() {
        return Learned::NoKeys;
    }
    let mut keys = pinned.cloned().unwrap_or_default();
    let mut vouched = keys.keys.is_empty();
    let mut new = false;
    for key in usable {
        match keys.keys.get(&key.kid) {
            Some(known) if *known == key.x => {
                vouched |= pinned.is_some_and(|pinned| pinned.keys.contains_key(&key.kid))
            }
            Some(_) => return Learned::KeyChanged { kid: key.kid.clone() },
            None => {
                new = true;
                keys.keys.insert(key.kid.clone(), key.x.clone());
            }
        }
    }
    match (pinned.is_some_and(|pinned| !pinned.keys.is_empty()), vouched, new) {
        (false, _, _) => Learned::FirstUse(keys),
        (true, true, false) => Learned::Known,
        (true, true, true) => Learned::Rotated(keys),
        (true, false, _) => Learned::Replaced,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwks(of: &[(&str, &str)]) -> Jwks {
        let key = |(kid, x): &(&str, &str)| Jwk {
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            kid: (*kid).into(),
            x: (*x).into(),
        };
        Jwks {
            keys: of.iter().map(key).collect(),
        }
    }

    fn pinned(of: &[(&str, &str)]) -> Pinned {
        let keys = of
            .iter()
            .map(|(kid, x)| ((*kid).to_owned(), (*x).to_owned()))
            .collect();
        Pinned { keys }
    }

    #[test]
    fn a_key_is_trusted_at_first_use_and_when_a_known_one_vouches_for_it() {
        let one = pinned(&[("1", "a")]);
        let both = pinned(&[("1", "a"), ("2", "b")]);
        assert_eq!(learn(None, &jwks(&[("1", "a")])), Learned::FirstUse(one.clone()));
        assert_eq!(learn(Some(&one), &jwks(&[("1", "a")])), Learned::Known);
        assert_eq!(
            learn(Some(&one), &jwks(&[("2", "b"), ("1", "a")])),
            Learned::Rotated(both.clone())
        );
        assert_eq!(learn(Some(&both), &jwks(&[("2", "b")])), Learned::Known);
    }

    #[test]
    fn a_changed_key_or_strangers_alone_are_never_trusted() {
        let one = pinned(&[("1", "a")]);
        assert_eq!(
            learn(Some(&one), &jwks(&[("1", "z")])),
            Learned::KeyChanged { kid: "1".into() }
        );
        assert_eq!(learn(Some(&one), &jwks(&[("2", "b")])), Learned::Replaced);
        assert_eq!(learn(Some(&one), &jwks(&[])), Learned::NoKeys);
        // Two keys of the same name in one set vouch for nothing.
        let twice = jwks(&[("2", "b"), ("2", "c")]);
        assert_eq!(learn(Some(&one), &twice), Learned::KeyChanged { kid: "2".into() });
    }
}
