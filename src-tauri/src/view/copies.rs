//! From the engine's exports to what the window is given.

use std::path::Path;

use settings_privacy_core::data;
use settings_privacy_core::export::{Retry, Stage, Waits};
use settings_privacy_core::inventory::CategoryId;
use settings_privacy_core::regime::{Period, RegimeId};
use settings_privacy_engine::api::{Controller, ExportCategory, Inventory, InventoryCategory};
use settings_privacy_engine::{ExportState, ExportWish, KnownArchive, RegimeState, Transfer};

use super::exports::*;
use super::reading::{category_name, number, report_view};
use super::{BytesSoFar, ErrorView};

/// What can be asked for, and under which law.
pub fn export_choices(inventory: &Inventory, regimes: &[RegimeState], place: &Path) -> ExportChoices {
    ExportChoices {
        categories: inventory.categories.iter().map(held_category).collect(),
        regimes: regimes.iter().map(regime_view).collect(),
        place: place.display().to_string(),
    }
}

fn held_category(category: &InventoryCategory) -> HeldCategory {
    HeldCategory {
        id: category.id.clone(),
        name: category.name.clone(),
        holds: category.holds.clone(),
        clause: category.clause.clone(),
        controller: match category.controller {
            Controller::Dingtalk => ControllerWord::Dingtalk,
            Controller::Organization => ControllerWord::Organization,
            Controller::GroupOwner => ControllerWord::GroupOwner,
            Controller::Vendor => ControllerWord::Vendor,
            Controller::Unknown => ControllerWord::Unknown,
        },
        dated: category.dated,
        items: number(category.items),
        bytes: category.bytes.to_string(),
        first_at: category.first_at.map(|at| at.to_string()),
        last_at: category.last_at.map(|at| at.to_string()),
    }
}

fn regime_view(state: &RegimeState) -> RegimeView {
    let regime = state.regime;
    let months = |of: i64| number(of.unsigned_abs());
    RegimeView {
        id: regime.id.as_str().to_owned(),
        name: regime.name.clone(),
        law: regime.law.clone(),
        clause: regime.clause.clone(),
        limit: regime.export.map(|limit| LimitView {
            at_most: number(limit.at_most as u64),
            within_months: months(limit.within_months),
            covers_months: months(limit.covers_months),
        }),
        next_allowed_at: state.next_allowed_at.map(|at| at.to_string()),
        earliest: state.earliest.map(|at| at.to_string()),
    }
}

/// What somebody asks for. `place` is where, as a path.
///
/// # Errors
/// When a time isn't one.
pub fn export_wish(wish: ExportWishView, place: Option<std::path::PathBuf>) -> Result<ExportWish, ErrorView> {
    let time = |told: &str| told.parse().map_err(|_| ErrorView::unknown_id());
    let period = match (&wish.from, &wish.to) {
        (Some(from), Some(to)) => Some(Period {
            from: time(from)?,
            to: time(to)?,
        }),
        (Some(_) | None, _) => None,
    };
    Ok(ExportWish {
        categories: wish.categories.into_iter().map(CategoryId::new).collect(),
        period,
        regime: RegimeId::new(wish.regime),
        place,
        passphrase: wish.passphrase.filter(|given| !given.is_empty()).map(Into::into),
    })
}

/// All exports, and the archives that are known.
pub fn exports_view(exports: &[ExportState], archives: &[KnownArchive]) -> ExportsView {
    ExportsView {
        exports: exports.iter().map(export_view).collect(),
        archives: archives.iter().map(known_archive).collect(),
    }
}

