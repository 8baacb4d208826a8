//! What is whole in an archive whose end is missing: a download that stopped. Without the table, each file's own header
//! says where it lies, one after the other (APPNOTE 4.3.7).

use rawzip::{CompressionMethod, ReaderAt as _};
use settings_privacy_core::archive::{Fault, check_name};

use super::table::Table;
use super::{Entry, LOCAL_HEADER, MOST_ENTRIES, Way};
use crate::source::{Source, unreadable};

const SIGNATURE: &[u8] = b"PK\x03\x04";
/// Bit 3: the lengths follow the file, so that it can't be told where it ends.
const LENGTHS_FOLLOW: u16 = 1 << 3;
/// Bits 0 and 6: encrypted.
const ENCRYPTED: u16 = 1 | 1 << 6;

/// Finds the files that are whole. What can't be placed ends it.
pub(super) fn entries(source: &Source, table: &mut Table) -> Result<(), Fault> {
    let mut at = 0;
    while (table.entries.len() as u64) < MOST_ENTRIES {
        let Some((entry, end)) = next(source, at)? else {
            break;
        };
        // A name that leads elsewhere is passed over: its bytes are of no use.
        table.entries.extend(entry);
        at = end;
    }
    if at == 0 {
        return Err(Fault::NotAnArchive);
    }
    Ok(())
}

/// The file whose header begins here, unless its name leads elsewhere, and where the next begins.
fn next(mut source: &Source, at: u64) -> Result<Option<(Option<Entry>, u64)>, Fault> {
    let mut read = |at: u64, bytes: &mut [u8]| -> Result<bool, Fault> {
        let end = at.checked_add(bytes.len() as u64);
        if end.is_none_or(|end| end > source.len()) {
            return Ok(false);
        }
        let source = &mut source;
        source.read_exact_at(bytes, at).map(|()| true).map_err(unreadable)
    };
    let mut header = [0; 30];
    if !read(at, &mut header)? || !header.starts_with(SIGNATURE) {
        return Ok(None);
    }
    let short = |place: usize| u16::from_le_bytes([header[place], header[place + 1]]);
    let long = |place: usize| {
        u32::from_le_bytes([
            header[place],
            header[place + 1],
            header[place + 2],
            header[place + 3],
        ])
    };
    let (flags, method) = (short(6), short(8));
    let mut rest = vec![0; usize::from(short(26)) + usize::from(short(28))];
    if flags & (LENGTHS_FOLLOW | ENCRYPTED) != 0 || !read(at + LOCAL_HEADER, &mut rest)? {
        return Ok(None);
    }
    let (name, extra) = rest.split_at(usize::from(short(26)));
    let mut large = large_lengths(extra);
    let mut length = |short: u32| {
        if short == u32::MAX {
            large.next()
        } else {
            Some(u64::from(short))
        }
    };
    let (Some(size), Some(packed)) = (length(long(22)), length(long(18))) else {
        return Ok(None);
    };
    let begin = at + LOCAL_HEADER + rest.len() as u64;
    let Some(end) = begin.checked_add(packed).filter(|end| *end <= source.len()) else {
        return Ok(None);
    };
    let entry = check_name(name)
        .ok()
        .filter(|name| !name.ends_with('/'))
        .map(|name| Entry {
            name: name.into(),
            size,
            crc: long(14),
            way: Way::Found { begin, end },
            method: CompressionMethod::new(method),
            flags,
            header: at,
        });
    Ok(Some((entry, end)))
}

/// The lengths of a file of 4 GiB or more: unpacked, then packed (APPNOTE 4.5.3).
fn large_lengths(mut extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut found: &[u8] = &[];
    while let [id, id2, len, len2, rest @ ..] = extra {
        let len = usize::from(u16::from_le_bytes([*len, *len2]));
        let Some((field, after)) = rest.split_at_checked(len) else {
            break;
        };
        if u16::from_le_bytes([*id, *id2]) == 1 {
            found = field;
            break;
        }
        extra = after;
    }
    found
        .chunks_exact(8)
        .filter_map(|bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?)))
}
