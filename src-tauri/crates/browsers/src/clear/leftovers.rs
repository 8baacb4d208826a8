//! Whether a database's file still has something of removed values where nothing is kept any more.
//!
//! What a deletion frees is overwritten, but SQLite, moving rows from page to page, leaves copies in the free space of
//! pages. Writing the database anew (`VACUUM`) leaves none, and takes seconds where it is large. So the free space is
//! looked through first (<https://www.sqlite.org/fileformat2.html>): the gap between a page's list of cells and its
//! cells, freed cells, and pages that are free as a whole.

use std::collections::BTreeSet;
use std::collections::HashSet;
use std::fs::File;
use std::io;

/// A piece of a value counts from so many bytes on.
const PIECE: usize = 16;
const HEADER: usize = 100;
/// How much is read at once, in bytes: a whole number of pages.
const CHUNK: usize = 1 << 20;

/// Pieces of removed values.
pub(super) struct Pieces {
    pieces: HashSet<[u8; PIECE]>,
    /// Bits for a first look: most of what isn't a piece fails here.
    first: Vec<u64>,
}

impl Pieces {
    /// Every piece of these rows that is half a value, or has all of a short one in it. A row is given as its columns
    /// lie on the disk, each with whether it is a value: a short one is told by what lies beside it.
    pub(super) fn of<'a>(rows: impl Iterator<Item = Vec<(&'a [u8], bool)>>) -> Self {
        let mut pieces = HashSet::new();
        for row in rows {
            let bytes: Vec<u8> = row.iter().flat_map(|(column, _)| *column).copied().collect();
            let marks: Vec<bool> = row
                .iter()
                .flat_map(|(column, is_value)| column.iter().map(|_| *is_value))
                .collect();
            let of_values = |marks: &[bool]| marks.iter().filter(|is_value| **is_value).count();
            let enough = of_values(&marks).clamp(1, PIECE / 2);
            let windows = bytes.windows(PIECE).zip(marks.windows(PIECE));
            pieces.extend(
                windows
                    .filter(|(_, marks)| of_values(marks) >= enough)
                    .filter_map(|(bytes, _)| bytes.first_chunk::<PIECE>())
                    .copied(),
            );
        }
        let mut first = vec![0; 1 << 14];
        for piece in &pieces {
            let (word, bit) = place(piece);
            first[word] |= bit;
        }
        Self { pieces, first }
    }

    fn are_in(&self, bytes: &[u8]) -> bool {
        bytes
            .windows(PIECE)
            .filter_map(|window| window.first_chunk::<PIECE>())
            .any(|window| {
                let (word, bit) = place(window);
                self.first[word] & bit != 0 && self.pieces.contains(window)
            })
    }
}

/// Where a piece's bit is.
fn place(piece: &[u8; PIECE]) -> (usize, u64) {
    let [a, b, c, d, e, f, g, h, ..] = *piece;
    let hash = u64::from_le_bytes([a, b, c, d, e, f, g, h]).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    // Fourteen bits for the word, six for the bit.
    ((hash >> 50) as usize, 1 << ((hash >> 44) & 63))
}

/// Whether one of the pieces stands in the free space of a database's file. What can't be understood counts as yes.
///
/// # Errors
/// When the file can't be read.
pub(super) fn any(file: &File, pieces: &Pieces) -> io::Result<bool> {
    let mut header = [0; HEADER];
    read_at(file, &mut header, 0)?;
    let Some(layout) = Layout::of(&header) else {
        return Ok(true);
    };
    let Some(free) = layout.free_pages(file, &header)? else {
        return Ok(true);
    };
    let mut chunk = vec![0; CHUNK.max(layout.page)];
    let mut number: u32 = 1;
    let mut at = 0;
    let length = file.metadata()?.len();
    while at < length {
        let wanted = chunk
            .len()
            .min(usize::try_from(length - at).unwrap_or(usize::MAX));
        let read = &mut chunk[..wanted];
        read_at(file, read, at)?;
        for page in read.chunks_exact(layout.page) {
            let found = match free.contains(&number) {
                true => pieces.are_in(page),
                false => layout.in_free_space(page, number == 1, pieces),
            };
            if found {
                return Ok(true);
            }
            number = number.saturating_add(1);
        }
        at += wanted as u64;
    }
    Ok(false)
}

struct Layout {
    page: usize,
    usable: usize,
}

impl Layout {
    fn of(header: &[u8; HEADER]) -> Option<Self> {
        let page = match number(header, 16)? {
            1 => 65536,
            page => page,
        };
        let known = header.starts_with(b"SQLite format 3\0") && page.is_power_of_two() && page >= 512;
        known.then(|| Self {
            page,
            usable: page - usize::from(header[20]),
        })
    }

    /// Pages that are free as a whole, by number. `None` when the list of them can't be understood.
    fn free_pages(&self, file: &File, header: &[u8; HEADER]) -> io::Result<Option<BTreeSet<u32>>> {
        let (mut next, all) = (long(header, 32).unwrap_or(0), long(header, 36).unwrap_or(0));
        let mut free = BTreeSet::new();
        let mut trunk = vec![0; self.page];
        while next != 0 {
            if !free.insert(next) || free.len() > all as usize {
                return Ok(None);
            }
            read_at(file, &mut trunk, u64::from(next - 1) * self.page as u64)?;
            let count = long(&trunk, 4).unwrap_or(0) as usize;
            for leaf in 0..count {
                match long(&trunk, 8 + 4 * leaf) {
                    Some(leaf) => free.insert(leaf),
                    None => return Ok(None),
                };
            }
            next = long(&trunk, 0).unwrap_or(0);
        }
        Ok((free.len() == all as usize).then_some(free))
    }

    fn in_free_space(&self, page: &[u8], is_first: bool, pieces: &Pieces) -> bool {
        let head = if is_first { HEADER } else { 0 };
        let list = match page.get(head) {
            Some(2 | 5) => head + 12,
            Some(10 | 13) => head + 8,
            // What overflows from another page. Its end may be free; that can't be told from here.
            Some(_) | None => return pieces.are_in(page) && !is_first,
        };
        let field = |at: usize| number(page, head + at).unwrap_or(0);
        let cells = match field(5) {
            0 => 65536,
            cells => cells,
        };
        let gap = page.get(list + 2 * field(3)..cells.min(self.usable));
        let Some(gap) = gap else { return true };
        if pieces.are_in(gap) {
            return true;
        }
        let mut block = field(1);
        while block != 0 {
            let (Some(next), Some(size)) = (number(page, block), number(page, block + 2)) else {
                return true;
            };
            let Some(freed) = page.get(block..block + size) else {
                return true;
            };
            if pieces.are_in(freed) || (next != 0 && next <= block) {
                return true;
            }
            block = next;
        }
        false
    }
}

/// Sixteen bits, the highest first.
fn number(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?)))
}

/// Thirty-two bits, the highest first.
fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, at)
}

#[cfg(not(unix))]
fn read_at(mut file: &File, into: &mut [u8], at: u64) -> io::Result<()> {
    io::Seek::seek(&mut file, io::SeekFrom::Start(at))?;
    io::Read::read_exact(&mut file, into)
}
