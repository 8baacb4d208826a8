//! A lossless editor of GLib key files, the format of Flatpak's metadata and overrides.
//!
//! A file is its lines. Reading and writing it without an edit gives the same bytes; an edit touches the line it is
//! about and no other: comments, blank lines, order, unknown groups, line endings and a missing last newline stay.
//! It never reads or writes a file itself, and never accepts what GLib would refuse.
//!
//! The format: <https://docs.gtk.org/glib/struct.KeyFile.html>.

/// Why a text isn't a key file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub(crate) struct Malformed {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there, as a phrase without a full stop.
    pub reason: String,
}

/// A key file, line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyFile {
    lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    kind: Kind,
    text: String,
    /// `\n`, `\r\n`, or nothing at the end of a file that lacks the last newline.
    ending: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Blank,
    Comment,
    Group(String),
    /// A key, and where in the text its value starts.
    Key {
        name: String,
        value_at: usize,
    },
}

/// What GLib takes for white space (`g_ascii_isspace`).
fn space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

impl KeyFile {
    /// Reads the bytes of a file.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let text = std::str::from_utf8(bytes).map_err(|error| Malformed {
            line: 1 + count_newlines(&bytes[..error.valid_up_to()]),
            reason: "it isn't text in UTF-8".to_owned(),
        })?;
        let mut lines = Vec::new();
        let mut in_group = false;
        for (index, whole) in text.split_inclusive('\n').enumerate() {
            let malformed = |reason: String| Malformed {
                line: index + 1,
                reason,
            };
            let (text, ending) = match whole.strip_suffix('\n') {
                None => (whole, ""),
                Some(text) => text
                    .strip_suffix('\r')
                    .map_or((text, "\n"), |text| (text, "\r\n")),
            };
            let kind = classify(text).map_err(malformed)?;
            match &kind {
                Kind::Group(_) => in_group = true,
                Kind::Key { .. } if !in_group => {
                    return Err(malformed("a key stands before the first group".to_owned()));
                }
                Kind::Key { .. } | Kind::Blank | Kind::Comment => {}
            }
            lines.push(Line {
                kind,
                text: text.to_owned(),
                ending,
            });
        }
        Ok(Self { lines })
    }

    /// The whole file as text.
    pub(crate) fn render(&self) -> String {
        self.lines
            .iter()
            .flat_map(|line| [line.text.as_str(), line.ending])
            .collect()
    }

    /// Whether nothing but blank lines is left.
    pub(crate) fn is_blank(&self) -> bool {
        self.lines.iter().all(|line| line.kind == Kind::Blank)
    }

    /// A key's raw value with its line (from 1). Groups of one name are one group, and the last key wins.
    pub(crate) fn raw(&self, group: &str, key: &str) -> Option<(&str, usize)> {
        let index = self.last_of(group, key)?;
        Some((self.lines[index].value()?, index + 1))
    }

    /// The names of a group's keys in order, once each.
    pub(crate) fn keys(&self, group: &str) -> Vec<&str> {
        let mut keys: Vec<&str> = Vec::new();
        for (_, line) in self.in_group(group) {
            if let Kind::Key { name, .. } = &line.kind
                && !keys.contains(&name.as_str())
            {
                keys.push(name);
            }
        }
        keys
    }

    /// Gives a key a raw value: in its place, else behind the group's last key, else in a new group at the end.
    pub(crate) fn set(&mut self, group: &str, key: &str, raw: &str) {
        if let Some(index) = self.last_of(group, key) {
            self.lines[index].set_value(raw);
            return;
        }
        let entry = Line {
            kind: Kind::Key {
                name: key.to_owned(),
                value_at: key.len() + 1,
            },
            text: format!("{key}={raw}"),
            ending: self.ending(),
        };
        let place = self
            .in_group(group)
            .filter(|(_, line)| matches!(line.kind, Kind::Key { .. } | Kind::Group(_)))
            .map(|(index, _)| index)
            .last();
        match place {
            Some(index) => self.insert(index + 1, entry),
            None => {
                let blank = self.lines.last().is_none_or(|line| line.kind == Kind::Blank);
                if !blank {
                    self.insert(self.lines.len(), Line::blank(self.ending()));
                }
                let header = Line {
                    kind: Kind::Group(group.to_owned()),
                    text: format!("[{group}]"),
                    ending: self.ending(),
                };
                self.insert(self.lines.len(), header);
                self.insert(self.lines.len(), entry);
            }
        }
    }

    /// Takes a key out, wherever the group has it, and the group with it when nothing else, not even a comment,
    /// is left in it.
    pub(crate) fn remove(&mut self, group: &str, key: &str) {
        let mine: Vec<usize> = self
            .in_group(group)
            .filter(|(_, line)| line.is_key(key))
            .map(|(index, _)| index)
            .collect();
        for index in mine.into_iter().rev() {
            self.cut(index, index + 1);
            self.drop_emptied_group(index);
        }
    }

    /// Removes the group around the place `index` if it holds nothing but blank lines.
    fn drop_emptied_group(&mut self, index: usize) {
        let is_header = |line: &Line| matches!(line.kind, Kind::Group(_));
        let Some(start) = self.lines[..index].iter().rposition(is_header) else {
            return;
        };
        let rest = &self.lines[start + 1..];
        let end = start + 1 + rest.iter().position(is_header).unwrap_or(rest.len());
        let empty = self.lines[start + 1..end]
            .iter()
            .all(|line| line.kind == Kind::Blank);
        if !empty {
            return;
        }
        // The last group takes the blank line before it along: it only set the group apart.
        let last = end == self.lines.len();
        let apart = last && start > 0 && self.lines[start - 1].kind == Kind::Blank;
        self.cut(start - usize::from(apart), end);
    }

    /// Removes lines; a file without a last newline stays without one.
    fn cut(&mut self, from: usize, to: usize) {
        let unended = self.lines.last().is_some_and(|line| line.ending.is_empty());
        self.lines.drain(from..to);
        if let Some(last) = self.lines.last_mut()
            && unended
        {
            last.ending = "";
        }
    }

    /// Inserts a line; a file without a last newline stays without one.
    fn insert(&mut self, at: usize, mut line: Line) {
        if at == self.lines.len()
            && let Some(before) = self.lines.last_mut()
            && before.ending.is_empty()
        {
            before.ending = std::mem::take(&mut line.ending);
        }
        self.lines.insert(at, line);
    }

    /// The line ending that the file uses.
    fn ending(&self) -> &'static str {
        match self.lines.first() {
            Some(line) if !line.ending.is_empty() => line.ending,
            Some(_) | None => "\n",
        }
    }

    fn last_of(&self, group: &str, key: &str) -> Option<usize> {
        self.in_group(group)
            .filter(|(_, line)| line.is_key(key))
            .map(|(index, _)| index)
            .last()
    }

    /// The lines of every group of that name, headers included.
    fn in_group(&self, group: &str) -> impl Iterator<Item = (usize, &Line)> {
        let mut inside = false;
        self.lines.iter().enumerate().filter(move |(_, line)| {
            if let Kind::Group(name) = &line.kind {
                inside = name == group;
            }
            inside
        })
    }
}

