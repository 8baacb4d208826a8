//! The engine with the account service inside: what the window and the terminal both start from.
//!
//! The engine knows no service and the service no engine; this crate is where they meet, and the only one that
//! depends on both besides the programs. The made-up account lives in a service of its own, so that nothing of it
//! mixes with a person's data.

use std::sync::Arc;

use async_trait::async_trait;
use settings_privacy_devices::Places;
use settings_privacy_engine::api::StepUpPurpose;
use settings_privacy_engine::client::InProcess;
use settings_privacy_engine::places::OwnPlaces;
use settings_privacy_engine::{Engine, EngineError, Hosted, Hosts, Mailbox, Options, ShownCode};
use settings_privacy_service::{Config, OpenError, SAMPLE_IDENTIFIER, Service};
use tokio::sync::Mutex;

/// The name under which sessions stand in the system's keyring.
pub const KEYRING: &str = "settings-privacy";

/// Opens the engine on this computer's real places, as the person who started the program would expect.
///
/// # Errors
/// When the system names no home folder, or not even memory can hold a database.
pub async fn open() -> Result<Engine, EngineError> {
    let own = OwnPlaces::by_custom().ok_or_else(|| EngineError::Host(NO_HOME.to_owned()))?;
    let hosts = Arc::new(InThisProgram::new(own.clone()));
    Engine::open(Options {
        own,
        browsers: settings_privacy_engine::BrowserPlaces::from_env(),
        system: Places::from_env(),
        hosts,
        keyring: KEYRING.to_owned(),
    })
    .await
}

const NO_HOME: &str = "This computer doesn't say where your own files are (HOME isn't set). Start the program from your desktop.";

/// Account services inside this program, each started at most once.
pub struct InThisProgram {
    own: OwnPlaces,
    running: Mutex<[Option<Service>; 2]>,
}

impl InThisProgram {
    /// Services that keep their files under `own`.
    pub fn new(own: OwnPlaces) -> Self {
        Self {
            own,
            running: Mutex::new([None, None]),
        }
    }
}

#[async_trait]
impl Hosts for InThisProgram {
    async fn start(&self, sample: bool) -> Result<Hosted, String> {
        let mut running = self.running.lock().await;
        let place = &mut running[usize::from(sample)];
        let service = match place {
            Some(service) => service.clone(),
            None => {
                let folder = if sample {
                    self.own.folder.join("sample")
                } else {
                    self.own.service()
                };
                let opened = Service::open(Config {
                    sample,
                    ..Config::new(folder)
                })
                .await;
                place.insert(opened.map_err(|error| explain(&error))?).clone()
            }
        };
        let mailbox = service.mailbox().ok_or_else(|| STARTED_WITHOUT_MAIL.to_owned())?;
        Ok(Hosted {
            transport: Arc::new(InProcess::new(service.router())),
            mailbox: Arc::new(Letters(mailbox)),
            sample_identifier: sample.then(|| SAMPLE_IDENTIFIER.to_owned()),
        })
    }
}

const STARTED_WITHOUT_MAIL: &str = "The account service inside this program has nowhere to put its letters.";

/// What went wrong, for people. The service's own words name paths; they go to the log only.
fn explain(error: &OpenError) -> String {
    tracing::warn!(%error, "the embedded account service doesn't start");
    match error {
        OpenError::Damaged { .. } | OpenError::Key { .. } | OpenError::Ledger { .. } => {
            "The account kept on this computer can't be read: its file is damaged. It was left as it is. Choose another place for your account, or restore the file from a backup.".to_owned()
        }
        OpenError::Newer { .. } => {
            "The account kept on this computer was made by a newer version of this program. Use that version.".to_owned()
        }
        OpenError::Folder { .. }
        | OpenError::Database { .. }
        | OpenError::Migration { .. }
        | OpenError::SmtpAddress
        | OpenError::SmtpNotEncrypted
        | OpenError::Sender(_)
        | OpenError::System(_)
        | OpenError::NoRandomness => {
            "The account service inside this program can't start: its folder can't be written. Free some space, or make your home folder writable, then try again.".to_owned()
        }
    }
}

struct Letters(settings_privacy_service::Mailbox);

#[async_trait]
impl Mailbox for Letters {
    async fn latest_code(&self, identifier: &str) -> Option<ShownCode> {
        self.0.latest_code(identifier).await.map(shown)
    }

    async fn latest_step_up_code(&self, identifier: &str, purpose: StepUpPurpose) -> Option<ShownCode> {
        self.0.latest_step_up_code(identifier, purpose).await.map(shown)
    }
}

fn shown(code: settings_privacy_service::ShownCode) -> ShownCode {
    ShownCode {
        code: code.code,
        expires_at: code.expires_at,
    }
}
