//! The program itself: its port, its signals, its log.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use http::StatusCode;
use mail_parser::MessageParser;
use rustix::process::{Pid, Signal, kill_process};
use settings_privacy_api::{
    Consents, Export, ExportFormat, ExportRequest, ExportStatus, Session, Token, paths,
};
use settings_privacy_service::SAMPLE_IDENTIFIER;
use uuid::Uuid;

use crate::archives::Opened;
use crate::called_off::{Obstacle, under_way};
use crate::support::*;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_privacy-service"));
    command
        .env_remove("PRIVACY_SERVICE_SMTP_URL")
        .env_remove("PRIVACY_SERVICE_MAIL_FROM")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A running server; killed when a test gives up on it.
struct Server {
    child: Child,
    log: Option<JoinHandle<String>>,
    address: std::net::SocketAddr,
}

impl Server {
    fn start(data: &Path, listen: &str) -> Self {
        let mut child = program()
            .args(["serve", "--sample", "--listen", listen, "--data"])
            .arg(data)
            .env("RUST_LOG", "trace")
            .spawn()
            .unwrap();
        // Read from the start: a full pipe would hold it up.
        let mut log = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            log.read_to_string(&mut text).unwrap();
            text
        });
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").expect(&line);
        let address = address.parse().unwrap();
        Self {
            child,
            log: Some(log),
            address,
        }
    }

    /// Asks it to stop, and brings its log.
    fn stop(mut self) -> String {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let text = self.log.take().unwrap().join().unwrap();
        assert!(self.child.wait().unwrap().success(), "{text}");
        text
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn refusal(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command.args(arguments).arg("--data").arg(folder.path());
    let mut child = command.envs(environment.iter().copied()).spawn().unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    if !line.is_empty() {
        // It runs, and would run on.
        child.kill().unwrap();
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!((line.as_str(), output.status.success()), ("", false));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn an_address_others_reach_needs_a_proxy_that_encrypts() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let said = refusal(&["serve", "--listen", address], &[]);
        assert!(said.contains("--behind-tls-proxy"), "{said}");
    }
}

#[test]
fn a_mail_servers_password_stays_out_of_arguments_and_errors() {
    let url = "smtp://user:hunter2@mail.example.org";
    let from = ("PRIVACY_SERVICE_MAIL_FROM", "no-reply@example.org");
    let said = refusal(&["serve"], &[("PRIVACY_SERVICE_SMTP_URL", url), from]);
    assert!(
        said.contains("isn't encrypted") && !said.contains("hunter2"),
        "{said}"
    );
    let said = refusal(&["serve"], &[("PRIVACY_SERVICE_SMTP_URL", url)]);
    assert!(
        said.contains("--mail-from") && !said.contains("hunter2"),
        "{said}"
    );
    let help = program().args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(
        help.contains("--smtp-url-file") && !help.contains("--smtp-url "),
        "{help}"
    );
}

#[test]
fn the_program_prints_its_document() {
    let output = program().arg("openapi").output().unwrap();
    assert_eq!(
        output.stdout,
        settings_privacy_service::openapi_document().as_bytes()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_server_goes_on_where_it_was_and_its_log_names_nobody() {
    let tried = a_service().await;
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), "127.0.0.1:0");
    let address = server.address;
    let tried = Tried {
        way: Way::tcp(address),
        ..tried
    };
    tried.ask_for_code(MEI).await;
    let code = code_in(&folder.path().join("mail"));
    let device = Uuid::new_v4();
    tried.sign_in(MEI, "nonsense", device).send().await;
    let reply = tried.sign_in(MEI, &code, device).send().await;
    let session: Session = reply.expect(StatusCode::CREATED);
    let reply = tried.refresh(&session.refresh_token).send().await;
    let next: Session = reply.expect(StatusCode::OK);
    let path = paths::DEVICE_PERMISSIONS.replace("{id}", &device.to_string());
    tried.get(&path, &next.access_token).send().await;
    let change = tried.set(&next.access_token, &[("marketing.news.email", true)]);
    let consents: Consents = change.send().await.expect(StatusCode::OK);
    let log = server.stop();

    assert!(log.contains("answered"), "the log is there");
    for personal in [
        MEI,
        "mei.lin",
        &code,
        session.access_token.expose(),
        session.refresh_token.expose(),
        next.access_token.expose(),
        next.refresh_token.expose(),
        &device.to_string(),
        &session.account.id.to_string(),
    ] {
        assert!(!log.contains(personal), "{personal} in\n{log}");
    }

    let server = Server::start(folder.path(), &address.to_string());
    assert_eq!(tried.consents(&next.access_token).await, consents);
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_survives_that_the_server_is_killed_while_it_is_made() {
    let tried = a_sample().await;
    let account = tried.a_session(SAMPLE_IDENTIFIER).await.account.id;
    tried.service.clone().close().await;
    let obstacle = Obstacle::put(&tried, account);
    let mut server = Server::start(tried.folder.path(), "127.0.0.1:0");
    let address = server.address;
    let tried = Tried {
        way: Way::tcp(address),
        ..tried
    };
    // The server's clock goes on while that of the tests stands still: its letters are told by being alone.
    let mail = tried.folder.path().join("mail");
    std::fs::remove_dir_all(&mail).unwrap();
    tried.ask_for_code(SAMPLE_IDENTIFIER).await;
    let reply = tried.sign_in(SAMPLE_IDENTIFIER, &code_in(&mail), Uuid::new_v4());
    let session: Session = reply.send().await.expect(StatusCode::CREATED);
    let token = &session.access_token;
    std::fs::remove_dir_all(&mail).unwrap();
    let sent = tried.ask_for_step_up_code(&session).send().await;
    assert_eq!(sent.status, StatusCode::OK);
    let request = ExportRequest {
        categories: vec!["drive".into()],
        period: None,
        format: ExportFormat::Bag1,
        regime: "eea".into(),
        code: Token::new(code_in(&mail)),
    };
    let reply = tried.ask_for_export(token, &request).send().await;
    let export: Export = reply.expect(StatusCode::ACCEPTED);
    under_way(&tried, token, export.id).await;
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let part = tried.folder.path().join(format!("exports/{}.part", export.id));
    assert!(part.exists(), "it was killed in the middle");
    obstacle.remove();

    let server = Server::start(tried.folder.path(), &address.to_string());
    let ready = tried.finished(token, export.id).await;
    assert_eq!((ready.status, ready.left_out), (ExportStatus::Fulfilled, 0));
    Opened::read(&tried.archive(token, export.id).await);
    assert!(!part.exists());
    let log = server.stop();
    assert!(!log.contains(&session.account.id.to_string()));
}

fn code_in(mail: &Path) -> String {
    let letter = std::fs::read_dir(mail).unwrap().next().unwrap().unwrap();
    let bytes = std::fs::read(letter.path()).unwrap();
    let letter = MessageParser::default().parse(&bytes).unwrap();
    let text = letter.body_text(0).unwrap().into_owned();
    let code = text
        .lines()
        .find(|line| line.len() == 6 && line.parse::<u32>().is_ok());
    code.unwrap().to_owned()
}
