//! The letter with a code.

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::message::{Mailbox, Message, SinglePart};

use crate::codes::LIFE;
use crate::identifier::Identifier;

/// Why a letter can't be written.
pub type Unwritable = lettre::error::Error;

/// Writes it. The code stands on a line of its own.
pub fn write(from: &Mailbox, to: &Identifier, digits: &str, at: Timestamp) -> Result<Message, Unwritable> {
    let minutes = LIFE.as_mins();
    let text = format!(
        "Your code for Settings & Privacy:\n\
         \n\
         {digits}\n\
         \n\
         It signs you in once, within {minutes} minutes.\n\
         \n\
         Didn't you ask for it? Then ignore this letter: nobody gets in without\n\
         the code. Give it to no one.\n\
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
