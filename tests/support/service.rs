//! The server, started as its operator would.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::Signal;
use tempfile::TempDir;

use super::{end, programs, signal};

/// Where a server keeps its data: it outlives the server.
pub struct Ground {
    folder: TempDir,
}

impl Ground {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    /// One with the made-up account in it, holding so much.
    pub fn seeded(size: &str) -> Self {
        let ground = Self::new();
        let mut command = Command::new(programs::privacy_service());
        command
            .args(["seed", "--size", size, "--data"])
            .arg(ground.folder.path());
        let output = command.output().expect("the program starts");
        assert!(output.status.success(), "{output:?}");
        ground
    }

    /// Starts a server with the made-up account, at a port of the system's choice.
    pub fn serve_sample(&self) -> Service {
        self.serve_with("127.0.0.1:0", &["--sample"])
    }

    /// Starts a server at a port of the system's choice.
    pub fn serve(&self) -> Service {
        self.serve_with("127.0.0.1:0", &[])
    }

    /// Starts a server there, with these words besides.
    pub fn serve_with(&self, address: &str, words: &[&str]) -> Service {
        Service::start(self.folder.path(), address.trim_start_matches("http://"), words)
    }

    /// As if the time had come for every deletion that can still be taken back. No server may run meanwhile.
    pub fn let_cooling_off_end(&self) {
        let moved = self.change("UPDATE deletions SET final_at = requested_at");
        assert!(moved > 0, "there is a deletion");
    }

    /// As if a while had passed since codes were last sent: the next ones are sent at once.
    pub fn let_codes_be_sent_again(&self) {
        self.change("DELETE FROM code_sendings");
    }

    /// As if somebody had joined the made-up account's allotment, and it had noted something about them. They must have
    /// signed in once.
    pub fn let_join_the_allotment(&self, identifier: &str) {
        let joined = self.change_with(
            "UPDATE organization_members SET account_id = (SELECT id FROM accounts WHERE identifier = $1) \
             WHERE name = 'Tom Okafor' AND organization_id = (SELECT id FROM organizations WHERE name = 'Allotment 12')",
            identifier,
        );
        assert_eq!(joined, 1, "there is a place for them");
        let noted = self.change_with(
            "INSERT INTO items (account_id, category, id, collection, at, says, organization_id) \
             SELECT a.id, 'docs', '1', '', 0, '{\"kind\":\"document\"}', o.id FROM accounts a, organizations o \
             WHERE a.identifier = $1 AND o.name = 'Allotment 12'",
            identifier,
        );
        assert_eq!(noted, 1, "there is something of theirs");
    }

    /// Changes the server's database behind its back; gives how many rows.
    fn change(&self, sql: &'static str) -> u64 {
        self.run(sqlx::query(sql))
    }

    /// The same, with something in it.
    fn change_with(&self, sql: &'static str, with: &str) -> u64 {
        self.run(sqlx::query(sql).bind(with.to_owned()))
    }

    fn run(&self, query: Query) -> u64 {
        let database = self.folder.path().join("service.sqlite");
        let work = async {
            use sqlx::{ConnectOptions, Connection};
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database);
            let mut connection = options.connect().await?;
            let changed = query.execute(&mut connection).await?;
            connection.close().await?;
            Ok::<_, sqlx::Error>(changed.rows_affected())
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime
            .expect("a runtime")
            .block_on(work)
            .expect("it can be written")
    }

    /// What its operator is told, of these words: an object a line.
    #[track_caller]
    pub fn operator(&self, words: &[&str]) -> Vec<serde_json::Value> {
        let mut command = Command::new(programs::privacy_service());
        let output = command
            .args(words)
            .arg("--data")
            .arg(self.folder.path())
            .arg("--json")
            .output()
            .expect("the program starts");
        let told = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
        told.collect::<Result<_, _>>()
            .unwrap_or_else(|error| panic!("{error}: {output:?}"))
    }

    /// Starts a server where another one was.
    pub fn serve_at(&self, address: &str) -> Service {
        self.serve_with(address, &[])
    }
}

type Query = sqlx::query::Query<'static, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

/// A running server.
pub struct Service {
    child: Child,
    mail: PathBuf,
    /// `http://127.0.0.1:…`
    pub address: String,
}

impl Service {
    fn start(data: &Path, listen: &str, words: &[&str]) -> Self {
        let mut command = Command::new(programs::privacy_service());
        command
            .args(["serve", "--listen", listen, "--data"])
            .arg(data)
            .args(words)
            .env_remove("PRIVACY_SERVICE_SMTP_URL");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().expect("the server starts");
        let mut told = String::new();
        let stdout = child.stdout.take().expect("it is a pipe");
        BufReader::new(stdout)
            .read_line(&mut told)
            .expect("it speaks UTF-8");
        let address = told.trim().strip_prefix("listening on ");
        let address = address
            .unwrap_or_else(|| panic!("the server said {told:?}"))
            .to_owned();
        Self {
            child,
            mail: data.join("mail"),
            address,
        }
    }

    /// Asks it to stop, and waits for that.
    pub fn stop(mut self) -> String {
        signal(&self.child, Signal::TERM);
        let ended = self.child.wait().expect("it is ours");
        assert!(ended.success(), "asked to stop, the server ends well: {ended}");
        std::mem::take(&mut self.address)
    }

    /// The code in the newest letter to an address.
    #[track_caller]
    pub fn code_for(&self, identifier: &str) -> String {
        let letters = std::fs::read_dir(&self.mail).expect("a mail folder");
        let mut letters: Vec<PathBuf> = letters
            .map(|letter| letter.expect("it can be read").path())
            // Others tell of the end of an account.
            .filter(|letter| {
                let name = letter.file_name().unwrap_or_default();
                name.to_string_lossy().starts_with("code-")
            })
            .collect();
        letters.sort_by_key(|letter| {
            letter
                .metadata()
                .and_then(|about| about.modified())
                .expect("it has a time")
        });
        let texts = letters
            .iter()
            .rev()
            .map(|letter| std::fs::read_to_string(letter).expect("a letter"));
        let body = texts
            .filter_map(|text| {
                text.replace('\r', "")
                    .split_once("\n\n")
                    .map(|(head, body)| (head.to_owned(), body.to_owned()))
            })
            .find(|(head, _)| head.contains(identifier))
            .unwrap_or_else(|| panic!("no letter to {identifier}"))
            .1;
        code_in(&body).unwrap_or_else(|| panic!("no code in: {body}"))
    }
}

/// Six digits that stand alone, with or without a gap in their middle.
fn code_in(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    let digits = |word: &str, length| word.len() == length && word.chars().all(|c| c.is_ascii_digit());
    let whole = words
        .iter()
        .find(|word| digits(word, 6))
        .map(|word| (*word).to_owned());
    let halves = || {
        words
            .windows(2)
            .find(|pair| digits(pair[0], 3) && digits(pair[1], 3))
            .map(|pair| pair.concat())
    };
    whole.or_else(halves)
}

impl Drop for Service {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
