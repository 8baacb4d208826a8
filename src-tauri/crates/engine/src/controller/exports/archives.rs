//! Archives on this computer, downloaded here or come from elsewhere. None of it needs an account.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;
use settings_privacy_archive::{Archive, Expected, Progress, verify};
use settings_privacy_core::archive::{Fault, Pinned, Report};
use settings_privacy_core::export::WorkflowId;
use uuid::Uuid;

use super::super::{Engine, lock};
use crate::error::EngineError;
use crate::store::ArchiveRow;

/// An archive on this computer.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownArchive {
    /// Its number here.
    pub id: Uuid,
    /// Where it lies.
    pub path: PathBuf,
    /// The export it came of, if it was downloaded here.
    pub export: Option<WorkflowId>,
    /// Whose it is, as far as known.
    pub account: Option<String>,
    /// Its length, in bytes.
    pub size: u64,
    /// It is encrypted with a passphrase.
    pub encrypted: bool,
    /// Since when it is known here.
    pub added_at: Timestamp,
    /// What checking it last found.
    pub report: Option<Report>,
    /// Whether the file is there now.
    pub there: bool,
}

impl From<ArchiveRow> for KnownArchive {
    fn from(row: ArchiveRow) -> Self {
        let found = row.path.metadata().ok().filter(std::fs::Metadata::is_file);
        // Of another length it is another file than the one that was checked.
        let same = found.as_ref().is_none_or(|found| found.len() == row.size);
        Self {
            there: found.is_some(),
            id: row.id,
            path: row.path,
            export: row.export,
            account: row.account,
            size: row.size,
            encrypted: row.encrypted,
            added_at: row.added_at,
            report: row.report.filter(|_| same),
        }
    }
}

impl Engine {
    /// The archives that are known here, the last to come first.
    ///
    /// # Errors
    /// When the program's own database can't be read.
    pub async fn archives(&self) -> Result<Vec<KnownArchive>, EngineError> {
        let rows = self.shared.store.archives().await?;
        let looked = tokio::task::spawn_blocking(|| rows.into_iter().map(KnownArchive::from).collect());
        looked.await.map_err(|_| EngineError::Stopped)
    }

    /// Remembers an archive that came from elsewhere.
    ///
    /// # Errors
    /// When it can't be read or isn't an archive, or it can't be recorded.
    pub async fn add_archive(&self, path: &Path) -> Result<KnownArchive, EngineError> {
        let path = absolute(path)?;
        let opened = path.clone();
        let opened = tokio::task::spawn_blocking(move || Archive::open(&opened, None));
        let (account, encrypted) = match opened.await.map_err(|_| EngineError::Stopped)? {
            Ok(archive) => (archive.claims().map(|claims| claims.account.clone()), false),
            Err(Fault::NeedsPassphrase) => (None, true),
            Err(fault) => return Err(fault.into()),
        };
        self.know(&path, account, encrypted, None).await
    }

    /// Takes one off the list. The file stays.
    ///
    /// # Errors
    /// When it can't be recorded.
    pub async fn forget_archive(&self, id: Uuid) -> Result<(), EngineError> {
        self.shared.store.forget_archive(id).await?;
        self.changed();
        Ok(())
    }

    /// Checks an archive, whole, against every key that was pinned here, and against the account that asked for it
    /// if it was downloaded here. What was found is kept with it.
    ///
    /// # Errors
    /// When it was stopped, or it can't be recorded. What is wrong with it is in the report.
    pub async fn check_archive(
        &self,
        path: &Path,
        passphrase: Option<SecretString>,
        progress: Arc<Progress>,
    ) -> Result<Report, EngineError> {
        let path = absolute(path)?;
        let known = self.shared.store.archives().await?;
        let known = known.into_iter().find(|row| row.path == path);
        let expected = Expected {
            // Of one that came from elsewhere only the file itself says whose it is.
            account: known
                .as_ref()
                .filter(|row| row.export.is_some())
                .and_then(|row| row.account.clone()),
            keys: self.every_pinned_key().await?,
            ..Expected::default()
        };
        let checked = path.clone();
        let work = tokio::task::spawn_blocking(move || {
            let report = verify(
                &checked,
                passphrase.as_ref(),
                &expected,
                Timestamp::now(),
                &progress,
            );
            let opened = Archive::open(&checked, passphrase.as_ref()).ok();
            let account = opened.and_then(|archive| Some(archive.claims()?.account.clone()));
            (report, account, passphrase.is_some())
        });
        let (report, account, encrypted) = work.await.map_err(|_| EngineError::Stopped)?;
        let report = report.map_err(|_| EngineError::Stopped)?;
        if path.is_file() && was_read(&report) {
            self.know(&path, account, encrypted, Some(report.clone())).await?;
        }
        Ok(report)
    }

    async fn know(
        &self,
        path: &Path,
        account: Option<String>,
        encrypted: bool,
        report: Option<Report>,
    ) -> Result<KnownArchive, EngineError> {
        let size = path.metadata().map_or(0, |told| told.len());
        let row = ArchiveRow {
            id: Uuid::now_v7(),
            path: path.to_owned(),
            export: None,
            account,
            size,
            encrypted,
            report,
            added_at: Timestamp::now(),
        };
        let store = &self.shared.store;
        store.keep_archive(&row).await?;
        self.changed();
        let rows = store.archives().await?;
        let kept = rows.into_iter().find(|kept| kept.path == row.path);
        Ok(kept.unwrap_or(row).into())
    }

    /// Every key that was pinned for a service one can have an account at from here.
    async fn every_pinned_key(&self) -> Result<Pinned, EngineError> {
        let mut all = Pinned::default();
        let here = lock(&self.shared.account).place.key();
        for text in self.shared.store.settings_that_begin("archive.keys ").await? {
            let (setting, value) = text;
            let Ok(pinned) = serde_json::from_str::<Pinned>(&value) else {
                continue;
            };
            // Where two services name a key alike, the one in use here counts.
            let ours = setting.strip_prefix("archive.keys ") == Some(here.as_str());
            for (kid, key) in pinned.keys {
                if ours || !all.keys.contains_key(&kid) {
                    all.keys.insert(kid, key);
                }
            }
        }
        Ok(all)
    }
}

/// Whether it was looked into at all: what couldn't be opened wasn't checked.
fn was_read(report: &Report) -> bool {
    let closed = |fault: &Fault| {
        matches!(
            fault,
            Fault::WrongPassphrase | Fault::NeedsPassphrase | Fault::Unreadable { .. }
        )
    };
    !report.findings.iter().any(|finding| closed(&finding.fault))
}

fn absolute(path: &Path) -> Result<PathBuf, EngineError> {
    let unreadable = |error: std::io::Error| {
        EngineError::Archive(Fault::Unreadable {
            why: error.kind().to_string(),
        })
    };
    std::path::absolute(path).map_err(unreadable)
}
