//! Everything that may be wrong with an archive, each with a stable code and a sentence.

use serde::{Deserialize, Serialize};

use super::{Danger, Sha256};

/// Something that is wrong. Names are as [`super::shown`] gives them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum Fault {
    /// The file can't be read at all.
    #[error("The archive can't be read ({why}). If it lies on a drive, connect it and try again.")]
    Unreadable {
        /// What the system said.
        why: String,
    },
    /// It isn't a ZIP.
    #[error(
        "This isn't an archive this program can read: it has no table of contents. It may be cut short, or something else."
    )]
    NotAnArchive,
    /// Its end is missing, and with it its table of contents.
    #[error(
        "The end of this archive is missing. What arrived whole can be read; download it again to have the rest."
    )]
    CutShort,
    /// It is longer or shorter than the service said.
    #[error(
        "The archive is {found} bytes long and should be {expected}: it is cut short, or something was added."
    )]
    Size {
        /// What the service said.
        expected: u64,
        /// What is there.
        found: u64,
    },
    /// Its digest is another.
    #[error("The archive isn't the one the service made: its SHA-256 digest differs. Download it again.")]
    Digest {
        /// What the service said.
        expected: Sha256,
        /// What is there.
        found: Sha256,
    },
    /// Its table of contents contradicts itself or the file.
    #[error("The archive's table of contents is damaged ({what}).")]
    Structure {
        /// What.
        what: String,
    },
    /// A name leads elsewhere.
    #[error("The archive holds a name that {} (“{name}”). It isn't opened, and nothing was written.", .danger.words())]
    UnsafeName {
        /// Which.
        name: String,
        /// How.
        danger: Danger,
    },
    /// A name occurs twice.
    #[error("The archive holds “{name}” twice, so it isn't clear which one is meant.")]
    DuplicateName {
        /// Which.
        name: String,
    },
    /// Two names are one on many computers.
    #[error("The archive holds “{name}” and “{other}”, which are the same file on many computers.")]
    CaseCollision {
        /// One.
        name: String,
        /// The other.
        other: String,
    },
    /// A name is a file and a folder at once.
    #[error("The archive holds “{name}” as a file and as a folder.")]
    FileAndFolder {
        /// Which.
        name: String,
    },
    /// A link.
    #[error("“{name}” in the archive is a link, which could lead outside it. It isn't followed.")]
    Link {
        /// Which.
        name: String,
    },
    /// A device, a pipe, a socket.
    #[error("“{name}” in the archive is neither a file nor a folder. It isn't opened.")]
    Special {
        /// Which.
        name: String,
    },
    /// Two files share bytes: a bomb.
    #[error(
        "“{name}” and “{other}” in the archive share the same bytes. Archives made to fill a disk do that, so it isn't opened."
    )]
    Overlap {
        /// One.
        name: String,
        /// The other.
        other: String,
    },
    /// It would unpack to far more than it is: a bomb.
    #[error(
        "The archive is {packed} bytes long and says that it holds {unpacked}. Archives made to fill a disk do that, so it isn't opened."
    )]
    TooMuch {
        /// Its own length.
        packed: u64,
        /// What it says it holds.
        unpacked: u64,
    },
    /// It has too many entries.
    #[error("The archive says that it holds {entries} files, more than this program opens.")]
    TooMany {
        /// How many.
        entries: u64,
    },
    /// A file holds more or less than the table of contents says.
    #[error("“{name}” in the archive isn't as long as the archive says.")]
    SizeLies {
        /// Which.
        name: String,
    },
    /// It needs a password of its own.
    #[error(
        "“{name}” in the archive is locked with a password by another program, so it can't be checked or read here."
    )]
    Locked {
        /// Which.
        name: String,
    },
    /// It is packed in an unknown way.
    #[error("“{name}” in the archive is packed in a way this program doesn't know.")]
    UnknownPacking {
        /// Which.
        name: String,
    },
    /// Its bytes can't be unpacked, or their checksum differs.
    #[error("“{name}” in the archive is damaged.")]
    Damaged {
        /// Which.
        name: String,
    },
    /// Its bytes aren't those that were listed.
    #[error("“{name}” isn't what was listed when the archive was made: it was changed or damaged.")]
    Differs {
        /// Which.
        name: String,
    },
    /// A listed file isn't there.
    #[error("“{name}” is listed and isn't in the archive.")]
    Missing {
        /// Which.
        name: String,
    },
    /// A file is there that nobody listed.
    #[error("“{name}” is in the archive and isn't listed: somebody may have added it.")]
    Extra {
        /// Which.
        name: String,
    },
    /// It isn't a bag.
    #[error("This archive has no list of its files, so there is nothing to check it against.")]
    NotABag,
    /// A text file of the bag can't be understood.
    #[error("“{name}” in the archive can't be understood{}.", .line.map(|line| format!(" (line {line})")).unwrap_or_default())]
    TagFile {
        /// Which.
        name: String,
        /// Where.
        line: Option<u64>,
    },
    /// The counts of the bag aren't those of its files.
    #[error("The archive says that it holds {claimed}, and it holds {found} (bytes, then files).")]
    Oxum {
        /// As written.
        claimed: String,
        /// As counted.
        found: String,
    },
    /// Nobody signed it.
    #[error("The archive isn't signed, so it can't be told who made it.")]
    Unsigned,
    /// The signature isn't one.
    #[error("The archive's signature can't be understood, so it can't be told who made it.")]
    SignatureUnreadable,
    /// It is signed with a key that isn't known.
    #[error(
        "The archive is signed with a key this service isn't known by (“{kid}”). It may come from somebody else."
    )]
    UnknownKey {
        /// Its name.
        kid: String,
    },
    /// The signature doesn't hold.
    #[error("The archive's signature is wrong: the service didn't make it, or it was changed afterwards.")]
    SignatureWrong,
    /// It signs another archive's lists.
    #[error("The archive's signature belongs to another archive.")]
    SignedOther,
    /// It is somebody else's.
    #[error("This archive belongs to another account than yours. It isn't shown as yours.")]
    AnotherAccount,
    /// It is another export than the one asked for.
    #[error("This archive is another export than the one you asked for.")]
    AnotherExport,
    /// It is of a newer kind.
    #[error(
        "This archive is of a newer kind than this program knows (“{version}”). Update the app to read it."
    )]
    NewerSchema {
        /// As written.
        version: String,
    },
    /// The passphrase doesn't open it.
    #[error("This passphrase doesn't open the archive. Check for capitals and spaces, and try again.")]
    WrongPassphrase,
    /// It is encrypted, and no passphrase was given.
    #[error("The archive is encrypted. Enter its passphrase to open it.")]
    NeedsPassphrase,
    /// The disk is full.
    #[error("The disk is full. Make room, or choose another place. Nothing was left half written.")]
    NoRoom,
    /// It can't be written there.
    #[error("It can't be saved there ({why}). Choose another place.")]
    Unwritable {
        /// What the system said.
        why: String,
    },
}

