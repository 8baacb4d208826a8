//! The account service as a server.

mod commands;

use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use jiff::SignedDuration;
use secrecy::SecretString;
use settings_privacy_service::{
    Config, Delivery, OpenError, OperatorError, SAMPLE_IDENTIFIER, Service, Smtp, openapi_document,
};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use commands::{Deletions, Ending, Ledger, duration};

/// Requests that are still under way this long after the signal to stop are left.
const PATIENCE: Duration = Duration::from_secs(10);

/// The account service of Settings & Privacy. Secrets come from the environment or from files, never from arguments:
/// every user of a computer can read those.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer at a port, over plain HTTP.
    Serve(Serve),
    /// Fill the made-up account, to measure with.
    Seed(Seed),
    /// Sign archives with a new key from now on; what older ones signed can still be checked.
    RotateSigningKey(Place),
    /// Look at accounts that are ending, and help one that waits.
    #[command(subcommand)]
    Deletions(Deletions),
    /// Hold the ledger of deleted accounts against the database.
    #[command(subcommand)]
    Ledger(Ledger),
    /// Print the OpenAPI document.
    Openapi,
}

#[derive(Args)]
struct Serve {
    /// Where to listen; port 0 lets the system choose one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where the database, the key and the mail folder lie.
    #[arg(long, value_name = "FOLDER")]
    data: PathBuf,
    /// Put a made-up account there, to try things out with.
    #[arg(long)]
    sample: bool,
    /// Allow an address that other computers reach: a proxy in front of this service encrypts.
    #[arg(long)]
    behind_tls_proxy: bool,
    /// A file with the mail server's address (smtps://user:password@host:port), unless PRIVACY_SERVICE_SMTP_URL holds
    /// it. Without either, letters are written to the folder `mail` in the data folder.
    #[arg(long, value_name = "FILE")]
    smtp_url_file: Option<PathBuf>,
    /// How long the end of an account can be taken back: 90s, 10m, 2h, 30d.
    #[arg(long, value_parser = duration, default_value = "30d", value_name = "TIME")]
    cooling_off: SignedDuration,
    /// Who the service says it is, in receipts and to other systems: its address, as a rule.
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    #[command(flatten)]
    ending: Ending,
    /// Whom letters are from: Name <address@host>. Needed with a mail server.
    #[arg(long, env = "PRIVACY_SERVICE_MAIL_FROM", value_name = "SENDER")]
    mail_from: Option<String>,
}

