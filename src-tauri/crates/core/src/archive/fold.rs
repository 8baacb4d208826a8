//! Text as it is searched: without case, and with full-width Latin as plain Latin.

/// Folds a text.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

/// Appends a folded text.
pub fn fold_into(text: &str, folded: &mut String) {
    if text.is_ascii() {
        let begin = folded.len();
        folded.push_str(text);
        folded[begin..].make_ascii_lowercase();
        return;
    }
    for char in text.chars() {
        match char {
            'A'..='Z' => folded.push(char.to_ascii_lowercase()),
            '\0'..='\u{7f}' | '\u{2e80}'..='\u{2fff}' | '\u{3001}'..='\u{d7ff}' => folded.push(char),
            // U+FF01–U+FF5E are U+0021–U+007E at full width.
            '\u{ff01}'..='\u{ff5e}' => {
                let plain = char::from_u32(u32::from(char) - 0xfee0).unwrap_or(char);
                folded.push(plain.to_ascii_lowercase());
            }
            '\u{3000}' => folded.push(' '),
            other => folded.extend(other.to_lowercase()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_width_make_no_difference() {
        for (text, wanted) in [
            ("Design TEAM", "design team"),
            ("ＡＢＣ１２３", "abc123"),
            ("Straße ÄÖÜ", "straße äöü"),
            ("项目会议 Q3", "项目会议 q3"),
        ] {
            assert_eq!(fold(text), wanted);
        }
    }
}
