//! What the terminal shows of the end of an account.

use serde_json::{Value, json};
use settings_privacy_core::deletion::StepState;
use settings_privacy_engine::api::{
    DeletionCategory, Fate, ReceiptCategory, RetentionCriterion, SystemStatus,
};
use settings_privacy_engine::{CheckedReceipt, DeletionStanding, Preflight, StepStanding, WipeStanding};

use crate::organizations::organization_lines;
use crate::output::{count, local, table};

/// Everything to weigh, for programs.
pub fn preflight_json(told: &Preflight) -> Value {
    let here = &told.here;
    json!({
        "preflight": told.service,
        "here": {
            "exports_under_way": here.exports_under_way,
            "has_copy": here.has_copy,
            "changes_waiting": here.changes_waiting,
            "browser_profiles": here.browser_profiles,
            "flatpak": here.flatpak,
            "flatpak_folder": here.flatpak_folder,
            "no_keyring": here.no_keyring,
        },
    })
}

/// Everything to weigh, for people.
pub fn preflight_text(told: &Preflight) -> String {
    let service = &told.service;
    let mut parts = Vec::new();
    match service.blockers.is_empty() {
        true => parts.push("Your account can be deleted.".to_owned()),
        false => {
            let says = service
                .blockers
                .iter()
                .map(|blocker| format!("- {}", blocker.says));
            parts.push(format!(
                "This has to be done first:\n{}",
                says.collect::<Vec<_>>().join("\n")
            ));
        }
    }
    parts.push(organization_lines(&service.organizations));
    let row = |category: &DeletionCategory| {
        [
            category.name.clone(),
            category.items.to_string(),
            fate(category.fate, category.criterion),
            category.says.clone(),
        ]
    };
    let rows: Vec<[String; 4]> = service.categories.iter().map(row).collect();
    parts.push(table(["What", "Held", "Becomes", "Which means"], &rows));
    let mut kept: Vec<String> = service
        .kept
        .iter()
        .map(|kept| format!("Kept: {}. {}", kept.name, kept.says))
        .collect();
    kept.push(service.backups.clone());
    parts.push(kept.join("\n"));
    parts.push(besides(told).join("\n"));
    parts.join("\n\n")
}

fn besides(told: &Preflight) -> Vec<String> {
    let (service, here) = (&told.service, &told.here);
    let mut lines = Vec::new();
    lines.push(match service.last_export_at {
        Some(at) => format!("Your newest copy was asked for on {}.", local(at)),
        None => {
            "You never had a copy of your data made. Afterwards nobody can: privacy-settings export request."
                .to_owned()
        }
    });
    let running = u32::try_from(service.running_exports.len()).unwrap_or(u32::MAX);
    if running > 0 || here.exports_under_way > 0 {
        let copies = count(running.max(here.exports_under_way), "copy is", "copies are");
        lines.push(format!(
            "{copies} still being made or fetched; what isn't here before the end is lost."
        ));
    }
    let apps = u32::try_from(service.authorizations.len()).unwrap_or(u32::MAX);
    if apps > 0 {
        let apps = count(apps, "app knows", "apps know");
        lines.push(format!("{apps} something about you. What they were shown stays with their makers: privacy-settings account authorizations list."));
    }
    if here.changes_waiting > 0 {
        let changes = count(here.changes_waiting, "change waits", "changes wait");
        lines.push(format!(
            "{changes} to be sent, and won't be once the account is gone."
        ));
    }
    if here.browser_profiles.is_some_and(|profiles| profiles > 0) {
        lines.push(
            "DingTalk's sites keep something in your browsers: --clear-cookies clears that as well."
                .to_owned(),
        );
    }
    if here.flatpak_folder {
        lines
            .push("The DingTalk app keeps a folder here: --remove-app-folder removes it as well.".to_owned());
    }
    if here.no_keyring {
        lines.push("There is no keyring here. The receipt can only be fetched by a program that stays open until the end.".to_owned());
    }
    lines
}

fn fate(fate: Fate, criterion: Option<RetentionCriterion>) -> String {
    let word = match fate {
        Fate::Deleted => "deleted",
        Fate::Anonymized => "anonymized",
        Fate::Kept => "kept",
        Fate::Unknown => "not known",
    };
    let why = match criterion {
        Some(RetentionCriterion::A) => " (A: transaction records and complaints)",
        Some(RetentionCriterion::B) => " (B: security and quality)",
        Some(RetentionCriterion::C) => " (C: legal duty)",
        Some(RetentionCriterion::D) => " (D: you agreed)",
        Some(RetentionCriterion::E) => " (E: disputes and agreements)",
        Some(RetentionCriterion::Unknown) | None => "",
    };
    format!("{word}{why}")
}

