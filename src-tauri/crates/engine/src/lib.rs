//! Everything that acts for the person: it observes and switches this computer's permissions, keeps what was
//! decided, and sends to the account service what it must hear of.
//!
//! Decisions are `core`'s; this crate carries them out: it records before it acts, reads back after it wrote, and
//! shows what was observed. The window and the terminal are two faces of one [`Engine`].

/// The contract the engine speaks.
pub use settings_privacy_api as api;

pub mod client;
mod controller;
mod desktop_notification;
mod error;
mod host;
mod mail;
pub mod places;
pub mod secrets;
pub mod store;
mod wipe;

/// Reading, searching and keeping archives.
pub use settings_privacy_archive as archive;
/// Where browsers keep their things, and what can be put back there.
pub use settings_privacy_browsers::{Backup, Places as BrowserPlaces, safari};

pub use controller::{
    AccountState, BrowsersState, CheckedReceipt, Checking, Clearing, ConsentStanding, Deciding,
    DeletionError, DeletionStanding, DeletionWish, DeviceState, Done, Engine, ExportState, ExportWish,
    KnownArchive, KnownHere, Looking, Notice, Options, OutboxState, Place, Preflight, ProfileId,
    ProfileState, ReceiptFault, RegimeState, RequestState, SentCode, Signed, State, StepStanding, SyncState,
    Theme, Transfer, Waiting, WaitingId, WipeStanding, Wish, called, can_undo, check_receipt, ended_sentence,
    today,
};
pub use error::EngineError;
pub use host::{Hosted, Hosts, Mailbox, ShownCode};
pub use mail::MailError;
