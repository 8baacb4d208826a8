//! The seam to an account service inside this program. The engine doesn't know the service; whoever runs both does.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use settings_privacy_api::{StepUpPurpose, Token};

use crate::client::Transport;

/// Starts an account service inside this program.
#[async_trait]
pub trait Hosts: Send + Sync + 'static {
    /// Starts it, or gives the one already running. `sample`: with the made-up account in it.
    /// The error is a sentence for people.
    async fn start(&self, sample: bool) -> Result<Hosted, String>;
}

/// A service that runs inside this program.
#[derive(Clone)]
pub struct Hosted {
    /// The way to it.
    pub transport: Arc<dyn Transport>,
    /// The codes it "sent": they can be shown, since it is the person's own service.
    pub mailbox: Arc<dyn Mailbox>,
    /// The address of the made-up account, when it is there.
    pub sample_identifier: Option<String>,
}

/// The folder into which a service of one's own puts its letters.
#[async_trait]
pub trait Mailbox: Send + Sync + 'static {
    /// The newest code for signing in sent to an address, while it is valid.
    async fn latest_code(&self, identifier: &str) -> Option<ShownCode>;

    /// The newest code for one act sent to an address, while it is valid.
    async fn latest_step_up_code(&self, identifier: &str, purpose: StepUpPurpose) -> Option<ShownCode>;
}

/// A code that may be shown.
#[derive(Debug, Clone)]
pub struct ShownCode {
    /// The code.
    pub code: Token,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}
