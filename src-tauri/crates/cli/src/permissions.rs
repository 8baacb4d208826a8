//! What DingTalk may use on this computer.

use serde_json::{Value, json};
use settings_privacy_core::data;
use settings_privacy_core::permission::{
    Control, Decider, Effective, Granted, Install, PackageKind, Permission, PermissionId, Plan, Refusal,
    Requested, Scope, Standing, Wanted, describe,
};
use settings_privacy_engine::{DeviceState, Engine, EngineError};

use crate::arguments::{Permissions, Switch};
use crate::exit::{Exit, Failure};
use crate::output::{Face, Reply, asked, somebody_is_there, table};
use crate::sending;

/// Does what was said.
pub async fn obey(face: Face, engine: &Engine, command: Permissions) -> Result<Reply, Failure> {
    match command {
        Permissions::List => Ok(list(&engine.observe().await)),
        Permissions::Show { id } => show(engine, &PermissionId::new(id)).await,
        Permissions::Allow(switch) => set(face, engine, &switch, Wanted::Allow).await,
        Permissions::Deny(switch) => set(face, engine, &switch, Wanted::Deny).await,
        Permissions::Reset(switch) => set(face, engine, &switch, Wanted::Reset).await,
    }
}

fn list(device: &DeviceState) -> Reply {
    let rows: Vec<[String; 4]> = known(device)
        .map(|(permission, standing)| {
            [
                permission.id.to_string(),
                permission.name.clone(),
                state_words(standing.effective).to_owned(),
                decider_words(standing.decided_by).to_owned(),
            ]
        })
        .collect();
    let table = table(["ID", "Permission", "State", "Decided by"], &rows);
    let problems = device
        .observation
        .problems
        .iter()
        .map(|problem| problem.message.clone());
    let lines = [installed(&device.observation.install), String::new(), table];
    let blank = (!device.observation.problems.is_empty()).then(String::new);
    let lines: Vec<String> = lines.into_iter().chain(blank).chain(problems).collect();
    let permissions: Vec<Value> = known(device)
        .map(|(permission, standing)| brief(permission, standing))
        .collect();
    let mut json = surroundings(device);
    json["permissions"] = permissions.into();
    Reply::new(json, lines.join("\n"))
}

async fn show(engine: &Engine, id: &PermissionId) -> Result<Reply, Failure> {
    let device = engine.observe().await;
    let (permission, standing) = find(&device, id)?;
    let mut lines = vec![
        format!("{}: {}", permission.name, state_words(standing.effective)),
        format!("Decided by: {}", decider_words(standing.decided_by)),
        format!("DingTalk asks for it: {}", requested_words(&standing.requested)),
        format!("Used for: {}.", permission.used_for.join("; ")),
        format!("Without it: {}", permission.without),
    ];
    lines.extend(
        permission
            .deny_warning
            .iter()
            .map(|warning| format!("If you deny it: {warning}")),
    );
    lines.push(format!("From here: {}", control_words(&standing.control)));
    lines.push(format!("Policy: {}", permission.clause));
    let page = engine.settings_page(permission);
    lines.extend(
        page.iter()
            .map(|page| format!("The system's own page: {}", page.label)),
    );
    if !standing.grounds.is_empty() {
        let rows: Vec<[String; 3]> = standing.grounds.iter().map(ground_row).collect();
        lines.push(String::new());
        lines.push(table(["Way to it", "Open", "Decided by"], &rows));
    }
    let mut json = surroundings(&device);
    json["permission"] = full(permission, standing, page.map(|page| page.label));
    Ok(Reply::new(json, lines.join("\n")))
}

async fn set(face: Face, engine: &Engine, switch: &Switch, wanted: Wanted) -> Result<Reply, Failure> {
    let id = PermissionId::new(&switch.id);
    let plan = engine.preview(&id, wanted).await?;
    if !switch.yes {
        agree(face, &plan)?;
    }
    sending::resume(engine).await;
    let done = engine.set_permission(&id, wanted).await?;
    let reply = observed(engine, &id, &done.says, done.change.map(|id| id.to_string())).await?;
    // The service is told when it can be; this computer's permissions don't depend on it.
    if let Err(error) = sending::flush(engine).await {
        tracing::warn!(code = error.code(), "the service isn't told");
    }
    let short = short_of(&plan, wanted).map(|why| reply.text.clone() + "\n" + why);
    Ok(Reply {
        text: short.unwrap_or(reply.text.clone()),
        ..reply
    })
}

/// What one permission is after a change, read back.
pub async fn observed(
    engine: &Engine,
    id: &PermissionId,
    says: &str,
    change: Option<String>,
) -> Result<Reply, Failure> {
    let device = engine.observe().await;
    let (permission, standing) = find(&device, id)?;
    let json = json!({
        "says": says,
        "change": change,
        "observed_at": device.observed_at.to_string(),
        "permission": brief(permission, standing),
    });
    let state = format!("{}: {}", permission.name, state_words(standing.effective));
    Ok(Reply::new(json, format!("{says}\nObserved now: {state}")))
}

