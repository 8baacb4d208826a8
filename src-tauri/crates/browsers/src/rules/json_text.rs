//! Changing one member of a JSON text and leaving every other letter as it is.
//!
//! Chromium's `Preferences` hold numbers and an order that a parser and a printer wouldn't give back. So `serde_json`
//! says that the text is whole, and the change is made in the text.

use std::ops::Range;

use serde::de::IgnoredAny;

/// A JSON text that was found to be an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct JsonText {
    text: String,
}

/// The text isn't what the browser writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

#[derive(Debug)]
struct Member {
    key: String,
    key_at: usize,
    value: Range<usize>,
}

impl JsonText {
    /// Takes a text that is a JSON object.
    ///
    /// # Errors
    /// When it isn't.
    pub(super) fn new(text: String) -> Result<Self, Malformed> {
        serde_json::from_str::<IgnoredAny>(&text).map_err(|_| Malformed)?;
        match text.trim_ascii_start().starts_with('{') {
            true => Ok(Self { text }),
            false => Err(Malformed),
        }
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// How many members of a path are there, one within the other.
    pub(super) fn depth(&self, path: &[&str]) -> usize {
        self.deepest(path).0
    }

    /// The text of a value; `None` when it isn't there.
    pub(super) fn get(&self, path: &[&str]) -> Option<&str> {
        match self.deepest(path) {
            (depth, value) if depth == path.len() => self.text.get(value),
            _ => None,
        }
    }

    /// The members of an object, each with its value's text. None when it isn't there or is none.
    pub(super) fn members(&self, path: &[&str]) -> Vec<(String, &str)> {
        let (depth, value) = self.deepest(path);
        let members = match depth == path.len() {
            true => self.members_at(value),
            false => Vec::new(),
        };
        let text = |member: Member| Some((member.key, self.text.get(member.value)?));
        members.into_iter().filter_map(text).collect()
    }

    /// Sets a member, making the objects that lead to it. A new member comes last.
    ///
    /// # Errors
    /// When something on the way isn't an object.
    pub(super) fn set(&mut self, path: &[&str], value: &str) -> Result<(), Malformed> {
        let (depth, at) = self.deepest(path);
        let Some((name, below)) = path.get(depth..).and_then(<[&str]>::split_first) else {
            return self.replace(at, value);
        };
        let nested = below.iter().rev().fold(value.to_owned(), |value, name| {
            format!("{{{}:{value}}}", quoted(name))
        });
        let member = format!("{}:{nested}", quoted(name));
        if !self.text[at.clone()].starts_with('{') {
            return Err(Malformed);
        }
        match self.members_at(at.clone()).last() {
            Some(last) => self.replace(last.value.end..last.value.end, &format!(",{member}")),
            None => self.replace(at.start + 1..at.end - 1, &member),
        }
    }

    /// Removes a member. One that isn't there stays so.
    ///
    /// # Errors
    /// When the text would be broken by it.
    pub(super) fn remove(&mut self, path: &[&str]) -> Result<(), Malformed> {
        let Some((name, above)) = path.split_last() else {
            return Ok(());
        };
        // Of two with one name the last counts, for browsers and here; both go.
        loop {
            let (depth, object) = self.deepest(above);
            let members = match depth == above.len() {
                true => self.members_at(object),
                false => Vec::new(),
            };
            let Some(at) = members.iter().position(|member| member.key == *name) else {
                return Ok(());
            };
            let member = &members[at];
            let gone = match (
                at.checked_sub(1).and_then(|at| members.get(at)),
                members.get(at + 1),
            ) {
                (Some(before), _) => before.value.end..member.value.end,
                (None, Some(next)) => member.key_at..next.key_at,
                (None, None) => member.key_at..member.value.end,
            };
            self.replace(gone, "")?;
        }
    }

    fn replace(&mut self, at: Range<usize>, with: &str) -> Result<(), Malformed> {
        let mut text = self.text.clone();
        text.replace_range(at, with);
        *self = Self::new(text)?;
        Ok(())
    }

    /// How far a path leads, and the last value it leads to.
    fn deepest(&self, path: &[&str]) -> (usize, Range<usize>) {
        let start = space(self.text.as_bytes(), 0);
        let mut at = start..value_end(self.text.as_bytes(), start);
        for (depth, name) in path.iter().enumerate() {
            let members = self.members_at(at.clone());
            match members.into_iter().rfind(|member| member.key == *name) {
                Some(member) => at = member.value,
                None => return (depth, at),
            }
        }
        (path.len(), at)
    }

    fn members_at(&self, object: Range<usize>) -> Vec<Member> {
        let bytes = self.text.as_bytes();
        let mut members = Vec::new();
        if bytes.get(object.start) != Some(&b'{') {
            return members;
        }
        let mut at = space(bytes, object.start + 1);
        while bytes.get(at) == Some(&b'"') {
            let key_end = string_end(bytes, at);
            let key = self
                .text
                .get(at..key_end)
                .and_then(|key| serde_json::from_str(key).ok());
            let colon = space(bytes, key_end);
            let start = space(bytes, colon + 1);
            let end = value_end(bytes, start);
            members.push(Member {
                key: key.unwrap_or_default(),
                key_at: at,
                value: start..end,
            });
            at = space(bytes, end);
            if bytes.get(at) == Some(&b',') {
                at = space(bytes, at + 1);
            }
        }
        members
    }
}

fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

// The text is known to be JSON: what follows only finds where things end.

fn space(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Where a string ends, past its closing quote.
fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Where a value ends.
fn value_end(bytes: &[u8], from: usize) -> usize {
    match bytes.get(from) {
        Some(b'"') => string_end(bytes, from),
        Some(b'{' | b'[') => {
            let (mut at, mut open) = (from, 0usize);
            while let Some(byte) = bytes.get(at) {
                match byte {
                    b'"' => {
                        at = string_end(bytes, at);
                        continue;
                    }
                    b'{' | b'[' => open += 1,
                    b'}' | b']' if open == 1 => return at + 1,
                    b'}' | b']' => open -= 1,
                    _ => {}
                }
                at += 1;
            }
            bytes.len()
        }
        Some(_) => {
            let rest = bytes.get(from..).unwrap_or_default();
            let ends = |byte: &u8| b",]}".contains(byte) || byte.is_ascii_whitespace();
            rest.iter()
                .position(ends)
                .map_or(bytes.len(), |length| from + length)
        }
        None => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    const TEXT: &str = r#" {"z":1.50, "profile": { "exact":13439635200000000001e-3 , "note":"a \"}, {\" b",
 "list":[1,{"a":"]"},[]], "empty":{}}, "a":null}
"#;

    fn text() -> JsonText {
        JsonText::new(TEXT.to_owned()).expect("it is JSON")
    }

    #[test]
    fn a_new_member_comes_last_and_the_rest_stays_to_the_letter() {
        let mut json = text();
        json.set(&["profile", "empty", "x\"y"], "{\"s\":2}")
            .expect("it can be set");
        let expected = TEXT.replace("\"empty\":{}", "\"empty\":{\"x\\\"y\":{\"s\":2}}");
        assert_eq!(json.text(), expected);
        json.set(&["b", "c"], "1").expect("it can be set");
        assert_eq!(json.text(), expected.replace("null}", "null,\"b\":{\"c\":1}}"));
        assert_eq!(json.get(&["b", "c"]), Some("1"));
    }

    #[test]
    fn a_member_is_replaced_and_removed_where_it_stands() {
        for (path, value) in [
            (["profile", "exact"], "13439635200000000001e-3"),
            (["profile", "note"], r#""a \"}, {\" b""#),
            (["profile", "list"], r#"[1,{"a":"]"},[]]"#),
        ] {
            let mut json = text();
            assert_eq!(json.get(&path), Some(value));
            json.set(&path, "7").expect("it can be set");
            assert_eq!(json.text(), TEXT.replace(value, "7"));
            json.remove(&path).expect("it can be removed");
            assert_eq!(json.get(&path), None);
            assert_eq!(json.depth(&path), 1);
        }
    }

    #[test]
    fn only_an_object_can_hold_a_member() {
        let mut json = text();
        assert_eq!(json.set(&["z", "x"], "1"), Err(Malformed));
        assert_eq!(json.text(), TEXT);
        for broken in ["", "[]", "{", "{\"a\":1,}", "{}x", "\"a\"", "{\"a\":1}\u{0}"] {
            assert_eq!(JsonText::new(broken.to_owned()), Err(Malformed), "{broken}");
        }
    }

    #[test]
    fn the_last_of_two_members_with_one_name_counts_and_both_go() {
        let mut json = JsonText::new(r#"{"a":1,"b":2,"a":3}"#.to_owned()).expect("it is JSON");
        assert_eq!(json.get(&["a"]), Some("3"));
        json.remove(&["a"]).expect("it can be removed");
        assert_eq!(json.text(), r#"{"b":2}"#);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(".{0,3}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_set_and_removed_again_leaves_the_text_as_it_was(
            members in proptest::collection::btree_map(".{0,3}", any_json(), 0..5), pretty in any::<bool>(), name in "[a-z]{5,6}",
        ) {
            let value = Value::Object(members.into_iter().collect());
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.expect("it is JSON");
            let mut json = JsonText::new(text.clone()).expect("it is JSON");
            json.set(&[&name, "b"], "[1]").expect("it can be set");
            let mut expected = value.clone();
            expected[&name] = serde_json::json!({ "b": [1] });
            prop_assert_eq!(&serde_json::from_str::<Value>(json.text()).expect("it is JSON"), &expected);
            json.remove(&[&name]).expect("it can be removed");
            prop_assert_eq!(json.text(), text);
        }
    }
}
