//! What a person loses when something is cleared, in plain words.

/// What a person loses, the gravest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// A cookie goes by which the site knows that the person is signed in.
    SignedOut {
        /// The site's domain.
        site: String,
    },
    /// A cookie goes, and nobody says what it is for.
    PerhapsSignedOut {
        /// The site's domain.
        site: String,
    },
    /// Local storage goes.
    Settings {
        /// The site's domain.
        site: String,
    },
    /// Databases or private files go.
    KeptData {
        /// The site's domain.
        site: String,
    },
    /// Kept responses or scripts go.
    Offline {
        /// The site's domain.
        site: String,
    },
    /// What a tab keeps goes.
    OpenWork {
        /// The site's domain.
        site: String,
    },
    /// Pages go from the history.
    Visited {
        /// The site's domain.
        site: String,
    },
    /// The list of downloads goes.
    Downloads {
        /// The site's domain.
        site: String,
    },
    /// A cookie for statistics goes.
    Recognition {
        /// The site's domain.
        site: String,
    },
    /// Copies that are fetched again go.
    Faster {
        /// The site's domain.
        site: String,
    },
}

impl Loss {
    /// That, in a sentence.
    pub fn says(&self) -> String {
        match self {
            Loss::SignedOut { site } => format!("You are signed out of {site}."),
            Loss::PerhapsSignedOut { site } => format!("You may be signed out of {site}."),
            Loss::Settings { site } => {
                format!("What {site} remembers in this browser goes: settings, drafts, perhaps your sign-in.")
            }
            Loss::KeptData { site } => {
                format!("Data that {site} keeps in this browser goes. What was never sent to it is gone.")
            }
            Loss::Offline { site } => {
                format!(
                    "Pages of {site} that work without a network stop doing so until you open them again."
                )
            }
            Loss::OpenWork { site } => {
                format!("Tabs of {site} that this browser opens again start afresh.")
            }
            Loss::Visited { site } => {
                format!(
                    "Pages of {site} go from your history, and the address bar no longer offers them. Bookmarks stay."
                )
            }
            Loss::Downloads { site } => {
                format!(
                    "Downloads from {site} go from the browser's list, and one that isn't finished can't be resumed. The files stay."
                )
            }
            Loss::Recognition { site } => {
                format!("{site} counts you as a new visitor.")
            }
            Loss::Faster { site } => format!("Pages of {site} load more slowly the next time."),
        }
    }
}
