//! Makes the views of the end of an account.

use std::path::Path;

use settings_privacy_core::deletion::{CodeNeeded, Deletion, Stage, StepState, WORD};
use settings_privacy_engine::api;
use settings_privacy_engine::{
    CheckedReceipt, DeletionStanding, KnownHere, Preflight, StepStanding, WipeStanding, ended_sentence,
};

use super::deletion::*;

/// Where the end of the account stands.
pub fn deletion_view(
    receipt: &Path,
    standing: Option<&DeletionStanding>,
    wipe: Option<&WipeStanding>,
) -> DeletionView {
    DeletionView {
        word: WORD.to_owned(),
        receipt_place: receipt.display().to_string(),
        standing: standing.map(standing_view),
        wipe: wipe.map(wipe_view),
    }
}

fn standing_view(standing: &DeletionStanding) -> DeletionStandingView {
    let deletion = &standing.deletion;
    DeletionStandingView {
        id: deletion.workflow.0.to_string(),
        stage: stage(&deletion.stage),
        says: standing.says.clone(),
        whose: standing.whose.clone(),
        anothers: standing.anothers,
        here: deletion.here,
        can_cancel: deletion.can_be_cancelled(),
        waits: deletion
            .waits()
            .filter(|_| !deletion.has_ended())
            .map(|waits| waits.code().to_owned()),
        code: code(&deletion.stage).map(str::to_owned),
        until: standing.until.map(|at| at.to_string()),
        left: standing
            .left
            .map(|left| u32::try_from(left.as_secs()).unwrap_or(u32::MAX)),
        progress: match &deletion.stage {
            Stage::Finalising { progress, .. } => Some(StepsView {
                done: progress.done,
                of: progress.of,
            }),
            Stage::Confirmed { .. }
            | Stage::Reauthenticated
            | Stage::CoolingOff { .. }
            | Stage::Cancelling { .. }
            | Stage::RemoteDeleted { .. }
            | Stage::Unproven { .. }
            | Stage::Wiping
            | Stage::Cancelled
            | Stage::Failed { .. } => None,
        },
        receipt: kept(deletion),
        proved: standing.receipt.as_ref().map(receipt_view),
        can_wipe: deletion.can_wipe(),
    }
}

fn stage(stage: &Stage) -> DeletionStage {
    match stage {
        Stage::Confirmed { .. } => DeletionStage::Confirmed,
        Stage::Reauthenticated => DeletionStage::Asking,
        Stage::CoolingOff { .. } => DeletionStage::CoolingOff,
        Stage::Cancelling { .. } => DeletionStage::Cancelling,
        Stage::Finalising { .. } => DeletionStage::Finalising,
        Stage::RemoteDeleted { .. } => DeletionStage::Deleted,
        Stage::Unproven { .. } => DeletionStage::Unproven,
        Stage::Wiping => DeletionStage::Wiping,
        Stage::Cancelled => DeletionStage::Cancelled,
        Stage::Failed { .. } => DeletionStage::Failed,
    }
}

fn code(stage: &Stage) -> Option<&'static str> {
    match stage {
        Stage::Confirmed { need } => Some(match need {
            CodeNeeded::First => "first",
            CodeNeeded::Wrong { .. } => "wrong",
            CodeNeeded::Expired => "expired",
            CodeNeeded::Lost => "lost",
        }),
        Stage::Reauthenticated
        | Stage::CoolingOff { .. }
        | Stage::Cancelling { .. }
        | Stage::Finalising { .. }
        | Stage::RemoteDeleted { .. }
        | Stage::Unproven { .. }
        | Stage::Wiping
        | Stage::Cancelled
        | Stage::Failed { .. } => None,
    }
}

fn kept(deletion: &Deletion) -> Option<String> {
    match &deletion.stage {
        Stage::RemoteDeleted {
            kept: Some(place), ..
        } => Some(place.0.clone()),
        Stage::RemoteDeleted { kept: None, .. }
        | Stage::Confirmed { .. }
        | Stage::Reauthenticated
        | Stage::CoolingOff { .. }
        | Stage::Cancelling { .. }
        | Stage::Finalising { .. }
        | Stage::Unproven { .. }
        | Stage::Wiping
        | Stage::Cancelled
        | Stage::Failed { .. } => None,
    }
}

