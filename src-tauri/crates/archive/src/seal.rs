//! Encryption at rest: the [age](https://age-encryption.org/v1) format, with a passphrase, readable by any age program.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use settings_privacy_core::archive::Fault;

use crate::save::{self, Fresh};
use crate::source::unreadable;

/// A decrypted file, read at any place.
pub(crate) type Opened = age::stream::StreamReader<BufReader<File>>;

/// What every age file begins with.
const MAGIC: &[u8] = b"age-encryption.org/v1\n";
/// The most that deriving a key may cost: 2^22 is about four seconds and 4 GiB. What asks for more isn't ours.
const MOST_WORK: u8 = 22;

/// Writes an encrypted copy beside nothing else: a new file, whole or not at all. The original stays. `work` is
/// scrypt's cost as a power of two; `None` takes about a second.
///
/// # Errors
/// When either file can't be read or written, or the disk is full. Nothing half written remains.
pub fn seal(
    archive: &Path,
    to: &Path,
    passphrase: &SecretString,
    work: Option<u8>,
) -> Result<PathBuf, Fault> {
    let mut plain = File::open(archive).map_err(unreadable)?;
    let mut fresh = Fresh::beside(to)?;
    let mut recipient = age::scrypt::Recipient::new(passphrase.clone());
    if let Some(work) = work {
        recipient.set_work_factor(work);
    }
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
        .map_err(|error| Fault::Unwritable {
            why: error.to_string(),
        })?;
    let mut sealed = encryptor.wrap_output(fresh.file()).map_err(save::unwritable)?;
    copy(&mut plain, &mut sealed)?;
    sealed.finish().map_err(save::unwritable)?;
    fresh.keep(to)
}

/// Writes a decrypted copy: a new file, whole or not at all.
///
/// # Errors
/// When the passphrase doesn't open it, or either file can't be read or written.
pub fn unseal(archive: &Path, to: &Path, passphrase: &SecretString) -> Result<PathBuf, Fault> {
    let file = File::open(archive).map_err(unreadable)?;
    let mut opened = open(BufReader::with_capacity(1 << 17, file), passphrase)?;
    let mut fresh = Fresh::beside(to)?;
    copy(&mut opened, fresh.file())?;
    fresh.keep(to)
}

/// Whether a file is one of age's. It stands at its beginning afterwards.
pub(crate) fn is_sealed(file: &mut File) -> io::Result<bool> {
    let mut begin = Vec::with_capacity(MAGIC.len());
    Read::by_ref(file)
        .take(MAGIC.len() as u64)
        .read_to_end(&mut begin)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(begin == MAGIC)
}

/// Opens an encrypted file.
pub(crate) fn open(file: BufReader<File>, passphrase: &SecretString) -> Result<Opened, Fault> {
    let decryptor = age::Decryptor::new_buffered(file).map_err(|_| Fault::NotAnArchive)?;
    let mut identity = age::scrypt::Identity::new(passphrase.clone());
    identity.set_max_work_factor(MOST_WORK);
    decryptor
        .decrypt(std::iter::once(&identity as &dyn age::Identity))
        .map_err(|_| Fault::WrongPassphrase)
}

fn copy(from: &mut impl Read, to: &mut impl Write) -> Result<(), Fault> {
    let mut buffer = vec![0; 1 << 17];
    loop {
        match from.read(&mut buffer).map_err(unreadable)? {
            0 => return Ok(()),
            count => to.write_all(&buffer[..count]).map_err(save::unwritable)?,
        }
    }
}
