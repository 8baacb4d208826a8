//! What the person wishes on the way.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use settings_privacy_core::export::{Effect, Event, Export, Place, Stage, Waits, WorkflowId};

use super::super::Engine;
use super::ask::digits;
use super::part::part_of;
use crate::error::EngineError;

/// How many names are tried when another export goes to the same place.
const MOST_NAMES: u32 = 1000;

impl Engine {
    /// Goes on with a fresh code ([`Waits::Code`]).
    ///
    /// # Errors
    /// When there is no such export, another program looks after it, or it can't be recorded.
    pub async fn give_export_code(&self, id: WorkflowId, code: &str) -> Result<(), EngineError> {
        self.export(id).await?;
        let code = digits(code);
        self.shared.exporting.live(id, |live| live.code = Some(code));
        self.export_happens(id, Event::Resume { elsewhere: None }).await
    }

    /// Chooses where a copy shall lie: it is downloaded there, now or as soon as it is ready.
    ///
    /// # Errors
    /// When the place can't be used, or as [`Engine::give_export_code`].
    pub async fn download_export(&self, id: WorkflowId, to: &Path) -> Result<(), EngineError> {
        self.export(id).await?;
        let to = self.place(to, Some(id)).await?;
        self.export_happens(id, Event::Download { to }).await
    }

    /// Goes on after the person did what was needed, or at another place.
    ///
    /// # Errors
    /// When the place can't be used, or as [`Engine::give_export_code`].
    pub async fn resume_export(&self, id: WorkflowId, elsewhere: Option<&Path>) -> Result<(), EngineError> {
        self.export(id).await?;
        let elsewhere = match elsewhere {
            Some(path) => Some(self.place(path, Some(id)).await?),
            None => None,
        };
        self.export_happens(id, Event::Resume { elsewhere }).await
    }

    /// Tries again what failed or expired.
    ///
    /// # Errors
    /// As [`Engine::give_export_code`].
    pub async fn retry_export(&self, id: WorkflowId) -> Result<(), EngineError> {
        self.export(id).await?;
        self.export_happens(id, Event::Retry).await
    }

    /// Ends it: here at once, at the service as soon as it answers. What had come is removed.
    ///
    /// # Errors
    /// As [`Engine::give_export_code`].
    pub async fn cancel_export(&self, id: WorkflowId) -> Result<(), EngineError> {
        self.export(id).await?;
        self.shared.exporting.live(id, |live| {
            live.code = None;
            live.passphrase = None;
        });
        self.export_happens(id, Event::Cancel).await
    }

    /// Encrypts the file, now or once it was checked. The passphrase is held in memory until then, and nowhere else.
    ///
    /// # Errors
    /// As [`Engine::give_export_code`].
    pub async fn encrypt_export(&self, id: WorkflowId, passphrase: SecretString) -> Result<(), EngineError> {
        self.export(id).await?;
        self.shared
            .exporting
            .live(id, |live| live.passphrase = Some(passphrase));
        self.export_happens(id, Event::Encrypt).await
    }

    /// Takes the keys the service publishes now for its own ([`Waits::Key`]), and goes on.
    ///
    /// # Errors
    /// When the service doesn't answer, or as [`Engine::give_export_code`].
    pub async fn accept_signing_keys(&self, id: WorkflowId) -> Result<(), EngineError> {
        if self.export(id).await?.export.waits() == Some(Waits::Key) {
            self.pin_published_keys().await?;
        }
        self.export_happens(id, Event::Resume { elsewhere: None }).await
    }

    /// Takes one that ended off the list. Its files stay.
    ///
    /// # Errors
    /// When it is still under way, or as [`Engine::give_export_code`].
    pub async fn forget_export(&self, id: WorkflowId) -> Result<(), EngineError> {
        let export = self.export(id).await?.export;
        // One that was cancelled must still be told to the service, as long as nobody has to do something for that first.
        if !export.can_be_left() {
            return Err(EngineError::ExportUnderWay);
        }
        self.export_is_forgotten(id).await
    }

    /// A place as the person names it: an absolute file's, that no other export under way goes to.
    pub(super) async fn place(&self, path: &Path, of: Option<WorkflowId>) -> Result<Place, EngineError> {
        let absolute = std::path::absolute(path).map_err(|_| EngineError::NoPlace(NOT_A_FILE))?;
        if absolute.file_name().is_none() || absolute.is_dir() {
            return Err(EngineError::NoPlace(NOT_A_FILE));
        }
        if !absolute.parent().is_some_and(Path::is_dir) {
            return Err(EngineError::NoPlace(NO_FOLDER));
        }
        let rows = self.shared.store.exports().await?;
        let (own, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| Some(row.export.workflow) == of);
        let taken: Vec<&Place> = others.iter().flat_map(|row| parts(&row.export)).collect();
        let own: Vec<&Place> = own.iter().flat_map(|row| parts(&row.export)).collect();
        // A part file that isn't this export's is somebody's: it would be cut, and removed.
        let is_free = |place: &Place| {
            !taken.contains(&place) && (own.contains(&place) || part_of(place).symlink_metadata().is_err())
        };
        let free = (1..=MOST_NAMES).map(|number| numbered(&absolute, number));
        for path in free {
            let text = path.into_os_string().into_string();
            let place = Place(text.map_err(|_| EngineError::NoPlace(NOT_TEXT))?);
            if is_free(&place) {
                return Ok(place);
            }
        }
        Err(EngineError::NoPlace(NOT_A_FILE))
    }
}

const NOT_A_FILE: &str = "That isn't a file's name. Name a file in a folder, for example my-data.zip.";
const NO_FOLDER: &str = "That folder isn't there. Choose one that is, or connect its drive.";
const NOT_TEXT: &str =
    "The name of that folder or file can't be read as text, so it can't be kept here. Choose another.";

/// Where part files of it lie, or will: where it goes, where what came lies, and where something is still to be removed or
/// set aside.
fn parts(export: &Export) -> Vec<&Place> {
    let settled = export.lies_at().is_some() || export.stage == Stage::Cancelled;
    let goes = export.place.as_ref().filter(|_| !settled);
    let tidied = export.outstanding.iter().filter_map(|open| match &open.effect {
        Effect::Discard { to } | Effect::Quarantine { to } | Effect::Move { to, .. } => Some(to),
        Effect::Submit { .. }
        | Effect::Look { .. }
        | Effect::Fetch { .. }
        | Effect::Verify { .. }
        | Effect::Keep { .. }
        | Effect::Seal { .. }
        | Effect::CancelRemote { .. }
        | Effect::RetryRemote { .. }
        | Effect::Notify(_) => None,
    });
    let came = export.part.as_ref().filter(|part| part.made).map(|part| &part.at);
    goes.into_iter().chain(came).chain(tidied).collect()
}

pub(super) fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let part = |text: Option<&std::ffi::OsStr>| text.unwrap_or_default().to_owned();
    let mut name = part(path.file_stem());
    name.push(format!(" ({number})"));
    if let Some(end) = path.extension() {
        name.push(".");
        name.push(end);
    }
    path.with_file_name(name)
}
