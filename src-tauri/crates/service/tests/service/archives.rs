//! Archives as somebody opens them who has only the standards: BagIt, JOSE, vCard, iCalendar, mail.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use calcard::{Entry, Parser};
use http::{Method, StatusCode};
use mail_parser::MessageParser;
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::Value;
use settings_privacy_api::{ExportPeriod, ExportStatus, JsonWebKeySet, paths};
use settings_privacy_service::SAMPLE_IDENTIFIER;

use crate::support::*;

/// An archive whose bag was checked: RFC 8493 §3, every file.
pub struct Opened {
    files: BTreeMap<String, Vec<u8>>,
}

impl Opened {
    pub fn read(archive: &Bytes) -> Self {
        let mut zip = zip::ZipArchive::new(Cursor::new(archive.clone())).unwrap();
        let (mut files, mut tops, mut folded) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        for place in 0..zip.len() {
            let mut entry = zip.by_index(place).unwrap();
            let name = entry.name().unwrap().into_owned();
            assert!(
                entry.is_file() && name.is_ascii() && !name.contains("..") && name.len() <= 190,
                "{name}"
            );
            assert!(
                folded.insert(name.to_lowercase()),
                "{name} is there once, whatever its case"
            );
            let (top, path) = name.split_once('/').unwrap();
            tops.insert(top.to_owned());
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            files.insert(path.to_owned(), content);
        }
        assert_eq!(tops.len(), 1, "one folder at the top");
        assert!(tops.first().unwrap().starts_with("settings-privacy-export-"));
        let opened = Self { files };
        opened.check_bag();
        opened
    }

    fn check_bag(&self) {
        assert_eq!(
            self.text("bagit.txt"),
            "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
        );
        let listed = self.check_manifest("manifest-sha256.txt");
        let payload: BTreeSet<&str> = self
            .files
            .keys()
            .map(String::as_str)
            .filter(|path| path.starts_with("data/"))
            .collect();
        assert_eq!(listed, payload, "every payload file is listed, and nothing else");
        let tags = self.check_manifest("tagmanifest-sha256.txt");
        assert_eq!(
            tags,
            BTreeSet::from(["bagit.txt", "bag-info.txt", "manifest-sha256.txt"])
        );
        let octets: usize = payload.iter().map(|path| self.files[*path].len()).sum();
        assert_eq!(self.info("Payload-Oxum"), format!("{octets}.{}", payload.len()));
    }

    fn check_manifest(&self, manifest: &str) -> BTreeSet<&str> {
        let mut listed = BTreeSet::new();
        for line in self.text(manifest).lines() {
            let (sum, path) = line.split_once("  ").unwrap();
            let content = self.files.get(path).unwrap_or_else(|| panic!("{path} is there"));
            let found: String = digest(&SHA256, content)
                .as_ref()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(sum, found, "{path}");
            assert!(listed.insert(path));
        }
        listed
    }

    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    pub fn text(&self, path: &str) -> &str {
        std::str::from_utf8(&self.files[path]).unwrap()
    }

    pub fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.files[path]).unwrap()
    }

    fn info(&self, label: &str) -> String {
        let lines = self.text("bag-info.txt").lines();
        let mut found = lines.filter_map(|line| line.strip_prefix(label)?.strip_prefix(": "));
        found.next().unwrap_or_default().to_owned()
    }

    fn paths<'a>(&'a self, prefix: &'a str, ending: &'a str) -> impl Iterator<Item = &'a str> {
        let paths = self.files.keys().map(String::as_str);
        paths.filter(move |path| path.starts_with(prefix) && path.ends_with(ending))
    }

    /// A category's items, of all its record files.
    pub fn records(&self, category: &str) -> Vec<Value> {
        let prefix = format!("data/{category}/");
        let files = self.paths(&prefix, ".records.json").map(|path| self.json(path));
        files
            .flat_map(|file| file["items"].as_array().unwrap().clone())
            .collect()
    }
}

