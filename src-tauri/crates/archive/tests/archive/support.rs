//! Makes archives, sound and otherwise, as the service makes them.

use std::fs::File;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use settings_privacy_archive::Expected;
use settings_privacy_core::archive::{Pinned, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub const EXPORT: &str = "7f3a";
pub const ACCOUNT: &str = "acc-1";

pub fn sha256(bytes: &[u8]) -> Sha256 {
    let mut value = [0; 32];
    value.copy_from_slice(digest(&SHA256, bytes).as_ref());
    Sha256(value)
}

pub fn key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a seed is 32 bytes")
}

pub fn pinned(seeds: &[u8]) -> Pinned {
    let one = |seed: &u8| {
        (
            format!("k{seed}"),
            URL_SAFE_NO_PAD.encode(key(*seed).public_key()),
        )
    };
    Pinned {
        keys: seeds.iter().map(one).collect(),
    }
}

/// What goes into a bag. Change what shall be wrong.
#[derive(Clone)]
pub struct Bag {
    pub account: String,
    pub export: String,
    pub files: Vec<(String, Vec<u8>)>,
    pub seed: u8,
    pub claims: Option<String>,
    pub info: String,
    pub deflate: bool,
}

impl Bag {
    /// A bag as the service makes them, with a little of everything.
    pub fn sample() -> Self {
        let messages = records(
            "messages",
            &[
                r#"{"id":"m1","at":"2025-03-01T08:00:00Z","kind":"message","text":"Shall we meet about the Design budget?","from":"Ann Lee","to":["Chen Mei"]}"#,
                r#"{"id":"m2","at":"2025-03-02T09:30:00Z","kind":"message","text":"项目会议改到下午三点","from":"王芳","to":["Chen Mei"],"files":["data/messages/attachments/1.png"]}"#,
                r#"{"id":"m3","at":"2025-04-10T10:00:00Z","kind":"message","text":"<script>alert(1)</script> <b>bold</b>","from":"Chen Mei","to":["Ann Lee"]}"#,
            ],
        );
        let contacts = records(
            "contacts",
            &[r#"{"id":"c1","kind":"contact","title":"Ann Lee","fields":{"mobile":"+65 8000 0000"}}"#],
        );
        let files = [
            (
                "data/index.html",
                b"<!doctype html><title>Your data</title><p>Hello".to_vec(),
            ),
            ("data/messages/design.records.json", messages),
            ("data/messages/attachments/1.png", PNG.to_vec()),
            ("data/contacts/contacts.records.json", contacts),
            ("data/contacts/contacts.vcf", VCARD.as_bytes().to_vec()),
            ("data/calendar/calendar.ics", ICALENDAR.as_bytes().to_vec()),
            ("data/mail/1.eml", EML.as_bytes().to_vec()),
            ("data/docs/plan.txt", "A plan\n".repeat(2000).into_bytes()),
        ];
        Self {
            account: ACCOUNT.into(),
            export: EXPORT.into(),
            files: files.map(|(name, bytes)| (name.to_owned(), bytes)).into(),
            seed: 1,
            claims: None,
            info: "Schema-Version: 1\n".into(),
            deflate: true,
        }
    }

    pub fn file(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.push((name.to_owned(), bytes.into()));
        self
    }

    /// Every entry of the ZIP, in order.
    pub fn entries(&self) -> Vec<(String, Vec<u8>)> {
        let mut payload = self.files.clone();
        let claims = self.claims.clone().unwrap_or_else(|| {
            format!(
                r#"{{"schema":1,"export":"{}","account":"{}","period":null,"categories":[{{"id":"messages","name":"Messages","items":3,"bytes":10,"files":2}}],"left_out":[]}}"#,
                self.export, self.account
            )
        });
        payload.push(("data/report.json".into(), claims.into_bytes()));
        let bytes: usize = payload.iter().map(|(_, bytes)| bytes.len()).sum();
        let digests: Vec<_> = payload
            .iter()
            .map(|(name, bytes)| (name.clone(), sha256(bytes)))
            .collect();
        let tags = self.tags(&digests, bytes);
        let root = format!("settings-privacy-export-{}", self.export);
        payload
            .into_iter()
            .chain(tags)
            .map(|(name, bytes)| (format!("{root}/{name}"), bytes))
            .collect()
    }

    /// The tag files for a payload that isn't at hand, with the report of its own.
    #[allow(dead_code, reason = "the benchmark needs it")]
    pub fn lists(&self, payload: &[(String, Sha256)], bytes: usize) -> Vec<(String, Vec<u8>)> {
        let claims = format!(
            r#"{{"schema":1,"export":"{}","account":"{}"}}"#,
            self.export, self.account
        );
        let mut payload = payload.to_vec();
        payload.push(("data/report.json".into(), sha256(claims.as_bytes())));
        let mut lists = self.tags(&payload, bytes + claims.len());
        lists.push(("data/report.json".into(), claims.into_bytes()));
        lists
    }

    fn tags(&self, payload: &[(String, Sha256)], bytes: usize) -> Vec<(String, Vec<u8>)> {
        let info = format!(
            "Bagging-Date: 2026-11-23\nPayload-Oxum: {bytes}.{}\nExternal-Identifier: {}\nAccount-Identifier: {}\n{}",
            payload.len(),
            self.export,
            self.account,
            self.info
        );
        let declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".to_owned();
        let list: String = payload
            .iter()
            .map(|(name, digest)| format!("{digest}  {name}\n"))
            .collect();
        let mut tags = vec![
            ("bagit.txt".to_owned(), declaration.into_bytes()),
            ("bag-info.txt".to_owned(), info.into_bytes()),
            ("manifest-sha256.txt".to_owned(), list.into_bytes()),
        ];
        let signed = manifest(&tags);
        let jws = jws(&signed, self.seed, &format!("k{}", self.seed), "EdDSA");
        tags.push(("tagmanifest-sha256.txt".to_owned(), signed));
        tags.push(("signature.jws".to_owned(), jws.into_bytes()));
        tags
    }

    pub fn zip(&self) -> Vec<u8> {
        zip(&self.entries(), self.deflate)
    }
}

pub fn manifest(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let line = |(name, bytes): &(String, Vec<u8>)| format!("{}  {name}\n", sha256(bytes));
    files.iter().map(line).collect::<String>().into_bytes()
}

pub fn jws(payload: &[u8], seed: u8, kid: &str, alg: &str) -> String {
    let header = format!(r#"{{"alg":"{alg}","kid":"{kid}","typ":"settings-privacy-export+jws"}}"#);
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let signature = key(seed).sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub fn records(category: &str, items: &[&str]) -> Vec<u8> {
    format!(
        r#"{{"schema":"records/1","category":"{category}","title":"Design team","items":[{}]}}"#,
        items.join(",\n")
    )
    .into_bytes()
}

pub fn zip(entries: &[(String, Vec<u8>)], deflate: bool) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let method = if deflate {
        CompressionMethod::Deflated
    } else {
        CompressionMethod::Stored
    };
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default().compression_method(method);
        writer
            .start_file(name.as_str(), options)
            .expect("the name is new");
        writer.write_all(bytes).expect("memory takes it");
    }
    writer.finish().expect("memory takes it").into_inner()
}

/// A place of its own, with the archive in it.
pub struct Lying {
    pub folder: tempfile::TempDir,
    pub path: PathBuf,
}

pub fn lying(bytes: &[u8]) -> Lying {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("copy.zip");
    std::fs::write(&path, bytes).expect("there is room");
    Lying { folder, path }
}

/// What the client knows of a sound archive.
pub fn expected(bytes: &[u8]) -> Expected {
    Expected {
        size: Some(bytes.len() as u64),
        digest: Some(sha256(bytes)),
        streamed: None,
        account: Some(ACCOUNT.into()),
        export: Some(EXPORT.into()),
        keys: pinned(&[1]),
    }
}

/// What one knows of an archive that was got elsewhere: only whose it should be.
pub fn offline() -> Expected {
    Expected {
        size: None,
        digest: None,
        ..expected(b"")
    }
}

pub fn everything_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("it can be read");
            if entry.file_type().expect("it has one").is_dir() {
                folders.push(entry.path());
            }
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

pub fn write(path: &Path, bytes: &[u8]) {
    File::create(path)
        .and_then(|mut file| file.write_all(bytes))
        .expect("there is room");
}

/// One transparent pixel.
pub const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8,
    6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89,
];

pub const VCARD: &str = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ann Lee\r\nN:Lee;Ann;;;\r\nTEL;VALUE=uri:tel:+6580000000\r\nEMAIL:ann@example.org\r\nORG:Example\\, Inc.\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:4.0\r\nFN:王芳\r\nEND:VCARD\r\n";

pub const ICALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20250301T000000Z\r\nDTSTART:20250302T090000Z\r\nDTEND:20250302T100000Z\r\nSUMMARY:Review\r\nLOCATION:Room 3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

pub const EML: &str = "From: Ann Lee <ann@example.org>\r\nTo: mei@example.org\r\nSubject: =?utf-8?B?6K6h5YiS?=\r\nDate: Sun, 02 Mar 2025 09:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello <script>alert(1)</script><img src=\"https://tracker.example/x.gif\">Mei</p>\r\n";
