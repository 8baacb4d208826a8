//! What is left when an account has ended: nothing of it, a receipt, and a note that it stays so.

use std::process::Command;

use http::StatusCode;
use settings_privacy_api::{
    Code, DeletionReceipt, DeletionStatus, DeletionStep, Fate, Profile, RECEIPT_TYPE, Session, paths,
};
use settings_privacy_service::SAMPLE_IDENTIFIER;
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::*;

/// Stands in everything the account holds.
pub const CANARY: &str = "canary-7f3a91";

/// Fills every table and folder with something of the account's: enough of it that pages of the database are split.
pub async fn furnish(tried: &Tried, session: &Session) {
    let (account, folder) = (session.account.id, tried.folder.path());
    let token = &session.access_token;
    for (id, on) in [
        ("marketing.news.email", true),
        ("sharing.sdks", true),
        ("sharing.sdks", false),
    ] {
        let reply = tried.set(token, &[(id, on)]).send().await;
        assert_eq!(reply.status, StatusCode::OK);
    }
    let organization = Uuid::new_v4();
    let mut statements = vec![
        format!(
            "UPDATE accounts SET nickname = '{CANARY}', mobile = '{CANARY}', region = 'GB' WHERE id = '{account}'"
        ),
        format!("UPDATE devices SET name = '{CANARY}' WHERE account_id = '{account}'"),
        format!(
            "INSERT INTO device_permissions SELECT account_id, id, '{CANARY}', 'denied', 0 FROM devices WHERE account_id = '{account}'"
        ),
        format!("INSERT INTO organizations (id, name) VALUES ('{organization}', 'Bakery')"),
        format!(
            "INSERT INTO organization_members VALUES ('{organization}', '{}', '{account}', '{CANARY}', 'member', 0)",
            Uuid::new_v4()
        ),
        format!(
            "INSERT INTO organization_members VALUES ('{organization}', '{}', NULL, 'Tom', 'member', 1)",
            Uuid::new_v4()
        ),
        format!(
            "INSERT INTO ended_memberships VALUES ('{}', '{}', '{account}', '{CANARY}', '{CANARY}', 'member', 0, 1, NULL)",
            Uuid::new_v4(),
            Uuid::new_v4()
        ),
        format!(
            "INSERT INTO authorizations VALUES ('{}', '{account}', '{CANARY}', 'sdk', '{CANARY}', '[\"{CANARY}\"]', 0)",
            Uuid::new_v4()
        ),
        format!("INSERT INTO furnished VALUES ('{account}')"),
    ];
    for nth in 0..600 {
        let text = format!("{CANARY} {nth} ").repeat(1 + nth % 40);
        statements.push(format!(
            "INSERT INTO items VALUES ('{account}', 'messages', '{:05}', 'chat {}', {nth}, '{{\"kind\":\"message\",\"text\":\"{text}\"}}', NULL)",
            (nth * 7919) % 99_991, nth % 9,
        ));
    }
    let first: String = "00000".to_owned();
    statements.push(format!(
        "INSERT INTO objects VALUES ('{account}', 'messages', 1, '{first}', 0, '{CANARY}.txt', 'text/plain', {}, '{CANARY}')",
        CANARY.len()
    ));
    let mut sql = tried.sql().await;
    for statement in statements {
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut sql)
            .await
            .unwrap();
    }
    sqlx::Connection::close(sql).await.unwrap();
    let objects = folder.join(format!("objects/{account}/messages"));
    std::fs::create_dir_all(&objects).unwrap();
    std::fs::write(objects.join("1"), CANARY).unwrap();
}

/// What would tell whose account it was.
pub fn telling(session: &Session) -> Vec<String> {
    let named = [session.account.identifier.clone(), session.account.id.to_string()];
    named.into_iter().chain([CANARY.to_owned()]).collect()
}

