//! What comes after a download: checked, put in its place, encrypted, or set aside.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use secrecy::SecretString;
use settings_privacy_archive::{Expected, Progress, keep, quarantine, seal, verify};
use settings_privacy_core::archive::{Fault, Jwk, Jwks, Learned, Pinned, Report, Sha256, learn};
use settings_privacy_core::export::{Bytes, Export, Place, Reply, Stage, Verdict, Waits};
use uuid::Uuid;

use super::super::{Engine, lock};
use super::part::{missing_room, part_of};
use super::perform::{trouble, unanswered};
use super::wishes::numbered;
use crate::error::EngineError;
use crate::store::ArchiveRow;

/// So many encrypted files of the same name are looked into for one that is ours: each takes about a second.
const MOST_CANDIDATES: usize = 8;

/// Stops a check when whoever waits for it doesn't any more.
struct StopWhenDropped(Arc<Progress>);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }
}

impl Engine {
    pub(super) async fn check(&self, export: &Export, size: Bytes, digest: Sha256, to: &Place) -> Reply {
        // The keys are asked of the service that made it, and of no other.
        if self.signed_in().ok().as_deref() != Some(export.account.0.as_str()) {
            return Reply::Waits(Waits::SignIn);
        }
        let keys = match self.learn_keys().await {
            Ok(Some(keys)) => keys,
            Ok(None) => return Reply::Waits(Waits::Key),
            Err(error) => return trouble(error),
        };
        let part = part_of(to);
        if let Some(reply) = missing(&part) {
            return reply;
        }
        let held = self.part_file(export.workflow).await;
        let desk = &self.shared.exporting;
        let streamed = desk.live(export.workflow, |live| live.streamed);
        let expected = Expected {
            size: Some(size.0),
            digest: Some(digest),
            streamed: streamed
                .filter(|(bytes, _)| *bytes == size.0)
                .map(|(_, digest)| digest),
            account: Some(export.account.0.clone()),
            export: remote_id(&export.stage),
            keys,
        };
        let progress = Arc::new(Progress::default());
        desk.live(export.workflow, |live| live.checking = Some(progress.clone()));
        let stop = StopWhenDropped(progress.clone());
        let work = tokio::task::spawn_blocking(move || {
            let _held = held;
            verify(&part, None, &expected, Timestamp::now(), &progress)
        });
        let outcome = desk.moving(work).await;
        drop(stop);
        desk.live(export.workflow, |live| {
            live.checking = None;
            // Another check looks for itself: what is on the disk may have changed.
            live.streamed = None;
        });
        let Ok(Ok(report)) = outcome else {
            return unanswered(None);
        };
        if report
            .findings
            .iter()
            .any(|finding| matches!(finding.fault, Fault::Unreadable { .. }))
        {
            // The disk, not the archive.
            return missing(&part_of(to)).unwrap_or_else(|| unanswered(None));
        }
        let store = &self.shared.store;
        match store.keep_export_report(export.workflow, &report).await {
            Ok(()) => Reply::Checked(report.verdict()),
            Err(error) => trouble(error.into()),
        }
    }

    pub(super) async fn put_in_place(&self, export: &Export, to: &Place) -> Reply {
        let Stage::Verifying { archive } = &export.stage else {
            return unanswered(None);
        };
        let held = self.part_file(export.workflow).await;
        let (path, digest) = (PathBuf::from(&to.0), archive.digest);
        let part = part_of(to);
        let work = tokio::task::spawn_blocking(move || {
            let _held = held;
            keep(&part, &path, |at| {
                digest_of(at).is_ok_and(|found| found == digest)
            })
        });
        let kept = match work.await {
            Ok(Ok(kept)) => kept,
            Ok(Err(fault)) => return not_kept(&fault, &PathBuf::from(&to.0), archive.size),
            Err(_) => return unanswered(None),
        };
        let Ok(text) = kept.clone().into_os_string().into_string() else {
            return unanswered(None);
        };
        let row = ArchiveRow {
            id: Uuid::now_v7(),
            path: kept,
            export: Some(export.workflow),
            account: Some(export.account.0.clone()),
            size: archive.size.0,
            encrypted: false,
            report: self.report_of(export).await,
            added_at: Timestamp::now(),
        };
        match self.shared.store.keep_archive(&row).await {
            Ok(()) => Reply::Kept { path: Place(text) },
            Err(error) => trouble(error.into()),
        }
    }

    async fn report_of(&self, export: &Export) -> Option<Report> {
        let rows = self.shared.store.exports().await.ok()?;
        let row = rows
            .into_iter()
            .find(|row| row.export.workflow == export.workflow)?;
        row.report
    }

    pub(super) async fn set_aside(&self, export: &Export, to: &Place) -> Reply {
        let held = self.part_file(export.workflow).await;
        let part = part_of(to);
        let work = tokio::task::spawn_blocking(move || {
            let _held = held;
            quarantine(&part)
        });
        match work.await {
            Ok(Ok(Some(aside))) => {
                let store = &self.shared.store;
                match store.keep_set_aside(export.workflow, &aside).await {
                    Ok(()) => Reply::Done,
                    Err(error) => trouble(error.into()),
                }
            }
            Ok(Ok(None)) => Reply::Done,
            Ok(Err(_)) | Err(_) => unanswered(None),
        }
    }