/// How it stands, for programs.
pub fn standing_json(standing: Option<&DeletionStanding>, wipe: Option<&WipeStanding>) -> Value {
    let deletion = standing.map(|standing| {
        let stage = serde_json::to_value(&standing.deletion.stage).unwrap_or_default();
        json!({
            "id": standing.deletion.deletion().map(|id| id.0.clone()),
            "account": standing.deletion.account.0,
            "place": standing.place,
            "stage": stage["stage"],
            "until": standing.until.map(|at| at.to_string()),
            "seconds_left": standing.left.map(|left| left.as_secs()),
            "asked_here": standing.deletion.here,
            "waits_for": standing.deletion.waits().map(|waits| waits.code()),
            "says": standing.says,
        })
    });
    let removing = wipe.map(|wipe| {
        let step = |step: &StepStanding| json!({ "step": step.step, "stands": step.state });
        json!({
            "done": wipe.done,
            "clean": wipe.clean,
            "receipt": wipe.receipt,
            "steps": wipe.steps.iter().map(step).collect::<Vec<_>>(),
            "says": wipe.says,
        })
    });
    json!({ "deletion": deletion, "removing": removing })
}

/// How it stands, for people.
pub fn standing_text(standing: Option<&DeletionStanding>, wipe: Option<&WipeStanding>) -> String {
    let mut lines = Vec::new();
    if let Some(wipe) = wipe {
        lines.push(wipe.says.clone());
        let word = |step: &StepStanding| {
            let state = match &step.state {
                StepState::Todo => "to be done".to_owned(),
                StepState::Stuck { message, .. } => message.clone(),
                StepState::Done => "gone".to_owned(),
                StepState::Left => "left".to_owned(),
            };
            format!("- {}: {state}", step.says)
        };
        lines.extend(wipe.steps.iter().map(word));
        if let Some(receipt) = &wipe.receipt {
            lines.push(format!("Your receipt: {}", receipt.display()));
        }
    }
    match standing {
        Some(standing) if wipe.is_none() => lines.extend(under_way(standing)),
        None if wipe.is_none() => lines.push("No account is being deleted from here.".to_owned()),
        Some(_) | None => {}
    }
    lines.join("\n")
}

/// Where an account lives, from its place's key.
pub fn place(key: &str) -> String {
    match key {
        "embedded" => "in this program".to_owned(),
        "sample" => "the made-up one".to_owned(),
        address => format!("at {address}"),
    }
}

fn under_way(standing: &DeletionStanding) -> Vec<String> {
    let mut lines = vec![format!(
        "Account: {}, {}.",
        standing.whose,
        place(&standing.place)
    )];
    if standing.anothers {
        lines.push("It isn't the one that is signed in.".to_owned());
    }
    lines.push(standing.says.clone());
    if let Some(until) = standing.until {
        lines.push(format!(
            "Until {}, by the service's clock. To keep your account: privacy-settings account cancel.",
            local(until)
        ));
    }
    if let Some(left) = standing.left {
        lines.push(format!("Left: {}.", span(left.as_secs())));
    }
    if standing.deletion.can_wipe() {
        lines.push(
            "To remove what this computer keeps: privacy-settings account status --remove-here.".to_owned(),
        );
    }
    if let Some(receipt) = &standing.receipt {
        lines.push(receipt_text(receipt));
    }
    lines
}

fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// What a receipt says, for programs.
pub fn receipt_json(receipt: &CheckedReceipt) -> Value {
    json!(receipt.says)
}

/// What a receipt says, for people.
pub fn receipt_text(receipt: &CheckedReceipt) -> String {
    let says = &receipt.says;
    let row = |category: &ReceiptCategory| {
        [
            category.name.clone(),
            category.items.to_string(),
            fate(category.fate, category.criterion),
        ]
    };
    let rows: Vec<[String; 3]> = says.categories.iter().map(row).collect();
    let mut lines = vec![
        format!(
            "Genuine: signed by {} (key {}).\nThe account was deleted on {}. It had been asked for on {}.",
            says.iss,
            receipt.key,
            local(says.deleted_at),
            local(says.requested_at)
        ),
        table(["What", "Held", "Became"], &rows),
    ];
    lines.extend(
        says.kept
            .iter()
            .map(|kept| format!("Kept: {}. {}", kept.name, kept.says)),
    );
    lines.push(says.backups.clone());
    for system in &says.downstream {
        let stands = match system.status {
            SystemStatus::Waiting => "hasn't confirmed yet",
            SystemStatus::Accepted => "is erasing",
            SystemStatus::Erased => "has erased everything",
            SystemStatus::Refused => "refused; the operator looks into it",
            SystemStatus::Unknown => "isn't known",
        };
        lines.push(format!("{}: {stands}.", system.system));
    }
    lines.join("\n")
}
