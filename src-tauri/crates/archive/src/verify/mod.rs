//! Checking an archive, whole, before anything is called done.

mod files;
mod findings;
mod lists;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};

use jiff::Timestamp;
use secrecy::SecretString;
use settings_privacy_core::archive::{Fault, Pinned, Report, Sha256};

use self::files::read_all;
use self::findings::Findings;
use self::lists::lists;
use crate::container::Container;
use crate::source::Source;

/// What an archive must be. What isn't known isn't asked.
#[derive(Clone, Default)]
pub struct Expected {
    /// Its length, in bytes.
    pub size: Option<u64>,
    /// The digest of the file, as the service named it.
    pub digest: Option<Sha256>,
    /// The digest of the file, as [`Hasher`] saw it come and go to the disk: then the file isn't read a second time
    /// for it.
    pub streamed: Option<Sha256>,
    /// Whose it must be.
    pub account: Option<String>,
    /// Which export it must be.
    pub export: Option<String>,
    /// The keys it may be signed with.
    pub keys: Pinned,
}

/// How far it is, and whether it is still wanted. May be looked at from another thread.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes checked.
    pub done: AtomicU64,
    /// Bytes there are to check.
    pub of: AtomicU64,
    /// Set it to stop.
    pub stop: AtomicBool,
}

/// The archive was not checked to its end: somebody stopped it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

/// Checks an archive: its length and digest, its table of contents, every file against the lists (nothing missing,
/// nothing extra), the signature over the lists, and whose it is. It takes as many threads as there are processors, and
/// the same memory for every length. It writes nothing.
///
/// # Errors
/// When it was stopped. What is wrong with the archive is in the report.
pub fn verify(
    path: &Path,
    passphrase: Option<&SecretString>,
    expected: &Expected,
    now: Timestamp,
    progress: &Progress,
) -> Result<Report, Stopped> {
    let mut findings = Findings::default();
    let mut report = Report {
        report: 1,
        checked: now,
        export: None,
        size: 0,
        digest: None,
        digest_as_told: false,
        files: 0,
        bytes: 0,
        owner_known: expected.account.is_some(),
        signed: None,
        findings: Vec::new(),
        more: 0,
    };
    match Container::open(path, passphrase) {
        Ok(container) => check(&container, expected, progress, &mut report, &mut findings)?,
        Err(fault) => {
            if let Ok(source) = Source::open(path, passphrase) {
                report.size = source.len();
                size(&source, expected, &mut findings);
            }
            findings.add(fault);
        }
    }
    (report.findings, report.more) = findings.finish();
    Ok(report)
}

fn size(source: &Source, expected: &Expected, findings: &mut Findings) {
    if let Some(told) = expected.size.filter(|told| *told != source.len()) {
        findings.add(Fault::Size {
            expected: told,
            found: source.len(),
        });
    }
}

fn check(
    container: &Container,
    expected: &Expected,
    progress: &Progress,
    report: &mut Report,
    findings: &mut Findings,
) -> Result<(), Stopped> {
    report.size = container.source().len();
    size(container.source(), expected, findings);
    findings.add_all(container.faults.iter().cloned());
    let bomb = container.faults.iter().any(Fault::forbids_opening);
    let lists = match container.reader() {
        Ok(mut reader) if !bomb => Some(lists(container, &mut reader, expected, report, findings)),
        Ok(_) => None,
        Err(fault) => {
            findings.add(fault);
            None
        }
    };
    let whole = if expected.streamed.is_some() {
        None
    } else {
        expected.digest
    };
    let files = if bomb { 0 } else { container.entries.len() };
    let outcome = read_all(container, lists.as_ref(), files, whole.is_some(), progress)?;
    findings.add_all(outcome.faults);
    (report.files, report.bytes) = (outcome.files, outcome.bytes);
    report.digest = expected.streamed.or(outcome.digest);
    if let (Some(told), Some(found)) = (expected.digest, report.digest) {
        report.digest_as_told = told == found;
        if told != found {
            findings.add(Fault::Digest {
                expected: told,
                found,
            });
        }
    }
    Ok(())
}
