//! Rows of `organizations`, `organization_members` and `ended_memberships`.

use jiff::Timestamp;
use settings_privacy_api::{EndedBy, MembershipEnd, Organization, OrganizationMember, OrganizationRole};
use uuid::Uuid;

use super::{Connection, controlled, micros, timestamp, uuid};

/// So many other members are listed.
const LISTED: i64 = 500;

/// What an account is in an Organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// Names the account within the Organization.
    pub member: Uuid,
    /// What it is there.
    pub role: OrganizationRole,
    /// How many administrators there are.
    pub administrators: i64,
}

impl Membership {
    /// Whether the Organization would be without an administrator.
    pub fn is_sole_administrator(&self) -> bool {
        self.role == OrganizationRole::Administrator && self.administrators == 1
    }
}

/// The role as it is stored.
pub fn role_name(role: OrganizationRole) -> &'static str {
    match role {
        OrganizationRole::Administrator => "administrator",
        // What this version doesn't know may do the least.
        OrganizationRole::Member | OrganizationRole::Unknown => "member",
    }
}

fn parse_role(text: &str) -> OrganizationRole {
    match text {
        "administrator" => OrganizationRole::Administrator,
        "member" => OrganizationRole::Member,
        _ => OrganizationRole::Unknown,
    }
}

/// The account's Organizations: those it administers, is in, and was in; each by its name.
pub async fn of_account(
    connection: &mut Connection,
    account: Uuid,
) -> Result<Vec<Organization>, sqlx::Error> {
    type Row = (String, String, Option<String>, String, String, i64, i64, i64);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT o.id, o.name, o.contact, m.id, m.role, m.joined_at, \
         (SELECT COUNT(*) FROM organization_members a WHERE a.organization_id = o.id), \
         (SELECT COUNT(*) FROM organization_members a WHERE a.organization_id = o.id AND a.role = 'administrator') \
         FROM organization_members m JOIN organizations o ON o.id = m.organization_id \
         WHERE m.account_id = $1 ORDER BY m.role, o.name, o.id",
    )
    .bind(account.to_string())
    .fetch_all(&mut *connection)
    .await?;
    let mut organizations = Vec::new();
    for (id, name, contact, own, role, joined_at, members, administrators) in rows {
        let role = parse_role(&role);
        let others = match role {
            OrganizationRole::Administrator => others(connection, &id, &own).await?,
            OrganizationRole::Member | OrganizationRole::Unknown => Vec::new(),
        };
        organizations.push(Organization {
            id: uuid(&id)?,
            name,
            role,
            joined_at: timestamp(joined_at)?,
            ended: None,
            member_count: u64::try_from(members).unwrap_or(0),
            sole_administrator: role == OrganizationRole::Administrator && administrators == 1,
            members: others,
            contact,
        });
    }
    organizations.extend(ended(connection, account).await?);
    Ok(organizations)
}

async fn others(
    connection: &mut Connection,
    organization: &str,
    own: &str,
) -> Result<Vec<OrganizationMember>, sqlx::Error> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT id, name, role FROM organization_members WHERE organization_id = $1 AND id <> $2 \
         ORDER BY name, id LIMIT $3",
    )
    .bind(organization)
    .bind(own)
    .bind(LISTED)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(id, name, role)| {
            Ok(OrganizationMember {
                id: uuid(&id)?,
                name,
                role: parse_role(&role),
            })
        })
        .collect()
}

async fn ended(connection: &mut Connection, account: Uuid) -> Result<Vec<Organization>, sqlx::Error> {
    type Row = (String, String, String, i64, i64, Option<String>);
    // Whoever came back is in it; whoever left again is told of the last time.
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT organization_id, name, role, joined_at, ended_at, contact FROM ended_memberships e \
         WHERE account_id = $1 AND NOT EXISTS (SELECT 1 FROM organization_members m \
         WHERE m.account_id = $1 AND m.organization_id = e.organization_id) \
         AND ended_at = (SELECT MAX(ended_at) FROM ended_memberships l \
         WHERE l.account_id = $1 AND l.organization_id = e.organization_id) \
         ORDER BY name, organization_id",
    )
    .bind(account.to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(id, name, role, joined_at, ended_at, contact)| {
            Ok(Organization {
                id: uuid(&id)?,
                name,
                role: parse_role(&role),
                joined_at: timestamp(joined_at)?,
                ended: Some(MembershipEnd {
                    at: timestamp(ended_at)?,
                    by: EndedBy::Administrator,
                }),
                member_count: 0,
                sole_administrator: false,
                members: Vec::new(),
                contact,
            })
        })
        .collect()
}

