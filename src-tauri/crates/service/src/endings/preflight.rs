//! What ending an account would mean, as things stand.

use settings_privacy_api as api;
use settings_privacy_core::data;
use settings_privacy_core::deletion::retention::{Criterion, Fate, Kept};
use settings_privacy_core::inventory::Controller;
use uuid::Uuid;

use crate::db::{Connection, authorizations, exports as copies, organizations};
use crate::exports;
use crate::keys;
use crate::problem::Failure;
use crate::service::Shared;

/// Looks at an account as somebody who wants to end it.
pub async fn preflight(
    connection: &mut Connection,
    shared: &Shared,
    account: Uuid,
) -> Result<api::DeletionPreflight, Failure> {
    let organizations = organizations::of_account(connection, account).await?;
    let running = copies::under_way(connection, account).await?;
    let inventory = exports::inventory(connection, account).await?;
    let retention = data::retention();
    let categories =
        retention
            .of(data::inventory())
            .zip(inventory.categories)
            .map(|((category, rule), held)| api::DeletionCategory {
                id: held.id,
                name: held.name,
                controller: held.controller,
                items: held.items,
                fate: fate(rule.fate),
                criterion: rule.criterion.map(criterion),
                says: rule.says.clone(),
                elsewhere: elsewhere(category.controller),
                clause: rule.clause.clone(),
            });
    let mut preflight = api::DeletionPreflight {
        version: String::new(),
        blockers: organizations.iter().filter_map(blocker).collect(),
        organizations,
        running_exports: running
            .into_iter()
            .map(|export| api::RunningExport {
                id: export.id,
                requested_at: export.requested_at,
            })
            .collect(),
        last_export_at: copies::newest_ready(connection, account).await?,
        authorizations: authorizations::of_account(connection, account).await?,
        categories: categories.collect(),
        kept: retention.kept.iter().map(kept).collect(),
        backups: retention.backups.clone(),
        cooling_off_seconds: u64::try_from(shared.config.cooling_off.as_secs()).unwrap_or(0),
    };
    preflight.version = version(&preflight)?;
    Ok(preflight)
}

/// Names what is shown, without what counts: that somebody signed in, or that a letter came, changes no decision.
fn version(preflight: &api::DeletionPreflight) -> Result<String, Failure> {
    let mut told = preflight.clone();
    told.last_export_at = None;
    for category in &mut told.categories {
        category.items = 0;
    }
    for organization in &mut told.organizations {
        organization.member_count = 0;
        organization.members.clear();
    }
    let text = serde_json::to_string(&told)?;
    Ok(keys::sha256(text.as_bytes())[..22].to_owned())
}

fn blocker(organization: &api::Organization) -> Option<api::DeletionBlocker> {
    organization.sole_administrator.then(|| api::DeletionBlocker {
        code: api::DeletionBlockerCode::AdministersOrganization,
        organization: Some(organization.id),
        says: format!(
            "You are the only administrator of {}. Make somebody else its administrator, or disband it.",
            organization.name
        ),
        clause: "§5".to_owned(),
    })
}

/// A fate as it is told.
pub fn fate(fate: Fate) -> api::Fate {
    match fate {
        Fate::Deleted => api::Fate::Deleted,
        Fate::Anonymized => api::Fate::Anonymized,
    }
}

/// A criterion as it is told.
pub fn criterion(criterion: Criterion) -> api::RetentionCriterion {
    match criterion {
        Criterion::A => api::RetentionCriterion::A,
        Criterion::B => api::RetentionCriterion::B,
        Criterion::C => api::RetentionCriterion::C,
        Criterion::D => api::RetentionCriterion::D,
        Criterion::E => api::RetentionCriterion::E,
    }
}

/// What stays, as it is told.
pub fn kept(kept: &Kept) -> api::DeletionKept {
    api::DeletionKept {
        id: kept.id.clone(),
        name: kept.name.clone(),
        criterion: criterion(kept.criterion),
        says: kept.says.clone(),
        clause: kept.clause.clone(),
    }
}

fn elsewhere(controller: Controller) -> Option<String> {
    data::retention().elsewhere(controller).map(str::to_owned)
}
