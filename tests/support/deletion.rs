//! Deleting an account from the terminal, as a person or a script would.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use super::desktop::Desktop;
use super::service::Service;
use super::terminal::Ran;

/// A deletion that waits for its code.
pub struct Deleting {
    child: Child,
    stdin: ChildStdin,
    stderr: BufReader<std::process::ChildStderr>,
    said: String,
}

impl Desktop {
    /// Begins to delete the account: types the word, and waits until a code was sent, or it ended.
    pub fn begin_deletion(&self, words: &str) -> Deleting {
        let command = self.settings(&format!("account delete --code-stdin --json {words}"));
        begin(command)
    }

    /// Deletes the account with the code that the service sends.
    #[track_caller]
    pub fn delete_account(&self, service: &Service, identifier: &str, words: &str) -> Ran {
        let deleting = self.begin_deletion(words);
        let code = service.code_for(identifier);
        deleting.enter(&code)
    }

    /// Hands over every Organization that only this account administers.
    #[track_caller]
    pub fn hand_over_what_blocks(&self) {
        let listed = self.run("account organizations list").ended(0).json();
        let all = listed["organizations"].as_array().expect("a list");
        for mine in all.iter().filter(|one| one["sole_administrator"] == true) {
            let (id, member) = (&mine["id"], &mine["members"][0]["id"]);
            let words = format!(
                "account organizations transfer {} --to {}",
                id.as_str().expect("a name"),
                member.as_str().expect("a name")
            );
            self.run(&words).ended(0);
        }
    }

    /// The names under which the keyring holds something of this program's.
    pub fn secrets(&self) -> String {
        let mut command = self.command(Path::new("secret-tool"));
        let output = command
            .args(["search", "--all", "service", "settings-privacy"])
            .output()
            .expect("secret-tool starts (package libsecret-tools)");
        // Attributes go to standard error, secrets to standard output.
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        text(&output.stdout) + &text(&output.stderr)
    }

    /// Empties the keyring of this program's entries, as somebody may who tidies up.
    pub fn forget_secrets(&self) {
        let mut command = self.command(Path::new("secret-tool"));
        let status = command
            .args(["clear", "service", "settings-privacy"])
            .status()
            .expect("secret-tool starts (package libsecret-tools)");
        assert!(
            status.success() && self.secrets().is_empty(),
            "{}",
            self.secrets()
        );
    }

    /// Files below the home in which a text stands, and below what else is named.
    pub fn files_with(&self, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        look_into(self.home(), text.as_bytes(), &mut found);
        found
    }
}

fn look_into(folder: &Path, text: &[u8], found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(about) = std::fs::symlink_metadata(&path) else {
            continue;
        };
        if about.is_dir() {
            look_into(&path, text, found);
        } else if about.is_file() {
            let content = std::fs::read(&path).unwrap_or_default();
            if content.windows(text.len()).any(|part| part == text) {
                found.push(path.display().to_string());
            }
        }
    }
}

/// Starts such a command, types the word, and waits until a code was sent, or it ended.
pub fn begin(mut command: Command) -> Deleting {
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    // If it has ended, its own words say why.
    let _ = writeln!(stdin, "delete");
    let mut stderr = BufReader::new(child.stderr.take().expect("it is a pipe"));
    let mut said = String::new();
    while stderr.read_line(&mut said).is_ok_and(|read| read > 0) {
        if said
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("A code was sent") || line.starts_with("Your code is"))
        {
            break;
        }
    }
    Deleting {
        child,
        stdin,
        stderr,
        said,
    }
}

impl Deleting {
    /// Whether it asks for a code.
    pub fn asks(&self) -> bool {
        self.said.contains("A code was sent") || self.shown_code().is_some()
    }

    /// The code, where the service is inside the program and there is nobody else to read its letter.
    pub fn shown_code(&self) -> Option<String> {
        let (_, rest) = self.said.split_once("Your code is ")?;
        rest.split_once('.').map(|(code, _)| code.to_owned())
    }

    /// Enters a code, and waits for the end.
    pub fn enter(self, code: &str) -> Ran {
        let (status, ran) = self.enter_and_end(code);
        Ran {
            code: status.expect("it ended by itself"),
            ..ran
        }
    }

    /// The same, when it may be killed: without an exit code then.
    pub fn enter_and_end(mut self, code: &str) -> (Option<i32>, Ran) {
        // If it has ended, its own words say why.
        let _ = writeln!(self.stdin, "{code}");
        drop(self.stdin);
        let mut rest = String::new();
        self.stderr.read_to_string(&mut rest).expect("it speaks UTF-8");
        let output = self.child.wait_with_output().expect("it ends");
        let ran = Ran {
            code: -1,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: self.said + &rest,
        };
        (output.status.code(), ran)
    }
}
