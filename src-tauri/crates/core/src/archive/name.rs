//! Names inside an archive, which anybody may have written.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// The longest name that is read, in bytes.
pub const MOST_NAME: usize = 1024;

/// Why a name is not to be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Danger {
    /// It isn't UTF-8.
    NotText,
    /// It is empty, or has an empty part.
    Empty,
    /// It is longer than [`MOST_NAME`].
    TooLong,
    /// It begins at the root of a disk, or names a drive.
    Absolute,
    /// It leads out of the folder it lies in (`..`), or nowhere (`.`).
    Traversal,
    /// It holds a backslash, which is a separator on Windows.
    Backslash,
    /// It holds a control character.
    Control,
}

impl Danger {
    /// What is wrong, to follow “the name …”.
    pub fn words(self) -> &'static str {
        match self {
            Danger::NotText => "isn't readable text",
            Danger::Empty => "is empty, or has an empty part",
            Danger::TooLong => "is too long",
            Danger::Absolute => "points to a fixed place on a disk",
            Danger::Traversal => "points outside the archive",
            Danger::Backslash => "holds a backslash, which leads elsewhere on Windows",
            Danger::Control => "holds a control character",
        }
    }
}

/// Checks a name; a folder's may end in a slash.
///
/// # Errors
/// What is dangerous in it.
pub fn check_name(raw: &[u8]) -> Result<&str, Danger> {
    if raw.len() > MOST_NAME {
        return Err(Danger::TooLong);
    }
    let name = std::str::from_utf8(raw).map_err(|_| Danger::NotText)?;
    let drive = name.as_bytes().get(1) == Some(&b':') && name.as_bytes()[0].is_ascii_alphabetic();
    if name.starts_with('/') || name.starts_with('\\') || drive {
        return Err(Danger::Absolute);
    }
    if name.chars().any(char::is_control) {
        return Err(Danger::Control);
    }
    for part in name.strip_suffix('/').unwrap_or(name).split(['/', '\\']) {
        match part {
            "" => return Err(Danger::Empty),
            "." | ".." => return Err(Danger::Traversal),
            _ => {}
        }
    }
    if name.contains('\\') {
        return Err(Danger::Backslash);
    }
    Ok(name)
}

/// A name as people may be shown it: what is invisible, or turns text round, is spelled out.
pub fn shown(raw: &[u8]) -> String {
    let mut text = String::new();
    for char in String::from_utf8_lossy(raw).chars().take(200) {
        if char.is_control() || is_invisible(char) {
            let _ = write!(text, "\\u{{{:x}}}", u32::from(char));
        } else {
            text.push(char);
        }
    }
    text
}

/// A name for a file on this computer, made of what somebody called it: one part, no separator, nothing that a system
/// reads as a device, at most 120 bytes. `fallback` serves when nothing is left.
pub fn file_name(wished: &str, fallback: &str) -> String {
    const RESERVED: [&str; 22] = [
        "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
        "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
    ];
    let last = wished.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .filter(|char| !char.is_control() && !is_invisible(*char))
        .map(|char| if "<>:\"|?*".contains(char) { '_' } else { char })
        .collect();
    let plain = plain.trim_matches(|char: char| char == '.' || char.is_whitespace());
    let (stem, end) = plain.rsplit_once('.').unwrap_or((plain, ""));
    let end = if end.len() > 16 || stem.is_empty() {
        ""
    } else {
        end
    };
    let room = 120 - end.len() - usize::from(!end.is_empty());
    let stem = if end.is_empty() { plain } else { stem };
    let cut = (0..=stem.len().min(room))
        .rev()
        .find(|at| stem.is_char_boundary(*at))
        .unwrap_or(0);
    let stem = stem[..cut].trim_end_matches(['.', ' ']);
    if stem.is_empty() {
        return fallback.to_owned();
    }
    let first = stem.split('.').next().unwrap_or_default().trim_end();
    let guard = if RESERVED.contains(&first.to_ascii_lowercase().as_str()) {
        "_"
    } else {
        ""
    };
    let dot = if end.is_empty() { "" } else { "." };
    format!("{guard}{stem}{dot}{end}")
}

/// Zero-width characters, and those that turn the direction of text.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dangerous_names_are_told_apart() {
        let table: [(&[u8], Result<&str, Danger>); 16] = [
            (b"data/a.txt", Ok("data/a.txt")),
            (b"data/", Ok("data/")),
            ("data/通知.txt".as_bytes(), Ok("data/通知.txt")),
            (b"data/..a", Ok("data/..a")),
            (b"../a", Err(Danger::Traversal)),
            (b"data/../../a", Err(Danger::Traversal)),
            (b"data\\..\\..\\a", Err(Danger::Traversal)),
            (b"./a", Err(Danger::Traversal)),
            (b"/etc/passwd", Err(Danger::Absolute)),
            (b"\\\\host\\a", Err(Danger::Absolute)),
            (b"C:/a", Err(Danger::Absolute)),
            (b"data\\a", Err(Danger::Backslash)),
            (b"data//a", Err(Danger::Empty)),
            (b"", Err(Danger::Empty)),
            (b"a\0b", Err(Danger::Control)),
            (b"\xff\xfe", Err(Danger::NotText)),
        ];
        for (raw, wanted) in table {
            assert_eq!(check_name(raw), wanted, "{}", shown(raw));
        }
        assert_eq!(check_name(&[b'a'; MOST_NAME + 1]), Err(Danger::TooLong));
    }

    #[test]
    fn a_file_gets_a_name_every_system_bears() {
        let table = [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("a:b?.txt", "a_b_.txt"),
            ("CON", "_CON"),
            ("nul.tar.gz", "_nul.tar.gz"),
            (".profile", "profile"),
            ("name. ", "name"),
            ("报告.docx", "报告.docx"),
            ("gpj.\u{202e}exe", "gpj.exe"),
            ("...", "item"),
            ("", "item"),
        ];
        for (wished, wanted) in table {
            assert_eq!(file_name(wished, "item"), wanted, "{wished:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_wish_makes_a_name_with_a_way_out(wished in "\\PC{0,200}|[./\\\\a:]{0,20}") {
            let name = file_name(&wished, "item");
            proptest::prop_assert!(name.len() <= 121 && !name.is_empty());
            proptest::prop_assert!(!name.contains(['/', '\\', '\0', ':']) && name != "." && name != "..");
            proptest::prop_assert_eq!(check_name(name.as_bytes()), Ok(name.as_str()));
        }
    }
}
