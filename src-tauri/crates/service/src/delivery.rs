//! How letters reach people: a folder on this computer, or a mail server.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lettre::message::{Mailbox, Message};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::ExposeSecret;
use settings_privacy_core::deletion::ending::Ending;
use url::{Host, Url};

use crate::config::{Delivery, OpenError, Smtp};
use crate::db::letters;
use crate::folders;
use crate::identifier::Identifier;
use crate::letter::{self, Act};

/// A mail server that takes longer has failed: the person is waiting.
const SMTP_TIMEOUT: Duration = Duration::from_secs(10);
/// What the names of letters with codes begin with, in the folder.
const CODE: &str = "code-";
/// What the names of letters to the owners of accounts that end begin with.
const NOTE: &str = "note-";
/// Letters in the folder are removed after this.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Whom letters in the folder are from. No answer can reach it (RFC 2606).
const FOLDER_SENDER: (&str, &str) = ("Settings & Privacy", "no-reply@settings-privacy.invalid");

/// Carries letters.
pub struct Courier {
    from: Mailbox,
    way: Way,
}

enum Way {
    Folder(PathBuf),
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
}

/// A letter that didn't leave. It can be shown: it holds no address and nothing a mail server said.
#[derive(Debug, thiserror::Error)]
pub enum Undelivered {
    /// It couldn't be written.
    #[error("the letter can't be written")]
    Letter,
    /// It couldn't be put into the folder.
    #[error("the mail folder can't be used: {0}")]
    Folder(io::ErrorKind),
    /// The mail server refused it, or wasn't there.
    #[error("the mail server didn't take it ({said})")]
    Smtp {
        /// What kind of failure it was.
        said: String,
        /// It said that it never will.
        is_for_good: bool,
    },
}

impl Undelivered {
    /// Whether trying again is of no use.
    pub fn is_for_good(&self) -> bool {
        match self {
            Self::Letter => true,
            Self::Folder(_) => false,
            Self::Smtp { is_for_good, .. } => *is_for_good,
        }
    }
}

impl Courier {
    /// Prepares delivery. Nothing is sent yet, and no connection is made.
    pub fn new(delivery: &Delivery) -> Result<Self, OpenError> {
        match delivery {
            Delivery::MailFolder(folder) => {
                folders::make_private(folder).map_err(|source| OpenError::Folder {
                    path: folder.clone(),
                    source,
                })?;
                let (name, address) = FOLDER_SENDER;
                let address = address.parse().map_err(|_| OpenError::Sender(address.into()))?;
                Ok(Self {
                    from: Mailbox::new(Some(name.into()), address),
                    way: Way::Folder(folder.clone()),
                })
            }
            Delivery::Smtp(smtp) => Ok(Self {
                from: smtp
                    .from
                    .parse()
                    .map_err(|_| OpenError::Sender(smtp.from.clone()))?,
                way: Way::Smtp(Box::new(transport(smtp)?)),
            }),
        }
    }

    /// Sends a code.
    pub async fn send_code(
        &self,
        to: &Identifier,
        digits: &str,
        act: Act,
        at: Timestamp,
    ) -> Result<(), Undelivered> {
        let letter = letter::write(&self.from, to, digits, act, at).map_err(|_| Undelivered::Letter)?;
        let name = format!("{CODE}{}-{}.eml", stamp(at), uuid::Uuid::new_v4());
        self.send(letter, name, at).await
    }

    /// Tells the owner of an account that ends. Told again, it is the same letter.
    ///
    /// In a folder the last one names nobody: it lies with this service, which keeps nothing of whom it was to.
    pub async fn tell_owner(
        &self,
        to: &Identifier,
        letter: &letters::Letter,
        ending: Ending,
    ) -> Result<(), Undelivered> {
        let stays_here = self.folder().is_some();
        let written = letter::to_owner(&self.from, to, letter, ending, stays_here);
        let name = format!("{NOTE}{}-{}.eml", stamp(letter.written_at), letter.id);
        let written = written.map_err(|_| Undelivered::Letter)?;
        self.send(written, name, letter.written_at).await
    }

    /// Sends a letter, or puts it into the folder under a name, over one of the same name.
    async fn send(&self, letter: Message, name: String, at: Timestamp) -> Result<(), Undelivered> {
        match &self.way {
            Way::Folder(folder) => {
                let folder = folder.clone();
                let put = tokio::task::spawn_blocking(move || put_into(&folder, &name, &letter, at));
                let put = put.await.unwrap_or_else(|error| Err(io::Error::other(error)));
                put.map_err(|error| Undelivered::Folder(error.kind()))
            }
            Way::Smtp(transport) => match transport.send(letter).await {
                Ok(_) => Ok(()),
                Err(error) => Err(Undelivered::Smtp {
                    said: kind(&error),
                    is_for_good: error.is_permanent(),
                }),
            },
        }
    }

    /// The folder letters are written to, if they are.
    pub fn folder(&self) -> Option<&Path> {
        match &self.way {
            Way::Folder(folder) => Some(folder),
            Way::Smtp(_) => None,
        }
    }
}

/// The letters in a folder, newest first.
pub fn letters(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut letters = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "eml") {
            letters.push(path);
        }
    }
    letters.sort_unstable_by(|one, other| other.file_name().cmp(&one.file_name()));
    Ok(letters)
}

