//! From the engine's state to what the window is given.

use jiff::Timestamp;
use settings_privacy_core::consent::Group;
use settings_privacy_core::data;
use settings_privacy_core::history::{Change, Stage};
use settings_privacy_core::permission::{
    Control, Effective, Granted, GroundStanding, Install, Permission, Plan, Requested, Standing, describe,
};
use settings_privacy_engine::store::ChangeRow;
use settings_privacy_engine::{
    AccountState, ConsentStanding, DeviceState, Done, Engine, Place, SentCode, Signed, State, SyncState,
    Theme as EngineTheme, can_undo,
};

use super::{
    AccountStatus, AccountView, AppView, ChangeView, CodeSentView, ConsentEventView, ConsentView,
    ControlView, DeviceView, DoneView, GroundView, InstallKind, Notice, OutboxView, PermissionView,
    PlaceView, PlanView, RequestedView, StateWord, SyncWord, Theme, words,
};

/// How much of a permission's own history stands under its row.
const OWN_HISTORY: usize = 10;

/// Everything the window shows.
pub fn app_view(engine: &Engine, state: &State) -> AppView {
    AppView {
        revision: state.revision,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        first_start: state.first_start,
        wiping: engine.wipe().is_some(),
        theme: match state.theme {
            EngineTheme::System => Theme::System,
            EngineTheme::Light => Theme::Light,
            EngineTheme::Dark => Theme::Dark,
        },
        notices: notices(state),
        device: device_view(engine, state),
        account: account_view(&state.account),
        consents: state.consents.iter().map(consent_view).collect(),
        outbox: OutboxView {
            waiting: state.outbox.waiting,
            refused: state.outbox.refused,
            next_try_at: state.outbox.next_try_at.map(time),
        },
        history: state
            .history
            .iter()
            .map(|row| change_view(row, &state.account))
            .collect(),
    }
}

fn time(at: Timestamp) -> String {
    at.to_string()
}

fn notices(state: &State) -> Vec<Notice> {
    let standing = state.notices.iter().map(|notice| Notice {
        code: notice.code.clone(),
        message: notice.message.clone(),
        file: None,
        dismissible: true,
    });
    let problems = state
        .device
        .iter()
        .flat_map(|device| &device.observation.problems)
        .map(|problem| Notice {
            code: problem.code.to_owned(),
            message: problem.message.clone(),
            // Only an override can be copied aside; other files aren't the person's.
            file: problem
                .file
                .clone()
                .filter(|_| problem.code.starts_with("override-")),
            dismissible: false,
        });
    standing.chain(problems).collect()
}

fn device_view(engine: &Engine, state: &State) -> DeviceView {
    let Some(device) = &state.device else {
        return DeviceView {
            install: InstallKind::Looking,
            says: "Looking at this computer.".to_owned(),
            app: None,
            observed_at: None,
            permissions: Vec::new(),
        };
    };
    let install = &device.observation.install;
    DeviceView {
        install: match install {
            Install::Flatpak { .. } => InstallKind::Flatpak,
            Install::Package { .. } => InstallKind::Package,
            Install::Absent => InstallKind::Absent,
            Install::Elsewhere => InstallKind::Elsewhere,
        },
        says: words::install(install),
        app: words::app(install),
        observed_at: Some(time(device.observed_at)),
        permissions: permissions(engine, device, state),
    }
}

fn permissions(engine: &Engine, device: &DeviceState, state: &State) -> Vec<PermissionView> {
    let all = data::permissions().permissions.iter().zip(&device.standings);
    all.map(|(permission, standing)| permission_view(engine, permission, standing, state))
        .collect()
}

fn permission_view(
    engine: &Engine,
    permission: &Permission,
    standing: &Standing,
    state: &State,
) -> PermissionView {
    let own = state.history.iter().filter(
        |row| matches!(&row.change, Change::Permission { permission: changed, .. } if *changed == permission.id),
    );
    PermissionView {
        id: permission.id.to_string(),
        name: permission.name.clone(),
        clause: permission.clause.clone(),
        used_for: permission.used_for.clone(),
        without: permission.without.clone(),
        state: state_word(standing.effective),
        requested: requested_view(&standing.requested),
        decided_by: words::decider(standing.decided_by),
        control: control_view(&standing.control),
        settings_label: engine.settings_page(permission).map(|page| page.label),
        grounds: standing.grounds.iter().map(ground_view).collect(),
        history: own
            .take(OWN_HISTORY)
            .map(|row| change_view(row, &state.account))
            .collect(),
    }
}

fn state_word(effective: Effective) -> StateWord {
    match effective {
        Effective::Allowed => StateWord::Allowed,
        Effective::Denied => StateWord::Denied,
        Effective::Asks => StateWord::Asks,
        Effective::NotRequested => StateWord::NotRequested,
        Effective::NotEnforced => StateWord::NotEnforced,
        Effective::Unknown => StateWord::Unknown,
    }
}

fn requested_view(requested: &Requested) -> RequestedView {
    let (code, entries) = match requested {
        Requested::InManifest(entries) => ("manifest", entries.clone()),
        Requested::WhenNeeded => ("when-needed", Vec::new()),
        Requested::No => ("no", Vec::new()),
        Requested::Unknown => ("unknown", Vec::new()),
    };
    RequestedView {
        code: code.to_owned(),
        entries,
    }
}

