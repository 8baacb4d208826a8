//! The one owner of the program's state. Faces (window, terminal) call it and are told when something changed;
//! each capability is a file: permissions, consents, the account, the outbox, the history, exports.

mod account;
mod browsers;
mod consents;
mod deletion;
mod exports;
mod history;
mod memberships;
mod outbox;
mod permissions;
mod requests;
mod session;
mod state;

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use settings_privacy_browsers::{Browsers, Places as BrowserPlaces};
use settings_privacy_devices::{Desktop, Places};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::error::EngineError;
use crate::host::Hosts;
use crate::places::OwnPlaces;
use crate::secrets::Keyring;
use crate::store::{Store, Trouble};

pub use account::SentCode;
pub use browsers::{
    BrowsersState, Clearing, Deciding, Looking, ProfileId, ProfileState, Waiting, WaitingId, Wish, called,
};
pub use deletion::{
    CheckedReceipt, DeletionError, DeletionStanding, DeletionWish, KnownHere, Preflight, ReceiptFault,
    StepStanding, WipeStanding, check_receipt,
};
pub use exports::{Checking, ExportState, ExportWish, KnownArchive, RegimeState, Transfer};
pub use history::can_undo;
pub use memberships::ended_sentence;
pub use requests::{RequestState, today};
pub use state::{
    AccountState, ConsentStanding, DeviceState, Done, Notice, OutboxState, Place, Signed, State, SyncState,
    Theme,
};

/// What an engine is made from.
pub struct Options {
    /// Where the program keeps its own files.
    pub own: OwnPlaces,
    /// Where the system keeps its.
    pub system: Places,
    /// Where browsers keep theirs.
    pub browsers: BrowserPlaces,
    /// What starts the service inside this program.
    pub hosts: Arc<dyn Hosts>,
    /// Entries in the system's keyring stand under this name.
    pub keyring: String,
}

