//! Organizations: looking, leaving, handing over, disbanding.

use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode};
use settings_privacy_api::{
    Code, EndMembershipRequest, OrganizationRole, Organizations, Problem, TransferRequest, paths,
};
use uuid::Uuid;

use super::Refusals;
use crate::answer::Answer;
use crate::db::Connection;
use crate::db::organizations::{self as rows, Membership, MembershipOutcome};
use crate::idempotency::Attempt;
use crate::problem::{self, Failure};
use crate::request::{Caller, Keyed, KeyedJson, identified};
use crate::service::Shared;

/// Organizations the account is or was in
///
/// Those it administers come first, then those it is in, then those it was in until an administrator ended that.
#[utoipa::path(
    get,
    operation_id = "getOrganizations",
    path = paths::ORGANIZATIONS,
    tag = "organizations",
    params(("if-none-match" = Option<String>, Header, description = "The `ETag` of what is held already")),
    responses(
        (status = 200, description = "The Organizations", body = Organizations, headers(("etag" = String, description = "Changes with every change"))),
        (status = 304, description = "What is held already is what holds"),
        Refusals,
    ),
    security(("session" = [])),
)]
pub async fn list(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Answer, Failure> {
    let mut reading = shared.database.read().await?;
    Ok(view(&mut reading, caller).await?.unless_held(&headers))
}

/// Leave an Organization
///
/// What it holds stays its own. Its only administrator can't leave it (`sole-administrator`): somebody else has to be
/// made its administrator first, or it has to be disbanded.
#[utoipa::path(
    post,
    operation_id = "leaveOrganization",
    path = paths::ORGANIZATION_LEAVE,
    tag = "organizations",
    params(
        ("id" = Uuid, Path, description = "The Organization"),
        ("idempotency-key" = Uuid, Header, description = "New with every request, the same when it is repeated"),
        ("if-match" = Option<String>, Header, description = "The `ETag` of the list it was decided on"),
    ),
    responses((status = 200, description = "Left; the list as it is now", body = Organizations, headers(("etag" = String, description = "Changes with every change"))), Refusals),
    security(("session" = [])),
)]
pub async fn leave(
    State(shared): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    request: Keyed,
) -> Result<Answer, Failure> {
    change(&shared, caller, &id, &request, async |attempt, id, membership| {
        if membership.is_sole_administrator() {
            return Err(sole_administrator().into());
        }
        rows::leave(attempt.connection(), id, membership.member).await?;
        Ok(())
    })
    .await
}

/// Make another member the administrator
///
/// The account stays as a member.
#[utoipa::path(
    post,
    operation_id = "transferOrganization",
    path = paths::ORGANIZATION_TRANSFER,
    tag = "organizations",
    params(
        ("id" = Uuid, Path, description = "The Organization"),
        ("idempotency-key" = Uuid, Header, description = "New with every request, the same when it is repeated"),
        ("if-match" = Option<String>, Header, description = "The `ETag` of the list it was decided on"),
    ),
    request_body = TransferRequest,
    responses((status = 200, description = "Handed over; the list as it is now", body = Organizations, headers(("etag" = String, description = "Changes with every change"))), Refusals),
    security(("session" = [])),
)]
pub async fn transfer(
    State(shared): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    asked: KeyedJson<TransferRequest>,
) -> Result<Answer, Failure> {
    let to = asked.body.member;
    change(
        &shared,
        caller,
        &id,
        &asked.request,
        async |attempt, id, membership| {
            administrator(membership)?;
            let connection = attempt.connection();
            let is_member = to != membership.member
                && rows::set_role(connection, id, to, OrganizationRole::Administrator).await?;
            if !is_member {
                return Err(member_unknown().into());
            }
            rows::set_role(connection, id, membership.member, OrganizationRole::Member).await?;
            Ok(())
        },
    )
    .await
}