/// The letters in a folder that went to an address.
pub fn letters_to(folder: &Path, to: &Identifier) -> io::Result<Vec<PathBuf>> {
    let is_theirs = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap_or_default();
        let letter = mail_parser::MessageParser::default().parse(&bytes);
        letter.is_some_and(|letter| {
            let to_first = letter.to().and_then(|to| to.first());
            to_first.and_then(|to| to.address()) == Some(to.as_str())
        })
    };
    Ok(letters(folder)?.into_iter().filter(is_theirs).collect())
}

/// Written beside and renamed, so that a letter is there whole or not at all; readable by its owner alone.
fn put_into(folder: &Path, name: &str, letter: &Message, at: Timestamp) -> io::Result<()> {
    folders::make_private(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&letter.formatted())?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name))?;
    remove_old(folder, at);
    Ok(())
}

/// Letters of ours that are older than a day. One that can't be removed now is removed next time.
fn remove_old(folder: &Path, now: Timestamp) {
    let oldest_kept = stamp(now - KEPT);
    for letter in letters(folder).unwrap_or_default() {
        let name = letter
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let ours = [CODE, NOTE].iter().find_map(|begin| name.strip_prefix(begin));
        let ours = ours.filter(|rest| rest.len() == oldest_kept.len() + 1 + 36 + 4);
        if ours.is_some_and(|rest| rest < oldest_kept.as_str()) {
            let _ = std::fs::remove_file(&letter);
        }
    }
}

/// What stands in a letter's name after its kind; sorts by time.
fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%S%.6f").to_string()
}

fn transport(smtp: &Smtp) -> Result<AsyncSmtpTransport<Tokio1Executor>, OpenError> {
    let url = Url::parse(smtp.url.expose_secret()).map_err(|_| OpenError::SmtpAddress)?;
    // Where there are several, the first one counts.
    let requires_tls = url
        .query_pairs()
        .find(|(name, _)| name == "tls")
        .is_some_and(|(_, value)| value == "required");
    match (url.scheme(), requires_tls || is_this_computer(&url)) {
        ("smtps", _) | ("smtp", true) => {}
        ("smtp", false) => return Err(OpenError::SmtpNotEncrypted),
        _ => return Err(OpenError::SmtpAddress),
    }
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str());
    let builder = builder.map_err(|_| OpenError::SmtpAddress)?;
    Ok(builder.timeout(Some(SMTP_TIMEOUT)).build())
}

/// `smtp` is no special scheme to the URL standard, so that an IP address arrives as a name.
fn is_this_computer(url: &Url) -> bool {
    let host = url.host_str().and_then(|host| Host::parse(host).ok());
    match host {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// What kind of failure it was; a server's own words may repeat the address.
fn kind(error: &lettre::transport::smtp::Error) -> String {
    match error.status() {
        Some(code) => format!("status {code}"),
        None if error.is_timeout() => "timeout".into(),
        None if error.is_tls() => "TLS".into(),
        None => "connection".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smtp(url: &str) -> Result<Courier, OpenError> {
        Courier::new(&Delivery::Smtp(Smtp {
            url: url.into(),
            from: "Privacy <no-reply@example.org>".into(),
        }))
    }

    #[test]
    fn letters_leave_this_computer_encrypted_or_not_at_all() {
        for url in [
            "smtps://user:secret@mail.example.org",
            "smtp://mail.example.org?tls=required",
            "smtp://127.0.0.1:2525",
            "smtp://[::1]:2525",
            "smtp://localhost",
        ] {
            assert!(smtp(url).is_ok(), "{url}");
        }
        for url in [
            "smtp://user:secret@mail.example.org",
            "smtp://mail.example.org?tls=opportunistic",
            "smtp://mail.example.org?tls=none&tls=required",
            "smtp://127.0.0.1.example.org",
        ] {
            assert!(matches!(smtp(url), Err(OpenError::SmtpNotEncrypted)), "{url}");
        }
        for url in ["mail.example.org", "https://mail.example.org", ""] {
            assert!(matches!(smtp(url), Err(OpenError::SmtpAddress)), "{url}");
        }
    }

    #[test]
    fn a_letter_is_removed_after_a_day_and_nothing_else_ever() {
        let folder = tempfile::tempdir().unwrap();
        let to = Identifier::parse("mei@example.org").unwrap();
        let courier = Courier::new(&Delivery::MailFolder(folder.path().to_owned())).unwrap();
        let write = |at| {
            let letter = letter::write(&courier.from, &to, "482913", Act::SignIn, at).unwrap();
            let name = format!("{CODE}{}-{}.eml", stamp(at), uuid::Uuid::new_v4());
            put_into(folder.path(), &name, &letter, at).unwrap();
        };
        std::fs::write(folder.path().join("code-00000000.eml"), "somebody's own").unwrap();
        std::fs::write(folder.path().join("letter.eml"), "somebody's own").unwrap();
        write(Timestamp::UNIX_EPOCH);
        write(Timestamp::UNIX_EPOCH + SignedDuration::from_hours(23));
        assert_eq!(letters(folder.path()).unwrap().len(), 4);
        write(Timestamp::UNIX_EPOCH + SignedDuration::from_hours(25));
        let kept = letters(folder.path()).unwrap();
        assert_eq!(kept.len(), 4, "{kept:?}");
        assert!(folder.path().join("letter.eml").exists());
        assert!(folder.path().join("code-00000000.eml").exists());
    }
}
