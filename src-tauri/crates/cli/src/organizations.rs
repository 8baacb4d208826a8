//! Organizations and apps: what may be done about each before the account ends.

use serde_json::json;
use settings_privacy_engine::Engine;
use settings_privacy_engine::api::{
    AppKind, Authorization, EndedBy, Organization, OrganizationMember, OrganizationRole,
};

use crate::account::signed_in;
use crate::arguments::{Authorizations, Organizations};
use crate::exit::{Exit, Failure};
use crate::output::{Face, Reply, asked, local, somebody_is_there, table};

/// Does what was said.
pub async fn obey(face: Face, engine: &Engine, command: Organizations) -> Result<Reply, Failure> {
    signed_in(&engine.state().await?)?;
    let told = match command {
        Organizations::List => engine.organizations().await?,
        Organizations::Leave { id } => engine.leave_organization(id).await?,
        Organizations::Transfer { id, to } => engine.transfer_organization(id, to).await?,
        Organizations::Disband { id, yes } => {
            let message = "Disbanding ends this Organization for everybody in it. It can't be undone.";
            let agreed = yes || (somebody_is_there() && asked(message));
            if !agreed {
                face.say(message);
                return Err(Failure::new(
                    Exit::NeedsConfirmation,
                    "needs-confirmation",
                    "Nothing was done. To go on, repeat with --yes.",
                ));
            }
            engine.disband_organization(id).await?
        }
    };
    Ok(Reply::new(
        json!({ "organizations": told.organizations }),
        organization_lines(&told.organizations),
    ))
}

/// Organizations, for people.
pub fn organization_lines(organizations: &[Organization]) -> String {
    if organizations.is_empty() {
        return "You are in no Organization.".to_owned();
    }
    let row = |organization: &Organization| {
        [
            organization.id.to_string(),
            organization.name.clone(),
            role(organization),
            organization.contact.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    };
    let rows: Vec<[String; 4]> = organizations.iter().map(row).collect();
    let mut text = table(["ID", "Name", "You are", "Whom to ask"], &rows);
    for organization in organizations
        .iter()
        .filter(|organization| !organization.members.is_empty())
    {
        let member = |member: &OrganizationMember| [member.id.to_string(), member.name.clone()];
        let members: Vec<[String; 2]> = organization.members.iter().map(member).collect();
        text += &format!(
            "\n\nMembers of {}:\n{}",
            organization.name,
            table(["ID", "Name"], &members)
        );
    }
    text
}

fn role(organization: &Organization) -> String {
    match (&organization.ended, organization.role) {
        (Some(end), _) => {
            let by = match end.by {
                EndedBy::Administrator => "its administrator ended that",
                EndedBy::Unknown => "that ended",
            };
            format!(
                "no longer in it: {by} on {}. Its data is gone from your account, which is an individual one now",
                local(end.at)
            )
        }
        (None, OrganizationRole::Administrator) if organization.sole_administrator => {
            "its only administrator".to_owned()
        }
        (None, OrganizationRole::Administrator) => "one of its administrators".to_owned(),
        (None, OrganizationRole::Member) => "a member".to_owned(),
        (None, OrganizationRole::Unknown) => "in it".to_owned(),
    }
}

/// Apps.
pub async fn authorizations(engine: &Engine, command: Authorizations) -> Result<Reply, Failure> {
    signed_in(&engine.state().await?)?;
    let told = match command {
        Authorizations::List => engine.authorizations().await?,
        Authorizations::Revoke { id } => engine.revoke_authorization(id).await?,
    };
    let row = |app: &Authorization| {
        [
            app.id.to_string(),
            app.name.clone(),
            kind(app.kind).to_owned(),
            app.vendor.clone(),
            app.shows.join(", "),
        ]
    };
    let rows: Vec<[String; 5]> = told.authorizations.iter().map(row).collect();
    let text = match rows.is_empty() {
        true => "No app is allowed to know anything about you.".to_owned(),
        false => table(["ID", "App", "Kind", "Made by", "Is shown"], &rows),
    };
    Ok(Reply::new(json!({ "authorizations": told.authorizations }), text))
}

fn kind(kind: AppKind) -> &'static str {
    match kind {
        AppKind::MiniProgram => "mini-program",
        AppKind::SaasApp => "app elsewhere",
        AppKind::Sdk => "built in",
        AppKind::Unknown => "-",
    }
}
