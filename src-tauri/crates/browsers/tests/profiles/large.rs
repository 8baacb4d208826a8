//! A large jar is read in parts at once, and none of it twice or not at all.

use settings_privacy_core::storage::Kind;

use crate::made::{BOTH, Computer, HOSTS, Made, open, sqlite};

#[tokio::test(flavor = "multi_thread")]
async fn every_cookie_of_a_large_jar_is_shown_once() {
    for made in BOTH {
        let computer = Computer::new();
        let profile = made.profile(&computer);
        let path = profile.join(made.cookies());
        // Rows of the look-alikes and of DingTalk's by turns, each 2 KB long.
        let row = |host: &str| {
            let row = made.row("NAME", host, None).replace("'NAME'", "'n' || i");
            let row = row
                .replace("'secret-value'", "hex(zeroblob(1000))")
                .replace("'v10secret-value'", "zeroblob(2000)");
            let (insert, values) = row.split_once("VALUES (").unwrap();
            let values = values.strip_suffix(");").unwrap();
            format!(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) {insert} SELECT {values} FROM n;"
            )
        };
        let rows: String = HOSTS.iter().map(|(host, _)| row(host)).collect();
        sqlite(&path, &format!("{}BEGIN;{rows}COMMIT;", made.schema())).await;
        assert!(
            std::fs::metadata(&path).unwrap().len() > 16 * 1024 * 1024,
            "{made:?}"
        );
        let ours = HOSTS.iter().filter(|(_, ours)| *ours).count() * 1000;
        let seen = computer.see_only().await;
        assert_eq!(seen.problems, []);
        assert_eq!(seen.total(Kind::Cookie).0, ours, "{made:?}");
        // The same from a copy, with what lies in a log.
        let mut browser = open(&path).await;
        for sql in [
            "PRAGMA journal_mode = WAL".to_owned(),
            made.row("fresh", "im.dingtalk.com", None),
        ] {
            sqlx::Executor::execute(&mut browser, sqlx::AssertSqlSafe(sql))
                .await
                .unwrap();
        }
        assert_eq!(
            computer.see_only().await.total(Kind::Cookie).0,
            ours + 1,
            "{made:?}"
        );
        sqlx::Connection::close(browser).await.unwrap();
    }
}

#[tokio::test]
async fn a_jar_with_one_row_far_away_is_read_whole() {
    let computer = Computer::new();
    let profile = Made::Firefox.profile(&computer);
    let sql = Made::Firefox.schema()
        + &Made::Firefox.row("near", "im.dingtalk.com", None)
        + &Made::Firefox.row("far", "im.dingtalk.com", None)
        + "UPDATE moz_cookies SET id = 9223372036854775807 WHERE name = 'far';\
           UPDATE moz_cookies SET id = -9223372036854775808 WHERE name = 'near';\
           CREATE TABLE padding (a); INSERT INTO padding VALUES (zeroblob(17000000));";
    sqlite(&profile.join("cookies.sqlite"), &sql).await;
    let seen = computer.see_only().await;
    assert_eq!(seen.problems, []);
    assert_eq!(seen.total(Kind::Cookie).0, 2);
}

/// What a browser left behind of a row in a jar too large to be written anew in any case: it is noticed, and goes.
#[tokio::test]
async fn nothing_of_what_is_cleared_stays_in_a_large_jar() {
    use crate::full::{CANARY, OURS, clear, kind, naming, planned};
    for made in BOTH {
        for (left_behind, moved) in [("", "rowid < 0"), ("-longer-than-it-was", "rowid % 3 = 0")] {
            let computer = Computer::new();
            let profile = made.profile(&computer);
            let path = profile.join(made.cookies());
            let (table, column) = match made {
                Made::Firefox => ("moz_cookies", "value"),
                Made::Chromium => ("cookies", "encrypted_value"),
            };
            let mut sql = format!(
                "PRAGMA secure_delete = OFF; {} CREATE TABLE others(a); INSERT INTO others VALUES (zeroblob(70000000));",
                made.schema()
            );
            // None of the first page's rows goes, which SQLite moved as the table grew, and few of any other's: where
            // most go, it moves the others. Wherever it moves rows, it leaves copies.
            for n in 0..3000_u64 {
                let (host, mark) = match n % 10 {
                    0 if n >= 1000 => (OURS, CANARY),
                    _ => ("www.example.org", "others"),
                };
                let noise = (1..5).map(|part: u64| (n * 5 + part).wrapping_mul(0x9e37_79b9_7f4a_7c15));
                let noise: String = noise.map(|part| format!("{part:016x}")).collect();
                let value = format!("{mark}-{noise}");
                sql += &made
                    .row(&format!("name{n}"), host, None)
                    .replace(crate::made::SECRET, &value);
            }
            sql += &format!("UPDATE {table} SET {column} = {column} || '{left_behind}' WHERE {moved};");
            sqlite(&path, &sql).await;
            let size = std::fs::metadata(&path).unwrap().len();
            let (_, plan) = planned(&computer, &kind(Kind::Cookie)).await;
            let cleared = clear(&computer, &plan).await.unwrap();
            assert_eq!(
                (cleared.gone.len(), cleared.remaining.len()),
                (200, 0),
                "{made:?}"
            );
            assert_eq!(
                naming(&profile, CANARY),
                [""; 0].map(std::path::PathBuf::from),
                "{made:?}"
            );
            let is_new = std::fs::metadata(&path).unwrap().len() < size;
            assert_eq!(
                is_new,
                !left_behind.is_empty(),
                "{made:?}: written anew only where it has to be"
            );
        }
    }
}