/// A wish that nothing here can wholly fulfil is done as far as it goes, and that is said.
fn short_of(plan: &Plan, wanted: Wanted) -> Option<&'static str> {
    match (wanted, plan.expected) {
        (Wanted::Deny, Effective::Allowed) => {
            Some("Something wider than this program writes still allows it.")
        }
        (Wanted::Allow, Effective::Denied) => {
            Some("Something wider than this program writes still denies it.")
        }
        (Wanted::Allow, Effective::Asks) => {
            Some("DingTalk doesn't have it by itself: your desktop asks you when it is needed.")
        }
        (Wanted::Allow | Wanted::Deny | Wanted::Reset, _) => None,
    }
}

/// Says what goes along, and asks whether to go on where there is somebody to ask.
fn agree(face: Face, plan: &Plan) -> Result<(), Failure> {
    let along: Vec<String> = plan
        .also
        .iter()
        .map(|effect| {
            let name = name(&effect.permission);
            format!(
                "{name}: {} → {}",
                state_words(effect.before),
                state_words(effect.after)
            )
        })
        .collect();
    let Some(warning) = &plan.warning else {
        if !along.is_empty() {
            face.say(&format!("This changes as well: {}", along.join("; ")));
        }
        return Ok(());
    };
    let told = std::iter::once(warning.clone())
        .chain((!along.is_empty()).then(|| format!("This changes as well: {}", along.join("; "))));
    let told = told.collect::<Vec<_>>().join(" ");
    if somebody_is_there() {
        if asked(&told) {
            return Ok(());
        }
        return Err(Failure::new(
            Exit::NeedsConfirmation,
            "not-confirmed",
            "Nothing was changed.",
        ));
    }
    let also: Vec<Value> = plan
        .also
        .iter()
        .map(|effect| {
            json!({
                "permission": effect.permission.as_str(),
                "before": state_code(effect.before),
                "after": state_code(effect.after),
            })
        })
        .collect();
    let message = format!("{told} Nothing was changed. To go on, repeat the command with --yes.");
    Err(
        Failure::new(Exit::NeedsConfirmation, "needs-confirmation", message)
            .with("warning", warning.as_str().into())
            .with("also", also.into()),
    )
}

fn known(device: &DeviceState) -> impl Iterator<Item = (&'static Permission, &Standing)> {
    device
        .standings
        .iter()
        .filter_map(|standing| Some((data::permissions().get(&standing.permission)?, standing)))
}

fn find<'a>(
    device: &'a DeviceState,
    id: &PermissionId,
) -> Result<(&'static Permission, &'a Standing), Failure> {
    let unknown = || EngineError::from(Refusal::UnknownPermission(id.clone())).into();
    known(device)
        .find(|(permission, _)| permission.id == *id)
        .ok_or_else(unknown)
}

/// A permission's name, or its identifier where this version doesn't know it.
pub fn name(id: &PermissionId) -> String {
    data::permissions()
        .get(id)
        .map_or_else(|| id.to_string(), |permission| permission.name.clone())
}

fn surroundings(device: &DeviceState) -> Value {
    let install = match &device.observation.install {
        Install::Flatpak {
            app_id,
            version,
            scope,
        } => json!({
            "kind": "flatpak",
            "app_id": app_id,
            "version": version,
            "scope": match scope { Scope::User => "user", Scope::System => "system" },
        }),
        Install::Package { kind, found } => json!({"kind": package_code(*kind), "found": found}),
        Install::Absent => json!({"kind": "absent"}),
        Install::Elsewhere => json!({"kind": "elsewhere"}),
    };
    let problem = |problem: &settings_privacy_core::permission::Problem| json!({"code": problem.code, "message": problem.message, "file": problem.file});
    json!({
        "observed_at": device.observed_at.to_string(),
        "install": install,
        "problems": device.observation.problems.iter().map(problem).collect::<Vec<_>>(),
    })
}

fn package_code(kind: PackageKind) -> &'static str {
    match kind {
        PackageKind::Deb => "deb",
        PackageKind::Rpm => "rpm",
        PackageKind::Folder => "folder",
    }
}

fn installed(install: &Install) -> String {
    match install {
        Install::Flatpak { app_id, scope, .. } => {
            let whom = match scope {
                Scope::User => "for you",
                Scope::System => "for everyone on this computer",
            };
            format!("DingTalk is installed as a Flatpak ({app_id}), {whom}.")
        }
        Install::Package { found, .. } => {
            format!("DingTalk is installed as a plain program ({found}), outside any sandbox.")
        }
        Install::Absent => "DingTalk wasn't found on this computer.".to_owned(),
        Install::Elsewhere => {
            "On this system, the system's own settings decide what DingTalk may use.".to_owned()
        }
    }
}

