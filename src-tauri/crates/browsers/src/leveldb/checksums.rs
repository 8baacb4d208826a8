//! Whether every record and block of a LevelDB folder is what was written.
//!
//! rusty-leveldb passes over damaged records in silence, and stops the thread at some kinds of damage. So checksums
//! are looked at first. Formats: LevelDB's `doc/log_format.md` and `doc/table_format.md`.

use std::fs;
use std::io;
use std::path::Path;

/// Whether a folder's logs and tables are whole.
///
/// # Errors
/// When a file can't be read.
pub(super) fn are_right(folder: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = crate::copy::file_name(&path);
        let right = if name.ends_with(".log") || name.starts_with("MANIFEST-") {
            log(&fs::read(&path)?)
        } else if name.ends_with(".ldb") || name.ends_with(".sst") {
            table(&fs::read(&path)?).unwrap_or(false)
        } else {
            true
        };
        if !right {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A stored checksum, which is masked so that a checksum of checksums stays one.
fn matches(stored: u32, parts: [&[u8]; 2]) -> bool {
    let sum = parts.iter().fold(0, |sum, part| crc32c::crc32c_append(sum, part));
    sum.rotate_right(15).wrapping_add(0xa282_ead8) == stored
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

/// Blocks of 32 KiB, each of records: checksum, length (16 bits), kind, data. The last record of a file may be cut
/// off: the writer was stopped there, and LevelDB leaves it out too.
pub(super) fn log(bytes: &[u8]) -> bool {
    const HEADER: usize = 7;
    let blocks = bytes.chunks(32 * 1024);
    let last = blocks.len().saturating_sub(1);
    for (index, block) in blocks.enumerate() {
        let mut rest = block;
        while let Some((header, after)) = rest.split_at_checked(HEADER) {
            let [a, b, c, d, low, high, kind] = *header else {
                return false;
            };
            let length = usize::from(u16::from_le_bytes([low, high]));
            if kind == 0 && length == 0 {
                // Room that was made and not used.
                break;
            }
            let Some((data, following)) = after.split_at_checked(length) else {
                if index == last {
                    break;
                }
                return false;
            };
            if !matches(u32::from_le_bytes([a, b, c, d]), [&[kind], data]) {
                return false;
            }
            rest = following;
        }
    }
    true
}

/// A block's data and its kind; `None` when it isn't whole. After the data: how it is packed, and a checksum.
fn block(file: &[u8], offset: u64, size: u64) -> Option<(&[u8], u8)> {
    let from = usize::try_from(offset).ok()?;
    let size = usize::try_from(size).ok()?;
    let (data, trailer) = file.get(from..)?.split_at_checked(size)?;
    let (kind, stored) = trailer.split_first()?;
    matches(number(stored)?, [data, &[*kind]]).then_some((data, *kind))
}

/// How long a table's end is.
pub(super) const FOOTER: usize = 48;
/// How much follows a block: how it is packed, and a checksum.
pub(super) const TRAILER: usize = 5;

/// Whether this is a table's end.
pub(super) fn is_footer(bytes: &[u8]) -> bool {
    bytes.last_chunk() == Some(&MAGIC.to_le_bytes())
}

/// Whether this is a block and what follows it.
pub(super) fn is_block(bytes: &[u8]) -> bool {
    let size = bytes.len().checked_sub(TRAILER);
    size.is_some_and(|size| block(bytes, 0, size as u64).is_some())
}

const MAGIC: u64 = 0xdb47_7524_8b80_fb57;

/// A table ends with 48 bytes: where the list of lists and the index are, and a number. The index says where each
/// block is.
fn table(file: &[u8]) -> Option<bool> {
    let (footer, magic) = file.last_chunk::<FOOTER>()?.split_at_checked(40)?;
    if u64::from_le_bytes(*magic.first_chunk()?) != MAGIC {
        return Some(false);
    }
    let mut footer = footer;
    let (lists, index) = (handle(&mut footer)?, handle(&mut footer)?);
    block(file, lists.0, lists.1)?;
    let (packed, kind) = block(file, index.0, index.1)?;
    let index = match kind {
        0 => packed.to_vec(),
        1 => snap::raw::Decoder::new().decompress_vec(packed).ok()?,
        _ => return Some(false),
    };
    // At the end: where entries begin anew, and how often.
    let (body, count) = index.split_at_checked(index.len().checked_sub(4)?)?;
    let anew = usize::try_from(number(count)?).ok()?.checked_mul(4)?;
    let mut entries = body.get(..body.len().checked_sub(anew)?)?;
    while !entries.is_empty() {
        let (_shared, own, length) = (
            varint(&mut entries)?,
            varint(&mut entries)?,
            varint(&mut entries)?,
        );
        let (_key, after) = entries.split_at_checked(usize::try_from(own).ok()?)?;
        let (mut value, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
        let (offset, size) = handle(&mut value)?;
        block(file, offset, size)?;
        entries = after;
    }
    Some(true)
}

fn handle(bytes: &mut &[u8]) -> Option<(u64, u64)> {
    Some((varint(bytes)?, varint(bytes)?))
}

/// A number as LevelDB and protocol buffers write it: seven bits a byte, the lowest first.
pub(crate) fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
