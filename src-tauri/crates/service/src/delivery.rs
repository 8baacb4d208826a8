//! How letters reach people.

use std::path::{Path, PathBuf};

use crate::config::{Delivery, OpenError};
use crate::folders;

/// Carries letters.
pub enum Courier {
    /// To a folder.
    Folder(PathBuf),
}

impl Courier {
    /// Prepares delivery. Nothing is sent yet, and no connection is made.
    pub fn new(delivery: &Delivery) -> Result<Self, OpenError> {
        match delivery {
            Delivery::MailFolder(folder) => {
                folders::make_private(folder).map_err(|source| OpenError::Folder {
                    path: folder.clone(),
                    source,
                })?;
                Ok(Courier::Folder(folder.clone()))
            }
            Delivery::Smtp(_) => Err(OpenError::SmtpAddress),
        }
    }

    /// The folder letters are written to, if they are.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Courier::Folder(folder) => Some(folder),
        }
    }
}
