//! The lists of a bag, the signature over them, and whose the archive is.

use settings_privacy_core::archive::{Fault, Manifest, Report, Sha256, Signed, TAG_FILES, oxum, shown};

use super::Expected;
use super::findings::Findings;
use crate::container::{Container, Reader};
use crate::jws;
use crate::layout::{CLAIMS, Kind, Layout, MANIFEST, SIGNATURE, TAG_MANIFEST};

/// What every file must be.
pub(super) struct Lists {
    root: String,
    payload: Option<Manifest>,
    tags: Option<Manifest>,
}

impl Lists {
    /// What a file's digest must be; `Ok(None)` when nothing lists it and nothing needs to.
    pub(super) fn wanted(&self, name: &str) -> Result<Option<Sha256>, Fault> {
        let extra = || Fault::Extra {
            name: shown(name.as_bytes()),
        };
        let Some(path) = name.strip_prefix(self.root.as_str()) else {
            return Err(extra());
        };
        if path == SIGNATURE || path == TAG_MANIFEST {
            return Ok(None);
        }
        let list = if path.starts_with("data/") {
            &self.payload
        } else {
            &self.tags
        };
        match list {
            None => Ok(None),
            Some(list) => list.files.get(path).copied().map(Some).ok_or_else(extra),
        }
    }
}

/// Reads the lists, the signature over them, and whose the archive is.
pub(super) fn lists(
    container: &Container,
    reader: &mut Reader<'_>,
    expected: &Expected,
    report: &mut Report,
    findings: &mut Findings,
) -> Lists {
    let mut layout = Layout::read(container, reader);
    if layout.kind == Kind::Tree {
        findings.add(Fault::NotABag);
        return Lists {
            root: layout.root,
            payload: None,
            tags: None,
        };
    }
    let payload = layout.manifest(container, reader, MANIFEST);
    let tags = layout.manifest(container, reader, TAG_MANIFEST);
    match (&tags, layout.bytes(container, reader, SIGNATURE)) {
        (Some((_, signed)), Some(jws)) => match jws::check(&jws, signed, &expected.keys) {
            Ok(kid) => report.signed = Some(Signed { kid }),
            Err(fault) => findings.add(fault),
        },
        (None, Some(_)) | (_, None) => findings.add(Fault::Unsigned),
    }
    for (path, list) in [(MANIFEST, &payload), (TAG_MANIFEST, &tags)] {
        if list.is_none() && layout.entry(container, path).is_none() {
            findings.add(Fault::Missing {
                name: path.to_owned(),
            });
        }
    }
    let entries = container.by_name();
    for (list, _) in payload.iter().chain(&tags) {
        let missing = list
            .files
            .keys()
            .filter(|path| !entries.contains_key(format!("{}{path}", layout.root).as_str()));
        let mut missing: Vec<&str> = missing.map(|path| &**path).collect();
        missing.sort_unstable();
        findings.add_all(missing.into_iter().map(|path| Fault::Missing {
            name: shown(path.as_bytes()),
        }));
    }
    if let Some((tags, _)) = &tags {
        let unlisted = TAG_FILES.iter().filter(|path| !tags.files.contains_key(**path));
        findings.add_all(unlisted.map(|path| Fault::Missing {
            name: (*path).to_owned(),
        }));
    }
    counts(container, &layout, findings);
    owner(&layout, expected, report, findings);
    findings.add_all(std::mem::take(&mut layout.faults));
    Lists {
        root: layout.root,
        payload: payload.map(|(list, _)| list),
        tags: tags.map(|(list, _)| list),
    }
}

/// `Payload-Oxum` is what there is.
fn counts(container: &Container, layout: &Layout, findings: &mut Findings) {
    let Some(claimed) = layout.info.get("Payload-Oxum") else {
        return;
    };
    let data = format!("{}data/", layout.root);
    let payload = container
        .entries
        .iter()
        .filter(|entry| entry.name.starts_with(&data));
    let (bytes, files) = payload.fold((0u64, 0u64), |(bytes, files), entry| {
        (bytes.saturating_add(entry.size), files + 1)
    });
    if oxum(claimed) != Some((bytes, files)) {
        findings.add(Fault::Oxum {
            claimed: shown(claimed.as_bytes()),
            found: format!("{bytes}.{files}"),
        });
    }
}

/// It says whose it is in two places, and both must agree with whom it should belong to.
fn owner(layout: &Layout, expected: &Expected, report: &mut Report, findings: &mut Findings) {
    report.export = layout.info.get("External-Identifier").map(str::to_owned);
    let claims = layout.claims.as_ref();
    if layout.kind == Kind::Export && claims.is_none() && layout.faults.is_empty() {
        findings.add(Fault::Missing {
            name: CLAIMS.to_owned(),
        });
    }
    let accounts = [
        layout.info.get("Account-Identifier"),
        claims.map(|claims| claims.account.as_str()),
    ];
    let exports = [
        report.export.as_deref(),
        claims.map(|claims| claims.export.as_str()),
    ];
    if !agree(&accounts, expected.account.as_deref()) {
        findings.add(Fault::AnotherAccount);
    }
    if !agree(&exports, expected.export.as_deref()) {
        findings.add(Fault::AnotherExport);
    }
    let named = report
        .export
        .as_deref()
        .map(|export| format!("settings-privacy-export-{export}/"));
    if layout.kind == Kind::Export && named.is_some_and(|named| named != layout.root) {
        findings.add(Fault::Structure {
            what: "its folder isn't named after the export".to_owned(),
        });
    }
}

/// Whether all that is said is the same, and the expected; when something is expected, it must be said.
fn agree(told: &[Option<&str>; 2], expected: Option<&str>) -> bool {
    match (told[0], told[1], expected) {
        (Some(one), Some(two), expected) => one == two && expected.is_none_or(|expected| expected == one),
        (Some(one), None, Some(expected)) | (None, Some(one), Some(expected)) => one == expected,
        (Some(_), None, None) | (None, Some(_), None) | (None, None, None) => true,
        (None, None, Some(_)) => false,
    }
}