#[tokio::test]
async fn nothing_of_the_account_is_left_in_any_file_and_nothing_of_others_is_missing() {
    let tried = a_service().await;
    let other = tried.a_session(TOM).await;
    let before = tried.get(paths::PROFILE, &other.access_token).send().await.body;
    let session = tried.a_session(MEI).await;
    furnish(&tried, &session).await;
    tried.a_copy(&session, &["profile", "messages"], "eea").await;
    tried.later(minutes(2));
    tried.ask_for_code(MEI).await;
    let mut body = a_request(&tried, &session).await;
    body.reasons = vec![settings_privacy_api::DeletionReason::Privacy];
    let asked: settings_privacy_api::Deletion = ask(&tried, &session, &body)
        .send()
        .await
        .expect(StatusCode::ACCEPTED);
    let token = asked.deletion_token.unwrap();
    for text in telling(&session) {
        assert!(
            !holding(tried.folder.path(), &text).is_empty(),
            "the scan finds {text}"
        );
    }
    assert_eq!(tried.archives_on_disk().len(), 1);

    let ended = deleted(&tried, &token).await;
    let progress = ended.progress.unwrap();
    assert_eq!(
        (progress.step, progress.steps_done),
        (DeletionStep::Receipt, progress.steps_total)
    );
    for text in telling(&session) {
        assert_eq!(holding(tried.folder.path(), &text), [""; 0], "{text}");
    }
    let reply = tried.get(paths::PROFILE, &session.access_token).send().await;
    reply.refused(401, Code::Unauthenticated);
    let reply = tried.refresh(&session.refresh_token).send().await;
    reply.refused(401, Code::Unauthenticated);

    let other = tried.a_session(TOM).await;
    assert_eq!(
        tried.get(paths::PROFILE, &other.access_token).send().await.body,
        before
    );
    let heir: String = sqlx::query_scalar("SELECT role FROM organization_members WHERE name = 'Tom'")
        .fetch_one(&mut tried.sql().await)
        .await
        .unwrap();
    assert_eq!(
        heir, "administrator",
        "an Organization isn't left without somebody who runs it"
    );
    let counted: Vec<(String, bool, i64)> =
        sqlx::query_as("SELECT consent_id, granted, count FROM consent_counts ORDER BY 1, 2")
            .fetch_all(&mut tried.sql().await)
            .await
            .unwrap();
    let wanted = [
        ("marketing.news.email", true),
        ("sharing.sdks", false),
        ("sharing.sdks", true),
    ];
    assert_eq!(counted, wanted.map(|(id, granted)| (id.to_owned(), granted, 1)));
    let reasons: Vec<(String, i64)> = sqlx::query_as("SELECT reason, count FROM reason_counts")
        .fetch_all(&mut tried.sql().await)
        .await
        .unwrap();
    assert_eq!(reasons, [("privacy".to_owned(), 1)]);
}

#[tokio::test]
async fn the_same_address_makes_a_new_account_and_the_old_token_still_knows_its_end() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let (_, token) = asked(&tried, &session).await;
    deleted(&tried, &token).await;
    let anew = tried.a_session(MEI).await;
    assert_ne!(anew.account.id, session.account.id);
    assert_eq!(
        look(&tried, &anew.access_token).await.status,
        DeletionStatus::None
    );
    let tried = tried.restarted().await;
    let _: Profile = tried
        .get(paths::PROFILE, &anew.access_token)
        .send()
        .await
        .expect(StatusCode::OK);
    assert_eq!(look(&tried, &token).await.status, DeletionStatus::Deleted);
    cancel(&tried, &token)
        .send()
        .await
        .refused(409, Code::DeletionFinal);
    assert_eq!(noted(tried.folder.path()).len(), 1);
}

