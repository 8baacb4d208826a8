//! The terminal's program, run as a person or a script would.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use super::desktop::Desktop;
use super::programs;
use super::service::Service;

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// What it put out.
    pub stdout: String,
    /// What it said besides.
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("it speaks UTF-8");
        Self {
            code: output.status.code().expect("it ended by itself"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Ran {
    /// The object on standard output.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The error: the last line of standard error.
    #[track_caller]
    pub fn error(&self) -> Value {
        let last = self.stderr.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The same, if it ended so.
    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }
}

impl Desktop {
    /// The program with these words, not started.
    pub fn settings(&self, words: &str) -> Command {
        let mut command = self.command(programs::privacy_settings());
        command.args(words.split_whitespace()).stdin(Stdio::null());
        command
    }

    /// Runs the program with these words and `--json`.
    pub fn run(&self, words: &str) -> Ran {
        self.settings(words)
            .arg("--json")
            .output()
            .expect("the program starts")
            .into()
    }

    /// Runs the program with these words, for people.
    pub fn tell(&self, words: &str) -> Ran {
        self.settings(words).output().expect("the program starts").into()
    }

    /// Begins to sign in and waits until a code was sent.
    pub fn begin_sign_in(&self, identifier: &str) -> SigningIn {
        self.begin_asking(&format!("sign-in {identifier}"))
    }

    /// Begins what asks for a code, and waits until that was sent.
    pub fn begin_asking(&self, words: &str) -> SigningIn {
        SigningIn::begin(self.settings(&format!("{words} --code-stdin --json")))
    }

    /// Signs in with the code that the service sent.
    #[track_caller]
    pub fn sign_in(&self, service: &Service, identifier: &str) -> Ran {
        let signing_in = self.begin_sign_in(identifier);
        let code = service.code_for(identifier);
        signing_in.enter(&code)
    }
}

/// A command that waits for its code.
pub struct SigningIn {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    /// What was said so far.
    pub said: String,
}

impl SigningIn {
    fn begin(mut command: Command) -> Self {
        let command = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("it is a pipe"));
        let mut said = String::new();
        stderr.read_line(&mut said).expect("it speaks UTF-8");
        Self { child, stderr, said }
    }

    /// Enters a code, and kills the program once `when` returns.
    pub fn enter_and_kill(mut self, code: &str, when: impl FnOnce()) {
        let mut stdin = self.child.stdin.take().expect("it is a pipe");
        writeln!(stdin, "{code}").expect("it reads the code");
        drop(stdin);
        when();
        super::signal(&self.child, rustix::process::Signal::KILL);
        // Killed, it ends.
        let _ = self.child.wait();
    }

    /// Enters a code.
    pub fn enter(mut self, code: &str) -> Ran {
        let mut stdin = self.child.stdin.take().expect("it is a pipe");
        // If it has ended, its own words say why.
        let _ = writeln!(stdin, "{code}");
        drop(stdin);
        let rest = self
            .stderr
            .lines()
            .map(|line| line.expect("it speaks UTF-8") + "\n");
        let stderr: String = std::iter::once(self.said).chain(rest).collect();
        let output = self.child.wait_with_output().expect("it ends");
        Ran {
            stderr,
            ..Ran::from(output)
        }
    }
}