/// Everything that acts for the person. Cloning gives another hold on the same.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    own: OwnPlaces,
    desktop: Desktop,
    browsing: browsers::Browsing,
    exporting: exports::Desk,
    ending: deletion::Desk,
    hosts: Arc<dyn Hosts>,
    keyring: Keyring,
    /// The address of the session's message bus.
    session_bus: Option<String>,
    store: Store,
    /// What was wrong with the notes when they were opened.
    trouble: Option<Trouble>,
    revision: watch::Sender<u32>,
    /// Held while consents travel, either way: an answer then never overtakes a newer one.
    talking: tokio::sync::Mutex<()>,
    /// Counts the looks at this computer, so that a slow one doesn't hide what a newer one saw.
    looks: std::sync::atomic::AtomicU64,
    /// Held while this computer's places are written.
    writing: tokio::sync::Mutex<()>,
    device: Mutex<Option<DeviceState>>,
    session: tokio::sync::Mutex<session::Session>,
    /// The newest of what the session says, readable while a call is under way.
    account: Mutex<AccountState>,
    notices: Mutex<Vec<Notice>>,
    outbox: Notify,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// A lock whose holder panicked still holds what was last written; nothing here leaves it half done.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Engine {
    /// Opens the program's state. Nothing runs in the background until [`Engine::start`].
    ///
    /// # Errors
    /// When not even memory can hold a database, or the one that was opened fails at once.
    pub async fn open(options: Options) -> Result<Self, EngineError> {
        let opened = Store::open(&options.own.database(), Timestamp::now()).await?;
        let shared = Shared {
            session_bus: options.system.session_bus.clone(),
            desktop: Desktop::new(options.system),
            browsing: browsers::Browsing::new(Browsers::new(options.browsers), options.own.browser_backups()),
            exporting: exports::Desk::new(),
            ending: deletion::Desk::new(options.own.wipe_marker()),
            hosts: options.hosts,
            keyring: Keyring::new(options.keyring),
            store: opened.store,
            revision: watch::Sender::new(1),
            talking: tokio::sync::Mutex::new(()),
            looks: std::sync::atomic::AtomicU64::new(0),
            writing: tokio::sync::Mutex::new(()),
            device: Mutex::new(None),
            session: tokio::sync::Mutex::new(session::Session::default()),
            account: Mutex::new(AccountState::default()),
            notices: Mutex::new(opened.trouble.iter().map(trouble_notice).collect()),
            trouble: opened.trouble,
            outbox: Notify::new(),
            tasks: Mutex::new(Vec::new()),
            own: options.own,
        };
        let engine = Self {
            shared: Arc::new(shared),
        };
        // Before anything else: what was being removed when the program ended goes first.
        if let Err(error) = engine.finish_wipe(false).await {
            // It stands as a message. Whoever can't go on with the removing can still use the rest.
            tracing::warn!(code = error.code(), "removing rests");
        }
        engine.device_id().await?;
        engine.settle_unfinished().await?;
        Ok(engine)
    }

    /// Looks at this computer, brings the account back, and keeps both fresh until the engine is closed.
    pub async fn start(&self) {
        let (observed, resumed) = tokio::join!(self.observe(), self.resume_account());
        if let Err(error) = resumed {
            tracing::warn!(code = error.code(), "the account can't be brought back");
        }
        drop(observed);
        // Another program on this computer may do it; then this one shows what it does.
        if let Err(error) = self.tend_exports().await {
            tracing::info!(code = error.code(), "the exports aren't looked after here");
        }
        if let Err(error) = self.tend_deletions().await {
            tracing::warn!(code = error.code(), "deletions aren't looked after");
        }
        let remover = self.clone();
        let watcher = self.clone();
        let sender = self.clone();
        let mut tasks = lock(&self.shared.tasks);
        tasks.push(tokio::spawn(async move { watcher.follow_this_computer().await }));
        tasks.push(tokio::spawn(async move { sender.run_outbox().await }));
        tasks.push(tokio::spawn(async move {
            if let Err(error) = remover.finish_wipe(true).await {
                tracing::warn!(code = error.code(), "removing rests");
            }
        }));
    }

    /// Ends what runs in the background and closes the files.
    pub async fn close(&self) {
        let tasks: Vec<JoinHandle<()>> = lock(&self.shared.tasks).drain(..).collect();
        for task in &tasks {
            task.abort();
        }
        for task in tasks {
            // An aborted task ends with a JoinError that says just that.
            let _ = task.await;
        }
        // What a switch wrote just before the end; the record comes to the disk with the closing.
        if let Err(error) = self
            .shared
            .desktop
            .durable(settings_privacy_core::data::permissions())
            .await
        {
            tracing::warn!(code = error.code(), "the override may not survive a power cut");
        }
        self.shared.store.close().await;
    }

    /// Runs something beside everything else, until the engine is closed.
    fn in_background(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = lock(&self.shared.tasks);
        tasks.retain(|task| !task.is_finished());
        tasks.push(tokio::spawn(work));
    }

    /// Tells of every change: the number grows.
    pub fn revisions(&self) -> watch::Receiver<u32> {
        self.shared.revision.subscribe()
    }

    fn changed(&self) {
        self.shared
            .revision
            .send_modify(|revision| *revision = revision.wrapping_add(1));
    }

    /// This computer's own identifier, made once.
    async fn device_id(&self) -> Result<Uuid, EngineError> {
        let known = self.shared.store.setting("device.id").await?;
        if let Some(id) = known.and_then(|text| text.parse().ok()) {
            return Ok(id);
        }
        let id = Uuid::new_v4();
        self.shared
            .store
            .set_setting("device.id", Some(&id.to_string()))
            .await?;
        Ok(id)
    }

    /// Puts a standing message up; one of a kind.
    fn notice(&self, notice: Notice) {
        let mut notices = lock(&self.shared.notices);
        notices.retain(|other| other.code != notice.code);
        notices.push(notice);
        drop(notices);
        self.changed();
    }

    /// Puts a standing message up, after what one of its kind says already: neither hides the other.
    fn notice_too(&self, mut notice: Notice) {
        let standing = lock(&self.shared.notices)
            .iter()
            .find(|other| other.code == notice.code)
            .map(|other| other.message.clone());
        match standing {
            Some(says) if says.contains(&notice.message) => notice.message = says,
            Some(says) => notice.message = format!("{says} {}", notice.message),
            None => {}
        }
        self.notice(notice);
    }

    /// Takes a standing message down.
    pub fn dismiss_notice(&self, code: &str) {
        lock(&self.shared.notices).retain(|notice| notice.code != code);
        self.changed();
    }
}

fn trouble_notice(trouble: &Trouble) -> Notice {
    let (code, message, file) = match trouble {
        Trouble::MovedAside(aside) => (
            "database-moved-aside",
            "This program's own notes were damaged, so new ones began. The history before today, and changes that had not been sent yet, are only in the old file, which is kept. Your computer's permissions are as they were.",
            Some(aside.display().to_string()),
        ),
        Trouble::FromNewerVersion => (
            "database-newer",
            "A newer version of this program was used here before, and its notes can't be read by this one. They are left as they are; what you do now isn't kept. Use the newer version.",
            None,
        ),
        Trouble::NotWritable => (
            "database-not-writable",
            "This program can't write to its own folder, so what you do now isn't kept after you close it. Free some space, or make your home folder writable, then start again.",
            None,
        ),
    };
    Notice {
        code: code.to_owned(),
        message: message.to_owned(),
        file,
    }
}
