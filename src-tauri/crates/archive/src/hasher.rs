//! SHA-256 while bytes pass by.

use std::fs::File;
use std::io::{self, Read, Write};

use ring::digest::{Context, Digest, SHA256};
use settings_privacy_core::archive::Sha256;

/// A sink that computes a digest: give it every byte of a download, in order.
#[derive(Clone)]
pub struct Hasher {
    context: Context,
    bytes: u64,
}

impl Default for Hasher {
    fn default() -> Self {
        Self {
            context: Context::new(&SHA256),
            bytes: 0,
        }
    }
}

impl Hasher {
    /// Goes on after so many bytes of a file, which are read for it: for a download that was interrupted.
    ///
    /// # Errors
    /// When the file can't be read, or is shorter.
    pub fn resume(part: &mut File, bytes: u64) -> io::Result<Self> {
        let mut hasher = Self::default();
        let mut part = part.take(bytes);
        let mut buffer = vec![0; 1 << 18];
        loop {
            match part.read(&mut buffer)? {
                0 if hasher.bytes == bytes => return Ok(hasher),
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => hasher.update(&buffer[..count]),
            }
        }
    }

    /// More bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// How many there were.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The digest of them all.
    pub fn finish(self) -> Sha256 {
        value(&self.context.finish())
    }
}

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The digest of bytes at hand.
pub(crate) fn digest(bytes: &[u8]) -> Sha256 {
    value(&ring::digest::digest(&SHA256, bytes))
}

fn value(digest: &Digest) -> Sha256 {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    Sha256(bytes)
}
