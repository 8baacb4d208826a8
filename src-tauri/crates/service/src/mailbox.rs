//! The letters of a service that writes them to a folder, for the program it is embedded in.
//!
//! Without a mail server, the person can only learn the code from the program itself. It reads the letter that was
//! "sent"; no route of the service leads here.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use mail_parser::MessageParser;
use settings_privacy_api::{StepUpPurpose, Token};

use crate::db::codes as rows;
use crate::identifier::Identifier;
use crate::keys::Purpose;
use crate::service::Shared;
use crate::{codes, delivery, letter};

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

    /// The newest code for signing in that was sent to an address, if it can still be used.
    pub async fn latest_code(&self, identifier: &str) -> Option<ShownCode> {
        let identifier = Identifier::parse(identifier).ok()?;
        let digest = codes::identifier_digest(&self.shared.key, &identifier);
        self.shown(identifier, digest).await
    }

    /// The newest code for one act that was sent to an address, if it can still be used.
    pub async fn latest_step_up_code(&self, identifier: &str, purpose: StepUpPurpose) -> Option<ShownCode> {
        let identifier = Identifier::parse(identifier).ok()?;
        let digest = codes::step_up_digest(&self.shared.key, &identifier, purpose);
        self.shown(identifier, digest).await
    }

    /// The live code under a digest, from its letter.
    async fn shown(&self, identifier: Identifier, digest: String) -> Option<ShownCode> {
        let mut reading = self.shared.database.read().await.ok()?;
        let live = rows::find(&mut reading, &digest, self.shared.now())
            .await
            .ok()??;
        drop(reading);
        let folder = self.folder.clone();
        let shared = self.shared.clone();
        // Letters for other acts may be newer: the one with the code that lives is meant.
        let find = move || {
            codes_in(&folder, &identifier).find(|code| {
                let parts = [digest.as_bytes(), code.as_bytes()];
                shared.key.verify(Purpose::Code, &parts, &live.digest)
            })
        };
        let code = tokio::task::spawn_blocking(find).await.ok()??;
        Some(ShownCode {
            code: Token::new(code),
            expires_at: live.expires_at,
        })
    }
}

/// The codes in an address's letters, newest first.
fn codes_in(folder: &Path, identifier: &Identifier) -> impl Iterator<Item = String> {
    let letters = delivery::letters(folder).unwrap_or_default();
    letters.into_iter().filter_map(move |path| {
        let bytes = std::fs::read(path).ok()?;
        let letter = MessageParser::default().parse(&bytes)?;
        let is_theirs = letter
            .to()
            .and_then(|to| to.first())
            .and_then(|to| to.address())
            .is_some_and(|address| address == identifier.as_str());
        let text = letter.body_text(0).filter(|_| is_theirs)?;
        letter::code_in(&text).map(str::to_owned)
    })
}
