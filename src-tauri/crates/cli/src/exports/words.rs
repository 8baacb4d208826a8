//! An export, for people and for programs.

use serde_json::{Value, json};
use settings_privacy_core::export::{Stage, Waits};
use settings_privacy_engine::ExportState;

use crate::output::{local, table};

/// All of them, for people.
pub fn list(exports: &[ExportState]) -> String {
    if exports.is_empty() {
        return "You asked for no copy from here yet. To ask: privacy-settings export request.".to_owned();
    }
    let row = |export: &ExportState| {
        [
            export.export.workflow.0.to_string(),
            local(export.asked_at),
            says(export),
        ]
    };
    let rows: Vec<[String; 3]> = exports.iter().map(row).collect();
    table(["ID", "Asked for", "Stands"], &rows)
}

/// Where it stands, with the figures that go with that.
pub fn says(export: &ExportState) -> String {
    let figures = match &export.export.stage {
        Stage::Preparing { progress, .. } => progress
            .of
            .map(|of| format!(" {} of {of} items, {}.", progress.items, size(progress.bytes.0))),
        Stage::Ready { archive } => Some(format!(
            " {}, until {}.",
            size(archive.size.0),
            local(archive.expires)
        )),
        Stage::Downloading { archive, stored } => {
            let here = export.transfer.map_or(stored.0, |transfer| transfer.received);
            Some(format!(" {} of {}.", size(here), size(archive.size.0)))
        }
        Stage::Verified {
            path, size: bytes, ..
        } => Some(format!(" {} ({}).", path.0, size(bytes.0))),
        Stage::Requested
        | Stage::Submitted { .. }
        | Stage::Verifying { .. }
        | Stage::Expired { .. }
        | Stage::Failed { .. }
        | Stage::Cancelled => None,
    };
    let aside = export
        .set_aside
        .as_ref()
        .map(|path| format!(" The file is set aside as {}.", path.display()));
    format!(
        "{}{}{}",
        export.says,
        figures.unwrap_or_default(),
        aside.unwrap_or_default()
    )
}

/// All of them, for programs.
pub fn list_json(exports: &[ExportState]) -> Value {
    json!({ "exports": exports.iter().map(export_json).collect::<Vec<_>>() })
}

/// One of them, for programs.
pub fn export_json(state: &ExportState) -> Value {
    let export = &state.export;
    let (size, digest, expires) = match &export.stage {
        Stage::Ready { archive } | Stage::Downloading { archive, .. } | Stage::Verifying { archive } => (
            Some(archive.size.0),
            Some(archive.digest.to_string()),
            Some(archive.expires.to_string()),
        ),
        Stage::Verified { size, digest, .. } => (Some(size.0), Some(digest.to_string()), None),
        Stage::Requested
        | Stage::Submitted { .. }
        | Stage::Preparing { .. }
        | Stage::Expired { .. }
        | Stage::Failed { .. }
        | Stage::Cancelled => (None, None, None),
    };
    let (path, encrypted) = export.lies_at().unzip();
    let failed = if let Stage::Failed { code, retry, .. } = &export.stage {
        Some(json!({"code": code, "can_retry": retry.is_some()}))
    } else {
        None
    };
    let stored = export.part.as_ref().map(|part| part.bytes.0);
    let notices: Vec<&str> = export
        .notices
        .iter()
        .map(|notice| notice.started_over.sentence())
        .collect();
    json!({
        "id": export.workflow.0,
        "asked_at": state.asked_at.to_string(),
        "changed_at": state.changed_at.to_string(),
        "stage": stage(&export.stage),
        "says": state.says,
        "waits_for": export.waits().map(|waits| waits.code()),
        "missing_bytes": missing(export.waits()),
        "categories": state.categories,
        "left_out": state.left_out,
        "size": size,
        "sha256": digest,
        "expires_at": expires,
        "stored": stored,
        "path": path.map(|path| &path.0),
        "encrypted": encrypted.unwrap_or(false),
        "failed": failed,
        "set_aside": state.set_aside,
        "began_again": notices,
        "report": state.report,
        "elsewhere": state.elsewhere,
    })
}

fn missing(waits: Option<Waits>) -> Option<u64> {
    match waits {
        Some(Waits::Room { missing }) => Some(missing.0),
        Some(Waits::SignIn | Waits::Place | Waits::Code { .. } | Waits::Key | Waits::Passphrase) | None => {
            None
        }
    }
}

/// The stage in one word.
pub fn stage(stage: &Stage) -> &'static str {
    match stage {
        Stage::Requested => "requested",
        Stage::Submitted { .. } => "submitted",
        Stage::Preparing { .. } => "preparing",
        Stage::Ready { .. } => "ready",
        Stage::Downloading { .. } => "downloading",
        Stage::Verifying { .. } => "verifying",
        Stage::Verified { .. } => "verified",
        Stage::Expired { .. } => "expired",
        Stage::Failed { .. } => "failed",
        Stage::Cancelled => "cancelled",
    }
}

/// `1.5 MB`: of a thousand each.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} {}", UNITS[0]),
        _ if value < 10.0 => format!("{value:.1} {}", UNITS[unit]),
        _ => format!("{value:.0} {}", UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short_and_true() {
        for (bytes, shown) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_500, "1.5 kB"),
            (999_900, "1.0 MB"),
            (12_345_678, "12 MB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }
}
