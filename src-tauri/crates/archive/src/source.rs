//! Where the bytes of an archive come from: a file, or a file that is decrypted while it is read. Nothing that was
//! encrypted is ever written out.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use rawzip::{FileReader, ReaderAt};
use secrecy::SecretString;
use settings_privacy_core::archive::Fault;

use crate::seal;

/// The bytes of an archive, read at any place by many threads at once.
pub(crate) struct Source {
    bytes: Bytes,
    len: u64,
}

enum Bytes {
    Plain(FileReader),
    Sealed(Box<std::sync::Mutex<seal::Opened>>),
}

impl Source {
    /// Opens the file.
    ///
    /// # Errors
    /// When it can't be read, isn't a file, or is encrypted and the passphrase doesn't open it.
    pub(crate) fn open(path: &Path, passphrase: Option<&SecretString>) -> Result<Self, Fault> {
        let mut file = File::open(path).map_err(unreadable)?;
        let told = file.metadata().map_err(unreadable)?;
        if !told.is_file() {
            return Err(Fault::NotAnArchive);
        }
        let len = told.len();
        if !seal::is_sealed(&mut file).map_err(unreadable)? {
            let bytes = Bytes::Plain(file.into());
            return Ok(Self { bytes, len });
        }
        let passphrase = passphrase.ok_or(Fault::NeedsPassphrase)?;
        let mut opened = seal::open(BufReader::with_capacity(1 << 17, file), passphrase)?;
        let len = opened.seek(SeekFrom::End(0)).map_err(unreadable)?;
        Ok(Self {
            bytes: Bytes::Sealed(Box::new(std::sync::Mutex::new(opened))),
            len,
        })
    }

    /// The archive's length in bytes, decrypted.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Whether it is decrypted while it is read.
    pub(crate) fn is_sealed(&self) -> bool {
        matches!(self.bytes, Bytes::Sealed(_))
    }
}

impl ReaderAt for &Source {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match &self.bytes {
            Bytes::Plain(file) => file.read_at(buffer, offset),
            Bytes::Sealed(opened) => {
                let mut opened = opened
                    .lock()
                    .map_err(|_| io::Error::other("another reader stopped half way"))?;
                opened.seek(SeekFrom::Start(offset))?;
                opened.read(buffer)
            }
        }
    }
}

pub(crate) fn unreadable(error: io::Error) -> Fault {
    Fault::Unreadable {
        why: error.kind().to_string(),
    }
}
