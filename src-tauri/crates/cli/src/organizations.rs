//! Organizations and apps: what may be done about each before the account ends.

use serde_json::json;
use settings_privacy_engine::api::{
    AppKind, Authorization, Organization, OrganizationMember, OrganizationRole,
};
use settings_privacy_engine::{Engine, ended_sentence};

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
        Organizations::EndMembership { id, member, yes } => {
            let message = "This ends the membership, and removes what the Organization controls of the member's account. \
                           It can't be undone. The account itself stays theirs.";
            agreed(face, message, yes)?;
            engine.end_membership(id, member).await?
        }
        Organizations::Disband { id, yes } => {
            let message = "Disbanding ends this Organization for everybody in it, with what it controls of their accounts. \
                           It can't be undone.";
            agreed(face, message, yes)?;
            engine.disband_organization(id).await?
        }
    };
    Ok(Reply::new(
        json!({ "organizations": told.organizations }),
        organization_lines(&told.organizations),
    ))
}

/// Whether the person goes on, after they were told what can't be undone.
fn agreed(face: Face, message: &str, yes: bool) -> Result<(), Failure> {
    if yes || (somebody_is_there() && asked(message)) {
        return Ok(());
    }
    face.say(message);
    Err(Failure::new(
        Exit::NeedsConfirmation,
        "needs-confirmation",
        "Nothing was done. To go on, repeat with --yes.",
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
    let ended = organizations.iter().filter_map(ended_sentence);
    for sentence in ended {
        text += &format!("\n\n{sentence}");
    }
    text
}

fn role(organization: &Organization) -> String {
    match (&organization.ended, organization.role) {
        (Some(end), _) => format!("no longer in it, since {}", local(end.at)),
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