    pub(super) async fn discard(&self, export: &Export, to: &Place) -> Reply {
        let held = self.part_file(export.workflow).await;
        let part = part_of(to);
        let work = tokio::task::spawn_blocking(move || {
            let _held = held;
            std::fs::remove_file(part)
        });
        match work.await {
            Ok(Ok(())) => Reply::Done,
            // On a drive that is gone nothing can be removed, and nothing waits for it.
            Ok(Err(error))
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Reply::Done
            }
            Ok(Err(_)) | Err(_) => unanswered(None),
        }
    }

    /// An encrypted file takes the place of the plain one: written, read back, and only then the plain one removed.
    pub(super) async fn seal(&self, export: &Export, path: &Place) -> Reply {
        let Stage::Verified { digest, size, .. } = export.stage else {
            return unanswered(None);
        };
        let desk = &self.shared.exporting;
        let passphrase = desk.live(export.workflow, |live| live.passphrase.clone());
        let held = self.part_file(export.workflow).await;
        let plain = PathBuf::from(&path.0);
        let from = plain.clone();
        let work = tokio::task::spawn_blocking(move || {
            let _held = held;
            sealed(&from, passphrase.as_ref(), digest, size)
        });
        let outcome = desk.moving(work).await;
        let (sealed, bytes) = match outcome {
            Ok(Ok(sealed)) => sealed,
            Ok(Err(NotSealed::Waits(waits))) => return Reply::Waits(waits),
            Ok(Err(NotSealed::Fault(fault))) => {
                let reply = refused(&fault, &plain, size);
                if let Reply::Refused { .. } = reply {
                    desk.live(export.workflow, |live| live.passphrase = None);
                }
                return reply;
            }
            Err(_) => return unanswered(None),
        };
        let Some(text) = sealed.to_str().map(str::to_owned) else {
            return unanswered(None);
        };
        let recorded = self.shared.store.archive_was_sealed(&plain, &sealed, bytes).await;
        if let Err(error) = recorded {
            return trouble(error.into());
        }
        desk.live(export.workflow, |live| live.passphrase = None);
        Reply::Sealed { path: Place(text) }
    }

    /// The keys an archive may be signed with, after a look at those the service publishes; `None` when only the person
    /// can say whether they are the service's.
    async fn learn_keys(&self) -> Result<Option<Pinned>, EngineError> {
        let (setting, published) = self.published_keys().await?;
        let pinned = self.pinned_keys(&setting).await?;
        match learn(pinned.as_ref(), &published) {
            Learned::Known => Ok(pinned),
            Learned::FirstUse(keys) | Learned::Rotated(keys) => {
                self.pin(&setting, &keys).await?;
                Ok(Some(keys))
            }
            // Checked against those that are known, an archive without a good signature is told as such.
            Learned::NoKeys => Ok(Some(pinned.unwrap_or_default())),
            Learned::KeyChanged { .. } | Learned::Replaced => Ok(None),
        }
    }

    /// The person decided: what is published now is pinned beside what was, and in its place under the same name.
    pub(super) async fn pin_published_keys(&self) -> Result<(), EngineError> {
        let (setting, published) = self.published_keys().await?;
        let mut keys = self.pinned_keys(&setting).await?.unwrap_or_default();
        if let Learned::FirstUse(new) = learn(None, &published) {
            keys.keys.extend(new.keys);
        }
        self.pin(&setting, &keys).await
    }

    async fn published_keys(&self) -> Result<(String, Jwks), EngineError> {
        let client = self.shared.session.lock().await.client.clone();
        let client = client.ok_or(EngineError::NoAccount)?;
        let setting = format!("archive.keys {}", lock(&self.shared.account).place.key());
        let told = client.signing_keys().await;
        self.heard(&told);
        let published = told?.keys.into_iter().map(|key| Jwk {
            kty: key.kty,
            crv: key.crv,
            kid: key.kid,
            x: key.x,
        });
        let keys = published.collect();
        Ok((setting, Jwks { keys }))
    }

    async fn pinned_keys(&self, setting: &str) -> Result<Option<Pinned>, EngineError> {
        let kept = self.shared.store.setting(setting).await?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()))
    }

    async fn pin(&self, setting: &str, keys: &Pinned) -> Result<(), EngineError> {
        let text = serde_json::to_string(keys).expect("names and keys are text");
        Ok(self.shared.store.set_setting(setting, Some(&text)).await?)
    }
}

fn remote_id(stage: &Stage) -> Option<String> {
    let Stage::Verifying { archive } = stage else {
        return None;
    };
    Some(archive.export.0.clone())
}

