//! What an operator does about the ends of accounts.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use jiff::SignedDuration;
use settings_privacy_core::deletion::downstream::Systems;
use settings_privacy_service::{Config, OperatorDeletion, OperatorError, Service};

use crate::{Failed, Place, looking};

// Commands that look, and one that helps.
#[derive(Subcommand)]
pub enum Deletions {
    /// Every ending, the newest first: where it stands, and how many other systems have confirmed.
    List(Look),
    /// One ending: what stands in its way, and what every other system said.
    Show(LookAt),
    /// Try one that waits again at once, and tell the systems that haven't confirmed. The server does it within a minute.
    Retry(LookAt),
}

// Commands about the ledger.
#[derive(Subcommand)]
pub enum Ledger {
    /// Delete again every account that stays deleted and is back, as after restoring a backup. The server does the same
    /// whenever it starts. Needs the same list of other systems as the server: they are told again.
    Replay(Replay),
}

// Where to look, and how to say it.
#[derive(Args)]
pub struct Look {
    #[command(flatten)]
    place: Place,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

// At which one to look.
#[derive(Args)]
pub struct LookAt {
    /// Which one, as `deletions list` shows it.
    id: uuid::Uuid,
    #[command(flatten)]
    look: Look,
}

// What replaying needs.
#[derive(Args)]
pub struct Replay {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    ending: Ending,
}

// What concerns the end of accounts.
#[derive(Args)]
pub struct Ending {
    /// The folder with the ledger of deleted accounts. Put it where backups of the data folder don't reach, or restoring
    /// one brings deleted people back. By default: ledger, in the data folder.
    #[arg(long, value_name = "FOLDER")]
    ledger: Option<PathBuf>,
    /// A file that lists the other systems to tell when an account ends. For each of them: [[system]], name = "…",
    /// url = "https://…". They are sent a signed security event token (RFC 8417, RFC 8935), until they answer 200.
    #[arg(long, value_name = "FILE")]
    systems: Option<PathBuf>,
    /// How long a receipt waits for the other systems: 90s, 10m, 2h, 30d.
    #[arg(long, value_parser = duration, default_value = "1h", value_name = "TIME")]
    systems_patience: SignedDuration,
    /// How long an account's address waits for the last letter to leave, when the mail server doesn't take it: 90s, 10m, 2h,
    /// 30d.
    #[arg(long, value_parser = duration, default_value = "1h", value_name = "TIME")]
    letters_patience: SignedDuration,
}

impl Ending {
    /// Opens the service with it.
    pub fn configure(&self, config: &mut Config) -> Result<(), Failed> {
        if let Some(ledger) = &self.ledger {
            config.ledger_dir.clone_from(ledger);
        }
        config.systems_patience = self.systems_patience;
        config.letters_patience = self.letters_patience;
        if let Some(path) = &self.systems {
            let text = std::fs::read_to_string(path).map_err(|source| Failed::File {
                path: path.clone(),
                source,
            })?;
            config.systems = Systems::parse(&text).map_err(|error| Failed::Systems {
                path: path.clone(),
                reason: error.reason,
            })?;
        }
        Ok(())
    }
}

/// Carries out one of the commands that look.
#[tokio::main]
pub async fn deletions(wanted: Deletions) -> Result<(), Failed> {
    let (look, id) = match &wanted {
        Deletions::List(look) => (look, None),
        Deletions::Show(at) | Deletions::Retry(at) => (&at.look, Some(at.id)),
    };
    let service = looking(&look.place).await?;
    let found = match (&wanted, id) {
        (Deletions::Retry(_), Some(id)) => service.retry_deletion(id).await.map(|one| vec![one]),
        (Deletions::List(_) | Deletions::Show(_) | Deletions::Retry(_), _) => service.deletions().await,
    };
    service.close().await;
    let mut found = found?;
    if let Some(id) = id {
        found.retain(|deletion| deletion.id == id);
        if found.is_empty() {
            return Err(OperatorError::Unknown(id).into());
        }
    }
    let text = if look.json {
        let lines = found
            .iter()
            .map(|deletion| serde_json::json!(deletion).to_string());
        lines.map(|line| line + "\n").collect()
    } else if id.is_some() {
        found.iter().map(in_full).collect()
    } else {
        found.iter().map(in_short).collect::<String>()
    };
    io::stdout().write_all(text.as_bytes()).map_err(Failed::Output)
}

/// One line of the list.
fn in_short(deletion: &OperatorDeletion) -> String {
    let erased = deletion
        .systems
        .iter()
        .filter(|system| system.status == "erased")
        .count();
    let step = deletion.step.map(|step| format!(" ({step})")).unwrap_or_default();
    let fault = deletion
        .fault
        .as_ref()
        .map(|fault| format!("; {fault}"))
        .unwrap_or_default();
    format!(
        "{}  {}{step}, final {}; {erased} of {} systems{fault}\n",
        deletion.id,
        deletion.state,
        deletion.final_at,
        deletion.systems.len(),
    )
}

/// Everything there is to know of one.
fn in_full(deletion: &OperatorDeletion) -> String {
    let mut text = format!("{}\n  state      {}\n", deletion.id, deletion.state);
    let mut line = |label: &str, value: Option<String>| {
        if let Some(value) = value {
            text.push_str(&format!("  {label:<10} {value}\n"));
        }
    };
    line("step", deletion.step.map(str::to_owned));
    line("asked for", Some(deletion.requested_at.to_string()));
    line("final", Some(deletion.final_at.to_string()));
    line("ended", deletion.ended_at.map(|at| at.to_string()));
    line(
        "tried",
        (deletion.attempts > 0).then(|| format!("{} times in vain", deletion.attempts)),
    );
    line("in the way", deletion.fault.clone());
    line("next try", deletion.retry_at.map(|at| at.to_string()));
    line(
        "letter",
        deletion.letter.as_ref().map(|letter| {
            let why = letter.fault.as_deref().unwrap_or("not tried yet");
            format!(
                "{}: tried {} times, {why}; again {}",
                letter.kind, letter.attempts, letter.next_at
            )
        }),
    );
    for system in &deletion.systems {
        let heard = system.heard.as_deref().unwrap_or("not told yet");
        let when = match (system.confirmed_at, system.next_at) {
            (Some(at), _) => format!("confirmed {at}"),
            (None, Some(at)) => format!("told again {at}"),
            (None, None) => String::new(),
        };
        let reference = system
            .reference
            .as_ref()
            .map(|reference| format!("; its note {reference}"));
        text.push_str(&format!(
            "  system     {}: {}, told {} times, {heard}; {when}{}\n",
            system.system,
            system.status,
            system.attempts,
            reference.unwrap_or_default(),
        ));
    }
    text
}

/// How long `ledger replay` waits for what it began.
const REPLAY_PATIENCE: Duration = Duration::from_secs(600);

/// Deletes again whoever stays deleted and is back.
#[tokio::main]
pub async fn replay(wanted: Replay) -> Result<(), Failed> {
    let mut config = Config::new(&wanted.place.data);
    wanted.ending.configure(&mut config)?;
    // Opening holds the ledger against what is there; what it finds is carried out by whoever works.
    config.background = false;
    let looking = Service::open(config.clone()).await?;
    let back = looking.replay_ledger().await;
    looking.close().await;
    let back = back?;
    config.background = true;
    // The server knows its mail server.
    config.letters = false;
    let service = Service::open(config).await?;
    let settled = tokio::time::timeout(REPLAY_PATIENCE, settled(&service)).await;
    let open = open(&service).await?;
    service.close().await;
    if let Ok(settled) = settled {
        settled?;
    }
    writeln!(io::stdout(), "{back} accounts were back and are deleted again").map_err(Failed::Output)?;
    if open > 0 {
        Err(Failed::Incomplete(open))
    } else {
        Ok(())
    }
}

/// Waits until no ending is under way.
async fn settled(service: &Service) -> Result<(), Failed> {
    while open(service).await? > 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

async fn open(service: &Service) -> Result<usize, Failed> {
    let deletions = service.deletions().await?;
    let open = deletions.iter().filter(|deletion| deletion.state == "finalising");
    Ok(open.count())
}

/// A time as people write it: a whole number with s, m, h or d.
pub fn duration(text: &str) -> Result<SignedDuration, String> {
    let says = || "write a whole number with s, m, h or d: 90s, 10m, 2h, 30d".to_owned();
    let split = text.len() - text.chars().next_back().map_or(0, char::len_utf8);
    let (digits, unit) = text.split_at(split);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return Err(says()),
    };
    let count: i64 = digits.parse::<u32>().map_err(|_| says())?.into();
    Ok(SignedDuration::from_secs(count * seconds))
}
