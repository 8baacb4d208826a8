//! The letter with a code.

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::message::{Mailbox, Message, SinglePart};
use settings_privacy_api::StepUpPurpose;

use crate::codes::LIFE;
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
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to.address().clone()))
        .subject("Your code for Settings & Privacy")
        .date(SystemTime::try_from(at).unwrap_or(SystemTime::UNIX_EPOCH))
        .message_id(None)
        .singlepart(SinglePart::plain(text))
}

/// The code in a letter's text.
pub fn code_in(text: &str) -> Option<&str> {
    text.lines()
        .map(str::trim)
        .find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit()))
}
