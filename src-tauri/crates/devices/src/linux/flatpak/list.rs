//! The values of GLib key files: lists separated by `;`, with backslash escapes.
//!
//! A list is kept as its pieces of raw text, so that what isn't touched is written back as it was.
//! The syntax is that of the [Desktop Entry specification][1], as GLib reads it.
//!
//! [1]: https://specifications.freedesktop.org/desktop-entry-spec/latest/value-types.html

/// An escape that GLib doesn't know: reading the value fails there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BadEscape(pub String);

/// A list's raw value, cut into pieces. Joined again they are the value, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RawList {
    /// Raw text, each with its separator where it has one.
    pieces: Vec<String>,
}

impl RawList {
    /// Cuts a raw value at its separators.
    pub(super) fn cut(raw: &str) -> Self {
        let mut pieces = Vec::new();
        let mut piece = String::new();
        let mut escaped = false;
        for character in raw.chars() {
            piece.push(character);
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                ';' => pieces.push(std::mem::take(&mut piece)),
                _ => {}
            }
        }
        if !piece.is_empty() {
            pieces.push(piece);
        }
        Self { pieces }
    }

    /// The entries, unescaped, in order. Nothing, or only space, between two separators is none.
    pub(super) fn entries(&self) -> Result<Vec<String>, BadEscape> {
        let filled = self.pieces.iter().filter(|piece| !is_blank(piece));
        filled.map(|piece| unescape(body(piece))).collect()
    }

    /// Takes out every copy of `entry`. Pieces that can't be read stay.
    pub(super) fn remove(&mut self, entry: &str) {
        self.pieces
            .retain(|piece| unescape(body(piece)).as_deref() != Ok(entry));
    }

    /// Puts an entry at the end; before space that ends the line, so that the space doesn't become an entry.
    pub(super) fn push(&mut self, entry: &str) {
        let space = self
            .pieces
            .pop_if(|last| is_blank(last) && separator(last).is_empty());
        if let Some(last) = self.pieces.last_mut()
            && separator(last).is_empty()
        {
            last.push(';');
        }
        self.pieces.push(escape(entry) + ";");
        self.pieces.extend(space);
    }

    /// Whether nothing but separators is left.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.iter().all(|piece| is_blank(piece))
    }

    /// The raw value.
    pub(super) fn join(&self) -> String {
        self.pieces.concat()
    }
}

/// A piece ends in its separator unless that one is escaped; only [`RawList::cut`] and `push` make pieces.
fn separator(piece: &str) -> &str {
    let backslashes = |text: &str| text.bytes().rev().take_while(|byte| *byte == b'\\').count();
    match piece.strip_suffix(';') {
        Some(before) if backslashes(before) % 2 == 0 => ";",
        Some(_) | None => "",
    }
}

fn body(piece: &str) -> &str {
    &piece[..piece.len() - separator(piece).len()]
}

/// Whether a piece holds no entry.
fn is_blank(piece: &str) -> bool {
    body(piece).trim().is_empty()
}

/// A value, or a piece of a list, in plain text.
pub(super) fn unescape(raw: &str) -> Result<String, BadEscape> {
    let mut plain = String::with_capacity(raw.len());
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('s') => plain.push(' '),
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('\\') => plain.push('\\'),
            Some(';') => plain.push(';'),
            Some(other) => return Err(BadEscape(format!("\\{other}"))),
            None => return Err(BadEscape("\\".to_owned())),
        }
    }
    Ok(plain)
}

/// An entry as it stands in a list.
fn escape(entry: &str) -> String {
    let mut raw = String::with_capacity(entry.len());
    let mut leading = true;
    for character in entry.chars() {
        match character {
            ' ' if leading => raw.push_str("\\s"),
            '\t' if leading => raw.push_str("\\t"),
            '\n' => raw.push_str("\\n"),
            '\r' => raw.push_str("\\r"),
            '\\' => raw.push_str("\\\\"),
            ';' => raw.push_str("\\;"),
            other => raw.push(other),
        }
        leading &= matches!(character, ' ' | '\t');
    }
    raw
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_out_unescaped() {
        let cases: [(&str, &[&str]); 7] = [
            ("a;b;", &["a", "b"]),
            ("a;b", &["a", "b"]),
            ("a;;b;", &["a", "b"]),
            (r"a\;b;c\\;d;", &["a;b", r"c\", "d"]),
            (r"\sx;", &[" x"]),
            ("", &[]),
            ("a; ", &["a"]),
        ];
        for (raw, expected) in cases {
            assert_eq!(RawList::cut(raw).entries().unwrap(), expected, "{raw}");
        }
        assert_eq!(RawList::cut(r"a\q;").entries(), Err(BadEscape(r"\q".to_owned())));
    }

    #[test]
    fn space_at_the_end_of_the_line_stays_there() {
        let mut list = RawList::cut("a; ");
        list.push("b");
        assert_eq!(list.join(), "a;b; ");
    }

    proptest::proptest! {
        #[test]
        fn a_value_cut_and_joined_is_the_same(raw in r"[a-c;\\ !:]{0,16}") {
            proptest::prop_assert_eq!(RawList::cut(&raw).join(), raw);
        }

        #[test]
        fn what_is_pushed_is_read_back_and_can_be_taken_out(raw in r"([a-c!]{1,4};){0,3}", entry in r"[\PC&&\S][\PC]{0,7}") {
            let before = RawList::cut(&raw);
            let mut list = before.clone();
            list.remove(&entry);
            list.push(&entry);
            let read = RawList::cut(&list.join()).entries().unwrap();
            proptest::prop_assert_eq!(read.last(), Some(&entry));
            list.remove(&entry);
            let mut expected = before.entries().unwrap();
            expected.retain(|known| known != &entry);
            proptest::prop_assert_eq!(list.entries().unwrap(), expected);
        }
    }
}
