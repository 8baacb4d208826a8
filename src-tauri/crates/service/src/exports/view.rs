//! What the person is told of their copies, and of what is held.

use jiff::Timestamp;
use settings_privacy_api as api;
use settings_privacy_core::data;
use settings_privacy_core::inventory::{CategoryId, Controller};
use settings_privacy_core::regime::RegimeId;
use uuid::Uuid;

use super::prepare;
use crate::db::Connection;
use crate::db::export_progress;
use crate::db::exports::{self as rows, Export, Fault, Status};

/// A copy, as its owner sees it.
pub async fn view(
    connection: &mut Connection,
    export: &Export,
    now: Timestamp,
) -> Result<api::Export, sqlx::Error> {
    let progress = export_progress::progress(connection, export.id).await?;
    let left_out = export_progress::count_left_out(connection, export.id).await?;
    let counted = rows::counted(connection, export.account, &export.regime).await?;
    let regime = data::regimes().get(&RegimeId::new(&export.regime));
    let categories = progress.into_iter().map(|progress| api::ExportCategory {
        name: name(&progress.category),
        id: progress.category,
        items_done: progress.items_done,
        items_total: progress.items_total,
        bytes_done: progress.bytes_done,
        bytes_total: progress.bytes_total,
    });
    let archive = export.archive.as_ref().map(|archive| api::ExportArchive {
        bytes: archive.bytes,
        sha256: archive.sha256.clone(),
        etag: etag(&archive.sha256),
        ready_at: archive.ready_at,
        expires_at: archive.expires_at,
    });
    let status = status(export, now);
    Ok(api::Export {
        id: export.id,
        status,
        regime: export.regime.clone(),
        format: api::ExportFormat::Bag1,
        period: export.period.map(|(from, to)| api::ExportPeriod { from, to }),
        categories: categories.collect(),
        requested_at: export.requested_at,
        updated_at: export.updated_at,
        left_out,
        archive: archive
            .filter(|_| matches!(status, api::ExportStatus::Fulfilled | api::ExportStatus::Expired)),
        failure: export.fault.map(failure),
        next_allowed_at: regime.and_then(|regime| regime.next_allowed_at(&counted, now)),
    })
}

/// Where a copy stands. An archive whose time has come is gone, whether or not it was removed yet.
pub fn status(export: &Export, now: Timestamp) -> api::ExportStatus {
    let is_over = export
        .archive
        .as_ref()
        .is_some_and(|archive| archive.expires_at <= now);
    match export.status {
        Status::Open => api::ExportStatus::Open,
        Status::InProgress => api::ExportStatus::InProgress,
        Status::Fulfilled if is_over => api::ExportStatus::Expired,
        Status::Fulfilled => api::ExportStatus::Fulfilled,
        Status::Failed => api::ExportStatus::Failed,
        Status::Revoked => api::ExportStatus::Revoked,
        Status::Expired => api::ExportStatus::Expired,
    }
}

/// The strong entity tag of an archive: its bytes are all that decides it.
pub fn etag(sha256: &str) -> String {
    format!("\"{sha256}\"")
}

/// What is held about an account.
pub async fn inventory(connection: &mut Connection, account: Uuid) -> Result<api::Inventory, sqlx::Error> {
    let inventory = data::inventory();
    let mut categories = Vec::with_capacity(inventory.categories.len());
    for category in &inventory.categories {
        let held = prepare::totals(connection, account, category.id.as_str()).await?;
        categories.push(api::InventoryCategory {
            id: category.id.as_str().to_owned(),
            name: category.name.clone(),
            holds: category.holds.clone(),
            clause: category.clause.clone(),
            controller: match category.controller {
                Controller::Dingtalk => api::Controller::Dingtalk,
                Controller::Organization => api::Controller::Organization,
                Controller::GroupOwner => api::Controller::GroupOwner,
                Controller::Vendor => api::Controller::Vendor,
            },
            dated: category.dated,
            items: held.items,
            bytes: held.bytes,
            first_at: held.first_at,
            last_at: held.last_at,
        });
    }
    Ok(api::Inventory {
        version: inventory.version,
        categories,
    })
}

fn name(category: &str) -> String {
    let known = data::inventory().get(&CategoryId::new(category));
    known.map_or(category, |known| known.name.as_str()).to_owned()
}

fn failure(fault: Fault) -> api::ExportFailure {
    let (code, says) = match fault {
        Fault::NoSpace => (
            api::ExportFailureCode::NoSpace,
            "There isn't enough room for the archive where the service keeps it. Make room, then try again.",
        ),
        Fault::Storage => (
            api::ExportFailureCode::Storage,
            "The service couldn't read what it holds, or write the archive. Nothing is lost. Try again.",
        ),
    };
    api::ExportFailure {
        code,
        retryable: true,
        says: says.to_owned(),
    }
}