/// What an account is in an Organization, if it is in it.
pub async fn membership(
    connection: &mut Connection,
    account: Uuid,
    organization: Uuid,
) -> Result<Option<Membership>, sqlx::Error> {
    let row: Option<(String, String, i64)> = sqlx::query_as(
        "SELECT id, role, (SELECT COUNT(*) FROM organization_members a \
         WHERE a.organization_id = m.organization_id AND a.role = 'administrator') \
         FROM organization_members m WHERE account_id = $1 AND organization_id = $2",
    )
    .bind(account.to_string())
    .bind(organization.to_string())
    .fetch_optional(connection)
    .await?;
    let Some((member, role, administrators)) = row else {
        return Ok(None);
    };
    Ok(Some(Membership {
        member: uuid(&member)?,
        role: parse_role(&role),
        administrators,
    }))
}

/// Adds an Organization.
pub async fn add(
    connection: &mut Connection,
    id: Uuid,
    name: &str,
    contact: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO organizations (id, name, contact) VALUES ($1, $2, $3)")
        .bind(id.to_string())
        .bind(name)
        .bind(contact)
        .execute(connection)
        .await?;
    Ok(())
}

/// Adds a member, with or without an account here.
pub async fn add_member(
    connection: &mut Connection,
    organization: Uuid,
    account: Option<Uuid>,
    member: &OrganizationMember,
    joined_at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO organization_members (organization_id, id, account_id, name, role, joined_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(organization.to_string())
    .bind(member.id.to_string())
    .bind(account.map(|account| account.to_string()))
    .bind(&member.name)
    .bind(role_name(member.role))
    .bind(micros(joined_at))
    .execute(connection)
    .await?;
    Ok(())
}

/// A membership that an administrator ended.
pub struct EndedMembership<'a> {
    /// The Organization.
    pub organization: Uuid,
    /// Its name.
    pub name: &'a str,
    /// Whom to ask about what it holds.
    pub contact: Option<&'a str>,
    /// What named the member within it.
    pub member: Uuid,
    /// The member's account, if they have one here.
    pub account: Option<Uuid>,
    /// What they were in it.
    pub role: OrganizationRole,
    /// Since when.
    pub joined_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Which member ended it.
    pub ended_by: Uuid,
}

