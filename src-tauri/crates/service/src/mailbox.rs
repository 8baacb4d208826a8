//! The letters of a service that writes them to a folder, for the program it is embedded in.
//!
//! Without a mail server, the person can only learn the code from the program itself. It reads the letter that was
//! "sent"; no route of the service leads here.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use settings_privacy_api::Token;

use crate::service::Shared;

/// Where the letters lie.
#[derive(Clone)]
pub struct Mailbox {
    shared: Shared,
    folder: PathBuf,
}

/// A code that was sent, to be shown to the person.
#[derive(Debug, Clone)]
pub struct ShownCode {
    /// The code.
    pub code: Token,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

impl Mailbox {
    pub(crate) fn new(shared: Shared, folder: PathBuf) -> Self {
        Self { shared, folder }
    }

    /// The folder, to be shown or opened.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The newest code that was sent to an address and can still be used.
    pub async fn latest_code(&self, identifier: &str) -> Option<ShownCode> {
        let _ = (&self.shared, identifier);
        None
    }
}
