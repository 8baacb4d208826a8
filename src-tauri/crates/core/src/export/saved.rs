//! An export as it is kept: JSON with a version, so that a later program can read an earlier one's.

use serde::{Deserialize, Serialize};

use super::Export;

/// Written now. A change of shape gets the next number, and a reading of the one before.
const VERSION: u32 = 2;

/// What was kept can't be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// A newer program wrote it.
    #[error(
        "This export was begun by a newer version of the app (its format is {version}). Update the app to go on."
    )]
    Newer {
        /// What it says.
        version: u32,
    },
    /// It isn't an export.
    #[error("What was kept of this export can't be read. Ask for a new one.")]
    Damaged(#[source] serde_json::Error),
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Serialize, Deserialize)]
struct Saved<E> {
    version: u32,
    export: E,
}

/// As text to keep.
pub fn encode(export: &Export) -> String {
    let saved = Saved {
        version: VERSION,
        export,
    };
    serde_json::to_string(&saved).expect("every key is text and nothing fails to serialize")
}

/// From text that was kept.
///
/// # Errors
/// When it is of a newer program, or damaged. The text stays as it is.
pub fn decode(text: &str) -> Result<Export, Unreadable> {
    let Version { version } = serde_json::from_str(text).map_err(Unreadable::Damaged)?;
    if version == 1 {
        return decode_first(text).map_err(Unreadable::Damaged);
    }
    if version != VERSION {
        return Err(Unreadable::Newer { version });
    }
    let saved: Saved<Export> = serde_json::from_str(text).map_err(Unreadable::Damaged)?;
    Ok(saved.export)
}

/// The first format didn't say where a part lies: it was never anywhere but at the export's place, and made here.
fn decode_first(text: &str) -> Result<Export, serde_json::Error> {
    let mut saved: Saved<serde_json::Value> = serde_json::from_str(text)?;
    let place = saved.export["place"].clone();
    if let Some(part) = saved.export["part"].as_object_mut() {
        part.insert("made".to_owned(), true.into());
        part.insert("at".to_owned(), place);
    }
    serde_json::from_value(saved.export)
}
