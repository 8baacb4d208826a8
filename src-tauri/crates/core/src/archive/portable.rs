//! A copy for another provider that leaves out what identifies others.
//!
//! The right to take one's data along doesn't extend to other people's (GDPR Art. 20(4)). In such a copy, other
//! people's names become *Person 1*, *Person 2* …, the same person always the same; e-mail addresses and telephone
//! numbers that aren't one's own are masked in every text; records that are about another person, and files in which
//! nothing can be masked, are left out.

use std::collections::BTreeMap;

use super::Item;

/// How a person's own name and addresses are written.
#[derive(Clone, Default)]
pub struct Me {
    /// Names, as they stand in `from` and `to`.
    pub names: Vec<String>,
    /// E-mail addresses and telephone numbers.
    pub addresses: Vec<String>,
}

/// Categories of records that are about other people.
const ABOUT_OTHERS: [&str; 4] = ["contacts", "contacts-entered", "org-invite", "org-directory"];

/// Labels of fields whose values are people's names, as the service writes them.
const NAMES_PEOPLE: [&str; 12] = [
    "Added by",
    "Approved by",
    "Approver",
    "By",
    "Called by",
    "Colleague",
    "For",
    "Host",
    "Invited",
    "Members",
    "Participants",
    "Supervisor",
];

/// The rule, with what it has met so far.
pub struct Portable {
    me: Me,
    others: BTreeMap<String, String>,
}

impl Portable {
    /// For a person.
    pub fn new(me: Me) -> Self {
        Self {
            me,
            others: BTreeMap::new(),
        }
    }

    /// Notes the people in a record, so that they are also found in the texts of others. Call it for all, before
    /// [`Self::item`].
    pub fn meet(&mut self, category: &str, item: &Item) {
        let named = item
            .fields
            .iter()
            .filter(|(label, _)| NAMES_PEOPLE.contains(&label.as_str()));
        let listed = named.flat_map(|(_, value)| value.split([',', ';']));
        let itself = item.title.iter().filter(|_| is_about_others(category, item));
        let people = item.from.iter().chain(&item.to).chain(itself).map(String::as_str);
        let people: Vec<&str> = people.chain(listed).map(str::trim).collect();
        for name in people {
            if !name.is_empty() && !self.is_me(name) && !self.others.contains_key(name) {
                let number = self.others.len() + 1;
                self.others.insert(name.to_owned(), format!("Person {number}"));
            }
        }
    }

    /// A record as it goes into the copy; `None` when it is left out.
    pub fn item(&self, category: &str, item: Item) -> Option<Item> {
        if is_about_others(category, &item) {
            return None;
        }
        // What somebody else sent may show them.
        let mine = item.from.as_ref().is_none_or(|from| self.is_me(from));
        Some(Item {
            from: item.from.map(|name| self.name(name)),
            to: item.to.into_iter().map(|name| self.name(name)).collect(),
            title: item.title.map(|text| self.text(&text)),
            text: item.text.map(|text| self.text(&text)),
            fields: item
                .fields
                .into_iter()
                .map(|(label, value)| (label, self.text(&value)))
                .collect(),
            files: item
                .files
                .into_iter()
                .filter(|file| mine && self.file(category, file))
                .collect(),
            id: item.id,
            at: item.at,
            kind: item.kind,
        })
    }

    /// Whether a file goes into the copy. A letter, a calendar and a card name others, and masking inside them would
    /// break them: their records are in the copy.
    pub fn file(&self, category: &str, path: &str) -> bool {
        let end = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        !ABOUT_OTHERS.contains(&category)
            && !["vcf", "ics", "eml", "html", "json"].contains(&end.as_str())
            && !path.contains("/recordings/")
    }

    fn is_me(&self, name: &str) -> bool {
        self.me
            .names
            .iter()
            .chain(&self.me.addresses)
            .any(|mine| mine.eq_ignore_ascii_case(name.trim()))
    }

    fn name(&self, name: String) -> String {
        if self.is_me(&name) {
            return name;
        }
        self.others
            .get(name.trim())
            .cloned()
            .unwrap_or_else(|| "Another person".to_owned())
    }

    /// A text without other people's names, addresses and numbers.
    pub fn text(&self, text: &str) -> String {
        let mut text = self.masked(text);
        // Longer names first: “Ann Lee” before “Ann”.
        let mut names: Vec<(&String, &String)> = self.others.iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        for (name, instead) in names {
            text = replaced(text, name, instead);
        }
        text
    }

    /// Addresses have an `@`; numbers have at least seven digits in a row of digits, spaces, dashes, dots and brackets.
    fn masked(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(char) = rest.chars().next() {
            let word = rest.find(|char| !is_address(char)).unwrap_or(rest.len());
            let number = number(rest);
            if word > 0 && is_mail(&rest[..word]) {
                let (address, after) = rest.split_at(word);
                out.push_str(if self.is_me(address.trim_end_matches('.')) {
                    address
                } else {
                    "[address]"
                });
                rest = after;
            } else if number > 0 && rest[..number].chars().filter(char::is_ascii_digit).count() >= 7 {
                let (digits, after) = rest.split_at(number);
                out.push_str(if self.is_my_number(digits) {
                    digits
                } else {
                    "[number]"
                });
                rest = after;
            } else {
                let run = rest
                    .find(|char: char| !char.is_ascii_alphanumeric())
                    .unwrap_or(rest.len());
                let step = run.max(char.len_utf8());
                out.push_str(&rest[..step]);
                rest = &rest[step..];
            }
        }
        out
    }

