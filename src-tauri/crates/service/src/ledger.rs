//! The ledger of accounts that stay deleted. It lies outside the database, so that a backup of the database that comes
//! back doesn't bring them back: at every start, and by `privacy-service ledger replay`, it is held against what is there.
//!
//! A line holds no identifier, only a digest made with a key of the ledger's own (HMAC-SHA-256). A line that broke off is
//! no line; the one who wrote it writes it again.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::config::OpenError;
use crate::folders;
use crate::keys::{Purpose, ServiceKey};

const FILE: &str = "deleted.jsonl";

/// The ledger.
pub struct Ledger {
    folder: PathBuf,
    key: ServiceKey,
}

/// A line of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it became final.
    pub at: Timestamp,
    /// Which deletion.
    pub deletion: Uuid,
    /// The account's digest.
    pub account: String,
}

impl Ledger {
    /// Opens the ledger in its folder, or begins one.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        folders::make_private(folder).map_err(|source| OpenError::Folder {
            path: folder.to_owned(),
            source,
        })?;
        let unusable = |reason| OpenError::Ledger {
            path: folder.to_owned(),
            reason,
        };
        if folder.join(FILE).exists() && !folder.join(crate::keys::FILE).exists() {
            return Err(unusable(
                "its key is missing; restore service.key beside deleted.jsonl",
            ));
        }
        match ServiceKey::open(folder) {
            Ok(key) => Ok(Self {
                folder: folder.to_owned(),
                key,
            }),
            Err(OpenError::Key { .. }) => Err(unusable("its key is damaged; restore service.key there")),
            Err(error) => Err(error),
        }
    }

    /// How an account is recognised.
    pub fn digest(&self, account: Uuid) -> String {
        self.key.derive(Purpose::StaysDeleted, &[account.as_bytes()])
    }

    /// Notes that an account stays deleted, once, and waits until that is on the disk.
    pub fn note(&self, account: Uuid, deletion: Uuid, at: Timestamp) -> io::Result<()> {
        let entry = Entry {
            at,
            deletion,
            account: self.digest(account),
        };
        let path = self.folder.join(FILE);
        folders::make_private_file(&path)?;
        let mut file = File::options().read(true).append(true).open(&path)?;
        file.lock()?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let is_noted =
            entries(&text).any(|noted| noted.deletion == deletion && noted.account == entry.account);
        if !is_noted {
            // What broke off before ends here, as a line that is none.
            let start = if text.is_empty() || text.ends_with('\n') {
                ""
            } else {
                "\n"
            };
            let line = format!("{start}{}\n", serde_json::to_string(&entry)?);
            file.seek(SeekFrom::End(0))?;
            file.write_all(line.as_bytes())?;
        }
        file.sync_all()?;
        #[cfg(unix)]
        File::open(&self.folder)?.sync_all()?;
        Ok(())
    }

    /// Every line, oldest first.
    pub fn entries(&self) -> io::Result<Vec<Entry>> {
        match fs::read_to_string(self.folder.join(FILE)) {
            Ok(text) => Ok(entries(&text).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

fn entries(text: &str) -> impl Iterator<Item = Entry> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn an_account_is_noted_once_recognised_and_not_named() {
        let folder = tempfile::tempdir().unwrap();
        let (account, deletion) = (Uuid::new_v4(), Uuid::new_v4());
        let ledger = Ledger::open(folder.path()).unwrap();
        ledger.note(account, deletion, AT).unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        ledger.note(account, deletion, AT).unwrap();
        let entries = ledger.entries().unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!(
            (entries[0].deletion, &entries[0].account),
            (deletion, &ledger.digest(account))
        );
        let text = fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert!(!text.contains(&account.to_string()));
    }

    #[test]
    fn a_line_that_broke_off_is_none_and_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        let [first, second] = [Uuid::new_v4(), Uuid::new_v4()];
        ledger.note(first, first, AT).unwrap();
        let path = folder.path().join(FILE);
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{whole}{}", &whole[..whole.len() / 2])).unwrap();
        ledger.note(second, second, AT).unwrap();
        let noted: Vec<Uuid> = ledger
            .entries()
            .unwrap()
            .iter()
            .map(|entry| entry.deletion)
            .collect();
        assert_eq!(noted, [first, second]);
    }

    #[test]
    fn lines_without_their_key_are_an_error_and_no_new_key_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        ledger.note(Uuid::new_v4(), Uuid::new_v4(), AT).unwrap();
        fs::remove_file(folder.path().join(crate::keys::FILE)).unwrap();
        assert!(matches!(
            Ledger::open(folder.path()),
            Err(OpenError::Ledger { .. })
        ));
        assert!(!folder.path().join(crate::keys::FILE).exists());
    }
}