/// Notes a membership that an administrator ended. The line is never changed.
pub async fn add_ended(connection: &mut Connection, ended: &EndedMembership<'_>) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO ended_memberships \
         (organization_id, member_id, account_id, name, contact, role, joined_at, ended_at, ended_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(ended.organization.to_string())
    .bind(ended.member.to_string())
    .bind(ended.account.map(|account| account.to_string()))
    .bind(ended.name)
    .bind(ended.contact)
    .bind(role_name(ended.role))
    .bind(micros(ended.joined_at))
    .bind(micros(ended.ended_at))
    .bind(ended.ended_by.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// What came of ending a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MembershipOutcome {
    /// It ended now.
    Ended,
    /// It had ended before.
    EndedBefore,
    /// There is no such member, and never was.
    NoSuchMember,
}

/// Ends a member's membership: notes it, and removes the member with what the Organization controls of their account.
/// The account stays, with what is its own.
pub async fn end_membership(
    connection: &mut Connection,
    organization: Uuid,
    member: Uuid,
    ended_by: Uuid,
    ended_at: Timestamp,
) -> Result<MembershipOutcome, sqlx::Error> {
    type Row = (Option<String>, String, i64, String, Option<String>);
    let row: Option<Row> = sqlx::query_as(
        "SELECT m.account_id, m.role, m.joined_at, o.name, o.contact FROM organization_members m \
         JOIN organizations o ON o.id = m.organization_id WHERE m.organization_id = $1 AND m.id = $2",
    )
    .bind(organization.to_string())
    .bind(member.to_string())
    .fetch_optional(&mut *connection)
    .await?;
    let Some((account, role, joined_at, name, contact)) = row else {
        return Ok(match had_ended(connection, organization, member).await? {
            true => MembershipOutcome::EndedBefore,
            false => MembershipOutcome::NoSuchMember,
        });
    };
    let account = account.as_deref().map(uuid).transpose()?;
    let ended = EndedMembership {
        organization,
        name: &name,
        contact: contact.as_deref(),
        member,
        account,
        role: parse_role(&role),
        joined_at: timestamp(joined_at)?,
        ended_at,
        ended_by,
    };
    add_ended(connection, &ended).await?;
    if let Some(account) = account {
        controlled::remove_of(connection, organization, account).await?;
    }
    leave(connection, organization, member).await?;
    Ok(MembershipOutcome::Ended)
}

async fn had_ended(
    connection: &mut Connection,
    organization: Uuid,
    member: Uuid,
) -> Result<bool, sqlx::Error> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM ended_memberships WHERE organization_id = $1 AND member_id = $2",
    )
    .bind(organization.to_string())
    .bind(member.to_string())
    .fetch_one(connection)
    .await?;
    Ok(count > 0)
}

/// Ends a membership.
pub async fn leave(connection: &mut Connection, organization: Uuid, member: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM organization_members WHERE organization_id = $1 AND id = $2")
        .bind(organization.to_string())
        .bind(member.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Changes what a member is. Says whether there is such a member.
pub async fn set_role(
    connection: &mut Connection,
    organization: Uuid,
    member: Uuid,
    role: OrganizationRole,
) -> Result<bool, sqlx::Error> {
    let done =
        sqlx::query("UPDATE organization_members SET role = $3 WHERE organization_id = $1 AND id = $2")
            .bind(organization.to_string())
            .bind(member.to_string())
            .bind(role_name(role))
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends an Organization for everybody, with what it controls.
pub async fn disband(connection: &mut Connection, organization: Uuid) -> Result<(), sqlx::Error> {
    controlled::remove(connection, organization).await?;
    for sql in [
        "DELETE FROM organization_members WHERE organization_id = $1",
        "DELETE FROM organizations WHERE id = $1",
    ] {
        sqlx::query(sql)
            .bind(organization.to_string())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Takes an account out of every Organization. One that would be without an administrator gets the member who has been
/// there longest; one that would be empty ends.
pub async fn withdraw(connection: &mut Connection, account: Uuid) -> Result<(), sqlx::Error> {
    let organizations: Vec<String> =
        sqlx::query_scalar("SELECT organization_id FROM organization_members WHERE account_id = $1")
            .bind(account.to_string())
            .fetch_all(&mut *connection)
            .await?;
    for sql in [
        "DELETE FROM organization_members WHERE account_id = $1",
        "DELETE FROM ended_memberships WHERE account_id = $1",
    ] {
        sqlx::query(sql)
            .bind(account.to_string())
            .execute(&mut *connection)
            .await?;
    }
    for organization in organizations {
        for sql in [
            "UPDATE organization_members SET role = 'administrator' WHERE organization_id = $1 \
             AND id = (SELECT id FROM organization_members WHERE organization_id = $1 ORDER BY joined_at, id LIMIT 1) \
             AND NOT EXISTS (SELECT 1 FROM organization_members \
             WHERE organization_id = $1 AND role = 'administrator')",
            "DELETE FROM organizations WHERE id = $1 \
             AND NOT EXISTS (SELECT 1 FROM organization_members WHERE organization_id = $1)",
        ] {
            sqlx::query(sql)
                .bind(&organization)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}
