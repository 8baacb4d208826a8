//! Signing in: a verification code, then a session with a short access token and a rotating refresh token.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;

/// A secret on the wire. It can't be printed; it is written out only when a body is serialized.
#[derive(Clone, ToSchema)]
#[schema(value_type = String, format = Password)]
pub struct Token(SecretString);

impl Token {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(SecretString::from(secret.into()))
    }

    /// The secret itself. Call it where the secret is used, not before.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Serialize for Token {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// Asks for a code.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerificationCodeRequest {
    /// The account's e-mail address.
    pub identifier: String,
}

/// A code is on its way. The answer is the same whether or not the account exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CodeSent {
    /// Until when it can be used.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// From when another one can be asked for.
    #[schema(value_type = String, format = DateTime)]
    pub next_allowed_at: Timestamp,
}

/// The computer that signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceInfo {
    /// Made by the client once; the same at every sign-in.
    pub id: Uuid,
    /// How a person tells it from others. Not the host name unless the person chose it.
    pub name: String,
}

/// Signs in with a code.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionRequest {
    /// The account's e-mail address.
    pub identifier: String,
    /// The code: six digits.
    pub code: Token,
    /// The computer.
    pub device: DeviceInfo,
}

/// Changes a refresh token for a new pair; the old one ends. Using an old one again ends the session.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The refresh token.
    pub refresh_token: Token,
}

/// A session.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Sent as `Authorization: Bearer …`.
    pub access_token: Token,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub access_expires_at: Timestamp,
    /// For the next pair.
    pub refresh_token: Token,
    /// Whose session it is.
    pub account: AccountSummary,
}

/// Enough of an account to show who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountSummary {
    /// The account's identifier.
    pub id: Uuid,
    /// The name it goes by.
    pub display_name: String,
    /// The address it signs in with.
    pub identifier: String,
    /// A made-up account for trying things out.
    pub sample: bool,
}
