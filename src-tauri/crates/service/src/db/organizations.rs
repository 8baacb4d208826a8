//! Rows of `organizations`, `organization_members` and `ended_memberships`.

use jiff::Timestamp;
use settings_privacy_api::{EndedBy, MembershipEnd, Organization, OrganizationMember, OrganizationRole};
use uuid::Uuid;

use super::{Connection, timestamp, uuid};

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
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT organization_id, name, role, joined_at, ended_at, contact FROM ended_memberships \
         WHERE account_id = $1 ORDER BY name, organization_id",
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
    .bind(super::micros(joined_at))
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes a membership that an administrator ended.
pub async fn add_ended(
    connection: &mut Connection,
    account: Uuid,
    organization: &Organization,
    ended_at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO ended_memberships (account_id, organization_id, name, role, joined_at, ended_at, contact) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(account.to_string())
    .bind(organization.id.to_string())
    .bind(&organization.name)
    .bind(role_name(organization.role))
    .bind(super::micros(organization.joined_at))
    .bind(super::micros(ended_at))
    .bind(&organization.contact)
    .execute(connection)
    .await?;
    Ok(())
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

/// Ends an Organization for everybody.
pub async fn disband(connection: &mut Connection, organization: Uuid) -> Result<(), sqlx::Error> {
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