impl Fault {
    /// The stable code: what is serialized as `fault`.
    pub fn code(&self) -> &'static str {
        match self {
            Fault::Unreadable { .. } => "unreadable",
            Fault::NotAnArchive => "not-an-archive",
            Fault::CutShort => "cut-short",
            Fault::Size { .. } => "size",
            Fault::Digest { .. } => "digest",
            Fault::Structure { .. } => "structure",
            Fault::UnsafeName { .. } => "unsafe-name",
            Fault::DuplicateName { .. } => "duplicate-name",
            Fault::CaseCollision { .. } => "case-collision",
            Fault::FileAndFolder { .. } => "file-and-folder",
            Fault::Link { .. } => "link",
            Fault::Special { .. } => "special",
            Fault::Overlap { .. } => "overlap",
            Fault::TooMuch { .. } => "too-much",
            Fault::TooMany { .. } => "too-many",
            Fault::SizeLies { .. } => "size-lies",
            Fault::Locked { .. } => "locked",
            Fault::UnknownPacking { .. } => "unknown-packing",
            Fault::Damaged { .. } => "damaged",
            Fault::Differs { .. } => "differs",
            Fault::Missing { .. } => "missing",
            Fault::Extra { .. } => "extra",
            Fault::NotABag => "not-a-bag",
            Fault::TagFile { .. } => "tag-file",
            Fault::Oxum { .. } => "oxum",
            Fault::Unsigned => "unsigned",
            Fault::SignatureUnreadable => "signature-unreadable",
            Fault::UnknownKey { .. } => "unknown-key",
            Fault::SignatureWrong => "signature-wrong",
            Fault::SignedOther => "signed-other",
            Fault::AnotherAccount => "another-account",
            Fault::AnotherExport => "another-export",
            Fault::NewerSchema { .. } => "newer-schema",
            Fault::WrongPassphrase => "wrong-passphrase",
            Fault::NeedsPassphrase => "needs-passphrase",
            Fault::NoRoom => "no-room",
            Fault::Unwritable { .. } => "unwritable",
        }
    }

    /// Whether such an archive isn't opened at all, not even what is whole in it.
    pub fn forbids_opening(&self) -> bool {
        match self {
            Fault::Unreadable { .. }
            | Fault::NotAnArchive
            | Fault::UnsafeName { .. }
            | Fault::DuplicateName { .. }
            | Fault::Overlap { .. }
            | Fault::TooMuch { .. }
            | Fault::TooMany { .. }
            | Fault::WrongPassphrase
            | Fault::NeedsPassphrase => true,
            Fault::CutShort
            | Fault::Size { .. }
            | Fault::Digest { .. }
            | Fault::Structure { .. }
            | Fault::CaseCollision { .. }
            | Fault::FileAndFolder { .. }
            | Fault::Link { .. }
            | Fault::Special { .. }
            | Fault::SizeLies { .. }
            | Fault::Locked { .. }
            | Fault::UnknownPacking { .. }
            | Fault::Damaged { .. }
            | Fault::Differs { .. }
            | Fault::Missing { .. }
            | Fault::Extra { .. }
            | Fault::NotABag
            | Fault::TagFile { .. }
            | Fault::Oxum { .. }
            | Fault::Unsigned
            | Fault::SignatureUnreadable
            | Fault::UnknownKey { .. }
            | Fault::SignatureWrong
            | Fault::SignedOther
            | Fault::AnotherAccount
            | Fault::AnotherExport
            | Fault::NewerSchema { .. }
            | Fault::NoRoom
            | Fault::Unwritable { .. } => false,
        }
    }
}
