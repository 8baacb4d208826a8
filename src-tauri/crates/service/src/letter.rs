//! The letters this service writes: those with a code, and those to the owner of an account that ends.

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MessageBuilder, SinglePart};
use settings_privacy_api::StepUpPurpose;
use settings_privacy_core::deletion::OwnerLetter;
use settings_privacy_core::deletion::ending::Ending;

use crate::codes::LIFE;
use crate::db::letters;
use crate::identifier::Identifier;

/// Why a letter can't be written.
pub type Unwritable = lettre::error::Error;

/// What a code is for; the letter says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Signing in.
    SignIn,
    /// One act of somebody who is signed in.
    StepUp(StepUpPurpose),
}

impl Act {
    fn says(self) -> (&'static str, &'static str) {
        match self {
            Act::SignIn => (
                "It signs you in once,",
                "Then ignore this letter: nobody gets in without\nthe code.",
            ),
            Act::StepUp(StepUpPurpose::Export) => (
                "It lets you ask for a copy of your data once,",
                "Then somebody else may be signed in to\nyour account. They get no copy without the code.",
            ),
            Act::StepUp(StepUpPurpose::Deletion) => (
                "It lets you ask once for your account to be deleted,",
                "Then somebody else may be signed in to\nyour account. It stays as long as they don't have the code.",
            ),
        }
    }
}

/// Writes it. The code stands on a line of its own.
pub fn write(
    from: &Mailbox,
    to: &Identifier,
    digits: &str,
    act: Act,
    at: Timestamp,
) -> Result<Message, Unwritable> {
    let minutes = LIFE.as_mins();
    let (allows, unasked) = act.says();
    let text = format!(
        "Your code for Settings & Privacy:\n\
         \n\
         {digits}\n\
         \n\
         {allows} within {minutes} minutes.\n\
         \n\
         Didn't you ask for it? {unasked} Give it to no one.\n\
         \n\
         Settings & Privacy isn't made by DingTalk.\n"
    );
    message(from, at)
        .to(Mailbox::new(None, to.address().clone()))
        .subject("Your code for Settings & Privacy")
        .message_id(None)
        .singlepart(SinglePart::plain(text))
}

/// Writes to the owner of an account that ends. Where the last letter stays here, it names nobody.
pub fn to_owner(
    from: &Mailbox,
    to: &Identifier,
    letter: &letters::Letter,
    ending: Ending,
    stays_here: bool,
) -> Result<Message, Unwritable> {
    let words = letter.kind.words(ending.requested_at(), ending.final_at());
    let text = format!("{}\nSettings & Privacy isn't made by DingTalk.\n", words.text);
    let written = message(from, letter.written_at)
        .subject(words.subject)
        .message_id(Some(format!("<{}@{}>", letter.id, from.email.domain())));
    let written = match letter.kind {
        OwnerLetter::Final if stays_here => {
            let envelope = Envelope::new(Some(from.email.clone()), vec![to.address().clone()])?;
            // RFC 5322 §3.4: a group without members.
            let nobody = HeaderValue::new(
                HeaderName::new_from_ascii_str("To"),
                "undisclosed-recipients:;".to_owned(),
            );
            written.raw_header(nobody).envelope(envelope)
        }
        OwnerLetter::AskedFor | OwnerLetter::TakenBack | OwnerLetter::Final => {
            written.to(Mailbox::new(None, to.address().clone()))
        }
    };
    written.singlepart(SinglePart::plain(text))
}

fn message(from: &Mailbox, at: Timestamp) -> MessageBuilder {
    Message::builder()
        .from(from.clone())
        .date(SystemTime::try_from(at).unwrap_or(SystemTime::UNIX_EPOCH))
}

/// The code in a letter's text.
pub fn code_in(text: &str) -> Option<&str> {
    text.lines()
        .map(str::trim)
        .find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit()))
}