    fn is_my_number(&self, digits: &str) -> bool {
        let plain = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let told = plain(digits);
        self.me.addresses.iter().any(|mine| plain(mine) == told)
    }
}

fn is_about_others(category: &str, item: &Item) -> bool {
    ABOUT_OTHERS.contains(&category) || item.kind == "contact"
}

/// Replaces a name. In writing that parts words, only where it is a word of its own: “Li” isn't in “Like”.
fn replaced(text: String, name: &str, instead: &str) -> String {
    if !text.contains(name) {
        return text;
    }
    let joins = |char: Option<char>| char.is_some_and(|char| char.is_ascii_alphanumeric());
    let (first, last) = (name.chars().next(), name.chars().next_back());
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in text.match_indices(name) {
        let end = at + name.len();
        let within = joins(first) && joins(text[..at].chars().next_back())
            || joins(last) && joins(text[end..].chars().next());
        if !within {
            out.push_str(&text[from..at]);
            out.push_str(instead);
            from = end;
        }
    }
    out.push_str(&text[from..]);
    out
}

fn is_address(char: char) -> bool {
    char.is_ascii_alphanumeric() || "@._%+-".contains(char)
}

fn is_mail(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.trim_end_matches('.').contains('.') && !host.contains('@')
    })
}

/// The length of what looks like a number at the beginning, without what trails it.
fn number(text: &str) -> usize {
    if !text.starts_with(|char: char| char.is_ascii_digit() || "+(".contains(char)) {
        return 0;
    }
    let end = text
        .find(|char: char| !(char.is_ascii_digit() || "+()-. ".contains(char)))
        .unwrap_or(text.len());
    text[..end]
        .trim_end_matches(|char: char| !char.is_ascii_digit())
        .len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule() -> Portable {
        let mut rule = Portable::new(Me {
            names: vec!["Chen Mei".into()],
            addresses: vec!["mei@example.org".into(), "+65 8123 4567".into()],
        });
        rule.meet(
            "messages",
            &Item {
                from: Some("Ann Lee".into()),
                to: vec!["Chen Mei".into(), "王芳".into()],
                ..Item::default()
            },
        );
        rule
    }

    #[test]
    fn others_become_numbers_and_one_stays_oneself() {
        let item = Item {
            id: "1".into(),
            kind: "message".into(),
            from: Some("Ann Lee".into()),
            to: vec!["Chen Mei".into()],
            text: Some(
                "Ask 王芳 (wang@example.com, +86 138 0013 8000), or me: mei@example.org, +65 8123-4567."
                    .into(),
            ),
            files: vec!["data/messages/attachments/me.jpg".into()],
            ..Item::default()
        };
        let copy = rule().item("messages", item).expect("a message goes along");
        assert_eq!(copy.from.as_deref(), Some("Person 1"));
        assert_eq!(copy.to, ["Chen Mei"]);
        assert_eq!(
            copy.text.as_deref(),
            Some("Ask Person 2 ([address], [number]), or me: mei@example.org, +65 8123-4567.")
        );
        assert!(copy.files.is_empty(), "what somebody else sent may show them");
    }

    #[test]
    fn people_named_in_contacts_and_in_fields_are_known_in_every_text() {
        let mut rule = rule();
        rule.meet(
            "contacts-entered",
            &Item {
                title: Some("Li".into()),
                ..Item::default()
            },
        );
        let event = Item {
            fields: [("Invited".to_owned(), "Tom Okafor, Chen Mei".to_owned())].into(),
            ..Item::default()
        };
        rule.meet("calendar", &event);
        assert_eq!(
            rule.text("Like Li and Tom Okafor, Chen Mei"),
            "Like Person 3 and Person 4, Chen Mei"
        );
        let copy = rule.item("calendar", event).expect("an event goes along");
        assert_eq!(copy.fields["Invited"], "Person 4, Chen Mei");
    }

    #[test]
    fn ordinary_figures_are_not_telephone_numbers() {
        for text in ["Room 12-34 at 10.30", "3.14159", "100 000", "v2.0-rc1", "a@b"] {
            assert_eq!(rule().text(text), text);
        }
    }

    #[test]
    fn records_about_others_and_files_that_name_them_stay_behind() {
        let rule = rule();
        assert!(rule.item("org-directory", Item::default()).is_none());
        assert!(!rule.file("mail", "data/mail/1.eml"));
        assert!(!rule.file("calendar", "data/calendar/calendar.ics"));
        assert!(rule.file("docs", "data/docs/plan.pdf"));
    }

    proptest! {
        #[test]
        fn no_other_name_or_address_survives(
            before in "[a-z ,.]{0,20}",
            between in "[ ,.;:!?]{1,3}",
            user in "[a-z]{1,8}",
            digits in "[1-9][0-9]{9}",
        ) {
            let address = format!("{user}@example.net");
            let text = format!("{before}{between}Ann Lee{between}{address}{between}王芳{between}{digits}");
            let item = Item { text: Some(text), ..Item::default() };
            let copy = rule().item("messages", item).and_then(|item| item.text).unwrap_or_default();
            for gone in ["Ann Lee", "王芳", address.as_str(), digits.as_str()] {
                prop_assert!(!copy.contains(gone), "{gone} in {copy}");
            }
        }
    }
}
