//! Reading what is in an archive.

use std::io::{self, Read};

use rawzip::{CompressionMethod, RangeReader, ZipArchive};
use settings_privacy_core::archive::{Fault, shown};

use super::{Entry, Way};
use crate::source::Source;

/// So much is read at once.
pub(super) const BUFFER: usize = 1 << 17;
/// So much of what is packed. It is allocated for each file, so it is small.
const PACKED: usize = 1 << 15;

/// Reads files, one after the other.
pub(crate) struct Reader<'a> {
    pub(super) source: &'a Source,
    /// None when there is no table.
    pub(super) archive: Option<ZipArchive<&'a Source>>,
    pub(super) buffer: Vec<u8>,
}

impl<'a> Reader<'a> {
    fn open(&self, entry: &Entry) -> Result<Content<'a>, Fault> {
        let name = || shown(entry.name.as_bytes());
        let (begin, end) = match (&self.archive, entry.way) {
            (_, Way::Found { begin, end }) => (begin, end),
            (Some(archive), Way::Listed(way)) => archive
                .get_entry(way)
                .map_err(|_| Fault::Damaged { name: name() })?
                .compressed_data_range(),
            (None, Way::Listed(_)) => return Err(Fault::Damaged { name: name() }),
        };
        let packed = RangeReader::new(self.source, begin..end);
        match entry.method {
            CompressionMethod::STORE => Ok(Content::Stored(packed)),
            CompressionMethod::DEFLATE => Ok(Content::Deflated(flate2::bufread::DeflateDecoder::new(
                io::BufReader::with_capacity(PACKED, packed),
            ))),
            _ => Err(Fault::UnknownPacking { name: name() }),
        }
    }

    /// Unpacks a file, and hands its bytes on, piece by piece, up to the length that the table says.
    ///
    /// # Errors
    /// When it is damaged, longer or shorter than the table says, or `take` fails.
    pub(crate) fn read(
        &mut self,
        entry: &Entry,
        mut take: impl FnMut(&[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut crc = crc32fast::Hasher::new();
        let mut rest = entry.size;
        let mut content = self.open(entry)?;
        loop {
            let count = content
                .read(&mut self.buffer)
                .map_err(|error| damaged(entry, &error))?;
            if count == 0 {
                break;
            }
            rest = rest.checked_sub(count as u64).ok_or_else(|| Fault::SizeLies {
                name: shown(entry.name.as_bytes()),
            })?;
            crc.update(&self.buffer[..count]);
            take(&self.buffer[..count])?;
        }
        let name = || shown(entry.name.as_bytes());
        if rest != 0 {
            return Err(Fault::SizeLies { name: name() });
        }
        if crc.finalize() != entry.crc {
            return Err(Fault::Damaged { name: name() });
        }
        Ok(())
    }

    /// A whole file, when it isn't longer than `most`.
    ///
    /// # Errors
    /// As [`Self::read`]; and a file that is too long counts as one that can't be understood.
    pub(crate) fn whole(&mut self, entry: &Entry, most: u64) -> Result<Vec<u8>, Fault> {
        if entry.size > most {
            return Err(Fault::TagFile {
                name: shown(entry.name.as_bytes()),
                line: None,
            });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(entry.size).unwrap_or(0));
        self.read(entry, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }

    /// The first bytes of a file, at most so many, unchecked.
    ///
    /// # Errors
    /// When they can't be unpacked.
    pub(crate) fn first(&mut self, entry: &Entry, most: u64) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        self.open(entry)?
            .take(most.min(entry.size))
            .read_to_end(&mut bytes)
            .map_err(|error| damaged(entry, &error))?;
        Ok(bytes)
    }

    /// Some bytes from within a file, unchecked.
    ///
    /// # Errors
    /// When they can't be unpacked, or aren't there.
    pub(crate) fn part(&mut self, entry: &Entry, from: u64, len: usize) -> Result<Vec<u8>, Fault> {
        let wrong = |error: io::Error| damaged(entry, &error);
        let mut content = self.open(entry)?;
        io::copy(&mut (&mut content).take(from), &mut io::sink()).map_err(wrong)?;
        let mut bytes = vec![0; len];
        content.read_exact(&mut bytes).map_err(wrong)?;
        Ok(bytes)
    }

    /// Whether a file's own header says the same as the table, and where its bytes end.
    ///
    /// # Errors
    /// What differs.
    pub(crate) fn header(&mut self, entry: &Entry) -> Result<u64, Fault> {
        let name = || shown(entry.name.as_bytes());
        let differs = |what: &str| Fault::Structure {
            what: format!("it and “{}” say different things about {what}", name()),
        };
        let (archive, way) = match (&self.archive, entry.way) {
            (Some(archive), Way::Listed(way)) => (archive, way),
            // Then this header is all there is.
            (_, Way::Found { end, .. }) => return Ok(end),
            (None, Way::Listed(_)) => return Err(differs("where it lies")),
        };
        let found = archive.get_entry(way).map_err(|_| differs("where it lies"))?;
        let (_, end) = found.compressed_data_range();
        let header = found
            .local_header(&mut self.buffer)
            .map_err(|_| differs("its header"))?;
        if header.file_path().as_ref() != entry.name.as_bytes() {
            return Err(differs("its name"));
        }
        if header.compression_method() != entry.method {
            return Err(differs("how it is packed"));
        }
        if header.flags().bits() != entry.flags {
            return Err(differs("its flags"));
        }
        if !header.flags().has_data_descriptor()
            && (header.crc32() != entry.crc || header.uncompressed_size_hint() != entry.size)
        {
            return Err(differs("its length or checksum"));
        }
        Ok(end)
    }
}

/// A file's bytes, unpacked.
enum Content<'a> {
    Stored(RangeReader<&'a Source>),
    Deflated(flate2::bufread::DeflateDecoder<io::BufReader<RangeReader<&'a Source>>>),
}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Content::Stored(bytes) => bytes.read(buffer),
            Content::Deflated(bytes) => bytes.read(buffer),
        }
    }
}

/// Only the system's own faults say that the file can't be read; the rest is damage.
fn damaged(entry: &Entry, error: &io::Error) -> Fault {
    if error.raw_os_error().is_some() {
        return Fault::Unreadable {
            why: error.kind().to_string(),
        };
    }
    Fault::Damaged {
        name: shown(entry.name.as_bytes()),
    }
}
