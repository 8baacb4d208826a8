//! Writes a `BagIt` bag (RFC 8493) into a ZIP, entry after entry: memory doesn't grow with what is written, except for
//! the ZIP's own list of entries.
//!
//! It blocks; call it where blocking is allowed.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ring::digest::{Context, Digest, SHA256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::Halt;

/// How much is read and written at once.
const CHUNK: usize = 256 * 1024;

/// Entries that may reach 4 GiB need the ZIP's larger fields from the start.
const LARGE: u64 = 0xF000_0000;

/// How an entry is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// As it is: pictures, sound and films are small already.
    Stored,
    /// Made smaller.
    Deflated,
}

impl Packing {
    /// What suits a kind of content.
    pub fn of(media_type: &str) -> Self {
        let is_text = media_type.starts_with("text/")
            || matches!(
                media_type,
                "application/json" | "message/rfc822" | "image/svg+xml"
            );
        if is_text { Self::Deflated } else { Self::Stored }
    }
}

/// Why a file can't be copied into the bag.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The file can't be read, or isn't what it was. The bag is as it was before.
    #[error("{0}")]
    Source(&'static str),
    /// The bag can't be written.
    #[error("write the archive: {0}")]
    Bag(#[from] io::Error),
    /// The work was called off.
    #[error("called off")]
    Halted,
}

/// What stands in `bag-info.txt`: labels and values.
pub type BagInfo<'a> = [(&'a str, String)];

/// A bag that is being written.
pub struct Bag {
    zip: ZipWriter<BufWriter<File>>,
    top: String,
    modified: DateTime,
    manifest: BufWriter<File>,
    was_read: bool,
    entry: Option<Entry>,
    octets: u64,
    files: u64,
    buffer: Box<[u8]>,
}

/// The entry that is being written.
struct Entry {
    path: String,
    hash: Context,
    bytes: u64,
}

/// A line of the payload's manifest.
pub struct Listed {
    /// The path within the bag.
    pub path: String,
}

impl Bag {
    /// Begins a bag in an empty file; everything in it lies in one folder, `top`. Lists that grow lie in nameless files
    /// in `scratch`.
    pub fn begin(file: File, scratch: &Path, top: &str, at: Timestamp) -> io::Result<Self> {
        Ok(Self {
            zip: ZipWriter::new(BufWriter::with_capacity(CHUNK, file)),
            top: top.to_owned(),
            modified: dos_time(at),
            manifest: BufWriter::new(tempfile::tempfile_in(scratch)?),
            was_read: false,
            entry: None,
            octets: 0,
            files: 0,
            buffer: vec![0; CHUNK].into_boxed_slice(),
        })
    }

    /// Begins a payload file. `path` begins with `data/`.
    pub fn start(&mut self, path: &str, packing: Packing, bytes: u64) -> io::Result<()> {
        let options = self.options(packing, bytes);
        self.zip.start_file(format!("{}/{path}", self.top), options)?;
        self.entry = Some(Entry {
            path: path.to_owned(),
            hash: Context::new(&SHA256),
            bytes: 0,
        });
        Ok(())
    }

    /// Ends the payload file and lists it. Says how many bytes it has.
    pub fn end(&mut self) -> io::Result<u64> {
        let Some(entry) = self.entry.take() else {
            return Ok(0);
        };
        if std::mem::take(&mut self.was_read) {
            self.manifest.seek(SeekFrom::End(0))?;
        }
        writeln!(self.manifest, "{}  {}", hex(&entry.hash.finish()), entry.path)?;
        self.octets += entry.bytes;
        self.files += 1;
        Ok(entry.bytes)
    }

    /// A whole payload file.
    pub fn put(&mut self, path: &str, bytes: &[u8]) -> io::Result<u64> {
        self.start(path, Packing::Deflated, bytes.len() as u64)?;
        self.write_all(bytes)?;
        self.end()
    }

