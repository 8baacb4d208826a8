//! Where this program keeps its own files, by each system's custom (XDG on Linux).

use std::path::PathBuf;

/// Where the person looks for files they saved: their downloads, or their documents, or their home folder, whichever is there
/// first. `None` where the system names no home.
pub fn downloads() -> Option<PathBuf> {
    let user = directories::UserDirs::new()?;
    let named = [user.download_dir(), user.document_dir(), Some(user.home_dir())];
    let there = named.into_iter().flatten().find(|folder| folder.is_dir());
    there.map(std::path::Path::to_owned)
}

/// The program's own folder and what lies in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPlaces {
    /// The folder.
    pub folder: PathBuf,
}

impl OwnPlaces {
    /// The folder by the system's custom; `None` where the system names no home.
    pub fn by_custom() -> Option<Self> {
        let folder = directories::ProjectDirs::from("", "", "settings-privacy")?
            .data_dir()
            .to_owned();
        Some(Self { folder })
    }

    /// The client's state.
    pub fn database(&self) -> PathBuf {
        self.folder.join("client.db")
    }

    /// The embedded account service's folder.
    pub fn service(&self) -> PathBuf {
        self.folder.join("service")
    }

    /// What was cleared in browsers, to be put back: values of cookies among it, so it is its owner's alone.
    pub fn browser_backups(&self) -> PathBuf {
        self.folder.join("browser-backups")
    }

    /// Held by the program that looks after the exports, so that the window and the terminal don't both.
    pub fn exports_lock(&self) -> PathBuf {
        self.folder.join("exports.lock")
    }

    /// What is to be removed after an account was deleted, as long as it isn't done.
    pub fn wipe_marker(&self) -> PathBuf {
        self.folder.join("ending.json")
    }

    /// Held by whoever asks for a deletion with a code, which nobody else has.
    pub fn asking_lock(&self) -> PathBuf {
        self.folder.join("asking.lock")
    }

    /// Held while browsers' profiles are looked at or changed, so that the window and the terminal take turns.
    pub fn browsers_lock(&self) -> PathBuf {
        self.folder.join("browsers.lock")
    }

    /// Held while a session is renewed, so that the window and the terminal don't renew it at once.
    pub fn session_lock(&self) -> PathBuf {
        self.folder.join("session.lock")
    }
}