impl Line {
    fn blank(ending: &'static str) -> Self {
        Self {
            kind: Kind::Blank,
            text: String::new(),
            ending,
        }
    }

    fn is_key(&self, key: &str) -> bool {
        matches!(&self.kind, Kind::Key { name, .. } if name == key)
    }

    fn value(&self) -> Option<&str> {
        match &self.kind {
            Kind::Key { value_at, .. } => Some(&self.text[*value_at..]),
            Kind::Blank | Kind::Comment | Kind::Group(_) => None,
        }
    }

    fn set_value(&mut self, raw: &str) {
        if let Kind::Key { value_at, .. } = self.kind {
            self.text.truncate(value_at);
            self.text.push_str(raw);
        }
    }
}

fn count_newlines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

fn classify(text: &str) -> Result<Kind, String> {
    if text.contains('\0') {
        return Err("it holds a null character".to_owned());
    }
    let line = text.trim_start_matches(space);
    if line.is_empty() {
        return Ok(Kind::Blank);
    }
    if line.starts_with('#') {
        return Ok(Kind::Comment);
    }
    if let Some(header) = line.strip_prefix('[')
        && let Some(name) = header.trim_end_matches([' ', '\t']).strip_suffix(']')
        && header.find(']') == Some(name.len())
    {
        let allowed = |c: char| c != '[' && !c.is_ascii_control();
        return match !name.is_empty() && name.chars().all(allowed) {
            true => Ok(Kind::Group(name.to_owned())),
            false => Err("the name of the group isn't valid".to_owned()),
        };
    }
    let Some((before, after)) = line.split_once('=').filter(|(before, _)| !before.is_empty()) else {
        return Err("it is neither a group, nor a key with a value, nor a comment".to_owned());
    };
    let name = before.trim_end_matches(space);
    if !valid_key(name) {
        return Err("the name of the key isn't valid".to_owned());
    }
    let value = after.trim_start_matches(space);
    Ok(Kind::Key {
        name: name.to_owned(),
        value_at: text.len() - value.len(),
    })
}

/// A key has no brackets, but for a language behind it: `Name[de]`.
fn valid_key(name: &str) -> bool {
    let (name, language) = match name.split_once('[') {
        Some((name, rest)) => (name, rest.strip_suffix(']')),
        None => (name, Some("")),
    };
    let in_language = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    !name.is_empty()
        && !name.ends_with(' ')
        && !name.contains(']')
        && language.is_some_and(|language| language.chars().all(in_language))
}
