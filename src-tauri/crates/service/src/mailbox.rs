//! The letters of a service that writes them to a folder, for the program it is embedded in.
//!
//! Without a mail server, the person can only learn the code from the program itself. It reads the letter that was
//! "sent"; no route of the service leads here.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use mail_parser::MessageParser;
use settings_privacy_api::Token;

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

    /// The newest code that was sent to an address, if it can still be used.
    pub async fn latest_code(&self, identifier: &str) -> Option<ShownCode> {
        let identifier = Identifier::parse(identifier).ok()?;
        let digest = codes::identifier_digest(&self.shared.key, &identifier);
        let mut reading = self.shared.database.read().await.ok()?;
        let live = rows::find(&mut reading, &digest, self.shared.now())
            .await
            .ok()??;
        drop(reading);
        let folder = self.folder.clone();
        let newest = move || newest_code(&folder, &identifier);
        let code = tokio::task::spawn_blocking(newest).await.ok()??;
        let parts = [digest.as_bytes(), code.as_bytes()];
        self.shared
            .key
            .verify(Purpose::Code, &parts, &live.digest)
            .then(|| ShownCode {
                code: Token::new(code),
                expires_at: live.expires_at,
            })
    }
}

fn newest_code(folder: &Path, identifier: &Identifier) -> Option<String> {
    delivery::letters(folder).ok()?.iter().find_map(|path| {
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
