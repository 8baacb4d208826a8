//! Layouts of older browsers, which lack columns.

use settings_privacy_core::storage::{Item, Kind, SameSite};

use crate::made::{Computer, Made, sqlite};

#[tokio::test]
async fn a_chromium_from_before_partitions_is_shown() {
    let computer = Computer::new();
    let profile = Made::Chromium.profile(&computer);
    let sql = "CREATE TABLE meta(key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR); \
        INSERT INTO meta VALUES ('version', '12'); \
        CREATE TABLE cookies (creation_utc INTEGER NOT NULL, host_key TEXT NOT NULL, name TEXT NOT NULL, \
        value TEXT NOT NULL, path TEXT NOT NULL, expires_utc INTEGER NOT NULL, is_secure INTEGER NOT NULL, \
        is_httponly INTEGER NOT NULL, last_access_utc INTEGER NOT NULL, encrypted_value BLOB DEFAULT ''); \
        INSERT INTO cookies VALUES (1, '.dingtalk.com', 'a', '', '/', 0, 1, 1, 1, ''), \
        (2, 'notdingtalk.com', 'a', '', '/', 0, 1, 1, 1, ''), (3, 'im.dingtalk.com.', 'a', '', '/', 0, 1, 1, 1, '');";
    sqlite(&profile.join("Cookies"), sql).await;
    let seen = computer.see_only().await;
    assert_eq!(seen.problems, []);
    assert_eq!(seen.total(Kind::Cookie).0, 2);
    let unset = |item: &Item| matches!(item, Item::Cookie(cookie) if cookie.same_site == SameSite::Unset);
    assert!(seen.findings.iter().all(|finding| unset(&finding.item)));
}
