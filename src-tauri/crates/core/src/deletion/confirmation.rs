//! The typed confirmation. It shows that somebody meant it; it never tests how they type.

use unicode_normalization::UnicodeNormalization;

/// The word to type, as it is shown.
pub const WORD: &str = "DELETE";

/// The person typed the word. There is no other way to come by this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation(());

/// Reads what was typed. Case, width (`ＤＥＬＥＴＥ`), composed and decomposed letters, spaces around it and what input
/// methods leave invisibly in between make no difference.
pub fn confirm(typed: &str) -> Option<Confirmation> {
    (plain(typed) == plain(WORD)).then_some(Confirmation(()))
}

fn plain(text: &str) -> String {
    let visible = text.nfkc().filter(|letter| !is_invisible(*letter));
    visible.collect::<String>().trim().to_lowercase()
}

/// Controls, joiners, direction marks and the byte order mark: nobody types them knowingly.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_understood_however_it_is_typed() {
        for typed in [
            "DELETE",
            "delete",
            " Delete \n",
            "ＤＥＬＥＴＥ",
            "ｄｅｌｅｔｅ\u{3000}",
            "de\u{200b}lete",
            "\u{202a}DELETE\u{202c}",
        ] {
            assert!(confirm(typed).is_some(), "{typed:?}");
        }
    }

    #[test]
    fn another_word_is_none() {
        for typed in ["", " ", "DELET", "DELETED", "D E L E T E", "yes", "ДЕLETE"] {
            assert!(confirm(typed).is_none(), "{typed:?}");
        }
    }
}
