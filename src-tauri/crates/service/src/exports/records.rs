//! Record files (`records/1`): a category's items as JSON, sorted by time, no more than so many in a file.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::names;
use crate::db::items::{Item, Object};

/// The schema of a record file.
pub const SCHEMA: &str = include_str!("records.schema.json");
/// Its path within the bag.
pub const SCHEMA_PATH: &str = "data/schemas/records.schema.json";

/// No record file has more items than this.
const MOST: u32 = 10_000;

/// What is to be written.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// A file begins.
    Start(String),
    /// Bytes of it.
    Bytes(Vec<u8>),
    /// It ends.
    End,
}

/// Cuts a category's items into files.
pub struct Cutter {
    category: String,
    name: String,
    number: u32,
    open: Option<Open>,
    pieces: Vec<Piece>,
}

struct Open {
    collection: String,
    items: u32,
}

/// An item as it stands in a file.
#[derive(Serialize)]
struct Record<'a> {
    id: &'a str,
    at: Timestamp,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    to: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, String>,
}

impl Cutter {
    /// For a category, with the name it has for people.
    pub fn new(category: &str, name: &str) -> Self {
        Self {
            category: category.to_owned(),
            name: name.to_owned(),
            number: 0,
            open: None,
            pieces: Vec::new(),
        }
    }

    /// Adds an item, with those of its files that are in the bag.
    pub fn add(&mut self, item: &Item, files: &[&Object]) {
        let goes_on = self
            .open
            .as_ref()
            .is_some_and(|open| open.collection == item.collection && open.items < MOST);
        if !goes_on {
            self.end();
            self.start(&item.collection);
        }
        let mut line = Vec::new();
        if let Some(open) = &mut self.open {
            line.extend_from_slice(if open.items == 0 { b"\n" } else { b",\n" });
            open.items += 1;
        }
        let record = record(&self.category, item, files);
        serde_json::to_writer(&mut line, &record).expect("texts and times serialize");
        match self.pieces.last_mut() {
            Some(Piece::Bytes(bytes)) => bytes.extend_from_slice(&line),
            Some(Piece::Start(_) | Piece::End) | None => self.pieces.push(Piece::Bytes(line)),
        }
    }

    /// Ends the open file, if there is one.
    pub fn end(&mut self) {
        if self.open.take().is_some() {
            self.pieces.push(Piece::Bytes(b"\n]}\n".to_vec()));
            self.pieces.push(Piece::End);
        }
    }

    /// What is to be written since the last time.
    pub fn take(&mut self) -> Vec<Piece> {
        std::mem::take(&mut self.pieces)
    }

    fn start(&mut self, collection: &str) {
        self.number += 1;
        let title = if collection.is_empty() {
            &self.name
        } else {
            collection
        };
        let text = |value: &str| serde_json::Value::from(value).to_string();
        let head = format!(
            "{{\"schema\":\"records/1\",\"category\":{},\"title\":{},\"items\":[",
            text(&self.category),
            text(title)
        );
        let path = names::records(&self.category, collection, self.number);
        self.pieces.push(Piece::Start(path));
        self.pieces.push(Piece::Bytes(head.into_bytes()));
        self.open = Some(Open {
            collection: collection.to_owned(),
            items: 0,
        });
    }
}

fn record<'a>(category: &str, item: &'a Item, files: &[&Object]) -> Record<'a> {
    let says = &item.says;
    let mut fields = says.fields.clone();
    let mut field = |label: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            fields.insert(label.to_owned(), value);
        }
    };
    if let Some(card) = &says.card {
        field("E-mail", Some(card.emails.join(", ")));
        field("Phone", Some(card.phones.join(", ")));
        field("Works at", card.organization.clone());
        field("Works as", card.title.clone());
        field("Note", card.note.clone());
    }
    if let Some(event) = &says.event {
        let people: Vec<&str> = event.attendees.iter().map(|(name, _)| name.as_str()).collect();
        field("Until", Some(event.until.to_string()));
        field("Place", event.place.clone());
        field("Called by", Some(event.organizer.0.clone()));
        field("Invited", Some(people.join(", ")));
    }
    for (place, object) in (1..).zip(files) {
        let label = if place == 1 {
            "name".to_owned()
        } else {
            format!("name {place}")
        };
        field(&label, Some(object.name.clone()));
    }
    Record {
        id: &item.id,
        at: item.at,
        kind: &says.kind,
        title: says.title.as_deref(),
        text: says.text.as_deref(),
        from: says.from.as_deref(),
        to: &says.to,
        files: files.iter().map(|object| path(category, object)).collect(),
        fields,
    }
}

/// The path of a file within the bag.
pub fn path(category: &str, object: &Object) -> String {
    names::file(category, object.number, &object.name, &object.media_type)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::items::Says;

    fn an_item(nth: u32, collection: &str) -> Item {
        Item {
            id: nth.to_string(),
            collection: collection.to_owned(),
            at: Timestamp::from_second(i64::from(nth)).unwrap(),
            says: Says {
                kind: "message".into(),
                text: Some("</script>\u{202e}\"\u{0}".into()),
                ..Says::default()
            },
            bytes: 0,
        }
    }

    fn files(pieces: Vec<Piece>) -> Vec<(String, serde_json::Value)> {
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Start(path) => files.push((path, Vec::new())),
                Piece::Bytes(bytes) => files.last_mut().unwrap().1.extend(bytes),
                Piece::End => {}
            }
        }
        let read = |(path, bytes): (String, Vec<u8>)| (path, serde_json::from_slice(&bytes).unwrap());
        files.into_iter().map(read).collect()
    }

    #[test]
    fn every_collection_has_its_files_and_none_holds_more_than_ten_thousand() {
        let mut cutter = Cutter::new("messages", "Messages");
        for nth in 0..MOST + 1 {
            cutter.add(&an_item(nth, "Design team"), &[]);
        }
        cutter.add(&an_item(1, "Tom"), &[]);
        cutter.end();
        let files = files(cutter.take());
        let shape: Vec<(&str, &str, usize)> = files
            .iter()
            .map(|(path, file)| {
                let items = file["items"].as_array().unwrap().len();
                (path.as_str(), file["title"].as_str().unwrap(), items)
            })
            .collect();
        assert_eq!(
            shape,
            [
                (
                    "data/messages/0001-design-team.records.json",
                    "Design team",
                    10_000
                ),
                ("data/messages/0002-design-team.records.json", "Design team", 1),
                ("data/messages/0003-tom.records.json", "Tom", 1),
            ]
        );
        assert_eq!(files[2].1["items"][0]["text"], "</script>\u{202e}\"\u{0}");
        assert_eq!(files[2].1["items"][0]["at"], "1970-01-01T00:00:01Z");
    }
}