fn receipt_view(receipt: &CheckedReceipt) -> ReceiptView {
    let says = &receipt.says;
    let with = |fate: api::Fate| number(says.categories.iter().filter(|one| one.fate == fate).count());
    let erased = |system: &&api::ReceiptSystem| system.status == api::SystemStatus::Erased;
    ReceiptView {
        issuer: says.iss.clone(),
        key: receipt.key.clone(),
        deleted_at: says.deleted_at.to_string(),
        deleted: with(api::Fate::Deleted),
        anonymized: with(api::Fate::Anonymized),
        kept: says.kept.iter().map(kept_view).collect(),
        systems: StepsView {
            done: number(says.downstream.iter().filter(erased).count()),
            of: number(says.downstream.len()),
        },
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn kept_view(kept: &api::DeletionKept) -> KeptView {
    KeptView {
        name: kept.name.clone(),
        says: kept.says.clone(),
        criterion: criterion(kept.criterion).to_owned(),
        clause: kept.clause.clone(),
    }
}

fn criterion(criterion: api::RetentionCriterion) -> &'static str {
    match criterion {
        api::RetentionCriterion::A => "A",
        api::RetentionCriterion::B => "B",
        api::RetentionCriterion::C => "C",
        api::RetentionCriterion::D => "D",
        api::RetentionCriterion::E => "E",
        api::RetentionCriterion::Unknown => "unknown",
    }
}

fn wipe_view(wipe: &WipeStanding) -> WipeView {
    WipeView {
        steps: wipe.steps.iter().map(step_view).collect(),
        receipt: wipe.receipt.as_ref().map(|path| path.display().to_string()),
        clean: wipe.clean,
        done: wipe.done,
        says: wipe.says.clone(),
    }
}

fn step_view(step: &StepStanding) -> WipeStepView {
    let (state, problem) = match &step.state {
        StepState::Todo => ("todo", None),
        StepState::Stuck { message, .. } => ("stuck", Some(message.clone())),
        StepState::Done => ("done", None),
        StepState::Left => ("left", None),
    };
    WipeStepView {
        step: wipe_word(step.step),
        says: step.says.to_owned(),
        state: state.to_owned(),
        problem,
        offered: step.step.can_be_left(),
        asks: step.step.asks_first(),
    }
}

/// What the end of the account would mean.
pub fn preflight_view(preflight: &Preflight) -> PreflightView {
    let service = &preflight.service;
    PreflightView {
        version: service.version.clone(),
        blockers: service.blockers.iter().map(blocker_view).collect(),
        organizations: service
            .organizations
            .iter()
            .map(|organization| organization_view(organization, &service.blockers))
            .collect(),
        authorizations: service.authorizations.iter().map(authorization_view).collect(),
        running_exports: number(service.running_exports.len()),
        last_export_at: service.last_export_at.map(|at| at.to_string()),
        categories: service.categories.iter().map(fate_view).collect(),
        kept: service.kept.iter().map(kept_view).collect(),
        backups: service.backups.clone(),
        cooling_off: u32::try_from(service.cooling_off_seconds).unwrap_or(u32::MAX),
        here: here_view(&preflight.here),
    }
}

fn blocker_view(blocker: &api::DeletionBlocker) -> BlockerView {
    BlockerView {
        organization: blocker.organization.map(|id| id.to_string()),
        says: blocker.says.clone(),
        clause: blocker.clause.clone(),
    }
}

/// Whether it stands in the way is what the service says, whatever the role is.
fn organization_view(
    organization: &api::Organization,
    blockers: &[api::DeletionBlocker],
) -> OrganizationView {
    let member = |member: &api::OrganizationMember| MemberView {
        id: member.id.to_string(),
        name: member.name.clone(),
    };
    OrganizationView {
        id: organization.id.to_string(),
        name: organization.name.clone(),
        role: match (&organization.ended, organization.role) {
            (Some(_), _) => OrganizationRole::Ended,
            (None, api::OrganizationRole::Administrator) => OrganizationRole::Administrator,
            (None, api::OrganizationRole::Member | api::OrganizationRole::Unknown) => {
                OrganizationRole::Member
            }
        },
        ended: ended_sentence(organization),
        members: organization.member_count.to_string(),
        blocks: blockers
            .iter()
            .any(|blocker| blocker.organization == Some(organization.id)),
        successors: organization.members.iter().map(member).collect(),
        contact: organization.contact.clone(),
    }
}

fn authorization_view(authorization: &api::Authorization) -> AuthorizationView {
    AuthorizationView {
        id: authorization.id.to_string(),
        name: authorization.name.clone(),
        vendor: authorization.vendor.clone(),
        shows: authorization.shows.clone(),
    }
}

fn fate_view(category: &api::DeletionCategory) -> FateView {
    FateView {
        id: category.id.clone(),
        name: category.name.clone(),
        items: category.items.to_string(),
        fate: match category.fate {
            api::Fate::Deleted => FateWord::Deleted,
            api::Fate::Anonymized => FateWord::Anonymized,
            api::Fate::Kept => FateWord::Kept,
            api::Fate::Unknown => FateWord::Unknown,
        },
        criterion: category.criterion.map(|one| criterion(one).to_owned()),
        says: category.says.clone(),
        elsewhere: category.elsewhere.clone(),
        clause: category.clause.clone(),
    }
}

fn here_view(here: &KnownHere) -> HereView {
    HereView {
        exports_under_way: here.exports_under_way,
        has_copy: here.has_copy,
        changes_waiting: here.changes_waiting,
        browser_profiles: here.browser_profiles,
        flatpak: here.flatpak,
        flatpak_folder: here.flatpak_folder,
        no_keyring: here.no_keyring,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;

    fn organization(id: u128, ended: bool) -> api::Organization {
        api::Organization {
            id: Uuid::from_u128(id),
            name: "Allotment 12".to_owned(),
            role: api::OrganizationRole::Administrator,
            joined_at: Timestamp::UNIX_EPOCH,
            ended: ended.then_some(api::MembershipEnd {
                at: Timestamp::UNIX_EPOCH,
                by: api::EndedBy::Administrator,
            }),
            member_count: u64::MAX,
            sole_administrator: true,
            members: Vec::new(),
            contact: None,
        }
    }

    #[test]
    fn an_organization_stands_in_the_way_only_where_the_service_says_so() {
        let blocker = api::DeletionBlocker {
            code: api::DeletionBlockerCode::AdministersOrganization,
            organization: Some(Uuid::from_u128(1)),
            says: String::new(),
            clause: "§5".to_owned(),
        };
        let blockers = [blocker];
        assert!(organization_view(&organization(1, false), &blockers).blocks);
        assert!(!organization_view(&organization(2, false), &blockers).blocks);
    }

    #[test]
    fn a_membership_that_ended_is_shown_for_what_it_is_and_numbers_cross_whole() {
        let view = organization_view(&organization(1, true), &[]);
        assert_eq!(view.role, OrganizationRole::Ended);
        let says = view.ended.expect("it says so");
        assert!(
            says.starts_with("Allotment 12 ended your membership on "),
            "{says}"
        );
        assert_eq!(organization_view(&organization(1, false), &[]).ended, None);
        assert_eq!(view.members, u64::MAX.to_string());
    }

    #[test]
    fn a_step_that_is_stuck_says_why_and_only_what_was_offered_or_asked_about_can_be_left() {
        use settings_privacy_core::deletion::WipeStep;
        let stuck = |step| {
            step_view(&StepStanding {
                step,
                says: "",
                state: StepState::Stuck {
                    code: "browser-open".to_owned(),
                    message: "Firefox is open.".to_owned(),
                },
            })
        };
        let cookies = stuck(WipeStep::Cookies);
        assert_eq!(
            (cookies.state.as_str(), cookies.problem.as_deref()),
            ("stuck", Some("Firefox is open."))
        );
        assert!(cookies.offered && !stuck(WipeStep::Database).offered);
        let aside = stuck(WipeStep::DamagedNotes);
        assert!(aside.offered && aside.asks && !cookies.asks);
    }
}
