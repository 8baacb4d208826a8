//! Messages of HTTP/1.1 as these programs send them.

use std::io::{self, BufRead, Read};

/// The value of a header.
pub fn header(message: &[u8], wanted: &str) -> Option<String> {
    let text = String::from_utf8_lossy(message);
    let lines = text.lines().take_while(|line| !line.is_empty());
    let mut headers = lines.filter_map(|line| line.split_once(':'));
    let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
    Some(value.trim().to_owned())
}

/// A head, and how long the body is.
pub fn head(from: &mut impl BufRead) -> io::Result<(Vec<u8>, u64)> {
    let mut bytes = Vec::new();
    let mut length = 0;
    loop {
        let begins = bytes.len();
        if from.read_until(b'\n', &mut bytes)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&bytes[begins..]).to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(|_| io::ErrorKind::InvalidData)?;
        }
        if line.trim().is_empty() {
            return Ok((bytes, length));
        }
    }
}

/// A message of HTTP/1.1 with a length: all that these two programs send.
pub fn message(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let (mut bytes, length) = head(from)?;
    from.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}