fn export_view(state: &ExportState) -> ExportView {
    let export = &state.export;
    let (stage, failure, can_retry) = stage(&export.stage);
    let (bytes, expires_at) = match &export.stage {
        Stage::Ready { archive } | Stage::Downloading { archive, .. } => {
            (Some(archive.size.0), Some(archive.expires.to_string()))
        }
        Stage::Verifying { archive } => (Some(archive.size.0), None),
        Stage::Verified { size, .. } => (Some(size.0), None),
        Stage::Requested
        | Stage::Submitted { .. }
        | Stage::Preparing { .. }
        | Stage::Expired { .. }
        | Stage::Failed { .. }
        | Stage::Cancelled => (None, None),
    };
    let place = match &export.stage {
        Stage::Verified { path, .. } => Some(path.0.clone()),
        Stage::Requested
        | Stage::Submitted { .. }
        | Stage::Preparing { .. }
        | Stage::Ready { .. }
        | Stage::Downloading { .. }
        | Stage::Verifying { .. }
        | Stage::Expired { .. }
        | Stage::Failed { .. }
        | Stage::Cancelled => export.place.as_ref().map(|place| place.0.clone()),
    };
    let regime = data::regimes().get(&export.asked.regime);
    let period = export.asked.period;
    ExportView {
        id: export.workflow.0.to_string(),
        stage,
        says: state.says.clone(),
        asked_at: state.asked_at.to_string(),
        changed_at: state.changed_at.to_string(),
        regime: regime.map_or_else(
            || export.asked.regime.as_str().to_owned(),
            |regime| format!("{}, {}", regime.name, regime.law),
        ),
        from: period.map(|period| period.from.to_string()),
        to: period.map(|period| period.to.to_string()),
        asked: export
            .asked
            .categories
            .iter()
            .map(|id| category_name(id.as_str()))
            .collect(),
        categories: state.categories.iter().map(category_progress).collect(),
        left_out: number(state.left_out),
        bytes: bytes.map(|bytes| bytes.to_string()),
        expires_at,
        transfer: state.transfer.as_ref().map(transfer_view),
        checking: state.checking.map(|checking| BytesSoFar {
            done: checking.done.to_string(),
            of: checking.of.to_string(),
        }),
        part: part(state),
        place,
        encrypted: match export.stage {
            Stage::Verified { encrypted, .. } => encrypted,
            Stage::Requested
            | Stage::Submitted { .. }
            | Stage::Preparing { .. }
            | Stage::Ready { .. }
            | Stage::Downloading { .. }
            | Stage::Verifying { .. }
            | Stage::Expired { .. }
            | Stage::Failed { .. }
            | Stage::Cancelled => export.encrypt,
        },
        waits: export
            .waits()
            .map(|waits| waits_view(waits, export.waits_sentence(waits))),
        notices: export
            .notices
            .iter()
            .map(|notice| ExportNotice {
                at: notice.at.to_string(),
                says: notice.started_over.sentence().to_owned(),
            })
            .collect(),
        failure,
        can_retry,
        can_cancel: !export.has_ended() || matches!(export.stage, Stage::Failed { .. }),
        report: state.report.as_ref().map(report_view),
        set_aside: state.set_aside.as_ref().map(|path| path.display().to_string()),
        elsewhere: state.elsewhere,
    }
}

/// How far it is, why it failed, and whether another try may help.
fn stage(stage: &Stage) -> (ExportStage, Option<String>, bool) {
    match stage {
        Stage::Requested | Stage::Submitted { .. } => (ExportStage::Asked, None, false),
        Stage::Preparing { .. } => (ExportStage::Preparing, None, false),
        Stage::Ready { .. } => (ExportStage::Ready, None, false),
        Stage::Downloading { .. } => (ExportStage::Downloading, None, false),
        Stage::Verifying { .. } => (ExportStage::Checking, None, false),
        Stage::Verified { .. } => (ExportStage::Checked, None, false),
        Stage::Expired { .. } => (ExportStage::Expired, None, true),
        Stage::Failed { code, retry, .. } => (
            ExportStage::Failed,
            Some(code.clone()),
            match retry {
                Some(Retry::Asking | Retry::Service { .. } | Retry::Download { .. }) => true,
                None => false,
            },
        ),
        Stage::Cancelled => (ExportStage::Cancelled, None, false),
    }
}

/// What arrived before it ended lies beside where the whole should have lain.
fn part(state: &ExportState) -> Option<PartView> {
    let part = state.export.part.as_ref().filter(|part| part.bytes.0 > 0)?;
    if !state.export.has_ended() {
        return None;
    }
    Some(PartView {
        path: format!("{}.part", part.at.0),
        bytes: part.bytes.0.to_string(),
    })
}

fn category_progress(category: &ExportCategory) -> CategoryProgress {
    CategoryProgress {
        id: category.id.clone(),
        name: category.name.clone(),
        items_done: number(category.items_done),
        items_total: number(category.items_total),
        bytes_done: category.bytes_done.to_string(),
        bytes_total: category.bytes_total.to_string(),
    }
}

fn transfer_view(transfer: &Transfer) -> TransferView {
    TransferView {
        received: transfer.received.to_string(),
        of: transfer.of.to_string(),
        per_second: transfer.per_second.map(|rate| rate.to_string()),
        seconds_left: transfer.left.map(|left| number(left.as_secs())),
    }
}

fn waits_view(waits: Waits, says: &str) -> WaitsView {
    let (code, missing) = match waits {
        Waits::SignIn => (WaitsFor::SignIn, None),
        Waits::Room { missing } => (WaitsFor::NoRoom, Some(missing.0)),
        Waits::Place => (WaitsFor::PlaceMissing, None),
        Waits::Code { .. } => (WaitsFor::CodeNeeded, None),
        Waits::Key => (WaitsFor::KeyChanged, None),
        Waits::Passphrase => (WaitsFor::PassphraseNeeded, None),
    };
    WaitsView {
        code,
        says: says.to_owned(),
        missing: missing
            .filter(|missing| *missing > 0)
            .map(|missing| missing.to_string()),
    }
}

fn known_archive(known: &KnownArchive) -> KnownArchiveView {
    KnownArchiveView {
        id: known.id.to_string(),
        name: known
            .path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        path: known.path.display().to_string(),
        export: known.export.as_ref().map(|export| export.0.to_string()),
        bytes: known.size.to_string(),
        encrypted: known.encrypted,
        added_at: known.added_at.to_string(),
        sound: known
            .report
            .as_ref()
            .map(settings_privacy_core::archive::Report::is_sound),
        there: known.there,
    }
}

#[cfg(test)]
#[path = "copies_tests.rs"]
mod tests;
