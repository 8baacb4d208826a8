//! Letters and reminders as files that other programs open, and the way into the person's mail program.
//!
//! This program sends no mail. What it hands over is a draft, and whether it was sent is for the person to say.

#[cfg(target_os = "linux")]
mod portal;
mod reminder;

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::headers::raw::Raw;
use settings_privacy_core::letter::Letter;

pub(crate) use reminder::reminder;

/// Why a letter couldn't be handed on.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// No mail program can be asked here.
    #[error(
        "No mail program answers here. Copy the letter, or save it as a file, and send it from wherever you write your mail."
    )]
    NoProgram,
    /// The file couldn't be written.
    #[error(
        "The file couldn't be written to {}. Make sure that the folder is there, can be written to, and isn't full.",
        folder.display()
    )]
    Unwritten {
        /// Where.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl MailError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoProgram => "no-mail-program",
            Self::Unwritten { .. } => "file-not-written",
        }
    }
}

/// A letter as a draft that mail programs open (RFC 5322; `X-Unsent` is what makes them write on instead of showing it).
pub(crate) fn draft(letter: &Letter, now: Timestamp) -> Vec<u8> {
    let message = MessageBuilder::new()
        .header("X-Unsent", Raw::new("1"))
        .to((letter.to_name.as_str(), letter.to.as_str()))
        .subject(letter.subject.as_str())
        .date(now.as_second())
        // The library's own would name this computer.
        .message_id(format!(
            "{}@settings-privacy.invalid",
            uuid::Uuid::new_v4().simple()
        ))
        .text_body(letter.body.replace('\n', "\r\n"));
    message.write_to_vec().expect("memory takes any message")
}

/// Writes a file that wasn't there: `name`, or `name-2` and so on beside others. Only its owner can read it.
pub(crate) fn save(folder: &Path, name: &str, end: &str, content: &[u8]) -> Result<PathBuf, MailError> {
    let fail = |source| MailError::Unwritten {
        folder: folder.to_owned(),
        source,
    };
    for number in 1..100_u8 {
        let name = match number {
            1 => format!("{name}.{end}"),
            number => format!("{name}-{number}.{end}"),
        };
        let path = folder.join(name);
        match create(&path) {
            Ok(mut file) => {
                let written = file.write_all(content).and_then(|()| file.sync_all());
                if let Err(error) = written {
                    // Half a letter helps nobody; if it can't be removed either, the error says enough.
                    let _ = std::fs::remove_file(&path);
                    return Err(fail(error));
                }
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(fail(error)),
        }
    }
    Err(fail(ErrorKind::AlreadyExists.into()))
}

fn create(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Opens a letter in the person's mail program. Nothing of it stands in a command line of ours.
///
/// # Errors
/// When no mail program can be asked.
pub(crate) async fn compose(bus: Option<&str>, letter: &Letter) -> Result<(), MailError> {
    #[cfg(target_os = "linux")]
    {
        portal::compose(bus, letter).await.map_err(|error| {
            tracing::info!(%error, "the desktop opens no mail program");
            MailError::NoProgram
        })
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (bus, letter);
        Err(MailError::NoProgram)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn letter() -> Letter {
        Letter {
            to: "dt_privacy@service.dingtalk.com".to_owned(),
            to_name: "DingTalk's privacy contact".to_owned(),
            why: String::new(),
            why_clause: "§14",
            subject: "What you hold about me (reference 4F2A91C0)".to_owned(),
            body: "To DingTalk's privacy contact,\n\nI am Zoë, 张伟, and ask…\n".to_owned(),
            reference: "4F2A91C0".to_owned(),
        }
    }

    #[test]
    fn a_draft_is_one_that_a_mail_program_reads_back_whole() {
        let written = draft(&letter(), Timestamp::UNIX_EPOCH);
        let text = String::from_utf8(written.clone()).expect("headers are ASCII");
        assert!(text.is_ascii() && text.contains("X-Unsent: 1\r\n"), "{text}");
        assert!(!text.contains("\r\nFrom:"), "the mail program knows who writes");
        let read = mail_parser::MessageParser::default()
            .parse(&written)
            .expect("it is a message");
        let to = read.to().and_then(|to| to.first()).expect("it has an addressee");
        assert_eq!(to.address(), Some(letter().to.as_str()));
        assert_eq!(to.name(), Some(letter().to_name.as_str()));
        assert_eq!(read.subject(), Some(letter().subject.as_str()));
        let body = read.body_text(0).expect("it has a text");
        assert_eq!(body.replace("\r\n", "\n").trim_end(), letter().body.trim_end());
    }

    #[test]
    fn a_file_goes_beside_the_one_that_is_there_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let save = |content: &[u8]| save(folder.path(), "letter", "eml", content).expect("it is written");
        let (first, second) = (save(b"one"), save(b"two"));
        assert_eq!(first, folder.path().join("letter.eml"));
        assert_eq!(second, folder.path().join("letter-2.eml"));
        assert_eq!(std::fs::read(&first).expect("it is there"), b"one");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&second)
                .expect("it is there")
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let nowhere = super::save(&folder.path().join("none"), "letter", "eml", b"");
        assert_eq!(
            nowhere.expect_err("there is no folder").code(),
            "file-not-written"
        );
    }
}
