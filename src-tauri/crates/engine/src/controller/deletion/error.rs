//! Why something about the end of an account wasn't done.

use settings_privacy_archive::NotSigned;

/// Why it wasn't done. The account is as it was.
#[derive(Debug, thiserror::Error)]
pub enum DeletionError {
    /// Another word was typed.
    #[error("Type {word} to go on. Nothing was done.", word = settings_privacy_core::deletion::WORD)]
    NotConfirmed,
    /// There is no deletion here.
    #[error("Nobody asked here for an account to be deleted.")]
    None,
    /// No code is needed now.
    #[error("No code is needed now. Look at how your deletion stands.")]
    NoCodeNeeded,
    /// It can't be taken back.
    #[error("It is too late to keep this account: the service is deleting it, or has deleted it.")]
    TooLate,
    /// It is still under way.
    #[error("It is still under way. Keep your account first, or wait for its end.")]
    UnderWay,
    /// It isn't at a point where this could be done.
    #[error("That can't be done at this point. Look at how your deletion stands.")]
    NotNow,
    /// There is nothing to be removed here, or it isn't done yet.
    #[error("Not everything is removed here yet.")]
    NotRemoved,
    /// A receipt doesn't prove what it says.
    #[error("{0}")]
    NotGenuine(#[from] ReceiptFault),
    /// A file can't be read.
    #[error("{path} can't be read ({source}).")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// What is wrong with a receipt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptFault {
    /// Its signature.
    #[error(
        "This receipt isn't genuine: {0}. Nothing was removed here because of it. Ask whoever runs the service."
    )]
    Signature(NotSigned),
    /// What is signed isn't a receipt.
    #[error("This is signed, but it isn't a receipt of a deletion.")]
    NotAReceipt,
    /// It is somebody else's.
    #[error(
        "This receipt is genuine, but it is for another account or another deletion. Nothing was removed here. Ask whoever runs the service."
    )]
    OfAnother,
    /// The keys can't be read.
    #[error(
        "There are no keys in that file that a receipt could be signed with. Use the service's jwks.json."
    )]
    NoKeys,
}

impl ReceiptFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ReceiptFault::Signature(_) => "receipt-not-genuine",
            ReceiptFault::NotAReceipt => "receipt-not-a-receipt",
            ReceiptFault::OfAnother => "receipt-of-another",
            ReceiptFault::NoKeys => "receipt-no-keys",
        }
    }
}

impl DeletionError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            DeletionError::NotConfirmed => "not-confirmed",
            DeletionError::None => "no-deletion",
            DeletionError::NoCodeNeeded => "no-code-needed",
            DeletionError::TooLate => "deletion-final",
            DeletionError::UnderWay => "deletion-under-way",
            DeletionError::NotNow => "not-now",
            DeletionError::NotRemoved => "not-removed",
            DeletionError::NotGenuine(fault) => fault.code(),
            DeletionError::File { .. } => "file-not-readable",
        }
    }
}
