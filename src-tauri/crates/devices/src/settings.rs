//! The system's own settings pages, as data: what to open, and how.

/// A page of the system's settings that decides, or shows, what holds for a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsPage {
    /// What a button that opens it says.
    pub label: String,
    /// How it is opened.
    pub how: How,
}

/// How a settings page is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// By handing this address to the system.
    Uri(String),
    /// By starting this program with these arguments, without a shell.
    Command {
        /// The program, by its name on `PATH`.
        program: String,
        /// Its arguments.
        arguments: Vec<String>,
    },
}