async fn everything(
    period: Option<ExportPeriod>,
) -> (
    Tried,
    settings_privacy_api::Session,
    settings_privacy_api::Export,
    Opened,
) {
    let tried = a_sample().await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let all = all_categories();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let mut body = tried.export_request(&session, &all, "eea").await;
    body.period = period;
    let reply = tried.ask_for_export(&session.access_token, &body).send().await;
    let asked: settings_privacy_api::Export = reply.expect(StatusCode::ACCEPTED);
    let copy = tried.finished(&session.access_token, asked.id).await;
    assert_eq!((copy.status, copy.left_out), (ExportStatus::Fulfilled, 0));
    let opened = Opened::read(&tried.archive(&session.access_token, copy.id).await);
    (tried, session, copy, opened)
}

#[tokio::test]
async fn an_archive_of_everything_is_a_valid_bag_that_says_whose_it_is_and_is_signed_by_the_published_key() {
    let (tried, session, copy, opened) = everything(None).await;
    assert_eq!(opened.info("External-Identifier"), copy.id.to_string());
    assert_eq!(opened.info("Account-Identifier"), session.account.id.to_string());
    assert_eq!(opened.info("Schema-Version"), "1");
    assert_eq!(opened.info("Bagging-Date"), "2026-11-23");

    let keys: JsonWebKeySet = tried
        .call(Method::GET, paths::JWKS)
        .send()
        .await
        .expect(StatusCode::OK);
    let (signed, signature) = opened.text("signature.jws").rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let header: Value = serde_json::from_slice(&decoded(header)).unwrap();
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&"EdDSA".into(), &"settings-privacy-export+jws".into())
    );
    let key = keys.keys.iter().find(|key| header["kid"] == key.kid).unwrap();
    assert_eq!(decoded(payload), opened.text("tagmanifest-sha256.txt").as_bytes());
    let public = UnparsedPublicKey::new(&ED25519, decoded(&key.x));
    public.verify(signed.as_bytes(), &decoded(signature)).unwrap();

    let report = opened.json("data/report.json");
    assert_eq!((&report["schema"], &report["period"]), (&1.into(), &Value::Null));
    assert_eq!(report["export"], copy.id.to_string());
    assert_eq!(report["account"], session.account.id.to_string());
    assert_eq!(report["left_out"], Value::Array(Vec::new()));
    for (category, reported) in copy
        .categories
        .iter()
        .zip(report["categories"].as_array().unwrap())
    {
        let prefix = format!("data/{}/", category.id);
        let files: Vec<&str> = opened.paths(&prefix, "").collect();
        let bytes: usize = files.iter().map(|path| opened.files[*path].len()).sum();
        assert_eq!(reported["id"], category.id);
        assert_eq!(reported["items"], category.items_total);
        assert_eq!(
            (&reported["bytes"], &reported["files"]),
            (&bytes.into(), &files.len().into()),
            "{prefix}"
        );
        assert_eq!(opened.records(&category.id).len() as u64, category.items_total);
    }
}

#[tokio::test]
async fn every_record_is_of_the_schema_in_order_and_names_files_that_are_there() {
    let (_tried, _session, _copy, opened) = everything(None).await;
    let schema = opened.json("data/schemas/records.schema.json");
    let known = schema["$defs"]["item"]["properties"].as_object().unwrap();
    let mut named = BTreeSet::new();
    for path in opened.paths("data/", ".records.json") {
        let file = opened.json(path);
        assert_eq!(file["schema"], "records/1");
        assert!(path.starts_with(&format!("data/{}/", file["category"].as_str().unwrap())));
        let mut before = String::new();
        for item in file["items"].as_array().unwrap() {
            let item = item.as_object().unwrap();
            assert!(item.keys().all(|key| known.contains_key(key)), "{item:?}");
            for required in ["id", "at", "kind"] {
                assert!(item[required].is_string());
            }
            let at = item["at"].as_str().unwrap().to_owned();
            let at: jiff::Timestamp = at.parse().unwrap();
            let at = format!("{:020}", at.as_microsecond());
            assert!(before <= at, "{path} is sorted");
            before = at;
            for file in item.get("files").and_then(Value::as_array).into_iter().flatten() {
                assert!(opened.has(file.as_str().unwrap()), "{file}");
                assert!(
                    named.insert(file.as_str().unwrap().to_owned()),
                    "{file} belongs to one item"
                );
            }
        }
    }
    let own = |path: &&str| {
        path.ends_with(".records.json") || path.ends_with("/calendar.ics") || path.ends_with("/contacts.vcf")
    };
    let in_categories = opened
        .paths("data/", "")
        .filter(|path| path.matches('/').count() > 1);
    let files: BTreeSet<String> = in_categories
        .filter(|path| !own(path) && !path.starts_with("data/schemas/"))
        .map(str::to_owned)
        .collect();
    assert_eq!(named, files, "every file is somebody's");
}

