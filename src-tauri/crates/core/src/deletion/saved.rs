//! What is kept, as text: JSON with a version, so that a later program can read an earlier one's.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Written now. A change of shape gets the next number, and a reading of the one before.
const VERSION: u32 = 1;

/// What was kept can't be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// A newer program wrote it.
    #[error(
        "This was begun by a newer version of the app (its format is {version}). Update the app to go on."
    )]
    Newer {
        /// What it says.
        version: u32,
    },
    /// It isn't what it should be.
    #[error(
        "What was kept of the end of your account can't be read. The account service knows how it stands."
    )]
    Damaged(#[source] serde_json::Error),
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Serialize, Deserialize)]
struct Saved<T> {
    version: u32,
    kept: T,
}

/// As text to keep: of a [`super::Deletion`] or a [`super::Wipe`].
pub fn encode<T: Serialize>(kept: &T) -> String {
    let saved = Saved {
        version: VERSION,
        kept,
    };
    serde_json::to_string(&saved).expect("every key is text and nothing fails to serialize")
}

/// From text that was kept.
///
/// # Errors
/// When it is of a newer program, or damaged. The text stays as it is.
pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    let Version { version } = serde_json::from_str(text).map_err(Unreadable::Damaged)?;
    if version != VERSION {
        return Err(Unreadable::Newer { version });
    }
    let saved: Saved<T> = serde_json::from_str(text).map_err(Unreadable::Damaged)?;
    Ok(saved.kept)
}