#[tokio::test]
async fn the_receipt_says_what_was_done_and_for_whom_only_to_who_knows() {
    let tried = a_service().await.over_tcp().await;
    let session = tried.a_session(MEI).await;
    let (asked, token) = asked(&tried, &session).await;
    tried
        .get(paths::DELETION_RECEIPT, &token)
        .send()
        .await
        .refused(409, Code::DeletionNotComplete);
    let ended = deleted(&tried, &token).await;
    let jws = receipt(&tried, &token).await;
    assert_eq!(receipt(&tried, &token).await, jws, "the same bytes every time");
    let told: DeletionReceipt = says(&tried, &jws, RECEIPT_TYPE).await;
    assert_eq!(
        (Some(told.jti), Some(told.requested_at)),
        (asked.id, asked.requested_at)
    );
    assert_eq!(
        (Some(told.final_at), Some(told.deleted_at)),
        (asked.final_at, ended.ended_at)
    );
    let text = format!("settings-privacy-deletion:{}:{}", session.account.id, told.jti);
    use base64::Engine;
    let pseudonym = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(text));
    assert_eq!(told.sub, pseudonym);
    let named: Vec<String> = told
        .categories
        .iter()
        .map(|category| category.id.clone())
        .collect();
    assert_eq!(named, all_categories());
    let consents = told
        .categories
        .iter()
        .find(|category| category.id == "consents")
        .unwrap();
    assert_eq!(consents.fate, Fate::Anonymized);
    let account = told
        .categories
        .iter()
        .find(|category| category.id == "account")
        .unwrap();
    assert!(account.items > 0 && account.fate == Fate::Deleted);
    assert_eq!(told.downstream, []);
    assert!(!told.kept.is_empty() && !told.backups.is_empty());
}

/// The receipt and the published keys, as files, checked by programs that know nothing of this one.
#[tokio::test]
async fn the_receipt_checks_with_openssl_and_with_pyjwt_from_the_published_key() {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    let (_, token) = asked(&tried, &session).await;
    deleted(&tried, &token).await;
    let jws = receipt(&tried, &token).await;
    let jwks = tried.call(Method::GET, paths::JWKS).send().await.body;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let keys: JsonWebKeySet = serde_json::from_slice(&jwks).unwrap();
    let (signed, signature) = jws.rsplit_once('.').unwrap();
    // RFC 8410 §4: what stands before the 32 bytes of an Ed25519 public key.
    let mut der = vec![
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
    ];
    der.extend(URL_SAFE_NO_PAD.decode(&keys.keys[0].x).unwrap());
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        STANDARD.encode(der)
    );
    std::fs::write(at("key.pem"), pem).unwrap();
    std::fs::write(at("signature"), URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    let checks = |text: &str| {
        std::fs::write(at("signed"), text).unwrap();
        let mut command = Command::new("openssl");
        command
            .args(["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey"])
            .arg(at("key.pem"));
        command
            .arg("-in")
            .arg(at("signed"))
            .arg("-sigfile")
            .arg(at("signature"));
        command.output().expect("openssl is installed").status.success()
    };
    assert!(checks(signed));
    assert!(
        !checks(&signed.replacen('e', "f", 1)),
        "a changed receipt is found out"
    );

    let has_pyjwt = Command::new("python3")
        .args(["-c", "import jwt, cryptography"])
        .output();
    if !has_pyjwt.is_ok_and(|output| output.status.success()) {
        eprintln!("PyJWT isn't installed here: openssl alone has checked the receipt");
        return;
    }
    std::fs::write(at("jwks.json"), &jwks).unwrap();
    std::fs::write(at("receipt.jws"), &jws).unwrap();
    let script = "import json, jwt, sys\n\
        jws = open(sys.argv[2]).read()\n\
        keys = jwt.PyJWKSet.from_dict(json.load(open(sys.argv[1])))\n\
        key = keys[jwt.get_unverified_header(jws)['kid']].key\n\
        print(jwt.decode(jws, key, algorithms=['EdDSA'])['sub'])";
    let output = Command::new("python3")
        .args(["-c", script])
        .args([at("jwks.json"), at("receipt.jws")])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test]