#[tokio::test]
async fn contacts_calendar_and_mail_open_in_other_peoples_readers_and_hold_everything() {
    let (_tried, _session, copy, opened) = everything(None).await;
    let count = |id: &str| {
        let category = copy.categories.iter().find(|category| category.id == id);
        category.unwrap().items_total as usize
    };
    let contacts = opened.text("data/contacts/contacts.vcf");
    assert!(contacts.lines().all(|line| line.len() <= 76) && contacts.contains("VERSION:4.0\r\n"));
    let (mut parser, mut cards) = (Parser::new(contacts), 0);
    let mut text = String::new();
    let mut entry = parser.entry();
    while let Entry::VCard(card) = entry {
        text.push_str(&format!("{card:?}"));
        cards += 1;
        entry = parser.entry();
    }
    assert!(matches!(entry, Entry::Eof), "{entry:?}");
    assert_eq!(cards, count("contacts"));
    for value in ["O'Brien", "Flour\\wheat", "Coffee; tea", "da Silva, Filho", "ใจดี"] {
        // As it was, in the spelling of `Debug`.
        assert!(text.contains(&format!("{value:?}")), "{value} comes back");
    }

    let calendar = opened.text("data/calendar/calendar.ics");
    assert!(calendar.lines().all(|line| line.len() <= 76));
    let Entry::ICalendar(calendar) = Parser::new(calendar).entry() else {
        panic!("a calendar");
    };
    let text = format!("{calendar:?}");
    assert_eq!(text.matches("component_type: VEvent").count(), count("calendar"));
    assert!(text.contains("Tasting: spelt, rye; and cake") && text.contains("mailto:ngocanh@example.org"));

    let letters: Vec<&str> = opened.paths("data/mail/", ".eml").collect();
    assert_eq!(letters.len(), count("mail"));
    for path in letters {
        let letter = MessageParser::default().parse(&opened.files[path]).unwrap();
        assert!(
            letter.from().is_some() && letter.date().is_some() && letter.subject().is_some(),
            "{path}"
        );
        assert!(
            letter.body_text(0).unwrap().contains("the order of the"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_copy_of_a_period_holds_what_happened_in_it_and_all_that_has_no_day() {
    let period = ExportPeriod {
        from: "2026-03-01T00:00:00Z".parse().unwrap(),
        to: "2026-04-01T00:00:00Z".parse().unwrap(),
    };
    let (_tried, _session, copy, opened) = everything(Some(period)).await;
    assert_eq!(
        opened.json("data/report.json")["period"]["to"],
        "2026-04-01T00:00:00Z"
    );
    let mut dated = 0;
    for category in &settings_privacy_core::data::inventory().categories {
        let id = category.id.as_str();
        for record in opened.records(id) {
            let at: jiff::Timestamp = record["at"].as_str().unwrap().parse().unwrap();
            let is_inside = period.from <= at && at < period.to;
            assert!(is_inside || !category.dated, "{id} {record}");
            dated += usize::from(category.dated);
        }
    }
    assert!(dated > 50);
    assert_eq!(opened.records("contacts").len(), 60);
    let letters = opened.paths("data/mail/", ".eml").count();
    assert_eq!(letters, opened.records("mail").len());
    assert_eq!(copy.period, Some(period));
}

#[tokio::test]
async fn the_first_page_names_every_file_and_runs_and_loads_nothing() {
    let (_tried, _session, _copy, opened) = everything(None).await;
    let page = opened.text("data/index.html");
    for path in opened
        .paths("data/", "")
        .filter(|path| path.matches('/').count() > 1)
    {
        if !path.starts_with("data/schemas/") {
            let link = format!("href=\"{}\"", path.trim_start_matches("data/"));
            assert!(page.contains(&link), "{path}");
        }
    }
    for active in [
        "<script",
        "javascript:",
        "http://",
        "https://",
        "src=",
        "@import",
        "url(",
    ] {
        assert!(!page.contains(active), "{active}");
    }
    assert!(page.contains("default-src 'none'"));
}