fn control_view(control: &Control) -> ControlView {
    let (code, reason, follows) = match control {
        Control::Direct => ("direct", None, None),
        Control::Follows(leader) => ("follows", None, Some(leader.to_string())),
        Control::NotEnforced { reason } => ("not-enforced", Some(reason.clone()), None),
        Control::Nothing => ("nothing", None, None),
        Control::Blocked { reason } => ("blocked", Some(reason.clone()), None),
    };
    ControlView {
        code: code.to_owned(),
        reason,
        follows,
    }
}

fn ground_view(ground: &GroundStanding) -> GroundView {
    GroundView {
        name: describe(&ground.ground),
        requested: ground.requested,
        state: match ground.granted {
            Granted::Yes => StateWord::Allowed,
            Granted::No => StateWord::Denied,
            Granted::Asks => StateWord::Asks,
            Granted::Unknown => StateWord::Unknown,
        },
        decided_by: words::decider(ground.decided_by),
    }
}

fn account_view(account: &AccountState) -> AccountView {
    let (place, address) = match &account.place {
        Place::None => (PlaceView::None, None),
        Place::Embedded => (PlaceView::Embedded, None),
        Place::Sample => (PlaceView::Sample, None),
        Place::Service(address) => (PlaceView::Service, Some(address.clone())),
    };
    let summary = match &account.signed {
        Signed::In(summary) => Some(summary),
        Signed::Out | Signed::Locked(_) => None,
    };
    AccountView {
        place,
        address,
        status: match (&account.place, &account.signed) {
            (Place::None, _) => AccountStatus::None,
            (_, Signed::In(_)) => AccountStatus::SignedIn,
            (_, Signed::Locked(_)) => AccountStatus::Locked,
            (_, Signed::Out) => AccountStatus::SignedOut,
        },
        display_name: summary.map(|summary| summary.display_name.clone()),
        identifier: summary.map(|summary| summary.identifier.clone()),
        sample: summary.is_some_and(|summary| summary.sample),
        session_only: account.session_only,
        synced_at: account.synced_at.map(time),
        offline: account.offline.clone(),
    }
}

fn consent_view(standing: &ConsentStanding) -> ConsentView {
    let consent = standing.consent;
    let (sync, problem, outbox_id) = match &standing.sync {
        SyncState::Synced => (SyncWord::Synced, None, None),
        SyncState::Waiting => (SyncWord::Waiting, None, None),
        SyncState::Refused { outbox, reason, .. } => {
            (SyncWord::NeedsYou, Some(reason.clone()), Some(outbox.to_string()))
        }
        SyncState::NotKnown => (SyncWord::NotKnown, None, None),
    };
    let (topic, channel) = consent.cell.clone().unzip();
    ConsentView {
        id: consent.id.to_string(),
        group: match consent.group {
            Group::Cookies => "cookies",
            Group::Marketing => "marketing",
            Group::Sharing => "sharing",
            Group::Interoperability => "interoperability",
        }
        .to_owned(),
        name: consent.name.clone(),
        says: consent.says.clone(),
        clause: consent.clause.clone(),
        granted: standing.granted,
        required: consent.required,
        topic,
        channel,
        sync,
        changed_at: standing.changed_at.map(time),
        problem,
        outbox_id,
    }
}

fn change_view(row: &ChangeRow, account: &AccountState) -> ChangeView {
    ChangeView {
        id: row.id.to_string(),
        at: time(row.at),
        kind: match row.change {
            Change::Permission { .. } => "permission",
            Change::Consent { .. } => "consent",
            Change::Cleared { .. } | Change::SiteRule { .. } => "browser",
        }
        .to_owned(),
        name: words::changed_name(&row.change),
        says: words::changed_says(&row.change, row.stage),
        stage: match row.stage {
            Stage::Started => "started",
            Stage::Done => "done",
            Stage::Failed => "failed",
            Stage::Undone => "undone",
        }
        .to_owned(),
        can_undo: can_undo(row, account, Timestamp::now()),
    }
}

/// What a switch would do.
pub fn plan_view(plan: &Plan) -> PlanView {
    let name = |id| {
        data::permissions()
            .get(id)
            .map(|permission| permission.name.clone())
    };
    PlanView {
        idle: plan.edits.is_empty(),
        warning: plan.warning.clone(),
        also: plan
            .also
            .iter()
            .filter_map(|effect| name(&effect.permission))
            .collect(),
        expected: state_word(plan.expected),
    }
}

/// What was done.
pub fn done_view(done: Done) -> DoneView {
    DoneView {
        change: done.change.map(|id| id.to_string()),
        says: done.says,
    }
}

/// A code is on its way.
pub fn code_sent_view((sent, shown): SentCode) -> CodeSentView {
    CodeSentView {
        expires_at: time(sent.expires_at),
        next_allowed_at: time(sent.next_allowed_at),
        shown_code: shown.map(|shown| shown.code.expose().to_owned()),
    }
}

/// One line of the service's history.
pub fn consent_event_view(event: &settings_privacy_engine::api::ConsentEvent) -> ConsentEventView {
    let id = settings_privacy_core::consent::ConsentId::new(event.id.clone());
    let name = data::consents()
        .get(&id)
        .map_or_else(|| event.id.clone(), |consent| consent.name.clone());
    ConsentEventView {
        sequence: event.sequence.to_string(),
        name,
        granted: event.granted,
        recorded_at: time(event.recorded_at),
        via: match event.via {
            settings_privacy_engine::api::Via::Client => "client",
            settings_privacy_engine::api::Via::Operator => "operator",
            settings_privacy_engine::api::Via::Sample => "sample",
        }
        .to_owned(),
    }
}