fn brief(permission: &Permission, standing: &Standing) -> Value {
    let control = match &standing.control {
        Control::Direct => json!({"kind": "direct"}),
        Control::Follows(leader) => json!({"kind": "follows", "permission": leader.as_str()}),
        Control::NotEnforced { reason } => json!({"kind": "not-enforced", "reason": reason}),
        Control::Nothing => json!({"kind": "nothing"}),
        Control::Blocked { reason } => json!({"kind": "blocked", "reason": reason}),
    };
    json!({
        "id": permission.id.as_str(),
        "name": permission.name,
        "state": state_code(standing.effective),
        "decided_by": decider_code(standing.decided_by),
        "control": control,
    })
}

fn full(permission: &Permission, standing: &Standing, settings_page: Option<String>) -> Value {
    let requested = match &standing.requested {
        Requested::InManifest(entries) => json!({"kind": "in-manifest", "entries": entries}),
        Requested::WhenNeeded => json!({"kind": "when-needed"}),
        Requested::No => json!({"kind": "no"}),
        Requested::Unknown => json!({"kind": "unknown"}),
    };
    let grounds = standing.grounds.iter().map(|ground| {
        json!({
            "ground": describe(&ground.ground),
            "requested": ground.requested,
            "granted": granted_code(ground.granted),
            "decided_by": decider_code(ground.decided_by),
        })
    });
    let mut json = brief(permission, standing);
    json["requested"] = requested;
    json["used_for"] = permission.used_for.clone().into();
    json["without"] = permission.without.clone().into();
    json["deny_warning"] = permission.deny_warning.clone().into();
    json["clause"] = permission.clause.clone().into();
    json["settings_page"] = settings_page.into();
    json["grounds"] = grounds.collect();
    json
}

/// The one vocabulary of states, for people.
pub fn state_words(effective: Effective) -> &'static str {
    match effective {
        Effective::Allowed => "Allowed",
        Effective::Denied => "Denied",
        Effective::Asks => "Asks each time",
        Effective::NotRequested => "Not requested",
        Effective::NotEnforced => "Can't be enforced here",
        Effective::Unknown => "Couldn't be checked",
    }
}

/// The same for programs.
pub fn state_code(effective: Effective) -> &'static str {
    match effective {
        Effective::Allowed => "allowed",
        Effective::Denied => "denied",
        Effective::Asks => "asks",
        Effective::NotRequested => "not-requested",
        Effective::NotEnforced => "not-enforced",
        Effective::Unknown => "unknown",
    }
}

fn decider_words(decider: Decider) -> &'static str {
    match decider {
        Decider::Manifest => "the app's own metadata",
        Decider::SystemOverride => "this computer's administrator",
        Decider::UserOverride => "you",
        Decider::PermissionStore => "you, when asked",
        Decider::Desktop => "you, when asked",
        Decider::Nobody => "nobody",
    }
}

fn decider_code(decider: Decider) -> &'static str {
    match decider {
        Decider::Manifest => "manifest",
        Decider::SystemOverride => "system-override",
        Decider::UserOverride => "user-override",
        Decider::PermissionStore => "permission-store",
        Decider::Desktop => "desktop",
        Decider::Nobody => "nobody",
    }
}

fn requested_words(requested: &Requested) -> String {
    match requested {
        Requested::InManifest(entries) => format!("yes ({})", entries.join(", ")),
        Requested::WhenNeeded => "only when it needs it; your desktop asks you then".to_owned(),
        Requested::No => "no".to_owned(),
        Requested::Unknown => "nothing here can tell".to_owned(),
    }
}

fn control_words(control: &Control) -> String {
    match control {
        Control::Direct => "you can switch it".to_owned(),
        Control::Follows(leader) => format!("it goes with {}; switching either switches both", name(leader)),
        Control::NotEnforced { reason } | Control::Blocked { reason } => reason.clone(),
        Control::Nothing => "there is nothing to switch".to_owned(),
    }
}

fn granted_code(granted: Granted) -> &'static str {
    match granted {
        Granted::Yes => "yes",
        Granted::No => "no",
        Granted::Asks => "asks",
        Granted::Unknown => "unknown",
    }
}

fn ground_row(ground: &settings_privacy_core::permission::GroundStanding) -> [String; 3] {
    let open = match ground.granted {
        Granted::Yes => "yes",
        Granted::No => "no",
        Granted::Asks => "asks",
        Granted::Unknown => "couldn't be checked",
    };
    [
        describe(&ground.ground),
        open.to_owned(),
        decider_words(ground.decided_by).to_owned(),
    ]
}