/// The part isn't there: its drive was removed, or somebody took it away.
fn missing(part: &Path) -> Option<Reply> {
    match part.try_exists() {
        Ok(true) => None,
        Ok(false) if part.parent().is_some_and(Path::is_dir) => Some(Reply::Checked(Verdict::NotSound {
            code: "part-gone".to_owned(),
            message: "What had arrived is no longer in its folder. Download it again.".to_owned(),
        })),
        Ok(false) | Err(_) => Some(Reply::Waits(Waits::Place)),
    }
}

/// A checked file that can't be put in its place waits for a better one.
fn not_kept(fault: &Fault, path: &Path, size: Bytes) -> Reply {
    if let Fault::Unwritable { .. } = fault {
        return Reply::Waits(Waits::Place);
    }
    refused(fault, path, size)
}

fn refused(fault: &Fault, path: &Path, size: Bytes) -> Reply {
    let folder_is_there = path.parent().is_some_and(Path::is_dir);
    if *fault == Fault::NoRoom {
        let missing = missing_room(path, size.0).unwrap_or(size);
        return Reply::Waits(Waits::Room { missing });
    }
    if !folder_is_there {
        return Reply::Waits(Waits::Place);
    }
    Reply::Refused {
        code: fault.code().to_owned(),
        message: fault.to_string(),
    }
}

enum NotSealed {
    Waits(Waits),
    Fault(Fault),
}

impl From<Fault> for NotSealed {
    fn from(fault: Fault) -> Self {
        NotSealed::Fault(fault)
    }
}

/// Where the encrypted file lies, and its length.
fn sealed(
    plain: &Path,
    passphrase: Option<&SecretString>,
    digest: Sha256,
    size: Bytes,
) -> Result<(PathBuf, u64), NotSealed> {
    let mut name = plain.as_os_str().to_owned();
    name.push(".age");
    let beside = PathBuf::from(name);
    let there = plain.try_exists().map_err(|error| unreadable(&error))?;
    // Only the passphrase tells one's own file from somebody else's of that name.
    let Some(passphrase) = passphrase else {
        return Err(NotSealed::Waits(Waits::Passphrase));
    };
    // The last try may have got that far, and its answer been lost.
    let ours = (1..)
        .map(|number| numbered(&beside, number))
        .take_while(|candidate| candidate.is_file())
        .take(MOST_CANDIDATES)
        .find(|candidate| holds(candidate, passphrase, digest));
    if !there {
        let at = ours.ok_or(NotSealed::Waits(Waits::Place))?;
        let bytes = length(&at)?;
        return Ok((at, bytes));
    }
    let at = if let Some(ours) = ours {
        ours
    } else {
        if let Some(missing) = missing_room(plain, size.0) {
            return Err(NotSealed::Waits(Waits::Room { missing }));
        }
        let at = seal(plain, &beside, passphrase, None)?;
        if !holds(&at, passphrase, digest) {
            // Whatever the disk made of it, the plain one is still there.
            let _ = std::fs::remove_file(&at);
            return Err(Fault::Unwritable {
                why: "what was written can't be read back".to_owned(),
            }
            .into());
        }
        at
    };
    std::fs::remove_file(plain).map_err(|error| Fault::Unwritable {
        why: error.kind().to_string(),
    })?;
    let bytes = length(&at)?;
    Ok((at, bytes))
}

/// Whether an encrypted file holds exactly what it should.
fn holds(sealed: &Path, passphrase: &SecretString, digest: Sha256) -> bool {
    let expected = Expected {
        digest: Some(digest),
        ..Expected::default()
    };
    let report = verify(
        sealed,
        Some(passphrase),
        &expected,
        Timestamp::now(),
        &Progress::default(),
    );
    report.is_ok_and(|report| report.digest_as_told)
}

fn digest_of(path: &Path) -> io::Result<Sha256> {
    let mut file = std::fs::File::open(path)?;
    let bytes = file.metadata()?.len();
    Ok(settings_privacy_archive::Hasher::resume(&mut file, bytes)?.finish())
}

fn length(path: &Path) -> Result<u64, Fault> {
    Ok(path.metadata().map_err(|error| unreadable(&error))?.len())
}

fn unreadable(error: &io::Error) -> Fault {
    Fault::Unreadable {
        why: error.kind().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_encrypted_file_that_the_passphrase_opens_is_taken_for_ones_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let plain = folder.path().join("mine.zip");
        std::fs::write(&plain, b"not even an archive").expect("it can be written");
        let (digest, size) = (digest_of(&plain).expect("it is there"), Bytes(19));
        let (mine, theirs) = (SecretString::from("mine"), SecretString::from("theirs"));
        let beside = folder.path().join("mine.zip.age");
        std::fs::write(folder.path().join("other"), b"somebody else's").expect("it can be written");
        seal(&folder.path().join("other"), &beside, &theirs, Some(4)).expect("it is sealed");
        std::fs::remove_file(&plain).expect("it is ours");
        let without = sealed(&plain, None, digest, size);
        assert!(matches!(without, Err(NotSealed::Waits(Waits::Passphrase))));
        let with = sealed(&plain, Some(&mine), digest, size);
        assert!(matches!(with, Err(NotSealed::Waits(Waits::Place))));
    }
}