/// End a member's membership
///
/// The Organization's administrators may. The member's entry goes, and with it what the Organization controls of their
/// account; the account itself stays, as an individual one, and sees when the membership was ended (policy §5). A
/// membership that had ended stays as it ended. An Organization's only administrator can't end their own
/// (`sole-administrator`).
#[utoipa::path(
    post,
    operation_id = "endMembership",
    path = paths::ORGANIZATION_END_MEMBERSHIP,
    tag = "organizations",
    params(
        ("id" = Uuid, Path, description = "The Organization"),
        ("idempotency-key" = Uuid, Header, description = "New with every request, the same when it is repeated"),
        ("if-match" = Option<String>, Header, description = "The `ETag` of the list it was decided on"),
    ),
    request_body = EndMembershipRequest,
    responses((status = 200, description = "Ended; the list as it is now", body = Organizations, headers(("etag" = String, description = "Changes with every change"))), Refusals),
    security(("session" = [])),
)]
pub async fn end_membership(
    State(shared): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    asked: KeyedJson<EndMembershipRequest>,
) -> Result<Answer, Failure> {
    let member = asked.body.member;
    let ended = change(
        &shared,
        caller,
        &id,
        &asked.request,
        async |attempt, id, membership| {
            administrator(membership)?;
            if member == membership.member && membership.is_sole_administrator() {
                return Err(sole_administrator().into());
            }
            let now = attempt.now();
            match rows::end_membership(attempt.connection(), id, member, membership.member, now).await? {
                MembershipOutcome::Ended | MembershipOutcome::EndedBefore => Ok(()),
                MembershipOutcome::NoSuchMember => Err(member_unknown().into()),
            }
        },
    );
    let answer = ended.await?;
    // Whoever carries endings out removes the files.
    shared.endings.ring();
    Ok(answer)
}

/// Disband an Organization
///
/// It ends for everybody in it, with what it controls of their accounts, and can't be brought back.
#[utoipa::path(
    post,
    operation_id = "disbandOrganization",
    path = paths::ORGANIZATION_DISBAND,
    tag = "organizations",
    params(
        ("id" = Uuid, Path, description = "The Organization"),
        ("idempotency-key" = Uuid, Header, description = "New with every request, the same when it is repeated"),
        ("if-match" = Option<String>, Header, description = "The `ETag` of the list it was decided on"),
    ),
    responses((status = 200, description = "Disbanded; the list as it is now", body = Organizations, headers(("etag" = String, description = "Changes with every change"))), Refusals),
    security(("session" = [])),
)]
pub async fn disband(
    State(shared): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    request: Keyed,
) -> Result<Answer, Failure> {
    let disbanded = change(&shared, caller, &id, &request, async |attempt, id, membership| {
        administrator(membership)?;
        rows::disband(attempt.connection(), id).await?;
        Ok(())
    });
    let answer = disbanded.await?;
    // Whoever carries endings out removes the files.
    shared.endings.ring();
    Ok(answer)
}

/// Changes an Organization the caller is in, and answers with the list as it is then. Repeated, it is answered as before,
/// and nothing is done.
async fn change(
    shared: &Shared,
    caller: Caller,
    id: &str,
    request: &Keyed,
    act: impl AsyncFnOnce(&mut Attempt, Uuid, Membership) -> Result<(), Failure>,
) -> Result<Answer, Failure> {
    let id = identified(id)?;
    let begun = Attempt::begin_over(shared, caller.account, request, async |connection, _| {
        let holds = view(connection, caller).await?;
        Ok((holds, rows::membership(connection, caller.account, id).await?))
    });
    let (mut attempt, membership) = match begun.await? {
        Ok(begun) => begun,
        Err(answer) => return Ok(answer),
    };
    act(&mut attempt, id, membership.ok_or_else(problem::not_found)?).await?;
    let answer = view(attempt.connection(), caller).await?;
    attempt.commit(request, answer).await
}

async fn view(connection: &mut Connection, caller: Caller) -> Result<Answer, Failure> {
    let organizations = rows::of_account(connection, caller.account).await?;
    Answer::tagged(&Organizations { organizations })
}

fn administrator(membership: Membership) -> Result<(), Problem> {
    match membership.role {
        OrganizationRole::Administrator => Ok(()),
        OrganizationRole::Member | OrganizationRole::Unknown => Err(Problem::new(
            Code::NotAdministrator,
            StatusCode::FORBIDDEN.as_u16(),
            "Only the Organization's administrator can do this.",
        )
        .with_detail("Ask its administrator. Nothing was changed.")),
    }
}

fn sole_administrator() -> Problem {
    Problem::new(
        Code::SoleAdministrator,
        409,
        "You are the Organization's only administrator.",
    )
    .with_detail("Make somebody else its administrator, or disband it. Nothing was changed.")
}

fn member_unknown() -> Problem {
    Problem::new(
        Code::MemberUnknown,
        422,
        "There is no such other member in the Organization.",
    )
    .with_detail("They may have left. Look at the list again. Nothing was changed.")
}