    /// Copies a file into the bag, if it is what it was when it was kept: so long, with this SHA-256 (hexadecimal).
    pub fn copy(
        &mut self,
        path: &str,
        from: &Path,
        packing: Packing,
        bytes: u64,
        sha256: &str,
        halt: &Halt,
    ) -> Result<u64, CopyError> {
        let Ok(mut source) = File::open(from) else {
            return Err(CopyError::Source("The service can't find or open its file."));
        };
        if source.metadata().map(|metadata| metadata.len()).ok() != Some(bytes) {
            return Err(CopyError::Source(
                "Its file isn't as long as it was when it was kept.",
            ));
        }
        self.start(path, packing, bytes)?;
        match self.pour(&mut source, halt) {
            Ok(()) => {}
            Err(error @ (CopyError::Source(_) | CopyError::Halted)) => {
                self.abort()?;
                return Err(error);
            }
            Err(error @ CopyError::Bag(_)) => return Err(error),
        }
        let is_the_same = self
            .entry
            .as_ref()
            .is_some_and(|entry| entry.bytes == bytes && hex(&entry.hash.clone().finish()) == sha256);
        if !is_the_same {
            self.abort()?;
            return Err(CopyError::Source("Its file isn't what it was when it was kept."));
        }
        Ok(self.end()?)
    }

    /// How many payload files there are.
    pub fn files(&self) -> u64 {
        self.files
    }

    /// Goes through what is listed so far, in its order.
    pub fn listed(&mut self) -> io::Result<impl Iterator<Item = io::Result<Listed>> + use<>> {
        let lines = BufReader::new(self.read_manifest()?).lines();
        Ok(lines.map(|line| {
            let line = line?;
            let path = line.split_once("  ").map_or("", |(_, path)| path);
            Ok(Listed {
                path: path.to_owned(),
            })
        }))
    }

    /// Writes the bag's own files and ends it. `sign` is given the tag manifest; what it returns is `signature.jws`.
    pub fn finish(
        mut self,
        info: &BagInfo<'_>,
        sign: impl FnOnce(&[u8]) -> io::Result<String>,
    ) -> io::Result<File> {
        let mut tags = String::new();
        let declaration = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
        self.tag("bagit.txt", &mut &declaration[..], &mut tags)?;
        let mut text = format!("Payload-Oxum: {}.{}\n", self.octets, self.files);
        for (label, value) in info {
            // One line each: a value that had more could add labels of its own.
            let value: String = value
                .chars()
                .filter(|character| !character.is_control())
                .collect();
            text.push_str(&format!("{label}: {value}\n"));
        }
        self.tag("bag-info.txt", &mut text.as_bytes(), &mut tags)?;
        let mut manifest = self.read_manifest()?;
        self.tag("manifest-sha256.txt", &mut manifest, &mut tags)?;
        let signature = sign(tags.as_bytes())?;
        let mut unlisted = String::new();
        self.tag("tagmanifest-sha256.txt", &mut tags.as_bytes(), &mut unlisted)?;
        self.tag("signature.jws", &mut signature.as_bytes(), &mut unlisted)?;
        let file = self.zip.finish()?;
        file.into_inner().map_err(io::IntoInnerError::into_error)
    }

    fn tag(&mut self, path: &str, content: &mut dyn Read, tags: &mut String) -> io::Result<()> {
        let options = self.options(Packing::Deflated, 0);
        self.zip.start_file(format!("{}/{path}", self.top), options)?;
        let mut hash = Context::new(&SHA256);
        loop {
            let read = content.read(&mut self.buffer)?;
            if read == 0 {
                break;
            }
            hash.update(&self.buffer[..read]);
            self.zip.write_all(&self.buffer[..read])?;
        }
        tags.push_str(&format!("{}  {path}\n", hex(&hash.finish())));
        Ok(())
    }