async fn a_backup_that_comes_back_brings_nobody_back() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    furnish(&tried, &session).await;
    let account = session.account.id;
    let keep = tempfile::tempdir().unwrap();
    let copy = |from: &Path, to: &Path| {
        let done = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
        assert!(done.success());
    };
    // Once before anybody asked, and once while it could still be taken back.
    let tried = tried.restarted_with(|folder| {
        copy(&folder.join("service.sqlite"), &keep.path().join("before"));
        copy(&folder.join("objects"), &keep.path().join("objects"));
    });
    let tried = tried.await;
    let (_, token) = asked(&tried, &session).await;
    let tried =
        tried.restarted_with(|folder| copy(&folder.join("service.sqlite"), &keep.path().join("cooling-off")));
    let tried = tried.await;
    deleted(&tried, &token).await;
    let mut tried = tried;
    for backup in ["before", "cooling-off"] {
        tried = tried
            .restarted_with(|folder| {
                for file in ["service.sqlite", "service.sqlite-wal", "service.sqlite-shm"] {
                    let _ = std::fs::remove_file(folder.join(file));
                }
                copy(&keep.path().join(backup), &folder.join("service.sqlite"));
                copy(&keep.path().join("objects"), folder);
            })
            .await;
        let again = until(&tried, &token, DeletionStatus::Deleted).await;
        assert!(again.id.is_some(), "{backup}: the same token knows of it");
        for text in telling(&session) {
            assert_eq!(holding(tried.folder.path(), &text), [""; 0], "{backup}: {text}");
        }
        let reply = tried.get(paths::PROFILE, &session.access_token).send().await;
        reply.refused(401, Code::Unauthenticated);
        assert_eq!(noted(tried.folder.path()).len(), 1, "{backup}: noted once");
    }
    // Files alone, whose account the database doesn't know.
    let tried = tried
        .restarted_with(|folder| copy(&keep.path().join("objects"), folder))
        .await;
    assert!(!tried.folder.path().join(format!("objects/{account}")).exists());
}

#[tokio::test]
async fn a_copy_that_is_being_made_ends_with_the_account() {
    let tried = a_sample().await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let shown = preflight(&tried, &session.access_token).await;
    let disband = paths::ORGANIZATION_DISBAND.replace("{id}", &shown.organizations[0].id.to_string());
    let call = tried.call(Method::POST, &disband).bearer(&session.access_token);
    call.key(Uuid::new_v4()).send().await;
    let held = tried.hold_runner_lock();
    let body = tried.export_request(&session, &["messages"], "eea").await;
    let reply = tried.ask_for_export(&session.access_token, &body).send().await;
    assert_eq!(reply.status, StatusCode::ACCEPTED);
    assert_eq!(
        preflight(&tried, &session.access_token)
            .await
            .running_exports
            .len(),
        1
    );
    let (_, token) = asked(&tried, &session).await;
    deleted(&tried, &token).await;
    drop(held);
    assert_eq!(tried.archives_on_disk(), [""; 0]);

    // Another life of the made-up account, not the old one.
    let mut config = a_config(tried.folder.path(), &tried.clock);
    config.sample = true;
    tried.service.clone().close().await;
    let tried = tried.opened(config).await;
    let anew = tried.a_session(SAMPLE_IDENTIFIER).await;
    assert!(anew.account.sample && anew.account.id != session.account.id);
    assert_eq!(preflight(&tried, &anew.access_token).await.organizations.len(), 3);
}

#[tokio::test]
async fn a_step_that_fails_is_tried_again_and_nothing_is_said_to_be_done_before() {
    let tried = a_service().await;
    let session = tried.a_session(MEI).await;
    furnish(&tried, &session).await;
    let (_, token) = asked(&tried, &session).await;
    // A file stands where the ledger has to be written.
    let ledger = tried.folder.path().join("ledger/deleted.jsonl");
    std::fs::create_dir(&ledger).unwrap();
    tried.later(jiff::SignedDuration::from_hours(24 * 30));
    let began = Instant::now();
    let waits = loop {
        let waiting = &tried.service.deletions().await.unwrap()[0];
        let _ = look(&tried, &token).await;
        if waiting.attempts > 0 {
            break waiting.clone();
        }
        assert!(began.elapsed() < PATIENCE);
    };
    assert_eq!((waits.state, waits.step), ("finalising", Some("ledger")));
    let fault = waits.fault.unwrap();
    assert!(
        telling(&session).iter().all(|text| !fault.contains(text)),
        "{fault}"
    );
    tried
        .get(paths::DELETION_RECEIPT, &token)
        .send()
        .await
        .refused(409, Code::DeletionNotComplete);
    assert!(
        !holding(tried.folder.path(), CANARY).is_empty(),
        "nothing is removed before it is noted"
    );
    std::fs::remove_dir(&ledger).unwrap();
    tried.service.retry_deletion(waits.id).await.unwrap();
    until(&tried, &token, DeletionStatus::Deleted).await;
    assert_eq!(holding(tried.folder.path(), CANARY), [""; 0]);
}
