//! An administrator ends a member's membership: what the Organization controls goes, the account stays.

use http::{Method, StatusCode};
use settings_privacy_api::{
    Code, DeletionPreflight, DeletionStatus, EndMembershipRequest, EndedBy, Inventory, Organization,
    OrganizationRole, Organizations, Session, Token, paths,
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::support::*;

const BAKERY: &str = "5f8f2bb0-6c3e-4f0e-9d0a-3d1f3c1f0b01";

/// An Organization that Mei runs and Tom is in, and what it controls of his account, beside what is his own.
struct Bakery {
    tried: Tried,
    mei: Session,
    tom: Session,
}

fn member(nth: u128) -> Uuid {
    Uuid::from_u128(0xb0_0000 + nth)
}

impl Bakery {
    async fn new() -> Self {
        let tried = a_service().await;
        let (mei, tom) = (tried.a_session(MEI).await, tried.a_session(TOM).await);
        let (boss, account) = (mei.account.id, tom.account.id);
        let mut sql = tried.sql().await;
        let mut statements = vec![
            format!(
                "INSERT INTO organizations (id, name, contact) VALUES ('{BAKERY}', 'Bakery', 'office@example.org')"
            ),
            format!(
                "INSERT INTO organization_members VALUES ('{BAKERY}', '{}', '{boss}', 'Mei', 'administrator', 0)",
                member(1)
            ),
            format!(
                "INSERT INTO organization_members VALUES ('{BAKERY}', '{}', '{account}', 'Tom', 'member', 1)",
                member(2)
            ),
            format!(
                "INSERT INTO organization_members VALUES ('{BAKERY}', '{}', NULL, 'Aisha', 'member', 2)",
                member(3)
            ),
        ];
        for (category, id, organization) in [
            ("docs", "1", format!("'{BAKERY}'")),
            ("payroll", "1", format!("'{BAKERY}'")),
            ("docs", "2", format!("'{}'", Uuid::from_u128(9))),
            ("messages", "1", "NULL".to_owned()),
        ] {
            statements.push(format!(
                "INSERT INTO items VALUES ('{account}', '{category}', '{id}', '', 0, '{{\"kind\":\"thing\"}}', {organization})"
            ));
            statements.push(format!(
                "INSERT INTO objects VALUES ('{account}', '{category}', {id}, '{id}', 0, 'a.txt', 'text/plain', 5, 'x')"
            ));
            let folder = tried.folder.path().join(format!("objects/{account}/{category}"));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(id), "bread").unwrap();
        }
        for statement in statements {
            sqlx::query(AssertSqlSafe(statement))
                .execute(&mut sql)
                .await
                .unwrap();
        }
        Self { tried, mei, tom }
    }

    fn end(&self, token: &Token, who: Uuid) -> Call {
        let path = paths::ORGANIZATION_END_MEMBERSHIP.replace("{id}", BAKERY);
        self.tried
            .call(Method::POST, &path)
            .bearer(token)
            .key(Uuid::new_v4())
            .json(&EndMembershipRequest { member: who })
    }

    async fn organizations(&self, session: &Session) -> Vec<Organization> {
        let reply = self
            .tried
            .get(paths::ORGANIZATIONS, &session.access_token)
            .send()
            .await;
        let listed: Organizations = reply.expect(StatusCode::OK);
        listed.organizations
    }

    /// The files of Tom's that are there, as `category/number`.
    fn files(&self) -> Vec<String> {
        let root = self
            .tried
            .folder
            .path()
            .join(format!("objects/{}", self.tom.account.id));
        let mut files = Vec::new();
        for category in std::fs::read_dir(root).unwrap() {
            let category = category.unwrap();
            for file in std::fs::read_dir(category.path()).unwrap() {
                let names = [category.file_name(), file.unwrap().file_name()];
                files.push(names.map(|name| name.into_string().unwrap()).join("/"));
            }
        }
        files.sort_unstable();
        files
    }

    async fn until_files_are(&self, wanted: &[&str]) {
        let began = std::time::Instant::now();
        while self.files() != wanted {
            assert!(
                began.elapsed() < std::time::Duration::from_secs(30),
                "{:?}",
                self.files()
            );
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn what_the_organization_controls_goes_and_the_account_stays_and_sees_it() {
    let bakery = Bakery::new().await;
    let (tried, tom) = (&bakery.tried, &bakery.tom);
    tried.later(minutes(5));
    let after: Organizations = bakery
        .end(&bakery.mei.access_token, member(2))
        .send()
        .await
        .expect(StatusCode::OK);
    let names: Vec<&str> = after.organizations[0]
        .members
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["Aisha"]);
    assert_eq!(after.organizations[0].member_count, 2);

    let seen = bakery.organizations(tom).await;
    let [was_in] = &seen[..] else { panic!("{seen:?}") };
    let ended = was_in.ended.expect("it says how it ended");
    assert_eq!((ended.by, ended.at), (EndedBy::Administrator, tried.now()));
    assert_eq!(
        (was_in.name.as_str(), was_in.contact.as_deref(), was_in.role),
        ("Bakery", Some("office@example.org"), OrganizationRole::Member)
    );
    // What another Organization controls, and what is his own, stays: also on the disk.
    bakery.until_files_are(&["docs/2", "messages/1"]).await;
    let reply = tried.get(paths::INVENTORY, &tom.access_token).send().await;
    let inventory: Inventory = reply.expect(StatusCode::OK);
    let held = |id: &str| {
        inventory
            .categories
            .iter()
            .find(|one| one.id == id)
            .unwrap()
            .items
    };
    assert_eq!((held("docs"), held("payroll"), held("messages")), (1, 0, 1));
    let copy = tried
        .a_copy(tom, &["docs", "payroll", "organizations"], "eea")
        .await;
    let archive = tried.archive(&tom.access_token, copy.id).await;
    let copied = crate::archives::Opened::read(&archive);
    assert_eq!(
        (copied.records("docs").len(), copied.records("payroll").len()),
        (1, 0)
    );
    let memberships = serde_json::Value::from(copied.records("organizations")).to_string();
    assert!(memberships.contains("by its administrator"), "{memberships}");

    // The individual part can be ended then, and nothing is in the way.
    let reply = tried
        .get(paths::DELETION_PREFLIGHT, &tom.access_token)
        .send()
        .await;
    let shown: DeletionPreflight = reply.expect(StatusCode::OK);
    assert_eq!((shown.blockers.len(), shown.organizations.len()), (0, 1));
    assert_eq!(shown.organizations[0].ended.map(|end| end.at), Some(tried.now()));
}

#[tokio::test]
async fn only_an_administrator_of_that_organization_may() {
    let bakery = Bakery::new().await;
    let stranger = bakery.tried.a_session("aisha@example.org").await;
    let before = bakery.organizations(&bakery.mei).await;
    bakery
        .end(&bakery.tom.access_token, member(3))
        .send()
        .await
        .refused(403, Code::NotAdministrator);
    bakery
        .end(&stranger.access_token, member(3))
        .send()
        .await
        .refused(404, Code::NotFound);
    bakery
        .end(&Token::new("made-up"), member(3))
        .send()
        .await
        .refused(401, Code::Unauthenticated);
    bakery
        .end(&bakery.mei.access_token, Uuid::from_u128(7))
        .send()
        .await
        .refused(422, Code::MemberUnknown);
    // Neither may whoever was one: they are told that they aren't in it.
    let _: Organizations = bakery
        .end(&bakery.mei.access_token, member(2))
        .send()
        .await
        .expect(StatusCode::OK);
    bakery
        .end(&bakery.tom.access_token, member(3))
        .send()
        .await
        .refused(404, Code::NotFound);
    let after = bakery.organizations(&bakery.mei).await;
    assert_eq!(
        after[0].member_count,
        before[0].member_count - 1,
        "nobody else went"
    );
}

#[tokio::test]
async fn the_last_administrator_cannot_end_their_own_and_one_of_two_can() {
    let bakery = Bakery::new().await;
    let own = || bakery.end(&bakery.mei.access_token, member(1));
    own().send().await.refused(409, Code::SoleAdministrator);
    sqlx::query("UPDATE organization_members SET role = 'administrator' WHERE name = 'Tom'")
        .execute(&mut bakery.tried.sql().await)
        .await
        .unwrap();
    let after: Organizations = own().send().await.expect(StatusCode::OK);
    assert!(after.organizations[0].ended.is_some(), "{after:?}");
    let left = bakery.organizations(&bakery.tom).await;
    assert!(left[0].sole_administrator);
}

#[tokio::test]
async fn ended_twice_it_ended_once_and_the_line_is_never_changed() {
    let bakery = Bakery::new().await;
    let token = &bakery.mei.access_token;
    let key = Uuid::new_v4();
    let first = bakery.end(token, member(2)).key(key).send().await;
    let _: Organizations = first.expect(StatusCode::OK);
    let ended_at = bakery.organizations(&bakery.tom).await[0].ended.unwrap().at;
    bakery.tried.later(minutes(5));
    let again = bakery.end(token, member(2)).key(key).send().await;
    assert!(again.is_replayed() && again.body == first.body);
    // Under another key, as another device of the administrator's would: it had ended.
    let _: Organizations = bakery.end(token, member(2)).send().await.expect(StatusCode::OK);
    let _: Organizations = bakery.end(token, member(3)).send().await.expect(StatusCode::OK);
    assert_eq!(
        bakery.organizations(&bakery.tom).await[0].ended.unwrap().at,
        ended_at
    );

    let mut sql = bakery.tried.sql().await;
    let lines: Vec<(String, String)> =
        sqlx::query_as("SELECT member_id, ended_by FROM ended_memberships ORDER BY member_id")
            .fetch_all(&mut sql)
            .await
            .unwrap();
    let by = member(1).to_string();
    assert_eq!(
        lines,
        [(member(2).to_string(), by.clone()), (member(3).to_string(), by)]
    );
    for statement in [
        "UPDATE ended_memberships SET ended_at = 0",
        "DELETE FROM ended_memberships",
        "INSERT OR REPLACE INTO ended_memberships SELECT * FROM ended_memberships",
    ] {
        let refused = sqlx::query(statement).execute(&mut sql).await.unwrap_err();
        assert!(
            refused.to_string().contains("append-only"),
            "{statement}: {refused}"
        );
    }
}

#[tokio::test]
async fn files_that_were_left_when_the_service_stopped_are_removed_by_the_next() {
    let bakery = Bakery::new().await;
    let (account, tom) = (bakery.tom.account.id, bakery.tom.clone());
    let mei = bakery.mei.clone();
    // Whoever removes files is another program, which never gets to it.
    let lock = std::fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(bakery.tried.folder.path().join("endings.lock"))
        .unwrap();
    lock.lock().unwrap();
    let _: Organizations = bakery
        .end(&mei.access_token, member(2))
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(bakery.files(), ["docs/1", "docs/2", "messages/1", "payroll/1"]);
    let tried = bakery.tried.restarted_with(move |_| drop(lock)).await;
    let bakery = Bakery { tried, mei, tom };
    bakery.until_files_are(&["docs/2", "messages/1"]).await;
    let began = std::time::Instant::now();
    loop {
        let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM files_to_remove WHERE account_id = $1")
            .bind(account.to_string())
            .fetch_one(&mut bakery.tried.sql().await)
            .await
            .unwrap();
        if left == 0 {
            return;
        }
        assert!(
            began.elapsed() < std::time::Duration::from_secs(30),
            "{left} are noted"
        );
    }
}

#[tokio::test]
async fn a_member_whose_membership_was_ended_ends_the_rest_and_nothing_is_left() {
    let bakery = Bakery::new().await;
    let _: Organizations = bakery
        .end(&bakery.mei.access_token, member(2))
        .send()
        .await
        .expect(StatusCode::OK);
    let (_, token) = crate::deletion::asked(&bakery.tried, &bakery.tom).await;
    let gone = crate::deletion::deleted(&bakery.tried, &token).await;
    assert_eq!(gone.status, DeletionStatus::Deleted);
    let account = bakery.tom.account.id.to_string();
    assert_eq!(
        crate::deletion::holding(bakery.tried.folder.path(), &account),
        [""; 0]
    );
    let mei = bakery.tried.a_session(MEI).await;
    assert_eq!(
        bakery.organizations(&mei).await[0].member_count,
        2,
        "the bakery goes on"
    );
}

#[tokio::test]
async fn disbanding_takes_what_the_organization_controls_from_everybody() {
    let bakery = Bakery::new().await;
    let path = paths::ORGANIZATION_DISBAND.replace("{id}", BAKERY);
    let call = bakery
        .tried
        .call(Method::POST, &path)
        .bearer(&bakery.mei.access_token);
    let _: Organizations = call.key(Uuid::new_v4()).send().await.expect(StatusCode::OK);
    bakery.until_files_are(&["docs/2", "messages/1"]).await;
}

#[tokio::test]
async fn what_is_made_up_of_work_is_the_bakerys() {
    let tried = a_sample().await;
    let unowned: Vec<(String, String)> = sqlx::query_as(
        "SELECT category, says FROM items WHERE organization_id IS NULL \
         AND category NOT IN ('messages', 'calls', 'calendar', 'contacts', 'profile', 'apps', 'cookies', 'usage-log')",
    )
    .fetch_all(&mut tried.sql().await)
    .await
    .unwrap();
    assert!(!unowned.is_empty());
    for (category, says) in unowned {
        let is_own = says.contains("general group") || says.contains("Allotment 12");
        assert!(is_own, "{category}: {says}");
    }
}