    fn pour(&mut self, source: &mut File, halt: &Halt) -> Result<(), CopyError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let poured = loop {
            if halt.is_called() {
                break Err(CopyError::Halted);
            }
            match source.read(&mut buffer) {
                Ok(0) => break Ok(()),
                Ok(read) => {
                    if let Err(error) = self.write_all(&buffer[..read]) {
                        break Err(error.into());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break Err(CopyError::Source("The service can't read its file.")),
            }
        };
        self.buffer = buffer;
        poured
    }

    fn abort(&mut self) -> io::Result<()> {
        self.entry = None;
        Ok(self.zip.abort_file()?)
    }

    fn read_manifest(&mut self) -> io::Result<File> {
        self.manifest.flush()?;
        // The same open file, since it has no name to be opened by; and so the same position, which the next line puts back.
        self.was_read = true;
        let mut file = self.manifest.get_ref().try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }

    fn options(&self, packing: Packing, bytes: u64) -> SimpleFileOptions {
        let method = match packing {
            Packing::Stored => CompressionMethod::Stored,
            Packing::Deflated => CompressionMethod::Deflated,
        };
        SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(self.modified)
            .unix_permissions(0o644)
            .large_file(bytes >= LARGE)
    }
}

impl Write for Bag {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.zip.write_all(bytes)?;
        if let Some(entry) = &mut self.entry {
            entry.hash.update(bytes);
            entry.bytes += bytes.len() as u64;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.zip.flush()
    }
}

/// The SHA-256 and the length of a file from its beginning, unless the work is called off.
pub fn digest(file: &mut File, halt: &Halt) -> io::Result<Option<(String, u64)>> {
    file.seek(SeekFrom::Start(0))?;
    let (mut hash, mut bytes) = (Context::new(&SHA256), 0);
    let mut buffer = vec![0; CHUNK];
    loop {
        if halt.is_called() {
            return Ok(None);
        }
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(Some((hex(&hash.finish()), bytes)));
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
}

/// A digest in hexadecimal.
pub fn hex(digest: &Digest) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The ZIP's time: no earlier than 1980, in steps of two seconds.
fn dos_time(at: Timestamp) -> DateTime {
    let at = at.to_zoned_datetime(TimeZone::UTC);
    let part = |value: i8| u8::try_from(value).unwrap_or(0);
    let year = u16::try_from(at.year()).unwrap_or(1980);
    DateTime::from_date_and_time(
        year,
        part(at.month()),
        part(at.day()),
        part(at.hour()),
        part(at.minute()),
        part(at.second()),
    )
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A bag into which something was tried, as its bytes.
    fn a_bag(tried: impl FnOnce(&mut Bag, &Path)) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bag.zip");
        let options = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path);
        let mut bag = Bag::begin(options.unwrap(), folder.path(), "top", Timestamp::UNIX_EPOCH).unwrap();
        bag.put("data/first", b"first").unwrap();
        tried(&mut bag, folder.path());
        bag.put("data/last", b"last").unwrap();
        let file = bag.finish(&[("Note", "one\nPayload-Oxum: 0.0".into())], |_| Ok("jws".into()));
        drop(file.unwrap());
        std::fs::read(path).unwrap()
    }

    fn contents(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
        let mut zip = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
        let entries = (0..zip.len()).map(|place| {
            let mut entry = zip.by_index(place).unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            (entry.name().unwrap().into_owned(), content)
        });
        entries.collect()
    }

    #[test]
    fn a_file_that_turns_out_to_be_another_leaves_no_trace_in_the_bag() {
        let noise: Vec<u8> = (0..3_000_000_u32)
            .map(|nth| (nth.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        let length = noise.len() as u64;
        for packing in [Packing::Stored, Packing::Deflated] {
            let zip = a_bag(|bag, folder| {
                let from = folder.join("noise");
                std::fs::write(&from, &noise).unwrap();
                let copied = bag.copy("data/noise", &from, packing, length, "another", &Halt::default());
                assert!(matches!(copied, Err(CopyError::Source(_))));
                let halt = Halt::default();
                halt.call();
                let copied = bag.copy("data/noise", &from, packing, length, "another", &halt);
                assert!(matches!(copied, Err(CopyError::Halted)));
            });
            let without = a_bag(|_, _| {});
            assert_eq!(contents(&zip), contents(&without), "{packing:?}");
            let info = &contents(&zip)[3];
            assert_eq!(info.0, "top/bag-info.txt");
            assert_eq!(info.1, b"Payload-Oxum: 9.2\nNote: onePayload-Oxum: 0.0\n");
        }
    }

    #[test]
    fn what_is_listed_can_be_read_while_more_is_written() {
        a_bag(|bag, _| {
            let listed: Vec<String> = bag.listed().unwrap().map(|listed| listed.unwrap().path).collect();
            assert_eq!(listed, ["data/first"]);
            bag.put("data/middle", b"middle").unwrap();
            let listed: Vec<String> = bag.listed().unwrap().map(|listed| listed.unwrap().path).collect();
            assert_eq!(listed, ["data/first", "data/middle"]);
        });
    }
}
