//! Opening the file, whatever state it is in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::durable::Log;
use super::{Store, StoreError};

/// The window asks for the view and a command at a time.
const READERS: u32 = 2;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// A store that works, and what was wrong on the way there.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// What to tell the person.
    pub trouble: Option<Trouble>,
}

/// Why the state isn't what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The file was damaged. It lies where this says; a new one began.
    MovedAside(PathBuf),
    /// A newer version of this program made the file. It is left alone, and nothing is kept this time.
    FromNewerVersion,
    /// Nothing can be written there. Nothing is kept this time.
    NotWritable,
}

enum Failure {
    Damaged,
    Newer,
    Unwritable(sqlx::Error),
}

impl Store {
    /// Opens the file, or what can stand in for it. Fails only if not even memory can hold a database.
    pub async fn open(path: &Path, now: Timestamp) -> Result<Opened, StoreError> {
        let folder_there = make_private(path).is_ok();
        let first = match folder_there {
            true => Self::try_open(options(path), Some(path)).await,
            false => Err(Failure::Unwritable(sqlx::Error::PoolClosed)),
        };
        let trouble = match first {
            Ok(store) => return Ok(Opened { store, trouble: None }),
            Err(Failure::Newer) => Trouble::FromNewerVersion,
            Err(Failure::Unwritable(error)) => {
                tracing::warn!(%error, "the local database can't be written");
                Trouble::NotWritable
            }
            Err(Failure::Damaged) => match move_aside(path, now) {
                Ok(aside) => match Self::try_open(options(path), Some(path)).await {
                    Ok(store) => {
                        return Ok(Opened {
                            store,
                            trouble: Some(Trouble::MovedAside(aside)),
                        });
                    }
                    Err(_) => Trouble::NotWritable,
                },
                Err(error) => {
                    tracing::warn!(%error, "the damaged database can't be moved aside");
                    Trouble::NotWritable
                }
            },
        };
        let store = Self::in_memory().await?;
        Ok(Opened {
            store,
            trouble: Some(trouble),
        })
    }

    /// A store that ends with the program.
    pub async fn in_memory() -> Result<Self, StoreError> {
        let wrap = |source| StoreError {
            doing: "opening a database in memory",
            source,
        };
        match Self::try_open(SqliteConnectOptions::new().in_memory(true), None).await {
            Ok(store) => Ok(store),
            Err(Failure::Unwritable(error)) => Err(wrap(error)),
            Err(Failure::Damaged | Failure::Newer) => Err(wrap(sqlx::Error::PoolClosed)),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "every other way to fail a migration is a damaged file"
    )]
    async fn try_open(options: SqliteConnectOptions, path: Option<&Path>) -> Result<Self, Failure> {
        let pool = kept(1).connect_with(options.clone()).await.map_err(classify)?;
        let checked: Result<String, sqlx::Error> =
            sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&pool).await;
        let outcome = match checked {
            Ok(answer) if answer == "ok" => MIGRATIONS.run(&pool).await.map_err(|error| match error {
                MigrateError::VersionMissing(_) => Failure::Newer,
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => classify(error),
                _ => Failure::Damaged,
            }),
            Ok(_) => Err(Failure::Damaged),
            Err(error) => Err(classify(error)),
        };
        match outcome {
            Ok(()) => Ok(Self {
                reader: match path {
                    Some(_) => kept(READERS).connect_lazy_with(options.clone().read_only(true)),
                    None => pool.clone(),
                },
                log: path.map(|path| Log::new(path, kept(1).connect_lazy_with(options))),
                writer: pool,
            }),
            Err(failure) => {
                pool.close().await;
                Err(failure)
            }
        }
    }
}

/// Connections that stay open until the pool is closed.
fn kept(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("secure_delete", "on")
}

/// The folder and the file are their owner's alone; SQLite gives its log the file's mode.
#[cfg(unix)]
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

/// A person's own folder is theirs alone by the system's custom.
#[cfg(not(unix))]
fn make_private(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)
}