#[derive(Args)]
struct Seed {
    /// How much the account should hold: 500MB, 10GB.
    #[arg(long, value_parser = size)]
    size: u64,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
struct Place {
    /// Where the database, the keys and the files lie.
    #[arg(long, value_name = "FOLDER")]
    data: PathBuf,
}

/// Why the server doesn't run.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(
        "{0} can be reached from other computers, and plain HTTP would show them everything. Listen at 127.0.0.1, or put a \
         proxy that encrypts in front and say --behind-tls-proxy."
    )]
    NotEncrypted(SocketAddr),
    #[error("read {path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("letters sent by a mail server need a sender: --mail-from \"Name <address@host>\"")]
    NoSender,
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("listen at {address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("serve: {0}")]
    Serve(io::Error),
    #[error("write to the standard output: {0}")]
    Output(io::Error),
    #[error("fill the account: {0}")]
    Seed(#[from] sqlx::Error),
    #[error("change the signing key: {0}")]
    SigningKey(io::Error),
    #[error("read {path}: {reason}")]
    Systems { path: PathBuf, reason: String },
    #[error(transparent)]
    Operator(#[from] OperatorError),
    #[error("{0} endings are begun and not complete: see `privacy-service deletions list`")]
    Incomplete(usize),
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    let done = match Arguments::parse().command {
        Command::Serve(serve) => run(serve),
        Command::Seed(wanted) => seed(wanted),
        Command::RotateSigningKey(place) => rotate(place),
        Command::Deletions(wanted) => commands::deletions(wanted),
        Command::Ledger(Ledger::Replay(wanted)) => commands::replay(wanted),
        Command::Openapi => io::stdout()
            .write_all(openapi_document().as_bytes())
            .map_err(Failed::Output),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "privacy-service: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(serve: Serve) -> Result<(), Failed> {
    if !serve.listen.ip().is_loopback() && !serve.behind_tls_proxy {
        return Err(Failed::NotEncrypted(serve.listen));
    }
    let mut config = Config::new(&serve.data);
    config.sample = serve.sample;
    config.cooling_off = serve.cooling_off;
    config.issuer = serve.issuer.clone().unwrap_or(config.issuer);
    serve.ending.configure(&mut config)?;
    if let Some(url) = smtp_url(&serve)? {
        let from = serve.mail_from.ok_or(Failed::NoSender)?;
        config.delivery = Delivery::Smtp(Smtp { url, from });
    }
    let service = Service::open(config).await?;
    let cannot_listen = |source| Failed::Listen {
        address: serve.listen,
        source,
    };
    let listener = TcpListener::bind(serve.listen).await.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    let asked_to_end = signal();
    announce(address).map_err(Failed::Output)?;

    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = service.serve(listener, async move {
        let _ = stopped.await;
    });
    tokio::pin!(serving);
    let served = tokio::select! {
        served = &mut serving => served,
        () = asked_to_end => {
            let _ = stop.send(());
            tokio::time::timeout(PATIENCE, &mut serving).await.unwrap_or(Ok(()))
        }
    };
    service.clone().close().await;
    served.map_err(Failed::Serve)
}

#[tokio::main]
async fn seed(wanted: Seed) -> Result<(), Failed> {
    let mut config = Config::new(&wanted.place.data);
    config.sample = true;
    config.background = false;
    let service = Service::open(config).await?;
    let seeded = service.seed(wanted.size).await;
    service.close().await;
    let seeded = seeded?;
    let text = format!(
        "{SAMPLE_IDENTIFIER} holds {} things, {} bytes",
        seeded.items, seeded.bytes
    );
    writeln!(io::stdout(), "{text}").map_err(Failed::Output)
}

#[tokio::main]
async fn rotate(place: Place) -> Result<(), Failed> {
    let service = looking(&place).await?;
    let rotated = service.rotate_signing_key().map_err(Failed::SigningKey);
    service.close().await;
    rotated
}

/// A service that leaves the work to the server.
async fn looking(place: &Place) -> Result<Service, Failed> {
    let mut config = Config::new(&place.data);
    config.background = false;
    Ok(Service::open(config).await?)
}

/// A size as people write it: a whole number with kB, MB or GB (of a thousand each), or of bytes.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return Err("write a whole number with kB, MB or GB".to_owned()),
    };
    let count: Option<u64> = digits.trim().parse().ok();
    count
        .and_then(|count| count.checked_mul(unit))
        .ok_or_else(|| "write a whole number with kB, MB or GB".to_owned())
}

fn announce(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "listening on http://{address}")?;
    out.flush()
}

fn smtp_url(serve: &Serve) -> Result<Option<SecretString>, Failed> {
    if let Some(path) = &serve.smtp_url_file {
        let text = std::fs::read_to_string(path).map_err(|source| Failed::File {
            path: path.clone(),
            source,
        })?;
        return Ok(Some(text.trim().into()));
    }
    let variable = std::env::var("PRIVACY_SERVICE_SMTP_URL").ok();
    Ok(variable.filter(|url| !url.is_empty()).map(Into::into))
}

/// Ends when the process is asked to stop.
fn signal() -> impl Future<Output = ()> {
    // Heard from now on, not from when the future is first asked.
    #[cfg(unix)]
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    async move {
        let interrupt = async {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        #[cfg(unix)]
        match terminate {
            Ok(mut terminate) => tokio::select! {
                () = interrupt => {}
                _ = terminate.recv() => {}
            },
            Err(_) => interrupt.await,
        }
        #[cfg(not(unix))]
        interrupt.await;
    }
}
