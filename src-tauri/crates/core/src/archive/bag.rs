//! The text files of a bag ([RFC 8493](https://www.rfc-editor.org/rfc/rfc8493) §2).

use std::collections::HashMap;

use super::{Danger, Sha256, check_name};

/// The tag files that the tag manifest must cover.
pub const TAG_FILES: [&str; 3] = ["bagit.txt", "bag-info.txt", "manifest-sha256.txt"];

/// A line that can't be read, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineFault {
    /// Which.
    pub line: usize,
    /// When the name in it is dangerous, how.
    pub danger: Option<Danger>,
}

/// `manifest-sha256.txt`, or `tagmanifest-sha256.txt`: each file's digest, by its path in the bag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// By path.
    pub files: HashMap<Box<str>, Sha256>,
}

impl Manifest {
    /// Reads it.
    ///
    /// # Errors
    /// The first line that isn't `digest  path`, names a dangerous path, or a path named before.
    pub fn parse(text: &str) -> Result<Self, LineFault> {
        let mut files = HashMap::new();
        for (at, line) in lines(text).enumerate() {
            let fault = |danger| LineFault { line: at + 1, danger };
            let (digest, path) = line.split_once([' ', '\t']).ok_or(fault(None))?;
            let digest = digest.parse::<Sha256>().map_err(|_| fault(None))?;
            let path = path.trim_start_matches([' ', '\t', '*']);
            let path = percent_decoded(path);
            check_name(path.as_bytes()).map_err(|danger| fault(Some(danger)))?;
            if path.ends_with('/') || files.insert(path.into_boxed_str(), digest).is_some() {
                return Err(fault(None));
            }
        }
        Ok(Self { files })
    }
}

/// `bagit.txt`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// `1.0`, or `0.97` of before the standard.
    pub version: String,
}

impl Declaration {
    /// Reads it; `None` when it isn't a declaration, or the tag files aren't UTF-8.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = lines(text);
        let version = lines.next()?.strip_prefix("BagIt-Version: ")?.trim().to_owned();
        let encoding = lines
            .next()?
            .strip_prefix("Tag-File-Character-Encoding: ")?
            .trim();
        encoding.eq_ignore_ascii_case("UTF-8").then_some(Self { version })
    }
}

/// `bag-info.txt`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BagInfo {
    entries: Vec<(String, String)>,
}

impl BagInfo {
    /// Reads it. What isn't `Label: value` is passed over: the standard lets everybody add to it.
    pub fn parse(text: &str) -> Self {
        let mut entries: Vec<(String, String)> = Vec::new();
        for line in lines(text) {
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = entries.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            } else if let Some((label, value)) = line.split_once(':') {
                entries.push((label.trim().to_owned(), value.trim().to_owned()));
            }
        }
        Self { entries }
    }

    /// The value of a label, when it is there once.
    pub fn get(&self, label: &str) -> Option<&str> {
        let mut found = self
            .entries
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(label));
        let first = found.next()?;
        found.next().is_none().then_some(first.1.as_str())
    }
}

/// `Payload-Oxum`: the number of bytes and of files below `data/`.
pub fn oxum(text: &str) -> Option<(u64, u64)> {
    let (bytes, files) = text.split_once('.')?;
    Some((bytes.parse().ok()?, files.parse().ok()?))
}

/// Lines end in CR, LF or both.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r']).filter(|line| !line.is_empty())
}

/// Only CR, LF and `%` are encoded (§2.1.3).
fn percent_decoded(path: &str) -> String {
    if !path.contains('%') {
        return path.to_owned();
    }
    path.replace("%0A", "\n")
        .replace("%0a", "\n")
        .replace("%0D", "\r")
        .replace("%0d", "\r")
        .replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_manifest_is_read_as_the_standard_writes_it() {
        let text = format!("{DIGEST}  data/a b.txt\r\n{DIGEST} *data/100%25.txt\n");
        let manifest = Manifest::parse(&text).expect("it is one");
        let mut paths: Vec<&str> = manifest.files.keys().map(|path| &**path).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["data/100%.txt", "data/a b.txt"]);
    }

    #[test]
    fn a_manifest_that_could_mislead_is_refused_with_its_line() {
        let twice = format!("{DIGEST}  data/a\n{DIGEST}  data/a\n");
        let out = format!("{DIGEST}  ../a\n");
        let short = format!("{}  data/a\n", &DIGEST[1..]);
        for (text, line, danger) in [
            (twice, 2, None),
            (out, 1, Some(Danger::Traversal)),
            (short, 1, None),
            ("data/a\n".into(), 1, None),
        ] {
            assert_eq!(Manifest::parse(&text), Err(LineFault { line, danger }));
        }
    }

    #[test]
    fn bag_info_folds_lines_and_trusts_no_label_given_twice() {
        let info = BagInfo::parse("A: one\n  two\nB: 1\nb: 2\nPayload-Oxum: 279164409832.1198\n");
        assert_eq!(info.get("a"), Some("one two"));
        assert_eq!(info.get("B"), None);
        assert_eq!(
            info.get("payload-oxum").and_then(oxum),
            Some((279_164_409_832, 1198))
        );
    }

    #[test]
    fn a_declaration_names_version_and_encoding() {
        let good = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
        assert_eq!(
            Declaration::parse(good).map(|told| told.version).as_deref(),
            Some("1.0")
        );
        assert_eq!(
            Declaration::parse("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-16\n"),
            None
        );
        assert_eq!(Declaration::parse("hello"), None);
    }
}