/// Damage is SQLITE_CORRUPT (11) and SQLITE_NOTADB (26), with their extended codes.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only a database's own error has a code"
)]
fn classify(error: sqlx::Error) -> Failure {
    let code = match &error {
        sqlx::Error::Database(database) => database.code().and_then(|code| code.parse::<u32>().ok()),
        _ => None,
    };
    match code.map(|code| code & 0xff) {
        Some(11 | 26) => Failure::Damaged,
        _ => Failure::Unwritable(error),
    }
}

/// Renames the database with its log, so that they still fit together when someone looks at them.
fn move_aside(path: &Path, now: Timestamp) -> std::io::Result<PathBuf> {
    let stamp = now.strftime("%Y%m%dT%H%M%SZ");
    let with = |path: &Path, end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let aside = with(path, &format!(".damaged-{stamp}"));
    for end in ["-wal", "-shm"] {
        let beside = with(path, end);
        if beside.exists() {
            std::fs::rename(&beside, with(&aside, end))?;
        }
    }
    std::fs::rename(path, &aside)?;
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use settings_privacy_core::consent::ConsentId;
    use settings_privacy_core::export::{AccountId, Asked, WorkflowId, begin};
    use settings_privacy_core::regime::RegimeId;

    use super::*;

    /// The database of a program that knew only the first migrations, with something in it.
    async fn older(path: &Path, migrations: usize) {
        let pool = kept(1).connect_with(options(path)).await.expect("it opens");
        let known = MIGRATIONS.migrations.iter().take(migrations).cloned().collect();
        let migrator = Migrator {
            migrations: Cow::Owned(known),
            ..Migrator::DEFAULT
        };
        migrator.run(&pool).await.expect("they run");
        for sql in [
            "INSERT INTO setting (key, value) VALUES ('theme', 'dark')",
            "INSERT INTO consent (account, id, granted) VALUES ('me', 'cookies.statistics', 0)",
            "INSERT INTO outbox (account, target, body, key, state, next_at, created_at) VALUES
             ('me', 'device-permissions', '', '00000000-0000-0000-0000-000000000000', 'queued',
              '1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z')",
        ] {
            sqlx::query(sql).execute(&pool).await.expect("it can be written");
        }
        pool.close().await;
    }

    #[tokio::test]
    async fn an_older_programs_database_is_read_on_and_can_hold_what_is_new() {
        for migrations in 1..=MIGRATIONS.migrations.len() {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let path = folder.path().join("client.db");
            older(&path, migrations).await;
            let opened = Store::open(&path, Timestamp::UNIX_EPOCH).await.expect("it opens");
            assert_eq!(opened.trouble, None, "{migrations} migrations");
            let store = opened.store;
            let theme = store.setting("theme").await.expect("it can be read");
            assert_eq!(theme.as_deref(), Some("dark"));
            let consents = store.known_consents("me").await.expect("they can be read");
            assert!(consents.contains_key(&ConsentId::new("cookies.statistics")));
            assert_eq!(store.outbox("me").await.expect("it can be read").len(), 1);

            let asked = Asked {
                categories: Vec::new(),
                period: None,
                regime: RegimeId::new("general"),
            };
            let id = WorkflowId(uuid::Uuid::now_v7());
            let now = Timestamp::UNIX_EPOCH;
            let export = begin(id, AccountId("me".to_owned()), asked, None, false, now).export;
            store
                .add_export(&export, "here", now)
                .await
                .expect("it can be written");
            let kept = store.exports().await.expect("they can be read");
            assert_eq!(kept.len(), 1);
            assert_eq!(kept[0].export, export);
            store.close().await;
        }
    }

    #[tokio::test]
    async fn an_export_that_cant_be_read_hides_no_other_and_stays() {
        let store = Store::in_memory().await.expect("memory holds a database");
        sqlx::query(
            "INSERT INTO export (id, account, place, body, asked_at, changed_at) VALUES
             ('a', 'me', 'here', '{\"version\":99}', '1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z')",
        )
        .execute(&store.writer)
        .await
        .expect("it can be written");
        assert!(store.exports().await.expect("the others can be read").is_empty());
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM export")
            .fetch_one(&store.writer)
            .await
            .expect("it can be read");
        assert_eq!(left, 1);
    }
}
