//! The receipt: what was done, signed.

use jiff::Timestamp;
use settings_privacy_api as api;
use settings_privacy_core::data;
use settings_privacy_core::deletion::ending::Ending;

use super::preflight::{criterion, fate, kept};
use crate::db::deletions::Deletion;
use crate::db::erasures::Erasure;
use crate::problem::Failure;
use crate::service::Shared;

/// Signs the receipt of an ending that is complete.
pub async fn sign(
    shared: &Shared,
    deletion: &Deletion,
    ending: Ending,
    systems: &[Erasure],
    now: Timestamp,
) -> Result<String, Failure> {
    let Ending::Deleted {
        requested_at,
        final_at,
        at,
    } = ending
    else {
        return Err(std::io::Error::other("a receipt of what isn't complete").into());
    };
    let retention = data::retention();
    let categories = retention.of(data::inventory()).map(|(category, rule)| {
        let id = category.id.as_str();
        api::ReceiptCategory {
            id: id.to_owned(),
            name: category.name.clone(),
            items: deletion.counts.get(id).copied().unwrap_or(0),
            fate: fate(rule.fate),
            criterion: rule.criterion.map(criterion),
            says: rule.says.clone(),
        }
    });
    let receipt = api::DeletionReceipt {
        version: 1,
        iss: shared.config.issuer.clone(),
        jti: deletion.id,
        iat: now.as_second(),
        sub: deletion.pseudonym.clone(),
        requested_at,
        final_at,
        deleted_at: at,
        categories: categories.collect(),
        kept: retention.kept.iter().map(kept).collect(),
        backups: retention.backups.clone(),
        downstream: systems.iter().map(system).collect(),
    };
    let payload = serde_json::to_vec(&receipt)?;
    let keys = shared.signing.clone();
    let signed = tokio::task::spawn_blocking(move || keys.sign(api::RECEIPT_TYPE, &payload));
    Ok(signed.await??)
}

fn system(erasure: &Erasure) -> api::ReceiptSystem {
    api::ReceiptSystem {
        system: erasure.system.clone(),
        status: erasure.status,
        at: erasure.confirmed_at,
        reference: erasure.reference.clone(),
    }
}
