//! What can go wrong on this computer, each with a stable code and a sentence for people.

use std::io;

/// Why something on this computer couldn't be read, written or opened.
///
/// The sentence says what happened, what it means and what to do. It names files, never the folders above them.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The override file isn't a key file. It is left as it is.
    #[error(
        "Flatpak's override file “{file}” is damaged at line {line}: {reason}. It is left as it is, and nothing can be switched until it is mended. Correct that line, or keep a copy of the file and delete it."
    )]
    OverrideMalformed {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// The override file couldn't be read.
    #[error(
        "Flatpak's override file “{file}” can't be read ({source}). Nothing can be switched until it can. Check what stands in its place, and who may read it."
    )]
    OverrideUnreadable {
        /// The file's name.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// The override file may not be written: a read-only home, or somebody else's folder.
    #[error(
        "Flatpak's override file “{file}” can't be written here: the folder is read-only. Nothing was switched. Make your home folder writable, then try again."
    )]
    ReadOnly {
        /// The file's name.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// The disk, or the user's share of it, is full.
    #[error(
        "There is no space left to write Flatpak's override file “{file}”. Nothing was switched, and the old file is whole. Free some space, then try again."
    )]
    NoSpace {
        /// The file's name.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// The override file couldn't be written for another reason.
    #[error(
        "Flatpak's override file “{file}” couldn't be written ({source}). Nothing was switched, and what was there is whole."
    )]
    NotWritten {
        /// The file's name.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// Another program kept changing the override file while it was being written.
    #[error(
        "Another program keeps changing Flatpak's override file “{file}”. Nothing was switched. Close that program's permission page, then try again."
    )]
    Contended {
        /// The file's name.
        file: String,
    },
    /// There is no place for the user's files.
    #[error(
        "This computer doesn't say where your own files are (neither HOME nor XDG_DATA_HOME is set), so Flatpak's permissions can't be changed. Start this program from your desktop."
    )]
    NoHome,
    /// The permission store failed.
    #[error("{failure} {undone}")]
    Store {
        /// What it did.
        #[source]
        failure: StoreFailure,
        /// What became of the edits made before it failed.
        undone: Undone,
    },
    /// The places can't be watched.
    #[error(
        "Changes that other programs make can't be followed ({reason}). What is shown stays right until one of them changes something: look again to be sure."
    )]
    NotWatched {
        /// Why, as the system puts it.
        reason: String,
    },
    /// No copy could be made.
    #[error("No copy of “{file}” could be made ({source}). The file is as it was.")]
    NotCopied {
        /// The file's name.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// There is no settings page for this here.
    #[error("This desktop has no settings page for “{permission}”.")]
    NoSettingsPage {
        /// The permission's name.
        permission: String,
    },
    /// The settings page couldn't be opened.
    #[error(
        "The system's settings couldn't be opened ({source}). Open them yourself, and look for “{label}”."
    )]
    SettingsNotOpened {
        /// What the page is called.
        label: String,
        /// Why.
        source: io::Error,
    },
    /// Nothing can be switched from here on this system.
    #[error(
        "On this system, the system's own settings decide what DingTalk may use. Open them to change it."
    )]
    Elsewhere,
}

/// What the XDG permission store did instead of answering.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreFailure {
    /// There is no bus, or nobody on it is the store.
    #[error(
        "The desktop's permission store isn't there, so what it remembers about DingTalk can't be seen or changed. Install xdg-desktop-portal, or sign in to a desktop session, then try again."
    )]
    Missing {
        /// What the bus said, for those who look into it.
        detail: String,
    },
    /// It didn't answer within two seconds.
    #[error(
        "The desktop's permission store didn't answer within 2 seconds, so what it remembers about DingTalk can't be seen or changed now. Try again; if that doesn't help, sign out and in."
    )]
    Hanging,
    /// It answered with an error.
    #[error(
        "The desktop's permission store refused ({detail}), so what it remembers about DingTalk can't be seen or changed. Try again after signing out and in."
    )]
    Refused {
        /// What it said.
        detail: String,
    },
}

impl StoreFailure {
    /// The stable code: `store-missing`, `store-hanging` or `store-refused`.
    pub fn code(&self) -> &'static str {
        match self {
            StoreFailure::Missing { .. } => "store-missing",
            StoreFailure::Hanging => "store-hanging",
            StoreFailure::Refused { .. } => "store-refused",
        }
    }
}

/// What became of the edits that were made before the permission store failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undone {
    /// There were none.
    Nothing,
    /// They were taken back: everything is as it was.
    Everything,
    /// They couldn't all be taken back, or the store may yet do what it was asked.
    NotEverything,
}

impl std::fmt::Display for Undone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Undone::Nothing => "Nothing was switched.",
            Undone::Everything => {
                "What had been switched before that was put back, so everything is as it was."
            }
            Undone::NotEverything => {
                "Part of it may have been switched all the same. Look at what is shown now, and switch again."
            }
        })
    }
}

impl DeviceError {
    /// The stable code that the window and the terminal branch on.
    pub fn code(&self) -> &'static str {
        match self {
            DeviceError::OverrideMalformed { .. } => "override-malformed",
            DeviceError::OverrideUnreadable { .. } => "override-unreadable",
            DeviceError::ReadOnly { .. } => "read-only",
            DeviceError::NoSpace { .. } => "no-space",
            DeviceError::NotWritten { .. } => "not-written",
            DeviceError::Contended { .. } => "contended",
            DeviceError::NoHome => "no-home",
            DeviceError::Store {
                undone: Undone::NotEverything,
                ..
            } => "half-done",
            DeviceError::Store { failure, .. } => failure.code(),
            DeviceError::NotWatched { .. } => "not-watched",
            DeviceError::NotCopied { .. } => "not-copied",
            DeviceError::NoSettingsPage { .. } => "no-settings-page",
            DeviceError::SettingsNotOpened { .. } => "settings-not-opened",
            DeviceError::Elsewhere => "elsewhere",
        }
    }
}
