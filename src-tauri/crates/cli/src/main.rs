#![doc = include_str!("../README.md")]

mod account;
mod arguments;
mod browsers;
mod consents;
mod deletion;
mod exit;
mod exports;
mod history;
mod organizations;
mod outbox;
mod output;
mod permissions;
mod requests;
mod sending;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use settings_privacy_engine::Engine;
use tracing_subscriber::EnvFilter;

use crate::arguments::{Arguments, Command};
use crate::exit::{Exit, Failure};
use crate::output::{Face, Reply};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return not_understood(&error),
    };
    log();
    let face = Face::new(arguments.json);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let message = format!("The program can't start: the system gives it too little ({error}).");
            return ExitCode::from(face.show(Err(Failure::new(Exit::Other, "not-started", message)), &[]));
        }
    };
    let code = runtime.block_on(run(face, arguments.command));
    // A thread that waits for a lock or a keyring must not keep the program from ending.
    runtime.shutdown_background();
    ExitCode::from(code)
}

async fn run(face: Face, command: Command) -> u8 {
    let engine = match settings_privacy_embedded::open().await {
        Ok(engine) => engine,
        Err(error) => return face.show(Err(error.into()), &[]),
    };
    let outcome = obey(face, &engine, command).await;
    // Whatever couldn't be read was already told by the command itself.
    let notices = engine
        .state()
        .await
        .map(|state| state.notices)
        .unwrap_or_default();
    for notice in &notices {
        // What can't be recorded is told once more the next time.
        let _ = engine.notice_was_seen(&notice.code).await;
    }
    engine.close().await;
    face.show(outcome, &notices)
}

async fn obey(face: Face, engine: &Engine, command: Command) -> Result<Reply, Failure> {
    match command {
        Command::Permissions(command) => permissions::obey(face, engine, command).await,
        Command::Cookies(command) => browsers::obey(face, engine, command).await,
        Command::Consents(command) => consents::obey(engine, command).await,
        Command::Export(command) => exports::obey(face, engine, command).await,
        Command::Account(command) => account::obey(face, engine, command).await,
        Command::SignIn {
            identifier,
            code_stdin,
        } => account::sign_in(face, engine, identifier, code_stdin).await,
        Command::SignOut => account::sign_out(engine).await,
        Command::History => history::list(engine).await,
        Command::Undo { id, no_wait } => history::undo(face, engine, id, no_wait).await,
        Command::Sync => outbox::sync(engine).await,
        Command::Outbox(command) => outbox::obey(engine, command).await,
        Command::Requests(command) => requests::obey(face, engine, command).await,
    }
}

/// Help and the version are answers, not errors.
fn not_understood(error: &clap::Error) -> ExitCode {
    let asked_for = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if asked_for || !arguments::json_was_asked_for(std::env::args_os()) {
        // Nobody is left to tell if this can't be written.
        let _ = error.print();
        return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8));
    }
    let said = error.render().to_string();
    let failure = Failure::new(Exit::Usage, "usage", said.trim());
    ExitCode::from(Face::new(true).show(Err(failure), &[]))
}

/// Logs are for those who look into something: to standard error, and only when asked for.
fn log() {
    if let Ok(filter) = EnvFilter::try_from_env("SETTINGS_PRIVACY_LOG") {
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .init();
    }
}
